"""Critical fluctuations: the last ratings fluctuate and scatter more than this person's did before.

Dynamic complexity after Schiepek & Strunk (2010), *Biological Cybernetics* 102:197. See
``docs/methods/dynamic-complexity-type.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.codes import Reason, Verdict
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.findings import Bounds, Findings, unknown
from goldseam.detection.engine.norms_and_minimum_drop import ROUNDING
from goldseam.detection.engine.runs_below import runs_below
from goldseam.exceptions import RangeUnknownError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

OF_A_RUN = (
    "series",
    "onset_session",
    "value",
    "status",
    "duration",
    "last_session",
    "duration_is_minimum",
)


@dataclass(frozen=True)
class DynamicComplexityType(Criterion):
    """A peak of dynamic complexity, version 1."""

    id: ClassVar[str] = "dynamic-complexity-type"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "fluctuates more than before: dynamic complexity above its own past"
    source: ClassVar[str] = "docs/methods/dynamic-complexity-type.md"
    confidence: ClassVar[str] = "C"
    prospective: ClassVar[bool] = True
    shortest_series: ClassVar[int] = 12
    uses_norms: ClassVar[bool] = False
    thresholds: ClassVar[tuple[str, ...]] = ("sds",)

    width: int = parameter(7, "ratings in a window", kind=int, least=3, most=50)
    missed: int = parameter(
        2, "sessions without a rating that a window may reach over", kind=int, least=0, most=100
    )
    sds: float = parameter(
        1.645, "own SDs above the mean of the earlier complexities that count", least=0.1, most=10
    )
    prior_windows: int = parameter(5, "earlier complexities needed to judge one", kind=int, least=2, most=100)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Compare every window with the earlier ones of its series; see `Criterion.judge`."""
        fluctuation, distribution, complete = self._measures(series)
        complexity = fluctuation * distribution
        earlier = _EarlierWindows.of(series, complexity)
        limit = earlier.mean + self.sds * earlier.sd
        early = series.position < self.width - 1
        few = early | (complete & (earlier.count < self.prior_windows))
        steady = complete & ~few & ~(earlier.sd > ROUNDING)
        verdict = coded(
            (few | ~complete, Verdict.NOT_ENOUGH_DATA),
            (steady, Verdict.NOT_APPLIED),
            (complexity > limit + ROUNDING, Verdict.MET),
            otherwise=Verdict.NOT_MET,
        )
        judged = (verdict == Verdict.MET) | (verdict == Verdict.NOT_MET)
        nothing = unknown(len(verdict))
        runs = runs_below(series, verdict == Verdict.MET, np.full(series.n_series, np.nan))
        return Findings(
            verdict=verdict,
            grade=np.zeros(len(verdict), np.int8),
            reason=coded(
                (few, Reason.FEW_EARLIER_RATINGS),
                (~complete, Reason.WINDOW_INCOMPLETE),
                (steady, Reason.NO_VARIATION),
                otherwise=Reason.PLAIN,
            ),
            expected=nothing,
            spread=nothing,
            degrees_of_freedom=nothing,
            p=nothing,
            events=runs.select(OF_A_RUN),
            bounds=lambda: Bounds(limit=nothing, usual_low=nothing, usual_high=nothing),
            extra_columns=lambda: {
                "fluctuation": fluctuation,
                "distribution": distribution,
                "complexity": complexity,
                "complexity_limit": np.where(judged, limit, np.nan),
            },
        )

    def _measures(self, series: RatingSeries) -> tuple[Floats, Floats, Flags]:
        """Fluctuation and distribution of the window that ends with each rating, NaN without one, and where one is."""
        low, high = series.minimum, series.maximum
        lacking = np.flatnonzero(np.isnan(high - low))
        if lacking.size:
            scale = series.keys.get_column("scale").item(int(lacking[0]))
            raise RangeUnknownError(
                f"the range of scale {scale} is not known, so fluctuation cannot be measured",
                allowed="columns minimum and maximum in the ratings",
            )
        reach = series.session - series.lagged(series.session.astype(np.float64), self.width - 1)
        complete = reach <= self.width - 1 + self.missed
        last = np.flatnonzero(complete)
        window = last[:, None] + np.arange(1 - self.width, 1)
        owner = series.series_of[last]
        share = (series.value[window] - low[owner, None]) / (high - low)[owner, None]
        fluctuation, distribution = np.full((2, len(series.value)), np.nan)
        fluctuation[last] = fluctuation_intensity(share, series.session[window])
        distribution[last] = distribution_uniformity(share)
        return fluctuation, distribution, complete


def fluctuation_intensity(share: Floats, session: Integers) -> Floats:
    """How much and how often the ratings of each window turn, from 0 to 1.

    Parameters
    ----------
    share : ndarray of float, shape (n_windows, width)
        Ratings as shares of the range.
    session : ndarray of int, shape (n_windows, width)
        Their sessions, ascending.

    Returns
    -------
    ndarray of float, shape (n_windows,)
        1 for ratings that go from one end of the range to the other at every session.
    """
    change, apart = np.diff(share), np.diff(session).astype(np.float64)
    total, moved, took = np.zeros((3, len(share)))
    for place in range(change.shape[1]):
        turns = np.zeros(len(share), np.bool_)
        if place:
            turns = np.sign(change[:, place]) != np.sign(change[:, place - 1])
            total += np.where(turns, np.abs(moved) / took, 0)
        moved = np.where(turns, 0, moved) + change[:, place]
        took = np.where(turns, 0, took) + apart[:, place]
    intensity: Floats = (total + np.abs(moved) / took) / change.shape[1]
    return intensity


def distribution_uniformity(share: Floats) -> Floats:
    """How evenly the ratings of each window are spread over the range, from 0 to 1.

    Parameters
    ----------
    share : ndarray of float, shape (n_windows, width)
        Ratings as shares of the range.

    Returns
    -------
    ndarray of float, shape (n_windows,)
        1 for ratings at equal distances from one end of the range to the other, 0 for equal ratings.
    """
    ordered, width = np.sort(share, axis=1), share.shape[1]
    short, even = np.zeros(len(share)), 0.0
    for first in range(width):
        for second in range(first + 1, width):
            # in so many intervals of the sorted ratings the pair lies
            intervals, wanted = (first + 1) * (width - second), (second - first) / (width - 1)
            short += intervals * np.maximum(wanted - (ordered[:, second] - ordered[:, first]), 0)
            even += intervals * wanted
    return 1 - short / even


@dataclass(frozen=True, eq=False)
class _EarlierWindows:
    """Of the complexities before each rating of its series: how many, their mean and SD; arrays (n_ratings,)."""

    count: Integers
    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, series: RatingSeries, complexity: Floats) -> "_EarlierWindows":
        """By updating, as `goldseam.detection.engine.moments` does, and over what is missing."""
        count = np.zeros(len(complexity), np.int64)
        mean, sd = np.full((2, len(complexity)), np.nan)
        seen, centre, squares = np.zeros((3, series.n_series))
        for at in series.steps():
            seen, centre, squares = seen[: len(at)], centre[: len(at)], squares[: len(at)]
            count[at], mean[at] = seen, np.where(seen > 0, centre, np.nan)
            sd[at] = np.sqrt(np.where(seen > 1, squares / np.maximum(seen - 1, 1), np.nan))
            away = complexity[at] - centre
            known = ~np.isnan(away)
            seen = seen + known
            step = np.where(known, away, 0)
            centre = centre + step / np.maximum(seen, 1)
            squares = squares + step * np.where(known, complexity[at] - centre, 0)
        return cls(count, mean, sd)
