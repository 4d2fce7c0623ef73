"""What in a table may not be what it looks like: told in a warning, or refused, with counts and the first rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from warnings import warn

from goldseam.arrays import Integers
from goldseam.exceptions import TableError, TableWarning
from goldseam.series.missing_codes import outlying_codes
from goldseam.series.read_options import ReadOptions
from goldseam.series.table_columns import FIRST_SERIAL_DATE, KEYS, ROW, folded

if TYPE_CHECKING:
    import polars as pl

FIRST = 5
DATES = (date(1900, 1, 1), date(2100, 12, 31))
SERIAL_DATES = (FIRST_SERIAL_DATE, 60_000)  # days as spreadsheets count them, 1982 to 2064
SHORTEST_FALL = 3
SHORTEST_REPEATED, FEWEST_DIFFERENT = 8, 4


class Refusing(Protocol):
    """Knows the file and its first row, and keeps what is found; see `goldseam.series.table.TableChecks`."""

    @property
    def file(self) -> str | Path | None: ...

    @property
    def first_row(self) -> int: ...

    @property
    def options(self) -> ReadOptions: ...

    @property
    def errors(self) -> list[TableError]: ...

    @property
    def bad_rows(self) -> set[int]: ...

    @property
    def notes(self) -> list[str]: ...

    def refuse(
        self, problem: str, *, row: int | None = None, column: str | None = None, **what: object
    ) -> TableError: ...


def first_rows(rows: "pl.Series | Integers") -> str:
    """The first few numbers of rows, as words; each once, though a row of a wide table holds many ratings."""
    different = [*dict.fromkeys(rows)]
    shown = ", ".join(map(str, different[:FIRST]))
    return f"row{'s' if len(different) > 1 else ''} {shown}{', ...' if len(different) > FIRST else ''}"


def tell(text: str, checks: Refusing) -> None:
    """Say what was found in a table that is used all the same."""
    warn(" ".join(f"{checks.file or 'table'}: {text}".split()), TableWarning, stacklevel=2)


def stripped_names(column: "pl.Series", offsets: "pl.Series", checks: Refusing) -> "pl.Series":
    """The names without blanks at their ends, which is told; one of blanks alone is none.

    `offsets` are the rows the names stand in: several names of a wide table stand in one.
    """
    stripped = column.str.strip_chars()
    different = (stripped != column).fill_null(value=False)
    if different.any():
        rows = offsets.filter(different).unique().sort() + checks.first_row
        where = f"in {len(rows)} row(s) ({first_rows(rows)})"
        tell(f"column {column.name}: blanks at the ends of names, taken away {where}", checks)
    return stripped.set((stripped == "") & different, None)


def tell_similar_names(column: str, names: "pl.Series", no_names: Sequence[str], checks: Refusing) -> None:
    """Names that are one to the eye, or stand for none, stay what they are; who reads the result should know."""
    forms: dict[str, list[str]] = {}
    numbers: dict[float, list[str]] = {}
    for name in names.sort():
        forms.setdefault(folded(name), []).append(repr(name))
        if (number := _number(name)) is not None:
            numbers.setdefault(number, []).append(repr(name))
    _tell_alike(column, forms.values(), "in forms that differ in case, width or accents alone", checks)
    _tell_alike(column, numbers.values(), "that are the same number", checks)
    if nameless := [name for name in no_names if name in names]:
        tell(f"column {column}: {' and '.join(map(repr, nameless))} taken for a name like any other", checks)


def _tell_alike(column: str, groups: Iterable[list[str]], how: str, checks: Refusing) -> None:
    alike = [" and ".join(same) for same in groups if len(same) > 1]
    if alike:
        shown = "; ".join(alike[:FIRST]) + ("; ..." if len(alike) > FIRST else "")
        tell(f"column {column}: {len(alike)} name(s) {how}, taken for different ones: {shown}", checks)


def _number(name: str) -> float | None:
    try:
        return float(name)
    except ValueError:
        return None


def refuse_codes(typed: "pl.DataFrame", candidates: "pl.Series", checks: Refusing) -> None:
    """Refuse what looks like a code for a missing rating, where no range says what a rating can be."""
    import polars as pl

    rated = typed.filter(pl.col("minimum").is_null())
    told = []
    for scale in typed.filter(candidates).get_column("scale").unique().sort():
        ratings = rated.filter(pl.col("scale") == scale)
        for code in outlying_codes(ratings.get_column("value").to_numpy()):
            rows = ratings.filter(pl.col("value") == code).get_column(ROW) + checks.first_row
            told.append(f"{len(rows)} of scale {scale} are {code:g} ({first_rows(rows)})")
    if told:
        raise checks.refuse(
            "far from all other ratings, like a code for a missing one: " + "; ".join(told),
            column="value",
            allowed='if they are none, the option missing (--missing -99,999); if they are ratings, outlying="real" '
            "(--outlying real), or the range of the scale",
        )


def refuse_dates(typed: "pl.DataFrame", checks: Refusing) -> None:
    """Refuse sessions that are all dates, as YYYYMMDD or as the days a spreadsheet counts."""
    import polars as pl

    session = typed.get_column("session").cast(pl.Int64)
    written = session.cast(pl.String).str.to_date("%Y%m%d", strict=False).is_between(*DATES)
    dates = written.fill_null(value=False).all() or session.is_between(*SERIAL_DATES).all()
    if typed.height and dates:
        rows = typed.get_column(ROW) + checks.first_row
        raise checks.refuse(
            f"dates, not numbers of sessions, in {len(rows)} row(s) ({first_rows(rows)})",
            column="session",
            given=int(session[0]),
            allowed="1 for the first session a person attended, 2 for the second; dates belong into a column date",
        )


def look_at_dates(typed: "pl.DataFrame", checks: Refusing) -> None:
    """Refuse dates that fall over a whole course, and tell of dates before that of the session before."""
    import polars as pl

    dated = typed.filter(pl.col("date").is_not_null(), pl.col("value").is_not_null()).sort(*KEYS, "session")
    step = pl.col("date").diff().dt.total_days().over(KEYS)
    dated = dated.with_columns(step=step, falls=(step < 0).fill_null(value=True).all().over(KEYS))
    backwards = dated.filter(pl.col("falls") & (pl.len().over(KEYS) >= SHORTEST_FALL)).get_column(ROW)
    if len(backwards):
        rows = backwards.sort() + checks.first_row
        raise checks.refuse(
            f"the dates fall while the sessions rise, over whole courses, in {len(rows)} row(s) ({first_rows(rows)})",
            column="date",
            allowed="sessions in the order of their dates",
        )
    rows = dated.filter(pl.col("step") < 0).get_column(ROW).sort() + checks.first_row
    if len(rows):
        tell(
            f"column date: earlier than that of the session before in {len(rows)} row(s) ({first_rows(rows)})",
            checks,
        )


_COUNT, _DIGEST, _VARIES = "\0count", "\0digest", "\0varies"


def tell_repeated_courses(typed: "pl.DataFrame", checks: Refusing) -> None:
    """Tell of courses that are the same to the letter as another of their scale."""
    import polars as pl

    rated = typed.lazy().filter(pl.col("value").is_not_null())
    # A sum is the same in any order: only courses that may repeat are put together, which takes the most memory.
    digests = (
        rated.group_by(KEYS)
        .agg(
            pl.len().alias(_COUNT),
            pl.struct("session", "value").hash().sum().alias(_DIGEST),
            (pl.col("value").min() < pl.col("value").max()).alias(_VARIES),
        )
        .filter(_VARIES, pl.col(_COUNT) >= SHORTEST_REPEATED)
        .filter(pl.struct("scale", _COUNT, _DIGEST).is_duplicated())
        .select(KEYS)
        .collect()
    )
    if digests.is_empty():
        return
    alike = rated.join(digests.lazy(), on=list(KEYS), how="semi", nulls_equal=True)
    courses = alike.sort(*KEYS, "session").collect()
    courses = courses.group_by(KEYS, maintain_order=True).agg("session", "value", ROW)
    varied = courses.filter(
        pl.col("value").list.len() >= SHORTEST_REPEATED, pl.col("value").list.n_unique() >= FEWEST_DIFFERENT
    )
    repeated = varied.filter(~pl.struct("scale", "session", "value").is_first_distinct())
    if repeated.height:
        rows = repeated.get_column(ROW).explode().sort() + checks.first_row
        tell(
            f"{repeated.height} course(s) are the same to the letter as another one, in {len(rows)} row(s) "
            f"({first_rows(rows)})",
            checks,
        )
