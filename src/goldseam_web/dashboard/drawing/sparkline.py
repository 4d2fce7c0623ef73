"""The sparkline of a caseload row: the last ten sessions in one column, "now" always at the same place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from goldseam_web.lib.geometry import XY, VerticalScale, path, points, px, runs

WIDTH, HEIGHT, STEP, NOW = 164, 46, 13.6, 128.0
SHOWN = 10
# The lowest third is cut off, the same in every row: ratings live above it, and the figure tells the rest.
FLOOR_SHARE = 0.3


@dataclass(frozen=True)
class SparkLine:
    """The member a row speaks of: values by session, oldest first, None where there is no answer.

    ``missed`` are the sessions that were asked about and not answered; the other places count from the first value.
    """

    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    missed: tuple[bool, ...]
    onset: int | None = None
    nadir: int | None = None
    repair: int | None = None
    mended: bool = False
    under_way: bool = False


@dataclass(frozen=True)
class Place:
    x: str
    y: str


@dataclass(frozen=True)
class Box:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Spark:
    """Coordinates for the template; None and empty where there is nothing to show."""

    band: Box | None
    pale: tuple[str, ...]
    lines: tuple[str, ...]
    seam: str
    healing: str
    onset: Place | None
    last: Place | None
    missed: tuple[Place, ...]
    value: str
    value_y: str


def draw_spark(
    line: SparkLine, others: Sequence[Sequence[float | None]], minimum: float, maximum: float
) -> Spark:
    """Draw the last ten sessions of one member in ink and those of the others pale."""
    scale = VerticalScale(minimum + FLOOR_SHARE * (maximum - minimum), maximum, top=4, bottom=41)
    first = max(0, len(line.values) - SHOWN)
    spots = [
        (_x(k, len(line.values)), scale.y(v)) if v is not None else None for k, v in enumerate(line.values)
    ]
    gold = _gold(spots, line) if line.mended or line.under_way else []
    last = next((k for k in range(len(spots) - 1, first - 1, -1) if spots[k] is not None), None)
    at = spots[last] if last is not None else None
    onset = spots[line.onset] if line.onset is not None and line.onset >= first else None
    return Spark(
        band=_band(line, first, scale),
        pale=tuple(line for other in others for line in _lines(_spots(other, scale))),
        lines=_lines(spots[first:], gold),
        seam="".join(path([a, b]) for a, b in gold) if line.mended else "",
        healing="".join(path([a, b]) for a, b in gold) if not line.mended else "",
        onset=Place(px(onset[0]), px(onset[1])) if onset else None,
        last=Place(px(at[0]), px(at[1])) if at and at != onset else None,
        missed=_missed(line, first, scale),
        value=f"{line.values[last]:.1f}" if last is not None else "",
        value_y=px((at[1] if at else HEIGHT / 2) + 4),
    )


def _x(k: int, count: int) -> float:
    return NOW - STEP * (count - 1 - k)


def _spots(values: Sequence[float | None], scale: VerticalScale) -> list[XY | None]:
    """The last ten places of a series that ends now."""
    shown = values[-SHOWN:]
    return [(_x(k, len(shown)), scale.y(v)) if v is not None else None for k, v in enumerate(shown)]


def _lines(spots: Sequence[XY | None], gold: Collection[tuple[XY, XY]] = ()) -> tuple[str, ...]:
    """Stretches of answers without a gap; a stretch drawn in gold is left out of the thin line."""
    found = runs(spots, lambda one, other: (one, other) not in gold)
    return tuple(points(run) for run in found if len(run) > 1)


def _gold(spots: Sequence[XY | None], line: SparkLine) -> list[tuple[XY, XY]]:
    """The stretches from the lowest rating to the repair, or so far; only between neighbours that both exist."""
    if line.nadir is None:
        return []
    first = max(line.nadir, len(spots) - SHOWN)
    until = line.repair if line.mended and line.repair is not None else len(spots) - 1
    pairs = [(spots[k], spots[k + 1]) for k in range(first, until)]
    return [(a, b) for a, b in pairs if a is not None and b is not None]


def _band(line: SparkLine, first: int, scale: VerticalScale) -> Box | None:
    """The usual range at the last session, or at the onset of what is not over: later ones follow the ratings down.

    It is as wide as the sessions a range was known for.
    """
    known = [k for k in range(first, len(line.low)) if line.low[k] is not None and line.high[k] is not None]
    if not known:
        return None
    at = line.onset if line.onset in known and line.repair is None else known[-1]
    low, high = line.low[at], line.high[at]
    if low is None or high is None:
        return None
    left, right = _x(known[0], len(line.values)) - 5, NOW + 5
    top, bottom = scale.y(high), scale.y(low)
    return Box(px(left), px(top), px(right - left), px(max(bottom - top, 1)))


def _missed(line: SparkLine, first: int, scale: VerticalScale) -> tuple[Place, ...]:
    """Small circles, level with the answer before them."""
    places, y = [], HEIGHT / 2
    for k, (value, missed) in enumerate(zip(line.values, line.missed, strict=True)):
        y = scale.y(value) if value is not None else y
        if missed and k >= first:
            places.append(Place(px(_x(k, len(line.values))), px(y)))
    return tuple(places)
