"""Ranges of scales that nothing states, taken from the ratings and told."""

from dataclasses import replace
from warnings import warn

import numpy as np

from goldseam.exceptions import TableNote
from goldseam.series import RatingSeries

USUAL_RANGES = ((1.0, 5.0), (0.0, 4.0), (1.0, 6.0), (1.0, 7.0), (0.0, 10.0), (0.0, 40.0), (0.0, 100.0))
"""Narrowest first."""


def with_observed_ranges(series: RatingSeries) -> RatingSeries:
    """The series with a range for every scale: the narrowest usual one that holds all its ratings, else their own.

    Parameters
    ----------
    series : RatingSeries
        As they were given, not turned round.

    Returns
    -------
    RatingSeries
        Ranges that were stated stay; a scale without a single rating has one from 0 to 1, without a word.

    Warns
    -----
    TableNote
        For each scale, the range that was taken.
    """
    minimum, maximum = series.minimum.copy(), series.maximum.copy()
    scales = series.keys.get_column("scale").cast(str).to_numpy()
    unknown = np.isnan(minimum)
    told = []
    for scale in sorted({*scales[unknown]}):
        members = unknown & (scales == scale)
        values = series.value[members[series.series_of]]
        if not values.size:
            minimum[members], maximum[members] = 0.0, 1.0  # there is nothing it could change
        else:
            minimum[members], maximum[members] = low, high = _range_of(
                float(values.min()), float(values.max())
            )
            seen = f"whose ratings lie between {values.min():g} and {values.max():g}"
            told.append(f"{low:g} to {high:g} for scale {scale}, {seen}")
    if told:
        stated = "say it with columns minimum and maximum, or value_range (--range 0:10)"
        warn(
            f"no range is stated; taken {'; '.join(told)}; if it is another, {stated}",
            TableNote,
            stacklevel=3,
        )
    return replace(series, minimum=minimum, maximum=maximum)


def _range_of(lowest: float, highest: float) -> tuple[float, float]:
    for low, high in USUAL_RANGES:
        if low <= lowest and highest <= high:
            return low, high
    return lowest, highest if highest > lowest else lowest + 1.0
