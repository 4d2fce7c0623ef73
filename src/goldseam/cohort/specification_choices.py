"""The choices an effect could reasonably have been estimated with: every combination is a specification."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.emulated_trials import Trial, TrialCases
from goldseam.cohort.episode_counts import EARLIER_RATINGS
from goldseam.cohort.flag_effect import FlagTrial
from goldseam.cohort.repair_effect import GRACE, RepairTrial
from goldseam.detection.engine.criterion import Criterion

if TYPE_CHECKING:
    import polars as pl

CHANCES = ("watch", "probable", "marked", "alpha")
"""Thresholds that are chances: what is half for these is a quarter more for one in SDs or points."""
FACTORS_OF_CHANCES, FACTORS = (1.0, 0.5, 2.0), (1.0, 1.25, 0.8)
EARLIER = (EARLIER_RATINGS, 5)
GRACES = (GRACE, 2, 4)
OUTCOMES = ("as given", "normal scores")


@dataclass(frozen=True, slots=True)
class Specification:
    """One combination of choices.

    Parameters
    ----------
    rule : int
        Which of the rules flags.
    trial : int
        Which of the trials compares.
    outcome : int
        Which column of the outcomes.
    held : bool
        Whether `before` is adjusted for.
    words : tuple of (str, str)
        Each choice with what was chosen.
    """

    rule: int
    trial: int
    outcome: int
    held: bool
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Specifications:
    """All specifications of one effect; the first is the one the study answers with.

    Attributes
    ----------
    rules : tuple of Criterion
        Criteria with their thresholds.
    trials : tuple of Trial
        With what they compare.
    all : tuple of Specification
        Every combination.
    """

    rules: tuple[Criterion, ...]
    trials: tuple[Trial, ...]
    all: tuple[Specification, ...]

    @cached_property
    def groups(self) -> dict[tuple[int, int, bool], list[int]]:
        """The specifications that differ in the outcome alone, by rule, trial, and what is held."""
        found: dict[tuple[int, int, bool], list[int]] = {}
        for number, each in enumerate(self.all):
            found.setdefault((each.rule, each.trial, each.held), []).append(number)
        return found

    def table(self) -> "pl.DataFrame":
        """A row per specification, a column per choice."""
        import polars as pl

        return pl.DataFrame([dict(each.words) for each in self.all])


def flag_specifications(criteria: Sequence[Criterion], cases: TrialCases, alerts: Integers) -> Specifications:
    """Those of being flagged.

    Parameters
    ----------
    criteria : sequence of Criterion
        The primary one first; those that need the whole course are passed over.
    cases : TrialCases
        With their outcomes.
    alerts : ndarray of int, shape (n_cases,)
        The first session of each case at which an alert had been seen.

    Returns
    -------
    Specifications
    """
    trials = [
        (FlagTrial(alerts, earlier=earlier, gaps=gaps, weighted=weighted), words)
        for (earlier, gaps, weighted), words in _combined(
            ("earlier ratings at least", EARLIER, str), _gaps(cases), _unknown(cases)
        )
    ]
    return _all(criteria, cases, trials)


def repair_specifications(criteria: Sequence[Criterion], cases: TrialCases) -> Specifications:
    """Those of repair.

    Parameters
    ----------
    criteria : sequence of Criterion
        The primary one first; those that need the whole course are passed over.
    cases : TrialCases
        With their outcomes.

    Returns
    -------
    Specifications
    """
    trials = [
        (RepairTrial(grace, gaps=gaps, weighted=weighted), words)
        for (grace, gaps, weighted), words in _combined(
            ("sessions to repair", GRACES, str), _gaps(cases), _unknown(cases, left=True)
        )
    ]
    return _all(criteria, cases, trials)


def varied_criteria(criteria: Sequence[Criterion]) -> list[tuple[Criterion, float]]:
    """The criteria that judge a session by earlier ones, each with its thresholds as they are, stricter and laxer.

    Parameters
    ----------
    criteria : sequence of Criterion
        As they were chosen.

    Returns
    -------
    list of (Criterion, float)
        With the factor on its thresholds; one that has none stands once.
    """
    found: list[tuple[Criterion, float]] = []
    for each in criteria:
        if not each.prospective:
            continue
        values = {name: getattr(each, name, None) for name in each.thresholds}
        numbers = {name: float(value) for name, value in values.items() if isinstance(value, int | float)}
        factors = FACTORS_OF_CHANCES if {*numbers} & {*CHANCES} else FACTORS
        limits = each.parameters()
        for factor in factors if numbers else (1.0,):
            moved = {
                name: min(max(value * factor, limits[name].least), limits[name].most)
                for name, value in numbers.items()
            }
            found.append((each if factor == 1.0 else replace(each, **moved), factor))
    return found


def outcome_columns(after: Floats) -> Floats:
    """The outcome as it was given, and as normal scores of its ranks with the same SD.

    Parameters
    ----------
    after : ndarray of float, shape (n_cases,)
        NaN where it is not known.

    Returns
    -------
    ndarray of float, shape (n_cases, 2)
        Scores after van der Waerden: quantiles of the normal distribution at rank / (n + 1), ties at their mean rank.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    known = np.isfinite(after)
    scores = np.full(len(after), np.nan)
    if known.sum() > 1:
        normal = ndtri(rankdata(after[known]) / (known.sum() + 1))
        scores[known] = normal / max(float(normal.std(ddof=1)), 1e-12) * after[known].std(ddof=1)
    return np.column_stack([after, scores])


Choice = tuple[str, Sequence[object], "Sequence[str] | type[str]"]


def _combined(*choices: Choice) -> Iterator[tuple[tuple[Any, ...], tuple[tuple[str, str], ...]]]:
    """Every combination, with its words; a choice without an alternative has none."""
    for values in product(*(each[1] for each in choices)):
        words = []
        for (name, offered, said), value in zip(choices, values, strict=True):
            if len(offered) > 1:
                text = str(value) if isinstance(said, type) else said[list(offered).index(value)]
                words.append((name, text))
        yield values, tuple(words)


def _gaps(cases: TrialCases) -> Choice:
    series = cases.series
    skipped = (np.diff(series.session, prepend=0) > 1) & (series.position > 0)
    return (
        "after an unrated session",
        (True, False) if skipped.any() else (True,),
        ("counted", "left out"),
    )


def _unknown(cases: TrialCases, *, left: bool = False) -> Choice:
    some = left or not np.isfinite(cases.after).all()
    return ("outcome not known", (True, False) if some else (True,), ("weighted", "left out"))


def _all(
    criteria: Sequence[Criterion],
    cases: TrialCases,
    trials: Sequence[tuple[Trial, tuple[tuple[str, str], ...]]],
) -> Specifications:
    rules = varied_criteria(criteria)
    before: Choice = ("before", (True, False) if cases.covariates.shape[1] else (True,), ("held", "not held"))
    found = [
        Specification(
            rule,
            trial,
            OUTCOMES.index(str(outcome)),
            bool(held),
            (("criterion", criterion.id), ("thresholds times", f"{factor:g}"), *said, *words),
        )
        for rule, (criterion, factor) in enumerate(rules)
        for trial, (_trial, said) in enumerate(trials)
        for (outcome, held), words in _combined(("outcome", OUTCOMES, str), before)
    ]
    return Specifications(
        tuple(rule for rule, _factor in rules), tuple(each for each, _said in trials), tuple(found)
    )
