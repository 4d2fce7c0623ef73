"""The commands about whole courses: growth models and shapes."""

import json
from pathlib import Path
from typing import Annotated

import typer

from goldseam.cli.change_commands import ChosenPhase, ChosenScale, TimeColumn, ValueColumn
from goldseam.cli.input_output import (
    Force,
    LowerIsBetter,
    Missing,
    Outlying,
    RatingsFile,
    aligned,
    check_outputs,
    missing_codes,
    new_folder,
    say,
    write_all,
)
from goldseam.series.read_options import ReadOptions


def print_growth(
    file: RatingsFile,
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write estimates and courses into this folder.")],
    course: Annotated[
        str, typer.Option(metavar="NAME", help="linear, log, quadratic or piecewise in time.")
    ] = "linear",
    knot: Annotated[float | None, typer.Option(help="Time at which a piecewise course may bend.")] = None,
    reml: Annotated[
        bool, typer.Option("--reml/--ml", help="Restricted maximum likelihood, or maximum likelihood.")
    ] = True,
    value: ValueColumn = None,
    time: TimeColumn = None,
    scale: ChosenScale = None,
    phase: ChosenPhase = None,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    force: Force = False,
) -> None:
    """Fit a growth model: an average course, and each person's own, shrunken towards it."""
    from goldseam.trajectory import fit_growth

    files = {name: out / name for name in ("estimates.json", "persons.csv", "courses.csv")}
    made = new_folder(out)
    try:
        check_outputs([*files.values()], inputs=[file], endings=(".json", ".csv"), force=force)
        found = fit_growth(
            file,
            course=course,
            knot=knot,
            restricted=reml,
            value=value,
            time=time,
            scale=scale,
            phase=phase,
            missing=missing_codes(missing),
            outlying=outlying,
            reading=reading,
        )
        estimates = json.dumps(found.estimates(), indent=1, ensure_ascii=False) + "\n"
        write_all(dict(zip(files.values(), (estimates, found.persons, found.courses), strict=True)))
    except Exception:
        if made:
            out.rmdir()
        raise
    say(found.summary())


def print_shapes(
    file: RatingsFile,
    *,
    lower_is_better: LowerIsBetter = False,
    within_sd: Annotated[
        float | None,
        typer.Option(help="Usual SD of ratings within a person; found from the table if not given."),
    ] = None,
    criterion: Annotated[
        str | None, typer.Option(metavar="ID", help="Count the events of this criterion beside the shape.")
    ] = None,
    value: ValueColumn = None,
    time: TimeColumn = None,
    scale: ChosenScale = None,
    phase: ChosenPhase = None,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a row per person here (.csv, .parquet or .rds) instead of printing it."),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(help="Write counts by length, with those by chance, here (.csv, .parquet or .rds)."),
    ] = None,
    force: Force = False,
) -> None:
    """Name the shape of each course, with how often straight courses get each name by chance."""
    from goldseam.trajectory import course_shapes

    check_outputs([path for path in (out, summary) if path], inputs=[file], force=force)
    found = course_shapes(
        file,
        higher_is_better=not lower_is_better,
        within_sd=within_sd,
        criterion=criterion,
        value=value,
        time=time,
        scale=scale,
        phase=phase,
        missing=missing_codes(missing),
        outlying=outlying,
        reading=reading,
    )
    written = {out: found.persons, summary: found.by_length}
    write_all({path: table for path, table in written.items() if path is not None})
    if not out:
        say(aligned(found.persons))
    say(found.summary())
