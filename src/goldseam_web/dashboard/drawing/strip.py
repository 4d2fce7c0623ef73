"""Expected and seen on one line: the strip of the evidence panel, and the small ones of its facets."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldseam_web.lib.geometry import HorizontalScale, px

# Mean width of a character of the chart's type, in px at its two sizes: enough to keep two labels apart.
BOLD_CHARACTER, PLAIN_CHARACTER = 8.3, 7.0


@dataclass(frozen=True)
class StripLayout:
    width: float
    track_top: float
    track_height: float
    dot: float
    ring: float


WIDE = StripLayout(738, 33, 26, 4, 8)
NARROW = StripLayout(296, 32, 24, 3.6, 7.5)


@dataclass(frozen=True)
class Dot:
    x: str
    y: str


@dataclass(frozen=True)
class Strip:
    """Coordinates of a strip; texts keep clear of each other and of the edges."""

    width: str
    track_top: str
    track_height: str
    track_width: str
    band_x: str
    band_width: str
    dots: tuple[Dot, ...]
    dot_r: str
    ring_r: str
    limit_x: str
    seen_x: str
    middle: str
    seen_text_x: str
    expected_text_x: str
    limit_text_x: str
    earlier_text_x: str
    arrow_from: str
    arrow_to: str
    arrow_middle: str


def draw_strip(
    layout: StripLayout,
    *,
    seen: float,
    expected: float,
    usual: tuple[float, float],
    limit: float | None,
    earlier: Sequence[float],
    minimum: float,
    maximum: float,
    labels: tuple[str, str],
    notes: tuple[str, str],
    difference: str,
) -> Strip:
    """Draw what was expected and what was seen. Above: seen and expected; below: the limit and what was earlier.

    The difference stands under an arrow, and inside the paper.
    """
    scale = HorizontalScale(minimum, maximum, 2, layout.width - 2)
    left, right = scale.x(usual[0]), scale.x(usual[1])
    seen_text, expected_text = _two_labels(
        scale.x(seen), (left + right) / 2, labels, layout.width, BOLD_CHARACTER
    )
    at = scale.x(limit) if limit is not None else scale.x(minimum)
    limit_text, earlier_text = _two_labels(at, (left + right) / 2, notes, layout.width - 20, PLAIN_CHARACTER)
    end = scale.x(expected)
    start = min(scale.x(seen) + 14, end)
    half = len(difference) * BOLD_CHARACTER / 2
    return Strip(
        width=px(layout.width),
        track_top=px(layout.track_top),
        track_height=px(layout.track_height),
        track_width=px(layout.width - 4),
        band_x=px(left),
        band_width=px(max(right - left, 1)),
        dots=tuple(
            Dot(px(scale.x(v)), px(layout.track_top + layout.track_height * (0.35 if k % 2 == 0 else 0.65)))
            for k, v in enumerate(earlier)
        ),
        dot_r=px(layout.dot),
        ring_r=px(layout.ring),
        limit_x=px(at) if limit is not None else "",
        seen_x=px(scale.x(seen)),
        middle=px(layout.track_top + layout.track_height / 2),
        seen_text_x=px(seen_text),
        expected_text_x=px(expected_text),
        limit_text_x=px(limit_text),
        earlier_text_x=px(earlier_text),
        arrow_from=px(start),
        arrow_to=px(end),
        arrow_middle=px(min(max((start + end) / 2, half), layout.width - half)),
    )


def _two_labels(
    seen: float, expected: float, labels: tuple[str, str], width: float, character: float
) -> tuple[float, float]:
    """The middles of two texts on one line: inside the paper, and 12 px apart."""
    half_seen, half_expected = (len(text) * character / 2 for text in labels)
    expected = min(max(expected, half_expected), width - half_expected)
    seen = min(max(seen, half_seen), width - half_seen)
    overlap = half_seen + half_expected + 12 - abs(expected - seen)
    if overlap <= 0:
        return seen, expected
    if seen <= expected:
        moved = max(half_seen, seen - overlap)
        return moved, max(expected, moved + half_seen + half_expected + 12)
    return min(width - half_seen, seen + overlap), expected


@dataclass(frozen=True)
class FacetStrip:
    """One facet: where it is now, and the mean of what it was."""

    seen_x: str
    usual_x: str
    dots: tuple[str, ...]


def draw_facet_strip(
    seen: float | None, earlier: Sequence[float], minimum: float, maximum: float
) -> FacetStrip:
    """Draw a facet on a track of 260 px; it describes and has no limit of its own."""
    scale = HorizontalScale(minimum, maximum, 10, 250)
    mean = sum(earlier) / len(earlier) if earlier else None
    return FacetStrip(
        seen_x=px(scale.x(seen)) if seen is not None else "",
        usual_x=px(scale.x(mean)) if mean is not None else "",
        dots=tuple(px(scale.x(v)) for v in earlier),
    )
