"""An estimate with its uncertainty."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Estimate:
    """A coefficient, its standard error, and what follows from the t distribution.

    Attributes
    ----------
    value : float
        In the unit of the coefficient.
    standard_error : float
        In that unit, 0 or more.
    low, high : float
        Ends of the confidence interval, in that unit.
    p : float
        Two-sided, of the test against zero, 0 to 1.
    """

    value: float
    standard_error: float
    low: float
    high: float
    p: float

    @classmethod
    def of(cls, value: float, variance: float, degrees_of_freedom: float, confidence: float) -> Self:
        """The estimate with a given sampling variance.

        Parameters
        ----------
        value : float
            In any unit.
        variance : float
            Sampling variance, in the square of that unit; below zero, as rounding may leave it, counts as zero.
        degrees_of_freedom : float
            Of the t distribution, above 0.
        confidence : float
            Of the interval, between 0 and 1.

        Returns
        -------
        Estimate
        """
        from scipy.special import stdtr, stdtrit

        error = max(float(variance), 0.0) ** 0.5
        reach = float(stdtrit(degrees_of_freedom, (1 + confidence) / 2)) * error
        size = abs(value) / error if error > 0 else float("inf") if value else 0.0
        p = 2 * float(stdtr(degrees_of_freedom, -size))
        return cls(float(value), error, float(value) - reach, float(value) + reach, p)


def estimates_line(estimates: Mapping[str, Estimate]) -> str:
    """Estimates by name, each with its interval, in one line.

    Parameters
    ----------
    estimates : mapping of str to Estimate
        In the order they are named.

    Returns
    -------
    str
    """
    return "; ".join(
        f"{name} {each.value:.3g} ({each.low:.3g} to {each.high:.3g})" for name, each in estimates.items()
    )
