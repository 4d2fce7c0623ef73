"""Tables like given ones in which none of the ratings leads to another at the next session."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.paired_ratings import RatedSessions, session_means
from goldseam.cohort.panel_autoregression import PanelFit

STREAM = 46  # of the seed


@dataclass(frozen=True, eq=False)
class PanelChance:
    """What tables are drawn from: own courses as fitted, each rating going on from itself alone.

    Attributes
    ----------
    ratings : RatedSessions
        Whose sessions, ends and steps the tables have.
    kept : ndarray of int, shape (n,)
        Which of these are drawn.
    alone : ndarray of float, shape (d, d)
        A without what leads from one rating to another.
    factor : ndarray of float, shape (n_own, n_own)
        Of the covariance of own coefficients and first ratings.
    shocks : ndarray of float, shape (d, d)
        Of the covariance of the innovations.
    seed : int
        Of the tables.
    """

    ratings: RatedSessions
    kept: Integers
    alone: Floats
    factor: Floats
    shocks: Floats
    seed: int

    @classmethod
    def of(cls, ratings: RatedSessions, fit: PanelFit, *, unrelated: bool, seed: int) -> Self:
        """From a fit.

        Parameters
        ----------
        ratings : RatedSessions
            That it was fitted to.
        fit : PanelFit
            Of own straight courses where these can be told, else of own levels; converged. Where it has every couple
            twice, the first half is drawn, and both members alike.
        unrelated : bool
            Whether own levels and slopes of the first half of the ratings have nothing to do with those of the second.
        seed : int
            Of the tables.

        Returns
        -------
        PanelChance
        """
        n = fit.pairs.n
        own = fit.pairs.courses(fit.a).reshape(n, -1)
        first = fit.pairs.first
        together = np.cov(np.column_stack([own, first]).T)
        size = own.shape[1]
        together[:size, :size] = fit.own_covariance().mean(axis=0)
        if unrelated:
            kinds = first.shape[1]
            which = np.arange(len(together)) % kinds < kinds / 2
            together = together * (which[:, None] == which)
        kept = fit.pairs.kept[fit.pairs.kept < len(ratings.values)]
        return cls(ratings, kept, np.diag(np.diag(fit.a)), _root(together), _root(fit.spread), seed)

    def table(self, number: int) -> Floats:
        """Ratings around the means of the sessions, NaN where the given ones have none; the same for a number.

        Parameters
        ----------
        number : int
            Of the table.

        Returns
        -------
        ndarray of float, shape (n, n_sessions, d)
            Of those that were fitted.
        """
        n = len(self.kept)
        source = np.random.SeedSequence(self.seed, spawn_key=(STREAM, number))
        random = np.random.Generator(np.random.PCG64(source))
        observed = self.ratings.values[self.kept]
        kinds = len(self.shocks)
        drawn = random.standard_normal((n, len(self.factor))) @ self.factor.T
        own = drawn[:, :-kinds].reshape(n, -1, kinds)
        known = np.isfinite(observed[:, :, 0])
        begin = (known[:, 1:] & known[:, :-1]).argmax(axis=1)
        now = drawn[:, -kinds:]
        values = np.empty_like(observed)
        for session in range(observed.shape[1]):
            if session:
                powers = float(session - 1) ** np.arange(own.shape[1])
                shock = random.standard_normal((n, kinds)) @ self.shocks.T
                following = np.tensordot(own, powers, axes=([1], [0])) + now @ self.alone.T + shock
                now = np.where((session > begin)[:, None], following, now)
            values[:, session] = now
        return self._as_rated(values, observed)

    def _as_rated(self, values: Floats, observed: Floats) -> Floats:
        """On the scales, at the sessions that were rated, around the means of these."""
        kept, ratings = self.kept, self.ratings
        least, most = ratings.limits[:, kept, None, :]
        step = ratings.step[kept][:, None, :]
        raised = values + ratings.course
        with np.errstate(invalid="ignore", divide="ignore"):
            rounded = least + np.round((raised - least) / step) * step
        placed = np.where(np.isfinite(rounded) & (step > 0), rounded, raised)
        placed = np.where(np.isfinite(observed), np.clip(placed, least, most), np.nan)
        found: Floats = placed - session_means(placed)
        return found


def _root(covariance: Floats) -> Floats:
    """A matrix whose product with its transpose is the covariance, negative variances put to 0."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    found: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return found
