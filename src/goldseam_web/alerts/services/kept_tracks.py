"""What a clinic compares progress with: taken into use, and out of it, by an explicit step."""

from datetime import datetime

from goldseam_web.accounts.models import Clinic
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.alerts.tracks import Tracks
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.lib.transactions import one_transaction


@one_transaction
def store_tracks(*, clinic: Clinic, tracks: Tracks, at: datetime, actor: Actor) -> TracksVersion:
    """Compare progress with these from now on; what was in use before stays as it was, out of use."""
    TracksVersion.objects.filter(clinic=clinic, in_use=True).update(in_use=False)
    stored, _ = TracksVersion.objects.update_or_create(
        clinic=clinic,
        content_hash=tracks.content_hash,
        defaults={"in_use": True},
        create_defaults={"content": tracks.content(), "in_use": True, "stored_at": at},
    )
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
    for stored in TracksVersion.objects.filter(clinic=clinic, in_use=True):
        stored.in_use = False
        stored.save(update_fields=["in_use"])
        record_about(
            stored,
            at=at,
            actor=actor,
            action="tracks.stop",
            object_kind="tracks",
            details={"hash": stored.content_hash},
        )
