"""Everything a rerun of a study needs to know, written into its report and its JSON."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.cohort.chance_model import DIP_TABLES, TABLES_A_DRAW
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.software_versions import software
from goldseam.detection.engine.criterion import Criterion

if TYPE_CHECKING:
    from goldseam.cohort.prevalence import EpisodePrevalence

FORMAT = "goldseam-study-1"


def study_settings(
    cohort: Cohort,
    rules: Sequence[Criterion],
    found: "EpisodePrevalence",
    given: Mapping[str, Any],
    further: Mapping[str, Any],
) -> dict[str, Any]:
    """Criteria, norms, numbers, software and hashes of what was read.

    Parameters
    ----------
    cohort : Cohort
        As it was read.
    rules : sequence of Criterion
        The primary one first.
    found : EpisodePrevalence
        With the norms and the numbers.
    given : mapping of str to object
        The tables as they were given.
    further : mapping of str to object
        What else was chosen.

    Returns
    -------
    dict
        Plain JSON content.
    """
    norms = found.norms
    return {
        "format": FORMAT,
        "scale": cohort.scale,
        "higher_is_better": cohort.higher_is_better,
        "criteria": [
            {
                "id": each.id,
                "version": each.version,
                "title": each.title,
                "source": each.source,
                "parameters": {name: _plain(getattr(each, name)) for name in each.parameters()},
            }
            for each in rules
        ],
        "norms": None if norms is None else {"provenance": norms.provenance, "hash": norms.content_hash},
        "draws": found.draws,
        "seed": found.seed,
        "norms_in_draws": "held fixed" if found.fast else "refitted by one Newton step",
        "tables_by_chance": found.counts.tables if found.counts else 0,
        "cases_in_tables_by_chance": found.counts.cases_drawn if found.counts else 0,
        "tables_in_each_draw": 0 if found.fast or not found.draws else TABLES_A_DRAW,
        "tables_for_sensitivity": DIP_TABLES,
        **{name: _plain(value) for name, value in further.items()},
        "read": {name: read_hash(source) for name, source in given.items() if source is not None},
        "software": software(),
    }


def read_hash(source: Any) -> str:
    """SHA-256 of a file, or what kind of table in memory it was."""
    if isinstance(source, str | Path):
        return f"{Path(source).name}, SHA-256 {hashlib.sha256(Path(source).read_bytes()).hexdigest()}"
    return f"a table in memory ({type(source).__name__})"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
