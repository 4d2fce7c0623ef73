"""How often a criterion is wrong: false alarms, sensitivity and predictive value, by simulation."""

from goldseam.operating.measure import operating_characteristics
from goldseam.operating.rates import (
    CaseFalseAlarms,
    ErrorRates,
    Grade,
    GradeRates,
    PredictiveValue,
    Rate,
    Sensitivity,
)
from goldseam.operating.shipped import shipped_error_rates

__all__ = [
    "CaseFalseAlarms",
    "ErrorRates",
    "Grade",
    "GradeRates",
    "PredictiveValue",
    "Rate",
    "Sensitivity",
    "operating_characteristics",
    "shipped_error_rates",
]
