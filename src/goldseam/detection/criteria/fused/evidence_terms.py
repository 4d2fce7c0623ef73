"""All that is known of every session, each term beside the person's own usual ones, and what they add up to."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.detection.criteria.fused.assumptions import FAST, LATE, SKIPPED, TENSION, VALUE
from goldseam.detection.criteria.fused.categorical_evidence import (
    CategoricalEvidence,
    categorical_evidence,
    usual_shares,
)
from goldseam.detection.criteria.fused.evidence_strengths import EvidenceStrengths
from goldseam.detection.criteria.fused.likelihood_ratio import (
    VALUE_DROP,
    ResidualRatings,
    joint_p,
    residual_ratings,
)
from goldseam.detection.criteria.fused.personal_scores import FARTHEST, MUCH_FASTER, measured_scores
from goldseam.detection.criteria.fused.sentences import HIGHEST, level_words, odds_columns, sentence
from goldseam.detection.engine.norms_and_minimum_drop import Priors
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

HALVINGS = 24


@dataclass(frozen=True, eq=False)
class EvidenceTerms:
    """The evidence of every session in parts that add up; arrays of shape (n_ratings,), NaN where a term is missing.

    Attributes
    ----------
    series : RatingSeries
    p : ndarray of float
        Of the rating alone.
    value : ndarray of float
        The rating's standard normal score; where it is uninformative, the one that says nothing either way.
    uninformative : ndarray of bool
        Where it is the highest possible and anything else is known.
    scores : dict of str to ndarray of float
        Scores of whatever else is measured.
    answers : dict of str to ndarray of float
        Answers that are categories: 0, 1, ...
    strengths : EvidenceStrengths
        What each term is taken to say.
    """

    series: RatingSeries
    p: Floats
    value: Floats
    uninformative: Flags
    scores: dict[str, Floats]
    answers: dict[str, Floats]
    strengths: EvidenceStrengths

    @classmethod
    def of(
        cls, series: RatingSeries, priors: Priors, p: Floats, strengths: EvidenceStrengths
    ) -> "EvidenceTerms":
        """Read the evidence.

        Parameters
        ----------
        series : RatingSeries
            With its evidence.
        priors : Priors
            What is assumed of each series, in points.
        p : ndarray of float, shape (n_ratings,)
            Of the ratings alone.
        strengths : EvidenceStrengths
            What each term is taken to say.

        Returns
        -------
        EvidenceTerms
        """
        from scipy.special import ndtri

        scores = measured_scores(series, priors.mean, priors.within_sd, strengths)
        answers = answers_given(series, scores.pop(FAST, None))
        value = np.clip(ndtri(p), -FARTHEST, FARTHEST)
        terms = cls(series, p, value, np.zeros(len(p), np.bool_), scores, answers, strengths)
        uninformative = terms.has_evidence & (series.value >= priors.maximum[series.series_of])
        return replace(
            terms, value=np.where(uninformative, -VALUE_DROP / 2, terms.value), uninformative=uninformative
        )

    @cached_property
    def has_evidence(self) -> Flags:
        """Whether anything but the rating is known that counts."""
        known = np.zeros(len(self.p), np.bool_)
        counted = (each for name, each in self.scores.items() if self.strengths.by_term[name].counted)
        for each in (*counted, *self.answers.values()):
            known |= ~np.isnan(each)
        return known

    @cached_property
    def residual(self) -> ResidualRatings:
        """The other ratings."""
        return residual_ratings(self.value, self.scores, self.strengths)

    @cached_property
    def only_shown(self) -> dict[str, Floats]:
        """What each term that is not counted would add by itself to the logarithm of the odds."""
        shown = {}
        for name, score in self.scores.items():
            strength = self.strengths.by_term[name]
            if not strength.counted:
                alone = replace(strength, counted=True)
                shown[name] = residual_ratings(
                    self.value, {name: score}, self.strengths.with_term(alone)
                ).contributions[name]
        return shown

    @cached_property
    def usual(self) -> dict[str, Floats]:
        """How usual each answer is for the person, by term."""
        shares = self.strengths.by_category
        return {
            name: usual_shares(shares[name].usual, self.series, given) for name, given in self.answers.items()
        }

    @cached_property
    def categories(self) -> dict[str, CategoricalEvidence]:
        """The answers that are categories."""
        return {
            name: categorical_evidence(self.strengths.by_category[name], self.usual[name], given, self.value)
            for name, given in self.answers.items()
        }

    def p_of_all(self) -> Floats:
        """One p of each session; that of the rating where nothing else is known."""
        return np.where(
            self.has_evidence, joint_p(self.value, self.residual, list(self.categories.values())), self.p
        )

    def log_odds_of_others(self) -> Floats:
        """What everything but the rating adds to the logarithm of the odds of a rupture; 0 where nothing is known."""
        total = self.residual.log_odds(self.residual.score)
        for each in self.categories.values():
            total = total + each.log_odds_given
        return total

    def p_of_rating(self, wanted: Floats) -> Floats:
        """The p that the rating by itself has to have for all terms together to have a wanted one.

        Parameters
        ----------
        wanted : ndarray of float, shape (n_ratings,)
            From 0 to 1.

        Returns
        -------
        ndarray of float, shape (n_ratings,)
            The other terms being what they are.
        """
        from scipy.special import ndtr

        there = np.flatnonzero(self.has_evidence)
        residual = self.residual.take(there)
        answers = {name: (self.usual[name][:, there], given[there]) for name, given in self.answers.items()}
        low, high = np.full(len(there), -FARTHEST), np.full(len(there), FARTHEST)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            moved = residual.score - residual.leverage * (middle - self.value[there])
            categories = [
                categorical_evidence(self.strengths.by_category[name], usual, given, middle)
                for name, (usual, given) in answers.items()
            ]
            above = joint_p(middle, replace(residual, score=moved), categories) > wanted[there]
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        needed = wanted.copy()
        needed[there] = ndtr(high)
        return needed

    def extra_columns(self) -> "dict[str, Floats | pl.Series]":
        """What each term adds: ``odds_*``, how many times as likely a rupture makes it, and ``evidence`` in words."""
        added = {
            VALUE: np.where(self.has_evidence, -VALUE_DROP * (self.value + VALUE_DROP / 2), np.nan),
            **self.residual.contributions,
        }
        added |= {
            name: np.where(each.known, each.log_odds_given, np.nan) for name, each in self.categories.items()
        }
        odds = odds_columns({**added, **self.only_shown})
        levels = {name: level_words(each) for name, each in {VALUE: self.value, **self.scores}.items()}
        levels[VALUE][self.uninformative] = HIGHEST
        said = sentence(odds, {**levels, **self.answers}, not_counted=self.only_shown)
        return {**odds, "evidence": said}


def answers_given(series: RatingSeries, seconds: Floats | None) -> dict[str, Floats]:
    """The answers that are categories.

    Parameters
    ----------
    series : RatingSeries
        With its evidence.
    seconds : ndarray of float, shape (n_ratings,), or None
        Scores of the seconds taken; None where they are not known.

    Returns
    -------
    dict of str to ndarray of float, shape (n_ratings,)
        0, 1, ... from the least to the most alarming, by term; NaN where missing.
    """
    known = series.evidence
    found = {}
    if TENSION in known:
        found[TENSION] = known[TENSION]
    for name, column in ((SKIPPED, "skipped_items"), (LATE, "late")):
        if column in known:
            found[name] = _flags(known[column] > 0, known[column])
    if seconds is not None:
        found[FAST] = _flags(seconds < MUCH_FASTER, seconds)
    return found


def _flags(flagged: Flags, known: Floats) -> Floats:
    return np.where(np.isnan(known), np.nan, flagged)
