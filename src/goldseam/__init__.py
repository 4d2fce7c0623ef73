"""Seeing strain in the alliance between client and therapist, session by session: the public names."""

from goldseam.exceptions import (
    GoldseamError,
    InputError,
    MeasureError,
    NormsError,
    ParameterError,
    TableError,
)
from goldseam.instruments import Item, Measure, Question, Respondent, list_measures, load_measure
from goldseam.norms import Norms
from goldseam.scoring import Score, score_response

__all__ = [
    "GoldseamError",
    "InputError",
    "Item",
    "Measure",
    "MeasureError",
    "Norms",
    "NormsError",
    "ParameterError",
    "Question",
    "Respondent",
    "Score",
    "TableError",
    "list_measures",
    "load_measure",
    "score_response",
]
