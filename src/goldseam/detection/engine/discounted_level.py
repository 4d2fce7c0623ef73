"""A normal-inverse-gamma distribution of each person's level and variance that discounts earlier ratings."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.norms_and_minimum_drop import Priors

LARGEST_SHAPE = 12.0
RATE_FACTOR = 0.9


@dataclass
class DiscountedLevel:
    """The distribution of level and variance before the next rating: normal-inverse-gamma, arrays of shape (n_series,).

    Attributes
    ----------
    mean : ndarray of float
        Of the level, in points.
    weight : ndarray of float
        Ratings that the mean is worth, above 0.
    shape, rate : ndarray of float
        Of the inverse gamma of the variance, above 0; the rate in points squared.
    floor : ndarray of float
        The least weight, that of the population's prior.
    discount : ndarray of float
        What the weight keeps from one rating to the next, above 0 and at most 1.
    """

    mean: Floats
    weight: Floats
    shape: Floats
    rate: Floats
    floor: Floats
    discount: Floats

    @classmethod
    def before_any_rating(cls, priors: Priors, order: Integers) -> Self:
        """The population's view, for the series in that order."""
        variance = priors.within_sd[order] ** 2
        shape = priors.shape[order]
        floor = variance / priors.between_sd[order] ** 2
        rate = shape * variance * RATE_FACTOR
        return cls(priors.mean[order], floor.copy(), shape, rate, floor, priors.discount[order])

    def first(self, n_series: int) -> Self:
        """A view of the first series; writes through."""
        return type(self)(*(getattr(self, each.name)[:n_series] for each in fields(self)))

    def copy(self) -> Self:
        """An independent copy."""
        return type(self)(*(getattr(self, each.name).copy() for each in fields(self)))

    def take(self, other: Self, where: Flags) -> None:
        """Take over another distribution in some series."""
        for each in fields(self):
            np.copyto(getattr(self, each.name), getattr(other, each.name), where=where)

    def spread(self) -> Floats:
        """Scale of the predictive t distribution; its degrees of freedom are twice the shape."""
        spread: Floats = np.sqrt(self.rate / self.shape * (1 + 1 / self.weight))
        return spread

    def forget(self, weeks: Floats, where: Flags) -> None:
        """Lose certainty about the level over a break."""
        kept = np.maximum(self.weight * self.discount**weeks, self.floor)
        np.copyto(self.weight, kept, where=where)

    def learn(self, value: Floats, where: Flags) -> None:
        """Take in a rating. The earlier ones are discounted first, never below the prior's weight."""
        kept = np.maximum(self.discount * self.weight, self.floor)
        weight = kept + 1
        shape = self.shape + 0.5
        capped = np.minimum(shape, LARGEST_SHAPE)
        rate = (self.rate + 0.5 * kept * (value - self.mean) ** 2 / weight) * (capped / shape)
        np.copyto(self.mean, (kept * self.mean + value) / weight, where=where)
        np.copyto(self.weight, weight, where=where)
        np.copyto(self.rate, rate, where=where)
        np.copyto(self.shape, capped, where=where)

    def settle(self, mean: Floats, ratings: Integers, where: Flags) -> None:
        """Start again from the mean of so many ratings; the spread stays."""
        np.copyto(self.mean, mean, where=where)
        np.copyto(self.weight, ratings, where=where, casting="unsafe")
