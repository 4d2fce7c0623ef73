"""What single answers can say beside a signal: which facet stands out, and whether one answer fell by itself.

One answer is noisier than a mean of four. Of a client's answers to the items of one scale, each lies around that
session's mean with an SD of its own: with ``R = v / (v + e/k)`` the within-person reliability of a mean of k items
(Cranford et al. 2006), ``v + e/k`` the variance of one person's ratings and .9 their SD on 0 to 10 (the shipped norms),
an assumed R of .64 gives ``sqrt(e) = .9 * sqrt(4 * (1 - .64)) = 1.08``. Rounding to whole numbers and unequal own SDs
make that 1.2. A facet is named where its fall exceeds the mean of the others' by so much that, had all fallen alike,
one in twenty would be named. The figures are assumed, not found; tests/web/test_single_answers.py counts them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean

ANSWER_SD = 1.2  # points of 0 to 10
RATING_VARIANCE = 0.64 * 0.9**2  # the part of it that is no measurement error, by the same two figures
FALSELY_NAMED = 0.05
STEP = 1.0  # what an answer moves by at least
LOW = 5.0  # the middle of the range: the cut-off of our scales, a choice and not a finding


@dataclass(frozen=True)
class Fall:
    """How far an answer lies below the mean of the earlier ones to the same item, and how many these are."""

    points: float
    earlier: int

    @property
    def variance(self) -> float:
        """Of the points, had nothing changed."""
        return ANSWER_SD**2 * (1 + 1 / self.earlier)


def fall_of(now: float | None, before: Sequence[float]) -> Fall | None:
    """None where there is no answer, or nothing to compare it with."""
    return Fall(fmean(before) - now, len(before)) if now is not None and before else None


def facet_that_stands_out(falls: Mapping[str, Fall]) -> str | None:
    """The facet that fell more than the others by more than noise makes; None if they are alike as far as can be told.

    With one facet alone there is nothing to stand out from.
    """
    if len(falls) < 2:
        return None
    facet = max(falls, key=lambda each: falls[each].points)
    others = [fall for each, fall in falls.items() if each != facet]
    apart = falls[facet].points - fmean(fall.points for fall in others)
    noise = falls[facet].variance + sum(fall.variance for fall in others) / len(others) ** 2
    stands_out = apart > _quantile(len(falls)) * sqrt(noise)
    return facet if stands_out and falls[facet].points >= STEP else None


def fell_by_itself(fall: Fall | None) -> bool:
    """Whether one answer lies below its earlier ones by more than noise makes in 19 of 20 sessions."""
    return fall is not None and fall.points >= STEP and fall.points > _quantile(1) * sqrt(fall.variance)


def share_below_by_noise(level: float, cut_off: float) -> float:
    """Of the answers of somebody whose own lie around a level, the share below a cut-off with nothing changed.

    Ratings of one person vary by themselves with variance v, single answers around each by ``ANSWER_SD``; answers are
    whole numbers, so that below 5 means 4.5 or less before rounding.
    """
    return NormalDist(level, sqrt(RATING_VARIANCE + ANSWER_SD**2)).cdf(cut_off - STEP / 2)


def _quantile(facets: int) -> float:
    """SDs that the largest of so many equal deviations exceeds with the probability allowed (Bonferroni)."""
    return NormalDist().inv_cdf(1 - FALSELY_NAMED / facets)
