"""Criteria that find ruptures and their repair: one call, the same tables for all."""

from goldseam.detection.detect import Detection, criteria, detect, find_criterion
from goldseam.detection.engine.columns import EVENT_COLUMNS
from goldseam.detection.engine.criterion import CONFIDENCE, Criterion, Parameter
from goldseam.detection.session_tables import Counts

__all__ = [
    "CONFIDENCE",
    "EVENT_COLUMNS",
    "Counts",
    "Criterion",
    "Detection",
    "Parameter",
    "criteria",
    "detect",
    "find_criterion",
]
