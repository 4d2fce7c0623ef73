"""From an index to a status: whose change counts, and who crossed the cut-off."""

from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.change.change_methods import NEEDS_THRESHOLD, PairFigures
from goldseam.change.change_settings import NAN, ChangeSettings
from goldseam.change.cut_offs import FunctionalCutOff, FunctionalPopulation, crossed, cut_off, statuses

if TYPE_CHECKING:
    import polars as pl

ROUNDING = 1e-9
"""Share of a stated threshold by which rounding may leave a change short of it."""


def chosen_cut_off(figures: PairFigures, settings: ChangeSettings) -> FunctionalCutOff | None:
    """The cut-off that was asked for; None where none was.

    Parameters
    ----------
    figures, settings
        As they are.

    Returns
    -------
    FunctionalCutOff or None

    Raises
    ------
    ParameterError
        As for `cut_off`.
    """
    if settings.cutoff is None:
        return None
    functional = FunctionalPopulation(
        mean=NAN if settings.functional_mean is None else settings.functional_mean,
        sd=NAN if settings.functional_sd is None else settings.functional_sd,
    )
    return cut_off(
        settings.cutoff,
        figures,
        functional,
        direction=settings.direction,
        method=settings.method,
        convention=settings.convention,
    )


def judged_columns(
    index: Floats,
    scores: tuple[Floats, Floats],
    figures: PairFigures,
    at: FunctionalCutOff | None,
    settings: ChangeSettings,
) -> "dict[str, pl.Series]":
    """Index, sides of the cut-off and status of each person.

    Parameters
    ----------
    index : ndarray, shape (n,)
        Signed as the scale is; NaN where it is not known.
    scores : pair of ndarray, shape (n,)
        Before and after.
    figures, at, settings
        As they are.

    Returns
    -------
    dict of str to polars.Series
    """
    import polars as pl

    better, worse = settings.critical_values()
    inclusive = settings.method in NEEDS_THRESHOLD
    signed = settings.direction * index
    close = 1 - ROUNDING
    improved = (signed >= better * close) if inclusive else (signed > better)
    deteriorated = (signed <= -worse * close) if inclusive else (signed < -worse)
    unknown = np.isnan(index)
    if settings.method == "PCT":
        improved, deteriorated, unknown = _from_zero(scores, improved, deteriorated, unknown, settings)
    sides = None
    if at is not None:
        sides = crossed(
            *scores,
            at,
            figures,
            direction=settings.direction,
            method=settings.method,
            critical=better,
            convention=settings.convention,
        )
    words = statuses(improved, deteriorated, sides)
    shown = [None if not known else word for word, known in zip(words, ~unknown, strict=True)]
    columns = {"index": pl.Series(index), "status": pl.Series(shown, dtype=pl.String)}
    if sides is None:
        return columns
    return {**columns, "dysfunctional_before": pl.Series(sides[0]), "functional_after": pl.Series(sides[1])}


def _from_zero(
    scores: tuple[Floats, Floats],
    improved: Flags,
    deteriorated: Flags,
    unknown: Flags,
    settings: ChangeSettings,
) -> tuple[Flags, Flags, Flags]:
    """Percentages of scores that begin at 0: the same score is unchanged, any other has none.

    The R package calls a rise from 0 improved, whichever direction is better.
    """
    pre, post = scores
    zero = pre == 0
    risen = zero & (post > 0)
    if settings.convention == "clinicalsignificance":
        return np.where(zero, risen, improved), deteriorated & ~zero, unknown & ~zero
    return improved & ~zero, deteriorated & ~zero, zero & (post != pre)
