"""What each piece of evidence adds, in plain words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from goldseam.detection.fused.assumed import (
    FACETS,
    FAST,
    ITEMS,
    LATE,
    MEMBERS,
    SKIPPED,
    TENSION,
    THERAPIST,
    VALUE,
)
from goldseam.series import Floats

if TYPE_CHECKING:
    import polars as pl

NAMES = {
    VALUE: "rating",
    ITEMS: "lowest answer beside the others",
    FACETS: "other facets",
    THERAPIST: "therapist's own rating",
    MEMBERS: "other members' ratings",
}
ANSWERS = {
    TENSION: ("no tension", "a little tension", "clearly tension"),
    SKIPPED: ("no question left out", "questions left out"),
    FAST: ("not answered faster than usual", "answered much faster than usual"),
    LATE: ("answered in time", "answered late"),
}
MARKED = 1.0


def odds_columns(added: Mapping[str, Floats]) -> "dict[str, pl.Series]":
    """How many times as likely a rupture makes each piece.

    Parameters
    ----------
    added : mapping of str to ndarray of float
        What each adds to the logarithm of the odds; NaN where it is missing.

    Returns
    -------
    dict of str to polars.Series
        By ``odds_`` and the name of the piece; null where it is missing.
    """
    import polars as pl

    return {f"odds_{name}": pl.Series(np.exp(each)).fill_nan(None) for name, each in added.items()}


def sentence(
    odds: "Mapping[str, pl.Series]", scores: Mapping[str, Floats], answers: Mapping[str, Floats]
) -> "pl.Series":
    """All pieces of each session in words, with how many times as likely a rupture makes them.

    Parameters
    ----------
    odds : mapping of str to polars.Series
        As from `odds_columns`.
    scores : mapping of str to ndarray of float
        Of the pieces that are numbers.
    answers : mapping of str to ndarray of float
        Of those that are categories.

    Returns
    -------
    polars.Series
        Null where nothing but the rating is known.
    """
    import polars as pl

    found = {**{name: _level(each) for name, each in scores.items()}, **answers}
    words = {**{name: _levels(name) for name in scores}, **ANSWERS}
    parts = []
    for name, each in found.items():
        factor = odds[f"odds_{name}"]
        code = pl.Series(np.nan_to_num(each)).cast(pl.UInt32)
        phrase = pl.Series(words[name], dtype=pl.String).gather(code)
        shown = factor.round_sig_figs(2).cast(pl.String)
        parts.append(pl.select(pl.format("{}: {} times as likely", phrase, shown)).to_series())
    joined = pl.select(pl.concat_str(parts, separator="; ", ignore_nulls=True)).to_series()
    return joined.set(joined == "", None)


def _levels(name: str) -> tuple[str, ...]:
    return tuple(
        f"{NAMES[name]} {level}" for level in ("lower than expected", "as usual", "higher than expected")
    )


def _level(score: Floats) -> Floats:
    return np.select([score < -MARKED, score > MARKED], [0.0, 2.0], 1.0)
