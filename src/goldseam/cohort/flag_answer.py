"""The emulated trial of being flagged in the words of a study, with its protocol."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldseam.cohort.flag_effect import FlagEffect
from goldseam.cohort.observed_weights import LARGEST_WEIGHT
from goldseam.cohort.study_answer import StudyAnswer, refused_answer
from goldseam.cohort.study_charts import interval_rows_chart

if TYPE_CHECKING:
    import polars as pl

FLAG_QUESTION = "Do cases end differently after a flag?"
ESTIMAND = (
    "difference in the outcome, in its SDs, between cases flagged at a session and cases never flagged so far at that "
    "session, beyond what level and slope give where nothing happens: the association of being flagged"
)
FLAG_PROTOCOL = (
    (
        "eligibility",
        "cases with one member, at a rated session with three earlier ratings and no earlier flag",
    ),
    (
        "time zero",
        "the session at which one case is flagged for the first time, for that case and its controls",
    ),
    (
        "strategies",
        "flagged at that session by the primary criterion, or never flagged so far; a control may be later",
    ),
    ("grace period", "none: who is flagged is known at time zero"),
    (
        "matching",
        (
            "every first onset is a trial; controls have the same session and number of earlier ratings, and count by "
            "how far apart own level and slope are (shrunken, from the ratings before the session), in errors of these"
        ),
    ),
    (
        "whose outcome is not known",
        f"counted; the others are weighted by the inverse probability of its being known, at most {LARGEST_WEIGHT:.0f}",
    ),
    (
        "where an alert had been seen",
        "censored from that session on; flags whose alert was seen are shown apart",
    ),
    ("outcome", "the column after of the outcomes table, taken after time zero; never the alliance itself"),
    ("adjusted for", "what precedes the session alone: the column before, own level and slope"),
    (
        "interval",
        "bootstrap of therapists with their cases, or of cases where fewer than ten therapists are known",
    ),
    ("estimand", ESTIMAND),
    (
        "assumptions",
        (
            "courses are straight, with normal levels and slopes; the outcome depends on these in a straight line; "
            "whose outcome is known depends on what is adjusted for; seeing an alert has nothing to do with outcome"
        ),
    ),
)


def flag_protocol() -> "pl.DataFrame":
    """The protocol of the emulated trial: ``part, here``."""
    import polars as pl

    return pl.DataFrame(FLAG_PROTOCOL, schema=["part", "here"], orient="row")


def flag_answer(found: FlagEffect) -> StudyAnswer:
    """The calibrated association, with the matched difference, chance, counts, balance and protocol beside it."""
    if found.refused or found.calibrated is None or found.e_values is None:
        return refused_answer("flag-effect", FLAG_QUESTION, str(found.refused))
    value, low, high = found.calibrated
    rows = {row["estimate"]: row for row in found.table.to_dicts()}
    plain, chance = rows["matched"]["d"], rows["by chance"]["d"]
    said = "does not show a difference" if low <= 0 <= high else "shows a difference"
    return StudyAnswer(
        "flag-effect",
        FLAG_QUESTION,
        f"{ESTIMAND[0].upper()}{ESTIMAND[1:]}, not of a rupture.",
        f"Calibrated d {value:.2f} (95% interval {low:.2f} to {high:.2f}): this {said}. The matched difference is "
        f"{plain:.2f}, of which {chance:.2f} is to be expected where nothing ever happens, since slopes drive both.",
        {
            "flag-effect": found.table,
            "flag-counts": found.counts,
            "flag-balance": found.balance,
            "flag-protocol": flag_protocol(),
        },
        interval_rows_chart(
            [
                {
                    "name": name,
                    "value": row["d"],
                    "low": row["low"],
                    "high": row["high"],
                    "chance": chance if name == "matched" else None,
                }
                for name, row in rows.items()
                if row["low"] is not None
            ],
            "d, SDs of the outcome",
        ),
        "Points with 95% intervals; the cross is what matching gives by chance. The calibrated line is the answer.",
        tuple(_notes(found)),
    )


def _notes(found: FlagEffect) -> Iterator[str]:
    if found.chance_share is not None:
        yield (
            f"Tables in which nothing happens have {100 * found.chance_share:.0f}% as many first flags: that share of "
            "the flags compared here may be chance. Where these do not go with outcome, flags show less than ruptures "
            "seen for certain would."
        )
    if found.e_values is not None:
        yield (
            f"E-value of the calibrated estimate {found.e_values[0]:.2f}, of the end of its interval nearer to 0 "
            f"{found.e_values[1]:.2f}: how strongly something unmeasured would have to go with both flag and "
            "outcome to explain it. It says nothing of measurement error, nor of slopes that are not straight."
        )
    yield (
        "That cases do worse, or better, after a flag is an association of being flagged and no effect of a rupture. "
        "Where an alert led to something being done, this holds its effect, too, unless the table of sessions says "
        "where an alert had been seen (alert_seen). Where courses are curved, own SDs very unequal, or people leave "
        "because of what they rated, the calibration is off."
    )
