"""What episodes were about and what goes with their onset, in the words of a study."""

from collections.abc import Iterator
from typing import Any

from goldseam.cohort.case_crossover import NEAR, CaseCrossover
from goldseam.cohort.noted_features import NotedFeatures
from goldseam.cohort.prevalence import EpisodePrevalence
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_charts import interval_rows_chart
from goldseam.wording import counted

NOTED_QUESTION = "What were episodes about?"
CROSSOVER_QUESTION = "What goes with an onset?"


def noted_answer(found: NotedFeatures, prevalence: EpisodePrevalence) -> StudyAnswer:
    """What was noted about flagged episodes."""
    if found.refused:
        return refused_answer("noted", NOTED_QUESTION, f"{_matching(found)}; {found.refused}")
    said = found.table.drop_nulls("share").sort("noted", "among", "share", descending=[False, False, True])
    first = said.group_by("noted", "among", maintain_order=True).first().to_dicts()
    parts = [
        f"{row['noted']} ({row['among']}): most often {row['answer']}, {row['count']} of {row['of']}, "
        f"{100 * row['share']:.0f}% ({100 * row['low']:.0f} to {100 * row['high']:.0f})"
        for row in first
    ]
    tables = {"noted": found.table}
    if not found.repairs.is_empty():
        tables["tried"] = found.repairs
    return StudyAnswer(
        "noted",
        NOTED_QUESTION,
        "Of the flagged episodes about which something was noted, the share with each answer: among episodes "
        "that were "
        "confirmed, not confirmed, and not asked about, apart.",
        "; ".join(parts) + ".",
        tables,
        None,
        "",
        tuple(_noted_notes(found, prevalence)),
    )


def _noted_notes(found: NotedFeatures, prevalence: EpisodePrevalence) -> Iterator[str]:
    row = prevalence.table.row(0, named=True)
    if row["observed"]:
        share = min(row["chance"] / row["observed"], 1)
        yield (
            f"About {100 * share:.0f}% as many cases would be flagged by chance alone: many of the episodes "
            "described, "
            "most of all those not confirmed, are nothing."
        )
    yield (
        "These are asked about episodes only. They are described, not compared: nothing here says that an "
        "antecedent makes "
        "a rupture more likely, nor that confirmed and unconfirmed episodes differ. Intervals are clustered by case."
    )
    if not found.repairs.is_empty():
        yield (
            "What is tried depends on how deep an episode is and on who tries it; repaired shares within "
            "halves of depth "
            "are no effect of it, and ratings after a false alarm come back by themselves (see how soon "
            "ratings are back, "
            "with chance beside)."
        )
    left_out = "does not and is left out" if found.unmatched == 1 else "do not and are left out"
    yield f"{_matching(found)}, {found.unmatched} {left_out}."


def _matching(found: NotedFeatures) -> str:
    return f"{counted(found.matched, 'note matches', 'notes match')} a flagged episode"


def _ratio(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.2f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})"


def crossover_answer(found: CaseCrossover) -> StudyAnswer:
    """Case-crossover of what was recorded at every session."""
    if found.refused:
        return refused_answer("crossover", CROSSOVER_QUESTION, found.refused)
    said = found.table.drop_nulls("odds_ratio").to_dicts()
    parts = [
        f"{row['recorded']}: {_ratio(row, 'odds_ratio')}, by chance {_ratio(row, 'chance_odds_ratio')}"
        for row in said
    ]
    rows = [
        {
            "name": row["recorded"],
            "value": row["odds_ratio"],
            "low": row["odds_ratio_low"],
            "high": row["odds_ratio_high"],
            "chance": row["chance_odds_ratio"],
        }
        for row in said
    ]
    return StudyAnswer(
        "crossover",
        CROSSOVER_QUESTION,
        "Odds ratio of being the first flagged session, per unit (or for one answer against the others), "
        "within the same "
        "person: the first onset of each case against that person's sessions at which a flag was possible "
        "(rated, three "
        f"earlier ratings, no running episode), at most {NEAR} ratings away to either side, with a linear "
        "trend in the number "
        "of earlier ratings held (conditional logistic regression). The same in tables in which nothing "
        "happens, beside.",
        "Odds ratios: " + "; ".join(parts) + ".",
        {"crossover": found.table},
        interval_rows_chart(rows, "odds ratio"),
        "Points are odds ratios with 95% intervals; crosses are those by chance alone.",
        (
            (
                "Each is fitted by itself; what else changes from session to session is not held. What does not "
                "change within a "
                "person cannot confound it. It is an association with being flagged, and no cause."
            ),
            "Many recorded things make some odds ratios large by chance; no correction is made for their number.",
        ),
    )
