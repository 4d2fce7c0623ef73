"""The head-to-head: dips found by each criterion at the same rate of false alarms, and what `predictive` promises."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rules import FloatArray, evaluable, own_mean

from goldseam.detection import Detection, detect
from goldseam.norms import Norms, fit_norms
from goldseam.operating.bayes_limit import bayes_limit_p, oracle_p
from goldseam.operating.rate_estimators import ratio_estimate
from goldseam.operating.simulation_verdicts import dip_sessions
from goldseam.simulate import MODELS, Simulation, SimulationModel, simulate

SESSIONS = 16
RATES = (0.015, 0.03)
DIPS = ((2.0, 1), (3.0, 1), (2.0, 2))
LATE_SESSIONS = 24
LATE = 6
TINY = 1e-9
_NORMING_CASES = 1_000
_ITEMS, _UNBOUNDED = MODELS["items"], MODELS["unbounded"]

KINDS: dict[str, SimulationModel] = {
    **MODELS,
    "half at the ceiling": replace(_ITEMS, mean=9.9, trend=0.0),
    "nine totals": replace(
        _ITEMS, maximum=8.0, step=1.0, mean=5.6, between_sd=0.9, within_sd=0.8, trend=0.03
    ),
    "five totals": replace(
        _ITEMS, minimum=1.0, maximum=5.0, step=1.0, mean=3.6, between_sd=0.6, within_sd=0.5, trend=0.015
    ),
    "strongly autocorrelated": replace(_UNBOUNDED, autocorrelation=0.6),
    "half missing": replace(_UNBOUNDED, missing_share=0.5),
    "everything at once": replace(
        _ITEMS,
        mean=8.2,
        own_sd_log_sd=0.5,
        autocorrelation=0.4,
        trend_sd=0.05,
        drift_sd=0.1,
        missing_share=0.2,
    ),
}
"""Kinds of data by name: those of `goldseam.simulate` and six more."""

HARD = (
    "ceiling",
    "half at the ceiling",
    "nine totals",
    "five totals",
    "trend",
    "drift",
    "heavy-tails",
    "half missing",
    "everything at once",
)
SHIPPED = ("items", "ceiling")
"""Kinds on the scale the shipped norms speak of, for which these are tried too."""

CRITERIA = (
    "previous-drop",
    "running-maximum",
    "median-of-three",
    "own-mean",
    "reliable-drop",
    "kalman",
    "cusum",
    "ewma",
    "stevens-local",
    "sudden-drop",
    "changepoint",
    "hidden-markov",
    "dynamic-complexity-type",
)
"""Prospective criteria that give a number per session; `low-level` and `direct-question` look at no change."""

BY_LIMIT = ("cusum", "ewma")
"""Add up over sessions, so that what is expected of one says little: the distance from the limit is their number."""
Statistic = Callable[["Sample"], FloatArray]
"""One number per session, low where alarming, NaN where nothing can be said; shape (series, sessions)."""


@dataclass(frozen=True)
class Figure:
    """A proportion and its Monte-Carlo standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class Sample:
    """One simulated table with its arrays, shape (series, sessions)."""

    simulation: Simulation

    @cached_property
    def values(self) -> FloatArray:
        return self.lay_out(self.simulation.ratings["value"])

    @cached_property
    def evaluable(self) -> NDArray[np.bool_]:
        return evaluable(self.values)

    @cached_property
    def dip(self) -> NDArray[np.bool_]:
        return dip_sessions(self.simulation, SESSIONS)

    def lay_out(self, column: pl.Series) -> FloatArray:
        """A column of the table of ratings, or of sessions, by series and session."""
        cells = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return cells.reshape(self.simulation.people.height, -1)


@dataclass(frozen=True, eq=False)
class Data:
    """One kind of data: event-free cases, and one sample per depth and duration of dip."""

    model: SimulationModel
    quiet: Sample
    dips: dict[tuple[float, int], Sample]
    norms: Norms


def make_data(kind: str, norms: str, *, cases: int, seed: int) -> Data:
    """Simulate a kind of data and settle the norms."""
    model = KINDS[kind]

    def sample(of: SimulationModel, place: int) -> Sample:
        return Sample(simulate(cases=cases, sessions=SESSIONS, seed=seed + place, model=of))

    others = simulate(cases=_NORMING_CASES, sessions=SESSIONS, seed=seed + 99, model=model)
    return Data(
        model=model,
        quiet=sample(model.without_episodes(), 0),
        dips={
            (depth, duration): sample(model.with_dips(depth_sd=depth, duration=duration), place)
            for place, (depth, duration) in enumerate(DIPS, start=1)
        },
        norms=Norms.default() if norms == "shipped" else fit_norms(others.ratings),
    )


def contenders(data: Data) -> dict[str, Statistic]:
    """What is compared; the limits know what no criterion can know."""
    found: dict[str, Statistic] = {
        "oracle": lambda sample: oracle_p(sample.simulation, data.model),
        "Bayes limit": lambda sample: bayes_limit_p(sample.simulation, data.model),
        "predictive": partial(_of_criterion, criterion="predictive", version=3, norms=data.norms),
        "predictive, version 1": partial(_of_criterion, criterion="predictive", version=1, norms=data.norms),
        "own mean, Student's t": lambda sample: -own_mean(sample.values, data.model.step or 0.0),
    }
    for criterion in CRITERIA:
        found[criterion] = partial(_of_criterion, criterion=criterion, norms=data.norms)
    return found


def _of_criterion(sample: Sample, **rule: object) -> FloatArray:
    """p where the criterion has one, else the rating less what it is compared with, in SDs where it has them."""
    if rule["criterion"] == "dynamic-complexity-type":
        return _steadiness(sample, **rule)
    found = detect(sample.simulation.ratings, **rule)  # type: ignore[arg-type]
    if rule["criterion"] == "hidden-markov":
        return 1 - sample.lay_out(found.details["probability_low"])
    rows = found.sessions
    if rows["p"].is_not_null().any():
        return sample.lay_out(rows["p"])
    compared = "limit" if rule["criterion"] in BY_LIMIT else "expected"
    distance = sample.lay_out(rows["value"] - rows[compared])
    if rows["spread"].is_null().all():
        return distance
    # of a client who never varied, any fall is infinitely many SDs
    return distance / np.maximum(sample.lay_out(rows["spread"]), TINY)


def _steadiness(sample: Sample, **rule: object) -> FloatArray:
    """By how many SDs of the earlier complexities this one lies below their limit: it alarms where high."""
    one, two = (
        detect(sample.simulation.ratings, sds=sds, **rule).details  # type: ignore[arg-type]
        for sds in (1.0, 2.0)
    )
    sd = two["complexity_limit"] - one["complexity_limit"]
    return sample.lay_out((two["complexity_limit"] - two["complexity"]) / sd)


def at_rates(statistic: Statistic, data: Data) -> dict[str, dict[str, Figure]]:
    """Dips found at each of `RATES`, with the error of the threshold itself in the standard errors."""
    quiet = np.where(data.quiet.evaluable, statistic(data.quiet), np.nan)
    dips = {dip: statistic(sample) for dip, sample in data.dips.items()}
    return {
        f"{rate:.1%}": {
            label(dip): _found_at(rate, quiet, data.quiet, data.dips[dip], statistics)
            for dip, statistics in dips.items()
        }
        for rate in RATES
    }


def _found_at(rate: float, quiet: FloatArray, null: Sample, sample: Sample, statistic: FloatArray) -> Figure:
    share = Threshold.at(rate, quiet, null).found(sample, statistic)
    error = _threshold_error(rate, quiet, null)
    around = [Threshold.at(rate + by * error, quiet, null).found(sample, statistic).value for by in (-1, 1)]
    return Figure(share.value, float(np.hypot(share.standard_error, (around[1] - around[0]) / 2)))


@dataclass(frozen=True)
class Threshold:
    """The value that gives a rate of false alarms; of the ratings that have it exactly a share alarms.

    On a coarse scale many ratings share a value, and a rule would have to choose between two rates.
    """

    point: float
    share: float

    @classmethod
    def at(cls, rate: float, quiet: FloatArray, null: Sample) -> "Threshold":
        """For so many alarms per evaluable session."""
        values = np.sort(quiet[null.evaluable & ~np.isnan(quiet)])
        wanted = rate * null.evaluable.sum()
        point = values[min(int(wanted), len(values) - 1)]
        below, ties = (values < point).sum(), (values == point).sum()
        return cls(float(point), float((wanted - below) / ties))

    def found(self, sample: Sample, statistic: FloatArray) -> Figure:
        """Share of dips with an evaluable session in which there is an alarm."""
        looked = sample.evaluable & sample.dip
        with np.errstate(invalid="ignore"):
            chance = np.where(statistic < self.point, 1.0, np.where(statistic == self.point, self.share, 0.0))
        missed = np.where(looked, 1 - chance, 1.0).prod(axis=1)
        return _mean((1 - missed)[looked.any(axis=1)])


def _threshold_error(rate: float, quiet: FloatArray, null: Sample) -> float:
    """Standard error of the rate of false alarms at its threshold, with the case as the sampling unit."""
    with np.errstate(invalid="ignore"):
        alarms = quiet <= Threshold.at(rate, quiet, null).point
    return ratio_estimate(alarms.sum(axis=1), null.evaluable.sum(axis=1)).standard_error


def promises(data: Data, *, cases: int, seed: int) -> dict[str, Figure]:
    """What `predictive` does as shipped: false alarms, settling, slow decline, repair."""
    found = detect(data.quiet.simulation.ratings, criterion="predictive", version=3, norms=data.norms)
    looks = data.quiet.evaluable.sum(axis=1)
    p = data.quiet.lay_out(found.sessions["p"])
    with np.errstate(invalid="ignore"):
        low = (p < 0.025) & data.quiet.evaluable
    eroded = data.quiet.lay_out(found.sessions["criterion_2"] == "met") == 1
    return {
        "p < .025": _per_look(low.sum(axis=1), looks),
        "onsets": _per_look(_onsets(found, data.quiet).sum(axis=1), looks),
        "of these slow": _per_look(eroded.sum(axis=1), looks),
        "late": _late(data, cases=cases, seed=seed),
        "erosions found": _erosions(data, cases=cases, seed=seed),
        **_repairs(data, cases=cases, seed=seed),
    }


def _onsets(found: Detection, sample: Sample) -> NDArray[np.bool_]:
    begins = found.events.select("case", session="onset_session").with_columns(onset=pl.lit(1.0))
    rows = sample.simulation.ratings.select("case", "session").join(
        begins, on=["case", "session"], how="left", maintain_order="left"
    )
    return sample.lay_out(rows["onset"]) == 1


def _late(data: Data, *, cases: int, seed: int) -> Figure:
    """Sessions with p < .025, of those from the seventh on after a lasting fall of 2 to 3 own SDs."""
    model = replace(data.model, episode_share=1.0, depth_sd=(2.0, 3.0), repaired_share=0.0, erosion_share=0.0)
    made = simulate(cases=cases, sessions=LATE_SESSIONS, seed=seed + 11, model=model)
    sample = Sample(made)
    found = detect(made.ratings, criterion="predictive", version=3, norms=data.norms)
    onset = made.truth["onset_session"].to_numpy()[:, None]
    late = sample.evaluable & (np.arange(1, LATE_SESSIONS + 1) - onset >= LATE)
    with np.errstate(invalid="ignore"):
        alarms = (sample.lay_out(found.sessions["p"]) < 0.025) & late
    return _per_look(alarms.sum(axis=1), late.sum(axis=1))


def _erosions(data: Data, *, cases: int, seed: int) -> Figure:
    """Declines of 2 own SDs over six sessions that open an episode within ten sessions."""
    model = replace(data.model, episode_share=1.0, depth_sd=(2.0, 2.0), erosion_share=1.0, erosion_sessions=6)
    made = simulate(cases=cases, sessions=LATE_SESSIONS, seed=seed + 12, model=model)
    truth = made.truth.filter(pl.col("onset_session") <= LATE_SESSIONS - 10)
    found = detect(
        made.ratings.join(truth.select("case"), on="case"),
        criterion="predictive",
        version=3,
        norms=data.norms,
    )
    events = found.events.select("case", "onset_session").join(
        truth.select("case", begins="onset_session"), on="case"
    )
    soon = events.filter(
        pl.col("onset_session") >= pl.col("begins"), pl.col("onset_session") < pl.col("begins") + 10
    )
    return _mean(truth["case"].is_in(soon["case"].unique().to_list()).to_numpy().astype(float))


def _repairs(data: Data, *, cases: int, seed: int) -> dict[str, Figure]:
    """Of the dips found: the never repaired called repaired, the repaired called so, the session within one."""
    called = {}
    for name, share in (("never", 0.0), ("repaired", 1.0)):
        model = replace(data.model, episode_share=1.0, repaired_share=share, erosion_share=0.0)
        made = simulate(cases=cases, sessions=SESSIONS, seed=seed + 13, model=model)
        called[name] = _called(data, made)
    mended = called["repaired"].filter(
        pl.col("repaired") & (pl.col("repair_session") <= pl.col("rated_last"))
    )
    said = pl.col("status").is_in(["repaired", "repaired_unconfirmed"])
    right = mended.filter(said).select((pl.col("found_repair") - pl.col("repair_session")).abs() <= 1)
    return {
        "never repaired, called repaired": _mean(_flags(called["never"].select(said))),
        "repaired, called repaired": _mean(_flags(mended.select(said))),
        "repair within one": _mean(_flags(right)),
    }


def _called(data: Data, made: Simulation) -> pl.DataFrame:
    """The first event within each true episode, with the truth beside it."""
    found = detect(made.ratings, criterion="predictive", version=3, norms=data.norms)
    last = made.ratings.drop_nulls("value").group_by("case").agg(rated_last=pl.col("session").max())
    truth = made.truth.select("case", "repaired", "repair_session", "duration", begins="onset_session")
    events = found.events.select("case", "onset_session", "status", found_repair="repair_session")
    joined = events.join(truth, on="case").join(last, on="case")
    within = joined.filter(
        pl.col("onset_session") >= pl.col("begins"),
        pl.col("onset_session") < pl.col("begins") + pl.col("duration"),
    )
    return within.sort("case", "onset_session").unique("case", keep="first", maintain_order=True)


def _flags(column: pl.DataFrame) -> FloatArray:
    return column.to_series().cast(pl.Float64).to_numpy()


def _per_look(count: NDArray[np.int64], looks: NDArray[np.int64]) -> Figure:
    rate = ratio_estimate(count, looks)
    return Figure(rate.value, rate.standard_error)


def _mean(values: FloatArray) -> Figure:
    return Figure(float(values.mean()), float(values.std() / np.sqrt(len(values))))


def label(dip: tuple[float, int]) -> str:
    """A dip in words."""
    return f"{dip[0]:g} SD x {dip[1]}"
