"""Drops from recent ratings, from the own mean, and beyond error of measurement, by hand calculation."""

import polars as pl
import pytest

from goldseam import Norms, ScaleNorms, TableNote, detect
from tests.core.ratings import T1, one_series

HALF_POINT = Norms(
    "hand", "1", "points", (ScaleNorms("*", (5.0,), between_sd=1.0, within_sd=0.5),), "By hand.", False
)
DROPS = ("previous-drop", "running-maximum", "median-of-three")


def flagged(criterion: str, values: list[float | None] | tuple[float, ...], **given: object) -> list[int]:
    found = detect(one_series(values), criterion=criterion, **{"norms": HALF_POINT, **given})
    return found.sessions.filter(pl.col("verdict") == "met")["session"].to_list()


@pytest.mark.parametrize(
    ("criterion", "baseline", "met"),
    # 3.9 lies 1.6 below 5.5, which is both the rating before and the highest; the median of 5.4, 5.2, 5.5 is 5.4.
    # 4.4 is 1.1 below 5.5; the median of 5.2, 5.5, 3.9 is 5.2.
    [("previous-drop", 5.5, [5]), ("running-maximum", 5.5, [5, 6]), ("median-of-three", 5.4, [5])],
)
def test_drops_of_the_test_vector(criterion: str, baseline: float, met: list[int]) -> None:
    assert flagged(criterion, T1) == met
    event = detect(one_series(T1), criterion=criterion, norms=HALF_POINT).events.row(0, named=True)
    assert (event["onset_session"], event["baseline"]) == (5, baseline)
    assert event["depth"] == pytest.approx(baseline - 3.9)
    assert event["depth_z"] == pytest.approx((baseline - 3.9) / 0.5)
    assert (event["p"], event["grade"]) == (None, None)
    # Recoveries at sessions 6 and 7: for a baseline of 5.5, .5/1.6 = .31 and 1.4/1.6 = .875.
    assert (event["status"], event["repair_session"], event["shape"]) == ("repaired", 7, "V")


@pytest.mark.parametrize("criterion", DROPS)
def test_a_drop_of_exactly_the_size_counts(criterion: str) -> None:
    assert flagged(criterion, [6, 6, 6, 5]) == [4]
    assert flagged(criterion, [6, 6, 6, 5.001]) == []
    assert flagged(criterion, [6, 6, 6, 4.5], points=1.5) == [4]
    assert flagged(criterion, [6, 6, 6, 4.6], points=1.5) == []


@pytest.mark.parametrize("criterion", DROPS)
def test_points_need_neither_norms_nor_a_range(criterion: str) -> None:
    bare = one_series([6, 6, 6, 3], low=None)
    (event,) = detect(bare, criterion=criterion, points=2).events.to_dicts()
    assert (event["onset_session"], event["depth"], event["depth_z"]) == (4, 3, None)
    with pytest.warns(TableNote, match="taken 1 to 6 for scale alliance"):
        found = detect(bare, criterion=criterion)
    assert found.events.equals(detect(one_series([6, 6, 6, 3], low=1, high=6), criterion=criterion).events)


def test_a_previous_session_without_a_rating_gives_nothing_to_compare_with() -> None:
    found = detect(one_series([6, 6, 6, None, 3, 3]), criterion="previous-drop", norms=HALF_POINT)
    assert found.sessions["verdict"].to_list()[3:] == ["not applied", "not applied", "not met"]
    assert found.sessions["reason"][4] == "previous_not_rated"
    assert flagged("running-maximum", [6, 6, 6, None, 3, 3]) == [5, 6]
    assert flagged("median-of-three", [6, 6, 6, None, 3, 3]) == [5, 6]


def test_three_earlier_ratings_are_needed() -> None:
    for criterion in (*DROPS, "own-mean", "reliable-drop"):
        found = detect(one_series([6, 1, 6]), criterion=criterion, norms=HALF_POINT)
        assert found.series["outcome"].item() == "not enough data"
        assert found.events.is_empty()


def test_an_unmended_fall_is_one_event_although_every_rating_meets_the_criterion() -> None:
    found = detect(one_series([6.0] * 4 + [2.0] * 16), criterion="running-maximum", norms=HALF_POINT)
    assert found.events["onset_session"].to_list() == [5]
    assert found.events["status"].to_list() == ["unrepaired"]
    assert found.sessions["verdict"].to_list()[4:] == ["met"] * 16


def test_the_own_mean_of_the_whole_test_vector() -> None:
    # Given with the vector: mean 5.13, SD .5498, z of sessions 5 and 6 -2.237 and -1.328.
    found = detect(one_series(T1), criterion="own-mean", whole_course=True)
    row = found.sessions.row(4, named=True)
    assert row["expected"] == pytest.approx(5.13, abs=5e-5)
    assert row["spread"] == pytest.approx(0.5498, abs=5e-5)
    z = (found.sessions["value"] - found.sessions["expected"]) / found.sessions["spread"]
    assert z[4] == pytest.approx(-2.237, abs=5e-4)
    assert z[5] == pytest.approx(-1.328, abs=5e-4)
    assert found.events["onset_session"].to_list() == [5]
    assert found.sessions["verdict"].to_list().count("met") == 1


def test_the_own_mean_so_far_uses_earlier_ratings_alone() -> None:
    # Before session 5: 5.1, 5.4, 5.2, 5.5 have mean 5.3 and SD sqrt(.10/3) = .18257.
    row = detect(one_series(T1), criterion="own-mean").sessions.row(4, named=True)
    assert row["expected"] == pytest.approx(5.3)
    assert row["spread"] == pytest.approx((0.10 / 3) ** 0.5)
    assert row["limit"] == pytest.approx(5.3 - 2 * (0.10 / 3) ** 0.5)
    assert row["verdict"] == "met"


@pytest.mark.parametrize(("sds", "shortest"), [(1.5, 5), (2.0, 6), (2.5, 9), (3.0, 11)])
def test_a_short_course_cannot_reach_its_own_limit(sds: float, shortest: int) -> None:
    # Lengths from which on the largest possible z, (n - 1)/sqrt(n), exceeds 1.5, 2, 2.5 and 3.
    def verdicts(length: int) -> list[str]:
        values = [6.0] * (length - 1) + [1.0]
        found = detect(one_series(values), criterion="own-mean", whole_course=True, sds=sds)
        return found.sessions["verdict"].to_list()

    assert verdicts(shortest)[-1] == "met"
    assert verdicts(shortest - 1) == ["not enough data"] * (shortest - 1)


def test_ratings_that_never_varied_give_no_own_spread() -> None:
    found = detect(one_series([5.1] * 5 + [3.0]), criterion="own-mean")
    assert found.sessions["verdict"].to_list()[3:] == ["not applied"] * 3
    assert found.sessions["reason"].to_list()[3:] == ["no_variation"] * 3


def test_a_reliable_drop_by_hand() -> None:
    # Error .25: the standard error of a difference is .35355, 1.96 of them .69296 points.
    assert flagged("reliable-drop", [6, 6, 6, 5.31], measurement_error=0.25) == []
    assert flagged("reliable-drop", [6, 6, 6, 5.30], measurement_error=0.25) == [4]
    # A published instrument: SD .80, reliability .90, 1.96 standard errors .701 points (SEM .253).
    assert flagged("reliable-drop", [4, 4, 4, 3.298], measurement_error=0.80 * 0.10**0.5) == [4]
    assert flagged("reliable-drop", [4, 4, 4, 3.300], measurement_error=0.80 * 0.10**0.5) == []


def test_the_error_comes_from_norms_or_from_the_reliability_of_change() -> None:
    entry = ScaleNorms("*", (5.0,), between_sd=1.0, within_sd=0.5, measurement_error=0.25)
    stated = Norms("hand", "1", "points", (entry,), "By hand.", False)
    spread = detect(one_series(T1), criterion="reliable-drop", norms=stated).sessions["spread"][4]
    assert spread == pytest.approx(0.25 * 2**0.5)
    spread = detect(one_series(T1), criterion="reliable-drop", norms=HALF_POINT, reliability=0.84)
    assert spread.sessions["spread"][4] == pytest.approx(0.5 * 0.4 * 2**0.5)


def test_p_of_a_reliable_drop_is_that_of_a_difference_of_two_ratings() -> None:
    # 1.96 standard errors below: 2.5% of a normal distribution (printed tables).
    value = 6 - 1.96 * 0.25 * 2**0.5
    found = detect(one_series([6, 6, 6, value]), criterion="reliable-drop", measurement_error=0.25)
    assert found.sessions["p"][3] == pytest.approx(0.025, abs=5e-6)


def test_references_of_a_reliable_drop() -> None:
    def expected(reference: str) -> float:
        found = detect(one_series(T1), criterion="reliable-drop", norms=HALF_POINT, reference=reference)
        return found.sessions["expected"][7]

    # Before session 8 stands 5.3, the highest is 5.5, the first three are 5.1, 5.4, 5.2.
    assert expected("previous") == 5.3
    assert expected("maximum") == 5.5
    assert expected("first-three") == pytest.approx(15.7 / 3)
    found = detect(one_series(T1), criterion="reliable-drop", reference="first-three", measurement_error=0.3)
    assert found.sessions["spread"][7] == pytest.approx(0.3 * (4 / 3) ** 0.5)
