"""A poll without news is answered by one statement; a sign-in that has ended, by whatever, is heard of by the next."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.own_sessions import end_own_session
from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.alerts.kept_tables import StaffPulse
from goldseam_web.config import open_pages
from goldseam_web.config.open_pages import SALT, WatchedSignIn
from goldseam_web.lib.page_owner import page_owner
from tests.web import people
from tests.web.histories import judge
from tests.web.staff_pages import signed_in
from tests.web.test_dashboard_caseload import since_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted(cast):
    """As the worker does with the first list it keeps."""
    for staff in (cast.ines, cast.colleague):
        StaffPulse.objects.create(staff=staff, clinic=cast.clinic)


def opened(staff):
    """Somebody with an open page, and what it will ask."""
    client = signed_in(staff)
    return client, {"since": since_of(client.get("/")), "page": "caseload"}


def no_news(client, asked):
    response = client.get("/pulse/", asked)
    return response.status_code == 204 and "HX-Refresh" not in response.headers


def is_told_to_load_anew(client, asked):
    response = client.get("/pulse/", asked, headers={"HX-Request": "true"})
    return response.status_code == 204 and response.headers.get("HX-Refresh") == "true"


def test_no_news_is_one_statement_and_no_session_is_opened(cast):
    client, asked = opened(cast.ines)
    assert client.get("/pulse/", asked).headers["Cache-Control"] == "no-store, private"
    with CaptureQueriesContext(connection) as found:
        assert no_news(client, asked)
    assert len(found) == 1
    assert "session_data" not in found[0]["sql"]


def end_elsewhere(staff, client):
    assert end_own_session(staff.user_id, Session.objects.get().session_key)


def another_password(staff, client):
    staff.user.set_password("another long bowl of tea")
    staff.user.save()


def works_here_no_more(staff, client):
    Staff.objects.filter(pk=staff.pk).update(active=False)


def sign_in_is_closed(staff, client):
    staff.user.is_active = False
    staff.user.save()


def session_runs_out(staff, client):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    "end",
    [end_elsewhere, another_password, sign_in_is_closed, session_runs_out],
    ids=lambda end: end.__name__,
)
def test_the_next_poll_hears_that_the_sign_in_has_ended(cast, end):
    client, asked = opened(cast.ines)
    assert no_news(client, asked)
    end(cast.ines, client)
    assert is_told_to_load_anew(client, asked)


def test_who_works_here_no_more_goes_the_whole_way(cast, monkeypatch):
    client, asked = opened(cast.ines)
    works_here_no_more(cast.ines, client)
    with CaptureQueriesContext(connection) as found:
        client.get("/pulse/", asked)
    assert len(found) > 1


def test_after_the_time_without_a_click_open_pages_are_locked_by_the_next_poll(cast, settings, monkeypatch):
    client, asked = opened(cast.ines)
    client.get("/cases/new/")
    session = client.session
    session["last_active"] = time.time()
    session.save()
    later = time.time() + settings.GOLDSEAM_IDLE_MINUTES * 60 + 2
    monkeypatch.setattr(open_pages.time, "time", lambda: later)
    response = client.get("/pulse/", asked, headers={"HX-Request": "true"})
    assert (response.headers.get("HX-Refresh"), response.headers.get("Goldseam-Locked")) == ("true", "1")
    assert client.session["locked"]


def test_a_page_that_was_made_for_somebody_else_is_told_to_load_anew(cast):
    """Ines's page stands open in another tab, and Ben has signed in since."""
    opened(cast.ines)
    client, own = opened(cast.colleague)
    assert no_news(client, own | {"who": page_owner(cast.colleague.user_id)})
    assert is_told_to_load_anew(client, own | {"who": page_owner(cast.ines.user_id)})
    assert f"who={page_owner(cast.ines.user_id)}" in signed_in(cast.ines).get("/").content.decode()


@pytest.mark.parametrize("part", ["user", "until", "session", "password", "seal"])
def test_a_cookie_that_was_changed_in_any_part_says_nothing(cast, settings, part):
    """Each part of the text exchanged and the seal kept; with no session of one's own nothing is answered early."""
    client, asked = opened(cast.ines)
    cookie = client.cookies[settings.GOLDSEAM_POLL_COOKIE].value
    *text, seal = cookie.rsplit(":", 1)
    parts = dict(zip(("user", "until", "session", "password"), text[0].split("|"), strict=True))
    if part == "seal":
        seal = seal[::-1]
    else:
        parts[part] = parts[part][::-1]
    client.cookies[settings.GOLDSEAM_POLL_COOKIE] = ":".join(["|".join(parts.values()), seal])
    with CaptureQueriesContext(connection) as found:
        client.get("/pulse/", asked)
    assert any("session_data" in one["sql"] for one in found)


def test_a_cookie_without_the_session_it_belongs_to_opens_nothing(cast, settings):
    """Somebody has the cookie alone, or beside a session of their own."""
    client, asked = opened(cast.ines)
    cookie = client.cookies[settings.GOLDSEAM_POLL_COOKIE].value
    thief = Client()
    thief.cookies[settings.GOLDSEAM_POLL_COOKIE] = cookie
    assert is_told_to_load_anew(thief, asked)
    other = signed_in(cast.colleague)
    other.cookies[settings.GOLDSEAM_POLL_COOKIE] = cookie
    with CaptureQueriesContext(connection) as found:
        other.get("/pulse/", asked)
    assert any("session_data" in one["sql"] for one in found)


def test_the_cookie_holds_neither_the_key_of_the_session_nor_a_password(cast, settings):
    client, _ = opened(cast.ines)
    cookie = client.cookies[settings.GOLDSEAM_POLL_COOKIE]
    assert client.session.session_key not in cookie.value
    assert cast.ines.user.password not in cookie.value
    assert WatchedSignIn.from_text(Signer(salt=SALT).unsign(cookie.value)).user_id == cast.ines.user_id
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_polls_leave_the_cookie_as_it_is(cast, settings):
    """What a page asks by itself is no click."""
    client, asked = opened(cast.ines)
    bump_change_counter(cast.clinic.pk)
    response = client.get("/pulse/", asked)
    assert response.status_code == 200
    assert settings.GOLDSEAM_POLL_COOKIE not in response.cookies


def test_an_answer_redraws_the_pages_of_those_who_treat_the_case(cast, now):
    ines, asked_by_ines = opened(cast.ines)
    ben, asked_by_ben = opened(cast.colleague)
    encounter = people.meet(cast.individual, cast.ines, now - timedelta(minutes=30))
    asked_by_ines["since"] = since_of(ines.get("/"))
    judge([people.answer(people.asked(encounter, people.member(cast.individual, "Ruth")), now)])
    assert ines.get("/pulse/", asked_by_ines).status_code == 200
    assert no_news(ben, asked_by_ben)


def test_a_session_that_begins_closes_the_page(cast, now):
    client, asked = opened(cast.ines)
    Staff.objects.filter(pk=cast.ines.pk).update(alone_since=now - timedelta(hours=1))
    people.plan(cast.couple, cast.ines, now - timedelta(minutes=1), at=now - timedelta(days=1))
    assert is_told_to_load_anew(client, asked)
