"""Building the page of one signal, and the list of signals."""

from goldseam_web.dashboard.signal.listing import alerts_page
from goldseam_web.dashboard.signal.page import signal_page

__all__ = ["alerts_page", "signal_page"]
