"""Clients are asked by mail at the right time, once, and only by the way they said is safe."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.models import Phase
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts import readiness
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import CaseKind, MemberRole, NotHeld, WayAsked
from goldseam_web.cases.services import NewMember, Reach
from goldseam_web.cases.services.doubles import merge_people
from goldseam_web.cases.services.person_details import GivenWays, correct_person, set_safe_ways
from goldseam_web.measures.mail_state import REMINDER
from goldseam_web.measures.services import close_unanswered, requests_by_mail, settle_past_encounters
from goldseam_web.measures.services.planned_sessions import cancel_sessions, move_sessions, restore_session
from goldseam_web.measures.services.requests_by_mail import ask_again, queue_requests
from goldseam_web.measures.services.who_is_asked import end_case, pause_member, record_agreement
from goldseam_web.outbox import channels
from goldseam_web.outbox.models import Message, MessageState
from tests.web import people
from tests.web.postbox import send_next
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 10, 12, 9, 0, tzinfo=CHICAGO).astimezone(UTC)
STEP = timedelta(hours=1)


def always(_clinic):
    """Held back by nothing; what holds back is tried below by itself."""
    return True


class Lakeside:
    """A couple in Chicago that comes on Wednesday at ten; both said their mailbox is safe from eight to twenty."""

    def __init__(self):
        self.clinic = people.clinic_called("Lakeside", "America/Chicago", MONDAY)
        self.ines = people.ines_okafor(self.clinic, MONDAY)
        self.case = people.couple(self.ines, MONDAY)
        self.lea, self.tomas = (people.member(self.case, name) for name in ("Lea", "Tomas"))
        self.actor = Actor.staff(self.ines.id)
        self.now = MONDAY
        self.sent = []
        for member in (self.lea, self.tomas):
            self.says(member, by_mail=True)

    def says(self, member, how=WayAsked.ALONE, **ways):
        set_safe_ways(member=member, ways=GivenWays(**ways), how_asked=how, at=self.now, actor=self.actor)

    def plan(self, day, hour=10, minute=0):
        start = datetime(2026, 10, day, hour, minute, tzinfo=CHICAGO)
        return people.plan(self.case, self.ines, start, at=self.now)

    def until(self, day, hour=0, minute=0):
        """Let the worker run every hour until then."""
        end = datetime(2026, 10, day, hour, minute, tzinfo=CHICAGO)
        while self.now < end:
            self.now += STEP
            self.turn()

    def turn(self):
        settle_past_encounters(at=self.now)
        close_unanswered(at=self.now)
        queue_requests(at=self.now, is_ready=always)
        before = len(mail.outbox)
        while send_next(worker="test", at=self.now):
            pass
        clock = self.now.astimezone(CHICAGO).strftime("%a %H:%M")
        self.sent += sorted((clock, m.to[0].split("@")[0]) for m in mail.outbox[before:])


@pytest.fixture
def lakeside(settings):
    settings.GOLDSEAM_MAIL_CONFIGURED = True
    settings.GOLDSEAM_BASE_URL = "https://lakeside.example"
    return Lakeside()


def test_before_and_after_a_session_each_is_asked_once_and_reminded_once(lakeside):
    """Links before open 48 hours ahead, links after at the booked end; a reminder comes half of the time later."""
    lakeside.plan(14)
    lakeside.until(18)
    assert lakeside.sent == [
        ("Mon 10:00", "lea"),
        ("Mon 10:00", "tomas"),
        ("Tue 10:00", "lea"),
        ("Tue 10:00", "tomas"),
        ("Wed 11:00", "lea"),
        ("Wed 11:00", "tomas"),
        ("Thu 11:00", "lea"),
        ("Thu 11:00", "tomas"),
    ]


def test_who_has_answered_is_not_reminded_and_the_other_is(lakeside):
    encounter = lakeside.plan(14)
    lakeside.until(12, 11)
    people.answer(people.asked(encounter, lakeside.lea, Phase.PRE), lakeside.now)
    lakeside.until(14, 10)
    assert lakeside.sent == [("Mon 10:00", "lea"), ("Mon 10:00", "tomas"), ("Tue 10:00", "tomas")]


def test_quiet_hours_are_kept_and_the_morning_brings_it(lakeside):
    """A session that ends at 21:50 is asked about at eight the next day."""
    lakeside.plan(14, 21)
    lakeside.until(14, 12)
    lakeside.sent.clear()
    lakeside.until(15, 9)
    assert lakeside.sent == [("Thu 08:00", "lea"), ("Thu 08:00", "tomas")]


def test_hours_are_those_each_person_named(lakeside):
    lakeside.says(lakeside.lea, by_mail=True, not_before=time(18), not_after=time(19))
    lakeside.plan(14)
    lakeside.until(13)
    assert lakeside.sent == [("Mon 10:00", "tomas"), ("Mon 18:00", "lea")]


def test_a_message_late_by_a_night_without_a_worker_waits_for_the_morning(lakeside):
    lakeside.plan(14, 19, 0)
    lakeside.until(14, 18)
    lakeside.sent.clear()
    lakeside.now = datetime(2026, 10, 14, 19, 55, tzinfo=CHICAGO)
    queue_requests(at=lakeside.now, is_ready=always)
    lakeside.now = datetime(2026, 10, 15, 2, 0, tzinfo=CHICAGO)
    lakeside.until(15, 9)
    assert lakeside.sent == [("Thu 08:00", "lea"), ("Thu 08:00", "tomas")]


@pytest.mark.parametrize(
    "ways", [{"never": True}, {"by_mail": False}, {"by_phone": False, "reminders": True}], ids=str
)
def test_nothing_goes_to_who_did_not_name_mail(lakeside, ways):
    lakeside.says(lakeside.lea, **ways)
    lakeside.plan(14)
    lakeside.until(18)
    assert {name for _, name in lakeside.sent} == {"tomas"}


def test_nothing_goes_to_who_was_not_asked(lakeside):
    lakeside.lea.person.safe_ways.delete()
    lakeside.plan(14)
    lakeside.until(18)
    assert {name for _, name in lakeside.sent} == {"tomas"}


def test_without_reminders_there_is_one_message_each_time(lakeside):
    lakeside.says(lakeside.lea, by_mail=True, reminders=False)
    lakeside.plan(14)
    lakeside.until(18)
    assert [when for when, name in lakeside.sent if name == "lea"] == ["Mon 10:00", "Wed 11:00"]


class TestWhatChangesAfterwards:
    def test_moved_before_it_was_asked(self, lakeside):
        encounter = lakeside.plan(14)
        start = datetime(2026, 10, 16, 10, 0, tzinfo=CHICAGO)
        move_sessions(
            encounter=encounter, reach=Reach.ONE, starts_at=start, minutes=50, away=[],
            at=lakeside.now, actor=lakeside.actor,
        )  # fmt: skip
        lakeside.until(15)
        assert lakeside.sent == [("Wed 10:00", "lea"), ("Wed 10:00", "tomas")]

    def test_moved_while_its_message_waits(self, lakeside):
        """Queued in the night for the morning; by then the session is a week later."""
        encounter = lakeside.plan(14, 7)
        lakeside.now = datetime(2026, 10, 12, 7, 0, tzinfo=CHICAGO)
        assert queue_requests(at=lakeside.now, is_ready=always) == 2
        start = datetime(2026, 10, 21, 7, 0, tzinfo=CHICAGO)
        move_sessions(
            encounter=encounter, reach=Reach.ONE, starts_at=start, minutes=50, away=[],
            at=lakeside.now, actor=lakeside.actor,
        )  # fmt: skip
        lakeside.until(21)
        assert lakeside.sent == [
            ("Mon 08:00", "lea"), ("Mon 08:00", "tomas"), ("Tue 08:00", "lea"), ("Tue 08:00", "tomas"),
        ]  # fmt: skip
        states = Message.objects.values_list("state", flat=True)
        assert sorted(states) == [MessageState.CANCELLED] * 2 + [MessageState.SENT] * 4

    def test_moved_after_it_was_asked_nobody_is_asked_twice(self, lakeside):
        encounter = lakeside.plan(14)
        lakeside.until(12, 11)
        start = datetime(2026, 10, 15, 10, 0, tzinfo=CHICAGO)
        move_sessions(
            encounter=encounter, reach=Reach.ONE, starts_at=start, minutes=50, away=[],
            at=lakeside.now, actor=lakeside.actor,
        )  # fmt: skip
        lakeside.until(15, 10)
        assert [when for when, name in lakeside.sent if name == "lea"] == ["Mon 10:00", "Wed 10:00"]
        assert Message.objects.filter(purpose=REMINDER, person=lakeside.lea.person).count() == 1

    def test_cancelled_and_taken_back(self, lakeside):
        encounter = lakeside.plan(14)
        cancel_sessions(
            encounter=encounter, reach=Reach.ONE, because=NotHeld.BY_CLIENT,
            at=lakeside.now, actor=lakeside.actor,
        )  # fmt: skip
        lakeside.until(13)
        assert lakeside.sent == []
        restore_session(encounter=encounter, at=lakeside.now, actor=lakeside.actor)
        lakeside.until(14)
        assert [when for when, name in lakeside.sent if name == "lea"] == ["Tue 08:00", "Tue 10:00"]

    @pytest.mark.parametrize("stop", ["pause", "withdraw", "end", "never"])
    def test_what_waits_is_not_sent_to_who_may_not_be_asked_any_more(self, lakeside, stop):
        lakeside.plan(14, 7)
        lakeside.now = datetime(2026, 10, 12, 7, 0, tzinfo=CHICAGO)
        assert queue_requests(at=lakeside.now, is_ready=always) == 2
        facts = {"at": lakeside.now, "actor": lakeside.actor}
        if stop == "pause":
            pause_member(member=lakeside.lea, paused=True, **facts)
        elif stop == "withdraw":
            record_agreement(member=lakeside.lea, to_be_asked=False, way=ConsentWay.TOLD_STAFF, **facts)
        elif stop == "end":
            end_case(case=lakeside.case, ending="planned", **facts)
        else:
            lakeside.says(lakeside.lea, never=True)
        lakeside.until(18)
        assert "lea" not in {name for _, name in lakeside.sent}

    def test_a_new_address_gets_nothing_until_they_were_asked_again(self, lakeside):
        correct_person(
            member=lakeside.lea, called="Lea", family_name="Brandt", email="new@example.org", phone="",
            at=lakeside.now, actor=lakeside.actor,
        )  # fmt: skip
        encounter = lakeside.plan(14)
        lakeside.until(12, 11)
        assert {name for _, name in lakeside.sent} == {"tomas"}
        lakeside.lea = people.member(lakeside.case, "Lea")
        lakeside.says(lakeside.lea, by_mail=True)
        lakeside.until(14)
        assert ("Mon 12:00", "new") in lakeside.sent
        assert people.asked(encounter, lakeside.lea, Phase.PRE)

    def test_of_two_entries_made_one_what_waits_goes_where_the_one_is_reached(self, lakeside):
        """Queued in the night for the entry that is no more; its address is not known to be safe any longer."""
        lakeside.plan(14, 7)
        lakeside.now = datetime(2026, 10, 12, 7, 0, tzinfo=CHICAGO)
        assert queue_requests(at=lakeside.now, is_ready=always) == 2
        names = [NewMember("Lea", "Brandt", email="new@example.org")]
        kept = people.member(people.case(lakeside.ines, CaseKind.INDIVIDUAL, names, MONDAY), "Lea")
        lakeside.says(kept, by_mail=True)
        ines = viewer_of(lakeside.ines.user, at=lakeside.now)
        merge_people(viewer=ines, member=kept, other=lakeside.lea, at=lakeside.now)
        lakeside.until(12, 12)
        assert {name for _, name in lakeside.sent} == {"new", "tomas"}


class TestAddress:
    def test_a_mailbox_of_somebody_else_in_the_case_is_no_safe_way(self, lakeside):
        with pytest.raises(ValidationError, match="mailbox of their own"):
            correct_person(
                member=lakeside.lea, called="Lea", family_name="Brandt", email="Tomas+us@example.org", phone="",
                at=lakeside.now, actor=lakeside.actor,
            )  # fmt: skip

    def test_a_mailbox_shared_since_the_case_was_opened_is_no_safe_way(self, lakeside):
        shared = [
            NewMember(name, "Berg", MemberRole.PARTNER, email="bergs@example.org", phone=f"+1 312 555 010{k}")
            for k, name in enumerate(("Ada", "Bo"))
        ]
        case = people.case(lakeside.ines, lakeside.case.kind, shared, MONDAY)
        with pytest.raises(ValidationError, match="this mailbox too"):
            lakeside.says(people.member(case, "Ada"), by_mail=True)

    def test_a_refused_address_is_not_tried_again_by_itself_and_by_hand_once(self, lakeside, monkeypatch):
        encounter = lakeside.plan(14)
        refused = []

        def refuse(message, _letter):
            refused.append(message)
            raise channels.PermanentError

        monkeypatch.setitem(channels.CHANNELS, "email", refuse)
        lakeside.until(13)
        assert len(refused) == 2
        occasion = people.asked(encounter, lakeside.lea, Phase.PRE)
        ask_again(occasion=occasion, at=lakeside.now, actor=lakeside.actor)
        with pytest.raises(ValidationError, match="under way"):
            ask_again(occasion=occasion, at=lakeside.now, actor=lakeside.actor)


def test_one_request_that_cannot_be_read_stops_no_other(lakeside, monkeypatch):
    """The worker also sends what therapists have to hear: nothing about one client may stop its round."""
    lakeside.plan(14)
    lakeside.now = datetime(2026, 10, 12, 10, 0, tzinfo=CHICAGO)
    whole = requests_by_mail.mail_address

    def address(person):
        if person.pk == lakeside.lea.person_id:
            raise ValueError
        return whole(person)

    monkeypatch.setattr(requests_by_mail, "mail_address", address)
    lakeside.turn()
    assert lakeside.sent == [("Mon 10:00", "tomas")]


class TestInstall:
    def test_nothing_is_sent_while_links_open_on_this_machine_alone(self, lakeside, settings):
        settings.GOLDSEAM_BASE_URL = "http://127.0.0.1:8000"
        lakeside.plan(14)
        lakeside.until(18)
        assert Message.objects.count() == 0

    def test_nothing_is_queued_without_a_mail_server(self, lakeside, settings):
        settings.GOLDSEAM_MAIL_CONFIGURED = False
        lakeside.plan(14)
        lakeside.until(18)
        assert Message.objects.count() == 0

    def test_a_clinic_that_is_not_ready_sends_nothing_and_begins_where_it_is(self, lakeside):
        lakeside.plan(14)
        lakeside.now += STEP
        assert queue_requests(at=lakeside.now, is_ready=lambda clinic: clinic != lakeside.clinic) == 0
        assert queue_requests(at=lakeside.now, is_ready=always) == 2


def test_a_message_says_nothing_of_what_it_is_about_and_holds_one_link(lakeside):
    encounter = lakeside.plan(14)
    lakeside.until(12, 11)
    [letter] = [m for m in mail.outbox if m.to == ["lea@example.org"]]
    text = f"{letter.subject}\n{letter.body}"
    assert f"https://lakeside.example{people.link(people.asked(encounter, lakeside.lea, Phase.PRE))}" in text
    assert "works until Wednesday, 14 October, 10:00" in text
    assert text.count("http") == 1
    for word in ("therap", "session", "Lea", "Tomas", "Brandt", "Ines", "couple", "clinic"):
        assert word not in text


@pytest.mark.parametrize(("name", "shown"), [("Lakeside", True), ("Lakeside Couples Therapy", False)])
def test_the_name_of_the_clinic_is_signed_only_where_it_tells_nothing(lakeside, name, shown):
    lakeside.clinic.name = name
    lakeside.clinic.save()
    lakeside.plan(14)
    lakeside.until(12, 11)
    assert (name in mail.outbox[0].body) == shown


class TestPages:
    """The therapist keeps safe ways, sees what became of each mail, and what to do where one did not arrive."""

    @pytest.fixture(autouse=True)
    def _reached(self, settings):
        settings.GOLDSEAM_MAIL_CONFIGURED = True
        settings.GOLDSEAM_BASE_URL = "https://lakeside.example"
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "lakeside.example"]

    @pytest.fixture(autouse=True)
    def ready(self, monkeypatch):
        """What a clinic needs before it asks is told in test_office_set_up."""
        monkeypatch.setattr(readiness, "what_asking_needs", lambda _clinic, at: [])

    def test_ways_are_kept_with_how_they_were_asked(self, cast):
        lea = people.member(cast.couple, "Lea")
        url = reverse("dashboard:person", args=[cast.couple.pk, lea.position])
        client = signed_in(cast.ines)
        assert "Not asked yet" in words(client.get(url))
        given = {"by_mail": "on", "not_before": "09:00", "not_after": "17:00"}
        refused = client.post(url, given)
        assert refused.status_code == 400
        assert "Say how they were asked" in words(refused)
        client.post(url, {**given, "how_asked": "alone"})
        ways = people.member(cast.couple, "Lea").person.safe_ways
        assert (ways.by_mail, ways.reminders, ways.not_before) == (True, False, time(9))

    def test_the_first_time_they_cannot_have_been_asked_by_the_old_way(self, cast):
        url = reverse("dashboard:person", args=[cast.couple.pk, 1])
        given = {"by_mail": "on", "not_before": "09:00", "not_after": "17:00", "how_asked": "old_way"}
        response = signed_in(cast.ines).post(url, given)
        assert response.status_code == 400
        assert "No way was safe until now" in words(response)

    def test_a_member_whose_record_was_erased_has_no_such_page(self, cast):
        people.member(cast.couple, "Tomas").person.identity.delete()
        url = reverse("dashboard:person", args=[cast.couple.pk, 2])
        assert signed_in(cast.ines).get(url).status_code == 404
        assert signed_in(cast.ines).post(url, {"called": "Tomas"}).status_code == 404

    def test_a_name_and_a_number_are_put_right(self, cast):
        url = reverse("dashboard:person", args=[cast.couple.pk, 1])
        given = {
            "called": "Léa",
            "family_name": "Brandt",
            "email": "lea@example.org",
            "phone": "+1 312 555 0199",
        }
        signed_in(cast.ines).post(url, given)
        assert people.member(cast.couple, "Léa").person.contacts.count() == 2

    @pytest.fixture
    def failed(self, cast, now, monkeypatch):
        """A mail to Lea about the session of an hour ago was refused."""
        lea = people.member(cast.couple, "Lea")
        ways = GivenWays(by_mail=True, not_before=time(0), not_after=time(23, 59, 59))
        set_safe_ways(
            member=lea, ways=ways, how_asked=WayAsked.ALONE, at=now, actor=Actor.staff(cast.ines.id)
        )
        encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))

        def refuse(_message, _letter):
            raise channels.PermanentError

        monkeypatch.setitem(channels.CHANNELS, "email", refuse)
        assert queue_requests(at=now, is_ready=always) == 1
        send_next(worker="test", at=now)
        return encounter

    def test_who_was_not_reached_is_a_list_with_a_next_step(self, cast, failed):
        client = signed_in(cast.ines)
        assert "A mail to Lea could not be delivered." in words(client.get("/"))
        assert "could not be delivered: is the address right?" in words(
            client.get(reverse("dashboard:encounter", args=[failed.pk]))
        )
        office = words(signed_in(cast.administrator).get("/office/"))
        assert "1 to clients did not arrive" in office
        assert not re.search(r"\bLea\b|Brandt", office)

    def test_of_a_clinic_that_is_not_ready_nothing_leaves_by_hand_either(self, cast, failed, monkeypatch):
        missing = readiness.Need("charter of use", "nobody has agreed", is_met=False)
        monkeypatch.setattr(readiness, "what_asking_needs", lambda _clinic, at: [missing])
        asked = people.asked(failed, people.member(cast.couple, "Lea"))
        client = signed_in(cast.ines)
        before = Message.objects.count()
        page = client.post(reverse("dashboard:send_mail", args=[asked.pk]), follow=True)
        assert "Nothing was sent: your clinic is not ready to ask by mail." in words(page)
        assert Message.objects.count() == before
        tomas = client.get(reverse("dashboard:encounter", args=[failed.pk]))
        assert "no mail: " in words(tomas)

    def test_sent_again_by_hand_the_list_is_empty(self, cast, failed, monkeypatch, now):
        monkeypatch.setitem(channels.CHANNELS, "email", lambda _message, _letter: None)
        occasion = people.asked(failed, people.member(cast.couple, "Lea"))
        client = signed_in(cast.ines)
        client.post(reverse("dashboard:send_mail", args=[occasion.pk]))
        while send_next(worker="test", at=timezone.now()):
            pass
        assert "could not be delivered" not in words(client.get("/"))

    def test_in_the_room_nothing_is_said_of_mails(self, cast, failed):
        client = signed_in(cast.ines, alone=False)
        page = words(client.get(reverse("dashboard:encounter", args=[failed.pk])))
        assert "mail" not in page.lower()
        assert "mail" not in words(client.get("/")).lower()
