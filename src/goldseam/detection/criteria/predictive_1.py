"""Predictive criterion: a rating below what this person's own earlier ratings, and the norms, lead one to expect.

The formulas and the choices behind them are in ``docs/methods/predictive-1.md``.
"""

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.parameters import EpisodeLimits, GradeThresholds
from goldseam.detection.engine.codes import Grade, OnsetKind, Reason, Stage, Verdict
from goldseam.detection.engine.criterion import coded
from goldseam.detection.engine.discounted_level import DiscountedLevel
from goldseam.detection.engine.episodes import CONSECUTIVE_SESSIONS, HALF, EpisodeTracker
from goldseam.detection.engine.findings import Bounds, Findings
from goldseam.detection.engine.norms_and_minimum_drop import Priors, minimum_drop, priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

USUAL_TAIL = 0.1
DAYS_PER_WEEK = 7
LONG_AGO = -1_000_000_000


@dataclass(frozen=True)
class Predictive1(EpisodeLimits, GradeThresholds):
    """Hierarchical discounted predictive t, version 1."""

    version: ClassVar[int] = 1
    source: ClassVar[str] = "docs/methods/predictive-1.md"

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        smallest = minimum_drop(priors, self.gate_share, self.gate_errors)
        results = _RatingResults.empty(len(series.value))
        events = _RatingPass(self, series, priors, smallest, results).run()
        return Findings(
            verdict=results.verdict,
            grade=results.grade,
            reason=results.reason,
            expected=results.expected,
            spread=results.spread,
            degrees_of_freedom=results.degrees_of_freedom,
            p=results.p,
            events=events,
            bounds=partial(_bounds, self, series, priors, smallest, results),
        )


def _bounds(
    rule: Predictive1, series: RatingSeries, priors: Priors, smallest: Floats, results: "_RatingResults"
) -> Bounds:
    """The limit by quantile and smallest drop, and the central 80% of the predictive distribution within the range."""
    from scipy.special import stdtrit

    degrees, inverse = np.unique(results.degrees_of_freedom, return_inverse=True)

    def quantile(tail: float) -> Floats:
        above: Floats = results.spread * stdtrit(degrees, tail)[inverse]
        return results.expected + above

    owner = series.series_of
    by_chance = np.where(results.watched_before, quantile(rule.watch), quantile(rule.probable))
    limit = np.minimum(by_chance, results.expected - smallest[owner])
    judged = (results.verdict == Verdict.MET) | (results.verdict == Verdict.NOT_MET)
    known = results.verdict != Verdict.NOT_ENOUGH_DATA
    low, high = quantile(USUAL_TAIL), quantile(1 - USUAL_TAIL)
    return Bounds(
        limit=np.where(judged, limit, np.nan),
        usual_low=np.where(known, np.fmax(low, priors.minimum[owner]), np.nan),
        usual_high=np.where(known, np.fmin(high, priors.maximum[owner]), np.nan),
    )


@dataclass
class _RatingResults:
    """The prediction of every rating and the verdict on it; arrays of shape (n_ratings,)."""

    expected: Floats
    spread: Floats
    degrees_of_freedom: Floats
    p: Floats
    verdict: Codes
    grade: Codes
    reason: Codes
    watched_before: Flags

    @classmethod
    def empty(cls, n_ratings: int) -> Self:
        """Room for so many ratings."""

        def numbers() -> Floats:
            return np.empty(n_ratings)

        def codes() -> Codes:
            return np.zeros(n_ratings, np.int8)

        return cls(
            expected=numbers(),
            spread=numbers(),
            degrees_of_freedom=numbers(),
            p=numbers(),
            verdict=codes(),
            grade=codes(),
            reason=codes(),
            watched_before=np.zeros(n_ratings, np.bool_),
        )

    def write(self, at: Integers, **columns: NDArray[Any]) -> None:
        """Set the columns at the positions of some ratings."""
        for name, values in columns.items():
            getattr(self, name)[at] = values


@dataclass
class _Rating:
    """One rating of each active series, and what was expected of it."""

    value: Floats
    session: Integers
    n_prior: int
    expected: Floats
    spread: Floats
    degrees_of_freedom: Floats
    p: Floats

    def results(self) -> dict[str, NDArray[Any]]:
        names = ("expected", "spread", "degrees_of_freedom", "p")
        return {name: getattr(self, name) for name in names}


@dataclass
class _StepVerdicts:
    """The verdicts on one rating of each active series."""

    low: Flags
    met: Flags
    grade: Codes
    verdict: Codes
    reason: Codes

    def results(self) -> dict[str, NDArray[Any]]:
        return {"grade": self.grade, "verdict": self.verdict, "reason": self.reason}


@dataclass
class _RecentRatings:
    """The last two ratings, the run of highest ones, and whether the last was low; arrays (n_series,)."""

    value: Floats
    session: Integers
    day: Floats
    value_before: Floats
    session_before: Integers
    at_maximum: Integers
    watched: Flags

    @classmethod
    def empty(cls, n_series: int) -> Self:
        numbers = [np.full(n_series, np.nan) for _ in range(3)]
        sessions = [np.full(n_series, LONG_AGO) for _ in range(2)]
        at_maximum, watched = np.zeros(n_series, np.int64), np.zeros(n_series, np.bool_)
        return cls(numbers[0], sessions[0], numbers[1], numbers[2], sessions[1], at_maximum, watched)

    def first(self, n_series: int) -> Self:
        return type(self)(*(getattr(self, each.name)[:n_series] for each in fields(self)))

    def remember(self, rating: _Rating, day: Floats, low: Flags) -> None:
        self.value_before[:], self.session_before[:] = self.value, self.session
        self.value[:], self.session[:], self.watched[:] = rating.value, rating.session, low
        self.day[:] = day


class _RatingPass:
    """Goes through the first ratings of all series, then the second ones, and so on.

    State lives in arrays ordered from the longest series to the shortest; at each step the views are cut to the
    series that still have a rating, and write through to the whole.
    """

    def __init__(
        self,
        rule: Predictive1,
        series: RatingSeries,
        priors: Priors,
        smallest: Floats,
        results: _RatingResults,
    ) -> None:
        order = series.by_length
        self.rule = rule
        self.series = series
        self.results = results
        self.maximum = priors.maximum[order]
        self.smallest = smallest[order]
        self.level = DiscountedLevel.before_any_rating(priors, order)
        self.frozen = self.level.copy()
        self.tracker = EpisodeTracker(series.n_series, recovered=rule.recovered, window=rule.window)
        self.memory = _RecentRatings.empty(series.n_series)

    def run(self) -> "pl.DataFrame":
        """Fill the results and return the events."""
        for n_prior, at in enumerate(self.series.steps()):
            self._keep(len(at))
            self._step(n_prior, at)
        return self.tracker.close(self.series.by_length, ended=self.rule.ended)

    def _keep(self, active: int) -> None:
        self.maximum, self.smallest = self.maximum[:active], self.smallest[:active]
        self.level, self.frozen = self.level.first(active), self.frozen.first(active)
        self.memory = self.memory.first(active)
        self.tracker.keep(active)

    def _step(self, n_prior: int, at: Integers) -> None:
        series = self.series
        value, session, day = series.value[at], series.session[at], series.day[at]
        # a repair that is taken back goes on from where it was frozen
        self.level.take(self.frozen, self.tracker.confirm_repairs(value))
        stage = self.tracker.episodes.stage
        ongoing = stage == Stage.OPEN
        after_break = self._forget_over_breaks(day, ~ongoing)
        rating = self._predict(value, session, n_prior)
        verdicts = self._judge(rating, ongoing, after_break)
        self.results.write(at, **rating.results(), **verdicts.results(), watched_before=self.memory.watched)
        settled = self._follow(rating, ongoing)
        self._open(rating, verdicts, ~settled)
        self.level.learn(value, (stage != Stage.OPEN) & ~settled)
        self.memory.remember(rating, day, verdicts.low & ~settled)

    def _forget_over_breaks(self, day: Floats, where: Flags) -> Flags:
        days = day - self.memory.day
        after_break: Flags = where & (days > self.rule.break_days)
        if after_break.any():
            self.level.forget(np.where(after_break, days, 0.0) / DAYS_PER_WEEK, after_break)
        return after_break

    def _predict(self, value: Floats, session: Integers, n_prior: int) -> _Rating:
        from scipy.special import stdtr

        spread = self.level.spread()
        degrees = 2 * self.level.shape
        p = stdtr(degrees, (value - self.level.mean) / spread)
        return _Rating(value, session, n_prior, self.level.mean.copy(), spread, degrees, p)

    def _judge(self, rating: _Rating, ongoing: Flags, after_break: Flags) -> _StepVerdicts:
        rule, memory = self.rule, self.memory
        at_maximum = rating.value == self.maximum
        memory.at_maximum[:] = np.where(at_maximum, memory.at_maximum + 1, 0)
        ceiling = memory.at_maximum >= rule.ceiling_run
        enough = rating.n_prior >= rule.prior_ratings
        big = (rating.expected - rating.value >= self.smallest) & ~at_maximum
        unusual = enough & ~ceiling & (rating.p < rule.watch)
        low = unusual & big
        second = low & memory.watched
        met = low & ((rating.p < rule.probable) | second)
        marked = met & ((rating.p < rule.marked) | second)
        few = np.full_like(met, not enough)
        return _StepVerdicts(
            low=low,
            met=met,
            grade=coded(
                (marked, Grade.MARKED), (met, Grade.PROBABLE), (low, Grade.WATCH), otherwise=Grade.NONE
            ),
            verdict=coded(
                (few, Verdict.NOT_ENOUGH_DATA),
                (ceiling, Verdict.NOT_APPLIED),
                (met, Verdict.MET),
                otherwise=Verdict.NOT_MET,
            ),
            reason=coded(
                (few, Reason.FEW_EARLIER_RATINGS),
                (ceiling, Reason.CEILING_SUSPECT),
                (unusual & ~low, Reason.SMALL_DROP),
                (ongoing, Reason.OPEN_EPISODE),
                (after_break, Reason.AFTER_BREAK),
                (np.isnan(self.maximum), Reason.RANGE_UNKNOWN),
                otherwise=Reason.PLAIN,
            ),
        )

    def _follow(self, rating: _Rating, ongoing: Flags) -> Flags:
        """Follow running episodes; true where one was given up and the level settled anew."""
        episodes = self.tracker.episodes
        repaired, given_up = self.tracker.follow(ongoing, rating.session, rating.value)
        self.frozen.take(self.level, repaired)
        if given_up.any():
            mean = episodes.later_sum / np.maximum(episodes.later_ratings, 1)
            self.level.settle(mean, episodes.later_ratings, given_up)
        return given_up

    def _open(self, rating: _Rating, verdicts: _StepVerdicts, where: Flags) -> None:
        onset = where & verdicts.met & (self.tracker.episodes.stage == Stage.NO_EPISODE)
        if not onset.any():
            return
        self.tracker.episodes.open(
            onset,
            session=rating.session,
            value=rating.value,
            baseline=rating.expected,
            spread=rating.spread,
            p=rating.p,
            grade=verdicts.grade,
            kind=self._kind(rating),
        )

    def _kind(self, rating: _Rating) -> Codes:
        """Precipitous if one of the last two sessions was still near the baseline; unknown if neither was rated."""
        memory = self.memory
        near = rating.expected - HALF * rating.spread
        last = rating.session - memory.session <= CONSECUTIVE_SESSIONS
        last_but_one = rating.session - memory.session_before <= CONSECUTIVE_SESSIONS
        precipitous = (last & (memory.value >= near)) | (last_but_one & (memory.value_before >= near))
        unknown = ~last & (memory.value >= near)
        return coded(
            (precipitous, OnsetKind.PRECIPITOUS), (unknown, OnsetKind.UNKNOWN), otherwise=OnsetKind.EROSION
        )
