"""Whoever was at a form when its window closed has not answered in vain, though nothing of it was stored yet."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from goldseam_web.audit.services import SYSTEM
from goldseam_web.measures import links
from goldseam_web.measures.models import Answer, Occasion, OccasionState, Response, ResponseState
from goldseam_web.measures.services import close_unanswered
from goldseam_web.measures.services.who_is_asked import member_left
from tests.web import people
from tests.web.shown_form import shown_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(cast, now):
    meeting = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    return people.asked(meeting, people.member(cast.couple, "Lea"))


def filled(phone, base):
    """The page of all questions, as it is shown now, with every answer chosen."""
    page = shown_form(phone.get(f"{base}all/"))
    return page.chosen | {"shown": page.shown}


def closes(occasion, ago=timedelta(0)):
    """The window closes now, or did so long ago, and the worker has seen it."""
    closes = timezone.now() - ago
    Occasion.objects.filter(pk=occasion.pk).update(opens_at=closes - timedelta(days=2), closes_at=closes)
    close_unanswered(at=timezone.now())
    assert Occasion.objects.get(pk=occasion.pk).state == OccasionState.UNANSWERED


def begun(occasion):
    phone, base = Client(), people.link(occasion)
    phone.post(base, {"layout": "all"})
    return phone, base


class TestAllOnOnePage:
    @pytest.fixture
    def page(self, lea):
        """Shown a moment ago; the window closed since."""
        phone, base = begun(lea)
        form = filled(phone, base)
        closes(lea)
        return phone, base, form

    def test_sent_after_the_window_it_is_kept_complete_and_late(self, page):
        phone, base, form = page
        assert phone.post(f"{base}all/", form).url == f"{base}done/"
        response = Response.objects.get()
        assert (response.state, response.late, response.answers.count()) == (ResponseState.COMPLETED, True, 9)
        assert Occasion.objects.get(pk=response.occasion_id).state == OccasionState.ANSWERED

    def test_one_left_open_is_asked_for_once_more_and_then_it_is_kept(self, page):
        phone, base, form = page
        again = phone.post(f"{base}all/", form | {"answer-task": ""})
        assert again.status_code == 400
        assert not Answer.objects.exists()
        sent = form | {"shown": shown_form(again).shown}
        assert phone.post(f"{base}all/", sent).url == f"{base}done/"

    def test_without_a_true_mark_it_is_too_late(self, page):
        phone, base, form = page
        for mark in ("", "1764310000000:forged", form["shown"][:-1] + "x"):
            assert phone.post(f"{base}all/", form | {"shown": mark}).status_code == 410
        assert not Response.objects.exists()

    def test_the_mark_of_another_link_is_none(self, page, cast, now):
        phone, base, form = page
        meeting = people.meet(cast.family, cast.ines, now - timedelta(hours=1))
        other = people.asked(meeting, people.member(cast.family, "Karin"))
        theirs = filled(*begun(other))
        assert phone.post(f"{base}all/", form | {"shown": theirs["shown"]}).status_code == 410

    def test_whoever_takes_part_no_more_is_not_heard(self, page, lea, now):
        phone, base, form = page
        member_left(member=lea.respondent, left=True, at=now, actor=SYSTEM)
        assert phone.post(f"{base}all/", form).status_code == 410
        assert not Response.objects.exists()


def test_a_page_left_lying_for_longer_than_a_hand_is_at_it_is_too_late(lea, monkeypatch):
    phone, base = begun(lea)
    form = filled(phone, base)
    closes(lea)
    monkeypatch.setattr(links, "ACTIVE_HAND", timedelta(0))
    assert phone.post(f"{base}all/", form).status_code == 410


def test_one_shown_only_after_the_window_is_too_late(lea):
    phone, base = begun(lea)
    form = filled(phone, base)
    closes(lea, timedelta(hours=1))
    assert phone.post(f"{base}all/", form).status_code == 410


def test_the_first_of_answers_one_by_one_is_kept_too_and_the_rest_can_follow(lea):
    phone, base = Client(), people.link(lea)
    phone.post(base)
    shown = shown_form(phone.get(f"{base}1/")).shown
    closes(lea)
    first = phone.post(f"{base}1/", {"item": "goal", "answer": "6", "shown": shown})
    assert first.url == f"{base}2/"
    assert phone.post(f"{base}2/", {"item": "task", "answer": "7"}).url == f"{base}3/"
    assert Answer.objects.count() == 2
