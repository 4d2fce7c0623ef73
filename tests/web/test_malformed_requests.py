"""Requests that are no honest form: told so with 400, never a server error."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.web import people

pytestmark = pytest.mark.django_db

BODIES = {
    "utf-16": ("application/x-www-form-urlencoded; charset=utf-16", "login=a&password=b".encode("utf-16")),
    "utf-16, odd": ("application/x-www-form-urlencoded; charset=utf-16", b"login=a&password=\xffb"),
    "utf-7": ("application/x-www-form-urlencoded; charset=utf-7", b"login=%2BAGE-&password=+AGE-"),
    "no such charset": ("application/x-www-form-urlencoded; charset=nonsense", b"login=a&password=b"),
    "not text": ("application/x-www-form-urlencoded", b"login=\xff\xfe&password=\x80"),
    "zero byte in the address": (
        "application/x-www-form-urlencoded",
        b"login=a%00b%40example.org&password=b",
    ),
    "zero byte in the password": (
        "application/x-www-form-urlencoded",
        b"login=a%40example.org&password=b%00c",
    ),
    "zero byte in a name": ("application/x-www-form-urlencoded", b"log%00in=a&password=b"),
    "multipart without boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "multipart, odd boundary": ("multipart/form-data; boundary=\xe9", b"--x\r\n\r\n"),
    "multipart, cut off": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="login',
    ),
    "multipart, bad base64": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n',
    ),
    "multipart in utf-16": (
        "multipart/form-data; boundary=x; charset=utf-16",
        b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\nabc\r\n--x--\r\n',
    ),
    "multipart with a file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="login"; filename="a"\r\n\r\nabc\r\n--x--\r\n',
    ),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(300))),
    "too long": ("application/x-www-form-urlencoded", b"a=" + b"x" * 300_000),
}


# Bytes that are no text and forms that break off are read as far as they go; the form says what is missing.
READ_ANYHOW = {"not text", "multipart, cut off", "multipart, bad base64", "multipart with a file"}


@pytest.fixture
def addresses(ruth, now):
    """Pages before the sign-in, a client's link that works, and a staff page."""
    ines, case, member = ruth
    asked = people.asked(people.meet(case, ines, now - timedelta(hours=1)), member)
    return ["/account/sign-in/", "/account/password/forgotten/", "/", people.link(asked)]


@pytest.mark.parametrize("name", BODIES)
def test_a_form_that_is_none_is_refused_and_never_an_error(addresses, name):
    kind, body = BODIES[name]
    for address in addresses:
        for checks in (False, True):
            client = Client(enforce_csrf_checks=checks)
            status = client.generic("POST", address, body, content_type=kind).status_code
            honest = status < 500 if name in READ_ANYHOW or address.startswith("/c/") else status == 400
            assert honest, (address, status)


@pytest.mark.parametrize(
    "address", ["/account/sign-in/?next=%00", "/cases/%00/", "/account/sign-in/?%00=1", "/%00"]
)
def test_a_zero_byte_in_an_address_is_refused(address):
    assert Client().get(address).status_code == 400


@pytest.mark.parametrize("length", ["x", "-1", "1e3"])
def test_a_length_that_is_no_number_is_refused(client, length):
    """Our own server says so itself; others pass it on."""
    assert client.post("/account/sign-in/", {"login": "a"}, CONTENT_LENGTH=length).status_code == 400


def test_the_page_says_that_it_was_not_understood_in_words(client):
    page = client.post("/account/sign-in/", {"login": "a\0b@example.org", "password": "x"})
    assert page.status_code == 400
    assert "<h1" in page.content.decode()
