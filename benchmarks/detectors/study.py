"""The head-to-head: dips found by each rule at the same rate of false alarms."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rules import FloatArray, Statistic, drop_from_previous, evaluable, own_mean

from goldseam.detection import detect
from goldseam.norms import Norms, fit_norms
from goldseam.operating.measure import Rule, dip_sessions, observe, onsets, ratio, run
from goldseam.simulate import MODELS, Simulation, simulate

SESSIONS = 16
RATES = (0.015, 0.03)
DIPS = ((2.0, 1), (2.0, 2), (3.0, 1), (3.0, 2))
NOMINAL = {"watch": 0.05, "probable": 0.025, "marked": 0.01}
_NORMING_CASES = 1_000

# Kind of data and the norms predictive is given: those shipped, or fitted to 1,000 other cases of that kind
# (ruptures among them). The shipped norms speak of 0 to 10 scales, so the unbounded kinds have fitted ones.
KINDS: tuple[tuple[str, str], ...] = (
    ("items", "shipped"),
    ("items", "fitted"),
    ("ceiling", "shipped"),
    ("ceiling", "fitted"),
    *((kind, "fitted") for kind in MODELS if kind not in ("items", "ceiling")),
)

Alarms = NDArray[np.bool_]


@dataclass(frozen=True)
class Figure:
    """A proportion and its Monte-Carlo standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class Sample:
    """One simulated table with its arrays, shape (series, sessions)."""

    simulation: Simulation

    @cached_property
    def values(self) -> FloatArray:
        return self.simulation.ratings["value"].fill_null(float("nan")).to_numpy().reshape(-1, SESSIONS)

    @cached_property
    def evaluable(self) -> NDArray[np.bool_]:
        return evaluable(self.values)

    @cached_property
    def dip(self) -> NDArray[np.bool_]:
        return dip_sessions(self.simulation, SESSIONS)

    def false_alarm_rate(self, alarms: Alarms) -> Figure:
        """Alarms per evaluable session."""
        rate = ratio((alarms & self.evaluable).sum(axis=1), self.evaluable.sum(axis=1))
        return Figure(rate.value, rate.standard_error)

    def found(self, alarms: Alarms) -> Figure:
        """Share of dips with an evaluable session in which there is an alarm."""
        looked = self.evaluable & self.dip
        rate = ratio((alarms & looked).any(axis=1).astype(int), looked.any(axis=1).astype(int))
        return Figure(rate.value, rate.standard_error)


@dataclass(frozen=True)
class Data:
    """One kind of data: event-free cases, and one sample per depth and duration of dip."""

    quiet: Sample
    dips: dict[tuple[float, int], Sample]
    norms: Norms
    step: float


def make_data(kind: str, norms: str, *, cases: int, seed: int) -> Data:
    """Simulate a kind of data and settle the norms."""
    model = MODELS[kind]
    quiet = simulate(cases=cases, sessions=SESSIONS, seed=seed, model=model.without_episodes())
    dips = {
        dip: simulate(
            cases=cases,
            sessions=SESSIONS,
            seed=seed + place,
            model=model.with_dips(depth_sd=dip[0], duration=dip[1]),
        )
        for place, dip in enumerate(DIPS, start=1)
    }
    others = simulate(cases=_NORMING_CASES, sessions=SESSIONS, seed=seed + 99, model=model)
    return Data(
        quiet=Sample(quiet),
        dips={dip: Sample(simulation) for dip, simulation in dips.items()},
        norms=Norms.default() if norms == "shipped" else fit_norms(others.ratings),
        step=model.step or 0.0,
    )


# Alarms of a rule as a function of how easily it alarms: (sample, threshold) -> array.
Alarming = Callable[[Sample, float], Alarms]


def statistic_alarms(statistic: Statistic, step: float) -> Alarming:
    """Alarm where the statistic reaches minus the threshold (so that more means more alarms)."""

    def alarms(sample: Sample, threshold: float) -> Alarms:
        with np.errstate(invalid="ignore"):
            return statistic(sample.values, step) >= -threshold

    return alarms


def predictive_alarms(norms: Norms) -> Alarming:
    """Alarm where an episode opens, all thresholds of p multiplied by a factor."""

    def alarms(sample: Sample, factor: float) -> Alarms:
        detection = run(_rule(norms, factor), sample.simulation, SESSIONS)
        return onsets(detection, "any", sample.simulation, SESSIONS)

    return alarms


def _rule(norms: Norms, factor: float = 1.0) -> Rule:
    thresholds = {name: min(p * factor, 0.5) for name, p in NOMINAL.items()}
    return Rule("predictive", 1, norms, thresholds)


@dataclass(frozen=True)
class AtRate:
    """What a rule finds at one false-alarm rate."""

    false_alarms: Figure
    threshold: float
    found: dict[str, Figure]


@dataclass(frozen=True)
class Contender:
    """A rule whose readiness to alarm can be turned up from `low` to `high`."""

    alarms: Alarming
    low: float
    high: float


def contenders(data: Data, span: float) -> dict[str, Contender]:
    """The rules compared, on a scale whose range is `span` points."""
    return {
        "predictive": Contender(predictive_alarms(data.norms), 0.01, 10.0),
        "drop-from-previous": Contender(statistic_alarms(drop_from_previous, data.step), -span, 0.0),
        "own-mean": Contender(statistic_alarms(own_mean, data.step), 0.0, 0.5),
    }


def at_rates(rule: Contender, data: Data, bisections: int) -> dict[str, AtRate]:
    """Dips found at each of `RATES`, with the error of the threshold itself in the standard errors."""
    results = [_at_rate(rule, data, rate, bisections) for rate in RATES]
    steps = {
        dip: (results[-1].found[dip].value - results[0].found[dip].value) / (RATES[-1] - RATES[0])
        for dip in results[0].found
    }
    return {
        f"{rate:.1%}": replace(
            result,
            found={
                dip: Figure(
                    figure.value,
                    float(np.hypot(figure.standard_error, steps[dip] * result.false_alarms.standard_error)),
                )
                for dip, figure in result.found.items()
            },
        )
        for rate, result in zip(RATES, results, strict=True)
    }


def _at_rate(rule: Contender, data: Data, rate: float, bisections: int) -> AtRate:
    """Bisect to the threshold with that false-alarm rate.

    What lies between the last two thresholds is interpolated: the rule that chooses between them at random
    (coarse scales have ties exactly where the threshold would have to be).
    """
    low, high = rule.low, rule.high
    for _ in range(bisections):
        middle = (low + high) / 2
        if data.quiet.false_alarm_rate(rule.alarms(data.quiet, middle)).value <= rate:
            low = middle
        else:
            high = middle
    below, above = (data.quiet.false_alarm_rate(rule.alarms(data.quiet, end)) for end in (low, high))
    weight = _weight(below.value, above.value, rate)
    return AtRate(
        false_alarms=Figure(_between(below.value, above.value, weight), above.standard_error),
        threshold=abs(low),
        found={
            _label(dip): _mixed(sample, rule.alarms, (low, high), weight) for dip, sample in data.dips.items()
        },
    )


def nominal(data: Data) -> dict[str, object]:
    """`predictive` as shipped: p below .025 opens an episode."""
    quiet = observe(_rule(data.norms), data.quiet.simulation, SESSIONS)
    p = _p_values(data)
    return {
        "onsets per evaluable session": data.quiet.false_alarm_rate(quiet.onset["any"]),
        "marked onsets per evaluable session": data.quiet.false_alarm_rate(quiet.onset["marked"]),
        "sessions with p < .025": data.quiet.false_alarm_rate(p < NOMINAL["probable"]),
        "cases with an onset": _share(quiet.onset["any"].any(axis=1)),
        "found": {
            _label(dip): sample.found(predictive_alarms(data.norms)(sample, 1.0))
            for dip, sample in data.dips.items()
        },
    }


def _p_values(data: Data) -> FloatArray:
    """p of every session of the event-free cases; shape (series, sessions)."""
    sessions = detect(data.quiet.simulation.ratings, criterion="predictive", version=1, norms=data.norms)
    table = data.quiet.simulation.ratings.select("case", "session").join(
        sessions.sessions.select("case", "session", "p"), on=["case", "session"], how="left",
        maintain_order="left",
    )  # fmt: skip
    return table["p"].fill_null(float("nan")).to_numpy().reshape(-1, SESSIONS)


def _share(flagged: NDArray[np.bool_]) -> Figure:
    value = float(flagged.mean())
    return Figure(value, float(np.sqrt(value * (1 - value) / len(flagged))))


def _weight(below: float, above: float, rate: float) -> float:
    return min(max((rate - below) / (above - below), 0.0), 1.0) if above > below else 0.0


def _between(low: float, high: float, weight: float) -> float:
    return low + weight * (high - low)


def _mixed(sample: Sample, alarms: Alarming, ends: tuple[float, float], weight: float) -> Figure:
    first, second = (sample.found(alarms(sample, end)) for end in ends)
    error = max(first.standard_error, second.standard_error)
    return Figure(_between(first.value, second.value, weight), error)


def _label(dip: tuple[float, int]) -> str:
    return f"{dip[0]:g} SD x {dip[1]}"
