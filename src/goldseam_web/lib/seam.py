"""The gold seam: an uneven vein between two ratings, the same for the same episode each time."""

from dataclasses import dataclass
from math import hypot, sin

from goldseam_web.lib.geometry import XY, path, points, px

THINNEST, WIDEST, AT_THE_ENDS = 3.0, 9.0, 2.0
STATION = 10.0  # px between two places where the width changes


@dataclass(frozen=True)
class Seam:
    """One stretch of seam, from one rating to the next."""

    under: str
    under_width: str
    body: str
    core: str
    veins: tuple[str, ...]


def draw_seam(start: XY, end: XY, episode: int, scale: float = 1.0) -> Seam:
    """The seam from one rating to the next; its two ends lie exactly on them."""
    centre = _centre_line(start, end, episode, scale)
    across = _normal(start, end)
    widths = _widths(len(centre), episode, scale)
    left = [_offset(p, across, w / 2) for p, w in zip(centre, widths, strict=True)]
    right = [_offset(p, across, -w / 2) for p, w in zip(centre, widths, strict=True)]
    return Seam(
        under=path([start, end]),
        under_width=px((WIDEST + 3) * scale),
        body=points(left + right[::-1]),
        core=points(centre[1:-1]),
        veins=_veins(centre, across, episode, scale),
    )


def unevenness(episode: int, place: int, of: int) -> float:
    """A number from 0 to 1 that looks random and is always the same for the same episode and place.

    The fractional part of a scaled sine: enough to look hand-made, and no seed to keep.
    """
    value = sin(episode * 12.9898 + place * 78.233 + of * 37.719) * 43758.5453
    return value - value // 1


def _centre_line(start: XY, end: XY, episode: int, scale: float) -> list[XY]:
    count = max(3, round(hypot(end[0] - start[0], end[1] - start[1]) / STATION))
    across = _normal(start, end)
    inner = [
        _offset(_between(start, end, k / count), across, (unevenness(episode, k, 1) - 0.5) * 4 * scale)
        for k in range(1, count)
    ]
    return [start, *inner, end]


def _widths(count: int, episode: int, scale: float) -> list[float]:
    inner = [
        (THINNEST + (WIDEST - THINNEST) * unevenness(episode, k, 2)) * scale for k in range(1, count - 1)
    ]
    return [AT_THE_ENDS * scale, *inner, AT_THE_ENDS * scale]


def _veins(centre: list[XY], across: XY, episode: int, scale: float) -> tuple[str, ...]:
    """Two or three short cracks that leave the seam to the side."""
    inner = len(centre) - 2
    wanted = min(2 + round(unevenness(episode, 0, 3)), inner)
    places = [1 + int((k + unevenness(episode, k, 4)) / wanted * inner) for k in range(wanted)]
    return tuple(
        _vein(centre[p], across, 1 if k % 2 else -1, episode + k, scale) for k, p in enumerate(places)
    )


def _vein(start: XY, across: XY, side: int, episode: int, scale: float) -> str:
    length = (8 + 6 * unevenness(episode, 1, 5)) * scale * side
    x, y = _offset(start, across, length * 0.6)
    bend = (unevenness(episode, 2, 5) - 0.5) * 6 * scale
    return path([start, (x + bend, y - bend), _offset((x, y + bend), across, length * 0.4)])


def _normal(start: XY, end: XY) -> XY:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = hypot(dx, dy) or 1.0
    return dy / length, -dx / length


def _between(start: XY, end: XY, share: float) -> XY:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _offset(place: XY, direction: XY, by: float) -> XY:
    return place[0] + direction[0] * by, place[1] + direction[1] * by
