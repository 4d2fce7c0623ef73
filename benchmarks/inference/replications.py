"""The loop the studies of intervals share: replications of cells, a row each in a file that can be gone on with."""

import argparse
import csv
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import polars as pl

NORMAL_95 = 1.96
Row = dict[str, float | None]


def loop_parser(description: str | None, rows: str, replications: int = 60) -> argparse.ArgumentParser:
    """What every study is asked: how many replications, from which number on, for how long, into which file."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--replications", type=int, default=replications)
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first; two processes share a file"
    )
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of processor time, then stop")
    parser.add_argument("--rows", type=Path, default=Path(rows))
    return parser


def run_replications(
    args: argparse.Namespace, cell: str, values: Sequence[float], once: Callable[[int, float], Row]
) -> pl.DataFrame:
    """Replicate each cell, leave out what the file has, append a row each, and return the whole file.

    A row begins with the cell's value, in the column `cell`, and the number of the replication, which is its seed. A
    last line that was cut off by an interruption is taken off and replicated again.
    """
    warnings.simplefilter("ignore")
    columns, done = _found(args.rows, cell)
    for number in range(args.first, args.first + args.replications):
        for value in values:
            if (value, number) in done:
                continue
            if time.process_time() > args.seconds:
                return finished_rows(args.rows)
            row = {cell: value, "number": number} | once(number, value)
            if columns and columns != [*row]:
                raise SystemExit(f"{args.rows} has other columns: {', '.join(columns)}")
            with args.rows.open("a", newline="") as file:
                writer = csv.DictWriter(file, [*row], lineterminator="\n")
                if not columns:
                    writer.writeheader()
                writer.writerow(row)
            columns = [*row]
    return finished_rows(args.rows)


def _found(path: Path, cell: str) -> tuple[list[str], set[tuple[float, int]]]:
    """Columns of the file, and which replications it has; a torn last line is cut off."""
    if not path.exists():
        return [], set()
    whole = path.read_text()
    kept = whole[: whole.rfind("\n") + 1]
    if kept != whole:
        path.write_text(kept)
    rows = csv.DictReader(kept.splitlines())
    done = {(float(row[cell]), int(row["number"])) for row in rows}
    return [*(rows.fieldnames or [])], done


def finished_rows(path: Path) -> pl.DataFrame:
    """The rows of a file; none where it does not exist yet."""
    return pl.read_csv(path, infer_schema_length=None) if path.exists() else pl.DataFrame()


def by_cell(table: pl.DataFrame, cell: str) -> Iterator[tuple[float, pl.DataFrame]]:
    """Each cell's value with its rows, in the order of the values."""
    if table.is_empty():
        return
    for (value,), rows in sorted(table.group_by(cell), key=lambda each: float(str(each[0][0]))):
        yield float(str(value)), rows


@dataclass(frozen=True)
class Coverage:
    """What intervals of many replications do; `*_error` are Monte-Carlo standard errors."""

    answered: int
    mean: float
    off: float
    off_error: float
    sd: float
    error: float
    holds: float
    holds_error: float
    rejects: float
    rejects_error: float

    @classmethod
    def of(
        cls, rows: pl.DataFrame, name: str, truth: "pl.Series | float", ends: Any = None
    ) -> "Coverage | None":
        """Of an estimate ``{name}_d`` with ``{name}_low`` and ``{name}_high``, or of three columns given."""
        columns = ends or [f"{name}_{key}" for key in ("d", "low", "high")]
        known = rows.select(*columns).with_columns(truth=truth).drop_nulls()
        if known.height < 2:
            return None
        d, low, high, true = (known[each] for each in (*columns, "truth"))
        n, off = known.height, d - true
        holds = float(((low <= true) & (high >= true)).sum()) / n
        rejects = float(((low > 0) | (high < 0)).sum()) / n
        sd = float(off.std())  # type: ignore[arg-type]
        return cls(
            n,
            float(d.mean()),  # type: ignore[arg-type]
            float(off.mean()),  # type: ignore[arg-type]
            sd / sqrt(n),
            sd,
            float((high - low).mean()) / 2 / NORMAL_95,  # type: ignore[arg-type]
            holds,
            sqrt(holds * (1 - holds) / n),
            rejects,
            sqrt(rejects * (1 - rejects) / n),
        )

    def line(self) -> str:
        """In one line."""
        return (
            f"({self.answered}): mean {self.mean:.3f} off {self.off:.3f} ({self.off_error:.3f}) sd {self.sd:.3f} "
            f"error {self.error:.3f} holds {self.holds:.3f} ({self.holds_error:.3f}) "
            f"rejects 0 {self.rejects:.3f} ({self.rejects_error:.3f})"
        )
