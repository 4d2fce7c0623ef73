"""Measurement error, reliable and clinically significant change of persons."""

from goldseam.change.change_result import ReliableChange
from goldseam.change.reliable_change import reliable_change
from goldseam.change.scoring_facts import scoring_facts

__all__ = ["ReliableChange", "reliable_change", "scoring_facts"]
