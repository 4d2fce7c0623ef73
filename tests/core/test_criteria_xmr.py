"""The chart of individuals on the test vector, by hand calculation, and where it can show nothing."""

import polars as pl
import pytest

from goldseam import Norms, ScaleNorms, detect
from tests.core.ratings import T1, one_series


def sessions(
    values: list[float | None] | tuple[float, ...], low: float = 1, high: float = 7, **given: object
) -> pl.DataFrame:
    return detect(one_series(values, low=low, high=high), criterion="xmr", **given).sessions


def met(values: list[float | None] | tuple[float, ...], rule: str = "verdict", **given: object) -> list[int]:
    return sessions(values, **given).filter(pl.col(rule) == "met")["session"].to_list()


ONLY_W1 = {"w2": False, "mr": False}
OFF = {"w1": False, "w2": False, "mr": False}


def test_limits_of_the_test_vector_over_the_whole_course() -> None:
    # Given with the vector: mean moving range .4778, limits 3.8591 and 6.4009, limit of the moving range 1.5609.
    rows = sessions(T1)
    first = rows.row(0, named=True)
    assert first["expected"] == pytest.approx(5.13)
    assert first["expected"] - 3 * first["spread"] == pytest.approx(3.8591, abs=5e-5)
    assert first["expected"] + 3 * first["spread"] == pytest.approx(6.4009, abs=5e-5)
    assert sessions(T1, **ONLY_W1)["limit"][4] == pytest.approx(3.8591, abs=5e-5)
    assert 5.5 - rows["limit"][4] == pytest.approx(1.5609, abs=5e-5)


def test_the_dip_of_the_test_vector_is_found_by_its_range_alone() -> None:
    assert met(T1, "w1") == []
    assert met(T1, "mr") == [5]
    assert met(T1, **ONLY_W1) == []
    event = detect(one_series(T1), criterion="xmr").events.row(0, named=True)
    assert (event["onset_session"], event["status"], event["repair_session"]) == (5, "repaired", 7)


def test_limits_from_the_first_four_ratings_of_the_test_vector() -> None:
    # Given with the vector: centre 5.30, mean moving range .2667, lower limit 4.5907; sessions 5 and 6 below.
    given = ONLY_W1 | {"baseline_ratings": 4}
    rows = sessions(T1, **given)
    assert rows["verdict"].to_list()[:4] == ["not enough data"] * 4
    assert rows["expected"][4] == pytest.approx(5.30)
    assert rows["limit"][4] == pytest.approx(4.5907, abs=5e-5)
    assert met(T1, **given) == [5, 6]
    found = detect(one_series(T1), criterion="xmr", **given)
    assert found.events.select("onset_session", "duration", "shape").rows() == [(5, 2, "V")]


def test_the_median_moving_range_of_the_test_vector() -> None:
    # Given with the vector: median moving range .30, lower limit 4.1865; session 5 below.
    rows = sessions(T1, sigma="median", **ONLY_W1)
    assert rows["limit"][4] == pytest.approx(4.1865, abs=5e-5)
    assert met(T1, sigma="median", **ONLY_W1) == [5]


def test_limits_computed_again_without_what_was_found() -> None:
    # Without 3.9: mean 47.4/9; moving ranges .3 .2 .3 .9 .2 .1 .2 have mean 2.2/7 (pairs with 3.9 are left out).
    rows = sessions(T1, recomputations=1)
    assert rows["expected"][0] == pytest.approx(47.4 / 9)
    assert rows["spread"][0] == pytest.approx(2.2 / 7 * 2.66 / 3)
    # The limit is 5.2667 - 2.66 * .3143 = 4.4307, and 4.4 is below it.
    assert met(T1, "w1", recomputations=1) == [5, 6]


def test_gaps_are_never_bridged() -> None:
    # Moving ranges: .2, .1 | .3, .1; the step over the missing session 4 does not count.
    values = [5.0, 5.2, 5.1, None, 6.0, 5.7, 5.8]
    rows = sessions(values, **ONLY_W1)
    assert rows["spread"][0] == pytest.approx(0.7 / 4 * 2.66 / 3)
    assert sessions([5, 6, 5, 6, None, 1, 6, 5, 6, 5])["mr"][5] == "not applied"


@pytest.mark.parametrize(("place", "shortest"), [("inside", 8), ("end", 5)])
def test_a_dip_of_one_session_shows_only_in_series_of_some_length(place: str, shortest: int) -> None:
    # Lengths from which on a single dip without other variation passes its own limits.
    def dip(length: int) -> str:
        values = [6.0] * length
        at = length // 2 if place == "inside" else length - 1
        values[at] = 2.0
        return sessions(values, **ONLY_W1)["verdict"][at]

    assert dip(shortest) == "met"
    assert dip(shortest - 1) == "not enough data"


@pytest.mark.parametrize(
    ("lows", "place", "shortest"), [(2, "inside", 9), (3, "inside", 9), (2, "end", 6), (3, "end", 7)]
)
def test_longer_dips_need_longer_series(lows: int, place: str, shortest: int) -> None:
    # Of two and three sessions, by the three-sigma rule: 9 and 9 inside, 6 and 7 at the end.
    def found(length: int) -> bool:
        values = [6.0] * length
        start = (length - lows) // 2 if place == "inside" else length - lows
        values[start : start + lows] = [2.0] * lows
        return bool(met(values, "w1", **ONLY_W1))

    assert found(shortest)
    assert not found(shortest - 1)


def test_a_short_series_is_not_enough_data_and_says_so() -> None:
    found = detect(one_series([6, 6, 2, 6]), criterion="xmr")
    assert found.series["outcome"].item() == "not enough data"
    assert set(found.sessions["reason"]) == {"series_too_short"}


def test_a_series_that_never_varies_gives_no_limits() -> None:
    found = detect(one_series([5.1] * 12), criterion="xmr")
    assert found.series["outcome"].item() == "not applied"
    assert set(found.sessions["reason"]) <= {"no_variation", "series_too_short"}


# Baseline 6, 7, 6, 7, 6, 7: centre 6.5, mean moving range 1, sigma 2.66/3 = .887; lines at 3.84, 4.73, 5.61.
FLAT = [6.0, 7.0, 6.0, 7.0, 6.0, 7.0]


@pytest.mark.parametrize(
    ("rule", "later", "at"),
    [
        ("w1", [3.83], [7]),
        ("w1", [3.85], []),
        ("w2", [4.7, 4.7], [8]),
        ("w2", [4.7, 6.5, 4.7], [9]),
        ("w2", [4.7, 6.5, 6.5, 4.7], []),
        ("w2", [4.7, 4.7, 6.5], [8]),
        ("w3", [5.6, 5.6, 5.6, 5.6], [10]),
        ("w3", [5.6, 5.6, 6.5, 5.6, 5.6], [11]),
        ("w3", [5.6, 5.6, 6.5, 6.5, 5.6, 5.6], []),
        ("w4", [6.4] * 8, [14]),
        ("w4", [6.4] * 7, []),
        # The falls begin at 7 (session 6): 7, 6.8, 6.7, 6.6, 6.55, 6.52 are six in a row, each lower.
        ("n3", [6.8, 6.7, 6.6, 6.55, 6.52], [11]),
        ("n3", [6.8, 6.7, 6.6, 6.6, 6.52], []),
        # The limit of the moving range is 3.267: from 7 down to 3.73 is 3.27.
        ("mr", [3.73], [7]),
        ("mr", [3.74], []),
    ],
)
def test_each_rule_by_hand(rule: str, later: list[float], at: list[int]) -> None:
    found = met([*FLAT, *later], rule, baseline_ratings=6, **(OFF | {rule: True}))
    assert found == at


def test_the_length_of_a_run_can_be_set() -> None:
    given = OFF | {"w4": True, "baseline_ratings": 6}
    assert met([*FLAT, *[6.4] * 7], **given, run_length=7) == [13]
    assert met([*FLAT, *[6.4] * 8], **given, run_length=9) == []


def test_after_a_lasting_fall_the_limits_are_those_of_the_ratings_since() -> None:
    # Onset at 7 (2); 8 to 13 are six ratings without repair: centre 2.5, moving range 1, sigma 2.66/3.
    values = [*FLAT, 2, 2, 3, 2, 3, 2, 3, 2.5, 0]
    rows = detect(one_series(values, low=0, high=10), criterion="xmr", baseline_ratings=6).sessions
    assert rows["expected"][12] == pytest.approx(6.5)
    assert rows["expected"][13] == pytest.approx(2.5)
    assert rows["spread"][13] == pytest.approx(2.66 / 3)
    assert rows["verdict"][13] == "not met"
    kept = detect(
        one_series(values, low=0, high=10), criterion="xmr", baseline_ratings=6, refresh=False
    ).sessions
    assert kept["expected"][13] == pytest.approx(6.5)
    assert kept["verdict"][13] == "met"


@pytest.mark.parametrize("further", [{}, {"w3": True, "w4": True, "n3": True}])
def test_the_limit_is_the_highest_value_that_would_have_met_the_criterion(further: dict[str, bool]) -> None:
    # In phase II the limits do not depend on the rating, so that it can be put on either side of the limit.
    given = {"baseline_ratings": 6, **further}
    limit = sessions([*FLAT, 5.0, 6.0], **given)["limit"][7]
    for value, found in ((limit - 1e-6, [8]), (limit + 1e-6, [])):
        assert met([*FLAT, 5.0, value], **given) == found


HALF_POINT = Norms(
    "hand", "1", "points", (ScaleNorms("*", (5.0,), between_sd=1.0, within_sd=0.5),), "By hand.", False
)


def test_sigma_drawn_to_the_norms_by_hand() -> None:
    # Shape 4 and rate 4 * .9 * .25 = .9; squares of the vector around 5.13 are 2.721:
    # sigma^2 = (.9 + 1.3605) / (4 + 4.5) = .26594.
    row = sessions(T1, sigma="shrunken", norms=HALF_POINT).row(4, named=True)
    assert row["expected"] == pytest.approx(5.13)
    assert row["spread"] == pytest.approx(0.26594**0.5, abs=1e-5)
    found = detect(one_series(T1), criterion="xmr", sigma="shrunken", norms=HALF_POINT)
    assert found.norms is HALF_POINT
    assert detect(one_series(T1), criterion="xmr", norms=HALF_POINT).norms is None


def test_with_norms_a_deep_dip_shows_from_five_ratings_on() -> None:
    # 1/n + 3 sqrt((1 - 1/n)/(8 + n - 1)) is 1.03 for 4 ratings and .97 for 5, wherever the dip is.
    given = {"sigma": "shrunken", "norms": HALF_POINT, **ONLY_W1}
    assert sessions([60, 60, 0, 60], low=0, high=100, **given)["verdict"][2] == "not enough data"
    assert sessions([60, 60, 0, 60, 60], low=0, high=100, **given)["verdict"][2] == "met"


@pytest.mark.parametrize(
    ("constants", "to_limit", "to_range_limit"),
    [("published", 2.66, 3.267), ("exact", 2.658681, 3.266532), ("table", 2.659574, 3.267)],
)
def test_the_constants_of_other_programs_can_be_had(
    constants: str, to_limit: float, to_range_limit: float
) -> None:
    mean_range = 4.3 / 9
    row = sessions(T1, constants=constants, w2=False, mr=False).row(0, named=True)
    assert 3 * row["spread"] == pytest.approx(to_limit * mean_range, abs=5e-7)
    low = sessions(T1, constants=constants, w1=False, w2=False)["limit"][4]
    assert low == pytest.approx(T1[3] - to_range_limit * mean_range, abs=5e-7)
    assert 3 * row["spread"] == pytest.approx(5.13 - 3.8591, rel=6e-4)
