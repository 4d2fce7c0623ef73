"""What is kept of an expected course, so that single courses are judged without the courses it was learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Any, NamedTuple, Self

import numpy as np

from goldseam.arrays import Floats
from goldseam.content_files import hash_of
from goldseam.exceptions import ParameterError
from goldseam.trajectory.growth import GrowthModel
from goldseam.trajectory.looks import BAND
from goldseam.trajectory.time_courses import TimeCourse

FORMAT = "goldseam-track-1"
NOT_SAID, START, ON_TRACK, NOT_ON_TRACK = "may not be said", "start", "on track", "not on track"
FEWEST_LOOKS = 100
"""Held-out looks between two of the times that rates are told for, so that the later rate is known."""


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


class TrackLook(NamedTuple):
    """One time of one course. Without a rating ``value`` and ``z`` are None, and the verdict *may not be said*.

    ``low`` and ``high`` hold the central 80%; *not on track* lies beyond ``limit``, which is None where it lies
    outside of the scale.
    """

    time: float
    value: float | None
    expected: float
    low: float
    high: float
    limit: float | None
    z: float | None
    verdict: str


class TrackRate(NamedTuple):
    """How often looks up to a time, and courses over all of them, are called not on track."""

    up_to: int
    n_looks: int
    per_look: float
    n_cases: int
    per_case: float


class TrackCalibration(NamedTuple):
    """Where held-out ratings of one level of the start lay of the band; None without any."""

    start: str
    n_looks: int
    below: float | None
    inside: float | None
    above: float | None


@dataclass(frozen=True, eq=False)
class TrackRule:
    """An expected course as it is kept, see `ExpectedCourse.rule`.

    Attributes
    ----------
    prediction : CoursePrediction
        From the first rating to a later one.
    limit, higher_is_better, poor_share, predictive_value, n_called
        As in `ExpectedCourse`; the predictive value is None without any course that was called.
    rates : tuple of TrackRate
        Its ``rates``.
    calibration : tuple of TrackCalibration
        Its ``calibration``.
    n_courses : int
        It was fitted to.
    minimum, maximum : float
        Of the scale.
    """

    prediction: CoursePrediction
    limit: float
    higher_is_better: bool
    rates: tuple[TrackRate, ...]
    calibration: tuple[TrackCalibration, ...]
    poor_share: float
    predictive_value: float | None
    n_called: int
    n_courses: int
    minimum: float
    maximum: float

    @property
    def within_sd(self) -> float:
        """SD of ratings around a person's own course."""
        return sqrt(self.prediction.residual_variance)

    @property
    def known_rates(self) -> tuple[TrackRate, ...]:
        """The rates up to the last time that enough held-out courses ran to: beyond, a rate repeats the one before."""
        known: list[TrackRate] = []
        for rate in self.rates:
            if rate.n_looks - (known[-1].n_looks if known else 0) < FEWEST_LOOKS:
                break
            known.append(rate)
        return tuple(known)

    def rate(self, time: float) -> TrackRate | None:
        """The known rate up to the nearest of the times that are told, at or after this one; None beyond the last."""
        return next((rate for rate in self.known_rates if time <= rate.up_to), None)

    def judge(self, times: Sequence[float], values: Sequence[float | None]) -> list[TrackLook]:
        """What was expected at each time after the first rating, and whether the rating is on track.

        Parameters
        ----------
        times : sequence of float
            In order.
        values : sequence of float or None
            As long; None where nothing was rated.

        Returns
        -------
        list of TrackLook
            A row for each time after that of the first rating; none without one.
        """
        first = next((k for k, value in enumerate(values) if value is not None), None)
        if first is None or first + 1 == len(values):
            return []
        sign = 1 if self.higher_is_better else -1
        later = np.asarray(times[first + 1 :], np.float64)
        started, begun = (np.full(len(later), number) for number in (float(times[first]), values[first]))
        mean, sd = self.prediction.at(started, sign * np.asarray(begun, np.float64), later)
        ends = np.sort(sign * np.stack([mean - BAND * sd, mean + BAND * sd]), axis=0)
        low, high = np.clip(ends, self.minimum, self.maximum)
        z = (sign * np.array([np.nan if v is None else v for v in values[first + 1 :]]) - mean) / sd
        limit = sign * (mean + self.limit * sd)
        limit[(limit < self.minimum) | (limit > self.maximum)] = np.nan
        return [
            TrackLook(
                time=float(later[k]),
                value=value,
                expected=float(sign * mean[k]),
                low=float(low[k]),
                high=float(high[k]),
                limit=known_or_none(limit[k]),
                z=known_or_none(z[k]),
                verdict=self._verdict(z[k]),
            )
            for k, value in enumerate(values[first + 1 :])
        ]

    def _verdict(self, z: float) -> str:
        if not isfinite(z):
            return NOT_SAID
        return NOT_ON_TRACK if z < self.limit else ON_TRACK

    def content(self) -> dict[str, Any]:
        """Everything, as plain JSON.

        Returns
        -------
        dict
        """
        told = self.prediction
        return {
            "format": FORMAT,
            "course": told.course.form,
            "knot": told.course.knot,
            "fixed": told.fixed.tolist(),
            "fixed_covariance": told.fixed_covariance.tolist(),
            "random_covariance": told.random_covariance.tolist(),
            "residual_variance": float(told.residual_variance),
            "limit": self.limit,
            "higher_is_better": self.higher_is_better,
            "rates": [rate._asdict() for rate in self.rates],
            "calibration": [third._asdict() for third in self.calibration],
            "poor_share": self.poor_share,
            "predictive_value": self.predictive_value,
            "n_called": self.n_called,
            "n_courses": self.n_courses,
            "minimum": self.minimum,
            "maximum": self.maximum,
        }

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hash_of(self.content())

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The rule of a content.

        Parameters
        ----------
        content : mapping
            As `content` gives it.

        Returns
        -------
        TrackRule

        Raises
        ------
        ParameterError
            It is of another format.
        """
        if content.get("format") != FORMAT:
            raise ParameterError(
                "unknown format", where="content", given=content.get("format"), allowed=FORMAT
            )
        form = TimeCourse(form=content["course"], knot=content["knot"])
        prediction = CoursePrediction(
            course=form,
            fixed=np.asarray(content["fixed"], np.float64),
            fixed_covariance=np.asarray(content["fixed_covariance"], np.float64),
            random_covariance=np.asarray(content["random_covariance"], np.float64),
            residual_variance=content["residual_variance"],
        )
        same = ("limit", "higher_is_better", "poor_share", "predictive_value", "n_called", "n_courses")
        return cls(
            prediction=prediction,
            rates=tuple(TrackRate(**rate) for rate in content["rates"]),
            calibration=tuple(TrackCalibration(**third) for third in content["calibration"]),
            minimum=content["minimum"],
            maximum=content["maximum"],
            **{name: content[name] for name in same},
        )


def known_or_none(number: float) -> float | None:
    """None for what is not known."""
    return float(number) if isfinite(number) else None
