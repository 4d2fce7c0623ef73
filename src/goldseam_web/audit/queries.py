"""Reading the audit chain."""

from dataclasses import dataclass

from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import FIRST_SEAL, seal_of


@dataclass(frozen=True)
class ChainReport:
    """What verification found: sealed entries, those not sealed yet, and the positions that do not fit."""

    sealed: int
    unsealed: int
    broken: tuple[int, ...]


def verify_chain() -> ChainReport:
    """Walk the whole chain over all clinics (an operator's act, without a viewer) and report broken links."""
    previous, expected, broken, sealed = FIRST_SEAL, 1, [], 0
    for entry in AuditEntry.objects.filter(position__isnull=False).order_by("position").iterator():
        sealed += 1
        position = entry.position or 0
        if position != expected or entry.seal != seal_of(entry, previous, position):
            broken.append(position)
        previous, expected = entry.seal, position + 1
    return ChainReport(sealed, AuditEntry.objects.filter(position=None).count(), tuple(broken))
