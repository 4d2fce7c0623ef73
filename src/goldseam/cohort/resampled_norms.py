"""Norms of resampled cases, each one Newton step away from the full fit; see ``docs/methods/cohort.md``."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.norms.fitting import FEWEST_RATINGS
from goldseam.norms.marginal_likelihood import (
    BOUNDS,
    MOST_SERIES,
    PRIOR_MEAN,
    PRIOR_SD,
    FreeParameters,
    dips_expected,
    evenly_spaced,
    population_of,
    take_series,
)
from goldseam.norms.scale_norms import Norms, PersonNorms, ScaleNorms
from goldseam.series import RatingSeries
from goldseam.state_space import FilterState

DIFFERENCE = 1e-3
MOST_KNOTS = 12
AT_A_BOUND = 1e-6


@dataclass(frozen=True, eq=False)
class NewtonStep:
    """Where the fit of one `PersonNorms` goes when the series have other weights.

    Attributes
    ----------
    person : PersonNorms
        The full fit.
    unit : float
        Its parameters are searched for in multiples of this.
    place : ndarray of float, shape (n_parameters,)
        The parameters of the full fit: those of `FreeParameters`, then the mean course at its knots.
    scores : ndarray of float, shape (n_used, n_parameters)
        Derivative of the log-likelihood of each series used.
    information : ndarray of float, shape (n_parameters, n_parameters)
        Sum of the outer products of the scores (Berndt, Hall, Hall & Hausman 1974), with that of the prior.
    course : ndarray of float, shape (n_sessions, n_knots)
        What a change at a knot does to the mean course.
    """

    person: PersonNorms
    unit: float
    place: Floats
    scores: Floats
    information: Floats
    course: Floats

    @classmethod
    def of(cls, series: RatingSeries, person: PersonNorms, unit: float) -> "NewtonStep":
        """Prepare it from the series the norms were fitted to, in the unit of the norms."""
        course = _knots(len(person.mean_course))
        search = FreeParameters(
            log_between=float(np.log(person.between_sd / unit)),
            log_within=float(np.log(person.within_sd / unit)),
            log_sd=float(np.log(max(person.own_sd_log_sd, DIFFERENCE))),
            autocorrelation=person.autocorrelation,
            drift=person.drift_sd,
            trend=person.trend_sd / unit,
            log_dips=float(np.log(person.dips)) if person.dips else float(PRIOR_MEAN[-1]),
        )
        place = np.concatenate([search.vector(), np.zeros(course.shape[1])])
        step = cls(person, unit, place, np.zeros((0, 0)), np.zeros((0, 0)), course)
        scores = np.stack([*step._derivatives(series)], axis=1)  # of this class
        prior = np.zeros(len(place))
        prior[: len(PRIOR_SD)] = 1 / PRIOR_SD**2
        return replace(step, scores=scores, information=scores.T @ scores + np.diag(prior))

    def at(self, weights: Floats) -> PersonNorms:
        """The norms where each series used counts so many times; `weights` has shape (n_used,)."""
        from scipy.optimize import lsq_linear

        pull = (weights - 1) @ self.scores
        low, high = self._bounds()
        bound = (self.place <= low + AT_A_BOUND) | (self.place >= high - AT_A_BOUND)
        # at its bound a parameter is held there by a slope that resampling has to overcome
        slope = self.scores.sum(axis=0)
        slope[: len(PRIOR_SD)] -= (self.place[: len(PRIOR_SD)] - PRIOR_MEAN) / PRIOR_SD**2
        pull[bound] += slope[bound]
        factor = np.linalg.cholesky(self.information)
        target = np.linalg.solve(factor, pull)
        moved = lsq_linear(
            factor.T, target, (low - self.place - AT_A_BOUND, high - self.place + AT_A_BOUND)
        ).x
        return self._person(np.clip(self.place + moved, low, high))

    def _bounds(self) -> tuple[Floats, Floats]:
        free = np.full(self.course.shape[1], np.inf)
        low, high = np.array(BOUNDS).T
        return np.concatenate([low, -free]), np.concatenate([high, free])

    def _person(self, place: Floats) -> PersonNorms:
        n_free = len(PRIOR_SD)
        person = FreeParameters.from_vector(place[:n_free]).person(self.person, self.unit)
        course = np.array(self.person.mean_course) + self.unit * (self.course @ place[n_free:])
        return replace(person, mean_course=tuple(float(mean) for mean in course))

    def _derivatives(self, series: RatingSeries) -> Iterator[Floats]:
        """Of the log-likelihood of each series, parameter by parameter; to one side where a bound is near."""
        low, high = self._bounds()
        for number in range(len(self.place)):
            ends = []
            for side in (-DIFFERENCE, DIFFERENCE):
                place = self.place.copy()
                place[number] = np.clip(place[number] + side, low[number], high[number])
                ends.append((place[number], series_log_likelihoods(series, self._person(place))))
            (before, below), (after, above) = ends
            yield (above - below) / (after - before)


@dataclass(frozen=True, eq=False)
class ResampledNorms:
    """Norms of one scale as they would be fitted to resampled series.

    Attributes
    ----------
    norms : Norms
        The full fit.
    used : ndarray of int
        The series that the likelihood was maximised over, as `goldseam.fit_norms` chooses them.
    person, scored : NewtonStep or None
        Of the entry's ``person`` and, where there is one, its ``scored_person``.
    """

    norms: Norms
    used: Integers
    person: NewtonStep
    scored: NewtonStep | None

    @classmethod
    def of(cls, series: RatingSeries, norms: Norms) -> "ResampledNorms":
        """Prepare them; `series` is what the norms were fitted to, higher is better."""
        entry = norms.scales[0]
        usable = np.flatnonzero(series.lengths >= FEWEST_RATINGS)
        chosen = evenly_spaced(_in_unit_of(take_series(series, usable), norms), MOST_SERIES)
        used = usable
        if len(usable) > MOST_SERIES:
            used = usable[np.linspace(0, len(usable) - 1, MOST_SERIES).round().astype(np.int64)]
        plain, scored = entry.assumed_person, entry.scored_person
        return cls(
            norms,
            used,
            NewtonStep.of(chosen, plain, entry.within_sd),
            None if scored is None else NewtonStep.of(chosen, scored, plain.within_sd),
        )

    def at(self, weights: Floats) -> Norms:
        """The norms where each series counts so many times; `weights` has shape (n_series,)."""
        entry: ScaleNorms = self.norms.scales[0]
        own = weights[self.used]
        scored = None if self.scored is None else self.scored.at(own)
        return replace(self.norms, scales=(replace(entry, person=self.person.at(own), scored_person=scored),))


def series_log_likelihoods(series: RatingSeries, person: PersonNorms) -> Floats:
    """Logarithm of the marginal likelihood of each series, as `goldseam.fit_norms` maximises their sum.

    Parameters
    ----------
    series : RatingSeries
        Higher is better, in the unit of `person`.
    person : PersonNorms
        What is assumed of every person.

    Returns
    -------
    ndarray of float, shape (n_series,)
    """
    order = series.by_length
    population = population_of(person, series).take(order)
    state = FilterState(population, outliers=dips_expected(person.dips or float(np.exp(PRIOR_MEAN[-1]))))
    total = np.zeros(series.n_series)
    for at in series.steps():
        state.keep(len(at))
        state.advance(series.session[at], series.day[at])
        total[order[: len(at)]] += state.update(state.predict(), series.value[at])
    return total


def _knots(sessions: int) -> Floats:
    """Straight lines between at most twelve knots; every session is one where there are no more."""
    knots = np.unique(np.linspace(0, sessions - 1, min(sessions, MOST_KNOTS)).round())
    return np.stack([np.interp(np.arange(sessions), knots, each) for each in np.eye(len(knots))], axis=1)


def _in_unit_of(series: RatingSeries, norms: Norms) -> RatingSeries:
    if norms.unit != "share_of_range":
        return series
    low, span = series.minimum, series.maximum - series.minimum
    value = (series.value - low[series.series_of]) / span[series.series_of]
    return replace(
        series, value=value, minimum=np.zeros_like(low), maximum=np.ones_like(low), step=series.step / span
    )
