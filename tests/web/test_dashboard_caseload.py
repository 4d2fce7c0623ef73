"""The caseload: who needs a word first, found by name, heard of without reloading, in few questions."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal
from goldseam_web.alerts.services import acknowledge, open_alert
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.models import Member
from tests.web import people
from tests.web.histories import STEADY, history, judge, rate, sessions
from tests.web.kept_rows import kept
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def fallen(cast, now):
    """Ruth rated 8 or so seven times, then 3; the couple and the family have not met."""
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (*STEADY, 3.0), now)
    return cast


def test_a_drop_comes_first_with_a_sentence_and_is_new(fallen):
    page = words(signed_in(fallen.ines).get("/"))
    assert "One of your cases may be worth a word. Three open cases" in page
    row = page.index("Possible strain · new")
    assert page.index("Ruth Osei") < row < page.index("Lea & Tomas Brandt")


def test_a_row_of_an_unanswered_signal_opens_the_signal_and_an_answered_one_the_case(fallen, now):
    client = signed_in(fallen.ines)
    signal = AlertSignal.objects.get(kind="strain")
    assert reverse("dashboard:signal", args=[signal.id]) in client.get("/").content.decode()
    viewer = viewer_of(fallen.ines.user, at=now)
    for each in AlertSignal.objects.all():
        open_alert(viewer=viewer, findings=[each], at=now)
        acknowledge(viewer=viewer, signal=each, choice=AcknowledgeChoice.TAKE_UP, at=now)
    page = client.get("/")
    assert reverse("dashboard:signal", args=[signal.id]) not in page.content.decode()
    assert "You plan to take it up" in words(page)


def test_seeing_it_differently_takes_the_case_off_the_first_group(fallen, now):
    viewer = viewer_of(fallen.ines.user, at=now)
    for each in AlertSignal.objects.all():
        open_alert(viewer=viewer, findings=[each], at=now)
        acknowledge(viewer=viewer, signal=each, choice=AcknowledgeChoice.DIFFERENT, at=now)
    page = words(signed_in(fallen.ines).get("/"))
    assert "None of your cases asks for a word today." in page
    assert "Worth a word 0" in page
    assert "Lower, looked at 1" in page


def test_filters_are_links_with_counts(fallen):
    client = signed_in(fallen.ines)
    page = client.get("/", {"group": "worth-a-word"})
    assert "Ruth Osei" in words(page)
    assert "Lindqvist" not in words(page)
    assert "Worth a word 1" in words(page)
    assert "Lindqvist" in words(client.get("/", {"group": "several"}))
    assert "Ruth Osei" not in words(client.get("/", {"group": "several"}))


def test_a_case_is_found_by_part_of_its_name_whatever_the_case_of_letters(fallen):
    client = signed_in(fallen.ines)
    assert "Lea & Tomas Brandt" in words(client.post("/", {"q": "bran"}))
    assert "Ruth" not in words(client.post("/", {"q": "bran"}))
    assert "No open case of yours has “xyz” in its name." in words(client.post("/", {"q": "xyz"}))


@pytest.mark.parametrize("query", ["Freja", "freja", "lindq", "Karin Lindqvist", "LÍND"])
def test_a_family_is_found_by_each_of_its_members_with_and_without_accents(fallen, query):
    assert "The Lindqvist family" in words(signed_in(fallen.ines).post("/", {"q": query}))


def test_a_name_stands_in_no_address(fallen):
    """Addresses are kept in histories and logs; what an open page polls is one."""
    page = signed_in(fallen.ines).post("/", {"q": "Brandt"}).content.decode()
    assert not re.search(r'(href|action|hx-get)="[^"]*brandt', page, re.IGNORECASE)
    assert "Ruth" in words(signed_in(fallen.ines).get("/", {"q": "Brandt"}))


def test_what_is_searched_for_is_shown_as_text(fallen):
    page = signed_in(fallen.ines).post("/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in page


def test_a_therapist_without_cases_sees_what_comes_next(cast):
    page = signed_in(cast.colleague).get("/")
    assert "Your caseload is empty, and ready." in words(page)
    assert reverse("dashboard:new_case") in page.content.decode()


def test_not_enough_data_says_how_many_ratings_there_are(cast, now):
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (8.0, 8.0), now)
    page = words(signed_in(cast.ines).get("/"))
    assert "Not enough data yet Two ratings so far; comparing starts once there are three." in page


def test_an_open_link_is_waiting(cast, now):
    sessions(cast.individual, cast.ines, 1, now)
    assert "Waiting for answers One check-in is open and not answered yet." in words(
        signed_in(cast.ines).get("/")
    )


def test_looking_is_audited_and_polling_is_not(fallen, now):
    client = signed_in(fallen.ines)
    client.get("/")
    [entry] = AuditEntry.objects.filter(action="caseload.view")
    assert entry.actor_id == fallen.ines.id
    before = AuditEntry.objects.count()
    client.get("/pulse/", {"since": "-1", "page": "caseload"}, headers={"HX-Request": "true"})
    assert AuditEntry.objects.count() == before


def test_a_poll_without_news_is_empty_and_asks_the_database_once(fallen):
    client = signed_in(fallen.ines)
    since = since_of(client.get("/"))
    response = client.get("/pulse/", {"since": since})
    assert (response.status_code, response.content) == (204, b"")
    # Who asks, whether they are still signed in, and the counter, in one.
    assert queries(lambda: client.get("/pulse/", {"since": since})) == 1


def since_of(response):
    return re.search(r"since=(\d+)", response.content.decode()).group(1)


def test_a_poll_with_news_brings_the_list_the_count_and_the_next_counter(fallen):
    client = signed_in(fallen.ines)
    since = since_of(client.get("/"))
    bump_change_counter(fallen.clinic.id)
    response = client.get("/pulse/", {"since": since, "page": "caseload"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Possible strain" in html
    assert int(since_of(response)) == int(since) + 1
    assert 'role="status"' in html
    assert "<html" not in html


def test_a_poll_after_signing_out_makes_the_page_load_anew(client, db):
    response = client.get("/pulse/")
    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")


def test_sixty_cases_take_at_most_twelve_queries(cast, now):
    ends = [now - timedelta(hours=1) - timedelta(weeks=3 - k) for k in range(4)]
    for k in range(57):
        case = people.individual(cast.ines, now)
        if k < 6:
            ruth = people.member(case, "Ruth")
            judge([rate(people.meet(case, cast.ines, end), ruth, 8.0) for end in ends[:-1]])
            judge([rate(people.meet(case, cast.ines, ends[-1]), ruth, 3.0)])
    client = signed_in(cast.ines)
    client.get("/")
    assert queries(lambda: client.get("/")) <= 12
    assert "60 open cases" in words(client.get("/"))


# --- other people ---------------------------------------------------------------------------------


def test_an_administrator_is_told_what_the_role_does_and_sees_no_case(cast):
    page = words(signed_in(cast.administrator).get("/", follow=True))
    assert "Your role opens no case, no answer and no signal." in page
    assert "Ruth" not in page


def test_somebody_without_a_place_in_a_clinic_gets_a_plain_page(cast, django_user_model):
    user = django_user_model.objects.create_user("nobody@example.org", "a long enough password")
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "no case is yours to see" in words(client.get("/"))
    assert client.get("/alerts/").status_code == 404


def test_a_supervisor_reads_the_cases_of_those_supervised_without_counts(fallen, now):
    page = words(signed_in(fallen.supervisor).get("/supervised/"))
    assert "Ines Okafor" in page
    assert "Ruth Osei" in page
    assert not re.search(r"\d", page)


def test_one_who_only_supervises_starts_there(cast, now):
    only = people.staff(cast.clinic, "Sam Only", [Role.SUPERVISOR], now)
    assert "The cases of the people you supervise." in words(signed_in(only).get("/"))


def test_light_or_dark_is_remembered_and_only_a_page_of_ours_is_gone_back_to(cast):
    client = signed_in(cast.ines)
    response = client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert response.url == "/"
    assert 'data-theme="dark"' in client.get("/").content.decode()
    client.post("/theme/", {"theme": "device", "next": "/alerts/"})
    assert "data-theme" not in client.get("/").content.decode()


def test_an_install_that_only_records_shows_answers_and_looks_for_nothing(fallen, settings):
    settings.GOLDSEAM_RECORD_ONLY = True
    client = signed_in(fallen.ines)
    response = client.get("/")
    page = words(response)
    assert "It does not look for strain." in response.content.decode()
    assert "Last ratings with the therapist: Ruth 3.0." in page
    for absent in ("Possible strain", "Worth a word", "Alerts", "band-n", "onset"):
        assert absent not in response.content.decode()
    assert client.get("/alerts/").status_code == 404
    signal = AlertSignal.objects.get(kind="strain")
    assert client.get(reverse("dashboard:signal", args=[signal.id])).status_code == 404
    case = client.get(reverse("dashboard:case", args=[fallen.individual.id])).content.decode()
    for absent in ('class="limit"', "band-1", 'class="onset"', "What was noticed", "strain?"):
        assert absent not in case


# --- who treats, who has left, who only reads -------------------------------------------------------


def test_an_hour_of_the_cover_hides_no_strain_and_no_course(fallen, now):
    """Ben covers one session after Ruth's fall: her strain stays Ines's, and so does the course before it."""
    ruth = people.member(fallen.individual, "Ruth")
    judge([rate(people.meet(fallen.individual, fallen.colleague, now - timedelta(minutes=5)), ruth, 8.0)])
    page = words(signed_in(fallen.ines).get("/"))
    assert "Ruth Osei Individual · session 9 Possible strain · new" in page


def test_where_all_was_well_an_hour_of_the_cover_does_not_begin_anew(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, STEADY, now)
    judge([rate(people.meet(cast.individual, cast.colleague, now - timedelta(minutes=5)), ruth, 8.0)])
    page = words(signed_in(cast.ines).get("/"))
    assert "Ruth Osei Individual · session 8 Steady" in page


def test_what_was_seen_of_somebody_who_has_left_is_not_hidden_until_it_is_opened(fallen, now):
    Member.objects.filter(case=fallen.individual).update(left_on=now.date())
    client = signed_in(fallen.ines)
    assert "Possible strain · new" in words(client.get("/"))
    viewer = viewer_of(fallen.ines.user, at=now)
    for each in AlertSignal.objects.all():
        open_alert(viewer=viewer, findings=[each], at=now)
    assert "Worth a word 0" in words(client.get("/"))


def test_a_supervisor_is_not_told_that_nobody_opened_what_the_therapist_has(cast, now):
    """A low rating at session 6, opened, and good ratings since: over, for whoever reads."""
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, (8.0, 8.0, 8.0, 8.0, 8.0, 2.0, *[8.0] * 6), now)
    url = reverse("dashboard:case", args=[cast.individual.id])
    assert "not opened yet" in words(signed_in(cast.supervisor).get(url))
    viewer = viewer_of(cast.ines.user, at=now)
    for each in AlertSignal.objects.all():
        open_alert(viewer=viewer, findings=[each], at=now)
    assert "not opened yet" not in words(signed_in(cast.supervisor).get(url))
