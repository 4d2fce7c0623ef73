"""The chart of a specification curve: effects in their order above, the choices of each below."""

from typing import TYPE_CHECKING, Any

from goldseam.cohort.study_charts import CHANCE, GOLD, HEIGHT, INK, WIDTH
from goldseam.extras import extra

if TYPE_CHECKING:
    import polars as pl

FIGURES = ("n", "d", "low", "high", "by_chance", "p", "refused")
LINE, EXTENT = 15, 210
"""Height of a line, and room for its words."""


def specification_chart(table: "pl.DataFrame") -> Any:
    """Every specification that is answered, from the smallest effect to the largest.

    Parameters
    ----------
    table : polars.DataFrame
        `SpecificationCurve.table`.

    Returns
    -------
    altair.VConcatChart or None
        None where nothing is answered.
    """
    import polars as pl

    alt = extra("altair", "charts")
    said = table.with_row_index("own").drop_nulls("d").sort("d", "own").with_row_index("place")
    if said.is_empty():
        return None
    without = (pl.col("low") > 0) | (pl.col("high") < 0)
    answer = pl.col("own") == 0
    said = said.with_columns(
        kind=pl.when(answer)
        .then(pl.lit("answer"))
        .when(without)
        .then(pl.lit("without 0"))
        .otherwise(pl.lit("with 0"))
    )
    across = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[-1, said.height]))
    kinds = ["answer", "without 0", "with 0"]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[INK, GOLD, CHANCE]), legend=None)
    shape = alt.Shape(
        "kind:N", scale=alt.Scale(domain=kinds, range=["diamond", "circle", "circle"]), legend=None
    )
    size = alt.Size("kind:N", scale=alt.Scale(domain=kinds, range=[110, 26, 26]), legend=None)
    data = alt.Data(values=said.select("place", "d", "low", "high", "kind").to_dicts())
    zero = alt.Chart(alt.Data(values=[{"d": 0}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(alt.Y("d:Q"))
    lines = (
        alt.Chart(data)
        .mark_rule(opacity=0.55)
        .encode(across, alt.Y("low:Q", title="d, SDs of the outcome"), alt.Y2("high:Q"), colour)
    )
    points = (
        alt.Chart(data).mark_point(filled=True, opacity=1).encode(across, alt.Y("d:Q"), colour, shape, size)
    )
    above = alt.layer(zero, lines, points).properties(width=WIDTH, height=HEIGHT)
    return alt.vconcat(above, _choices(said, across, colour), spacing=8)


def _choices(said: "pl.DataFrame", across: Any, colour: Any) -> Any:
    """A line for each thing that could be chosen, a mark where it was."""
    alt = extra("altair", "charts")
    names = [name for name in said.columns if name not in (*FIGURES, "own", "place", "kind")]
    names = [name for name in names if said.get_column(name).n_unique() > 1]
    rows = said.to_dicts()
    values = [
        {"place": row["place"], "kind": row["kind"], "line": f"{name}: {row[name]}"}
        for name in names
        for row in rows
    ]
    lines = [
        f"{name}: {chosen}"
        for name in names
        for chosen in said.sort("own").get_column(name).unique(maintain_order=True)
    ]
    axis = alt.Axis(labelLimit=260, labelFontSize=9, grid=True, minExtent=EXTENT)
    up = alt.Y("line:N", sort=lines, title=None, axis=axis)
    chart = alt.Chart(alt.Data(values=values)).mark_tick(orient="vertical", thickness=2, size=LINE - 4)
    return chart.encode(across, up, colour).properties(width=WIDTH, height=alt.Step(LINE))
