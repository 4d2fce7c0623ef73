"""All terms of the evidence of a session together: one p, and what each term adds to it.

The statistic is the logarithm of the likelihood ratio of a rupture. Its terms are independent in ordinary sessions:
the rating's own score; what is left of the other ratings once the rating's score is taken out of them; the
categories. Hence its probability is a sum over the answers that might have been given, and an integral over what
might have been left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.detection.criteria.fused.assumptions import (
    MEASURED,
    PROBABILITY_SHOWN,
    SCORE_DROPS,
    VALUE,
)
from goldseam.detection.criteria.fused.categorical_evidence import CategoricalEvidence, log_odds_if_shown
from goldseam.detection.criteria.fused.evidence_strengths import EvidenceStrengths

VALUE_DROP = SCORE_DROPS[VALUE]
_points, _weights = np.polynomial.hermite_e.hermegauss(12)
NODES, WEIGHTS = _points, _weights / _weights.sum()
BLOCK = 1 << 14  # ratings at a time: fits into a processor's cache
LITTLE = 1e-9


@dataclass(frozen=True, eq=False)
class ResidualRatings:
    """What is left of the other ratings once the value's score is taken out of them; arrays (n_ratings,).

    Attributes
    ----------
    score : ndarray of float
        Standard normal in ordinary sessions; 0 where there are no other ratings.
    strength : ndarray of float
        How far a rupture that shows moves it down; 0 where there are none.
    leverage : ndarray of float
        How far a higher score of the value moves it down, the other ratings being what they are.
    contributions : mapping of str to ndarray of float
        What each adds to the logarithm of the odds; NaN where it is missing.
    """

    score: Floats
    strength: Floats
    leverage: Floats
    contributions: Mapping[str, Floats]

    def log_odds(self, score: Floats | float) -> Floats:
        """What a score adds to the logarithm of the odds of a rupture.

        Parameters
        ----------
        score : float or ndarray of float, shape (n_ratings,)
            As `score`.

        Returns
        -------
        ndarray of float, shape (n_ratings,)
        """
        return log_odds_if_shown(-self.strength * (score + self.strength / 2))

    def take(self, at: Integers | slice) -> "ResidualRatings":
        """The same for some of the ratings, without the contributions.

        Parameters
        ----------
        at : ndarray of int or slice
            Positions of ratings.

        Returns
        -------
        ResidualRatings
        """
        return ResidualRatings(self.score[at], self.strength[at], self.leverage[at], {})


def residual_ratings(
    value: Floats, scores: Mapping[str, Floats], strengths: EvidenceStrengths
) -> ResidualRatings:
    """Combine whichever other ratings there are; Fisher's linear discriminant of what the value leaves of them.

    Parameters
    ----------
    value : ndarray of float, shape (n_ratings,)
        The rating's score.
    scores : mapping of str to ndarray of float, shape (n_ratings,)
        Scores of the others by the names of `MEASURED`; NaN where missing.
    strengths : EvidenceStrengths
        How far each drops and how they hang together; a term that is not counted is left out.

    Returns
    -------
    ResidualRatings
    """
    names = [name for name in MEASURED if name in scores and strengths.by_term[name].counted]
    score, strength, leverage = np.zeros((3, len(value)))
    contributions = {name: np.full(len(value), np.nan) for name in names}
    if not names:
        return ResidualRatings(score, strength, leverage, contributions)
    own, among, left_fall = given_value(names, strengths)
    table = np.stack([scores[name] - by * value for name, by in zip(names, own, strict=True)])
    pattern = (1 << np.arange(len(names))) @ ~np.isnan(table)
    for present in np.unique(pattern[pattern > 0]):
        at = np.flatnonzero(pattern == present)
        there = np.flatnonzero(int(present) >> np.arange(len(names)) & 1)
        drop = left_fall[there]
        best = np.linalg.solve(among[np.ix_(there, there)], drop)
        if best @ drop < LITTLE:  # they fall only as far as goes with the rating
            for which in there:
                contributions[names[which]][at] = 0.0
            continue
        strength[at] = np.sqrt(best @ drop)
        leverage[at] = best @ own[there] / strength[at]
        total = np.zeros(len(at))
        for which, weight, by in zip(there, best, drop, strict=True):
            left = table[which, at]
            score[at] += weight * left / strength[at]
            contributions[names[which]][at] = -weight * (left + by / 2)
            total += contributions[names[which]][at]
        # a rupture may not show: the terms share what that takes from them
        kept = np.divide(
            log_odds_if_shown(total),
            total,
            out=np.full_like(total, PROBABILITY_SHOWN),
            where=np.abs(total) > LITTLE,
        )
        for which in there:
            contributions[names[which]][at] *= kept
    return ResidualRatings(score, strength, leverage, contributions)


def given_value(names: Sequence[str], strengths: EvidenceStrengths) -> tuple[Floats, Floats, Floats]:
    """What the value's score leaves of others, in ordinary sessions and at a rupture.

    Parameters
    ----------
    names : sequence of str
        Terms of `MEASURED` but the value.
    strengths : EvidenceStrengths
        How far each drops and how they hang together.

    Returns
    -------
    own : ndarray of float, shape (n_terms,)
        Correlations with the value.
    among : ndarray of float, shape (n_terms, n_terms)
        Covariance of what is left.
    drops : ndarray of float, shape (n_terms,)
        How far what is left falls.
    """
    table, first = strengths.table, MEASURED.index(VALUE)
    place = [MEASURED.index(name) for name in names]
    own = table[place, first]
    among = table[np.ix_(place, place)] - np.outer(own, own)
    drops = np.array([strengths.by_term[name].drop for name in names]) - own * VALUE_DROP
    return own, among, drops


def joint_p(value: Floats, residual: ResidualRatings, categories: Sequence[CategoricalEvidence]) -> Floats:
    """Probability, in an ordinary session, of evidence with at least this likelihood ratio of a rupture.

    Parameters
    ----------
    value : ndarray of float, shape (n_ratings,)
        The rating's score.
    residual : ResidualRatings
        What is left of the other ratings.
    categories : sequence of CategoricalEvidence
        The answers that are categories.

    Returns
    -------
    ndarray of float, shape (n_ratings,)
        From 0 to 1.
    """
    found = np.empty(len(value))
    for first in range(0, len(value), BLOCK):
        at = slice(first, first + BLOCK)
        found[at] = _joint_p(value[at], residual.take(at), [each.take(at) for each in categories])
    return found


def _joint_p(value: Floats, residual: ResidualRatings, categories: Sequence[CategoricalEvidence]) -> Floats:
    from scipy.special import ndtr

    given = residual.log_odds(residual.score)
    for each in categories:
        given = given + each.log_odds_given
    left = [residual.log_odds(node) for node in NODES]
    total = np.zeros_like(value)
    for answers in product(*(range(len(each.usual)) for each in categories)):
        usual, log_odds = np.ones_like(value), -given
        for each, answer in zip(categories, answers, strict=True):
            usual, log_odds = usual * each.usual[answer], log_odds + each.log_odds[answer]
        for weight, lefts in zip(WEIGHTS, left, strict=True):
            total += weight * usual * ndtr(value + (lefts + log_odds) / VALUE_DROP)
    return np.clip(total, 0.0, 1.0)
