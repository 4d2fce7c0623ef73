"""What is expected of a later rating, given the first one of the same person."""

from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError
from goldseam.trajectory.growth import GrowthModel
from goldseam.trajectory.time_courses import TimeCourse


@dataclass(frozen=True, eq=False)
class CoursePrediction:
    """A rating, given the first one of the same person: as `expected_course` predicts it; higher being better.

    Attributes
    ----------
    course : TimeCourse
        Its form.
    fixed, fixed_covariance, random_covariance, residual_variance
        Of the growth model, as in `MixedModel`.
    """

    course: TimeCourse
    fixed: Floats
    fixed_covariance: Floats
    random_covariance: Floats
    residual_variance: float

    @classmethod
    def of(cls, growth: GrowthModel) -> Self:
        """The part of an estimated model that predictions need."""
        model = growth.model
        if model is None:
            raise ParameterError(
                "nothing was estimated", where="growth", given=growth.reason, allowed="an estimated model"
            )
        return cls(
            growth.course,
            model.fixed,
            model.fixed_covariance,
            model.random_covariance,
            model.residual_variance,
        )

    def at(self, start_time: Floats, start: Floats, time: Floats) -> tuple[Floats, Floats]:
        """Mean and SD of a rating.

        Parameters
        ----------
        start_time, start, time : ndarray, shape (n,)
            Time and value of the first rating, and the time that is asked about.

        Returns
        -------
        tuple of ndarray, shape (n,)
            In points. The SD holds the error of the fixed effects; variances are taken as known.
        """
        x, x_start = self.course.predictors(time), self.course.predictors(start_time)
        z, z_start = x[:, :2], x_start[:, :2]
        shared = np.sum((z @ self.random_covariance) * z_start, axis=1)
        of_start = np.sum((z_start @ self.random_covariance) * z_start, axis=1) + self.residual_variance
        weight = shared / of_start
        mean = x @ self.fixed + weight * (start - x_start @ self.fixed)
        left = x - weight[:, None] * x_start
        of_fixed = np.sum((left @ self.fixed_covariance) * left, axis=1)
        own = np.sum((z @ self.random_covariance) * z, axis=1) + self.residual_variance
        return mean, np.asarray(np.sqrt(own - weight * shared + of_fixed), np.float64)

    def reliability(self, time: float) -> float:
        """Of the variance of one rating at a time, the share that lies between people and not in a single rating."""
        z = self.course.predictors(np.array([time]))[0, :2]
        between = float(z @ self.random_covariance @ z)
        return between / (between + self.residual_variance)

    def draws(
        self, start_time: float, start: float, times: Floats, n: int, rng: np.random.Generator
    ) -> Floats:
        """Ratings of people who began with this one and go on as those that were learnt from.

        Parameters
        ----------
        start_time, start : float
            Time and value of the first rating.
        times : ndarray, shape (m,)
            Of the later ones.
        n : int
            How many people.
        rng : Generator
            Draws them.

        Returns
        -------
        ndarray, shape (n, m)
            In points, not cut to the scale; the fixed effects are taken as known.
        """
        x, x_start = self.course.predictors(times), self.course.predictors(np.array([start_time]))[0]
        z, z_start = x[:, :2], x_start[:2]
        shared = self.random_covariance @ z_start
        of_start = float(z_start @ shared) + self.residual_variance
        own = shared * (start - float(x_start @ self.fixed)) / of_start
        left = self.random_covariance - np.outer(shared, shared) / of_start
        people = rng.multivariate_normal(own, left, n, check_valid="ignore")
        scatter = rng.normal(0, sqrt(self.residual_variance), (n, len(times)))
        return np.asarray(x @ self.fixed + people @ z.T + scatter, np.float64)
