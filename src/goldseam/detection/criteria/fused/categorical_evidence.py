"""Evidence that is a category: how usual each answer is for this person, and how likely a rupture makes it."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.criteria.fused.assumptions import (
    PRIOR_SESSIONS,
    PROBABILITY_SHOWN,
)
from goldseam.detection.criteria.fused.evidence_strengths import CategoryStrength
from goldseam.series import RatingSeries

FARTHEST_THRESHOLD = 8.0  # SDs beyond which nothing lies
SMALLEST_PROBABILITY = 1e-12


def log_odds_if_shown(log_odds: Floats) -> Floats:
    """The logarithm of the odds, allowing for ruptures that do not show in a term.

    Parameters
    ----------
    log_odds : ndarray of float
        Of a rupture that does show, any shape.

    Returns
    -------
    ndarray of float
        ``log(1 - q + q exp(log_odds))``: 0 where they are 0, never below ``log(1 - q)``.
    """
    allowed: Floats = np.log1p(PROBABILITY_SHOWN * np.expm1(np.minimum(log_odds, 700.0)))
    return allowed


@dataclass(frozen=True, eq=False)
class CategoricalEvidence:
    """One term; arrays of shape (n_categories, n_ratings).

    Attributes
    ----------
    usual : ndarray of float
        Probability of each answer in an ordinary session with that rating, from this person's earlier ones and what
        is assumed. Where the term is missing the first has 1.
    log_odds : ndarray of float
        Logarithm of how many times as likely a rupture makes each; 0 where the term is missing.
    log_odds_given : ndarray of float, shape (n_ratings,)
        `log_odds` of the answer given; 0 where the term is missing.
    known : ndarray of bool, shape (n_ratings,)
    """

    usual: Floats
    log_odds: Floats
    log_odds_given: Floats
    known: Flags

    def take(self, at: Integers | slice) -> "CategoricalEvidence":
        """The same for some of the ratings.

        Parameters
        ----------
        at : ndarray of int or slice
            Positions of ratings.

        Returns
        -------
        CategoricalEvidence
        """
        return CategoricalEvidence(
            self.usual[:, at], self.log_odds[:, at], self.log_odds_given[at], self.known[at]
        )


def categorical_evidence(
    strength: CategoryStrength, usual: Floats, answers: Floats, value: Floats
) -> CategoricalEvidence:
    """What the answers say at every rating.

    Parameters
    ----------
    strength : CategoryStrength
        What is assumed of the term, or was fitted.
    usual : ndarray of float, shape (n_categories, n_ratings)
        As from `usual_shares`.
    answers : ndarray of float, shape (n_ratings,)
        0, 1, ... from the least to the most alarming; NaN where missing.
    value : ndarray of float, shape (n_ratings,)
        The rating's score: in ordinary sessions, too, some answers go with low ratings.

    Returns
    -------
    CategoricalEvidence
    """
    from scipy.special import ndtr

    known, link = ~np.isnan(answers), strength.with_low_rating
    bounds = (thresholds(usual) + link * value) / np.sqrt(1 - link**2)
    given_value = np.maximum(np.diff(ndtr(bounds), axis=0, prepend=0.0, append=1.0), SMALLEST_PROBABILITY)
    likely = np.maximum(
        np.diff(ndtr(bounds - strength.shift), axis=0, prepend=0.0, append=1.0), SMALLEST_PROBABILITY
    )
    log_odds = np.where(known, log_odds_if_shown(np.log(likely / given_value)), 0.0)
    category = np.where(known, answers, 0).astype(np.int64)
    given = log_odds[category, np.arange(len(category))]
    sure = np.zeros_like(usual)
    sure[0] = 1.0
    return CategoricalEvidence(np.where(known, given_value, sure), log_odds, given, known)


def thresholds(usual: Floats) -> Floats:
    """Where the latent variable passes from one answer to the next, in its SDs.

    Parameters
    ----------
    usual : ndarray of float, shape (n_categories, n_ratings)
        Shares of the answers, from 0 to 1; they sum to 1.

    Returns
    -------
    ndarray of float, shape (n_categories - 1, n_ratings)
    """
    from scipy.special import ndtri

    reached = np.clip(np.cumsum(usual[:-1], axis=0), 0, 1)
    bounds: Floats = np.clip(ndtri(reached), -FARTHEST_THRESHOLD, FARTHEST_THRESHOLD)
    return bounds


def usual_shares(population: tuple[float, ...], series: RatingSeries, answers: Floats) -> Floats:
    """How usual each answer is for a person before it is given: Dirichlet-multinomial, from the earlier ones.

    Parameters
    ----------
    population : tuple of float
        Shares of the answers in anybody's ordinary sessions, of shape (n_categories,).
    series : RatingSeries
        The ratings the answers came with.
    answers : ndarray of float, shape (n_ratings,)
        0, 1, ... from the least to the most alarming; NaN where missing.

    Returns
    -------
    ndarray of float, shape (n_categories, n_ratings)
    """
    usual = np.array(population)[:, None] * PRIOR_SESSIONS
    counted = np.stack([answers == category for category in range(len(population))]).astype(float)
    before = np.cumsum(counted, axis=1) - counted
    first = series.starts[:-1][series.series_of]
    weights: Floats = usual + (before - before[:, first])
    total = weights[0].copy()
    for each in weights[1:]:
        total += each  # one by one: the last digit must not depend on how many ratings there are
    shares: Floats = weights / total
    return shares
