"""What a table of ratings holds: how it was read, its faults, and what can and cannot be judged in it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.detection import criteria
from goldseam.exceptions import TableError, TableWarning
from goldseam.norms.choosing import fitted_or_shipped
from goldseam.norms.fitting import ENOUGH_SERIES
from goldseam.norms.marginal_likelihood import scale_step
from goldseam.series import RatingSeries, load_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions
from goldseam.shown import ShownResult
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2933}"
    "table{border-collapse:collapse}td,th{padding:.2rem .7rem;border-bottom:1px solid #cbd5e1;text-align:right}"
    "td:first-child,th:first-child{text-align:left}"
)


@dataclass(frozen=True, eq=False, repr=False)
class RatingsReport(ShownResult):
    """What a table of ratings holds.

    Attributes
    ----------
    source : str
        The file, or the kind of table.
    notes : tuple of str
        What was recognised, and what may not be what it looks like.
    faults : tuple of str
        Why it cannot be used; everything below is empty then.
    scales : polars.DataFrame
        A row per scale and phase: ``scale, phase, raters, cases, series, ratings, not_rated`` (sessions);
        ``shortest, median_length, longest`` in ratings; ``with_gaps`` (series with a session that was not rated, or
        has no row, between two that were); ``minimum, maximum`` as stated, else null; ``lowest, highest`` rating;
        ``step`` between possible ratings as stated, else as seen, else null; ``at_highest, at_lowest`` (shares of the
        ratings at the highest and lowest possible value, or seen); ``repeated`` (share of ratings equal to the one
        before); ``constant`` (series of two ratings or more that never vary).
    judged : polars.DataFrame
        A row per number of ratings a criterion needs: ``ratings_needed, criteria, series`` that have as many.
    norms : str
        Which norms `goldseam.detect` would take, and why.
    """

    source: str
    notes: tuple[str, ...]
    faults: tuple[str, ...]
    scales: "pl.DataFrame"
    judged: "pl.DataFrame"
    norms: str
    _series: RatingSeries | None = field(repr=False, default=None)

    def summary(self) -> str:
        """The report as lines of text, without its tables.

        Returns
        -------
        str
        """
        if self.faults:
            return "\n".join([f"{self.source}: cannot be used", *(f"  {fault}" for fault in self.faults)])
        totals = self.scales.select("series", "ratings", "not_rated").sum().row(0)
        cases = 0 if self._series is None else self._series.keys.get_column("case").n_unique()
        found = (
            f"{counted(cases, 'case')}, {totals[0]} series, {counted(totals[1], 'rating')}, "
            f"{counted(totals[2], 'session')} without a rating"
        )
        return "\n".join([f"{self.source}: {found}", *self.notes, f"norms: {self.norms}"])

    def text(self) -> str:
        """The whole report as text.

        Returns
        -------
        str
        """
        if self.faults:
            return self.summary()
        return "\n\n".join([self.summary(), _columns_of_text(self.scales), _columns_of_text(self.judged)])

    def html(self) -> str:
        """The whole report as a page of HTML that needs nothing else.

        Returns
        -------
        str
        """
        first, *lines = self.summary().splitlines()
        told = "".join(f"<li>{escape(line.strip())}</li>" for line in lines)
        tables = "" if self.faults else _transposed_html(self.scales) + _html_table(self.judged)
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(self.source)}</title>'
            f"<style>{STYLE}</style><h1>{escape(first)}</h1><ul>{told}</ul>{tables}</html>\n"
        )

    def plot(self) -> Any:
        """How many ratings the series have.

        Returns
        -------
        altair.Chart or None
            None where the table cannot be used.

        Raises
        ------
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.extras import extra

        alt = extra("altair", "charts")
        if self._series is None:
            return None
        counts = np.bincount(self._series.lengths)
        rows = [{"ratings": length, "series": int(count)} for length, count in enumerate(counts) if count]
        chart = alt.Chart(alt.Data(values=rows)).mark_bar(color="#1f2933")
        return chart.encode(alt.X("ratings:O", title="ratings of a series"), alt.Y("series:Q"))

    def _main_table(self) -> "pl.DataFrame":
        return self.scales


def inspect_ratings(
    ratings: Ratings,
    *,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> RatingsReport:
    """Say what a table of ratings holds, without judging it.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`.

    Returns
    -------
    RatingsReport
        With all faults where it cannot be used: nothing is raised for the table.

    Raises
    ------
    ParameterError
        An option is not what is allowed.
    MissingExtraError
        The kind of file needs a library that is not installed.

    Examples
    --------
    >>> import goldseam
    >>> print(goldseam.inspect_ratings([7, 6, 7, None, 5]).summary())
    table: 1 cases, 1 series, 4 ratings, 1 sessions without a rating
    norms: goldseam-default 1: 1 series are too few to fit norms to, 200 are needed
    """
    source = str(ratings) if isinstance(ratings, str | Path) else "table"
    told: list[str] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            series = load_series(ratings, missing=missing, outlying=outlying, reading=reading)
    except TableError as error:
        return _refused(source, error.faults)
    finally:
        told += [
            _without(source, str(each.message)) for each in caught if issubclass(each.category, TableWarning)
        ]
    return RatingsReport(
        source, tuple(told), (), _scales(series), _judged_series(series), _norms(series), series
    )


def _without(source: str, message: str) -> str:
    return message.removeprefix(f"{source}: ")


def _refused(source: str, faults: Sequence[str]) -> RatingsReport:
    import polars as pl

    return RatingsReport(source, (), tuple(faults), pl.DataFrame(), pl.DataFrame(), "")


def _norms(series: RatingSeries) -> str:
    if series.n_series < ENOUGH_SERIES:
        return f"goldseam-default 1: {series.n_series} series are too few to fit norms to, {ENOUGH_SERIES} are needed"
    norms, reason = fitted_or_shipped(series, higher_is_better=True)
    return f"{norms.name} {norms.version}: {reason}"


def _scales(series: RatingSeries) -> "pl.DataFrame":
    import polars as pl

    kinds = series.keys.select("scale", "phase").unique().sort("scale", "phase").rows()
    return pl.DataFrame(
        [_scale_row(series, scale, phase) for scale, phase in kinds], infer_schema_length=None
    )


def _scale_row(series: RatingSeries, scale: object, phase: object) -> dict[str, Any]:
    import polars as pl

    own = series.keys.select(
        pl.col("scale") == scale, pl.col("phase").eq_missing(pl.lit(phase, dtype=pl.String))
    )
    members = (own["scale"] & own["phase"]).to_numpy()
    keys, lengths = series.keys.filter(pl.Series(members)), series.lengths[members]
    return {
        "scale": str(scale),
        "phase": phase,
        "raters": keys.get_column("rater").n_unique(),
        "cases": keys.get_column("case").n_unique(),
        "series": int(members.sum()),
        "ratings": int(lengths.sum()),
        "not_rated": int(members[series.missed_series].sum()),
        "shortest": int(lengths.min()),
        "median_length": float(np.median(lengths)),
        "longest": int(lengths.max()),
        **_values_of(series, members),
    }


def _values_of(series: RatingSeries, members: Flags) -> dict[str, Any]:
    """What the ratings of some series are like."""
    rated = members[series.series_of]
    value = series.value[rated]
    low, high = _stated(series.minimum[members]), _stated(series.maximum[members])
    lowest, highest = (float(value.min()), float(value.max())) if value.size else (None, None)
    later = series.position[rated] > 0
    before = series.lagged(series.value)[rated]
    jumps = rated & (series.position > 0) & ~series.follows_directly
    return {
        "with_gaps": len(np.unique(series.series_of[jumps])),
        "minimum": low,
        "maximum": high,
        "lowest": lowest,
        "highest": highest,
        "step": _stated(series.step[members]) or ((scale_step(value) or None) if value.size else None),
        "at_highest": _share(value == (highest if high is None else high)),
        "at_lowest": _share(value == (lowest if low is None else low)),
        "repeated": _share(value[later] == before[later]),
        "constant": _constant(series, members),
    }


def _stated(bounds: Floats) -> float | None:
    """The one bound all series state."""
    return float(bounds[0]) if len(bounds) and np.all(bounds == bounds[0]) else None


def _share(flags: Flags) -> float | None:
    return round(float(flags.mean()), 3) if flags.size else None


def _constant(series: RatingSeries, members: Flags) -> int:
    """How many series of two ratings or more never vary."""
    changed = (series.position > 0) & (series.value != series.lagged(series.value))
    varied = np.bincount(series.series_of[changed], minlength=series.n_series) > 0
    return int((members & ~varied & (series.lengths > 1)).sum())


def _judged_series(series: RatingSeries) -> "pl.DataFrame":
    import polars as pl

    needed: dict[int, set[str]] = {}
    for each in criteria():
        needed.setdefault(each.shortest_series, set()).add(each.id)
    return pl.DataFrame(
        [
            {
                "ratings_needed": count,
                "series": int((series.lengths >= count).sum()),
                "criteria": ", ".join(sorted(ids)),
            }
            for count, ids in sorted(needed.items())
        ]
    )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _columns_of_text(table: "pl.DataFrame") -> str:
    """A table of few rows as text: a line for each column that holds anything."""
    names = [column.name for column in table.get_columns() if column.count()]
    rows = [[name, *map(_shown, table.get_column(name))] for name in names]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if len(table) <= len(names) else []
    if not widths:
        rows = [names, *([_shown(cell) for cell in row] for row in table.select(names).rows())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _html_table(table: "pl.DataFrame") -> str:
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in table.columns)
    rows = ("".join(f"<td>{escape(_shown(cell))}</td>" for cell in row) for row in table.rows())
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _transposed_html(table: "pl.DataFrame") -> str:
    """A table with a line for each column, as there are more of these than rows."""
    filled = [column for column in table.get_columns() if column.count()]
    cells = ["".join(f"<td>{escape(_shown(cell))}</td>" for cell in column) for column in filled]
    names = [escape(column.name.replace("_", " ")) for column in filled]
    rows = (f"<tr><th>{name}</th>{row}</tr>" for name, row in zip(names, cells, strict=True))
    return f"<table>{''.join(rows)}</table>"
