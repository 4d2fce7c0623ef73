"""Facts about measures: ranges, cut-offs, reliable change, keys; each with where it is from and how sure it is."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from goldseam.exceptions import ParameterError

if TYPE_CHECKING:
    import polars as pl

CONFIDENCES = ("found", "remembered", "weakly remembered", "proposed")
"""In a source that is named; from memory; from memory, and not to be relied on; a rule of ours."""


@cache
def _facts() -> "pl.DataFrame":
    import polars as pl

    text = files(__package__).joinpath("data", "scoring_facts.csv").read_bytes()
    return pl.read_csv(text, infer_schema=False)


def scoring_facts(measure: str | None = None) -> "pl.DataFrame":
    """Facts about measures that are used beside alliance ratings; no wording of any of them.

    Check each against the licensed form before real data are scored: many are from memory, and say so.

    Parameters
    ----------
    measure : str, optional
        As the column has it, such as ``"PHQ-9"``; all measures if not given.

    Returns
    -------
    polars.DataFrame
        ``measure, fact, value`` (as text), ``source, confidence``: *found*, *remembered*, *weakly remembered* or
        *proposed*.

    Raises
    ------
    ParameterError
        Nothing is known of this measure.

    Examples
    --------
    >>> import goldseam
    >>> phq = goldseam.scoring_facts("PHQ-9")
    >>> phq.filter(phq["fact"] == "reliable change").select("value", "confidence").row(0)
    ('6', 'found')
    """
    facts = _facts()
    if measure is None:
        return facts.clone()
    known = facts.get_column("measure").unique().sort().to_list()
    if measure not in known:
        raise ParameterError(
            "nothing is known of it", where="measure", given=measure, allowed=", ".join(known)
        )
    return facts.filter(facts["measure"] == measure)
