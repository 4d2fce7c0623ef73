"""The command that says who changed."""

from pathlib import Path
from typing import Annotated

import typer

from goldseam.cli.input_output import (
    Force,
    LowerIsBetter,
    Missing,
    Outlying,
    RatingsFile,
    aligned,
    check_outputs,
    missing_codes,
    say,
    write_all,
)
from goldseam.series.read_options import ReadOptions

ValueColumn = Annotated[
    str | None, typer.Option("--value", metavar="COLUMN", help="Column of the ratings; value if not given.")
]
TimeColumn = Annotated[
    str | None,
    typer.Option(
        "--time", metavar="COLUMN", help="Column of their times, numbers or names; session if not given."
    ),
]
ChosenScale = Annotated[
    str | None,
    typer.Option("--scale", metavar="NAME", help="The scale that is meant, where there are several."),
]
ChosenPhase = Annotated[
    str | None,
    typer.Option("--phase", metavar="NAME", help="The phase that is meant, where there are several."),
]


def print_change(
    file: RatingsFile,
    *,
    pre: Annotated[
        str | None, typer.Option(metavar="TIME", help="First session, or name of the occasion.")
    ] = None,
    post: Annotated[
        str | None, typer.Option(metavar="TIME", help="Later session, or name of the occasion.")
    ] = None,
    method: Annotated[
        str,
        typer.Option(metavar="NAME", help="JT, GLN, HLL, EN, NK, HA, HLM, PCT (percentage) or MIC (points)."),
    ] = "JT",
    convention: Annotated[
        str,
        typer.Option(metavar="NAME", help="published, or clinicalsignificance as that R package computes."),
    ] = "published",
    lower_is_better: LowerIsBetter = False,
    reliability: Annotated[float | None, typer.Option(help="Of the measure, between 0 and 1.")] = None,
    reliability_post: Annotated[
        float | None, typer.Option(help="At the later occasion, for NK; the same if not given.")
    ] = None,
    sd: Annotated[
        float | None,
        typer.Option(
            "--sd", help="The SD that the reliability belongs to; that of the first scores if not given."
        ),
    ] = None,
    population_mean: Annotated[
        float | None, typer.Option(help="Mean people regress to (GLN, EN, NK, HLL); their own if not given.")
    ] = None,
    population_post_mean: Annotated[
        float | None, typer.Option(help="The same at the later occasion, for HLL.")
    ] = None,
    functional_mean: Annotated[float | None, typer.Option(help="Of people without the disorder.")] = None,
    functional_sd: Annotated[float | None, typer.Option(help="Of people without the disorder.")] = None,
    cutoff: Annotated[
        str | None, typer.Option(metavar="a|b|c|SCORE", help="What parts the functional range from the rest.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Percent for PCT, points for MIC.")] = None,
    threshold_worse: Annotated[
        float | None, typer.Option(help="The same for the worse, where it differs.")
    ] = None,
    critical: Annotated[
        float | None,
        typer.Option(help="Index beyond which a change counts; 1.96, for HA 1.65, if not given."),
    ] = None,
    within_error: Annotated[
        float | None, typer.Option(help="Standard error of a score within a person, in points.")
    ] = None,
    value: ValueColumn = None,
    time: TimeColumn = None,
    scale: ChosenScale = None,
    phase: ChosenPhase = None,
    group: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of groups; the counts are told of each.")
    ] = None,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a row per person here (.csv, .parquet or .rds) instead of printing it."),
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Write how many have which status here (.csv, .parquet or .rds).")
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw the two-way plot here (.svg).")] = None,
    force: Force = False,
) -> None:
    """Say who changed reliably between two occasions, and who crossed into the range of functioning."""
    from goldseam.change import reliable_change
    from goldseam.shown import svg

    check_outputs([path for path in (out, summary) if path], inputs=[file], force=force)
    check_outputs([path for path in (chart,) if path], inputs=[file], endings=(".svg",), force=force)
    found = reliable_change(
        file,
        pre=pre,
        post=post,
        method=method,
        convention=convention,
        higher_is_better=not lower_is_better,
        reliability=reliability,
        reliability_post=reliability_post,
        sd=sd,
        population_mean=population_mean,
        population_post_mean=population_post_mean,
        functional_mean=functional_mean,
        functional_sd=functional_sd,
        cutoff=_cut_off(cutoff),
        threshold=threshold,
        threshold_worse=threshold_worse,
        critical=critical,
        within_error=within_error,
        value=value,
        time=time,
        scale=scale,
        phase=phase,
        group=group,
        missing=missing_codes(missing),
        outlying=outlying,
        reading=reading,
    )
    written = {out: found.persons, summary: found.groups}
    drawn = found.plot() if chart else None
    write_all(
        {
            **{path: table for path, table in written.items() if path is not None},
            **({chart: svg(drawn)} if chart and drawn is not None else {}),
        }
    )
    if not out:
        say(aligned(found.persons))
    say(found.summary())
    if chart and drawn is None:
        say(f"no chart is written to {chart}: nobody was judged", err=True)


def _cut_off(text: str | None) -> str | float | None:
    """A rule by its letter, or a score."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
