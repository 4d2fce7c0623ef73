"""The one call that runs any criterion on any table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldseam.detection.blocks import judge_in_blocks
from goldseam.detection.registry import find_criterion
from goldseam.detection.result import Detection
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
