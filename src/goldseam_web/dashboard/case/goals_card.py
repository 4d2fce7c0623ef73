"""What a couple or family comes for, on the page of its case: agreed words, where it pulls apart, what might help."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from goldseam_web.alerts.case_standing.case_status import CaseStatus
from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.speaking_openly import single_time_of
from goldseam_web.alerts.states import State
from goldseam_web.cases.event_tables import GoalNote
from goldseam_web.cases.services.goal_notes import goal_notes
from goldseam_web.cases.shared_goal import AgreedGoal, MarkedApart, shared_goal
from goldseam_web.cases.single_time import sees_several
from goldseam_web.dashboard.case.goal_options import goals_options
from goldseam_web.dashboard.case.goals_of_each import GoalsOfEach, goals_of_each
from goldseam_web.dashboard.case.page import GoalLine, GoalsCard
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import goals_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Audience
from goldseam_web.measures.own_measures import WITHIN_GOAL


def goals_card(visit: StaffVisit, rows: CaseRows, status: CaseStatus) -> GoalsCard | None:
    """None where one person is seen by themselves; empty for whoever may not read notes."""
    case = rows.record.case
    if not sees_several(case):
        return None
    standing = shared_goal(list(goal_notes(visit.viewer, case, treats=rows.mine)))
    found = any(s.state == State.GOALS_APART for s in status.states)
    apart = found or standing.mark is not None
    running = rows.mine and case.ended_on is None
    card = GoalsCard(
        title=say.TITLE,
        current=_agreed(visit, standing.current) if standing.current else None,
        earlier=tuple(_agreed(visit, each) for each in standing.agreed[1:]),
        ask_again=running and standing.is_asked_again(mended_at(rows.record.episodes)),
        marked=_mark(visit, standing.mark) if standing.mark else None,
        marks=tuple(_mark(visit, each) for each in standing.marks if each.ended is not None),
        each=_each(rows) if visit.judging and apart else None,
        options_for="",
        options=(),
        may_write=running,
    )
    if not (card.may_write or card.current or card.marked or card.marks or card.each):
        return None
    return _with_options(visit, rows, card, found=found) if running and apart else card


def mended_at(episodes: Iterable[Episode]) -> list[datetime]:
    """When strains of the case were found mended: held, and not contradicted by whoever felt them."""
    return [
        e.closed_at
        for e in episodes
        if e.status == EpisodeStatus.REPAIRED and e.closed_at is not None and e.contradicted_at is None
    ]


def _with_options(visit: StaffVisit, rows: CaseRows, card: GoalsCard, *, found: bool) -> GoalsCard:
    """For the joint room only where nothing is held, and where the therapist alone marked it: no answer is released."""
    held = single_time_of(visit.viewer, rows.record.case).holds_joint_room
    together = not held and not found
    return replace(
        card,
        options_for=say.OPTIONS_TOGETHER if together else say.OPTIONS,
        options=goals_options(Audience.ALL if together else None),
    )


def _each(rows: CaseRows) -> GoalsOfEach | None:
    """About the latest session that anybody rated; None where nobody was asked yet."""
    record = rows.record
    rated = [
        e
        for e in record.held
        if any(record.value(m.id, WITHIN_GOAL, e.id) is not None for m in record.members)
    ]
    return goals_of_each(record, rated[-1]) if rated else None


def _agreed(visit: StaffVisit, goal: AgreedGoal) -> GoalLine:
    days = [say.AGREED.format(day=_day(visit, goal.note))]
    days += [say.STILL.format(day=_day(visit, each)) for each in goal.still]
    return GoalLine(goal.note.text, "; ".join(days), _own(visit, goal.note))


def _mark(visit: StaffVisit, mark: MarkedApart) -> GoalLine:
    start = _day(visit, mark.note)
    if mark.ended is None:
        return GoalLine(
            say.MARKED.format(day=start, name=mark.note.author.full_name), "", _own(visit, mark.note)
        )
    text = say.WAS_MARKED.format(start=start, end=_day(visit, mark.ended))
    return GoalLine(text, "", _own(visit, mark.note))


def _day(visit: StaffVisit, note: GoalNote) -> str:
    return long_day(note.day, today=visit.viewer.today)


def _own(visit: StaffVisit, note: GoalNote) -> str:
    return str(note.pk) if note.author_id == visit.viewer.staff_id else ""
