"""What else is known of a simulated session: the mechanisms, and that ratings and seeds keep their meaning."""

import numpy as np
import polars as pl
import pytest

from goldseam import EvidenceModel, ParameterError, simulate
from goldseam.series import load_series
from goldseam.simulate import MODELS

QUIET = MODELS["items"].without_episodes()
DIPS = MODELS["items"].with_dips(depth_sd=2.0, duration=1)


def at_onset(made: object) -> pl.DataFrame:
    assert hasattr(made, "ratings")
    onsets = made.truth.select("case", session="onset_session")  # type: ignore[attr-defined]
    return made.ratings.join(onsets, on=["case", "session"]).drop_nulls("value")  # type: ignore[attr-defined]


def test_the_value_is_the_mean_of_its_answers_and_all_are_on_the_scale() -> None:
    made = simulate(cases=300, sessions=10, seed=3, evidence=EvidenceModel()).ratings.drop_nulls("value")
    answers = made.select(pl.mean_horizontal(f"item_{n}" for n in range(1, 5))).to_series()
    assert made["value"].to_list() == pytest.approx(answers.to_list(), abs=1e-9)
    load_series(made, evidence=True)  # refuses what lies outside the range or is no such answer


def test_without_items_the_ratings_are_the_same_as_without_evidence() -> None:
    bare = simulate(cases=50, sessions=8, seed=4).ratings
    made = simulate(cases=50, sessions=8, seed=4, evidence=EvidenceModel(items=0)).ratings
    assert made.select(bare.columns).equals(bare)


def test_the_first_cases_stay_the_same_when_more_are_asked_for() -> None:
    few = simulate(cases=5, sessions=8, seed=4, evidence=EvidenceModel()).ratings
    many = simulate(cases=50, sessions=8, seed=4, evidence=EvidenceModel()).ratings
    assert many.head(few.height).equals(few)


def test_unrated_sessions_have_no_evidence() -> None:
    made = simulate(cases=100, sessions=8, seed=4, evidence=EvidenceModel()).ratings
    unrated = made.filter(pl.col("value").is_null())
    assert unrated.height > 0
    columns = [
        name for name in made.columns if name not in simulate(cases=1, sessions=1, seed=1).ratings.columns
    ]
    assert len(columns) == 12
    assert all(unrated[name].null_count() == unrated.height for name in columns)


def test_shares_of_answers_are_those_of_the_manual() -> None:
    # docs/methods/simulation.md, each within four standard errors of a proportion (or one percentage point).
    ordinary = simulate(cases=3000, sessions=8, seed=5, model=QUIET, evidence=EvidenceModel()).ratings
    dips = at_onset(simulate(cases=3000, sessions=16, seed=6, model=DIPS, evidence=EvidenceModel()))
    for rows, little, clearly, skipped, late in (
        (ordinary, 0.07, 0.02, 0.05, 0.13),
        (dips, 0.29, 0.21, 0.15, 0.22),
    ):
        rated = rows.drop_nulls("value")
        found = [
            (rated["tension"] == 1),
            (rated["tension"] == 2),
            (rated["skipped_items"] > 0),
            (rated["late"] > 0),
        ]
        for share, expected in zip(found, (little, clearly, skipped, late), strict=True):
            error = max(4 * np.sqrt(expected * (1 - expected) / rated.height), 0.01)
            assert share.mean() == pytest.approx(expected, abs=error)


def test_other_ratings_fall_by_their_shares_and_move_with_the_client() -> None:
    model = MODELS["unbounded"]
    twin = EvidenceModel(items=0)
    quiet = simulate(cases=4000, sessions=10, seed=7, model=model.without_episodes(), evidence=twin).ratings
    dips = simulate(
        cases=4000, sessions=10, seed=7, model=model.with_dips(depth_sd=2.0, duration=1), evidence=twin
    )
    onsets = dips.truth.select("case", session="onset_session")
    both = quiet.join(dips.ratings, on=["case", "session"], suffix="_dip").join(
        onsets, on=["case", "session"]
    )
    both = both.drop_nulls("value")
    # SD 7 within persons (root mean square; times exp(.3 * .3 / 2) for the mean of their own SDs), falls of 2 own SDs
    for name, share in (("facet_1", 0.7), ("therapist_rating", 0.3), ("member_rating_1", 0.25)):
        fall = (both[name] - both[f"{name}_dip"]).mean()
        assert fall == pytest.approx(2 * share * 7 * np.exp(0.3**2 / 2), rel=0.02)


def test_at_no_strength_the_evidence_is_that_of_the_twins_without_episodes() -> None:
    silent = EvidenceModel(items=0, strength=0.0)
    quiet = simulate(cases=60, sessions=8, seed=8, model=QUIET, evidence=silent).ratings
    dips = simulate(cases=60, sessions=8, seed=8, model=DIPS, evidence=silent).ratings
    assert dips.drop("value").equals(quiet.drop("value"))
    assert not dips["value"].equals(quiet["value"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"items": -1}, "items: .*; given -1; allowed: a whole number from 0 to 100"),
        ({"strength": -0.5}, "strength: .*; given -0.5; allowed: 0 or more"),
        ({"facet_correlation": 1.0}, "facet_correlation: .*; given 1.0; allowed: above -1 and below 1"),
    ],
)
def test_impossible_evidence_is_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        EvidenceModel(**given)  # type: ignore[arg-type]
