"""The command line: every method on files, with the same results as in Python."""

import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from goldseam.cli.change_commands import print_change
from goldseam.cli.engine_runs import detect_on_engine, refuse_with_engine
from goldseam.cli.error_rate_commands import print_null_rate, print_operating
from goldseam.cli.evidence_fit_command import fit_evidence_to_file
from goldseam.cli.input_output import (
    ChosenNorms,
    CriterionParameters,
    Direction,
    Force,
    LowerIsBetter,
    Missing,
    Outlying,
    RatingsAddress,
    RatingsFile,
    aligned,
    check_outputs,
    chosen_norms,
    missing_codes,
    parameters,
    reads_ratings,
    say,
    write_all,
)
from goldseam.cli.norms_check_command import print_norms_check
from goldseam.cli.norms_rates_command import measure_norms_in_file
from goldseam.cli.study_command import print_study
from goldseam.cli.trajectory_commands import print_growth, print_shapes
from goldseam.detection import CONFIDENCE, Criterion, Detection, criteria, detect
from goldseam.detection.interval_check import check_interval
from goldseam.exceptions import GoldseamError, ParameterError, TableWarning
from goldseam.norms import Norms, fit_norms
from goldseam.series.read_options import ReadOptions
from goldseam.series.table import MISSING_WORDS

if TYPE_CHECKING:
    import polars as pl

    from goldseam.detection.partitioned import PartedDetection

UNUSABLE = 2

app = typer.Typer(
    help="See strain in the alliance between client and therapist session by session, and track its repair.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line; what cannot be used is one line on standard error and exit code 2."""
    _say_warnings()
    try:
        app()
    except GoldseamError as error:
        say(f"goldseam: {error}", err=True)
    except OSError as error:
        say(f"goldseam: {error.filename or 'file'}: {error.strerror or error}", err=True)
    sys.exit(UNUSABLE)


def _say_warnings() -> None:
    """What is told of a table is a line on standard error, each time it is told."""

    usual = warnings.showwarning

    def told(  # noqa: PLR0917  # as `warnings.showwarning`
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, TableWarning):
            say(f"goldseam: {message}", err=True)
        else:
            usual(message, category, filename, lineno, file, line)

    warnings.showwarning = told
    warnings.simplefilter("always", TableWarning)


def _show_version(wanted: bool) -> None:  # called by position
    from importlib.metadata import version

    if wanted:
        say(f"goldseam {version('goldseam')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command("criteria")
def list_criteria() -> None:
    """List the criteria with their parameters and defaults."""
    for each in criteria():
        when = "prospective" if each.prospective else "retrospective"
        say(f"{each.id} version {each.version}: {each.title}")
        say(f"  {when}, from {each.shortest_series} rating(s) on, source: {each.source}")
        say(f"  confidence {each.confidence}: {CONFIDENCE[each.confidence]}")
        for name, rule in each.parameters().items():
            default = "none" if rule.default is None else str(rule.default).lower()
            say(f"  --set {name}={default}  {rule.meaning}; {rule.allowed}")


@app.command("detect")
@reads_ratings
def detect_events(
    file: RatingsAddress,
    *,
    criterion: Annotated[
        str, typer.Option(help="Id of the criterion; see: goldseam criteria.")
    ] = "predictive",
    criterion_version: Annotated[
        int | None, typer.Option(help="Its version; the newest that is not on trial if not given.")
    ] = None,
    settings: CriterionParameters = None,
    norms: ChosenNorms = "auto",
    lower_is_better: Direction = None,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    out: Annotated[str | None, typer.Option(help="Write the events here (.csv, .parquet or .rds).")] = None,
    details: Annotated[
        str | None, typer.Option(help="Write a row per session here (.csv, .parquet or .rds).")
    ] = None,
    episodes: Annotated[
        str | None, typer.Option(help="Write the events with every detail here (.csv, .parquet or .rds).")
    ] = None,
    by_series: Annotated[
        str | None, typer.Option(help="Write a row per series here (.csv, .parquet or .rds).")
    ] = None,
    select: Annotated[
        str, typer.Option(help="The event a series is shown with: first, last, smallest, largest.")
    ] = "first",
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="dask[://HOST:PORT]",
            help="Judge parts of whole cases on Dask; FILE and outputs are folders of Parquet at any address.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(help="With --engine dask: processes; as many as there are processors if not given."),
    ] = None,
    force: Force = False,
) -> None:
    """Find ruptures and their repair in a table of ratings."""
    wanted = {"events": out, "details": details, "episodes": episodes, "by_series": by_series}
    outputs = {kind: each for kind, each in wanted.items() if each is not None}
    settled = {
        "criterion": criterion,
        "version": criterion_version,
        "norms": chosen_norms(norms),
        "higher_is_better": None if lower_is_better is None else not lower_is_better,
        "missing": missing_codes(missing),
        **parameters(settings),
    }
    if engine is not None:
        refuse_with_engine(outlying=outlying, reading=reading)
        parted = detect_on_engine(engine, jobs, file, outputs, select=select, force=force, **settled)
        say(_summary(parted))
        return
    paths = {kind: Path(each) for kind, each in outputs.items()}
    check_outputs([*paths.values()], inputs=[Path(file), Path(norms)], force=force)
    found = detect(Path(file), outlying=outlying, reading=reading, **settled)
    made = {
        "events": lambda: found.events,
        "details": lambda: _details(found),
        "episodes": lambda: found.episodes,
        "by_series": lambda: found.one_per_series(select),
    }
    write_all({path: made[kind]() for kind, path in paths.items()})
    if not out:
        say(aligned(found.events) if found.events.height else "no events")
    say(_summary(found))


@app.command("check-interval")
def check_one_interval(
    *,
    before: Annotated[str, typer.Option(help="Scores at sessions n-2, n-1, n: 31,NA,27 for example.")],
    after: Annotated[str, typer.Option(help="Scores at sessions n+1, n+2, n+3.")],
    criterion: Annotated[str, typer.Option(help="sudden-gain or sudden-loss.")] = "sudden-gain",
    settings: CriterionParameters = None,
) -> None:
    """Check one interval for a sudden gain or loss, criterion by criterion; lower scores are better."""
    found = check_interval(
        _three_scores("--before", before),
        _three_scores("--after", after),
        criterion=criterion,
        **parameters(settings),
    )
    for name, value in asdict(found).items():
        shown = f"{value:.6g}" if isinstance(value, float) else value
        say(f"{name.replace('_', ' ')}: {'-' if value is None else shown}")


@app.command("fit-norms")
@reads_ratings
def fit_norms_to_file(
    file: RatingsFile,
    *,
    out: Annotated[Path, typer.Option(help="Write the norms here (JSON).")],
    name: Annotated[str, typer.Option(help="Name of the norms.")] = "fitted",
    version: Annotated[str, typer.Option(help="Version of the norms.")] = "1",
    lower_is_better: LowerIsBetter = False,
    by_rater: Annotated[
        bool, typer.Option("--by-rater", help="An entry for each kind of rater with enough series as well.")
    ] = False,
    measure: Annotated[
        str | None, typer.Option(help="The instrument the scales belong to, written into the norms.")
    ] = None,
    falls: Annotated[
        bool, typer.Option("--falls", help="Lasting changes of level are taken to be falls.")
    ] = False,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    force: Force = False,
) -> None:
    """Estimate norms from ratings: at least 50 series with 4 or more ratings for each scale."""
    check_outputs([out], inputs=[file], endings=(".json",), force=force)
    norms = fit_norms(
        file,
        name=name,
        version=version,
        higher_is_better=not lower_is_better,
        by_rater=by_rater,
        measure=measure,
        falls=falls,
        missing=missing_codes(missing),
        outlying=outlying,
        reading=reading,
    )
    write_all({out: norms})
    say(f"norms {norms.name} {norms.version}: {norms.provenance}")
    for each in norms.scales:
        direction = "higher" if each.higher_is_better else "lower"
        figures = f"{direction} is better, first mean {each.mean_course[0]:.4g}, between persons {each.between_sd:.4g}"
        rater = "" if each.rater == "*" else f", rater {each.rater}"
        kind = f"{each.scale} (phase {each.phase}{rater}), {norms.unit}"
        say(f"{kind}: {figures}, within a person {each.within_sd:.4g}")


@app.command("simulate")
def simulate_to_file(
    *,
    cases: Annotated[int, typer.Option(help="Number of cases.")],
    sessions: Annotated[int, typer.Option(help="Sessions of each case.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same ratings.")],
    out: Annotated[
        Path, typer.Option(help="Write the ratings here (.csv, .parquet or .rds), the truth beside them.")
    ],
    model: Annotated[str, typer.Option(help="What the people and their ratings are like.")] = "items",
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Add what else is known of each session.")
    ] = False,
    force: Force = False,
) -> None:
    """Simulate ratings with known ruptures and repairs, and write the truth beside them."""
    from goldseam.simulate import EvidenceModel, simulate

    truth_file = out.with_name(f"{out.stem}-truth{out.suffix}")
    check_outputs([out, truth_file], inputs=[], force=force)
    further = EvidenceModel() if evidence else None
    made = simulate(cases=cases, sessions=sessions, seed=seed, model=model, evidence=further)
    write_all({out: made.ratings, truth_file: made.truth})
    say(f"{out}: {made.ratings.height} rows; {truth_file}: {made.truth.height} true events")


@app.command("inspect")
@reads_ratings
def inspect_file(
    file: RatingsFile,
    *,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    out: Annotated[Path | None, typer.Option(help="Write the report here (.html or .txt).")] = None,
    force: Force = False,
) -> None:
    """Say what a table holds, how it was read, all its faults, and what can and cannot be judged."""
    from goldseam.inspection import inspect_ratings

    if out:
        check_outputs([out], inputs=[file], endings=(".html", ".txt"), force=force)
    report = inspect_ratings(file, missing=missing_codes(missing), outlying=outlying, reading=reading)
    if out:
        write_all({out: report.html() if out.suffix.lower() == ".html" else report.text() + "\n"})
    else:
        say(report.text())
    if report.faults:
        raise typer.Exit(UNUSABLE)


app.command("fit-evidence")(reads_ratings(fit_evidence_to_file))
app.command("operating")(print_operating)
app.command("check-norms")(reads_ratings(print_norms_check))
app.command("measure-norms")(measure_norms_in_file)
app.command("null-rate")(reads_ratings(print_null_rate))
app.command("change")(reads_ratings(print_change))
app.command("growth")(reads_ratings(print_growth))
app.command("shapes")(reads_ratings(print_shapes))
app.command("study")(reads_ratings(print_study))


def _three_scores(option: str, text: str) -> list[float | None]:
    """Three numbers with commas between them; NA is a session that was not rated."""
    words = [word.strip() for word in text.split(",")]
    try:
        return [None if word in MISSING_WORDS else float(word) for word in words]
    except ValueError:
        allowed = "three numbers with commas between them, NA for a missing one"
        raise ParameterError("not scores", where=option, given=text, allowed=allowed) from None


def _details(found: Detection) -> "pl.DataFrame":
    return found.details if found.details.get_column("phase").count() else found.details.drop("phase")


def _summary(found: "Detection | PartedDetection") -> str:
    counts = found.counts
    parts = [f"{counts.judged} judged, {counts.flagged} of them flagged"]
    if counts.not_applied:
        parts.append(f"{counts.not_applied} not applied")
    parts.append(f"{counts.not_enough_data} not enough data")
    how = f"{_criterion_words(found.criterion)}{_norms_words(found.norms, found.norms_reason)}"
    return f"{how}\n{counts.series} series: {', '.join(parts)}"


def _criterion_words(criterion: Criterion) -> str:
    changed = [
        f"{name}={getattr(criterion, name)}"
        for name, rule in criterion.parameters().items()
        if getattr(criterion, name) != rule.default
    ]
    return " ".join([f"criterion {criterion.id} version {criterion.version}", *changed])


def _norms_words(norms: Norms | None, reason: str) -> str:
    if norms is None:
        return ""
    said = [
        *([] if norms.empirical else ["assumed, not empirical"]),
        *([] if reason == "given" else [reason]),
    ]
    return f", norms {norms.name} {norms.version}" + (f" ({'; '.join(said)})" if said else "")
