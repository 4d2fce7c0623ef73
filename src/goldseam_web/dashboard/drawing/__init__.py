"""Charts as coordinates: pure functions from page objects to what an SVG template prints. No database, no clock."""

from goldseam_web.dashboard.drawing.chart import NARROW, NARROW_SMALL, WIDE, WIDE_SMALL, Chart, draw_chart
from goldseam_web.dashboard.drawing.chart_data import Band, ChartData, EpisodeMarks, EventMark, Line, Point
from goldseam_web.dashboard.drawing.distance_chart import DistanceAt, DistanceChart, draw_distance
from goldseam_web.dashboard.drawing.member_marks import Mark, mark
from goldseam_web.dashboard.drawing.progress_chart import SmallChart, draw_small
from goldseam_web.dashboard.drawing.relation_picture import (
    RelationFigures,
    RelationPicture,
    RelationValue,
    Seat,
    TherapistSeat,
    draw_narrow,
    draw_wide,
)
from goldseam_web.dashboard.drawing.sparkline import SparkLine, draw_spark
from goldseam_web.dashboard.drawing.strip import Strip, draw_facet_strip, draw_strip

__all__ = [
    "NARROW",
    "NARROW_SMALL",
    "WIDE",
    "WIDE_SMALL",
    "Band",
    "Chart",
    "ChartData",
    "DistanceAt",
    "DistanceChart",
    "EpisodeMarks",
    "EventMark",
    "Line",
    "Mark",
    "Point",
    "RelationFigures",
    "RelationPicture",
    "RelationValue",
    "Seat",
    "SmallChart",
    "SparkLine",
    "Strip",
    "TherapistSeat",
    "draw_chart",
    "draw_distance",
    "draw_facet_strip",
    "draw_narrow",
    "draw_small",
    "draw_spark",
    "draw_strip",
    "draw_wide",
    "mark",
]
