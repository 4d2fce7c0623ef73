"""Which norms serve a table of ratings: fitted to it where it holds enough series, else the shipped ones."""

import numpy as np

from goldseam.exceptions import NormsError
from goldseam.norms.fitting import ENOUGH_SERIES, FEWEST_RATINGS, fit_norms
from goldseam.norms.scale_norms import Norms
from goldseam.series import RatingSeries


def fitted_or_shipped(series: RatingSeries, *, higher_is_better: bool) -> tuple[Norms, str]:
    """Norms fitted to the series, or the shipped ones where one of the scales and phases has too few.

    Parameters
    ----------
    series : RatingSeries
        As they were given, not turned round.
    higher_is_better : bool
        Their direction.

    Returns
    -------
    Norms
    str
        Why these.
    """
    import polars as pl

    counted = series.keys.select("scale", "phase").with_columns(
        usable=pl.Series(series.lengths >= FEWEST_RATINGS).cast(pl.Int64)
    )
    fewest = counted.group_by("scale", "phase").agg(pl.col("usable").sum()).sort("usable", "scale", "phase")
    scale, _phase, found = fewest.row(0)
    if found < ENOUGH_SERIES:
        return Norms.default(), (
            f"{found} series of scale {scale} with {FEWEST_RATINGS} or more ratings are too few to fit norms to, "
            f"{ENOUGH_SERIES} are needed"
        )
    try:
        with np.errstate(all="ignore"):
            return fit_norms(
                series, higher_is_better=higher_is_better
            ), f"fitted to these {series.n_series} series"
    except NormsError as error:
        return Norms.default(), f"norms cannot be fitted to these ratings: {error}"
