"""Seeing strain in the alliance between client and therapist, session by session: the public names."""

from goldseam.alliance import (
    Estimate,
    ResponseSurface,
    SplitAlliance,
    TruthAndBias,
    case_events,
    relation_map,
    response_surface,
    split_alliance,
    therapist_client,
    truth_and_bias,
    unrecognised_strain,
)
from goldseam.detection import Counts, Criterion, Detection, Parameter, criteria, detect
from goldseam.detection.sudden.interval import IntervalCheck, check_interval
from goldseam.exceptions import (
    GoldseamError,
    InputError,
    MeasureError,
    NormsError,
    ParameterError,
    TableError,
)
from goldseam.instruments import Item, Measure, Question, Respondent, list_measures, load_measure
from goldseam.norms import Norms, PersonNorms, ScaleNorms, fit_norms
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
    "Estimate",
    "GoldseamError",
    "InputError",
    "IntervalCheck",
    "Item",
    "Measure",
    "MeasureError",
    "Norms",
    "NormsError",
    "Parameter",
    "ParameterError",
    "PersonNorms",
    "Question",
    "Respondent",
    "ResponseSurface",
    "ScaleNorms",
    "Score",
    "SimulatedSeries",
    "Simulation",
    "SimulationModel",
    "SplitAlliance",
    "TableError",
    "TruthAndBias",
    "case_events",
    "check_interval",
    "criteria",
    "detect",
    "fit_norms",
    "items_for_score",
    "list_measures",
    "load_measure",
    "operating_characteristics",
    "read_ratings",
    "relation_map",
    "response_surface",
    "score_response",
    "shipped_error_rates",
    "simulate",
    "simulate_series",
    "split_alliance",
    "therapist_client",
    "truth_and_bias",
    "unrecognised_strain",
]
