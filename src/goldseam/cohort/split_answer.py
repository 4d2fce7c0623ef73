"""Dropout after a split alliance in the words of a study."""

from collections.abc import Iterator

from goldseam.cohort.split_dropout import TABLES, SplitDropout
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_charts import interval_rows_chart
from goldseam.wording import counted

SPLIT_QUESTION = "Do couples and families break off more often after a split alliance?"


def split_answer(found: SplitDropout) -> StudyAnswer:
    """Hazard ratios of a split, as estimated, by chance and calibrated."""
    name = "split-dropout"
    if found.refused:
        return refused_answer(name, SPLIT_QUESTION, found.refused)
    rows = [row for row in found.hazard.to_dicts() if row["refused"] is None]
    parts = [
        f"{row['status'][0].upper()}{row['status'][1:]}: calibrated hazard ratio {row['calibrated']:.2f} "
        f"({row['calibrated_low']:.2f} to {row['calibrated_high']:.2f}), as estimated {row['hazard_ratio']:.2f}, by "
        f"chance {row['chance_hazard_ratio']:.2f}"
        for row in rows
    ]
    return StudyAnswer(
        name,
        SPLIT_QUESTION,
        "Cause-specific hazard ratio of dropout in cases with several members: after a session with a split on record "
        "(two members who rate one SD between persons apart or more) against after one without, each session with a "
        "hazard of its own (Cox regression), the planned end competing. The status is dated at the last session "
        "attended, before the session at risk. An association with a split of ratings.",
        "; ".join(parts) + ".",
        {name: found.hazard},
        interval_rows_chart(
            [
                {
                    "name": row["status"],
                    "value": row["hazard_ratio"],
                    "low": row["hazard_ratio_low"],
                    "high": row["hazard_ratio_high"],
                    "chance": row["chance_hazard_ratio"],
                }
                for row in rows
            ],
            "hazard ratio of dropout, split",
        ),
        "Points are hazard ratios with 95% intervals; crosses are those by chance alone.",
        tuple(_notes(found)),
        used={} if found.used is None else {f"{name}-rows": found.used},
    )


def _notes(found: SplitDropout) -> Iterator[str]:
    yield (
        f"{counted(found.cases, 'case')} with several members, {counted(found.sessions, 'session')} that two or more "
        f"rated; {100 * found.split:.0f}% of these had a split, {100 * found.chance_split:.0f}% where members have "
        "nothing to do with each other."
    )
    yield (
        f"By chance is the geometric mean over {counted(TABLES, 'table')} in which nothing happens and members rate "
        "independently, with the same sessions and ends; calibrated is the ratio divided by it. Intervals are "
        "clustered by therapist where ten are known, else by case."
    )
    yield (
        "A split is also a low rating of one member: how low ratings are is not held, nor is how many members a case "
        "has. Sessions that one member missed keep the status of the last session rated together."
    )
    yield (
        "Published: split alliance and outcome correlate .316 in couples and families (7 samples, 31 effects, "
        "Friedlander et al. 2018); that is outcome and no dropout, and no hazard ratio was found to set beside."
    )
