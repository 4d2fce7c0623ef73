"""The two scores of each person, and the figures of everybody who has both."""

from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.change.change_methods import NEEDS_RELIABILITY, REGRESSING, PairFigures
from goldseam.change.change_settings import NAN, ChangeSettings
from goldseam.exceptions import ParameterError
from goldseam.series.occasions import Occasions

if TYPE_CHECKING:
    import polars as pl

USUAL_NAMES = ("pre", "post")


def two_times(found: Occasions, pre: float | str | None, post: float | str | None) -> tuple[Any, Any]:
    """The two times that are compared, as the table has them.

    Parameters
    ----------
    found : Occasions
        What was read.
    pre, post : float or str, optional
        As for `reliable_change`.

    Returns
    -------
    tuple
        Numbers, or names.

    Raises
    ------
    ParameterError
        There are no such times, they are the same, or which are meant cannot be told.
    """
    times = found.table.get_column("time").unique().sort().to_list()
    numbers = bool(times) and not isinstance(times[0], str)
    shown = ", ".join(f"{each:.12g}" if numbers else str(each) for each in times[:12])
    chosen: list[Any] = []
    for name, given in (("pre", pre), ("post", post)):
        if given is None:
            continue
        at = _as_time(given, numbers=numbers)
        if at not in times:
            raise ParameterError("there is no rating at this time", where=name, given=given, allowed=shown)
        chosen.append(at)
    if len(chosen) == 2 and chosen[0] == chosen[1]:
        raise ParameterError("is the same time as pre", where="post", given=post, allowed="another one")
    if len(chosen) == 2:
        if numbers and chosen[1] < chosen[0]:
            allowed = f"a time after {chosen[0]:g}"
            raise ParameterError("lies before pre", where="post", given=post, allowed=allowed)
        return chosen[0], chosen[1]
    return _two_by_default(times, chosen, shown, pre, numbers=numbers)


def _two_by_default(
    times: list[Any], chosen: list[Any], shown: str, pre: float | str | None, *, numbers: bool
) -> tuple[Any, Any]:
    """The two times of a table that has just two."""
    if not numbers and {*times} == {*USUAL_NAMES}:
        return USUAL_NAMES
    if len(times) != 2 or not (numbers or chosen):
        raise ParameterError(
            "the times to compare are not stated", where="pre, post", given=shown, allowed="two of them"
        )
    if not chosen:
        return times[0], times[1]
    other = next(each for each in times if each != chosen[0])
    return (chosen[0], other) if pre is not None else (other, chosen[0])


def _as_time(given: float | str, *, numbers: bool) -> float | str | None:
    if not numbers:
        return str(given)
    try:
        return float(given)
    except ValueError:
        return None


def pairs(found: Occasions, times: tuple[Any, Any]) -> "pl.DataFrame":
    """The two scores of each person, null where missing.

    Parameters
    ----------
    found : Occasions
        What was read.
    times : tuple
        The two times.

    Returns
    -------
    polars.DataFrame
        ``person, pre, post``.
    """
    import polars as pl

    rows = pl.DataFrame({"person": pl.int_range(found.persons.height, dtype=pl.UInt32, eager=True)})
    for name, at in zip(USUAL_NAMES, times, strict=True):
        scores = found.table.filter(pl.col("time") == at).select("person", pl.col("value").alias(name))
        rows = rows.join(scores, on="person", how="left")
    return rows.sort("person")


def pair_figures(pre: Floats, post: Floats, settings: ChangeSettings) -> PairFigures:
    """Figures of the persons rated at both times.

    Parameters
    ----------
    pre, post : ndarray, shape (n,)
        Scores.
    settings : ChangeSettings
        What was said of the measure.

    Returns
    -------
    PairFigures

    Raises
    ------
    ParameterError
        The method needs an SD and there is none.
    """
    several = len(pre) > 1
    pre_sd, post_sd = (float(np.std(scores, ddof=1)) if several else NAN for scores in (pre, post))
    varying = several and pre_sd > 0 and post_sd > 0
    error_sd = settings.sd if settings.sd is not None else pre_sd
    if settings.method in NEEDS_RELIABILITY and not error_sd > 0:
        found = "there is one person" if not several else "all first scores are the same"
        allowed = "an SD that the reliability belongs to (sd, --sd), or persons who differ"
        raise ParameterError(f"{found}, so that they have no SD", where="pre", given=pre_sd, allowed=allowed)
    if settings.method == "NK" and not several and settings.convention == "published":
        allowed = "another method, or two persons or more"
        raise ParameterError(
            "has no SD of the later scores", where="method NK", given=len(pre), allowed=allowed
        )
    if settings.method in REGRESSING and not several and settings.population_mean is None:
        allowed = "population_mean (--population-mean), or two persons or more"
        raise ParameterError(
            "one person has no mean to regress to",
            where=f"method {settings.method}",
            given=len(pre),
            allowed=allowed,
        )
    pre_mean, post_mean = float(pre.mean()), float(post.mean())
    target = settings.population_mean if settings.population_mean is not None else pre_mean
    later = settings.population_post_mean if settings.population_post_mean is not None else post_mean
    reliability = settings.reliability if settings.reliability is not None else NAN
    return PairFigures(
        n=len(pre),
        pre_mean=pre_mean,
        post_mean=post_mean,
        pre_sd=pre_sd,
        post_sd=post_sd,
        error_sd=error_sd,
        correlation=float(np.corrcoef(pre, post)[0, 1]) if varying else NAN,
        reliability=reliability,
        reliability_post=settings.reliability_post if settings.reliability_post is not None else reliability,
        expected_pre=target,
        expected_post=later,
    )
