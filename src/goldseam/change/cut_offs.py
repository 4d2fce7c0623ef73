"""Where the range of functioning begins, and what becomes of a person who crosses it."""

from dataclasses import dataclass

import numpy as np

from goldseam.arrays import Flags, Floats
from goldseam.change.change_methods import PairFigures
from goldseam.exceptions import ParameterError

CUT_OFFS = {
    "a": "2 SD of the persons before treatment beyond their mean, towards functioning",
    "b": "2 SD of the functional population from its mean, towards dysfunction",
    "c": "where a score is as many SD from the one mean as from the other",
}
STATUSES = ("recovered", "improved", "unchanged", "deteriorated", "harmed")
CROSSED = ("recovered", "harmed")
"""Statuses that need a cut-off."""


@dataclass(frozen=True, kw_only=True)
class FunctionalCutOff:
    """A score that parts the functional from the dysfunctional range.

    Attributes
    ----------
    name : str
        *a*, *b*, *c* (Jacobson & Truax 1991), or *stated*.
    at : float
        In points.
    """

    name: str
    at: float


@dataclass(frozen=True, kw_only=True)
class FunctionalPopulation:
    """What is known of people without the disorder; NaN where nothing is."""

    mean: float
    sd: float


def cut_off(
    choice: str | float,
    figures: PairFigures,
    functional: FunctionalPopulation,
    *,
    direction: int,
    method: str,
    convention: str,
) -> FunctionalCutOff:
    """The cut-off by one of the rules, or the stated one.

    Parameters
    ----------
    choice : str or float
        *a*, *b*, *c*, or a score.
    figures : PairFigures
        Of the persons.
    functional : FunctionalPopulation
        Needed for *b* and *c*.
    direction : int
        1 if higher is better, -1 if lower is.
    method : str
        With *HA* SDs are those of true scores.
    convention : str
        The R package takes the SD of the persons for *b*, where the source has that of the functional population.

    Returns
    -------
    FunctionalCutOff

    Raises
    ------
    ParameterError
        Nothing is known of the functional population, or its mean lies on the worse side of the persons'.
    """
    if not isinstance(choice, str):
        return FunctionalCutOff(name="stated", at=float(choice))
    if not figures.pre_sd > 0:
        allowed = "two persons or more with different scores before treatment, or the cut-off as a number"
        raise ParameterError(
            "needs an SD before treatment", where=f"cut-off {choice}", given=figures.pre_sd, allowed=allowed
        )
    if choice != "a":
        _check_functional(choice, figures, functional, direction)
    clinical_sd, functional_sd = figures.pre_sd, functional.sd
    if method == "HA":
        clinical_sd, functional_sd = (
            _true_sd(sd, figures.measurement_error) for sd in (clinical_sd, functional_sd)
        )
    if choice == "a":
        at = figures.pre_mean + direction * 2 * clinical_sd
    elif choice == "b":
        at = functional.mean - direction * 2 * (functional_sd if convention == "published" else clinical_sd)
    else:
        both = clinical_sd + functional_sd
        at = (clinical_sd * functional.mean + functional_sd * figures.pre_mean) / both
    return FunctionalCutOff(name=choice, at=float(at))


def _check_functional(
    choice: str, figures: PairFigures, functional: FunctionalPopulation, direction: int
) -> None:
    if not (np.isfinite(functional.mean) and functional.sd > 0):
        raise ParameterError(
            "needs mean and SD of a functional population",
            where=f"cut-off {choice}",
            given=f"mean {functional.mean:g}, SD {functional.sd:g}",
            allowed="--functional-mean and --functional-sd above 0, or cut-off a",
        )
    if direction * (functional.mean - figures.pre_mean) <= 0:
        better = "higher" if direction > 0 else "lower"
        raise ParameterError(
            f"the functional mean lies on the worse side of the persons' mean before treatment "
            f"({figures.pre_mean:.4g}), if {better} is better",
            where="functional mean",
            given=functional.mean,
            allowed="the right direction (--lower-is-better), or the mean of a population that functions better",
        )


def _true_sd(sd: float, error: float) -> float:
    """SD of true scores: what is left of the variance of observed ones without that of error."""
    if not sd > error and np.isfinite(sd):
        raise ParameterError(
            "the SD is no larger than the error of measurement, so that true scores have none",
            where="method HA",
            given=sd,
            allowed=f"an SD above {error:.4g}",
        )
    return float(np.sqrt(sd**2 - error**2))


def crossed(
    pre: Floats,
    post: Floats,
    at: FunctionalCutOff,
    figures: PairFigures,
    *,
    direction: int,
    method: str,
    critical: float,
    convention: str,
) -> tuple[Flags, Flags, Flags]:
    """Who was on the dysfunctional side before, who is on the functional side after, and who is not.

    A score at the cut-off itself is on the functional side before and not on it after, so that reaching it is no
    recovery. With *HA* the later side is that of the estimated true score, beyond its error.

    Parameters
    ----------
    pre, post : ndarray, shape (n,)
        Scores.
    at, figures, direction, method, convention
        As for `cut_off`.
    critical : float
        Of the method.

    Returns
    -------
    tuple of ndarray of bool, shape (n,)
    """
    before = direction * pre < direction * at.at
    if method != "HA":
        after = direction * post > direction * at.at
        return before, after, ~after
    reliability = 1 - figures.measurement_error**2 / figures.post_sd**2
    if not reliability > 0:
        _true_sd(figures.post_sd, figures.measurement_error)
    true_post = figures.post_mean + (post - figures.post_mean) * reliability
    z = direction * (true_post - at.at) / (np.sqrt(reliability) * figures.measurement_error)
    after = before & (z > critical)
    return before, after, ~after if convention == "clinicalsignificance" else z < -critical


def statuses(improved: Flags, deteriorated: Flags, sides: tuple[Flags, Flags, Flags] | None) -> list[str]:
    """What became of each person, in one word.

    Parameters
    ----------
    improved, deteriorated : ndarray of bool, shape (n,)
        Whether the change counts, in either direction.
    sides : tuple of ndarray of bool, optional
        As from `crossed`; without a cut-off nobody is recovered or harmed.

    Returns
    -------
    list of str
        Of `STATUSES`.
    """
    status = np.full(len(improved), "unchanged", dtype=object)
    status[improved], status[deteriorated] = "improved", "deteriorated"
    if sides is not None:
        before, after, below_after = sides
        status[improved & before & after] = "recovered"
        status[deteriorated & ~before & below_after] = "harmed"
    return [str(word) for word in status]
