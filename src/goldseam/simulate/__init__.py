"""Seeded cases with known ruptures and repairs: data and truth."""

from goldseam.simulate.evidence import EvidenceModel
from goldseam.simulate.norms_model import model_of_norms
from goldseam.simulate.rating_shape import RatingShape
from goldseam.simulate.simulation import (
    SimulatedSeries,
    Simulation,
    items_for_score,
    simulate,
    simulate_series,
)
from goldseam.simulate.simulation_model import MODELS, SimulationModel

__all__ = [
    "MODELS",
    "EvidenceModel",
    "RatingShape",
    "SimulatedSeries",
    "Simulation",
    "SimulationModel",
    "items_for_score",
    "model_of_norms",
    "simulate",
    "simulate_series",
]
