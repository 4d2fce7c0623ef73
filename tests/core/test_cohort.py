"""Prevalence beside chance, first onset and episodes of a cohort: hand calculations, R, simulated truth."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam import NormsError, ParameterError, TableError, episode_prevalence, fit_norms, simulate
from goldseam.cohort.chance_model import ChanceModel, CountedDraws
from goldseam.cohort.cohort_data import Cohort, read_cohort
from goldseam.cohort.corrected_share import corrected_share, corrected_shares
from goldseam.cohort.cumulative_incidence import Histories, aalen_johansen
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.episode_courses import episode_courses_of
from goldseam.cohort.first_onset import first_onset_of
from goldseam.cohort.minimum_table import MINIMUMS, minimum_table
from goldseam.cohort.prevalence import chosen_criteria
from goldseam.cohort.resampled_norms import ResampledNorms
from goldseam.cohort.therapist_spread import therapist_spread_of
from goldseam.norms.marginal_likelihood import take_series
from goldseam.series.keyed_tables import keyed_table
from goldseam.simulate import MODELS

R = json.loads((Path(__file__).parent / "reference/cumulative_incidence.json").read_text())
KINDS = ("onset", "planned", "dropout")


def histories(*rows: tuple[int, int, str]) -> Histories:
    entry, time, end = zip(*rows, strict=True)
    return Histories(np.array(entry), np.array(time), tuple(end), np.arange(len(rows)))


def cohort_of(cases: int, sessions: int = 10, seed: int = 1, **model: object) -> Cohort:
    people = replace(MODELS["items"], **model)  # type: ignore[arg-type]
    return read_cohort(simulate(cases=cases, sessions=sessions, seed=seed, model=people).ratings)


def course_table(*courses: list[float | None], rater: str = "client") -> pl.DataFrame:
    rows = [
        {"case": f"c{number}", "rater": rater, "scale": "alliance", "session": session, "value": value}
        for number, course in enumerate(courses)
        for session, value in enumerate(course, start=1)
    ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(minimum=0.0, maximum=10.0)


class TestCumulativeIncidence:
    def test_by_hand(self) -> None:
        """Four people: an onset at 1 (1/4), one leaves at 2 (1/3 of 3/4), an onset at 3 (1/2 of 1/2), one censored."""
        found = aalen_johansen(
            histories((1, 1, "onset"), (1, 2, "dropout"), (1, 3, "onset"), (1, 4, "")), KINDS
        )
        onset = found.filter(pl.col("kind") == "onset")
        assert onset.get_column("at_risk").to_list() == [4, 3, 2, 1]
        assert onset.get_column("incidence").to_list() == pytest.approx([0.25, 0.25, 0.5, 0.5])
        dropout = found.filter(pl.col("kind") == "dropout")
        assert dropout.get_column("incidence").to_list() == pytest.approx([0, 0.25, 0.25, 0.25])

    def test_without_competing_ends_or_censoring_it_is_the_share(self) -> None:
        """With the binomial error sqrt(p (1 - p) / n)."""
        rows = [(1, 1, "onset")] * 3 + [(1, 2, "")] * 7
        last = aalen_johansen(histories(*rows), KINDS).filter(pl.col("kind") == "onset").row(-1, named=True)
        assert last["incidence"] == pytest.approx(0.3)
        assert last["error"] == pytest.approx(np.sqrt(0.3 * 0.7 / 10))

    @pytest.mark.parametrize("late", [True, False])
    def test_as_survfit_of_r(self, late: bool) -> None:
        time = np.array(R["time"])
        entry = np.array(R["entry"]) if late else np.ones_like(time)
        found = aalen_johansen(Histories(entry, time, tuple(R["kind"]), np.arange(len(time))), KINDS)
        rows = found.filter((pl.col("kind") == "onset") & pl.col("time").is_in(R["times"]))
        before = "late_" if late else ""
        assert rows.get_column("incidence").to_list() == pytest.approx(R[f"{before}incidence"], abs=1e-12)
        assert rows.get_column("error").to_list() == pytest.approx(R[f"{before}error"], abs=1e-12)

    def test_clusters_as_the_influence_of_r_summed(self) -> None:
        time = np.array(R["time"])
        pairs = np.arange(len(time)) // 2
        found = aalen_johansen(Histories(np.ones_like(time), time, tuple(R["kind"]), pairs), KINDS)
        rows = found.filter((pl.col("kind") == "onset") & pl.col("time").is_in(R["times"]))
        assert rows.get_column("error").to_list() == pytest.approx(R["pair_error"], abs=1e-12)

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(
            st.tuples(st.integers(1, 5), st.integers(0, 6), st.sampled_from(["", *KINDS])),
            min_size=1,
            max_size=25,
        )
    )
    def test_never_leaves_0_to_1_and_never_falls(self, people: list[tuple[int, int, str]]) -> None:
        found = aalen_johansen(histories(*((entry, entry + more, end) for entry, more, end in people)), KINDS)
        total = (
            found.group_by("time", maintain_order=True).agg(pl.col("incidence").sum())["incidence"].to_numpy()
        )
        assert (total <= 1 + 1e-9).all()
        for kind in KINDS:
            curve = found.filter(pl.col("kind") == kind)["incidence"].to_numpy()
            assert (np.diff(curve) >= -1e-12).all()
        assert found["low"].min() >= 0  # type: ignore[operator]
        assert found["high"].max() <= 1  # type: ignore[operator]


class TestCorrectedShare:
    @pytest.mark.parametrize(("true", "comes_out"), [(0.35, 0.18), (0.65, 0.42), (0.50, 0.30)])
    def test_what_a_wrong_sensitivity_does(self, true: float, comes_out: float) -> None:
        """The figures of the reference: true share .30, chance .125, sensitivity taken as .50."""
        seen = 0.3 * true + 0.7 * 0.125
        assert corrected_share(seen, 0.125, 0.5) == pytest.approx(comes_out)

    @given(st.floats(0, 1), st.floats(0, 0.5), st.floats(0.51, 1))
    def test_stays_within_0_and_1(self, seen: float, chance: float, sensitivity: float) -> None:
        assert 0 <= corrected_share(seen, chance, sensitivity) <= 1

    def counted(self, seen: float, chance: float, cases: int = 400) -> tuple[np.ndarray, CountedDraws]:
        random = np.random.default_rng(1)
        draws = np.stack([random.binomial(cases, share, 200) / cases for share in (seen, seen)])
        return np.ones(cases), CountedDraws(
            observed=np.full((cases, 1), seen),
            chance=np.full((cases, 1), chance),
            chance_error=np.array([0.0]),
            observed_draws=draws[:1].T,
            chance_draws=np.full((200, 1), chance),
        )

    def test_refused_up_to_a_fifth_above_chance_and_answered_there(self) -> None:
        of, counts = self.counted(0.3, 0.15, 4000)
        marks = pl.DataFrame({"depth_sd": [2.0], "sessions": [1], "sensitivity": [0.5], "error": [0.0]})
        curve = corrected_shares(of, counts, marks, confirmed=None, seed=1).curve
        said = dict(curve.select("sensitivity", "refused").iter_rows())
        assert said[0.3] == "sensitivity 0.30 is 0.15 above chance, at least 0.2 needed"
        assert said[0.35] is None or "wider" in said[0.35]
        assert "above chance" not in (said[0.35] or "")

    def test_refused_where_the_interval_is_wider_than_a_half(self) -> None:
        of, counts = self.counted(0.3, 0.15, 40)
        marks = pl.DataFrame({"depth_sd": [2.0], "sessions": [1], "sensitivity": [0.5], "error": [0.0]})
        curve = corrected_shares(of, counts, marks, confirmed=None, seed=1).curve
        assert "is wider than 0.5" in curve.filter(pl.col("sensitivity") == 0.4).item(0, "refused")

    @pytest.mark.parametrize(("of", "answered"), [(29, False), (30, True)])
    def test_one_figure_needs_thirty_confirmed_cases(self, of: int, answered: bool) -> None:
        counted, counts = self.counted(0.3, 0.15, 2000)
        marks = pl.DataFrame({"depth_sd": [2.0], "sessions": [1], "sensitivity": [0.5], "error": [0.0]})
        found = corrected_shares(counted, counts, marks, confirmed=(of - 6, of), seed=1)
        assert (found.figure is not None) is answered
        assert answered or "confirmed cases" in str(found.figure_refused)

    def test_the_error_of_the_sensitivity_widens_the_interval(self) -> None:
        counted, counts = self.counted(0.3, 0.15, 2000)
        marks = pl.DataFrame({"depth_sd": [2.0], "sessions": [1], "sensitivity": [0.5], "error": [0.0]})
        few, many = (
            corrected_shares(counted, counts, marks, confirmed=(6 * n, 10 * n), seed=1).figure
            for n in (4, 400)
        )
        assert few is not None
        assert many is not None
        assert few[0] == pytest.approx(many[0]) == pytest.approx(0.15 / 0.45)
        assert few[2] - few[1] > many[2] - many[1]


class TestResampledNorms:
    def test_with_every_series_once_they_are_the_full_fit(self) -> None:
        cohort = cohort_of(90)
        norms = fit_norms(cohort.series)
        again = ResampledNorms.of(cohort.series, norms).at(np.ones(90)).scales[0].person
        full = norms.scales[0].person
        assert again is not None
        assert full is not None
        assert again.mean_course == pytest.approx(full.mean_course, abs=1e-4)
        assert again.between_sd == pytest.approx(full.between_sd, rel=0.02)
        assert again.within_sd == pytest.approx(full.within_sd, rel=0.02)

    def test_one_step_lies_near_the_fit_of_the_resampled_cases(self) -> None:
        """Against `fit_norms` of the doubled half: as far apart as the full fit is not."""
        cohort = cohort_of(160, seed=4)
        norms = fit_norms(cohort.series)
        half = np.arange(80)
        refitted = fit_norms(take_series(cohort.series, half)).scales[0]
        weights = np.where(np.arange(160) < 80, 2.0, 0.0)
        step = ResampledNorms.of(cohort.series, norms).at(weights).scales[0]
        for name in ("between_sd", "within_sd"):
            full, near, true = (getattr(each.person, name) for each in (norms.scales[0], step, refitted))
            assert abs(near - true) < 0.05 * true, (name, full, near, true)
        assert step.person is not None
        assert refitted.person is not None
        assert np.abs(np.subtract(step.person.mean_course, refitted.person.mean_course)).max() < 0.02


class TestCounting:
    def test_a_case_counts_with_six_ratings_and_a_session_with_three_before_it(self) -> None:
        calm = [7.0, 7.5, 7.0, 7.5, 7.0, 7.5, 7.0, 7.5, 7.0]
        table = course_table(calm[:5], calm[:6], [*calm, None, 7.0])
        counter = EpisodeCounter.prepared(read_cohort(table), chosen_criteria("own-mean", None, ()))
        assert counter.of[:, 0].tolist() == [0, 1, 1]
        phases = {share.group: counter.of[:, place].tolist() for place, share in enumerate(counter.shares)}
        assert phases["sessions 1 to 5"] == [2, 2, 2]
        assert phases["sessions 6 to 10"] == [0, 1, 4]
        assert phases["session 11 and later"] == [0, 0, 1]

    def test_groups_are_compared_at_equal_looks(self) -> None:
        """A fall at the ninth rating is the sixth look: seen in the case, not in its group."""
        calm = [7.0, 7.5, 7.0, 7.5, 7.0, 7.5, 7.0, 7.5]
        late, early = [*calm, 1.0], [*calm[:4], 1.0, *calm[:4]]
        cases = pl.DataFrame({"case": ["c0", "c1"], "modality": ["couple", "couple"]})
        cohort = read_cohort(course_table(late, early), cases)
        counter = EpisodeCounter.prepared(cohort, chosen_criteria("own-mean", None, ()))
        place = next(at for at, share in enumerate(counter.shares) if share.group == "couple")
        norms = fit_norms(simulate(cases=60, sessions=8, seed=1).ratings)
        counts = counter.counted(cohort.series, 1, norms)[0]
        assert counts[:, 0].tolist() == [1, 1]
        assert counts[:, place].tolist() == [0, 1]

    def test_members_are_compared_where_there_are_several_kinds(self) -> None:
        table = simulate(cases=3, sessions=8, seed=1, raters=("client", "partner")).ratings
        shares = EpisodeCounter.prepared(read_cohort(table), chosen_criteria("own-mean", None, ())).shares
        assert [share.group for share in shares if share.question == "member"] == ["client", "partner"]


class TestPrevalence:
    def test_without_ruptures_the_excess_is_none_and_with_them_it_is_found(self) -> None:
        calm = simulate(cases=150, sessions=10, seed=8, model=MODELS["items"].without_episodes()).ratings
        deep = replace(MODELS["items"].with_dips(depth_sd=4, duration=2), episode_share=0.5)
        struck = simulate(cases=150, sessions=10, seed=8, model=deep).ratings
        none, half = (episode_prevalence(each, draws=20, others=()) for each in (calm, struck))
        assert none.table.item(0, "excess_low") < 0 < none.table.item(0, "excess_high")
        assert half.table.item(0, "excess_low") > 0.1
        assert half.corrected is not None
        at_4_sd = half.corrected.curve.filter(pl.col("sensitivity") == 0.9).row(0, named=True)
        assert at_4_sd["low"] < 0.5 < at_4_sd["high"]

    def test_neither_the_order_of_rows_nor_a_rerun_changes_anything(self) -> None:
        ratings = simulate(cases=60, sessions=8, seed=3).ratings
        first, shuffled = (
            episode_prevalence(each, draws=20, others=(), seed=5)
            for each in (ratings, ratings.sample(fraction=1, shuffle=True, seed=1))
        )
        assert first.table.equals(shuffled.table)

    def test_fixed_norms_are_named_as_too_narrow(self) -> None:
        found = episode_prevalence(
            simulate(cases=60, sessions=8, seed=3).ratings, draws=20, others=(), fast=True
        )
        assert "too narrow" in found.summary()

    @pytest.mark.parametrize(("cases", "answered"), [(49, False), (50, True)])
    def test_chance_needs_fifty_series(self, cases: int, answered: bool) -> None:
        found = episode_prevalence(
            simulate(cases=cases, sessions=8, seed=3).ratings, draws=20, others=(), fast=True
        )
        assert (found.refused is None) is answered
        assert answered or "series with 4 or more ratings: 49, at least 50 needed" in found.summary()

    def test_groups_below_thirty_are_refused_one_by_one(self) -> None:
        ratings = simulate(cases=60, sessions=8, seed=3).ratings
        names = ratings.get_column("case").unique().sort()
        cases = pl.DataFrame({"case": names, "modality": ["couple"] * 29 + ["individual"] * 31})
        missing_none = ratings.with_columns(pl.col("value").fill_null(7.0))
        table = episode_prevalence(missing_none, cases, draws=20, others=(), fast=True).table
        said = dict(table.filter(pl.col("question") == "modality").select("group", "refused").iter_rows())
        assert "29, at least 30 needed" in said["couple"]
        assert said["individual"] is None

    @pytest.mark.parametrize(
        ("argument", "value"),
        [("draws", 19), ("seed", -1), ("confirmed", (3, 2)), ("criterion", "stiles-type")],
    )
    def test_what_cannot_be_is_refused(self, argument: str, value: object) -> None:
        with pytest.raises(ParameterError):
            episode_prevalence(simulate(cases=2, sessions=4, seed=1).ratings, **{argument: value})  # type: ignore[arg-type]


class TestTables:
    def test_two_scales_need_a_choice(self) -> None:
        table = course_table([7.0, 7.0])
        both = pl.concat([table, table.with_columns(scale=pl.lit("bond"))])
        with pytest.raises(TableError, match="alliance, bond"):
            read_cohort(both)
        assert read_cohort(both, scale="bond").scale == "bond"

    def test_unknown_endings_and_double_cases_are_refused(self) -> None:
        table = course_table([7.0, 7.0])
        with pytest.raises(TableError, match="planned, dropout, ongoing"):
            read_cohort(table, {"case": ["c0"], "ending": ["gone"]})
        with pytest.raises(TableError, match="more than one row"):
            read_cohort(table, {"case": ["c0", "c0"], "ending": ["planned", "planned"]})
        with pytest.raises(TableError, match="nothing to use"):
            keyed_table({"case": ["c0"], "colour": ["red"]}, ["case"], "cases", ["ending"])

    def test_the_last_session_counts_whether_rated_or_not(self) -> None:
        found = read_cohort(course_table([7.0, 7.0, None]))
        assert found.cases.item(0, "last_session") == 3
        assert (found.attended, found.rated) == (3, 2)

    def test_cases_may_be_numbers_in_either_table(self) -> None:
        table = course_table([7.0, 7.0], [7.0, 7.0]).with_columns(case=pl.Series([7, 7, 10, 10]))
        for names in ([7, 10], ["7", "10"]):
            found = read_cohort(table, {"case": names, "therapist": ["a", "b"]})
            assert dict(found.cases.select("case", "therapist").iter_rows()) == {"7": "a", "10": "b"}

    def test_lower_is_better_turns_the_ratings(self) -> None:
        found = read_cohort(course_table([2.0, 3.0]), higher_is_better=False)
        assert found.series.value.tolist() == [-2.0, -3.0]


class TestOnsetAndCourses:
    @pytest.fixture(scope="class")
    @classmethod
    def counted(cls) -> tuple[EpisodeCounter, ChanceModel]:
        ratings = simulate(cases=200, sessions=12, seed=6).ratings
        names = ratings.get_column("case").unique().sort()
        endings = (["planned", "dropout", None, "ongoing"] * 50)[: len(names)]
        cohort = read_cohort(ratings, pl.DataFrame({"case": names, "ending": endings}))
        model = ChanceModel.fitted(cohort, seed=1, fast=True)
        return EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ())), model

    def test_first_onsets_stand_beside_those_by_chance(
        self, counted: tuple[EpisodeCounter, ChanceModel]
    ) -> None:
        found = first_onset_of(*counted)
        assert found.refused is None
        assert found.endings_known
        assert found.table.get_column("session").to_list()[0] == 4
        last = found.table.row(-1, named=True)
        assert 0 < last["chance_incidence"] < last["incidence"] < 1
        assert last["low"] < last["incidence"] < last["high"]

    def test_episodes_and_repairs_stand_beside_those_by_chance(
        self, counted: tuple[EpisodeCounter, ChanceModel]
    ) -> None:
        found = episode_courses_of(*counted)
        assert found.refused is None
        assert found.figures.get_column("chance_median").null_count() == 0
        assert found.repair.get_column("sessions").to_list() == [1, 2, 3, 6]
        shares = found.repair.get_column("repaired").to_numpy()
        assert (np.diff(shares) >= 0).all()

    def test_few_onsets_and_few_episodes_are_refused(self) -> None:
        """Ninety sessions that could be judged, about one in fifty flagged by chance."""
        cohort = cohort_of(90, sessions=4, episode_share=0.0, missing_share=0.0)
        model = ChanceModel.fitted(cohort, seed=1, fast=True)
        counter = EpisodeCounter.prepared(cohort, chosen_criteria("predictive", None, ()))
        found = first_onset_of(counter, model)
        assert found.refused is not None
        assert found.refused.startswith("not enough first onsets")
        courses = episode_courses_of(counter, model)
        assert courses.refused is not None
        assert courses.refused.startswith("not enough episodes")


class TestTherapists:
    def spread(self, shares: list[float], cases: int = 40) -> object:
        table = course_table(*[[7.0] * 6 for _ in range(cases * len(shares))])
        names = [f"c{number}" for number in range(cases * len(shares))]
        of = [f"t{number // cases:02d}" for number in range(len(names))]
        cohort = read_cohort(table, pl.DataFrame({"case": names, "therapist": of}))
        counter = EpisodeCounter.prepared(cohort, chosen_criteria("own-mean", None, ()))
        known = dict(zip(names, of, strict=True))
        own = {f"t{number:02d}": share for number, share in enumerate(shares)}
        order = cohort.cases.get_column("case").to_list()
        seen = np.zeros((len(order), counter.of.shape[1]))
        for name in sorted({*of}):
            mine = [place for place, case in enumerate(order) if known[case] == name]
            seen[mine[: round(own[name] * cases)], 0] = 1
        counts = CountedDraws(seen, np.full_like(seen, 0.2), np.zeros(1), np.zeros((2, 1)), np.zeros((2, 1)))
        return therapist_spread_of(counter, counts)

    def test_no_difference_shrinks_all_to_one(self) -> None:
        found = self.spread([0.3] * 12)
        assert found.between_sd == 0  # type: ignore[attr-defined]
        assert found.table.get_column("excess").to_list() == pytest.approx([0.1] * 12)  # type: ignore[attr-defined]

    def test_large_differences_stay_and_come_in_the_order_of_names(self) -> None:
        """Spread by hand: v = .5 * .5 / 40 = .00625 each, variance of .1 and .9 in turns is 12 * .16 / 11."""
        found = self.spread([0.1, 0.9] * 6)
        tau2 = 12 * 0.16 / 11 - 0.00625
        assert found.between_sd == pytest.approx(np.sqrt(tau2))  # type: ignore[attr-defined]
        names = found.table.get_column("therapist").to_list()  # type: ignore[attr-defined]
        assert names == sorted(names)
        kept = tau2 / (tau2 + 0.00625)
        assert found.table.item(0, "excess") == pytest.approx(0.3 - kept * 0.4)  # type: ignore[attr-defined]

    @pytest.mark.parametrize(("therapists", "answered"), [(9, False), (10, True)])
    def test_nine_are_too_few(self, therapists: int, answered: bool) -> None:
        found = self.spread([0.3] * therapists, 5)
        assert (found.refused is None) is answered  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(MINIMUMS))
def test_every_minimum_refuses_just_below_and_answers_at_it(name: str) -> None:
    minimum = MINIMUMS[name]
    step = 0.01 if minimum.least < 1 else 1
    assert minimum.refusal(minimum.least) is None
    assert minimum.needs in str(minimum.refusal(minimum.least - step))
    assert minimum.question in minimum_table().get_column("question").to_list()


def test_norms_of_too_few_series_are_not_fitted_behind_the_back_of_the_table() -> None:
    with pytest.raises(NormsError):
        ChanceModel.fitted(cohort_of(20), seed=1, fast=True)
