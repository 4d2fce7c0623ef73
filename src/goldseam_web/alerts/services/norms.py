"""The norms a clinic's evaluations use: stored, hashed, and changed only by an explicit step."""

import uuid
from datetime import datetime

from goldseam import ErrorRates, Norms, NormsError, ParameterError, measured_error_rates
from goldseam_web.accounts.models import Clinic
from goldseam_web.alerts.models import AlertSignal, NormsVersion
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.lib.transactions import one_transaction


@one_transaction
def store_norms(*, clinic: Clinic, norms: Norms, at: datetime, actor: Actor = SYSTEM) -> NormsVersion:
    """Take norms into use for a clinic's evaluations from now on; earlier evaluations keep theirs."""
    NormsVersion.objects.filter(clinic=clinic, in_use=True).update(in_use=False)
    stored, _ = NormsVersion.objects.update_or_create(
        clinic=clinic,
        content_hash=norms.content_hash,
        defaults={"name": norms.name, "content": norms.content(), "in_use": True},
        create_defaults={"name": norms.name, "content": norms.content(), "in_use": True, "stored_at": at},
    )
    record_about(
        stored,
        at=at,
        actor=actor,
        action="norms.store",
        object_kind="norms",
        details={"name": norms.name, "hash": norms.content_hash},
    )
    return stored


def norms_in_use(clinic: Clinic, *, at: datetime) -> NormsVersion:
    """The clinic's stored norms; the shipped default is stored the first time they are needed."""
    stored = NormsVersion.objects.filter(clinic=clinic, in_use=True).defer("content").first()
    return stored or store_norms(clinic=clinic, norms=Norms.default(), at=at)


def norms_to_read(clinic_id: uuid.UUID) -> Norms:
    """The norms a page may compare with, where nothing is to be written: the clinic's, or the shipped default."""
    stored = NormsVersion.objects.filter(clinic_id=clinic_id, in_use=True).first()
    return Norms.default() if stored is None else norms_of(stored)


def norms_with_rates(clinic_id: uuid.UUID) -> Norms:
    """The norms in use as they are kept by now: error rates that were measured since come with the same hash."""
    stored = NormsVersion.objects.filter(clinic_id=clinic_id, in_use=True).first()
    return Norms.default() if stored is None else Norms.from_content(stored.content)


def rates_kept_with(signal: AlertSignal) -> ErrorRates | None:
    """How often the rule is wrong with the clinic's norms that raised a signal; None where it was not measured."""
    evidence = signal.evidence
    stored = NormsVersion.objects.filter(
        clinic_id=signal.clinic_id, content_hash=evidence["norms_hash"] or ""
    ).first()
    if stored is None:
        return None
    rule = {"criterion": evidence["criterion"], "version": int(evidence["criterion_version"])}
    try:
        return measured_error_rates(
            Norms.from_content(stored.content), signal.course.scale, signal.course.phase, **rule
        )
    except (NormsError, ParameterError):
        return None


def norms_of(stored: NormsVersion) -> Norms:
    """Stored norms as the science takes them; read once, since what a hash stands for does not change.

    By the hash alone: who judges has not read the content. Rates that were measured later come with the same hash.
    """
    if stored.content_hash not in _READ:
        _READ[stored.content_hash] = Norms.from_content(stored.content)
    return _READ[stored.content_hash]


_READ: dict[str, Norms] = {}
