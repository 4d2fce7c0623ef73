"""Places on the paper: from values to pixels, and pixels as short text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

XY = tuple[float, float]
T = TypeVar("T")


def px(value: float) -> str:
    """A coordinate with one decimal at most, as short as it can be written: 12.0 is "12"."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def points(places: Iterable[XY]) -> str:
    """The ``points`` attribute of a polyline or polygon."""
    return " ".join(f"{px(x)},{px(y)}" for x, y in places)


def path(places: Sequence[XY]) -> str:
    """The ``d`` attribute of an open path through the places."""
    (x, y), rest = places[0], places[1:]
    return f"M{px(x)} {px(y)}" + "".join(f"L{px(x)} {px(y)}" for x, y in rest)


def runs(
    items: Iterable[T | None], joined: Callable[[T, T], bool] = lambda _one, _next: True
) -> list[list[T]]:
    """Stretches of neighbours that are joined; None is a gap."""
    found: list[list[T]] = []
    before: T | None = None
    for item in items:
        if item is not None:
            if before is not None and joined(before, item):
                found[-1].append(item)
            else:
                found.append([item])
        before = item
    return found


@dataclass(frozen=True)
class VerticalScale:
    """A scale of values on the paper, higher values higher up; what lies outside is drawn at the edge."""

    lowest: float
    highest: float
    top: float
    bottom: float

    def y(self, value: float) -> float:
        inside = min(max(value, self.lowest), self.highest)
        share = (inside - self.lowest) / (self.highest - self.lowest)
        return self.bottom - share * (self.bottom - self.top)


@dataclass(frozen=True)
class HorizontalScale:
    """A scale of values from left to right."""

    lowest: float
    highest: float
    left: float
    right: float

    def x(self, value: float) -> float:
        inside = min(max(value, self.lowest), self.highest)
        share = (inside - self.lowest) / (self.highest - self.lowest)
        return self.left + share * (self.right - self.left)


def spread_apart(heights: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Move labels so that neighbours are at least ``gap`` apart and stay between top and bottom, order kept.

    Labels that touch move as one block around their middle, so that none strays further than it must.
    """
    order = sorted(range(len(heights)), key=lambda k: heights[k])
    blocks: list[tuple[float, int]] = []  # middle of the block, number of labels in it
    for k in order:
        middle, count = heights[k], 1
        while blocks and middle - _half(count, gap) < blocks[-1][0] + _half(blocks[-1][1], gap) + gap:
            other, others = blocks.pop()
            middle = (middle * count + other * others) / (count + others)
            count += others
        middle = min(max(middle, top + _half(count, gap)), bottom - _half(count, gap))
        blocks.append((middle, count))
    placed = [
        middle - _half(count, gap) + gap * k
        for middle, count in _unstacked(blocks, gap)
        for k in range(count)
    ]
    moved = [0.0] * len(heights)
    for k, height in zip(order, placed, strict=True):
        moved[k] = height
    return moved


def _half(count: int, gap: float) -> float:
    return (count - 1) * gap / 2


def _unstacked(blocks: Sequence[tuple[float, int]], gap: float) -> list[tuple[float, int]]:
    """Blocks pushed up from an edge may touch the one above; push that one up too."""
    kept: list[tuple[float, int]] = []
    ceiling = float("inf")
    for middle, count in reversed(blocks):
        lowered = min(middle, ceiling - _half(count, gap))
        kept.append((lowered, count))
        ceiling = lowered - _half(count, gap) - gap
    return kept[::-1]
