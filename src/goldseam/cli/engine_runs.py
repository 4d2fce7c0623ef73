"""Commands on an engine: a cluster for one command, and what cannot be asked of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from goldseam.cli.input_output import say
from goldseam.exceptions import ParameterError
from goldseam.wording import counted

if TYPE_CHECKING:
    from goldseam.detection.partitioned import PartedDetection

MOST_NOTES = 10


def refuse_with_engine(**given: object) -> None:
    """Refuse options that would need the whole table at once, or another form of it."""
    if any(each is not None for each in given.values()):
        allowed = "Parquet with our own names of columns, and the range of the scale in every row"
        raise ParameterError(
            "not with --engine: options of how a file is written", where="--engine", allowed=allowed
        )


def detect_on_engine(
    engine: str, jobs: int | None, source: str, outputs: Mapping[str, str], **settings: Any
) -> "PartedDetection":
    """Judge a table in parts of whole cases, and tell what was told of them.

    Parameters
    ----------
    engine, jobs
        As for `goldseam.dask_engine.dask_engine`; as many processes as there are processors if none are given.
    source, outputs, **settings
        As for `goldseam.detection.partitioned.detect_in_parts`.

    Returns
    -------
    PartedDetection
    """
    from goldseam.cohort.draw_runner import processors
    from goldseam.dask_engine import dask_engine
    from goldseam.detection.partitioned import detect_in_parts

    with dask_engine(engine, processors() if jobs is None else jobs) as running:
        found = detect_in_parts(source, outputs, running, **settings)
    for note in found.notes[:MOST_NOTES]:
        say(f"goldseam: {note}", err=True)
    say(f"{counted(found.parts, 'part')} of whole cases: {', '.join(outputs.values())}")
    return found
