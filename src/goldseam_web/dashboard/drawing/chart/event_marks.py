"""Where something that happened stands on a chart: on the day of a session, or between two."""

from dataclasses import dataclass

from goldseam_web.dashboard.drawing.chart.layout import Paper
from goldseam_web.dashboard.drawing.chart_data import ChartData, EventMark
from goldseam_web.lib.geometry import px

# Two that happened between the same sessions stand beside each other.
BESIDE = 11.0


@dataclass(frozen=True)
class DrawnEvent:
    """A thin line over the whole height, and the letter under which the list has it."""

    x: str
    top: str
    letter_y: str
    letter: str


def draw_events(paper: Paper, data: ChartData) -> tuple[DrawnEvent, ...]:
    """Those that fall among the sessions this drawing shows, in order."""
    drawn: list[DrawnEvent] = []
    taken: dict[float, int] = {}
    for event in data.events:
        place = _place(paper, event)
        if place is None:
            continue
        count = taken.get(place, 0)
        taken[place] = count + 1
        x = min(max(place + BESIDE * count, paper.layout.left + 6), paper.layout.right - 4)
        top = paper.layout.top
        drawn.append(DrawnEvent(px(x), px(top + 18), px(top + 13), event.letter))
    return tuple(drawn)


def _place(paper: Paper, event: EventMark) -> float | None:
    sessions = paper.sessions
    if not sessions:
        return None
    if event.after < sessions[0]:
        # Before the first session of all; what lies before those that are shown is left to the list.
        return paper.slot_x(0) - paper.step / 2 if sessions[0] == 1 and not event.on_the_day else None
    there = [k for k, session in enumerate(sessions) if session <= event.after]
    return paper.slot_x(there[-1]) + (0 if event.on_the_day else paper.step / 2)
