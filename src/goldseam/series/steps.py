"""Ratings between two possible ones, where the table says which are possible."""

from typing import TYPE_CHECKING

from goldseam.series.evidence import RefusingCells

if TYPE_CHECKING:
    import polars as pl

OFF_STEP = 0.1
"""Of a step: means of items are often written with two decimals."""


def check_steps(typed: "pl.DataFrame", checks: RefusingCells) -> None:
    """Refuse steps that are none, and ratings between two steps.

    Parameters
    ----------
    typed : polars.DataFrame
        Checked columns ``value, minimum, step``.
    checks : RefusingCells
        Keeps the faults.
    """
    import polars as pl

    checks.refuse_where(typed, pl.col("step") <= 0, "step", "impossible step", "a number above 0")
    steps = (pl.col("value") - pl.col("minimum")) / pl.col("step")
    between = (pl.col("step") > 0) & ((steps - steps.round()).abs() > OFF_STEP)
    allowed = "{minimum:g} and whole numbers of {step:g} above it, or empty if not rated"
    checks.refuse_where(typed, between, "value", "between two possible ratings", allowed)
