"""The population each person is drawn from, in points, higher is better."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.state_space.calibration import Calibration


@dataclass(frozen=True, eq=False)
class Population:
    """What is assumed of each series before its first rating.

    The rating of session ``s`` is ``course(s) + level + slope (s - 1) + deviation``, rounded to the scale's steps
    and cut off at its ends. Arrays of shape (n_series,) but for `course`.

    Attributes
    ----------
    course : ndarray of float, shape (n_kinds, n_sessions)
        Mean of the population at session 1, 2, ...; the last holds from there on.
    kind : ndarray of int
        Which course each series has.
    between_sd, within_sd : ndarray of float
        SD of the persons' levels, root mean square of their own SDs; above 0.
    own_sd_log_sd : ndarray of float
        SD of the logarithm of the own SDs, 0 or more.
    autocorrelation : ndarray of float
        Of the deviations from one session to the next, in [0, 1).
    drift_sd : ndarray of float
        SD of one step of the level's random walk, in own SDs.
    slope_sd : ndarray of float
        SD over persons of the change of level per session, in points.
    step : ndarray of float
        Distance between two possible ratings; 0 where the scale is continuous or it is not known.
    minimum, maximum : ndarray of float
        Ends of the scale; infinite where not known.
    errors : Calibration or None
        How prediction errors fall; normal if left out.
    """

    course: Floats
    kind: Integers
    between_sd: Floats
    within_sd: Floats
    own_sd_log_sd: Floats
    autocorrelation: Floats
    drift_sd: Floats
    slope_sd: Floats
    step: Floats
    minimum: Floats
    maximum: Floats
    errors: Calibration | None = None

    def mean(self, session: Integers) -> Floats:
        """Mean of the population at a session of each series.

        Parameters
        ----------
        session : ndarray of int, shape (n_series,)
            From 1 on.

        Returns
        -------
        ndarray of float, shape (n_series,)
        """
        last = self.course.shape[1]
        mean: Floats = self.course[self.kind[: len(session)], np.minimum(session, last) - 1]
        return mean

    def take(self, at: Integers | slice) -> Self:
        """The same for some of the series.

        Parameters
        ----------
        at : ndarray of int or slice

        Returns
        -------
        Population
        """
        shared = {"course", "errors"}
        chosen = {each.name: getattr(self, each.name)[at] for each in fields(self) if each.name not in shared}
        errors = None if self.errors is None else self.errors.take(at)
        return type(self)(course=self.course, errors=errors, **chosen)
