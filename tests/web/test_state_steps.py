"""Every stored state goes only the ways the manual shows, and no history breaks what must always hold."""

import pytest

from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.measures.models import Answer, Occasion, OccasionState
from tests.rules.state_steps import MACHINES, MANUAL, with_tables
from tests.web import people
from tests.web.histories import STEADY, history
from tests.web.state_walk import Watched, steps_outside, steps_walked, unheard, walk, watch_steps

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_clinic_lived_through_by_lot_walks_no_other_way(cast, now, seed):
    """Ten thousand acts: benchmarks/clinic/states.py."""
    steps, faults = walk(cast, now, seed=seed, acts=40)
    assert steps_outside(steps) == []
    assert faults == []
    assert len(steps) > 12


def test_a_step_the_rule_does_not_have_is_noticed(cast, now):
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (8.0,), now)
    watch_steps()
    Occasion.objects.filter(state=OccasionState.ANSWERED).update(state=OccasionState.WAITING)
    assert steps_outside(steps_walked()) == [("measures.Occasion", "answered", "waiting")]


def test_a_changed_answer_is_noticed(cast, now):
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (8.0,), now)
    watched = Watched()
    assert list(watched.faults()) == []
    Answer.objects.filter(item="bond").update(value=3.0)
    assert len(list(watched.faults())) == 1


def test_gold_without_the_clients_yes_and_a_finding_nobody_was_told_of_are_noticed(cast, now):
    """Six steady ratings and a fall, judged without telling anybody; then gold that nobody said."""
    responses = history(
        cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (*STEADY, 2.0), now
    )
    assert len(list(unheard(now))) > 0
    Episode.objects.update(
        status=EpisodeStatus.REPAIRED,
        client_confirmed_at=now,
        client_said_repaired_at=now,
        repair_encounter=responses[-1].occasion.encounter,
    )
    assert any("gold" in fault for fault in Watched().faults())


def test_the_manual_shows_the_rule():
    """Otherwise: python -m tests.rules.state_steps."""
    assert with_tables(MANUAL.read_text()) == MANUAL.read_text()


@pytest.mark.parametrize("name", MACHINES)
def test_the_rule_has_every_word_that_can_be_stored(name):
    """But for *erased*, which nothing sets so far, and *amended*, which follows with corrections."""
    from django.apps import apps

    machine = MACHINES[name]
    field = apps.get_model(name)._meta.get_field(machine.column)
    words = {word for pair in machine.steps for word in pair}
    assert {word for word, _ in field.choices} - words <= {"erased", "amended"}
