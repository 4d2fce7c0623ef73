"""The map of relations: who rated which relation at each session of a case."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from goldseam.alliance.case_tables import CASE, PerScale, cut_offs, final_table, long_table, verdict
from goldseam.exceptions import ParameterError, TableError
from goldseam.series.frames import result_as_given
from goldseam.series.read_options import MissingRatings, Ratings, ReadOptions

if TYPE_CHECKING:
    import polars as pl

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "self_therapist": "self_therapist",
        "other_therapist": "other_therapist",
        "group_therapist": "group_therapist",
        "within": "within",
        "therapist_view": "therapist_client",
    }
)
"""The relation each main scale of the shipped alliance measure rates."""

MAP_COLUMNS = (
    *CASE,
    "session",
    "rater",
    "scale",
    "relation",
    "state",
    "value",
    "share_of_range",
    "change",
    "below_cut_off",
)


@result_as_given
def relation_map(
    ratings: Ratings,
    *,
    relations: Mapping[str, str] | None = None,
    cut_off: PerScale = None,
    missing: MissingRatings = (),
    reading: ReadOptions | None = None,
) -> "pl.DataFrame":
    """Lay out who rated which relation at each session: self, other, group, within, and the therapist's view.

    Every rater's relations stay apart; no total over relations is made. The levels are those of Pinsof's
    integrative alliance scales (Pinsof, Zinbarg & Knobloch-Fedders 2008).

    Parameters
    ----------
    ratings
        As for `goldseam.detect`, with sessions numbered over the case. A row is a session the rater attended;
        no row means that the rater was away, or that the relation was not asked.
    relations : mapping of str to str, optional
        The relation each scale rates; scales not named are left out. The shipped measure's if not given.
    cut_off : float, mapping of str to float, optional
        In points; ratings below it are low. One for all scales, or one for each by name.
    missing, reading
        As for `goldseam.detect`.

    Returns
    -------
    polars.DataFrame
        One row for every session of a case, and every rater and scale the case has: ``case, phase, session,
        rater, scale, relation``; ``state`` (*rated*, *not rated*, *not applied*); ``value``; ``share_of_range``
        (0 to 1, null where the range is unknown); ``change`` since this rater's last rating of the relation;
        ``below_cut_off`` (*met*, *not met*, *not applied* without a cut-off or when away, *not enough data*
        when not rated).

    Raises
    ------
    TableError
        The ratings cannot be used, or hold none of the scales.
    ParameterError
        A cut-off or a relation is not what it must be.

    Examples
    --------
    >>> import polars as pl
    >>> ratings = pl.DataFrame({"case": "A", "rater": ["client", "client", "partner"], "session": [1, 2, 2],
    ...                         "scale": "self_therapist", "value": [7.0, 6.0, None]})
    >>> relation_map(ratings).select("session", "rater", "state", "change").rows()
    [(1, 'client', 'rated', None), (1, 'partner', 'not applied', None), (2, 'client', 'rated', -1.0), \
(2, 'partner', 'not rated', None)]
    """
    import polars as pl

    known = _checked(RELATIONS if relations is None else relations)
    table = long_table(ratings, missing=missing, reading=reading)
    rows = table.filter(pl.col("scale").is_in(list(known)))
    if rows.is_empty():
        found = ", ".join(table.get_column("scale").unique().sort().to_list())
        raise TableError(
            "no scale of these relations", given=", ".join(known), allowed=f"scales among {found}"
        )
    low = cut_offs(cut_off, rows)
    grid = _grid(rows).with_columns(_state(), _change(), _share())
    grid = grid.with_columns(
        relation=pl.col("scale").replace_strict(known, return_dtype=pl.String),
        cut_off=pl.col("scale").replace_strict(low, default=None, return_dtype=pl.Float64),
    )
    return final_table(grid.with_columns(below_cut_off=_below()), MAP_COLUMNS)


def _checked(relations: Mapping[str, str]) -> dict[str, str]:
    if not relations or not all(isinstance(word, str) for pair in relations.items() for word in pair):
        raise ParameterError(
            "not a mapping of scales to relations",
            where="relations",
            given=dict(relations),
            allowed="a relation in words for one scale or more",
        )
    return dict(relations)


def _grid(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Every session of a case with every rater and scale of that case; ``here`` is null without a row."""
    import polars as pl

    sessions = rows.select(*CASE, "session").unique()
    views = rows.group_by(*CASE, "rater", "scale").agg(pl.col("minimum", "maximum").first())
    present = rows.select(*CASE, "session", "rater", "scale", "value", pl.lit(value=True).alias("here"))
    grid = sessions.join(views, on=CASE)
    return grid.join(present, on=[*CASE, "session", "rater", "scale"], how="left").sort(
        *CASE, "rater", "scale", "session"
    )


def _state() -> "pl.Expr":
    import polars as pl

    without_value = pl.when(pl.col("here")).then(pl.lit("not rated")).otherwise(pl.lit("not applied"))
    return (
        pl.when(pl.col("value").is_not_null()).then(pl.lit("rated")).otherwise(without_value).alias("state")
    )


def _change() -> "pl.Expr":
    import polars as pl

    earlier = pl.col("value").forward_fill().shift().over(*CASE, "rater", "scale")
    return (pl.col("value") - earlier).alias("change")


def _share() -> "pl.Expr":
    import polars as pl

    reach = pl.col("maximum") - pl.col("minimum")
    return ((pl.col("value") - pl.col("minimum")) / reach).alias("share_of_range")


def _below() -> "pl.Expr":
    import polars as pl

    return verdict(
        pl.col("value") < pl.col("cut_off"),
        applied=pl.col("cut_off").is_not_null() & pl.col("here"),
        enough=pl.col("value").is_not_null(),
    )
