"""Actor, partner and shared effects of couples: estimates, and what tables without effect give."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np

from goldseam.arrays import Floats
from goldseam.cohort.couple_ratings import CoupleRatings, doubled
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.paired_ratings import session_means
from goldseam.cohort.panel_analysis import COURSE, LEVEL, TABLES, UNSOLVED, Row, by_chance, checked_row
from goldseam.cohort.panel_autoregression import (
    PanelFit,
    PanelPairs,
    clustered_interval,
    fit_panel,
    own_levels,
)
from goldseam.cohort.panel_chance import PanelChance
from goldseam.progress import with_progress

ACTOR, PARTNER, TOGETHER, SHARED = "actor", "partner", "both members", "common fate"
EITHER = "either member"


@dataclass(frozen=True, eq=False)
class CoupleAnalysis:
    """Fits with members in either order, and in the order of their names.

    Attributes
    ----------
    ratings : CoupleRatings
        The couples.
    seed : int
        Of the tables without effect.
    """

    ratings: CoupleRatings
    seed: int

    @cached_property
    def pairs(self) -> dict[str, PanelPairs]:
        """Of every couple in both orders."""
        twice = doubled(self.ratings.values)
        return {
            name: PanelPairs.of(twice - session_means(twice), order)
            for name, order in ((LEVEL, 1), (COURSE, 2))
        }

    @cached_property
    def fits(self) -> dict[str, PanelFit]:
        """Of every couple in both orders: A is the same for both members."""
        return {name: fit_panel(pairs) for name, pairs in self.pairs.items()}

    @cached_property
    def ordered(self) -> PanelFit:
        """Of every couple in the order of the names, own levels removed."""
        return fit_panel(PanelPairs.of(self.ratings.around, 1))

    @property
    def constant(self) -> str | None:
        """Why nothing can be said where ratings do not vary, or are copies."""
        total = self.pairs[LEVEL].earlier.sum(axis=0)
        size = np.sqrt(np.diag(total))
        if size.min() < 1e-8:
            return "ratings do not vary within persons"
        if np.linalg.eigvalsh(total / np.outer(size, size)).min() < 1e-8:
            return "one of the ratings follows the others like a copy"
        return None

    @property
    def shared(self) -> float:
        """Correlation between members of own levels of the alliance."""
        fit = self.fits[LEVEL]
        if not fit.converged:
            return float("nan")
        levels = own_levels(fit.a, fit.own_covariance().mean(axis=0))
        return float(levels[0, 1] / levels[0, 0]) if levels[0, 0] > 0 else float("nan")

    def _paths(self, member: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Elements of A: of the own and of the partner's alliance in what a member has next."""
        to = member if self.ratings.progress is None else 2 + member
        return (to, member), (to, 1 - member)

    def either(self, removed: str) -> Iterator[Row]:
        """The rows of members that are not told apart."""
        fit = self.fits[removed]
        actor, partner = (_at(path, fit.a.shape) for path in self._paths(0))
        drawn = self.drawn(unrelated=False)
        for effect, weights in ((ACTOR, actor), (PARTNER, partner), (TOGETHER, actor + partner)):
            row = self._row((effect, EITHER, removed), fit, weights)
            yield row | self._beside(row, [_figure(each[removed], weights) for each in drawn])

    def by_role(self) -> Iterator[Row]:
        """The rows of each role, and of their differences."""
        roles = self.ratings.roles
        if roles is None:
            return
        fit = self.ordered
        weights = [[_at(path, fit.a.shape) for path in self._paths(member)] for member in (0, 1)]
        less = f"{roles[0]} less {roles[1]}"
        drawn = self.drawn(unrelated=False)
        for place, effect in enumerate((ACTOR, PARTNER)):
            first, second = weights[0][place], weights[1][place]
            for of, weight in ((roles[0], first), (roles[1], second), (less, first - second)):
                row = self._row((effect, of, LEVEL), fit, weight)
                yield row | self._beside(row, [_figure(each["ordered"], weight) for each in drawn])

    def _row(self, names: tuple[str, str, str], fit: PanelFit, weights: Floats) -> Row:
        """A row of an effect, whose it is and what is removed: the sum of the elements of A, weighted."""
        effect, of, removed = names
        orders = 2 if of == EITHER else 1
        n = fit.pairs.n // orders
        cluster = np.concatenate([self.ratings.cluster] * orders)[fit.pairs.kept]
        sd = self.ratings.own_sd(np.arange(self.ratings.n))
        half = len(sd) - 2
        scaled = sqrt(float((sd[:2] ** 2).sum() / (sd[half:] ** 2).sum()))
        row = {
            "effect": effect,
            "of": of,
            "removed": removed,
            "couples": n,
            "pairs": fit.pairs.n_pairs // (fit.pairs.n // n),
        }
        few = MINIMUMS["own course"].refusal(n) if removed == COURSE else None
        why = few or (None if fit.converged else UNSOLVED)
        usual = float("nan") if few else float((weights * fit.pairs.uncorrected()).sum())
        if why:
            return checked_row(row, (None,) * 6, usual, why)
        found = clustered_interval(float((weights * fit.a).sum()), fit.influence @ weights.ravel(), cluster)
        return checked_row(row, (*found, *(scaled * each for each in found)), usual, None)

    def _beside(self, row: Row, drawn: list[tuple[float, float]]) -> Row:
        """What tables without effect give for a row; not for what an alliance keeps of itself."""
        itself = self.ratings.progress is None and row["effect"] != PARTNER
        unasked = row["refused"] is not None or itself
        return by_chance(np.array([] if unasked else drawn, np.float64).reshape(-1, 2))

    def common_fate(self) -> Iterator[Row]:
        """Between couples: progress that members share per point of alliance that they share."""
        if self.ratings.progress is None:
            return
        fit = self.fits[LEVEL]
        cluster = np.concatenate([self.ratings.cluster] * 2)[fit.pairs.kept]
        row = {
            "effect": SHARED,
            "of": "couples",
            "removed": "error of own levels",
            "couples": fit.pairs.n // 2,
        }
        row |= {"pairs": fit.pairs.n_pairs // 2}
        why = None if fit.converged else UNSOLVED
        why = why or MINIMUMS["settling"].refusal(round(fit.settling, 3))
        why = why or MINIMUMS["common fate"].refusal(round(self.shared, 3))
        figures: tuple[float | None, ...] = (None,) * 6
        if why is None:
            figures = tuple(
                end
                for each in (shared_slope, shared_correlation)
                for end in clustered_interval(*fit.between(each), cluster)
            )
        row = checked_row(row, figures, observed_shared_slope(self.ratings.around), why)
        drawn = [] if row["refused"] else self.drawn(unrelated=True)
        yield row | self._beside(row, [(each["shared"][0], each["shared"][1]) for each in drawn])

    def drawn(self, *, unrelated: bool) -> list[dict[str, tuple[Any, Any]]]:
        """Estimates, and those of least squares, in tables without effect."""
        return self._unrelated if unrelated else self._related

    @cached_property
    def _related(self) -> list[dict[str, tuple[Any, Any]]]:
        return self._tables(unrelated=False)

    @cached_property
    def _unrelated(self) -> list[dict[str, tuple[Any, Any]]]:
        return self._tables(unrelated=True)

    def _tables(self, *, unrelated: bool) -> list[dict[str, tuple[Any, Any]]]:
        courses = self.fits[COURSE].converged and not unrelated
        fit = self.fits[COURSE if courses else LEVEL]
        if not fit.converged:
            return []
        source = PanelChance.of(self.ratings, fit, unrelated=unrelated, seed=self.seed)
        return [
            _estimates(source.table(each)) for each in with_progress(range(TABLES), "couples without effect")
        ]


def _estimates(around: Floats) -> dict[str, tuple[Any, Any]]:
    """What a drawn table gives."""
    twice = doubled(around)
    found: dict[str, tuple[Any, Any]] = {}
    for name, ratings, order in ((LEVEL, twice, 1), (COURSE, twice, 2), ("ordered", around, 1)):
        fit = fit_panel(PanelPairs.of(ratings, order))
        found[name] = (fit.a, fit.pairs.uncorrected())
        if name == LEVEL and around.shape[2] > 2 and fit.converged:
            covariance = fit.own_covariance().mean(axis=0)
            found["shared"] = (shared_slope(fit.a, covariance), observed_shared_slope(around))
    found.setdefault("shared", (float("nan"), float("nan")))
    return found


def _figure(of: tuple[Floats, Floats], weights: Floats) -> tuple[float, float]:
    estimate, usual = ((weights * each).sum() for each in of)
    return float(estimate), float(usual)


def _at(path: tuple[int, int], shape: tuple[int, ...]) -> Floats:
    found = np.zeros(shape)
    found[path] = 1.0
    return found


def shared_slope(a: Floats, covariance: Floats) -> float:
    """Of the progress that members share in the alliance that they share, both latent: covariances between members.

    Parameters
    ----------
    a, covariance
        As for `goldseam.cohort.panel_autoregression.own_levels`; alliance of both members, then progress of both.

    Returns
    -------
    float
    """
    levels = own_levels(a, covariance)
    return float((levels[0, 3] + levels[1, 2]) / 2 / levels[0, 1])


def shared_correlation(a: Floats, covariance: Floats) -> float:
    """The correlation of what members share; NaN where they share nothing.

    Parameters
    ----------
    a, covariance
        As for `shared_slope`.

    Returns
    -------
    float
    """
    levels = own_levels(a, covariance)
    if levels[0, 1] <= 0 or levels[2, 3] <= 0:
        return float("nan")
    return float((levels[0, 3] + levels[1, 2]) / 2 / sqrt(levels[0, 1] * levels[2, 3]))


def observed_shared_slope(around: Floats) -> float:
    """As `shared_slope`, of observed means.

    Parameters
    ----------
    around : ndarray of float, shape (n, n_sessions, 4)
        NaN where not known.

    Returns
    -------
    float
    """
    some = np.isfinite(around[:, :, 0]).any(axis=1)
    covariance = np.cov(np.nanmean(around[some], axis=1).T)
    return float((covariance[0, 3] + covariance[1, 2]) / 2 / covariance[0, 1])
