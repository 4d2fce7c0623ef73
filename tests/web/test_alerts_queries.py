"""Reads of signals, episodes and evaluations: what a viewer gets, and that a stranger gets nothing."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, EpisodeStatus, Seen
from goldseam_web.alerts.queries import (
    acknowledgements_of,
    alert_of,
    episode_of,
    episodes_of,
    opened_about,
    people_told,
    signal_list,
    signals_of,
    unopened_signals,
    verdicts_of,
)
from goldseam_web.alerts.services import acknowledge, open_alert
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.histories import STEADY, history, judge
from tests.web.kept_rows import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def fallen(cast, now):
    """Ruth rated 8 or so seven times, then 3."""
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, (*STEADY, 3.0), now)
    return cast


def viewer(staff, now):
    return viewer_of(staff.user, at=now)


def drop(cast):
    return AlertSignal.objects.get(kind="strain", case=cast.individual)


def test_a_therapist_finds_the_signal_not_opened_and_a_stranger_finds_nothing(fallen, now):
    found = signals_of(viewer(fallen.ines, now), [fallen.individual])
    assert [(h.signal.kind, h.unopened, h.choice) for h in found if h.signal.kind == "strain"] == [
        ("strain", True, None)
    ]
    assert signals_of(viewer(fallen.stranger, now), [fallen.individual]) == []
    assert alert_of(viewer(fallen.stranger, now), drop(fallen).id) == ()
    assert alert_of(viewer(fallen.colleague, now), drop(fallen).id) == ()
    assert drop(fallen) in alert_of(viewer(fallen.supervisor, now), drop(fallen).id)


def test_opening_and_acknowledging_are_told_with_the_latest_word(fallen, now):
    ines = viewer(fallen.ines, now)
    open_alert(viewer=ines, findings=[drop(fallen)], at=now)
    acknowledge(viewer=ines, signal=drop(fallen), choice=AcknowledgeChoice.TAKE_UP, at=now)
    later = now + timedelta(minutes=5)
    acknowledge(viewer=ines, signal=drop(fallen), choice=AcknowledgeChoice.TALKED, at=later)
    [heard] = [h for h in signals_of(ines, [fallen.individual]) if h.signal.kind == "strain"]
    assert (heard.unopened, heard.choice, heard.chosen_at) == (False, "talked", later)
    assert [a.choice for a in acknowledgements_of([drop(fallen)])] == ["take_up", "talked"]


def test_the_list_has_the_unopened_first_then_the_newest(fallen, now):
    ines = viewer(fallen.ines, now)
    assert {h.unopened for h in signal_list(ines)} == {True}
    newest = signal_list(ines)[0].signal
    open_alert(viewer=ines, findings=[newest], at=now)
    listed = signal_list(ines)
    assert [h.unopened for h in listed] == sorted((h.unopened for h in listed), reverse=True)
    assert listed[-1].signal == newest
    assert newest not in unopened_signals(ines)


def test_a_colleagues_look_does_not_open_it_for_the_therapist(fallen, now):
    Seen.objects.create(signal=drop(fallen), staff=fallen.supervisor, clinic=fallen.clinic, at=now)
    assert drop(fallen) in unopened_signals(viewer(fallen.ines, now))


def test_opened_about_says_whether_this_viewer_looked_at_anything_of_the_session(fallen, now):
    ines, signal = viewer(fallen.ines, now), drop(fallen)
    assert not opened_about(ines, signal.encounter_id)
    open_alert(viewer=ines, findings=[signal], at=now)
    assert opened_about(ines, signal.encounter_id)
    assert not opened_about(viewer(fallen.supervisor, now), signal.encounter_id)


def test_judgements_begin_with_the_fourth_rating(fallen, now):
    found = verdicts_of(viewer(fallen.ines, now), [fallen.individual])
    assert sorted(j.earlier_ratings for j in found if j.judged) == [3, 4, 5, 6, 7]
    assert all(j.limit is not None and j.limit < j.usual_low for j in found if j.judged)
    assert verdicts_of(viewer(fallen.stranger, now), [fallen.individual]) == []


def test_judgements_can_be_narrowed_to_some_sessions(fallen, now):
    signal = drop(fallen)
    [only] = verdicts_of(viewer(fallen.ines, now), [fallen.individual], [signal.encounter_id])
    assert only.encounter_id == signal.encounter_id


def test_an_episode_is_found_by_those_who_may_see_the_case_until_it_is_withdrawn(fallen, now):
    episode = drop(fallen).episode
    assert list(episodes_of(viewer(fallen.ines, now), [fallen.individual])) == [episode]
    assert episode_of(viewer(fallen.stranger, now), episode.id) is None
    episode.status = EpisodeStatus.WITHDRAWN
    episode.save()
    assert episode_of(viewer(fallen.ines, now), episode.id) is None
    assert list(episodes_of(viewer(fallen.ines, now), [fallen.individual])) == []


def test_people_told_are_those_with_a_message(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    responses = history(cast.individual, cast.ines, ruth, (*STEADY, 3.0), now, judged=7)
    judge(responses[-1:], notify=True)
    assert people_told([drop(cast)]) == []
    Message.objects.update(state="sent")
    assert people_told([drop(cast)]) == ["Ines Okafor"]
