"""What is kept of an expected course, so that single courses are judged without the courses it was learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import Any, NamedTuple, Self

import numpy as np

from goldseam.arrays import Integers
from goldseam.content_files import hash_of
from goldseam.exceptions import ParameterError
from goldseam.trajectory.course_prediction import CoursePrediction
from goldseam.trajectory.looks import BAND
from goldseam.trajectory.time_courses import TimeCourse

FORMAT = "goldseam-track-1"
NOT_SAID, START, ON_TRACK, NOT_ON_TRACK = "may not be said", "start", "on track", "not on track"
FEWEST_LOOKS = 100
"""Held-out looks between two of the times that rates are told for, so that the later rate is known."""


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


class TrackStretch(NamedTuple):
    """From the look that a course is called not on track at to the one at which it is back in the band, if it is."""

    begins: TrackLook
    back: TrackLook | None


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
    def reliability(self) -> float:
        """Of the variance of first ratings, the share that lies between people and not in a single rating."""
        return self.prediction.reliability(1.0)

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

    def stretches(self, looks: Sequence[TrackLook]) -> list["TrackStretch"]:
        """From where to where a course was off: from a look that is called not on track until one in the band.

        It begins at no look whose rate is not known. One that lies under the band, and is not called so, neither
        begins it nor ends it; nor does a time without a rating.

        Parameters
        ----------
        looks : sequence of TrackLook
            As `judge` gives them.

        Returns
        -------
        list of TrackStretch
            In order; only the last may be without an end.
        """
        found: list[TrackStretch] = []
        for look in looks:
            if look.value is None:
                continue
            running = bool(found) and found[-1].back is None
            if running and self._is_back(look):
                found[-1] = found[-1]._replace(back=look)
            elif not running and look.verdict == NOT_ON_TRACK and self.rate(look.time) is not None:
                found.append(TrackStretch(look, None))
        return found

    def _is_back(self, look: TrackLook) -> bool:
        if look.value is None:
            return False
        return look.value >= look.low if self.higher_is_better else look.value <= look.high

    def by_chance(
        self,
        times: Sequence[float],
        values: Sequence[float | None],
        *,
        since: float = -inf,
        draws: int,
        seed: int,
    ) -> Integers:
        """How often courses that begin so and are rated at the same times would be off, by their scatter alone.

        Every drawn course goes on as the finished ones did that the rule was learnt from.

        Parameters
        ----------
        times, values : sequence
            As for `judge`.
        since : float
            Stretches that begin earlier are not counted.
        draws : int
            How many.
        seed : int
            Of the draws.

        Returns
        -------
        ndarray of int, shape (draws,)
            How many stretches each has: `stretches` of it.
        """
        count = np.zeros(draws, np.int64)
        looks = [look for look in self.judge(times, values) if look.value is not None]
        if not looks:
            return count
        sign = 1 if self.higher_is_better else -1
        first = next(k for k, value in enumerate(values) if value is not None)
        begun = sign * float(values[first] or 0)
        later = np.array([look.time for look in looks])
        rng = np.random.default_rng(seed)
        drawn = sign * self.prediction.draws(float(times[first]), begun, later, draws, rng)
        drawn = sign * np.clip(drawn, self.minimum, self.maximum)
        off = np.zeros(draws, np.bool_)
        for k, look in enumerate(looks):
            back = drawn[:, k] >= sign * (look.low if sign == 1 else look.high)
            known = look.limit is not None and self.rate(look.time) is not None
            called = drawn[:, k] < sign * (look.limit or 0) if known else np.zeros(draws, np.bool_)
            begins = ~off & called
            count += begins & (look.time >= since)
            off = (off & ~back) | begins
        return count

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
