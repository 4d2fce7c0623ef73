"""The least a question needs before it is answered, with the reason; see ``docs/methods/cohort.md``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least of something that a question needs.

    Parameters
    ----------
    question : str
        What is asked.
    needs : str
        Of what there has to be so many.
    least : float
        So many are enough.
    reason : str
        Why no fewer.
    """

    question: str
    needs: str
    least: float
    reason: str

    def refusal(self, found: float) -> str | None:
        """Why the question is not answered; None where there is enough."""
        if found >= self.least:
            return None
        return f"not enough {self.needs}: {found:g}, at least {self.least:g} needed ({self.reason})"


MINIMUMS = {
    "chance": Minimum(
        "what chance alone would give",
        "series with 4 or more ratings",
        50,
        "norms of fewer are not fitted, and chance is drawn from norms",
    ),
    "prevalence": Minimum(
        "prevalence of episodes",
        "cases",
        30,
        "with fewer the 95% interval of a share of one half reaches further than .17 to either side",
    ),
    "group": Minimum(
        "prevalence by group",
        "members or looks of the group",
        30,
        "with fewer the 95% interval of a share of one half reaches further than .17 to either side",
    ),
    "therapists": Minimum(
        "differences between therapists",
        "therapists with 5 or more cases",
        10,
        "a variance between fewer is hardly known",
    ),
    "corrected": Minimum(
        "corrected prevalence",
        "sensitivity above chance",
        0.2,
        "the excess is divided by it, and its error with it",
    ),
    "confirmed": Minimum(
        "sensitivity from confirmed cases",
        "confirmed cases",
        30,
        "with fewer the sensitivity is known to no better than .17 to either side",
    ),
    "onset": Minimum("first onset over treatment", "first onsets", 10, "fewer steps draw no curve"),
    "episodes": Minimum(
        "duration, depth, overshoot, time to repair", "episodes", 20, "a quartile of fewer rests on five"
    ),
    "described": Minimum(
        "what episodes were about",
        "episodes with it noted",
        20,
        "with fewer the 95% interval of a share reaches further than .2 to either side",
    ),
    "crossover": Minimum(
        "what goes with an onset",
        "informative cases",
        30,
        "the conditional likelihood is biased away from no effect with fewer",
    ),
    "dropout": Minimum(
        "dropout after a flag",
        "dropouts in the smaller group",
        10,
        "10 events a parameter, flagged and not",
    ),
    "flag effect": Minimum(
        "outcome of flagged and never flagged cases",
        "cases in the smaller group",
        30,
        "with fewer the 95% interval of d reaches further than .5 to either side",
    ),
    "repair effect": Minimum(
        "outcome of repaired and unrepaired episodes",
        "cases in the smaller group",
        30,
        "with fewer the 95% interval of d reaches further than .5 to either side",
    ),
    "within": Minimum(
        "alliance and progress within persons",
        "persons with three pairs of neighbouring sessions",
        50,
        "with fewer the 95% interval of the effect in own SDs reaches further than .25 to either side at five sessions",
    ),
    "own course": Minimum(
        "the same, own straight courses taken off",
        "persons with five pairs of neighbouring sessions",
        50,
        "with fewer the 95% interval of the effect in own SDs reaches further than .2 to either side at eight sessions",
    ),
    "between": Minimum(
        "alliance and progress between persons",
        "share of the variance of estimated own levels that is no error",
        0.3,
        "the slope is divided by the variance that is left, and its error with it",
    ),
    "settling": Minimum(
        "alliance and progress between persons",
        "share of a deviation from own levels that is gone at the next session",
        0.25,
        "levels that ratings hardly come back to within the series cannot be told",
    ),
    "couples": Minimum(
        "what members of a couple have from each other",
        "couples with three pairs of neighbouring sessions",
        50,
        "with fewer the 95% interval of an effect in own SDs reaches further than .25 to either side at five sessions",
    ),
    "common fate": Minimum(
        "what members of a couple share",
        "correlation between members of own levels of the alliance",
        0.3,
        "the slope is divided by what members share, and its error with it",
    ),
    "one with many": Minimum(
        "shares of the variance of ratings",
        "therapists with two cases or more",
        10,
        "a variance between fewer is hardly known",
    ),
    "reciprocity": Minimum(
        "what therapists and all their clients have in common",
        "therapists who rated two cases or more",
        30,
        "with 20 the 95% interval of that correlation, where narrow enough to be shown, holds it in 88%",
    ),
    "members": Minimum(
        "shares of case and member, told apart",
        "cases with two members or more",
        30,
        "with fewer the 95% interval of a share of one quarter reaches further than .2 to either side",
    ),
    "split": Minimum(
        "dropout after a split",
        "dropouts in the smaller group",
        10,
        "10 events a parameter, split and not",
    ),
    "specification": Minimum(
        "an effect under one specification",
        "cases in the smaller group",
        30,
        "with fewer the 95% interval of d reaches further than .5 to either side",
    ),
}
"""By the short name of the question."""
WIDEST_INTERVAL = 0.5
"""Of a corrected prevalence; a wider one says nothing."""


def minimum_table() -> "pl.DataFrame":
    """What each question of a study needs before it is answered.

    Returns
    -------
    polars.DataFrame
        ``question, needs, least, reason``.
    """
    import polars as pl

    return pl.DataFrame(
        [
            {
                "question": each.question,
                "needs": each.needs,
                "least": float(each.least),
                "reason": each.reason,
            }
            for each in MINIMUMS.values()
        ]
    )
