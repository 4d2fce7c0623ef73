"""Who can open a case's answers on a day: the access rules read from the case's side, for words to clients."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import on_day, staff_as, supervised_through, supervisions_on
from goldseam_web.cases.access import answering_on
from goldseam_web.cases.models import Case, TherapistPart


class ReadsAs(StrEnum):
    THERAPIST = "therapist"
    COVER = "cover"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Reader:
    """One member of staff who can open the case, and as what; who treats it and supervises is named as treating."""

    staff: Staff
    reads_as: ReadsAs


def readers_on(case: Case, day: date) -> tuple[Reader, ...]:
    """Everybody whose page `visible_cases` gives this case that day: who treats, who covers, who supervises."""
    treating = treating_readers(case, day)
    known = {reader.staff.pk for reader in treating}
    above = supervising_on(case, day)
    return (*treating, *(Reader(one, ReadsAs.SUPERVISOR) for one in above if one.pk not in known))


def treating_readers(case: Case, day: date) -> tuple[Reader, ...]:
    """Who treats the case that day, and then who covers."""
    links = case.therapists.filter(on_day(day), therapist__in=staff_as(Role.THERAPIST, day))
    parts: dict[Staff, set[str]] = {}
    for link in links.select_related("therapist").order_by("starts_on", "pk"):
        parts.setdefault(link.therapist, set()).add(link.part)
    read = [
        Reader(staff, ReadsAs.COVER if held == {TherapistPart.COVER} else ReadsAs.THERAPIST)
        for staff, held in parts.items()
    ]
    return tuple(sorted(read, key=lambda reader: reader.reads_as == ReadsAs.COVER))


def treating_on(case: Case, day: date) -> "QuerySet[Staff]":
    """Whoever treats the case that day and works here, cover included."""
    links = case.therapists.filter(on_day(day))
    return staff_as(Role.THERAPIST, day).filter(pk__in=links.values("therapist")).order_by("pk")


def supervising_on(case: Case, day: date) -> "QuerySet[Staff]":
    """Whoever supervises it that day. A therapist who has left is still supervised: their supervisor can open it."""
    answering = answering_on(day).filter(case=case).values("therapist")
    linked = supervisions_on(day).filter(therapist__in=answering)
    found = Q(pk__in=linked.values("supervisor"))
    lead = case.clinic.lead
    if lead is not None and supervised_through(lead, day).filter(pk__in=answering).exists():
        found |= Q(pk=lead.pk)
    return Staff.objects.filter(found).order_by("pk")
