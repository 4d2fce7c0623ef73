"""The tables of a cohort: ratings of one scale as series, and what is known of each case."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Integers
from goldseam.exceptions import ParameterError, TableError
from goldseam.norms.marginal_likelihood import take_series
from goldseam.series import RatingSeries, load_series
from goldseam.series.keyed_tables import KeyedTable, keyed_table
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

ENDINGS = ("planned", "dropout", "ongoing")
"""How a treatment ended; *ongoing* was still under way when the data were taken."""
CASE_COLUMNS = ("modality", "therapist", "ending")


ABOUT = {
    "": "a study is about",
    "progress": "progress is rated on",
    "therapist": "therapists' ratings are on",
}
"""What a message says of each table, by the beginning of the names of its arguments."""


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
    cautions : tuple of str
        Which cases and rows of the cases table do not match.
    """

    series: RatingSeries
    higher_is_better: bool
    case: Integers
    cases: "pl.DataFrame"
    attended: int
    rated: int
    cautions: tuple[str, ...] = ()

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
    of: str = "",
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
    of : str
        What these ratings are of, where they stand beside the alliance (*progress*, *therapist*): the beginning of the
        names of their arguments.

    Returns
    -------
    Cohort

    Raises
    ------
    TableError
        A table cannot be used, or there are several scales or phases and none was chosen.
    """
    found = load_series(ratings, missing=missing, outlying=outlying, reading=reading)
    chosen = _one_scale(found, scale, phase, of)
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
    known = None if cases is None else keyed_table(cases, ["case"], "cases", CASE_COLUMNS)
    table = _cases(names, last_session, known)
    return Cohort(
        oriented,
        higher_is_better,
        case,
        table,
        rated + int(missed.sum()),
        rated,
        () if known is None else known.cautions(table.select("case")),
    )


def read_progress(
    ratings: Ratings,
    progress: Ratings | None,
    alliance: Cohort,
    *,
    scale: str | None,
    phase: str | None,
    higher_is_better: bool,
    **options: Any,
) -> Cohort | None:
    """Read ratings of progress, from a table of their own or as another scale of the ratings.

    Parameters
    ----------
    ratings, progress
        The table of the alliance, and the one of progress if it has its own.
    alliance : Cohort
        What was read of the alliance.
    scale, phase, higher_is_better, **options
        As for `read_cohort`.

    Returns
    -------
    Cohort or None
        None where neither a table nor a scale is named.

    Raises
    ------
    TableError
        As `read_cohort`.
    ParameterError
        Both are the same ratings.
    """
    if progress is None and scale is None:
        return None
    found = read_cohort(
        ratings if progress is None else progress,
        scale=scale,
        phase=phase,
        higher_is_better=higher_is_better,
        of="progress",
        **options,
    )
    same_names = alliance.scale == found.scale and alliance.series.keys.equals(found.series.keys)
    if same_names and np.array_equal(alliance.series.value, found.series.value):
        raise ParameterError(
            "progress is the alliance itself",
            where="progress_scale",
            given=found.scale,
            allowed="a scale of another thing",
        )
    return found


def _one_scale(series: RatingSeries, scale: str | None, phase: str | None, of: str) -> Integers:
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
        first, option = (f"{of}_", f"--{of}-") if of else ("", "--")
        raise TableError(
            f"{ABOUT[of]} one scale and phase: choose with {first}scale= and {first}phase= "
            f"({option}scale, {option}phase)",
            given=f"scale {scale or 'any'}, phase {phase or 'any'}",
            allowed=shown,
        )
    return np.flatnonzero(kept.to_numpy())


def _cases(names: Any, last_session: Integers, given_cases: KeyedTable | None) -> "pl.DataFrame":
    import polars as pl

    table = pl.DataFrame({"case": pl.Series(names.tolist(), dtype=pl.String), "last_session": last_session})
    known = None if given_cases is None else given_cases.rows
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
