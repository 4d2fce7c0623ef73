"""The room: entered when a session begins or by hand, left by its viewer's word alone; nothing leaks into it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.models import TherapistPart
from goldseam_web.cases.services import change_encounter
from goldseam_web.measures.models import Answer, Audience
from goldseam_web.measures.services import choose_audience, save_answer
from goldseam_web.measures.services.occasions import end_encounter
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
@kept
def fallen(cast, now):
    """Lea fell at session 8, and nobody has opened it."""
    lea = people.member(cast.couple, "Lea")
    histories.history(cast.couple, cast.ines, lea, [*histories.STEADY, 6.0], now - DAY)
    return cast


@pytest.fixture
@kept
def meeting(fallen, now):
    """The couple is in the room right now; Ines was last alone an hour before."""
    Staff.objects.update(alone_since=now - timedelta(hours=1))
    return people.plan(fallen.couple, fallen.ines, now - 10 * MINUTE, at=now - DAY)


def seat(staff):
    return signed_in(staff, alone=False)


def case_url(case):
    return reverse("dashboard:case", args=[case.id])


class TestEntering:
    def test_when_a_session_begins_that_one_takes_part_in(self, fallen, meeting):
        page = words(seat(fallen.ines).get("/"))
        assert "In session until" in page
        assert "Lea & Tomas Brandt" in page
        for hidden in ("Ruth", "Lindqvist", "strain", "Worth a word", "answered", "rating"):
            assert hidden not in page

    def test_the_co_therapist_of_the_case_is_in_it_too(self, fallen, meeting, now):
        fallen.couple.therapists.create(
            clinic=fallen.clinic,
            therapist=fallen.colleague,
            part=TherapistPart.CO_THERAPIST,
            starts_on=(now - 9 * DAY).date(),
        )
        assert "Possible strain" not in words(seat(fallen.colleague).get(case_url(fallen.couple)))

    @pytest.mark.parametrize("part", [TherapistPart.COVER, TherapistPart.MAIN])
    def test_whoever_looks_from_elsewhere_is_not(self, fallen, meeting, now, part):
        fallen.couple.therapists.create(
            clinic=fallen.clinic, therapist=fallen.colleague, part=part, starts_on=(now - 9 * DAY).date()
        )
        assert "Possible strain" in words(seat(fallen.colleague).get(case_url(fallen.couple)))

    def test_nor_is_the_supervisor(self, fallen, meeting):
        assert "Possible strain" in words(seat(fallen.supervisor).get(case_url(fallen.couple)))

    def test_who_covers_the_session_is_in_it(self, fallen, meeting, now):
        fallen.couple.therapists.create(
            clinic=fallen.clinic,
            therapist=fallen.colleague,
            part=TherapistPart.COVER,
            starts_on=(now - 9 * DAY).date(),
        )
        type(meeting).objects.filter(pk=meeting.pk).update(therapist=fallen.colleague)
        assert "Possible strain" not in words(seat(fallen.colleague).get(case_url(fallen.couple)))

    def test_by_hand_on_any_page(self, fallen):
        client = signed_in(fallen.ines)
        assert "Possible strain" in words(client.get("/"))
        assert client.post("/room-view/", {"alone": "no", "next": "/"}).url == "/"
        page = words(client.get("/"))
        assert "Somebody can see your screen." in page
        assert "Possible strain" not in page
        assert "Brandt" not in page

    def test_by_entering_a_session_that_is_running(self, fallen, now):
        """Nobody had booked it: they came, and she enters it while they are there."""
        client = signed_in(fallen.ines)
        start = (now - 10 * MINUTE).astimezone(ZoneInfo("America/Chicago"))
        given = {"day": start.date().isoformat(), "start": start.strftime("%H:%M"), "minutes": "50"}
        client.post(case_url(fallen.individual) + "encounters/new/", given)
        page = words(client.get("/"))
        assert "Ruth Osei" in page
        assert "Brandt" not in page

    def test_by_hand_between_sessions_names_nobody(self, fallen, meeting, now):
        """Somebody else has come in since: whose session was last is none of their business."""
        end_encounter(encounter=meeting, at=now, actor=people.Actor.staff(fallen.ines.id))
        client = signed_in(fallen.ines)
        client.post("/room-view/", {"alone": "no"})
        assert "Brandt" not in words(client.get("/"))

    def test_a_cancelled_session_has_no_room(self, fallen, meeting):
        type(meeting).objects.update(state="cancelled")
        assert "Possible strain" in words(seat(fallen.ines).get("/"))

    def test_a_session_ahead_has_none_yet(self, fallen, now):
        Staff.objects.update(alone_since=now)
        people.plan(fallen.couple, fallen.ines, now + 10 * MINUTE, at=now)
        assert "Possible strain" in words(seat(fallen.ines).get("/"))


class TestLeaving:
    def test_ending_the_session_does_not_end_it(self, fallen, meeting, now):
        """The couple is still there when the links open, and what they answer arrives on the open screen."""
        client = seat(fallen.ines)
        client.post(f"/encounters/{meeting.id}/end/", {})
        lea = people.asked(meeting, people.member(fallen.couple, "Lea"))
        histories.judge([people.answer(lea, timezone.now(), 8, {"tension": "clearly"})])
        for url in ("/", case_url(fallen.couple), f"/encounters/{meeting.id}/"):
            page = words(client.get(url))
            assert "strain" not in page.lower(), url
            assert "tension" not in page.lower(), url
        assert "The session is over, and you may not be alone yet." in words(client.get("/"))

    def test_ending_it_enters_the_room_again(self, fallen, meeting, now):
        """She had been alone for a minute; now the couple stands before her."""
        client = seat(fallen.ines)
        client.post("/room-view/", {"alone": "yes", "next": "/"})
        assert "Possible strain" in words(client.get("/"))
        client.post(f"/encounters/{meeting.id}/end/", {})
        page = words(client.get("/"))
        assert "Possible strain" not in page
        assert "Lea & Tomas Brandt" in page

    def test_nor_does_the_clock(self, fallen, meeting, now):
        change_encounter(
            encounter=meeting,
            starts_at=now - timedelta(minutes=59),
            minutes=50,
            away=[],
            at=now,
            actor=people.Actor.staff(fallen.ines.id),
        )
        end_encounter(encounter=meeting, at=now, actor=people.Actor.staff(fallen.ines.id))
        assert "Possible strain" not in words(seat(fallen.ines).get("/"))

    def test_nor_does_signing_in_again(self, fallen, meeting):
        seat(fallen.ines).get("/")
        assert "Possible strain" not in words(seat(fallen.ines).get("/"))

    def test_one_word_does_on_all_screens_and_it_is_on_record(self, fallen, meeting):
        here, elsewhere = seat(fallen.ines), seat(fallen.ines)
        assert here.post("/room-view/", {"alone": "yes", "next": "/"}).url == "/"
        for client in (here, elsewhere):
            assert "Possible strain" in words(client.get("/"))
        assert AuditEntry.objects.filter(action="room.left", actor_id=fallen.ines.id).count() == 1

    def test_a_page_with_something_typed_is_told_without_being_led_away(self, fallen, meeting):
        told = {"Goldseam-Curtain": "1"}
        assert seat(fallen.ines).post("/room-view/", {"alone": "yes"}, headers=told).status_code == 204
        signed_out = Client().post("/room-view/", {"alone": "yes"}, headers=told)
        assert (signed_out.status_code, signed_out.url.partition("?")[0]) == (302, "/account/sign-in/")

    def test_until_the_next_session_begins(self, fallen, meeting, now):
        Staff.objects.update(alone_since=now - 5 * MINUTE)
        assert "Possible strain" in words(seat(fallen.ines).get("/"))
        people.plan(fallen.individual, fallen.ines, now - MINUTE, at=now - DAY)
        page = words(seat(fallen.ines).get("/"))
        assert "Ruth Osei" in page
        assert "Brandt" not in page


class TestInTheRoom:
    def test_a_signal_stays_closed_and_unseen(self, fallen, meeting):
        signal = AlertSignal.objects.get(kind="strain")
        client = seat(fallen.ines)
        page = words(client.get(reverse("dashboard:signal", args=[signal.id])))
        assert "stays closed" in page
        assert "Lea" not in page
        assert signal.seen.count() == 0
        assert "stays closed" in words(client.get("/alerts/"))

    def test_the_case_page_of_one_person_shows_what_they_released(self, fallen, now):
        ruth = people.member(fallen.individual, "Ruth")
        earlier = people.meet(fallen.individual, fallen.ines, now - 20 * DAY)
        occasion = people.asked(earlier, ruth)
        at = earlier.ends_at + 5 * MINUTE
        save_answer(occasion=occasion, item="tension", given="clearly", at=at)
        client = signed_in(fallen.ines)
        client.post("/room-view/", {"alone": "no"})
        assert "Yes, clearly" not in words(client.get(case_url(fallen.individual)))
        Answer.objects.filter(response__occasion=occasion, item="tension").update(audience=Audience.ALL)
        assert "Yes, clearly" in words(client.get(case_url(fallen.individual)))

    def test_that_of_a_couple_shows_the_same_whatever_one_of_them_released(self, fallen, meeting, now):
        """A list that fills, or stays empty, would tell one of them what another one said."""
        lea = people.member(fallen.couple, "Lea")
        earlier = people.meet(fallen.couple, fallen.ines, now - 20 * DAY)
        occasion = people.asked(earlier, lea)
        at = earlier.ends_at + 5 * MINUTE
        people.seen_alone(fallen.couple, fallen.ines, now)
        save_answer(occasion=occasion, item="tension", given="clearly", at=at)
        client = seat(fallen.ines)
        before = words(client.get(case_url(fallen.couple)))
        choose_audience(occasion=occasion, audience=Audience.ALL, at=at)
        assert words(client.get(case_url(fallen.couple))) == before

    @pytest.mark.parametrize("page", ["", "members/", "ending/", "encounters/new/"])
    def test_other_cases_are_not_even_named(self, fallen, meeting, page):
        said = words(seat(fallen.ines).get(case_url(fallen.individual) + page))
        assert "stays closed" in said
        assert "Ruth" not in said

    def test_nor_are_their_sessions_and_links(self, fallen, meeting, now):
        other = people.plan(fallen.individual, fallen.ines, now + 3 * DAY, at=now)
        ruth = people.asked(other, people.member(fallen.individual, "Ruth"))
        client = seat(fallen.ines)
        for url in (f"/encounters/{other.id}/", f"/encounters/{other.id}/correct/", f"/links/{ruth.id}/"):
            said = words(client.get(url))
            assert "stays closed" in said, url
            assert "Ruth" not in said, url

    def test_nor_are_the_supervised_cases(self, fallen, now):
        client = signed_in(fallen.supervisor)
        assert "Brandt" in words(client.get("/supervised/"))
        client.post("/room-view/", {"alone": "no"})
        assert "Brandt" not in words(client.get("/supervised/"))


def test_no_title_says_what_was_found_or_of_whom(fallen):
    """Titles stand on tabs beside the one that shows the room, and in what the address line proposes."""
    signal, episode = AlertSignal.objects.get(), Episode.objects.get()
    client = signed_in(fallen.ines)
    titles = {
        f"/signals/{signal.pk}/": "Alert",
        f"/episodes/{episode.pk}/": "Course",
        f"/cases/{fallen.couple.pk}/episodes/new/": "To note",
    }
    for address, said in titles.items():
        page = client.get(address, follow=True).content.decode()
        assert f"<title>{said} · Lea &amp; Tomas Brandt · Goldseam</title>" in page


class TestAnOpenPage:
    """A page that was open before the session began asks every few seconds, and is another one then."""

    def poll(self, client, room=""):
        return client.get("/pulse/", {"since": "0", "page": "caseload", "room": room})

    def test_is_loaded_anew_when_a_session_begins(self, fallen, now):
        client = signed_in(fallen.ines)
        people.plan(fallen.couple, fallen.ines, timezone.now() + timedelta(milliseconds=1), at=now - DAY)
        Staff.objects.update(alone_since=now - MINUTE)
        reply = self.poll(client)
        assert (reply.status_code, reply.headers["HX-Refresh"]) == (204, "true")
        assert reply.headers["Goldseam-Room"]

    def test_and_not_again_once_it_shows_the_room(self, fallen, meeting):
        client = seat(fallen.ines)
        assert f"room={meeting.id.hex}" in client.get("/").content.decode()
        assert "HX-Refresh" not in self.poll(client, room=meeting.id.hex).headers

    def test_and_when_another_screen_said_alone(self, fallen, meeting):
        client = seat(fallen.ines)
        client.post("/room-view/", {"alone": "yes"})
        assert self.poll(client, room=meeting.id.hex).headers["HX-Refresh"] == "true"

    def test_a_poll_brings_no_word_about_the_session_into_the_room(self, fallen, meeting):
        said = self.poll(seat(fallen.ines), room=meeting.id.hex).content.decode()
        assert "Possible strain" not in said
        assert "not opened" not in said
