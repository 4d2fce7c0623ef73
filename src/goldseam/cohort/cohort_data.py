"""The tables of a cohort: ratings of one scale as series, and what is known of each case."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Integers
from goldseam.exceptions import TableError
from goldseam.norms.marginal_likelihood import take_series
from goldseam.series import RatingSeries, load_series
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

ENDINGS = ("planned", "dropout", "ongoing")
"""How a treatment ended; *ongoing* was still under way when the data were taken."""
CASE_COLUMNS = ("modality", "therapist", "ending")


@dataclass(frozen=True, eq=False)
class Cohort:
    """Series of one scale, with the cases they belong to.

    Attributes
    ----------
    series : RatingSeries
        Higher is better; one scale and phase.
    higher_is_better : bool
        The direction of the ratings as they were given.
    case : ndarray of int, shape (n_series,)
        The number of each series' case, from 0 on.
    cases : polars.DataFrame
        A row per case in the order of the numbers: ``case, modality, therapist, ending, last_session`` (attended, rated
        or not); null where not known.
    attended, rated : int
        Sessions of the series, and those of them that were rated.
    """

    series: RatingSeries
    higher_is_better: bool
    case: Integers
    cases: "pl.DataFrame"
    attended: int
    rated: int

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return self.cases.height

    @property
    def scale(self) -> str:
        """The scale, with its phase where there is one."""
        scale, phase = self.series.keys.select("scale", "phase").row(0)
        return str(scale) if phase is None else f"{scale} ({phase})"

    @cached_property
    def per_case(self) -> Integers:
        """Number of series of each case, shape (n_cases,)."""
        return np.bincount(self.case, minlength=self.n_cases)


def read_cohort(
    ratings: Ratings,
    cases: Any = None,
    *,
    scale: str | None = None,
    phase: str | None = None,
    higher_is_better: bool = True,
    missing: MissingRatings = (),
    outlying: str | None = None,
    reading: ReadOptions | None = None,
) -> Cohort:
    """Read the ratings of one scale and, where given, the cases table.

    Parameters
    ----------
    ratings, missing, outlying, reading
        As for `goldseam.detect`.
    cases
        A row per case, as a path or a frame: ``case`` and any of ``modality``, ``therapist``, ``ending`` (planned,
        dropout, ongoing, or empty). Cases without ratings are left out.
    scale, phase : str, optional
        Which ratings; needed where the table has several.
    higher_is_better : bool
        The direction of the scale.

    Returns
    -------
    Cohort

    Raises
    ------
    TableError
        A table cannot be used, or there are several scales or phases and none was chosen.
    """
    found = load_series(ratings, missing=missing, outlying=outlying, reading=reading)
    chosen = _one_scale(found, scale, phase)
    whole = np.zeros(found.n_series, np.bool_)
    whole[chosen] = True
    missed = whole[found.missed_series]
    last = np.zeros(found.n_series, np.int64)
    np.maximum.at(last, found.series_of, found.session)
    np.maximum.at(last, found.missed_series, found.missed_session)
    series = take_series(found, chosen)
    if np.isnan(series.minimum).any():
        from goldseam.series.observed_ranges import with_observed_ranges

        series = with_observed_ranges(series)
    oriented = series if higher_is_better else series.reversed()
    cells = oriented.keys.get_column("case").cast(str).to_numpy()
    names, case = np.unique(cells, return_inverse=True)
    last_session = np.zeros(len(names), np.int64)
    np.maximum.at(last_session, case, last[chosen])
    rated = len(series.value)
    return Cohort(
        oriented, higher_is_better, case, _cases(names, last_session, cases), rated + int(missed.sum()), rated
    )


def keyed_table(
    source: Any, keys: Sequence[str], what: str, allowed: Sequence[str] | None = None
) -> "pl.DataFrame":
    """A further table, each row of which has a key of its own.

    Parameters
    ----------
    source
        The path of a file of any kind that ratings come in, or a frame.
    keys : sequence of str
        Columns that name a row; ``session`` is a whole number, others are text.
    what : str
        What the table is called in errors.
    allowed : sequence of str, optional
        Further columns of which one at least has to be there.

    Returns
    -------
    polars.DataFrame
        With every column as it was but the keys.

    Raises
    ------
    TableError
        It cannot be read, a key is missing, empty or occurs twice.
    """
    import polars as pl

    file = source if isinstance(source, str | Path) else None
    table = _opened(source)
    absent = [key for key in keys if key not in table.columns]
    if absent:
        raise TableError(
            f"{what}: no such column", file=file, given=", ".join(absent), allowed=", ".join(keys)
        )
    if allowed is not None and not {*allowed} & {*table.columns}:
        raise TableError(
            f"{what}: nothing to use", file=file, given=", ".join(table.columns), allowed=", ".join(allowed)
        )
    kinds = {key: pl.Int64 if key == "session" else pl.String for key in keys}
    typed = table.with_columns(pl.col(key).cast(kind, strict=False) for key, kind in kinds.items())
    empty = typed.select(pl.any_horizontal(pl.col(*keys).is_null()).sum()).item()
    if empty:
        raise TableError(f"{what}: rows without {' and '.join(keys)}", file=file, given=empty, allowed="none")
    twice = typed.filter(typed.select(*keys).is_duplicated())
    if twice.height:
        row = ", ".join(map(str, twice.select(*keys).row(0)))
        raise TableError(f"{what}: more than one row", file=file, given=row, allowed="one row each")
    return typed


def _opened(source: Any) -> "pl.DataFrame":
    if isinstance(source, str | Path):
        import polars as pl

        from goldseam.series.opening import opened

        path = Path(source)
        if path.suffix.lower() == ".parquet" and path.is_file():
            return pl.read_parquet(path)
        return opened(path, ReadOptions()).table
    from goldseam.series.frames import frame_table

    return frame_table(source)


def _one_scale(series: RatingSeries, scale: str | None, phase: str | None) -> Integers:
    """The series of the one scale and phase to study."""
    import polars as pl

    keys = series.keys
    wanted = pl.lit(value=True)
    for name, chosen in (("scale", scale), ("phase", phase)):
        if chosen is not None:
            wanted &= pl.col(name) == chosen
    kept = keys.with_columns(chosen=wanted.fill_null(value=False)).get_column("chosen")
    kinds = keys.filter(kept).select("scale", "phase").unique().sort("scale", "phase")
    if kinds.height != 1:
        known = keys.select("scale", "phase").unique().sort("scale", "phase").rows()
        shown = ", ".join(name if part is None else f"{name} (phase {part})" for name, part in known)
        raise TableError(
            "a study is about one scale and phase: choose with scale= and phase= (--scale, --phase)",
            given=f"scale {scale or 'any'}, phase {phase or 'any'}",
            allowed=shown,
        )
    return np.flatnonzero(kept.to_numpy())


def _cases(names: Any, last_session: Integers, source: Any) -> "pl.DataFrame":
    import polars as pl

    table = pl.DataFrame({"case": pl.Series(names.tolist(), dtype=pl.String), "last_session": last_session})
    known = None if source is None else keyed_table(source, ["case"], "cases", CASE_COLUMNS)
    for name in CASE_COLUMNS:
        if known is None or name not in known.columns:
            table = table.with_columns(pl.lit(None, dtype=pl.String).alias(name))
            continue
        given = known.select("case", pl.col(name).cast(pl.String).str.strip_chars().replace("", None))
        table = table.join(given, on="case", how="left", maintain_order="left")
    endings = table.get_column("ending").drop_nulls().unique().sort()
    strange = [each for each in endings if each not in ENDINGS]
    if strange:
        raise TableError(
            "cases, column ending: unknown",
            given=", ".join(strange),
            allowed=f"{', '.join(ENDINGS)}, or empty",
        )
    return table.select("case", *CASE_COLUMNS, "last_session")
