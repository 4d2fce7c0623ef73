"""What a clinic compares progress with, and whether it tells by it: in use and out of it by explicit steps."""

from datetime import datetime

from goldseam_web.accounts.models import Clinic
from goldseam_web.alerts.off_track_tables import OffTrack, OffTrackState
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.alerts.tracks import Tracks
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def store_tracks(*, clinic: Clinic, tracks: Tracks, at: datetime, actor: Actor) -> TracksVersion:
    """Compare progress with these from now on; what was in use before stays as it was, out of use.

    Nothing is told by them before somebody has looked at what they would have told (`set_telling`).
    """
    known = {each.content_hash: each for each in locked(TracksVersion.objects.filter(clinic=clinic))}
    for each in known.values():
        if each.in_use:
            each.in_use = each.tells = False
            each.save(update_fields=["in_use", "tells"])
    stored = known.get(tracks.content_hash) or TracksVersion(
        clinic=clinic, content=tracks.content(), content_hash=tracks.content_hash, stored_at=at
    )
    stored.in_use = True
    stored.save()
    _end_telling(clinic, at=at)
    record_about(
        stored,
        at=at,
        actor=actor,
        action="tracks.store",
        object_kind="tracks",
        details={"version": tracks.version, "hash": stored.content_hash, "scales": list(tracks.scales)},
    )
    return stored


@one_transaction
def stop_tracks(*, clinic: Clinic, at: datetime, actor: Actor) -> None:
    """Compare progress with nothing any more."""
    for stored in locked(TracksVersion.objects.filter(clinic=clinic, in_use=True)):
        stored.in_use = stored.tells = False
        stored.save(update_fields=["in_use", "tells"])
        record_about(
            stored,
            at=at,
            actor=actor,
            action="tracks.stop",
            object_kind="tracks",
            details={"hash": stored.content_hash},
        )
    _end_telling(clinic, at=at)


@one_transaction
def set_telling(*, stored: TracksVersion, tells: bool, at: datetime, actor: Actor) -> None:
    """Tell of courses that are not on track by what is in use, or tell of none any more.

    Nothing where it is no longer in use, or told already.
    """
    row = TracksVersion.objects.filter(pk=stored.pk, in_use=True).exclude(tells=tells)
    if locked(row).first() is None:
        return
    stored.tells, stored.followed_at = tells, None
    stored.save(update_fields=["tells", "followed_at"])
    if not tells:
        _end_telling(stored.clinic, at=at)
    record_about(
        stored,
        at=at,
        actor=actor,
        action="tracks.tell" if tells else "tracks.quiet",
        object_kind="tracks",
        details={"hash": stored.content_hash},
    )


def _end_telling(clinic: Clinic, *, at: datetime) -> None:
    """What is told is compared with nothing any more: it is over, and stays on record."""
    running = OffTrack.objects.filter(clinic=clinic, ended_at=None)
    for found in locked(running):
        found.state, found.ended_at = OffTrackState.NOT_COMPARED, at
        found.save(update_fields=["state", "ended_at"])
