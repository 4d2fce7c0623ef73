"""The emulated trial of repair in the words of a study, with its protocol."""

from typing import TYPE_CHECKING

from goldseam.cohort.observed_weights import LARGEST_WEIGHT
from goldseam.cohort.repair_effect import GRACE, PUBLISHED, RepairEffect
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_charts import interval_rows_chart

if TYPE_CHECKING:
    import polars as pl

IMPACT_QUESTION = "Do cases end better where ratings came back soon?"
REPAIR_ESTIMAND = (
    "difference in the outcome, in its SDs, between flagged episodes whose ratings came back and those whose did not, "
    "beyond what level and slope give without any rupture"
)
PROTOCOL = (
    ("eligibility", "cases with one member and a first episode flagged by the primary criterion"),
    ("time zero", f"session of the onset + {GRACE}, for both groups"),
    ("strategies", f"ratings called repaired by session onset + {GRACE}, or not"),
    (
        "grace period",
        f"{GRACE} attended sessions; who is repaired is known only at its end, so nothing is counted from before",
    ),
    (
        "who left before time zero, or whose outcome is not known",
        (
            "counted; the others are weighted by the inverse probability of being observed, given what preceded "
            "the onset "
            f"(stabilised, at most {LARGEST_WEIGHT:.0f})"
        ),
    ),
    ("outcome", "the column after of the outcomes table, taken after time zero; never the alliance itself"),
    (
        "adjusted for",
        (
            "what precedes the onset alone: the column before, own level and slope (shrunken), session and depth "
            "of the onset"
        ),
    ),
    ("estimand", REPAIR_ESTIMAND),
    (
        "assumptions",
        (
            "courses are straight, with normal levels and slopes; the outcome depends on these in a straight line; "
            "who is "
            "observed depends on what is adjusted for; the outcome was not known to whoever rated"
        ),
    ),
)


def protocol_table() -> "pl.DataFrame":
    """The protocol of the emulated trial: ``part, here``."""
    import polars as pl

    return pl.DataFrame(PROTOCOL, schema=["part", "here"], orient="row")


def impact_answer(found: RepairEffect) -> StudyAnswer:
    """The calibrated effect, with the regression, chance, counts and protocol beside it."""
    if found.refused or found.calibrated is None or found.e_values is None:
        return refused_answer("repair-effect", IMPACT_QUESTION, str(found.refused))
    value, low, high = found.calibrated
    rows = {row["estimate"]: row for row in found.table.to_dicts()}
    plain, chance = rows["regression"]["d"], rows["by chance"]["d"]
    said = "does not show a difference" if low <= 0 <= high else "shows a difference"
    d, r, r_low, r_high = PUBLISHED
    return StudyAnswer(
        "repair-effect",
        IMPACT_QUESTION,
        f"{REPAIR_ESTIMAND[0].upper()}{REPAIR_ESTIMAND[1:]}"
        ". The exposure is a flag and what a rule calls repaired, not a rupture and a repair.",
        f"Calibrated d {value:.2f} (95% interval {low:.2f} to {high:.2f}): this {said}. The plain regression gives "
        f"{plain:.2f}, of which {chance:.2f} is to be expected where nothing ever happens, since slopes drive both.",
        {"repair-effect": found.table, "repair-counts": found.counts, "repair-protocol": protocol_table()},
        interval_rows_chart(
            [
                {
                    "name": name,
                    "value": row["d"],
                    "low": row["low"],
                    "high": row["high"],
                    "chance": chance if name == "regression" else None,
                }
                for name, row in rows.items()
                if row["low"] is not None
            ],
            "d, SDs of the outcome",
        ),
        "Points with 95% intervals; the cross is what the regression gives by chance. The calibrated line is "
        "the answer.",
        (
            (
                f"E-value of the calibrated estimate {found.e_values[0]:.2f}, of the end of its interval nearer to 0 "
                f"{found.e_values[1]:.2f}: how strongly something unmeasured would have to go with both repair "
                "and outcome "
                "to explain it. It says nothing of measurement error, nor of slopes that are not straight."
            ),
            (
                f"Published: d {d:.2f} (r {r:.2f}, {r_low:.2f} to {r_high:.2f}; 11 samples) between repaired "
                "and unrepaired "
                "ruptures, by other criteria and without this calibration."
            ),
            (
                "That clients whose ruptures are repaired may do better is a hypothesis here, and this is an "
                "association. "
                "Whether an alert had been seen is not looked at; where alerts led to repair, this "
                "holds their "
                "effect too. Where courses are curved, own SDs very unequal, or people leave because of what "
                "they rated, the "
                "calibration is off."
            ),
        ),
    )
