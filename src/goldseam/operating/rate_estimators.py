"""Estimators of error rates from verdicts on simulated cases, each with its Monte-Carlo standard error."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Integers
from goldseam.exceptions import ParameterError
from goldseam.operating.error_rates import (
    AlertLoad,
    BandRates,
    Delay,
    EventCourse,
    EventGrade,
    PredictiveValue,
    Quantile,
    Rate,
    RepairRates,
    TimedSensitivity,
    Timing,
    TrueCause,
)
from goldseam.operating.simulated_cases import EventKind
from goldseam.operating.simulation_verdicts import RepairVerdicts, SimulationVerdicts, TrueEvents

# From below anything a fall makes to the ends of the grades (.01 marked, .025 probable) and past them.
P_BANDS = ((0.0, 0.0003), (0.0003, 0.001), (0.001, 0.003), (0.003, 0.01), (0.01, 0.025), (0.025, 1.0))
TIMINGS: tuple[Timing, ...] = ("early", "middle", "late")
NORMAL_95 = 1.959963984540054
REPAIR_SESSIONS_APART = 1

VerdictsByKind = Mapping[EventKind, SimulationVerdicts]


def ratio_estimate(numerator: NDArray[Any], denominator: NDArray[Any]) -> Rate:
    """Ratio of two totals over cases, with the case as the sampling unit.

    Parameters
    ----------
    numerator, denominator : array, shape (cases,)
        Counts of each case.

    Returns
    -------
    Rate
        ``r = sum(a) / sum(b)`` with standard error ``sqrt(sum((a - r*b)**2)) / sum(b)`` (linearised ratio
        estimator, Cochran 1977, *Sampling Techniques*, chapter 6).

    Raises
    ------
    ParameterError
        If the denominators are all zero: nothing was evaluable.
    """
    total = int(denominator.sum())
    if total == 0:
        raise ParameterError("no evaluable session", where="the simulated table", allowed="longer series")
    value = float(numerator.sum() / total)
    error = float(np.sqrt(np.sum((numerator - value * denominator) ** 2)) / total)
    return Rate(value=value, standard_error=error, count=int(numerator.sum()), of=total)


def false_alarm_rate(quiet: SimulationVerdicts, grade: EventGrade) -> Rate:
    """Events per evaluable session where nothing is wrong."""
    return ratio_estimate(quiet.onset[grade].sum(axis=1), quiet.evaluable.sum(axis=1))


def share_of_cases(onset: Flags) -> Rate:
    """Share of the cases with an event."""
    return ratio_estimate(any_in_series(onset), np.ones(len(onset), dtype=np.int64))


def sensitivity_rate(observed: SimulationVerdicts, grade: EventGrade) -> Rate:
    """Share of the evaluable true events within which an event of the grade begins."""
    return ratio_estimate(
        any_in_series(observed.onset[grade] & observed.dip), any_in_series(observed.evaluable & observed.dip)
    )


def timed_sensitivity(
    kind: EventKind, observed: SimulationVerdicts, grade: EventGrade, earliest: int
) -> list[TimedSensitivity]:
    """Sensitivity to dips by the third of the possible sessions they begin in."""
    truth, sessions = observed.truth, observed.dip.shape[1]
    hit, looked = (
        any_in_series(observed.onset[grade] & observed.dip),
        any_in_series(observed.evaluable & observed.dip),
    )
    rows = []
    for timing, third in zip(TIMINGS, np.array_split(np.arange(earliest, sessions + 1), 3), strict=True):
        begins = np.isin(truth.onset, third)
        if not (looked & begins).any():
            continue
        rate = ratio_estimate(hit * begins, looked * begins)
        first, last = int(third[0]), int(third[-1])
        rows.append(TimedSensitivity(kind.depth_sd, kind.duration or 0, timing, first, last, rate))
    return rows


def detection_delay(kind: EventKind, observed: SimulationVerdicts, grade: EventGrade) -> Delay:
    """Sessions from the true onset to the first event within the true one."""
    hit = observed.onset[grade] & observed.dip
    looked, reached = any_in_series(observed.evaluable & observed.dip), any_in_series(hit)
    waited = hit.argmax(axis=1) + 1 - observed.truth.onset
    waits = np.sort(waited[reached == 1])
    return Delay(
        course=kind.course,
        depth_sd=kind.depth_sd,
        duration=kind.duration,
        median=order_quantile(waits, 0.5),
        ninetieth=order_quantile(waits, 0.9),
        never_found=ratio_estimate(looked * (1 - reached), looked),
    )


def order_quantile(ordered: Integers, share: float) -> Quantile | None:
    """The smallest value that at least `share` of the values do not exceed, with its 95% interval.

    The interval is that of the order statistics, by the normal approximation to their binomial ranks (Conover
    1999, *Practical Nonparametric Statistics*, 3rd edition, section 3.2).
    """
    count = len(ordered)
    if not count:
        return None
    middle, spread = count * share, NORMAL_95 * sqrt(count * share * (1 - share))

    def at(rank: float) -> int:
        return int(ordered[min(max(ceil(rank), 1), count) - 1])

    return Quantile(value=at(middle), low=at(middle - spread), high=at(middle + spread))


def repair_rates(quiet: SimulationVerdicts, events: VerdictsByKind, grade: EventGrade) -> list[RepairRates]:
    """What becomes of false events, of true dips that are repaired, and of falls that never are."""
    if not any(seen.repairs.known for seen in (quiet, *events.values())):
        return []
    rows = [_repair_rate("nothing", None, [quiet], [quiet.onset[grade]])]
    behind: tuple[tuple[TrueCause, EventCourse], ...] = (
        ("repaired", "dip"),
        ("never repaired", "level_shift"),
    )
    for truth, course in behind:
        for depth in sorted({kind.depth_sd for kind in events}):
            group = [seen for kind, seen in events.items() if (kind.course, kind.depth_sd) == (course, depth)]
            standing = [_first_events(seen, grade, repaired=truth == "repaired") for seen in group]
            rows.append(_repair_rate(truth, depth, group, standing))
    return [row for row in rows if row is not None]


def _first_events(observed: SimulationVerdicts, grade: EventGrade, *, repaired: bool) -> Flags:
    """The first event within each true one, of those that are (or never are) repaired within the course."""
    within = observed.onset[grade] & observed.dip
    first = within & (np.cumsum(within, axis=1) == 1)
    chosen: Flags = first & ((observed.truth.repair > 0) == repaired)[:, None]
    return chosen


def _repair_rate(
    truth: TrueCause,
    depth: float | None,
    group: Sequence[SimulationVerdicts],
    standing: Sequence[Flags],
) -> RepairRates | None:
    """Verdicts on the repair of chosen events; None where there is no such event."""
    if not any(cells.any() for cells in standing):
        return None
    events = np.concatenate([cells.sum(axis=1) for cells in standing])

    def counted(each: Sequence[Flags]) -> Integers:
        totals: Integers = np.concatenate([(a & b).sum(axis=1) for a, b in zip(each, standing, strict=True)])
        return totals

    called = counted([seen.repairs.called for seen in group])
    right = counted([_repair_session_right(seen.truth, seen.repairs) for seen in group])
    return RepairRates(
        truth=truth,
        depth_sd=depth,
        called_repaired=ratio_estimate(called, events),
        undecided=ratio_estimate(counted([seen.repairs.undecided for seen in group]), events),
        session_right=ratio_estimate(right, called) if truth == "repaired" and called.any() else None,
    )


def _repair_session_right(truth: TrueEvents, repairs: RepairVerdicts) -> Flags:
    apart = np.abs(repairs.session - truth.repair[:, None])
    near: Flags = repairs.called & (apart <= REPAIR_SESSIONS_APART)
    return near


def predictive_value(
    prevalence: float,
    depth: float,
    grade: EventGrade,
    quiet: SimulationVerdicts,
    dips: Sequence[SimulationVerdicts],
) -> PredictiveValue | None:
    """Real events over all events, per case: ``pi*S / (pi*S + pi*F + (1 - pi)*F0)``.

    `S` and `F` are events within and outside the dip of a case with one, `F0` events of a case without.
    The standard error is the delta method on the three means. None where there is no event at all.
    """
    real, beside, nothing = _per_case(grade, quiet, dips)
    true = prevalence * real.mean()
    false = prevalence * beside.mean() + (1 - prevalence) * nothing.mean()
    if true + false == 0:
        return None
    slope = (true + false) ** 2
    from_dips = prevalence * (false * real - true * beside) / slope
    from_quiet = (1 - prevalence) * true * nothing / slope
    variance = from_dips.var() / len(from_dips) + from_quiet.var() / len(from_quiet)
    return PredictiveValue(prevalence, depth, float(true / (true + false)), float(np.sqrt(variance)))


def band_rates(
    assumed: Sequence[tuple[float, float]],
    quiet: SimulationVerdicts,
    at_depth: Mapping[float, Sequence[SimulationVerdicts]],
) -> list[BandRates]:
    """Error rates by the p of the rating an event begins with; `assumed` are pairs of prevalence and depth."""
    if np.isnan(quiet.p).all():
        return []
    rows = []
    for above, up_to in P_BANDS:
        in_band = {depth: [_with_p(seen, above, up_to) for seen in dips] for depth, dips in at_depth.items()}
        alone = _with_p(quiet, above, up_to)
        values = [predictive_value(share, depth, "any", alone, in_band[depth]) for share, depth in assumed]
        rows.append(
            BandRates(
                above=above,
                up_to=up_to,
                false_alarms=false_alarm_rate(_with_p(quiet, 0.0, up_to), "any"),
                predictive_values=tuple(row for row in values if row),
            )
        )
    return rows


def _with_p(observed: SimulationVerdicts, above: float, up_to: float) -> SimulationVerdicts:
    """The same with those events alone whose p is in the band."""
    inside = observed.onset["any"] & (observed.p > above) & (observed.p <= up_to)
    return replace(observed, onset={"any": inside})


def negative_predictive_value(
    prevalence: float,
    depth: float,
    grade: EventGrade,
    quiet: SimulationVerdicts,
    dips: Sequence[SimulationVerdicts],
) -> PredictiveValue | None:
    """Cases without an event that have no dip: ``(1 - pi)*Q0 / ((1 - pi)*Q0 + pi*Q1)``.

    `Q0` and `Q1` are the shares without any event of the cases without and with a dip. The standard error is the
    delta method on both. None where every case has an event.
    """
    silent = 1 - any_in_series(quiet.onset[grade])
    missed = np.concatenate([1 - any_in_series(seen.onset[grade]) for seen in dips])
    right, wrong = (1 - prevalence) * silent.mean(), prevalence * missed.mean()
    if right + wrong == 0:
        return None
    from_silent = (1 - prevalence) * wrong * silent.std() / sqrt(len(silent))
    from_missed = prevalence * right * missed.std() / sqrt(len(missed))
    error = float(np.hypot(from_silent, from_missed)) / (right + wrong) ** 2
    return PredictiveValue(prevalence, depth, float(right / (right + wrong)), float(error))


def alert_load(
    prevalence: float,
    depth: float | None,
    grade: EventGrade,
    quiet: SimulationVerdicts,
    dips: Sequence[SimulationVerdicts],
    *,
    caseload: int,
) -> AlertLoad:
    """Events a week with so many clients, each anywhere in a course of the simulated length."""
    real, beside, nothing = _per_case(grade, quiet, dips or [quiet])
    weekly = caseload / quiet.dip.shape[1]

    def load(of_a_dip: Integers) -> tuple[float, float]:
        mean = prevalence * of_a_dip.mean() + (1 - prevalence) * nothing.mean()
        variance = prevalence**2 * of_a_dip.var() / len(of_a_dip)
        variance += (1 - prevalence) ** 2 * nothing.var() / len(nothing)
        return float(weekly * mean), float(weekly * sqrt(variance))

    return AlertLoad(caseload, prevalence, depth, *load(real + beside), *load(beside))


def _per_case(
    grade: EventGrade, quiet: SimulationVerdicts, dips: Sequence[SimulationVerdicts]
) -> tuple[Integers, Integers, Integers]:
    """Events within the dip and outside it of each case with one, and events of each case without."""
    real = np.concatenate([(seen.onset[grade] & seen.dip).sum(axis=1) for seen in dips])
    beside = np.concatenate([(seen.onset[grade] & ~seen.dip).sum(axis=1) for seen in dips])
    return real, beside, quiet.onset[grade].sum(axis=1)


def any_in_series(cells: Flags) -> Integers:
    """1 for each series with a true cell, else 0; shape (series,)."""
    flags: Integers = np.any(cells, axis=1).astype(np.int64)
    return flags
