"""The course to be expected from a person's first rating, and whether later ratings are on track."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.exceptions import ParameterError
from goldseam.series.occasions import OccasionColumns, Occasions, read_occasions
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.trajectory.course_prediction import CoursePrediction
from goldseam.trajectory.growth import ESTIMATED, GrowthModel, growth_of
from goldseam.trajectory.looks import (
    BAND,
    Looks,
    band_calibration,
    called_rates,
    highest_limit,
    poor_endings,
    sorted_ends,
)
from goldseam.trajectory.time_courses import TimeCourse
from goldseam.trajectory.track_rule import (
    NOT_ON_TRACK,
    NOT_SAID,
    ON_TRACK,
    START,
    TrackCalibration,
    TrackRate,
    TrackRule,
    known_or_none,
)

if TYPE_CHECKING:
    import polars as pl

FEWEST_COURSES = 200
"""Finished courses from which on anything is said."""

FOLDS = 5
AUTO = ("linear", "log")


@dataclass(frozen=True, eq=False, repr=False)
class ExpectedCourse(ShownResult):
    """What finished courses lead one to expect of a course from its first rating.

    Attributes
    ----------
    status : str
        *estimated* or *may not be said*.
    reason : str or None
        Why it may not.
    growth : GrowthModel
        The model, of all courses however short.
    higher_is_better : bool
        The direction of the scale.
    limit : float
        How many SDs of the prediction below the expected rating *not on track* begins; negative, NaN where nothing is
        said.
    rates : polars.DataFrame
        ``up_to, n_looks, per_look, n_cases, per_case``: share of held-out looks that were called not on track, and
        chance that a held-out course which runs until then is called so at any of them.
    calibration : polars.DataFrame
        ``start, n_looks, below, inside, above``: where held-out ratings lay of the central 80% band, by level of the
        start.
    poor_share : float
        Share of the courses that ended poorly.
    predictive_value : float
        Share of the held-out courses called not on track, before their last rating, that ended poorly; NaN without any.
    n_called : int
        Courses that this rests on.
    """

    status: str
    reason: str | None
    growth: GrowthModel
    higher_is_better: bool
    limit: float
    rates: "pl.DataFrame"
    calibration: "pl.DataFrame"
    poor_share: float
    predictive_value: float
    n_called: int
    columns: OccasionColumns = field(default_factory=OccasionColumns)

    def judge(
        self,
        ratings: Ratings,
        *,
        missing: MissingRatings = (),
        outlying: str | None = None,
        reading: ReadOptions | None = None,
    ) -> "pl.DataFrame":
        """Whether each rating of these courses is on track.

        Parameters
        ----------
        ratings, missing, outlying, reading
            As for `expected_course`, with the same columns.

        Returns
        -------
        polars.DataFrame
            A row a rating: the person, ``time, value, expected, low, high`` (the central 80%, within the range of the
            scale where that is known), ``z`` (positive is better than expected) and ``verdict``: *start*, *on track*,
            *not on track*, *may not be said*.

        Raises
        ------
        TableError
            As for `goldseam.fit_growth`.
        """
        import polars as pl

        found = read_occasions(ratings, self.columns, missing=missing, outlying=outlying, reading=reading)
        looks = Looks.of(found, 1 if self.higher_is_better else -1)
        count = len(looks.value)
        mean, sd = (np.full(count, np.nan) for _ in range(2))
        if self.status == ESTIMATED and count:
            mean, sd = CoursePrediction.of(self.growth).at(looks.start_time, looks.start, looks.time)
        z = (looks.value - mean) / sd
        sign = 1 if self.higher_is_better else -1
        ends = sorted_ends(sign * (mean - BAND * sd), sign * (mean + BAND * sd), found)
        z[looks.first] = np.nan
        verdict = np.select(
            [looks.first, np.isnan(z), z < self.limit], [START, NOT_SAID, NOT_ON_TRACK], ON_TRACK
        )
        rows = pl.DataFrame(
            {
                "person": pl.Series(looks.person, dtype=pl.UInt32),
                "time": looks.time,
                "value": sign * looks.value,
                "expected": np.where(looks.first, np.nan, sign * mean),
                "low": np.where(looks.first, np.nan, ends[0]),
                "high": np.where(looks.first, np.nan, ends[1]),
                "z": z,
                "verdict": verdict,
            },
            nan_to_null=True,
        )
        named = found.persons.with_row_index("person")
        return rows.join(named, on="person", maintain_order="left").select(
            *found.persons.columns, pl.exclude("person", *found.persons.columns)
        )

    def rule(self, *, minimum: float, maximum: float) -> TrackRule:
        """What is kept of it, to judge single courses by.

        Parameters
        ----------
        minimum, maximum : float
            Of the scale.

        Returns
        -------
        TrackRule

        Raises
        ------
        ParameterError
            Nothing may be said.
        """
        if self.status != ESTIMATED:
            raise ParameterError(
                "nothing may be said", where="rule", given=self.reason, allowed="an estimated course"
            )
        return TrackRule(
            prediction=CoursePrediction.of(self.growth),
            limit=float(self.limit),
            higher_is_better=self.higher_is_better,
            rates=tuple(TrackRate(*row) for row in self.rates.iter_rows()),
            calibration=tuple(TrackCalibration(*row) for row in self.calibration.iter_rows()),
            poor_share=self.poor_share,
            predictive_value=known_or_none(self.predictive_value),
            n_called=self.n_called,
            n_courses=self.growth.n_persons,
            minimum=minimum,
            maximum=maximum,
        )

    def summary(self) -> str:
        """What is expected, and how often courses are called not on track.

        Returns
        -------
        str
        """
        head = f"Expected course, {self.growth.course.form}: {self.growth.n_persons} courses"
        if self.status != ESTIMATED:
            return f"{head}\n{self.status}: {self.reason}"
        lines = [
            head,
            f"not on track from {-self.limit:.2f} SD of the prediction below the expected rating on",
        ]
        lines += [
            f"up to {up_to}: {per_look:.1%} of {n_looks} looks, {per_case:.1%} of {n_cases} courses over all looks"
            for up_to, n_looks, per_look, n_cases, per_case in self.rates.iter_rows()
        ]
        value = f"{self.predictive_value:.0%}" if np.isfinite(self.predictive_value) else "not known"
        lines.append(
            f"{self.poor_share:.1%} of the courses ended poorly; of the {self.n_called} called before their last "
            f"rating {value} did"
        )
        return "\n".join(lines)

    def plot(self) -> Any:
        """What is expected after the average first rating, with the central 80%.

        Returns
        -------
        altair.LayerChart or None
            None where nothing is said.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.trajectory.growth_chart import band_chart

        return band_chart(self._after_the_average_start()) if self.status == ESTIMATED else None

    def _after_the_average_start(self) -> "pl.DataFrame":
        import polars as pl

        times = np.unique(self.growth.courses.get_column("time").to_numpy())
        first = np.full_like(times, times[0])
        start = self.growth.course.predictors(first) @ self.growth.fixed.get_column("estimate").to_numpy()
        mean, sd = CoursePrediction.of(self.growth).at(first, start, times)
        sign = 1 if self.higher_is_better else -1
        ends = {"low": sign * (mean - BAND * sd), "high": sign * (mean + BAND * sd)}
        return pl.DataFrame({"time": times, "expected": sign * mean, **ends})[1:]

    def _main_table(self) -> "pl.DataFrame":
        return self.rates


def expected_course(
    ratings: Ratings,
    *,
    higher_is_better: bool = True,
    course: str = "auto",
    knot: float | None = None,
    per_case: float = 0.1,
    seed: int = 1,
    value: str | None = None,
    time: str | None = None,
    scale: str | None = None,
    phase: str | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> ExpectedCourse:
    """Learn from finished courses what to expect from a first rating, and when a course is not on track.

    The model is fitted by likelihood to all courses, those that ended early too. A prediction from the first rating
    holds the error of the average course, the own level and slope that a single rating leaves open, and the scatter of
    ratings. *Not on track* begins so far below that, with 95% confidence, at most `per_case` of the courses that run so
    long are called so at any of their looks up to time 15; those that ended earlier are censored. The rates told are
    those of courses left out of the fit and of the limit (five folds).

    Parameters
    ----------
    ratings, missing, outlying, reading
        Finished courses, as for `fit_growth`; a course with two ratings or more counts.
    higher_is_better : bool
        Whether a high value is good.
    course : str
        As for `fit_growth`, or *auto*: linear or log, whichever has the higher likelihood.
    knot : float, optional
        As for `fit_growth`.
    per_case : float
        Between 0 and 1.
    seed : int
        Which courses are left out together.
    value, time, scale, phase
        As for `fit_growth`.

    Returns
    -------
    ExpectedCourse
        *may not be said* under 200 courses.

    Raises
    ------
    TableError, ParameterError
        As for `fit_growth`.

    Examples
    --------
    >>> import goldseam
    >>> history = goldseam.simulate(cases=250, sessions=10, seed=1).ratings
    >>> goldseam.expected_course(history.head(500)).status
    'may not be said'
    """
    if not 0 < per_case < 1:
        raise ParameterError(
            "out of range", where="per_case", given=per_case, allowed="a number between 0 and 1"
        )
    columns = OccasionColumns(value=value, time=time, scale=scale, phase=phase)
    found = read_occasions(ratings, columns, missing=missing, outlying=outlying, reading=reading)
    looks = Looks.of(found, 1 if higher_is_better else -1)
    turned = _turned(found, higher_is_better=higher_is_better)
    form = _form(turned, course, knot, looks)
    growth = growth_of(turned, form)
    several = int((np.bincount(looks.person, minlength=1) > 1).sum())
    reason = f"{several} courses with two ratings or more, at least {FEWEST_COURSES} needed"
    if several >= FEWEST_COURSES and growth.status == ESTIMATED:
        return _learnt(
            turned, growth, looks, per_case, seed, higher_is_better=higher_is_better, columns=columns
        )
    why = reason if several < FEWEST_COURSES else str(growth.reason)
    return _unsaid(growth, why, higher_is_better=higher_is_better, columns=columns)


def _turned(found: Occasions, *, higher_is_better: bool) -> Occasions:
    import polars as pl

    if higher_is_better:
        return found
    return Occasions(
        found.table.with_columns(-pl.col("value")), found.persons, -found.maximum, -found.minimum
    )


def _form(found: Occasions, course: str, knot: float | None, looks: Looks) -> TimeCourse:
    """The form of the course; of linear and log the likelier one, where times have logarithms."""
    if course != "auto":
        return TimeCourse(form=course, knot=knot)
    possible = [form for form in AUTO if form != "log" or (len(looks.time) and looks.time.min() > 0)]
    fits = [growth_of(found, TimeCourse(form=form), restricted=False) for form in possible]
    known = [fit for fit in fits if fit.status == ESTIMATED]
    return max(known, key=lambda fit: fit.log_likelihood).course if known else TimeCourse()


def _learnt(
    found: Occasions,
    growth: GrowthModel,
    looks: Looks,
    per_case: float,
    seed: int,
    *,
    higher_is_better: bool,
    columns: OccasionColumns,
) -> ExpectedCourse:
    fold = np.random.default_rng(seed).integers(0, FOLDS, found.persons.height)
    z = _held_out(found, growth.course, looks, fold)
    of_rating = fold[looks.person]
    called = np.zeros(len(z), np.bool_)
    for each in range(FOLDS):
        here = of_rating == each
        called[here] = z[here] < highest_limit(looks, z, ~here, per_case)
    poor, value, n_called = poor_endings(looks, called & ~looks.first, growth.residual_sd)
    return ExpectedCourse(
        status=ESTIMATED,
        reason=None,
        growth=growth,
        higher_is_better=higher_is_better,
        limit=highest_limit(looks, z, np.ones(len(z), np.bool_), per_case),
        rates=called_rates(looks, called),
        calibration=band_calibration(looks, z),
        poor_share=poor,
        predictive_value=value,
        n_called=n_called,
        columns=columns,
    )


def _held_out(found: Occasions, course: TimeCourse, looks: Looks, fold: Integers) -> Floats:
    """Each rating in SDs of its prediction by the courses of the other folds; NaN for first ratings."""
    import polars as pl

    z = np.full(len(looks.value), np.nan)
    folds = pl.Series(fold)
    for each in range(FOLDS):
        kept = folds.gather(found.table.get_column("person")) != each
        growth = growth_of(Occasions(found.table.filter(kept), found.persons, np.nan, np.nan), course)
        here = (fold[looks.person] == each) & ~looks.first
        if growth.status == ESTIMATED and here.any():
            mean, sd = CoursePrediction.of(growth).at(
                looks.start_time[here], looks.start[here], looks.time[here]
            )
            z[here] = (looks.value[here] - mean) / sd
    return z


def _unsaid(
    growth: GrowthModel, reason: str, *, higher_is_better: bool, columns: OccasionColumns
) -> ExpectedCourse:
    import polars as pl

    unknown = float("nan")
    return ExpectedCourse(
        status=NOT_SAID,
        reason=reason,
        growth=growth,
        higher_is_better=higher_is_better,
        limit=unknown,
        rates=pl.DataFrame(),
        calibration=pl.DataFrame(),
        poor_share=unknown,
        predictive_value=unknown,
        n_called=0,
        columns=columns,
    )
