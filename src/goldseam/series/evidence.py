"""Further columns of a table of ratings: what else is known of the session a rating is about.

=====================  =========================================================================================
``item_*``             the answers, or facets, whose mean the value is; on the value's scale
``facet_*``            other facets that the same rater rated; on the value's scale
``therapist_rating``   the therapist's own rating of the session; on the value's scale
``member_rating_*``    other members' ratings of the session; on the value's scale
``tension``            the direct question whether there was tension: 0 no, 1 a little, 2 clearly
``skipped_items``      how many questions were left out
``seconds_taken``      how long answering took
``late``               1 where the answer came late, 0 where in time
``strain_confirmed``   1 where client or therapist, asked, said that there had been strain, 0 where none; to fit with
``asked_by_chance``    1 where a session was asked about whatever its rating; to fit with
=====================  =========================================================================================
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl

SCALE_PREFIXES = ("item_", "facet_", "member_rating_")
ON_THE_SCALE = (*SCALE_PREFIXES, "therapist_rating")
STRAIN_CONFIRMED, ASKED_BY_CHANCE = "strain_confirmed", "asked_by_chance"
YES_OR_NO = ("late", STRAIN_CONFIRMED, ASKED_BY_CHANCE)
ALLOWED = {
    "tension": "0 (no), 1 (a little) or 2 (clearly)",
    "skipped_items": "a number of 0 or more",
    "seconds_taken": "a number of 0 or more",
    "late": "0 (in time) or 1 (late)",
    STRAIN_CONFIRMED: "0 (none) or 1 (strain)",
    ASKED_BY_CHANCE: "0 or 1",
}


def evidence_columns(names: Iterable[str]) -> list[str]:
    """Those of some columns that are evidence.

    Parameters
    ----------
    names : iterable of str
        Names of the columns of a table.

    Returns
    -------
    list of str
        Those described above, sorted.
    """
    return sorted(name for name in names if name.startswith(ON_THE_SCALE) or name in ALLOWED)


class RefusingCells(Protocol):
    """Keeps the rows where something holds as faults; see `goldseam.series.table.TableChecks`."""

    def refuse_where(
        self, table: "pl.DataFrame", bad: "pl.Expr | pl.Series", column: str, problem: str, allowed: str
    ) -> None: ...


def check_evidence(typed: "pl.DataFrame", names: Iterable[str], checks: RefusingCells) -> None:
    """Refuse evidence outside the value's range, or that is none of what its column allows."""
    import polars as pl

    for name in names:
        number = pl.col(name)
        if name not in ALLOWED:
            outside = (number < pl.col("minimum")) | (number > pl.col("maximum"))
            checks.refuse_where(typed, outside, name, "outside the scale's range", "minimum to maximum")
            continue
        if name == "tension":
            bad = ~number.is_in([0.0, 1.0, 2.0])
        else:
            bad = ~number.is_in([0.0, 1.0]) if name in YES_OR_NO else number < 0
        checks.refuse_where(typed, bad, name, "no such answer", ALLOWED[name])
