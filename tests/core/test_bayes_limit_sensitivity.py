"""What the limits find at a rate of false alarms, with p-values written down or known to be uniform."""

from statistics import NormalDist

import numpy as np
import pytest

from goldseam.exceptions import ParameterError
from goldseam.operating.bayes_limit import limit_rates
from goldseam.operating.simulated_cases import EventKind, SimulatedCases
from goldseam.simulate import MODELS, Simulation, simulate
from tests.core.test_rate_estimators import written_down

_DIP = EventKind("dip", 2.0, 1)


def as_written(simulation: Simulation) -> np.ndarray:
    """The ratings themselves serve as p."""
    values = simulation.ratings["value"].fill_null(float("nan")).to_numpy()
    return values.reshape(simulation.people.height, -1)


def test_the_threshold_is_the_largest_p_within_the_wanted_rate_by_hand() -> None:
    """Five evaluable p: .1 .2 .2 .4 .5. Two fifths would be .2, but a third one ties with it: .1 and one in five."""
    quiet = written_down(
        [[0.9, 0.9, 0.9, 0.4, 0.2, 0.1], [0.9, 0.9, 0.9, None, 0.2, 0.5]], [(0, 0, None)] * 2
    )
    dips = written_down(
        [[0.9, 0.9, 0.9, 0.1, 0.9, 0.9], [0.9, 0.9, 0.9, 0.9, 0.2, 0.05]], [(4, 1, 5), (5, 1, 6)]
    )
    samples = SimulatedCases(quiet, {_DIP: dips}, sessions=6, earliest=4)
    (strict,) = limit_rates("written", as_written, samples, [0.4])
    assert (strict.threshold, strict.false_alarms.count, strict.false_alarms.of) == (0.1, 1, 5)
    assert (strict.sensitivity[0].rate.count, strict.sensitivity[0].rate.of) == (1, 2)
    (lenient,) = limit_rates("written", as_written, samples, [0.6])
    assert (lenient.threshold, lenient.false_alarms.count) == (0.2, 3)
    assert lenient.sensitivity[0].rate.count == 2


def test_a_known_person_is_judged_as_well_as_the_normal_distribution_allows() -> None:
    """Unbounded ratings of people all known, independent from session to session.

    At a rate of .03 a dip of 2 SD is found with probability Phi(2 + Phi^-1(.03)) = .547, one of 3 SD with .868.
    """
    model = MODELS["unbounded"].without_episodes()
    normal = NormalDist()

    def oracle(simulation: Simulation) -> np.ndarray:
        people = simulation.people
        sessions = simulation.ratings["session"].to_numpy().reshape(people.height, -1)
        mean = people["mean"].to_numpy()[:, None] + people["trend"].to_numpy()[:, None] * (sessions - 1)
        z = (as_written(simulation) - mean) / people["sd"].to_numpy()[:, None]
        return np.vectorize(normal.cdf)(z)

    quiet = simulate(cases=3_000, sessions=12, seed=1, model=model)
    kinds = [EventKind("dip", depth, 1) for depth in (2.0, 3.0)]
    events = {
        kind: simulate(
            cases=3_000, sessions=10, seed=2, model=model.with_dips(depth_sd=kind.depth_sd, duration=1)
        )
        for kind in kinds
    }
    (rates,) = limit_rates("oracle", oracle, SimulatedCases(quiet, events, sessions=10, earliest=5), [0.03])
    assert rates.false_alarms.value == pytest.approx(0.03, abs=0.0001)
    for row in rates.sensitivity:
        expected = normal.cdf(row.depth_sd + normal.inv_cdf(0.03))
        assert abs(row.rate.value - expected) < 4 * row.rate.standard_error


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_outside_its_range_is_named(rate: float) -> None:
    quiet = written_down([[0.5] * 6] * 2, [(0, 0, None)] * 2)
    with pytest.raises(ParameterError, match=f"given {rate}"):
        limit_rates("written", as_written, SimulatedCases(quiet, {}, sessions=6, earliest=4), [rate])
