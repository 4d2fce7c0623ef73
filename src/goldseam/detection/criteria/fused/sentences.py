"""What each term of the evidence adds, in plain words."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.fused.assumptions import (
    FACETS,
    FAST,
    ITEMS,
    LATE,
    MEMBERS,
    SCATTER,
    SKIPPED,
    TENSION,
    THERAPIST,
    VALUE,
)

if TYPE_CHECKING:
    import polars as pl

_LEVELS = ("lower than expected", "as usual", "higher than expected")
LOWER, USUAL, HIGHER, HIGHEST = range(4)
UNUSUAL = 1.0  # SDs
NOTABLE = 1.25  # times as likely

WORDS = {
    VALUE: (*(f"rating {level}" for level in _LEVELS), "the highest possible rating"),
    ITEMS: tuple(f"lowest answer, beside the others, {level}" for level in _LEVELS),
    SCATTER: (
        "answers further apart than usual",
        "answers as far apart as usual",
        "answers closer together than usual",
    ),
    FACETS: tuple(f"other facets {level}" for level in _LEVELS),
    THERAPIST: tuple(f"therapist's own rating {level}" for level in _LEVELS),
    MEMBERS: tuple(f"other members' ratings {level}" for level in _LEVELS),
    TENSION: (
        "said there was no tension",
        "said there was a little tension",
        "said there was clearly tension",
    ),
    SKIPPED: ("left no question out", "left questions out"),
    FAST: ("took the usual time", "answered much faster than usual"),
    LATE: ("answered in time", "answered late"),
}
"""The words for each term, by how alarming it is."""


def odds_columns(added: Mapping[str, Floats]) -> "dict[str, pl.Series]":
    """How many times as likely a rupture makes each term.

    Parameters
    ----------
    added : mapping of str to ndarray of float
        What each adds to the logarithm of the odds; NaN where it is missing.

    Returns
    -------
    dict of str to polars.Series
        By ``odds_`` and the name of the term; null where it is missing.
    """
    import polars as pl

    return {f"odds_{name}": pl.Series(np.exp(each)).fill_nan(None) for name, each in added.items()}


def level_words(score: Floats) -> Floats:
    """How a number lies beside the usual ones.

    Parameters
    ----------
    score : ndarray of float, shape (n_ratings,)
        Standard normal in ordinary sessions; NaN where missing.

    Returns
    -------
    ndarray of float
        Positions in `WORDS`.
    """
    return np.select([score < -UNUSUAL, score > UNUSUAL], [LOWER, HIGHER], USUAL).astype(np.float64)


def sentence(
    odds: "Mapping[str, pl.Series]", levels: Mapping[str, Floats], not_counted: Collection[str] = ()
) -> "pl.Series":
    """All terms of each session in words, with their odds: odds of 6 make a strain 6 times as likely.

    Parameters
    ----------
    odds : mapping of str to polars.Series
        As from `odds_columns`.
    levels : mapping of str to ndarray of float
        Positions in `WORDS`, by the name of the term.
    not_counted : collection of str
        Terms that add nothing to p.

    Returns
    -------
    polars.Series
        Null where nothing but the rating is known.
    """
    import polars as pl

    parts = []
    for name, each in levels.items():
        words = pl.Series(WORDS[name], dtype=pl.String).gather(pl.Series(np.nan_to_num(each)).cast(pl.UInt32))
        factor = odds[f"odds_{name}"]
        odds_words = (
            pl.when(factor >= NOTABLE)
            .then(pl.format("speaks for a strain, {} to 1", factor.round_sig_figs(2)))
            .when(factor <= 1 / NOTABLE)
            .then(pl.format("speaks against, {} to 1", (1 / factor).round_sig_figs(2)))
            .when(factor.is_not_null())
            .then(pl.lit("says little"))
        )
        form = "{}: {}, not counted" if name in not_counted else "{}: {}"
        parts.append(pl.select(pl.format(form, words, odds_words)).to_series())
    joined = pl.select(pl.concat_str(parts, separator="; ", ignore_nulls=True)).to_series()
    return joined.set(joined == "", None)
