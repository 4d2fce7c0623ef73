"""The limits, against figures of an independent simulation and against the normal distribution."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from goldseam.operating.bayes_limit import bayes_limit_p, oracle_p
from goldseam.operating.simulation_verdicts import dip_sessions
from goldseam.simulate import MODELS, SimulationModel, simulate

UNBOUNDED = MODELS["unbounded"]


def test_who_knows_everything_reckons_with_the_last_deviation() -> None:
    """p of x_t given x_(t-1): normal with mean m + phi (x_(t-1) - m) and SD s sqrt(1 - phi^2); nothing else counts."""
    model = replace(UNBOUNDED, missing_share=0.0, autocorrelation=0.5).without_episodes()
    made = simulate(cases=20, sessions=6, seed=1, model=model)
    values = made.ratings["value"].to_numpy().reshape(20, 6)
    mean, sd = made.people["mean"].to_numpy()[:, None], made.people["sd"].to_numpy()[:, None]
    z = (values - mean - model.trend * np.arange(6)) / sd
    found = oracle_p(made, model)
    assert found[:, 0] == pytest.approx(stats.norm.cdf(z[:, 0]), abs=1e-6)
    later = (z[:, 1:] - 0.5 * z[:, :-1]) / np.sqrt(0.75)
    assert found[:, 1:] == pytest.approx(stats.norm.cdf(later), abs=1e-6)


def found_at(rate: float, p_of: object, model: SimulationModel, depth: float) -> float:
    def judged(of: SimulationModel, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        made = simulate(cases=3_000, sessions=16, seed=seed, model=of)
        p = p_of(made, of)  # type: ignore[operator]
        rated = ~np.isnan(p)
        enough = rated & (np.cumsum(rated, axis=1) > 3)
        return p, enough, dip_sessions(made, 16)

    quiet, enough, _ = judged(model.without_episodes(), 1)
    threshold = np.quantile(quiet[enough], rate)
    p, enough, dip = judged(model.with_dips(depth_sd=depth, duration=1), 2)
    return float((p[enough & dip] <= threshold).mean())


@pytest.mark.parametrize(
    ("p_of", "depth", "share"),
    [
        (oracle_p, 2.0, 0.565),
        (oracle_p, 3.0, 0.887),
        (bayes_limit_p, 2.0, 0.470),
        (bayes_limit_p, 3.0, 0.786),
    ],
)
def test_the_limits_on_unbounded_ratings_are_those_of_an_independent_simulation(
    p_of: object, depth: float, share: float
) -> None:
    """One-session dips at 3% false alarms, depth in own SDs: docs/methods/error-rates.md names the figures' source.

    Both simulations have a Monte-Carlo error of about .01.
    """
    assert found_at(0.03, p_of, UNBOUNDED, depth) == pytest.approx(share, abs=0.03)
