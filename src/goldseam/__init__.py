"""Seeing strain in the alliance between client and therapist, session by session: the public names."""

from goldseam.detection import Counts, Criterion, Detection, Parameter, criteria, detect
from goldseam.exceptions import (
    GoldseamError,
    InputError,
    MeasureError,
    NormsError,
    ParameterError,
    TableError,
)
from goldseam.instruments import Item, Measure, Question, Respondent, list_measures, load_measure
from goldseam.norms import Norms, ScaleNorms, fit_norms
from goldseam.operating import ErrorRates, operating_characteristics, shipped_error_rates
from goldseam.scoring import Score, score_response
from goldseam.series import read_ratings
from goldseam.simulate import (
    SimulatedSeries,
    Simulation,
    SimulationModel,
    items_for_score,
    simulate,
    simulate_series,
)

__all__ = [
    "Counts",
    "Criterion",
    "Detection",
    "ErrorRates",
    "GoldseamError",
    "InputError",
    "Item",
    "Measure",
    "MeasureError",
    "Norms",
    "NormsError",
    "Parameter",
    "ParameterError",
    "Question",
    "Respondent",
    "ScaleNorms",
    "Score",
    "SimulatedSeries",
    "Simulation",
    "SimulationModel",
    "TableError",
    "criteria",
    "detect",
    "fit_norms",
    "items_for_score",
    "list_measures",
    "load_measure",
    "operating_characteristics",
    "read_ratings",
    "score_response",
    "shipped_error_rates",
    "simulate",
    "simulate_series",
]
