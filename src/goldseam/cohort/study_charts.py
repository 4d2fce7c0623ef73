"""The charts of a study, of Altair: every one shows what chance alone would give."""

from typing import TYPE_CHECKING, Any

from goldseam.extras import extra

if TYPE_CHECKING:
    import polars as pl

INK, CHANCE, BAND, GOLD = "#1f2933", "#64748b", "#cbd5e1", "#b8860b"
WIDTH, HEIGHT = 520, 260
ROW = 20
FEW = 6
"""Ticks of an axis of figures, about: labels get longer where its range is narrow, and those of more would overlap."""
KINDS = {"observed": "observed", "chance": "by chance", "excess": "excess"}


def share_chart(table: "pl.DataFrame", question: str) -> Any:
    """Observed, chance and excess of the shares of one question, with 95% intervals.

    Parameters
    ----------
    table : polars.DataFrame
        `EpisodePrevalence.table`.
    question : str
        Which of its rows.

    Returns
    -------
    altair.LayerChart or None
        None where no row has figures.
    """
    import polars as pl

    alt = extra("altair", "charts")
    if table.is_empty():
        return None
    rows = table.filter((pl.col("question") == question) & pl.col("refused").is_null()).to_dicts()
    if not rows:
        return None
    values = [
        {
            "line": f"{row['group']}: {said}",
            "kind": said,
            "value": row[name],
            "low": row[f"{name}_low"],
            "high": row[f"{name}_high"],
        }
        for row in rows
        for name, said in KINDS.items()
    ]
    data = alt.Data(values=values)
    names = alt.Y(
        "line:N", sort=[value["line"] for value in values], title=None, axis=alt.Axis(labelLimit=260)
    )
    kinds = [*KINDS.values()]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[INK, CHANCE, GOLD]), legend=None)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=kinds), legend=None)
    across = alt.X("low:Q", title="share", axis=alt.Axis(format="%", tickCount=FEW, labelFlush=False))
    lines = alt.Chart(data).mark_rule(strokeWidth=2).encode(across, alt.X2("high:Q"), names, colour)
    points = (
        alt.Chart(data)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(alt.X("value:Q"), names, colour, shape)
    )
    return alt.layer(lines, points).properties(width=WIDTH - 120, height=alt.Step(ROW))


def corrected_chart(curve: "pl.DataFrame", marks: "pl.DataFrame") -> Any:
    """The corrected prevalence over assumed sensitivity, with its interval, and where known dips lie.

    Parameters
    ----------
    curve, marks : polars.DataFrame
        As in `CorrectedShares`.

    Returns
    -------
    altair.LayerChart or None
        None where nothing is answered.
    """
    import polars as pl

    alt = extra("altair", "charts")
    shown = curve.drop_nulls("corrected")
    if shown.is_empty():
        return None
    across = alt.X(
        "sensitivity:Q",
        title="assumed share of the cases with a true dip that are flagged",
        scale=alt.Scale(domain=[0.2, 1.0]),
        axis=alt.Axis(values=[0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
    )
    limits = alt.Scale(domain=[0, 1])
    data = alt.Data(values=shown.select("sensitivity", "corrected", "low", "high").to_dicts())
    band = (
        alt.Chart(data)
        .mark_area(color=BAND, opacity=0.7)
        .encode(across, alt.Y("low:Q", scale=limits, title="corrected share of cases"), alt.Y2("high:Q"))
    )
    line = (
        alt.Chart(data)
        .mark_line(color=GOLD, strokeWidth=3)
        .encode(across, alt.Y("corrected:Q", scale=limits))
    )
    words = pl.format("{} SD x {}", pl.col("depth_sd").cast(pl.Int64), "sessions")
    named = marks.select("sensitivity", label=words).sort("sensitivity").to_dicts()
    for place, mark in enumerate(named):
        mark["height"] = 0.97 - 0.07 * place
    places = alt.Data(values=named)
    rules = alt.Chart(places).mark_rule(color=CHANCE, strokeDash=[4, 4]).encode(alt.X("sensitivity:Q"))
    labels = (
        alt.Chart(places)
        .mark_text(align="left", dx=4, color=INK, fontSize=11)
        .encode(alt.X("sensitivity:Q"), alt.Y("height:Q", scale=limits), alt.Text("label:N"))
    )
    return alt.layer(band, line, rules, labels).properties(width=WIDTH, height=HEIGHT)


def curve_chart(table: "pl.DataFrame", across: str, seen: str, chance: str, titles: tuple[str, str]) -> Any:
    """A step curve with its 95% interval, and the same by chance, dashed.

    Parameters
    ----------
    table : polars.DataFrame
        With the columns named, and ``low, high``.
    across, seen, chance : str
        Columns: time, estimate, by chance.
    titles : pair of str
        Of the axes.

    Returns
    -------
    altair.LayerChart
    """
    alt = extra("altair", "charts")
    data = alt.Data(values=table.select(across, seen, chance, "low", "high").to_dicts())
    time = alt.X(f"{across}:Q", title=titles[0], axis=alt.Axis(tickMinStep=1, format="d"))
    up = alt.Scale(domainMin=0)
    shape = "step-after"
    band = (
        alt.Chart(data)
        .mark_area(color=BAND, opacity=0.7, interpolate=shape)
        .encode(time, alt.Y("low:Q", title=titles[1], scale=up), alt.Y2("high:Q"))
    )
    line = (
        alt.Chart(data)
        .mark_line(color=GOLD, strokeWidth=3, interpolate=shape)
        .encode(time, alt.Y(f"{seen}:Q", scale=up))
    )
    null = (
        alt.Chart(data)
        .mark_line(color=INK, strokeWidth=2, strokeDash=[6, 4], interpolate=shape)
        .encode(time, alt.Y(f"{chance}:Q", scale=up))
    )
    return alt.layer(band, line, null).properties(width=WIDTH, height=HEIGHT)


def interval_rows_chart(rows: list[dict[str, Any]], title: str) -> Any:
    """Estimates with 95% intervals, one a line, with what chance gives as a cross.

    Parameters
    ----------
    rows : list of dict
        ``name, value, low, high`` and ``chance`` (or None).
    title : str
        Of the axis.

    Returns
    -------
    altair.LayerChart or None
        None without rows.
    """
    alt = extra("altair", "charts")
    if not rows:
        return None
    data = alt.Data(values=rows)
    names = alt.Y("name:N", title=None, sort=[row["name"] for row in rows], axis=alt.Axis(labelLimit=260))
    across = alt.X("low:Q", title=title, axis=alt.Axis(tickCount=FEW, labelFlush=False))
    lines = alt.Chart(data).mark_rule(color=INK).encode(across, alt.X2("high:Q"), names)
    points = (
        alt.Chart(data)
        .mark_point(color=GOLD, filled=True, size=70, opacity=1)
        .encode(alt.X("value:Q"), names)
    )
    layers = [lines, points]
    with_chance = [row for row in rows if row.get("chance") is not None]
    if with_chance:
        crosses = alt.Chart(alt.Data(values=with_chance)).mark_point(
            shape="cross", color=CHANCE, size=70, filled=True, opacity=1
        )
        layers.append(crosses.encode(alt.X("chance:Q"), names))
    return alt.layer(*layers).properties(width=WIDTH - 120)
