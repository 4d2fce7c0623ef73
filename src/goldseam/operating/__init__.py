"""How often a criterion is wrong: false alarms, sensitivity and predictive value, by simulation."""

from goldseam.operating.chance import null_rate
from goldseam.operating.chance_records import (
    AssumedSensitivity,
    ChanceRate,
    Interval,
    NullRate,
    Share,
)
from goldseam.operating.measure import operating_characteristics
from goldseam.operating.rates import (
    AlertLoad,
    CaseFalseAlarms,
    Delay,
    ErrorRates,
    Grade,
    GradeRates,
    PredictiveValue,
    Quantile,
    Rate,
    RepairRates,
    Sensitivity,
    TimedSensitivity,
)
from goldseam.operating.shipped import shipped_error_rates
from goldseam.operating.thresholds import (
    OperatingPoint,
    ThresholdSearch,
    find_threshold,
    operating_curve,
)

__all__ = [
    "AlertLoad",
    "AssumedSensitivity",
    "CaseFalseAlarms",
    "ChanceRate",
    "Delay",
    "ErrorRates",
    "Grade",
    "GradeRates",
    "Interval",
    "NullRate",
    "OperatingPoint",
    "PredictiveValue",
    "Quantile",
    "Rate",
    "RepairRates",
    "Sensitivity",
    "Share",
    "ThresholdSearch",
    "TimedSensitivity",
    "find_threshold",
    "null_rate",
    "operating_characteristics",
    "operating_curve",
    "shipped_error_rates",
]
