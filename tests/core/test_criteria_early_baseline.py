"""EWMA, CUSUM and the local-level filter on the test vector and by hand calculation."""

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtr

from goldseam import Norms, ParameterError, ScaleNorms, TableNote, TableWarning, detect
from goldseam.detection import find_criterion
from goldseam.detection.criteria.cusum import Cusum
from goldseam.detection.criteria.ewma import Ewma
from goldseam.series import load_series
from tests.core.ratings import T1, one_series

ONE_POINT = Norms(
    "hand", "1", "points", (ScaleNorms("*", (5.0,), between_sd=1.0, within_sd=1.0),), "By hand.", False
)
T1_CHART = {"mean": 5.3, "sd": 0.2}
T1_FILTER = {"mean": 5.0, "variance": 0.25, "drift": 0.005, "noise": 0.0325}


def statistic(criterion: str) -> list[float]:
    """Of the test vector, with a level of 5.3 and an SD of .2 from the first rating on."""
    chart = find_criterion(criterion)
    assert isinstance(chart, Ewma | Cusum)
    values, _ = chart.chart(load_series(one_series(T1)), np.array([5.3]), np.array([0.2]), 0)
    return [float(value) for value in values]


def met(criterion: str, values: list[float | None] | tuple[float, ...], **given: object) -> list[int]:
    found = detect(one_series(values), criterion=criterion, **given)
    return found.sessions.filter(pl.col("verdict") == "met")["session"].to_list()


def test_the_weighted_means_of_the_test_vector() -> None:
    # Given with the vector: lambda .3, started at 5.3; limit at session 5 with L 2.15 and sigma .2: 5.1219.
    given = [5.2400, 5.2880, 5.2616, 5.3331, 4.9032, 4.7522, 4.9166, 5.0916, 5.1841, 5.3089]
    assert statistic("ewma") == pytest.approx(given, abs=5e-5)
    assert met("ewma", T1, **T1_CHART) == [5, 6, 7, 8]
    limit = detect(one_series(T1), criterion="ewma", **T1_CHART).sessions["limit"][4]
    # A rating at the limit would bring the weighted mean to the line: .3 x + .7 * 5.3331.
    assert 0.3 * limit + 0.7 * 5.33309 == pytest.approx(5.1219, abs=1e-4)


def test_the_sums_of_the_test_vector() -> None:
    # Given with the vector: k .5.
    assert statistic("cusum") == pytest.approx([0.5, 0, 0, 0, 6.5, 10.5, 10, 8.5, 7.5, 5.5], abs=1e-9)
    assert met("cusum", T1, **T1_CHART) == [5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize("criterion", ["ewma", "cusum"])
def test_an_alarm_that_outlasts_the_repair_is_one_event(criterion: str) -> None:
    # Recovery of 5.3 and 5.5 from 3.9 to 5.3: 1.0 and more at session 7, confirmed at 8, while the chart is still low.
    events = detect(one_series(T1), criterion=criterion, **T1_CHART).events
    assert events.select("onset_session", "status", "repair_session").rows() == [(5, "repaired", 7)]


@pytest.mark.parametrize(("threshold", "expected"), [(2.9, [6, 7, 8]), (3.0, [7, 8]), (6.0, [])])
def test_sums_by_hand(threshold: float, expected: list[int]) -> None:
    # Level 6 from four ratings, SD 1, allowance .5: later ratings of 4 add 1.5 each: 1.5, 3, 4.5, 6.
    values = [6.0, 6.0, 6.0, 6.0, 4.0, 4.0, 4.0, 4.0]
    assert met("cusum", values, norms=ONE_POINT, threshold=threshold) == expected


def test_slow_erosion_adds_up_where_no_single_step_is_large() -> None:
    # Level 6, SD 1: falls of .75 a session down to 3; C is .25, 1.25, 3 at 5.25, 4.5, 3.75 and 5.5 at 3.
    values = [6.0, 6.0, 6.0, 6.0, 5.25, 4.5, 3.75, 3.0]
    assert met("cusum", values, norms=ONE_POINT) == [8]
    assert met("previous-drop", values, norms=ONE_POINT) == []
    event = detect(one_series(values), criterion="cusum", norms=ONE_POINT).events.row(0, named=True)
    assert (event["baseline"], event["onset_kind"], event["status"]) == (6.0, "erosion", "open")


@pytest.mark.parametrize("criterion", ["ewma", "cusum"])
def test_the_first_ratings_give_the_level_and_are_not_judged(criterion: str) -> None:
    found = detect(one_series([5, 7, 6, 6, 6, 6]), criterion=criterion, norms=ONE_POINT).sessions
    assert found["verdict"].to_list() == ["not enough data"] * 4 + ["not met"] * 2
    assert found["expected"].to_list() == [None] * 4 + [6.0] * 2
    found = detect(one_series([5, 7, 3, 3]), criterion=criterion, norms=ONE_POINT, baseline_ratings=2)
    assert found.sessions["expected"].to_list() == [None, None, 6.0, 6.0]


@pytest.mark.parametrize("criterion", ["ewma", "cusum"])
def test_level_and_spread_in_points_need_no_norms_and_turn_with_the_scale(criterion: str) -> None:
    bare = one_series(T1, low=None)
    assert detect(bare, criterion=criterion, **T1_CHART).events["onset_session"].to_list() == [5]
    turned = one_series([10 - value for value in T1], low=None)
    found = detect(turned, criterion=criterion, higher_is_better=False, mean=4.7, sd=0.2)
    assert found.events["onset_session"].to_list() == [5]
    assert found.events["baseline"].to_list() == [4.7]
    with pytest.warns(TableNote, match="taken 1 to 6 for scale alliance"):
        detect(bare, criterion=criterion, mean=5.3)


def z_of(**given: object) -> list[float]:
    rows = detect(one_series(T1), criterion="kalman", **T1_FILTER, **given).sessions
    return ((rows["value"] - rows["expected"]) / rows["spread"]).to_list()


def test_the_filter_of_the_test_vector_without_clipping() -> None:
    given = [0.187, 1.209, -0.204, 1.208, -6.434, -2.016, 2.743, 2.764, 1.413, 1.869]
    assert z_of(clip=1000) == pytest.approx(given, abs=5e-4)


def test_clipping_keeps_a_dip_from_dragging_the_level_down() -> None:
    # By hand: before session 5 level and variances as without clipping; the update uses -2.6 for -6.434.
    free = detect(one_series(T1), criterion="kalman", clip=1000, **T1_FILTER).sessions
    clipped = detect(one_series(T1), criterion="kalman", **T1_FILTER).sessions
    moved = [rows["expected"][5] - rows["expected"][4] for rows in (clipped, free)]
    assert moved[0] / moved[1] == pytest.approx(2.6 / 6.434, abs=1e-4)
    assert z_of()[6] < 1.96 < z_of(clip=1000)[6]


def test_the_dip_of_the_test_vector_is_a_marked_episode() -> None:
    event = detect(one_series(T1), criterion="kalman", **T1_FILTER).events.row(0, named=True)
    assert (event["onset_session"], event["grade"], event["status"]) == (5, "marked", "repaired")
    assert event["depth_z"] == pytest.approx(6.434, abs=5e-4)


@pytest.mark.parametrize(
    ("z", "grade"), [(1.95, None), (1.97, "probable"), (2.32, "probable"), (2.34, "marked")]
)
def test_grades_begin_at_their_thresholds(z: float, grade: str | None) -> None:
    before = detect(one_series([5, 5, 5, 5]), criterion="kalman", **T1_FILTER).sessions.row(3, named=True)
    value = before["expected"] - z * before["spread"]
    events = detect(one_series([5, 5, 5, value]), criterion="kalman", **T1_FILTER).events
    assert events["grade"].to_list() == ([grade] if grade else [])


def test_time_between_ratings_costs_certainty() -> None:
    # Drift .1 a week, nothing known before is lost: variance before rating 2 is P + .1 a week.
    given = {"mean": 5.0, "variance": 0.0, "drift": 0.1, "noise": 1.0}

    def variance(**how: object) -> float:
        table = one_series([5.0, 5.0], **how)
        return float(detect(table, criterion="kalman", **given).sessions["spread"][1] ** 2)

    # After the first rating P = .1 * 1 / 1.1; each further week adds .1, and the noise is 1.
    after_first = 0.1 / 1.1
    assert variance() == pytest.approx(after_first + 0.1 + 1)
    assert variance(days=[0, 7]) == pytest.approx(after_first + 0.1 + 1)
    assert variance(days=[0, 28]) == pytest.approx(after_first + 0.4 + 1)
    assert variance(sessions=[1, 4]) == pytest.approx(after_first + 0.3 + 1)
    with pytest.warns(TableWarning, match="earlier than that of the session before"):
        assert variance(days=[7, 0]) == pytest.approx(after_first + 1)


def test_norms_give_what_is_not_given_in_points() -> None:
    # Mean 5, SDs 1 and 1: variance before the first rating 1 + .075, noise .9.
    row = detect(one_series(T1), criterion="kalman", norms=ONE_POINT).sessions.row(0, named=True)
    assert row["expected"] == 5.0
    assert row["spread"] == pytest.approx((1 + 0.075 + 0.9) ** 0.5)


def test_thresholds_out_of_order_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"probable 2.5, marked 2.33.*probable at most marked"):
        detect(one_series(T1), criterion="kalman", probable=2.5)


def test_the_first_limit_of_the_weighted_mean_is_that_of_a_single_rating() -> None:
    # By hand: .3 (x - mu) < -L sigma * .3 is x < mu - L sigma = 5.3 - 2.15 * .2.
    limit = detect(one_series(T1), criterion="ewma", **T1_CHART).sessions["limit"][0]
    assert limit == pytest.approx(4.87)


def test_false_alarms_of_the_sum_are_those_of_its_markov_chain() -> None:
    # Brook & Evans (1972), Biometrika 59:539: the sum as a chain of 300 states, started at 0.
    states, series, length = 300, 4000, 40
    rng = np.random.default_rng(20261122)
    table = pl.DataFrame(
        {
            "case": np.repeat(np.arange(series), length),
            "rater": "client",
            "scale": "alliance",
            "session": np.tile(np.arange(1, length + 1), series),
            "value": rng.normal(size=series * length),
        }
    )
    found = detect(table, criterion="cusum", mean=0.0, sd=1.0).sessions.filter(pl.col("verdict") == "met")
    share = found["case"].n_unique() / series
    expected = alarm_within(length, states, threshold=3.0, allowance=0.5)
    # Known run length of this chart: 118 on average, so about 1 - exp(-40/118) = .29.
    assert expected == pytest.approx(0.28, abs=0.02)
    assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / series) ** 0.5)


def alarm_within(length: int, states: int, threshold: float, allowance: float) -> float:
    """Probability that the sum of standard normal ratings passes the threshold within so many ratings."""
    width = 2 * threshold / (2 * states - 1)
    place = np.arange(states) * width
    # from state i the sum becomes place[i] - x - allowance: a normal around place[i] - allowance
    upper = place[None, :] + width / 2 - (place[:, None] - allowance)
    below = ndtr(upper)
    chain = np.diff(below, axis=1, prepend=0.0)
    at = np.zeros(states)
    at[0] = 1.0
    for _ in range(length):
        at = at @ chain
    return float(1 - at.sum())


LAMBDA, CELLS, HIGHEST, SETTLED = 0.3, 1_200, 4.0, 60
"""Of the chain: weight of a rating, cells, upper end in SDs of a rating, sessions until the limit stands."""


def ewma_run_length(width: float, *, changing: bool, fall: float = 0.0, begins_after: int = 0) -> float:
    """Mean sessions until an alarm, the alarming one counted, of a fall that is there after so many sessions.

    A Markov chain over the weighted mean in small cells; with the changing limit its steps differ in time. A fall that
    begins later is met by the mean as it is where nothing alarmed before.
    """
    spread = np.sqrt(LAMBDA / (2 - LAMBDA))
    edges = np.linspace(-width * spread, HIGHEST, CELLS + 1)
    middle = (edges[1:] + edges[:-1]) / 2
    size = edges[1] - edges[0]

    def steps(shift: float) -> np.ndarray:
        reach = ndtr((edges[None, :] - (1 - LAMBDA) * middle[:, None] + LAMBDA * shift) / LAMBDA)
        return np.diff(reach, axis=1)

    def inside(session: int) -> np.ndarray:
        share = 1 - (1 - LAMBDA) ** (2 * session) if changing else 1.0
        return np.clip((edges[1:] + width * spread * np.sqrt(share)) / size, 0, 1)

    # from 0 the first step is exact
    calm, fallen = steps(0.0), steps(fall)
    shift = 0.0 if begins_after else fall
    state = np.diff(ndtr((edges + LAMBDA * shift) / LAMBDA)) * inside(1)
    total = 1.0
    for session in range(2, begins_after + 1):
        state = (state @ calm) * inside(session)
        total = 0.0
        state /= state.sum()
    if begins_after:
        return float(1 + np.linalg.solve(np.eye(CELLS) - fallen, np.ones(CELLS)) @ (state @ fallen))
    for session in range(2, SETTLED):
        total += state.sum()
        state = (state @ fallen) * inside(session)
    return float(total + state @ np.linalg.solve(np.eye(CELLS) - fallen, np.ones(CELLS)))


@pytest.mark.parametrize(
    ("width", "fixed", "changing"),
    [
        (1.81, (50.4, 4.41), (48.3, 3.81, 4.45)),
        (2.15, (100.9, 5.70), (98.5, 5.06, 5.64)),
        (2.68, (370.3, 8.75), (367.5, 8.11, 8.60)),
    ],
)
def test_run_lengths_of_the_weighted_mean_are_those_of_its_markov_chain(
    width: float, fixed: tuple[float, ...], changing: tuple[float, ...]
) -> None:
    assert ewma_run_length(width, changing=False) == pytest.approx(fixed[0], abs=0.06)
    assert ewma_run_length(width, changing=False, fall=1) == pytest.approx(fixed[1], abs=0.05)
    assert ewma_run_length(width, changing=True) == pytest.approx(changing[0], abs=0.06)
    assert ewma_run_length(width, changing=True, fall=1) == pytest.approx(changing[1], abs=0.05)
    late = ewma_run_length(width, changing=True, fall=1, begins_after=50)
    assert late == pytest.approx(changing[2], abs=0.05)


@pytest.mark.parametrize(("width", "sessions"), [(1.827, 50), (2.157, 100), (2.682, 370)])
def test_the_widths_for_a_wanted_run_length_of_the_chart_we_compute(width: float, sessions: int) -> None:
    lengths = [ewma_run_length(each, changing=True) for each in (width - 5e-4, width + 5e-4)]
    assert lengths[0] - 0.05 <= sessions <= lengths[1] + 0.05
