"""The line with one episode: numpy's least squares, all orders there are, simulated noise, and what orders can show."""

from math import comb, sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import Detection, detect
from goldseam.detection.criteria.episode_regression.search import _noise, _orders
from tests.core.ratings import T1, one_series
from tests.core.reference.episode_regression import lowest, p_by_noise, p_by_orders, p_of_all_orders

few_examples = settings(max_examples=12, deadline=None)
LASTING = [6, 6.2, 5.9, 6.1, 6, 3.2, 3, 3.4, 6.1, 6.3, 5.8, 6]
"""A dip of three sessions, 6 to 8."""
decimals = st.integers(0, 100).map(lambda tenth: tenth / 10)


def found_in(rated: Any, **given_: Any) -> Detection:
    return detect(one_series(rated, low=None), criterion="episode-regression", **given_)


def p_of(rated: Any, **given_: Any) -> float:
    return float(found_in(rated, **given_).sessions["p"].drop_nulls()[0])


@pytest.mark.parametrize("seed", range(8))
def test_line_episode_and_p_agree_with_least_squares_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    length = 9 + seed % 3
    dip = np.isin(np.arange(length), (4, 5))
    rated = np.round(rng.normal(6, 1, length) - 2 * dip, 1).tolist()
    sessions = np.cumsum(rng.choice([1, 1, 1, 2, 3], length)).tolist()
    table = one_series(rated, low=None, sessions=sessions)
    for calibration, p in (
        ("permutation", p_by_orders(sessions, rated, _orders(len(rated), 19, 3), 4)),
        ("normal", p_by_noise(sessions, rated, _noise(len(rated), 19, 3), 4)),
    ):
        chosen = {"permutations": 19, "seed": 3, "calibration": calibration}
        assert detect(table, criterion="episode-regression", **chosen).sessions["p"][0] == pytest.approx(p)
    found = detect(table, criterion="episode-regression", alpha=0.5, calibration="normal")
    expected = lowest(sessions, rated, 4)
    row = found.sessions.row(expected.start, named=True)
    line = [expected.level_at_start, expected.spread]
    assert [row["expected"], row["spread"]] == pytest.approx(line, rel=1e-6)
    for event in found.episodes.to_dicts():
        assert event["onset_session"] == sessions[expected.start]
        assert [event["fall"], event["t"]] == pytest.approx([-expected.effect, expected.t], rel=1e-6)


def test_p_is_that_of_all_orders_there_are() -> None:
    """720 orders of six ratings; the p of 99,999 draws has an error of sqrt(p (1 - p)/99999)."""
    for rated in ([5, 6, 4.1, 4.3, 6.2, 5.8], [7, 6.5, 5, 6.4, 6.6, 6.1], [3, 5, 4, 6, 1, 2]):
        exact = p_of_all_orders(list(range(1, 7)), rated, 4)
        drawn = p_of(rated, permutations=99_999, minimum_ratings=6)
        assert abs(drawn - exact) < 4 * sqrt(exact * (1 - exact) / 99_999) + 1e-5


def test_the_draws_are_orders_and_noise() -> None:
    """Each of the 24 orders of four about equally often: 24,000 draws, so chi-square on 23 degrees of freedom."""
    orders = _orders(4, 24_000, 5)
    assert orders[:, 0].tolist() == [0, 1, 2, 3]
    _, counts = np.unique(orders[:, 1:], axis=1, return_counts=True)
    assert len(counts) == 24
    assert ((counts - 1000) ** 2 / 1000).sum() < 49.7  # .999 quantile
    noise = _noise(10, 20_000, 5)
    assert noise.mean(axis=0) == pytest.approx(np.zeros(20_000), abs=1e-12)
    assert (noise**2).sum(axis=0).mean() == pytest.approx(9, abs=4 * sqrt(18 / 20_000))  # chi-square, 9 df


@pytest.mark.parametrize(("calibration", "least"), [("normal", 0.05), ("permutation", 0.03)])
def test_in_independent_noise_the_rate_is_alpha_or_less(calibration: str, least: float) -> None:
    """3,000 courses of twelve ratings with a trend; orders of residuals are a little cautious."""
    rng = np.random.default_rng(20261125)
    count, length = 3000, 12
    table = pl.DataFrame(
        {
            "case": np.repeat(np.arange(count), length),
            "rater": "client",
            "scale": "alliance",
            "session": np.tile(np.arange(1, length + 1), count),
            "value": rng.normal(size=count * length) + np.tile(np.arange(length) / 5, count),
        }
    )
    found = detect(table, criterion="episode-regression", permutations=199, calibration=calibration)
    share = found.counts.flagged / count
    error = sqrt(0.05 * 0.95 / count)
    assert least - 4 * error < share < 0.05 + 4 * error


def test_the_test_vector() -> None:
    """Sessions 5 and 6; t by numpy's least squares. Orders cannot tell a dip of two of ten from chance."""
    expected = lowest(list(range(1, 11)), list(T1), 4)
    assert (expected.start, expected.ratings) == (4, 2)
    assert expected.t == pytest.approx(-8.8515, abs=5e-5)
    assert found_in(T1).events.is_empty()
    event = found_in(T1, calibration="normal").episodes.row(0, named=True)
    assert (event["onset_session"], event["repair_session"], event["status"]) == (5, 7, "repaired")
    assert event["t"] == pytest.approx(expected.t)
    assert event["p"] == 0.001


def test_an_episode_of_three_sessions() -> None:
    event = found_in(LASTING).episodes.row(0, named=True)
    assert (event["onset_session"], event["duration"], event["shape"]) == (6, 3, "U")
    assert (event["nadir"], event["nadir_session"], event["last_session"]) == (3.0, 7, 9)
    assert event["depth_z"] == pytest.approx((event["baseline"] - 3.0) / event["spread"])
    rows = found_in(LASTING).sessions
    assert rows.filter(verdict="met")["session"].to_list() == [6, 7, 8]
    assert set(rows["p"]) == {event["p"]}
    assert set(rows["limit"]) == {None}


@pytest.mark.parametrize("lows", [1, 2, 3])
def test_no_order_is_lower_than_one_that_keeps_the_lows_together(lows: int) -> None:
    """Of a dip in the middle of a flat course, orders with the lows side by side fit as well as the course itself.

    Of comb(n, lows) places for the lows, n - lows are episodes, the one at the beginning not among them.
    """
    n = 14 + lows % 2
    place = (n - lows) // 2
    rated = [6.0] * place + [2.0] * lows + [6.0] * (n - place - lows)
    exact = (n - lows) / comb(n, lows)
    drawn = p_of(rated, permutations=20_000)
    assert abs(drawn - exact) < 4 * sqrt(exact * (1 - exact) / 20_000) + 1e-4
    assert p_of(rated, calibration="normal") == 0.001


@few_examples
@given(rated=st.lists(decimals, min_size=9, max_size=14), slope=st.integers(-20, 20))
def test_a_straight_line_added_changes_nothing(rated: list[float], slope: int) -> None:
    leaning = [value + slope * place / 4 for place, value in enumerate(rated)]
    ours, theirs = (found_in(each, permutations=99).sessions for each in (rated, leaning))
    assert ours.select("verdict", "reason").equals(theirs.select("verdict", "reason"))
    assert ours["p"].equals(theirs["p"])


@pytest.mark.parametrize("rated", [[7.0] * 12, [0.1 * place for place in range(12)]])
@pytest.mark.parametrize("calibration", ["permutation", "normal"])
def test_where_nothing_is_left_around_the_line_it_is_not_applied(
    rated: list[float], calibration: str
) -> None:
    rows = found_in(rated, calibration=calibration).sessions
    assert set(rows["verdict"]) == {"not applied"}
    assert set(rows["reason"]) == {"no_variation"}


def test_a_course_that_is_a_line_and_an_episode_and_nothing_else_has_no_t() -> None:
    event = found_in([6.0] * 4 + [3.0] * 3 + [6.0] * 8, calibration="normal").episodes.row(0, named=True)
    assert (event["onset_session"], event["t"], event["spread"], event["depth_z"]) == (5, None, None, None)
    assert event["fall"] == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("tail", "status", "repair"),
    [
        ([3, 3.1, 3.2], "unrepaired", None),
        ([3, 3.1], "indeterminate", None),
        ([3, 3.1, None], "indeterminate", None),
        ([3, 3.1, 2.9, 6.1], "repaired", 14),
        ([3, 3.1, 2.9, None, 6.1], "repaired", 15),
    ],
)
def test_what_comes_after_the_episode(tail: list[float | None], status: str, repair: int | None) -> None:
    rated = [6, 6.2, 5.9, 6.1, 6, 6.1, 5.9, 6.2, 6, 6.1, *tail]
    event = found_in(rated, calibration="normal").episodes.row(0, named=True)
    assert (event["onset_session"], event["status"], event["repair_session"]) == (11, status, repair)
    assert event["duration_is_minimum"] == (repair == 15)


def test_an_episode_never_begins_a_course_and_is_shorter_than_the_rest() -> None:
    assert found_in([2.0, 6, 6.1, 5.9, 6, 6.2, 6, 5.9, 6.1], calibration="normal").events.is_empty()
    halves = [6.0, 6.1, 5.9, 6.2, 3, 3.1, 2.9, 3.2, 3.1, 3]
    found = found_in(halves, calibration="normal", longest=20, alpha=0.5).sessions.filter(verdict="met")
    assert found.height <= 4


def test_short_series_are_told_so() -> None:
    found = found_in(LASTING[:8])
    assert set(found.sessions["reason"]) == {"series_too_short"}
    assert found.counts.not_enough_data == 1


def test_a_seed_gives_the_same_numbers_and_another_seed_other_ones() -> None:
    rated = [5, 6, 4.1, 4.3, 6.2, 5.8, 5.1, 6.3, 5.5]
    assert p_of(rated) == p_of(rated, seed=1) == p_of([*rated, None])
    assert len({p_of(rated, seed=seed) for seed in range(8)}) > 1


def test_draws_of_one_length_do_not_depend_on_the_other_lengths_in_the_table() -> None:
    rng = np.random.default_rng(20261125)
    tables = [
        one_series(np.round(rng.normal(7, 1, length), 1).tolist(), low=None, case=f"{length:02}")
        for length in range(5, 40)
    ]
    together = detect(pl.concat(tables), criterion="episode-regression").sessions
    for table in tables[::6]:
        alone = detect(table, criterion="episode-regression").sessions
        assert alone.equals(together.filter(pl.col("case") == alone["case"][0]))
