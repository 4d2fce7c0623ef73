"""How far apart two members are over the sessions, drawn so that closer is higher."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.lib.geometry import XY, VerticalScale, path, points, px, runs

MOST_NUMBERS = {"wide": 24, "narrow": 8}


@dataclass(frozen=True)
class DistanceAt:
    """The distance at one session and how far chance reaches there; None where it cannot be said."""

    session: int
    distance: float | None
    chance: float | None
    is_new: bool


@dataclass(frozen=True)
class DistanceDot:
    x: str
    y: str
    css: str


@dataclass(frozen=True)
class DistanceChart:
    css: str
    width: str
    height: str
    left: str
    right: str
    grid: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    chance: tuple[str, ...]
    dots: tuple[DistanceDot, ...]
    numbers: tuple[tuple[str, str], ...]
    numbers_y: str
    last: tuple[str, str, str] | None


def draw_distance(course: Sequence[DistanceAt], *, width: float, css: str) -> DistanceChart:
    """Draw one pair's course. The scale reaches to the largest distance there is, and at least to 4 points."""
    left, right, top, bottom = 34.0, width - 96, 12.0, 122.0
    reach = max([4.0, *(d for at in course for d in (at.distance, at.chance) if d is not None)])
    scale = VerticalScale(-reach, 0, top, bottom)
    step = (right - left) / max(len(course) - 1, 1)
    xs = [left + step * k for k in range(len(course))]
    spots = [
        (x, scale.y(-at.distance)) if at.distance is not None else None
        for x, at in zip(xs, course, strict=True)
    ]
    limits = [
        (x, scale.y(-at.chance)) if at.chance is not None else None for x, at in zip(xs, course, strict=True)
    ]
    every = -(-len(course) // MOST_NUMBERS[css])
    shown = [k for k in range(len(course)) if (len(course) - 1 - k) % every == 0]
    ticks = [tick for tick in (0, 2, 4, 6, 8, 10) if tick <= reach]
    rated = [(spot, at) for spot, at in zip(spots, course, strict=True) if spot is not None]
    return DistanceChart(
        css=css,
        width=px(width),
        height="150",
        left=px(left - 10),
        right=px(right + 10),
        grid=tuple((px(scale.y(-tick)), str(tick)) for tick in ticks),
        lines=tuple(points(run) for run in runs(spots) if len(run) > 1),
        chance=tuple(path(run if len(run) > 1 else _dash(*run[0])) for run in runs(limits)),
        dots=tuple(DistanceDot(px(x), px(y), "pk-iron" if at.is_new else "pk") for (x, y), at in rated),
        numbers=tuple((px(xs[k]), str(course[k].session)) for k in shown),
        numbers_y="144",
        last=_last(rated[-1]) if rated else None,
    )


def _dash(x: float, y: float) -> list[XY]:
    """A limit known at one session alone is a short line there."""
    return [(x - 8, y), (x + 8, y)]


def _last(rated: tuple[tuple[float, float], DistanceAt]) -> tuple[str, str, str]:
    (x, y), at = rated
    return px(x + 14), px(y + 4), f"{at.distance:.1f}"
