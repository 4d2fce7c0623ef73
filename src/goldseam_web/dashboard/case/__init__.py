"""Building the page of one case: rows once, then sentence, chart, table, progress, episodes and sessions."""

from goldseam_web.dashboard.case.page import case_page, room_case_page

__all__ = ["case_page", "room_case_page"]
