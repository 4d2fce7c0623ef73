"""The lot by which a therapist is asked about sessions in which nothing was found, and their answer."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.lot_queries import answerable
from goldseam_web.alerts.lot_tables import LotAnswer, LotOutcome, SessionLot
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus, Evaluation, Verdict
from goldseam_web.alerts.read_first import READ_FIRST
from goldseam_web.alerts.rules import WITH_THERAPIST
from goldseam_web.audit.services import SYSTEM, record, record_about
from goldseam_web.cases.access import own_case
from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import (
    EvaluationJob,
    JobState,
    Occasion,
    OccasionState,
    Response,
    ResponseState,
)

# How far back a session is still looked at: every window is over by then, and later nobody remembers.
LOOKED_BACK = timedelta(days=14)
# Looking for sessions takes a while in a large clinic, and nobody waits for a lot.
PAUSE = timedelta(minutes=10)
AT_ONCE = 200
_OPEN = (OccasionState.WAITING, OccasionState.PARTLY_ANSWERED)
_ASKED = (*_OPEN, OccasionState.ANSWERED, OccasionState.UNANSWERED)
_WAITING = (JobState.PENDING, JobState.CLAIMED)


def cast_lots(*, at: datetime) -> int:
    """Cast the lot of every session whose judging is complete; how many those were.

    Nothing where the install only records, or the clinic asks about none.
    """
    if settings.GOLDSEAM_RECORD_ONLY:
        return 0
    return sum(_cast_in(clinic, at) for clinic in Clinic.objects.filter(lot_percent__gt=0))


def _cast_in(clinic: Clinic, at: datetime) -> int:
    lately = SessionLot.objects.filter(clinic=clinic, cast_at__gt=at - PAUSE, cast_at__lt=at)
    if lately.exists():
        return 0
    found = 0
    while cast := _cast_some(clinic=clinic, at=at):
        found += cast
    return found


@one_transaction
def _cast_some(*, clinic: Clinic, at: datetime) -> int:
    sessions = list(locked(_complete(clinic, at))[:AT_ONCE])
    lots = SessionLot.objects.bulk_create(_lot(session, clinic, at) for session in sessions)
    for lot in lots:
        if lot.outcome == LotOutcome.ASKED:
            details = {"share": lot.share}
            record(
                clinic_id=clinic.pk,
                at=at,
                actor=SYSTEM,
                action="lot.ask",
                object_kind="lot",
                object_id=lot.pk,
                details=details,
            )
    return len(lots)


def _complete(clinic: Clinic, at: datetime) -> "QuerySet[Encounter]":
    """Sessions that were judged, with nothing more to come, whose lot is not cast; with what was found in them.

    A lot is about the work with one therapist: of two who held a session, with the one who planned it, where somebody
    rated that one. What was found with the other leaves the session out.
    """
    of_session = {"encounter": OuterRef("pk")}
    requests = Occasion.objects.filter(
        **of_session, respondent__isnull=False, state__in=_OPEN, closes_at__gte=at
    )
    forms = Response.objects.filter(occasion__encounter=OuterRef("pk"), state=ResponseState.IN_PROGRESS)
    jobs = EvaluationJob.objects.filter(response__occasion__encounter=OuterRef("pk"), state__in=_WAITING)
    judged = Evaluation.objects.filter(
        **of_session,
        superseded_by=None,
        criterion=WITH_THERAPIST.criterion,
        series__scale=WITH_THERAPIST.scale,
        series__therapist=OuterRef("therapist"),
        verdict__in=(Verdict.MET, Verdict.NOT_MET),
    )
    strains = Episode.objects.filter(series__isnull=False).exclude(status=EpisodeStatus.WITHDRAWN)
    with_therapist = strains.filter(
        onset=OuterRef("pk"), series__scale=WITH_THERAPIST.scale, series__therapist=OuterRef("therapist")
    )
    running = strains.filter(
        case=OuterRef("case"), closed_at=None, onset__starts_at__lt=OuterRef("starts_at")
    )
    # That nothing was found would tell the other of two therapists of what they do not read yet.
    read_first = Response.objects.filter(occasion__encounter=OuterRef("pk"), rated_at__gt=at - READ_FIRST)
    # By their windows, which have an index: most sessions were long ago.
    lately = Occasion.objects.filter(
        clinic=clinic, state__in=_ASKED, closes_at__gt=at - LOOKED_BACK, respondent__isnull=False
    )
    held = Encounter.objects.filter(
        ~Exists(SessionLot.objects.filter(**of_session)),
        Exists(judged),
        ~Exists(requests),
        ~Exists(forms),
        ~Exists(jobs),
        Q(beside=None) | ~Exists(read_first),
        pk__in=lately.values("encounter"),
        state=EncounterState.HELD,
        ends_at__gt=at - LOOKED_BACK,
        ends_at__lte=at,
    )
    return held.annotate(
        flagged=Exists(with_therapist),
        elsewise=Exists(AlertSignal.objects.filter(**of_session)) | Exists(running),
    )


def _lot(session: Encounter, clinic: Clinic, at: datetime) -> SessionLot:
    share: float | None = clinic.lot_percent / 100
    if session.flagged:  # type: ignore[attr-defined]  # annotated by `_complete`
        outcome, share = LotOutcome.FLAGGED, 1.0
    elif session.elsewise:  # type: ignore[attr-defined]
        outcome, share = LotOutcome.OUTSIDE, None
    else:
        falls = falls_on(session.pk, clinic.lot_percent)
        outcome = LotOutcome.ASKED if falls else LotOutcome.NOT_ASKED
    return SessionLot(
        clinic=clinic,
        case_id=session.case_id,
        encounter=session,
        therapist_id=session.therapist_id,
        outcome=outcome,
        share=share,
        cast_at=at,
    )


def falls_on(session_id: uuid.UUID, percent: int) -> bool:
    """Whether the lot falls on a session: the same every time, and known to nobody without this install's key."""
    digest = salted_hmac("goldseam.lot", session_id.bytes, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], "big") < percent * 2**64 // 100


@one_transaction
def answer_lot(*, viewer: Viewer, lot: SessionLot, answer: LotAnswer, at: datetime) -> SessionLot:
    """Keep what whoever held the session says of it; said again within a day, the later word counts.

    Raises PermissionDenied to anybody else, and to them once the case is not theirs any more; ValidationError once the
    question is over.
    """
    if own_case(viewer, lot.case_id) is None:
        raise PermissionDenied
    lot = locked(SessionLot.objects.filter(pk=lot.pk)).get()
    if lot.therapist_id != viewer.staff_id:
        raise PermissionDenied
    if not answerable(at).filter(pk=lot.pk).exists():
        raise ValidationError("This question is over.")
    if lot.answer != answer:
        lot.answer, lot.answered_at = answer, lot.answered_at or at
        lot.save(update_fields=["answer", "answered_at"])
        record_about(lot, at=at, actor=viewer.actor, action="lot.answer", object_kind="lot")
    return lot
