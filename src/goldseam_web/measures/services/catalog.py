"""Taking measures into use: a frozen snapshot per clinic."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError

from goldseam import load_measure
from goldseam_web.accounts.models import Clinic
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.models import MeasureVersion
from goldseam_web.measures.own_measures import OWN_MEASURES


@one_transaction
def install_measures(
    *, clinic: Clinic, at: datetime, keys: Iterable[str] = OWN_MEASURES, actor: Actor = SYSTEM
) -> list[MeasureVersion]:
    """Snapshot the shipped measures for a clinic. A version that is already there must be the same text and key."""
    return [_install(clinic, key, at, actor) for key in keys]


@one_transaction
def install_missing_measures(*, clinic: Clinic, at: datetime) -> list[MeasureVersion]:
    """Snapshot our own measures in the version shipped, where the clinic lacks it; gives what is new.

    A newer version is asked where the one before it was.
    """
    held = MeasureVersion.objects.filter(clinic=clinic).order_by("installed_at")
    asked = {version.key: version.enabled for version in held}
    there = {(version.key, version.version) for version in held}
    lacking = [key for key in OWN_MEASURES if (key, load_measure(key).version) not in there]
    new = install_measures(clinic=clinic, at=at, keys=lacking)
    for version in new:
        if not asked.get(version.key, True):
            version.enabled = False
            version.save(update_fields=["enabled"])
    return new


def _install(clinic: Clinic, key: str, at: datetime, actor: Actor) -> MeasureVersion:
    measure = load_measure(key)
    snapshot, created = MeasureVersion.objects.get_or_create(
        clinic=clinic,
        key=measure.key,
        version=measure.version,
        defaults={"content": measure.content(), "content_hash": measure.content_hash, "installed_at": at},
    )
    if snapshot.content_hash != measure.content_hash:
        raise ValidationError(
            f"{key} {measure.version} differs from the version this clinic already uses; "
            "a changed measure needs a new version number."
        )
    if created:
        record_about(
            snapshot,
            at=at,
            actor=actor,
            action="measure.install",
            object_kind="measure",
            details={"key": key, "version": measure.version},
        )
    return snapshot
