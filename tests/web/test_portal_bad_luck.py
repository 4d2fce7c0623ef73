"""What a client sees when something goes wrong: a clear, kind page, and what was answered is kept."""

import re
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goldseam_web.accounts.models import EXIT_URL
from goldseam_web.audit.services import SYSTEM
from goldseam_web.measures.models import Answer, Occasion, OccasionState, Response
from goldseam_web.measures.services import close_unanswered, renew_link, save_answer
from goldseam_web.portal.link_opening import DEVICE_COOKIE
from tests.web import people
from tests.web.shown_form import shown_form

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


@pytest.fixture
def occasion(couple, lea, ines, now):
    return people.asked(people.meet(couple, ines, now - HOUR), lea)


def text(response) -> str:
    return response.content.decode()


def assert_kind_page(response, status, title):
    page = text(response)
    assert response.status_code == status
    assert title in page
    assert "Leave quickly" in page
    assert "Need help now?" in page
    assert "<title>A short check-in</title>" in page
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]


class TestLinks:
    @pytest.mark.parametrize(
        "path", ["", "nonsense/", "nonsense/3/", "a~b/", "%00/", "x" * 3000 + "/", "ä/done/"]
    )
    def test_a_link_that_never_was(self, client, clinic, path):
        assert_kind_page(client.get(f"/c/{path}"), 404, "This link leads nowhere.")

    @pytest.mark.parametrize("place", [5, 30, -2])
    def test_a_link_with_one_letter_changed(self, client, occasion, place):
        token = people.token_of(occasion)
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert_kind_page(client.get(f"/c/{changed}/"), 404, "This link leads nowhere.")

    def test_a_link_that_was_taken_back_looks_like_one_that_never_was(self, client, occasion, now):
        old = people.link(occasion)
        renew_link(occasion=occasion, at=now, actor=SYSTEM)
        response = client.get(old)
        assert_kind_page(response, 404, "This link leads nowhere.")
        assert ">This link leads nowhere.<" in text(response)
        assert text(response) == text(client.get("/c/nonsense/"))
        posted = client.post(f"{old}1/", {"item": "goal", "answer": "3"})
        assert posted.status_code == 404
        assert not Answer.objects.exists()

    def test_a_link_without_its_last_stroke_still_leads_there(self, client, occasion):
        response = client.get(people.link(occasion).rstrip("/"))
        assert response.headers["Location"] == people.link(occasion)

    def test_before_the_meeting_is_over(self, client, couple, lea, ines, now):
        later = people.asked(people.plan(couple, ines, now + HOUR, at=now, minutes=50), lea)
        for address in (people.link(later), f"{people.link(later)}1/", f"{people.link(later)}later/"):
            response = client.get(address)
            assert_kind_page(response, 200, "A little too early.")
            assert "This opens after your meeting, " in text(response)

    def test_once_its_window_is_over_a_form_that_was_sent_reads_as_one_that_was_not(
        self, client, couple, lea, ines, now
    ):
        occasion = people.asked(people.meet(couple, ines, now - timedelta(hours=60)), lea)
        untouched = client.get(people.link(occasion))
        people.answer(occasion, now - timedelta(hours=50), 8)
        response = client.get(people.link(occasion))
        assert_kind_page(response, 410, "This link has done its work.")
        assert text(response) == text(untouched)

    def test_the_window_is_over_and_what_was_answered_is_kept(self, client, couple, lea, ines, now):
        occasion = people.asked(people.meet(couple, ines, now - timedelta(hours=60)), lea)
        save_answer(occasion=occasion, item="goal", given=3, at=now - timedelta(hours=50))
        close_unanswered(at=now)
        for address in (people.link(occasion), f"{people.link(occasion)}2/", f"{people.link(occasion)}who/"):
            response = client.get(address)
            assert_kind_page(response, 410, "This link has done its work.")
            assert "Everything you answered is kept." in text(response)
        posted = client.post(f"{people.link(occasion)}2/", {"item": "task", "answer": "3"})
        assert posted.status_code == 410
        assert "What you just sent was not saved; whatever was kept before stays." in text(posted)
        assert "Everything you answered is kept." not in text(posted)
        assert [answer.item for answer in Answer.objects.all()] == ["goal"]

    def test_whoever_was_away_is_told_that_there_is_nothing_to_answer(self, client, couple, ines, now):
        tomas = people.member(couple, "Tomas")
        occasion = people.asked(people.meet(couple, ines, now - HOUR, away=[tomas]), tomas)
        assert occasion.state == OccasionState.CANCELLED
        assert_kind_page(client.get(people.link(occasion)), 410, "Nothing to answer this time.")

    def test_a_hand_at_work_when_the_window_closes_is_not_cut_off_and_its_answers_are_late(
        self, client, couple, lea, ines, now
    ):
        occasion = people.asked(people.meet(couple, ines, now - timedelta(hours=49)), lea)
        save_answer(occasion=occasion, item="goal", given=3, at=occasion.closes_at - MINUTE)
        address = client.post(people.link(occasion)).headers["Location"]
        while not address.endswith("/done/"):
            page = shown_form(client.get(address))
            answer = "6" if page.is_scale else "no"
            address = client.post(address, {"item": page.item, "answer": answer}).headers["Location"]
        assert Response.objects.get().late

    def test_after_the_window_an_answer_given_in_time_stays_and_the_client_is_told(
        self, client, couple, lea, ines, now
    ):
        occasion = people.asked(people.meet(couple, ines, now - timedelta(hours=49)), lea)
        save_answer(occasion=occasion, item="goal", given=1, at=occasion.closes_at - MINUTE)
        save_answer(occasion=occasion, item="task", given=3, at=occasion.closes_at + MINUTE)
        first, second = f"{people.link(occasion)}1/", f"{people.link(occasion)}2/"
        response = client.post(first, {"item": "goal", "answer": "9"})
        assert_kind_page(response, 400, "so what you answered before stays")
        assert client.post(first, {"item": "goal", "answer": "1"}).status_code == 302
        assert client.post(second, {"item": "task", "answer": "9"}).status_code == 302
        assert {a.item: a.value for a in Answer.objects.all()} == {"goal": 1.0, "task": 9.0}


class TestForms:
    @pytest.fixture
    def address(self, client, occasion, now):
        save_answer(occasion=occasion, item="goal", given=3, at=now)
        return f"{people.link(occasion)}2/"

    @pytest.mark.parametrize("given", ["11", "-1", "7.5", "nan", "inf", "seven", "<b>7</b>", "9" * 500, "no"])
    def test_what_is_no_answer_is_named_with_what_is_allowed(self, client, address, given):
        response = client.post(address, {"item": "task", "answer": given, "go": "next"})
        assert_kind_page(response, 400, "Question 2 of 9")
        assert "Choose a number from 0 to 10, or skip." in text(response)
        assert "<b>7</b>" not in text(response)
        assert [answer.item for answer in Answer.objects.all()] == ["goal"]

    def test_a_form_that_is_far_too_long(self, client, address):
        response = client.post(address, {"item": "task", "answer": "7" * 300_000})
        assert_kind_page(response, 413, "That was more than this page can take.")
        assert "Go on" in text(response)
        assert [answer.item for answer in Answer.objects.all()] == ["goal"]

    def test_a_form_with_far_too_many_fields(self, client, address):
        response = client.post(address, {f"field-{k}": "1" for k in range(300)})
        assert_kind_page(response, 400, "That did not arrive in one piece.")

    def test_a_form_that_is_cut_off(self, client, address):
        response = client.post(address, b"--x\r\nbroken", content_type="multipart/form-data; boundary=")
        assert_kind_page(response, 400, "That did not arrive in one piece.")
        assert [answer.item for answer in Answer.objects.all()] == ["goal"]

    def test_an_empty_form_is_next_without_a_choice(self, client, address):
        assert_kind_page(client.post(address), 400, "Choose a number, or skip.")

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://elsewhere.example"},
        ],
    )
    def test_a_form_from_another_site_is_refused(self, client, address, headers):
        response = client.post(address, {"item": "task", "answer": "7"}, headers=headers)
        assert_kind_page(response, 403, "That did not come from this page.")
        assert [answer.item for answer in Answer.objects.all()] == ["goal"]

    @pytest.mark.parametrize(
        "headers",
        [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://testserver"}, {}],
    )
    def test_our_own_form_is_taken_as_browsers_send_it(self, client, address, headers):
        client.post(address, {"item": "task", "answer": "7"}, headers=headers)
        assert Answer.objects.get(item="task").value == 7.0

    def test_other_methods_are_not_for_clients(self, client, address):
        assert client.put(address).status_code == 405


class TestLeaving:
    """The link "Leave quickly" as it works without script; with it, see test_portal_browser."""

    def test_it_ends_the_session_of_this_device_keeps_what_is_confirmed_and_leads_away(
        self, client, occasion, now
    ):
        first = client.post(people.link(occasion)).headers["Location"]
        client.post(first, {"item": "goal", "answer": "3"})
        assert 'value="3" checked' in text(client.get(first))
        response = client.get(f"{people.link(occasion)}leave/")
        assert response.headers["Location"] == occasion.clinic.exit_url
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "checked" not in text(client.get(first))
        assert Answer.objects.get().value == 3.0

    def test_every_page_of_a_link_has_it(self, client, occasion):
        for path in ("", "1/", "later/", "help/"):
            page = text(client.get(f"{people.link(occasion)}{path}"))
            assert f'href="{people.link(occasion)}leave/"' in page

    def test_it_leads_away_from_a_link_that_never_was_too(self, client, clinic):
        assert client.get("/c/nonsense/leave/").headers["Location"] == EXIT_URL
        assert f'href="{EXIT_URL}"' in text(client.get("/c/nonsense/"))


class TestDatabaseAway:
    """A database that is gone, or locked for longer than the server waits: tried again, nothing lost."""

    @pytest.fixture
    def away(self):
        def refuse(*_arguments):
            raise OperationalError("server closed the connection unexpectedly")

        return connection.execute_wrapper(refuse)

    def test_the_filled_form_is_offered_again_with_the_answer_in_it(self, client, occasion, away):
        first = client.post(people.link(occasion)).headers["Location"]
        page = shown_form(client.get(first))
        form = {"item": page.item, "shown": page.shown, "answer": "0", "go": "next", "stranger": "<b>"}
        with away:
            response = client.post(first, form)
        assert_kind_page(response, 503, "Not saved yet.")
        assert response.headers["Retry-After"] == "10"
        assert "You chose 0. It is still on this page." in text(response)
        assert "Try again" in text(response)
        assert "stranger" not in text(response)
        assert not Answer.objects.exists()
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text(response)))
        again = client.post(first, fields)
        assert again.headers["Location"] == f"{people.link(occasion)}2/"
        answer = Answer.objects.get()
        assert (answer.item, answer.value) == ("goal", 0.0)
        assert answer.elapsed_ms is not None

    def test_so_is_the_choice_of_who_may_take_it_up_and_the_start(self, client, occasion, away, now):
        save_answer(occasion=occasion, item="tension", given="little", at=now)
        with away:
            choice = client.post(f"{people.link(occasion)}who/", {"audience": "know_only"})
            started = client.post(people.link(occasion))
        assert_kind_page(choice, 503, "Not saved yet.")
        assert '<input type="hidden" name="audience" value="know_only">' in text(choice)
        assert_kind_page(started, 503, "Not saved yet.")

    def test_a_page_that_cannot_be_read_can_be_asked_for_again(self, client, occasion, away):
        with away:
            response = client.get(f"{people.link(occasion)}1/")
        assert_kind_page(response, 503, "This page cannot be shown just now.")
        assert f'href="{people.link(occasion)}1/">Try again' in text(response)

    def test_no_word_is_said_of_the_answer_so_our_script_sends_it_again(self, client, occasion, away):
        with away:
            response = client.post(
                f"{people.link(occasion)}1/",
                {"item": "goal", "answer": "3"},
                headers={"X-Goldseam-Answer": "1"},
            )
        assert response.status_code == 503
        assert "X-Goldseam-Answer" not in response.headers

    def test_leaving_quickly_and_help_work_all_the_same(self, client, occasion, away):
        with away:
            left = client.get(f"{people.link(occasion)}leave/")
            assert "such as 112 or 911" in text(client.get("/c/help/"))
        assert left.headers["Location"] == EXIT_URL
        assert left.cookies[DEVICE_COOKIE]["max-age"] == 0

    def test_staff_are_told_503_too_and_an_error_of_ours_stays_a_500(self, ines, away, monkeypatch):
        client = Client(raise_request_exception=False)
        client.force_login(ines.user)
        with away:
            response = client.get("/")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
        assert "We cannot reach our records just now." in text(response)
        monkeypatch.setattr("goldseam_web.dashboard.caseload.views.visit_of", None)
        assert client.get("/").status_code == 500


@pytest.mark.django_db(transaction=True)
def test_an_answer_sent_while_another_process_holds_the_lock_is_offered_again_and_then_stored(now):
    """The real thing: SQLite locked by a writer, or the row of the link locked in PostgreSQL."""
    case = people.individual(people.ines_okafor(people.larkfield(now), now), now)
    ines = case.therapists.get().therapist
    occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))
    with connection.cursor() as cursor:
        patience = "PRAGMA busy_timeout = 50" if connection.vendor == "sqlite" else "SET lock_timeout = 50"
        cursor.execute(patience)
    client, form = Client(), {"item": "goal", "answer": "2"}
    with _held_by_another(occasion):
        refused = client.post(f"{people.link(occasion)}1/", form)
    assert_kind_page(refused, 503, "Not saved yet.")
    assert not Answer.objects.exists()
    assert client.post(f"{people.link(occasion)}1/", form).status_code == 302
    assert Answer.objects.get().value == 2.0
    connection.close()


@contextmanager
def _held_by_another(occasion):
    held, release = Event(), Event()

    def hold():
        try:
            with transaction.atomic():
                Occasion.objects.select_for_update().get(pk=occasion.pk)
                held.set()
                release.wait(timeout=30)
        finally:
            connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert held.wait(timeout=30)
    try:
        yield
    finally:
        release.set()
        holder.join()


class TestHelp:
    def test_it_shows_the_clinics_own_numbers_and_says_that_nobody_watches(self, client, occasion):
        page = text(client.get(f"{people.link(occasion)}help/"))
        assert "Nobody watches these pages live." in page
        assert '<a class="call" href="tel:+13125550142">+1 312 555 0142</a>' in page
        assert page.index("Larkfield, out of hours") < page.index("Crisis line")

    def test_it_is_there_in_every_state_of_a_link(self, client, couple, occasion, ines, now):
        lea = occasion.respondent
        tomas = people.member(couple, "Tomas")
        away = people.asked(people.meet(couple, ines, now - 5 * HOUR, away=[tomas]), tomas)
        early = people.asked(people.plan(couple, ines, now + HOUR, at=now), lea)
        people.answer(occasion, now, 8)
        for some in (away, early, occasion):
            assert client.get(f"{people.link(some)}help/").status_code == 200

    def test_without_a_working_link_it_names_the_emergency_number(self, client, clinic):
        page = text(client.get("/c/help/"))
        assert "such as 112 or 911" in page
        assert "+1 312 555 0142" not in page


class TestLooking:
    def test_no_page_writes_anything_when_it_is_looked_at(self, client, couple, occasion, ines, now):
        """Mail scanners follow links. Every row of every table stays, and only reads reach the database."""
        lea = occasion.respondent
        early = people.asked(people.plan(couple, ines, now + HOUR, at=now), lea)
        over = people.asked(people.meet(couple, ines, now - timedelta(days=9)), lea)
        done = people.asked(people.meet(couple, ines, now - 5 * HOUR), lea)
        people.answer(done, now - 4 * HOUR, 8)
        save_answer(occasion=occasion, item="tension", given="little", at=now)
        before = _rows()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for some in (early, over, done, occasion):
                for path in ("", "later/", "help/", "1/", "10/", "99/", "who/", "done/", "handed-over/"):
                    client.get(f"{people.link(some)}{path}")
                    client.head(f"{people.link(some)}{path}")
            client.get("/c/help/")
            client.get("/c/nonsense/")
        assert _rows() == before
        assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
        assert not any(cookie.value for cookie in client.cookies.values())


class TestStaffInTheSameBrowser:
    def test_a_clients_page_neither_keeps_staff_signed_in_nor_sends_them_out(self, client, occasion, ines):
        client.force_login(ines.user)
        session = client.session
        session["last_active"] = 0
        session.save()
        assert "Hello Lea" in text(client.get(people.link(occasion)))
        assert client.session["last_active"] == 0
        assert client.session["_auth_user_id"] == str(ines.user.pk)


def _rows():
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()
    }
