"""The therapist beside the client: discrepancy, tracking, unrecognised strain, truth and bias."""

from math import sqrt

import numpy as np
import polars as pl
import pytest

from goldseam import Norms, ParameterError, ScaleNorms, TableError
from goldseam.alliance import therapist_client, truth_and_bias, unrecognised_strain
from goldseam.exceptions import TableWarning
from tests.core.families import AWAY, column, event_table, family, member_event

POINTS = Norms(
    "hand",
    "1",
    "points",
    (
        ScaleNorms("*", (7.0,), between_sd=1.5, within_sd=1.0, measurement_error=0.6),
        ScaleNorms("therapist_view", (7.0,), between_sd=1.5, within_sd=0.5, measurement_error=0.8),
    ),
    "By hand.",
    False,
)


def both(
    client: list[float | str | None], therapist: list[float | str | None], **views: list[float | str | None]
) -> pl.DataFrame:
    clients = family({"client": client, **views})
    return pl.concat([clients, family({"therapist": therapist}, scale="therapist_view")])


def test_discrepancy_is_therapist_minus_client() -> None:
    """Errors .6 and .8 make 1.96 * 1 = 1.96."""
    found = therapist_client(both([8.0, 7.0, None], [7.0, 9.0, 6.0]), norms=POINTS)
    assert column(found, "discrepancy") == [-1.0, 2.0, None]
    assert column(found, "discrepancy_at") == pytest.approx([1.959964] * 3)
    assert column(found, "discrepant") == ["not met", "met", "not enough data"]


@pytest.mark.parametrize(
    ("client", "therapist", "tracking_error"),
    [
        ([8.0, 7.0], [7.0, 7.0], "met"),  # the client fell by one SD (1), the therapist not at all
        ([8.0, 7.0], [7.0, 6.6], "met"),  # by less than one of the therapist's SDs (.5)
        ([8.0, 7.0], [7.0, 6.5], "not met"),
        ([8.0, 7.25], [7.0, 7.0], "not applied"),  # not a fall
        ([8.0, 9.0], [7.0, 5.0], "not applied"),
        ([8.0, 5.0], [7.0, None], "not enough data"),
        ([8.0, None], [7.0, 7.0], "not enough data"),
        ([None, 5.0], [7.0, 7.0], "not enough data"),  # nothing to have fallen from
    ],
)
def test_a_tracking_error_is_a_fall_the_therapist_did_not_follow(
    client: list[float | None], therapist: list[float | None], tracking_error: str
) -> None:
    found = therapist_client(both(client, therapist), norms=POINTS)  # type: ignore[arg-type]
    assert found.row(-1, named=True)["tracking_error"] == tracking_error


def test_changes_reach_back_to_the_last_session_both_rated() -> None:
    found = therapist_client(both([8.0, 3.0, AWAY, 6.0], [7.0, None, 7.0, 6.0]), norms=POINTS)
    assert column(found, "session") == [1, 2, 4]
    assert column(found, "client_change") == [None, -5.0, -2.0]
    assert column(found, "therapist_change") == [None, None, -1.0]
    assert column(found, "tracking_error") == ["not enough data", "not enough data", "not met"]


def test_therapists_are_told_by_name_where_both_sides_use_one_scale() -> None:
    ratings = family({"client": [8.0], "partner": [6.0], "dr-b": [7.0]})
    found = therapist_client(ratings, therapist_scale="self_therapist", therapists=["dr-b"])
    assert found.select("rater", "therapist", "discrepancy").rows() == [
        ("client", "dr-b", -1.0),
        ("partner", "dr-b", 1.0),
    ]


def test_different_ranges_do_not_compare() -> None:
    ratings = pl.concat(
        [family({"client": [8.0]}), family({"therapist": [8.0]}, scale="therapist_view", high=40.0)]
    )
    with pytest.raises(TableError, match="client and therapist used different ranges"):
        therapist_client(ratings)


@pytest.mark.parametrize(
    ("therapist", "verdict"),
    [
        ([7.0, 7.5, 6.5, 7.0, 7.0], "met"),
        ([7.0, 7.5, 6.5, 7.0, 6.5], "not met"),  # from a mean of 7 by one SD (.5)
        ([7.0, 7.5, 6.5, 7.0, None], "not enough data"),
        ([None, None, 6.5, 7.0, 7.0], "not enough data"),  # two earlier ratings
        ([7.0, 7.5, 6.5, 7.0, AWAY], "not applied"),
    ],
)
def test_strain_is_unrecognised_when_the_therapist_did_not_fall(
    therapist: list[float | str | None], verdict: str
) -> None:
    ratings = both([7.0, 7.0, 7.0, 7.0, 3.0], therapist)
    found = unrecognised_strain(ratings, event_table(member_event("client", 5)), norms=POINTS)
    assert column(found, "unrecognised") == [verdict]


def test_a_note_about_the_session_is_recognition() -> None:
    ratings = both([7.0, 7.0, 7.0, 7.0, 3.0, 3.0], [7.0] * 4 + [None, 7.0])
    events = event_table(member_event("client", 5), member_event("client", 6))
    noted = pl.DataFrame({"case": ["A", "B"], "session": [5, 6]})
    found = unrecognised_strain(ratings, events, noted=noted, norms=POINTS)
    assert column(found, "noted") == [True, False]
    assert column(found, "unrecognised") == ["not met", "met"]
    assert column(found, "therapist_before") == [7.0, 7.0]
    blanks = noted.with_columns(case=pl.col("case") + " ")
    with pytest.warns(TableWarning, match="blanks at the ends of names"):
        assert column(unrecognised_strain(ratings, events, noted=blanks, norms=POINTS), "noted") == [
            True,
            False,
        ]
    twice = pl.concat([noted, noted])
    assert column(unrecognised_strain(ratings, events, noted=twice, norms=POINTS), "noted") == [True, False]
    with pytest.raises(TableError, match=r"row 1, column session.*5\.5"):
        unrecognised_strain(ratings, events, noted=noted.with_columns(session=pl.col("session") + 0.5))
    with pytest.raises(TableError, match=r"noted: no such column.*session"):
        unrecognised_strain(ratings, events, noted=noted.drop("session"))


def test_a_case_without_a_therapists_rating_is_not_applied() -> None:
    ratings = pl.concat([both([7.0] * 5, [7.0] * 5), family({"client": [7.0, 7.0, 7.0, 7.0, 2.0]}, case="B")])
    found = unrecognised_strain(ratings, event_table(member_event("client", 5, case="B")), norms=POINTS)
    assert found.select("case", "therapist", "unrecognised").rows() == [("B", None, "not applied")]
    assert unrecognised_strain(ratings, event_table(), norms=POINTS).is_empty()


def fourteen_dyads() -> pl.DataFrame:
    """A table two programs can write down: 14 dyads, 7 sessions, slopes .1, .5 and .9."""
    rows = []
    for dyad in range(14):
        for session in range(1, 8):
            wave = ((3 * session + dyad) % 7) * 0.5
            client = 6 + (dyad % 5) * 0.5 + wave
            therapist = 5.5 + (dyad % 5) * 0.4 + ((dyad * 3) % 4) * 0.5
            therapist += (0.1, 0.5, 0.9)[dyad % 3] * (wave - 1.5)
            therapist += (((5 * session + 2 * dyad) % 9) - 4) * 0.125
            rows.append((f"case-{dyad:02}", "client", "self_therapist", session, client))
            rows.append((f"case-{dyad:02}", "therapist", "therapist_view", session, therapist))
    return pl.DataFrame(rows, schema=["case", "rater", "scale", "session", "value"], orient="row")


def test_truth_and_bias_as_in_statsmodels() -> None:
    """statsmodels 0.15.0, MixedLM(y, 1 + x, groups=dyad, exog_re=1 + x).fit(reml=True), both centred per dyad."""
    found = truth_and_bias(fourteen_dyads())
    assert found.status == "estimated"
    assert found.directional is not None
    assert found.truth is not None
    assert (found.directional.value, found.directional.standard_error) == pytest.approx(
        (-1.438265, 0.173689), abs=2e-5
    )
    assert (found.truth.value, found.truth.standard_error) == pytest.approx((0.459949, 0.086350), abs=2e-5)
    assert found.residual_sd == pytest.approx(sqrt(0.10645727), abs=2e-5)
    assert found.directional_sd == pytest.approx(sqrt(0.407143), abs=2e-4)
    assert found.truth_sd == pytest.approx(sqrt(0.089181), abs=2e-4)
    assert found.correlation == pytest.approx(0.041615 / sqrt(0.407143 * 0.089181), abs=2e-3)
    first = found.dyads.row(0, named=True)
    assert first["directional"] == pytest.approx(-1.438265 - 0.48184318, abs=2e-4)
    assert first["truth"] == pytest.approx(0.459949 - 0.57022779, abs=2e-4)
    assert (found.n_dyads, found.n_sessions, found.n_left_out) == (14, 98, 0)


def simulated_dyads(seed: int, *, dyads: int = 60, sessions: int = 8) -> pl.DataFrame:
    """Truth force .6 (SD .2), directional -.5 (SD .7), bias -.3, residual SD .5."""
    random = np.random.default_rng(seed)
    client = 6 + random.normal(size=(dyads, 1)) + random.normal(size=(dyads, sessions))
    distress = random.normal(size=(dyads, sessions))
    slope = 0.6 + 0.2 * random.normal(size=(dyads, 1))
    level = -0.5 + 0.7 * random.normal(size=(dyads, 1))
    mean = client.mean(axis=1, keepdims=True)
    therapist = mean + level + slope * (client - mean) - 0.3 * distress
    therapist += 0.5 * random.normal(size=(dyads, sessions))
    case = np.repeat(np.arange(dyads), sessions)
    session = np.tile(np.arange(1, sessions + 1), dyads)
    parts = [
        ("client", "self_therapist", client),
        ("client", "distress", distress),
        ("therapist", "therapist_view", therapist),
    ]
    return pl.concat(
        pl.DataFrame(
            {"case": case, "rater": who, "scale": scale, "session": session, "value": values.ravel()}
        )
        for who, scale, values in parts
    )


def test_truth_and_bias_recovers_simulated_truth() -> None:
    """12 sets of 60 dyads; every mean within four of its own standard errors, intervals nominal 95%."""
    truths = {"directional": -0.5, "truth": 0.6, "bias": -0.3}
    fits = [truth_and_bias(simulated_dyads(seed), bias_scale="distress") for seed in range(12)]
    for name, truth in truths.items():
        estimates = [getattr(fit, name) for fit in fits]
        values = np.array([each.value for each in estimates])
        assert abs(values.mean() - truth) < 4 * values.std(ddof=1) / sqrt(12) + 0.01
        assert sum(each.low <= truth <= each.high for each in estimates) >= 9
    assert np.mean([fit.truth_sd for fit in fits]) == pytest.approx(0.2, abs=0.04)
    assert np.mean([fit.directional_sd for fit in fits]) == pytest.approx(0.7, abs=0.08)
    assert np.mean([fit.residual_sd for fit in fits]) == pytest.approx(0.5, abs=0.02)


def test_a_constant_added_to_both_sides_or_another_unit_changes_what_it_should() -> None:
    one = truth_and_bias(fourteen_dyads())
    moved = truth_and_bias(fourteen_dyads().with_columns(pl.col("value") * 10 + 3))
    assert one.directional is not None
    assert one.truth is not None
    assert moved.directional is not None
    assert moved.truth is not None
    assert moved.directional.value == pytest.approx(10 * one.directional.value, rel=1e-4)
    assert moved.truth.value == pytest.approx(one.truth.value, rel=1e-4)


def test_grand_centring_compares_levels_between_dyads_too() -> None:
    """Without tracking within dyads but with levels that agree, the grand-centred slope is the larger."""
    random = np.random.default_rng(2)
    level = random.normal(6, 2, (40, 1))
    client = level + random.normal(size=(40, 5))
    therapist = level + random.normal(size=(40, 5))
    index = {"case": np.repeat(np.arange(40), 5), "session": np.tile(np.arange(1, 6), 40)}
    ratings = pl.concat(
        pl.DataFrame({**index, "rater": who, "scale": scale, "value": values.ravel()})
        for who, scale, values in (
            ("client", "self_therapist", client),
            ("therapist", "therapist_view", therapist),
        )
    )
    dyad = truth_and_bias(ratings).truth
    grand = truth_and_bias(ratings, centring="grand").truth
    assert dyad is not None
    assert grand is not None
    assert dyad.low < 0 < dyad.high
    assert grand.value > dyad.value


@pytest.mark.parametrize(
    "theirs", [pl.lit(8.0), pl.col("value") - 1, pl.col("session") * 0.0 + pl.col("case").rank("dense") / 2]
)
def test_a_therapist_who_scatters_about_no_line_is_a_result(theirs: pl.Expr) -> None:
    """Whatever the client rates an 8, a point less than the client, or the same for each client: no error to see."""
    ratings = fourteen_dyads()
    client = ratings.filter(rater="client")
    follows = client.with_columns(value=theirs, rater=pl.lit("therapist"), scale=pl.lit("therapist_view"))
    found = truth_and_bias(pl.concat([client, follows]))
    assert (found.status, found.truth) == ("not enough data", None)
    assert (
        found.reason
        == "in every dyad the therapist's ratings lie on a line, so there is no error to judge by"
    )


def test_too_few_dyads_or_ratings_that_do_not_vary_are_a_result() -> None:
    ratings = fourteen_dyads()
    few = truth_and_bias(ratings.filter(pl.col("case") < "case-09"))
    assert (few.status, few.truth, few.n_dyads) == ("not enough data", None, 9)
    assert few.reason == "9 dyads with 3 sessions rated by both, 10 needed"
    assert few.dyads.is_empty()
    short = truth_and_bias(ratings.filter((pl.col("session") < 3) | (pl.col("case") > "case-02")))
    assert (short.n_dyads, short.n_left_out) == (11, 3)
    flat = ratings.with_columns(value=pl.when(rater="client").then(5.0).otherwise("value"))
    assert truth_and_bias(flat).reason == (
        "the client's ratings do not vary, or the bias variable is a copy of them"
    )
    assert truth_and_bias(ratings, bias_scale="self_therapist").status == "not enough data"


def test_what_cannot_be_used_is_refused() -> None:
    ratings = fourteen_dyads()
    with pytest.raises(ParameterError, match="centring: unknown centring; given 'person'"):
        truth_and_bias(ratings, centring="person")  # type: ignore[arg-type]
    with pytest.raises(TableError, match="no rating on this scale"):
        truth_and_bias(ratings, bias_scale="distress")
    phases = ratings.with_columns(phase=pl.when(pl.col("session") > 3).then(pl.lit("pre")))
    with pytest.raises(TableError, match="several phases; given 'none, pre'"):
        truth_and_bias(phases)
