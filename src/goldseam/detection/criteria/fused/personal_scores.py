"""Numbers of a person, each against that person's own earlier ones, as standard normal scores."""

from collections.abc import Mapping

import numpy as np

from goldseam.arrays import Floats
from goldseam.detection.criteria.fused.assumptions import (
    FACETS,
    FAST,
    ITEMS,
    MEMBERS,
    SCATTER,
    THERAPIST,
)
from goldseam.detection.criteria.fused.evidence_strengths import EvidenceStrengths
from goldseam.detection.engine.discounted_level import DiscountedLevel
from goldseam.series import RatingSeries

SHAPE, WEIGHT, DISCOUNT = 1.5, 0.5, 0.9
EARLIER = 3
LARGEST_STEP = 3.0
FARTHEST = 8.0
TIME_SD = 0.35  # of the logarithm of the seconds one person takes
MUCH_FASTER = -1.645
TIME = 90.0  # seconds, of anybody
ITEM_SPREAD = 1.5  # SD of the answers of one session, in within-person SDs
SCATTER_SPREAD = (
    0.3  # SD of the cube root of their variance, as a share of it: sqrt(2 / (9 * 3)) for four answers
)
FEWEST_ITEMS = 3

OF_A_KIND = (FACETS, MEMBERS)
PREFIXES = {ITEMS: "item_", FACETS: "facet_", THERAPIST: "therapist_", MEMBERS: "member_"}


def measured_scores(
    series: RatingSeries, mean: Floats, within_sd: Floats, strengths: EvidenceStrengths
) -> dict[str, Floats]:
    """Scores of everything that is a number; the lower the more alarming.

    Parameters
    ----------
    series : RatingSeries
        With its evidence.
    mean, within_sd : ndarray of float, shape (n_series,)
        The population's mean and SD within a person, in points: where each person's own numbers start from.
    strengths : EvidenceStrengths
        With mean and SD of each score in ordinary sessions.

    Returns
    -------
    dict of str to ndarray of float, shape (n_ratings,)
        For items, scatter, facets, therapist, members and *fast* (the seconds taken), as far as there are any; NaN
        where the number is missing or has fewer than three earlier ones.
    """
    found = {}
    for name, scores in scores_by_column(series, mean, within_sd).items():
        one = _one_score(name, scores, strengths)
        usual = strengths.by_term.get(name)
        found[name] = one if usual is None else (one - usual.mean) / usual.sd
    return found


def scores_by_column(series: RatingSeries, mean: Floats, within_sd: Floats) -> dict[str, Floats]:
    """Scores of every column that is a number, before those of a kind are joined.

    Parameters
    ----------
    series, mean, within_sd
        As for `measured_scores`.

    Returns
    -------
    dict of str to ndarray of float, shape (n_ratings, n_columns)
    """
    columns = series.evidence
    groups = {name: _columns(columns, prefix) for name, prefix in PREFIXES.items()}
    items = [each - series.value for each in groups[ITEMS]]
    seconds = [np.log(np.maximum(each, 1.0)) for each in _columns(columns, "seconds")]
    spread = np.cbrt((ITEM_SPREAD * within_sd) ** 2)
    kinds = {
        ITEMS: (items, np.zeros_like(mean), within_sd),
        SCATTER: (_scatter(groups[ITEMS]), -spread, SCATTER_SPREAD * spread),
        FACETS: (groups[FACETS], mean, within_sd),
        THERAPIST: (groups[THERAPIST], mean, within_sd),
        MEMBERS: (groups[MEMBERS], mean, within_sd),
        FAST: (seconds, np.full_like(mean, np.log(TIME)), np.full_like(mean, TIME_SD)),
    }
    return {
        name: own_scores(series, np.stack(numbers, axis=1), start, sd)
        for name, (numbers, start, sd) in kinds.items()
        if numbers
    }


def _scatter(items: list[Floats]) -> list[Floats]:
    """Minus the cube root of the variance of a session's answers: nearly normal (Wilson & Hilferty 1931)."""
    if len(items) < FEWEST_ITEMS:
        return []
    answers = np.stack(items)
    known = (~np.isnan(answers)).sum(axis=0)
    enough = known >= FEWEST_ITEMS
    total, squares = np.zeros((2, answers.shape[1]))
    for each in answers:
        total += np.nan_to_num(each)
    middle = total / np.maximum(known, 1)
    for each in answers:
        squares += np.nan_to_num(each - middle) ** 2
    return [np.where(enough, -np.cbrt(squares / np.maximum(known - 1, 1)), np.nan)]


def _columns(columns: Mapping[str, Floats], prefix: str) -> list[Floats]:
    return [values for name, values in sorted(columns.items()) if name.startswith(prefix)]


def own_scores(series: RatingSeries, numbers: Floats, start: Floats, sd: Floats) -> Floats:
    """Each number against the same person's earlier ones, by a predictive t distribution.

    Parameters
    ----------
    series : RatingSeries
        The ratings the numbers came with.
    numbers : ndarray of float, shape (n_ratings, n_columns)
        NaN where missing.
    start, sd : ndarray of float, shape (n_series,)
        What is assumed before the first.

    Returns
    -------
    ndarray of float, shape (n_ratings, n_columns)
        Standard normal in ordinary sessions; NaN where missing or with fewer than three earlier numbers.
    """
    from scipy.special import ndtri, stdtr

    order = series.by_length
    shape = (series.n_series, numbers.shape[1])

    def wide(values: Floats) -> Floats:
        return np.repeat(values[order, None], shape[1], axis=1)

    weight = np.full(shape, WEIGHT)
    levels = DiscountedLevel(
        mean=wide(start),
        weight=weight,
        shape=np.full(shape, SHAPE),
        rate=SHAPE * wide(sd) ** 2,
        floor=weight.copy(),
        discount=np.full(shape, DISCOUNT),
    )
    earlier = np.zeros(shape)
    scores = np.full(numbers.shape, np.nan)
    for at in series.steps():
        level, seen = levels.first(len(at)), earlier[: len(at)]
        value = numbers[at]
        known = ~np.isnan(value)
        spread = level.spread()
        scaled = (value - level.mean) / spread
        score = ndtri(stdtr(2 * level.shape, scaled))
        scores[at] = np.where(seen >= EARLIER, np.clip(score, -FARTHEST, FARTHEST), np.nan)
        level.learn(
            np.clip(value, level.mean - LARGEST_STEP * spread, level.mean + LARGEST_STEP * spread), known
        )
        seen += known
    return scores


def _one_score(name: str, scores: Floats, strengths: EvidenceStrengths) -> Floats:
    """One score of several numbers of a kind."""
    if name == ITEMS:
        return _lowest(scores)
    if name in OF_A_KIND:
        return _mean_score(scores, strengths.by_term[name].alike)
    return scores[:, 0]


def _lowest(scores: Floats) -> Floats:
    """The score of the lowest of k, as if they were independent: 1 - (1 - p)^k (Sidak 1967)."""
    from scipy.special import ndtr, ndtri

    known = (~np.isnan(scores)).sum(axis=1)
    lowest = np.fmin.reduce(scores, axis=1)
    chance = -np.expm1(known * np.log1p(-ndtr(lowest)))
    return np.where(known > 1, np.clip(ndtri(chance), -FARTHEST, FARTHEST), np.nan)


def _mean_score(scores: Floats, alike: float) -> Floats:
    """The standardised mean of scores that correlate equally."""
    known = (~np.isnan(scores)).sum(axis=1)
    total = np.zeros(len(scores))
    for each in scores.T:
        total += np.nan_to_num(
            each
        )  # one by one: the last digit must not depend on how many ratings there are
    with np.errstate(invalid="ignore", divide="ignore"):
        score: Floats = total / known / np.sqrt((1 + (known - 1) * alike) / known)
    return score
