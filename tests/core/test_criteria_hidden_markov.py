"""The two-state filter by hand, against all paths of states, and what its parameters do."""

from itertools import pairwise, product
from math import exp, log

import polars as pl
import pytest
from hypothesis import given, settings

from goldseam import Norms, ParameterError, ScaleNorms, detect
from tests.core.ratings import T1, T1_NORMS, one_series
from tests.core.reference.memory import hidden_markov
from tests.core.test_criteria_episodic_properties import NORMS, any_values, no_close_call, ten

ONE_POINT = Norms(
    "hand", "1", "points", (ScaleNorms("*", (5.0,), between_sd=1.0, within_sd=1.0),), "By hand.", False
)
ONE_EARLIER = {"criterion": "hidden-markov", "norms": ONE_POINT, "prior_ratings": 1}


def test_two_steps_by_hand() -> None:
    # One rating of 5: level 5 of weight 2, variance 3.6/4.5 = .8, predictive 1.2; low lies 2 * .8**.5 = 1.78885 below.
    # Before any state is known low has .1/(.1 + .4) = .2. Limit: 5 - .89443 + log(.25) * 1.2/1.78885.
    rows = detect(one_series([5, 3, 4]), **ONE_EARLIER).sessions
    assert rows["limit"][1] == pytest.approx(3.17561, abs=1e-5)
    # Odds of low at 3: log(.25) + (4.10557 - 3) * 1.78885/1.2 = .26177.
    assert rows["probability_low"][1] == pytest.approx(0.56507, abs=1e-5)
    # The rating was low, so the level stays; predicted .6 * .56507 + .1 * .43493 = .38253.
    assert rows["expected"].to_list() == [5.0, 5.0, 5.0]
    assert rows["limit"][2] == pytest.approx(4.10557 + log(0.38253 / 0.61747) * 1.2 / 1.78885, abs=1e-4)


def test_a_session_without_a_rating_is_a_step_of_prediction_alone() -> None:
    # .38253 a session later, then .6 * .38253 + .1 * .61747 = .29127; towards .2 with each further one.
    for table in (one_series([5, 3, None, 4]), one_series([5, 3, 4], sessions=[1, 2, 4])):
        rated = detect(table, **ONE_EARLIER).sessions.filter(pl.col("value").is_not_null())
        wanted = 4.10557 + log(0.29127 / 0.70873) * 1.2 / 1.78885
        assert rated["limit"][2] == pytest.approx(wanted, abs=1e-4)
    late = detect(one_series([5, 3, 4], sessions=[1, 2, 90]), **ONE_EARLIER).sessions
    assert late["limit"][2] == pytest.approx(late["limit"][1])


def test_the_test_vector() -> None:
    found = detect(one_series(T1), criterion="hidden-markov", norms=T1_NORMS)
    given_ = [0.0111, 0.9774, 0.9717, 0.1997, 0.0132, 0.0139, 0.0041]
    assert found.sessions["probability_low"].to_list()[3:] == pytest.approx(given_, abs=5e-5)
    assert found.events.select("onset_session", "status", "repair_session").rows() == [(5, "repaired", 7)]


@settings(max_examples=30, deadline=None)
@given(rated=any_values)
def test_the_probability_agrees_with_the_second_implementation(rated: list[float]) -> None:
    found = detect(ten(rated), criterion="hidden-markov", norms=NORMS)
    no_close_call(found)
    theirs = [each["probability_low"] for each in hidden_markov(list(range(1, len(rated) + 1)), rated)]
    assert found.sessions["probability_low"].to_list()[3:] == pytest.approx(theirs[3:], abs=1e-9)


def test_the_probability_is_that_of_all_paths_of_states() -> None:
    # Low all along, so that level and spread stay those after one rating: 2^6 paths, each with its probability.
    rated = [3.0, 2.5, 3.2, 2.9, 3.1, 2.8]
    rows = detect(one_series([5.0, *rated]), **ONE_EARLIER).sessions
    assert set(rows["expected"].to_list()) == {5.0}
    below, move = 2 * 0.8**0.5, {(0, 0): 0.9, (0, 1): 0.1, (1, 0): 0.4, (1, 1): 0.6}
    ends = [0.0, 0.0]
    for path in product((0, 1), repeat=len(rated)):
        likely = (0.8, 0.2)[path[0]]
        for step in pairwise(path):
            likely *= move[step]
        for state, value in zip(path, rated, strict=True):
            likely *= exp(-((value - 5 + below * state) ** 2) / 2.4)
        ends[path[-1]] += likely
    assert rows["probability_low"][6] == pytest.approx(ends[1] / sum(ends), abs=1e-9)


def test_a_higher_threshold_alarms_less() -> None:
    values = [7.0, 7.5, 7.2, 7.4, 6.0, 7.3, 7.5, 5.5]
    met = [
        detect(ten(values), criterion="hidden-markov", norms=NORMS, threshold=threshold)
        .sessions["verdict"]
        .to_list()
        .count("met")
        for threshold in (0.01, 0.5, 0.99)
    ]
    assert met == sorted(met, reverse=True)
    assert met[0] > met[2]


def test_a_low_state_that_is_left_as_easily_as_entered_remembers_nothing() -> None:
    rows = detect(one_series([5, 3, 4]), **ONE_EARLIER, enter=0.2, stay=0.2).sessions
    assert rows["limit"][1] == pytest.approx(rows["limit"][2])
    with pytest.raises(ParameterError, match="enter at most stay"):
        detect(one_series([5, 3, 4]), **ONE_EARLIER, enter=0.3, stay=0.2)


def test_however_steady_a_person_the_low_state_keeps_its_distance() -> None:
    # 200 equal ratings: the own variance would be nearly 0, and stays a hundredth of that of the norms.
    rows = detect(one_series([5.0] * 200), criterion="hidden-markov", norms=ONE_POINT).sessions
    assert rows["spread"][199] == pytest.approx(0.1 * (1 + 1 / 10) ** 0.5, rel=1e-6)
