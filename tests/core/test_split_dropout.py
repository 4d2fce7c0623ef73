"""Dropout after a split alliance: the same splits as `split_alliance`, planted truth, and refusals."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import Cohort, read_cohort
from goldseam.cohort.dropout_after_flag import SessionsAtRisk
from goldseam.cohort.relation_answers import relation_answers
from goldseam.cohort.split_answer import split_answer
from goldseam.cohort.split_dropout import (
    SplitDropout,
    SplitSessions,
    _refusal,
    between_sd,
    split_dropout_of,
)


def couples(ratio: float, seed: int = 1, n: int = 250) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Independent members; hazard of dropout .05 a session, `ratio` times that after a session with a split."""
    ratings = goldseam.simulate(cases=n, sessions=12, seed=seed, raters=("client", "partner")).ratings
    norms = goldseam.fit_norms(ratings)
    sessions = goldseam.split_alliance(ratings, scale="alliance", norms=norms).sessions
    split = {
        (case, session): conventional == "met"
        for case, session, conventional in sessions.select("case", "session", "conventional").iter_rows()
    }
    random, rows = np.random.default_rng(seed), []
    for case, last in ratings.group_by("case").agg(pl.col("session").max()).sort("case").iter_rows():
        end, ended = last, "planned"
        for session in range(1, last):
            if random.random() < 0.05 * (ratio if split.get((case, session)) else 1):
                end, ended = session, "dropout"
                break
        rows.append((case, end, ended))
    cases = pl.DataFrame(rows, schema=["case", "end", "ending"], orient="row")
    kept = ratings.join(cases, on="case").filter(pl.col("session") <= pl.col("end"))
    return kept.select(ratings.columns), cases.select("case", "ending")


def cohort_and_model(ratio: float) -> tuple[Cohort, ChanceModel]:
    cohort = read_cohort(*couples(ratio))
    return cohort, ChanceModel.fitted(cohort, seed=1, fast=True)


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    """Eight tables without effect, rather than forty, in what is asked beside splits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("goldseam.cohort.couple_analysis.TABLES", 8)
        yield


@pytest.fixture(scope="module")
def given() -> tuple[Cohort, ChanceModel]:
    return cohort_and_model(3.0)


@pytest.fixture(scope="module")
def found(given: tuple[Cohort, ChanceModel]) -> SplitDropout:
    return split_dropout_of(*given)


def test_splits_are_those_of_split_alliance(given: tuple[Cohort, ChanceModel]) -> None:
    cohort, model = given
    ratings, _cases = couples(3.0)
    theirs = goldseam.split_alliance(ratings, scale="alliance", norms=model.norms).sessions
    latest = int(cohort.cases.get_column("last_session").to_numpy().max()) + 2
    ours = SplitSessions.of(
        cohort.series, cohort.case, between_sd(cohort.series, model.norms), (cohort.n_cases, latest)
    )
    number = {case: place for place, case in enumerate(cohort.cases.get_column("case"))}
    for case, session, rated, verdict in theirs.select(
        "case", "session", "n_rated", "conventional"
    ).iter_rows():
        assert ours.together[number[case], session] == (rated > 1)
        assert ours.split[number[case], session] == (verdict == "met")


def test_a_planted_ratio_is_found_and_chance_has_none(found: SplitDropout) -> None:
    row = found.hazard.row(0, named=True)
    assert row["calibrated_low"] < 3 < row["calibrated_high"]
    assert row["calibrated_low"] > 1
    assert row["chance_hazard_ratio"] == pytest.approx(1, abs=0.1)
    assert found.split == pytest.approx(found.chance_split, abs=0.05)  # members were made independent
    assert 235 < found.cases <= 250  # some were never rated by both


def test_none_is_found_where_there_is_none() -> None:
    row = split_dropout_of(*cohort_and_model(1.0)).hazard.row(0, named=True)
    assert row["calibrated_low"] < 1 < row["calibrated_high"]


def test_the_answer_says_when_the_status_is_dated(found: SplitDropout) -> None:
    answer = split_answer(found)
    assert "before the session at risk" in answer.estimand
    assert "by chance" in answer.sentence
    assert [*answer.tables] == ["split-dropout"]


def test_status_by_hand() -> None:
    """Apart at sessions 2 and not at 3; session 4 was rated by one member alone and keeps what 3 said."""
    together = np.array([[False, True, True, True, False, False]])
    split = np.array([[False, False, True, False, False, False]])
    rows = SessionsAtRisk.of(np.array([1]), np.array([4]), ["planned"], np.zeros(1, int))
    last, ever = SplitSessions(together, split).statuses(rows)
    assert last.tolist() == [False, True, False, False]
    assert ever.tolist() == [False, True, True, True]


@pytest.mark.parametrize(("few", "answered"), [(9, False), (10, True)])
def test_ten_dropouts_on_either_side(few: int, answered: bool) -> None:
    rows = SessionsAtRisk.of(np.full(40, 4), np.full(40, 4), ["dropout"] * 40, np.arange(40))
    refused = _refusal(rows, np.arange(40) < few)
    assert (refused is None) is answered
    assert answered or "dropouts in the smaller group: 9, at least 10 needed" in str(refused)


def test_couples_are_asked_all_that_couples_can_be_asked(given: tuple[Cohort, ChanceModel]) -> None:
    answers = {each.name: each for each in relation_answers(given[0], None, None, given[1], None, seed=1)}
    assert [*answers] == ["couples", "split-dropout"]
    assert not any(each.refused for each in answers.values())
    assert "Partner" in answers["couples"].sentence


def test_without_norms_a_split_is_refused_with_their_reason(given: tuple[Cohort, ChanceModel]) -> None:
    *_others, split = relation_answers(given[0], None, None, None, "too few series", seed=1)
    assert split.refused
    assert "too few series" in split.sentence
