"""What is believed of each person before and after every rating; see ``docs/methods/predictive.md``."""

from goldseam.person.belief import Belief, Surprises, own_sd_grid
from goldseam.person.population import Population
from goldseam.person.prediction import Prediction

__all__ = ["Belief", "Population", "Prediction", "Surprises", "own_sd_grid"]
