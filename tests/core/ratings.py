"""Small tables of ratings for the tests."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt

import polars as pl

from goldseam import Norms, ScaleNorms

T1 = (5.1, 5.4, 5.2, 5.5, 3.9, 4.4, 5.3, 5.5, 5.4, 5.6)
"""The test vector of the methods literature review: one dip at session 5."""

T1_NORMS = Norms(
    name="test-vector",
    version="1",
    unit="points",
    # The vector's own terms: weight of the prior .67, shape 4, rate .441 = 4 * s0^2 * .9, so s0 = .35.
    scales=(ScaleNorms("*", (5.0,), between_sd=0.35 / sqrt(0.67), within_sd=0.35),),
    provenance="Given with the test vector.",
    empirical=False,
)


def one_series(
    values: Sequence[float | None],
    *,
    low: float | None = 1,
    high: float | None = 7,
    case: str = "A",
    sessions: Sequence[int] | None = None,
    days: Sequence[int] | None = None,
) -> pl.DataFrame:
    """One series; sessions count from 1 and days from a Monday unless given."""
    numbered = list(sessions or range(1, len(values) + 1))
    columns = {
        "case": [case] * len(values),
        "rater": "client",
        "scale": "alliance",
        "session": numbered,
        "value": pl.Series([None if v is None else float(v) for v in values], dtype=pl.Float64),
    }
    if low is not None:
        columns |= {"minimum": low, "maximum": high}
    if days is not None:
        columns |= {"date": [date(2026, 1, 5) + timedelta(days=day) for day in days]}
    return pl.DataFrame(columns)
