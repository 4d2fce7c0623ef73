"""The command that says how well norms fit ratings."""

from pathlib import Path
from typing import Annotated

import typer

from goldseam.cli.input_output import (
    Force,
    LowerIsBetter,
    Missing,
    NormsFile,
    Outlying,
    RatingsFile,
    check_outputs,
    missing_codes,
    say,
    side_by_side,
    write_all,
)
from goldseam.norms import Norms
from goldseam.series.read_options import ReadOptions


def print_norms_check(
    file: RatingsFile,
    *,
    norms: NormsFile = None,
    lower_is_better: LowerIsBetter = False,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    out: Annotated[
        Path | None, typer.Option(help="Write all shares with their intervals here (.csv, .parquet or .rds).")
    ] = None,
    force: Force = False,
) -> None:
    """Say how well norms fit ratings; without --norms, each half of the cases by norms fitted to the other."""
    from goldseam.operating import check_norms

    if out:
        check_outputs([out], inputs=[file, *([norms] if norms else [])], force=force)
    found = check_norms(
        file,
        norms=Norms.read(norms) if norms else None,
        higher_is_better=not lower_is_better,
        missing=missing_codes(missing),
        outlying=outlying,
        reading=reading,
    )
    say(found.summary())
    rows = [("predicted", "%", "95% interval")]
    rows += [
        (f"{row['from']:.1f} to {row['to']:.1f}", *_figures(row))
        for row in found.histogram.iter_rows(named=True)
    ]
    rows.append(("", "", ""))
    rows += [
        (f"{row['by']}, {row['group']}: {row['part']} {row['nominal']:g}", *_figures(row))
        for row in found.shares.iter_rows(named=True)
        if row["by"] == "all" or row["nominal"] == found.nominal
    ]
    for line in side_by_side(rows):
        say(line)
    if out:
        write_all({out: found.shares})


def _figures(row: dict[str, float]) -> tuple[str, str]:
    return f"{100 * row['share']:.2f}", f"{100 * row['low']:.2f} to {100 * row['high']:.2f}"
