"""What is expected of the next rating: quantiles of a mixture of normal distributions."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from goldseam.state_space import FilterState, OutlierModel, Population, Prediction


def mixtures(count: int) -> Prediction:
    """Spread from narrow to wide, so that Newton's method alone would leave the bracket."""
    random = np.random.default_rng(20261125)
    weight = random.dirichlet(np.ones(7), count).T
    return Prediction(
        weight, 7 + 0.3 * random.standard_normal((7, count)), np.exp(0.8 * random.standard_normal((7, count)))
    )


@pytest.mark.parametrize("chance", [0.001, 0.01, 0.025, 0.05, 0.1, 0.5, 0.9])
def test_less_than_a_quantile_has_the_probability_asked_for(chance: float) -> None:
    prediction = mixtures(5_000)
    found = prediction.probability_below(prediction.quantile(np.full(5_000, chance)))
    assert np.abs(found - chance).max() < 1e-6


def test_quantiles_are_those_of_a_root_finder() -> None:
    # scipy's brentq on the mixture's distribution function, one mixture after the other
    prediction = mixtures(50)
    found = prediction.quantile(np.full(50, 0.025))
    for i in range(50):
        weight, mean, sd = prediction.weight[:, i], prediction.mean[:, i], prediction.sd[:, i]

        def excess(point: float, weight=weight, mean=mean, sd=sd) -> float:  # type: ignore[no-untyped-def]
            return float(weight @ norm.cdf(point, mean, sd)) - 0.025

        assert found[i] == pytest.approx(brentq(excess, -100, 100, xtol=1e-10), abs=1e-5)


def test_outliers_that_last_by_hand() -> None:
    """Entering with .1, staying with .6: .1 after none, .6 after one, .6 x .6 + .4 x .1 = .4 two sessions on."""
    model = OutlierModel(outlier=0.1, lasting=0.6)
    following = model.of_next(np.array([[0.0, 1.0, 1.0]]), np.array([1, 1, 2]))
    np.testing.assert_allclose(following, [[0.1, 0.6, 0.4]])
    assert OutlierModel(outlier=0.1).of_next(np.ones((1, 3)), np.ones(3, np.int64)) == 0.1


def test_a_fall_that_stays_is_learned_as_an_enumeration_of_the_cases_says() -> None:
    """One person of a known SD, two ratings; the level is normal in both cases, and conditioned by hand."""
    between, sd, fall, more, chance = 1.5, 1.0, 2.0, 0.6, 0.3
    one = np.ones(1)
    people = Population(
        course=np.array([[5.0]]),
        kind=np.zeros(1, np.int64),
        between_sd=between * one,
        within_sd=sd * one,
        own_sd_log_sd=0 * one,
        autocorrelation=0 * one,
        drift_sd=0 * one,
        slope_sd=0 * one,
        step=0 * one,
        minimum=-np.inf * one,
        maximum=np.inf * one,
    )
    falls = OutlierModel(outlier=0.0, jump=chance, jump_sd=more, jump_depth=fall)
    state = FilterState(people, grid=(np.zeros(1), np.ones(1)), outliers=falls)
    value, seen = 2.9, []
    for session in (1, 2):
        state.advance(np.array([session]), np.array([np.nan]))
        prediction = state.predict()
        seen.append((prediction.mean[0, 0], prediction.sd[0, 0]))
        state.update(prediction, np.array([value]))
        if session == 1:
            ordinary = state.ordinary_probability()[0]
    # by hand: the level before the rating, in both cases, and what the rating makes of it
    cases = [(1 - chance, 0.0, between**2), (chance, -fall, between**2 + more**2)]
    density = [share * norm.pdf(value - 5, mean, np.sqrt(spread + sd**2)) for share, mean, spread in cases]
    share = np.array(density) / sum(density)
    level = [mean + spread / (spread + sd**2) * (value - 5 - mean) for _, mean, spread in cases]
    left = [spread * sd**2 / (spread + sd**2) for _, _, spread in cases]
    centre = float(share @ level)
    spread = float(share @ (np.array(left) + (np.array(level) - centre) ** 2))
    assert ordinary == pytest.approx(share[0], rel=1e-9)
    assert seen[0] == pytest.approx((5, np.sqrt(between**2 + sd**2)))
    assert seen[1] == pytest.approx((5 + centre, np.sqrt(spread + sd**2)), rel=1e-9)
