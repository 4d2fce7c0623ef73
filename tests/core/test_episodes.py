"""How strain is followed to its end, at the edges of the definitions of docs/methods/episodes.md, by hand.

Falls of four points from 8 to 4, so that every share of the fall is an exact binary number: .50 is regained at 6, .75
at 7. With `previous-drop` and `points=4` no smaller fall is an event.
"""

import pytest

from goldseam import Norms, ScaleNorms, detect
from tests.core.ratings import one_series

HIGH = (8.0, 8.0, 8.0, 8.0)
HALF_POINT = Norms(
    "hand", "1", "points", (ScaleNorms("*", (5.0,), between_sd=1.0, within_sd=0.5),), "By hand.", False
)


def first_event(*later: float | None, **given: object) -> dict[str, object]:
    """The event that begins at session 5, where the rating is 4."""
    found = detect(
        one_series([*HIGH, 4.0, *later], low=0, high=10), criterion="previous-drop", points=4, **given
    )
    event = found.events.row(0, named=True)
    assert (event["onset_session"], event["baseline"], event["nadir"]) == (5, 8.0, 4.0)
    return event


@pytest.mark.parametrize(
    ("best", "status", "shape"), [(6.0, "partial", "prolonged"), (5.99, "unrepaired", "L")]
)
def test_half_of_the_fall_is_half_way_back(best: float, status: str, shape: str) -> None:
    event = first_event(4, best, 4, 4, 4, 4)
    assert (event["status"], event["shape"]) == (status, shape)


@pytest.mark.parametrize(("best", "status"), [(6.0, "partial"), (5.99, "unrepaired")])
def test_so_it_is_where_the_course_is_over(best: float, status: str) -> None:
    assert first_event(best, 4, ended=True)["status"] == status


def test_half_of_the_fall_counts_in_the_sixth_session_after_the_onset_and_not_in_the_seventh() -> None:
    """Sessions without a rating count: the sixth after the onset is session 11."""
    assert first_event(4, 4, 4, 4, None, 6, 4)["status"] == "partial"
    assert first_event(4, 4, 4, 4, None, None, 6, 4)["status"] == "unrepaired"


@pytest.mark.parametrize(("back", "status"), [(7.0, "repaired_unconfirmed"), (6.99, "open")])
def test_three_quarters_of_the_fall_are_a_repair(back: float, status: str) -> None:
    assert first_event(4, back)["status"] == status


def test_the_share_that_is_a_repair_can_be_given() -> None:
    assert first_event(6, recovered=0.5)["status"] == "repaired_unconfirmed"
    assert first_event(7.99, recovered=1.0)["status"] == "open"


@pytest.mark.parametrize(("after", "status"), [(5.0, "repaired"), (4.99, "open")])
def test_a_repair_holds_if_it_and_the_next_rating_are_half_way_back_on_average(
    after: float, status: str
) -> None:
    """The repair at 7 and the rating after it at 5 have the mean 6."""
    assert first_event(7, after)["status"] == status


def test_an_episode_is_given_up_with_its_sixth_later_rating() -> None:
    assert first_event(*[4] * 5)["status"] == "open"
    assert first_event(*[4] * 6)["status"] == "unrepaired"
    assert first_event(*[4] * 2, window=2)["status"] == "unrepaired"


def test_two_later_ratings_tell_how_a_course_that_is_over_ended() -> None:
    assert first_event(4, ended=True)["status"] == "indeterminate"
    assert first_event(4, 4, ended=True)["status"] == "unrepaired"


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        # The highest rating so far is 8, half an SD below it 7.75; the onset is the last rating, 6.
        ((7.75, 7.75), "precipitous"),
        ((7.75, 7.7), "precipitous"),
        ((7.7, 7.75), "precipitous"),
        ((7.74, 7.74), "erosion"),
        ((7.75, None), "precipitous"),
        ((7.75, None, None), "unknown"),
        ((7.74, None, None), "erosion"),
    ],
)
def test_a_fall_is_precipitous_from_within_half_an_sd_in_one_of_the_two_sessions_before(
    before: tuple[float | None, ...], kind: str
) -> None:
    found = detect(
        one_series([*HIGH, *before, 6.0], low=0, high=10), criterion="running-maximum", norms=HALF_POINT
    )
    assert found.events["onset_kind"].to_list() == [kind]
