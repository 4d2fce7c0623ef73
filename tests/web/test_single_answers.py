"""Which facet stands out over the noise of single answers: by hand, and counted where the truth is known."""

import numpy as np
import pytest

from goldseam_web.alerts.single_answers import Fall, facet_that_stands_out, fall_of, fell_by_itself

SEED = 20261127


def falls(earlier, **points):
    return {facet: Fall(value, earlier) for facet, value in points.items()}


@pytest.mark.parametrize(
    ("earlier", "points", "facet"),
    [
        # The issue's own cases: all equal; 3.9 against 3.8 is a tenth of a point.
        (7, {"goal": 3.0, "task": 3.0, "bond": 3.0, "safety": 3.0}, None),
        (7, {"goal": 3.9, "task": 3.8, "bond": 3.8, "safety": 3.8}, None),
        # Margin of four facets over seven ratings: 2.2414 * 1.2 * sqrt(8/7 * 4/3) = 3.32 above the others' mean.
        (7, {"goal": 4.3, "task": 1.0, "bond": 1.0, "safety": 1.0}, None),
        (7, {"goal": 4.4, "task": 1.0, "bond": 1.0, "safety": 1.0}, "goal"),
        # Two facets: 1.9600 * 1.2 * sqrt(8/7 * 2) = 3.56.
        (7, {"goal": 3.5, "safety": 0.0}, None),
        (7, {"goal": 3.6, "safety": 0.0}, "goal"),
        # One earlier rating each is noisier: 2.2414 * 1.2 * sqrt(2 * 4/3) = 4.39.
        (1, {"goal": 5.3, "task": 1.0, "bond": 1.0, "safety": 1.0}, None),
        (1, {"goal": 5.4, "task": 1.0, "bond": 1.0, "safety": 1.0}, "goal"),
        # The others rose, this one hardly fell: nothing is "mostly about" it.
        (7, {"goal": 0.5, "task": -4.0, "bond": -4.0, "safety": -4.0}, None),
        # Alone there is nothing to stand out from.
        (7, {"goal": 9.0}, None),
        (7, {}, None),
    ],
)
def test_a_facet_is_named_where_it_stands_out_and_nowhere_else(earlier, points, facet):
    assert facet_that_stands_out(falls(earlier, **points)) == facet


def test_a_fall_is_measured_from_the_mean_of_the_earlier_answers():
    assert fall_of(2.0, [8.0, 8.0, 7.0, 9.0]) == Fall(6.0, 4)
    assert fall_of(None, [8.0]) is None
    assert fall_of(0.0, []) is None
    assert fall_of(0.0, [8.0]) == Fall(8.0, 1)


def test_one_answer_has_fallen_by_itself_beyond_its_own_noise():
    # 1.6449 * 1.2 * sqrt(8/7) = 2.11
    assert not fell_by_itself(Fall(2.1, 7))
    assert fell_by_itself(Fall(2.2, 7))
    assert not fell_by_itself(None)


def answers(facets, earlier, *, cases, fall, fall_of_first=0.0):
    """Whole answers of people with unequal SDs, all of whose facets fall alike in the last session, save the first.

    Level 7.5 (SD 1.1), a usual profile, the shared ups and downs of a session, and single answers around them with
    an SD of 1.08 on average, its logarithm with SD .35: docs/methods/simulation.md.
    """
    random = np.random.default_rng(SEED + 10 * facets + earlier)
    own = 1.08 * np.exp(0.35 * random.standard_normal((cases, 1, 1)) - 0.35**2)
    level = (
        7.5 + 1.1 * random.standard_normal((cases, 1, 1)) + 0.9 * random.standard_normal((cases, 1, facets))
    )
    shared = 0.76 * random.standard_normal((cases, earlier + 1, 1))
    given = level + shared + own * random.standard_normal((cases, earlier + 1, facets))
    given[:, -1] -= fall
    given[:, -1, 0] -= fall_of_first
    return np.clip(np.round(given), 0, 10)


def named(given):
    found = []
    for case in given:
        each = {f: fall_of(case[-1, f], list(case[:-1, f])) for f in range(case.shape[1])}
        found.append(facet_that_stands_out(each))
    return found


@pytest.mark.parametrize(("facets", "earlier"), [(4, 3), (4, 7), (4, 15), (3, 7), (2, 7)])
def test_where_all_fell_alike_one_in_twenty_is_named_at_most(facets, earlier):
    cases = 4_000
    falsely = sum(facet is not None for facet in named(answers(facets, earlier, cases=cases, fall=2.5)))
    # .05 and two Monte-Carlo standard errors, sqrt(.05 * .95 / 4000) = .0034
    assert falsely / cases < 0.05 + 2 * 0.0035


def test_where_one_fell_by_six_more_it_is_mostly_that_one_that_is_named():
    found = named(answers(4, 7, cases=2_000, fall=0.5, fall_of_first=6.0))
    assert found.count(0) / len(found) > 0.8
    assert sum(facet not in (0, None) for facet in found) / len(found) < 0.01
