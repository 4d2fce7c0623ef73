"""Timing, delay, repair and load of error rates: by hand on cases written down, and by slow counting.

The toy criterion is `low-level` with a cut-off of 5: an event is every stretch of ratings below 5, so that its
events can be read off the ratings.
"""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from goldseam.detection import detect
from goldseam.norms import Norms
from goldseam.operating import ErrorRates, operating_characteristics
from goldseam.operating.error_rates import Quantile, Rate
from goldseam.operating.rate_estimators import (
    alert_load,
    detection_delay,
    false_alarm_rate,
    negative_predictive_value,
    order_quantile,
    repair_rates,
    timed_sensitivity,
)
from goldseam.operating.simulated_cases import EventKind, draw_cases
from goldseam.operating.simulation_verdicts import (
    CriterionSettings,
    RepairVerdicts,
    SimulationVerdicts,
    TrueEvents,
    judge_simulation,
)
from goldseam.simulate import MODELS, Simulation

_DAY = date(2026, 1, 5)
_TOY = CriterionSettings("low-level", None, Norms.default(), {"cutoff": 5.0})


def written_down(courses: list[list[float | None]], truth: list[tuple[int, int, int | None]]) -> Simulation:
    """Courses as they stand, and the true event of each: onset (0 is none), duration, session of the repair."""
    names = [f"case-{place}" for place in range(len(courses))]
    sessions = range(1, len(courses[0]) + 1)
    keys = {"rater": "client", "scale": "alliance"}
    ratings = pl.DataFrame(
        [
            {"case": name, **keys, "session": session, "value": value, "minimum": 0.0, "maximum": 10.0}
            for name, course in zip(names, courses, strict=True)
            for session, value in zip(sessions, course, strict=True)
        ]
    )
    rows = [
        {"case": name, "onset_session": onset, "duration": duration, "repair_session": repair}
        for name, (onset, duration, repair) in zip(names, truth, strict=True)
        if onset
    ]
    schema = {name: pl.String if name == "case" else pl.Int64 for name in
              ("case", "onset_session", "duration", "repair_session")}  # fmt: skip
    return Simulation(ratings, pl.DataFrame(rows, schema=schema), pl.DataFrame({"case": names}))


@pytest.fixture(scope="module")
def toy() -> SimulationVerdicts:
    """Six cases of six sessions; the true dips begin at 2, 3, 4, 5, 6 and nowhere.

    Events, by reading: case 0 at 2 (found at once); case 1 at 4 (one session late); case 2 at 1 (before the dip);
    case 3 at 5; case 4 none; case 5 at 3 (false).
    """
    courses: list[list[float | None]] = [
        [8, 4, 4, 8, 8, 8],
        [8, 8, None, 4, 8, 8],
        [4, 4, 4, 4, 8, 8],
        [8, 8, 8, 8, 4, 4],
        [8, 8, 8, 8, 8, 8],
        [8, 8, 4, 8, 8, 8],
    ]
    truth: list[tuple[int, int, int | None]] = [
        (2, 2, 4), (3, 2, 5), (4, 1, 5), (5, 2, None), (6, 1, None), (0, 0, None),
    ]  # fmt: skip
    return judge_simulation(_TOY, written_down(courses, truth), 6)


def test_the_toy_criterion_alarms_where_it_was_written_down(toy: SimulationVerdicts) -> None:
    places = {(int(case), int(session) + 1) for case, session in np.argwhere(toy.onset["any"])}
    assert places == {(0, 2), (1, 4), (2, 1), (3, 5), (5, 3)}
    assert toy.evaluable.sum() == 35
    assert false_alarm_rate(toy, "any").count == 5


def test_sensitivity_by_third_of_the_course_by_hand(toy: SimulationVerdicts) -> None:
    """Possible onsets 2 to 6: early 2-3 (2 of 2 found), middle 4-5 (1 of 2), late 6 (0 of 1)."""
    rows = timed_sensitivity(EventKind("dip", 2.0, 1), toy, "any", 2)
    found = [(row.timing, row.first_session, row.last_session, row.rate.count, row.rate.of) for row in rows]
    assert found == [("early", 2, 3, 2, 2), ("middle", 4, 5, 1, 2), ("late", 6, 6, 0, 1)]


def test_delay_by_hand(toy: SimulationVerdicts) -> None:
    """Found after 0, 1 and 0 sessions; two of five never, one of them hidden by an event that began before."""
    counted = detection_delay(EventKind("dip", 2.0, 1), toy, "any")
    assert (counted.never_found.count, counted.never_found.of) == (2, 5)
    assert counted.median is not None
    assert counted.ninetieth is not None
    assert (counted.median.value, counted.ninetieth.value) == (0, 1)


def test_a_delay_of_nothing_found_is_not_a_number() -> None:
    unseen = written_down([[8.0] * 4] * 2, [(2, 1, 3), (3, 1, 4)])
    counted = detection_delay(EventKind("dip", 2.0, 1), judge_simulation(_TOY, unseen, 4), "any")
    assert (counted.median, counted.ninetieth, counted.never_found.value) == (None, None, 1.0)


def test_a_quantile_and_its_interval_by_hand() -> None:
    """100 values 0..99: median the 50th, 49; ranks 50 -+ 1.96 * 5 = 40.2 and 59.8, the 41st and 60th value."""
    assert order_quantile(np.arange(100), 0.5) == Quantile(value=49, low=40, high=59)
    assert order_quantile(np.array([3]), 0.9) == Quantile(3, 3, 3)
    assert order_quantile(np.array([], dtype=int), 0.5) is None


def _verdicts(
    called: list[list[int]], undecided: list[list[int]], session: list[list[int]]
) -> RepairVerdicts:
    return RepairVerdicts(np.array(called, bool), np.array(undecided, bool), np.array(session), known=True)


def test_verdicts_on_repair_by_hand() -> None:
    """Three dips at session 2, repaired at 4: one called repaired at 5 (right within one), one at 6, one open.

    A second event within a dip does not count; nor the dip that is not repaired within the course.
    """
    onset = np.array([[0, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0]], bool)
    truth = TrueEvents(np.array([2, 2, 2, 5]), np.array([4, 4, 4, 7]), np.array([4, 4, 4, 0]))
    repairs = _verdicts(
        [[0, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0] * 6, [0, 0, 0, 0, 1, 0]],
        [[0] * 6, [0] * 6, [0, 1, 0, 0, 0, 0], [0] * 6],
        [[0, 5, 0, 0, 0, 0], [0, 6, 4, 0, 0, 0], [0] * 6, [0, 0, 0, 0, 6, 0]],
    )
    onsets = {"any": onset, "marked": onset}
    dips = SimulationVerdicts(
        np.ones_like(onset), onsets, truth.during(6), truth, repairs, np.full(onset.shape, np.nan)
    )
    rows = {row.truth: row for row in repair_rates(dips, {EventKind("dip", 2.0, 2): dips}, "any")}
    assert set(rows) == {"nothing", "repaired"}
    true = rows["repaired"]
    assert (true.called_repaired.count, true.called_repaired.of) == (2, 3)
    assert (true.undecided.count, true.undecided.of) == (1, 3)
    assert true.session_right is not None
    assert (true.session_right.count, true.session_right.of) == (1, 2)
    assert (rows["nothing"].called_repaired.count, rows["nothing"].called_repaired.of) == (4, 5)


def test_a_criterion_that_says_nothing_of_repair_has_no_such_rates(toy: SimulationVerdicts) -> None:
    assert repair_rates(toy, {EventKind("dip", 2.0, 1): toy}, "any") == []


def test_alerts_a_week_by_hand(toy: SimulationVerdicts) -> None:
    """Prevalence 0: 5 events in 6 cases of 6 sessions, 36 clients: 36 * (5/6) / 6 = 5 a week.

    Prevalence .5, the same cases once as those with a dip: false ones outside their dips are 2 of 6.
    """
    none = alert_load(0.0, None, "any", toy, [], caseload=36)
    assert (none.per_week, none.false_per_week) == (pytest.approx(5), pytest.approx(5))
    assert none.standard_error == pytest.approx(6 * math.sqrt(5 / 6 * 1 / 6 / 6))
    half = alert_load(0.5, 2.0, "any", toy, [toy], caseload=36)
    assert half.per_week == pytest.approx(5)
    assert half.standard_error == pytest.approx(6 * math.sqrt(2 * 0.5**2 * 5 / 6 * 1 / 6 / 6))
    assert half.false_per_week == pytest.approx(36 / 6 * (0.5 * 2 / 6 + 0.5 * 5 / 6))


def test_negative_predictive_value_by_hand(toy: SimulationVerdicts) -> None:
    """Of the quiet ones 1 of 6 has no event, of those with a dip 3 of 6: at .2, .8/6 / (.8/6 + .2/2) = 4/7."""
    onset = np.zeros((6, 6), dtype=bool)
    onset[:3, 0] = True
    dips = replace(toy, onset={"any": onset, "marked": onset})
    value = negative_predictive_value(0.2, 2.0, "any", toy, [dips])
    assert value is not None
    assert value.value == pytest.approx(4 / 7)


def test_the_error_of_a_negative_predictive_value_is_the_spread_of_repeated_simulations() -> None:
    """The spread of 40 simulations against the mean of the errors they state, within four errors of a spread."""
    settings = {"version": 1, "cases": 150, "computed_on": _DAY, "depths": (3.0,), "case_sessions": (6,)}
    measured = [operating_characteristics(seed=100 * seed, **settings) for seed in range(40)]
    values = [each.grades["any"].negative_predictive_values[1] for each in measured]
    spread = np.std([each.value for each in values], ddof=1)
    stated = np.mean([each.standard_error for each in values])
    assert abs(spread - stated) < 4 * stated / math.sqrt(2 * 39)


@pytest.fixture(scope="module")
def rates() -> ErrorRates:
    return operating_characteristics(
        criterion="own-mean", cases=300, seed=8, computed_on=_DAY, depths=(2.0, 3.0), case_sessions=(12,)
    )


def _slowly(simulation: Simulation) -> list[dict[str, Any]]:
    """For each case, one after another: its truth, events and judged sessions."""
    found = detect(simulation.ratings, criterion="own-mean")
    cases = []
    for case in simulation.people["case"]:
        truth = simulation.truth.filter(pl.col("case") == case).rows(named=True)
        judged = found.sessions.filter(
            (pl.col("case") == case)
            & pl.col("value").is_not_null()
            & (pl.col("verdict") != "not enough data")
        )
        events = found.events.filter(pl.col("case") == case).sort("onset_session").rows(named=True)
        cases.append({"truth": truth[0], "events": events, "judged": set(judged["session"])})
    return cases


def test_every_figure_is_what_slow_counting_gives(rates: ErrorRates) -> None:
    """Plain loops over the tables of `detect` and of the simulation, case by case."""
    grade = rates.grades["any"]
    samples = draw_cases(
        MODELS["items"],
        depths=(2.0, 3.0),
        durations=(1, 2),
        sessions=12,
        quiet_sessions=12,
        cases=300,
        seed=8,
    )
    for row in grade.delays:
        kind = EventKind(row.course, row.depth_sd, row.duration)
        waits, looked = [], 0
        for case in _slowly(samples.events[kind]):
            start = case["truth"]["onset_session"]
            window = range(start, start + case["truth"]["duration"])
            looked += any(session in case["judged"] for session in window)
            inside = [e["onset_session"] for e in case["events"] if e["onset_session"] in window]
            waits += [inside[0] - start] if inside else []
        assert (row.never_found.of, row.never_found.count) == (looked, looked - len(waits))
        assert row.median is not None
        assert row.median.value == sorted(waits)[math.ceil(len(waits) / 2) - 1]


def test_repairs_are_what_slow_counting_gives(rates: ErrorRates) -> None:
    samples = draw_cases(
        MODELS["items"],
        depths=(2.0, 3.0),
        durations=(1, 2),
        sessions=12,
        quiet_sessions=12,
        cases=300,
        seed=8,
    )
    called = right = events = 0
    for duration in (1, 2):
        for case in _slowly(samples.events[EventKind("dip", 3.0, duration)]):
            truth = case["truth"]
            inside = [
                e for e in case["events"]
                if truth["onset_session"] <= e["onset_session"] < truth["onset_session"] + truth["duration"]
            ]  # fmt: skip
            if not inside or not truth["repaired"]:
                continue
            events += 1
            if inside[0]["status"] in ("repaired", "repaired_unconfirmed"):
                called += 1
                right += abs(inside[0]["repair_session"] - truth["repair_session"]) <= 1
    (row,) = [r for r in rates.grades["any"].repairs if (r.truth, r.depth_sd) == ("repaired", 3.0)]
    assert (row.called_repaired.count, row.called_repaired.of) == (called, events)
    assert row.session_right is not None
    assert row.session_right.count == right


def test_sensitivities_by_timing_add_up(rates: ErrorRates) -> None:
    grade = rates.grades["any"]
    for row in grade.sensitivity:
        parts = [t.rate for t in grade.timing if (t.depth_sd, t.duration) == (row.depth_sd, row.duration)]
        assert sum(rate.count for rate in parts) == row.rate.count
        assert sum(rate.of for rate in parts) == row.rate.of


def test_the_whole_table_survives_the_way_through_json(rates: ErrorRates) -> None:
    assert ErrorRates.from_content(rates.content()) == rates


def test_a_table_stored_without_the_later_figures_is_still_read(rates: ErrorRates) -> None:
    content = rates.content()
    later = ("negative_predictive_values", "timing", "delays", "repairs", "alerts")
    for name in later:
        del content["grades"]["any"][name]
    grade = ErrorRates.from_content(content).grades["any"]
    assert all(getattr(grade, name) == () for name in later)
    assert isinstance(grade.false_alarms, Rate)
