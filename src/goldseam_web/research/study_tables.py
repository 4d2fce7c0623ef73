"""The tables that `goldseam study` reads, and the strains found: of whoever agreed to research, and still does.

Of everybody else there is nothing: no rating, no place in a case, no session in which they alone took part. What
therapists note for themselves (process notes) and every text that was typed stay in the clinic.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q

from goldseam_web.accounts.models import Clinic
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.cases.consents import agreed_to_research, cases_not_to_be_used
from goldseam_web.cases.models import (
    Attendance,
    Case,
    Encounter,
    EncounterState,
    Ending,
    Member,
    Presence,
)
from goldseam_web.measures.models import Occasion, OccasionState, ResponseState, Score
from goldseam_web.measures.own_measures import SELF_THERAPIST, TENSION_ITEM
from goldseam_web.measures.whose_view import RATED_OF_THEMSELVES
from goldseam_web.research.evidence_table import COLUMNS as EVIDENCE_COLUMNS
from goldseam_web.research.evidence_table import evidence_rows, said_by_lot, said_of_strains
from goldseam_web.research.pseudonyms import Pseudonyms

Row = tuple[Any, ...]
# How `goldseam study` reads an ending: whoever stopped coming dropped out; where the reason lies elsewhere it is open.
ENDINGS = {Ending.PLANNED: "planned", Ending.DROPOUT: "dropout"}
ONGOING = "ongoing"
# The outcome: how somebody is doing, which everybody is asked alike. It is never the alliance itself.
OUTCOME_SCALE = "wellbeing"


@dataclass(frozen=True)
class StudyTable:
    """A table with its columns; a row for each of what it is about."""

    columns: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Exported:
    """What leaves: the tables by name, which way the scales go, and of how many members of how many the answers are.

    ``participants``: each member with their case; ``attended``: their sessions; ``own_outcomes``: what the table of
    outcomes is made of, a row a member.
    """

    tables: Mapping[str, StudyTable]
    participants: StudyTable
    attended: StudyTable
    own_outcomes: StudyTable
    higher_is_better: Mapping[str, bool]
    members: int
    left_out: int
    cases: int


@dataclass(frozen=True)
class _Session:
    case: uuid.UUID
    number: int
    day: date
    therapist: uuid.UUID
    beside: uuid.UUID | None

    @property
    def therapists(self) -> frozenset[uuid.UUID]:
        """Who held it."""
        return frozenset(one for one in (self.therapist, self.beside) if one is not None)


class _Names:
    """Numbers of sessions, and other names and days for everything."""

    def __init__(self, project: str, sessions: Mapping[uuid.UUID, _Session]) -> None:
        self._of = Pseudonyms(project)
        self.sessions = sessions

    def case(self, row: uuid.UUID) -> str:
        return self._of.name("C", row)

    def member(self, row: uuid.UUID) -> str:
        return self._of.name("M", row)

    def therapist(self, row: uuid.UUID) -> str:
        return self._of.name("T", row)

    def day(self, session: _Session) -> str:
        return self._of.day(session.case, session.day).isoformat()


def study_tables(clinic: Clinic, project: str) -> Exported:
    """Read them: a handful of statements, whatever the size of the clinic.

    Parameters
    ----------
    clinic : Clinic
        Whose.
    project : str
        Gives the names and days.

    Returns
    -------
    Exported
        ``ratings, cases, episodes, evidence, sessions, outcomes``, in the order of names and numbers, so that the
        same data give the same bytes.
    """
    members = list(agreed_to_research(clinic.pk).select_related("case").order_by("pk"))
    everybody = Member.objects.filter(clinic=clinic).exclude(case__in=cases_not_to_be_used(clinic.pk)).count()
    cases = {member.case_id for member in members}
    names = _Names(project, _sessions(cases))
    away = _away(members)
    scores = [row for row in _scores(members) if row[3] in names.sessions]
    raters = _raters(scores, names)
    strains = _strains(members)
    ratings = _ratings(members, away, names, scores, raters)
    own = _own_outcomes(members, names, scores, raters)
    tables = {
        "ratings": ratings,
        "cases": _cases(cases, members, names),
        "episodes": _episodes(strains, names, raters),
        "evidence": _evidence(ratings, strains, names, raters),
        "sessions": _session_rows(members, away, names),
        "outcomes": _outcomes(own),
    }
    directions = dict(
        Score.objects.filter(series__rater__in=[one.pk for one in members])
        .order_by("scale")
        .values_list("scale", "higher_is_better")
        .distinct()
    )
    who = StudyTable(
        ("member", "case"), sorted((names.member(one.pk), names.case(one.case_id)) for one in members)
    )
    attended = _attended_days(members, away, names)
    return Exported(
        tables, who, attended, own, directions, len(members), everybody - len(members), len(cases)
    )


def _sessions(cases: Iterable[uuid.UUID]) -> dict[uuid.UUID, _Session]:
    held = Encounter.objects.filter(case__in=list(cases), state=EncounterState.HELD).order_by("starts_at")
    numbered: dict[uuid.UUID, int] = defaultdict(int)
    found = {}
    facts = ("pk", "case_id", "local_date", "therapist_id", "beside_id")
    for encounter, case, day, therapist, beside in held.values_list(*facts):
        numbered[case] += 1
        found[encounter] = _Session(case, numbered[case], day, therapist, beside)
    return found


def _named(members: Sequence[Member]) -> dict[tuple[uuid.UUID, uuid.UUID], uuid.UUID]:
    """By session that two therapists held and member, whom of the two the member was asked about."""
    asked = Occasion.objects.filter(
        respondent__in=[one.pk for one in members], encounter__beside__isnull=False
    )
    rows = asked.exclude(state=OccasionState.CANCELLED).order_by("asked_at", "pk")
    return {
        (e, member): named for e, member, named in rows.values_list("encounter", "respondent", "therapist")
    }


def _away(members: Sequence[Member]) -> set[tuple[uuid.UUID, uuid.UUID]]:
    rows = Attendance.objects.filter(member__in=[one.pk for one in members], presence=Presence.AWAY)
    return set(rows.values_list("encounter_id", "member_id"))


def _attended(
    members: Sequence[Member], away: set[tuple[uuid.UUID, uuid.UUID]], names: _Names
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """By member, the sessions from when they joined until they left, but those at which they were not."""
    by_case: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for encounter, session in names.sessions.items():
        by_case[session.case].append(encounter)
    return {
        one.pk: [
            encounter
            for encounter in by_case[one.case_id]
            if (encounter, one.pk) not in away
            and one.joined_on <= names.sessions[encounter].day <= (one.left_on or date.max)
        ]
        for one in members
    }


def _attended_days(
    members: Sequence[Member], away: set[tuple[uuid.UUID, uuid.UUID]], names: _Names
) -> StudyTable:
    rows = [
        (names.member(member), names.sessions[encounter].number, names.day(names.sessions[encounter]))
        for member, encounters in _attended(members, away, names).items()
        for encounter in encounters
    ]
    return StudyTable(("member", "session", "date"), sorted(rows))


def _raters(scores: Sequence[Row], names: _Names) -> dict[uuid.UUID, str]:
    """What the rater of each series is called.

    A new therapist or a new major version of a measure begins a new series, here as another rater: M12 and M12-2.
    """
    known: dict[tuple[uuid.UUID, str, str], list[uuid.UUID]] = defaultdict(list)
    called = {}
    for series, member, _, _, _, scale, phase, *_ in scores:
        if series not in called:
            known[member, scale, phase].append(series)
            place = len(known[member, scale, phase])
            called[series] = names.member(member) + (f"-{place}" if place > 1 else "")
    return called


def _ratings(
    members: Sequence[Member],
    away: set[tuple[uuid.UUID, uuid.UUID]],
    names: _Names,
    scores: Sequence[Row],
    raters: Mapping[uuid.UUID, str],
) -> StudyTable:
    """Every scale; of the ratings of a therapist, that therapist's sessions that were not rated too.

    Of two who held a session, the one about whom the member was asked.
    """
    rows: dict[tuple[Any, ...], Row] = {}
    with_therapist: dict[tuple[Any, ...], uuid.UUID] = {}
    for series, member, case, encounter, therapist, scale, phase, value, low, high in scores:
        session = names.sessions[encounter]
        place = names.case(case), raters[series], scale, phase, session.number
        rows[place] = (*place, value, low, high, names.day(session))
        if scale == SELF_THERAPIST and therapist is not None:
            with_therapist[member, raters[series], case, phase, low, high] = therapist
    attended, named = _attended(members, away, names), _named(members)
    for (member, rater, case, phase, low, high), therapist in with_therapist.items():
        for encounter in attended[member]:
            session = names.sessions[encounter]
            about = named.get((encounter, member)) if session.beside else session.therapist
            if about == therapist:
                place = names.case(case), rater, SELF_THERAPIST, phase, session.number
                rows.setdefault(place, (*place, None, low, high, names.day(session)))
    columns = ("case", "rater", "scale", "phase", "session", "value", "minimum", "maximum", "date")
    return StudyTable(columns, [rows[place] for place in sorted(rows)])


def _scores(members: Sequence[Member]) -> "Iterable[Row]":
    """What counts, by session, of one session the newest last: in time, not corrected since, and given unseen."""
    rows = Score.objects.filter(
        RATED_OF_THEMSELVES,
        series__rater__in=[one.pk for one in members],
        encounter__isnull=False,
        value__isnull=False,
        late=False,
        response__in_company_at=None,
    ).exclude(response__state=ResponseState.AMENDED)
    # The form rates one of two therapists; what was said of tension with the other is no answer about that one.
    rows = rows.exclude(~Q(series__therapist=F("response__occasion__therapist")), scale=TENSION_ITEM)
    facts = ("series_id", "series__rater_id", "series__case_id", "encounter_id", "series__therapist_id")
    in_order = rows.order_by("encounter__starts_at", "response__revision", "response__rated_at")
    return in_order.values_list(*facts, "scale", "series__phase", "value", "minimum", "maximum")


def _cases(cases: Iterable[uuid.UUID], members: Sequence[Member], names: _Names) -> StudyTable:
    """Modality, who treats (of the last session), how it ended, and how many members are in the data."""
    last = {session.case: session.therapist for session in names.sessions.values()}
    counted: dict[uuid.UUID, int] = defaultdict(int)
    for one in members:
        counted[one.case_id] += 1
    rows = [
        (
            names.case(case.pk),
            case.kind,
            names.therapist(last[case.pk]) if case.pk in last else "",
            ONGOING if case.ended_on is None else ENDINGS.get(Ending(case.ending), ""),
            counted[case.pk],
        )
        for case in Case.objects.filter(pk__in=list(cases))
    ]
    return StudyTable(("case", "modality", "therapist", "ending", "members_in_data"), sorted(rows))


def _strains(members: Sequence[Member]) -> list[Episode]:
    """Strains with the therapist."""
    found = Episode.objects.filter(member__in=[one.pk for one in members], series__scale=SELF_THERAPIST)
    return list(found.exclude(status=EpisodeStatus.WITHDRAWN))


def _evidence(
    ratings: StudyTable, strains: Sequence[Episode], names: _Names, raters: Mapping[uuid.UUID, str]
) -> StudyTable:
    """What was said of strains that were found and of sessions by lot, beside the ratings of the form."""
    numbered = {
        encounter: (names.case(session.case), session.number) for encounter, session in names.sessions.items()
    }
    by_lot = said_by_lot(numbered, list({session.case for session in names.sessions.values()}))
    confirmed = said_of_strains(strains, numbered, raters)
    return StudyTable(EVIDENCE_COLUMNS, evidence_rows(ratings.rows, confirmed, by_lot))


def _episodes(strains: Sequence[Episode], names: _Names, raters: Mapping[uuid.UUID, str]) -> StudyTable:
    """Whether client or therapist confirmed each, and the client's word on the repair."""
    rows = []
    for each in strains:
        session = names.sessions.get(each.onset_id)
        if session is None:
            continue
        repaired = names.sessions.get(each.repair_encounter_id) if each.repair_encounter_id else None
        rows.append(
            (
                names.case(each.case_id),
                session.number,
                raters.get(each.series_id, "") if each.series_id else "",
                _confirmed(each),
                each.status,
                repaired.number if repaired else None,
                "yes" if each.client_said_repaired_at else "",
            )
        )
    columns = ("case", "session", "rater", "confirmed", "status", "repair_session", "client_said_repaired")
    return StudyTable(columns, sorted(rows, key=lambda row: row[:3]))


def _confirmed(episode: Episode) -> str:
    """Yes where client or therapist said so, no where the therapist alone said no, empty where nothing was said."""
    if episode.confirmed:
        return "yes"
    return "no" if episode.therapist_denied_at is not None else ""


def _session_rows(
    members: Sequence[Member], away: set[tuple[uuid.UUID, uuid.UUID]], names: _Names
) -> StudyTable:
    """Sessions at which somebody in the data was there: how many, and whether another therapist treated."""
    there: dict[uuid.UUID, int] = defaultdict(int)
    for encounters in _attended(members, away, names).values():
        for encounter in encounters:
            there[encounter] += 1
    rows: list[Row] = []
    before: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
    for encounter, session in names.sessions.items():
        another = before.get(session.case, session.therapists).isdisjoint(session.therapists)
        before[session.case] = session.therapists
        if encounter in there:
            word = "yes" if another else "no"
            rows.append((names.case(session.case), session.number, there[encounter], word))
    return StudyTable(("case", "session", "members_there", "another_therapist"), sorted(rows))


def _own_outcomes(
    members: Sequence[Member], names: _Names, scores: Sequence[Row], raters: Mapping[uuid.UUID, str]
) -> StudyTable:
    """Progress at the first and at the last rated session of each member; the last where it is over and another one.

    By one version of the questions: that by which most sessions were rated, of two the earlier one.
    """
    rated: dict[uuid.UUID, dict[uuid.UUID, dict[int, tuple[float, _Session]]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for series, member, _, encounter, _, scale, _, value, *_ in scores:
        if scale == OUTCOME_SCALE:
            session = names.sessions[encounter]
            rated[member][series][session.number] = value, session
    rows = []
    for one in members:
        if one.pk not in rated:
            continue
        series, course = max(rated[one.pk].items(), key=lambda found: len(found[1]))
        before, first = course[min(course)]
        after, last = course[max(course)]
        over = (one.case.ended_on or one.left_on) is not None and last.number > first.number
        ended = (after, last.number, names.day(last)) if over else (None, None, "")
        rows.append((raters[series], names.case(one.case_id), before, first.number, names.day(first), *ended))
    columns = (
        "rater",
        "case",
        "before",
        "before_session",
        "before_date",
        "after",
        "after_session",
        "after_date",
    )
    return StudyTable(columns, sorted(rows, key=lambda row: (row[1], row[0])))


def _outcomes(own: StudyTable) -> StudyTable:
    """A row a case, as `goldseam study --outcomes` reads it: the mean of its members with both, else before alone."""
    by_case: dict[str, list[Row]] = defaultdict(list)
    for _, case, *rest in own.rows:
        by_case[case].append(tuple(rest))
    rows = []
    for case, found in by_case.items():
        both = [row for row in found if row[3] is not None]
        some = both or found
        first, last = min(some, key=lambda row: row[1]), max(both, key=lambda row: row[4], default=None)
        rows.append(
            (
                case,
                sum(row[3] for row in both) / len(both) if both else None,
                sum(row[0] for row in some) / len(some),
                len(some),
                first[1],
                first[2],
                last[4] if last else None,
                last[5] if last else "",
            )
        )
    columns = (
        *("case", "after", "before", "members_rated"),
        *("before_session", "before_date", "after_session", "after_date"),
    )
    return StudyTable(columns, sorted(rows, key=lambda row: str(row[0])))
