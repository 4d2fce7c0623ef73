"""Results in the words of a study: for each question its estimand, a sentence, a table, a chart, or why not."""

from collections.abc import Iterator

from goldseam.cohort.episode_counts import LOOKS
from goldseam.cohort.episode_courses import AFTER, EpisodeCourses
from goldseam.cohort.first_onset import FirstOnset
from goldseam.cohort.prevalence import PUBLISHED_RANGE, EpisodePrevalence
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_charts import corrected_chart, curve_chart, interval_rows_chart, share_chart
from goldseam.cohort.therapist_spread import TherapistSpread
from goldseam.wording import counted

CONTAMINATED = (
    "The norms that chance is drawn from are fitted to the same ratings. Ruptures widen them a little, so "
    "chance comes out too "
    "high, and excess and corrected share too low: in simulated cohorts of 300 with ruptures in 30% of the "
    "cases, the mean "
    "corrected share was .25 (benchmarks/inference). The interval does not hold that error."
)
"""A bias that was measured; `benchmarks/inference` has the figures."""


def prevalence_answers(found: EpisodePrevalence) -> Iterator[StudyAnswer]:
    """Prevalence by criterion, phase and group, and corrected."""
    question = "How many cases have an episode?"
    if found.refused:
        yield refused_answer("prevalence", question, found.refused)
        return
    yield _by_criterion(found, question)
    yield _corrected(found)
    yield _part(
        found,
        ("phase",),
        name="phase",
        question="When in treatment do episodes begin?",
        estimand="Share of the sessions that could be judged (rated, three earlier ratings) at which an episode "
        "begins, "
        "by session "
        "number; the same where nothing is wrong; their difference.",
        note="More looks per case mean more episodes; here each session is one look. Later sessions are those of "
        "cases that "
        "stayed.",
    )
    yield _part(
        found,
        ("modality", "member"),
        name="groups",
        question="Do modalities and members differ?",
        estimand=f"Share of members (one series each, of the chosen scale) flagged within their first {LOOKS} sessions "
        "that could "
        "be judged, among those with as many; the same by chance; their difference.",
        note="Equal numbers of looks: couples and families have more series, and would have more episodes by chance "
        "alone. "
        "Groups differ in more than modality; this is no effect of it.",
    )


def _by_criterion(found: EpisodePrevalence, question: str) -> StudyAnswer:
    import polars as pl

    rows = found.table.filter(pl.col("question") == "criterion")
    low, high = PUBLISHED_RANGE
    return StudyAnswer(
        "prevalence",
        question,
        "Share of the cases with six ratings or more in which the criterion flags an episode at any session; "
        "the same "
        "share in tables with the same sessions in which nothing is wrong (chance); their difference (excess). "
        "The excess "
        "is not the share of cases with a rupture: see the next question.",
        f"{found.sentence}."
        if not rows.row(0, named=True)["refused"]
        else f"Not answered: {found.sentence}.",
        {"prevalence": rows},
        share_chart(found.table, "criterion"),
        "Points are estimates, lines 95% intervals: observed (dark), by chance (grey), excess (gold).",
        (
            (
                f"The source speaks of episodes in {100 * low:.0f} to {100 * high:.0f}% of individual and couple "
                "cases. No "
                "criterion, number of sessions or chance rate goes with these figures, so they are to be "
                "compared with "
                "the observed share by the same kind of rule, not with the excess."
            ),
            _interval_note(found),
            CONTAMINATED,
        ),
        refused=bool(rows.row(0, named=True)["refused"]),
    )


def _interval_note(found: EpisodePrevalence) -> str:
    if found.draws == 0 and found.counts is not None:
        return (
            "No bootstrap draws were asked for: intervals are linearised (Taylor), cases being independent, and norms "
            f"were held fixed, so they are too narrow. Chance was drawn in {found.counts.tables} tables of "
            f"{counted(found.counts.cases_drawn, 'case')}; every other case has the rate of those with about as many "
            "ratings."
        )
    if found.fast:
        return "Norms were held fixed (--fast): these intervals are too narrow."
    return (
        f"Intervals: {found.draws} draws of whole cases, norms refitted in each by one Newton step from the "
        "full fit, with "
        "the Monte-Carlo error of chance."
    )


def _corrected(found: EpisodePrevalence) -> StudyAnswer:
    question = "How many cases have a true dip?"
    if found.corrected is None:
        return refused_answer("corrected", question, "the prevalence it corrects was refused")
    shares = found.corrected
    estimand = (
        "Share of the cases with six ratings or more that have a true dip: (observed - chance) / (sensitivity "
        "- chance), "
        "kept within 0 and 1. Sensitivity is the share of such cases that are flagged, by chance or not. The "
        "ratings do not "
        "say it; it depends on how deep and long dips are."
    )
    return StudyAnswer(
        "corrected",
        question,
        estimand,
        _corrected_sentence(found),
        {"corrected": shares.curve, "sensitivity": shares.marks},
        corrected_chart(shares.curve, shares.marks),
        "Gold: corrected share for each assumed sensitivity, with its 95% interval for that sensitivity. "
        "Dashed: where "
        "simulated dips of 2 and 3 own SDs, one and two sessions long (2 SD x 1, ...), lie at these cases' own "
        "lengths.",
        (
            (
                "The chance rate beside it is in the table of the question before; at sensitivities less than .2 "
                "above it, and where the interval is wider than .5, nothing is said."
            ),
            CONTAMINATED,
        ),
        refused=shares.curve.get_column("corrected").count() == 0 and shares.figure is None,
    )


def _corrected_sentence(found: EpisodePrevalence) -> str:
    shares = found.corrected
    if shares is None:
        return ""
    if shares.figure is not None:
        value, low, high = (100 * each for each in shares.figure)
        return (
            f"With the sensitivity estimated from confirmed cases, {value:.1f}% (95% interval {low:.1f} to "
            f"{high:.1f}) of the "
            "cases have a true dip like those confirmed; the error of the sensitivity is in the interval."
        )
    said = shares.marks.drop_nulls("corrected")
    if said.is_empty():
        return f"No figure at any of the marked sensitivities. No single figure: {shares.figure_refused}."
    shown = [100 * value for value in said.get_column("corrected")]
    least, most = min(shown), max(shown)
    return (
        f"Between {least:.0f} and {most:.0f}%, were all true dips like one of the marked kinds; that range is "
        "no interval. No "
        f"single figure: {shares.figure_refused}."
    )


def _part(
    found: EpisodePrevalence,
    questions: tuple[str, ...],
    *,
    name: str,
    question: str,
    estimand: str,
    note: str,
) -> StudyAnswer:
    import polars as pl

    rows = found.table.filter(pl.col("question").is_in(questions))
    said = rows.filter(pl.col("refused").is_null())
    if rows.is_empty():
        return refused_answer(name, question, "the tables name no modality and only one kind of member")
    if said.is_empty():
        return refused_answer(name, question, str(rows.row(0, named=True)["refused"]))
    parts = [
        f"{row['group']}: {100 * row['observed']:.1f}% against {100 * row['chance']:.1f}% by chance, excess "
        f"{100 * row['excess']:.1f} ({100 * row['excess_low']:.1f} to {100 * row['excess_high']:.1f})"
        for row in said.to_dicts()
    ]
    chart = next((drawn for each in questions if (drawn := share_chart(found.table, each))), None)
    return StudyAnswer(
        name,
        question,
        estimand,
        "; ".join(parts) + ".",
        {name: rows},
        chart,
        "Points are estimates, lines 95% intervals: observed (dark), by chance (grey), excess (gold).",
        (note, _interval_note(found)),
    )


def therapist_answer(spread: TherapistSpread) -> StudyAnswer:
    """Differences between therapists, none ranked."""
    question = "Do therapists differ?"
    if spread.refused:
        return refused_answer("therapists", question, spread.refused)
    rows = [
        {
            "name": row["therapist"],
            "value": row["excess"],
            "low": row["low"],
            "high": row["high"],
            "chance": None,
        }
        for row in spread.table.to_dicts()
    ]
    between, p = spread.between_sd or 0.0, spread.p_no_difference or 0.0
    return StudyAnswer(
        "therapists",
        question,
        "SD, between therapists, of the excess of flagged cases over chance; for each therapist the excess "
        "shrunken towards "
        "that of all (empirical Bayes).",
        f"The SD of the excess between therapists is {100 * between:.1f} percentage points (p {p:.2g} for none).",
        {"therapists": spread.table},
        interval_rows_chart(rows, "excess of flagged cases over chance, shrunken"),
        "In the order of their names. Points are shrunken estimates, lines 95% intervals; 0 is chance.",
        (
            (
                "Cases are not given to therapists at random. The order of these estimates is mostly noise: they "
                "are not to be "
                "ranked, and say nothing of a therapist's work."
            ),
        ),
    )


def onset_answer(found: FirstOnset) -> StudyAnswer:
    """First onset over treatment."""
    question = "When does the first episode begin?"
    if found.refused:
        return refused_answer("onset", question, found.refused)
    last = found.table.row(-1, named=True)
    ends = (
        "Planned end and dropout compete with it."
        if found.endings_known
        else "Endings were not given, so the last session of each case is taken as censoring: the curve is that of "
        "cases that would go on, which nobody's treatment does for ever."
    )
    return StudyAnswer(
        "onset",
        question,
        "Probability that a first episode has been flagged by a session, of the cases with a session that "
        "could be judged "
        "(Aalen-Johansen); and the same in drawn tables with the same sessions and ends. It is the hazard of "
        "detection: it "
        "starts at the fourth rating, where a flag is first possible.",
        f"By session {last['session']}, {100 * last['incidence']:.1f}% (95% interval {100 * last['low']:.1f} to "
        f"{100 * last['high']:.1f}) have had a first episode; by chance alone {100 * last['chance_incidence']:.1f}%.",
        {"onset": found.table},
        curve_chart(
            found.table,
            "session",
            "incidence",
            "chance_incidence",
            ("session", "share with a first episode"),
        ),
        "Gold: observed, with its 95% interval. Dashed: by chance.",
        (
            ends,
            (
                f"{counted(found.never_at_risk, 'case')} without any session that could be judged "
                f"{'is' if found.never_at_risk == 1 else 'are'} not in it. Intervals "
                "are clustered by case, with the norms held as fitted. Shown while ten cases are at risk."
            ),
        ),
    )


def course_answers(found: EpisodeCourses) -> Iterator[StudyAnswer]:
    """Length, depth and overshoot of episodes, and time to repair."""
    if found.refused:
        yield refused_answer("episodes", "What are episodes like?", found.refused)
        yield refused_answer("repair", "How soon are ratings back?", found.refused)
        return
    rows = found.figures.to_dicts()
    parts = [
        f"{row['figure']}: median {row['median']:.2f} ({row['low']:.2f} to {row['high']:.2f}), by chance "
        f"{'-' if row['chance_median'] is None else format(row['chance_median'], '.2f')}"
        for row in rows
    ]
    yield StudyAnswer(
        "episodes",
        "What are episodes like?",
        "Medians over flagged episodes, most of which may be chance; beside them the medians over episodes "
        "flagged in tables "
        "in which nothing happens.",
        "; ".join(parts) + ".",
        {"episodes": found.figures},
        None,
        "",
        (
            (
                "Duration and overshoot are those of repaired episodes alone; the next question has the others. "
                f"Overshoot is the mean of up to {AFTER} ratings after the repair. Intervals are between "
                "cases and hold the norms."
            ),
        ),
    )
    three = next(row for row in found.repair.to_dicts() if row["sessions"] == 3)
    yield StudyAnswer(
        "repair",
        "How soon are ratings back?",
        "Probability that an episode is called repaired within so many sessions of its onset (Aalen-Johansen; "
        "the end of "
        "treatment competes where it is known, and what is no longer seen is censored); the same of episodes "
        "that are chance.",
        f"Within three sessions {100 * three['repaired']:.1f}% (95% interval {100 * three['low']:.1f} to "
        f"{100 * three['high']:.1f}) are back; of episodes that are chance {100 * three['chance_repaired']:.1f}%.",
        {"repair": found.repair},
        curve_chart(
            found.repair,
            "sessions",
            "repaired",
            "chance_repaired",
            ("sessions since the onset", "share repaired"),
        ),
        "Gold: observed, with its 95% interval, clustered by case. Dashed: by chance.",
        (
            (
                "After a false alarm ratings come back by themselves (regression to the mean), so a high share "
                "repaired says "
                "little; what says something is the difference from chance."
            ),
        ),
    )
