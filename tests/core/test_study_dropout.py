"""Dropout after a flag: R's survival, hand calculations and simulated truth."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import goldseam
from benchmarks.inference.repair import ratings_and_outcome
from goldseam.cohort.cause_specific_hazard import hazard_ratio
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.dropout_after_flag import (
    DropoutAfterFlag,
    SessionsAtRisk,
    _refusal,
    dropout_after_flag_of,
    tipping_point,
)
from goldseam.cohort.e_values import e_value
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.cohort.unseen_ratings import appended, own_mean_and_sd
from goldseam.series import load_series

NUMBERS = json.loads((Path(__file__).parent / "reference" / "dropout.json").read_text(encoding="utf-8"))
CASES, SESSIONS, TRUE_RATIO = 500, 14, 3.0


def cohort_with_dropout(ratio: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """No ruptures; cases break off with a chance of .04 a session, after a flag `ratio` times that."""
    ratings, _after = ratings_and_outcome(8, CASES, SESSIONS)
    norms = goldseam.fit_norms(ratings)
    first = goldseam.detect(ratings, norms=norms).episodes.unique("case", keep="first", maintain_order=True)
    onset = dict(first.select("case", "onset_session").iter_rows())
    random, rows = np.random.default_rng(9), []
    for case, last in ratings.group_by("case").agg(pl.col("session").max()).sort("case").iter_rows():
        end, ended = last, "planned" if last == SESSIONS else "ongoing"
        for session in range(4, last):
            if random.random() < 0.04 * (ratio if onset.get(case, 99) <= session else 1):
                end, ended = session, "dropout"
                break
        rows.append((case, end, ended))
    cases = pl.DataFrame(rows, schema=["case", "end", "ending"], orient="row")
    kept = ratings.join(cases, on="case").filter(pl.col("session") <= pl.col("end"))
    return kept.select(ratings.columns), cases.select("case", "ending")


def found_in(ratings: pl.DataFrame, cases: pl.DataFrame) -> DropoutAfterFlag:
    cohort = read_cohort(ratings, cases)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
    return dropout_after_flag_of(counter, ChanceModel.fitted(cohort, seed=1, fast=True))


@pytest.fixture(scope="module")
def given() -> tuple[pl.DataFrame, pl.DataFrame]:
    return cohort_with_dropout(TRUE_RATIO)


@pytest.fixture(scope="module")
def found(given: tuple[pl.DataFrame, pl.DataFrame]) -> DropoutAfterFlag:
    return found_in(*given)


class TestHazardRatio:
    @pytest.mark.parametrize(("by", "error"), [("case", "error_by_case"), ("group", "error_by_group")])
    def test_as_survival_has_it(self, by: str, error: str) -> None:
        """`coxph` with Efron's ties and ``cluster=``, R 4.2.2, survival 3.5.3: reference/dropout.R."""
        columns = {name: np.array(NUMBERS[name]).astype(int) for name in ("session", "status", "event", by)}
        fit = hazard_ratio(columns["status"] == 1, columns["session"], columns["event"] == 1, columns[by])
        assert fit.log_ratio == pytest.approx(NUMBERS["log_ratio"], abs=1e-9)
        assert fit.model_error == pytest.approx(NUMBERS["error"], abs=1e-9)
        assert fit.error == pytest.approx(NUMBERS[error], abs=1e-9)

    def test_one_event_by_hand(self) -> None:
        """Sessions with 1 of 2 and 2 of 3 having the status, the event with it and without: r/(1+r) = 1/(1+2r)."""
        session = np.array([1, 1, 2, 2, 2])
        status = np.array([True, False, True, True, False])
        event = np.array([True, False, False, False, True])
        fit = hazard_ratio(status, session, event, np.arange(5))
        assert np.exp(fit.log_ratio) == pytest.approx(np.sqrt(0.5))

    def test_none_where_nobody_with_the_status_had_the_event(self) -> None:
        fit = hazard_ratio(np.array([True, False]), np.ones(2, int), np.array([False, True]), np.arange(2))
        assert np.isnan(fit.log_ratio)


class TestSessionsAtRisk:
    ROWS = SessionsAtRisk.of(
        np.array([4, 4, 4, 0]),
        np.array([6, 5, 5, 9]),
        ["dropout", "planned", "ongoing", "dropout"],
        np.arange(4),
    )

    def test_by_hand(self) -> None:
        """What follows the last session of an ongoing case is not known; the fourth case could never be judged."""
        assert self.ROWS.case.tolist() == [0, 0, 0, 1, 1, 2]
        assert self.ROWS.session.tolist() == [4, 5, 6, 4, 5, 4]
        assert self.ROWS.dropout.tolist() == [False, False, True, False, False, False]

    def test_status_is_dated_at_the_session_attended(self) -> None:
        """A first flag at session 5: known after sessions 5 and 6, and not after 4."""
        onsets = np.zeros((4, 11), bool)
        onsets[0, 5] = True
        so_far, recent = self.ROWS.statuses(onsets)
        assert so_far.tolist() == [False, True, True, False, False, False]
        assert recent.tolist() == so_far.tolist()

    def test_recent_is_three_sessions(self) -> None:
        rows = SessionsAtRisk.of(np.array([4]), np.array([9]), ["planned"], np.arange(1))
        onsets = np.zeros((1, 11), bool)
        onsets[0, 5] = True
        assert rows.statuses(onsets)[1].tolist() == [False, True, True, True, False, False]

    def test_intervals_of_ten_clusters_are_those_of_t(self) -> None:
        """Table of t: 2.262 with 9 degrees of freedom; times the root of 10 / 9."""
        rows = SessionsAtRisk.of(np.full(10, 4), np.full(10, 6), ["planned"] * 10, np.arange(10))
        assert rows.reach == pytest.approx(2.262 * np.sqrt(10 / 9), abs=0.001)

    @pytest.mark.parametrize(("few", "answered"), [(9, False), (10, True)])
    def test_ten_dropouts_on_either_side(self, few: int, answered: bool) -> None:
        n = 40
        rows = SessionsAtRisk.of(np.full(n, 4), np.full(n, 4), ["dropout"] * n, np.arange(n))
        for status in (np.arange(n) < few, np.arange(n) >= few):
            refused = _refusal(rows, status)
            assert (refused is None) is answered
            assert answered or "dropouts in the smaller group: 9, at least 10 needed" in str(refused)


class TestUnseenRatings:
    SERIES = load_series(
        pl.DataFrame(
            {
                "case": ["a", "a", "a", "b", "b"],
                "rater": "client",
                "scale": "s",
                "session": [1, 2, 4, 1, 3],
                "value": [2.0, 4.0, 6.0, 5.0, 5.0],
                "minimum": 0.0,
                "maximum": 10.0,
            }
        )
    )

    def test_mean_and_sd_by_hand(self) -> None:
        """Squares 8 and 0, pooled 8 / 3: sd² = (8 · 8/3 + 8)/(8 + 2) and (8 · 8/3)/(8 + 1)."""
        mean, sd = own_mean_and_sd(self.SERIES)
        assert mean.tolist() == [4, 5]
        assert sd**2 == pytest.approx([(64 / 3 + 8) / 10, (64 / 3) / 9])

    def test_one_more_rating_in_each_copy(self) -> None:
        more = appended(self.SERIES, np.array([5, 4]), np.array([[1.0, 2.0], [-3.0, 12.0]]))
        assert more.n_series == 4
        assert more.session.tolist() == [1, 2, 4, 5, 1, 3, 4] * 2
        assert more.value.tolist() == [2, 4, 6, 1, 5, 5, 2, 2, 4, 6, 0, 5, 5, 10]

    def test_the_tipping_point_by_hand(self) -> None:
        """Above 1 at -1 for the first time."""
        table = pl.DataFrame({"delta": [0.0, -0.5, -1.0], "low": [0.8, 0.9, 1.1], "high": [2.0, 2.1, 2.2]})
        assert tipping_point(table) == -1
        assert tipping_point(table.head(2)) is None
        assert tipping_point(table.with_columns(low=pl.Series([0.8, 0.9, float("nan")]))) is None

    def test_the_deeper_they_are_the_more_is_flagged(self, found: DropoutAfterFlag) -> None:
        shares = found.delta.get_column("flagged").to_list()
        ratios = found.delta.get_column("hazard_ratio").to_list()
        assert shares == sorted(shares)
        assert ratios == sorted(ratios)
        assert shares[0] < 0.1
        assert shares[-1] > 0.5


class TestStudy:
    def test_a_planted_ratio_is_found(self, found: DropoutAfterFlag) -> None:
        row = found.hazard.row(0, named=True)
        assert row["calibrated_low"] < TRUE_RATIO < row["calibrated_high"]
        assert row["calibrated_low"] > 1
        assert row["chance_hazard_ratio"] == pytest.approx(1, abs=0.15)
        assert found.risk_ratio is not None
        assert found.risk_ratio[1] > 1

    def test_none_is_found_where_there_is_none(self) -> None:
        none = found_in(*cohort_with_dropout(1.0))
        row, usual = none.hazard.row(0, named=True), none.delta.row(0, named=True)
        assert row["calibrated_low"] < 1 < row["calibrated_high"]
        # nor is there one where the unseen ratings are what the person usually gives
        assert usual["low"] < 1 < usual["high"]

    def test_the_report_has_its_tables(self, given: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        study = goldseam.study(*given, draws=20, fast=True, others=())
        answer = {each.name: each for each in study.answers}["dropout"]
        assert {"dropout", "dropout-incidence", "dropout-delta"} == {*answer.tables}
        assert "dated at the last session attended" in answer.estimand
        assert "tipping point" in answer.notes[0]
        assert {"dropout.csv", "dropout-delta.csv", "dropout-incidence.csv"} <= {*study.files()}

    def test_without_endings_it_is_refused(self, given: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        some = given[1].get_column("case").head(120).implode()  # no number is looked at here
        study = goldseam.study(given[0].filter(pl.col("case").is_in(some)), draws=20, fast=True, others=())
        answer = {each.name: each for each in study.answers}["dropout"]
        assert answer.refused
        assert "no case that broke off" in answer.sentence


def test_e_value_of_a_risk_ratio() -> None:
    """Risk ratio 3.9: 7.26, and the same for its inverse (VanderWeele & Ding 2017)."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
