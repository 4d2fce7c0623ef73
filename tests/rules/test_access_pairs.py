"""Every pair of page, role, relation to the case, state and room is asked once; what must come is a rule apart.

All combinations are asked by benchmarks/wall.
"""

from itertools import combinations

import pytest
from django.urls import get_resolver

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.measures.models import Occasion
from tests.rules.access_rule import AXES, all_pairs, near_a_right, pairs
from tests.rules.access_scene import faults, make_scene
from tests.rules.test_access_matrix import routes
from tests.web import people

SEED = 20261127


def test_every_address_has_a_row() -> None:
    assert {page.split()[1] for page in AXES["page"]} == set(routes(get_resolver().url_patterns))


def test_all_pairs_are_there_and_always_the_same() -> None:
    axes = {"a": "xyz", "b": "pq", "c": "klmn"}
    rows = all_pairs(axes, seed=1)
    stands = {frozenset(pair) for row in rows for pair in combinations(row.items(), 2)}
    assert len(stands) == 3 * 2 + 3 * 4 + 2 * 4
    assert len(rows) < 3 * 2 * 4
    assert rows == all_pairs(axes, seed=1)


@pytest.mark.django_db
def test_every_pair_and_every_right_is_answered_as_the_rule_has_it(
    cast: people.Cast, strained: AlertSignal, lea: Occasion
) -> None:
    cells = {*pairs(seed=SEED), *near_a_right(seed=SEED)}
    found = faults(make_scene(cast, strained, lea), cells)
    assert found == {}, "\n".join(f"{cell}: {fault}" for cell, fault in found.items())
