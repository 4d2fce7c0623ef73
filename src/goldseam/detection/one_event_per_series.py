"""One row per series, with one of its events."""

from typing import TYPE_CHECKING

from goldseam.detection.engine.codes import Status
from goldseam.exceptions import ParameterError
from goldseam.series.table_columns import KEYS

if TYPE_CHECKING:
    import polars as pl

SELECTIONS = ("first", "last", "smallest", "largest")


def one_event_per_series(
    outcomes: "pl.DataFrame", episodes: "pl.DataFrame", owner: "pl.Series", size: str, select: str
) -> "pl.DataFrame":
    """The series, each with one of its episodes.

    Parameters
    ----------
    outcomes : polars.DataFrame
        As `Detection.series`.
    episodes : polars.DataFrame
        As `Detection.episodes`.
    owner : polars.Series of int
        The series each episode belongs to.
    size : str
        The column that says how large an episode is.
    select : str
        *first*, *last*, *smallest* or *largest*.

    Returns
    -------
    polars.DataFrame
        As `Detection.one_per_series`.

    Raises
    ------
    ParameterError
        There is no such choice.
    """
    import polars as pl

    if select not in SELECTIONS:
        raise ParameterError("no such choice", where="select", given=select, allowed=", ".join(SELECTIONS))
    numbered = episodes.drop(KEYS).with_columns(series=owner).with_row_index("at")
    of_size = pl.col(size)
    by = {
        "first": pl.col("at"),
        "last": -pl.col("at").cast(pl.Int64),
        "smallest": of_size,
        "largest": -of_size,
    }
    chosen = numbered.sort("series", by[select], "at", nulls_last=True).unique("series", keep="first")
    rows = outcomes.with_columns(series=pl.int_range(outcomes.height, dtype=pl.Int64))
    joined = rows.join(_groups(owner, episodes), on="series", how="left", maintain_order="left")
    nothing = (pl.col("outcome") == "judged") & pl.col("group").is_null()
    joined = joined.with_columns(pl.when(nothing).then(pl.lit("none")).otherwise("group").alias("group"))
    joined = joined.join(chosen.drop("at"), on="series", how="left", maintain_order="left")
    return joined.drop("series")


def _groups(owner: "pl.Series", episodes: "pl.DataFrame") -> "pl.DataFrame":
    """Repaired, unrepaired or null, per series with events."""
    import polars as pl

    status = pl.col("status")
    statuses = pl.DataFrame({"series": owner, "status": episodes.get_column("status")})
    repaired = status.is_in([Status.REPAIRED.word, Status.REPAIRED_UNCONFIRMED.word]).all()
    failed = status.is_in([Status.UNREPAIRED.word, Status.PARTIAL.word]).any()
    group = pl.when(repaired).then(pl.lit("repaired")).when(failed).then(pl.lit("unrepaired"))
    return statuses.group_by("series").agg(group.alias("group"))
