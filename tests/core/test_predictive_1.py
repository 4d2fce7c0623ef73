"""The predictive criterion on the test vector, and the life of an episode by hand calculation."""

from datetime import date
from functools import partial

import polars as pl
import pytest

import goldseam
from goldseam import Norms, ParameterError, ScaleNorms, TableNote
from tests.core.ratings import T1, T1_NORMS, one_series

detect = partial(goldseam.detect, criterion="predictive", version=1)

# Test vector T1, computed independently by hand and in a spreadsheet: mean, scale and p of each prediction.
T1_ROWS = [
    (1, 5.0000, 0.5242, 0.5733),
    (2, 5.0599, 0.3967, 0.7932),
    (3, 5.1958, 0.3657, 0.5045),
    (4, 5.1971, 0.3370, 0.8060),
    (5, 5.2742, 0.3272, 0.00062),
    (6, 5.2742, 0.3272, 0.01017),
    (7, 5.2742, 0.3272, 0.5308),
    (8, 5.2799, 0.3101, 0.7548),
]

# With this prior and steady ratings of 7 the level is close to 7 and the spread close to 1, so that hand
# calculations can speak of a baseline of 7: ratings of 4 are clear onsets, ratings of 7 clear repairs.
STEADY = [7.0, 7.0, 7.0, 7.0]
POINTS = Norms(
    "hand", "1", "points", (ScaleNorms("*", (7.0,), between_sd=1.0, within_sd=1.0),), "By hand.", False
)


def events_of(values: list[float | None], **given: object) -> list[dict[str, object]]:
    return detect(one_series(values, low=0, high=10), norms=POINTS, **given).events.to_dicts()


def statuses(values: list[float | None], **given: object) -> list[object]:
    return [event["status"] for event in events_of(values, **given)]


@pytest.mark.parametrize(("session", "mean", "scale", "p"), T1_ROWS)
def test_the_test_vector_holds_row_by_row(session: int, mean: float, scale: float, p: float) -> None:
    row = detect(one_series(T1), norms=T1_NORMS).sessions.row(session - 1, named=True)
    assert row["expected"] == pytest.approx(mean, abs=5e-5)
    assert row["spread"] == pytest.approx(scale, abs=5e-5)
    assert row["p"] == pytest.approx(p, abs=5e-5 if p > 0.02 else 5e-6)


def test_the_test_vector_is_one_marked_precipitous_v_shaped_episode() -> None:
    event = detect(one_series(T1), norms=T1_NORMS).events.row(0, named=True)
    assert (event["onset_session"], event["grade"], event["onset_kind"]) == (5, "marked", "precipitous")
    assert event["baseline"] == pytest.approx(5.2742, abs=5e-5)
    assert (event["value"], event["nadir"], event["nadir_session"]) == (3.9, 3.9, 5)
    assert event["depth"] == pytest.approx(1.3742, abs=5e-5)
    assert (event["status"], event["repair_session"]) == ("repaired", 7)
    assert (event["duration"], event["shape"]) == (2, "V")


def test_the_recovery_of_the_test_vector_is_the_published_one() -> None:
    assert detect(one_series(T1[:6]), norms=T1_NORMS).episodes["recovery"].item() == pytest.approx(
        0.364, abs=5e-4
    )
    assert detect(one_series(T1), norms=T1_NORMS).episodes["recovery"].item() == pytest.approx(
        1.019, abs=5e-4
    )


def test_verdicts_of_the_test_vector() -> None:
    sessions = detect(one_series(T1), norms=T1_NORMS).sessions
    assert (
        sessions["verdict"].to_list() == ["not enough data"] * 3 + ["not met", "met", "met"] + ["not met"] * 4
    )
    assert sessions["grade"].to_list()[3:7] == ["none", "marked", "marked", "none"]
    assert sessions["reason"].to_list()[4:8] == [None, "open_episode", "open_episode", None]


def test_the_limit_is_the_highest_value_that_would_be_an_onset() -> None:
    limit = detect(one_series(T1), norms=T1_NORMS).sessions["limit"][4]
    assert limit is not None
    for value, found in ((limit - 1e-6, 1), (limit + 1e-6, 0)):
        assert detect(one_series([*T1[:4], value]), norms=T1_NORMS).events.height == found


def test_the_limit_after_a_watched_rating_is_that_of_a_second_one() -> None:
    # t of 11 degrees of freedom: 5% below -1.796, 2.5% below -2.201 (printed tables).
    before = detect(one_series(T1[:4]), norms=T1_NORMS).sessions.row(3, named=True)
    watched = before["expected"] - 1.9 * before["spread"]
    given = [*T1[:3], watched]
    assert detect(one_series(given), norms=T1_NORMS).sessions["grade"][3] == "watch"
    limit = detect(one_series([*given, 5.0]), norms=T1_NORMS).sessions["limit"][4]
    assert detect(one_series([*given, limit - 1e-6]), norms=T1_NORMS).events["grade"].to_list() == ["marked"]
    assert detect(one_series([*given, limit + 1e-6]), norms=T1_NORMS).events.is_empty()


def test_the_usual_range_is_the_central_80_percent_within_the_scale() -> None:
    row = detect(one_series(T1), norms=T1_NORMS).sessions.row(3, named=True)
    # t of 11 degrees of freedom leaves 10% beyond 1.363 (printed tables).
    assert row["usual_low"] == pytest.approx(row["expected"] - 1.363 * row["spread"], abs=5e-4)
    assert row["usual_high"] == pytest.approx(row["expected"] + 1.363 * row["spread"], abs=5e-4)
    high = detect(one_series([7, 7, 7, 7]), norms=T1_NORMS).sessions["usual_high"][3]
    assert high == 7


def test_a_watched_rating_alone_opens_nothing() -> None:
    before = detect(one_series(T1[:4]), norms=T1_NORMS).sessions.row(3, named=True)
    watched = before["expected"] - 1.9 * before["spread"]
    found = detect(one_series([*T1[:3], watched, 5.3]), norms=T1_NORMS)
    assert found.events.is_empty()
    assert found.sessions["verdict"][3] == "not met"


def test_a_drop_below_the_gate_is_no_onset() -> None:
    # On a scale of 0 to 100 the smallest drop that counts is 5 points; p alone would be far below .025.
    given = one_series(T1, low=0, high=100)
    assert detect(given, norms=T1_NORMS).events.is_empty()
    assert detect(given, norms=T1_NORMS).sessions["reason"][4] == "small_drop"
    assert detect(given, norms=T1_NORMS, gate_share=0.01).events.height == 1


def test_the_gate_is_the_larger_of_range_and_error_of_measurement() -> None:
    def norms(error: float) -> Norms:
        entry = ScaleNorms("*", (5.0,), T1_NORMS.scales[0].between_sd, 0.35, measurement_error=error)
        return Norms("error", "1", "points", (entry,), "By hand.", False)

    # The fall is 1.3742 points: 1.28 errors of 1.07 are 1.3696, of 1.08 are 1.3824.
    assert detect(one_series(T1), norms=norms(1.07)).events.height == 1
    assert detect(one_series(T1), norms=norms(1.08)).events.is_empty()


def test_without_a_range_gates_are_not_applied_and_a_range_that_norms_need_is_told() -> None:
    found = detect(one_series(T1, low=None), norms=T1_NORMS)
    assert found.events["onset_session"].to_list() == [5]
    assert found.sessions["reason"][3] == "range_unknown"
    with pytest.warns(TableNote, match="taken 1 to 6 for scale alliance"):
        assumed = detect(one_series(T1, low=None))
    assert assumed.sessions.equals(detect(one_series(T1, low=1, high=6)).sessions)


def test_a_range_stated_in_the_norms_serves_ratings_without_one() -> None:
    entry = ScaleNorms("alliance", (0.75,), 0.13, 0.09, minimum=1.0, maximum=7.0)
    norms = Norms("range", "1", "share_of_range", (entry,), "By hand.", False)
    bare, full = detect(one_series(T1, low=None), norms=norms), detect(one_series(T1), norms=norms)
    assert bare.sessions.equals(full.sessions)


def test_a_repair_that_is_the_last_rating_is_unconfirmed() -> None:
    (event,) = events_of([*STEADY, 3, 7])
    assert (event["status"], event["repair_session"], event["duration"]) == ("repaired_unconfirmed", 6, 1)


def test_a_repair_the_next_rating_contradicts_is_taken_back() -> None:
    (event,) = events_of([*STEADY, 3, 7, 2, 3])
    assert (event["status"], event["nadir"], event["nadir_session"]) == ("open", 2, 7)
    sessions = detect(one_series([*STEADY, 3, 7, 2, 3], low=0, high=10), norms=POINTS).sessions
    assert sessions["expected"][6] == sessions["expected"][4]
    assert sessions["spread"][7] == sessions["spread"][4]


@pytest.mark.parametrize(
    ("later", "status", "shape"),
    [
        ([3] * 6, "unrepaired", "L"),
        ([3, 5.5, 3, 3, 3, 3], "partial", "prolonged"),
        # Half of the fall from 7 to 3 is regained at 5.
        ([3, 5.01, 3, 3, 3, 3], "partial", "prolonged"),
        ([3, 4.99, 3, 3, 3, 3], "unrepaired", "L"),
    ],
)
def test_six_ratings_without_repair_close_the_episode(later: list[float], status: str, shape: str) -> None:
    (event,) = events_of([*STEADY, 3, *later])
    assert (event["status"], event["shape"], event["duration"]) == (status, shape, 7)


def test_after_six_ratings_the_level_starts_again_from_their_mean() -> None:
    later = [3, 3.5, 3, 3.5, 3, 3.5]
    sessions = detect(one_series([*STEADY, 3, *later, 3.2], low=0, high=10), norms=POINTS).sessions
    assert sessions["expected"][11] == pytest.approx(3.25)
    assert sessions["verdict"][11] == "not met"
    (event,) = events_of([*STEADY, 3, *later, 3.2])
    assert event["status"] == "unrepaired"


@pytest.mark.parametrize(
    ("dip", "duration", "shape"), [(1, 1, "V"), (2, 2, "V"), (3, 3, "U"), (5, 5, "U"), (6, 6, "prolonged")]
)
def test_shape_and_duration_of_what_was_repaired(dip: int, duration: int, shape: str) -> None:
    (event,) = events_of([*STEADY, *[3.0] * dip, 7, 7])
    assert (event["status"], event["duration"], event["shape"]) == ("repaired", duration, shape)


def test_the_recovery_of_a_repair_is_three_quarters_of_the_fall() -> None:
    # From 7 down to 3: three quarters are regained at 6.
    assert statuses([*STEADY, 3, 6.01, 6.01]) == ["repaired"]
    assert statuses([*STEADY, 3, 5.99, 5.99]) == ["open"]


@pytest.mark.parametrize(
    ("later", "status"),
    [([], "indeterminate"), ([3.0], "indeterminate"), ([3.0, 3.0], "unrepaired"), ([5.5, 3.0], "partial")],
)
def test_a_course_that_is_over_leaves_no_episode_open(later: list[float], status: str) -> None:
    assert statuses([*STEADY, 3, *later]) == ["open"]
    assert statuses([*STEADY, 3, *later], ended=True) == [status]


def test_a_new_fall_after_a_held_repair_is_a_recurrence() -> None:
    found = events_of([*STEADY, 3, 7, 7, 7, 2, 7, 7])
    assert [(each["onset_session"], each["status"]) for each in found] == [(5, "repaired"), (9, "repaired")]


def test_a_slow_fall_is_erosion_and_a_gap_makes_it_unknown() -> None:
    # The baseline stays above 6.7 and the spread below 1, so half a spread below it is above 6.2.
    assert events_of([*[7] * 8, 6.0, 5.9, 3.9])[-1]["onset_kind"] == "erosion"
    assert events_of([*[7] * 8, 6.0, 6.9, 3.9])[-1]["onset_kind"] == "precipitous"
    table = one_series([*STEADY, 3], low=0, high=10, sessions=[1, 2, 3, 4, 7])
    assert detect(table, norms=POINTS).events["onset_kind"].to_list() == ["unknown"]
    table = one_series([*STEADY, 3], low=0, high=10, sessions=[1, 2, 3, 4, 6])
    assert detect(table, norms=POINTS).events["onset_kind"].to_list() == ["precipitous"]


def test_sessions_without_a_rating_count_for_the_duration_as_a_lower_bound() -> None:
    (event,) = detect(one_series([*STEADY, 3, None, 7, 7], low=0, high=10), norms=POINTS).episodes.to_dicts()
    assert (event["duration"], event["repair_session"], event["duration_is_minimum"]) == (2, 7, True)
    (event,) = detect(one_series([*STEADY, 3, 3, 7, 7], low=0, high=10), norms=POINTS).episodes.to_dicts()
    assert (event["duration"], event["duration_is_minimum"]) == (2, False)


def test_a_row_without_a_value_and_no_row_are_the_same() -> None:
    with_rows = one_series([*STEADY, None, 3, None, 7, 7, None], low=0, high=10)
    without = with_rows.filter(pl.col("value").is_not_null())
    assert detect(with_rows, norms=POINTS).episodes.equals(detect(without, norms=POINTS).episodes)
    missed = detect(with_rows, norms=POINTS).sessions.filter(pl.col("value").is_null())
    assert missed["verdict"].unique().to_list() == ["not applied"]
    assert missed["reason"].unique().to_list() == ["no_rating"]
    assert missed["n_prior"].to_list() == [4, 5, 7]


def test_a_break_costs_certainty() -> None:
    weekly = one_series(STEADY, low=0, high=10, days=[0, 7, 14, 21])
    month = one_series(STEADY, low=0, high=10, days=[0, 7, 14, 42])
    long = one_series(STEADY, low=0, high=10, days=[0, 7, 14, 70])
    spreads = [detect(each, norms=POINTS).sessions["spread"][3] for each in (weekly, month, long)]
    assert spreads[0] == spreads[1] < spreads[2]
    assert detect(long, norms=POINTS).sessions["reason"][3] == "after_break"
    # By hand: weights 1, 2, 2.8, 3.52 before each rating; 8 weeks leave 3.52 * .9^8, above the floor of 1.
    # The rate is 4 * .9 = 3.6 (no rating deviates), the shape 5.5.
    assert spreads[2] == pytest.approx((3.6 / 5.5 * (1 + 1 / (3.52 * 0.9**8))) ** 0.5, abs=1e-12)


def test_four_highest_ratings_in_a_row_say_nothing() -> None:
    found = detect(one_series([10] * 8, low=0, high=10))
    assert found.events.is_empty()
    assert found.sessions["reason"].to_list() == ["few_earlier_ratings"] * 3 + ["ceiling_suspect"] * 5
    assert found.sessions["verdict"].to_list()[3:] == ["not applied"] * 5
    assert found.series["outcome"].item() == "not applied"
    assert found.counts.not_applied == 1


def test_the_first_rating_below_the_highest_is_judged_again() -> None:
    found = detect(one_series([10] * 6 + [4], low=0, high=10))
    assert found.events["onset_session"].to_list() == [7]


def test_a_constant_series_has_no_event() -> None:
    found = detect(one_series([6.0] * 30, low=0, high=10))
    assert found.events.is_empty()
    assert found.series["outcome"].item() == "judged"


def test_a_short_series_is_not_enough_data() -> None:
    found = detect(one_series([9, 9, 1], low=0, high=10))
    assert found.events.is_empty()
    assert found.series["outcome"].item() == "not enough data"
    assert (found.counts.series, found.counts.judged, found.counts.not_enough_data) == (1, 0, 1)


def test_a_series_without_any_rating_is_not_enough_data() -> None:
    found = detect(one_series([None, None], low=0, high=10))
    assert found.sessions["verdict"].to_list() == ["not applied"] * 2
    assert found.counts.not_enough_data == 1


def test_the_prior_shape_cap_keeps_forty_ratings_adaptive() -> None:
    # From shape 4 on, the 16th rating reaches the cap of 12: 24 degrees of freedom from then on.
    degrees = detect(one_series([6.0, 6.5] * 20, low=0, high=10)).sessions["degrees_of_freedom"]
    assert degrees[15] == 23
    assert degrees.to_list()[16:] == [24.0] * 24


def test_thresholds_must_be_in_order() -> None:
    with pytest.raises(ParameterError, match="thresholds out of order"):
        detect(one_series(T1), marked=0.03)


def test_events_have_exactly_the_documented_columns_and_types() -> None:
    events = detect(one_series(T1), norms=T1_NORMS).events
    empty = detect(one_series(T1[:3]), norms=T1_NORMS).events
    assert events.schema == empty.schema
    assert events.columns == [
        "case", "rater", "scale", "phase", "criterion", "onset_session", "onset_kind", "grade", "baseline", "value",
        "p", "depth", "depth_z", "nadir_session", "nadir", "status", "repair_session", "duration", "shape",
    ]  # fmt: skip


def test_dates_may_be_days_or_moments() -> None:
    table = one_series(T1, days=range(0, 70, 7))
    moments = table.with_columns(pl.col("date").cast(pl.Datetime))
    assert table["date"][0] == date(2026, 1, 5)
    assert detect(table, norms=T1_NORMS).events.equals(detect(moments, norms=T1_NORMS).events)
