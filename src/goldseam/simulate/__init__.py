"""Seeded cases with known ruptures and repairs: data and truth."""

from goldseam.simulate.evidence import EvidenceModel
from goldseam.simulate.model import MODELS, SimulationModel
from goldseam.simulate.tables import (
    SimulatedSeries,
    Simulation,
    items_for_score,
    simulate,
    simulate_series,
)

__all__ = [
    "MODELS",
    "EvidenceModel",
    "SimulatedSeries",
    "Simulation",
    "SimulationModel",
    "items_for_score",
    "simulate",
    "simulate_series",
]
