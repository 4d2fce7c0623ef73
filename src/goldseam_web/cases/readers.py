"""Who can open a case's answers on a day: the access rules read from the case's side, for words to clients."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.leaves import leaves_on
from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import on_day, staff_as, supervised_through, supervisions_on
from goldseam_web.cases.access import answering_on
from goldseam_web.cases.models import Case, CaseTherapist, TherapistPart
from goldseam_web.lib.prepared import Prepared

NOBODY = uuid.UUID(int=0)  # no member of staff has this id


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
    in_training: bool = False


def readers_on(case: Case, day: date) -> tuple[Reader, ...]:
    """Everybody whose page `visible_cases` gives this case that day: who treats, who covers, who supervises."""
    return _as_readers(_ALL.rows(case=case.pk, lead=case.clinic.lead_id or NOBODY, day=day))


def treating_readers(case: Case, day: date) -> tuple[Reader, ...]:
    """Who treats the case that day, and then who covers. It stands on every page with a question."""
    return _as_readers(_TREATING.rows(case=case.pk, day=day))


def answer_to_going_on(case: Case, day: date) -> "QuerySet[Staff]":
    """Who reads what a client answers about going on: whoever treats the case.

    Who supervises it, too, where nobody treats it or all who do are away.
    """
    treating = _treating(case.pk, day)
    if treating.exclude(pk__in=leaves_on(day).values("staff")).exists():
        return treating
    return _treating_or_above(case.pk, case.clinic.lead_id or NOBODY, day).order_by("pk")


def _treating_or_above(case: uuid.UUID, lead: uuid.UUID, day: date) -> "QuerySet[Staff]":
    treating, above = _treating(case, day).values("pk"), _supervising(case, lead, day)
    return Staff.objects.filter(Q(pk__in=treating) | Q(pk__in=above.values("pk")))


def _with_what(staff: "QuerySet[Staff]", case: uuid.UUID, day: date) -> "QuerySet[Any]":
    """Each with what they read as, who has treated longest first. One query."""
    works = Exists(staff_as(Role.THERAPIST, day).filter(pk=OuterRef("pk")))
    links = CaseTherapist.objects.filter(on_day(day), case=case, therapist=OuterRef("pk"))
    links = links.order_by("starts_on")
    treats = Exists(links.exclude(part=TherapistPart.COVER)) & works
    covers = Exists(links.filter(part=TherapistPart.COVER)) & works
    leave = leaves_on(day).filter(staff=OuterRef("pk"))
    in_training = Exists(staff_as(Role.IN_TRAINING, day).filter(pk=OuterRef("pk")))
    found = staff.annotate(
        treats=treats,
        covers=covers,
        in_training=in_training,
        since=Subquery(links.values("starts_on")[:1]),
        is_away=Exists(leave),
        until=Subquery(leave.values("ends_on")[:1]),
        forms=Subquery(leave.values("forms")[:1]),
    )
    return found.order_by("since", "full_name", "pk")


def _as_readers(found: Iterable[Any]) -> tuple[Reader, ...]:
    """Those who treat, those who cover, those who supervise, each in the order they were found."""
    readers = (
        Reader(
            staff=one,
            reads_as=_reads_as(treats=one.treats, covers=one.covers),
            is_away=one.is_away,
            until=one.until,
            forms=one.forms or "",
            in_training=one.in_training and (one.treats or one.covers),
        )
        for one in found
    )
    return tuple(sorted(readers, key=lambda reader: list(ReadsAs).index(reader.reads_as)))


def _reads_as(*, treats: bool, covers: bool) -> ReadsAs:
    if treats:
        return ReadsAs.THERAPIST
    return ReadsAs.COVER if covers else ReadsAs.SUPERVISOR


def treating_on(case: Case, day: date) -> list[Staff]:
    """Whoever treats the case that day and works here, cover included."""
    return _ALL_TREATING.rows(case=case.pk, day=day)


def _treating(case: uuid.UUID, day: date) -> "QuerySet[Staff]":
    links = CaseTherapist.objects.filter(on_day(day), case=case)
    return staff_as(Role.THERAPIST, day).filter(pk__in=links.values("therapist")).order_by("pk")


def supervising_on(case: Case, day: date) -> list[Staff]:
    """Whoever supervises it that day. A therapist who has left is still supervised: their supervisor can open it."""
    return _ALL_SUPERVISING.rows(case=case.pk, lead=case.clinic.lead_id or NOBODY, day=day)


def supervising_training_on(case: Case, day: date) -> list[Staff]:
    """Whoever supervises those of them who treat the case that day and are in training."""
    return _SUPERVISING_TRAINING.rows(case=case.pk, lead=case.clinic.lead_id or NOBODY, day=day)


def _supervising_training(case: uuid.UUID, lead: uuid.UUID, day: date) -> "QuerySet[Staff]":
    return _supervising(case, lead, day, of=staff_as(Role.IN_TRAINING, day)).order_by("pk")


def _supervising(
    case: uuid.UUID, lead: uuid.UUID, day: date, of: "QuerySet[Staff] | None" = None
) -> "QuerySet[Staff]":
    links = answering_on(day).filter(case=case)
    if of is not None:
        links = links.filter(on_day(day), therapist__in=of)
    answering = links.values("therapist")
    linked = supervisions_on(day).filter(therapist__in=answering)
    led = supervised_through(Staff(pk=lead), day).filter(pk__in=answering)
    return Staff.objects.filter(Q(pk__in=linked.values("supervisor")) | Q(Exists(led), pk=lead))


# They stand on clients' pages, or are asked for every signal and message, so that they are written once.
_ALL_TREATING: Prepared[Staff] = Prepared(_treating, case=uuid.UUID, day=date)
_ALL_SUPERVISING: Prepared[Staff] = Prepared(
    lambda *, case, lead, day: _supervising(case, lead, day).order_by("pk"),
    case=uuid.UUID,
    lead=uuid.UUID,
    day=date,
)
_SUPERVISING_TRAINING: Prepared[Staff] = Prepared(
    _supervising_training, case=uuid.UUID, lead=uuid.UUID, day=date
)
_TREATING: Prepared[Staff] = Prepared(
    lambda *, case, day: _with_what(_treating(case, day), case, day), case=uuid.UUID, day=date
)
_ALL: Prepared[Staff] = Prepared(
    lambda *, case, lead, day: _with_what(_treating_or_above(case, lead, day), case, day),
    case=uuid.UUID,
    lead=uuid.UUID,
    day=date,
)
