"""Detection in parts that hold whole cases, on an engine: the same rows as on one machine, in the same order."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldseam.detection.detect import SHIPPED, Detection, detect, find_criterion
from goldseam.detection.engine.criterion import Criterion
from goldseam.detection.session_tables import Counts
from goldseam.exceptions import ParameterError, TableError, TableWarning
from goldseam.norms import Norms
from goldseam.series.whole_cases import (
    PIECES,
    ROWS,
    Engine,
    SplitTask,
    check_apart,
    cut_points,
    fresh_folder,
    read_parquet,
    remove_folder,
    sampled_cases,
    slices,
    split_slice,
    table_files,
    write_parquet,
)

if TYPE_CHECKING:
    import polars as pl

EVENTS, DETAILS, EPISODES, BY_SERIES = "events", "details", "episodes", "by_series"


@dataclass(frozen=True)
class PartTask:
    """One part: where its rows lie, how they are judged, and where the results go.

    Attributes
    ----------
    number : int
        Of the part.
    pieces : tuple of str
        Addresses of files that hold its rows.
    settings : dict
        Arguments of `goldseam.detect`.
    outputs : dict of str to str
        Address of the folder of each table wanted.
    select : str
        The event a series is shown with.
    """

    number: int
    pieces: tuple[str, ...]
    settings: dict[str, Any]
    outputs: dict[str, str]
    select: str


@dataclass(frozen=True)
class PartedDetection:
    """What was found in all parts.

    Attributes
    ----------
    criterion : Criterion
        The rule.
    norms : Norms or None
        The norms it used; None where it uses none.
    norms_reason : str
        Why these.
    counts : Counts
        Over all parts.
    parts : int
        How many.
    notes : tuple of str
        What was told of the tables, each once.
    """

    criterion: Criterion
    norms: Norms | None
    norms_reason: str
    counts: Counts
    parts: int
    notes: tuple[str, ...]


def detect_in_parts(
    source: str,
    outputs: Mapping[str, str],
    engine: Engine,
    *,
    criterion: str = "predictive",
    version: int | None = None,
    norms: Norms | str = SHIPPED,
    higher_is_better: bool | None = None,
    missing: tuple[str, ...] = (),
    select: str = "first",
    force: bool = False,
    rows: int = ROWS,
    **parameters: Any,
) -> PartedDetection:
    """Part a table into whole cases, judge each part, and write a file of each result for each part.

    Parameters
    ----------
    source : str
        Address of a Parquet file or of a folder of them; rows in any order, columns by our names, and ``minimum`` and
        ``maximum`` in every row, because a range seen in one part would not be that of the table.
    outputs : mapping of str to str
        By *events, details, episodes, by_series* the address of a folder for its parts.
    engine : Engine
        What runs the tasks.
    criterion, version, higher_is_better, missing, **parameters
        As for `goldseam.detect`.
    norms : Norms or str
        Given ones or *shipped*: fitting them takes all ratings at once.
    select : str
        As for `Detection.one_per_series`.
    force : bool
        Whether parts of an earlier result may be written over.
    rows : int
        Of a part, about.

    Returns
    -------
    PartedDetection

    Raises
    ------
    ParameterError
        An argument is outside its range, a folder for results is not empty, or it is not apart from the ratings.
    TableError
        The ratings cannot be used; no part is left behind.
    """
    if not outputs:
        raise ParameterError("nowhere to write to", where="--engine", allowed="with --out, --details, ...")
    if not isinstance(norms, Norms) and norms != SHIPPED:
        raise ParameterError(
            "norms cannot be fitted in parts",
            where="--norms",
            given=norms,
            allowed="a file of norms, or shipped",
        )
    rule = find_criterion(criterion, version, **parameters)
    used = norms if isinstance(norms, Norms) else Norms.default()
    check_apart([source, *outputs.values()])
    files = table_files(source)  # before anything is taken away
    for address in outputs.values():
        fresh_folder(address, force=force)
    folder = f"{next(iter(outputs.values())).rstrip('/')}/{PIECES}"
    settings = {
        "criterion": criterion,
        "version": rule.version,
        "norms": used,
        "higher_is_better": higher_is_better,
        "missing": missing,
        **parameters,
    }
    try:
        parts = _parted(files, folder, engine, rows)
        tasks = [
            PartTask(number, pieces, settings, dict(outputs), select) for number, pieces in enumerate(parts)
        ]
        found = engine.run(detect_part, tasks, "judging parts")
    except BaseException:
        for address in outputs.values():
            fresh_folder(address, force=True)
        raise
    finally:
        remove_folder(folder)
    counts = [sum(column) for column in zip(*(each[0] for each in found), strict=True)]
    notes = dict.fromkeys(note for _counts, told in found for note in told)
    reason = "given" if isinstance(norms, Norms) else "as asked for"
    return PartedDetection(
        rule,
        used if rule.needs_norms else None,
        reason if rule.needs_norms else "",
        Counts(*counts),
        len(tasks),
        tuple(notes),
    )


def _parted(files: Sequence[str], folder: str, engine: Engine, rows: int) -> list[tuple[str, ...]]:
    """Addresses of the files of each part, in the order of its cases."""
    wanted = slices(files, rows)
    if not wanted:
        raise TableError("no rows", file=files[0], allowed="a table of ratings")
    samples = engine.run(sampled_cases, wanted, "looking at cases")
    parts = max(1, -(-sum(each.rows for each in wanted) // rows))
    cuts = cut_points(samples, parts)
    written = engine.run(split_slice, [SplitTask(each, cuts, folder) for each in wanted], "parting cases")
    pieces: dict[int, list[str]] = {}
    for number, address in sorted(each for some in written for each in some):
        pieces.setdefault(number, []).append(address)
    return [tuple(pieces[number]) for number in sorted(pieces)]


def detect_part(task: PartTask) -> tuple[tuple[int, ...], list[str]]:
    """Judge one part and write its results; the same files again where it is run twice.

    Parameters
    ----------
    task : PartTask
        Which part.

    Returns
    -------
    counts : tuple of int
        As `Counts`.
    notes : list of str
        What was told of the ratings.

    Raises
    ------
    TableError
        The ratings cannot be used.
    """
    import polars as pl

    ratings = pl.concat([read_parquet(each) for each in task.pieces], how="vertical_relaxed")
    for name in ("minimum", "maximum"):
        if name not in ratings.columns or ratings.get_column(name).null_count():
            raise TableError(
                "not in every row", column=name, allowed="with --engine the range of the scale in every row"
            )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", TableWarning)
        found = detect(ratings, **task.settings)
    for kind, address in task.outputs.items():
        write_parquet(
            _table(found, kind, task.select), f"{address.rstrip('/')}/part-{task.number:06d}.parquet"
        )
    counts = found.counts
    numbers = (counts.series, counts.judged, counts.flagged, counts.not_applied, counts.not_enough_data)
    return numbers, [str(each.message) for each in told if issubclass(each.category, TableWarning)]


def _table(found: Detection, kind: str, select: str) -> "pl.DataFrame":
    if kind == BY_SERIES:
        return found.one_per_series(select)
    return {EVENTS: found.events, DETAILS: found.details, EPISODES: found.episodes}[kind]
