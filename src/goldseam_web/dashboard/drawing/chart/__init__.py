"""The chart of a case: members' ratings by session, one usual range, limits, episodes, and who answered."""

from goldseam_web.dashboard.drawing.chart.draw import Chart, draw_chart
from goldseam_web.dashboard.drawing.chart.layout import NARROW, NARROW_SMALL, WIDE, WIDE_SMALL, Layout

__all__ = ["NARROW", "NARROW_SMALL", "WIDE", "WIDE_SMALL", "Chart", "Layout", "draw_chart"]
