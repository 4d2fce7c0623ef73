"""Events of a case from events of its members; expected values are hand calculations."""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from goldseam import TableError, detect
from goldseam.alliance import case_events
from tests.core.families import AWAY, column, event_table, family, member_event

STEADY = [7.0] * 8
SHOWN = ("onset_session", "kind", "n_members", "n_attended", "n_tests", "joint", "split")


def events_of(
    views: Mapping[str, Sequence[float | str | None]], *events: dict[str, object], **more: object
) -> pl.DataFrame:
    return case_events(family(views), event_table(*events), **more)  # type: ignore[arg-type]


def test_two_members_in_one_session_are_one_joint_event() -> None:
    views = {"client": STEADY, "partner": STEADY, "therapist": STEADY}
    found = events_of(views, member_event("client", 5), member_event("partner", 5, p=0.002))
    assert found.select(SHOWN).rows() == [(5, "joint", 2, 2, 2, "met", "not applied")]
    assert column(found, "members") == [["client", "partner"]]
    assert column(found, "smallest_p") == [0.002]


@pytest.mark.parametrize(
    ("second", "kinds"),
    [(4, ["joint"]), (6, ["joint"]), (7, ["single", "single"]), (3, ["single", "single"])],
)
def test_adjacent_sessions_belong_together(second: int, kinds: list[str]) -> None:
    found = events_of(
        {"client": STEADY, "partner": STEADY}, member_event("client", 5), member_event("partner", second)
    )
    assert column(found, "kind") == kinds


def test_the_next_session_a_member_attended_is_adjacent_however_long_they_were_away() -> None:
    views = {"client": STEADY, "partner": [7.0, 7.0, 7.0, 7.0, 7.0, AWAY, AWAY, 3.0]}
    found = events_of(views, member_event("client", 5), member_event("partner", 8))
    assert column(found, "kind") == ["joint"]
    assert found.select("onset_session", "last_onset_session").row(0) == (5, 8)


def test_a_split_needs_a_rise_of_the_difference() -> None:
    """Differences 0 before, 4 at the onset; 1.645 * sqrt(2) * error is 3.49 for 1.5 and 4.19 for 1.8."""
    views = {"client": [7.0, 7.0, 7.0, 7.0, 3.0, 7.0], "partner": [7.0] * 6}
    found = events_of(views, member_event("client", 5), measurement_error=1.5)
    row = found.row(0, named=True)
    assert (row["kind"], row["joint"], row["split"]) == ("split", "not met", "met")
    assert (row["split_with"], row["split_before"], row["split_at_onset"], row["split_rise"]) == (
        "partner",
        0.0,
        4.0,
        4.0,
    )
    assert row["split_rise_at"] == pytest.approx(3.4893, abs=1e-4)
    larger = events_of(views, member_event("client", 5), measurement_error=1.8).row(0, named=True)
    assert (larger["kind"], larger["split"]) == ("single", "not met")
    unknown = events_of(views, member_event("client", 5)).row(0, named=True)
    assert (unknown["kind"], unknown["split"], unknown["split_rise"]) == ("single", "not applied", 4.0)


def test_a_member_who_comes_down_to_the_other_makes_no_split() -> None:
    """The client was 3 above the partner and is level now: the difference fell."""
    views = {"client": [9.0, 9.0, 9.0, 9.0, 6.0], "partner": [6.0] * 5}
    row = events_of(views, member_event("client", 5), measurement_error=0.3).row(0, named=True)
    assert (row["split_before"], row["split_rise"], row["split"]) == (3.0, -3.0, "not met")


@pytest.mark.parametrize(
    ("partner", "joint", "split"),
    [
        ([7.0, 7.0, 7.0, 7.0, AWAY], "not applied", "not applied"),  # away, and never came again
        ([7.0, 7.0, 7.0, 7.0, None], "not enough data", "not enough data"),  # there, and did not rate
        ([7.0, AWAY, AWAY, 7.0, 7.0], "not met", "not enough data"),  # two sessions together before
        ([7.0, 7.0, 7.0, 7.0, AWAY, 7.0], "not met", "not applied"),  # judged when they came again
    ],
)
def test_who_was_there_decides_what_can_be_said(
    partner: list[float | str | None], joint: str, split: str
) -> None:
    views = {"client": [7.0, 7.0, 7.0, 7.0, 2.0, 7.0], "partner": partner}
    row = events_of(views, member_event("client", 5), measurement_error=0.5).row(0, named=True)
    assert (row["joint"], row["split"]) == (joint, split)


def test_an_individual_case_has_single_events() -> None:
    found = events_of({"client": STEADY}, member_event("client", 5), measurement_error=0.5)
    assert found.select(SHOWN).rows() == [(5, "single", 1, 1, 1, "not applied", "not applied")]


def test_strain_between_the_members_stands_alone_or_beside_strain_with_the_therapist() -> None:
    views = {"client": STEADY, "partner": STEADY}
    ratings = pl.concat([family(views), family(views, scale="within")])
    events = event_table(
        member_event("client", 2),
        member_event("partner", 3, scale="within"),
        member_event("client", 7, scale="within"),
        member_event("partner", 7, scale="within"),
        member_event("client", 5, scale="self_goal"),
    ).filter(pl.col("scale") != "self_goal")
    found = case_events(ratings, events)
    assert found.select("onset_session", "kind", "joint").rows() == [
        (2, "single", "not met"),
        (7, "within-system", "met"),
    ]
    assert column(found, "members") == [["client"], ["client", "partner"]]
    assert column(found, "within_members") == [["partner"], ["client", "partner"]]


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        (("repaired", "repaired"), "repaired"),
        (("repaired", "open"), "partial"),
        (("repaired", "unrepaired"), "partial"),
        (("repaired", "repaired_unconfirmed"), "repaired_unconfirmed"),
        (("repaired_unconfirmed", "repaired_unconfirmed"), "repaired_unconfirmed"),
        (("open", "unrepaired"), "open"),
        (("indeterminate", "unrepaired"), "indeterminate"),
        (("unrepaired", "unrepaired"), "unrepaired"),
        (("partial", "unrepaired"), "partial"),
        (("over", "over"), "over"),
        ((None, None), None),
        ((None, "repaired"), "partial"),
    ],
)
def test_a_case_is_repaired_when_all_its_members_are(
    statuses: tuple[str | None, str | None], together: str | None
) -> None:
    mended = {"repaired": 7, "repaired_unconfirmed": 8}
    rows = [
        member_event(who, 5, status=status, repair_session=mended.get(status or ""))
        for who, status in zip(("client", "partner"), statuses, strict=True)
    ]
    row = events_of({"client": STEADY, "partner": STEADY}, *rows).row(0, named=True)
    assert row["status"] == together
    whole = together in ("repaired", "repaired_unconfirmed")
    assert row["repair_session"] == (max(mended[status] for status in statuses if status) if whole else None)


def test_no_event_gives_an_empty_table_with_all_columns() -> None:
    found = events_of({"client": STEADY, "partner": STEADY})
    assert found.height == 0
    filled = events_of({"client": STEADY, "partner": STEADY}, member_event("client", 5))
    assert found.schema == filled.schema


def test_events_come_from_a_detection_and_its_judged_sessions() -> None:
    """The partner has two earlier ratings at session 5, so that no criterion could judge the session."""
    views = {"client": [7.5, 7.2, 7.4, 7.3, 3.0], "partner": [AWAY, AWAY, 7.0, 7.1, 7.0]}
    ratings = family(views)
    found = detect(ratings)
    assert found.events.height == 1
    plain = case_events(ratings, found.events).row(0, named=True)
    told = case_events(ratings, found.events, judged=found.sessions).row(0, named=True)
    assert (plain["joint"], plain["n_tests"]) == ("not met", 2)
    assert (told["joint"], told["n_tests"]) == ("not enough data", 1)


def test_names_of_members_and_order_of_rows_do_not_matter() -> None:
    views = {"a": [7.0, 7.0, 7.0, 7.0, 3.0, 7.0], "b": [7.0] * 6, "c": [6.0] * 6}
    events = event_table(member_event("a", 5), member_event("b", 2))
    swapped = {"a": "c", "b": "a", "c": "b"}
    ratings = family(views)
    one = case_events(ratings, events, measurement_error=0.5)
    renamed = pl.col("rater").replace_strict(swapped)
    two = case_events(
        ratings.with_columns(renamed).sample(fraction=1, shuffle=True, seed=3),
        events.with_columns(renamed).reverse(),
        measurement_error=0.5,
    )
    kept = [name for name in one.columns if name not in ("members", "split_with")]
    assert one.select(kept).equals(two.select(kept))


def test_phases_are_apart_and_kept() -> None:
    views = family({"client": STEADY, "partner": STEADY})
    ratings = pl.concat([views.with_columns(phase=pl.lit(phase)) for phase in ("pre", "post")])
    events = event_table(member_event("client", 5, phase="pre"), member_event("partner", 5, phase="post"))
    found = case_events(ratings, events)
    assert found.select("phase", "kind").rows() == [("post", "single"), ("pre", "single")]


def test_events_of_other_ratings_are_refused() -> None:
    with pytest.raises(TableError, match=r"events of case A, rater child.*given 5"):
        events_of({"client": STEADY}, member_event("child", 5))
    with pytest.raises(TableError, match="are not in the ratings"):
        events_of({"client": [7.0, None]}, member_event("client", 2))
    with pytest.raises(TableError, match="events: there is no column onset_session"):
        case_events(family({"client": STEADY}), event_table().drop("onset_session"))
    with pytest.raises(TableError, match="not a table of events; given 'dict'"):
        case_events(family({"client": STEADY}), {})  # type: ignore[arg-type]
