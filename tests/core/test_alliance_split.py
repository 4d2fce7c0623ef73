"""The map of relations and split alliance; expected values are hand calculations unless a test says otherwise."""

from itertools import permutations
from math import sqrt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import InputError, Norms, ParameterError, ScaleNorms, TableError, load_measure
from goldseam.alliance import relation_map, split_alliance
from goldseam.alliance.relations import RELATIONS
from tests.core.families import AWAY, column, family

POINTS = Norms(
    "hand",
    "1",
    "points",
    (ScaleNorms("*", (7.0,), between_sd=1.5, within_sd=1.0, measurement_error=0.5),),
    "By hand.",
    False,
)


def test_a_couple_of_one_session() -> None:
    """Ratings 8 and 4.5, error .5: 1.96 * sqrt(2) * .5 = 1.3859."""
    split = split_alliance(family({"client": [8.0], "partner": [4.5]}), norms=POINTS, cut_off=5)
    row = split.sessions.row(0, named=True)
    assert (row["split"], row["lowest"], row["highest"], row["mean"]) == (3.5, 4.5, 8.0, 6.25)
    assert row["sd"] == pytest.approx(3.5 / sqrt(2))
    assert row["reliable_at"] == pytest.approx(1.3859, abs=1e-4)
    assert (row["low"], row["high"]) == pytest.approx((3.5 - 1.3859, 3.5 + 1.3859), abs=1e-4)
    assert (row["reliable"], row["conventional"], row["one_below"], row["intact"]) == (
        "met",
        "met",
        "met",
        "not met",
    )
    assert row["below"] == ["partner"]
    pair = split.pairs.row(0, named=True)
    assert (pair["first"], pair["second"], pair["signed_split"]) == ("client", "partner", 3.5)


@pytest.mark.parametrize(
    ("views", "one_below", "intact"),
    [
        ({"a": [7.0], "b": [6.5]}, "not met", "met"),
        ({"a": [4.0], "b": [4.5]}, "not met", "not met"),  # both low: no split, and not intact
        ({"a": [5.0], "b": [4.9]}, "met", "not met"),  # the cut-off itself is not below it
        ({"a": [7.0], "b": [None]}, "not enough data", "not enough data"),
        ({"a": [7.0], "b": [7.0], "c": [None]}, "not met", "not enough data"),
        ({"a": [7.0], "b": [3.0], "c": [None]}, "met", "not met"),
        ({"a": [3.0], "b": [None]}, "not enough data", "not met"),
    ],
)
def test_one_below_the_cut_off_and_intact(
    views: dict[str, list[float | None]], one_below: str, intact: str
) -> None:
    row = split_alliance(family(views), norms=POINTS, cut_off=5).sessions.row(0, named=True)
    assert (row["one_below"], row["intact"]) == (one_below, intact)


def test_an_unknown_figure_means_not_applied_and_never_not_met() -> None:
    ratings = family({"client": [8.0], "partner": [3.0]}, low=None, high=None)
    row = split_alliance(ratings).sessions.row(0, named=True)
    assert row["split"] == 5.0
    assert {row[name] for name in ("reliable", "conventional", "one_below", "intact")} == {"not applied"}
    assert [row[name] for name in ("low", "high", "reliable_at", "conventional_at", "below")] == [None] * 5


def test_the_shipped_norms_give_one_sd_in_points_of_the_stated_range() -> None:
    """.13 of a range of 40 is 5.2."""
    ratings = family({"client": [30.0], "partner": [24.8]}, high=40.0)
    row = split_alliance(ratings).sessions.row(0, named=True)
    assert row["conventional_at"] == pytest.approx(5.2)
    assert row["conventional"] == "met"  # 30 - 24.8 is 5.2 on paper, a little less in the machine


def test_away_is_not_missing() -> None:
    views = {"client": [7.0, 7.0, 7.0], "partner": [7.0, AWAY, None]}
    found = split_alliance(family(views), norms=POINTS)
    assert column(found.sessions, "reason") == [None, "members_away", "not_rated"]
    assert column(found.sessions, "reliable") == ["not met", "not applied", "not enough data"]
    assert column(found.pairs, "session") == [1, 3]
    assert column(found.pairs, "conventional") == ["not met", "not enough data"]


def test_an_individual_case_has_no_split() -> None:
    found = split_alliance(family({"client": [7.0], "therapist": [2.0]}), norms=POINTS)
    assert column(found.sessions, "reason") == ["one_member"]
    assert column(found.sessions, "conventional") == ["not applied"]
    assert found.pairs.is_empty()
    assert found.history.is_empty()


def test_the_odd_one_out_is_farthest_from_the_median() -> None:
    """Medians 7 and 6; 7, 5, 6 leaves two equally far."""
    views = {"child": [7.0, 6.0, 7.0, 4.0], "father": [8.0, 5.0, 5.0, 8.0], "mother": [3.0, 9.0, 6.0, None]}
    found = split_alliance(family(views), norms=POINTS).sessions
    assert column(found, "odd_one_out") == ["mother", "mother", None, None]
    assert column(found, "odd_distance") == [4.0, 3.0, None, None]
    assert column(found, "odd_one_out_found") == ["met", "met", "not met", "not enough data"]
    assert column(split_alliance(family({"a": [1.0], "b": [9.0]})).sessions, "odd_one_out_found") == [
        "not applied"
    ]


def test_families_are_tested_once_over_all_pairs() -> None:
    """Upper 5% points of the studentized range with known error, 3 and 4 means: 3.31 and 3.63 (Tukey's tables)."""
    views = {"a": [7.0, 7.0], "b": [7.0, 7.0], "c": [7.0, 7.0], "d": [AWAY, 7.0]}
    found = split_alliance(family(views), norms=POINTS).sessions
    assert column(found, "reliable_at") == pytest.approx([3.31 / 2, 3.63 / 2], abs=0.005)


@pytest.mark.parametrize("members", [2, 4])
def test_members_who_agree_are_called_split_as_often_as_the_confidence_says(members: int) -> None:
    """Simulated truth: one level for all, measurement error alone; 20,000 sessions, error rate .05."""
    random = np.random.default_rng(20)
    errors = random.normal(7, 0.5, (20_000, members))
    ratings = pl.DataFrame(
        {
            "case": np.repeat(np.arange(20_000), members),
            "rater": [f"member-{place}" for place in range(members)] * 20_000,
            "scale": "self_therapist",
            "session": 1,
            "value": errors.ravel(),
        }
    )
    met = split_alliance(ratings, norms=POINTS).sessions.get_column("reliable") == "met"
    assert met.mean() == pytest.approx(0.05, abs=4 * sqrt(0.05 * 0.95 / 20_000))


def test_how_two_usually_differ_is_told_apart_from_what_is_new() -> None:
    """Differences 2, 2, 2, 2, -1.25: level 2, last change -3.25, threshold 1.96*sqrt(2*(1+1/4))*1 = 3.099."""
    views = {"client": [8.0, 8.0, 8.0, 8.0, 4.75], "partner": [6.0, 6.0, 6.0, 6.0, 6.0]}
    found = split_alliance(family(views), norms=POINTS)
    assert column(found.pairs, "n_before") == [0, 1, 2, 3, 4]
    assert column(found.pairs, "level") == [None, 2.0, 2.0, 2.0, 2.0]
    assert column(found.pairs, "changed") == ["not enough data"] * 3 + ["not met", "met"]
    last = found.pairs.row(-1, named=True)
    assert last["change"] == -3.25
    assert last["change_at"] == pytest.approx(1.959964 * sqrt(2.5))
    assert column(found.pairs, "conventional") == ["met"] * 4 + ["not met"]


def test_history_of_a_pair() -> None:
    """Differences 1, 2, 3, not rated, 2 (one session apart): mean 2, SD sqrt(2/3), t(3) at 95% 3.1824."""
    views = {"client": [8.0, 8.0, 8.0, 8.0, 8.0, 8.0], "partner": [7.0, 6.0, 5.0, None, AWAY, 6.0]}
    row = split_alliance(family(views), norms=POINTS).history.row(0, named=True)
    reach = 3.182446 * sqrt(2 / 3) / 2
    assert (row["n_together"], row["n_sessions"], row["level"]) == (5, 4, 2.0)
    assert (row["level_low"], row["level_high"]) == pytest.approx((2 - reach, 2 + reach))
    assert row["level_split"] == "met"
    assert (row["widest_session"], row["widest"]) == (3, 3.0)
    assert (row["n_conventional"], row["n_reliable"], row["current_run"]) == (3, 3, 3)
    assert (row["last_session"], row["last_signed_split"], row["n_changed"]) == (6, 2.0, 0)


def test_a_history_too_short_says_so() -> None:
    row = split_alliance(family({"a": [8.0, 8.0], "b": [2.0, 2.0]}), norms=POINTS).history.row(0, named=True)
    assert (row["level_split"], row["level_low"], row["n_changed"]) == ("not enough data", None, None)


def test_skew_and_discrepancy_of_a_couple() -> None:
    """Client 8 and sees the partner at 6, who says 3: skew 2, discrepancy 3; threshold 1.96*sqrt(.5**2 + 1**2)."""
    ratings = pl.concat(
        [
            family({"client": [8.0, 8.0], "partner": [3.0, AWAY]}),
            family({"client": [6.0, 7.0], "partner": [8.0, AWAY]}, scale="other_therapist"),
        ]
    )
    errors = {"self_therapist": 0.5, "other_therapist": 1.0}
    views = split_alliance(ratings, measurement_error=errors).views
    assert column(views, "rater") == ["client", "partner", "client"]
    assert column(views, "skew") == [2.0, -5.0, 1.0]
    assert column(views, "discrepancy") == [3.0, 0.0, None]
    assert views.row(0, named=True)["skew_at"] == pytest.approx(1.959964 * sqrt(1.25))
    assert column(views, "skewed") == ["not met", "met", "not met"]
    assert column(views, "discrepant") == ["met", "not met", "not applied"]


def test_in_a_family_the_view_of_the_others_meets_their_mean_once_all_of_them_rated() -> None:
    """The mother sees the others at 8; they say 4 and 6, mean 5; error of a mean of two is .5/sqrt(2)."""
    ratings = pl.concat(
        [
            family({"child": [4.0, 4.0], "father": [6.0, None], "mother": [7.0, 7.0]}),
            family({"mother": [8.0, 8.0]}, scale="other_therapist"),
        ]
    )
    views = split_alliance(ratings, measurement_error=0.5).views.filter(rater="mother")
    assert column(views, "discrepancy") == [3.0, None]
    assert column(views, "discrepant") == ["met", "not enough data"]
    assert views.row(0, named=True)["discrepancy_at"] == pytest.approx(1.959964 * 0.5 * sqrt(1.5))
    assert (
        split_alliance(ratings, measurement_error=0.5)
        .views.filter(rater="child")
        .row(0, named=True)["skewed"]
        == "not applied"
    )


def test_phases_never_meet() -> None:
    ratings = pl.concat(
        [
            family({"client": [8.0]}).with_columns(phase=pl.lit("pre")),
            family({"partner": [2.0]}).with_columns(phase=pl.lit("post")),
        ]
    )
    assert column(split_alliance(ratings).sessions, "reason") == ["one_member", "one_member"]
    assert column(split_alliance(ratings).sessions, "phase") == ["post", "pre"]


QUARTERS = st.integers(0, 40).map(lambda quarters: quarters / 4)
TABLES = st.integers(2, 4).flatmap(
    lambda members: st.lists(
        st.lists(st.none() | st.just(AWAY) | QUARTERS, min_size=members, max_size=members),
        min_size=1,
        max_size=6,
    )
)
UNSIGNED = ["session", "split", "low", "high", "reliable", "conventional", "one_below", "intact", "reason"]


def _named(table: list[list[float | str | None]], names: tuple[str, ...]) -> pl.DataFrame:
    views = {name: [row[place] for row in table] for place, name in enumerate(names)}
    return family(views, low=None, high=None)


@settings(deadline=None, max_examples=25)
@given(table=TABLES, data=st.data())
def test_who_is_called_what_does_not_change_the_split(
    table: list[list[float | str | None]], data: st.DataObject
) -> None:
    names = tuple("abcd"[: len(table[0])])
    ratings = _named(table, names)
    if ratings.is_empty():
        return
    other = data.draw(st.sampled_from(list(permutations(names))))
    shown = [
        split_alliance(_named(table, order), norms=POINTS, cut_off=5).sessions for order in (names, other)
    ]
    assert shown[0].select(UNSIGNED).equals(shown[1].select(UNSIGNED))


@settings(deadline=None, max_examples=25)
@given(table=TABLES, shift=st.integers(-8, 8))
def test_a_rise_of_all_members_alike_leaves_the_split(
    table: list[list[float | str | None]], shift: int
) -> None:
    ratings = _named(table, tuple("abcd"[: len(table[0])]))
    if ratings.is_empty():
        return
    kept = ["split", "reliable", "conventional", "odd_one_out", "odd_one_out_found"]
    shown = [
        split_alliance(each, norms=POINTS)
        for each in (ratings, ratings.with_columns(pl.col("value") + shift))
    ]
    assert shown[0].sessions.select(kept).equals(shown[1].sessions.select(kept))
    signed = ["session", "signed_split", "level", "change", "changed"]
    assert shown[0].pairs.select(signed).equals(shown[1].pairs.select(signed))


@settings(deadline=None, max_examples=25)
@given(table=TABLES, seed=st.integers(0, 99))
def test_rows_may_come_in_any_order_and_later_sessions_change_nothing(
    table: list[list[float | str | None]], seed: int
) -> None:
    ratings = _named(table, tuple("abcd"[: len(table[0])]))
    if ratings.is_empty():
        return
    whole = split_alliance(ratings, norms=POINTS)
    mixed = split_alliance(ratings.sample(fraction=1, shuffle=True, seed=seed), norms=POINTS)
    assert whole.sessions.equals(mixed.sessions)
    assert whole.pairs.equals(mixed.pairs)
    half = ratings.filter(pl.col("session") <= 3)
    if half.height:
        early = split_alliance(half, norms=POINTS).pairs
        assert early.equals(whole.pairs.filter(pl.col("session") <= 3))


def test_the_map_has_every_view_at_every_session() -> None:
    ratings = pl.concat(
        [
            family({"client": [8.0, None, 6.0], "partner": [7.0, AWAY, 4.0]}),
            family({"client": [5.0, AWAY, AWAY]}, scale="within"),
            family({"therapist": [7.0, 7.0, 7.0]}, scale="therapist_view"),
            family({"client": [1.0]}, scale="self_goal"),
        ]
    )
    found = relation_map(ratings, cut_off={"self_therapist": 5})
    assert found.height == 3 * 4  # four views, three sessions; facets are no relations
    own = found.filter(scale="self_therapist", rater="client")
    assert column(own, "state") == ["rated", "not rated", "rated"]
    assert column(own, "change") == [None, None, -2.0]
    assert column(own, "share_of_range") == [0.8, None, 0.6]
    assert column(own, "below_cut_off") == ["not met", "not enough data", "not met"]
    partner = found.filter(scale="self_therapist", rater="partner")
    assert column(partner, "state") == ["rated", "not applied", "rated"]
    assert column(partner, "below_cut_off") == ["not met", "not applied", "met"]
    assert set(column(found.filter(rater="therapist"), "relation")) == {"therapist_client"}
    assert set(column(found.filter(scale="within"), "below_cut_off")) == {"not applied"}


def test_the_relations_are_those_of_the_shipped_measure() -> None:
    measure = load_measure("goldseam-alliance")
    assert {scale: measure.scale(scale).relation for scale in RELATIONS} == dict(RELATIONS)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda t: split_alliance(t, scale="bond"), "no rating on this scale.*'bond'.*self_therapist"),
        (lambda t: split_alliance(t, therapists="therapist"), "therapists: not a collection"),
        (lambda t: split_alliance(t, measurement_error=0), "measurement_error, scale self_therapist"),
        (lambda t: split_alliance(t, measurement_error={"bond": 1.0}), "unknown scale; given 'bond'"),
        (lambda t: split_alliance(t, cut_off=11), "outside the scale's range; given 11.0; allowed: 0 to 10"),
        (lambda t: split_alliance(t, cut_off=True), "cut_off, scale self_therapist"),
        (lambda t: split_alliance(t, confidence=95), "confidence: impossible value; given 95"),
        (lambda t: relation_map(t, relations={"bond": "self"}), "no scale of these relations"),
        (lambda t: relation_map(t, relations={}), "not a mapping of scales"),
        (lambda t: split_alliance(t.drop("value")), "no column value"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(call: object, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as raised:
        call(family({"client": [8.0], "partner": [7.0]}))  # type: ignore[operator]
    assert "\n" not in str(raised.value)


def test_members_on_different_ranges_do_not_compare() -> None:
    ratings = pl.concat([family({"client": [8.0]}), family({"partner": [8.0]}, high=40.0)])
    with pytest.raises(TableError, match="case A: raters used different ranges of scale self_therapist"):
        split_alliance(ratings)


def test_a_therapist_cannot_be_the_only_member() -> None:
    with pytest.raises(TableError):
        split_alliance(family({"therapist": [8.0]}))
    with pytest.raises(ParameterError):
        split_alliance(family({"client": [8.0]}), therapists=[1])  # type: ignore[list-item]


def test_figures_may_be_numpy_numbers() -> None:
    ratings = family({"client": [8.0], "partner": [4.5]})
    plain = split_alliance(ratings, measurement_error=1, cut_off=5)
    given_by_numpy = split_alliance(ratings, measurement_error=np.int64(1), cut_off=np.float32(5))
    assert plain.sessions.equals(given_by_numpy.sessions)
