"""Record and display only: on no page a word of what was judged, and nothing else is lost.

The clinic judged before: signals, episodes and messages lie in the database, and have to stay out of sight.
"""

import re

import pytest
from django.http import HttpResponse

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.measures.models import Occasion
from tests.rules.access_rule import STAFF
from tests.rules.access_scene import make_scene, undone
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db

# What only judging could say. "Tension" is not among them: the client answers a question with that word.
JUDGED = re.compile(
    r"strain|signal|alert|episode|rupture|repair|usual range|was expected|limit|unopened|worth a word|steady|below|"
    r"fell|finding|possible strain|by chance|\bfall\b|findings",
    re.IGNORECASE,
)
ONLY_THERE = (
    "alerts/",
    "office/escalation/",
    "office/progress/",
    "office/rules/",
    "signals/<uuid:signal_id>/",
    "episodes/<uuid:episode_id>/",
    "cases/<uuid:case_id>/episodes/new/",
    "cases/<uuid:case_id>/cards/",
    "own-figures/",
)


@pytest.mark.parametrize("role", ["therapist", "supervisor", "administrator"])
def test_no_page_says_a_word_of_what_was_judged(
    cast: people.Cast, strained: AlertSignal, lea: Occasion, settings, role: str
) -> None:
    scene = make_scene(cast, strained, lea)
    staff = {"therapist": cast.ines, "supervisor": cast.supervisor}.get(role, cast.administrator)
    scene.supervise(cast.supervisor)
    client = signed_in(staff)
    not_of_the_staff = ("account/", "c/", "healthz")
    read = (page.removeprefix("GET ") for page in STAFF if page.startswith("GET "))
    addresses = {
        route: "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(scene.parts[m[1]]), route).lstrip("/")
        for route in read
        if not route.startswith(not_of_the_staff)
    }

    def asked(address: str) -> HttpResponse:
        with undone():  # opening a signal ends the wait for the therapist's own view
            return client.get(address)

    before = {route: asked(address).status_code for route, address in addresses.items()}
    settings.GOLDSEAM_RECORD_ONLY = True
    assert list(before.values()).count(200) >= 6, "there is something to lose"
    said = {}
    for route, address in addresses.items():
        reply = asked(address)
        assert reply.status_code == (404 if route in ONLY_THERE else before[route]), route
        if reply.status_code == 200 and (found := JUDGED.findall(words(reply))):
            said[route] = sorted(set(found))
    assert said == {}
    if role != "administrator":
        page = words(asked(addresses["cases/<uuid:case_id>/"]))
        assert page.count("8.0") >= 6, "the ratings of six weeks are there"
        # The therapist's own view comes first.
        assert ("1.0" in page) == (role == "supervisor"), "and so is the low one"
