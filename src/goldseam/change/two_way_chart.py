"""The two-way plot of change: scores before across, after upwards."""

from typing import TYPE_CHECKING, Any

from goldseam.change.cut_offs import STATUSES, FunctionalCutOff
from goldseam.extras import extra

if TYPE_CHECKING:
    import polars as pl

INK, BAND = "#1f2933", "#cbd5e1"
SIDE = 360
COLOURS = ("#b8860b", "#3f6f4f", "#64748b", "#9f1239", "#4c0519")
MARKS = ("diamond", "triangle-up", "circle", "triangle-down", "square")


def two_way_chart(persons: "pl.DataFrame", cutoff: FunctionalCutOff | None, title: str) -> Any:
    """Each person as a point, by status; the line of no change, the band of no reliable change, the cut-off.

    Parameters
    ----------
    persons, cutoff
        As in `ReliableChange`.
    title : str
        Above the chart.

    Returns
    -------
    altair.LayerChart or None
        None where nobody was judged.

    Raises
    ------
    MissingExtraError
        Altair is not installed.
    """
    alt = extra("altair", "charts")
    judged = persons.drop_nulls(["pre", "post", "status"])
    if judged.is_empty():
        return None
    across = alt.X("pre:Q", title="before", scale=alt.Scale(zero=False))
    up = alt.Y("post:Q", title="after", scale=alt.Scale(zero=False))
    status = alt.Scale(domain=[*STATUSES], range=[*COLOURS])
    shapes = alt.Scale(domain=[*STATUSES], range=[*MARKS])
    points = (
        alt.Chart(alt.Data(values=judged.select("pre", "post", "status").to_dicts()))
        .mark_point(filled=True, size=70, opacity=0.85)
        .encode(
            across,
            up,
            alt.Color("status:N", title=None, scale=status),
            alt.Shape("status:N", title=None, scale=shapes),
        )
    )
    layers = [
        *_band(alt, judged, across),
        _no_change(alt, judged, across, up),
        *_cut_off(alt, cutoff),
        points,
    ]
    return alt.layer(*layers).properties(title=title, width=SIDE, height=SIDE)


def _band(alt: Any, judged: "pl.DataFrame", across: Any) -> list[Any]:
    """Between which later scores a change does not count; models of all occasions have no such band."""
    if "low" not in judged.columns:
        return []
    ends = judged.select("pre", "low", "high").drop_nulls().unique().sort("pre")
    area = alt.Chart(alt.Data(values=ends.to_dicts())).mark_area(color=BAND, opacity=0.5)
    return [area.encode(across, alt.Y("low:Q", title="after", scale=alt.Scale(zero=False)), alt.Y2("high:Q"))]


def _no_change(alt: Any, judged: "pl.DataFrame", across: Any, up: Any) -> Any:
    ends = [{"pre": at, "post": at} for at in (judged["pre"].min(), judged["pre"].max())]
    return alt.Chart(alt.Data(values=ends)).mark_line(color=INK, strokeWidth=1).encode(across, up)


def _cut_off(alt: Any, cutoff: FunctionalCutOff | None) -> list[Any]:
    if cutoff is None:
        return []
    data = alt.Data(values=[{"pre": cutoff.at, "post": cutoff.at}])
    rule = alt.Chart(data).mark_rule(color=INK, strokeDash=[4, 3])
    return [rule.encode(alt.X("pre:Q")), rule.encode(alt.Y("post:Q"))]
