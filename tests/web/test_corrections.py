"""What was entered wrongly is put right by whoever entered it; what stood there before stays on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import EncounterState, Ending, Presence
from goldseam_web.cases.queries import SessionNumbers, appointments_of, caseload, sessions_of
from goldseam_web.measures.models import EvaluationJob, JobState, OccasionState
from goldseam_web.measures.services import close_unanswered, settle_past_encounters
from goldseam_web.measures.services.occasions import correct_encounter, end_encounter
from goldseam_web.measures.services.who_is_asked import end_case, take_back_end
from tests.web import people
from tests.web.histories import work_off
from tests.web.staff_pages import signed_in, words
from tests.web.test_dashboard_forms import COUPLE, plan_url

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")


def corrected(encounter, now, **given):
    """Put right what is given; the rest stays."""
    stands = {
        "starts_at": encounter.starts_at,
        "minutes": round((encounter.ends_at - encounter.starts_at).total_seconds() / 60),
        "away": [],
        "at": now,
        "actor": Actor.staff(encounter.therapist_id),
    }
    return correct_encounter(encounter=encounter, **{**stands, **given})


def link_opens(occasion):
    """Whether a client finds the questions behind a link."""
    return "1 of" in words(Client().get(f"{people.link(occasion)}1/"))


class TestAttendance:
    @pytest.fixture
    def ended(self, brandts, now):
        """Lea was there; Tomas was ticked away, and had been there."""
        ines, case, _, tomas = brandts
        return people.meet(case, ines, now - timedelta(hours=1), away=[tomas])

    def test_ticked_away_by_mistake_his_link_lives_again(self, ended, brandts, now):
        *_, tomas = brandts
        link = people.asked(ended, tomas)
        assert link.state == OccasionState.CANCELLED
        assert not link_opens(link)
        corrected(ended, now)
        assert ended.attendance.get(member=tomas).presence == Presence.ATTENDED
        alive = people.asked(ended, tomas)
        assert (alive.pk, alive.nonce, alive.state) == (link.pk, link.nonce, OccasionState.WAITING)
        assert link_opens(link)

    def test_saying_once_more_who_was_away_revives_it_too(self, ended, brandts, now):
        *_, tomas = brandts
        link = people.asked(ended, tomas)
        end_encounter(encounter=ended, at=now, actor=Actor.staff(ended.therapist_id), away=[])
        assert link_opens(link)

    def test_what_he_then_answers_is_a_rating_of_that_session(self, ended, brandts, now):
        *_, tomas = brandts
        corrected(ended, now)
        people.answer(people.asked(ended, tomas), now, level=3)
        work_off(now)
        assert list(sessions_of(tomas)) == [1]
        assert tomas.series.get(scale="self_therapist").evaluations.get(criterion="predictive").value == 3

    def test_who_was_away_is_on_record_each_time(self, ended, brandts, now):
        _, _, lea, tomas = brandts
        end_encounter(encounter=ended, at=now, actor=Actor.staff(ended.therapist_id), away=[lea])
        entries = AuditEntry.objects.filter(action="encounter.hold", object_id=str(ended.id)).order_by("pk")
        assert [entry.details["away"] for entry in entries] == [[str(tomas.id)], [str(lea.id)]]

    def test_who_came_though_not_expected_is_asked(self, brandts, now):
        ines, case, _, tomas = brandts
        encounter = people.plan(
            case, ines, now - timedelta(minutes=50), at=now - timedelta(days=1), away=[tomas]
        )
        assert not encounter.occasions.filter(respondent=tomas).exists()
        end_encounter(encounter=encounter, at=now, actor=Actor.staff(ines.id), away=[])
        assert link_opens(people.asked(encounter, tomas))

    def test_who_was_away_after_all_is_asked_no_more(self, ended, brandts, now):
        _, _, lea, tomas = brandts
        corrected(ended, now, away=[lea, tomas])
        assert {o.state for o in ended.occasions.filter(respondent__isnull=False)} == {
            OccasionState.CANCELLED
        }
        assert not link_opens(people.asked(ended, lea))

    def test_who_has_left_or_paused_is_not_asked_after_all(self, ended, brandts, now):
        *_, tomas = brandts
        tomas.paused_on = now.date()
        tomas.save()
        corrected(ended, now)
        assert people.asked(ended, tomas).state == OccasionState.CANCELLED

    def test_ratings_are_judged_anew_when_somebody_was_not_there(self, ended, brandts, now):
        _, _, lea, _ = brandts
        people.answer(people.asked(ended, lea), now, given={"tension": "clearly"})
        work_off(now)
        corrected(ended, now, away=[lea])
        assert EvaluationJob.objects.get(response__occasion__respondent=lea).state == JobState.PENDING

    def test_settling_at_the_same_moment_keeps_who_was_away(self, brandts, now):
        ines, case, _, tomas = brandts
        encounter = people.plan(case, ines, now - timedelta(minutes=50), at=now - timedelta(days=1))
        end_encounter(encounter=encounter, at=now, actor=Actor.staff(ines.id), away=[tomas])
        assert settle_past_encounters(at=now) == 0
        assert encounter.attendance.get(member=tomas).presence == Presence.AWAY


class TestTimes:
    def test_a_wrong_day_is_put_right_and_the_windows_follow(self, ruth, now):
        """A week too early: nobody could answer in time. Put right, the link is open for two days from the end."""
        ines, case, member = ruth
        encounter = people.meet(case, ines, now - timedelta(days=7, hours=1))
        close_unanswered(at=now)
        occasion = people.asked(encounter, member)
        assert occasion.state == OccasionState.UNANSWERED
        corrected(encounter, now, starts_at=encounter.starts_at + timedelta(days=7))
        occasion.refresh_from_db()
        assert occasion.state == OccasionState.WAITING
        assert (occasion.opens_at, occasion.closes_at) == (
            now - timedelta(hours=1),
            now + timedelta(hours=47),
        )
        assert link_opens(occasion)

    def test_what_was_put_right_stays_on_record(self, brandts, now):
        ines, case, _, tomas = brandts
        encounter = people.meet(case, ines, now - timedelta(hours=1), away=[tomas])
        start, end = encounter.starts_at, encounter.ends_at
        corrected(encounter, now, starts_at=start - timedelta(minutes=10), minutes=45)
        entry = AuditEntry.objects.get(action="encounter.correct", object_id=str(encounter.id))
        assert entry.actor_id == ines.id
        assert entry.details == {
            "before": {
                "state": "held",
                "starts_at": start.isoformat(),
                "ends_at": end.isoformat(),
                "away": [str(tomas.id)],
            },
            "after": {
                "state": "held",
                "starts_at": (start - timedelta(minutes=10)).isoformat(),
                "ends_at": (start + timedelta(minutes=35)).isoformat(),
                "away": [],
            },
        }

    def test_the_window_of_the_session_before_ends_where_this_one_now_begins(self, ruth, now):
        ines, case, member = ruth
        earlier = people.meet(case, ines, now - timedelta(days=1))
        later = people.plan(case, ines, now + timedelta(days=3), at=now)
        corrected(later, now, starts_at=now + timedelta(hours=3))
        assert people.asked(earlier, member).closes_at == now + timedelta(hours=3)
        corrected(later, now, starts_at=now + timedelta(days=3))
        assert people.asked(earlier, member).closes_at == earlier.ends_at + timedelta(hours=48)

    def test_ended_by_mistake_and_moved_ahead_it_is_planned_again(self, ruth, now):
        ines, case, member = ruth
        encounter = people.meet(case, ines, now - timedelta(minutes=1))
        after = corrected(encounter, now, starts_at=now + timedelta(days=2))
        assert after.state == EncounterState.PLANNED
        assert after.attendance.get().presence == Presence.EXPECTED
        assert not link_opens(people.asked(encounter, member))

    def test_not_once_it_was_answered_about(self, ruth, now):
        ines, case, member = ruth
        encounter = people.meet(case, ines, now - timedelta(hours=1))
        people.answer(people.asked(encounter, member), now)
        with people.refused("This session has been answered about, so it cannot lie ahead."):
            corrected(encounter, now, starts_at=now + timedelta(days=2))

    def test_not_onto_another_session(self, ruth, now):
        ines, case, _ = ruth
        other = people.plan(case, ines, now + timedelta(days=1), at=now)
        encounter = people.plan(case, ines, now + timedelta(days=2), at=now)
        start, end = (f"{at.astimezone(CHICAGO):%H:%M}" for at in (other.starts_at, other.ends_at))
        with people.refused(
            f"There is already a session of this case at that time, from {start} to {end}; choose another time."
        ):
            corrected(encounter, now, starts_at=other.starts_at + timedelta(minutes=20))

    def test_no_number_changes_when_an_earlier_session_is_ended_later(self, ruth, now):
        ines, case, _ = ruth
        viewer = viewer_of(ines.user, at=now)
        planned = now - timedelta(days=9)
        first = people.plan(case, ines, now - timedelta(hours=3), at=planned)
        second = people.plan(case, ines, now - timedelta(hours=1), at=planned)

        def numbers():
            return SessionNumbers.of(list(appointments_of(viewer, [case])))

        end_encounter(encounter=second, at=now, actor=viewer.actor)
        assert numbers()[second.id] == 2
        end_encounter(encounter=first, at=now, actor=viewer.actor)
        assert (numbers()[first.id], numbers()[second.id]) == (1, 2)


class TestPages:
    @pytest.fixture
    def encounter(self, cast, now):
        return people.meet(cast.couple, cast.ines, now - timedelta(hours=1))

    def url(self, encounter):
        return reverse("dashboard:correct_encounter", args=[encounter.id])

    def test_the_session_leads_to_it_and_it_shows_what_stands(self, cast, encounter):
        client = signed_in(cast.ines)
        page = client.get(reverse("dashboard:encounter", args=[encounter.id]))
        assert self.url(encounter) in page.content.decode()
        html = client.get(self.url(encounter)).content.decode()
        start = encounter.starts_at.astimezone(CHICAGO)
        for value in (f"{start:%Y-%m-%d}", f"{start:%H:%M}", "50"):
            assert f'value="{value}"' in html
        assert "style=" not in html

    def test_it_is_saved_and_said(self, cast, encounter):
        tomas = people.member(cast.couple, "Tomas")
        start = encounter.starts_at.astimezone(CHICAGO)
        given = {
            "day": f"{start:%Y-%m-%d}",
            "start": f"{start:%H:%M}",
            "minutes": "37",
            "away": str(tomas.id),
        }
        response = signed_in(cast.ines).post(self.url(encounter), given, follow=True)
        assert "The session is corrected." in words(response)
        encounter.refresh_from_db()
        assert encounter.ends_at - encounter.starts_at.replace(second=0) == timedelta(minutes=37)
        assert encounter.attendance.get(member=tomas).presence == Presence.AWAY

    @pytest.mark.parametrize("year", [1926, 2206, 9999])
    def test_no_year_that_cannot_be_meant(self, year, cast, encounter):
        given = {"day": f"{year}-12-31", "start": "23:50", "minutes": "50"}
        client = signed_in(cast.ines)
        first = {f"session-{name}": value for name, value in given.items()}
        for url, form in (
            (self.url(encounter), given),
            (plan_url(cast.couple), given),
            (reverse("dashboard:new_case"), COUPLE | first),
        ):
            response = client.post(url, form)
            assert response.status_code == 400
            assert (
                f"31 December {year} given; a session lies at most two years before or after today."
                in words(response)
            )
            assert 'day">31 December' in response.content.decode(), "the error leads to its field"
        assert cast.couple.encounters.count() == 1
        assert not people.cases_of("Mara").exists()

    @pytest.mark.parametrize("minutes", ["", "4", "481", "an hour"])
    def test_no_length_that_cannot_be(self, minutes, cast, encounter):
        given = {"day": "2026-11-26", "start": "09:00", "minutes": minutes}
        response = signed_in(cast.ines).post(self.url(encounter), given)
        assert response.status_code == 400
        assert 'href="#id_minutes"' in response.content.decode()

    def test_somebody_of_another_case_cannot_be_ticked(self, cast, encounter):
        ruth = people.member(cast.individual, "Ruth")
        given = {"day": "2026-11-26", "start": "09:00", "minutes": "50", "away": str(ruth.id)}
        assert signed_in(cast.ines).post(self.url(encounter), given).status_code == 404

    def test_a_cancelled_session_has_none(self, cast, encounter):
        encounter.state = EncounterState.CANCELLED
        encounter.save()
        assert signed_in(cast.ines).get(self.url(encounter)).status_code == 404


def shown_key(client, url="/cases/new/", **query):
    html = client.get(url, query).content.decode()
    return html.split('name="form_key" value="')[1].split('"')[0]


class TestOpenedTwice:
    def opened(self):
        return people.cases_of("Mara")

    def test_a_form_sent_twice_opens_one_case(self, cast):
        client = signed_in(cast.ines)
        form = COUPLE | {"form_key": shown_key(client, kind="couple")}
        addresses = {client.post("/cases/new/", form).url for _ in range(2)}
        assert addresses == {reverse("dashboard:case", args=[self.opened().get().id])}

    @pytest.mark.django_db(transaction=True)
    def test_also_at_the_same_moment(self, cast, now):
        clients = [signed_in(cast.ines) for _ in range(4)]
        session = {"session-day": (now + timedelta(days=3)).date().isoformat(), "session-start": "15:30"}
        form = COUPLE | session | {"form_key": shown_key(clients[0], kind="couple")}
        start = Barrier(len(clients))

        def send(client):
            start.wait(timeout=30)
            try:
                return client.post("/cases/new/", form).url
            finally:
                connection.close()

        with ThreadPoolExecutor(len(clients)) as pool:
            addresses = set(pool.map(send, clients))
        case = self.opened().get()
        assert addresses == {reverse("dashboard:case", args=[case.id])}
        assert (case.members.count(), case.encounters.count()) == (2, 1)

    def test_back_and_again_is_told_that_the_case_is_there(self, cast):
        client = signed_in(cast.ines)
        first = client.post("/cases/new/", COUPLE | {"form_key": shown_key(client)}).url
        again = client.post("/cases/new/", COUPLE | {"form_key": shown_key(client)})
        assert again.status_code == 400
        assert first in again.content.decode()
        assert "You have a case with Mara Quist & Jon already" in words(again)
        assert self.opened().count() == 1

    def test_unless_it_is_another_one(self, cast):
        client = signed_in(cast.ines)
        said = {"another": "yes", "member-0-same": "new", "member-1-same": "new"}
        for _ in range(2):
            client.post("/cases/new/", COUPLE | said | {"form_key": shown_key(client)})
        assert self.opened().count() == 2

    def test_a_key_of_somebody_else_is_none(self, cast):
        key = shown_key(signed_in(cast.colleague))
        signed_in(cast.colleague).post("/cases/new/", COUPLE | {"form_key": key})
        signed_in(cast.ines).post("/cases/new/", COUPLE | {"form_key": key})
        assert {case.therapists.get().therapist for case in self.opened()} == {cast.ines, cast.colleague}

    def test_a_session_planned_by_a_double_click_is_one(self, cast, now):
        client = signed_in(cast.ines)
        given = {"day": (now + timedelta(days=5)).date().isoformat(), "start": "09:00", "minutes": "50"}
        given["form_key"] = shown_key(client, plan_url(cast.couple))
        addresses = {client.post(plan_url(cast.couple), given).url for _ in range(2)}
        assert addresses == {reverse("dashboard:encounter", args=[cast.couple.encounters.get().id])}


class TestOpenedInError:
    @pytest.fixture
    def planned(self, cast, now):
        return people.plan(cast.couple, cast.ines, now + timedelta(days=1), at=now)

    def link(self, planned):
        return people.asked(planned, people.member(planned.case, "Lea"), "pre")

    def test_it_leaves_the_caseload_and_its_links_die(self, cast, planned, now):
        viewer = viewer_of(cast.ines.user, at=now)
        end_case(case=cast.couple, ending=Ending.OPENED_IN_ERROR, at=now, actor=viewer.actor)
        assert cast.couple not in caseload(viewer)
        planned.refresh_from_db()
        assert planned.state == EncounterState.CANCELLED
        assert not link_opens(self.link(planned))
        assert AuditEntry.objects.filter(action="case.close", actor_id=cast.ines.id).exists()

    def test_taken_back_everything_stands_as_before(self, cast, planned, now):
        viewer = viewer_of(cast.ines.user, at=now)
        link = self.link(planned)
        end_case(case=cast.couple, ending=Ending.OPENED_IN_ERROR, at=now, actor=viewer.actor)
        take_back_end(case=cast.couple, at=now, actor=viewer.actor)
        assert cast.couple in caseload(viewer)
        planned.refresh_from_db()
        assert (planned.state, planned.cancelled_reason) == (EncounterState.PLANNED, "")
        assert (self.link(planned).pk, self.link(planned).state) == (link.pk, OccasionState.WAITING)
        assert link_opens(link)

    def test_not_once_somebody_has_answered(self, cast, planned, now):
        people.answer(self.link(planned), now)
        with people.refused("Questions were answered in this case, so it was not opened in error."):
            end_case(case=cast.couple, ending=Ending.OPENED_IN_ERROR, at=now, actor=Actor.staff(cast.ines.id))
        planned.refresh_from_db()
        assert planned.state == EncounterState.PLANNED

    def test_from_the_case_page_there_and_back(self, cast, planned):
        client = signed_in(cast.ines)
        url = reverse("dashboard:ending", args=[cast.couple.id])
        assert url in client.get(reverse("dashboard:case", args=[cast.couple.id])).content.decode()
        page = client.post(url, {"ending": "opened_in_error"}, follow=True)
        assert "The case has ended." in words(page)
        page = client.post(url, {"act": "reopen"}, follow=True)
        assert "The case is open again" in words(page)

    def test_taking_back_what_was_not_marked_is_refused(self, cast, now):
        with people.refused("This case has not ended."):
            take_back_end(case=cast.couple, at=now, actor=Actor.staff(cast.ines.id))
