"""The command that measures how often a criterion is wrong with norms of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldseam.cli.input_output import Force, check_outputs, say, side_by_side, write_all
from goldseam.norms import Norms

if TYPE_CHECKING:
    from goldseam.operating import ErrorRates


def measure_norms_in_file(
    file: Annotated[Path, typer.Argument(metavar="NORMS", help="Norms file (JSON), as fit-norms writes it.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write the norms with their error rates here (JSON).")
    ] = None,
    criterion: Annotated[
        str, typer.Option(help="Id of the criterion; see: goldseam criteria.")
    ] = "predictive",
    criterion_version: Annotated[
        int | None, typer.Option(help="Its version; the newest that is not on trial if not given.")
    ] = None,
    cases: Annotated[int, typer.Option(help="Simulated cases behind each figure.")] = 5_000,
    sessions: Annotated[int, typer.Option(help="Sessions of each case.")] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    force: Force = False,
) -> None:
    """Measure by simulation how often a criterion is wrong with norms of one's own, and keep that with them."""
    from goldseam.operating import ErrorRates, measure_norms

    if out:
        check_outputs([out], inputs=[file], endings=(".json",), force=force)
    norms = measure_norms(
        Norms.read(file),
        criterion=criterion,
        version=criterion_version,
        cases=cases,
        sessions=sessions,
        seed=seed,
    )
    if out:
        write_all({out: norms})
    for entry in norms.scales:
        rates = ErrorRates.from_content(entry.error_rates[-1])
        say(f"{entry.scale} (phase {entry.phase}, rater {entry.rater}), if the norms are right:")
        for line in side_by_side(_figures(rates)):
            say(line)


def _figures(rates: "ErrorRates") -> list[tuple[str, str]]:
    from goldseam.cli.error_rate_report import percent

    found = rates.grades["any"]
    rows = [
        (f"{rates.criterion} version {rates.criterion_version}, nothing wrong", ""),
        ("  onsets per session that can be judged", percent(found.false_alarms)),
    ]
    rows += [
        (f"  cases with one in {each.sessions} sessions", percent(each.rate))
        for each in found.false_alarm_cases
    ]
    rows += [
        (f"dips of {each.depth_sd:g} SD over {each.duration} session(s), found", percent(each.rate))
        for each in found.sensitivity
    ]
    if found.predictive_values:
        low, high = found.real_in_ten
        rows.append(("of ten onsets, real ones", f"{low} to {high}"))
    return rows
