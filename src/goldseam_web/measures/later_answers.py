"""What comes through a link when the first answers are already there: it is kept beside them and changes none of them.

Somebody who takes the phone can open the link, and must not learn from it whether the form was begun or sent. So every
device is shown a form of its own: what was answered on it, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.measures.mending_tables import MendingTap
from goldseam_web.measures.models import Answer, LaterAnswer, Response, TakenUp

# Not an item: what was chosen later about who may take a strain up.
AUDIENCE_CHOICE = "audience"
# Nor with which of two therapists there was tension.
STRAIN_WITH_CHOICE = "strain_with"
# Nor is this: whether what felt off the time before was taken up.
TAKEN_UP_CHOICE = "taken_up"
# Nor what was tapped of a mending: this, and then what.
MENDING_TAPS = "mended."


def keep_beside(
    response: Response, answers: Mapping[str, Mapping[str, Any]], *, at: datetime, device: str
) -> list[LaterAnswer]:
    """Keep these in one statement; another answer to the same question on the same device replaces it."""
    rows = [
        LaterAnswer(
            clinic_id=response.clinic_id,
            response=response,
            item=item,
            answered_at=at,
            device=device,
            **given,
        )
        for item, given in answers.items()
    ]
    return LaterAnswer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["response", "item", "device"],
        update_fields=["value", "choice", "skipped", "answered_at"],
    )


@dataclass(frozen=True)
class ChangedLater:
    """One answer that differs from the first one, as both were given; ``first`` is None where there was none."""

    response_id: Any
    item: str
    first: Answer | None
    later: LaterAnswer


def changed_later(responses: Iterable[Response]) -> list[ChangedLater]:
    """What was answered differently later, of responses that were read for a viewer, in the order it was given."""
    rows = list(LaterAnswer.objects.filter(response__in=list(responses)).order_by("answered_at", "item"))
    if not rows:
        return []
    asked = {each.response_id for each in rows}
    first = {(a.response_id, a.item): a for a in Answer.objects.filter(response__in=asked)}
    tapped = _tapped_first(rows)
    found = [
        ChangedLater(each.response_id, each.item, first.get((each.response_id, each.item)), each)
        for each in rows
        if (each.response_id, each.item) not in tapped
    ]
    return [each for each in found if not _is_the_same(each)]


def _tapped_first(rows: Iterable[LaterAnswer]) -> set[tuple[UUID, str]]:
    asked = {each.response_id for each in rows if each.item.startswith(MENDING_TAPS)}
    taps = MendingTap.objects.filter(response__in=asked) if asked else ()
    return {(tap.response_id, MENDING_TAPS + tap.what) for tap in taps}


def _is_the_same(each: ChangedLater) -> bool:
    first, later = each.first, each.later
    if each.item in (AUDIENCE_CHOICE, STRAIN_WITH_CHOICE, TAKEN_UP_CHOICE) or each.item.startswith(
        MENDING_TAPS
    ):
        return False
    if first is None:
        return later.skipped
    return (first.value, first.choice, first.skipped) == (later.value, later.choice, later.skipped)


def said_taken_up(viewer: Viewer, member: Member, *, since: Encounter) -> list[Response]:
    """Forms after a session in which a member, one a viewer may see, said what became of what felt off before."""
    found = Response.objects.filter(
        clinic_id=viewer.clinic_id,
        occasion__respondent=member,
        occasion__case=member.case_id,
        occasion__encounter__starts_at__gt=since.starts_at,
    ).exclude(taken_up="")
    return list(found.select_related("occasion__encounter").order_by("occasion__encounter__starts_at"))


def taps_of_mendings(responses: Iterable[Response]) -> dict[UUID, list[str]]:
    """By response, what was tapped with a yes that counts; none where that was said in company."""
    yes = [r.pk for r in responses if r.taken_up == TakenUp.MENDED and r.in_company_at is None]
    found: dict[UUID, list[str]] = {}
    for tap in MendingTap.objects.filter(response__in=yes) if yes else ():
        found.setdefault(tap.response_id, []).append(tap.what)
    return found
