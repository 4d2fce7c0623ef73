"""Nobody stays unheard: a finding has an owner, and whoever comes to be one is written to."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.accounts.services import add_supervision, name_lead
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.models import Acknowledgement, AlertSignal
from goldseam_web.alerts.queries import ended_with_news, signals_of
from goldseam_web.alerts.services import acknowledge, evaluate, open_alert, tidy
from goldseam_web.alerts.services.alert_messages import escalate_not_taken_up, escalate_unseen, tell_unheard
from goldseam_web.cases.models import Case, TherapistPart
from goldseam_web.measures.models import Response
from goldseam_web.outbox.models import Message, MessageState
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.postbox import send_next
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
@kept
def case(ines, now):
    return people.individual(ines, now)


@pytest.fixture
def judge(case, ines, now):
    """A client's own word about a first session, judged when called."""
    [encounter] = histories.sessions(case, ines, 1, now)
    response = histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
    return lambda: evaluate(response=response, at=now)


@pytest.fixture
def una(ines, now):
    """She leads the clinic; nobody supervises Ines by name."""
    una = people.staff(ines.clinic, "Una Lead", [Role.SUPERVISOR], now)
    name_lead(lead=una, at=now)
    return una


def told():
    return sorted(Message.objects.values_list("staff__full_name", "purpose"))


def nobody_treats(case, now):
    case.therapists.update(ends_on=now.date() - 7 * DAY)


class TestTheLead:
    def test_must_be_a_supervisor_who_works_here(self, ines, now):
        with people.refused("Ines Okafor does not work here as a supervisor today; a clinic's lead is one."):
            name_lead(lead=ines, at=now)

    def test_hears_of_what_nobody_opened_where_nobody_supervises(self, judge, una, now):
        judge()
        escalate_unseen(at=now + DAY)
        assert told() == [("Ines Okafor", "raised"), ("Una Lead", "escalated")]
        assert message_report(at=now + DAY).unheard == 0

    def test_hears_of_a_case_that_nobody_treats(self, case, judge, una, now):
        nobody_treats(case, now)
        judge()
        assert told() == [("Una Lead", "raised")]
        assert message_report(at=now).unheard == 0

    def test_is_nobody_where_somebody_supervises(self, judge, una, ines, now):
        marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=now.date() - DAY, at=now)
        judge()
        escalate_unseen(at=now + DAY)
        assert told() == [("Ines Okafor", "raised"), ("Marta Lind", "escalated")]

    def test_does_not_supervise_herself(self, una, now):
        una.roles.create(clinic=una.clinic, role=Role.THERAPIST, starts_on=now.date() - DAY)
        assert una.pk not in viewer_of(una.user, at=now).supervised

    def test_is_nobody_once_she_has_left(self, case, judge, una, now):
        nobody_treats(case, now)
        Staff.objects.filter(pk=una.pk).update(active=False)
        judge()
        assert told() == []
        assert message_report(at=now).unheard == 1


class TestWhoComesLater:
    """A finding raised while nobody could hear of it waits for whoever comes."""

    def test_a_new_therapist_is_told(self, case, judge, now):
        nobody_treats(case, now)
        judge()
        assert tell_unheard(at=now) == 0
        ben = people.staff(case.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        case.therapists.create(clinic=case.clinic, therapist=ben, starts_on=now.date() - DAY)
        assert tell_unheard(at=now) == 1
        assert told() == [("Ben Adeyemi", "raised")]
        assert tell_unheard(at=now) == 0

    def test_the_cover_is_told_of_what_the_therapist_who_left_never_opened(self, case, judge, ines, now):
        judge()
        Message.objects.update(state=MessageState.SENT)
        Staff.objects.filter(pk=ines.pk).update(active=False)
        ben = people.staff(case.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        case.therapists.create(
            clinic=case.clinic, therapist=ben, part=TherapistPart.COVER, starts_on=now.date() - DAY
        )
        tidy(at=now)
        assert told() == [("Ben Adeyemi", "raised"), ("Ines Okafor", "raised")]

    def test_not_of_what_somebody_has_opened(self, case, judge, ines, now):
        judge()
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[AlertSignal.objects.get()], at=now)
        Staff.objects.filter(pk=ines.pk).update(active=False)
        people.staff(case.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        assert tell_unheard(at=now) == 0

    def test_not_of_a_case_that_ended_long_ago(self, case, judge, now):
        nobody_treats(case, now)
        judge()
        Case.objects.update(state="closed", ending="moved", ended_on=now.date() - 40 * DAY)
        ben = people.staff(case.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        case.therapists.create(clinic=case.clinic, therapist=ben, starts_on=now.date() - DAY)
        assert tell_unheard(at=now) == 0

    def test_who_was_told_is_not_told_again(self, judge, now):
        judge()
        assert tell_unheard(at=now) == 0


class TestPlans:
    """A plan left open for two sessions is the supervisor's; without one, it is a red line."""

    @pytest.fixture
    def left_open(self, case, judge, ines, now):
        [signal] = judge()
        viewer = viewer_of(ines.user, at=now)
        open_alert(viewer=viewer, findings=[signal], at=now)
        acknowledge(viewer=viewer, signal=signal, choice="take_up", at=now - 30 * DAY)
        for days in (2, 1):
            people.meet(case, ines, now - days * DAY)
        return signal

    def test_without_a_supervisor_it_is_counted(self, left_open, now):
        assert escalate_not_taken_up(at=now) == 0
        assert message_report(at=now).plans == 1
        assert dict(message_report(at=now).faults)["plans"].startswith("1 left open for two sessions")

    def test_with_one_it_is_not(self, left_open, ines, now):
        lead = people.staff(ines.clinic, "Una Lead", [Role.SUPERVISOR], now)
        name_lead(lead=lead, at=now)
        assert escalate_not_taken_up(at=now) == 1
        assert message_report(at=now).plans == 0

    def test_who_opened_the_finding_before_hears_of_its_plan_all_the_same(self, left_open, ines, now):
        """Having read of a strain says nothing of the plan that was left open weeks later."""
        una = people.staff(ines.clinic, "Una Lead", [Role.SUPERVISOR], now)
        name_lead(lead=una, at=now)
        open_alert(viewer=viewer_of(una.user, at=now), findings=[left_open], at=now - DAY)
        escalate_not_taken_up(at=now)
        while send_next(worker="test", at=now):
            pass
        assert Message.objects.get(purpose="not_taken_up").state == MessageState.SENT

    def test_a_refused_message_about_it_counts_until_it_is_answered(self, left_open, ines, now):
        name_lead(lead=people.staff(ines.clinic, "Una Lead", [Role.SUPERVISOR], now), at=now)
        escalate_not_taken_up(at=now)
        Message.objects.filter(purpose="not_taken_up").update(state=MessageState.FAILED)
        assert message_report(at=now).failed == 1
        acknowledge(viewer=viewer_of(ines.user, at=now), signal=left_open, choice="talked", at=now)
        assert message_report(at=now).failed == 0


class TestRedLines:
    """On the first page of every administrator, whatever else they are."""

    LINE = "Findings: 1 that nobody can hear of"

    @pytest.fixture
    def unheard(self, case, judge, now):
        nobody_treats(case, now)
        judge()

    @pytest.mark.parametrize(
        "roles",
        [[Role.ADMINISTRATOR], [Role.ADMINISTRATOR, Role.THERAPIST], [Role.ADMINISTRATOR, Role.SUPERVISOR]],
    )
    def test_an_administrator_reads_it(self, case, unheard, roles, now):
        piet = people.staff(case.clinic, "Piet Admin", roles, now)
        assert self.LINE in words(signed_in(piet).get("/", follow=True))

    def test_nobody_else_does(self, ines, unheard):
        assert "Findings:" not in words(signed_in(ines).get("/"))

    def test_nor_an_administrator_elsewhere(self, unheard, now):
        elsewhere = people.clinic_called("Riverbank", "Pacific/Auckland", now)
        piet = people.staff(elsewhere, "Piet Admin", [Role.ADMINISTRATOR], now)
        assert "Findings:" not in words(signed_in(piet).get("/", follow=True))


class TestWhatNothingCanChange:
    """What waits without anybody to tell is not gone through one by one each time the worker looks."""

    @pytest.fixture
    @kept
    def waiting(self, ines, now):
        """Three cases, each with a finding that nobody has opened."""
        for _ in range(3):
            case = people.case(ines, "individual", [people.RUTH], now)
            [encounter] = histories.sessions(case, ines, 1, now)
            response = histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
            evaluate(response=response, at=now)

    @pytest.mark.parametrize("look", [tell_unheard, escalate_unseen])
    @pytest.mark.parametrize("later", [timedelta(hours=1), 3 * DAY])
    def test_costs_the_same_for_many_as_for_none(self, ines, request, look, later, now):
        with CaptureQueriesContext(connection) as for_none:
            look(at=now + later)
        request.getfixturevalue("waiting")
        with CaptureQueriesContext(connection) as for_three:
            assert look(at=now + later) == 0
        assert len(for_three) == len(for_none)

    def test_and_is_told_to_who_comes(self, waiting, ines, now):
        assert escalate_unseen(at=now + 3 * DAY) == 0
        name_lead(lead=people.staff(ines.clinic, "Una Lead", [Role.SUPERVISOR], now), at=now)
        assert escalate_unseen(at=now + 3 * DAY) == 3


class TestAfterTheEnd:
    """What arrives after a case has ended has an owner for 30 days, and is worded for an ending."""

    @pytest.fixture
    def ended(self, case, judge, now):
        Case.objects.filter(pk=case.pk).update(
            state="closed", ending="planned", ended_on=local_day(case.clinic, now)
        )
        [signal] = judge()
        return signal

    def test_it_stands_on_the_caseload_until_it_is_answered(self, ended, ines, now):
        client = signed_in(ines)
        page = client.get("/")
        assert f"/signals/{ended.id}/" in page.content.decode()
        assert f"Ended {local_day(ended.clinic, now):%-d %B}" in words(page)
        assert "No open cases" in words(page)
        client.get(f"/signals/{ended.id}/")
        assert f"/signals/{ended.id}/" in client.get("/").content.decode()
        client.post(f"/signals/{ended.id}/", {"finding": [ended.id], "choice": "talked"})
        assert str(ended.case_id) not in client.get("/").content.decode()

    def test_nothing_is_to_be_taken_up_in_a_session(self, ended, ines):
        said = words(signed_in(ines).get(f"/signals/{ended.id}/"))
        assert "Get in touch about it" in said
        assert "Ask whether a word is wanted" in said
        assert "ake it up in session" not in said
        assert "Wait for the next rating" not in said

    @pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Chicago"])
    def test_the_day_of_the_ending_is_the_clinic_s(self, case, judge, ines, now, zone):
        """At 8 in the morning in Auckland it is the day before in Greenwich; in Chicago it is the other way round."""
        type(case.clinic).objects.update(time_zone=zone)
        case.clinic.refresh_from_db()
        [signal] = judge()
        local = now.astimezone(ZoneInfo(zone))
        raised_at = (local - DAY).replace(hour=8 if zone == "Pacific/Auckland" else 20)
        AlertSignal.objects.update(raised_at=raised_at)
        Case.objects.update(state="closed", ending="planned", ended_on=raised_at.date())
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[signal], at=now)
        assert list(ended_with_news(viewer_of(ines.user, at=now))) == [case]
        Case.objects.update(ended_on=raised_at.date() + DAY)
        assert list(ended_with_news(viewer_of(ines.user, at=now))) == []

    def test_after_thirty_days_it_is_over(self, ended, ines, now):
        Case.objects.update(ended_on=local_day(ended.clinic, now) - 31 * DAY)
        assert f"/signals/{ended.id}/" not in signed_in(ines).get("/").content.decode()

    def test_nobody_there_it_is_the_lead_s(self, case, ended, una, now):
        nobody_treats(case, now)
        tell_unheard(at=now)
        assert ("Una Lead", "raised") in told()

    def test_nobody_at_all_is_a_red_line(self, case, ended, now):
        nobody_treats(case, now)
        assert message_report(at=now).unheard == 1

    def test_what_was_opened_before_the_end_is_over_with_it(self, case, judge, ines, now):
        [signal] = judge()
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[signal], at=now)
        AlertSignal.objects.update(raised_at=now - 3 * DAY)
        Case.objects.update(state="closed", ending="planned", ended_on=local_day(case.clinic, now))
        assert f"/cases/{case.id}/" not in signed_in(ines).get("/").content.decode()


class TestTheLastPhase:
    @pytest.fixture
    @kept
    def fell(self, case, ines, now):
        histories.history(case, ines, people.member(case, "Ruth"), [*histories.STEADY, 4.0], now, judged=7)

        return evaluate(response=Response.objects.get(job__state="pending"), at=now)

    def test_a_fall_in_it_says_that_endings_often_lower_ratings(self, case, fell, ines, now):
        Case.objects.update(last_phase_since=now.date() - 3 * DAY)
        said = words(signed_in(ines).get(f"/signals/{fell[0].id}/"))
        assert "Endings often lower ratings" in said
        assert "The ending has been talked about since" in said

    def test_a_fall_before_it_does_not(self, case, fell, ines, now):
        Case.objects.update(last_phase_since=now.date() + DAY)
        assert "Endings often" not in words(signed_in(ines).get(f"/signals/{fell[0].id}/"))


def test_planned_twice_for_one_session_is_planned_once(case, judge, ines, now):
    """Take it up, then seen differently, then taken up after all: before the same session."""
    [signal] = judge()
    for minutes, choice in enumerate(("take_up", "different", "take_up")):
        Acknowledgement.objects.create(
            clinic=case.clinic, signal=signal, staff=ines, choice=choice, at=now + timedelta(minutes=minutes)
        )
    viewer = viewer_of(ines.user, at=now)
    assert [status.plans for status in signals_of(viewer, [case])] == [1]
    people.meet(case, ines, now + 7 * DAY)
    Acknowledgement.objects.create(
        clinic=case.clinic, signal=signal, staff=ines, choice="not_yet", at=now + 8 * DAY
    )
    assert [status.plans for status in signals_of(viewer, [case])] == [2]
