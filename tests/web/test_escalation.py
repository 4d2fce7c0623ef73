"""What nobody opens goes on: whoever treats, the supervisor, the lead, in the clinic's hours; then a red line."""

from datetime import UTC, datetime, time, timedelta

import pytest

from goldseam_web.accounts.closed_days import close_days
from goldseam_web.accounts.models import Clinic, FormsMeanwhile, Leave, Role, Staff
from goldseam_web.accounts.opening_tables import OpeningTime
from goldseam_web.accounts.opening_times import is_open, set_opening_times
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.accounts.services import add_supervision, name_lead
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.models import AlertSignal, SignalKind
from goldseam_web.alerts.services import evaluate, open_alert, tidy
from goldseam_web.alerts.services.absences import go_away
from goldseam_web.alerts.services.signals import announce
from goldseam_web.alerts.supervision import left_to_lead
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.access import WATCHED_AFTER_END
from goldseam_web.cases.models import Case, CaseTherapist
from goldseam_web.outbox.models import Message, MessageState
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.postbox import send_next
from tests.web.staff_pages import confirmed, signed_in, words
from tests.web.test_readers import first_page

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEKDAYS = {day: (time(9), time(17)) for day in range(5)}


@pytest.fixture
@kept
def signal(ines, now):
    """A client's own word that Ines has not opened; Marta supervises her, Una leads the clinic."""
    case = people.individual(ines, now)
    marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR], now)
    add_supervision(supervisor=marta, therapist=ines, starts_on=local_day(ines.clinic, now) - DAY, at=now)
    name_lead(lead=people.staff(ines.clinic, "Una Lead", [Role.SUPERVISOR], now), at=now)
    [encounter] = histories.sessions(case, ines, 1, now)
    response = histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
    [raised] = evaluate(response=response, at=now)
    return raised


def called(name):
    return Staff.objects.get(full_name=name)


def told():
    return list(Message.objects.order_by("queued_at").values_list("staff__full_name", "purpose"))


def look(at):
    """One round of the worker, and what it sends."""
    tidy(at=at)
    while send_next(worker="test", at=at):
        pass


def red_lines(at):
    return [says for subject, says in message_report(at=at).faults if subject == "unopened findings"]


class TestTheOrder:
    def test_each_hears_after_the_one_before_and_then_it_is_a_red_line(self, signal, now):
        steps = [("Ines Okafor", "raised"), ("Marta Lind", "escalated"), ("Una Lead", "to_lead")]
        for hours, heard in ((1, 1), (23, 1), (24, 2), (47, 2), (48, 3), (71, 3), (200, 3)):
            look(now + hours * HOUR)
            assert told() == steps[:heard], hours
        assert red_lines(now + 71 * HOUR) == []
        [line] = red_lines(now + 72 * HOUR)
        assert line.startswith("1 that everybody was told of who can be told")

    @pytest.mark.parametrize("opener", ["Ines Okafor", "Marta Lind"])
    def test_it_goes_no_further_once_somebody_has_opened_it(self, signal, now, opener):
        look(now + DAY)
        open_alert(viewer=viewer_of(called(opener).user, at=now), findings=[signal], at=now + 25 * HOUR)
        look(now + 3 * DAY)
        assert len(told()) == 2
        assert red_lines(now + 9 * DAY) == []

    def test_what_is_opened_while_the_message_waits_is_called_off(self, signal, now):
        look(now + DAY)
        tidy(at=now + 2 * DAY)
        open_alert(viewer=viewer_of(called("Ines Okafor").user, at=now), findings=[signal], at=now + 2 * DAY)
        look(now + 2 * DAY)
        assert Message.objects.get(purpose="to_lead").state == MessageState.CANCELLED

    def test_whoever_leads_and_supervises_hears_once(self, signal, now):
        Clinic.objects.update(lead=called("Marta Lind"))
        look(now + DAY)
        look(now + 2 * DAY)
        assert told() == [("Ines Okafor", "raised"), ("Marta Lind", "escalated")]
        assert len(red_lines(now + 3 * DAY)) == 1

    def test_without_a_lead_it_ends_with_whoever_supervises(self, signal, now):
        Clinic.objects.update(lead=None)
        look(now + DAY)
        look(now + 2 * DAY)
        assert len(told()) == 2
        assert len(red_lines(now + 2 * DAY)) == 1

    def test_a_lead_who_has_left_or_is_away_is_nobody(self, signal, now):
        una = called("Una Lead")
        una.roles.update(ends_on=local_day(una.clinic, now) - DAY)
        look(now + DAY)
        look(now + 2 * DAY)
        assert len(told()) == 2
        assert len(red_lines(now + 2 * DAY)) == 1

    def test_a_lead_who_comes_later_is_told_then(self, signal, now):
        una = called("Una Lead")
        Clinic.objects.update(lead=None)
        look(now + DAY)
        look(now + 5 * DAY)
        name_lead(lead=una, at=now + 5 * DAY)
        look(now + 5 * DAY)
        assert told()[-1] == ("Una Lead", "to_lead")

    @pytest.mark.parametrize(("over", "heard", "red"), [(0, 3, 1), (1, 3, 0), (2, 2, 0)])
    def test_of_a_case_that_ended_long_ago_nobody_more_is_told(self, signal, now, over, heard, red):
        """What was left in one years back is no news on the day on which a clinic names a lead, or is upgraded.

        The case has ended so many days before the ones for which it is watched, counted to the day of the red line.
        """
        look(now + DAY)
        third = local_day(signal.clinic, now + 3 * DAY)
        Case.objects.update(ended_on=third - WATCHED_AFTER_END - over * DAY)
        look(now + 2 * DAY)
        assert len(told()) == heard
        assert len(red_lines(now + 3 * DAY)) == red
        left = left_to_lead(viewer_of(called("Una Lead").user, at=now + 3 * DAY))
        assert len(left) == red

    def test_a_refused_message_to_the_lead_begins_nothing_anew(self, signal, now):
        look(now + DAY)
        tidy(at=now + 2 * DAY)
        Message.objects.filter(purpose="to_lead").update(state=MessageState.FAILED)
        look(now + 3 * DAY)
        assert len(told()) == 3
        assert message_report(at=now + 3 * DAY).failed == 1


class TestOpeningHours:
    @pytest.fixture
    def larkfield(self, ines):
        """Open on weekdays from nine to five, in Chicago."""
        set_opening_times(
            clinic=ines.clinic, times=WEEKDAYS, hours=24, at=datetime(2026, 5, 1, tzinfo=UTC), actor=SYSTEM
        )
        return ines.clinic

    # Chicago is five hours behind Greenwich in May; 1 May 2026 is a Friday.
    @pytest.mark.parametrize(
        ("day", "hour", "is_it"),
        [(1, 13, False), (1, 14, True), (1, 21, True), (1, 22, False), (2, 15, False), (4, 15, True)],
    )
    def test_are_those_of_the_clinic_s_own_clock(self, larkfield, day, hour, is_it):
        assert is_open(larkfield, datetime(2026, 5, day, hour, tzinfo=UTC)) is is_it

    def test_a_closed_day_is_closed(self, larkfield):
        monday = datetime(2026, 5, 4, 15, tzinfo=UTC)
        day = monday.date()
        close_days(clinic=larkfield, first=day, last=day, name="Holiday", at=monday, actor=SYSTEM)
        assert not is_open(larkfield, monday)

    def test_without_any_it_is_always_open(self, ines):
        assert is_open(ines.clinic, datetime(2026, 5, 3, 3, tzinfo=UTC))

    def test_who_comes_after_the_therapist_is_told_when_the_clinic_opens(self, signal, now):
        """It is open in one hour of the week alone: the one that begins two days and an hour from now."""
        opens = (now + 49 * HOUR).astimezone(viewer_of(called("Ines Okafor").user, at=now).time_zone)
        opens = opens.replace(minute=0, second=0, microsecond=0)
        hours = {opens.weekday(): (opens.time(), opens.replace(minute=59).time())}
        set_opening_times(clinic=signal.clinic, times=hours, hours=24, at=now, actor=SYSTEM)
        look(opens - timedelta(minutes=1))
        assert told() == [("Ines Okafor", "raised")]
        look(opens)
        assert told() == [("Ines Okafor", "raised"), ("Marta Lind", "escalated")]
        look(opens + 6 * DAY)
        assert len(told()) == 2
        look(opens + 7 * DAY)
        assert told()[-1] == ("Una Lead", "to_lead")

    def test_a_message_that_failed_waits_for_no_hour(self, signal, now):
        closed = (now + DAY).astimezone(UTC).weekday()
        hours = {(closed + 3) % 7: (time(9), time(10))}
        set_opening_times(clinic=signal.clinic, times=hours, hours=24, at=now, actor=SYSTEM)
        Message.objects.update(state=MessageState.FAILED)
        look(now + HOUR)
        assert told()[-1] == ("Marta Lind", "escalated")

    @pytest.mark.parametrize(
        ("times", "hours", "says"),
        [
            ({0: (time(17), time(9))}, 24, "Monday from 17:00 to 09:00 given; it opens before it closes."),
            ({}, 0, "0 hours given; 1 to 168 are possible."),
            ({}, 169, "169 hours given; 1 to 168 are possible."),
        ],
    )
    def test_what_is_no_time_is_refused(self, ines, now, times, hours, says):
        with people.refused(says):
            set_opening_times(clinic=ines.clinic, times=times, hours=hours, at=now, actor=SYSTEM)


class TestTheLeadsPage:
    def test_it_says_whose_and_since_when_and_never_which_client(self, signal, now):
        AlertSignal.objects.update(raised_at=now - 3 * DAY)
        look(now)
        Message.objects.filter(purpose="escalated").update(queued_at=now - 2 * DAY)
        look(now)
        page = signed_in(called("Una Lead")).get("/supervised/")
        said = words(page)
        assert "Something of Ines Okafor’s has waited since" in said
        assert "Told as well: Marta Lind." in said
        assert "Ruth" not in page.content.decode()
        assert str(signal.pk) not in page.content.decode()
        assert signed_in(called("Una Lead")).get(f"/signals/{signal.pk}/").status_code == 404
        assert "Left to you" not in words(signed_in(called("Marta Lind")).get("/supervised/"))

    def test_the_mail_leads_there(self, signal, now, mailoutbox):
        for days in (1, 2):
            look(now + days * DAY)
        body = next(mail.body for mail in mailoutbox if mail.to == [called("Una Lead").user.email])
        assert "/supervised/" in body
        assert str(signal.pk) not in body

    def test_she_can_send_away_whoever_does_not_look(self, signal, now):
        """What waits goes to the cover then, within the worker's round."""
        ines, una = called("Ines Okafor"), signed_in(called("Una Lead"))
        ben = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        Staff.objects.filter(pk=ines.pk).update(cover=ben)
        una.post("/office/away/", {"act": "away", "staff": str(ines.pk)})
        assert ("Ben Adeyemi", "raised") in told()

    def test_a_lead_who_was_away_as_the_mail_was_to_go_finds_it_there(self, signal, now):
        """It was called off for them alone: nobody has opened what it is about, and no second mail is made."""
        look(now + DAY)
        tidy(at=now + 2 * DAY)
        una = called("Una Lead")
        away = local_day(una.clinic, now + 2 * DAY)
        Leave.objects.create(
            clinic=una.clinic,
            staff=una,
            forms=FormsMeanwhile.READER,
            starts_on=away,
            ends_on=away,
            noted_at=now,
        )
        look(now + 2 * DAY)
        assert Message.objects.get(purpose="to_lead").state == MessageState.CANCELLED
        look(now + 4 * DAY)
        assert "Something of Ines Okafor’s has waited since" in words(signed_in(una).get("/supervised/"))

    def test_of_a_case_nobody_treats_any_more_it_names_who_did(self, signal, now):
        """What was said by card is about no session whose therapist could be named."""
        said = AlertSignal.objects.create(
            clinic=signal.clinic,
            case=signal.case,
            member=signal.member,
            kind=SignalKind.FELT_OFF,
            evidence={},
            raised_at=now - 3 * DAY,
        )
        announce(said, now - 3 * DAY, notify=True)
        look(now)
        Message.objects.filter(purpose="escalated").update(queued_at=now - 2 * DAY)
        CaseTherapist.objects.update(ends_on=local_day(signal.clinic, now) - DAY)
        look(now)
        page = words(signed_in(called("Una Lead")).get("/supervised/"))
        assert "Something of Ines Okafor’s has waited since" in page
        assert "Something of ’s" not in page

    def test_once_it_is_opened_it_is_gone(self, signal, now):
        AlertSignal.objects.update(raised_at=now - 3 * DAY)
        look(now)
        Message.objects.filter(purpose="escalated").update(queued_at=now - 2 * DAY)
        look(now)
        open_alert(viewer=viewer_of(called("Ines Okafor").user, at=now), findings=[signal], at=now)
        assert "Left to you" not in words(signed_in(called("Una Lead")).get("/supervised/"))


class TestThePage:
    @pytest.fixture
    def piet(self, signal, now):
        return people.staff(signal.clinic, "Piet Admin", [Role.ADMINISTRATOR], now)

    def test_it_shows_the_order_and_keeps_hours_and_lead(self, piet):
        client = confirmed(signed_in(piet))
        said = words(client.get("/office/escalation/"))
        steps = ("Whoever treats the case", "Whoever supervises", "Una Lead", "nobody is left to tell")
        assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)
        given = {
            "hours": "4",
            "lead": str(called("Marta Lind").pk),
            "opens_0": "09:00",
            "closes_0": "17:30",
        }
        assert client.post("/office/escalation/", given).status_code == 302
        clinic = Clinic.objects.get()
        assert (clinic.escalate_after_hours, clinic.lead) == (4, called("Marta Lind"))
        assert list(OpeningTime.objects.values_list("weekday", "opens", "closes")) == [
            (0, time(9), time(17, 30))
        ]
        said = words(client.get("/office/escalation/"))
        assert "4 hours later, while the clinic is open" in said
        assert AuditEntry.objects.filter(action="clinic.opening_times").count() == 1

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"opens_2": "09:00"}, "Wednesday: give both times, or neither."),
            ({"opens_2": "18:00", "closes_2": "09:00"}, "it opens before it closes"),
            ({"hours": "0"}, "greater than or equal to 1"),
        ],
    )
    def test_what_is_no_time_is_said(self, piet, given, says):
        lead = str(called("Una Lead").pk)
        page = confirmed(signed_in(piet)).post("/office/escalation/", {"hours": "24", "lead": lead, **given})
        assert (page.status_code, says in words(page)) == (400, True)

    def test_once_somebody_leads_nobody_is_no_choice_and_is_not_said_to_be_kept(self, piet):
        client = confirmed(signed_in(piet))
        assert "Nobody yet" not in words(client.get("/office/escalation/"))
        page = client.post("/office/escalation/", {"hours": "24", "lead": ""})
        assert (page.status_code, "Choose who leads the clinic." in words(page)) == (400, True)
        assert Clinic.objects.get().lead == called("Una Lead")

    def test_whoever_sits_there_is_asked_who_they_are_before_they_name_a_lead(self, piet):
        """Whoever leads can open the cases of whom nobody supervises."""
        given = {"hours": "24", "lead": str(called("Marta Lind").pk)}
        asked = signed_in(piet).post("/office/escalation/", given)
        assert asked.url.startswith("/account/confirm/")
        assert Clinic.objects.get().lead == called("Una Lead")

    def test_nobody_makes_themselves_the_lead(self, signal, now):
        both = people.staff(signal.clinic, "Pia Both", [Role.ADMINISTRATOR, Role.SUPERVISOR], now)
        page = confirmed(signed_in(both)).post("/office/escalation/", {"hours": "24", "lead": str(both.pk)})
        assert "Nobody makes themselves the lead" in words(page)
        assert Clinic.objects.get().lead == called("Una Lead")


class TestInTraining:
    @pytest.fixture
    def learns(self, ines, now):
        ines.roles.create(
            clinic=ines.clinic, role=Role.IN_TRAINING, starts_on=local_day(ines.clinic, now) - DAY
        )
        return ines

    @pytest.fixture
    def judged(self, ines, now):
        """The same, judged when called."""
        case = people.individual(ines, now)
        marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=local_day(ines.clinic, now) - DAY, at=now)
        [encounter] = histories.sessions(case, ines, 1, now)
        response = histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
        return lambda: evaluate(response=response, at=now)

    def test_therapist_and_supervisor_hear_at_once(self, judged, learns):
        judged()
        assert sorted(told()) == [("Ines Okafor", "raised"), ("Marta Lind", "raised")]

    def test_it_waits_on_the_supervisor_s_page_until_somebody_opens_it(self, judged, learns, now):
        [signal] = judged()
        marta = signed_in(called("Marta Lind"))
        assert "Something about Ruth Osei has waited since" in words(marta.get("/supervised/"))
        open_alert(viewer=viewer_of(learns.user, at=now), findings=[signal], at=now)
        assert "Waiting for you" not in words(marta.get("/supervised/"))

    @pytest.mark.parametrize("ends", [-1, 0])
    def test_only_on_the_days_of_the_role(self, judged, learns, now, ends):
        today = local_day(learns.clinic, now)
        learns.roles.filter(role=Role.IN_TRAINING).update(
            starts_on=today - 9 * DAY, ends_on=today + ends * DAY
        )
        judged()
        assert (("Marta Lind", "raised") in told()) is (ends == 0)

    def test_a_colleague_s_supervisor_is_not_told_of_it(self, judged, learns, now):
        """Ben treats with her; who supervises him hears of what is escalated alone."""
        ben = people.staff(learns.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        olga = people.staff(learns.clinic, "Olga Over", [Role.SUPERVISOR], now)
        today = local_day(learns.clinic, now)
        add_supervision(supervisor=olga, therapist=ben, starts_on=today - DAY, at=now)
        learns.case_links.get().case.therapists.create(
            clinic=learns.clinic, therapist=ben, part="co_therapist", starts_on=today - DAY
        )
        judged()
        assert {name for name, _ in told()} == {"Ines Okafor", "Ben Adeyemi", "Marta Lind"}

    def test_the_cover_s_supervisor_hears_where_the_cover_is_in_training(self, judged, ines, now):
        ben = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST, Role.IN_TRAINING], now)
        olga = people.staff(ines.clinic, "Olga Over", [Role.SUPERVISOR], now)
        today = local_day(ines.clinic, now)
        add_supervision(supervisor=olga, therapist=ben, starts_on=today - DAY, at=now)
        go_away(
            staff=ines, first=today, last=None, cover=ben, forms=FormsMeanwhile.READER, at=now, actor=SYSTEM
        )
        judged()
        assert ("Olga Over", "raised") in told()

    def test_the_client_s_first_page_says_it(self, cast, now):
        encounter = people.meet(cast.couple, cast.ines, now - HOUR)
        lea = people.asked(encounter, people.member(cast.couple, "Lea"))
        assert "Ines sees your answers." in first_page(lea)
        role = cast.ines.roles.create(
            clinic=cast.clinic, role=Role.IN_TRAINING, starts_on=local_day(cast.clinic, now)
        )
        assert "Ines, in training, sees your answers." in first_page(lea)
        assert f"So can {cast.supervisor.full_name}, who supervises the work." in first_page(lea)
        role.starts_on = local_day(cast.clinic, now) + DAY
        role.save()
        assert "in training" not in first_page(lea)

    def test_two_who_treat_are_told_apart(self, cast, now):
        cast.ines.roles.create(
            clinic=cast.clinic, role=Role.IN_TRAINING, starts_on=local_day(cast.clinic, now) - DAY
        )
        cast.couple.therapists.create(
            clinic=cast.clinic,
            therapist=cast.colleague,
            part="co_therapist",
            starts_on=local_day(cast.clinic, now) - DAY,
        )
        encounter = people.meet(cast.couple, cast.ines, now - HOUR)
        page = first_page(people.asked(encounter, people.member(cast.couple, "Lea")))
        assert "Ines, in training, and Ben see your answers." in page

    def test_the_office_notes_it_with_a_supervisor_by_name(self, cast, now):
        piet = confirmed(signed_in(cast.administrator))
        url = f"/office/staff/{cast.ines.pk}/"
        page = piet.post(url, {"roles": ["therapist", "in_training"]})
        assert "Whoever is in training has a supervisor: choose one." in words(page)
        page = piet.post(url, {"roles": ["in_training"], "supervisors": [str(cast.supervisor.pk)]})
        assert "In training is said of a therapist" in words(page)
        given = {"roles": ["therapist", "in_training"], "supervisors": [str(cast.supervisor.pk)]}
        assert piet.post(url, given).status_code == 302
        assert "In training" in words(piet.get("/office/staff/"))

    def test_it_opens_nothing(self, cast, now):
        nobody = people.staff(cast.clinic, "Nobody Yet", [Role.IN_TRAINING], now)
        assert signed_in(nobody).get("/alerts/").status_code == 404
