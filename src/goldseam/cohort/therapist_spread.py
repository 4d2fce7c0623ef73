"""How much the excess over chance differs between therapists; each is shown shrunken, and none is ranked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.cohort.chance_model import CountedDraws
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.operating.rate_estimators import NORMAL_95

if TYPE_CHECKING:
    import polars as pl

FEWEST_CASES = 5


@dataclass(frozen=True, eq=False)
class TherapistSpread:
    """Differences between therapists in the excess of flagged cases.

    Attributes
    ----------
    between_sd : float or None
        SD of the true excess between therapists (DerSimonian & Laird 1986).
    p_no_difference : float or None
        Of the hypothesis that there is none (Cochran's Q).
    table : polars.DataFrame
        In the order of their names: ``therapist, cases, chance, excess`` (shrunken towards that of all), ``low, high``
        (95%).
    refused : str or None
        Why there is nothing.
    """

    between_sd: float | None
    p_no_difference: float | None
    table: "pl.DataFrame"
    refused: str | None


def therapist_spread_of(counter: EpisodeCounter, counts: CountedDraws) -> TherapistSpread:
    """Estimate the spread from the cases of the primary criterion that have a therapist named."""
    import polars as pl
    from scipy.stats import chi2

    names = counter.cohort.cases.get_column("therapist").to_list()
    counted = (counter.of[:, 0] > 0) & np.array([name is not None for name in names])
    known = np.array([name or "" for name in names])[counted]
    seen, chance = counts.observed[counted, 0], counts.chance[counted, 0]
    therapists, of = np.unique(known, return_inverse=True)
    cases = np.bincount(of, minlength=len(therapists))
    enough = cases >= FEWEST_CASES
    refused = MINIMUMS["therapists"].refusal(int(enough.sum()))
    if refused:
        return TherapistSpread(None, None, pl.DataFrame(), refused)
    share = seen[enough[of]].mean()
    excess = (np.bincount(of, seen - chance) / cases)[enough]
    # within a therapist, the error of as many cases with the share of all
    variance = max(share * (1 - share), 1e-9) / cases[enough]
    pooled = float((excess / variance).sum() / (1 / variance).sum())
    q = float(((excess - pooled) ** 2 / variance).sum())
    spread = (1 / variance).sum() - (1 / variance**2).sum() / (1 / variance).sum()
    tau2 = max((q - (len(excess) - 1)) / spread, 0.0)
    centre = float((excess / (variance + tau2)).sum() / (1 / (variance + tau2)).sum())
    kept = tau2 / (tau2 + variance)
    shrunken = centre + kept * (excess - centre)
    # the error of the centre is part of that of everybody
    error = np.sqrt(kept * variance + (1 - kept) ** 2 / (1 / (variance + tau2)).sum())
    table = pl.DataFrame(
        {
            "therapist": therapists[enough].tolist(),
            "cases": cases[enough],
            "chance": (np.bincount(of, chance) / cases)[enough],
            "excess": shrunken,
            "low": shrunken - NORMAL_95 * error,
            "high": shrunken + NORMAL_95 * error,
        }
    )
    return TherapistSpread(float(np.sqrt(tau2)), float(chi2.sf(q, len(excess) - 1)), table, None)
