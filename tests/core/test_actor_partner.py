"""Couples: actor, partner and shared effects against exact symmetries, planted truth, and their refusals."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

import goldseam
from benchmarks.inference.couples import couples
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.couple_analysis import ACTOR, PARTNER, SHARED, TOGETHER, CoupleAnalysis, shared_slope
from goldseam.cohort.couple_ratings import CoupleRatings, doubled
from goldseam.cohort.panel_autoregression import PanelPairs, fit_panel


class Settings:
    """Of the simulation in benchmarks/inference/couples.py."""

    couples, partner, missing = 200, 0.1, 0.0

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)


def table(values: np.ndarray, roles: bool = True) -> pl.DataFrame:
    """Ratings of both members, alliance and well-being; without roles every couple has names of its own."""
    n, sessions, _four = values.shape
    case, session = (each.ravel() for each in np.indices((n, sessions)))
    parts = []
    for column in range(4):
        member = ("husband", "wife")[column % 2]
        parts.append(
            pl.DataFrame(
                {
                    "case": [f"c{each:03d}" for each in case],
                    "rater": [member if roles else f"{member}{each}" for each in case],
                    "scale": ("alliance", "wellbeing")[column // 2],
                    "session": session + 1,
                    "value": np.clip(np.round(5 + values[:, :, column].ravel(), 1), 0, 10),
                    "minimum": 0.0,
                    "maximum": 10.0,
                }
            )
        )
    return pl.concat(parts)


def simulated(seed: int = 1, sessions: int = 10, **given: Any) -> np.ndarray:
    return couples(np.random.default_rng(seed), sessions, Settings(**given))  # type: ignore[arg-type]


def found_in(ratings: pl.DataFrame) -> goldseam.ActorPartner:
    return goldseam.actor_partner(ratings, scale="alliance", progress_scale="wellbeing")


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    """Eight tables without effect, rather than forty, show that nothing comes out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("goldseam.cohort.couple_analysis.TABLES", 8)
        yield


@pytest.fixture(scope="module")
def found() -> goldseam.ActorPartner:
    return found_in(table(simulated()))


class TestEstimates:
    def test_members_that_are_not_told_apart_have_the_same_effects(self) -> None:
        twice = doubled(simulated(3, 8))
        a = fit_panel(PanelPairs.of(twice - np.nanmean(twice, axis=0), 1)).a
        turned = [1, 0, 3, 2]
        assert a == pytest.approx(a[np.ix_(turned, turned)], abs=1e-9)

    def test_planted_effects_are_found(self, found: goldseam.ActorPartner) -> None:
        """Actor .15, partner .1; shared levels correlate .5."""
        for effect, truth in ((ACTOR, 0.15), (PARTNER, 0.1), (TOGETHER, 0.25)):
            row = found.row(effect)
            assert row["low"] < truth < row["high"]
            assert row["low"] > 0
            assert row["chance"] == pytest.approx(0, abs=0.04)
        shared = found.row(SHARED, "couples", "error of own levels")
        assert shared["standardised_low"] < 0.5 < shared["standardised_high"]
        assert shared["chance"] == pytest.approx(0, abs=0.2)
        assert found.shared == pytest.approx(0.5, abs=0.2)

    def test_roles_are_told_apart_and_do_not_differ(self, found: goldseam.ActorPartner) -> None:
        assert found.roles == ("husband", "wife")
        husband, wife, apart = (found.row(PARTNER, of) for of in ("husband", "wife", "husband less wife"))
        assert husband["estimate"] - wife["estimate"] == pytest.approx(apart["estimate"])
        assert apart["low"] < 0 < apart["high"]
        mean = (husband["estimate"] + wife["estimate"]) / 2
        assert found.row(PARTNER)["estimate"] == pytest.approx(mean, abs=0.02)

    def test_an_effect_of_one_role_alone_is_seen_as_that(self) -> None:
        values = simulated(5, 10, partner=0.0)
        for session in range(1, 10):  # a wife's alliance is found in her husband's next progress
            values[:, session, 2] += 0.3 * values[:, session - 1, 1]
        found = found_in(table(values))
        assert found.row(PARTNER, "husband less wife")["low"] > 0

    def test_without_progress_effects_are_on_the_alliance(self) -> None:
        one = table(simulated()).filter(pl.col("scale") == "alliance")
        found = goldseam.actor_partner(one)
        assert found.outcome == "alliance"
        assert SHARED not in found.table.get_column("effect")
        assert found.row(ACTOR)["chance"] is None  # what an alliance keeps of itself
        assert found.row(PARTNER)["chance"] == pytest.approx(0, abs=0.04)

    def test_shared_slope_by_hand(self) -> None:
        """Between members .5 in the alliance, .2 and .3 of alliance with progress: (.2 + .3)/2 over .5."""
        covariance = np.eye(4)
        covariance[0, 1], covariance[0, 3], covariance[1, 2] = 0.5, 0.2, 0.3
        assert shared_slope(np.zeros((4, 4)), covariance) == pytest.approx(0.5)


class TestCouples:
    def test_names_of_their_own_are_no_roles(self) -> None:
        found = found_in(table(simulated(couples=60), roles=False))
        assert found.roles is None
        assert found.table.get_column("of").unique().sort().to_list() == ["couples", "either member"]

    def test_only_cases_with_two_members_are_used(self) -> None:
        ratings = table(simulated(couples=12, sessions=5))
        alone = ratings.filter((pl.col("rater") == "wife") | (pl.col("case") != "c000"))
        third = ratings.filter((pl.col("rater") == "wife") & (pl.col("case") == "c001")).with_columns(
            rater=pl.lit("child")
        )
        cohorts = [read_cohort(pl.concat([alone, third]), scale=each) for each in ("alliance", "wellbeing")]
        assert CoupleRatings.of(*cohorts).n == 10

    def test_the_order_of_ratings_is_that_of_the_columns(self) -> None:
        values = simulated(couples=12, sessions=5)
        cohorts = [read_cohort(table(values), scale=each) for each in ("alliance", "wellbeing")]
        kept = CoupleRatings.of(*cohorts).values
        assert kept == pytest.approx(np.clip(np.round(5 + values, 1), 0, 10))


class TestRefusals:
    def test_progress_is_another_thing(self) -> None:
        ratings = goldseam.simulate(cases=60, sessions=8, seed=1).ratings
        with pytest.raises(goldseam.ParameterError, match="the alliance itself"):
            goldseam.actor_partner(ratings, scale="alliance", progress_scale="alliance")

    @pytest.mark.parametrize(("n", "answered"), [(49, False), (50, True)])
    def test_fifty_couples_with_three_pairs(self, n: int, answered: bool) -> None:
        found = found_in(table(simulated(2, couples=n)))
        assert (found.refused is None) is answered
        assert answered or "three pairs of neighbouring sessions: 49, at least 50 needed" in found.summary()

    @pytest.mark.parametrize(("shared", "answered"), [(0.299, False), (0.3, True)])
    def test_members_that_share_little(
        self, shared: float, answered: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cohorts = [
            read_cohort(table(simulated(couples=150)), scale=each) for each in ("alliance", "wellbeing")
        ]
        analysis = CoupleAnalysis(CoupleRatings.of(*cohorts), 1)
        monkeypatch.setattr(CoupleAnalysis, "shared", shared)
        monkeypatch.setattr(CoupleAnalysis, "drawn", lambda _self, *, unrelated: [])
        (row,) = analysis.common_fate()
        assert (row["refused"] is None) is answered
        assert answered or "at least 0.3 needed" in row["refused"]
