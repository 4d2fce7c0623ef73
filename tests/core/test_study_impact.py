"""The emulated trial of repair: hand calculations, the growth model's own predictions, and planted confounding."""

import numpy as np
import polars as pl
import pytest

import goldseam
from benchmarks.inference.repair import ratings_and_outcome
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.e_values import e_values
from goldseam.cohort.emulated_trials import TrialCases
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.joint_course_model import (
    JointBootstrap,
    JointModel,
    course_time,
    fit_joint,
    shrunken_courses,
)
from goldseam.cohort.observed_weights import observed_weights
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.cohort.repair_effect import (
    RepairedOnsets,
    RepairEffect,
    repair_effect_of,
)
from goldseam.mixed_model import fit_mixed

CASES, SESSIONS = 500, 14


@pytest.fixture(scope="module")
def confounded() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Straight courses without ruptures, and an outcome that goes with level and slope."""
    ratings, after = ratings_and_outcome(3, CASES, SESSIONS)
    return ratings, pl.DataFrame({"case": ratings.get_column("case").unique().sort(), "after": after})


@pytest.fixture(scope="module")
def estimated(confounded: tuple[pl.DataFrame, pl.DataFrame]) -> RepairEffect:
    cohort = read_cohort(confounded[0])
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
    return repair_effect_of(counter, ChanceModel.fitted(cohort, seed=1, fast=False), confounded[1], 24)


class TestEValues:
    def test_as_published(self) -> None:
        """Risk ratio 3.9 (1.8 to 8.7): E-values 7.26 and 3.0 (VanderWeele & Ding 2017)."""
        d = tuple(float(np.log(ratio) / 0.91) for ratio in (3.9, 1.8, 8.7))
        value, limit = e_values(d)  # type: ignore[arg-type]
        assert value == pytest.approx(7.26, abs=0.005)
        assert limit == pytest.approx(3.0, abs=0.005)

    def test_an_interval_that_holds_0_needs_nothing_to_be_explained(self) -> None:
        assert e_values((0.2, -0.1, 0.5))[1] == 1

    def test_a_negative_effect_counts_as_its_mirror_image(self) -> None:
        assert e_values((-0.4, -0.6, -0.2)) == e_values((0.4, 0.2, 0.6))


class TestObservedWeights:
    def test_two_groups_by_hand(self) -> None:
        """Seen 30 of 60 and 36 of 40, in all .66: weights .66 / .5 and .66 / .9, but for a weak prior."""
        group = np.repeat([0.0, 1.0], [60, 40])
        known = np.concatenate([np.arange(60) < 30, np.arange(40) < 36])
        found = observed_weights(np.column_stack([np.ones(100), group]), known, np.ones(100))
        assert found[0] == pytest.approx(0.66 / 0.5, rel=0.02)
        assert found[-1] == pytest.approx(0.66 / 0.9, rel=0.02)

    def test_where_all_are_seen_nobody_is_weighted(self) -> None:
        x = np.column_stack([np.ones(5), np.arange(5.0)])
        assert (observed_weights(x, np.ones(5, bool), np.ones(5)) == 1).all()

    def test_no_weight_is_above_ten(self) -> None:
        x = np.column_stack([np.ones(400), np.r_[np.zeros(200), np.full(200, 9.0)]])
        known = np.r_[np.ones(200, bool), np.arange(200) < 1]
        assert observed_weights(x, known, np.ones(400)).max() <= 10


class TestJointModel:
    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, confounded: tuple[pl.DataFrame, pl.DataFrame]) -> tuple[JointModel, np.ndarray, object]:
        series = read_cohort(confounded[0]).series
        beyond = series.value - 7.0
        nothing = np.zeros((CASES, 0))
        after = confounded[1].get_column("after").to_numpy()
        return fit_joint(beyond, series, nothing, after, np.ones(CASES, np.int64)), beyond, series

    def test_courses_from_all_ratings_are_the_growth_models_own(self, fitted: tuple) -> None:  # type: ignore[type-arg]
        joint, beyond, series = fitted
        z = np.stack([np.ones(len(beyond)), course_time(series.session)], axis=1)
        own = shrunken_courses(beyond, series, joint, series.lengths, np.arange(CASES))
        assert own == pytest.approx(fit_mixed(beyond, z, z, series.series_of).random, abs=1e-6)

    def test_the_link_to_the_outcome_is_found(self, fitted: tuple) -> None:  # type: ignore[type-arg]
        """Planted: .3 per SD of level at session 1, .6 per SD of slope, residual SD 1."""
        joint, _beyond, _series = fitted
        assert joint.link[0] == pytest.approx(0.3, abs=0.15)
        assert joint.link[1] == pytest.approx(0.6, abs=0.15)
        assert joint.outcome_sd == pytest.approx(1.0, abs=0.1)

    def test_tables_drawn_from_it_lead_back_to_it(self, fitted: tuple, confounded: tuple) -> None:  # type: ignore[type-arg]
        joint, _beyond, series = fitted
        norms = goldseam.fit_norms(series)
        bootstrap = JointBootstrap.prepared(series, norms, joint, seed=5)
        drawn = bootstrap.draw([0])
        after = bootstrap.outcomes(0, np.zeros((CASES, 0)))
        again = fit_joint(
            drawn.value - bootstrap.mean_course, drawn, np.zeros((CASES, 0)), after, np.ones(CASES, np.int64)
        )
        assert again.link == pytest.approx(joint.link, abs=0.25)
        assert again.residual_sd == pytest.approx(joint.residual_sd, rel=0.1)


class TestEffect:
    def test_what_slopes_alone_give_is_taken_off(self, estimated: RepairEffect) -> None:
        """No ruptures, no effect: the regression is off, the calibrated interval holds 0."""
        rows = {row["estimate"]: row for row in estimated.table.to_dicts()}
        assert rows["regression"]["d"] > 0.25
        assert rows["by chance"]["d"] > 0.2
        assert estimated.calibrated is not None
        value, low, high = estimated.calibrated
        assert low < 0 < high
        assert abs(value) < rows["regression"]["d"]
        assert value == pytest.approx(rows["regression"]["d"] - rows["by chance"]["d"])

    def test_everybody_is_counted_somewhere(self, estimated: RepairEffect) -> None:
        counts = estimated.counts.get_column("cases").to_list()
        assert counts[0] == CASES
        assert counts[1] == sum(counts[2:])

    @pytest.mark.parametrize(("few", "answered"), [(29, False), (30, True)])
    def test_thirty_in_each_group(self, few: int, answered: bool) -> None:
        n = 100 + few
        series = read_cohort(ratings_and_outcome(1, n, 6)[0]).series
        cases = TrialCases(series, np.arange(n), np.zeros((n, 0)), np.zeros(n), np.full(n, 6))
        trial = RepairedOnsets(np.arange(n), np.arange(n) >= few, np.ones(n, bool), np.ones((n, 1)))
        refused = trial.counted(cases)[1]
        assert (refused is None) is answered
        assert answered or "cases in the smaller group: 29, at least 30 needed" in str(refused)


@pytest.fixture(scope="module")
def reported(confounded: tuple[pl.DataFrame, pl.DataFrame]) -> goldseam.Study:
    """A study of both trials, made once: it takes half a minute."""
    return goldseam.study(
        confounded[0], outcomes=confounded[1], draws=20, fast=True, others=(), specifications=False
    )


def test_the_report_shows_protocol_regression_and_chance_beside_the_answer(reported: goldseam.Study) -> None:
    answer = reported.answers[-1]
    page = reported.html()
    assert answer.name == "repair-effect"
    assert {"repair-effect", "repair-counts", "repair-protocol"} == {*answer.tables}
    assert "Calibrated d" in answer.sentence
    assert "time zero" in page
    assert "confounded" in page
    assert "no effect of repair on outcome is estimated" not in page


def test_of_flags_it_says_that_it_is_an_association(reported: goldseam.Study) -> None:
    answers = {each.name: each for each in reported.answers}
    assert "flag-specifications" not in answers
    answer = answers["flag-effect"]
    assert {"flag-effect", "flag-counts", "flag-balance", "flag-protocol"} == {*answer.tables}
    assert "the association of being flagged, not of a rupture" in answer.estimand
    assert "in its SDs" in answer.estimand
    assert "as many first flags" in answer.notes[0]
    assert "E-value" in answer.notes[1]
    written = {"flag-effect.csv", "flag-balance.csv", "flag-protocol.csv", "flag-counts.csv"}
    assert written <= {*reported.files()}


def test_couples_alone_are_refused_with_the_reason() -> None:
    ratings = goldseam.simulate(cases=60, sessions=8, seed=2, raters=("client", "partner")).ratings
    names = ratings.get_column("case").unique().sort()
    outcomes = pl.DataFrame({"case": names, "after": np.arange(60.0)})
    found = goldseam.study(ratings, outcomes=outcomes, draws=20, fast=True, others=())
    assert (
        "0 cases with one member have an outcome"
        in {each.name: each for each in found.answers}["repair-effect"].sentence
    )


def test_outcomes_that_are_no_numbers_are_refused(confounded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    words = confounded[1].select("case", after=pl.lit("better"))
    with pytest.raises(goldseam.TableError, match="not a number"):
        goldseam.study(confounded[0], outcomes=words, draws=20, fast=True, others=())


def test_ratings_by_session_are_told_where_they_go(confounded: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    by_session = confounded[0].select("case", "session", "value")
    with pytest.raises(goldseam.TableError, match=r"ratings by session.*given as progress"):
        goldseam.study(confounded[0], outcomes=by_session, draws=20, fast=True, others=())
