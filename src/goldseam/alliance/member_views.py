"""What each member sees of the others' alliance: skew and discrepancy."""

from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import SESSION, at_or_beyond, final_table, verdict
from goldseam.alliance.member_pairs import normal_quantile

if TYPE_CHECKING:
    import polars as pl

VIEW_COLUMNS = (
    *SESSION,
    "rater",
    "self_value",
    "other_value",
    "skew",
    "skew_at",
    "skewed",
    "n_others",
    "others_self",
    "discrepancy",
    "discrepancy_at",
    "discrepant",
)


def member_view_rows(own: "pl.DataFrame", other: "pl.DataFrame", confidence: float) -> "pl.DataFrame":
    """Skew and discrepancy of every member at every session; columns as in `VIEW_COLUMNS`.

    Parameters
    ----------
    own, other : polars.DataFrame
        Rows of the members' own alliance and of their view of the others', with figures.
    confidence : float
        Of the thresholds.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    asked = other.select(
        *SESSION,
        "rater",
        pl.lit(value=True).alias("asked"),
        pl.col("value").alias("other_value"),
        pl.col("measurement_error").alias("other_error"),
    )
    views = own.rename({"value": "self_value"}).with_columns(_other_members())
    views = views.join(asked, on=[*SESSION, "rater"], how="left", maintain_order="left")
    views = views.with_columns(
        skew=pl.col("self_value") - pl.col("other_value"),
        discrepancy=pl.col("other_value") - pl.col("others_self"),
    )
    return final_table(_with_verdicts(views, normal_quantile(confidence)), VIEW_COLUMNS)


def _other_members() -> list["pl.Expr"]:
    """How many other members were there, and the mean of what they gave, once all of them gave a rating."""
    import polars as pl

    own = pl.col("self_value")
    n_others = (pl.len().over(SESSION) - 1).cast(pl.Int64)
    rated = own.count().over(SESSION) - own.is_not_null().cast(pl.Int64)
    total = own.sum().over(SESSION) - own.fill_null(0.0)
    mean = pl.when((rated == n_others) & (n_others > 0)).then(total / n_others)
    return [n_others.alias("n_others"), mean.alias("others_self")]


def _with_verdicts(views: "pl.DataFrame", quantile: float) -> "pl.DataFrame":
    import polars as pl

    own, other = pl.col("measurement_error"), pl.col("other_error")
    views = views.with_columns(
        skew_at=quantile * (own**2 + other**2).sqrt(),
        discrepancy_at=pl.when(pl.col("n_others") > 0).then(
            quantile * (other**2 + own**2 / pl.col("n_others")).sqrt()
        ),
    )

    def beyond(size: str, limit: str, applied: "pl.Expr") -> "pl.Expr":
        return verdict(
            at_or_beyond(pl.col(size).abs(), pl.col(limit)),
            applied=pl.col("asked") & pl.col(limit).is_not_null() & applied,
            enough=pl.col(size).is_not_null(),
        )

    return views.with_columns(
        skewed=beyond("skew", "skew_at", pl.lit(value=True)),
        discrepant=beyond("discrepancy", "discrepancy_at", pl.col("n_others") > 0),
    )
