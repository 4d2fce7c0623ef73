"""Outcome of episodes repaired within three sessions or not, calibrated by tables in which nothing happens."""

from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import keyed_table
from goldseam.cohort.episode_counts import EpisodeCounter, onset_positions
from goldseam.cohort.joint_course_model import (
    JointBootstrap,
    JointModel,
    fit_joint,
    shrunken_courses,
)
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.exceptions import TableError
from goldseam.norms import Norms
from goldseam.norms.marginal_likelihood import take_series
from goldseam.operating.rate_estimators import NORMAL_95
from goldseam.progress import with_progress
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

GRACE = 3
TABLES_A_DRAW = 2
LARGEST_WEIGHT = 10.0
ROUNDS = 30
PUBLISHED = (0.62, 0.29, 0.10, 0.47)
"""d, and r with its 95% interval, of repaired against unrepaired episodes (Eubanks, Muran & Safran 2018)."""


@dataclass(frozen=True, eq=False)
class RepairEffect:
    """The effect in SDs of the outcome, and what stands beside it.

    Attributes
    ----------
    table : polars.DataFrame
        ``estimate, d, low, high, meaning``: *calibrated* (the answer), *regression* (confounded), *by chance*.
    counts : polars.DataFrame
        ``what, cases``: how many at each stage.
    calibrated : tuple of float or None
        d and its 95% interval.
    e_values : tuple of float or None
        Of the calibrated d, and of the end of its interval nearer to 0 (1 where that holds 0).
    refused : str or None
        Why there is none.
    """

    table: "pl.DataFrame"
    counts: "pl.DataFrame"
    calibrated: tuple[float, float, float] | None
    e_values: tuple[float, float] | None
    refused: str | None


@dataclass(frozen=True, eq=False)
class _Cases:
    """Cases with one member: series, what is known before any onset, the outcome, the last attended session."""

    series: RatingSeries
    number: Integers
    covariates: Floats
    after: Floats
    last_session: Integers


@dataclass(frozen=True, eq=False)
class _Trial:
    """First onsets: of which case, repaired in time, seen at the landmark, and what preceded the landmark."""

    case: Integers
    repaired: Flags
    seen: Flags
    x: Floats


def repair_effect_of(counter: EpisodeCounter, model: ChanceModel, outcomes: Any, draws: int) -> RepairEffect:
    """Emulate a trial from onset + 3: repaired by then or not.

    Parameters
    ----------
    counter, model
        Of the cohort.
    outcomes
        A row per case, a path or a frame: ``case, after`` (the outcome, taken after the landmark, never the alliance
        itself) and optionally ``before`` (the same before treatment).
    draws : int
        Bootstrap draws.

    Returns
    -------
    RepairEffect
    """
    import polars as pl

    cases = _cases(counter, outcomes)
    known = int(np.isfinite(cases.after).sum())
    refused = MINIMUMS["repair effect"].refusal(known // 2)
    if refused:
        why = f"{known} cases with one member have an outcome; {refused}"
        return RepairEffect(pl.DataFrame(), pl.DataFrame(), None, None, why)
    everyone = np.ones(cases.series.n_series, np.int64)
    plain = JointBootstrap.of(cases.series, model.norms, higher_is_better=True, seed=model.seed)
    beyond = cases.series.value - plain.mean_course
    joint = fit_joint(beyond, cases.series, cases.covariates, cases.after, everyone)
    trial = _trial(counter, cases.series, cases, norms=model.norms, joint=joint, beyond=beyond)
    counts, refused = _counted(trial, cases)
    if refused:
        return RepairEffect(pl.DataFrame(), counts, None, None, refused)
    scale = _spread(trial, cases)
    observed, _error = _estimate(trial, cases.after, everyone.astype(np.float64))
    every = _Draws.made(counter, model, cases, draws)
    calibration = _Calibration.of(every)
    estimates = every.observed - calibration.at(every.links)
    value = (observed - calibration.at(joint.link[None])[0]) / scale
    error = sqrt(float(np.nanvar(estimates, ddof=1)) + calibration.error**2) / scale
    calibrated = (value, value - NORMAL_95 * error, value + NORMAL_95 * error)
    plain_error = float(np.nanstd(every.observed, ddof=1)) / scale
    rows = [
        ("calibrated", *calibrated, "regression minus its mean in tables in which nothing happens"),
        (
            "regression",
            observed / scale,
            observed / scale - NORMAL_95 * plain_error,
            observed / scale + NORMAL_95 * plain_error,
            "confounded: a noisy early slope does not remove the true one",
        ),
        (
            "by chance",
            observed / scale - value,
            None,
            None,
            "mean of the regression in tables in which nothing happens",
        ),
    ]
    table = pl.DataFrame(rows, schema=["estimate", "d", "low", "high", "meaning"], orient="row")
    return RepairEffect(table, counts, calibrated, e_values(calibrated), None)


def e_values(d: tuple[float, float, float]) -> tuple[float, float]:
    """E-values of a standardised difference (VanderWeele & Ding 2017, Ann Intern Med 167, 268-274).

    Parameters
    ----------
    d : tuple of float
        Estimate and 95% interval; a risk ratio is exp(.91 d).

    Returns
    -------
    estimate, limit : float
        How strongly something unmeasured would have to go with both, as a risk ratio, to explain all of it; of the end
        nearer to 0, 1 where the interval holds 0.
    """
    value, low, high = d
    near = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    estimate, limit = (exp(0.91 * each) for each in (abs(value), near))
    return estimate + sqrt(estimate * (estimate - 1)), limit + sqrt(limit * (limit - 1))


@dataclass(frozen=True, eq=False)
class _Draws:
    """In each draw: the estimate in drawn cases, the links of their model, and estimates in event-free tables."""

    observed: Floats
    links: Floats
    by_chance: Floats

    @classmethod
    def made(cls, counter: EpisodeCounter, model: ChanceModel, cases: _Cases, draws: int) -> "_Draws":
        observed, links, by_chance = [], [], []
        for number, all_weights in enumerate(
            with_progress([*model.weights(draws)], "refitting level, slope, outcome")
        ):
            weights = all_weights[cases.number]
            norms = model.norms_at(all_weights)
            plain = JointBootstrap.of(cases.series, norms, higher_is_better=True, seed=model.seed)
            beyond = cases.series.value - plain.mean_course
            joint = fit_joint(beyond, cases.series, cases.covariates, cases.after, weights.astype(np.int64))
            trial = _trial(counter, cases.series, cases, norms=norms, joint=joint, beyond=beyond)
            observed.append(_estimate(trial, cases.after, weights)[0])
            links.append(joint.link)
            by_chance.append(_by_chance(counter, cases, norms, joint, seed=model.seed, number=number))
        return cls(np.array(observed), np.stack(links), np.array(by_chance))


@dataclass(frozen=True, eq=False)
class _Calibration:
    """What the regression gives by chance, as a straight line in the links of the model; `error` of its mean."""

    middle: Floats
    coefficients: Floats
    error: float

    @classmethod
    def of(cls, draws: _Draws) -> "_Calibration":
        middle = draws.links.mean(axis=0)
        known = np.isfinite(draws.by_chance)
        x = np.column_stack([np.ones(len(draws.links)), draws.links - middle])[known]
        y = draws.by_chance[known]
        coefficients: Floats = np.linalg.lstsq(x, y, rcond=None)[0]
        left = float(((y - x @ coefficients) ** 2).sum()) / max(len(y) - x.shape[1], 1)
        return cls(middle, coefficients, sqrt(left / len(y)))

    def at(self, links: Floats) -> Floats:
        found: Floats = self.coefficients[0] + (links - self.middle) @ self.coefficients[1:]
        return found


def _cases(counter: EpisodeCounter, outcomes: Any) -> _Cases:
    """The cases with one member that count, with their outcomes."""
    import polars as pl

    cohort = counter.cohort
    given = keyed_table(outcomes, ["case"], "outcomes", ["after"])
    usable = (cohort.per_case[cohort.case] == 1) & (cohort.series.lengths >= 1)
    chosen = np.flatnonzero(usable)
    number = cohort.case[chosen]
    joined = cohort.cases[number].join(given, on="case", how="left", maintain_order="left")
    figures = {}
    for name in ("after", "before"):
        column = joined.get_column(name) if name in joined.columns else pl.Series([0.0] * len(number))
        numbers = column.cast(pl.Float64, strict=False)
        if numbers.count() < column.count():
            raise TableError(
                f"outcomes, column {name}: not a number", given="text", allowed="numbers, or empty"
            )
        figures[name] = numbers.to_numpy().astype(np.float64)
    before = figures["before"]
    covariates = before[:, None] if len({*before[np.isfinite(before)]}) > 1 else np.zeros((len(number), 0))
    after = np.where(np.isfinite(before), figures["after"], np.nan)
    return _Cases(
        take_series(cohort.series, chosen),
        number,
        np.nan_to_num(covariates),
        after,
        joined.get_column("last_session").to_numpy(),
    )


def _trial(
    counter: EpisodeCounter,
    series: RatingSeries,
    cases: _Cases,
    *,
    norms: Norms,
    joint: JointModel,
    beyond: Floats,
) -> _Trial:
    """The first onset of every case, with what was known before it."""
    import polars as pl

    events = counter.judged(counter.criteria[0], series, norms).sort("series", "onset_session")
    events = events.unique("series", keep="first", maintain_order=True)
    owner = events.get_column("series").to_numpy().astype(np.int64)
    onset = events.get_column("onset_session").to_numpy().astype(np.int64)
    repair = events.get_column("repair_session").cast(pl.Float64).fill_null(np.inf).to_numpy()
    own = shrunken_courses(beyond, series, joint, onset_positions(events, series), owner)
    depth = ((events["baseline"] - events["value"]) / events["spread"]).to_numpy()
    x = np.column_stack([np.ones(len(owner)), cases.covariates[owner], own, onset, depth])
    return _Trial(owner, repair <= onset + GRACE, cases.last_session[owner] >= onset + GRACE, x)


def _estimate(trial: _Trial, after: Floats, weights: Floats) -> tuple[float, Floats]:
    """Difference in the outcome, adjusted for what preceded the onset, weighted for who was seen; NaN where none."""
    known = trial.seen & np.isfinite(after[trial.case])
    own = weights[trial.case]
    inverse = observed_weights(trial.x, known, own)
    total = (own * inverse)[known]
    x = np.column_stack([trial.repaired.astype(np.float64), trial.x])[known]
    used = total > 0
    if len(np.unique(trial.repaired[known][used])) < 2:
        return float("nan"), inverse
    root = np.sqrt(total)[:, None]
    found = np.linalg.lstsq(root * x, root[:, 0] * after[trial.case][known], rcond=None)[0]
    return float(found[0]), inverse


def observed_weights(x: Floats, known: Flags, weights: Floats) -> Floats:
    """Stabilised inverse probability of being observed, from what preceded the onset; at most ten.

    Parameters
    ----------
    x : ndarray of float, shape (n, n_predictors)
        With a column of ones.
    known : ndarray of bool, shape (n,)
        Who is observed.
    weights : ndarray of float, shape (n,)
        How often each counts.

    Returns
    -------
    ndarray of float, shape (n,)
        1 where all are observed, or none.
    """
    share = float((weights * known).sum() / max(weights.sum(), 1e-12))
    if share in (0.0, 1.0) or not 0 < share < 1:
        return np.ones(len(known))
    centred = x.copy()
    spread = x.std(axis=0)
    centred[:, spread > 0] = (x - x.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    estimate = np.zeros(x.shape[1])
    # a weak prior keeps it finite where a predictor tells observed from unobserved completely
    prior = np.diag(np.where(spread > 0, 0.1, 0.0))
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(centred @ estimate, -30, 30)))
        slope = centred.T @ (weights * (known - chance)) - prior @ estimate
        information = (centred * (weights * chance * (1 - chance))[:, None]).T @ centred + prior
        step = np.linalg.lstsq(information, slope, rcond=None)[0]
        estimate = estimate + np.clip(step, -2, 2)
    chance = 1 / (1 + np.exp(-np.clip(centred @ estimate, -30, 30)))
    inverse: Floats = np.minimum(share / np.maximum(chance, 1e-6), LARGEST_WEIGHT)
    return inverse


def _by_chance(
    counter: EpisodeCounter, cases: _Cases, norms: Norms, joint: JointModel, *, seed: int, number: int
) -> float:
    """Mean of the regression in event-free tables drawn from the model of a draw."""
    bootstrap = JointBootstrap.prepared(cases.series, norms, joint, seed)
    ones = np.ones(cases.series.n_series)
    found = []
    for table in range(TABLES_A_DRAW):
        place = number * TABLES_A_DRAW + table
        drawn = bootstrap.draw([place])
        after = np.where(np.isfinite(cases.after), bootstrap.outcomes(place, cases.covariates), np.nan)
        trial = _trial(
            counter, drawn, cases, norms=norms, joint=joint, beyond=drawn.value - bootstrap.mean_course
        )
        found.append(_estimate(trial, after, ones)[0])
    return float(np.mean(found))


def _spread(trial: _Trial, cases: _Cases) -> float:
    """SD of the outcome among the cases analysed."""
    after = cases.after[trial.case[trial.seen]]
    return float(np.nanstd(after, ddof=1))


def _counted(trial: _Trial, cases: _Cases) -> "tuple[pl.DataFrame, str | None]":
    import polars as pl

    known = trial.seen & np.isfinite(cases.after[trial.case])
    repaired, not_repaired = int((known & trial.repaired).sum()), int((known & ~trial.repaired).sum())
    rows = [
        ("cases with one member", cases.series.n_series),
        ("with a flagged episode", len(trial.case)),
        (f"left before onset + {GRACE} sessions: weighted", int((~trial.seen).sum())),
        ("seen at the landmark, outcome not known: weighted", int((trial.seen & ~known).sum())),
        ("analysed: repaired by the landmark", repaired),
        ("analysed: not repaired by the landmark", not_repaired),
    ]
    refused = MINIMUMS["repair effect"].refusal(min(repaired, not_repaired))
    return pl.DataFrame(rows, schema=["what", "cases"], orient="row"), refused
