"""Criteria that find ruptures and their repair: one registry, one call, the same tables for all."""

from goldseam.detection.criterion import CONFIDENCE, Criterion, Parameter
from goldseam.detection.registry import criteria, find_criterion
from goldseam.detection.result import EVENT_COLUMNS, Counts, Detection
from goldseam.detection.run import detect

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
