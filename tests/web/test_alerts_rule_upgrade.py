"""When a criterion gets a new version, or a clinic other norms: old evaluations stand, open episodes are followed on.

Where a test needs two sets of rules that surely disagree, it changes the norms: under WIDE ones (an own SD of 3 points)
nothing in these ratings is low, under TIGHT ones a fall of two points is.
"""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from goldseam import Norms, ScaleNorms
from goldseam_web.alerts import rules
from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeEvent, Evaluation, Verdict
from goldseam_web.alerts.services import evaluate, store_norms
from goldseam_web.outbox.models import Message
from tests.core.ratings import T1, T1_NORMS
from tests.web import histories, people
from tests.web.test_alerts_services import amend, evaluations

pytestmark = pytest.mark.django_db


def norms(name, within):
    entry = ScaleNorms("*", (9.0,), between_sd=1.0, within_sd=within)
    return Norms(name, "1", "points", (entry,), "Made for this test.", empirical=False)


TIGHT, WIDE = norms("tight", 0.4), norms("wide", 3.0)


@pytest.fixture
def use(monkeypatch):
    """Put a version of `predictive` in force."""

    def version(number):
        changed = tuple(
            replace(each, version=number) if each.criterion == "predictive" else each for each in rules.RULES
        )
        monkeypatch.setattr(rules, "RULES", changed)

    return version


class Story:
    """A client who rates week after week; the values are put in directly, so that published vectors can be used."""

    def __init__(self, ines, case, who, values, now):
        self.case, self.ines, self.who, self.now = case, ines, who, now
        self.values = values
        self.encounters, self.responses = [], []

    def rate(self, upto):
        """Meet and rate once a week up to a session, each judged before the next one exists."""
        while len(self.responses) < upto:
            at = len(self.responses)
            ended_at = self.now - timedelta(hours=1) - timedelta(weeks=len(self.values) - 1 - at)
            self.encounters.append(people.meet(self.case, self.ines, ended_at))
            self.responses.append(histories.rate(self.encounters[at], self.who, 8.0))
            histories.set_score(self.responses[-1], self.values[at])
            histories.judge(self.responses[-1:], notify=True)

    def amend(self, session, value):
        self.responses[session - 1] = amend(self.responses[session - 1], value, self.now)
        evaluate(response=self.responses[session - 1], at=self.now)

    def adopt(self, given):
        store_norms(clinic=self.ines.clinic, norms=given, at=self.now)

    @property
    def versions(self):
        return [row.criterion_version for row in evaluations(self.case).values()]

    @property
    def norms_used(self):
        return [row.norms.name for row in evaluations(self.case).values()]


@pytest.fixture
def story(ruth, now):
    ines, case, who = ruth
    return lambda values: Story(ines, case, who, values, now)


def everything():
    """All rows that rules have ever made, but for the times of the last look at them."""
    tables = (Evaluation, Episode, EpisodeEvent, AlertSignal, Message)
    return [sorted(table.objects.values_list(), key=str) for table in tables]


def test_what_version_1_said_stands_when_the_next_answer_is_judged_with_version_2(story, use):
    told = story([*T1, 5.5])
    told.adopt(T1_NORMS)
    use(1)
    told.rate(len(T1))
    before = everything()
    use(2)
    told.rate(len(T1) + 1)
    assert told.versions == ["1"] * len(T1) + ["2"]
    for old, now_there in zip(before, everything(), strict=True):
        assert set(map(str, old)) <= set(map(str, now_there))
    # an evaluation by each of the three rules, and nothing else
    added = [len(after) - len(old) for old, after in zip(before, everything(), strict=True)]
    assert added == [3, 0, 0, 0, 0]


def test_an_episode_that_version_1_opened_is_followed_to_its_repair_as_version_1_does(story, use):
    """T1 opens at 5 with baseline 5.2742, is back at 7 and held at 8; version 2 comes into force after 5."""
    told = story(T1)
    told.adopt(T1_NORMS)
    use(1)
    told.rate(5)
    use(2)
    told.rate(len(T1))
    [episode] = Episode.objects.filter(case=told.case)
    assert (episode.baseline, episode.depth) == pytest.approx((5.2742, 1.3742), abs=5e-5)
    assert (episode.status, episode.shape, episode.duration) == ("repaired", "V", 2)
    assert episode.repair_encounter == told.encounters[6]
    changes = episode.events.filter(kind="status").order_by("at").values_list("after", flat=True)
    assert list(changes) == ["open", "repaired_unconfirmed", "repaired"]
    assert AlertSignal.objects.filter(episode=episode).count() == 1


def test_while_it_runs_the_new_version_opens_no_second_one(story, use):
    """3 after 3.9 is low for the second time in a row, by either version."""
    told = story([*T1[:5], 3.0, 3.0])
    told.adopt(T1_NORMS)
    use(1)
    told.rate(5)
    use(2)
    told.rate(7)
    row = evaluations(told.case)[6]
    assert (row.criterion_version, row.verdict) == ("2", Verdict.MET)
    assert Episode.objects.filter(case=told.case).count() == 1
    assert AlertSignal.objects.filter(case=told.case, kind="strain").count() == 1
    assert Episode.objects.get(case=told.case).nadir == 3.0


def test_once_it_is_over_the_new_version_opens_the_next_one(story, use):
    told = story([*T1[:9], 3.0])
    told.adopt(T1_NORMS)
    use(1)
    told.rate(6)
    use(2)
    told.rate(10)
    first, second = Episode.objects.filter(case=told.case).order_by("number")
    assert (first.status, second.status) == ("repaired", "open")
    assert second.onset == told.encounters[9]
    assert second.signals.get().evidence["criterion_version"] == "2"
    assert first.signals.get().evidence["criterion_version"] == "1"


FALL = [9.0, 9.1, 8.9, 9.0, 9.1, 7.0, 5.2, 9.0, 9.0, 9.1]


def test_an_episode_that_the_new_rules_do_not_see_is_followed_by_those_that_do(story):
    told = story(FALL)
    told.adopt(TIGHT)
    told.rate(6)
    assert Episode.objects.get(case=told.case).status == "open"
    told.adopt(WIDE)
    told.rate(len(FALL))
    episode = Episode.objects.get(case=told.case)
    assert (episode.status, episode.repair_encounter) == ("repaired", told.encounters[7])
    assert told.norms_used == ["tight"] * 6 + ["wide"] * 4
    assert AlertSignal.objects.filter(case=told.case).count() == 1


def test_a_strain_that_only_the_new_rules_see_begins_with_the_first_session_they_judge(story):
    told = story(FALL)
    told.adopt(WIDE)
    told.rate(6)
    assert not AlertSignal.objects.filter(case=told.case).exists()
    told.adopt(TIGHT)
    told.rate(7)
    signal = AlertSignal.objects.get(case=told.case)
    assert (signal.encounter, signal.evidence["session"]) == (told.encounters[6], 7)
    assert signal.evidence["p"] == signal.evaluation.p
    told.rate(len(FALL))
    episode = Episode.objects.get(case=told.case)
    assert (episode.onset, episode.onset_value) == (told.encounters[6], 5.2)
    assert (episode.status, episode.repair_encounter) == ("repaired", told.encounters[7])
    assert AlertSignal.objects.filter(case=told.case).count() == 1


def test_a_strain_that_is_over_by_then_is_not_raised_any_more(story):
    told = story([*FALL[:6], *FALL[7:]])
    told.adopt(WIDE)
    told.rate(6)
    told.adopt(TIGHT)
    told.rate(9)
    assert not AlertSignal.objects.filter(case=told.case).exists()
    assert not Episode.objects.filter(case=told.case).exists()


def test_a_low_level_is_not_raised_again_because_norms_changed(story):
    told = story([4.0, 4.0, 4.0, 4.0])
    told.adopt(TIGHT)
    told.rate(2)
    told.adopt(WIDE)
    told.rate(4)
    assert [signal.kind for signal in AlertSignal.objects.filter(case=told.case)] == ["low"]


def test_judging_again_after_the_change_adds_nothing(story):
    told = story(FALL)
    told.adopt(TIGHT)
    told.rate(7)
    told.adopt(WIDE)
    told.rate(8)
    before = everything()
    for response in told.responses:
        evaluate(response=response, at=told.now)
    assert everything() == before


def test_a_corrected_onset_is_judged_by_the_rules_in_force(story):
    """Session 6 was 9 after all: it is said anew, and the episode that rested on it is withdrawn."""
    told = story(FALL)
    told.adopt(TIGHT)
    told.rate(6)
    told.adopt(WIDE)
    told.amend(6, 9.0)
    assert Episode.objects.get(case=told.case).status == "withdrawn"
    assert told.norms_used == ["tight"] * 5 + ["wide"]
    assert AlertSignal.objects.filter(case=told.case).count() == 1


def test_a_corrected_repair_is_taken_back_by_the_rules_the_episode_began_with(story):
    told = story(FALL)
    told.adopt(TIGHT)
    told.rate(9)
    assert Episode.objects.get(case=told.case).status == "repaired"
    told.adopt(WIDE)
    told.amend(9, 7.0)
    told.amend(8, 7.0)
    episode = Episode.objects.get(case=told.case)
    assert (episode.status, episode.repair_encounter, episode.closed_at) == ("open", None, None)
    assert told.norms_used == ["tight"] * 7 + ["wide"] * 2


def test_the_hash_of_the_inputs_is_the_one_that_earlier_releases_stored(story, use):
    """Ratings by encounter, criterion, version, norms: were it another, every old evaluation would be said anew."""
    told = story(T1)
    told.adopt(T1_NORMS)
    use(1)
    told.rate(4)
    given = [[str(encounter.id), value] for encounter, value in zip(told.encounters, T1[:4], strict=False)]
    content = json.dumps([given, "predictive", "1", T1_NORMS.content_hash])
    assert evaluations(told.case)[4].input_digest == hashlib.sha256(content.encode()).hexdigest()
