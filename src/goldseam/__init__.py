"""Seeing strain in the alliance between client and therapist, session by session: the public names.

Each is loaded when it is first asked for, so that a program pays for what it uses; `simulate` at once, because the
package it lives in has the same name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from goldseam.simulate import simulate

if TYPE_CHECKING:
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
    from goldseam.detection.interval_check import IntervalCheck, check_interval
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
    from goldseam.operating import (
        ErrorRates,
        NullRate,
        OperatingPoint,
        ThresholdSearch,
        find_threshold,
        null_rate,
        operating_characteristics,
        operating_curve,
        shipped_error_rates,
    )
    from goldseam.scoring import Score, score_response
    from goldseam.series import read_ratings
    from goldseam.simulate import (
        EvidenceModel,
        SimulatedSeries,
        Simulation,
        SimulationModel,
        items_for_score,
        simulate_series,
    )

__all__ = [
    "Counts",
    "Criterion",
    "Detection",
    "ErrorRates",
    "Estimate",
    "EvidenceModel",
    "GoldseamError",
    "InputError",
    "IntervalCheck",
    "Item",
    "Measure",
    "MeasureError",
    "Norms",
    "NormsError",
    "NullRate",
    "OperatingPoint",
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
    "ThresholdSearch",
    "TruthAndBias",
    "case_events",
    "check_interval",
    "criteria",
    "detect",
    "find_threshold",
    "fit_norms",
    "items_for_score",
    "list_measures",
    "load_measure",
    "null_rate",
    "operating_characteristics",
    "operating_curve",
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

_HOMES = {
    "goldseam.alliance": (
        "Estimate",
        "ResponseSurface",
        "SplitAlliance",
        "TruthAndBias",
        "case_events",
        "relation_map",
        "response_surface",
        "split_alliance",
        "therapist_client",
        "truth_and_bias",
        "unrecognised_strain",
    ),
    "goldseam.detection": ("Counts", "Criterion", "Detection", "Parameter", "criteria", "detect"),
    "goldseam.detection.interval_check": ("IntervalCheck", "check_interval"),
    "goldseam.exceptions": (
        "GoldseamError",
        "InputError",
        "MeasureError",
        "NormsError",
        "ParameterError",
        "TableError",
    ),
    "goldseam.instruments": ("Item", "Measure", "Question", "Respondent", "list_measures", "load_measure"),
    "goldseam.norms": ("Norms", "PersonNorms", "ScaleNorms", "fit_norms"),
    "goldseam.operating": (
        "ErrorRates",
        "NullRate",
        "OperatingPoint",
        "ThresholdSearch",
        "find_threshold",
        "null_rate",
        "operating_characteristics",
        "operating_curve",
        "shipped_error_rates",
    ),
    "goldseam.scoring": ("Score", "score_response"),
    "goldseam.series": ("read_ratings",),
    "goldseam.simulate": (
        "EvidenceModel",
        "SimulatedSeries",
        "Simulation",
        "SimulationModel",
        "items_for_score",
        "simulate_series",
    ),
}


def __getattr__(name: str) -> Any:
    """A public name from the package it lives in."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
