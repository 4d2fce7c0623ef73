"""Figures with their intervals as a chart: one line each."""

from collections.abc import Sequence
from typing import Any

from goldseam.extras import extra

INK = "#1f2933"
WIDTH = 420


def interval_chart(rows: Sequence[tuple[str, float, float, float]], title: str, unit: str) -> Any:
    """Points with intervals, in the order given.

    Parameters
    ----------
    rows : sequence of (str, float, float, float)
        Name, value, and the ends of its interval.
    title : str
        Above the chart.
    unit : str
        Below its axis.

    Returns
    -------
    altair.LayerChart or None
        None without rows.

    Raises
    ------
    MissingExtraError
        Altair is not installed.
    """
    alt = extra("altair", "charts")
    if not rows:
        return None
    data = alt.Data(values=[dict(zip(("name", "value", "low", "high"), row, strict=True)) for row in rows])
    names = alt.Y("name:N", title=None, sort=[row[0] for row in rows], axis=alt.Axis(labelLimit=260))
    across = alt.Scale(zero=True)
    lines = (
        alt.Chart(data)
        .mark_rule(color=INK)
        .encode(alt.X("low:Q", scale=across, title=unit), alt.X2("high:Q"), names)
    )
    points = (
        alt.Chart(data).mark_point(color=INK, filled=True, size=60, opacity=1).encode(alt.X("value:Q"), names)
    )
    return alt.layer(lines, points).properties(title=title, width=WIDTH)
