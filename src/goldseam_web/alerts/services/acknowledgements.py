"""What people do with a signal: open it, acknowledge it, say whether there was strain."""

from datetime import datetime

from django.core.exceptions import PermissionDenied

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.services import bump_change_counter, record_change
from goldseam_web.alerts.models import (
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
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def open_signal(*, viewer: Viewer, signal: AlertSignal, at: datetime) -> Seen:
    """Store that this person looked, the first time, and audit every time."""
    if visible_case(viewer, signal.case_id) is None:
        raise PermissionDenied
    seen, first = Seen.objects.get_or_create(
        signal=signal, staff_id=viewer.staff_id, defaults={"clinic_id": signal.clinic_id, "at": at}
    )
    record_about(signal, at=at, actor=viewer.actor, action="signal.view", object_kind="signal")
    if first:
        bump_change_counter(signal.clinic_id)
    return seen


@one_transaction
def acknowledge(
    *, viewer: Viewer, signal: AlertSignal, choice: AcknowledgeChoice, at: datetime, note: str = ""
) -> Acknowledgement:
    """Store what the therapist will do. The same choice again (a double tap) is the same acknowledgement."""
    if own_case(viewer, signal.case_id) is None:
        raise PermissionDenied
    locked(AlertSignal.objects.filter(pk=signal.pk)).get()
    last = signal.acknowledgements.filter(staff_id=viewer.staff_id).last()
    if last is not None and last.choice == choice and not note:
        return last
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


@one_transaction
def say_strain(*, viewer: Viewer, episode: Episode, there_was: bool, at: datetime) -> Episode:
    """The therapist confirms that there was strain, or takes that back."""
    if own_case(viewer, episode.case_id) is None:
        raise PermissionDenied
    episode = locked(Episode.objects.filter(pk=episode.pk)).get()
    if there_was == (episode.therapist_confirmed_at is not None):
        return episode
    episode.therapist_confirmed_at = at if there_was else None
    episode.save(update_fields=["therapist_confirmed_at"])
    EpisodeEvent.objects.create(
        clinic_id=episode.clinic_id,
        episode=episode,
        at=at,
        kind="therapist_confirmed",
        before="no" if there_was else "yes",
        after="yes" if there_was else "no",
        staff_id=viewer.staff_id,
    )
    record_change(episode, at=at, actor=viewer.actor, action="episode.say_strain", object_kind="episode")
    return episode
