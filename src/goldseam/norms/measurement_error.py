"""The error of measurement within a person, from the answers to single items."""

from typing import TYPE_CHECKING

from goldseam.exceptions import TableError
from goldseam.norms.scale_norms import ANY

if TYPE_CHECKING:
    import polars as pl

VIEW = ["scale", "phase", "case", "rater"]
NEEDED = ("case", "rater", "scale", "session", "item", "value")


def measurement_errors(items: "pl.DataFrame") -> dict[tuple[str, str], float]:
    """Standard error of a score that is the mean of its items, within a person.

    What a person's answers at a session leave unexplained, once the item's own mean of that person and the session's
    mean are taken away, is error; the mean of m items carries one m-th of its variance (the person by item by
    session component of Cranford et al. 2006, *Personality and Social Psychology Bulletin* 32, 917).

    Parameters
    ----------
    items : polars.DataFrame
        ``case, rater, scale, session, item, value`` and optionally ``phase``; a row per answer. Sessions where an
        item is missing are left out.

    Returns
    -------
    dict of (scale, phase) to float
        In points; scales of one item, and those nobody answered completely twice, are left out.

    Raises
    ------
    TableError
        A column is missing.
    """
    import polars as pl

    missing = [name for name in NEEDED if name not in items.columns]
    if missing:
        raise TableError("the table of items lacks a column", given=missing[0], allowed=", ".join(NEEDED))
    phase = pl.col("phase") if "phase" in items.columns else pl.lit(None, dtype=pl.String)
    answers = items.with_columns(phase=phase.fill_null(ANY)).drop_nulls("value")
    answers = answers.with_columns(n_items=pl.col("item").n_unique().over("scale", "phase"))
    session = [*VIEW, "session"]
    complete = answers.filter(pl.len().over(session) == pl.col("n_items"), pl.col("n_items") > 1)
    value = pl.col("value")
    left = value - value.mean().over(session) - value.mean().over([*VIEW, "item"]) + value.mean().over(VIEW)
    people = (
        complete.with_columns(left=left)
        .group_by(VIEW)
        .agg(
            squares=(pl.col("left") ** 2).sum(),
            n_items=pl.col("n_items").first(),
            sessions=pl.col("session").n_unique(),
        )
    )
    free = (pl.col("sessions") - 1) * (pl.col("n_items") - 1)
    scales = people.group_by("scale", "phase").agg(
        variance=pl.col("squares").sum() / free.sum() / pl.col("n_items").first(), free=free.sum()
    )
    usable = scales.filter(pl.col("free") > 0)
    return {(row["scale"], row["phase"]): row["variance"] ** 0.5 for row in usable.to_dicts()}
