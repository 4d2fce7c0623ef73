"""What the tests of staff pages share: signing in, reading a page's words, counting its questions to the database."""

import re
from collections.abc import Callable
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.models import Staff
from tests.web import people

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(staff: Staff, *, alone: bool = True) -> Client:
    """Somebody who has signed in, and said by now (or not) that nobody can see their screen."""
    if alone:
        Staff.objects.filter(pk=staff.pk).update(alone_since=timezone.now())
    client = Client()
    client.force_login(staff.user, backend=BACKEND)
    return client


def confirmed(client: Client) -> Client:
    """Whoever sits there has given the password lately."""
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    return client


def words(response: object) -> str:
    """The text of a page's main part, without tags, with single spaces."""
    html = response.content.decode()  # type: ignore[attr-defined]
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", main.group() if main else html)
    return re.sub(r"\s+", " ", unescape(text)).replace("\N{NO-BREAK SPACE}", " ").strip()


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)
