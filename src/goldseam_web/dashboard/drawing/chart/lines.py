"""Lines, marks, the usual range and the limit. A missing answer is a gap in all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from goldseam_web.dashboard.drawing.chart.layout import Paper
from goldseam_web.dashboard.drawing.chart_data import ABOUT_OTHER, Band, ChartData, EpisodeMarks, Line, Point
from goldseam_web.dashboard.drawing.member_marks import Mark, colour_of, mark
from goldseam_web.lib.geometry import XY, path, points, runs

Stretch = tuple[int, int]


@dataclass(frozen=True)
class Drawn:
    """One member's polylines and shapes."""

    css: str
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    crosses: str = ""


def draw_line(paper: Paper, line: Line, gold: frozenset[Stretch], rings: frozenset[int]) -> Drawn:
    """A member's line, broken at gaps and left out under gold; no shape where a ring stands.

    That a session was rated of another therapist is no gap.
    """
    shown = [p for p in line.points if paper.x(p.session) is not None and p.asked != ABOUT_OTHER]
    places = {p.session: xy for p in shown if (xy := place_of(paper, p))}
    return Drawn(
        css=f"l{colour_of(line.position)}",
        lines=tuple(points(places[p.session] for p in run) for run in _runs(shown, gold) if len(run) > 1),
        marks=tuple(
            mark(line.position, *xy, paper.radius) for session, xy in places.items() if session not in rings
        ),
    )


def draw_own(paper: Paper, line: Line | None) -> Drawn | None:
    """The therapist's own ratings: dashed, with crosses."""
    if line is None:
        return None
    drawn = draw_line(paper, line, frozenset(), frozenset())
    places = [xy for p in line.points if (xy := place_of(paper, p))]
    crosses = [_cross(x, y, min(3.5, paper.radius)) for x, y in places]
    return Drawn(css="own", lines=drawn.lines, marks=(), crosses="".join(crosses))


def _cross(x: float, y: float, arm: float) -> str:
    down = path([(x - arm, y - arm), (x + arm, y + arm)])
    return down + path([(x - arm, y + arm), (x + arm, y - arm)])


def place_of(paper: Paper, point: Point | None) -> XY | None:
    if point is None or point.value is None:
        return None
    return paper.place(point.session, point.value)


def _runs(shown: Sequence[Point], gold: frozenset[Stretch]) -> list[list[Point]]:
    """Points joined by a line: neighbours, both rated, in one series, and not drawn in gold."""
    return runs(
        (point if point.value is not None else None for point in shown),
        lambda one, other: joined(one, other) and (one.session, other.session) not in gold,
    )


def joined(one: Point, other: Point) -> bool:
    """Whether a line may go from one point to the next."""
    return one.value is not None and other.value is not None and one.series == other.series


def gold_stretches(data: ChartData, episode: EpisodeMarks) -> list[Stretch]:
    """From the lowest rating to the repair, or so far: neighbouring sessions that were both rated."""
    line = data.line(episode.position)
    if line is None or episode.nadir is None or not (episode.mended or episode.under_way):
        return []
    until = episode.repair if episode.mended and episode.repair else data.sessions[-1]
    part = [p for p in line.points if episode.nadir <= p.session <= until and p.asked != ABOUT_OTHER]
    return [(a.session, b.session) for a, b in pairwise(part) if joined(a, b)]


def draw_band(paper: Paper, bands: Iterable[Band]) -> tuple[str, ...]:
    """The usual range as one polygon per stretch of sessions it is known for."""
    return tuple(_polygon(paper, run) for run in _together(paper, bands))


def draw_limit(paper: Paper, bands: Iterable[Band]) -> tuple[str, ...]:
    """The limit as a stair: level over a session, stepping half-way to the next."""
    with_limit = [b for b in bands if b.limit is not None]
    return tuple(points(_stair(paper, run)) for run in _together(paper, with_limit))


def _together(paper: Paper, bands: Iterable[Band]) -> list[list[Band]]:
    """Runs of neighbouring sessions among those shown."""
    shown = [b for b in bands if paper.x(b.session) is not None]
    place = paper.sessions.index
    return runs(shown, lambda one, other: place(other.session) == place(one.session) + 1)


def _polygon(paper: Paper, run: Sequence[Band]) -> str:
    before, after = _margins(paper, run[-1].session, 14.0)
    upper = [(paper.x(b.session) or 0.0, paper.scale.y(b.high)) for b in run]
    lower = [(paper.x(b.session) or 0.0, paper.scale.y(b.low)) for b in run]
    upper = [(upper[0][0] - before, upper[0][1]), *upper, (upper[-1][0] + after, upper[-1][1])]
    lower = [(lower[0][0] - before, lower[0][1]), *lower, (lower[-1][0] + after, lower[-1][1])]
    return points(upper + lower[::-1])


def _stair(paper: Paper, run: Sequence[Band]) -> list[XY]:
    half = paper.step / 2
    before, after = _margins(paper, run[-1].session, half)
    stair = []
    for k, band in enumerate(run):
        x, y = paper.x(band.session) or 0.0, paper.scale.y(band.limit or 0.0)
        stair += [(x - (half if k else before), y), (x + (after if band is run[-1] else half), y)]
    return stair


def _margins(paper: Paper, last: int, most: float) -> tuple[float, float]:
    """How far a range reaches beyond its first and last session: not into the labels after the last of all."""
    before = min(most, paper.step / 2, 29.6)
    return before, min(before, 6.0) if last == paper.sessions[-1] else before
