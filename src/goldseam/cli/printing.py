"""Tables as aligned text, for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

GAP = "  "


def aligned(table: "pl.DataFrame") -> str:
    """A table as aligned text: one line per row, words to the left, numbers to the right.

    Parameters
    ----------
    table : polars.DataFrame

    Returns
    -------
    str
        Columns without a single value are left out; an empty cell is ``-``.
    """
    filled = [column for column in table.get_columns() if column.count()]
    texts = [[column.name, *(_cell(value) for value in column)] for column in filled]
    widths = [max(map(len, text)) for text in texts]
    padded = [
        [cell.rjust(width) if column.dtype.is_numeric() else cell.ljust(width) for cell in text]
        for column, text, width in zip(filled, texts, widths, strict=True)
    ]
    return "\n".join(GAP.join(row).rstrip() for row in zip(*padded, strict=True))


def side_by_side(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of text in columns.

    Parameters
    ----------
    rows : sequence of sequence of str
        All equally long.

    Returns
    -------
    list of str
        A line for each row; cells to the left of their column.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
