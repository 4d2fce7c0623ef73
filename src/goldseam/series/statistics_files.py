"""Files of SPSS, Stata and R."""

from pathlib import Path
from typing import Any

from goldseam.exceptions import TableError
from goldseam.extras import extra
from goldseam.series.frames import frame_table
from goldseam.series.read_options import RawTable, ReadOptions
from goldseam.series.table_columns import folded

LABELLED = ("rater", "scale", "phase")


def labelled_table(path: Path, options: ReadOptions) -> RawTable:
    """The table in a file of SPSS or Stata.

    Labels stand in for the numbers of raters, scales and phases; what the file declares missing is missing.

    Parameters
    ----------
    path : Path
        Of a ``.sav``, ``.zsav`` or ``.dta`` file.
    options : ReadOptions
        Says which columns hold raters, scales and phases.

    Returns
    -------
    RawTable

    Raises
    ------
    TableError
        It is no such file.
    MissingExtraError
        pyreadstat is not installed.
    """
    pyreadstat = extra("pyreadstat", "files", file=path)
    stata = path.suffix.lower() == ".dta"
    read = pyreadstat.read_dta if stata else pyreadstat.read_sav
    try:
        table, meta = read(str(path), output_format="polars")
        coded = None if stata else read(str(path), metadataonly=True, user_missing=True)[1]
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # a damaged file raises whatever its parts raise
        raise TableError(f"is not a file of {'Stata' if stata else 'SPSS'} ({error})", file=path) from None
    named = {folded(options.columns.get(name, name)): name for name in LABELLED}
    notes = []
    for column, labels in meta.variable_value_labels.items():
        if folded(column) in named and labels:
            old = [float(code) if isinstance(code, int | float) else code for code in labels]
            table = table.with_columns(table[column].replace_strict(old, [*labels.values()], default=None))
            shown = ", ".join(
                f"{code:g} = {label}" if isinstance(code, float) else f"{code} = {label}"
                for code, label in zip(old[:5], labels.values(), strict=False)
            )
            notes.append(f"labels of column {column}: {shown}")
    for column, ranges in (coded.missing_ranges if coded else {}).items():
        notes.append(
            f"missing in column {column}: {', '.join(map(_range_words, ranges))}, as the file declares"
        )
    return RawTable(table, notes=tuple(notes))


def _range_words(each: dict[str, Any]) -> str:
    low, high = each["lo"], each["hi"]
    shown = [f"{bound:g}" if isinstance(bound, float | int) else str(bound) for bound in (low, high)]
    return shown[0] if low == high else f"{shown[0]} to {shown[1]}"


def r_table(path: Path, options: ReadOptions) -> RawTable:  # noqa: ARG001  # as the other readers
    """The data frame in a file of R.

    Parameters
    ----------
    path : Path
        Of an ``.rds`` file.
    options : ReadOptions
        Not used.

    Returns
    -------
    RawTable

    Raises
    ------
    TableError
        It is no such file, or holds no data frame.
    MissingExtraError
        rdata is not installed.
    """
    rdata = extra("rdata", "r", file=path)
    try:
        held = rdata.read_rds(path)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # a damaged file raises whatever its parts raise
        raise TableError(f"is not a file of R ({type(error).__name__}: {error})", file=path) from None
    if type(held).__name__ != "DataFrame":
        raise TableError("holds no data frame", file=path, given=type(held).__name__, allowed="a data frame")
    return RawTable(frame_table(held))
