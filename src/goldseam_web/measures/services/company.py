"""Somebody was with the client as they answered: that form is no longer compared with anything, nor anything with it.

What it raised stays open. It is said in the client's next form, or to staff, who can take it back.
"""

from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Occasion, Response, ResponseState
from goldseam_web.measures.services.jobs import queue_jobs

ANSWERED = (ResponseState.COMPLETED, ResponseState.CLOSED)


@one_transaction
def set_in_company(*, occasion: Occasion, in_company: bool, at: datetime, actor: Actor) -> Response:
    """Say of the form of an occasion that somebody was there, or that this was a mistake; it is judged anew.

    Raises ValidationError where nothing was answered.
    """
    occasion = locked(Occasion.objects.all()).get(pk=occasion.pk)
    response = occasion.responses.filter(state__in=ANSWERED).order_by("-revision").first()
    if response is None:
        raise ValidationError("Nothing was answered here.")
    if in_company == (response.in_company_at is not None):
        return response
    response.in_company_at = at if in_company else None
    response.save(update_fields=["in_company_at"])
    queue_jobs([response], at=at)
    record_change(
        response,
        at=at,
        actor=actor,
        action="response.in_company",
        object_kind="response",
        details={"in_company": in_company},
    )
    return response


def last_was_in_company(*, occasion: Occasion, at: datetime, actor: Actor) -> None:
    """Say it of the last form this respondent answered before this one in the same case; of none, it says nothing."""
    before = (
        Occasion.objects.filter(
            case=occasion.case_id,
            respondent=occasion.respondent_id,
            opens_at__lt=occasion.opens_at,
            responses__state__in=ANSWERED,
        )
        .order_by("-opens_at")
        .first()
    )
    if before is not None:
        set_in_company(occasion=before, in_company=True, at=at, actor=actor)
