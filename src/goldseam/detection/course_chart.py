"""The chart of one course: ratings, the usual band, the limit, and where events begin, are lowest, are repaired."""

from typing import TYPE_CHECKING, Any

from goldseam.extras import extra

if TYPE_CHECKING:
    import polars as pl

GOLD, INK, BAND, STRAIN = "#b8860b", "#1f2933", "#cbd5e1", "#9f1239"
WIDTH, HEIGHT = 520, 220
MARKS = {"onset": "triangle-down", "lowest": "circle", "repaired": "diamond"}
SIZES = {"onset": 320, "lowest": 60, "repaired": 130}
COLOURS = {"onset": STRAIN, "lowest": INK, "repaired": GOLD}


def course_chart(sessions: "pl.DataFrame", events: "pl.DataFrame", title: str) -> Any:
    """The chart of one series.

    Parameters
    ----------
    sessions : polars.DataFrame
        As `Detection.sessions`, of one series.
    events : polars.DataFrame
        As `Detection.events`, of the same.
    title : str
        Above the chart.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    MissingExtraError
        Altair is not installed.
    """
    alt = extra("altair", "charts")
    rated = sessions.filter(sessions["value"].is_not_null())
    across = alt.X("session:Q", title="session", axis=alt.Axis(tickMinStep=1, format="d"))
    up = alt.Y("value:Q", title="rating", scale=alt.Scale(zero=False))
    band = _data(alt, sessions, "session", "usual_low", "usual_high").mark_area(color=BAND, opacity=0.5)
    limit = _data(alt, sessions, "session", "limit").mark_line(color=STRAIN, strokeDash=[4, 3], strokeWidth=1)
    course = _data(alt, rated, "session", "value").mark_line(
        color=INK, point=alt.OverlayMarkDef(color=INK, size=30)
    )
    layers = [
        band.encode(
            across, alt.Y("usual_low:Q", title="rating", scale=alt.Scale(zero=False)), alt.Y2("usual_high:Q")
        ),
        limit.encode(across, alt.Y("limit:Q")),
        course.encode(across, up),
        *_seams(alt, rated, events, across, up),
        _marks(alt, rated, events, across, up),
    ]
    return alt.layer(*layers).properties(title=title, width=WIDTH, height=HEIGHT)


def _data(alt: Any, table: "pl.DataFrame", *columns: str) -> Any:
    rows = table.select(columns).drop_nulls().to_dicts()
    return alt.Chart(alt.Data(values=rows))


def _seams(alt: Any, rated: "pl.DataFrame", events: "pl.DataFrame", across: Any, up: Any) -> list[Any]:
    """The seam of gold: the course from the onset to the repair of each event that was repaired."""
    repaired = events.drop_nulls("repair_session")
    spans = repaired.select("onset_session", "repair_session").rows()
    return [
        _data(alt, rated.filter(rated["session"].is_between(onset, repair)), "session", "value")
        .mark_line(color=GOLD, strokeWidth=4)
        .encode(across, up)
        for onset, repair in spans
    ]


def _marks(alt: Any, rated: "pl.DataFrame", events: "pl.DataFrame", across: Any, up: Any) -> Any:
    """Onset, lowest rating and repair, told apart by shape and colour."""
    value_at = dict(rated.select("session", "value").rows())
    places = {"onset": "onset_session", "lowest": "nadir_session", "repaired": "repair_session"}
    rows = [
        {"session": session, "value": value_at[session], "what": what}
        for what, column in places.items()
        for session in events.get_column(column).drop_nulls()
        if session in value_at
    ]
    shape = alt.Shape("what:N", title=None, scale=alt.Scale(domain=[*MARKS], range=[*MARKS.values()]))
    colour = alt.Color("what:N", title=None, scale=alt.Scale(domain=[*COLOURS], range=[*COLOURS.values()]))
    size = alt.Size("what:N", legend=None, scale=alt.Scale(domain=[*SIZES], range=[*SIZES.values()]))
    marks = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, opacity=1)
    return marks.encode(across, up, shape, colour, size)
