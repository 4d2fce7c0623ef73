"""What norms say of ratings that a straight course and normal deviations do not."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats
from goldseam.state_space import ScoreTable, sinh_arcsinh


@dataclass(frozen=True, slots=True)
class RatingShape:
    """A mean course of any form, skewed deviations, and totals that are squeezed near both ends of the scale.

    Parameters
    ----------
    course : tuple of float
        How far the population's mean lies above that of session 1, at session 1, 2, ...; the last holds from there on.
    error_shift, error_skew : float
        Location and skewness of the deviations, 0 where normal; see `goldseam.state_space.Calibration`.
    points, scores : tuple of float
        Places on the scale and the score at each, both ascending; empty where a rating is its own score. Means, SDs
        and depths are then those of scores.
    """

    course: tuple[float, ...] = (0.0,)
    error_shift: float = 0.0
    error_skew: float = 0.0
    points: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    def above_start(self, sessions: int) -> Floats:
        """The course over so many sessions, shape (sessions,)."""
        at = np.minimum(np.arange(sessions), len(self.course) - 1)
        return np.array(self.course)[at]

    def skewed(self, shocks: Floats) -> Floats:
        """Standard normal shocks, as skewed as the deviations are."""
        if not (self.error_shift or self.error_skew):
            return shocks
        return sinh_arcsinh(shocks, np.array(self.error_shift), np.array(self.error_skew))

    def on_the_scale(self, score: Floats) -> Floats:
        """The places on the scale, in points, that have some scores."""
        if not self.points:
            return score
        return ScoreTable(np.array(self.points), np.array(self.scores)).point(score)
