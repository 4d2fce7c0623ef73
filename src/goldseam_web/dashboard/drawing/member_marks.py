"""The shapes of members: circle, square, triangle, diamond; the fifth to eighth repeat them hollow."""

from dataclasses import dataclass
from math import sqrt

from goldseam_web.lib.geometry import points, px

SHAPES = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True)
class Mark:
    """One shape at one place. ``points`` is empty for a circle."""

    css: str
    cx: str
    cy: str
    r: str
    points: str


def colour_of(position: int) -> int:
    """The number of a member's colour and shape, 1 to 4, from their place in the case."""
    return (position - 1) % len(SHAPES) + 1


def is_hollow(position: int) -> bool:
    return position > len(SHAPES)


def mark(position: int, x: float, y: float, r: float, css: str | None = None) -> Mark:
    """A member's shape around (x, y), as large to the eye as a circle of radius ``r``."""
    number = colour_of(position)
    style = css or (f"h{number}m" if is_hollow(position) else f"p{number}")
    return Mark(style, px(x), px(y), px(r), _corners(SHAPES[number - 1], x, y, r))


def _corners(shape: str, x: float, y: float, r: float) -> str:
    if shape == "square":
        half = r * 0.92
        return points(
            [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
        )
    if shape == "triangle":
        side, height = r * 1.2, r * 1.2 * sqrt(3) / 2
        return points([(x, y - height * 1.15), (x + side, y + height * 0.85), (x - side, y + height * 0.85)])
    if shape == "diamond":
        long = r * 1.3
        return points([(x, y - long), (x + long, y), (x, y + long), (x - long, y)])
    return ""
