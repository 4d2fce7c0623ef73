"""Both sides' own word: expected values are read off the answers, and a second time in one line each."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam import ParameterError, TableError, detect
from tests.core.ratings import one_series

CLIENT = [0.0, 1, 0, 1, 2, 0, 1]
THERAPIST = [0.0, 0, 1, 1, None, None, None]


def answers(client: list[float], therapist: list[float | None]) -> pl.DataFrame:
    return one_series(client, low=0, high=2).with_columns(
        therapist_rating=pl.Series(therapist, dtype=pl.Float64)
    )


@pytest.mark.parametrize(
    ("side", "sessions", "open_"),
    [
        ("either", [2, 3, 4, 5, 7], [6]),
        ("both", [4], [5, 7]),
        ("client", [2, 4, 5, 7], []),
        ("therapist", [3, 4], [5, 6, 7]),
    ],
)
def test_whose_word_counts(side: str, sessions: list[int], open_: list[int]) -> None:
    found = detect(answers(CLIENT, THERAPIST), criterion="direct-report", side=side)
    assert found.events["onset_session"].to_list() == sessions
    unsure = found.sessions.filter(pl.col("verdict") == "not enough data")
    assert unsure["session"].to_list() == open_


@given(data=st.data(), threshold=st.sampled_from([1.0, 2.0]))
def test_it_agrees_with_the_rule_in_one_line(data: st.DataObject, threshold: float) -> None:
    number = st.sampled_from([0.0, 1.0, 2.0])
    client = data.draw(st.lists(number, min_size=1, max_size=12))
    therapist = data.draw(st.lists(number, min_size=len(client), max_size=len(client)))
    table = answers(client, list(therapist))
    for side, rule in (("either", max), ("both", min)):
        found = detect(table, criterion="direct-report", side=side, threshold=threshold).events
        wanted = [
            k
            for k, pair in enumerate(zip(client, therapist, strict=True), start=1)
            if rule(pair) >= threshold
        ]
        assert found["onset_session"].to_list() == wanted


def test_each_side_has_a_column() -> None:
    found = detect(answers(CLIENT, THERAPIST), criterion="direct-report").sessions
    assert found["criterion_1"].to_list() == [
        "not met",
        "met",
        "not met",
        "met",
        "met",
        "not met",
        "met",
    ]
    assert found["criterion_2"].to_list() == ["not met", "not met", "met", "met", *["not enough data"] * 3]


def test_answers_that_say_how_well_it_went_are_read_the_other_way() -> None:
    table = answers([2.0, 1, 0], [2.0, 2, 2])
    found = detect(table, criterion="direct-report", threshold=1.0, higher_is_better=True).events
    assert found["onset_session"].to_list() == [2, 3]


@pytest.mark.parametrize("side", ["both", "therapist"])
def test_whoever_counts_on_the_therapists_answers_is_told_that_there_are_none(side: str) -> None:
    message = f"column therapist_rating: the therapist's answers are needed with side={side}"
    with pytest.raises(TableError, match=message):
        detect(one_series(CLIENT, low=0, high=2), criterion="direct-report", side=side)


@pytest.mark.parametrize("side", ["either", "client"])
def test_a_therapist_without_a_column_has_answered_nothing(side: str) -> None:
    """So that silence is no no: what the client does not report stays open."""
    asked = {"criterion": "direct-report", "side": side}
    without = detect(one_series(CLIENT, low=0, high=2), **asked)
    silent = detect(answers(CLIENT, [None] * len(CLIENT)), **asked)
    assert without.sessions.equals(silent.sessions)
    assert without.events.equals(silent.events)


def test_a_side_is_one_of_four() -> None:
    with pytest.raises(ParameterError, match=r"parameter side: .*allowed: either, both, client, therapist"):
        detect(answers(CLIENT, THERAPIST), criterion="direct-report", side="nobody")
