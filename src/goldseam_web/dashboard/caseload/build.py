"""Building the caseload page: the kept list, then words and coordinates."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.urls import reverse
from django.utils.http import urlencode

from goldseam_web.alerts.case_standing.kept_list import caseload_of
from goldseam_web.alerts.case_standing.listed_cases import ListedCase
from goldseam_web.alerts.case_standing.standing import Standing
from goldseam_web.alerts.states import Group, State
from goldseam_web.cases.models import Case, CaseKind, EncounterState
from goldseam_web.cases.names import is_in_names
from goldseam_web.cases.queries import CasePeople, all_names, case_title
from goldseam_web.cases.same_names import second_lines
from goldseam_web.cases.without_next import SlippingAway
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.off_track_lines import off_track_waits
from goldseam_web.dashboard.case.status import label_of_standing
from goldseam_web.dashboard.case.status_sentence import status_sentence
from goldseam_web.dashboard.caseload.case_row import CaseRow
from goldseam_web.dashboard.caseload.look_again import LookAgain, look_again_lines
from goldseam_web.dashboard.caseload.page import CaseloadPage, Chip, RowGroup
from goldseam_web.dashboard.caseload.row_sparkline import spark_of
from goldseam_web.dashboard.language import caseload_page as say
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.phrases import counted, first_capital
from goldseam_web.dashboard.language.times import coming, long_day, past
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.lib.clock_time import time_of_day

SEPARATOR = " · "
FAR_AWAY = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One case with what is said of it, and its name."""

    listed: ListedCase
    people: CasePeople
    title: str
    second_line: str

    @property
    def case(self) -> Case:
        return self.listed.case

    @property
    def standing(self) -> Standing:
        return self.listed.standing


def caseload_page(visit: StaffVisit, *, query: str, group: str) -> CaseloadPage:
    """The viewer's own open cases, sorted by who may need them first."""
    entries = _entries(visit)
    query = "" if visit.in_room else query
    found = [e for e in entries if is_in_names(query, [e.title, *all_names(e.case)])] if query else entries
    shown = [
        e for e in found if visit.in_room or not group or _group(e) == group or _is_other(e, group, visit)
    ]
    return CaseloadPage(
        headline=_headline(visit, entries),
        lede=_lede(visit, entries),
        chips=() if visit.in_room or query else _chips(visit, found, group),
        groups=_groups(visit, shown),
        look_again=() if visit.in_room else look_again_lines(visit, [e.case for e in entries]),
        off_track=() if visit.in_room else off_track_waits(e.case for e in entries),
        slipping=() if visit.in_room else _slipping_lines(visit, shown),
        query=query,
        group=group,
        has_cases=bool(entries),
        in_room=visit.in_room,
        nothing=_nothing(query, group) if entries and not shown and not visit.in_room else "",
        leaves="" if visit.in_room else _leaves(visit),
    )


def _leaves(visit: StaffVisit) -> str:
    """From when on they work here no more, so that they hand over before; empty where nobody said so."""
    if visit.viewer.leaves_on is None:
        return ""
    says = say.LEAVES_ON if visit.viewer.cases_go_to else say.LEAVES_ON_TO_NOBODY
    day = long_day(visit.viewer.leaves_on, today=visit.viewer.today)
    return says.format(day=day, name=visit.viewer.cases_go_to)


def _entries(visit: StaffVisit) -> list[Entry]:
    found = caseload_of(visit.viewer, judging=visit.judging, at=visit.at, by_hand=visit.shell.by_hand)
    lines = second_lines([listed.case for listed in found])
    entries = [Entry(one, one.people, case_title(one.case), lines.get(one.case.pk, "")) for one in found]
    return sorted(entries, key=lambda e: (e.standing.need, _not_slipping(e), _soonest(e), _title(e)))


def _not_slipping(entry: Entry) -> bool:
    """Of cases that may need a word, those come first whose clients may not come again."""
    return not entry.listed.may_not_come_again or _group(entry) != Group.WORTH


def _soonest(entry: Entry) -> datetime:
    return entry.listed.meets_at or FAR_AWAY


def _title(entry: Entry) -> str:
    return entry.title.casefold()


def _group(entry: Entry) -> Group:
    return entry.standing.group


# ---------- words of the page ----------


def _headline(visit: StaffVisit, entries: Sequence[Entry]) -> str:
    if visit.in_room:
        return _room_headline(visit)
    if not entries:
        return say.EMPTY
    states = [e.standing.state for e in entries]
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
    open_cases = sum(e.case.ended_on is None for e in entries)
    parts = [counted(open_cases, *say.OPEN_CASES)] if entries else []
    answers = [e.listed.last_answer for e in entries if e.listed.last_answer is not None]
    if answers:
        parts.append(say.LAST_ANSWER.format(when=past(max(answers), now=visit.at, zone=visit.zone)))
    return first_capital(" · ".join([*parts, *_today(visit, entries)]))


def _today(visit: StaffVisit, entries: Sequence[Entry]) -> list[str]:
    meetings = sorted((e for e in entries if _is_today(visit, e)), key=_soonest)
    if not meetings:
        return [say.NO_MORE_MEETINGS] if entries else []
    first = time_of_day(_soonest(meetings[0]), zone=visit.zone)
    return [counted(len(meetings), *say.MEETINGS_TODAY, time=first, title=meetings[0].title)]


def _is_today(visit: StaffVisit, entry: Entry) -> bool:
    meets_at = entry.listed.meets_at
    return meets_at is not None and meets_at.astimezone(visit.zone).date() == visit.viewer.today


def _is_other(entry: Entry, group: str, visit: StaffVisit) -> bool:
    """The filters that are not groups."""
    if group == "today":
        return _is_today(visit, entry)
    if group == "slipping":
        return entry.listed.may_not_come_again
    return group == "several" and entry.case.kind != CaseKind.INDIVIDUAL


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
        slipping = sum(e.listed.may_not_come_again for e in entries)
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
    return visit.shell.room is not None and visit.shell.room.case_id == entry.case.pk


# ---------- rows ----------


def _row(visit: StaffVisit, entry: Entry) -> CaseRow:
    standing = entry.standing
    badge = Badge.of(label_of_standing(standing), is_new=standing.is_new)
    return CaseRow(
        key=f"case-{entry.case.id.hex}",
        url=_url(entry),
        title=entry.title,
        about=about_case(entry),
        second_line=entry.second_line,
        badge=badge if visit.judging or standing.state == State.WAITING else None,
        sentence=status_sentence(
            standing, entry.people, waiting=entry.listed.waiting, reader=visit.viewer.staff_id
        ),
        spark=spark_of(standing, entry.people),
        meeting=_meeting(visit, entry),
        answered=_answered(visit, entry),
        marks=SEPARATOR.join(_slipping_members(visit, entry)),
    )


def _room_row(visit: StaffVisit, entry: Entry) -> CaseRow:
    """Only what a client in the room may see of the screen: their own name and time, nothing anybody answered."""
    case = entry.case
    return CaseRow(
        key=f"case-{case.id.hex}",
        url=reverse("dashboard:case", args=[case.id]),
        title=entry.title,
        about=about_case(entry),
        badge=None,
        sentence="",
        spark=None,
        meeting=_meeting(visit, entry),
        answered="",
    )


def _url(entry: Entry) -> str:
    """A signal that waits for a word opens itself, the one that was not opened first; anything else opens the case."""
    if entry.standing.opens is not None:
        return _address("dashboard:signal", entry.standing.opens)
    return _address("dashboard:case", entry.case.id)


def _address(page: str, key: uuid.UUID) -> str:
    """One of hundreds on a page: the others are put together from the first."""
    return _address_of_nobody(page).replace(_NOBODY, str(key))


_NOBODY = str(uuid.UUID(int=0))


@cache
def _address_of_nobody(page: str) -> str:
    return reverse(page, args=[_NOBODY])


def about_case(entry: Entry) -> str:
    """ "Couple · session 8"."""
    kind = CaseKind(entry.case.kind).label
    if not entry.listed.sessions:
        return say.KIND_NOT_MET.format(kind=kind)
    return say.KIND_AND_SESSION.format(kind=kind, number=entry.listed.sessions)


def _meeting(visit: StaffVisit, entry: Entry) -> str:
    ended_on = entry.case.ended_on
    if ended_on is not None:
        return say.CASE_ENDED.format(day=long_day(ended_on, today=visit.viewer.today))
    if entry.listed.slipping is not None:
        return _slipping(visit, entry.listed.slipping)
    if entry.listed.meets_at is None:
        return say.NO_SESSION_PLANNED
    return coming(entry.listed.meets_at, now=visit.at, zone=visit.zone)


def _slipping(visit: StaffVisit, slipping: SlippingAway) -> str:
    if slipping.since is None:
        return say.SLIPPING_NEVER_MET[slipping.why]
    return say.SLIPPING_SINCE[slipping.why].format(day=long_day(slipping.since, today=visit.viewer.today))


def _slipping_lines(visit: StaffVisit, entries: Sequence[Entry]) -> tuple[LookAgain, ...]:
    """Those who may not come again, each leading to the clinic's one message and what was answered to it."""
    return tuple(
        LookAgain(f"{entry.title}: {text}", reverse("dashboard:no_next", args=[entry.case.pk]))
        for entry in entries
        for text in _who_slips(visit, entry)
    )


def _who_slips(visit: StaffVisit, entry: Entry) -> list[str]:
    """The case, or of one that goes on each of its members."""
    if entry.listed.slipping is not None:
        return [_slipping(visit, entry.listed.slipping)]
    return _slipping_members(visit, entry)


def _slipping_members(visit: StaffVisit, entry: Entry) -> list[str]:
    people, today = entry.people, visit.viewer.today
    return [
        say.MEMBER_NEVER_THERE[slips.why].format(name=people.name(member))
        if slips.since is None
        else say.MEMBER_SLIPPING[slips.why].format(
            name=people.name(member), day=long_day(slips.since, today=today)
        )
        for member, slips in entry.listed.slipping_members.items()
    ]


def _answered(visit: StaffVisit, entry: Entry) -> str:
    if entry.listed.last_answer is None:
        return say.NO_ANSWERS
    return say.ANSWERED.format(when=past(entry.listed.last_answer, now=visit.at, zone=visit.zone))
