"""Strengths and correlations of the evidence, estimated from sessions whose standing is known.

Everything is estimated *given the score of the rating*. Sessions are confirmed because their ratings were low, and are
ordinary because they were not; what the other terms are like at a given rating is the same whether sessions were
chosen by the rating or not. What is assumed counts as so many sessions, or as a normal prior. The formulas are in
``docs/methods/fused.md``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.detection.criteria.fused.assumptions import MEASURED, PROBABILITY_SHOWN
from goldseam.detection.criteria.fused.categorical_evidence import (
    SMALLEST_PROBABILITY,
    categorical_evidence,
    log_odds_if_shown,
    thresholds,
)
from goldseam.detection.criteria.fused.evidence_strengths import (
    LEAST_LEFT,
    CategoryStrength,
    EvidenceStrengths,
)
from goldseam.detection.criteria.fused.likelihood_ratio import VALUE_DROP, given_value

ASSUMED_SESSIONS = 50.0
"""Ordinary sessions that what is assumed of these counts for."""

PRIOR_SHARE = 0.75
"""SD of the prior of a drop or shift, as a share of what is assumed."""

LINK_SD = 0.1  # of the prior of a correlation with a low rating
LARGEST_DROP, LARGEST_SHIFT, LARGEST_LINK = 8.0, 6.0, 0.6
LARGEST_ALIKE = 0.9
LEAST_EIGENVALUE, LEAST_OF_ALL = 0.05, 2 * LEAST_LEFT
LEAST_SD = 0.1
"""Of what the rating leaves of a score in ordinary sessions, where it hardly ever moves."""

NEAR_END = 1e-3
STEP = 1e-4


@dataclass(frozen=True, eq=False)
class OrdinaryMoments:
    """Regression of each term on the score of the rating in ordinary sessions, and the covariance of what is left.

    Attributes
    ----------
    intercept, slope : ndarray of float, shape (n_terms,)
    left : ndarray of float, shape (n_terms, n_terms)
    """

    intercept: Floats
    slope: Floats
    left: Floats


def ordinary_strengths(
    value: Floats, scores: Mapping[str, Floats], prior: EvidenceStrengths
) -> EvidenceStrengths:
    """Means, SDs and correlations of the terms that are numbers.

    Parameters
    ----------
    value : ndarray of float, shape (n_sessions,)
        The rating's score in ordinary sessions.
    scores : mapping of str to ndarray of float, shape (n_sessions,)
        Raw scores of the others, by term; NaN where missing. Terms that are not among them stay as they are.
    prior : EvidenceStrengths
        Counts for `ASSUMED_SESSIONS` sessions.

    Returns
    -------
    EvidenceStrengths
        With the drops of the prior.
    """
    names = [name for name in MEASURED[1:] if name in scores]
    found = _moments(value, [scores[name] for name in names], given_value(names, prior)[:2])
    sds = np.sqrt(found.slope**2 + np.diag(found.left))
    places = [MEASURED.index(name) for name in names]
    table = prior.table.copy()
    table[0, places] = table[places, 0] = found.slope / sds
    table[np.ix_(places, places)] = (found.left + np.outer(found.slope, found.slope)) / np.outer(sds, sds)
    # with the rating, and with what is assumed of terms that are missing
    table = _fitting_together(table, LEAST_OF_ALL)
    means = dict(zip(names, found.intercept, strict=True))
    spreads = dict(zip(names, sds, strict=True))
    return replace(
        prior,
        measured=tuple(
            replace(
                each,
                mean=float(means.get(each.term, each.mean)),
                sd=float(spreads.get(each.term, each.sd)),
                with_value=float(table[0, place]),
            )
            for place, each in enumerate(prior.measured, start=1)
        ),
        correlations=tuple(
            (MEASURED[i], MEASURED[j], float(table[i, j]))
            for i, j in combinations(range(1, len(MEASURED)), 2)
            if table[i, j]
        ),
    )


def _moments(value: Floats, columns: Sequence[Floats], assumed: tuple[Floats, Floats]) -> OrdinaryMoments:
    own, among = assumed
    n = len(columns)
    intercept, slope, left = np.zeros(n), np.zeros(n), np.array(among)
    residuals = []
    for place, each in enumerate(columns):
        known = ~np.isnan(each)
        x, y = value[known], each[known]
        count = len(x) + ASSUMED_SESSIONS
        # the assumed sessions: ratings standard normal, the term by its regression on them
        xx, xy = x @ x + ASSUMED_SESSIONS, x @ y + ASSUMED_SESSIONS * own[place]
        slope[place], intercept[place] = np.linalg.solve(
            np.array([[xx, x.sum()], [x.sum(), count]]), np.array([xy, y.sum()])
        )
        residuals.append(each - intercept[place] - slope[place] * value)
    for i in range(n):
        for j in range(i, n):
            both = residuals[i] * residuals[j]
            both = both[~np.isnan(both)]
            shared = (both.sum() + ASSUMED_SESSIONS * among[i, j]) / (len(both) + ASSUMED_SESSIONS)
            left[i, j] = left[j, i] = shared
    np.fill_diagonal(left, np.maximum(np.diag(left), LEAST_SD**2))
    sds = np.sqrt(np.diag(left))
    by = np.outer(sds, sds)
    return OrdinaryMoments(intercept, slope, _fitting_together(left / by, LEAST_EIGENVALUE) * by)


def _fitting_together(table: Floats, least: float) -> Floats:
    """Correlations, each from the sessions that have both, drawn towards none until they fit together."""
    apart = np.eye(len(table))
    while len(table) and np.linalg.eigvalsh(table).min() < least:
        table = 0.9 * table + 0.1 * apart
    return table


def alike(scores: Floats, assumed: float) -> float:
    """Correlation of several of a kind with each other in ordinary sessions.

    Parameters
    ----------
    scores : ndarray of float, shape (n_sessions, n_columns)
        NaN where missing.
    assumed : float
        Counts for `ASSUMED_SESSIONS` sessions.

    Returns
    -------
    float
        From 0 to `LARGEST_ALIKE`.
    """
    products, squares = ASSUMED_SESSIONS * assumed, ASSUMED_SESSIONS
    for i, j in combinations(range(scores.shape[1]), 2):
        both = ~np.isnan(scores[:, i] + scores[:, j])
        if not both.any():
            continue
        one, other = (scores[both, place] - scores[both, place].mean() for place in (i, j))
        products += one @ other
        squares += (one @ one + other @ other) / 2
    return float(np.clip(products / squares, 0.0, LARGEST_ALIKE))


def fitted_drops(
    value: Floats, scores: Mapping[str, Floats], ordinary: EvidenceStrengths
) -> EvidenceStrengths:
    """How far the terms that are numbers fall in confirmed sessions, beyond what goes with the low rating.

    Parameters
    ----------
    value : ndarray of float, shape (n_sessions,)
        The rating's score in confirmed sessions.
    scores : mapping of str to ndarray of float, shape (n_sessions,)
        Scores of the others with mean and SD of `ordinary`, by term; NaN where missing.
    ordinary : EvidenceStrengths
        From `ordinary_strengths`; its drops are the prior's.

    Returns
    -------
    EvidenceStrengths
        Every term that was fitted is counted.
    """
    from scipy.optimize import minimize

    names = [name for name in MEASURED[1:] if name in scores and not np.isnan(scores[name]).all()]
    if not names:
        return ordinary
    own, among, start = given_value(names, ordinary)
    left = np.stack([scores[name] for name in names], axis=1) - value[:, None] * own
    spread = PRIOR_SHARE * np.array([EvidenceStrengths.assumed().by_term[name].drop for name in names])
    start = np.maximum(start, 0.0)
    goal = partial(_minus_log_posterior, left=left, among=among, centre=start, spread=spread)
    best = minimize(goal, start, jac=True, method="L-BFGS-B", bounds=[(0.0, LARGEST_DROP)] * len(names)).x
    errors = _errors(lambda at: goal(at)[1], best)
    found = ordinary
    for name, by, drop, error in zip(names, own, best, errors, strict=True):
        fitted = replace(
            found.by_term[name], drop=float(drop + by * VALUE_DROP), counted=True, drop_error=error
        )
        found = found.with_term(fitted)
    return found


def _minus_log_posterior(
    drops: Floats, *, left: Floats, among: Floats, centre: Floats, spread: Floats
) -> tuple[float, Floats]:
    """Minus the logarithm of the posterior of the drops of what is left, and its gradient."""
    from scipy.special import expit, logit

    off = (drops - centre) / spread
    total, gradient = 0.5 * off @ off, off / spread
    known = ~np.isnan(left)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if not pattern.any():
            continue
        at, rows = np.flatnonzero(pattern), np.flatnonzero(which.ravel() == number)
        some, fall = left[np.ix_(rows, at)], drops[at]
        best = np.linalg.solve(among[np.ix_(at, at)], fall)
        log_odds = -(some + fall / 2) @ best
        total -= log_odds_if_shown(log_odds).sum()
        shown = expit(log_odds + logit(PROBABILITY_SHOWN))
        gradient[at] += np.linalg.solve(among[np.ix_(at, at)], shown @ (some + fall))
    return float(total), gradient


def _errors(gradient: Callable[[Floats], Floats], best: Floats) -> list[float | None]:
    """Standard errors from the curvature at the best place; None for what lies at the end of its range."""
    inside = np.flatnonzero((best > NEAR_END) & (best < LARGEST_DROP - NEAR_END))
    steps = STEP * np.eye(len(best))[inside]
    curvature = np.array([gradient(best + step) - gradient(best - step) for step in steps]) / (2 * STEP)
    found: list[float | None] = [None] * len(best)
    if len(inside):
        curvature = curvature[:, inside]
        variances = np.diag(np.linalg.pinv((curvature + curvature.T) / 2))
        for place, variance in zip(inside, variances, strict=True):
            found[place] = float(np.sqrt(variance)) if variance > 0 else None
    return found


def usual_of_all(answers: Floats, assumed: Sequence[float]) -> tuple[float, ...]:
    """Shares of the answers in ordinary sessions.

    Parameters
    ----------
    answers : ndarray of float, shape (n_sessions,)
        0, 1, ...; NaN where missing.
    assumed : sequence of float
        Counts for `ASSUMED_SESSIONS` sessions.

    Returns
    -------
    tuple of float
    """
    counts = np.array([np.sum(answers == category) for category in range(len(assumed))], float)
    shares = counts + ASSUMED_SESSIONS * np.array(assumed)
    return tuple(float(each) for each in shares / shares.sum())


def fitted_category(
    strength: CategoryStrength,
    *,
    usual: Floats,
    answers: Floats,
    value: Floats,
    ordinary: Flags,
    confirmed: Flags,
) -> CategoryStrength:
    """How far a rupture moves the latent variable behind an answer, and how it goes with a low rating otherwise.

    Parameters
    ----------
    strength : CategoryStrength
        With the usual shares; its other figures are the prior's.
    usual : ndarray of float, shape (n_categories, n_sessions)
        Of each person before the answer, as from `usual_shares`.
    answers, value : ndarray of float, shape (n_sessions,)
        The answers, NaN where missing, and the score of the rating.
    ordinary, confirmed : ndarray of bool, shape (n_sessions,)
        The standing of each session.

    Returns
    -------
    CategoryStrength
    """
    known = ~np.isnan(answers)
    if not (known & confirmed).any():
        return strength
    calm, strained = (np.flatnonzero(known & where) for where in (ordinary, confirmed))

    def of_link(link: float) -> float:
        chances = _given(usual[:, calm], answers[calm], value[calm], link=link)
        return -float(np.log(chances).sum()) + 0.5 * ((link - strength.with_low_rating) / LINK_SD) ** 2

    linked = replace(strength, with_low_rating=_lowest_place(of_link, LARGEST_LINK))

    def of_shift(shift: float) -> float:
        moved = categorical_evidence(
            replace(linked, shift=shift), usual[:, strained], answers[strained], value[strained]
        )
        off = (shift - strength.shift) / (PRIOR_SHARE * strength.shift)
        return -float(moved.log_odds_given.sum()) + 0.5 * off**2

    best = _lowest_place(of_shift, LARGEST_SHIFT)
    step = min(0.05, best, LARGEST_SHIFT - best)
    error = None
    if step > NEAR_END:
        around = [of_shift(best + by) for by in (-step, 0.0, step)]
        curvature = (around[0] - 2 * around[1] + around[2]) / step**2
        error = None if curvature <= 0 else float(curvature**-0.5)
    return replace(linked, shift=best, shift_error=error)


def _given(usual: Floats, answers: Floats, value: Floats, *, link: float) -> Floats:
    """Probability of each answer in an ordinary session with that rating."""
    from scipy.special import ndtr

    bounds = (thresholds(usual) + link * value) / np.sqrt(1 - link**2)
    chances = np.diff(ndtr(bounds), axis=0, prepend=0.0, append=1.0)
    found: Floats = np.maximum(
        chances[answers.astype(np.int64), np.arange(len(answers))], SMALLEST_PROBABILITY
    )
    return found


def _lowest_place(function: Callable[[float], float], largest: float) -> float:
    from scipy.optimize import minimize_scalar

    return float(minimize_scalar(function, bounds=(0.0, largest), method="bounded").x)
