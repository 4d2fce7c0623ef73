"""The commands that say how often a criterion is wrong: by simulation, and beside observed ratings."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from goldseam.cli.input_output import (
    CriterionParameters,
    Direction,
    Force,
    Missing,
    NormsFile,
    Outlying,
    RatingsFile,
    check_outputs,
    missing_codes,
    numbers,
    parameters,
    say,
    write_all,
)
from goldseam.detection import find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series.read_options import ReadOptions

NULL_FORMAT = "goldseam-null-rate-1"
ENDINGS = (".txt", ".json")


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"


Out = Annotated[
    Path | None, typer.Option(help="Write the report to this .txt or .json file instead of printing it.")
]
Form = Annotated[Format, typer.Option("--format", help="Tables of text, or JSON with every digit.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same figures.")]


def print_operating(
    more: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Further criteria, side by side.")
    ] = None,
    *,
    criterion: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Id of a criterion; predictive if not given.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="[ID.]NAME=VALUE", help="A parameter of every criterion, or of the one named."
        ),
    ] = None,
    norms: NormsFile = None,
    model: Annotated[str, typer.Option(metavar="KIND", help="Kind of simulated data.")] = "items",
    cases: Annotated[int, typer.Option(help="Simulated cases behind each figure.")] = 5_000,
    sessions: Annotated[int, typer.Option(help="Sessions of each case.")] = 12,
    seed: Seed = 1,
    prevalence: Annotated[
        list[str] | None, typer.Option(help="Shares of cases with one true dip; 0.2,0.5 if not given.")
    ] = None,
    caseload: Annotated[int, typer.Option(help="Clients a therapist sees weekly.")] = 40,
    wanted_rate: Annotated[
        list[str] | None,
        typer.Option(help="Find the thresholds for these false alarms per session that can be judged."),
    ] = None,
    roc: Annotated[
        bool, typer.Option("--roc", help="Trace sensitivity against false alarms as thresholds move.")
    ] = False,
    limits: Annotated[
        bool, typer.Option("--limits", help="Show what the oracle and the Bayes limit find beside.")
    ] = False,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Simulate what else is known of each session, for fused.")
    ] = False,
    form: Form = Format.TEXT,
    out: Out = None,
    force: Force = False,
) -> None:
    """Measure by simulation how often criteria are wrong, how late they are, and what their verdicts are worth."""
    from goldseam.cli.error_rate_report import comparison_lines
    from goldseam.operating.characteristics import SimulationPlan
    from goldseam.operating.comparison import compare
    from goldseam.operating.simulation_verdicts import CriterionSettings

    _check_out(out, norms, force=force)
    used = Norms.read(norms) if norms else Norms.default()
    names = list(dict.fromkeys([*(criterion or []), *(more or [])])) or ["predictive"]
    rules = [
        CriterionSettings(name, None, used, given)
        for name, given in _each_with_settings(names, settings).items()
    ]
    plan = SimulationPlan(
        model=model,
        sessions=sessions,
        cases=cases,
        seed=seed,
        computed_on=datetime.now(tz=UTC).date(),
        prevalences=numbers("--prevalence", prevalence or ["0.2,0.5"]),
        caseload=caseload,
        evidence=evidence,
    )
    wanted = numbers("--wanted-rate", wanted_rate or [])
    found = compare(rules, plan, wanted=wanted, with_curves=roc, with_limits=limits)
    text = "\n".join(comparison_lines(found, used)) if form is Format.TEXT else _json(found.content())
    _print_or_write(text, out)


def print_null_rate(
    file: RatingsFile,
    *,
    criterion: Annotated[
        str, typer.Option(help="Id of the criterion; see: goldseam criteria.")
    ] = "predictive",
    criterion_version: Annotated[
        int | None, typer.Option(help="Its version; the newest that is not on trial if not given.")
    ] = None,
    settings: CriterionParameters = None,
    norms: NormsFile = None,
    lower_is_better: Direction = None,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    replications: Annotated[int, typer.Option(help="Tables drawn to see what chance does.")] = 1000,
    seed: Seed = 1,
    sensitivity: Annotated[
        float | None,
        typer.Option(help="Share of cases with a true dip that are found; simulated if not given."),
    ] = None,
    depth: Annotated[float, typer.Option(help="Depth of the dips simulated for it, in own SDs.")] = 2.5,
    form: Form = Format.TEXT,
    out: Out = None,
    force: Force = False,
) -> None:
    """Set the prevalence and the repair rate seen in ratings beside those to be expected by chance."""
    from goldseam.cli.null_rate_report import null_rate_lines
    from goldseam.operating import null_rate

    _check_out(out, file, norms, force=force)
    found = null_rate(
        file,
        criterion=criterion,
        version=criterion_version,
        norms=Norms.read(norms) if norms else None,
        higher_is_better=None if lower_is_better is None else not lower_is_better,
        missing=missing_codes(missing),
        outlying=outlying,
        reading=reading,
        replications=replications,
        seed=seed,
        sensitivity=sensitivity,
        depth_sd=depth,
        **parameters(settings),
    )
    content = {"format": NULL_FORMAT, **asdict(found)}
    _print_or_write("\n".join(null_rate_lines(found)) if form is Format.TEXT else _json(content), out)


def _each_with_settings(names: list[str], settings: list[str] | None) -> dict[str, dict[str, Any]]:
    """The parameters of every criterion: those given for all, and those given with its name.

    A setting that a criterion does not have is refused, so that none is passed over.
    """
    given: dict[str, dict[str, Any]] = {name: {} for name in names}
    for parameter, value in parameters(settings).items():
        # ids have dashes where parameters have underscores
        owner, dot, own = parameter.rpartition(".")
        owner = owner.replace("_", "-")
        if dot and owner not in given:
            allowed = ", ".join(names)
            raise ParameterError("not a criterion of this run", where="--set", given=owner, allowed=allowed)
        for name in [owner] if dot else names:
            given[name][own] = value
    for name, its in given.items():
        find_criterion(name, **its)
    return given


def _check_out(out: Path | None, *inputs: Path | None, force: bool) -> None:
    if out:
        check_outputs([out], inputs=[path for path in inputs if path], endings=ENDINGS, force=force)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, allow_nan=False)


def _print_or_write(text: str, out: Path | None) -> None:
    if out:
        write_all({out: text + "\n"})
    else:
        say(text)
