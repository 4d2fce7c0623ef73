"""The command that turns a table of ratings into a report."""

from pathlib import Path
from typing import Annotated

import typer

from goldseam.cli.change_commands import ChosenPhase, ChosenScale
from goldseam.cli.input_output import (
    Force,
    LowerIsBetter,
    Missing,
    Outlying,
    RatingsFile,
    check_outputs,
    missing_codes,
    new_folder,
    say,
    write_all,
)
from goldseam.exceptions import ParameterError
from goldseam.series.read_options import ReadOptions

WRITTEN = (".html", ".pdf", ".csv", ".svg", ".json", ".r")


def print_study(
    file: RatingsFile,
    *,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Write the report and its files into this folder.")
    ],
    cases: Annotated[
        Path | None, typer.Option(help="A row per case: case, modality, therapist, ending.")
    ] = None,
    episodes: Annotated[
        Path | None,
        typer.Option(
            help="A row per flagged episode: case, session, antecedent, contribution, ..., confirmed."
        ),
    ] = None,
    sessions_table: Annotated[
        Path | None,
        typer.Option(
            "--sessions-table", help="A row per case and session: what is recorded at every session."
        ),
    ] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help="A row per case: case, after (an outcome), before.")
    ] = None,
    progress: Annotated[
        Path | None,
        typer.Option(
            help="Ratings of progress by session, in the form of the ratings; else a scale of these."
        ),
    ] = None,
    progress_scale: Annotated[
        str | None,
        typer.Option(help="Scale of progress: asks whether progress follows the alliance."),
    ] = None,
    progress_phase: Annotated[
        str | None, typer.Option(help="Phase of progress, where there are several.")
    ] = None,
    progress_lower_is_better: Annotated[
        bool, typer.Option("--progress-lower-is-better", help="Progress counts symptoms or distress.")
    ] = False,
    therapist_scale: Annotated[
        str | None, typer.Option(help="Scale of therapists' ratings of their cases, in the ratings.")
    ] = None,
    therapist_phase: Annotated[
        str | None, typer.Option(help="Phase of these, where there are several.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            help="A plan (.toml), hashed before the data are read; the report says what deviates from it."
        ),
    ] = None,
    criterion: Annotated[
        str, typer.Option(help="Id of the primary criterion; see: goldseam criteria.")
    ] = "predictive",
    criterion_version: Annotated[
        int | None, typer.Option(help="Its version; the newest if not given.")
    ] = None,
    others: Annotated[
        str | None, typer.Option(metavar="ID,...", help="Criteria counted beside it; empty for none.")
    ] = None,
    confirmed: Annotated[
        str | None,
        typer.Option(
            metavar="FOUND/OF",
            help="Confirmed cases that were flagged, of all confirmed ones, asked in unflagged sessions too: 52/80.",
        ),
    ] = None,
    draws: Annotated[int, typer.Option(help="Bootstrap draws over cases; 0 for none.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    fast: Annotated[
        bool, typer.Option("--fast", help="Hold the norms fixed: quicker, and the intervals are too narrow.")
    ] = False,
    specifications: Annotated[
        bool,
        typer.Option(help="With outcomes: estimate both effects under all other reasonable choices, too."),
    ] = True,
    jobs: Annotated[
        int | None,
        typer.Option(help="Processes that draw; as many as there are processors if not given. Same digits."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep finished draws here, and go on with those that are kept."),
    ] = None,
    scale: ChosenScale = None,
    phase: ChosenPhase = None,
    lower_is_better: LowerIsBetter = False,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    force: Force = False,
) -> None:
    """Study ruptures and repairs in a cohort: a report with every figure beside what chance alone would give."""
    from goldseam.cohort import study
    from goldseam.cohort.draw_runner import processors
    from goldseam.cohort.prevalence import OTHER_CRITERIA
    from goldseam.cohort.study_pdf import pdf_missing

    made = new_folder(out)
    try:
        inputs = [path for path in (file, cases, episodes, sessions_table, outcomes, progress, plan) if path]
        check_outputs([out / "report.html", out / "report.pdf"], inputs=inputs, endings=WRITTEN, force=force)
        named = (
            OTHER_CRITERIA
            if others is None
            else tuple(each.strip() for each in others.split(",") if each.strip())
        )
        found = study(
            file,
            cases,
            episodes=episodes,
            sessions=sessions_table,
            outcomes=outcomes,
            progress=progress,
            progress_scale=progress_scale,
            progress_phase=progress_phase,
            progress_higher_is_better=not progress_lower_is_better,
            therapist_scale=therapist_scale,
            therapist_phase=therapist_phase,
            plan=plan,
            criterion=criterion,
            version=criterion_version,
            others=named,
            confirmed=_counts(confirmed),
            draws=draws,
            seed=seed,
            fast=fast,
            specifications=specifications,
            jobs=processors() if jobs is None else jobs,
            resume=resume,
            scale=scale,
            phase=phase,
            higher_is_better=not lower_is_better,
            missing=missing_codes(missing),
            outlying=outlying,
            reading=reading,
        )
        contents = {out / name: content for name, content in found.files().items()}
        check_outputs([*contents], inputs=inputs, endings=WRITTEN, force=force)
        write_all(contents)
    except Exception:
        if made and not any(out.iterdir()):  # finished draws may be kept in it
            out.rmdir()
        raise
    say(found.summary())
    say(f"report: {out / 'report.html'}")
    why = pdf_missing()
    say(f"the same as PDF: {out / 'report.pdf'}" if why is None else f"no report.pdf: {why}")


def _counts(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found, slash, of = text.partition("/")
    try:
        return (int(found), int(of)) if slash else _refused_counts(text)
    except ValueError:
        return _refused_counts(text)


def _refused_counts(text: str) -> tuple[int, int]:
    allowed = "two counts with a slash between them: 52/80"
    raise ParameterError("not two counts", where="--confirmed", given=text, allowed=allowed)
