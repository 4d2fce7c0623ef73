"""What the tables of several members of a case share: rows by case and session, figures per scale, verdicts.

Inside this package a missing phase is the empty text, so that tables join; `final_table` turns it back.
"""

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Any

from goldseam.exceptions import ParameterError, TableError
from goldseam.norms import Norms
from goldseam.series import load_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

PerScale = Mapping[str, float] | float | None
"""A figure in points: one for every scale, or one for each by name."""

CASE = ("case", "phase")
SESSION = (*CASE, "session")
THERAPISTS = ("therapist",)

MET, NOT_MET, NOT_APPLIED, NOT_ENOUGH_DATA = "met", "not met", "not applied", "not enough data"

TIE = 1e-9

FEWEST_EARLIER = 3
"""Earlier sessions that a comparison with "before" needs, as in detection."""


def long_table(
    ratings: Ratings, *, missing: MissingRatings = (), reading: ReadOptions | None = None
) -> "pl.DataFrame":
    """Checked ratings, one row per session a rater attended, sorted; the value is null where not rated.

    Parameters
    ----------
    ratings, missing, reading
        As for `goldseam.detect`, with sessions numbered over the case.

    Returns
    -------
    polars.DataFrame
        ``case, phase, rater, scale, session, value, minimum, maximum``.

    Raises
    ------
    TableError
        The ratings cannot be used.
    """
    import polars as pl

    series = load_series(ratings, missing=missing, reading=reading)
    ranges = {"minimum": series.minimum, "maximum": series.maximum}
    keys = series.keys.with_columns(pl.Series(name, column) for name, column in ranges.items())
    rated = keys[series.series_of].with_columns(session=series.session, value=series.value)
    missed = keys[series.missed_series].with_columns(session=series.missed_session)
    table = pl.concat([rated, missed], how="diagonal").with_columns(
        pl.col("minimum", "maximum").fill_nan(None),
        pl.col("rater", "scale").cast(pl.String),
        pl.col("phase").cast(pl.String).fill_null(""),
    )
    return table.select(*CASE, "rater", "scale", "session", "value", "minimum", "maximum").sort(
        *CASE, "rater", "scale", "session"
    )


def scale_rows(
    table: "pl.DataFrame", scale: str, *, without: Collection[str] = (), only: Collection[str] | None = None
) -> "pl.DataFrame":
    """The rows of one scale, without the named raters, or with those alone.

    Parameters
    ----------
    table : polars.DataFrame
        As `long_table` returns it.
    scale : str
        Its name, as in the ratings.
    without, only : collection of str
        Names of raters to leave out, of raters to keep.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    TableError
        There is no such row, or raters of one case used different ranges.
    """
    import polars as pl

    rows = table.filter(pl.col("scale") == scale, ~pl.col("rater").is_in(list(without)))
    if only is not None:
        rows = rows.filter(pl.col("rater").is_in(list(only)))
    if rows.is_empty():
        known = ", ".join(table.get_column("scale").unique().sort().to_list())
        raise TableError("no rating on this scale by these raters", given=scale, allowed=f"one of {known}")
    _check_one_range(rows, scale)
    return rows


def checked_raters(names: Collection[str], where: str) -> tuple[str, ...]:
    """Names of raters, checked.

    Raises
    ------
    ParameterError
        A single text was given, which would be read letter by letter.
    """
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ParameterError(
            "not a collection of raters", where=where, given=names, allowed="a list of names"
        )
    return tuple(names)


def with_norm_figures(
    rows: "pl.DataFrame", norms: Norms | None, measurement_error: PerScale = None
) -> "pl.DataFrame":
    """Add ``between_sd, within_sd, measurement_error`` in points; null where unknown.

    Parameters
    ----------
    rows : polars.DataFrame
        As `long_table` returns it.
    norms : Norms or None
        The shipped default if None.
    measurement_error : float, mapping of str to float, or None
        In points; taken before that of the norms.

    Returns
    -------
    polars.DataFrame

    Raises
    ------
    ParameterError
        A measurement error is not a positive number or names an unknown scale.
    NormsError
        The norms have no entry for a scale.
    """
    import polars as pl

    used = Norms.default() if norms is None else norms
    given = per_scale("measurement_error", measurement_error, rows, above_zero=True)
    kinds = rows.select("scale", "phase", "minimum", "maximum").unique()
    names = ("between_sd", "within_sd", "measurement_error")
    figures = [_figures(used, given, kind) for kind in kinds.rows(named=True)]
    columns = [
        pl.Series(name, [each[place] for each in figures], pl.Float64) for place, name in enumerate(names)
    ]
    return rows.join(
        kinds.with_columns(columns),
        on=["scale", "phase", "minimum", "maximum"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )


def per_scale(
    name: str, given: PerScale, rows: "pl.DataFrame", *, above_zero: bool = False
) -> dict[str, float]:
    """A figure for each scale that has one.

    Parameters
    ----------
    name : str
        Of the parameter, named in errors.
    given : float, mapping of str to float, or None
        In points: one for every scale, or one for each by name; None for none.
    rows : polars.DataFrame
        Its column ``scale`` says which scales there are.
    above_zero : bool
        Whether the figure must be positive.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ParameterError
        A figure is no such number, or a scale is unknown.
    """
    known = rows.get_column("scale").unique().sort().to_list()
    figures = dict(given) if isinstance(given, Mapping) else dict.fromkeys(known, given)
    for scale, figure in figures.items():
        if scale not in known:
            raise ParameterError("unknown scale", where=name, given=scale, allowed=", ".join(known))
        if figure is not None and not (is_number(figure) and (figure > 0 or not above_zero)):
            allowed = "a finite number above 0" if above_zero else "a finite number"
            raise ParameterError(
                "impossible value", where=f"{name}, scale {scale}", given=figure, allowed=allowed
            )
    return {scale: float(figure) for scale, figure in figures.items() if figure is not None}


def cut_offs(given: PerScale, rows: "pl.DataFrame") -> dict[str, float]:
    """Cut-offs in points by scale, each inside its scale's range where that is known.

    Raises
    ------
    ParameterError
        A cut-off is not a number, lies outside the range, or names an unknown scale.
    """
    import polars as pl

    figures = per_scale("cut_off", given, rows)
    for scale, figure in figures.items():
        ranges = rows.filter(pl.col("scale") == scale).select(
            pl.col("minimum").min(), pl.col("maximum").max()
        )
        low, high = ranges.row(0)
        if low is not None and not low <= figure <= high:
            raise ParameterError(
                "outside the scale's range",
                where=f"cut_off, scale {scale}",
                given=figure,
                allowed=f"{low:g} to {high:g}",
            )
    return figures


def checked_fraction(name: str, given: float) -> float:
    """A number between 0 and 1, ends excluded.

    Raises
    ------
    ParameterError
        It is not.
    """
    if not is_number(given) or not 0 < given < 1:
        raise ParameterError("impossible value", where=name, given=given, allowed="a number between 0 and 1")
    return float(given)


def is_number(value: object) -> bool:
    """Whether the value is a finite number (truth values are none)."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def at_or_beyond(size: "pl.Expr", limit: "pl.Expr") -> "pl.Expr":
    """Whether a size is at the limit or beyond it; decimal scores that are equal on paper count as equal."""
    return size >= limit - TIE


def verdict(met: "pl.Expr", *, applied: "pl.Expr", enough: "pl.Expr") -> "pl.Expr":
    """*met*, *not met*, *not applied* or *not enough data*, in words.

    Parameters
    ----------
    met, applied, enough : polars.Expr
        Truth values; missing counts as false.

    Returns
    -------
    polars.Expr
    """
    import polars as pl

    return (
        pl.when(~applied.fill_null(value=False))
        .then(pl.lit(NOT_APPLIED))
        .when(~enough.fill_null(value=False))
        .then(pl.lit(NOT_ENOUGH_DATA))
        .when(met.fill_null(value=False))
        .then(pl.lit(MET))
        .otherwise(pl.lit(NOT_MET))
    )


def final_table(table: "pl.DataFrame", columns: Sequence[str]) -> "pl.DataFrame":
    """The named columns, a missing phase as null, sorted by those of them that identify a row.

    Parameters
    ----------
    table : polars.DataFrame
        Holds the columns, a missing phase as the empty text.
    columns : sequence of str
        Names of those to keep, in this order.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    phase = pl.when(pl.col("phase") != "").then("phase").alias("phase")
    order = [name for name in (*CASE, "session", "onset_session") if name in columns]
    rest = [name for name in ("first", "second", "rater", "scale", "therapist", "kind") if name in columns]
    return table.with_columns(phase).select(columns).sort(*order, *rest)


def _figures(norms: Norms, given: Mapping[str, float], kind: Mapping[str, Any]) -> tuple[float | None, ...]:
    """SD between persons, SD within persons and measurement error, in points."""
    entry = norms.for_scale(kind["scale"], kind["phase"] or None)
    low, high = kind["minimum"], kind["maximum"]
    if low is None:
        low, high = entry.minimum, entry.maximum
    unit: float | None = 1.0
    if norms.unit == "share_of_range":
        unit = None if low is None or high is None else high - low
    known = (entry.between_sd, entry.within_sd, entry.measurement_error)
    points = [None if unit is None or figure is None else unit * figure for figure in known]
    return points[0], points[1], given.get(kind["scale"], points[2])


def _check_one_range(rows: "pl.DataFrame", scale: str) -> None:
    import polars as pl

    ranges = rows.group_by(CASE).agg(pl.struct("minimum", "maximum").n_unique().alias("ranges"))
    several = ranges.filter(pl.col("ranges") > 1).sort(CASE)
    if several.height:
        case = several.get_column("case").item(0)
        raise TableError(
            f"case {case}: raters used different ranges of scale {scale}",
            column="minimum",
            allowed="one range for all raters of a case, so that their ratings compare",
        )
