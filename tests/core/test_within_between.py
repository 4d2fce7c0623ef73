"""Alliance and progress within and between persons: R, exact expectations, planted truth, refusals."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import root
from typer.testing import CliRunner

import goldseam
from benchmarks.inference.within import both_ratings, replication
from goldseam.cli import app
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.paired_ratings import PairedRatings, matched_series
from goldseam.cohort.panel_analysis import BETWEEN, COURSE, FORWARD, PanelAnalysis, observed_slope
from goldseam.cohort.panel_autoregression import (
    PanelFit,
    PanelPairs,
    clustered_interval,
    fit_panel,
    level_correlation,
    level_slope,
)
from goldseam.cohort.panel_chance import PanelChance

NUMBERS = json.loads(
    (Path(__file__).parent / "reference" / "within_between.json").read_text(encoding="utf-8")
)
A = np.array([[0.3, 0.1], [0.2, 0.4]])


class Settings:
    """Of the simulation in benchmarks/inference/within.py."""

    persons, effect, slopes, errors, missing, leaving, ends = 400, 0.1, 0.0, 0.0, 0.0, 0.0, False

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)


def table(values: np.ndarray, rater: str = "client") -> pl.DataFrame:
    """Ratings of *alliance* and *wellbeing*, 0 to 10, of persons by session."""
    persons, sessions, _two = values.shape
    person, session = (each.ravel() for each in np.indices((persons, sessions)))
    parts = [
        pl.DataFrame(
            {
                "case": [f"c{each:03d}" for each in person],
                "rater": rater,
                "scale": scale,
                "session": session + 1,
                "value": np.clip(np.round(5 + values[:, :, place].ravel(), 1), 0, 10),
                "minimum": 0.0,
                "maximum": 10.0,
            }
        )
        for place, scale in enumerate(("alliance", "wellbeing"))
    ]
    return pl.concat(parts)


def found_in(ratings: pl.DataFrame, **more: Any) -> goldseam.WithinBetween:
    return goldseam.within_between(ratings, scale="alliance", progress_scale="wellbeing", **more)


def simulated(seed: int = 1, sessions: int = 8, **given: Any) -> pl.DataFrame:
    return table(both_ratings(np.random.default_rng(seed), sessions, Settings(**given)))  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    """Eight tables without effect, rather than forty, show that nothing comes out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[PanelAnalysis.__module__], "TABLES", 8)
        yield


class TestAgainstR:
    AROUND = np.stack([np.array(NUMBERS[each]).reshape(-1, 7) for each in ("x", "y")], axis=2)
    AROUND = AROUND - AROUND.mean(axis=0)

    @pytest.mark.parametrize(("order", "name"), [(1, "level"), (2, "course")])
    def test_least_squares_with_own_levels_and_courses(self, order: int, name: str) -> None:
        """`stats::lm` with each person's own level, and own level and slope: R 4.2.2, reference/within_between.R."""
        found = PanelPairs.of(self.AROUND, order).uncorrected()
        assert found.ravel() == pytest.approx(NUMBERS[name], abs=1e-9)

    def test_latent_own_levels_where_nothing_is_kept(self) -> None:
        """`nlme::lme` by REML of both ratings at once, with white errors: R 4.2.2, nlme 3.1.162."""
        fit = PanelFit(PanelPairs.of(self.AROUND, 1), np.zeros((2, 2)))
        covariance = fit.own_covariance().mean(axis=0)
        assert covariance.ravel() == pytest.approx(NUMBERS["own_covariance"], abs=1e-5)
        assert level_slope(fit.a, covariance) == pytest.approx(NUMBERS["slope"], abs=1e-5)
        assert level_correlation(fit.a, covariance) == pytest.approx(NUMBERS["correlation"], abs=1e-5)


def written_out(around: np.ndarray, order: int, a: np.ndarray) -> np.ndarray:
    """The estimating functions, person by person and pair by pair."""
    total = np.zeros((2, 2))
    for person in around:
        known = np.isfinite(person).all(axis=1)
        at = [t for t in range(1, len(person)) if known[t] and known[t - 1]]
        if len(at) < 2 * order + 1:
            continue
        design = np.array([[float(t) ** k for k in range(order)] for t in at])
        project = design @ np.linalg.solve(design.T @ design, design.T)
        left = person[at] - person[[t - 1 for t in at]] @ a.T
        left = left - project @ left
        spread = left.T @ left / (len(at) - order)
        h = sum(
            (
                project[i, j] * np.linalg.matrix_power(a, at[j] - 1 - at[i])
                for i in range(len(at))
                for j in range(i + 1, len(at))
            ),
            start=np.zeros((2, 2)),
        )
        total += left.T @ person[[t - 1 for t in at]] + spread @ h.T
    return total


class TestEstimate:
    @pytest.mark.parametrize("order", [1, 2])
    def test_as_written_out_for_every_person(self, order: int) -> None:
        around = both_ratings(np.random.default_rng(3), 10, Settings(persons=80, missing=0.1))  # type: ignore[arg-type]
        found = fit_panel(PanelPairs.of(around, order))
        again = root(lambda a: written_out(around, order, a.reshape(2, 2)).ravel(), np.zeros(4), tol=1e-12)
        assert again.success
        assert found.a.ravel() == pytest.approx(again.x, abs=1e-7)

    @pytest.mark.parametrize("order", [1, 2])
    @pytest.mark.parametrize("gap", [None, 4])
    def test_the_functions_have_expectation_0_at_any_length_and_start(
        self, order: int, gap: int | None
    ) -> None:
        """They are quadratic in the innovations, so that one in each direction, to both sides, gives it exactly."""
        sessions, spread = 9, np.linalg.cholesky([[1.0, 0.4], [0.4, 0.7]])
        innovations = np.zeros((1 + 4 * (sessions - 1), sessions, 2))
        for place in range(2 * (sessions - 1)):
            for side in (0, 1):
                innovations[1 + 2 * place + side, 1 + place // 2] = (1 - 2 * side) * spread[:, place % 2]
        ratings = np.zeros_like(innovations)
        ratings[:, 0] = 3, -2
        for t in range(1, sessions):
            own = np.array([0.8, -0.5]) + (order - 1) * np.array([0.3, 0.2]) * t
            ratings[:, t] = own + ratings[:, t - 1] @ A.T + innovations[:, t]
        if gap:
            ratings[:, gap] = np.nan
        each = PanelPairs.of(ratings, order).functions(A)
        expectation = each[0] + (each[1:] - each[0]).sum(axis=0) / 2
        assert expectation == pytest.approx(np.zeros(4), abs=1e-9)
        usual = PanelPairs.of(ratings, order)
        biased = (usual.across - A @ usual.earlier)[1:].sum(axis=0) / 2
        assert np.abs(biased).max() > 0.5

    @pytest.mark.parametrize("sessions", [5, 8])
    def test_the_bias_of_short_series_is_gone(self, sessions: int) -> None:
        """Planted .1; the median of 60 cohorts of 400 lies within four standard errors."""
        rows = [replication(each, sessions, Settings()) for each in range(60)]  # type: ignore[arg-type]
        for name, truth in (("level_d", 0.1), ("correlation_d", 0.4)):
            known = np.array([row[name] for row in rows if row[name] is not None], float)
            assert np.median(known) == pytest.approx(truth, abs=4 * known.std() / np.sqrt(len(known)))
        usual = np.array([row["usual"] for row in rows], float)
        assert usual.mean() < 0.1 - 5 * usual.std() / np.sqrt(60)

    def test_interval_of_ten_clusters_by_hand(self) -> None:
        """Influences of ±1 in ten clusters of two: error √(40 · 10/9)/20, t of nine degrees of freedom 2.262."""
        influence = np.tile([1.0, 1.0, -1.0, -1.0], 5)
        _value, low, high = clustered_interval(0.5, influence, np.repeat(np.arange(10), 2))
        assert (high - low) / 2 == pytest.approx(2.262 * np.sqrt(40 * 10 / 9) / 20, abs=1e-3)

    def test_ratings_without_a_level_are_not_answered(self) -> None:
        walks = np.random.default_rng(2).standard_normal((200, 8, 2)).cumsum(axis=1)
        assert not fit_panel(PanelPairs.of(walks - walks.mean(axis=0), 1)).converged


class TestChance:
    def test_own_courses_alone_give_nothing_where_they_are_removed(self) -> None:
        """Own slopes that go together, and no effect: removing own levels alone finds some, as chance does."""
        slopes = simulated(5, 14, effect=0.0, slopes=0.25, persons=500)
        found = found_in(slopes)
        level, course = found.row(FORWARD), found.row(FORWARD, COURSE)
        assert course["low"] < 0 < course["high"]
        assert course["chance"] == pytest.approx(0, abs=0.02)
        assert level["chance"] == pytest.approx(level["estimate"], abs=0.05)

    def test_between_persons_there_is_nothing_by_chance(self) -> None:
        found = found_in(simulated()).row(BETWEEN, "error of own levels")
        assert found["low"] < 0.4 < found["high"]
        assert found["chance"] == pytest.approx(0, abs=0.06)
        assert (
            found["chance_uncorrected"] > found["chance"] + 0.04
        )  # what single sessions share is in observed means

    def test_tables_have_the_sessions_ends_and_spread_of_the_ratings(self) -> None:
        cohorts = [read_cohort(simulated(missing=0.1), scale=each) for each in ("alliance", "wellbeing")]
        both = PairedRatings.of(*cohorts)
        fit = fit_panel(PanelPairs.of(both.around, 2))
        drawn = PanelChance.of(both, fit, unrelated=False, seed=3).table(0)
        observed = both.around[fit.pairs.kept]
        assert (np.isnan(drawn) == np.isnan(observed)).all()
        assert np.nanstd(drawn, axis=(0, 1)) == pytest.approx(np.nanstd(observed, axis=(0, 1)), rel=0.1)
        again = PanelChance.of(both, fit, unrelated=False, seed=3).table(0)
        assert np.array_equal(drawn, again, equal_nan=True)


class TestRefusals:
    AROUND = both_ratings(np.random.default_rng(1), 8, Settings(persons=100))  # type: ignore[arg-type]
    NONE = np.zeros((2, 100, 2))
    BOTH = PairedRatings(
        AROUND, NONE, NONE[0], np.arange(100), np.arange(100), ("client",) * 100, "alliance", "wellbeing"
    )

    @pytest.mark.parametrize(("persons", "answered"), [(49, False), (50, True)])
    def test_fifty_persons_with_three_pairs(self, persons: int, answered: bool) -> None:
        found = found_in(simulated(4, 10, persons=persons))
        assert (found.refused is None) is answered
        assert answered or "three pairs of neighbouring sessions: 49, at least 50 needed" in found.summary()

    @pytest.mark.parametrize(("persons", "answered"), [(49, False), (50, True)])
    def test_fifty_persons_with_five_pairs_for_own_courses(self, persons: int, answered: bool) -> None:
        """The others have four pairs, and serve own levels alone."""
        values = both_ratings(np.random.default_rng(6), 12, Settings(persons=120))  # type: ignore[arg-type]
        values[persons:, 5:] = np.nan
        found = found_in(table(values).drop_nans("value"))
        row = found.row(FORWARD, COURSE)
        assert (row["refused"] is None) is answered
        assert answered or "five pairs of neighbouring sessions: 49" in row["refused"]
        assert found.row(FORWARD)["persons"] == 120

    @pytest.mark.parametrize(
        ("name", "share", "answered"),
        [
            ("reliability", 0.299, False),
            ("reliability", 0.3, True),
            ("settling", 0.249, False),
            ("settling", 0.25, True),
        ],
    )
    def test_own_levels_that_are_mostly_error_or_hardly_come_back_to(
        self, name: str, share: float, answered: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fit = fit_panel(PanelPairs.of(self.AROUND, 1))
        monkeypatch.setattr(PanelFit, name, share)
        row = PanelAnalysis(self.BOTH, fit, fit).between()
        assert (row["refused"] is None) is answered
        assert answered or f"{share:g}, at least" in row["refused"]

    def test_an_interval_that_says_nothing_is_not_shown(self) -> None:
        """Fifty persons, four sessions, and levels that differ by little."""
        values = both_ratings(np.random.default_rng(8), 4, Settings(persons=50))  # type: ignore[arg-type]
        rows = found_in(table(values)).table.filter(pl.col("estimate").is_null())
        assert rows.height
        assert rows.get_column("refused").null_count() == 0

    def test_ratings_that_never_vary_or_are_copies(self) -> None:
        ratings = simulated(persons=60)
        flat = ratings.with_columns(value=pl.when(pl.col("scale") == "alliance").then(7.0).otherwise("value"))
        assert "does not vary within persons" in str(found_in(flat).refused)
        one = ratings.filter(pl.col("scale") == "alliance")
        copied = pl.concat([one, one.with_columns(scale=pl.lit("wellbeing"))])
        assert "like a copy" in str(found_in(copied).refused)

    def test_progress_is_another_thing_and_has_to_be_named(self) -> None:
        ratings = simulated(persons=60)
        with pytest.raises(goldseam.ParameterError, match="the alliance itself"):
            goldseam.within_between(ratings, scale="alliance", progress_scale="alliance")
        with pytest.raises(goldseam.ParameterError, match="nothing says which ratings"):
            goldseam.within_between(ratings, scale="alliance")

    def test_a_scale_that_is_not_there_is_refused_by_the_name_of_its_option(self) -> None:
        ratings = simulated(persons=20)
        with pytest.raises(goldseam.TableError, match=r"--progress-scale.*given .scale welbeing.*wellbeing"):
            goldseam.within_between(ratings, scale="alliance", progress_scale="welbeing")
        with pytest.raises(goldseam.TableError, match=r"\(--therapist-scale, --therapist-phase\)"):
            goldseam.one_with_many(ratings, None, scale="alliance", therapist_scale="none")
        with pytest.raises(goldseam.TableError, match=r"\(--scale, --phase\)"):
            goldseam.within_between(ratings, scale="none", progress_scale="wellbeing")


class TestTables:
    def test_symptoms_count_the_other_way(self) -> None:
        ratings = simulated(persons=100)
        turned = (
            pl.when(pl.col("scale") == "wellbeing").then(10 - pl.col("value")).otherwise("value").round(1)
        )
        usual, symptoms = (
            found_in(ratings),
            found_in(ratings.with_columns(value=turned), progress_higher_is_better=False),
        )
        assert symptoms.row(FORWARD)["estimate"] == pytest.approx(usual.row(FORWARD)["estimate"])

    def test_progress_may_stand_in_a_table_of_its_own(self) -> None:
        ratings = simulated(persons=60)
        apart = {name: ratings.filter(pl.col("scale") == name) for name in ("alliance", "wellbeing")}
        found = goldseam.within_between(apart["alliance"], apart["wellbeing"])
        assert found.table.equals(found_in(ratings).table)

    def test_scales_of_two_tables_may_be_called_alike(self) -> None:
        ratings = simulated(persons=60)
        apart = {name: ratings.filter(pl.col("scale") == name) for name in ("alliance", "wellbeing")}
        alike = apart["wellbeing"].with_columns(scale=pl.lit("alliance"))
        assert goldseam.within_between(apart["alliance"], alike).refused is None

    def test_an_observer_who_rates_progress_is_matched_by_case(self) -> None:
        ratings = simulated(persons=60)
        observer = pl.when(pl.col("scale") == "wellbeing").then(pl.lit("observer")).otherwise("rater")
        found = found_in(ratings.with_columns(rater=observer))
        assert found.persons == 60
        parts = [read_cohort(ratings, scale=each).series for each in ("alliance", "wellbeing")]
        assert matched_series(*parts).tolist() == [[each, each] for each in range(60)]

    def test_sessions_with_few_persons_are_left_out(self) -> None:
        values = both_ratings(np.random.default_rng(9), 12, Settings(persons=60))  # type: ignore[arg-type]
        values[9:, 8:] = np.nan
        assert found_in(table(values).drop_nans("value")).sessions == 60 * 8

    def test_observed_slope_by_hand(self) -> None:
        """Means (0, 0), (1, 2), (2, 1): covariance 1/2 over variance 1."""
        around = np.array([[[0, 0], [0, 0]], [[1, 2], [1, 2]], [[2, 1], [np.nan, np.nan]]], float)
        assert observed_slope(around) == pytest.approx(0.5)


def test_a_study_answers_with_estimand_chance_and_the_bias_of_short_series(tmp_path: Path) -> None:
    simulated(persons=80).write_csv(tmp_path / "ratings.csv")
    words = ["study", str(tmp_path / "ratings.csv"), "--out", str(tmp_path / "out"), "--scale", "alliance"]
    words += ["--progress-scale", "wellbeing", "--draws", "20", "--fast", "--others", "", "--jobs", "1"]
    assert CliRunner().invoke(app, words).exit_code == 0
    report = json.loads((tmp_path / "out" / "study.json").read_text(encoding="utf-8"))
    answer = {each["name"]: each for each in report["answers"]}["within-between"]
    assert "by chance" in answer["sentence"]
    assert "latent" in answer["estimand"]
    assert "Bias of short series: with 7.0 pairs" in answer["notes"][0]
    assert {"within-between.csv", "within-between.svg"} <= {
        each.name for each in (tmp_path / "out").iterdir()
    }
    assert report["progress"] == "wellbeing"
    assert not pl.read_csv(tmp_path / "out" / "within-between.csv").get_column("chance").is_null().all()
