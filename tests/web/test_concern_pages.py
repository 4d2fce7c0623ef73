"""The pages of a wish to be called: the client's, the named person's, the clinic's; nobody else finds a trace."""

import logging
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from goldseam_web.accounts.models import Role, StaffRole
from goldseam_web.alerts.services.worker import PURPOSES, tidy
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.concerns.models import CallBy, Concern, ConcernNote, ConcernRoute, NamedPerson, Wish
from goldseam_web.concerns.services import name_persons, set_route
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.outbox.services import send_next
from tests.web import people
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
GIVEN = {"called": "L.", "by": "phone", "contact": "+1 312 555 0190", "when": "after five"}
BODY = {"body_name": "Ombudsperson", "body_telephone": "+1 312 555 0111", "body_hours": "Mondays"}
# What differs between two readings of one page by itself.
EACH_TIME = re.compile(
    rb'name="(?:shown|csrfmiddlewaretoken|form_key)" value="[^"]*"|nonce="[^"]*"|"X-CSRFToken": ?"[^"]*"'
)


@pytest.fixture
def lea(cast, now):
    """Lea's request to answer about a meeting that ended an hour ago."""
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    return people.asked(encounter, people.member(cast.couple, "Lea"))


@pytest.fixture
def page(lea):
    return f"{people.link(lea)}speak/"


def given(cast, **changed):
    return {"to": str(cast.administrator.pk), **GIVEN, **changed}


class TestTheClientsPage:
    def test_names_who_it_is_and_what_they_learn_without_a_clinical_word(self, client, cast, page):
        said = words(client.get(page))
        assert said.startswith("Speak with somebody else here Piet Admin works here, takes no part")
        assert "Piet Admin reads what you write here. Nothing else: no answers of yours and no names." in said
        assert "Ines, whoever stands in, and whoever supervises the work are not told" in said
        assert "within 3 working days" in said
        assert clinical_words(said) == []

    def test_stands_in_the_foot_of_every_page_in_the_same_words(self, client, page):
        start = page.removesuffix("speak/")
        for path in ("", "later/", "help/", "1/", "handed-over/"):
            assert f'href="{page}"' in client.get(f"{start}{path}").content.decode(), path
        for path in ("/c/nothing/", "/c/help/"):
            assert 'href="/c/speak/"' in client.get(path).content.decode(), path
        assert "This link does not say who sent it" in words(client.get("/c/speak/"))

    def test_one_post_keeps_it_and_twice_is_once(self, client, cast, page):
        for _ in range(2):
            assert client.post(page, given(cast)).headers["Location"] == f"{page}received/"
        concern = Concern.objects.get()
        wish = Wish("L.", CallBy.PHONE, "+1 312 555 0190", message_may_be_left=False, when="after five")
        assert [row.wish for row in concern.words.all()] == [wish]
        assert (concern.person, concern.owner) == (
            people.member(cast.couple, "Lea").person,
            cast.administrator,
        )

    def test_nothing_is_written_by_looking(self, client, cast, page):
        before = AuditEntry.objects.count()
        client.get(page)
        client.get(f"{page}received/")
        assert (Concern.objects.count(), AuditEntry.objects.count()) == (0, before)

    def test_looks_the_same_to_whoever_holds_the_phone_next(self, client, cast, lea, page):
        start = people.link(lea)
        paths = ("", "later/", "help/", "1/", "done/", "handed-over/", "speak/", "speak/received/")

        def seen():
            pages = [client.get(f"{start}{path}") for path in paths]
            return [(one.status_code, EACH_TIME.sub(b"", one.content), one.headers.items()) for one in pages]

        before = seen()
        reply = client.post(page, given(cast))
        assert not reply.cookies
        assert seen() == before
        assert client.get(f"{page}received/").headers["Clear-Site-Data"] == '"cache"'
        assert b"0190" not in client.get(page).content

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"called": " "}, "Write what to call you."),
            ({"by": ""}, "Choose how you want to be reached."),
            ({"contact": ""}, "Write the number or the address that is safe for you."),
            ({"to": ""}, "Meanwhile somebody else is the one to ask."),
        ],
    )
    def test_a_gap_is_said_and_what_was_typed_is_still_there(self, client, cast, page, changed, says):
        reply = client.post(page, given(cast, **changed))
        assert says in words(reply)
        assert "after five" in reply.content.decode()
        assert not Concern.objects.exists()

    def test_who_comes_by_needs_no_number(self, client, cast, page):
        client.post(page, given(cast, by="in_person", contact=""))
        assert Concern.objects.exists()

    def test_works_when_nothing_can_be_answered_any_more(self, client, cast, lea, page, now):
        people.answer(lea, now)
        cast.couple.members.update(paused_on=now.date())
        assert client.get(page.removesuffix("speak/")).status_code in (200, 410)
        assert client.post(page, given(cast)).status_code == 302

    def test_an_outside_body_where_nobody_is_left_and_the_truth_where_there_is_none(
        self, client, cast, page, now
    ):
        NamedPerson.objects.all().delete()
        assert "Larkfield has named nobody for this" in words(client.get(page))
        assert client.get(f"{page}received/").headers["Location"] == page
        set_route(clinic=cast.clinic, working_days=3, **BODY, at=now, actor=SYSTEM)
        said = client.get(page)
        assert "Ombudsperson +1 312 555 0111 Mondays" in words(said)
        assert 'href="tel:+13125550111"' in said.content.decode()
        for shown in (said, client.post(page, given(cast))):
            assert b"<form" not in shown.content
        assert not Concern.objects.exists()

    def test_asks_the_database_little(self, client, cast, page, now):
        set_route(clinic=cast.clinic, working_days=3, **BODY, at=now, actor=SYSTEM)
        for path in (page, f"{page}received/"):
            assert queries(lambda at=path: client.get(at)) <= 8, path
        assert len(client.get(page).content) < 12_000


@pytest.fixture
def wished(cast, now):
    return people.asks_to_be_called(people.member(cast.couple, "Lea"), now)


class TestTheNamedPersonsPages:
    def test_list_and_one_with_every_reading_on_record(self, cast, wished, now):
        browser = signed_in(cast.administrator)
        assert "Answer by" in words(browser.get("/office/calls/"))
        said = words(browser.get(f"/office/calls/{wished.pk}/"))
        assert "L. By telephone: +1 312 555 0190 When: after five Leave no message there" in said
        assert not re.search(r"\b(Lea|Tomas|Brandt|Ines)\b", said)
        read = AuditEntry.objects.filter(action="concern.view", object_id=str(wished.pk))
        assert [entry.actor_id for entry in read] == [cast.administrator.pk] * 2

    def test_is_answered_closed_and_opened_again(self, cast, wished):
        browser, page = signed_in(cast.administrator), f"/office/calls/{wished.pk}/"
        for to, note in (("answered", "Spoke for an hour."), ("closed", ""), ("answered", "")):
            assert browser.post(page, {"to": to, "note": note}).status_code == 302
            assert Concern.objects.get().state == to
        assert "Spoke for an hour." in words(browser.get(page))
        assert ConcernNote.objects.get().staff == cast.administrator
        assert "cannot become received" in words(browser.post(page, {"to": "received"}, follow=True))

    def test_overdue_is_said(self, cast, wished, now):
        Concern.objects.update(due_on=now.date() - timedelta(days=2))
        assert "Overdue since" in words(signed_in(cast.administrator).get("/office/calls/"))
        assert "wishes" not in words(signed_in(cast.ines).get("/")).lower()
        assert "Wishes: 1 to be called" in words(signed_in(cast.administrator).get("/office/"))

    def test_stays_closed_while_somebody_may_see_the_screen(self, cast, now):
        name_persons(clinic=cast.clinic, staff=[cast.colleague], at=now, actor=SYSTEM)
        wished = people.asks_to_be_called(people.member(cast.couple, "Lea"), now)
        browser = signed_in(cast.colleague)
        pages = ("/office/calls/", f"/office/calls/{wished.pk}/")
        assert [browser.get(page).status_code for page in pages] == [200, 200]
        browser.post("/room-view/")
        for page in pages:
            assert words(browser.get(page)).startswith("This page stays closed")
        assert browser.post("/room-view/", {"alone": "yes", "next": pages[1]}).headers["Location"] == pages[1]
        assert "0190" in words(browser.get(pages[1]))

    def test_number_of_questions_does_not_grow_with_wishes(self, cast, wished, now):
        browser = signed_in(cast.administrator)
        browser.get("/office/calls/")
        one = queries(lambda: browser.get("/office/calls/"))
        for called in ("Karin", "Nils"):
            people.asks_to_be_called(people.member(cast.family, called), now)
        assert queries(lambda: browser.get("/office/calls/")) <= one + 2 * RECORD_OF_A_READING


RECORD_OF_A_READING = 3


class TestTheClinicsPage:
    def post(self, cast, **changed):
        data = {
            "first": "",
            "second": "",
            "third": "",
            "working_days": "3",
            **dict.fromkeys(BODY, ""),
            **changed,
        }
        return signed_in(cast.administrator).post("/office/somebody-else/", data)

    def test_names_people_in_order_each_once(self, cast):
        ben, piet = str(cast.colleague.pk), str(cast.administrator.pk)
        assert self.post(cast, first=ben, second=piet, third=ben, working_days="2").status_code == 302
        named = NamedPerson.objects.order_by("position").values_list("staff_id", flat=True)
        assert list(named) == [cast.colleague.pk, cast.administrator.pk]
        assert ConcernRoute.objects.get().working_days == 2

    def test_what_is_wrong_is_said_and_nothing_is_kept(self, cast):
        reply = self.post(cast, body_name="Ombudsperson")
        assert reply.status_code == 400
        assert "An outside body needs a name and a telephone number, or neither." in words(reply)
        assert NamedPerson.objects.count() == 1

    def test_for_whom_nobody_is_left_is_counted(self, cast):
        self.post(cast, first=str(cast.ines.pk))
        assert "For 6 of the people in open cases nobody" in words(
            signed_in(cast.administrator).get("/office/somebody-else/")
        )


class TestNoTrace:
    """The therapist, a cover and the supervisor, one of whom also runs the clinic: with and without a wish."""

    PAGES = (
        "/",
        "/healthz",
        "/alerts/",
        "/supervised/",
        "/cases/new/",
        "/office/",
        "/office/staff/",
        "/office/somebody-else/",
        "/office/calls/",
        "/office/charter/",
        "/pulse/",
        "/cases/{case}/",
        "/cases/{case}/members/",
        "/cases/{case}/members/1/",
        "/cases/{case}/therapists/",
        "/cases/{case}/ending/",
        "/cases/{case}/encounters/",
        "/cases/{case}/encounters/new/",
        "/encounters/{encounter}/",
        "/encounters/{encounter}/correct/",
        "/links/{occasion}/",
    )

    def seen(self, cast, browsers, lea):
        parts = {"case": cast.couple.pk, "encounter": lea.encounter_id, "occasion": lea.pk}
        found = {}
        for seat, browser in browsers.items():
            for page in self.PAGES:
                reply = browser.get(page.format(**parts))
                found[seat, page] = (reply.status_code, EACH_TIME.sub(b"", reply.content))
        return found

    def test_in_page_count_mail_and_log(self, cast, lea, mailoutbox, caplog):
        client, page, now = Client(), f"{people.link(lea)}speak/", timezone.now()
        today = now.date()
        cast.couple.therapists.create(
            clinic=cast.clinic, therapist=cast.colleague, starts_on=today, part="cover"
        )
        seats = {"ines": cast.ines, "cover": cast.colleague, "supervisor": cast.supervisor}
        for staff in seats.values():
            StaffRole.objects.create(
                clinic=cast.clinic, staff=staff, role=Role.ADMINISTRATOR, starts_on=today - timedelta(days=9)
            )
        # All of them are named as well, behind the one who stands outside.
        name_persons(clinic=cast.clinic, staff=[*seats.values(), cast.administrator], at=now, actor=SYSTEM)
        browsers = {seat: signed_in(staff) for seat, staff in seats.items()}
        tidy(at=now)
        self.seen(cast, browsers, lea)  # looking changes what is new
        before = self.seen(cast, browsers, lea)
        with caplog.at_level(logging.DEBUG):
            caplog.clear()
            client.post(page, given(cast, called=""))
            client.post(page, given(cast))
            tidy(at=timezone.now())
            while send_next(purposes=PURPOSES, worker="test", at=timezone.now()):
                pass
            logged = caplog.text
        # Long past its day: the number must not reach them either.
        assert Concern.objects.update(due_on=today - timedelta(days=30)) == 1
        assert self.seen(cast, browsers, lea) == before
        assert [mail.to for mail in mailoutbox] == [[cast.administrator.user.email]]
        assert not any(word in logged for word in ("speak", "concern", "L.", "0190"))
        for browser in browsers.values():
            assert browser.get(f"/office/calls/{Concern.objects.get().pk}/").status_code == 404
