"""How often a criterion is wrong: false alarms, sensitivity and predictive value, by simulation."""

from goldseam.operating.characteristics import operating_characteristics
from goldseam.operating.error_rates import (
    AlertLoad,
    BandRates,
    CaseFalseAlarms,
    Delay,
    ErrorRates,
    EventGrade,
    GradeRates,
    PredictiveValue,
    Quantile,
    Rate,
    RepairRates,
    Sensitivity,
    TimedSensitivity,
)
from goldseam.operating.norms_check import NormsCheck, check_norms
from goldseam.operating.norms_rates import measure_norms, measured_error_rates
from goldseam.operating.null_rate_records import (
    AssumedSensitivity,
    ChanceRate,
    Interval,
    NullRate,
    Share,
    observed_share,
)
from goldseam.operating.null_rates import null_rate
from goldseam.operating.roc import OperatingPoint, operating_curve
from goldseam.operating.shipped import shipped_error_rates
from goldseam.operating.threshold_search import ThresholdSearch, find_threshold
from goldseam.operating.verified_rates import AskedAbout, VerifiedRates, verified_rates

__all__ = [
    "AlertLoad",
    "AskedAbout",
    "AssumedSensitivity",
    "BandRates",
    "CaseFalseAlarms",
    "ChanceRate",
    "Delay",
    "ErrorRates",
    "EventGrade",
    "GradeRates",
    "Interval",
    "NormsCheck",
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
    "VerifiedRates",
    "check_norms",
    "find_threshold",
    "measure_norms",
    "measured_error_rates",
    "null_rate",
    "observed_share",
    "operating_characteristics",
    "operating_curve",
    "shipped_error_rates",
    "verified_rates",
]
