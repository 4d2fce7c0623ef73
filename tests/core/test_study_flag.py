"""The emulated trial of being flagged: hand calculations, the growth model's own errors, and simulated truth."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import goldseam
from benchmarks.inference.repair import ratings_and_outcome
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.emulated_trials import NEVER, EmulatedTrials, OwnCourses, TrialCases, TrialTable
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.flag_effect import FlagEffect, FlagTrial, MatchedSets, _blocks, balance_of, flag_counts
from goldseam.cohort.impact_effects import impact_effects_of
from goldseam.cohort.joint_course_model import course_precisions, course_time, fit_joint
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.cohort.seen_alerts import first_seen
from goldseam.mixed_model import fit_mixed
from goldseam.series.keyed_tables import keyed_table

CASES, SESSIONS, EFFECT = 400, 12, 0.5
NOBODY = FlagTrial(np.full(CASES, NEVER))


@pytest.fixture(scope="module")
def confounded() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Straight courses without ruptures, and an outcome that goes with level and slope."""
    ratings, after = ratings_and_outcome(5, CASES, SESSIONS)
    return ratings, pl.DataFrame({"case": ratings.get_column("case").unique().sort(), "after": after})


@pytest.fixture(scope="module")
def trials(confounded: tuple[pl.DataFrame, pl.DataFrame]) -> EmulatedTrials:
    cohort = read_cohort(confounded[0])
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
    model = ChanceModel.fitted(cohort, seed=1, fast=False)
    return EmulatedTrials.of(counter, model, TrialCases.of(cohort, confounded[1]))


def effect(trials: EmulatedTrials, after: np.ndarray, sessions: pl.DataFrame | None = None) -> FlagEffect:
    outcomes = trials.counter.cohort.cases.select("case").with_columns(after=pl.Series(after))
    given = None if sessions is None else keyed_table(sessions, ["case", "session"], "sessions")
    return impact_effects_of(trials.counter, trials.model, outcomes, 24, given)[0]


@pytest.fixture(scope="module")
def without(trials: EmulatedTrials) -> FlagEffect:
    return effect(trials, trials.cases.after)


class TestMatching:
    def test_controls_count_by_their_distance_in_errors(self) -> None:
        """By hand: one onset at 0, controls at distance 0 and sqrt(2): weights 1 and exp(-1), over their sum."""
        own = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
        flagged = np.array([True, False, False])
        found = [*_blocks(np.zeros(3, int), flagged, np.ones(3), own, np.tile(np.eye(2), (3, 1, 1)))]
        assert len(found) == 1
        assert found[0].near[0] == pytest.approx(np.array([1, np.exp(-1)]) / (1 + np.exp(-1)))
        assert found[0].whole == pytest.approx([0.5, 0.5])

    def test_a_control_that_counts_twice_has_twice_the_weight(self) -> None:
        own, flagged = np.zeros((3, 2)), np.array([True, False, False])
        found = [
            *_blocks(np.zeros(3, int), flagged, np.array([1.0, 2, 1]), own, np.tile(np.eye(2), (3, 1, 1)))
        ]
        assert found[0].near[0] == pytest.approx([2 / 3, 1 / 3])

    @pytest.mark.parametrize(("away", "matched"), [(5.98, 1), (6.0, 0)])
    def test_a_control_outside_the_95_percent_region_is_none(self, away: float, matched: int) -> None:
        """5.99 is the 95th percentile of a chi-squared with 2 degrees of freedom."""
        own, flagged = np.array([[0.0, 0.0], [np.sqrt(away), 0.0]]), np.array([True, False])
        found = [*_blocks(np.zeros(2, int), flagged, np.ones(2), own, np.tile(np.eye(2), (2, 1, 1)))]
        assert len(found) == matched

    def test_another_session_or_number_of_ratings_is_no_control(self) -> None:
        flagged = np.array([True, False])
        assert not [*_blocks(np.arange(2), flagged, np.ones(2), np.zeros((2, 2)), np.zeros((2, 2, 2)))]

    def test_the_difference_holds_what_matching_leaves(self) -> None:
        """Outcomes made as 2 + 3 times the difference in x: the difference is 2."""
        left = np.array([-1.0, 0.5, 0.2, 1.0, -0.4])[:, None]
        ones, nobody = np.ones(5), np.zeros(0, int)
        zero = np.zeros((5, 1))
        outcomes = np.column_stack([2 + 3 * left[:, 0], 4 - left[:, 0]])
        sets = MatchedSets(ones, left, zero, zero, outcomes, np.zeros((5, 2)), ones, nobody, 5, 0, 0)
        assert sets.differences() == pytest.approx([2, 4])

    def test_balance_by_hand(self) -> None:
        """Flagged 1 and 3 (SD sqrt 2), all controls 0, matched ones 1 and 2: 2 and .5, over sqrt 2."""
        x, nobody = np.array([[1.0, 1.0], [3.0, 3.0]]), np.zeros(0, int)
        near, y = np.array([[1.0, 1.0], [2.0, 2.0]]), np.zeros(2)
        sets = MatchedSets(np.ones(2), x, near, np.zeros((2, 2)), y, y, y, nobody, 2, 0, 0)
        found = balance_of(sets, 0)
        assert found.get_column("all_controls").to_list() == pytest.approx([2 / np.sqrt(2)] * 2)
        assert found.get_column("matched_controls").to_list() == pytest.approx([0.5 / np.sqrt(2)] * 2)

    def test_precision_is_that_of_the_growth_model(self, trials: EmulatedTrials) -> None:
        """The inverse of the conditional covariance of `goldseam.mixed_model.fit_mixed`, which lme4 confirms."""
        series = trials.cases.series
        z = np.stack([np.ones(len(series.value)), course_time(series.session)], axis=1)
        fit = fit_mixed(series.value, z, z, series.series_of)
        nothing = np.zeros((CASES, 0))
        joint = fit_joint(series.value, series, nothing, trials.cases.after, np.ones(CASES, int))
        found = course_precisions(series, joint, series.lengths, np.arange(CASES))
        assert np.linalg.inv(found) == pytest.approx(fit.conditional_covariance, rel=1e-4, abs=1e-8)


class TestRiskSets:
    @pytest.fixture
    @staticmethod
    def table() -> TrialTable:
        """Case 0 rates six sessions and is flagged at the fifth; case 1 rates six and never is."""
        rows = [(case, session, 5.0) for case in ("a", "b") for session in range(1, 7)]
        series = goldseam.series.load_series(
            pl.DataFrame(rows, schema=["case", "session", "value"], orient="row").with_columns(
                rater=pl.lit("client"), scale=pl.lit("s")
            )
        )
        cases = SimpleNamespace(covariates=np.zeros((2, 0)))
        one = np.array([0]), np.array([5]), np.array([4]), np.array([np.inf]), np.array([2.0])
        courses = OwnCourses(series, None, np.zeros(12))  # type: ignore[arg-type]
        return TrialTable(cases, courses, False, *one)  # type: ignore[arg-type]

    def test_from_the_fourth_rating_to_the_first_flag(self, table: TrialTable) -> None:
        """By hand: case a at sessions 4 and 5 (flagged), case b at 4, 5 and 6."""
        rows, flagged = FlagTrial(np.full(2, NEVER)).at_risk(table)
        assert [*zip(rows.tolist(), flagged.tolist(), strict=True)] == [
            (3, False),
            (4, True),
            (9, False),
            (10, False),
            (11, False),
        ]

    def test_censored_where_an_alert_had_been_seen(self, table: TrialTable) -> None:
        """Seen by case a at its flag and by case b at session 6: neither counts from there on."""
        trial = FlagTrial(np.array([5, 6]))
        assert trial.at_risk(table)[0].tolist() == [3, 9, 10]
        assert replace(trial, seen=True).at_risk(table)[0].tolist() == [3, 4, 9, 10]

    def test_nobody_sees_an_alert_in_a_drawn_table(self, table: TrialTable) -> None:
        assert len(FlagTrial(np.array([5, 6])).at_risk(replace(table, drawn=True))[0]) == 5


class TestEffect:
    def test_what_slopes_alone_give_is_taken_off(self, without: FlagEffect) -> None:
        """No ruptures, no effect: the matched difference is off, the calibrated interval holds 0."""
        rows = {row["estimate"]: row for row in without.table.to_dicts()}
        assert rows["matched"]["d"] < -0.15
        assert rows["by chance"]["d"] < -0.15
        assert without.calibrated is not None
        value, low, high = without.calibrated
        assert low < 0 < high
        assert value == pytest.approx(rows["matched"]["d"] - rows["by chance"]["d"])

    def test_an_effect_is_found(self, trials: EmulatedTrials) -> None:
        """Half an SD added after a flag, for controls flagged later, too: truth is the estimate of what was added."""
        added = np.zeros(CASES)
        added[trials.table.owner] = EFFECT * trials.cases.after.std()
        truth = NOBODY.estimate(trials.table, added, np.ones(CASES))
        found = effect(trials, trials.cases.after + added)
        scale = (trials.cases.after + added).std()
        assert found.calibrated is not None
        _value, low, high = found.calibrated
        assert low < truth / scale < high
        assert low > 0

    def test_matching_balances_and_everybody_is_counted(self, without: FlagEffect) -> None:
        assert without.balance.get_column("matched_controls").abs().max() < 0.15
        counts = dict(without.counts.iter_rows())
        assert counts["cases with one member"] == CASES
        stages = [
            "analysed: flagged",
            "flagged, outcome not known: weighted",
            "flagged, no control near enough in the risk set: left out",
            "flagged where an alert had been seen: censored, shown apart",
        ]
        assert counts["with a flagged episode"] == sum(counts[each] for each in stages)

    def test_every_flag_is_chance_where_nothing_ever_happens(self, without: FlagEffect) -> None:
        assert without.chance_share is not None
        assert without.chance_share > 0.85

    @pytest.mark.parametrize(("few", "answered"), [(29, False), (30, True)])
    def test_thirty_in_each_group(self, trials: EmulatedTrials, few: int, answered: bool) -> None:
        whole = FlagTrial(np.full(CASES, NEVER))
        after = trials.cases.after.copy()
        after[trials.table.owner[few:]] = np.nan
        some = replace(trials, cases=replace(trials.cases, after=after))
        counts, sets, refused = flag_counts(some, whole)
        assert sets.unmatched == 0
        assert dict(counts.iter_rows())["analysed: flagged"] == few
        assert (refused is None) is answered
        assert answered or "cases in the smaller group: 29, at least 30 needed" in str(refused)


class TestTherapists:
    def drawn(self, confounded: tuple, therapists: int) -> tuple[np.ndarray, list[str]]:  # type: ignore[type-arg]
        names = confounded[1].get_column("case")
        of = [f"T{number % therapists}" for number in range(CASES)]
        cases = pl.DataFrame({"case": names, "therapist": of})
        cohort = read_cohort(confounded[0], cases)
        model = ChanceModel(cohort, goldseam.Norms.default(), 3, None)
        return model.cluster_weights(4), of

    def test_ten_are_drawn_with_all_their_cases(self, confounded: tuple) -> None:  # type: ignore[type-arg]
        weights, of = self.drawn(confounded, 10)
        for draw in weights:
            each = {name: {*draw[np.array(of) == name]} for name in {*of}}
            assert all(len(found) == 1 for found in each.values())
            assert sum(found.pop() for found in each.values()) == 10

    def test_of_nine_the_cases_are_drawn(self, confounded: tuple) -> None:  # type: ignore[type-arg]
        weights, of = self.drawn(confounded, 9)
        assert (weights.sum(axis=1) == CASES).all()
        assert len({*weights[0][np.array(of) == "T0"]}) > 1


class TestAlerts:
    def test_the_first_session_with_one(self, trials: EmulatedTrials) -> None:
        names = trials.counter.cohort.cases.get_column("case")
        rows = [(names[0], 7, "yes"), (names[0], 4, "no"), (names[0], 9, "Yes"), (names[2], 3, "1")]
        table = pl.DataFrame(rows, schema=["case", "session", "alert_seen"], orient="row")
        found = first_seen(trials.cases, keyed_table(table, ["case", "session"], "sessions"))
        assert found[:3].tolist() == [7, NEVER, 3]
        assert (found[3:] == NEVER).all()

    def test_their_flags_stand_apart(self, trials: EmulatedTrials, without: FlagEffect) -> None:
        """Half of the flags had their alert seen; nothing comes of it, so both intervals hold 0."""
        table, names = trials.table, trials.counter.cohort.cases.get_column("case")
        seen = np.arange(len(table.owner)) % 2 > 0
        rows = pl.DataFrame({"case": names[table.owner[seen]], "session": table.onset[seen]})
        found = effect(trials, trials.cases.after, rows.with_columns(alert_seen=pl.lit("yes")))
        counts = dict(found.counts.iter_rows())
        assert counts["flagged where an alert had been seen: censored, shown apart"] == seen.sum()
        last = found.table.row(-1, named=True)
        assert last["estimate"] == "alert seen"
        assert last["low"] < 0 < last["high"]
        assert found.calibrated is not None
        assert without.calibrated is not None
        assert found.calibrated[2] - found.calibrated[1] > without.calibrated[2] - without.calibrated[1]

    def test_another_word_is_refused(self, confounded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        sessions = confounded[0].select("case", "session", alert_seen=pl.lit("perhaps"))
        with pytest.raises(goldseam.TableError, match="alert_seen: unknown; given 'perhaps'"):
            goldseam.study(confounded[0], sessions=sessions, draws=20, fast=True, others=())
