"""Reads over the lot: which questions wait for whom, and what all answers say together."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When

from goldseam import VerifiedRates, verified_rates
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.feedback_use import FeedbackUse
from goldseam_web.alerts.lot_tables import LotAnswer, LotOutcome, SessionLot
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus
from goldseam_web.alerts.rules import WITH_THERAPIST
from goldseam_web.cases.access import own_cases
from goldseam_web.cases.consents import cases_agreed_to_research
from goldseam_web.cases.models import Case, EncounterState
from goldseam_web.cases.queries import MEMBERS
from goldseam_web.measures.models import Answer, Occasion, OccasionState, ResponseState
from goldseam_web.measures.own_measures import TENSION_ITEM, TENSION_SAID
from goldseam_web.measures.strain_with import said_of

# So long a question waits; what was not answered by then is missing.
WAITS = timedelta(days=14)
# So long an answer may be put right.
CORRECTED_WITHIN = timedelta(days=1)
LOOKED_BACK = timedelta(weeks=104)
_COUNTED = (ResponseState.COMPLETED, ResponseState.CLOSED)


class _Alike(NamedTuple):
    """How many sessions of one therapist in one case have one outcome and one answer."""

    case: uuid.UUID
    therapist: uuid.UUID
    outcome: str
    share: float | None
    strained: int | None
    sessions: int


@dataclass(frozen=True)
class PooledRates:
    """What the answers of a clinic say together; ``rates`` is None where they would be about somebody."""

    cases: int
    has_one_therapist: bool
    rates: VerifiedRates | None


def answerable(at: datetime) -> "QuerySet[SessionLot]":
    """Questions that can be answered or put right now.

    Not once a finding came after all: it would not be true any more that there was none.
    """
    waits = Q(answer="", cast_at__gt=at - WAITS) | Q(answered_at__gt=at - CORRECTED_WITHIN)
    found = AlertSignal.objects.filter(encounter=OuterRef("encounter"))
    held = Q(outcome=LotOutcome.ASKED, encounter__state=EncounterState.HELD)
    return SessionLot.objects.filter(waits, held, ~Exists(found))


def questions_in_case(viewer: Viewer, case_id: uuid.UUID, *, at: datetime) -> "QuerySet[SessionLot]":
    """What the viewer is asked about the sessions they held in a case that they treat, the newest first."""
    return (
        answerable(at)
        .filter(clinic_id=viewer.clinic_id, case=case_id, therapist=viewer.staff_id)
        .order_by("-encounter__starts_at")
    )


def question_of(viewer: Viewer, lot_id: uuid.UUID) -> SessionLot | None:
    """One question by its id, whether it still waits or not; None unless it is the viewer's, in a case they treat."""
    asked = SessionLot.objects.filter(outcome=LotOutcome.ASKED, therapist=viewer.staff_id, pk=lot_id)
    return asked.filter(case__in=own_cases(viewer)).first()


def questions_waiting(viewer: Viewer, *, at: datetime) -> "QuerySet[SessionLot]":
    """What the viewer has not answered yet in the cases they treat, the newest first.

    Not as long as their own guess about the session is awaited: that nothing was found would tell of the answers.
    """
    guess = Occasion.objects.filter(
        encounter=OuterRef("encounter"),
        respondent_staff=viewer.staff_id,
        state=OccasionState.WAITING,
        opens_at__lte=at,
        closes_at__gte=at,
    )
    own = answerable(at).filter(therapist=viewer.staff_id, case__in=own_cases(viewer))
    waiting = own.filter(~Exists(guess), answer="")
    cases = Prefetch("case", Case.objects.prefetch_related(MEMBERS))
    return waiting.prefetch_related(cases).select_related("encounter").order_by("-encounter__starts_at")


def own_rates(viewer: Viewer, *, at: datetime) -> VerifiedRates:
    """What a therapist's own answers about the sessions they held say; for nobody but them."""
    own = SessionLot.objects.filter(clinic_id=viewer.clinic_id, therapist=viewer.staff_id)
    return _rates(_counted(own, at=at))


def pooled_rates(viewer: Viewer, *, at: datetime) -> PooledRates:
    """The same of the whole clinic, of cases in which everybody agreed; of no few cases, and no one therapist.

    One statement counts, whatever the size of the clinic; what is read is a row for each case and answer.
    """
    agreed = cases_agreed_to_research(viewer.clinic_id)
    rows = _counted(SessionLot.objects.filter(clinic_id=viewer.clinic_id, case__in=agreed), at=at)
    answered = [row for row in rows if row.strained is not None]
    others = [row for row in answered if row.therapist != viewer.staff_id]
    use = FeedbackUse(
        cases=len({row.case for row in answered}),
        others=len({row.therapist for row in others}),
        cases_of_others=len({row.case for row in others}),
    )
    return PooledRates(use.cases, use.others == 1, _rates(rows) if use.may_be_shown else None)


def _counted(lots: "QuerySet[SessionLot]", *, at: datetime) -> list[_Alike]:
    counted = (
        lots.filter(cast_at__gt=at - LOOKED_BACK, encounter__state=EncounterState.HELD)
        .exclude(outcome=LotOutcome.OUTSIDE)
        .annotate(strained=_strained())
        .values("case", "therapist", "outcome", "share", "strained")
        .annotate(sessions=Count("pk"))
        .order_by()
    )
    return [_Alike(**row) for row in counted]


def _strained() -> models.Case:
    """1 where whoever held the session says that there was strain, or says that there was none and a client does.

    Empty where the therapist did not answer, whatever the client said: clients are asked everywhere, and a word of
    theirs alone would count for sessions with strain more than for others.
    """
    said = Exists(
        Answer.objects.filter(
            said_of(OuterRef("therapist")),
            response__occasion__encounter=OuterRef("encounter"),
            response__state__in=_COUNTED,
            item=TENSION_ITEM,
            choice__in=TENSION_SAID,
        )
    )
    strains = Episode.objects.filter(
        onset=OuterRef("encounter"),
        series__scale=WITH_THERAPIST.scale,
        series__therapist=OuterRef("therapist"),
    ).exclude(status=EpisodeStatus.WITHDRAWN)
    flagged, asked = Q(outcome=LotOutcome.FLAGGED), Q(outcome=LotOutcome.ASKED)
    yes = (asked & Q(answer=LotAnswer.YES)) | (
        flagged & Q(Exists(strains.filter(therapist_confirmed_at__isnull=False)))
    )
    no = (asked & Q(answer=LotAnswer.NO)) | (
        flagged & Q(Exists(strains.filter(therapist_denied_at__isnull=False)))
    )
    return models.Case(
        When(yes, then=Value(1)),
        When(no & Q(said), then=Value(1)),
        When(no, then=Value(0)),
        output_field=IntegerField(null=True),
    )


def _rates(rows: Iterable[_Alike]) -> VerifiedRates:
    table = list(rows)
    return verified_rates(
        {
            "case": [str(row.case) for row in table],
            "flagged": [int(row.outcome == LotOutcome.FLAGGED) for row in table],
            "share": [row.share for row in table],
            "strained": [row.strained for row in table],
            "sessions": [row.sessions for row in table],
        }
    )
