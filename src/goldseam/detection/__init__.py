"""Criteria that find ruptures and their repair: one call, the same tables for all."""

from goldseam.detection.detect import Counts, Detection, criteria, detect, find_criterion
from goldseam.detection.engine.columns import EVENT_COLUMNS
from goldseam.detection.engine.criterion import CONFIDENCE, Criterion, Parameter

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
