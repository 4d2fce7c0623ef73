"""Who may open what: one table of address x role x status. An address that is not in it fails the test.

Roles: *nobody* has not signed in; *therapist* treats the case; *colleague* works at the same clinic and does not;
*supervisor* supervises the therapist; *elsewhere* is a therapist of another clinic. Statuses: 302 leads to sign-in
(or, from the pages of signing in, back to work or to giving the password once more); 404 is what one gets who may
not know that the page exists.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.measures.links import token_of
from goldseam_web.measures.models import Occasion
from goldseam_web.measures.outreach_links import token_of_outreach
from tests.web import people
from tests.web.staff_pages import signed_in

pytestmark = pytest.mark.django_db

ROLES = ("nobody", "therapist", "colleague", "supervisor", "administrator", "researcher", "elsewhere")

# Columns in the order of ROLES. A line that begins with POST is asked with an empty form. They are asked in this order:
# after a session was ended, pages that poll are told to load the room's.
MATRIX = """
healthz                                       200 200 200 200 200 200 200

account/                                      302 200 200 200 200 200 200
account/sign-in/                              200 302 302 302 302 302 302
account/sign-in/code/                         302 302 302 302 302 302 302
account/sign-out/                             302 200 200 200 200 200 200
account/inactive/                             200 200 200 200 200 200 200
account/locked/                               302 302 302 302 302 302 302
POST account/typed/                           302 302 302 302 302 302 302
account/confirm/                              302 200 200 200 200 200 200
account/confirm/code/                         302 302 302 302 302 302 302
account/password/                             302 200 200 200 200 200 200
account/password/forgotten/                   200 200 200 200 200 200 200
account/password/forgotten/sent/              200 200 200 200 200 200 200
account/password/new/<key>/                   200 200 200 200 200 200 200
account/password/new/done/                    200 200 200 200 200 200 200
account/sessions/                             302 302 302 302 302 302 302
account/second-factor/                        302 302 302 302 302 302 302
account/second-factor/remove/                 302 302 302 302 302 302 302
account/sign-in/passkey/                      302 302 302 302 302 302 302
account/confirm/passkey/                      302 302 302 302 302 302 302
account/passkeys/                             302 302 302 302 302 302 302
account/passkeys/<int:pk>/remove/             302 302 302 302 302 302 302
account/recovery-codes/                       302 404 404 404 404 404 404
account/recovery-codes/new/                   302 302 302 302 302 302 302
account/recovery-codes/download/              302 404 404 404 404 404 404

c/                                            404 404 404 404 404 404 404
c/help/                                       200 200 200 200 200 200 200
c/speak/                                      200 200 200 200 200 200 200
c/card/<str:card_token>/                      200 200 200 200 200 200 200
c/card/<str:card_token>/then/                 200 200 200 200 200 200 200
c/card/<str:card_token>/help/                 200 200 200 200 200 200 200
c/card/<str:card_token>/speak/                200 200 200 200 200 200 200
c/card/<str:card_token>/speak/received/       200 200 200 200 200 200 200
c/card/<str:card_token>/leave/                302 302 302 302 302 302 302
c/next/<str:outreach_token>/                  200 200 200 200 200 200 200
c/look/<str:look_token>/                      200 200 200 200 200 200 200
c/<str:token>/                                200 200 200 200 200 200 200
c/<str:token>/leave/                          302 302 302 302 302 302 302
c/<str:token>/later/                          200 200 200 200 200 200 200
c/<str:token>/help/                           200 200 200 200 200 200 200
c/<str:token>/speak/                          200 200 200 200 200 200 200
c/<str:token>/speak/received/                 200 200 200 200 200 200 200
c/<str:token>/privacy/                        200 200 200 200 200 200 200
c/<str:token>/own/                            200 200 200 200 200 200 200
c/<str:token>/all/                            200 200 200 200 200 200 200
c/<str:token>/who/                            302 302 302 302 302 302 302
c/<str:token>/done/                           302 302 302 302 302 302 302
c/<str:token>/handed-over/                    200 200 200 200 200 200 200
c/<str:token>/<int:number>/                   200 200 200 200 200 200 200
c/<path:rest>/                                404 404 404 404 404 404 404

office/                                       302 404 404 404 200 404 404
office/away/                                  302 200 200 200 200 404 200
office/away/<uuid:staff_id>/                  302 200 404 200 200 404 404
office/weeks/                                 302 404 404 404 200 404 404
office/calls/                                 302 404 404 404 200 404 404
office/calls/<uuid:concern_id>/               302 404 404 404 200 404 404
office/consent/                               302 404 404 404 200 404 404
office/address/                               302 404 404 404 302 404 404
office/address/<str:phone_key>/               404 404 404 404 404 404 404
office/what-is-asked/                         302 404 404 404 200 404 404
office/escalation/                            302 404 404 404 200 404 404
office/progress/                              302 404 404 404 200 404 404
office/rules/                                 302 404 404 404 200 404 404
office/mail/                                  302 404 404 404 302 404 404
office/mail/words/                            302 404 404 404 200 404 404
office/charter/                               302 200 200 200 200 200 200
office/leaflet/                               302 200 200 200 200 200 200
office/closed-days/                           302 404 404 404 200 404 404
office/second-step/                           302 404 404 200 200 404 404
office/same-name/                             302 404 404 404 200 404 404
office/somebody-else/                         302 404 404 404 200 404 404
office/staff/                                 302 404 404 404 200 404 404
office/staff/<uuid:staff_id>/                 302 404 404 404 200 404 404
POST office/staff/<uuid:staff_id>/change/     302 404 404 404 302 404 404
office/urgent-help/                           302 404 404 404 200 404 404
office/urgent-help/<uuid:line_id>/            302 404 404 404 200 404 404
POST office/urgent-help/<uuid:line_id>/remove/ 302 404 404 404 302 404 404
office/set-up/<str:set_up_key>/               404 404 404 404 404 404 404

/                                             302 200 200 200 302 200 200
pulse/                                        204 200 200 200 204 204 200
supervised/                                   302 404 404 200 404 404 404
supervised/<uuid:staff_id>/                   302 200 404 200 404 404 404
alerts/                                       302 200 200 200 404 404 200
own-figures/                                  302 200 200 200 404 404 200
POST lots/<uuid:lot_id>/                      302 302 404 404 404 404 404
POST courses/<uuid:course_id>/                302 302 404 404 404 404 404
cases/new/                                    302 200 200 200 404 404 200
cases/<uuid:case_id>/                         302 200 404 200 404 404 404
cases/<uuid:case_id>/relations/               302 200 404 200 404 404 404
cases/<uuid:case_id>/members/                 302 200 404 404 404 404 404
cases/<uuid:case_id>/members/new/             302 200 404 404 404 404 404
cases/<uuid:case_id>/members/<int:position>/  302 200 404 404 404 404 404
cases/<uuid:case_id>/members/<int:position>/same/ 302 200 404 404 404 404 404
cases/<uuid:case_id>/members/<int:position>/consent/ 302 200 404 404 404 404 404
cases/<uuid:case_id>/members/<int:position>/guardians/ 302 200 404 404 404 404 404
cases/<uuid:case_id>/members/<int:position>/guardians/<uuid:guardian_id>/ 302 200 404 404 404 404 404
cases/<uuid:case_id>/members/<int:position>/attendance/ 302 200 404 404 404 404 404
POST cases/<uuid:case_id>/members/<int:position>/idea/ 302 404 404 404 404 404 404
cases/<uuid:case_id>/proxies/                 302 200 404 404 404 404 404
cases/<uuid:case_id>/single-time/             302 200 404 404 404 404 404
cases/<uuid:case_id>/joint-view/              302 200 404 404 404 404 404
cases/<uuid:case_id>/own-words/               302 200 404 404 404 404 404
cases/<uuid:case_id>/cards/                   302 200 404 404 404 404 404
cases/<uuid:case_id>/consent.csv              302 200 404 200 404 404 404
cases/<uuid:case_id>/therapists/              302 200 404 404 404 404 404
POST cases/<uuid:case_id>/events/          302 400 404 404 404 404 404
POST cases/<uuid:case_id>/goals/           302 400 404 404 404 404 404
cases/<uuid:case_id>/ending/                  302 200 404 404 404 404 404
cases/<uuid:case_id>/delete/                  302 200 404 404 404 404 404
cases/<uuid:case_id>/no-next/                 302 200 404 404 404 404 404
cases/<uuid:case_id>/encounters/              302 200 404 200 404 404 404
cases/<uuid:case_id>/encounters/new/          302 200 404 404 404 404 404
encounters/<uuid:encounter_id>/               302 200 404 200 404 404 404
POST encounters/<uuid:encounter_id>/end/      302 302 404 404 404 404 404
encounters/<uuid:encounter_id>/correct/       302 200 404 404 404 404 404
encounters/<uuid:encounter_id>/cancel/        302 200 404 404 404 404 404
POST encounters/<uuid:encounter_id>/restore/  302 302 404 404 404 404 404
encounters/<uuid:encounter_id>/guess/         302 200 404 404 404 404 404
links/<uuid:occasion_id>/                     302 200 404 404 404 404 404
POST links/<uuid:occasion_id>/company/        302 404 404 404 404 404 404
POST links/<uuid:occasion_id>/mail/           302 302 404 404 404 404 404
signals/<uuid:signal_id>/                     302 200 404 200 404 404 404
POST signals/<uuid:signal_id>/help/           302 200 404 404 404 404 404
cases/<uuid:case_id>/episodes/new/            302 200 404 404 404 404 404
episodes/<uuid:episode_id>/                   302 200 404 200 404 404 404
POST episodes/<uuid:episode_id>/work/         302 200 404 404 404 404 404
POST episodes/<uuid:episode_id>/note/         302 200 404 404 404 404 404
POST episodes/<uuid:episode_id>/readers/      302 200 404 404 404 404 404
POST episodes/<uuid:episode_id>/end/          302 200 404 404 404 404 404
POST episodes/<uuid:episode_id>/strain/       302 302 404 404 404 404 404
POST theme/                                   302 302 302 302 302 302 302
POST room-view/                               302 302 302 302 404 404 302
"""
ROWS = [line.removeprefix("POST ").split() for line in MATRIX.splitlines() if line]
POSTED = {line.split()[1] for line in MATRIX.splitlines() if line.startswith("POST ")}
EXPECTED = {row[0]: [int(status) for status in row[1:]] for row in ROWS}


def routes(patterns: "list[URLPattern | URLResolver]", before: str = "") -> Iterator[str]:
    """Every address of the install, with its parameters as Django writes them."""
    for pattern in patterns:
        here = before + _readable(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        else:
            yield here or "/"


def _readable(pattern: str) -> str:
    """The one address that the library defines by a regular expression, in short."""
    return "password/new/<key>/" if pattern.startswith("^password/new/") else pattern


def test_every_address_is_in_the_table_and_no_other() -> None:
    assert sorted(routes(get_resolver().url_patterns)) == sorted(EXPECTED)


def address(route: str, parts: Mapping[str, object]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(parts[found.group(1)]), route).lstrip("/")


def asked(client: Client, route: str, parts: Mapping[str, object]) -> int:
    ask = client.post if route in POSTED else client.get
    return ask(address(route, parts)).status_code


@pytest.mark.parametrize("role", ROLES)
def test_statuses(role: str, cast: people.Cast, lea: Occasion, strained: AlertSignal, client: Client) -> None:
    staff = {"therapist": cast.ines, "elsewhere": cast.stranger}.get(role) or getattr(cast, role, None)
    if staff is not None:
        client = signed_in(staff)
    parts = {
        "token": token_of(lea),
        "number": "1",
        "rest": "not/a/link",
        "key": "1-unknown",
        "set_up_key": "nobody-was-given-this",
        "phone_key": "nobody-was-given-this-either",
        "staff_id": cast.ines.pk,
        "outreach_token": token_of_outreach(
            people.written_to(people.member(cast.couple, "Lea"), cast.ines, timezone.now())
        ),
        "look_token": people.looks_back(people.member(cast.couple, "Lea"), timezone.now()),
        "card_token": people.card_given_to(people.member(cast.couple, "Lea"), cast.ines, timezone.now()),
        "concern_id": people.asks_to_be_called(people.member(cast.couple, "Lea"), timezone.now()).pk,
        "guardian_id": people.named_guardian(people.member(cast.couple, "Lea")).pk,
        "line_id": cast.clinic.crisis_lines.first().pk,
        "case_id": cast.couple.id,
        "position": "1",
        "pk": "1",
        "encounter_id": lea.encounter_id,
        "occasion_id": lea.id,
        "signal_id": strained.id,
        "episode_id": Episode.objects.filter(case=cast.couple).latest("opened_at").id,
        "lot_id": people.asked_by_lot(lea.encounter, timezone.now()).pk,
        "course_id": people.off_track(lea, timezone.now()).pk,
    }
    column = ROLES.index(role)
    found = {route: asked(client, route, parts) for route in EXPECTED}
    wrong = {route: status for route, status in found.items() if status != EXPECTED[route][column]}
    assert wrong == {}


def test_nothing_on_a_partners_pages_changes_when_the_other_answers(
    cast: people.Cast, lea: Occasion, now: datetime
) -> None:
    """The wall: not a word, a count or a place may tell Lea whether and what Tomas has answered."""
    tomas = people.asked(lea.encounter, people.member(cast.couple, "Tomas"), Phase.POST)
    written = people.written_to(people.member(cast.couple, "Lea"), cast.ines, now)
    parts = {
        "token": token_of(lea),
        "number": "1",
        "rest": "not/a/link",
        "outreach_token": token_of_outreach(written),
        "look_token": people.looks_back(people.member(cast.couple, "Lea"), now),
        "card_token": people.card_given_to(people.member(cast.couple, "Lea"), cast.ines, now),
    }
    hers = [route for route in EXPECTED if route.startswith("c/")]

    def seen() -> list[tuple[int, bytes]]:
        pages = [Client().get(address(route, parts)) for route in hers]
        # The moment a question was shown goes back with its answer; it differs from one second to the next.
        return [
            (page.status_code, re.sub(rb'name="shown" value="[^"]*"', b"", page.content)) for page in pages
        ]

    before = seen()
    people.answer(tomas, now, level=1, given={"tension": "clearly"})
    assert seen() == before
