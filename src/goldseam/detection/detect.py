"""Every criterion by id and version, and the one call that runs any of them on any table."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.detection.criteria import CRITERIA
from goldseam.detection.engine.criterion import Criterion, judge_in_blocks
from goldseam.detection.engine.result import Detection
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import load_series

if TYPE_CHECKING:
    import polars as pl


def detect(
    ratings: "pl.DataFrame | str | Path",
    *,
    criterion: str = "predictive",
    version: int | None = None,
    norms: Norms | None = None,
    higher_is_better: bool | None = None,
    **parameters: Any,
) -> Detection:
    """Find ruptures and their repair in ratings of one series or of many.

    The same code serves one series and a table of many; the result depends neither on the order of rows nor on
    the other series in the table.

    Parameters
    ----------
    ratings : polars.DataFrame, str or Path
        A row per attended session of one rater's view of one relation: ``case, rater, scale, session, value``
        and optionally ``phase, date, minimum, maximum``; or a ``.csv`` or ``.parquet`` file of them. Sessions
        are numbered from 1; an empty value is a session that was not rated.
    criterion : str
        The criterion's id; `criteria` lists them.
    version : int, optional
        Its version; the newest if not given.
    norms : Norms, optional
        The shipped default if not given.
    higher_is_better : bool, optional
        The direction of the scales; the criterion's own if not given.
    **parameters
        Parameters of the criterion.

    Returns
    -------
    Detection

    Raises
    ------
    TableError
        The ratings cannot be used.
    ParameterError
        The criterion, its version or a parameter does not exist, or a value is not allowed.
    NormsError
        The norms do not cover a scale, or need a range that is not known.

    Examples
    --------
    >>> import polars as pl
    >>> values = [7.0, 7.5, 7.2, 7.4, 3.9, 7.3, 7.5]
    >>> ratings = pl.DataFrame({"case": "A", "rater": "client", "scale": "alliance", "session": range(1, 8),
    ...                         "value": values, "minimum": 0, "maximum": 10})
    >>> detect(ratings).events.select("onset_session", "grade", "status", "repair_session").row(0)
    (5, 'marked', 'repaired', 6)
    """
    rule = find_criterion(criterion, version, **parameters)
    direction = rule.higher_is_better if higher_is_better is None else higher_is_better
    used = Norms.default() if norms is None else norms
    series = load_series(ratings, evidence=rule.reads_evidence)
    oriented = series if direction else series.reversed()
    findings = judge_in_blocks(rule, oriented, used, higher_is_better=direction)
    return Detection(
        criterion=rule,
        norms=used if rule.needs_norms else None,
        higher_is_better=direction,
        _series=oriented,
        _findings=findings,
    )


def criteria() -> tuple[type[Criterion], ...]:
    """All criteria, sorted by id and version.

    Returns
    -------
    tuple of criterion classes
    """
    return tuple(each for _, each in sorted(_by_key().items()))


def find_criterion(criterion: str, version: int | None = None, **parameters: Any) -> Criterion:
    """A criterion with its parameters set.

    Parameters
    ----------
    criterion : str
        Its id.
    version : int, optional
        Its version; the newest if not given.
    **parameters
        Values of its parameters; defaults for the others.

    Returns
    -------
    Criterion

    Raises
    ------
    ParameterError
        The criterion, the version or a parameter does not exist, or a value is not allowed.
    """
    versions = {number: each for (name, number), each in _by_key().items() if name == criterion}
    if not versions:
        known = ", ".join(sorted({name for name, _ in _by_key()}))
        raise ParameterError("unknown criterion", given=criterion, allowed=known)
    wanted = max(versions) if version is None else version
    if wanted not in versions:
        known = ", ".join(map(str, sorted(versions)))
        raise ParameterError(f"unknown version of criterion {criterion}", given=version, allowed=known)
    chosen = versions[wanted]
    for name in parameters:
        if name not in chosen.parameters():
            known = ", ".join(chosen.parameters()) or "none"
            raise ParameterError(f"criterion {criterion} has no such parameter", given=name, allowed=known)
    return chosen(**parameters)


@cache
def _by_key() -> dict[tuple[str, int], type[Criterion]]:
    return {(each.id, each.version): each for each in CRITERIA}
