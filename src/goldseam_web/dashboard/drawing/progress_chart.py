"""Small multiples: one scale of one member, all of the same size and range."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.dashboard.drawing.member_marks import Mark, colour_of, mark
from goldseam_web.lib.geometry import VerticalScale, points, px, runs

LEFT, RIGHT, TOP, BOTTOM = 23.0, 131.0, 8.0, 102.0
# To either side of a session that has no neighbour.
ALONE = 4.0


@dataclass(frozen=True)
class SmallChart:
    """Coordinates of one small chart."""

    css: str
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    value: str
    value_y: str
    middle_y: str
    lowest: str
    highest: str
    band: tuple[str, str] | None = None
    expected: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class CourseBand:
    """By session: from and to where a value was to be expected, and the line below which it is not on track."""

    band: tuple[tuple[float, float] | None, ...]
    limits: tuple[float | None, ...]


def draw_small(
    position: int,
    values: Sequence[float | None],
    minimum: float,
    maximum: float,
    *,
    band: tuple[float, float] | None = None,
    course: CourseBand | None = None,
) -> SmallChart:
    """Draw values by session; the first, the last and those without a neighbour get a mark.

    ``band``: from and to which value lies what noise makes; drawn behind the values, as far as the scale reaches.
    ``course``: the same by session, as long as ``values``.
    """
    scale = VerticalScale(minimum, maximum, TOP, BOTTOM)
    step = (RIGHT - LEFT) / max(len(values) - 1, 1)
    spots = [(LEFT + step * k, scale.y(v)) if v is not None else None for k, v in enumerate(values)]
    there = [s for s in spots if s is not None]
    lone = [run[0] for run in runs(spots) if len(run) == 1]
    given = [v for v in values if v is not None]
    return SmallChart(
        css=f"{colour_of(position)}",
        lines=tuple(points(run) for run in runs(spots) if len(run) > 1),
        marks=tuple(mark(position, x, y, 4) for x, y in dict.fromkeys([*there[:1], *lone, *there[-1:]])),
        value=f"{given[-1]:.1f}" if given else "",
        value_y=px(there[-1][1] + 4) if there else "0",
        middle_y=px((TOP + BOTTOM) / 2),
        lowest=f"{minimum:g}",
        highest=f"{maximum:g}",
        band=(px(scale.y(band[1])), px(scale.y(band[0]) - scale.y(band[1]))) if band else None,
        expected=_areas(course, scale, step) if course else (),
        limits=_limits(course, scale, step) if course else (),
    )


def _areas(course: CourseBand, scale: VerticalScale, step: float) -> tuple[str, ...]:
    """A polygon for each stretch of sessions, there above and back below; of one alone a narrow one around it."""
    ends = [None if e is None else (LEFT + step * k, *e) for k, e in enumerate(course.band)]
    found = []
    for run in runs(ends):
        wide = [(run[0][0] - ALONE, *run[0][1:]), (run[0][0] + ALONE, *run[0][1:])] if len(run) == 1 else run
        above = [(x, scale.y(high)) for x, _, high in wide]
        below = [(x, scale.y(low)) for x, low, _ in reversed(wide)]
        found.append(points([*above, *below]))
    return tuple(found)


def _limits(course: CourseBand, scale: VerticalScale, step: float) -> tuple[str, ...]:
    spots = [None if v is None else (LEFT + step * k, scale.y(v)) for k, v in enumerate(course.limits)]
    alone = [[(x - ALONE, y), (x + ALONE, y)] for run in runs(spots) if len(run) == 1 for x, y in run]
    return tuple(points(run) for run in [*(run for run in runs(spots) if len(run) > 1), *alone])
