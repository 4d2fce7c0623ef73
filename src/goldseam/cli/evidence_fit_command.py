"""The command that fits the strengths of the evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldseam.cli.input_output import (
    ChosenNorms,
    Force,
    LowerIsBetter,
    Missing,
    Outlying,
    RatingsFile,
    check_outputs,
    chosen_norms,
    missing_codes,
    say,
    side_by_side,
    write_all,
)
from goldseam.series.read_options import ReadOptions

if TYPE_CHECKING:
    from goldseam.detection.criteria.fused.evidence_strengths import EvidenceStrengths


def fit_evidence_to_file(
    file: RatingsFile,
    *,
    out: Annotated[Path, typer.Option(help="Write the strengths here (JSON).")],
    name: Annotated[str, typer.Option(help="Name of the strengths.")] = "fitted",
    version: Annotated[str, typer.Option(help="Version of the strengths.")] = "1",
    norms: ChosenNorms = "auto",
    lower_is_better: LowerIsBetter = False,
    missing: Missing = "",
    outlying: Outlying = None,
    reading: ReadOptions | None = None,
    force: Force = False,
) -> None:
    """Estimate from confirmed sessions what the evidence says: 100 confirmed and 1,000 ordinary ones or more."""
    from goldseam.detection.evidence_fit import fit_evidence

    check_outputs([out], inputs=[file, Path(norms)], endings=(".json",), force=force)
    found = fit_evidence(
        file,
        norms=chosen_norms(norms),
        name=name,
        version=version,
        higher_is_better=not lower_is_better,
        missing=missing_codes(missing),
        outlying=outlying,
        reading=reading,
    )
    write_all({out: found.as_json()})
    say(f"strengths {found}: {found.provenance}")
    for line in side_by_side(_figures(found)):
        say(line)


def _figures(found: "EvidenceStrengths") -> list[tuple[str, str, str]]:
    rows = [("term", "moved by a rupture", "standard error")]
    assumed = found.assumed()
    for each in found.measured:
        same = each.drop == assumed.by_term[each.term].drop
        rows.append((each.term, f"{-each.drop:.2f}", _error(each.drop_error, assumed=same)))
    for one in found.categories:
        same = one.shift == assumed.by_category[one.term].shift
        rows.append((one.term, f"{one.shift:.2f}", _error(one.shift_error, assumed=same)))
    return rows


def _error(value: float | None, *, assumed: bool) -> str:
    if value is None:
        return "assumed" if assumed else "none: at the end of its range"
    return f"{value:.2f}"
