"""The state-space model of a person: what is expected of each rating, and the state after it.

`docs/methods/predictive.md` gives the model. `Population` is what is assumed before the first rating, `FilterState`
the filtered state of each series, `Prediction` the predictive distribution of the next rating, `OneStepAhead` goes
through whole series with both.
"""

from goldseam.state_space.filter_state import (
    FilterState,
    OutlierModel,
)
from goldseam.state_space.one_step_ahead import ExpectedRatings, OneStepAhead
from goldseam.state_space.population import (
    Calibration,
    Population,
    ScoreTable,
    inverse_sinh_arcsinh,
    sinh_arcsinh,
    within_person_sd_grid,
)
from goldseam.state_space.prediction import Prediction

__all__ = [
    "Calibration",
    "ExpectedRatings",
    "FilterState",
    "OneStepAhead",
    "OutlierModel",
    "Population",
    "Prediction",
    "ScoreTable",
    "inverse_sinh_arcsinh",
    "sinh_arcsinh",
    "within_person_sd_grid",
]
