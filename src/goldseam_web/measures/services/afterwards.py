"""What a client says once a form is sent: who may take up what felt off, when, and whether the last time was taken up.

It is offered to everybody after every form about the alliance, whatever was answered: were it offered after a low
rating only, the page would tell whoever looks on that the rating was low.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from goldseam_web.accounts.services import record_change
from goldseam_web.audit.models import ActorKind
from goldseam_web.audit.services import Actor
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.later_answers import AUDIENCE_CHOICE, MENDING_TAPS, TAKEN_UP_CHOICE, keep_beside
from goldseam_web.measures.mending_tables import Elsewhere, Mended
from goldseam_web.measures.models import HANDED_IN, Audience, Occasion, Release, Response, TakenUp, When
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, TENSION_ITEM, TENSION_NOT_DENIED
from goldseam_web.measures.queries import audiences_of, current_response
from goldseam_web.measures.services.jobs import queue_jobs
from goldseam_web.measures.services.mending import keep_elsewhere, keep_taps


@dataclass(frozen=True)
class SaidAfterwards:
    """What was chosen; None where nothing was, and then what stood before stands.

    ``taps`` and ``elsewhere`` are of a mending, and are kept with a yes to it only.
    """

    audience: Audience | None = None
    when: When = When.WHEN_WE_MEET
    taken_up: TakenUp | None = None
    taps: frozenset[Mended] = frozenset()
    elsewhere: Elsewhere | None = None

    @property
    def is_mended(self) -> bool:
        return self.taken_up == TakenUp.MENDED


@one_transaction
def say_afterwards(*, occasion: Occasion, said: SaidAfterwards, device: str, at: datetime) -> None:
    """Keep it: of the device the form was sent on as the client's word, of any other beside it.

    Raises ValidationError where no form was sent, and for an audience this kind of case does not have.
    """
    occasion = locked(Occasion.objects.select_related("case")).get(pk=occasion.pk)
    response = current_response(occasion)
    if response is None or response.state not in HANDED_IN:
        raise ValidationError("No form was sent here.")
    if said.audience is not None and said.audience not in audiences_of(occasion):
        allowed = ", ".join(audiences_of(occasion))
        raise ValidationError(f"{said.audience!r} cannot be chosen here; allowed are {allowed}.")
    if not response.answers.filter(device=device).exists():
        keep_beside(response, _beside(said), at=at, device=device)
        if said.is_mended and said.elsewhere is not None:
            keep_elsewhere(response, said.elsewhere, device=device, is_of_sender=False, at=at)
        return
    if said.audience is not None:
        _release(response, said.audience, said.when, at)
    if said.taken_up is not None and said.taken_up != response.taken_up:
        response.taken_up = said.taken_up
        response.save(update_fields=["taken_up"])
        queue_jobs([response], at=at)
    if said.is_mended:
        keep_taps(response, said.taps, at=at)
        if said.elsewhere is not None:
            keep_elsewhere(response, said.elsewhere, device=device, is_of_sender=True, at=at)
    record_change(
        response,
        at=at,
        actor=Actor(ActorKind.CLIENT, occasion.respondent_id),
        action="response.said_afterwards",
        object_kind="response",
        details={} if said.audience is None else {"audience": said.audience, "when": said.when},
    )


def _beside(said: SaidAfterwards) -> dict[str, dict[str, Any]]:
    """What staff may read of it; the client's own tap is not among it."""
    chosen: dict[str, str | None] = {AUDIENCE_CHOICE: said.audience, TAKEN_UP_CHOICE: said.taken_up}
    if said.is_mended:
        chosen |= {MENDING_TAPS + tap: "yes" for tap in said.taps}
    return {
        item: {"value": None, "choice": choice, "skipped": False} for item, choice in chosen.items() if choice
    }


def _release(response: Response, audience: Audience, when: When, at: datetime) -> None:
    last = response.releases.last()
    if last is not None and (last.audience, last.when) == (audience, when):
        return
    strain = response.answers.filter(item=TENSION_ITEM, choice__in=TENSION_NOT_DENIED)
    if strain.exists():
        response.answers.filter(item__in=[TENSION_ITEM, FOLLOW_UP_ITEM]).update(audience=audience)
    Release.objects.create(
        clinic_id=response.clinic_id, response=response, audience=audience, when=when, chosen_at=at
    )
