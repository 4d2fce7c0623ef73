"""The axis, and under it one row a member: answered, asked but not answered, or away."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.dashboard.drawing.chart.layout import ROWS_TOP, Paper
from goldseam_web.dashboard.drawing.chart_data import ChartData, Line
from goldseam_web.dashboard.drawing.member_marks import Mark, mark
from goldseam_web.dashboard.language.case_chart import AWAY
from goldseam_web.dashboard.language.phrases import DASH
from goldseam_web.lib.geometry import px

AWAY_IN_WORDS = 34.0  # px a session needs for the word "away"


@dataclass(frozen=True)
class ChartText:
    x: str
    y: str
    text: str
    css: str = ""
    anchor: str = "start"


@dataclass(frozen=True)
class Tick:
    x: str
    text: str
    strong: bool


@dataclass(frozen=True)
class AnsweredRow:
    """Who answered when, in one member's shape."""

    label: ChartText
    marks: tuple[Mark, ...]
    away: tuple[ChartText, ...]


def draw_ticks(paper: Paper, data: ChartData, marked: frozenset[int]) -> tuple[Tick, ...]:
    """Session numbers, thinned so that they keep clear of each other; sessions where strain began stay."""
    every = next((k for k in (1, 2, 5, 10, 20, 50) if k * paper.step >= paper.layout.tick_gap), 100)
    kept = [s for s in paper.sessions if s in marked or every == 1 or s == 1 or s % every == 0]
    shown = [s for s in kept if s in marked or not _crowded(paper, s, marked)]
    ticks = [Tick(px(paper.x(s) or 0), str(s), s in marked) for s in shown]
    if data.planned and (paper.step >= paper.layout.tick_gap or not shown or shown[-1] != paper.sessions[-1]):
        ticks.append(Tick(px(paper.slot_x(len(paper.sessions))), str(data.planned), strong=False))
    return tuple(ticks)


def _crowded(paper: Paper, session: int, marked: frozenset[int]) -> bool:
    return any(abs(session - other) * paper.step < paper.layout.tick_gap * 0.8 for other in marked)


def draw_rows(paper: Paper, lines: Sequence[Line]) -> tuple[AnsweredRow, ...]:
    return tuple(_row(paper, line, k) for k, line in enumerate(lines))


def _row(paper: Paper, line: Line, k: int) -> AnsweredRow:
    y = paper.layout.bottom + ROWS_TOP + paper.layout.row * k
    radius = max(1.4, min(3.6, paper.step * 0.28))
    there = [(x, p.asked) for p in line.points if (x := paper.x(p.session)) is not None]
    away = AWAY if paper.step >= AWAY_IN_WORDS else DASH
    text = f"{line.name} answered" if len(line.name) <= 8 else line.name
    return AnsweredRow(
        label=ChartText(px(paper.layout.right - 2), px(y + 4), text if paper.layout.wide else line.name[:4]),
        marks=tuple(
            mark(line.position, x, y, radius, "absent" if asked == "unanswered" else None)
            for x, asked in there
            if asked in ("answered", "unanswered", "read_first")
        ),
        away=tuple(
            ChartText(px(x), px(y + 4), away, anchor="middle") for x, asked in there if asked == "away"
        ),
    )
