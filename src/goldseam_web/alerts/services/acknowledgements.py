"""What people do with an alert: open it, acknowledge its findings, say whether there was strain."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.services import record_change
from goldseam_web.alerts.models import (
    PLANNED,
    AcknowledgeChoice,
    Acknowledgement,
    AlertSignal,
    Episode,
    EpisodeEvent,
    ProcessNote,
    Seen,
)
from goldseam_web.audit.services import record_about
from goldseam_web.cases.access import own_case, visible_case
from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.lib.case_changes import pages_of_case_changed
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def open_alert(*, viewer: Viewer, findings: Iterable[AlertSignal], at: datetime) -> None:
    """Store that this person looked at these findings of one alert, the first time, and audit every time.

    Only what was on the page counts as seen: a finding that comes later is not opened yet.
    """
    shown = list(findings)
    for signal in shown:
        if visible_case(viewer, signal.case_id) is None:
            raise PermissionDenied
    _was_opened(shown, at)
    for signal in shown:
        _look(viewer, signal, at)


def _was_opened(signals: Iterable[AlertSignal], at: datetime) -> None:
    """Note beside what is opened for the first time that nobody has to be told of it any more."""
    new = [signal.pk for signal in signals if signal.first_seen_at is None]
    if new:
        AlertSignal.objects.filter(pk__in=new, first_seen_at=None).update(first_seen_at=at)


def _look(viewer: Viewer, signal: AlertSignal, at: datetime) -> None:
    _, first = Seen.objects.get_or_create(
        signal=signal, staff_id=viewer.staff_id, defaults={"clinic_id": signal.clinic_id, "at": at}
    )
    record_about(signal, at=at, actor=viewer.actor, action="signal.view", object_kind="signal")
    if first:
        pages_of_case_changed(signal)


@one_transaction
def acknowledge(
    *, viewer: Viewer, signal: AlertSignal, choice: AcknowledgeChoice, at: datetime, note: str = ""
) -> Acknowledgement:
    """Store what the therapist will do. The same choice again (a double tap) is the same acknowledgement.

    "Not yet", said again after another session, is a plan of its own.
    """
    if own_case(viewer, signal.case_id) is None:
        raise PermissionDenied
    locked(AlertSignal.objects.filter(pk=signal.pk)).get()
    last = signal.acknowledgements.filter(staff_id=viewer.staff_id).last()
    if last is not None and last.choice == choice and not note and not _is_over(last, signal):
        return last
    later = Acknowledgement.objects.filter(signal=OuterRef("pk"), at__gt=at)
    plans = signal.acknowledgements.filter(choice__in=PLANNED).order_by("at").values_list("at", flat=True)
    since = (plans.first() or at) if choice in PLANNED else None
    AlertSignal.objects.filter(~Exists(later), pk=signal.pk).update(open_plan_since=since)
    given = Acknowledgement.objects.create(
        clinic_id=signal.clinic_id, signal=signal, staff_id=viewer.staff_id, choice=choice, at=at
    )
    if note:
        ProcessNote.objects.create(
            clinic_id=signal.clinic_id,
            case_id=signal.case_id,
            episode=signal.episode,
            author_id=viewer.staff_id,
            kind="acknowledgement",
            text=note,
            written_at=at,
        )
    record_change(signal, at=at, actor=viewer.actor, action="signal.acknowledge", object_kind="signal")
    return given


def _is_over(given: Acknowledgement, signal: AlertSignal) -> bool:
    """Whether the session has passed that a plan was for."""
    held = Encounter.objects.filter(case=signal.case_id, state=EncounterState.HELD, ends_at__gt=given.at)
    return given.choice in PLANNED and held.exists()


@one_transaction
def acknowledge_findings(
    *, viewer: Viewer, choices: Mapping[AlertSignal, AcknowledgeChoice], at: datetime
) -> list[Acknowledgement]:
    """Store what the therapist will do about each of these findings of an alert; any other stays unanswered."""
    in_lock_order = sorted(choices, key=lambda signal: signal.pk)
    return [
        acknowledge(viewer=viewer, signal=signal, choice=choices[signal], at=at) for signal in in_lock_order
    ]


@one_transaction
def say_strain(*, viewer: Viewer, episode: Episode, there_was: bool, at: datetime) -> Episode:
    """The therapist says that there was strain, or that there was none: beside the client's word, never over it."""
    if own_case(viewer, episode.case_id) is None:
        raise PermissionDenied
    episode = locked(Episode.objects.filter(pk=episode.pk)).get()
    before = _verdict(episode)
    if before == ("yes" if there_was else "no"):
        return episode
    episode.therapist_confirmed_at = at if there_was else None
    episode.therapist_denied_at = None if there_was else at
    episode.save(update_fields=["therapist_confirmed_at", "therapist_denied_at"])
    EpisodeEvent.objects.create(
        clinic_id=episode.clinic_id,
        episode=episode,
        at=at,
        kind="therapist_confirmed",
        before=before,
        after="yes" if there_was else "no",
        staff_id=viewer.staff_id,
    )
    record_change(episode, at=at, actor=viewer.actor, action="episode.say_strain", object_kind="episode")
    return episode


def _verdict(episode: Episode) -> str:
    """What the therapist has said about an episode so far."""
    if episode.therapist_confirmed_at is not None:
        return "yes"
    return "no" if episode.therapist_denied_at is not None else ""
