"""What emulated trials on a cohort share: cases, first onsets, and a calibration by tables in which nothing happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any, Protocol

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.draw_runner import HERE, DrawRunner
from goldseam.cohort.episode_counts import EpisodeCounter, onset_positions
from goldseam.cohort.joint_course_model import (
    JointBootstrap,
    JointModel,
    course_precisions,
    fit_joint,
    shrunken_courses,
)
from goldseam.detection.engine.criterion import Criterion
from goldseam.exceptions import TableError
from goldseam.norms import Norms
from goldseam.norms.marginal_likelihood import take_series
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.series import RatingSeries
from goldseam.series.keyed_tables import KeyedTable, finite_or_nan, keyed_table

TABLES_A_DRAW = 2
NEVER = np.iinfo(np.int64).max
"""A session that does not come."""

Interval = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class TrialCases:
    """Cases with one member: what is known of them beside their ratings; arrays of shape (n_cases, ...).

    Attributes
    ----------
    series : RatingSeries
        One a case.
    number : ndarray of int
        Of the case in the cohort.
    covariates : ndarray of float
        Known before any onset; a column or none.
    after : ndarray of float
        The outcome; NaN where it is not known.
    last_session : ndarray of int
        The last one attended.
    """

    series: RatingSeries
    number: Integers
    covariates: Floats
    after: Floats
    last_session: Integers

    @classmethod
    def of(cls, cohort: Cohort, outcomes: Any) -> "TrialCases":
        """The cases of a cohort, with ``after`` and where there is one ``before`` of the outcomes table."""
        import polars as pl

        given = outcomes_table(outcomes)
        names = [name for name in ("after", "before") if name in given.rows.columns]
        figures_given = given.rows.select("case").with_columns(
            given.numbers(name).alias(name) for name in names
        )
        usable = (cohort.per_case[cohort.case] == 1) & (cohort.series.lengths >= 1)
        chosen = np.flatnonzero(usable)
        number = cohort.case[chosen]
        joined = cohort.cases[number].join(figures_given, on="case", how="left", maintain_order="left")
        figures = {}
        for name in ("after", "before"):
            column = joined.get_column(name) if name in joined.columns else pl.Series([0.0] * len(number))
            figures[name] = finite_or_nan(column)
        before = figures["before"]
        varies = len({*before[np.isfinite(before)]}) > 1
        return cls(
            take_series(cohort.series, chosen),
            number,
            np.nan_to_num(before[:, None] if varies else np.zeros((len(number), 0))),
            np.where(np.isfinite(before), figures["after"], np.nan),
            joined.get_column("last_session").to_numpy(),
        )


@dataclass(frozen=True, eq=False)
class OwnCourses:
    """A table of ratings, with own level and slope as the ratings before each one show them.

    Attributes
    ----------
    series : RatingSeries
        The ratings.
    joint : JointModel
        That levels and slopes are estimated with.
    beyond : ndarray of float, shape (n_ratings,)
        Ratings beyond the mean course of the norms.
    """

    series: RatingSeries
    joint: JointModel
    beyond: Floats

    @cached_property
    def before(self) -> Floats:
        """Own level and slope before each rating, shape (n_ratings, 2)."""
        series = self.series
        return shrunken_courses(self.beyond, series, self.joint, series.position, series.series_of)

    @cached_property
    def precision(self) -> Floats:
        """How well they are known, shape (n_ratings, 2, 2)."""
        series = self.series
        return course_precisions(series, self.joint, series.position, series.series_of)


@dataclass(frozen=True, eq=False)
class TrialTable:
    """A table of ratings, observed or drawn, with the first onset of every case that has one.

    Attributes
    ----------
    cases : TrialCases
        Whose table it is.
    courses : OwnCourses
        Its ratings.
    drawn : bool
        Whether it is one in which nothing happens.
    owner, onset, position, repair, depth : ndarray, shape (n_onsets,)
        Of each first onset: whose it is, its session, how many ratings came before it, the session of its repair
        (infinite where there is none), and how deep it is in own SDs.
    """

    cases: TrialCases
    courses: OwnCourses
    drawn: bool
    owner: Integers
    onset: Integers
    position: Integers
    repair: Floats
    depth: Floats

    @property
    def series(self) -> RatingSeries:
        """Its ratings."""
        return self.courses.series

    @property
    def first_onset(self) -> Integers:
        """The rating at which each first onset is, shape (n_onsets,)."""
        found: Integers = self.series.starts[:-1][self.owner] + self.position
        return found

    @classmethod
    def judged(
        cls,
        counter: EpisodeCounter,
        cases: TrialCases,
        norms: Norms,
        courses: OwnCourses,
        *,
        criterion: Criterion | None = None,
    ) -> "TrialTable":
        """Judge the cases' own ratings, or a table drawn like them, by a criterion: the primary one if not given."""
        import polars as pl

        series = courses.series
        events = counter.judged(criterion or counter.criteria[0], series, norms).sort(
            "series", "onset_session"
        )
        events = events.unique("series", keep="first", maintain_order=True)
        return cls(
            cases,
            courses,
            series is not cases.series,
            events.get_column("series").to_numpy().astype(np.int64),
            events.get_column("onset_session").to_numpy().astype(np.int64),
            onset_positions(events, series),
            events.get_column("repair_session").cast(pl.Float64).fill_null(np.inf).to_numpy(),
            ((events["baseline"] - events["value"]) / events["spread"]).to_numpy(),
        )


class Trial(Protocol):
    """A trial that can be emulated in any table."""

    def estimate(self, table: TrialTable, after: Floats, weights: Floats) -> float:
        """Difference in the outcome, in its own unit; NaN where there is none.

        Parameters
        ----------
        table : TrialTable
            The ratings.
        after : ndarray of float, shape (n_cases,)
            The outcome.
        weights : ndarray of float, shape (n_cases,)
            How often each case counts.
        """

    def differences(self, table: TrialTable, after: Floats, *, held: bool) -> Floats:
        """Differences in several outcomes, every case counting once; NaN where there are none.

        Parameters
        ----------
        table : TrialTable
            The ratings.
        after : ndarray of float, shape (n_cases, n_outcomes)
            The outcomes, known of the same cases.
        held : bool
            Whether the covariates known before any onset are adjusted for.

        Returns
        -------
        ndarray of float, shape (n_outcomes,)
        """

    def smaller_group(self, table: TrialTable, after: Floats) -> int:
        """Cases in the smaller of the two groups compared; `after` has shape (n_cases,)."""


@dataclass(frozen=True, eq=False)
class TrialDraws:
    """In each bootstrap draw: estimates in drawn cases and by chance, and what the calibration depends on.

    Attributes
    ----------
    observed, by_chance : ndarray of float, shape (n_draws, n_trials)
        In the drawn cases, and in event-free tables drawn from the model refitted to them.
    links : ndarray of float, shape (n_draws, 3)
        `JointModel.link` of each draw.
    onsets : float
        Mean number of first onsets in an event-free table.
    """

    observed: Floats
    by_chance: Floats
    links: Floats
    onsets: float


@dataclass(frozen=True, eq=False)
class TrialEffect:
    """One effect, in SDs of the outcome.

    Attributes
    ----------
    calibrated, regression : tuple of float
        Estimate and 95% interval: of the regression minus its mean where nothing happens, and of the regression.
    chance : float
        What the regression gives where nothing happens.
    """

    calibrated: Interval
    regression: Interval
    chance: float


@dataclass(frozen=True, eq=False)
class EmulatedTrials:
    """A cohort with outcomes, its model of level, slope and outcome, and its own table judged.

    Attributes
    ----------
    counter, model
        Of the cohort.
    cases : TrialCases
        Those with one member.
    table : TrialTable
        Their own ratings.
    """

    counter: EpisodeCounter
    model: ChanceModel
    cases: TrialCases
    table: TrialTable

    @classmethod
    def of(cls, counter: EpisodeCounter, model: ChanceModel, cases: TrialCases) -> "EmulatedTrials":
        """Fit the model to all cases."""
        everyone = np.ones(cases.series.n_series, np.int64)
        table, _joint = _fitted(counter, model, cases, model.norms, everyone)
        return cls(counter, model, cases, table)

    def draws(self, count: int, trials: Sequence[Trial], runner: DrawRunner = HERE) -> TrialDraws:
        """Refit everything to drawn cases, `count` times, and emulate the trials in them and by chance."""
        each = _TrialDraw(self, tuple(trials), self.model.cluster_weights(count))
        rows = np.stack(runner.run(each, range(count), "refitting level, slope, outcome"))
        asked = len(trials)
        return TrialDraws(
            rows[:, :asked], rows[:, asked : 2 * asked], rows[:, 2 * asked : -1], float(rows[:, -1].mean())
        )

    def effect(self, trial: Trial, draws: TrialDraws, place: int, scale: float) -> TrialEffect:
        """The calibrated effect of the trial that stands at `place` in the draws; `scale` is the outcome's SD."""
        everyone = np.ones(self.cases.series.n_series)
        observed = trial.estimate(self.table, self.cases.after, everyone)
        calibration = _Calibration.of(draws.links, draws.by_chance[:, place])
        estimates = draws.observed[:, place]
        left = estimates - calibration.at(draws.links)
        chance = float(calibration.at(self.table.courses.joint.link[None])[0])
        error = sqrt(float(np.nanvar(left, ddof=1)) + calibration.error**2)
        plain_error = float(np.nanstd(estimates, ddof=1))
        return TrialEffect(
            _interval(observed - chance, error, scale),
            _interval(observed, plain_error, scale),
            chance / scale,
        )


@dataclass(frozen=True, eq=False)
class _TrialDraw:
    """The trials in drawn cases and by chance, with everything refitted to these cases."""

    of: EmulatedTrials
    trials: tuple[Trial, ...]
    weights: Floats

    def __call__(self, number: int) -> Floats:
        """Estimates observed, then by chance, the links of the model, and the number of first onsets by chance."""
        trials, cases, all_weights = self.of, self.of.cases, self.weights[number]
        weights = all_weights[cases.number]
        norms = trials.model.norms_at(all_weights)
        table, joint = _fitted(trials.counter, trials.model, cases, norms, weights.astype(np.int64))
        observed = [each.estimate(table, cases.after, weights) for each in self.trials]
        found, flagged = self._by_chance(norms, joint, number)
        return np.concatenate([observed, found, joint.link, [flagged]])

    def _by_chance(self, norms: Norms, joint: JointModel, number: int) -> tuple[Floats, float]:
        """Means over the event-free tables of a draw: of the estimates, and of the number of first onsets."""
        cases = self.of.cases
        bootstrap = JointBootstrap.prepared(cases.series, norms, joint, self.of.model.seed)
        ones = np.ones(cases.series.n_series)
        found, onsets = [], []
        for place in range(number * TABLES_A_DRAW, (number + 1) * TABLES_A_DRAW):
            drawn = bootstrap.draw([place])
            known = np.isfinite(cases.after)
            after = np.where(known, bootstrap.outcomes(place, cases.covariates), np.nan)
            beyond = drawn.value - bootstrap.mean_course
            table = TrialTable.judged(self.of.counter, cases, norms, OwnCourses(drawn, joint, beyond))
            found.append([each.estimate(table, after, ones) for each in self.trials])
            onsets.append(len(table.owner))
        return np.mean(found, axis=0), float(np.mean(onsets))


def _fitted(
    counter: EpisodeCounter, model: ChanceModel, cases: TrialCases, norms: Norms, weights: Integers
) -> tuple[TrialTable, JointModel]:
    """The cases' own ratings, judged with the norms and with the joint model fitted to the weighted cases."""
    plain = JointBootstrap.of(cases.series, norms, higher_is_better=True, seed=model.seed)
    beyond = cases.series.value - plain.mean_course
    joint = fit_joint(beyond, cases.series, cases.covariates, cases.after, weights)
    return TrialTable.judged(counter, cases, norms, OwnCourses(cases.series, joint, beyond)), joint


def _interval(value: float, error: float, scale: float) -> Interval:
    return value / scale, (value - NORMAL_95 * error) / scale, (value + NORMAL_95 * error) / scale


@dataclass(frozen=True, eq=False)
class _Calibration:
    """What the regression gives by chance, as a straight line in the links of the model; `error` of its mean."""

    middle: Floats
    coefficients: Floats
    error: float

    @classmethod
    def of(cls, links: Floats, by_chance: Floats) -> "_Calibration":
        middle = links.mean(axis=0)
        known = np.isfinite(by_chance)
        x = np.column_stack([np.ones(len(links)), links - middle])[known]
        y = by_chance[known]
        coefficients: Floats = np.linalg.lstsq(x, y, rcond=None)[0]
        left = float(((y - x @ coefficients) ** 2).sum()) / max(len(y) - x.shape[1], 1)
        return cls(middle, coefficients, sqrt(left / len(y)))

    def at(self, links: Floats) -> Floats:
        found: Floats = self.coefficients[0] + (links - self.middle) @ self.coefficients[1:]
        return found


def outcomes_table(outcomes: Any) -> KeyedTable:
    """The outcomes of cases, read and checked.

    Parameters
    ----------
    outcomes
        A row per case, a path or a frame: ``case, after`` (the outcome, taken after the landmark, never the alliance
        itself) and optionally ``before`` (the same before treatment).

    Returns
    -------
    KeyedTable

    Raises
    ------
    TableError
        It cannot be used, or holds an outcome that is no finite number.
    """
    columns = keyed_table(outcomes, ["case"], "outcomes", once=False).rows.columns
    if "session" in columns and "after" not in columns:
        raise TableError(
            "outcomes: these are ratings by session",
            given=", ".join(columns),
            allowed="a row per case with after; progress rated at every session is given as progress (--progress)",
        )
    given = keyed_table(outcomes, ["case"], "outcomes", ["after"])
    for name in ("after", "before"):
        if name in given.rows.columns:
            given.numbers(name)
    return given
