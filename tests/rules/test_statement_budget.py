"""How many statements each page asks the database, and that this grows neither with cases, members nor sessions.

Every page of the access table is read twice: in a clinic with a family of three after eight sessions, and in one with
a family of six with two therapists after sixty and ten cases beside it (after sixteen on PostgreSQL). A page that asks
more in the second reads a row at a time, and gets slower for as long as a clinic works. The number of a page is what it
needs today: it may be lowered, and raised for a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.cases.models import Case, CaseKind, CaseTherapist, Encounter, MemberRole, TherapistPart
from goldseam_web.cases.services import NewMember
from goldseam_web.measures.links import token_of
from goldseam_web.measures.outreach_links import token_of_outreach
from tests.rules.test_access_matrix import POSTED, address, routes
from tests.web import histories, people
from tests.web.staff_pages import signed_in

pytestmark = pytest.mark.django_db

# What no database is asked for grows with nothing.
NOT_COUNTED = {"c/<path:rest>/"}
CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
# Page and number, for whoever of those that may open it asks most.
TABLE = """
healthz 1
account/sign-out/ 2
account/inactive/ 2
account/confirm/ 8
account/ 4
account/password/ 2
account/password/forgotten/ 2
account/password/forgotten/sent/ 2
account/password/new/<key>/ 2
account/password/new/done/ 2
c/help/ 0
c/speak/ 0
c/card/<str:card_token>/ 3
c/card/<str:card_token>/then/ 3
c/card/<str:card_token>/help/ 2
c/card/<str:card_token>/speak/ 5
c/card/<str:card_token>/speak/received/ 6
c/next/<str:outreach_token>/ 5
c/look/<str:look_token>/ 2
c/<str:token>/ 4
c/<str:token>/later/ 1
c/<str:token>/help/ 2
c/<str:token>/speak/ 4
c/<str:token>/speak/received/ 5
c/<str:token>/privacy/ 5
c/<str:token>/own/ 1
c/<str:token>/all/ 2
c/<str:token>/handed-over/ 1
c/<str:token>/<int:number>/ 2
office/ 24
office/away/ 10
office/away/<uuid:staff_id>/ 7
office/calls/ 13
office/calls/<uuid:concern_id>/ 11
office/charter/ 7
office/closed-days/ 6
office/leaflet/ 10
office/consent/ 8
office/escalation/ 8
office/progress/ 8
office/rules/ 12
office/mail/words/ 6
office/second-step/ 7
office/same-name/ 5
office/somebody-else/ 12
office/staff/ 9
office/staff/<uuid:staff_id>/ 11
office/urgent-help/ 7
office/urgent-help/<uuid:line_id>/ 6
office/weeks/ 12
office/what-is-asked/ 9
/ 12
supervised/ 12
supervised/<uuid:staff_id>/ 19
alerts/ 10
own-figures/ 15
cases/new/ 5
cases/<uuid:case_id>/ 18
cases/<uuid:case_id>/relations/ 18
cases/<uuid:case_id>/members/ 9
cases/<uuid:case_id>/members/new/ 6
cases/<uuid:case_id>/members/<int:position>/ 15
cases/<uuid:case_id>/members/<int:position>/attendance/ 9
cases/<uuid:case_id>/members/<int:position>/guardians/ 11
cases/<uuid:case_id>/members/<int:position>/guardians/<uuid:guardian_id>/ 11
cases/<uuid:case_id>/members/<int:position>/same/ 16
cases/<uuid:case_id>/members/<int:position>/consent/ 10
cases/<uuid:case_id>/proxies/ 7
cases/<uuid:case_id>/single-time/ 9
cases/<uuid:case_id>/joint-view/ 10
cases/<uuid:case_id>/own-words/ 8
cases/<uuid:case_id>/cards/ 10
cases/<uuid:case_id>/consent.csv 8
cases/<uuid:case_id>/therapists/ 8
cases/<uuid:case_id>/ending/ 9
cases/<uuid:case_id>/delete/ 24
cases/<uuid:case_id>/no-next/ 31
cases/<uuid:case_id>/encounters/ 10
cases/<uuid:case_id>/encounters/new/ 8
encounters/<uuid:encounter_id>/ 29
encounters/<uuid:encounter_id>/correct/ 9
encounters/<uuid:encounter_id>/cancel/ 9
links/<uuid:occasion_id>/ 18
signals/<uuid:signal_id>/ 28
cases/<uuid:case_id>/episodes/new/ 14
episodes/<uuid:episode_id>/ 26
pulse/ 6
"""
BUDGET = {
    page: int(number) for page, number in (line.rsplit(maxsplit=1) for line in TABLE.splitlines() if line)
}
GROWS = {
    "cases/<uuid:case_id>/no-next/": "of each member, eight at most: whether the service would write to them",
    "office/calls/": "an entry of the record for each wish that is shown",
}


@dataclass(frozen=True)
class Clinic:
    """A clinic of some size, and what is put into addresses."""

    cast: people.Cast
    parts: dict[str, object]


def grown(cast: people.Cast, now: datetime, name: str, *, members: int, sessions: int, beside: int) -> Clinic:
    """A family seen by two in turn, in which everybody rates as usual but one, who falls at the last two."""
    called = [NewMember(f"Person {k}", name, MemberRole.OTHER) for k in range(members)]
    case = people.case(cast.ines, CaseKind.FAMILY, called, now)
    CaseTherapist.objects.create(
        clinic=cast.clinic,
        case=case,
        therapist=cast.colleague,
        part=TherapistPart.CO_THERAPIST,
        starts_on=case.opened_on,
    )
    meetings = met(case, [cast.ines, cast.colleague], sessions, now)
    for k, member in enumerate(case.members.all()):
        falls = 2 if k == 0 else 0
        calm = [histories.rate(meeting, member, 8.0) for meeting in meetings[: sessions - falls]]
        histories.judge_calm(calm)
        for meeting in meetings[sessions - falls :]:
            histories.judge([histories.rate(meeting, member, 3.0)])
    for k in range(beside):
        alone = people.case(cast.ines, CaseKind.INDIVIDUAL, [NewMember(f"{name} {k}")], now)
        histories.history(alone, cast.ines, alone.members.get(), [8.0, 8.0, 8.0, 8.0, 3.0], now)
    first = case.members.first()
    assert first is not None
    waiting = people.plan(case, cast.ines, now - timedelta(minutes=70), at=now - timedelta(days=2))
    occasion = people.asked(waiting, first)
    parts = {
        "token": token_of(occasion),
        "number": "1",
        "key": "1-unknown",
        "set_up_key": "nobody-was-given-this",
        "phone_key": "nobody-was-given-this-either",
        "staff_id": cast.ines.pk,
        "outreach_token": token_of_outreach(people.written_to(first, cast.ines, now)),
        "look_token": people.looks_back(first, now),
        "card_token": people.card_given_to(first, cast.ines, now),
        "concern_id": people.asks_to_be_called(first, now).pk,
        "guardian_id": people.named_guardian(first).pk,
        "line_id": cast.clinic.crisis_lines.first().pk,
        "case_id": case.pk,
        "position": "1",
        "pk": "1",
        "encounter_id": meetings[-1].pk,
        "occasion_id": occasion.pk,
        "signal_id": AlertSignal.objects.filter(case=case).latest("raised_at").pk,
        "episode_id": Episode.objects.filter(case=case).latest("opened_at").pk,
        "lot_id": people.asked_by_lot(meetings[0], now).pk,
        "course_id": people.off_track(people.asked(meetings[0], first), now).pk,
    }
    return Clinic(cast, parts)


def met(case: Case, seats: list[Staff], count: int, now: datetime) -> list[Encounter]:
    """Weekly sessions with the therapists in turn, the last a day ago."""
    ends = [now - timedelta(days=1) - timedelta(weeks=count - 1 - k) for k in range(count)]
    return [people.meet(case, seats[k % len(seats)], ended) for k, ended in enumerate(ends)]


def seats_of(route: str, cast: people.Cast) -> Iterator[Client]:
    """Whoever may open the page: everybody for clients' pages, else each kind of staff."""
    if route.startswith(("c/", "healthz")):
        yield Client()
        return
    for staff in (cast.ines, cast.supervisor, cast.administrator):
        yield signed_in(staff)


def pages() -> list[str]:
    return [route for route in routes(get_resolver().url_patterns) if route not in POSTED | NOT_COUNTED]


def asked_by_page(clinic: Clinic) -> dict[str, int]:
    """The most statements of each page over whoever may open it, when it is read for the second time."""
    found: dict[str, int] = {}
    for route in pages():
        for client in seats_of(route, clinic.cast):
            url = address(route, clinic.parts)
            if client.get(url).status_code != 200:
                continue
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            asked = [query["sql"] for query in captured if not query["sql"].startswith(CONTROL)]
            found[route] = max(found.get(route, 0), len(asked))
    return found


def test_each_page_keeps_to_its_number_in_a_clinic_of_any_size(cast: people.Cast, now: datetime) -> None:
    """The second clinic holds the first; a page that is in one and not in the table has no number yet."""
    small = asked_by_page(grown(cast, now, "Amsel", members=3, sessions=8, beside=1))
    # What is asked for is the same in either database; on PostgreSQL making sixty sessions takes minutes.
    sessions = 60 if connection.vendor == "sqlite" else 16
    large = asked_by_page(grown(cast, now, "Drossel", members=6, sessions=sessions, beside=10))
    assert sorted(large) == sorted(BUDGET)
    grows = {page: (small[page], n) for page, n in large.items() if n > small[page]}
    assert set(grows) <= set(GROWS), grows
    over = {page: n for page, n in large.items() if n > BUDGET[page]}
    assert over == {}
