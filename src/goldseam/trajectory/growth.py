"""Growth models: one course for all, and how each person's own differs from it in level and slope."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.mixed_model import MixedModel, fit_mixed
from goldseam.series.occasions import OccasionColumns, Occasions, read_occasions, several_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.trajectory.time_courses import TimeCourse, too_alike
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

ESTIMATED, NOT_ENOUGH = "estimated", "not enough data"
SMALLEST_SHARE = 1e-12
"""Residual variance as a share of all variance below which ratings lie on lines, and nothing is left to estimate."""
ON_LINES = "the ratings lie on the persons' courses, and nothing is left to estimate an error from"


@dataclass(frozen=True, eq=False, repr=False)
class GrowthModel(ShownResult):
    """A fitted growth model.

    Attributes
    ----------
    status : str
        *estimated* or *not enough data*.
    reason : str or None
        Why there is not enough.
    course : TimeCourse
        The form of the course.
    restricted : bool
        Whether fitted by restricted maximum likelihood (REML), else by maximum likelihood (ML).
    fixed : polars.DataFrame
        ``term, estimate, standard_error``: the average course; in points, per unit of time.
    intercept_sd, slope_sd, correlation, residual_sd : float
        Of the persons' own deviations, and of ratings around the own courses; NaN where not estimated.
    log_likelihood : float
        All constants included.
    n_persons, n_ratings, n_missing : int
        Persons rated at least once, their ratings, and rows without one.
    singular : bool
        Whether a variance is estimated as 0, or the correlation as 1 or -1: the data do not tell these parts apart.
    converged : bool
        Whether the search came to an end.
    persons : polars.DataFrame
        A row a person: ``n_rated``, own ``intercept`` and ``slope`` (of the first term) with their errors, ``expected``
        at the own first and last rating.
    courses : polars.DataFrame
        A row a person and time of a rating: ``value``, ``expected``, ``error``: the own course, shrunken.
    model : MixedModel or None
        The fit itself; its groups are the persons rated, in the order of `persons`.
    """

    status: str
    reason: str | None
    course: TimeCourse
    restricted: bool
    fixed: "pl.DataFrame"
    intercept_sd: float
    slope_sd: float
    correlation: float
    residual_sd: float
    log_likelihood: float
    n_persons: int
    n_ratings: int
    n_missing: int
    singular: bool
    converged: bool
    persons: "pl.DataFrame"
    courses: "pl.DataFrame"
    model: MixedModel | None = field(repr=False, default=None)

    def estimates(self) -> dict[str, Any]:
        """Everything but the tables of persons, ready for JSON.

        Returns
        -------
        dict
            Figures that are not known are None.
        """
        figures = ("intercept_sd", "slope_sd", "correlation", "residual_sd", "log_likelihood")
        parameters = len(self.course.terms) + 4
        known = {name: _or_none(getattr(self, name)) for name in figures}
        likelihood = known["log_likelihood"]
        return {
            "format": "goldseam-growth-1",
            "status": self.status,
            "reason": self.reason,
            "course": self.course.form,
            "knot": self.course.knot,
            "method": self.method,
            "fixed": self.fixed.to_dicts(),
            **known,
            "deviance": None if likelihood is None else -2 * likelihood,
            "aic": None if likelihood is None else 2 * parameters - 2 * likelihood,
            "n_parameters": parameters,
            "n_persons": self.n_persons,
            "n_ratings": self.n_ratings,
            "n_missing": self.n_missing,
            "singular": self.singular,
            "converged": self.converged,
        }

    @property
    def method(self) -> str:
        """REML or ML."""
        return "REML" if self.restricted else "ML"

    def summary(self) -> str:
        """What was estimated, in a few lines.

        Returns
        -------
        str
        """
        of = f"{counted(self.n_persons, 'person')}, {counted(self.n_ratings, 'rating')}"
        head = f"Growth model, {self.course.form}, {self.method}: {of}"
        head += several_series(self.persons)
        if self.status != ESTIMATED:
            return f"{head}\n{self.status}: {self.reason}"
        terms = ", ".join(
            f"{term} {value:.6g} (SE {error:.4g})" for term, value, error in self.fixed.iter_rows()
        )
        own = f"between persons: SD of intercept {self.intercept_sd:.4g}, of slope {self.slope_sd:.4g}"
        if np.isfinite(self.correlation):
            own += f", correlation {self.correlation:.3f}"
        lines = [head, terms, f"{own}; residual SD {self.residual_sd:.4g}"]
        lines.append(f"log-likelihood {self.log_likelihood:.6f}")
        if self.singular:
            lines.append(
                "singular fit: a variance is estimated as 0 or the correlation as 1 or -1, so that the data do not "
                "tell apart how persons differ in level and slope"
            )
        if not self.converged:
            lines.append("the search for the variances did not come to an end: take no figure from this")
        return "\n".join(lines)

    def plot(self) -> Any:
        """Own courses, thin, and the average one.

        Returns
        -------
        altair.LayerChart or None
            None where nothing was estimated.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.trajectory.growth_chart import growth_chart

        return growth_chart(self.courses, self.fixed, self.course)

    def _main_table(self) -> "pl.DataFrame":
        return self.persons


def fit_growth(
    ratings: Ratings,
    *,
    course: str = "linear",
    knot: float | None = None,
    restricted: bool = True,
    value: str | None = None,
    time: str | None = None,
    scale: str | None = None,
    phase: str | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> GrowthModel:
    """Fit a growth model: an average course, and each person's own deviation in level and slope.

    With value y of person i at time t, y = b0 + u0i + (b1 + u1i) f(t) + ... + e; (u0i, u1i) normal with any covariance,
    e normal with one variance. As ``lmer(value ~ f(t) + ... + (f(t) | person))`` of the R package lme4 (Bates et al.
    2015, J Stat Softw 67(1)).

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`; a column ``id``, ``person``, ``subject``, ``patient``, ``client`` or ``participant``
        serves for ``case``, and neither ``rater`` nor ``scale`` is needed.
    course : str
        *linear*, *log*, *quadratic* or *piecewise*, see `TimeCourse`.
    knot : float, optional
        Where a piecewise course may bend, in the unit of time.
    restricted : bool
        REML if true, ML if not. Fits with different fixed terms can be compared by ML alone.
    value, time : str, optional
        Columns of the ratings and of their times, if not ``value`` and ``session``. Times are any finite numbers.
    scale, phase : str, optional
        The one that is meant, where the table has several.

    Returns
    -------
    GrowthModel
        *not enough data* with fewer than 3 persons rated at 2 times or more, no more ratings than random effects, or
        ratings without any variation around lines.

    Raises
    ------
    TableError
        As for `goldseam.read_ratings`; a time is missing or is no number; there are several scales or phases.
    ParameterError
        There is no such course, or times or knot do not suit it.

    Examples
    --------
    >>> import goldseam
    >>> ratings = goldseam.simulate(cases=40, sessions=8, seed=1).ratings
    >>> goldseam.fit_growth(ratings).status
    'estimated'
    """
    form = TimeCourse(form=course, knot=knot)
    columns = OccasionColumns(value=value, time=time, scale=scale, phase=phase)
    found = read_occasions(ratings, columns, missing=missing, outlying=outlying, reading=reading)
    return growth_of(found, form, restricted=restricted)


def growth_of(found: Occasions, course: TimeCourse, *, restricted: bool = True) -> GrowthModel:
    """The growth model of ratings that were read already.

    Parameters
    ----------
    found : Occasions
        With numbers as times.
    course, restricted
        As for `fit_growth`.

    Returns
    -------
    GrowthModel
    """
    rated = found.table.drop_nulls("value")
    person = rated.get_column("person").to_numpy().astype(np.int64)
    time, value = rated.get_column("time").to_numpy(), rated.get_column("value").to_numpy()
    n_missing = found.table.height - rated.height
    if len(value):
        course.check_knot(time)
    x = course.predictors(time) if len(value) else np.empty((0, len(course.terms)))
    reason = _why_not(person, time, value, x)
    if reason is not None:
        return _empty(found, course, reason, restricted=restricted, counts=(person, n_missing))
    known, group = np.unique(person, return_inverse=True)
    # around the means, since the squares of days from 1970 on would leave no digits for the rest
    centring = np.eye(x.shape[1])
    centring[0, 1:] = -x[:, 1:].mean(axis=0)
    centred = np.column_stack([x[:, :1], x[:, 1:] + centring[0, 1:]])
    level = float(value.mean())
    model = fit_mixed(value - level, centred, centred[:, :2], group, restricted=restricted)
    model = model.in_terms_of(centring).raised(level)
    if not model.residual_variance > SMALLEST_SHARE * float(np.var(value)):
        return _empty(found, course, ON_LINES, restricted=restricted, counts=(person, n_missing))
    return _described(found, course, model, (known, group, time, value), restricted=restricted)


def _why_not(person: Integers, time: Floats, value: Floats, x: Floats) -> str | None:
    """Why nothing can be estimated; None where it can."""
    if len(value) == 0:
        return "no ratings"
    pairs = np.unique(np.column_stack([person, time]), axis=0)
    several = int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum())
    if several < 3:
        return f"{several} persons rated at two times or more, at least 3 needed"
    n_random = 2 * len(np.unique(person))
    if len(value) <= n_random:
        return f"{len(value)} ratings, more than {n_random} needed: an intercept and a slope for each person"
    if np.ptp(value) == 0:
        return "all ratings are the same"
    scaled = x / np.sqrt(np.mean(x**2, axis=0))
    if np.linalg.matrix_rank(scaled, tol=1e-9 * np.sqrt(len(x))) < x.shape[1]:
        return too_alike(time, x)
    left = value - scaled @ np.linalg.lstsq(scaled, value, rcond=None)[0]
    return ON_LINES if left @ left <= SMALLEST_SHARE * len(value) * np.var(value) else None


def _described(
    found: Occasions,
    course: TimeCourse,
    model: MixedModel,
    rated: tuple[Integers, Integers, Floats, Floats],
    *,
    restricted: bool,
) -> GrowthModel:
    import polars as pl

    known, _group, _time, value = rated
    sds = np.sqrt(np.diag(model.random_covariance))
    product = float(sds[0] * sds[1])
    errors = np.sqrt(np.diag(model.fixed_covariance))
    courses = _courses(found, course, model, rated)
    return GrowthModel(
        status=ESTIMATED,
        reason=None,
        course=course,
        restricted=restricted,
        fixed=pl.DataFrame({"term": course.terms, "estimate": model.fixed, "standard_error": errors}),
        intercept_sd=float(sds[0]),
        slope_sd=float(sds[1]),
        correlation=float(model.random_covariance[0, 1]) / product if product > 0 else float("nan"),
        residual_sd=float(np.sqrt(model.residual_variance)),
        log_likelihood=model.log_likelihood,
        n_persons=len(known),
        n_ratings=len(value),
        n_missing=found.table.height - len(value),
        singular=model.singular,
        converged=model.converged,
        persons=_persons(found, model, known, courses),
        courses=found.persons.with_row_index("person")
        .join(courses, on="person", maintain_order="right")
        .drop("person"),
        model=model,
    )


def _courses(
    found: Occasions,
    course: TimeCourse,
    model: MixedModel,
    rated: tuple[Integers, Integers, Floats, Floats],
) -> "pl.DataFrame":
    """The own course at each rating, with its error."""
    import polars as pl

    known, group, time, value = rated
    x = course.predictors(time)
    z = x[:, :2]
    left = x - np.einsum("nq,nqp->np", z, model.carried[group])
    of_fixed = np.einsum("np,pr,nr->n", left, model.fixed_covariance, left)
    variance = of_fixed + np.einsum("nq,nqr,nr->n", z, model.conditional_covariance[group], z)
    expected = x @ model.fixed + np.sum(z * model.random[group], axis=1)
    return pl.DataFrame(
        {
            "person": pl.Series(known[group], dtype=found.table.schema["person"]),
            "time": time,
            "value": value,
            "expected": expected,
            "error": np.sqrt(variance),
        }
    )


def _persons(found: Occasions, model: MixedModel, known: Integers, courses: "pl.DataFrame") -> "pl.DataFrame":
    """Each person's own intercept and slope, their errors, and where the own course begins and ends."""
    import polars as pl

    size = model.fixed.shape[0]
    units = np.eye(size)[:2]
    own = model.fixed[:2] + model.random
    errors = [np.sqrt(model.prediction_variance(unit, unit[:2])) for unit in units]
    figures = pl.DataFrame(
        {
            "person": pl.Series(known, dtype=found.table.schema["person"]),
            "intercept": own[:, 0],
            "intercept_error": errors[0],
            "slope": own[:, 1],
            "slope_error": errors[1],
        }
    )
    ends = courses.group_by("person").agg(
        n_rated=pl.len(),
        first_time=pl.col("time").first(),
        last_time=pl.col("time").last(),
        expected_first=pl.col("expected").first(),
        expected_last=pl.col("expected").last(),
    )
    rows = found.persons.with_row_index("person").join(figures, on="person", how="left")
    return (
        rows.join(ends, on="person", how="left")
        .with_columns(pl.col("n_rated").fill_null(0).cast(pl.Int64))
        .sort("person")
        .drop("person")
    )


def _empty(
    found: Occasions,
    course: TimeCourse,
    reason: str,
    *,
    restricted: bool,
    counts: tuple[Integers, int],
) -> GrowthModel:
    """What is said where nothing can be estimated."""
    import polars as pl

    person, n_missing = counts
    unknown = float("nan")
    return GrowthModel(
        status=NOT_ENOUGH,
        reason=reason,
        course=course,
        restricted=restricted,
        fixed=pl.DataFrame(schema={"term": pl.String, "estimate": pl.Float64, "standard_error": pl.Float64}),
        intercept_sd=unknown,
        slope_sd=unknown,
        correlation=unknown,
        residual_sd=unknown,
        log_likelihood=unknown,
        n_persons=len(np.unique(person)),
        n_ratings=len(person),
        n_missing=n_missing,
        singular=False,
        converged=False,
        persons=found.persons,
        courses=found.table.clear(),
    )


def _or_none(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
