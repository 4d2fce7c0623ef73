"""What is believed of each person before and after every rating; see ``docs/methods/predictive.md``."""

from goldseam.state_space.calibration import Calibration, inverse_sinh_arcsinh, sinh_arcsinh
from goldseam.state_space.filter_state import FilterState, OutlierModel, within_person_sd_grid
from goldseam.state_space.population import Population
from goldseam.state_space.prediction import Prediction

__all__ = [
    "Calibration",
    "FilterState",
    "OutlierModel",
    "Population",
    "Prediction",
    "inverse_sinh_arcsinh",
    "sinh_arcsinh",
    "within_person_sd_grid",
]
