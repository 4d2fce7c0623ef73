"""One effect under all specifications at once, with a joint test against tables in which nothing happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.draw_runner import HERE, DrawRunner
from goldseam.cohort.emulated_trials import EmulatedTrials, OwnCourses, TrialCases, TrialTable
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.joint_course_model import JointBootstrap, fit_joint
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.seen_alerts import first_seen
from goldseam.cohort.specification_choices import (
    Specifications,
    flag_specifications,
    outcome_columns,
    repair_specifications,
)
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.series.keyed_tables import KeyedTable

if TYPE_CHECKING:
    import polars as pl

FIRST_TABLE = 10**6
"""Number of the first table: those of the effects themselves have lower ones."""
FEWEST_TABLES = 20
NO_ESTIMATE = "no estimate in the cohort, or in too few of the tables in which nothing happens"
STATISTICS = (
    "median of the effects",
    "specifications whose interval is without 0, in the direction most have",
    "mean of the effects in standard errors (Stouffer)",
)


@dataclass(frozen=True, eq=False)
class SpecificationCurve:
    """An effect under every specification.

    Attributes
    ----------
    table : polars.DataFrame
        A row per specification, the answer's own first, a column per choice, then ``n`` (cases in the smaller group),
        ``d, low, high`` (calibrated, SDs of the outcome, 95%), ``by_chance`` (what was taken off), ``p`` (two-sided)
        and ``refused``: why there are no figures.
    test : polars.DataFrame
        The joint test: ``statistic, observed, by_chance`` (mean where nothing happens), ``p``.
    tables : int
        In which nothing happens.
    refused : str or None
        Why there is no curve.
    """

    table: "pl.DataFrame"
    test: "pl.DataFrame"
    tables: int
    refused: str | None

    @classmethod
    def none(cls, why: str) -> "SpecificationCurve":
        """No curve, with the reason."""
        import polars as pl

        return cls(pl.DataFrame(), pl.DataFrame(), 0, why)


@dataclass(frozen=True, eq=False)
class _Estimates:
    """Of all specifications, calibrated: in the cohort, what was taken off, and in tables where nothing happens.

    Attributes
    ----------
    effects : ndarray of float, shape (n_specifications,)
        In SDs of the outcome; NaN where it is refused.
    chance : ndarray of float, shape (n_specifications,)
        Mean over the tables.
    spread : ndarray of float, shape (n_tables, n_specifications)
        Calibrated estimates of the tables, around 0.
    """

    effects: Floats
    chance: Floats
    spread: Floats

    @property
    def error(self) -> Floats:
        """Of a calibrated estimate; that of the mean taken off is in each table's, too."""
        tables = np.isfinite(self.spread).sum(axis=0)
        squares = np.where(np.isfinite(self.spread), self.spread, 0) ** 2
        variance = squares.sum(axis=0) / np.where(tables > 1, tables - 1, np.nan)
        found: Floats = np.sqrt(variance)
        return found


def impact_specifications_of(
    counter: EpisodeCounter,
    model: ChanceModel,
    outcomes: Any,
    draws: int,
    sessions: KeyedTable | None = None,
    *,
    runner: DrawRunner = HERE,
) -> list[SpecificationCurve]:
    """Being flagged and repair under all specifications, as `goldseam.cohort.impact_effects` answers them under one.

    Parameters
    ----------
    counter, model
        Of the cohort.
    outcomes
        As for `goldseam.cohort.emulated_trials.outcomes_table`.
    draws : int
        Of the study; half as many tables in which nothing happens are drawn, at least 20.
    sessions : KeyedTable, optional
        Where an alert had been seen, if it says so.
    runner : DrawRunner, optional
        Where they are computed.

    Returns
    -------
    list of SpecificationCurve
        Of being flagged, and of repair.
    """
    cases = TrialCases.of(counter.cohort, outcomes)
    trials = EmulatedTrials.of(counter, model, cases)
    asked = (
        flag_specifications(counter.criteria, cases, first_seen(cases, sessions)),
        repair_specifications(counter.criteria, cases),
    )
    return specification_curves_of(trials, asked, max(draws // 2, FEWEST_TABLES), runner)


def specification_curves_of(
    trials: EmulatedTrials, asked: Sequence[Specifications], tables: int, runner: DrawRunner = HERE
) -> list[SpecificationCurve]:
    """Estimate effects under all their specifications, from the same tables in which nothing happens.

    Each table is drawn from the model of level, slope and outcome fitted to the cohort, and the model is refitted to
    it. An estimate is calibrated by its mean over the tables. That this mean itself rests on a fitted model makes what
    is left vary less, not more, where the fit is efficient (Pierce 1982, *Ann Stat* 10, 475-478).

    Parameters
    ----------
    trials : EmulatedTrials
        The cohort.
    asked : sequence of Specifications
        One an effect.
    tables : int
        In which nothing happens.
    runner : DrawRunner, optional
        Where they are computed.

    Returns
    -------
    list of SpecificationCurve
        As many.
    """
    after = outcome_columns(trials.cases.after)
    scale = np.nanstd(after, axis=0, ddof=1)
    seen = _found(trials, asked, trials.table.courses, after)
    each_table = _TableOfChance(trials, tuple(asked))
    rows = np.stack(runner.run(each_table, range(tables), "specifications where nothing happens"))
    by_chance = np.split(rows, np.cumsum([len(each.all) for each in asked])[:-1], axis=1)
    curves = []
    for place, each in enumerate(asked):
        sizes = _sizes(trials, each)
        enough = np.array([MINIMUMS["specification"].refusal(size) is None for size in sizes])
        of = scale[[one.outcome for one in each.all]]
        observed = np.where(enough, seen[place], np.nan) / of
        null = np.where(enough, by_chance[place], np.nan) / of
        curves.append(_curve(each, sizes, _calibrated(observed, null), tables))
    return curves


def _found(
    trials: EmulatedTrials,
    asked: Sequence[Specifications],
    courses: OwnCourses,
    after: Floats,
) -> list[Floats]:
    """The estimates of all specifications in one table, by effect; in the outcome's own unit."""
    found = [np.full(len(each.all), np.nan) for each in asked]
    for rule, criterion in enumerate(asked[0].rules):
        table = TrialTable.judged(
            trials.counter,
            trials.cases,
            trials.model.norms,
            courses,
            criterion=criterion,
        )
        for place, each in enumerate(asked):
            for (of_rule, trial, held), numbers in each.groups.items():
                if of_rule == rule:
                    values = each.trials[trial].differences(table, after, held=held)
                    found[place][numbers] = values[[each.all[number].outcome for number in numbers]]
    return found


@dataclass(frozen=True, eq=False)
class _TableOfChance:
    """All specifications in a table in which nothing happens, with the model refitted to it."""

    trials: EmulatedTrials
    asked: tuple[Specifications, ...]

    def __call__(self, number: int) -> Floats:
        """The estimates of one effect after the other."""
        trials, cases = self.trials, self.trials.cases
        joint = trials.table.courses.joint
        bootstrap = JointBootstrap.prepared(cases.series, trials.model.norms, joint, trials.model.seed)
        place = FIRST_TABLE + number
        drawn = bootstrap.draw([place])
        after = np.where(np.isfinite(cases.after), bootstrap.outcomes(place, cases.covariates), np.nan)
        beyond = drawn.value - bootstrap.mean_course
        refitted = fit_joint(beyond, drawn, cases.covariates, after, np.ones(drawn.n_series, np.int64))
        courses = OwnCourses(drawn, refitted, beyond)
        return np.concatenate(_found(trials, self.asked, courses, outcome_columns(after)))


def _calibrated(observed: Floats, by_chance: Floats) -> _Estimates:
    """Take off what chance gives; `by_chance` has shape (n_tables, n_specifications)."""
    chance = _means(by_chance)
    # a table is part of the mean that is taken off, the cohort is not: without it a table would be further away
    tables = np.isfinite(by_chance).sum(axis=0)
    apart = tables / np.where(tables > 1, tables - 1, np.nan)
    return _Estimates(observed - chance, chance, apart * (by_chance - chance))


def _means(values: Floats) -> Floats:
    """Over tables, of each specification; NaN where no table has an estimate."""
    known = np.isfinite(values)
    counts = known.sum(axis=0)
    found: Floats = np.where(known, values, 0).sum(axis=0) / np.where(counts, counts, np.nan)
    return found


def joint_test(effects: Floats, spread: Floats) -> "pl.DataFrame":
    """Whether the effects of all specifications together are further from 0 than where nothing happens.

    Parameters
    ----------
    effects : ndarray of float, shape (n_specifications,)
        Calibrated.
    spread : ndarray of float, shape (n_tables, n_specifications)
        The same in tables in which nothing happens; NaN where there is none.

    Returns
    -------
    polars.DataFrame
        ``statistic, observed, by_chance, p``: the three statistics of Simonsohn, Simmons & Nelson (2020, *Nat Hum
        Behav* 4, 1208-1214) with the share of tables at least as extreme, the cohort's own counted among them.
    """
    import polars as pl

    error = np.nanstd(spread, axis=0, ddof=1)
    rows = []
    for name, of in zip(STATISTICS, (_median, _count, _stouffer), strict=True):
        seen = of(effects, error)
        null = np.array([of(each, error) for each in spread])
        p = (1 + (np.abs(null) >= abs(seen)).sum()) / (1 + len(null))
        rows.append((name, seen, float(null.mean()), float(p)))
    return pl.DataFrame(rows, schema=["statistic", "observed", "by_chance", "p"], orient="row")


def _median(effects: Floats, error: Floats) -> float:  # noqa: ARG001
    return float(np.nanmedian(effects))


def _count(effects: Floats, error: Floats) -> float:
    far = np.abs(effects) > NORMAL_95 * error
    return float(max((far & (effects > 0)).sum(), (far & (effects < 0)).sum()))


def _stouffer(effects: Floats, error: Floats) -> float:
    return float(np.nansum(effects / error) / np.sqrt(np.isfinite(effects).sum()))


def _curve(asked: Specifications, sizes: Sequence[int], found: _Estimates, tables: int) -> SpecificationCurve:
    import polars as pl
    from scipy.special import ndtr

    error = found.error
    known = np.isfinite(found.effects) & np.isfinite(error) & (error > 0)
    if not known.any():
        return SpecificationCurve.none(str(MINIMUMS["specification"].refusal(max(sizes))))
    half = NORMAL_95 * error
    figures = {
        "d": found.effects,
        "low": found.effects - half,
        "high": found.effects + half,
        "by_chance": found.chance,
        "p": 2 * ndtr(-np.abs(found.effects / np.where(known, error, 1))),
    }
    columns = [pl.Series("n", sizes, dtype=pl.Int64)]
    columns += [
        pl.Series(name, [float(value) if there else None for value, there in zip(values, known, strict=True)])
        for name, values in figures.items()
    ]
    why = [MINIMUMS["specification"].refusal(size) or NO_ESTIMATE for size in sizes]
    refused = [None if there else each for each, there in zip(why, known, strict=True)]
    columns.append(pl.Series("refused", refused, dtype=pl.String))
    table = asked.table().with_columns(columns)
    return SpecificationCurve(table, joint_test(found.effects[known], found.spread[:, known]), tables, None)


def _sizes(trials: EmulatedTrials, asked: Specifications) -> list[int]:
    """Cases in the smaller group of each specification."""
    own: dict[tuple[int, int], int] = {}
    for rule, criterion in enumerate(asked.rules):
        table = TrialTable.judged(
            trials.counter, trials.cases, trials.model.norms, trials.table.courses, criterion=criterion
        )
        for place, trial in enumerate(asked.trials):
            own[rule, place] = trial.smaller_group(table, trials.cases.after)
    return [own[each.rule, each.trial] for each in asked.all]
