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
from goldseam.scoring import Score, score_response
from goldseam.series import read_ratings

__all__ = [
    "Counts",
    "Criterion",
    "Detection",
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
    "TableError",
    "criteria",
    "detect",
    "fit_norms",
    "list_measures",
    "load_measure",
    "read_ratings",
    "score_response",
]
