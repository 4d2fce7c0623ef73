"""Who can open a case's answers on a day: the access rules read from the case's side, for words to clients."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.leaves import leaves_on
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
    """One member of staff who can open the case, and as what; who treats it and supervises is named as treating.

    Who is away can open it all the same; ``until`` is the last day, None where nobody knows it yet.
    """

    staff: Staff
    reads_as: ReadsAs
    is_away: bool = False
    until: date | None = None
    forms: str = ""


def readers_on(case: Case, day: date) -> tuple[Reader, ...]:
    """Everybody whose page `visible_cases` gives this case that day: who treats, who covers, who supervises."""
    return _read(_treating_or(case, day, supervising_on(case, day)), case, day)


def treating_readers(case: Case, day: date) -> tuple[Reader, ...]:
    """Who treats the case that day, and then who covers."""
    return _read(treating_on(case, day), case, day)


def answer_to_going_on(case: Case, day: date) -> "QuerySet[Staff]":
    """Who reads what a client answers about going on: whoever treats the case.

    Who supervises it, too, where nobody treats it or all who do are away.
    """
    treating = treating_on(case, day)
    if treating.exclude(pk__in=leaves_on(day).values("staff")).exists():
        return treating
    return _treating_or(case, day, supervising_on(case, day)).order_by("pk")


def _treating_or(case: Case, day: date, above: "QuerySet[Staff]") -> "QuerySet[Staff]":
    treating = treating_on(case, day).values("pk")
    return Staff.objects.filter(Q(pk__in=treating) | Q(pk__in=above.values("pk")))


def _read(staff: "QuerySet[Staff]", case: Case, day: date) -> tuple[Reader, ...]:
    """Each as what they read, in that order, who has treated longest first. One query."""
    works = Exists(staff_as(Role.THERAPIST, day).filter(pk=OuterRef("pk")))
    links = case.therapists.filter(on_day(day), therapist=OuterRef("pk")).order_by("starts_on")
    treats = Exists(links.exclude(part=TherapistPart.COVER)) & works
    covers = Exists(links.filter(part=TherapistPart.COVER)) & works
    found = staff.annotate(treats=treats, covers=covers, since=Subquery(links.values("starts_on")[:1]))
    leave = leaves_on(day).filter(staff=OuterRef("pk"))
    found = found.annotate(
        is_away=Exists(leave),
        until=Subquery(leave.values("ends_on")[:1]),
        forms=Subquery(leave.values("forms")[:1]),
    )
    readers = (
        Reader(one, _reads_as(treats=one.treats, covers=one.covers), one.is_away, one.until, one.forms or "")
        for one in found.order_by("since", "full_name", "pk")
    )
    return tuple(sorted(readers, key=lambda reader: list(ReadsAs).index(reader.reads_as)))


def _reads_as(*, treats: bool, covers: bool) -> ReadsAs:
    if treats:
        return ReadsAs.THERAPIST
    return ReadsAs.COVER if covers else ReadsAs.SUPERVISOR


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
