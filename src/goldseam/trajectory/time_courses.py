"""How a course may depend on time: the predictors of a growth model."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Floats
from goldseam.exceptions import ParameterError

COURSES = ("linear", "log", "quadratic", "piecewise")


@dataclass(frozen=True, kw_only=True)
class TimeCourse:
    """A form of course; each person has an own intercept and an own weight of its first term.

    Attributes
    ----------
    form : str
        *linear*: t. *log*: the natural logarithm of t. *quadratic*: t and t². *piecewise*: t, and how far t lies
        beyond the knot.
    knot : float, optional
        The time at which the slope may change; for *piecewise* alone.
    """

    form: str = "linear"
    knot: float | None = None

    def __post_init__(self) -> None:
        if self.form not in COURSES:
            raise ParameterError(
                "no such course", where="course", given=self.form, allowed=", ".join(COURSES)
            )
        if (self.form == "piecewise") != (self.knot is not None):
            raise ParameterError(
                "is needed for a piecewise course, and for no other",
                where="knot",
                given=self.knot,
                allowed="the time at which the slope may change",
            )

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the predictors."""
        further = {"quadratic": ("time_squared",), "piecewise": ("time_after_knot",)}.get(self.form, ())
        return ("intercept", "log_time" if self.form == "log" else "time", *further)

    def predictors(self, time: Floats) -> Floats:
        """The predictors at each time.

        Parameters
        ----------
        time : ndarray, shape (n,)
            In any unit.

        Returns
        -------
        ndarray, shape (n, number of terms)

        Raises
        ------
        ParameterError
            A logarithm of a time that is not above 0, or a knot outside the times.
        """
        if self.form == "log" and time.min() <= 0:
            raise ParameterError(
                "has no logarithm",
                where="time",
                given=float(time.min()),
                allowed="times above 0 for a log course",
            )
        columns = [np.ones_like(time), np.log(time) if self.form == "log" else time]
        if self.form == "quadratic":
            columns.append(time**2)
        if self.knot is not None:
            columns.append(np.maximum(time - self.knot, 0.0))
        return np.column_stack(columns)

    def check_knot(self, time: Floats) -> None:
        """Refuse a knot that does not lie between the first and the last of all times.

        Parameters
        ----------
        time : ndarray, shape (n,)
            Of the ratings.

        Raises
        ------
        ParameterError
        """
        if self.knot is not None and not time.min() < self.knot < time.max():
            allowed = f"a time between {time.min():g} and {time.max():g}"
            raise ParameterError("lies outside the times", where="knot", given=self.knot, allowed=allowed)


def too_alike(time: Floats, predictors: Floats) -> str:
    """Why predictors cannot be told apart, in words.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Of the ratings.
    predictors : ndarray, shape (n, number of terms)
        Of less than full rank, as a computer has it.

    Returns
    -------
    str
    """
    different, terms = len(np.unique(time)), predictors.shape[1]
    if different >= terms:
        return "the times lie too far from 0 for their span: count them from the first one on"
    return f"ratings at {different} different times, too few for {terms} terms"
