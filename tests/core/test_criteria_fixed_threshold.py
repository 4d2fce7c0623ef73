"""Criteria with a fixed threshold: low level and the direct question. Expected values are read off the series."""

import pytest

from goldseam import TableNote, detect
from tests.core.ratings import one_series


def spells(values: list[float | None], **given: object) -> list[tuple[object, ...]]:
    found = detect(one_series(values, low=0, high=10), criterion="low-level", **given)
    columns = ("onset_session", "nadir_session", "nadir", "status", "duration")
    return list(found.events.select(columns).iter_rows())


def test_a_low_level_is_found_from_the_first_rating_on() -> None:
    assert spells([4.5]) == [(1, 1, 4.5, "open", 1)]


def test_the_cut_off_itself_is_not_low() -> None:
    assert spells([5.0, 5.0]) == []
    assert spells([5.0, 4.99]) == [(2, 2, 4.99, "open", 1)]


def test_each_spell_is_one_event() -> None:
    assert spells([4, 3, 6, 2, 1, 1, 8]) == [(1, 2, 3.0, "over", 2), (4, 5, 1.0, "over", 3)]


def test_a_session_without_a_rating_does_not_end_a_spell() -> None:
    assert spells([4, None, 3, 6]) == [(1, 3, 3.0, "over", 3)]
    assert spells([4, None]) == [(1, 1, 4.0, "open", 1)]


def test_spells_of_neighbouring_series_are_kept_apart() -> None:
    tables = [one_series([6, 4], low=0, high=10, case="A"), one_series([3, 6], low=0, high=10, case="B")]
    events = detect(tables[0].vstack(tables[1]), criterion="low-level").events
    assert list(events.select("case", "onset_session", "status").iter_rows()) == [
        ("A", 2, "open"),
        ("B", 1, "over"),
    ]


def test_the_cut_off_may_be_given_in_points_or_as_a_share() -> None:
    assert len(spells([6.0], cutoff=6.5)) == 1
    assert len(spells([6.0], cutoff_share=0.65)) == 1
    assert spells([6.0], cutoff=6.0) == []


def test_depth_is_counted_from_the_cut_off() -> None:
    event = detect(one_series([4, 2], low=0, high=10), criterion="low-level").events.row(0, named=True)
    assert (event["baseline"], event["value"], event["depth"]) == (5.0, 4.0, 3.0)
    empty = ("onset_kind", "grade", "p", "depth_z", "repair_session", "shape")
    assert [event[name] for name in empty] == [None] * 6


def test_where_lower_is_better_low_level_means_high_values() -> None:
    table = one_series([4, 6, 8], low=0, high=10)
    events = detect(table, criterion="low-level", higher_is_better=False).events
    assert list(events.select("onset_session", "baseline", "nadir").iter_rows()) == [(2, 5.0, 8.0)]
    events = detect(table, criterion="low-level", higher_is_better=False, cutoff=7).events
    assert events["onset_session"].to_list() == [3]


def test_a_share_of_an_unknown_range_is_one_of_a_usual_range_that_is_told() -> None:
    table = one_series([4.0], low=None)
    with pytest.warns(TableNote, match="taken 1 to 5 for scale alliance"):
        found = detect(table, criterion="low-level")
    assert found.events.equals(detect(one_series([4.0], low=1, high=5), criterion="low-level").events)
    nothing = detect(one_series([None], low=None), criterion="low-level")
    assert nothing.counts.not_enough_data == 1
    assert detect(table, criterion="low-level", cutoff=5).events.height == 1


def test_every_answer_at_the_threshold_is_an_event_of_its_own() -> None:
    table = one_series([2, 0, 1, 2, 2, None], low=0, high=2)
    found = detect(table, criterion="direct-question")
    assert found.events["onset_session"].to_list() == [1, 4, 5]
    assert found.events["value"].to_list() == [2.0, 2.0, 2.0]
    assert found.sessions["verdict"].to_list() == ["met", "not met", "not met", "met", "met", "not applied"]
    assert detect(table, criterion="direct-question", threshold=1).events.height == 4


def test_the_direct_question_can_be_asked_the_other_way_round() -> None:
    found = detect(
        one_series([2, 0, 1], low=0, high=2), criterion="direct-question", higher_is_better=True, threshold=0
    )
    assert found.events["onset_session"].to_list() == [2]


def test_a_zero_answer_is_an_answer() -> None:
    found = detect(one_series([0], low=0, high=2), criterion="direct-question")
    assert found.series["outcome"].item() == "judged"
    assert found.sessions["value"].to_list() == [0.0]


def test_these_criteria_use_no_norms() -> None:
    assert detect(one_series([2], low=0, high=2), criterion="direct-question").norms is None
