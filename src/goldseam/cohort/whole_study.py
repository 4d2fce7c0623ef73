"""A whole study of ruptures and their repair, from a table of ratings to a report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.cohort.case_crossover import case_crossover_of
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.chance_sample import MOST_RELATED, ChanceSample, fewer_cases
from goldseam.cohort.cohort_data import Cohort, read_cohort, read_progress
from goldseam.cohort.data_check import data_answer
from goldseam.cohort.draw_runner import DrawRunner, draw_runner
from goldseam.cohort.dropout_after_flag import dropout_after_flag_of
from goldseam.cohort.dropout_answer import DROPOUT_QUESTION, dropout_answer
from goldseam.cohort.episode_courses import episode_courses_of
from goldseam.cohort.first_onset import first_onset_of
from goldseam.cohort.further_tables import FurtherTables
from goldseam.cohort.judged_tables import JudgedTables
from goldseam.cohort.noted_features import noted_features_of
from goldseam.cohort.prevalence import (
    OTHER_CRITERIA,
    EpisodePrevalence,
    check_counts,
    chosen_criteria,
    fitted_chance,
    prevalence_of,
)
from goldseam.cohort.relation_answers import relation_answers
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_answers import course_answers, onset_answer, prevalence_answers, therapist_answer
from goldseam.cohort.study_content import StudyContent
from goldseam.cohort.study_plan import StudyPlan
from goldseam.cohort.therapist_spread import therapist_spread_of
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class Study(StudyContent, ShownResult):
    """The answers of a study, its methods, and its files; attributes as in `StudyContent`."""

    def summary(self) -> str:
        """A line per question.

        Returns
        -------
        str
        """
        return "\n".join(f"{each.question} {each.sentence}" for each in self.answers)

    def plot(self) -> Any:
        """The chart of prevalence by criterion.

        Returns
        -------
        altair.FacetChart or None
            None where it was refused.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        return self.prevalence.plot()

    def html(self) -> str:
        """The report as one page that needs nothing else: no network, no script.

        Returns
        -------
        str
        """
        from goldseam.cohort.study_report import report_page

        return report_page(self)

    def pdf(self) -> bytes:
        """The report as PDF: A4, tagged, made without the network.

        Returns
        -------
        bytes
            The same for the same study, on a machine with the same fonts.

        Raises
        ------
        MissingExtraError
            WeasyPrint, or Pango, is not installed.
        """
        from goldseam.cohort.study_pdf import report_pdf

        return report_pdf(self.html())

    def files(self) -> "dict[str, str | bytes | pl.DataFrame]":
        """Every file of the study by its name.

        Returns
        -------
        dict of str to (str, bytes or polars.DataFrame)
            ``report.html``, ``report.pdf`` (where WeasyPrint is installed), a ``.csv`` per table,
            an ``.svg`` per chart, ``study.json`` and ``recompute.R``.
        """
        from goldseam.cohort.study_files import study_files

        return study_files(self)

    def _main_table(self) -> "pl.DataFrame":
        return self.prevalence.table

    def _repr_html_(self) -> str:
        from goldseam.cohort.study_report import report_body

        return f"<div>{report_body(self)}</div>"


def study(
    ratings: Ratings,
    cases: Any = None,
    *,
    episodes: Any = None,
    sessions: Any = None,
    outcomes: Any = None,
    progress: Ratings | None = None,
    progress_scale: str | None = None,
    progress_phase: str | None = None,
    progress_higher_is_better: bool = True,
    therapist_scale: str | None = None,
    therapist_phase: str | None = None,
    plan: str | Path | None = None,
    criterion: str = "predictive",
    version: int | None = None,
    others: Sequence[str] = OTHER_CRITERIA,
    scale: str | None = None,
    phase: str | None = None,
    higher_is_better: bool = True,
    confirmed: tuple[int, int] | None = None,
    draws: int = 200,
    seed: int = 1,
    fast: bool = False,
    specifications: bool = True,
    jobs: int = 1,
    resume: str | Path | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> Study:
    """Answer the questions about ruptures and their repair that a table of ratings can answer, each beside chance.

    Parameters
    ----------
    episodes
        A row per flagged episode, a path or a frame: ``case, session`` (of its onset), any of ``antecedent,
        contribution, facet, manner, tried``, and ``confirmed`` (yes, no, or empty).
    sessions
        A row per case and session with whatever was recorded at every session: ``case, session`` and any further
        columns. ``alert_seen`` (yes, no, or empty) says where an alert had been seen: cases are censored there.
    outcomes
        A row per case: ``case, after`` (an outcome taken after the episode, higher is better or lower throughout; never
        the alliance itself) and optionally ``before``.
    progress, progress_scale, progress_phase, progress_higher_is_better
        As for `goldseam.within_between`; the question is asked where one of the first two is given.
    therapist_scale, therapist_phase
        As for `goldseam.one_with_many`.
    plan : str or Path, optional
        A file of TOML with any of ``criterion, version, others, scale, phase, higher_is_better, progress_scale,
        progress_phase, confirmed, draws, seed, fast, specifications, questions, exclusions, hypotheses``. It is hashed
        before the data are read; the report says what deviates from it. It sets nothing.
    ratings, cases, criterion, version, others, scale, phase, higher_is_better, confirmed, draws, seed, fast
        As for `goldseam.episode_prevalence`.
    specifications : bool
        With outcomes: estimate both effects under all other reasonable specifications, too.
    jobs : int
        Processes that draw; the digits are the same for any number. With more than one a script that calls this has to
        do so under ``if __name__ == "__main__":``.
    resume : str or Path, optional
        A folder for finished draws. The same study of the same data, begun again with it, goes on where it was
        interrupted, with the same digits. Nothing in it names a case; it can be deleted afterwards.
    missing, outlying, reading
        As for `goldseam.detect`.

    Returns
    -------
    Study
        It draws itself in a notebook; `Study.html` and `Study.files` make the report. A question on thin data is
        refused with the reason.

    Raises
    ------
    TableError
        A table cannot be used.
    ParameterError
        An argument is outside its range.
    """
    from goldseam.cohort.study_settings import study_settings

    rules = chosen_criteria(criterion, version, others)
    check_counts(draws=draws, seed=seed, confirmed=confirmed)
    planned = None if plan is None else StudyPlan.read(plan)
    options: dict[str, Any] = {"missing": missing, "outlying": outlying, "reading": reading}
    cohort = read_cohort(
        ratings, cases, scale=scale, phase=phase, higher_is_better=higher_is_better, **options
    )
    followed = read_progress(
        ratings,
        progress,
        cohort,
        scale=progress_scale,
        phase=progress_phase,
        higher_is_better=progress_higher_is_better,
        **options,
    )
    by_therapist = None
    if therapist_scale is not None:
        by_therapist = read_cohort(
            ratings,
            scale=therapist_scale,
            phase=therapist_phase,
            of="therapist",
            higher_is_better=higher_is_better,
            **options,
        )
    further = FurtherTables.read(cohort, episodes=episodes, sessions=sessions, outcomes=outcomes)
    fast = fast or draws == 0
    model, refused = fitted_chance(cohort, seed=seed, fast=fast)
    with draw_runner(jobs, resume) as runner:
        found = prevalence_of(
            cohort,
            model,
            rules,
            draws=draws,
            seed=seed,
            fast=fast,
            confirmed=confirmed,
            refused=refused,
            runner=runner,
        )
        answers = [data_answer(cohort, further.cautions), *prevalence_answers(found)]
        answers += list(_beside_prevalence(found, model, refused))
        answers += list(_causes(found, model, refused, further))
        if further.outcomes is not None:
            answers += list(_impact(found, model, refused, further, runner, specifications=specifications))
    related = cohort if draws else fewer_cases(cohort, MOST_RELATED)
    relations = relation_answers(related, followed, by_therapist, model, refused, seed=seed)
    answers += [each if related is cohort else each.of_some(related.n_cases) for each in relations]
    given = {
        "ratings": ratings,
        "cases": cases,
        "episodes": episodes,
        "sessions": sessions,
        "outcomes": outcomes,
        "progress": progress,
    }
    settings = study_settings(
        cohort,
        rules,
        found,
        given,
        {
            "confirmed": confirmed,
            "missing": missing,
            "progress": followed.scale if followed else None,
            "therapist_scale": therapist_scale,
        },
    )
    used = {
        "criterion": criterion,
        "version": rules[0].version,
        "others": tuple(each.id for each in rules[1:]),
        "scale": scale or cohort.series.keys.item(0, "scale"),
        "phase": phase or cohort.series.keys.item(0, "phase"),
        "higher_is_better": higher_is_better,
        "progress_scale": progress_scale,
        "progress_phase": progress_phase,
        "confirmed": confirmed,
        "draws": draws,
        "seed": seed,
        "fast": fast,
        "specifications": specifications,
    }
    deviations = None if planned is None else planned.deviations(used, answers)
    return Study(tuple(answers), settings, found, planned, deviations, _per_case(cohort, found))


def _beside_prevalence(
    found: EpisodePrevalence, model: ChanceModel | None, refused: str | None
) -> Iterator[StudyAnswer]:
    """Therapists, first onset, and what episodes are like."""
    if model is None or found.counter is None or found.counts is None:
        for name, question in (
            ("therapists", "Do therapists differ?"),
            ("onset", "When does the first episode begin?"),
            ("episodes", "What are episodes like?"),
            ("repair", "How soon are ratings back?"),
            ("dropout", DROPOUT_QUESTION),
        ):
            yield refused_answer(name, question, str(refused))
        return
    if found.counter.cohort.cases.get_column("therapist").count():
        yield therapist_answer(therapist_spread_of(found.counter, found.counts))
    else:
        yield refused_answer("therapists", "Do therapists differ?", "the tables name no therapist")
    sample = found.sample or ChanceSample(found.counter, model)
    judged = JudgedTables(sample.counter, sample.model, found.own)
    yield onset_answer(first_onset_of(found.counter, model, judged))
    yield from course_answers(episode_courses_of(found.counter, model, judged, linearised=found.draws == 0))
    if found.counter.cohort.cases.get_column("ending").eq("dropout").any():
        yield dropout_answer(dropout_after_flag_of(found.counter, model, judged))
    else:
        yield refused_answer("dropout", DROPOUT_QUESTION, "the tables name no case that broke off")


def _causes(
    found: EpisodePrevalence, model: ChanceModel | None, refused: str | None, further: FurtherTables
) -> Iterator[StudyAnswer]:
    """What episodes were about, and what goes with their onset; asked only where the tables are given."""
    from goldseam.cohort import cause_answers

    if further.episodes is not None:
        if model is None or found.counter is None:
            yield refused_answer("noted", cause_answers.NOTED_QUESTION, str(refused))
        else:
            features = noted_features_of(found.counter, model, further.episodes)
            yield cause_answers.noted_answer(features, found)
    if further.sessions is not None:
        if model is None or found.counter is None:
            yield refused_answer("crossover", cause_answers.CROSSOVER_QUESTION, str(refused))
        else:
            crossover = case_crossover_of(found.counter, model, further.sessions)
            yield cause_answers.crossover_answer(crossover)


def _impact(
    found: EpisodePrevalence,
    model: ChanceModel | None,
    refused: str | None,
    further: FurtherTables,
    runner: DrawRunner,
    *,
    specifications: bool,
) -> Iterator[StudyAnswer]:
    """The emulated trials: flagged or never so far, repaired or not; under one specification and under all."""
    from goldseam.cohort import flag_answer, impact_answer, specification_answer

    if found.draws == 0:
        refused = "its intervals and what comes out by chance take draws, and none were asked for (draws=0)"
    if model is None or found.counter is None or found.draws == 0:
        yield refused_answer("flag-effect", flag_answer.FLAG_QUESTION, str(refused))
        yield refused_answer("repair-effect", impact_answer.IMPACT_QUESTION, str(refused))
        return
    from goldseam.cohort.impact_effects import impact_effects_of
    from goldseam.cohort.specification_curve import SpecificationCurve, impact_specifications_of

    counter, given = found.counter, (further.outcomes, found.draws, further.sessions)
    flagged, repaired = impact_effects_of(counter, model, *given, runner=runner)
    whys = (flagged.refused, repaired.refused)
    curves = [SpecificationCurve.none(str(why)) for why in whys]
    if specifications and not all(whys):
        made = impact_specifications_of(counter, model, *given, runner=runner)
        curves = [none if why else one for none, why, one in zip(curves, whys, made, strict=True)]
    passed_over = [each.id for each in counter.criteria if not each.prospective]
    answers = (flag_answer.flag_answer(flagged), impact_answer.impact_answer(repaired))
    for name, answer, curve in zip(("flag", "repair"), answers, curves, strict=True):
        yield answer
        if specifications:
            yield specification_answer.specification_answer(name, curve, passed_over)


def _per_case(cohort: Cohort, found: EpisodePrevalence) -> "pl.DataFrame":
    """What the R script recomputes from: a row per case without its name."""
    import polars as pl

    if found.counter is None or found.counts is None:
        return pl.DataFrame()
    from goldseam.cohort.first_onset import case_histories

    counter, counts = found.counter, found.counts
    own = found.own if found.own is not None else pl.DataFrame()
    table = pl.DataFrame({"number": range(1, cohort.n_cases + 1)})
    for place, rule in enumerate(counter.criteria):
        table = table.with_columns(
            pl.Series(f"counts_{rule.id}", counter.of[:, place].astype(int)),
            pl.Series(f"flagged_{rule.id}", counts.observed[:, place].astype(int)),
            pl.Series(f"chance_{rule.id}", counts.chance[:, place]),
        )
    return table.hstack(case_histories(counter, own))
