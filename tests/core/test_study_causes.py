"""What episodes were about, and case-crossover of what is recorded at every session: R, hand counts, planted truth."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam.cohort.case_crossover import GAP, CaseCrossover, case_crossover_of
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.conditional_logit import conditional_logit
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.noted_features import NotedFeatures, clustered_share, noted_features_of
from goldseam.cohort.prevalence import chosen_criteria

R = json.loads((Path(__file__).parent / "reference/conditional_logit.json").read_text())


def prepared(ratings: pl.DataFrame) -> tuple[EpisodeCounter, ChanceModel]:
    cohort = read_cohort(ratings)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
    return counter, ChanceModel.fitted(cohort, seed=1, fast=True)


def planted(cases: int = 160, sessions: int = 12) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Ratings that are two points lower in half of the sessions with somebody new in the room; a coin means nothing."""
    ratings = goldseam.simulate(cases=cases, sessions=sessions, seed=2).ratings
    random = np.random.default_rng(7)
    new, coin = (random.random(ratings.height) < 0.2 for _ in range(2))
    lower = pl.Series(np.where(new & (random.random(ratings.height) < 0.5), 2.0, 0.0))
    recorded = ratings.select(
        "case", "session", in_room=pl.Series(new).cast(pl.Int8), coin=pl.Series(coin).cast(pl.Int8)
    )
    return ratings.with_columns((pl.col("value") - lower).clip(0, 10)), recorded


@pytest.fixture(scope="module")
def compared() -> CaseCrossover:
    ratings, recorded = planted()
    return case_crossover_of(*prepared(ratings), recorded)


class TestConditionalLogit:
    def test_as_clogit_of_r(self) -> None:
        x = np.column_stack([R["x"], R["z"]]).astype(float)
        found = conditional_logit(x, np.array(R["event"], bool), np.array(R["stratum"]))
        assert found.converged
        assert found.estimate == pytest.approx(R["estimate"], rel=1e-6)
        assert found.covariance.ravel() == pytest.approx(R["covariance"], rel=1e-6)

    def test_pairs_by_hand(self) -> None:
        """Of discordant pairs 30 are exposed at the event and 10 at the control: ln 3, with error sqrt(1/30 + 1/10)."""
        x = np.array([[1.0], [0.0]] * 30 + [[0.0], [1.0]] * 10 + [[1.0], [1.0]] * 5)
        event = np.array([True, False] * 45)
        found = conditional_logit(x, event, np.repeat(np.arange(45), 2))
        assert found.estimate[0] == pytest.approx(np.log(3))
        assert found.covariance[0, 0] == pytest.approx(1 / 30 + 1 / 10)

    def test_what_is_always_higher_at_the_event_has_no_estimate(self) -> None:
        x = np.array([[1.0], [0.0]] * 40)
        assert not conditional_logit(x, np.array([True, False] * 40), np.repeat(np.arange(40), 2)).converged


class TestCaseCrossover:
    def test_what_lowers_ratings_goes_with_onsets_and_a_coin_does_not(self, compared: CaseCrossover) -> None:
        rows = {row["recorded"]: row for row in compared.table.to_dicts()}
        assert rows["in_room"]["odds_ratio_low"] > 1.5
        assert rows["in_room"]["chance_odds_ratio_low"] < 1 < rows["in_room"]["chance_odds_ratio_high"]
        assert rows["coin"]["odds_ratio_low"] < 1 < rows["coin"]["odds_ratio_high"]

    def test_twenty_nine_informative_cases_are_refused(self) -> None:
        ratings, recorded = planted()
        counter, model = prepared(ratings)
        names = recorded.get_column("case").unique().sort()
        found = [
            case_crossover_of(counter, model, recorded.filter(pl.col("case").is_in(names[:many].implode())))
            for many in (12, len(names))
        ]
        assert found[0].refused is not None
        assert found[0].refused.startswith("not enough informative cases")
        assert found[1].refused is None

    def test_words_are_compared_one_by_one_and_gaps_come_from_dates(self) -> None:
        ratings, recorded = planted(80)
        random = np.random.default_rng(3)
        dated = ratings.with_columns(
            date=pl.date(2024, 1, 1)
            + pl.duration(days=7 * pl.col("session") + pl.Series(random.integers(0, 3, ratings.height)))
        )
        words = recorded.select(
            "case", "session", mode=pl.Series(random.choice(["room", "room", "video"], recorded.height))
        )
        found = case_crossover_of(*prepared(dated), words)
        assert found.table.get_column("recorded").to_list() == ["mode: video", GAP]

    def test_what_never_differs_is_refused(self) -> None:
        ratings, recorded = planted(60)
        found = case_crossover_of(*prepared(ratings), recorded.select("case", "session", same=pl.lit(1)))
        assert found.refused == "nothing is recorded in two different ways"


class TestNotedFeatures:
    def noted(self, known: int) -> NotedFeatures:
        ratings = goldseam.simulate(cases=200, sessions=12, seed=3).ratings
        counter, model = prepared(ratings)
        events = counter.judged(counter.criteria[0], counter.cohort.series, model.norms)
        names = counter.cohort.series.keys.get_column("case")[events.get_column("series").to_numpy()]
        rows = pl.DataFrame({"case": names, "session": events.get_column("onset_session")})[:known]
        answers = [
            ["harder material", "harder material; a change of time", "a change of time"][n % 3]
            for n in range(known)
        ]
        given = rows.with_columns(
            antecedent=pl.Series(answers), tried=pl.lit("explored it"), confirmed=pl.lit("Yes")
        )
        elsewhere = pl.DataFrame(
            {"case": ["nobody"], "session": [4], "antecedent": ["x"], "tried": ["x"], "confirmed": ["no"]}
        )
        return noted_features_of(
            counter, model, pl.concat([given, elsewhere.cast({"session": pl.Int32})], how="vertical_relaxed")
        )

    def test_several_answers_of_one_episode_count_each(self) -> None:
        found = self.noted(30)
        rows = found.table.filter(pl.col("noted") == "antecedent")
        assert (found.matched, found.unmatched) == (30, 1)
        assert rows.select("answer", "among", "count", "of").rows() == [
            ("a change of time", "confirmed", 20, 30),
            ("harder material", "confirmed", 20, 30),
        ]
        assert rows.item(0, "low") < 2 / 3 < rows.item(0, "high")

    @pytest.mark.parametrize(("known", "answered"), [(19, False), (20, True)])
    def test_twenty_episodes_are_needed(self, known: int, answered: bool) -> None:
        found = self.noted(known)
        assert (found.refused is None) is answered
        assert (found.table.get_column("share").count() > 0) is answered

    def test_repairs_stand_in_halves_of_depth(self) -> None:
        found = self.noted(60).repairs
        assert found.get_column("depth").to_list() == ["deeper half", "shallower half"]
        assert found.get_column("chance_repaired").is_between(0.2, 1).all()

    def test_a_share_of_independent_episodes_is_wilsons(self) -> None:
        """Of 10 of 40: .1419 to .4019 (Newcombe 1998, the score method)."""
        share, low, high = clustered_share(np.arange(40) < 10, np.arange(40))
        assert share == 0.25
        assert (low, high) == (pytest.approx(0.1419, abs=1e-4), pytest.approx(0.4019, abs=1e-4))

    def test_episodes_of_one_case_count_as_fewer(self) -> None:
        hit = np.repeat(np.arange(20) < 5, 2)
        alone, paired = (clustered_share(hit, each) for each in (np.arange(40), np.arange(40) // 2))
        assert paired[1] < alone[1] < alone[2] < paired[2]


def test_the_study_describes_and_never_compares() -> None:
    ratings, recorded = planted(100)
    counter, model = prepared(ratings)
    events = counter.judged(counter.criteria[0], counter.cohort.series, model.norms)
    names = counter.cohort.series.keys.get_column("case")[events.get_column("series").to_numpy()]
    noted = pl.DataFrame(
        {"case": names, "session": events.get_column("onset_session"), "facet": ["task"] * len(names)}
    )
    found = goldseam.study(ratings, episodes=noted, sessions=recorded, draws=20, fast=True, others=())
    answers = {each.name: each for each in found.answers}
    assert not answers["noted"].refused
    assert any("not compared" in note for note in answers["noted"].notes)
    assert "by chance" in answers["crossover"].sentence or answers["crossover"].refused
    assert answers["noted"].question in found.html()
