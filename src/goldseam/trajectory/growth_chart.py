"""Charts of whole courses: own ones and the average, and what is expected with its band."""

from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.extras import extra
from goldseam.trajectory.time_courses import TimeCourse

if TYPE_CHECKING:
    import polars as pl

GOLD, INK, BAND = "#b8860b", "#1f2933", "#cbd5e1"
WIDTH, HEIGHT = 420, 280
MOST_LINES = 200
POINTS = 60


def growth_chart(courses: "pl.DataFrame", fixed: "pl.DataFrame", course: TimeCourse) -> Any:
    """Own courses as thin lines, the average course as a thick one.

    Parameters
    ----------
    courses, fixed, course
        As in `GrowthModel`.

    Returns
    -------
    altair.LayerChart or None
        None without courses.

    Raises
    ------
    MissingExtraError
        Altair is not installed.
    """
    import polars as pl

    alt = extra("altair", "charts")
    if courses.is_empty():
        return None
    names = [name for name in courses.columns if name in {"case", "rater"}]
    own = courses.with_columns(person=pl.concat_str(names, separator=" ")).select(
        "person", "time", "expected"
    )
    drawn = own.filter(pl.col("person").is_in(own["person"].unique(maintain_order=True)[:MOST_LINES]))
    times = np.linspace(float(own["time"].min()), float(own["time"].max()), POINTS)  # type: ignore[arg-type]
    average = course.predictors(times) @ fixed.get_column("estimate").to_numpy()
    across = alt.X("time:Q", title="time")
    up = alt.Y("expected:Q", title="expected rating", scale=alt.Scale(zero=False))
    lines = alt.Chart(alt.Data(values=drawn.to_dicts())).mark_line(color=INK, opacity=0.25, strokeWidth=1)
    thick = alt.Chart(
        alt.Data(
            values=[{"time": t, "expected": e} for t, e in zip(times.tolist(), average.tolist(), strict=True)]
        )
    ).mark_line(color=GOLD, strokeWidth=4)
    return alt.layer(lines.encode(across, up, alt.Detail("person:N")), thick.encode(across, up)).properties(
        title="Own courses and the average one", width=WIDTH, height=HEIGHT
    )


def band_chart(rows: "pl.DataFrame") -> Any:
    """What is expected, and the central 80% around it.

    Parameters
    ----------
    rows : polars.DataFrame
        ``time, expected, low, high``.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    MissingExtraError
        Altair is not installed.
    """
    alt = extra("altair", "charts")
    data = alt.Data(values=rows.to_dicts())
    across = alt.X("time:Q", title="time")
    scale = alt.Scale(zero=False)
    band = alt.Chart(data).mark_area(color=BAND, opacity=0.5)
    line = alt.Chart(data).mark_line(color=GOLD, strokeWidth=3)
    return alt.layer(
        band.encode(across, alt.Y("low:Q", title="rating", scale=scale), alt.Y2("high:Q")),
        line.encode(across, alt.Y("expected:Q", title="rating", scale=scale)),
    ).properties(title="Expected after the average first rating", width=WIDTH, height=HEIGHT)
