"""Online change points: the test vector, every set of change points added up, gaps, gates and long series."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import Detection, Norms, ScaleNorms, detect
from goldseam.detection.criteria.changepoint.run_lengths import RunLengths, RunPrior, run_lengths
from goldseam.series import load_series
from tests.core.ratings import T1, T1_NORMS, one_series
from tests.core.reference.changepoint import follow, learnt, predictive, probability_of_partitions

T1_PRIOR = (5.0, 0.67, 4.0, 0.441)
IN_POINTS = dict(zip(("mean", "weight", "shape", "rate"), T1_PRIOR, strict=True))
few_examples = settings(max_examples=20, deadline=None)
grid = st.integers(4, 28).map(lambda quarter: quarter / 4)


def followed(table: pl.DataFrame, *, hazard: float = 0.1, most: int = 60) -> RunLengths:
    prior = RunPrior(*(np.array([each]) for each in T1_PRIOR))
    return run_lengths(load_series(table), prior, hazard=hazard, most=most)


def found_in(table: pl.DataFrame, **given_: object) -> Detection:
    return detect(table, criterion="changepoint", **{**IN_POINTS, "drop": 0.3, **given_})


def test_the_probabilities_of_the_test_vector() -> None:
    """Given with it: P(r <= 1) and the most probable run length, with a hazard of .1."""
    found = followed(one_series(T1))
    given_ = [1.000, 0.1747, 0.1599, 0.1576, 0.7416, 0.1521, 0.3443, 0.2024, 0.1642, 0.1516]
    assert found.recent == pytest.approx(given_, abs=5e-5)
    assert found.length.tolist() == [1, 2, 3, 4, 1, 2, 3, 2, 3, 4]


def test_the_probability_of_no_run_at_all_is_the_hazard_and_all_run_lengths_add_up() -> None:
    """The well-known trap: P(r = 0) after a rating says nothing, so the criterion never asks for it."""
    for each in follow(list(range(1, 11)), list(T1), T1_PRIOR, 0.1):
        assert each["runs"][0] == 0.1
        assert sum(each["runs"]) == pytest.approx(1)


@pytest.mark.parametrize("sessions", [list(range(1, 11)), [2, 3, 4, 7, 8, 9, 11, 12, 16, 17]])
@pytest.mark.parametrize("hazard", [0.02, 0.1, 0.4])
def test_the_recursion_gives_what_all_sets_of_change_points_add_up_to(
    sessions: list[int], hazard: float
) -> None:
    """512 sets for ten ratings, each with the closed form of its likelihood; also where sessions are missing."""
    found = followed(one_series(T1, sessions=sessions), hazard=hazard)
    added_up = probability_of_partitions(sessions, list(T1), T1_PRIOR, hazard)
    assert found.recent == pytest.approx(added_up, abs=1e-10)


def test_norms_give_the_prior_of_the_test_vector_too() -> None:
    """Its norms: s0 .35, weight .67, shape 4, so a rate of 4 * .35² * .9 = .441."""
    by_norms = detect(one_series(T1), criterion="changepoint", norms=T1_NORMS)
    in_points = found_in(one_series(T1))
    for name in ("expected", "spread", "degrees_of_freedom"):
        assert by_norms.sessions[name].to_list() == pytest.approx(in_points.sessions[name].to_list())
    assert by_norms.norms is not None
    assert in_points.norms is None


def test_the_dip_of_the_test_vector() -> None:
    """Expected: the four ratings before, 5.3 on average, drawn to 5: (.67 * 5 + 21.2)/4.67 = 5.2570."""
    event = found_in(one_series(T1)).episodes.row(0, named=True)
    assert (event["onset_session"], event["status"], event["repair_session"]) == (5, "repaired", 7)
    assert event["baseline"] == pytest.approx(5.2570, abs=5e-5)
    assert event["change_probability"] == pytest.approx(0.7416, abs=5e-5)
    assert event["run_ratings"] == 4
    centre, scale, freedom = predictive(learnt(T1_PRIOR, list(T1[:4])))
    row = found_in(one_series(T1)).sessions.row(4, named=True)
    assert [row["expected"], row["spread"], row["degrees_of_freedom"]] == pytest.approx(
        [centre, scale, freedom]
    )
    assert (row["limit"], row["p"], row["grade"]) == (None, None, "none")


def test_a_jump_upwards_is_a_change_but_no_event() -> None:
    found = found_in(one_series([4.0, 4.1, 4.0, 4.1, 6.0, 6.1]))
    assert found.sessions.select("verdict", "criterion_1", "criterion_2").row(4) == (
        "not met",
        "met",
        "not met",
    )
    assert found.events.is_empty()


def test_a_change_too_small_to_count_says_so() -> None:
    table = one_series([5.0, 5.0, 5.0, 5.0, 3.5])
    assert found_in(table).sessions.select("verdict", "reason").row(4) == ("met", None)
    assert found_in(table, drop=1.6).sessions.select("verdict", "reason").row(4) == ("not met", "small_drop")


def test_the_smallest_fall_is_a_share_of_the_range_or_a_multiple_of_the_error() -> None:
    """.05 of 6 points is .3; 1.28 errors of .5 are .64; the fall is 5 - 4.5 = .5."""
    steady = [5.0] * 30 + [4.5]
    for error, word in ((None, "met"), (0.5, "not met")):
        entry = ScaleNorms("*", (5.0,), between_sd=1, within_sd=0.1, measurement_error=error)
        norms = Norms("gates", "1", "points", (entry,), "By hand.", False)
        found = detect(one_series(steady), criterion="changepoint", norms=norms).sessions
        assert found["verdict"].item(30) == word
        assert found["criterion_1"].item(30) == "met"


def test_sessions_without_a_rating_make_a_change_likelier_before_the_next_one() -> None:
    """By hand: one run of one rating; a new one has 1 - .9³ before session 4, not .1, in its favour."""
    near, far = (followed(one_series([5.0, 4.0], sessions=[1, last])).recent[1] for last in (2, 4))

    def odds(recent: float) -> float:
        began = (recent - 0.1) / 0.9
        return float(began / (1 - began))

    assert odds(far) / odds(near) == pytest.approx((1 - 0.9**3) / 0.9**3 / (0.1 / 0.9))


def test_series_no_longer_than_the_run_lengths_kept_are_exact_and_longer_ones_nearly() -> None:
    """Changes every 50 ratings or so, against the recursion with all run lengths."""
    rng = np.random.default_rng(20261125)
    values = (5 + rng.choice([-1.0, 0, 1], 5).repeat(50) + rng.normal(0, 0.4, 250)).tolist()
    sessions = list(range(1, 251))
    exact = [each["runs"][0] + each["runs"][1] for each in follow(sessions, values, T1_PRIOR, 0.1)]
    found = followed(one_series(values, low=None), most=150).recent
    assert found[:150] == pytest.approx(exact[:150], abs=1e-12)
    assert found == pytest.approx(exact, abs=1e-3)
    assert followed(one_series(values, low=None), most=250).recent == pytest.approx(exact, abs=1e-12)


@few_examples
@given(values=st.lists(grid, min_size=4, max_size=12), other=st.lists(grid, min_size=1, max_size=20))
def test_dropping_run_lengths_depends_on_no_other_series(values: list[float], other: list[float]) -> None:
    """Only ten run lengths, so that long series lose some."""
    series = one_series([*values, *T1, *values], low=None)
    both = pl.concat([series, one_series(other, low=None, case="B")])
    alone, together = found_in(series, kept=10), found_in(both, kept=10)
    assert together.sessions.filter(pl.col("case") == "A").equals(alone.sessions)


def test_ratings_far_beyond_all_that_was_expected_give_no_error() -> None:
    """Densities of 1e-2000 would be 0: logarithms are used throughout."""
    found = found_in(one_series([5.0] * 40 + [-1e60, 5.0, 5.0], low=None))
    assert found.events["onset_session"].to_list() == [41]


def test_a_direction_turned_round_turns_the_mean_in_points_too() -> None:
    turned = one_series([10 - value for value in T1], low=None)
    found = found_in(turned, higher_is_better=False, mean=5.0)
    assert found.events["onset_session"].to_list() == [5]
    assert found.events["baseline"].to_list() == pytest.approx([10 - 5.2570], abs=5e-5)
