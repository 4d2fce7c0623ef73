"""What in a table may not be what it looks like: told in a warning, or refused, with counts and the first rows."""

from typing import TYPE_CHECKING
from warnings import warn

from goldseam.exceptions import TableWarning
from goldseam.series.missing_codes import outlying_codes
from goldseam.series.table import ROW, TableChecks, folded

if TYPE_CHECKING:
    import polars as pl

FIRST = 5


def first_rows(rows: "pl.Series") -> str:
    """The first few numbers of rows, as words."""
    shown = ", ".join(map(str, rows.head(FIRST)))
    return f"row{'s' if len(rows) > 1 else ''} {shown}{', ...' if len(rows) > FIRST else ''}"


def tell(text: str, checks: TableChecks) -> None:
    """Say what was found in a table that is used all the same."""
    warn(" ".join(f"{checks.file or 'table'}: {text}".split()), TableWarning, stacklevel=2)


def tell_where(text: str, where: "pl.Series", checks: TableChecks) -> None:
    """Say what was found, with the number of rows and the first of them."""
    rows = where.fill_null(value=False).arg_true() + checks.first_row
    tell(f"{text} in {len(rows)} row(s) ({first_rows(rows)})", checks)


def stripped_names(column: "pl.Series", checks: TableChecks) -> "pl.Series":
    """The names without blanks at their ends, which is told; an empty one is none."""
    stripped = column.str.strip_chars()
    different = stripped != column
    if different.any():
        tell_where(f"column {column.name}: blanks at the ends of names, taken away", different, checks)
    return stripped.set(stripped == "", None)


def tell_similar_names(column: str, names: "pl.Series", checks: TableChecks) -> None:
    """Names that are one to the eye stay different ones; who reads the result should know."""
    forms: dict[str, list[str]] = {}
    for name in names.sort():
        forms.setdefault(folded(name), []).append(repr(name))
    alike = [" and ".join(same) for same in forms.values() if len(same) > 1]
    shown = "; ".join(alike[:FIRST]) + ("; ..." if len(alike) > FIRST else "")
    tell(
        f"column {column}: {len(alike)} name(s) in forms that differ in case, width or accents alone, "
        f"taken for different ones: {shown}",
        checks,
    )


def refuse_codes(typed: "pl.DataFrame", candidates: "pl.Series", checks: TableChecks) -> None:
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
