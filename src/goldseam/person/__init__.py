"""What is believed of each person before and after every rating; see ``docs/methods/predictive.md``."""

from goldseam.person.belief import Belief, Surprises, own_sd_grid
from goldseam.person.calibration import Calibration, bent, straightened
from goldseam.person.population import Population
from goldseam.person.prediction import Prediction

__all__ = [
    "Belief",
    "Calibration",
    "Population",
    "Prediction",
    "Surprises",
    "bent",
    "own_sd_grid",
    "straightened",
]
