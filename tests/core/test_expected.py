"""Expected courses: predictions by hand and by conditioning a joint normal distribution, rates on courses not seen."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from goldseam import ExpectedCourse, ParameterError, ReadOptions, TrackRule, expected_course, fit_growth
from goldseam.trajectory.course_prediction import CoursePrediction
from goldseam.trajectory.growth import GrowthModel
from goldseam.trajectory.looks import Looks, over_all_looks
from goldseam.trajectory.time_courses import TimeCourse
from goldseam.trajectory.track_rule import TrackRate


def courses(persons: int, seed: int, *, sessions: int = 12, drop: float = 0.0) -> pl.DataFrame:
    """Courses of a growth model; some end early."""
    rng = np.random.default_rng(seed)
    person, time = np.repeat(np.arange(persons), sessions), np.tile(np.arange(1.0, sessions + 1), persons)
    own = rng.multivariate_normal([0, 0], [[1.4, -0.04], [-0.04, 0.01]], persons)
    value = 6 + 0.1 * time + own[person, 0] + own[person, 1] * time + rng.normal(0, 0.8, len(time))
    ends = np.where(rng.random(persons) < drop, rng.integers(2, sessions, persons), sessions)
    table = pl.DataFrame({"case": person, "session": time.astype(int), "value": value})
    return table.filter(pl.Series(time <= ends[person]))


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    return courses(300, seed=1, drop=0.3)


@pytest.fixture(scope="module")
def learnt(history: pl.DataFrame) -> ExpectedCourse:
    return expected_course(history)


@pytest.mark.parametrize("form", ["linear", "log", "quadratic"])
def test_a_prediction_is_the_conditional_distribution_given_the_start(
    history: pl.DataFrame, form: str
) -> None:
    """From the covariance of both ratings and of the fixed effects written out."""
    growth: GrowthModel = fit_growth(history, course=form)
    assert growth.model is not None
    model, at = growth.model, np.array([2.0, 8.0])
    x = growth.course.predictors(at)
    z = x[:, :2]
    joint = z @ model.random_covariance @ z.T + model.residual_variance * np.eye(2)
    weight = joint[0, 1] / joint[0, 0]
    gap = x[1] - weight * x[0]
    expected = x[1] @ model.fixed + weight * (4.5 - x[0] @ model.fixed)
    variance = joint[1, 1] - weight * joint[0, 1] + gap @ model.fixed_covariance @ gap
    mean, sd = CoursePrediction.of(growth).at(at[:1], np.array([4.5]), at[1:])
    assert (mean[0], sd[0]) == pytest.approx((expected, variance**0.5))


def test_the_rate_over_all_looks_of_a_course_is_bounded_on_courses_not_seen(learnt: ExpectedCourse) -> None:
    fresh = learnt.judge(courses(1500, seed=2))  # all of them run to the end, unlike those it was learnt from
    called = fresh.filter(pl.col("verdict") == "not on track")["case"].n_unique() / 1500
    assert 0.03 < called <= 0.10
    told = learnt.rates.filter(up_to=15).row(0, named=True)
    assert told["per_case"] == pytest.approx(called, abs=0.05)
    assert told["per_look"] < told["per_case"] / 3
    assert learnt.rates["per_case"].is_sorted()


def test_courses_that_ended_early_are_censored() -> None:
    """By hand: of four, one is called at look 1, one ends after look 1, one is called at look 2: 1 - 3/4 x 1/2."""
    order = np.array([0, 1, 0, 1, 0, 1, 2, 0, 1, 2])
    person = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3, 3])
    numbers = np.zeros(10)
    looks = Looks(person, numbers, numbers, order == 0, numbers, numbers, order == 0, order)
    called = np.array([0, 1, 0, 0, 0, 0, 1, 0, 0, 0], bool)
    rate, error = over_all_looks(looks, called, order > 0)
    assert rate == pytest.approx(1 - 3 / 4 * 1 / 2)
    assert error == pytest.approx(3 / 8 * (1 / (4 * 3) + 1 / (2 * 1)) ** 0.5)


def test_four_in_five_later_ratings_lie_within_the_band_at_every_start(learnt: ExpectedCourse) -> None:
    assert learnt.calibration["inside"].to_list() == pytest.approx([0.8] * 3, abs=0.05)
    fresh = learnt.judge(courses(1500, seed=3)).drop_nulls("z")
    inside = ((fresh["value"] >= fresh["low"]) & (fresh["value"] <= fresh["high"])).mean()
    assert inside == pytest.approx(0.8, abs=0.02)


def test_the_first_rating_is_the_start_and_is_not_judged(learnt: ExpectedCourse) -> None:
    rows = learnt.judge({"case": ["a"] * 4, "session": [1, 2, 3, 4], "value": [6, None, 6, -9]})
    assert rows["verdict"].to_list() == ["start", "on track", "not on track"]
    assert rows["expected"].null_count() == 1
    assert rows["time"].to_list() == [1, 3, 4]


def test_where_lower_is_better_everything_is_turned_round(
    history: pl.DataFrame, learnt: ExpectedCourse
) -> None:
    turned = history.with_columns(value=20 - pl.col("value"))
    plain, other = learnt, expected_course(turned, higher_is_better=False)
    fresh = courses(50, seed=4)
    one, two = plain.judge(fresh), other.judge(fresh.with_columns(value=20 - pl.col("value")))
    assert one["verdict"].to_list() == two["verdict"].to_list()
    assert (20 - two["expected"]).drop_nulls().to_list() == pytest.approx(
        one["expected"].drop_nulls().to_list()
    )
    assert (20 - two["low"]).drop_nulls().to_list() == pytest.approx(one["high"].drop_nulls().to_list())


def test_under_two_hundred_courses_nothing_may_be_said() -> None:
    few, enough = (expected_course(courses(n, seed=5, sessions=4), course="linear") for n in (199, 200))
    assert (few.status, enough.status) == ("may not be said", "estimated")
    assert "199 courses with two ratings or more, at least 200 needed" in few.summary()
    verdicts = few.judge(courses(3, seed=6))["verdict"].unique().sort().to_list()
    assert verdicts == ["may not be said", "start"]
    assert few.plot() is None
    assert len(enough.plot().layer) == 2


def test_poor_endings_are_counted_as_they_were_made() -> None:
    """A tenth of the courses fall by six points in the end; nearly all of those called early are among them."""
    table = courses(400, seed=7)
    falls = (pl.col("case") % 10 == 0) & (pl.col("session") > 6)
    learnt = expected_course(table.with_columns(value=pl.col("value") - 6 * falls.cast(pl.Float64)))
    assert learnt.poor_share == pytest.approx(0.10, abs=0.04)
    assert learnt.predictive_value > 0.8
    assert learnt.n_called > 20


def test_a_band_stays_within_a_known_range(history: pl.DataFrame) -> None:
    wide = history.with_columns(value=pl.col("value").clip(0, 10))
    learnt = expected_course(wide, reading=ReadOptions(value_range=(0, 10)))
    top = {"case": ["a"] * 3, "session": [1, 2, 3], "value": [10, 10, 10]}
    rows = learnt.judge(top, reading=ReadOptions(value_range=(0, 10)))
    assert rows["high"].drop_nulls().max() == 10


@pytest.mark.parametrize("share", [0, 1, 5])
def test_a_share_of_courses_lies_between_0_and_1(share: Any) -> None:
    with pytest.raises(ParameterError, match="per_case: out of range"):
        expected_course([1, 2, 3], per_case=share)


class TestTheKeptRule:
    """What a clinic keeps of an expected course judges as the course itself does."""

    def test_says_of_a_course_what_the_table_says(self, history: pl.DataFrame) -> None:
        learnt = expected_course(history.with_columns(value=pl.col("value").clip(0, 10)))
        rule = TrackRule.from_content(json.loads(json.dumps(learnt.rule(minimum=0, maximum=10).content())))
        values = [6.0, None, 7.0, 4.5, 0.5, 9.5]
        found = rule.judge(range(1, 7), values)
        asked = {"case": ["a"] * 6, "session": range(1, 7), "value": values}
        rows = learnt.judge(asked, reading=ReadOptions(value_range=(0, 10)))[1:]
        given = [look for look in found if look.value is not None]
        for column in ("time", "value", "expected", "low", "high", "z"):
            assert [getattr(look, column) for look in given] == pytest.approx(rows[column].to_list())
        assert [look.verdict for look in given] == rows["verdict"].to_list()
        assert {look.verdict for look in given} == {"on track", "not on track"}
        assert [look.verdict for look in found if look.value is None] == ["may not be said"]

    def test_gives_the_band_that_a_hand_reckons(self) -> None:
        """y = 5 + 0.2 t, own levels of variance 3 and no own slopes, residual variance 1; the start 2 at session 1.

        Of the 3.2 below the average three quarters are expected to stay: 6 - 0.75 * 3.2 = 3.6 at session 5. Variance
        3 + 1 - 0.75 * 3 = 1.75, SD 1.3229; the band 1.2816 and the limit 2 of them to either side.
        """
        rule = TrackRule(
            prediction=CoursePrediction(
                TimeCourse(), np.array([5, 0.2]), np.zeros((2, 2)), np.diag([3.0, 0.0]), 1.0
            ),
            limit=-2.0,
            higher_is_better=True,
            rates=(
                TrackRate(5, 800, 0.02, 250, 0.06),
                TrackRate(10, 1500, 0.02, 250, 0.09),
                TrackRate(15, 1599, 0.02, 250, 0.09),
            ),
            calibration=(),
            poor_share=0.1,
            predictive_value=None,
            n_called=0,
            n_courses=250,
            minimum=0.0,
            maximum=10.0,
        )
        [look] = rule.judge([1, 5], [2.0, 0.9])
        assert look[2:7] == pytest.approx((3.6, 1.9047, 5.2953, 0.9542, -2.0410), abs=1e-4)
        assert look.verdict == "not on track"
        assert rule.judge([1, 5], [2.0, 1.0])[0].verdict == "on track"
        assert rule.judge([1, 5], [0.5, 0.0])[0].limit is None, "below the scale nobody is called"
        assert rule.judge([1, 5], [None, 2.0]) == rule.judge([], []) == []
        assert [rule.rate(time) for time in (2, 5, 6, 11)] == [*rule.rates[:1] * 2, rule.rates[1], None]

    def test_knows_what_may_not_be_said_and_what_it_cannot_read(self) -> None:
        few = expected_course(courses(20, seed=5, sessions=4))
        with pytest.raises(ParameterError, match="nothing may be said"):
            few.rule(minimum=0, maximum=10)
        with pytest.raises(ParameterError, match="unknown format"):
            TrackRule.from_content({"format": "another"})

    def test_turns_round_where_lower_is_better(self, history: pl.DataFrame) -> None:
        turned = expected_course(history.with_columns(value=20 - pl.col("value")), higher_is_better=False)
        rule, plain = (learnt.rule(minimum=-99, maximum=99) for learnt in (turned, expected_course(history)))
        [one], [other] = rule.judge([1, 4], [14.0, 19.0]), plain.judge([1, 4], [6.0, 1.0])
        assert (one.verdict, one.z) == (other.verdict, pytest.approx(other.z)) == ("not on track", one.z)
        assert 20 - one.limit == pytest.approx(other.limit)
        assert (20 - one.high, 20 - one.low) == pytest.approx((other.low, other.high))
