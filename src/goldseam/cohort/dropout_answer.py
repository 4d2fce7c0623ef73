"""Dropout after a flag in the words of a study."""

from collections.abc import Iterator

from goldseam.cohort.dropout_after_flag import IMPUTATIONS, TABLES, DropoutAfterFlag
from goldseam.cohort.e_values import e_value
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_charts import interval_rows_chart

DROPOUT_QUESTION = "Do cases break off more often after a flag?"


def dropout_answer(found: DropoutAfterFlag) -> StudyAnswer:
    """Hazard ratios, cumulative incidence from a landmark, and the sensitivity to ratings nobody saw."""
    if found.refused:
        return refused_answer("dropout", DROPOUT_QUESTION, found.refused)
    rows = [row for row in found.hazard.to_dicts() if row["refused"] is None]
    parts = [
        f"{row['status']}: calibrated hazard ratio {row['calibrated']:.2f} ({row['calibrated_low']:.2f} to "
        f"{row['calibrated_high']:.2f}), as estimated {row['hazard_ratio']:.2f}, by chance "
        f"{row['chance_hazard_ratio']:.2f}"
        for row in rows
    ]
    return StudyAnswer(
        "dropout",
        DROPOUT_QUESTION,
        "Cause-specific hazard ratio of dropout: after a session attended with an earlier (or recent) flag against "
        "after one without, each session with a hazard of its own (Cox regression), the planned end competing. The "
        "status is dated at the last session attended, before the session at risk. This is an association with being "
        "flagged.",
        "; ".join(parts) + ".",
        {
            "dropout": found.hazard,
            "dropout-incidence": found.incidence.drop("error"),
            "dropout-delta": found.delta,
        },
        interval_rows_chart(
            [
                {
                    "name": row["status"].removeprefix("flagged "),
                    "value": row["hazard_ratio"],
                    "low": row["hazard_ratio_low"],
                    "high": row["hazard_ratio_high"],
                    "chance": row["chance_hazard_ratio"],
                }
                for row in rows
            ],
            "hazard ratio of dropout, flagged",
        ),
        "Points are hazard ratios with 95% intervals; crosses are those by chance alone.",
        tuple(_notes(found)),
    )


def _notes(found: DropoutAfterFlag) -> Iterator[str]:
    tip = (
        "The verdict is the same at every one of them: there is no tipping point between 0 and -3 own SDs."
        if found.tipping is None
        else f"The verdict changes at {found.tipping:g} own SDs: that is the tipping point."
    )
    yield (
        "Who breaks off has often not rated the last rupture. In the last table the rating of the session that a "
        f"dropout did not come to is put at 0 to -3 own SDs from the person's mean ({IMPUTATIONS} draws each, with own "
        f"variation), and those who came count with the rating they gave there. {tip}"
        + (
            ""
            if found.delta_cases is None
            else f" It is of {found.delta_cases} cases, evenly spaced, and so are its intervals."
        )
    )
    yield (
        f"The second table has the cumulative incidence of dropout and of planned end (Aalen-Johansen) from session "
        f"{found.landmark} on, the median session of a first flag, by whether a case had been flagged by then."
    )
    if found.risk_ratio is not None and found.risk_ratio[0] == found.risk_ratio[0]:
        value, low, high = found.risk_ratio
        yield (
            f"At its last session the calibrated risk ratio is {value:.2f} ({low:.2f} to {high:.2f}); its E-value is "
            f"{e_value(value):.2f}, of the end of the interval nearer to 1 "
            f"{1.0 if low <= 1 <= high else e_value(low if low > 1 else high):.2f}. It says nothing of "
            "measurement error, nor of slopes."
        )
    yield (
        f"By chance is the geometric mean over {TABLES} tables in which nothing happens, with the same sessions and "
        "ends; calibrated is the ratio divided by it. Intervals are clustered by therapist where ten are known, else "
        "by case. Whether an episode is over is known only afterwards, so it is not used. Low ratings without a flag "
        "are not held, nor are slopes."
    )
