"""Share of the cases with a true dip, which the ratings alone cannot give: by assumed or estimated sensitivity."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.chance_model import CountedDraws
from goldseam.cohort.minimum_table import MINIMUMS, WIDEST_INTERVAL
from goldseam.operating.rate_estimators import NORMAL_95

if TYPE_CHECKING:
    import polars as pl

STREAM = 41
SENSITIVITIES = tuple(round(0.2 + 0.05 * step, 2) for step in range(15))
PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class CorrectedShares:
    """The corrected prevalence by sensitivity, and one figure where the sensitivity was estimated.

    Attributes
    ----------
    curve : polars.DataFrame
        ``sensitivity`` (assumed share of the cases with a true dip that are flagged), ``corrected, low, high``
        (95%, for that sensitivity), ``refused``: why there is no figure.
    marks : polars.DataFrame
        ``depth_sd, sessions, sensitivity, error``: where dips of that depth (own SDs) and length lie at the cases' own
        lengths, simulated; ``corrected`` there.
    figure : tuple of float or None
        Estimate and 95% interval with the error of the estimated sensitivity carried through.
    figure_refused : str or None
        Why there is no one figure.
    """

    curve: "pl.DataFrame"
    marks: "pl.DataFrame"
    figure: tuple[float, float, float] | None
    figure_refused: str | None


def corrected_shares(
    of: Floats,
    counts: CountedDraws,
    marks: "pl.DataFrame",
    *,
    confirmed: tuple[int, int] | None,
    seed: int,
) -> CorrectedShares:
    """Correct the share of the first criterion: (observed - chance) / (sensitivity - chance).

    Parameters
    ----------
    of : ndarray of float, shape (n_cases,)
        Which cases count.
    counts : CountedDraws
        The first share is the one corrected.
    marks : polars.DataFrame
        As in `CorrectedShares`, without ``corrected``.
    confirmed : pair of int or None
        Confirmed cases that were flagged, and confirmed cases.
    seed : int
        Of the draws of an estimated sensitivity.

    Returns
    -------
    CorrectedShares
    """
    import polars as pl

    total = of.sum()
    seen, chance = float(counts.observed[:, 0].sum() / total), float(counts.chance[:, 0].sum() / total)
    rows = [_at(value, seen, chance, counts) for value in SENSITIVITIES]
    corrected = [_at(value, seen, chance, counts)["corrected"] for value in marks.get_column("sensitivity")]
    marked = marks.with_columns(corrected=pl.Series(corrected, dtype=pl.Float64))
    figure, refused = _figure(seen, chance, counts, confirmed, seed)
    return CorrectedShares(pl.DataFrame(rows, infer_schema_length=None), marked, figure, refused)


def corrected_share(seen: float, chance: float, sensitivity: float) -> float:
    """Share of the cases with a true dip (Rogan & Gladen 1978), kept within 0 and 1.

    Parameters
    ----------
    seen, chance, sensitivity : float
        Shares flagged: of all cases, of those without a true dip, of those with one (by chance or not).

    Returns
    -------
    float
    """
    return float(np.clip((seen - chance) / (sensitivity - chance), 0.0, 1.0))


def _at(
    sensitivity: float, seen: float, chance: float, counts: CountedDraws
) -> dict[str, float | str | None]:
    refused = _refusal(sensitivity, chance)
    row: dict[str, float | str | None] = {"sensitivity": sensitivity}
    if refused:
        return row | {"corrected": None, "low": None, "high": None, "refused": refused}
    value = (seen - chance) / (sensitivity - chance)
    draws = (counts.observed_draws[:, 0] - counts.chance_draws[:, 0]) / (
        sensitivity - counts.chance_draws[:, 0]
    )
    error = float(counts.chance_error[0]) / (sensitivity - chance)
    half = NORMAL_95 * float(np.sqrt(draws.var(ddof=1) + error**2))
    low, high = (float(np.clip(end, 0, 1)) for end in (value - half, value + half))
    if high - low > WIDEST_INTERVAL:
        wide = f"its interval, {low:.2f} to {high:.2f}, is wider than {WIDEST_INTERVAL:g}"
        return row | {"corrected": None, "low": None, "high": None, "refused": wide}
    return row | {
        "corrected": corrected_share(seen, chance, sensitivity),
        "low": low,
        "high": high,
        "refused": None,
    }


def _refusal(sensitivity: float, chance: float) -> str | None:
    minimum = MINIMUMS["corrected"]
    above = sensitivity - chance
    if above >= minimum.least - 1e-12:
        return None
    return f"sensitivity {sensitivity:.2f} is {above:.2f} above chance, at least {minimum.least:g} needed"


def _figure(
    seen: float, chance: float, counts: CountedDraws, confirmed: tuple[int, int] | None, seed: int
) -> tuple[tuple[float, float, float] | None, str | None]:
    """One figure where the sensitivity was estimated, its error carried through."""
    if confirmed is None:
        return None, (
            "ratings alone do not say how many true dips are found: one figure needs confirmed cases, "
            "with the question asked in unflagged sessions too"
        )
    found, of = confirmed
    refused = MINIMUMS["confirmed"].refusal(of)
    sensitivity = found / of if of else 0.0
    refused = refused or _refusal(sensitivity, chance)
    if refused:
        return None, refused
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(STREAM,))))
    many = len(counts.observed_draws)
    # each draw of the cases with many sensitivities, so that the percentiles are not those of so few
    drawn = random.beta(found + 0.5, of - found + 0.5, size=(50, many))
    noise = counts.chance_error[0] * random.standard_normal((50, many))
    by_chance = counts.chance_draws[:, 0] + noise
    above = np.maximum(drawn - by_chance, 1e-6)
    shares = np.clip((counts.observed_draws[:, 0] - by_chance) / above, 0, 1)
    low, high = (float(end) for end in np.percentile(shares, PERCENTILES))
    if high - low > WIDEST_INTERVAL:
        return None, f"its interval, {low:.2f} to {high:.2f}, is wider than {WIDEST_INTERVAL:g}"
    return (corrected_share(seen, chance, sensitivity), low, high), None
