"""New cases, planned sessions, their end, and links shown one at a time."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Case, EncounterState, Presence, WayAsked
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.dashboard.language.times import moment
from goldseam_web.lib.qr_code import QUIET, qr_code
from goldseam_web.measures.links import token_of
from goldseam_web.measures.models import OccasionState
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db

COUPLE = {
    "kind": "couple",
    "member-0-called": "Mara",
    "member-0-family_name": "Quist",
    "member-0-email": "mara@example.org",
    "member-0-idea": "own",
    "member-1-called": "Jon",
    "member-1-email": "jon@example.org",
}


# --- new case -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "places"), [("individual", 1), ("couple", 2), ("family", 2)])
def test_the_kind_is_chosen_by_a_link_and_shows_its_places(cast, kind, places):
    html = signed_in(cast.ines).get("/cases/new/", {"kind": kind}).content.decode()
    assert html.count('-called" maxlength="60"') == places
    assert "checked" not in html


def test_a_couple_is_opened_with_contacts_apart(cast):
    response = signed_in(cast.ines).post("/cases/new/", COUPLE)
    case = people.cases_of("Mara").get()
    assert response.url == reverse("dashboard:case", args=[case.id])
    mara, jon = case.members.all()
    assert (mara.role, mara.idea, jon.idea) == ("partner", "own", "unknown")
    assert mara.partnered is True  # a couple's members need not be asked
    assert [c.value for c in jon.person.contacts.all()] == ["jon@example.org"]
    assert case.therapists.get().therapist == cast.ines


def test_opening_and_planning_say_whom_nobody_has_asked_how_they_may_be_reached(cast, now, settings):
    settings.GOLDSEAM_DEMO = True  # its mails leave, into a folder
    ines = signed_in(cast.ines)
    says = "Nothing is mailed to Eva and Ole yet: ask each alone how they may be reached"
    given = {**COUPLE, "member-0-called": "Eva", "member-1-called": "Ole"}
    assert says in words(ines.post("/cases/new/", given, follow=True))
    case = people.cases_of("Eva").get()
    plan = plan_url(case)
    day = (now + timedelta(days=3)).date()
    once = {"day": day.isoformat(), "start": "10:00", "minutes": "50"}
    assert says in words(ines.post(plan, once, follow=True))
    set_safe_ways(
        member=case.members.get(position=1),
        ways=GivenWays(by_mail=False, not_before=time(8), not_after=time(20)),
        how_asked=WayAsked.ALONE,
        at=now,
        actor=SYSTEM,
    )
    later = {**once, "day": (day + timedelta(days=1)).isoformat()}
    assert "Nothing is mailed to Ole yet" in words(ines.post(plan, later, follow=True))
    settings.GOLDSEAM_DEMO = False
    latest = {**once, "day": (day + timedelta(days=2)).isoformat()}
    assert "Nothing is mailed" not in words(ines.post(plan, latest, follow=True))


def test_a_first_session_is_planned_in_the_clinics_zone_and_asked_about(cast, now):
    day = (now + timedelta(days=3)).astimezone(ZoneInfo("America/Chicago")).date()
    session = {"session-day": day.isoformat(), "session-start": "15:30", "session-minutes": "75"}
    signed_in(cast.ines).post("/cases/new/", COUPLE | session)
    encounter = people.cases_of("Mara").get().encounters.get()
    start = encounter.starts_at.astimezone(ZoneInfo("America/Chicago"))
    assert (start.date(), start.hour, start.minute) == (day, 15, 30)
    assert encounter.ends_at - encounter.starts_at == timedelta(minutes=75)
    assert encounter.occasions.filter(respondent__isnull=False).count() == 4  # two people, before and after


def test_a_shared_address_is_refused_with_the_reason_and_nothing_is_stored(cast):
    before = Case.objects.count()
    response = signed_in(cast.ines).post("/cases/new/", COUPLE | {"member-1-email": "mara@example.org"})
    assert response.status_code == 400
    page = words(response)
    assert "Nothing has been saved yet" in page
    assert "Two people share the email mara@example.org." in page
    assert 'value="Mara"' in response.content.decode()
    assert Case.objects.count() == before


def test_every_error_is_listed_at_the_top_and_leads_to_its_field(cast):
    response = signed_in(cast.ines).post(
        "/cases/new/",
        COUPLE | {"member-0-called": " ", "member-1-email": "no address", "session-day": "next week"},
    )
    html = response.content.decode()
    assert response.status_code == 400
    for field in ("member-0-called", "member-1-email", "session-day"):
        assert f'href="#id_{field}"' in html
        assert f'id="id_{field}"' in html
    assert "one looks like 2026-11-26" in html


def test_a_first_session_needs_day_and_start(cast):
    response = signed_in(cast.ines).post("/cases/new/", COUPLE | {"session-start": "10:00"})
    assert response.status_code == 400
    assert "needs a day and a start" in words(response)


def test_empty_places_of_a_family_are_nobody(cast):
    signed_in(cast.ines).post(
        "/cases/new/",
        {
            "kind": "family",
            "member-0-called": "Ida",
            "member-0-role": "parent",
            "member-0-parent": "yes",
            "member-1-called": "Olle",
            "member-1-role": "child",
        },
    )
    case = people.cases_of("Ida").get()
    assert [(m.role, m.parent) for m in case.members.all()] == [("parent", True), ("child", None)]


def test_an_unknown_kind_is_an_individual_and_a_malformed_form_an_error(cast):
    client = signed_in(cast.ines)
    assert "The client" in words(client.get("/cases/new/", {"kind": "crowd"}))
    assert client.post("/cases/new/", {"kind": "couple", "member-0-role": "king"}).status_code == 400


# --- sessions -------------------------------------------------------------------------------------


def plan_url(case):
    return reverse("dashboard:new_encounter", args=[case.id])


def test_a_session_is_planned_and_those_not_expected_are_not_asked(cast, now):
    tomas = people.member(cast.couple, "Tomas")
    day = (now + timedelta(days=5)).date().isoformat()
    signed_in(cast.ines).post(
        plan_url(cast.couple), {"day": day, "start": "09:00", "minutes": "50", "away": str(tomas.id)}
    )
    encounter = cast.couple.encounters.get()
    assert encounter.attendance.get(member=tomas).presence == Presence.AWAY
    assert not encounter.occasions.filter(respondent=tomas).exists()
    assert encounter.occasions.filter(respondent=people.member(cast.couple, "Lea")).count() == 2


def test_the_same_time_twice_is_refused_with_the_reason(cast, now):
    client = signed_in(cast.ines)
    given = {"day": (now + timedelta(days=5)).date().isoformat(), "start": "09:00", "minutes": "50"}
    assert client.post(plan_url(cast.couple), given).status_code == 302
    response = client.post(plan_url(cast.couple), given)
    assert response.status_code == 400
    assert "There is already a session of this case at that time" in words(response)


def test_a_missing_day_is_an_error_at_its_field(cast):
    response = signed_in(cast.ines).post(plan_url(cast.couple), {"start": "09:00", "minutes": "50"})
    assert response.status_code == 400
    assert 'href="#id_day"' in response.content.decode()


def test_saying_that_the_session_is_over_opens_the_links_now(cast, now):
    lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
    encounter = people.plan(cast.couple, cast.ines, now - timedelta(minutes=30), at=now - timedelta(days=1))
    client = signed_in(cast.ines)
    assert "not open yet" in words(
        client.get(reverse("dashboard:link", args=[people.asked(encounter, lea).id]))
    )
    client.post(reverse("dashboard:end_encounter", args=[encounter.id]), {"away": str(tomas.id)})
    encounter.refresh_from_db()
    assert encounter.state == EncounterState.HELD
    assert people.asked(encounter, tomas).state == OccasionState.CANCELLED
    page = client.get(reverse("dashboard:link", args=[people.asked(encounter, lea).id]))
    assert token_of(people.asked(encounter, lea)) in page.content.decode()


def test_a_session_that_has_not_begun_cannot_be_over(cast, now):
    encounter = people.plan(cast.couple, cast.ines, now + timedelta(days=1), at=now)
    url = reverse("dashboard:end_encounter", args=[encounter.id])
    assert signed_in(cast.ines).post(url).status_code == 404


def test_somebody_of_another_case_cannot_be_marked_away(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    encounter = people.plan(cast.couple, cast.ines, now - timedelta(minutes=30), at=now - timedelta(days=1))
    url = reverse("dashboard:end_encounter", args=[encounter.id])
    assert signed_in(cast.ines).post(url, {"away": str(ruth.id)}).status_code == 404


# --- links ----------------------------------------------------------------------------------------


def test_a_link_page_names_one_person_only(cast, now):
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    occasion = people.asked(encounter, people.member(cast.couple, "Lea"))
    response = signed_in(cast.ines).get(reverse("dashboard:link", args=[occasion.id]))
    html = response.content.decode()
    assert "Lea" in html
    assert "Tomas" not in html
    assert f"/c/{token_of(occasion)}/" in html
    assert "style=" not in html
    assert AuditEntry.objects.filter(action="link.view", object_id=str(occasion.id)).exists()


def test_a_link_for_before_a_session_says_when_it_opens_and_not_to_end_the_session(cast, now):
    encounter = people.plan(cast.couple, cast.ines, now + timedelta(days=20), at=now)
    before = people.asked(encounter, people.member(cast.couple, "Lea"), Phase.PRE)
    page = words(signed_in(cast.ines).get(reverse("dashboard:link", args=[before.id])))
    assert before.opens_at > now
    assert f"It opens {moment(before.opens_at, now=now, zone=ZoneInfo('America/Chicago'))}." in page
    assert "End the session" not in page


def test_a_new_link_ends_the_old_one(cast, now, client):
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    occasion = people.asked(encounter, people.member(cast.couple, "Lea"))
    old = people.link(occasion)
    signed_in(cast.ines).post(reverse("dashboard:link", args=[occasion.id]))
    occasion.refresh_from_db()
    assert client.get(old).status_code == 404
    assert client.get(people.link(occasion)).status_code == 200


def test_whether_somebody_answered_is_told_to_the_therapist_and_hidden_in_the_room(cast, now):
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    people.answer(people.asked(encounter, people.member(cast.couple, "Lea")), now - timedelta(minutes=5))
    client = signed_in(cast.ines)
    url = reverse("dashboard:encounter", args=[encounter.id])
    assert "Answered" in words(client.get(url))
    client.post(reverse("dashboard:room_view"), {"alone": "no"})
    page = words(client.get(url))
    assert "Answered" not in page
    assert "Waiting" not in page
    assert page.count("’s link") == 4  # those who answered and those who did not look the same


def test_the_qr_path_is_the_code_itself():
    # Compared with the matrix that the segno library draws for the same text.
    import segno

    text = "http://127.0.0.1:8000/c/some-link/"
    matrix = [[bool(cell) for cell in row] for row in segno.make(text, error="m", micro=False).matrix]
    size, path = qr_code(text)
    drawn = [[False] * len(matrix) for _ in matrix]
    for run in path.removeprefix("M").split("M"):
        place, rest = run.split("h", 1)
        x, y = (int(v) - QUIET for v in place.split(" "))
        for k in range(int(rest.split("v")[0])):
            drawn[y][x + k] = True
    assert drawn == matrix
    assert size == len(matrix) + 8
