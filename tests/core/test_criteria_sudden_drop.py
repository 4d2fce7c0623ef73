"""Sudden drops. Expected values are hand calculations on short series, T1 among them."""

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goldseam import Detection, Norms, ScaleNorms, TableNote, detect
from tests.core.examples import examples
from tests.core.ratings import T1, one_series

few_examples = examples(15)
grid = st.integers(4, 28).map(lambda quarter: quarter / 4)
values = st.lists(st.one_of(st.none(), *[grid] * 5), min_size=1, max_size=20)


def drops(ratings: pl.DataFrame, **given_: object) -> Detection:
    return detect(ratings, criterion="sudden-drop", **given_)


def test_the_test_vector() -> None:
    """From 5.5 to 3.9: 1.6 is over .6 (a tenth of the range) and over a quarter of the 4.5 points above 1.

    The earlier mean is 5.3. Recovery is 1.6 from 5.5: .31 at session 6, .875 at session 7, so repaired there.
    The means 5.3667 and 4.5333 differ by less than 1.4248, so the new level was not stable.
    """
    found = drops(one_series(T1))
    event = found.episodes.row(0, named=True)
    assert found.episodes.height == 1
    assert (event["onset_session"], event["baseline"], event["value"]) == (5, 5.5, 3.9)
    assert (event["status"], event["repair_session"], event["duration"], event["shape"]) == (
        "repaired",
        7,
        2,
        "V",
    )
    assert event["magnitude"] == event["depth"] == pytest.approx(1.6)
    assert (event["stable"], event["onset_kind"]) == (False, "precipitous")
    row = found.sessions.row(4, named=True)
    assert [row[part] for part in found.parts] == ["met"] * 3
    assert row["limit"] == pytest.approx(5.5 - 0.25 * 4.5)


def test_a_lasting_drop_is_stable() -> None:
    event = drops(one_series([6, 6.1, 6, 3, 3.1, 3])).episodes.row(0, named=True)
    assert (event["onset_session"], event["stable"], event["status"]) == (4, True, "open")
    assert drops(one_series([6, 6.1, 6, 3])).episodes["stable"].to_list() == [None]


def test_each_condition_alone_is_not_enough() -> None:
    """Parts at the last of four sessions: points, share of the height, below the earlier mean."""
    parts = ("criterion_1", "criterion_2", "below_own_mean")
    cases = {
        (6, 6, 6, 5.0): ("met", "not met", "met"),  # 1 is over .6 and under 1.25
        (2, 2, 2, 1.5): ("not met", "met", "met"),  # .5 is half of the height and under .6
        (3, 3, 7, 5.0): ("met", "met", "not met"),  # still above the mean 4.33
    }
    for rated, words in cases.items():
        row = drops(one_series(rated)).sessions.row(3, named=True)
        assert tuple(row[part] for part in parts) == words
        assert row["verdict"] == "not met"
    free = drops(one_series([3, 3, 7, 5.0]), below_own_mean=False)
    assert free.sessions.select("verdict", "below_own_mean").row(3) == ("met", "not applied")


def test_too_few_ratings_and_a_missing_one_before_are_told_apart() -> None:
    found = drops(one_series([6, 2, 6, None, 2, 6])).sessions
    assert found["verdict"].to_list()[:3] == ["not enough data"] * 3
    assert found.select("verdict", "reason", "criterion_1").row(4) == (
        "not applied",
        "previous_not_rated",
        "not applied",
    )


def test_the_smallest_drop_follows_the_error_of_measurement() -> None:
    """1.96 * sqrt(2) * .5 = 1.386 points."""
    entry = ScaleNorms("*", (5.0,), between_sd=1, within_sd=1, measurement_error=0.5)
    norms = Norms("error", "1", "points", (entry,), "By hand.", False)
    for last, word in ((3.65, "not met"), (3.60, "met")):
        found = drops(one_series([5.0, 5, 5, last], low=None), norms=norms)
        assert found.sessions["criterion_1"][3] == word
    bare = Norms("bare", "1", "points", (ScaleNorms("*", (5.0,), 1, 1),), "By hand.", False)
    with pytest.warns(TableNote, match="taken 1 to 5 for scale alliance"):
        drops(one_series([5.0] * 4, low=None), norms=bare)
    assert drops(one_series([5.0, 5, 5, 3], low=None), norms=bare, cutoff=2).events.height == 1


@few_examples
@given(rated=values, more=values)
def test_later_sessions_never_change_an_earlier_decision(
    rated: list[float | None], more: list[float | None]
) -> None:
    short, long = drops(one_series(rated)), drops(one_series([*rated, *more]))
    assert long.sessions.head(len(rated)).equals(short.sessions)


@few_examples
@given(rated=values, other=values, data=st.data())
def test_neither_row_order_nor_other_series_matter(
    rated: list[float | None], other: list[float | None], data: st.DataObject
) -> None:
    alone = drops(one_series(rated))
    both = pl.concat([one_series(rated), one_series(other, case="B")])
    shuffled = drops(both[data.draw(st.permutations(range(both.height)))])
    assert shuffled.episodes.filter(pl.col("case") == "A").equals(alone.episodes)
    assert shuffled.sessions.filter(pl.col("case") == "A").equals(alone.sessions)


@few_examples
@given(rated=values)
def test_a_scale_turned_round_with_its_direction_has_the_same_events(rated: list[float | None]) -> None:
    turned = [None if value is None else 8 - value for value in rated]
    ours, theirs = drops(one_series(rated)), drops(one_series(turned), higher_is_better=False)
    kept = ("onset_session", "depth", "status", "repair_session", "shape", "stable")
    assert ours.episodes.select(kept).equals(theirs.episodes.select(kept))
    assert ours.sessions.select("verdict", *ours.parts).equals(theirs.sessions.select("verdict", *ours.parts))


@few_examples
@given(rated=values)
def test_drops_are_the_intervals_that_meet_all_conditions(rated: list[float | None]) -> None:
    """Once more in plain Python: 7 points from 1, so .6 points, a quarter of the height, below the mean so far."""
    earlier: list[float] = []
    expected = []
    for place, value in enumerate(rated):
        before = rated[place - 1] if place else None
        if value is None or len(earlier) < 3 or before is None:
            known = value is not None
            word = "not applied" if not known or len(earlier) >= 3 else "not enough data"
        else:
            drop = before - value
            big = drop >= 0.1 * 6 and drop >= 0.25 * (before - 1)
            mean = sum(earlier) / len(earlier)
            assume(abs(value - mean) > 1e-9)  # equal but for rounding
            word = "met" if big and value < mean else "not met"
        expected.append(word)
        earlier += [value] if value is not None else []
    assert drops(one_series(rated)).sessions["verdict"].to_list() == expected
