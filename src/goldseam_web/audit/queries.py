"""Reading the audit chain."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from goldseam_web.audit.chain import FIRST_SEAL, is_marked, is_sealed
from goldseam_web.audit.heads import Head, Heads, read_heads
from goldseam_web.audit.models import CLINIC_LED, ActorKind, AuditEntry


@dataclass(frozen=True)
class ChainReport:
    """What verification found.

    Sealed entries and those not sealed yet; positions that do not fit; ids of unsealed entries that we have not
    written; heads that the chain does not lead to (any more); lines of the file of heads that are not ours or follow a
    gap; heads written when a back-up was put in place; the first and the last head known.
    """

    sealed: int
    unsealed: int
    broken: tuple[int, ...]
    forged: tuple[int, ...]
    lost_heads: tuple[Head, ...]
    forged_lines: tuple[int, ...]
    restores: tuple[Head, ...]
    first_head: Head | None
    last_head: Head | None

    @property
    def is_sound(self) -> bool:
        return not (self.broken or self.forged or self.lost_heads or self.forged_lines)


def verify_chain() -> ChainReport:
    """Walk the whole chain over all clinics (an operator's act, without a viewer) and report what does not fit."""
    heads = read_heads()
    copied = _copied_marks()
    previous, expected, broken, sealed = FIRST_SEAL, 1, [], 0
    seals: dict[int, str] = {0: FIRST_SEAL}
    known = {head.count for head in heads.standing}
    for entry in AuditEntry.objects.filter(position__isnull=False).order_by("position").iterator():
        sealed += 1
        position = entry.position or 0
        if position != expected or entry.mark in copied or not _holds(entry, previous, position):
            broken.append(position)
        if position in known:
            seals[position] = entry.seal
        previous, expected = entry.seal, position + 1
    unsealed = AuditEntry.objects.filter(position=None)
    forged = [entry.pk for entry in unsealed.iterator() if not is_marked(entry, entry.mark)]
    lost = [head for head in heads.standing if seals.get(head.count) != head.seal]
    return _report(heads, sealed, broken, forged, lost)


def _holds(entry: AuditEntry, previous: str, position: int) -> bool:
    return is_marked(entry, entry.mark) and is_sealed(
        entry.seal, previous=previous, position=position, entry_id=entry.pk, mark=entry.mark
    )


def _copied_marks() -> set[str]:
    """Marks that stand twice; the database refuses them as long as nobody takes its rule away."""
    marks = AuditEntry.objects.values("mark").annotate(times=Count("pk")).filter(times__gt=1)
    return set(marks.values_list("mark", flat=True))


def _report(heads: Heads, sealed: int, broken: list[int], forged: list[int], lost: list[Head]) -> ChainReport:
    standing = heads.standing
    return ChainReport(
        sealed=sealed,
        unsealed=AuditEntry.objects.filter(position=None).count(),
        broken=tuple(broken),
        forged=tuple(forged),
        lost_heads=tuple(lost),
        forged_lines=heads.forged_lines,
        restores=heads.restores,
        first_head=standing[0] if standing else None,
        last_head=heads.last,
    )


def last_head_holds() -> bool:
    """Whether the chain still leads to where it had got to at the last sealing: quickly, without walking it."""
    last = read_heads().last
    if last is None or last.count == 0:
        return True
    return leads_to(count=last.count, seal=last.seal)


def leads_to(*, count: int, seal: str) -> bool:
    """Whether the entry of that place has that seal."""
    return AuditEntry.objects.filter(position=count, seal=seal).exists()


def unsealed_since(moment: datetime) -> int:
    """How many entries from before a moment have not been sealed."""
    return AuditEntry.objects.filter(position=None, at__lt=moment).count()


def made_leads(*, clinic_id: uuid.UUID) -> set[uuid.UUID]:
    """Everybody who was ever made a clinic's lead."""
    made = AuditEntry.objects.filter(clinic_id=clinic_id, action=CLINIC_LED)
    return {uuid.UUID(key) for key in made.values_list("object_id", flat=True)}


def has_viewed_case(*, staff_id: uuid.UUID, case_id: uuid.UUID, since: datetime, until: datetime) -> bool:
    """Whether somebody opened the page of a case in that time, outside of the room, where it shows no answers."""
    views = AuditEntry.objects.filter(object_kind="case", object_id=str(case_id), action="case.view")
    return views.filter(
        actor_kind=ActorKind.STAFF, actor_id=staff_id, at__gt=since, at__lt=until, details__room=False
    ).exists()
