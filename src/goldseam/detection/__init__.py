"""Criteria that find ruptures and their repair: one call, the same tables for all."""

from goldseam.detection.detect import criteria, detect, find_criterion
from goldseam.detection.engine.criterion import CONFIDENCE, Criterion, Parameter
from goldseam.detection.engine.result import EVENT_COLUMNS, Counts, Detection

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
