"""Reliable and clinically significant change of each person between two occasions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.change.change_methods import EXPECTATIONS, PairFigures
from goldseam.change.change_result import ReliableChange, result_of
from goldseam.change.change_settings import ChangeSettings
from goldseam.change.cut_offs import FunctionalCutOff
from goldseam.change.judging import chosen_cut_off, judged_columns
from goldseam.change.score_pairs import USUAL_NAMES, pair_figures, pairs, two_times
from goldseam.exceptions import ParameterError
from goldseam.series.occasions import OccasionColumns, Occasions, read_occasions
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl


def reliable_change(
    ratings: Ratings,
    *,
    pre: float | str | None = None,
    post: float | str | None = None,
    method: str = "JT",
    convention: str = "published",
    higher_is_better: bool = True,
    reliability: float | None = None,
    reliability_post: float | None = None,
    sd: float | None = None,
    population_mean: float | None = None,
    population_post_mean: float | None = None,
    functional_mean: float | None = None,
    functional_sd: float | None = None,
    cutoff: str | float | None = None,
    threshold: float | None = None,
    threshold_worse: float | None = None,
    critical: float | None = None,
    within_error: float | None = None,
    value: str | None = None,
    time: str | None = None,
    scale: str | None = None,
    phase: str | None = None,
    group: str | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> ReliableChange:
    """Say of each person whether they changed reliably, and whether they crossed into the range of functioning.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`; a column ``id``, ``person``, ``subject``, ``patient``, ``client`` or ``participant``
        serves for ``case``, and neither ``rater`` nor ``scale`` is needed. A table with a row a person and the columns
        named by `pre` and `post` is read too.
    pre, post : float or str, optional
        The two times: sessions, or names of occasions. Where there are just two, the smaller is the first; columns
        ``pre`` and ``post`` if there are such. For *HLM* the span that is looked at.
    method : str
        *JT, GLN, HLL, EN, NK, HA, HLM, PCT* (percentage change) or *MIC* (minimal important change); formulas and
        sources in ``docs/methods/change.md``.
    convention : str
        *published*, or *clinicalsignificance*, as that R package (version 2) computes it.
    higher_is_better : bool
        Whether a high value is good.
    reliability, reliability_post : float, optional
        Of the measure, between 0 and 1; needed but for *HLM, PCT, MIC*. The second for *NK*; the first if not given.
    sd : float, optional
        The SD that the reliability belongs to, above 0; that of the first scores if not given.
    population_mean, population_post_mean : float, optional
        The mean that persons regress to, for *GLN, EN, NK, HLL*; the persons' own if not given.
    functional_mean, functional_sd : float, optional
        Of people without the disorder.
    cutoff : str or float, optional
        *a*, *b* or *c* of Jacobson and Truax, or a score; without it nobody is recovered or harmed.
    threshold, threshold_worse : float, optional
        Percent for *PCT*, points for *MIC*, above 0; the second for the worse, the first if not given.
    critical : float, optional
        Index beyond which a change counts; 1.96, for *HA* 1.65, if not given.
    within_error : float, optional
        Standard error of a score **within** a person, in points: whether the change is larger than that error lets two
        scores of one person differ is told apart from the rest.
    value, time : str, optional
        Columns of the ratings and of their times, if not ``value`` and ``session``.
    scale, phase : str, optional
        The one that is meant, where the table has several.
    group : str, optional
        A column of groups, such as arms of a trial: the counts are told of each. Means and SDs stay those of everybody.

    Returns
    -------
    ReliableChange

    Raises
    ------
    TableError
        As for `goldseam.read_ratings`; there are several scales or phases.
    ParameterError
        A parameter is needed, impossible, or would be ignored; there are no such times, nobody rated at both, or no
        SD; the functional mean lies on the wrong side.

    Examples
    --------
    >>> import goldseam
    >>> table = {"case": ["a", "b", "c"], "pre": [30, 25, 20], "post": [10, 24, 21]}
    >>> found = goldseam.reliable_change(table, reliability=0.8, higher_is_better=False)
    >>> found.persons.select("case", "status").rows()
    [('a', 'improved'), ('b', 'unchanged'), ('c', 'unchanged')]
    """
    settings = ChangeSettings(
        method=method,
        convention=convention,
        higher_is_better=higher_is_better,
        reliability=reliability,
        reliability_post=reliability_post,
        sd=sd,
        population_mean=population_mean,
        population_post_mean=population_post_mean,
        functional_mean=functional_mean,
        functional_sd=functional_sd,
        cutoff=cutoff,
        threshold=threshold,
        threshold_worse=threshold_worse,
        critical=critical,
        within_error=within_error,
        group=group,
    )
    names = _names(pre, post)
    columns = OccasionColumns(value=value, time=time, scale=scale, phase=phase, group=group)
    found = read_occasions(ratings, columns, names=names, missing=missing, outlying=outlying, reading=reading)
    if method == "HLM":
        from goldseam.change.model_change import change_by_model

        return change_by_model(found, pre, post, settings)
    first, second = two_times(found, pre, post)
    return _judged(found, (first, second), settings)


def _names(pre: float | str | None, post: float | str | None) -> Sequence[str]:
    given = [name for name in (pre, post) if name is not None]
    return [str(name) for name in given] if len(given) == 2 else USUAL_NAMES


def _judged(found: Occasions, times: tuple[Any, Any], settings: ChangeSettings) -> ReliableChange:
    """Every person by one of the methods that compare two scores."""
    table = pairs(found, times)
    complete = table.drop_nulls(["pre", "post"])
    if complete.is_empty():
        raise ParameterError(
            "nobody was rated at both times",
            where="pre, post",
            given=times,
            allowed="times that somebody has both of",
        )
    before, after = (complete.get_column(name).to_numpy() for name in USUAL_NAMES)
    figures = pair_figures(before, after, settings)
    at = chosen_cut_off(figures, settings)
    judged = complete.with_columns(**_columns(before, after, figures, at, settings))
    return result_of(found, table, judged, figures=figures, cutoff=at, settings=settings, times=times)


def _columns(
    pre: Floats, post: Floats, figures: PairFigures, at: FunctionalCutOff | None, settings: ChangeSettings
) -> "dict[str, pl.Series]":
    """What is said of each person rated at both times."""
    import polars as pl

    if settings.method == "PCT" and np.any(pre < 0):
        given = float(pre.min())
        raise ParameterError(
            "has no percentage", where="pre", given=given, allowed="scores of 0 or more for PCT"
        )
    expected, error = EXPECTATIONS[settings.method](pre, figures, settings.convention)
    better, worse = settings.critical_values()
    with np.errstate(invalid="ignore"):
        index = (post - expected) / error
    return {
        **judged_columns(index, (pre, post), figures, at, settings),
        "expected": pl.Series(expected),
        "low": pl.Series(expected - (better if settings.direction < 0 else worse) * error),
        "high": pl.Series(expected + (worse if settings.direction < 0 else better) * error),
    }
