"""Reads over cases. Every function that returns rows of a clinic is given the viewer."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Prefetch, Q, QuerySet

from goldseam_web.accounts.models import Leave, Staff
from goldseam_web.accounts.queries import Viewer, on_day
from goldseam_web.cases.access import own_cases, supervised_by, treated_by, visible_cases, visible_encounters
from goldseam_web.cases.models import (
    Attendance,
    Case,
    CaseKind,
    Encounter,
    EncounterState,
    Member,
    PersonIdentity,
    Presence,
    RecordState,
    TherapistPart,
)
from goldseam_web.cases.names import SOMEBODY, THE_OTHERS, PersonNames, alike
from goldseam_web.lib.ciphers import decrypted
from goldseam_web.lib.prepared import Prepared, columns_of, gathered, row_from_json

MEMBERS = Prefetch("members", Member.objects.select_related("person__identity").order_by("position"))
# The same for lists of many cases: as a list, for a manager made for each case would take longer than the reading.
MEMBERS_LISTED = Prefetch("members", MEMBERS.queryset, to_attr="listed_members")
# For what is kept of cases: names are neither wanted there nor decrypted.
MEMBERS_WITHOUT_NAMES = Prefetch("members", Member.objects.order_by("position"), to_attr="listed_members")


def display_name(member: Member) -> str:
    """What a member is called; a place whose names were erased keeps its number."""
    names = names_of(member)
    return names.display_name if names else f"Member {member.position}"


def names_of(member: Member) -> PersonNames | None:
    """The names of a member of a case that was read for a viewer; None where they were erased."""
    listed = vars(member)
    if "names" in listed:  # a list of many cases
        names: PersonNames | None = listed["names"]
        return names
    identity: PersonIdentity | None = getattr(member.person, "identity", None)
    return identity.read if identity else None


def case_title(case: Case) -> str:
    """How a case is spoken of: "Lea Brandt", "Lea & Tomas Brandt", "The Lindqvist family"."""
    names = [each for member in members_of(case) if (each := names_of(member)) is not None]
    if not names:
        return "A case without names"
    if case.kind == CaseKind.FAMILY:
        family = Counter(each.family_name for each in names if each.family_name).most_common(1)
        return f"The {family[0][0]} family" if family else _joined(each.display_name for each in names)
    if len({each.family_name for each in names}) == 1:
        return f"{_joined(each.display_name for each in names)} {names[0].family_name}".strip()
    return _joined(map(str, names))


# For lists of very many cases, with each case in one statement: their members as rows within its row.
_OF_THE_CASE = ("case_id", "clinic_id")
MEMBERS_WITHIN = gathered(
    Member.objects.filter(case=OuterRef("pk")),
    *(column for column in columns_of(Member) if column not in _OF_THE_CASE),
    "person__identity__names",
)


def add_members(case: Case, rows: Iterable[Mapping[str, Any]] | None) -> None:
    """Give a case its members, read within its row."""
    members = []
    for row in rows or ():
        member, names = row_from_json(Member, row), row["person__identity__names"]
        vars(member)["names"] = PersonNames.of(decrypted(names)) if names else None
        member.case, member.clinic_id = case, case.clinic_id
        members.append(member)
    vars(case)["listed_members"] = sorted(members, key=lambda member: member.position)


@dataclass(frozen=True)
class CasePeople:
    """The members of a case that was read for a viewer, by what they are called."""

    members: tuple[Member, ...]

    def name(self, member_id: uuid.UUID | None) -> str:
        member = next((m for m in self.members if m.pk == member_id), None)
        return display_name(member) if member else SOMEBODY

    def others(self, member_id: uuid.UUID | None) -> str:
        """The other member of a couple by name, or "the others" of a family."""
        names = [display_name(m) for m in self.members if m.pk != member_id]
        return names[0] if len(names) == 1 else THE_OTHERS


def all_names(case: Case) -> list[str]:
    """First and family name of every member, of a case that was read for a viewer."""
    return [str(names) for member in members_of(case) if (names := names_of(member)) is not None]


def _joined(names: Iterable[str]) -> str:
    return " & ".join(names)


def caseload(viewer: Viewer, *, ended: "QuerySet[Case] | None" = None) -> "QuerySet[Case]":
    """The viewer's own open cases with their members, in two queries; and these ``ended`` ones beside them."""
    shown = Q(ended_on=None) if ended is None else Q(ended_on=None) | Q(pk__in=ended.values("pk"))
    return own_cases(viewer).filter(shown).prefetch_related(MEMBERS_LISTED)


def case_and_right(
    viewer: Viewer, case_id: uuid.UUID, *, members: "Prefetch[str, QuerySet[Member], str]" = MEMBERS
) -> tuple[Case, bool] | None:
    """One visible case with members and names, and whether the viewer treats it (supervisors read only).

    ``members``: how they are read, where a page needs more of them than their names.
    """
    mine = Exists(treated_by(viewer).filter(case=OuterRef("pk")))
    found = visible_cases(viewer).filter(pk=case_id).annotate(is_mine=mine).prefetch_related(members).first()
    return (found, found.is_mine) if found else None


def may_change(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer treats this case today; supervisors read only."""
    return own_cases(viewer).filter(pk=case.pk).exists()


def case_of_same_people(viewer: Viewer, names: Iterable[tuple[str, str]]) -> Case | None:
    """An open case of the viewer's own with exactly these people (first and family name), or None."""
    wanted = Counter(_folded(*name) for name in names)
    for case in caseload(viewer):
        called = [each for member in current_members(case) if (each := names_of(member)) is not None]
        if Counter(_folded(each.display_name, each.family_name) for each in called) == wanted:
            return case
    return None


def _folded(first: str, family: str) -> tuple[str, str]:
    return alike(first), alike(family)


def cases_with_names(viewer: Viewer, case_ids: Iterable[uuid.UUID]) -> list[Case]:
    """Cases whose ids were read for this viewer, with members and names."""
    return list(Case.objects.filter(clinic_id=viewer.clinic_id, pk__in=case_ids).prefetch_related(MEMBERS))


def supervised_cases(viewer: Viewer) -> list[tuple[Staff, list[Case]]]:
    """Each therapist this viewer supervises, by name, with their open cases; covered ones where nobody else has any."""
    links = (
        supervised_by(viewer)
        .filter(case__ended_on=None)
        .exclude(case__state=RecordState.ERASED)
        .select_related("therapist", "case")
        .prefetch_related("case__" + MEMBERS.prefetch_to, "case__members__person__identity")
        .order_by("therapist__full_name")
    )
    found: dict[uuid.UUID, tuple[Staff, list[Case]]] = {}
    own = {link.case_id for link in links if link.part != TherapistPart.COVER}
    for link in links:
        if link.part == TherapistPart.COVER and link.case_id in own:
            continue
        found.setdefault(link.therapist_id, (link.therapist, []))[1].append(link.case)
    return list(found.values())


def therapist_away() -> Q:
    """Of a row of an appointment around it: whether its therapist is away then, so that nobody may say it takes place.

    Where another held it beside them, it did. Somebody who went away later that day, or was back by then, was there.
    """
    until = Q(ends_on=None) | Q(ends_on__gte=OuterRef("local_date"))
    not_back = Q(back_at=None) | Q(back_at__gt=OuterRef("starts_at"))
    return Q(beside=None) & Q(
        Exists(
            Leave.objects.filter(
                until,
                not_back,
                staff=OuterRef("therapist"),
                starts_on__lte=OuterRef("local_date"),
                noted_at__lt=OuterRef("ends_at"),
            )
        )
    )


def members_of(case: Case) -> tuple[Member, ...]:
    """All members of a case that was read for a viewer, in their order."""
    return tuple(vars(case).get("listed_members") or case.members.all())


def current_members(case: Case) -> tuple[Member, ...]:
    """Those who have not left."""
    return tuple(member for member in members_of(case) if member.left_on is None)


def presence_at(encounter: Encounter) -> dict[uuid.UUID, str]:
    """By member, who was there or is expected, and who was away, of an encounter that was read for a viewer."""
    return {row.member_id: row.presence for row in encounter.attendance.all()}


def appointments_of(viewer: Viewer, cases: Iterable[Case]) -> "QuerySet[Encounter]":
    """All encounters that were not cancelled of cases that were read for this viewer, oldest first."""
    return (
        Encounter.objects.filter(clinic_id=viewer.clinic_id, case__in=[case.pk for case in cases])
        .exclude(state=EncounterState.CANCELLED)
        .order_by("starts_at")
    )


def all_appointments_of(viewer: Viewer, case: Case) -> "QuerySet[Encounter]":
    """The cancelled ones too, with who was there."""
    rows = Encounter.objects.filter(clinic_id=viewer.clinic_id, case=case.pk)
    return rows.prefetch_related("attendance").order_by("starts_at")


def planned_on(viewer: Viewer, days: Iterable[date]) -> dict[date, int]:
    """How many appointments of the viewer's clinic lie on each of these days: numbers, for who sees no case."""
    planned = Encounter.objects.filter(
        clinic_id=viewer.clinic_id, local_date__in=list(days), state=EncounterState.PLANNED
    )
    return dict(planned.order_by().values_list("local_date").annotate(number=Count("pk")))


def number_planned(viewer: Viewer) -> int:
    """How many appointments of the viewer's clinic are planned: a number, for who sees no case."""
    return Encounter.objects.filter(clinic_id=viewer.clinic_id, state=EncounterState.PLANNED).count()


def session_ends(viewer: Viewer, cases: Iterable[Case]) -> dict[uuid.UUID, list[datetime]]:
    """When the sessions ended that took place, by case, of cases that were read for this viewer."""
    held = Encounter.objects.filter(
        clinic_id=viewer.clinic_id, case__in=[case.pk for case in cases], state=EncounterState.HELD
    )
    found: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    for case, ended in held.values_list("case", "ends_at"):
        found[case].append(ended)
    return found


def meeting_times_and_absences(
    viewer: Viewer, cases: Iterable[Case]
) -> tuple[list[Encounter], dict[uuid.UUID, frozenset[uuid.UUID]]]:
    """All encounters, the cancelled ones too, oldest first with their state and times only: for lists of many cases.

    And by appointment the members who were not there; both in one query.
    """
    absent = FilteredRelation("attendance", condition=Q(attendance__presence=Presence.AWAY))
    rows = (
        Encounter.objects.filter(clinic_id=viewer.clinic_id, case__in=[case.pk for case in cases])
        .annotate(absent=absent)
        .annotate(absent_member=F("absent__member_id"))
        .order_by("starts_at", "pk")
        .only("case", "therapist", "beside", "state", "starts_at", "ends_at")
    )
    found: dict[uuid.UUID, Encounter] = {}
    away: dict[uuid.UUID, set[uuid.UUID]] = {}
    for row in rows:
        found.setdefault(row.pk, row)
        if (member := vars(row)["absent_member"]) is not None:
            away.setdefault(row.pk, set()).add(member)
    return list(found.values()), {key: frozenset(members) for key, members in away.items()}


def away_from(cases: Iterable[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """By appointment of cases that were read for a viewer, or by the worker, the members who were not there."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    rows = Attendance.objects.filter(encounter__case__in=list(cases), presence=Presence.AWAY)
    for encounter, member in rows.values_list("encounter_id", "member_id"):
        found.setdefault(encounter, set()).add(member)
    return {encounter: frozenset(members) for encounter, members in found.items()}


def encounters_of(viewer: Viewer, cases: Iterable[Case]) -> "QuerySet[Encounter]":
    """All appointments with who held them and who was there."""
    return appointments_of(viewer, cases).select_related("therapist", "beside").prefetch_related("attendance")


def encounter_of(viewer: Viewer, encounter_id: uuid.UUID) -> Encounter | None:
    return (
        visible_encounters(viewer)
        .filter(pk=encounter_id)
        .select_related("case", "therapist", "beside", "clinic")
        .prefetch_related(Prefetch("case__members", MEMBERS.queryset), "attendance")
        .first()
    )


def own_encounter(viewer: Viewer, encounter_id: uuid.UUID) -> Encounter | None:
    """One encounter of a case the viewer treats, or None: only they may change it."""
    encounter = encounter_of(viewer, encounter_id)
    return encounter if encounter is not None and may_change(viewer, encounter.case) else None


@dataclass(frozen=True)
class SessionNumbers:
    """Session numbers of one case: 1 for the first held encounter, and so on."""

    by_encounter: dict[uuid.UUID, int]

    @classmethod
    def of(cls, encounters: Sequence[Encounter]) -> "SessionNumbers":
        """Number the held encounters of one case, given oldest first or in any order."""
        held = sorted((e for e in encounters if e.state == EncounterState.HELD), key=lambda e: e.starts_at)
        return cls({e.id: k for k, e in enumerate(held, start=1)})

    def __getitem__(self, encounter_id: uuid.UUID) -> int:
        return self.by_encounter[encounter_id]

    def get(self, encounter_id: uuid.UUID) -> int | None:
        return self.by_encounter.get(encounter_id)


def sessions_of(member: Member) -> dict[int, Encounter]:
    """The held encounters a member was at, by session number, in order.

    Numbers count every held encounter of the case; the ones a member was away from are not sessions of theirs.
    """
    away = Attendance.objects.filter(encounter=OuterRef("pk"), member=member, presence=Presence.AWAY)
    held = Encounter.objects.filter(case_id=member.case_id, state=EncounterState.HELD).order_by("starts_at")
    numbered = enumerate(held.annotate(was_away=Exists(away)), start=1)
    return {number: encounter for number, encounter in numbered if not encounter.was_away}


def held_by(encounter: Encounter) -> tuple[Staff, ...]:
    """The one or two therapists of a session."""
    return (encounter.therapist,) if encounter.beside is None else (encounter.therapist, encounter.beside)


def therapist_rated(encounter: Encounter, therapist: uuid.UUID | None) -> Staff:
    """Whom a rating about a session is of: one of the two who held it, else who did."""
    beside = encounter.beside if therapist is not None and therapist == encounter.beside_id else None
    return beside or encounter.therapist


def other_therapists(case: Case, viewer: Viewer) -> list[Staff]:
    """Who treats the case today beside the viewer, covers left out."""
    links = case.therapists.filter(on_day(viewer.today)).exclude(part=TherapistPart.COVER)
    others = links.exclude(therapist=viewer.staff_id).select_related("therapist").order_by("starts_on", "pk")
    return [link.therapist for link in others]


def next_meeting(member: Member, *, after: datetime) -> Encounter | None:
    """The next appointment this member is expected at. For the member's own pages, which have no viewer."""
    found = _NEXT_MEETING.rows(case=member.case_id, member=member.pk, after=after)
    return found[0] if found else None


def _next_meeting(*, case: uuid.UUID, member: uuid.UUID, after: datetime) -> "QuerySet[Encounter]":
    away = Attendance.objects.filter(encounter=OuterRef("pk"), member=member, presence=Presence.AWAY)
    planned = Encounter.objects.filter(case=case, state=EncounterState.PLANNED, starts_at__gt=after)
    return planned.exclude(Exists(away)).order_by("starts_at")[:1]


_NEXT_MEETING: Prepared[Encounter] = Prepared(_next_meeting, case=uuid.UUID, member=uuid.UUID, after=datetime)
