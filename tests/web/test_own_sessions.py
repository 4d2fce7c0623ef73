"""Everybody sees where they are signed in, and ends what they do not know."""

import pytest
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.own_sessions import UNKNOWN, device_in_words
from goldseam_web.audit.models import AuditEntry
from tests.web import people
from tests.web.staff_pages import words

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0"


def signed_in_with(staff, user_agent):
    """By password, and asked for it again, as people do, with a browser that calls itself so."""
    client = Client(headers={"user-agent": user_agent})
    client.post(reverse("account_login"), {"login": staff.user.email, "password": people.PASSWORD})
    client.get("/account/sessions/")
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    return client


def test_the_password_is_asked_for_again(ines):
    client = Client()
    client.post(reverse("account_login"), {"login": ines.user.email, "password": people.PASSWORD})
    asked = client.get("/account/sessions/").headers["Location"]
    assert asked.startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Safari on an iPhone"),
        (EDGE, "Edge on Windows"),
        ("", UNKNOWN),
        ("<script>", UNKNOWN),
    ],
)
def test_a_device_in_words(user_agent, expected):
    assert device_in_words(user_agent) == expected


def test_each_is_listed_and_this_one_named(ines):
    desk = signed_in_with(ines, FIREFOX)
    signed_in_with(ines, PHONE)
    page = words(desk.get("/account/sessions/"))
    assert page.index("Firefox on Linux") < page.index("This one") < page.index("Safari on an iPhone")


def test_one_is_ended_and_the_other_goes_on(ines):
    desk, phone = signed_in_with(ines, FIREFOX), signed_in_with(ines, PHONE)
    [other] = [s for s in desk.get("/account/sessions/").context["sessions"] if not s.is_this]
    desk.post("/account/sessions/", {"key": other.key})
    assert phone.get("/").status_code == 302
    assert desk.get("/").status_code == 200
    assert AuditEntry.objects.filter(action="staff.session_end").count() == 1


def test_all_but_this(ines):
    desk, phone, tablet = (signed_in_with(ines, agent) for agent in (FIREFOX, PHONE, EDGE))
    desk.post("/account/sessions/", {"key": "others"})
    assert [client.get("/").status_code for client in (desk, phone, tablet)] == [200, 302, 302]


def test_nobody_ends_that_of_somebody_else(cast):
    hers, his = signed_in_with(cast.ines, FIREFOX), signed_in_with(cast.colleague, PHONE)
    [theirs] = his.get("/account/sessions/").context["sessions"]
    assert hers.post("/account/sessions/", {"key": theirs.key}).status_code == 404
    assert his.get("/").status_code == 200
