"""Two members at one session: their difference, its interval, and whether it is stable or new."""

from math import sqrt
from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import (
    CASE,
    FEWEST_EARLIER,
    MET,
    NOT_MET,
    SESSION,
    at_or_beyond,
    final_table,
    verdict,
)

if TYPE_CHECKING:
    import polars as pl

PAIR = (*CASE, "first", "second")

PAIR_COLUMNS = (
    *SESSION,
    "first",
    "second",
    "first_value",
    "second_value",
    "signed_split",
    "split",
    "low",
    "high",
    "reliable_at",
    "reliable",
    "conventional_at",
    "conventional",
    "n_before",
    "level",
    "change",
    "change_at",
    "changed",
)
HISTORY_COLUMNS = (
    *PAIR,
    "n_together",
    "n_sessions",
    "level",
    "level_low",
    "level_high",
    "level_split",
    "widest_session",
    "widest",
    "n_reliable",
    "n_conventional",
    "n_changed",
    "last_session",
    "last_signed_split",
    "current_run",
)


def pair_rows(rows: "pl.DataFrame", confidence: float) -> "pl.DataFrame":
    """Every two members who were there together, at every session; columns as in `PAIR_COLUMNS`.

    Parameters
    ----------
    rows : polars.DataFrame
        One scale's rows with their figures.
    confidence : float
        Of intervals and thresholds.

    Returns
    -------
    polars.DataFrame
        Sorted by case, pair and session.
    """
    import polars as pl

    second = rows.select(*SESSION, pl.col("rater").alias("second"), pl.col("value").alias("second_value"))
    first = rows.rename({"rater": "first", "value": "first_value"})
    together = (
        first.join(second, on=SESSION).filter(pl.col("first") < pl.col("second")).sort(*PAIR, "session")
    )
    signed = (pl.col("first_value") - pl.col("second_value")).alias("signed_split")
    together = together.with_columns(signed).with_columns(pl.col("signed_split").abs().alias("split"))
    return _with_verdicts(_with_level(together), normal_quantile(confidence))


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches to each side."""
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))


def pair_history(pairs: "pl.DataFrame", confidence: float) -> "pl.DataFrame":
    """What is known of each pair over all sessions; columns as in `HISTORY_COLUMNS`.

    Parameters
    ----------
    pairs : polars.DataFrame
        As `pair_rows` returns it.
    confidence : float
        Of the interval of the level.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    signed, split = pl.col("signed_split"), pl.col("split")
    rated = signed.is_not_null()
    history = pairs.group_by(PAIR, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n_together"),
        signed.count().cast(pl.Int64).alias("n_sessions"),
        signed.mean().alias("level"),
        signed.std().alias("deviation"),
        pl.col("session").filter(rated, split == split.max()).first().alias("widest_session"),
        split.max().alias("widest"),
        *(_times_met(name) for name in ("reliable", "conventional", "changed")),
        pl.col("session").filter(rated).last().alias("last_session"),
        signed.filter(rated).last().alias("last_signed_split"),
        _current_run(),
    )
    return final_table(_with_level_interval(history, confidence), HISTORY_COLUMNS)


def _with_level(together: "pl.DataFrame") -> "pl.DataFrame":
    """Add the mean signed difference of the earlier sessions, and how many those are."""
    import polars as pl

    signed = pl.col("signed_split")
    rated = signed.is_not_null().cast(pl.Int64)
    n_before = (rated.cum_sum() - rated).over(PAIR)
    before = signed.fill_null(0.0).cum_sum().shift(fill_value=0.0).over(PAIR)
    counted = together.with_columns(n_before=n_before, before=before)
    level = pl.when(pl.col("n_before") > 0).then(pl.col("before") / pl.col("n_before"))
    return counted.with_columns(level=level).with_columns(change=signed - pl.col("level"))


def _with_verdicts(together: "pl.DataFrame", quantile: float) -> "pl.DataFrame":
    import polars as pl

    split, both = pl.col("split"), pl.col("split").is_not_null()
    reliable_at = quantile * sqrt(2) * pl.col("measurement_error")
    change_at = quantile * sqrt(2) * pl.col("within_sd") * (1 + 1 / pl.col("n_before")).sqrt()
    with_limits = together.with_columns(
        reliable_at=reliable_at,
        conventional_at=pl.col("between_sd"),
        change_at=pl.when(pl.col("n_before") >= FEWEST_EARLIER).then(change_at),
        low=pl.col("signed_split") - reliable_at,
        high=pl.col("signed_split") + reliable_at,
    )

    def beyond(size: "pl.Expr", limit: str, figure: str, enough: "pl.Expr") -> "pl.Expr":
        return verdict(at_or_beyond(size, pl.col(limit)), applied=pl.col(figure).is_not_null(), enough=enough)

    return with_limits.with_columns(
        reliable=beyond(split, "reliable_at", "reliable_at", both),
        conventional=beyond(split, "conventional_at", "conventional_at", both),
        changed=beyond(
            pl.col("change").abs(), "change_at", "within_sd", both & (pl.col("n_before") >= FEWEST_EARLIER)
        ),
    )


def _times_met(name: str) -> "pl.Expr":
    """How often the verdict is *met*; null where it was never judged."""
    import polars as pl

    return pl.when(_ever_judged(name)).then((pl.col(name) == MET).sum().cast(pl.Int64)).alias(f"n_{name}")


def _current_run() -> "pl.Expr":
    """How many of the latest sessions together have a conventional split, without a break."""
    import polars as pl

    met = (pl.col("conventional") == MET).filter(pl.col("split").is_not_null())
    run = met.reverse().cast(pl.Int64).cum_prod().sum().cast(pl.Int64)
    return pl.when(_ever_judged("conventional")).then(run).alias("current_run")


def _ever_judged(name: str) -> "pl.Expr":
    import polars as pl

    return pl.col(name).is_in([MET, NOT_MET]).any()


def _with_level_interval(history: "pl.DataFrame", confidence: float) -> "pl.DataFrame":
    """Add the t interval of the mean signed difference, and whether it leaves zero out."""
    import numpy as np
    import polars as pl
    from scipy.special import stdtrit

    n_sessions = history.get_column("n_sessions").to_numpy()
    enough = pl.col("n_sessions") >= FEWEST_EARLIER
    quantile = stdtrit(np.maximum(n_sessions - 1, 1), (1 + confidence) / 2)
    reach = pl.when(enough).then(pl.Series(quantile) * pl.col("deviation") / pl.col("n_sessions").sqrt())
    spread = history.with_columns(reach=reach)
    away_from_zero = (pl.col("level").abs() > pl.col("reach")) & (pl.col("level") != 0)
    return spread.with_columns(
        level_low=pl.col("level") - pl.col("reach"),
        level_high=pl.col("level") + pl.col("reach"),
        level_split=verdict(away_from_zero, applied=pl.lit(value=True), enough=enough),
    )
