"""The shape of each course: straight, broadly curved, with one or several brief dips, or low only at the beginning."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.exceptions import ParameterError
from goldseam.series.occasions import OccasionColumns, Occasions, read_occasions
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.trajectory.shape_limits import BORROWED, chance_share
from goldseam.trajectory.shape_names import (
    FEWEST_FOR_A_LINE,
    SHAPES,
    STABLE,
    TOO_SHORT,
    block_named,
)

if TYPE_CHECKING:
    import polars as pl

FEWEST_POOLED = 50
"""Degrees of freedom around the own lines of all persons from which on their SD stands for the usual one."""

AT_ONCE = 20_000
"""Persons judged by one multiplication."""


@dataclass(frozen=True, eq=False, repr=False)
class CourseShapes(ShownResult):
    """The shapes of courses, and how many of each are to be expected by chance.

    Attributes
    ----------
    persons : polars.DataFrame
        A row a person: ``n_rated``, ``shape``, ``trend`` (the line; beside a dip the one without it), ``depth`` in
        points, ``first_time`` and ``last_time`` of the dip or beginning, ``n_episodes`` where a criterion was named,
        and ``label``: shape, trend and episodes in words.
    counts : polars.DataFrame
        ``shape, n, share, by_chance``: of the persons with 4 ratings or more, and the share of flat courses of the same
        lengths that get this name.
    by_length : polars.DataFrame
        The same for each number of ratings.
    within_sd : float
        The usual SD of ratings within a person that was used, in points; NaN where each was judged by the own alone.
    """

    persons: "pl.DataFrame"
    counts: "pl.DataFrame"
    by_length: "pl.DataFrame"
    within_sd: float

    def summary(self) -> str:
        """How many courses have which shape, and what chance gives.

        Returns
        -------
        str
        """
        judged = int(self.counts["n"].sum())
        chance = float(self.counts.filter(self.counts["shape"] != STABLE)["by_chance"].sum())
        usual = (
            f"usual SD within a person {self.within_sd:.4g}"
            if self.within_sd > 0
            else "too few ratings for a usual SD, each judged by its own scatter alone"
        )
        lines = [f"Shapes of {self.persons.height} courses, {judged} of them long enough to name; {usual}"]
        lines += [
            f"{shape}: {n} ({share:.1%}; {by_chance:.1%} of flat courses by chance)"
            for shape, n, share, by_chance in self.counts.iter_rows()
            if n
        ]
        if judged < self.persons.height:
            lines.append(f"{TOO_SHORT}: {self.persons.height - judged}")
        if judged:
            lines.append(
                f"in all, {chance:.1%} of flat courses of these lengths are called anything but stable"
            )
        return "\n".join(lines)

    def plot(self) -> Any:
        """The shares of the shapes with those by chance.

        Returns
        -------
        altair.LayerChart or None
            None where no course is long enough.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.interval_chart import interval_chart

        rows = [
            (shape, share, min(share, by_chance), max(share, by_chance))
            for shape, n, share, by_chance in self.counts.iter_rows()
            if n
        ]
        return interval_chart(rows, "Shapes of courses (point), and the share by chance (other end)", "share")

    def _main_table(self) -> "pl.DataFrame":
        return self.persons


def course_shapes(
    ratings: Ratings,
    *,
    higher_is_better: bool = True,
    within_sd: float | None = None,
    criterion: str | None = None,
    value: str | None = None,
    time: str | None = None,
    scale: str | None = None,
    phase: str | None = None,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> CourseShapes:
    """Name the shape of each course.

    *stable*, *rising*, *declining* from 4 ratings on; from 6 on also *U*, *inverted U*, *V* (one brief dip of 1 to 3
    ratings), *sawtooth* (several), *low early, then better*; *too short to say* before. Ratings are taken in order,
    whatever lies between them. How each is told from a straight course, and how often straight courses get each name
    by chance, is in ``docs/methods/shapes.md``.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`; columns are found as for `fit_growth`.
    higher_is_better : bool
        If not, ratings are turned round: a dip is always a worsening, and *rising* always for the better.
    within_sd : float, optional
        Usual SD of ratings within a person, above 0, in points. If not given, that around the own lines of all persons,
        where together they have 50 degrees of freedom or more; else each course is judged by its own alone.
    criterion : str, optional
        Id of a criterion, see `criteria`, whose events are counted beside the shape.
    value, time, scale, phase
        As for `fit_growth`.

    Returns
    -------
    CourseShapes

    Raises
    ------
    TableError
        As for `fit_growth`.
    ParameterError
        `within_sd` is not above 0, or there is no such criterion.

    Examples
    --------
    >>> import goldseam
    >>> found = goldseam.course_shapes([5, 5.5, 5, 6, 5.5, 2, 5.5, 5, 6, 5.5], within_sd=0.5)
    >>> found.persons.select("shape", "trend", "first_time").row(0)
    ('V', 'stable', 6.0)
    """
    if within_sd is not None and not 0 < within_sd < np.inf:
        raise ParameterError("out of range", where="within_sd", given=within_sd, allowed="a number above 0")
    columns = OccasionColumns(value=value, time=time, scale=scale, phase=phase)
    found = read_occasions(ratings, columns, missing=missing, outlying=outlying, reading=reading)
    courses = _Courses.of(found, 1 if higher_is_better else -1)
    sd = within_sd if within_sd is not None else courses.pooled_sd()
    persons = _persons(found, courses, sd)
    if criterion is not None:
        persons = _with_episodes(persons, found, criterion, higher_is_better=higher_is_better)
    persons = _labelled(persons)
    weight = BORROWED if sd > 0 else 0.0
    by_length = _by_length(persons, weight)
    return CourseShapes(persons, _counts(by_length), by_length, sd)


@dataclass(frozen=True, eq=False)
class _Courses:
    """The ratings of all persons one after the other, higher being better."""

    starts: Integers
    value: Floats
    time: Floats

    @classmethod
    def of(cls, found: Occasions, direction: int) -> "_Courses":
        rated = found.table.drop_nulls("value")
        lengths = np.bincount(rated.get_column("person").to_numpy(), minlength=found.persons.height)
        starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        return cls(
            starts, direction * rated.get_column("value").to_numpy(), rated.get_column("time").to_numpy()
        )

    @property
    def lengths(self) -> Integers:
        return np.asarray(np.diff(self.starts), np.int64)

    def block(self, persons: Integers, n: int) -> Floats:
        """The ratings of persons who all have n."""
        return np.asarray(self.value[self.starts[persons][:, None] + np.arange(n)], np.float64)

    def pooled_sd(self) -> float:
        """SD of ratings around the own lines of all persons; NaN where there is too little to tell."""
        squares, freedom = 0.0, 0
        for n in np.unique(self.lengths[self.lengths >= FEWEST_FOR_A_LINE]):
            values = self.block(np.flatnonzero(self.lengths == n), int(n))
            time = np.arange(n) - (n - 1) / 2
            slope = values @ time / (time @ time)
            left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, time)
            squares, freedom = squares + float((left**2).sum()), freedom + (int(n) - 2) * len(values)
        enough = freedom >= FEWEST_POOLED and squares > 0
        return float(np.sqrt(squares / freedom)) if enough else float("nan")


def _persons(found: Occasions, courses: _Courses, sd: float) -> "pl.DataFrame":
    import polars as pl

    count = found.persons.height
    shape, trend = (np.full(count, TOO_SHORT, dtype=object) for _ in range(2))
    trend[:] = None
    depth = np.full(count, np.nan)
    first, last = np.full(count, np.nan), np.full(count, np.nan)
    for n in np.unique(courses.lengths[courses.lengths >= FEWEST_FOR_A_LINE]):
        those = np.flatnonzero(courses.lengths == n)
        for begin in range(0, len(those), AT_ONCE):
            who = those[begin : begin + AT_ONCE]
            named = block_named(courses.block(who, int(n)), sd)
            shape[who], trend[who], depth[who] = named.shape, named.trend, named.depth
            there = who[named.first > 0]
            for column, places in ((first, named.first), (last, named.last)):
                column[there] = courses.time[courses.starts[there] + places[named.first > 0] - 1]
    return found.persons.with_columns(
        n_rated=pl.Series(courses.lengths),
        shape=pl.Series([str(each) for each in shape]),
        trend=pl.Series([*trend], dtype=pl.String),
        depth=pl.Series(depth, nan_to_null=True),
        first_time=pl.Series(first, nan_to_null=True),
        last_time=pl.Series(last, nan_to_null=True),
    )


def _with_episodes(
    persons: "pl.DataFrame", found: Occasions, criterion: str, *, higher_is_better: bool
) -> "pl.DataFrame":
    """How many events a criterion finds in each course."""
    import polars as pl

    from goldseam.detection import detect

    ranked = found.table.with_columns(
        case=pl.col("person").cast(pl.Int64),
        rater=pl.lit("person"),
        scale=pl.lit("rating"),
        session=pl.col("time").rank("dense").cast(pl.Int64),
    )
    if np.isfinite(found.minimum):
        ranked = ranked.with_columns(minimum=pl.lit(found.minimum), maximum=pl.lit(found.maximum))
    events = detect(ranked, criterion=criterion, higher_is_better=higher_is_better).events
    counted = np.bincount(events.get_column("case").to_numpy(), minlength=persons.height)
    return persons.with_columns(n_episodes=pl.Series(counted))


def _labelled(persons: "pl.DataFrame") -> "pl.DataFrame":
    """Shape, trend and episodes in words."""
    import polars as pl

    shape, trend = pl.col("shape"), pl.col("trend")
    straight = shape.is_in([*SHAPES[:3], TOO_SHORT])
    beside = (
        pl.when(straight | (trend == SHAPES[0]))
        .then(shape)
        .otherwise(pl.concat_str([trend, pl.lit(" with "), shape]))
    )
    if "n_episodes" in persons.columns:
        more = pl.when(pl.col("n_episodes") > 0).then(
            pl.lit(", episodes: ") + pl.col("n_episodes").cast(pl.String)
        )
        beside = pl.concat_str([beside, more.otherwise(pl.lit(""))])
    return persons.with_columns(label=beside)


def _by_length(persons: "pl.DataFrame", weight: float) -> "pl.DataFrame":
    """How many courses of each length have which shape, beside the share by chance."""
    import polars as pl

    judged = persons.filter(pl.col("n_rated") >= FEWEST_FOR_A_LINE)
    sizes = judged.group_by("n_rated", "shape").len().iter_rows()
    found = {(n, shape): size for n, shape, size in sizes}
    rows = [
        (int(n), shape, found.get((n, shape), 0), chance_share(int(n), shape, weight))
        for n in judged["n_rated"].unique().sort()
        for shape in SHAPES
    ]
    schema = {"n_rated": pl.Int64, "shape": pl.String, "n": pl.Int64, "by_chance": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _counts(by_length: "pl.DataFrame") -> "pl.DataFrame":
    """All lengths together; chance is weighted by how many courses have each length."""
    import polars as pl

    size = pl.col("n").sum().over("n_rated")
    weighted = by_length.with_columns(expected=size * pl.col("by_chance"), size=size)
    total = int(by_length["n"].sum())
    return (
        weighted.group_by("shape", maintain_order=True)
        .agg(pl.col("n").sum(), expected=pl.col("expected").sum())
        .select(
            "shape",
            "n",
            share=pl.col("n") / max(total, 1),
            by_chance=pl.col("expected") / max(total, 1),
        )
    )
