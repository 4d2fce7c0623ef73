"""Building the caseload page: a handful of queries, then words and coordinates."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.http import urlencode

from goldseam_web.alerts.queries import ended_with_news
from goldseam_web.alerts.states import Group, State
from goldseam_web.cases.models import CaseKind, Encounter, EncounterState
from goldseam_web.cases.names import is_in_names
from goldseam_web.cases.queries import all_names, case_title, meeting_times_of
from goldseam_web.cases.without_next import SlippingAway, slipping_away
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.status import CaseStatus, status_of
from goldseam_web.dashboard.case.status_sentence import status_sentence
from goldseam_web.dashboard.caseload.latest_records import latest_records
from goldseam_web.dashboard.caseload.look_again import LookAgain, look_again_lines
from goldseam_web.dashboard.caseload.page import (
    CaseloadPage,
    CaseRow,
    Chip,
    RowGroup,
)
from goldseam_web.dashboard.caseload.row_sparkline import spark_of
from goldseam_web.dashboard.language import caseload_page as say
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.phrases import counted, first_capital
from goldseam_web.dashboard.language.times import coming, long_day, past
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.lib.clock_time import time_of_day
from goldseam_web.measures.queries import caseload_with_answers

FAR_AWAY = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One case with what is said of it."""

    record: CaseRecord
    title: str
    status: CaseStatus
    waiting: int
    last_answer: datetime | None
    meeting: Encounter | None
    slipping: SlippingAway | None


def caseload_page(visit: StaffVisit, *, query: str, group: str) -> CaseloadPage:
    """The viewer's own open cases, sorted by who may need them first."""
    entries = _entries(visit)
    query = "" if visit.in_room else query
    found = [e for e in entries if is_in_names(query, [e.title, *all_names(e.record.case)])]
    shown = [
        e for e in found if visit.in_room or not group or _group(e) == group or _is_other(e, group, visit)
    ]
    return CaseloadPage(
        headline=_headline(visit, entries),
        lede=_lede(visit, entries),
        chips=() if visit.in_room or query else _chips(visit, found, group),
        groups=_groups(visit, shown),
        look_again=() if visit.in_room else look_again_lines(visit, [e.record.case for e in entries]),
        slipping=() if visit.in_room else _slipping_lines(visit, shown),
        query=query,
        group=group,
        has_cases=bool(entries),
        in_room=visit.in_room,
        nothing=_nothing(query, group) if entries and not shown and not visit.in_room else "",
    )


def _entries(visit: StaffVisit) -> list[Entry]:
    ended = ended_with_news(visit.viewer) if visit.judging else None
    cases = caseload_with_answers(visit.viewer, at=visit.at, ended=ended)
    appointments = meeting_times_of(visit.viewer, cases)
    of_case: dict[uuid.UUID, list[Encounter]] = {}
    for appointment in appointments:
        of_case.setdefault(appointment.case_id, []).append(appointment)
    sorted_rows = latest_records(visit, cases, appointments, reader=visit.viewer.staff_id)
    entries = [_entry(visit, record, of_case.get(record.case.pk, [])) for record in sorted_rows]
    return sorted(entries, key=lambda e: (e.status.need, _not_slipping(e), _soonest(e), _title(e)))


def _not_slipping(entry: Entry) -> bool:
    """Of cases that may need a word, those come first whose clients may not come again."""
    return entry.slipping is None or _group(entry) != Group.WORTH


def _entry(visit: StaffVisit, record: CaseRecord, appointments: Sequence[Encounter]) -> Entry:
    waiting = getattr(record.case, "waiting", 0)
    planned = (e for e in record.encounters if e.state == EncounterState.PLANNED and e.ends_at > visit.at)
    return Entry(
        record=record,
        title=case_title(record.case),
        status=status_of(record, visit, waiting=waiting > 0),
        waiting=waiting,
        last_answer=getattr(record.case, "last_answer", None),
        meeting=next(planned, None),
        slipping=slipping_away(appointments, at=visit.at, zone=visit.zone)
        if record.case.ended_on is None
        else None,
    )


def _soonest(entry: Entry) -> datetime:
    return entry.meeting.starts_at if entry.meeting else FAR_AWAY


def _title(entry: Entry) -> str:
    return entry.title.casefold()


def _group(entry: Entry) -> Group:
    return entry.status.group


# ---------- words of the page ----------


def _headline(visit: StaffVisit, entries: Sequence[Entry]) -> str:
    if visit.in_room:
        return _room_headline(visit)
    if not entries:
        return say.EMPTY
    states = [e.status.state for e in entries]
    return say.caseload_headline(
        len(entries),
        judging=visit.judging,
        worth=sum(_group(e) == Group.WORTH for e in entries),
        under_way=sum(state in (State.REPAIR_UNDER_WAY, State.ON_THE_WAY_BACK) for state in states),
        held=states.count(State.REPAIRED),
    )


def _room_headline(visit: StaffVisit) -> str:
    encounter = visit.shell.room.encounter if visit.shell.room else None
    if encounter is None:
        return say.SOMEBODY_MAY_SEE
    if encounter.ends_at <= visit.at or encounter.state == EncounterState.HELD:
        return say.SESSION_WAS
    return say.IN_SESSION.format(time=time_of_day(encounter.ends_at, zone=visit.zone))


def _lede(visit: StaffVisit, entries: Sequence[Entry]) -> str:
    """How many cases, when somebody last answered, and what the day holds."""
    if visit.in_room:
        return say.OTHERS_KEPT_OFF
    open_cases = sum(e.record.case.ended_on is None for e in entries)
    parts = [counted(open_cases, *say.OPEN_CASES)] if entries else []
    answers = [e.last_answer for e in entries if e.last_answer is not None]
    if answers:
        parts.append(say.LAST_ANSWER.format(when=past(max(answers), now=visit.at, zone=visit.zone)))
    return first_capital(" · ".join([*parts, *_today(visit, entries)]))


def _today(visit: StaffVisit, entries: Sequence[Entry]) -> list[str]:
    meetings = sorted((e for e in entries if e.meeting and _is_today(visit, e)), key=_soonest)
    if not meetings or meetings[0].meeting is None:
        return [say.NO_MORE_MEETINGS] if entries else []
    first = time_of_day(meetings[0].meeting.starts_at, zone=visit.zone)
    return [counted(len(meetings), *say.MEETINGS_TODAY, time=first, title=meetings[0].title)]


def _is_today(visit: StaffVisit, entry: Entry) -> bool:
    if entry.meeting is None:
        return False
    return entry.meeting.starts_at.astimezone(visit.zone).date() == visit.viewer.today


def _is_other(entry: Entry, group: str, visit: StaffVisit) -> bool:
    """The filters that are not groups."""
    if group == "today":
        return _is_today(visit, entry)
    if group == "slipping":
        return entry.slipping is not None
    return group == "several" and entry.record.case.kind != CaseKind.INDIVIDUAL


def _nothing(query: str, group: str) -> str:
    if query:
        return say.NAME_NOT_FOUND.format(query=query)
    return say.NOTHING_TODAY if group == "today" else say.EMPTY_GROUP


def _chips(visit: StaffVisit, entries: Sequence[Entry], group: str) -> tuple[Chip, ...]:
    def chip(key: str, text: str, icon: str, count: int | None) -> Chip:
        url = reverse("dashboard:caseload") + (f"?{urlencode({'group': key})}" if key else "")
        return Chip(url, text, icon, count, current=key == group)

    counts = {g: sum(_group(e) == g for e in entries) for g in Group}
    chips = [chip("", say.ALL, "", len(entries))]
    chips += [chip(g, *_group_title(visit, g), counts[g]) for g in Group if counts[g] or visit.judging]
    if visit.viewer.is_therapist:
        chips.append(chip("today", say.TODAY_ONLY, "calendar", None))
        slipping = sum(e.slipping is not None for e in entries)
        if slipping:
            chips.append(chip("slipping", say.SLIPPING, "calendar", slipping))
        chips.append(chip("several", say.SEVERAL, "users", None))
    return tuple(chips)


def _group_title(visit: StaffVisit, group: Group) -> tuple[str, str]:
    if group == Group.STEADY and not visit.judging:
        return status_labels.RECORDED_TITLE
    return status_labels.GROUP_TITLES[group]


def _groups(visit: StaffVisit, entries: Sequence[Entry]) -> tuple[RowGroup, ...]:
    if visit.in_room:
        rows = tuple(_room_row(visit, e) for e in entries if _is_here(visit, e))
        return (RowGroup("room", say.IN_THE_ROOM, rows),) if rows else ()
    groups = []
    for group in Group:
        rows = tuple(_row(visit, e) for e in entries if _group(e) == group)
        if rows:
            note = say.SORTED_BY_NEED if group == Group.WORTH else ""
            groups.append(RowGroup(group, _group_title(visit, group)[0], rows, note))
    return tuple(groups)


def _is_here(visit: StaffVisit, entry: Entry) -> bool:
    """Whether it is the case whose room this is."""
    return visit.shell.room is not None and visit.shell.room.case_id == entry.record.case.pk


# ---------- rows ----------


def _row(visit: StaffVisit, entry: Entry) -> CaseRow:
    record, status = entry.record, entry.status
    badge = Badge.of(status.label, is_new=status.is_new)
    return CaseRow(
        key=f"case-{record.case.id.hex}",
        url=_url(entry),
        title=entry.title,
        about=about_case(record),
        badge=badge if visit.judging or status.state == State.WAITING else None,
        sentence=status_sentence(record, status, waiting=entry.waiting),
        spark=spark_of(record, status),
        meeting=_meeting(visit, entry),
        answered=_answered(visit, entry),
    )


def _room_row(visit: StaffVisit, entry: Entry) -> CaseRow:
    """Only what a client in the room may see of the screen: their own name and time, nothing anybody answered."""
    case = entry.record.case
    return CaseRow(
        key=f"case-{case.id.hex}",
        url=reverse("dashboard:case", args=[case.id]),
        title=entry.title,
        about=about_case(entry.record),
        badge=None,
        sentence="",
        spark=None,
        meeting=_meeting(visit, entry),
        answered="",
    )


def _url(entry: Entry) -> str:
    """A signal that waits for a word opens itself, the one that was not opened first; anything else opens the case."""
    state = entry.status.member_state
    waits = state.to_open or state.finding if state is not None and _group(entry) == Group.WORTH else None
    if waits is not None and (waits.unopened or waits.choice is None or _is_plan(entry)):
        return reverse("dashboard:signal", args=[waits.id])
    return reverse("dashboard:case", args=[entry.record.case.id])


def _is_plan(entry: Entry) -> bool:
    """Whether somebody has to say what became of a plan: that is asked on the signal's page."""
    return entry.status.state == State.NOT_TAKEN_UP


def about_case(record: CaseRecord) -> str:
    """ "Couple · session 8"."""
    kind = CaseKind(record.case.kind).label
    if not record.sessions:
        return say.KIND_NOT_MET.format(kind=kind)
    return say.KIND_AND_SESSION.format(kind=kind, number=record.sessions)


def _meeting(visit: StaffVisit, entry: Entry) -> str:
    ended_on = entry.record.case.ended_on
    if ended_on is not None:
        return say.CASE_ENDED.format(day=long_day(ended_on, today=visit.viewer.today))
    if entry.slipping is not None:
        return _slipping(visit, entry.slipping)
    if entry.meeting is None:
        return say.NO_SESSION_PLANNED
    return coming(entry.meeting.starts_at, now=visit.at, zone=visit.zone)


def _slipping(visit: StaffVisit, slipping: SlippingAway) -> str:
    if slipping.since is None:
        return say.SLIPPING_NEVER_MET[slipping.why]
    return say.SLIPPING_SINCE[slipping.why].format(day=long_day(slipping.since, today=visit.viewer.today))


def _slipping_lines(visit: StaffVisit, entries: Sequence[Entry]) -> tuple[LookAgain, ...]:
    """Those who may not come again, each leading to the clinic's one message and what was answered to it."""
    return tuple(
        LookAgain(
            f"{entry.title}: {_slipping(visit, entry.slipping)}",
            reverse("dashboard:no_next", args=[entry.record.case.pk]),
        )
        for entry in entries
        if entry.slipping is not None
    )


def _answered(visit: StaffVisit, entry: Entry) -> str:
    if entry.last_answer is None:
        return say.NO_ANSWERS
    return say.ANSWERED.format(when=past(entry.last_answer, now=visit.at, zone=visit.zone))
