"""Norms and ratings that contradict each other: another direction, another range, another step."""

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.exceptions import NormsError
from goldseam.norms import Norms, ScaleNorms
from goldseam.norms.scale_norms import ANY
from goldseam.series import RatingSeries

# With fewer ratings, one questionnaire with an item left out may well be most of them.
FEWEST_FOR_STEP = 50
ON_A_STEP = 4  # decimal places of a step
RELATIVE = 1e-9
SAME_STEP = 0.01  # 1/12 may be written .0833


def refuse_mismatch(
    series: RatingSeries, norms: Norms, entry: ScaleNorms, served: Flags, *, higher_is_better: bool
) -> None:
    """Refuse an entry of the norms that states something else than the ratings it would serve.

    Assumed norms for any scale serve either direction: their figures are mirrored. Norms fitted to ratings, and
    entries that name a scale, are about one direction.

    Parameters
    ----------
    series : RatingSeries
        Turned round already where higher was not better.
    norms : Norms
        Named in errors.
    entry : ScaleNorms
        Of these norms.
    served : ndarray of bool, shape (n_series,)
        The series it would serve.
    higher_is_better : bool
        The direction the ratings had before.

    Raises
    ------
    NormsError
        Direction, range or step differ, or most of 50 ratings or more lie between the steps of the norms.
    """
    if entry.higher_is_better != higher_is_better and (norms.empirical or entry.scale != ANY):
        stated, read = _direction(entry.higher_is_better), _direction(higher_is_better)
        raise _error(
            series, norms, entry, served, stated=stated, given=f"ratings read as {read}", what="direction"
        )
    _refuse_other_range(series, norms, entry, served, higher_is_better=higher_is_better)
    _refuse_other_step(series, norms, entry, served)


def _refuse_other_range(
    series: RatingSeries, norms: Norms, entry: ScaleNorms, served: Flags, *, higher_is_better: bool
) -> None:
    if entry.minimum is None or entry.maximum is None:
        return
    low, high = (series.minimum, series.maximum) if higher_is_better else (-series.maximum, -series.minimum)
    tolerance = RELATIVE * (entry.maximum - entry.minimum)
    # where the ratings state none, the comparison with NaN is false
    differs = (np.abs(low - entry.minimum) > tolerance) | (np.abs(high - entry.maximum) > tolerance)
    other = np.flatnonzero(served & differs)
    if other.size:
        stated = f"the range {entry.minimum:g} to {entry.maximum:g}"
        first = int(other[0])
        given = f"ratings from {low[first] + 0.0:g} to {high[first] + 0.0:g}"
        raise _error(series, norms, entry, served & differs, stated=stated, given=given, what="range")


def _refuse_other_step(series: RatingSeries, norms: Norms, entry: ScaleNorms, served: Flags) -> None:
    if entry.assumed_person.step == 0:
        return
    steps = _steps_in_points(series, norms, entry)
    rated = served[series.series_of]
    # where the ratings state none, the comparison with NaN is false
    other = np.flatnonzero(served & (np.abs(series.step - steps) > SAME_STEP * steps))
    if other.size:
        stated, given = (f"steps of {each[other[0]]:g} points" for each in (steps, series.step))
        raise _error(series, norms, entry, served, stated=stated, given=given, what="step")
    if int(rated.sum()) < FEWEST_FOR_STEP:
        return
    off = _share_between_steps(series.value[rated] / steps[series.series_of[rated]])
    if off > 0.5:
        stated = f"steps of {np.nanmin(steps[served]):g} points"
        given = f"ratings of which {off:.0%} lie between such steps"
        raise _error(series, norms, entry, served, stated=stated, given=given, what="step")


def _steps_in_points(series: RatingSeries, norms: Norms, entry: ScaleNorms) -> Floats:
    """The step of the norms on the scale of each series."""
    steps = np.full(series.n_series, entry.assumed_person.step)
    if norms.unit == "share_of_range":
        width = series.maximum - series.minimum
        if entry.minimum is not None and entry.maximum is not None:
            width = np.where(np.isnan(width), entry.maximum - entry.minimum, width)
        steps *= width
    return steps


def _share_between_steps(in_steps: Floats) -> float:
    """The share of ratings that are no whole number of steps away from the most usual ones."""
    known = in_steps[~np.isnan(in_steps)]
    rest = np.round(known, ON_A_STEP) % 1
    _, counts = np.unique(np.round(rest, ON_A_STEP) % 1, return_counts=True)
    return 1 - int(counts.max()) / len(known) if len(known) else 0.0


def _error(
    series: RatingSeries,
    norms: Norms,
    entry: ScaleNorms,
    where: Flags,
    *,
    stated: str,
    given: str,
    what: str,
) -> NormsError:
    scale = series.keys.get_column("scale").item(int(np.flatnonzero(where)[0]))
    of = f" of {entry.measure}" if entry.measure else ""
    return NormsError(
        f"norms {norms.name} {norms.version} state {stated} for scale {scale}{of}, which is not the {what} of the "
        f"ratings: {given}",
        allowed=f"ratings and norms of one {what}",
    )


def _direction(higher_is_better: bool) -> str:  # noqa: FBT001  # the one thing it is about
    return "higher is better" if higher_is_better else "lower is better"
