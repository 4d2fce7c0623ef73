"""Level, slope and outcome as one fitted model, and event-free tables drawn from it."""

from dataclasses import dataclass, replace

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.mixed_model import fit_mixed
from goldseam.norms import Norms
from goldseam.operating.bootstrap import Bootstrap, Dips
from goldseam.series import RatingSeries

STREAM = 43
SESSIONS_A_UNIT = 10.0
LEAST_RESIDUAL_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class JointModel:
    """Own level and slope of each case, and the outcome that goes with them.

    Attributes
    ----------
    fixed : ndarray of float, shape (2,)
        Of the ratings, beyond the mean course of the norms: at session 1, and per ten sessions.
    random_covariance : ndarray of float, shape (2, 2)
        Of own levels and slopes.
    residual_sd : float
        Of ratings around own courses, in points.
    outcome : ndarray of float
        Coefficients of the outcome: intercept, covariates, own level, own slope.
    outcome_sd : float
        Of what is left of the outcome.
    """

    fixed: Floats
    random_covariance: Floats
    residual_sd: float
    outcome: Floats
    outcome_sd: float

    @property
    def link(self) -> Floats:
        """What an SD of own level and of own slope means for the outcome, and how far slopes differ; shape (3,)."""
        sds = np.sqrt(np.maximum(np.diag(self.random_covariance), 0))
        return np.array([*(self.outcome[-2:] * sds), sds[1] / self.residual_sd])


def fit_joint(
    beyond: Floats, series: RatingSeries, covariates: Floats, after: Floats, weights: Integers
) -> JointModel:
    """Fit a growth model to the ratings and regress the outcome on the shrunken courses.

    Regression on best linear unbiased predictions gives the slope on what they predict (regression calibration); what
    they leave out is taken off the residual.

    Parameters
    ----------
    beyond : ndarray of float, shape (n_ratings,)
        Ratings beyond the mean course of the norms.
    series : RatingSeries
        One a case.
    covariates : ndarray of float, shape (n_series, n_covariates)
        Known before any onset.
    after : ndarray of float, shape (n_series,)
        The outcome; NaN where it is not known.
    weights : ndarray of int, shape (n_series,)
        How often each case counts.

    Returns
    -------
    JointModel
    """
    chosen = np.repeat(np.arange(series.n_series), weights)
    lengths = series.lengths[chosen]
    rows = np.repeat(series.starts[:-1][chosen] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    rows = rows + np.arange(len(rows))
    z = np.stack([np.ones(len(rows)), course_time(series.session[rows])], axis=1)
    fit = fit_mixed(beyond[rows], z, z, np.repeat(np.arange(len(chosen)), lengths))
    known = np.isfinite(after[chosen])
    x = np.column_stack([np.ones(len(chosen)), covariates[chosen], fit.random])[known]
    y = after[chosen][known]
    outcome: Floats = np.linalg.lstsq(x, y, rcond=None)[0].astype(np.float64)
    left = float(((y - x @ outcome) ** 2).sum()) / max(len(y) - x.shape[1], 1)
    hidden = float(np.einsum("i,gij,j->g", outcome[-2:], fit.conditional_covariance, outcome[-2:]).mean())
    own = max(left - hidden, LEAST_RESIDUAL_SHARE * left)
    return JointModel(
        fit.fixed, fit.random_covariance, float(np.sqrt(fit.residual_variance)), outcome, float(np.sqrt(own))
    )


def course_time(session: Integers) -> Floats:
    """Sessions since the first, in tens."""
    time: Floats = (session - 1) / SESSIONS_A_UNIT
    return time


def shrunken_courses(
    beyond: Floats, series: RatingSeries, model: JointModel, last: Integers, owner: Integers
) -> Floats:
    """Own level and slope as the ratings up to some position show them.

    Parameters
    ----------
    beyond : ndarray of float, shape (n_ratings,)
        Ratings beyond the mean course of the norms.
    series : RatingSeries
        Whose they are.
    model : JointModel
        What is assumed of all.
    last : ndarray of int, shape (n,)
        How many first ratings are used.
    owner : ndarray of int, shape (n,)
        Of which series.

    Returns
    -------
    ndarray of float, shape (n, 2)
    """
    time = course_time(series.session)
    residual = beyond - model.fixed[0] - model.fixed[1] * time
    r, rt = _sums(np.stack([residual, residual * time]), series, last, owner)
    matrices = course_precisions(series, model, last, owner)
    found: Floats = np.linalg.solve(matrices, np.stack([r, rt], -1)[..., None] / model.residual_sd**2).astype(
        np.float64
    )
    return found[..., 0]


def course_precisions(series: RatingSeries, model: JointModel, last: Integers, owner: Integers) -> Floats:
    """How well `shrunken_courses` knows own level and slope: the inverse of the covariance of its error.

    Parameters
    ----------
    series, model, last, owner
        As there.

    Returns
    -------
    ndarray of float, shape (n, 2, 2)
    """
    time = course_time(series.session)
    n, t, tt = _sums(np.stack([np.ones_like(time), time, time**2]), series, last, owner)
    small = 1e-9 * np.trace(model.random_covariance) * np.eye(2)
    precision = np.linalg.inv(model.random_covariance + small)
    found: Floats = (
        precision + np.stack([np.stack([n, t], -1), np.stack([t, tt], -1)], -2) / model.residual_sd**2
    )
    return found


def _sums(columns: Floats, series: RatingSeries, last: Integers, owner: Integers) -> Floats:
    """Sums over the first ratings of a series; shape (n_columns, n)."""
    sums = np.concatenate([np.zeros((len(columns), 1)), np.cumsum(columns, axis=1)], axis=1)
    start = series.starts[:-1][owner]
    found: Floats = sums[:, start + last] - sums[:, start]
    return found


@dataclass(frozen=True, eq=False)
class JointBootstrap(Bootstrap):
    """Event-free tables whose own levels and slopes are those that the outcome is drawn with."""

    model: JointModel | None = None

    @classmethod
    def prepared(cls, series: RatingSeries, norms: Norms, model: JointModel, seed: int) -> "JointBootstrap":
        """Ratings vary around own courses as the norms say, with the growth model's residual SD."""
        plain = Bootstrap.of(series, norms, higher_is_better=True, seed=seed)
        nothing = np.zeros(series.n_series)
        people = replace(
            plain.population,
            within_sd=np.full(series.n_series, model.residual_sd),
            drift_sd=nothing,
            slope_sd=nothing,
        )
        return cls(series, people, plain.step, seed, model)

    @property
    def mean_course(self) -> Floats:
        """The mean of the norms at every rating, in points."""
        return self._course

    def outcomes(self, number: int, covariates: Floats) -> Floats:
        """The outcome of every case in a table."""
        if self.model is None:
            raise TypeError("prepared without a model")
        random, own = self._persons(number)
        noise = random.standard_normal(self.series.n_series)
        x = np.column_stack([np.ones(self.series.n_series), covariates, own])
        drawn: Floats = x @ self.model.outcome + self.model.outcome_sd * noise
        return drawn

    def _persons(self, number: int) -> tuple[np.random.Generator, Floats]:
        """The random numbers of a table after those of own levels and slopes, and these."""
        if self.model is None:
            raise TypeError("prepared without a model")
        random = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(STREAM, number)))
        )
        values, vectors = np.linalg.eigh(self.model.random_covariance)
        root = vectors * np.sqrt(np.maximum(values, 0))
        return random, random.standard_normal((self.series.n_series, 2)) @ root.T

    def _values(self, number: int, dips: Dips | None, chosen: Integers | None) -> Floats:
        series, people, model = self.series, self.population, self.model
        if model is None or dips is not None or chosen is not None:
            raise TypeError("event-free tables alone are drawn from the joint model")
        random, own = self._persons(number)
        random.standard_normal(series.n_series)  # the outcome's
        spread = random.standard_normal(series.n_series)
        shocks = random.standard_normal((2, len(series.session)))
        sd = people.within_sd * np.exp(people.own_sd_log_sd * spread - people.own_sd_log_sd**2)
        owner, time = series.series_of, course_time(series.session)
        course = self._course + model.fixed[0] + own[owner, 0] + (model.fixed[1] + own[owner, 1]) * time
        return self._to_scale(course + sd[owner] * self._autocorrelated_deviations(shocks))
