"""Norms estimated from ratings, so that a few dips hardly count; see ``docs/methods/norms.md``."""

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Floats, Integers
from goldseam.exceptions import NormsError
from goldseam.norms.calibration import with_calibration
from goldseam.norms.marginal_likelihood import FEWEST_PER_SESSION, TRIM_AT, fit_person, take_series
from goldseam.norms.measurement_error import measurement_errors
from goldseam.norms.normal_scores import fit_scored_person
from goldseam.norms.scale_norms import ANY, Norms, PersonNorms, ScaleNorms
from goldseam.progress import with_progress
from goldseam.series import RatingSeries, load_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

FEWEST_SERIES = 50
ENOUGH_SERIES = 200
"""From so many on p is nearly what it says, in nearly every fit: ``benchmarks/norms``."""
FEWEST_RATINGS = 4
MOST_TRIMMED = 0.05
ROUNDS = 20
SMALLEST_BETWEEN = 0.1
ROUNDING = 1e-12
# Variance of a standard normal truncated below at -2.5: 1 - c*l - l*l with c = 2.5, l = density(c) / probability(c).
TRIMMED_VARIANCE = 0.9555943433948012


def fit_norms(
    ratings: Ratings,
    *,
    items: "pl.DataFrame | None" = None,
    name: str = "fitted",
    version: str = "1",
    higher_is_better: bool = True,
    by_rater: bool = False,
    measure: str | None = None,
    falls: bool = False,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> Norms:
    """Estimate norms from ratings, one entry per scale and phase, and per kind of rater if wished.

    Level and spread of the ratings as they are come from moments: ratings more than 2.5 pooled SDs below the
    person's own level are left out, and the variance is corrected for what that takes away from a normal
    distribution. How persons differ and move (`ScaleNorms.person`) is fitted by maximum marginal likelihood with
    outliers and jumps allowed for. So ruptures in the data hardly count.

    Parameters
    ----------
    ratings
        As for `goldseam.detect`.
    items : polars.DataFrame, optional
        A row per answer: ``case, rater, scale, session, item, value`` and optionally ``phase``, in points of the
        scale. From them comes the error of measurement within a person.
    name, version : str
        Of the norms, written into every result that used them.
    higher_is_better : bool
        The direction of the scales.
    by_rater : bool
        The column ``rater`` tells kinds of raters (``client``, ``therapist``): each with 50 usable series or more
        has an entry of its own besides the one for all.
    measure : str, optional
        The instrument that the scales belong to, written into every entry.
    falls : bool
        Lasting changes of level are taken to be falls, half as many as dips, rather than to lead either way. Norms from
        ratings with many ruptures then lie nearer to those from ratings without.
    missing, outlying
        Codes for a missing rating, and whether what looks like one is real; as for `goldseam.read_ratings`.
    reading : ReadOptions, optional
        How the table is written, where it is not the usual way.

    Returns
    -------
    Norms
        Shares of the range where every series states its range, else points.

    Raises
    ------
    TableError
        The ratings cannot be used.
    NormsError
        A scale has fewer than 50 series with 4 or more ratings, or its ratings never vary.
    """
    given = load_series(ratings, missing=missing, outlying=outlying, reading=reading)
    series = given if higher_is_better else given.reversed()
    shares = not np.isnan(series.minimum).any()
    samples = [_sample(series, group, shares=shares) for group in _groups(series, by_rater=by_rater)]
    errors = _measurement_errors(items, samples)
    pooled = [each for each in samples if each.rater == ANY]
    return Norms(
        name=name,
        version=version,
        unit="share_of_range" if shares else "points",
        scales=tuple(
            replace(
                _scale_norms(each, errors, higher_is_better=higher_is_better, falls=falls), measure=measure
            )
            for each in with_progress(samples, "fitting norms")
        ),
        provenance="Fitted by trimmed moments and marginal likelihood to "
        f"{sum(each.n_series for each in pooled)} series with {sum(len(each.value) for each in pooled)} ratings."
        + (" Lasting changes of level were taken to be falls." if falls else ""),
        empirical=True,
    )


@dataclass(frozen=True, eq=False)
class _GroupRatings:
    """The usable ratings of one scale, phase and kind of rater, higher is better.

    `value, session, series` have shape (n_ratings,): in shares of the range where `shares` holds, else in points; from
    1 on; numbered from 0. `rows` are the same series in the same unit.
    """

    scale: str
    phase: str
    rater: str
    shares: bool
    minimum: float | None
    maximum: float | None
    value: Floats
    session: Integers
    series: Integers
    n_series: int
    rows: RatingSeries


NormGroup = tuple[str, str | None, str]


def _groups(series: RatingSeries, *, by_rater: bool) -> list[NormGroup]:
    """Scale, phase and rater of the entries: any rater, and kinds of raters with enough series."""
    import polars as pl

    kinds = series.keys.select("scale", "phase").unique().sort("scale", "phase").rows()
    groups = [(scale, phase, ANY) for scale, phase in kinds]
    if not by_rater:
        return groups
    usable = series.keys.filter(pl.Series(series.lengths >= FEWEST_RATINGS))
    counted = usable.group_by("scale", "phase", "rater").len().filter(pl.col("len") >= FEWEST_SERIES)
    return groups + counted.select("scale", "phase", "rater").sort("scale", "phase", "rater").rows()


def _measurement_errors(
    items: "pl.DataFrame | None", samples: list[_GroupRatings]
) -> dict[tuple[str, str, str], float]:
    """The error of measurement of each scale, phase and kind of rater."""
    import polars as pl

    found: dict[tuple[str, str, str], float] = {}
    if items is None:
        return found
    for rater in sorted({each.rater for each in samples}):
        all_raters = rater == ANY or "rater" not in items.columns
        answers = items if all_raters else items.filter(pl.col("rater") == rater)
        found |= {(*key, rater): error for key, error in measurement_errors(answers).items()}
    return found


def _sample(series: RatingSeries, group: NormGroup, *, shares: bool) -> _GroupRatings:
    scale, phase, rater = group
    members = _members(series, *group)
    usable = members & (series.lengths >= FEWEST_RATINGS)
    found = int(usable.sum())
    if found < FEWEST_SERIES:
        raise NormsError(
            f"too few series with {FEWEST_RATINGS} or more ratings",
            where=f"scale {scale}" if phase is None else f"scale {scale}, phase {phase}",
            given=found,
            allowed=f"{FEWEST_SERIES} or more",
        )
    rated = usable[series.series_of]
    owner = series.series_of[rated]
    low, high = series.minimum[owner], series.maximum[owner]
    value = (series.value[rated] - low) / (high - low) if shares else series.value[rated]
    one_range = len({*zip(series.minimum[members], series.maximum[members], strict=True)}) == 1
    known = one_range and not np.isnan(series.minimum[members]).any()
    return _GroupRatings(
        scale=str(scale),
        phase=ANY if phase is None else str(phase),
        rater=rater,
        shares=shares,
        minimum=float(low[0]) if known else None,
        maximum=float(high[0]) if known else None,
        value=value,
        session=series.session[rated],
        series=np.unique(owner, return_inverse=True)[1],
        n_series=found,
        rows=_in_shares(take_series(series, np.flatnonzero(usable)), shares=shares),
    )


def _in_shares(series: RatingSeries, *, shares: bool) -> RatingSeries:
    """The series in the unit of the norms; ends of the scale as shares are 0 and 1."""
    if not shares:
        return series
    low, span = series.minimum, series.maximum - series.minimum
    value = (series.value - low[series.series_of]) / span[series.series_of]
    return replace(
        series, value=value, minimum=np.zeros_like(low), maximum=np.ones_like(low), step=series.step / span
    )


def _members(series: RatingSeries, scale: str, phase: str | None, rater: str) -> NDArray[np.bool_]:
    """Which series are of that scale, phase and rater."""
    keys = series.keys
    same = keys.get_column("scale").eq_missing(scale) & keys.get_column("phase").eq_missing(phase)
    if rater != ANY:
        same &= keys.get_column("rater") == rater
    return same.to_numpy()


def _scale_norms(
    sample: _GroupRatings, errors: dict[tuple[str, str, str], float], *, higher_is_better: bool, falls: bool
) -> ScaleNorms:
    """The norms of one scale, stated in the direction the ratings had."""
    between, within, kept = _trimmed_sds(sample)
    course = _mean_course(sample, kept)
    person = with_calibration(
        fit_person(sample.rows, PersonNorms(course, between, within), falls=falls), sample.rows
    )
    scored = fit_scored_person(sample.rows, person, falls=falls)
    low, high = sample.minimum, sample.maximum
    error = errors.get((sample.scale, sample.phase, sample.rater))
    if not higher_is_better:
        course = _reversed_course(course, shares=sample.shares)
        person = _reversed_person(person, shares=sample.shares)
        scored = None if scored is None else _reversed_person(scored, shares=sample.shares)
        low, high = (None if bound is None else 0.0 - bound for bound in (high, low))
    return ScaleNorms(
        scale=sample.scale,
        phase=sample.phase,
        rater=sample.rater,
        mean_course=course,
        between_sd=between,
        within_sd=within,
        measurement_error=_in_unit(error, sample),
        minimum=low,
        maximum=high,
        higher_is_better=higher_is_better,
        person=person,
        scored_person=scored,
        ceiling_share=_ceiling_share(sample.rows),
    )


def _reversed_person(person: PersonNorms, *, shares: bool) -> PersonNorms:
    course, *table = (
        _reversed_course(each, shares=shares) for each in (person.mean_course, person.points, person.scores)
    )
    points, scores = (each[::-1] for each in table)
    return replace(person, mean_course=course, points=points, scores=scores)


def _reversed_course(course: tuple[float, ...], *, shares: bool) -> tuple[float, ...]:
    return tuple(1 - mean if shares else -mean for mean in course)


def _in_unit(error: float | None, sample: _GroupRatings) -> float | None:
    """An error in points, in the unit of the norms; None where the ranges differ or nothing ever differed."""
    if not error or not sample.shares:
        return error or None
    low, high = sample.minimum, sample.maximum
    return None if low is None or high is None else error / (high - low)


def _ceiling_share(series: RatingSeries) -> float | None:
    """Share of the ratings at the best end; None where that end is not known."""
    if np.isnan(series.maximum).any():
        return None
    return float((series.value >= series.maximum[series.series_of]).mean())


def _trimmed_sds(sample: _GroupRatings) -> tuple[float, float, NDArray[np.bool_]]:
    """SD between persons, SD within a person, and the ratings that were kept: trimmed below, and the SD corrected."""
    kept = np.ones(len(sample.value), np.bool_)
    within, nothing = _pooled_sd(sample, kept), ROUNDING * float(np.abs(sample.value).max())
    for _ in range(ROUNDS):
        if within <= nothing:
            where = f"scale {sample.scale}, phase {sample.phase}"
            raise NormsError("the ratings never vary within a person", where=where)
        level, _ = _person_means(sample, kept)
        deviation = sample.value - level[sample.series]
        # skewed ratings, as at the end of a scale, would otherwise be trimmed again and again until none differs
        again = deviation > min(-TRIM_AT * within, float(np.quantile(deviation, MOST_TRIMMED))) - nothing
        if (again == kept).all():
            break
        kept = again
        within = _pooled_sd(sample, kept)
    level, count = _person_means(sample, kept)
    between = float(level.var(ddof=1) - within**2 * (1 / count).mean())
    return sqrt(max(between, (SMALLEST_BETWEEN * within) ** 2)), within, kept


def _pooled_sd(sample: _GroupRatings, kept: NDArray[np.bool_]) -> float:
    """Pooled SD of the kept ratings around the persons' own means, corrected for what was cut off."""
    level, count = _person_means(sample, kept)
    squares = float(((sample.value - level[sample.series])[kept] ** 2).sum())
    variance = squares / float((count - 1).sum())
    return sqrt(variance if kept.all() else variance / TRIMMED_VARIANCE)


def _person_means(sample: _GroupRatings, kept: NDArray[np.bool_]) -> tuple[Floats, Integers]:
    """Mean and number of the kept ratings of each series."""
    owner = sample.series[kept]
    count = np.bincount(owner, minlength=sample.n_series)
    return np.bincount(owner, weights=sample.value[kept], minlength=sample.n_series) / count, count


def _mean_course(sample: _GroupRatings, kept: NDArray[np.bool_]) -> tuple[float, ...]:
    """Mean of the kept ratings at session 1, 2, ... as far as each session has enough of them."""
    session, value = sample.session[kept], sample.value[kept]
    early = session <= len(value)
    count = np.bincount(session[early])[1:]
    total = np.bincount(session[early], weights=value[early])[1:]
    enough = int(np.append(count < FEWEST_PER_SESSION, True).argmax())
    if not enough:
        return (float(value.mean()),)
    return tuple(float(mean) for mean in total[:enough] / count[:enough])
