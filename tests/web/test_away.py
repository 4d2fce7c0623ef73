"""Somebody is away: who hears of what is open, what clients read, and how it ends."""

from datetime import date, timedelta

import pytest
from django.test import Client

from goldseam_web.accounts.leaves import name_cover, therapists_without_cover
from goldseam_web.accounts.models import FormsMeanwhile, Leave, Role, Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal
from goldseam_web.alerts.queries import unopened_signals
from goldseam_web.alerts.readiness import readiness
from goldseam_web.alerts.services import acknowledge, open_alert, tidy
from goldseam_web.alerts.services.absences import come_back, go_away
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.access import visible_cases
from goldseam_web.cases.models import EncounterState
from goldseam_web.cases.readers import readers_on
from goldseam_web.cases.services.person_details import GivenWays, WayAsked, set_safe_ways
from goldseam_web.measures.links import LinkState, link_state
from goldseam_web.measures.services.requests_by_mail import queue_requests
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.portal.readers_in_words import who_else_can, who_sees
from tests.web import people
from tests.web.leaving import READER, REST, WAIT, away, clear_tension, leaves, told
from tests.web.postbox import send_next
from tests.web.staff_pages import words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today(cast, now):
    return local_day(cast.clinic, now)


class TestWhatIsOpen:
    """Findings and plans go to the cover; what is done with does not."""

    @pytest.fixture
    def ruth_s(self, cast, now):
        return clear_tension(cast.individual, "Ruth", now - 3 * DAY)[0]

    def says(self, cast, signal, choice, now):
        viewer = viewer_of(cast.ines.user, at=now)
        open_alert(viewer=viewer, findings=[signal], at=now)
        acknowledge(viewer=viewer, signal=signal, choice=choice, at=now)

    @pytest.mark.parametrize(
        ("choice", "messages"),
        [
            (None, 1),
            (AcknowledgeChoice.TAKE_UP, 1),
            (AcknowledgeChoice.WAIT, 1),
            (AcknowledgeChoice.TALKED, 0),
        ],
    )
    def test_the_cover_is_told_at_once(self, cast, ruth_s, now, choice, messages):
        if choice:
            self.says(cast, ruth_s, choice, now)
        leaves(cast, now)
        assert told(cast.colleague) == messages

    def test_the_cover_opens_every_open_case_and_the_mail_leaves(self, cast, ruth_s, now):
        leaves(cast, now)
        found = visible_cases(viewer_of(cast.colleague.user, at=now))
        assert {cast.individual, cast.couple, cast.family} == set(found)
        while send_next(worker="test", at=now):
            pass
        sent = Message.objects.filter(staff=cast.colleague, state=MessageState.SENT)
        assert sent.count() == 1

    def test_what_is_done_with_is_nothing_new_to_the_cover(self, cast, ruth_s, now):
        lea_s = clear_tension(cast.couple, "Lea", now - 2 * DAY)[0]
        self.says(cast, ruth_s, AcknowledgeChoice.TALKED, now)
        self.says(cast, lea_s, AcknowledgeChoice.TAKE_UP, now)
        leaves(cast, now)
        assert list(unopened_signals(viewer_of(cast.colleague.user, at=now))) == [lea_s]
        assert list(unopened_signals(viewer_of(cast.ines.user, at=now))) == []

    def test_a_leave_with_a_date_hands_on_on_its_first_day_and_once(self, cast, ruth_s, now, today):
        leaves(cast, now, first=today + DAY, last=today + 3 * DAY)
        assert told(cast.colleague) == 0
        tidy(at=now + DAY)
        tidy(at=now + DAY)
        assert told(cast.colleague) == 1

    def test_a_case_that_is_opened_meanwhile_is_covered_too(self, cast, now):
        leaves(cast, now)
        new = people.individual(cast.ines, now)
        tidy(at=now + timedelta(minutes=1))
        assert new in visible_cases(viewer_of(cast.colleague.user, at=now))

    def test_without_a_cover_the_supervisor_is_told_at_once(self, cast, ruth_s, now):
        leaves(cast, now, cover=None)
        assert told(cast.supervisor) == 1

    def test_new_ones_go_to_therapist_and_cover_and_without_one_above(self, cast, now):
        leaves(cast, now, cover=None)
        clear_tension(cast.couple, "Lea", now)  # today, also an hour after midnight
        assert (told(cast.ines), told(cast.supervisor)) == (1, 1)

    def test_where_the_cover_leaves_too_the_supervisor_hears(self, cast, ruth_s, now):
        leaves(cast, now)
        Staff.objects.filter(pk=cast.colleague.pk).update(active=False)
        tidy(at=now)
        assert told(cast.supervisor) == 1

    def test_where_nobody_is_there_it_is_red(self, cast, now):
        clear_tension(cast.individual, "Ruth", now - timedelta(hours=1))
        cast.supervisor.supervises.all().delete()
        assert message_report(at=now).unheard == 0
        leave = leaves(cast, now, cover=None)
        assert message_report(at=now).unheard == 1
        come_back(leave=leave, at=now, actor=SYSTEM)
        assert message_report(at=now).unheard == 0


class TestComingBack:
    def test_the_cover_keeps_nothing_but_today(self, cast, now):
        leave = leaves(cast, now)
        come_back(leave=leave, at=now, actor=SYSTEM)
        tomorrow = viewer_of(cast.colleague.user, at=now + DAY)
        assert not visible_cases(tomorrow).exists()
        assert Leave.objects.get().back_at == now

    def test_what_somebody_covers_otherwise_stays(self, cast, now, today):
        cast.couple.therapists.create(
            clinic=cast.clinic,
            therapist=cast.colleague,
            part="cover",
            starts_on=today,
            ends_on=today + 9 * DAY,
        )
        come_back(leave=leaves(cast, now), at=now, actor=SYSTEM)
        assert list(visible_cases(viewer_of(cast.colleague.user, at=now + DAY))) == [cast.couple]

    def test_away_again_the_same_day_is_covered_again(self, cast, now):
        come_back(leave=leaves(cast, now), at=now, actor=SYSTEM)
        leaves(cast, now)
        tidy(at=now + DAY)
        assert cast.couple in visible_cases(viewer_of(cast.colleague.user, at=now + DAY))


class TestRefusals:
    def test_the_days(self, cast, now, today):
        with people.refused(f"{today - DAY} has passed; today is the first day that can be given."):
            leaves(cast, now, first=today - DAY)
        with people.refused(f"From {today + DAY} to {today} given; the first day comes first."):
            leaves(cast, now, first=today + DAY, last=today)
        leaves(cast, now, last=today + 2 * DAY)
        with people.refused("Ines Okafor is away in that time already."):
            leaves(cast, now, first=today + DAY)

    def test_the_cover(self, cast, now):
        with people.refused("Somebody else stands in; choose one of the colleagues."):
            leaves(cast, now, cover="ines")
        with people.refused("Piet Admin does not work here as a therapist today."):
            leaves(cast, now, cover="administrator")
        go_away(
            staff=cast.colleague,
            first=local_day(cast.clinic, now),
            last=None,
            cover=None,
            forms=READER,
            at=now,
            actor=SYSTEM,
        )
        with people.refused("Ben Adeyemi is away then too; choose somebody who is here."):
            leaves(cast, now)

    def test_nobody_makes_themselves_the_cover(self, cast, now):
        """An administrator who treats would open every case of a colleague that way."""
        cast.colleague.roles.create(
            clinic=cast.clinic, role=Role.ADMINISTRATOR, starts_on=now.date() - 9 * DAY
        )
        ben = Actor.staff(cast.colleague.pk)
        says = "Nobody makes themselves the cover: Ines Okafor names you, or somebody else who may."
        with people.refused(says):
            leaves(cast, now, actor=ben)
        with people.refused(says):
            name_cover(staff=cast.ines, cover=cast.colleague, at=now, actor=ben)
        name_cover(staff=cast.ines, cover=cast.colleague, at=now, actor=Actor.staff(cast.ines.pk))
        leaves(cast, now, actor=ben)


class TestWhatClientsRead:
    """The link of Lea is open."""

    @pytest.fixture
    def lea(self, cast, now):
        cast.clinic.window_hours = 100
        cast.clinic.save()
        encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
        return people.asked(encounter, people.member(cast.couple, "Lea"))

    def page(self, occasion):
        return words(Client().get(people.link(occasion)))

    def until(self, last: date) -> str:
        return f"{last:%A}, {last.day} {last:%B}"

    def monday_after(self, last: date) -> str:
        first = last + DAY
        while first.weekday() > 4:
            first += DAY
        return f"{first:%A}, {first.day} {first:%B}"

    def test_the_cover_sees_them_and_everybody_is_named(self, cast, lea, now, today):
        last = today + 3 * DAY
        leaves(cast, now, last=last)
        said = self.page(lea)
        assert "Ben Adeyemi, who covers, sees your answers." in said
        assert f"Ines is away until {self.until(last)}, and can open it too." in said
        assert "So can Marta Lind, who supervises the work." in said

    def test_nobody_reads_them_before_a_working_day(self, cast, lea, now, today):
        cast.supervisor.supervises.all().delete()
        last = today + (6 - today.weekday()) * DAY  # a Sunday
        leaves(cast, now, last=last, cover=None, forms=WAIT)
        said = self.page(lea)
        assert f"Nobody reads this before {self.monday_after(last)}." in said
        assert last.weekday() == 6
        assert "Monday" in said

    def test_unless_something_cannot_wait(self, cast, lea, now, today):
        leaves(cast, now, last=today, forms=WAIT)
        said = self.page(lea)
        assert f"Nobody reads this before {self.monday_after(today)}, unless something cannot wait." in said
        assert "Then Ben Adeyemi, who covers, and Marta Lind, who supervises the work, can." in said

    def test_a_second_leave_right_after_the_first_is_waited_for_too(self, cast, lea, now, today):
        cast.supervisor.supervises.all().delete()
        friday = today + (4 - today.weekday()) % 7 * DAY
        leaves(cast, now, last=friday, cover=None, forms=WAIT)
        leaves(cast, now, first=friday + 2 * DAY, last=friday + 9 * DAY, cover=None, forms=WAIT)
        assert f"Nobody reads this before {self.monday_after(friday + 9 * DAY)}." in self.page(lea)
        leaves(cast, now, first=friday + 10 * DAY, cover=None, forms=WAIT)
        assert "Nobody reads this before Ines is back." in self.page(lea)

    def test_where_the_cover_is_away_too_it_reads_as_a_sentence(self, cast, lea, now):
        leaves(cast, now)
        away(cast.colleague, now)
        said = self.page(lea)
        assert "Marta Lind, who supervises the work, sees your answers." in said
        assert "Ines is away for now, and can open it too." in said
        assert "Ben Adeyemi, who covers, is away for now, and can open it too." in said

    def test_away_for_now(self, cast, lea, now):
        leaves(cast, now, forms=WAIT)
        assert "Nobody reads this before Ines is back, unless something cannot wait." in self.page(lea)

    def test_paused_the_link_rests_and_a_begun_form_goes_on(self, cast, lea, now):
        tomas = people.asked(lea.encounter, people.member(cast.couple, "Tomas"))
        begun = Client().post(people.link(tomas) + "1/", {"answer": "8", "go": "next"})
        assert begun.status_code == 302
        leave = leaves(cast, now, forms=REST)
        assert "No check-ins are asked of you at present." in self.page(lea)
        assert Client().get(people.link(tomas)).status_code == 200
        come_back(leave=leave, at=now, actor=SYSTEM)
        assert "Ines sees your answers." in self.page(lea)

    @pytest.mark.parametrize("forms", FormsMeanwhile.values)
    def test_names_on_the_page_are_those_the_access_rules_return(self, cast, lea, now, today, forms):
        leaves(cast, now, first=today + DAY, last=today + 2 * DAY, forms=forms)
        for days in range(-1, 4):
            at = now + days * DAY
            tidy(at=at) if days >= 0 else None
            readers = readers_on(cast.couple, local_day(cast.clinic, at))
            said = f"{who_sees(readers, 'your answers')} {who_else_can(readers)}"
            staff = [cast.ines, cast.colleague, cast.supervisor, cast.administrator]
            can = {
                one.called
                for one in staff
                if visible_cases(viewer_of(one.user, at=at)).filter(pk=cast.couple.pk)
            }
            assert {one.called for one in staff if one.called in said} == can, (days, said)
            assert " only " not in said.lower()


class TestMail:
    """Nothing is mailed while the asking rests, nor about a session that nobody says took place."""

    @pytest.fixture
    def ruth(self, cast, now, settings):
        settings.GOLDSEAM_DEMO = True
        who = people.member(cast.individual, "Ruth")
        set_safe_ways(
            member=who,
            ways=GivenWays(by_mail=True, not_before=now.min.time(), not_after=now.max.time()),
            how_asked=WayAsked.ALONE,
            at=now,
            actor=SYSTEM,
        )
        return who

    def queued(self, now):
        return queue_requests(at=now, is_ready=lambda _clinic: True)

    def test_what_waited_when_it_began_is_called_off_as_it_is_sent_and_comes_afterwards(
        self, cast, ruth, now
    ):
        people.meet(cast.individual, cast.ines, now)
        assert self.queued(now) == 1
        leave = leaves(cast, now, forms=REST)
        send_next(worker="test", at=now)
        assert Message.objects.get().state == MessageState.CANCELLED
        assert self.queued(now) == 0
        come_back(leave=leave, at=now, actor=SYSTEM)
        assert self.queued(now) == 1

    def test_not_paused_it_is_sent(self, cast, ruth, now):
        people.meet(cast.individual, cast.ines, now)
        leaves(cast, now)
        assert self.queued(now) == 1

    def test_a_session_in_the_leave_is_neither_counted_as_held_nor_asked_about(self, cast, ruth, now):
        leaves(cast, now - timedelta(hours=2))
        encounter = people.plan(
            cast.individual, cast.ines, now - timedelta(hours=1), at=now - timedelta(hours=2)
        )
        tidy(at=now)
        encounter.refresh_from_db()
        assert encounter.state == EncounterState.PLANNED
        assert self.queued(now) == 0

    def test_link_state_asks_about_the_therapist_it_is_about(self, cast, ruth, now, today):
        """The cover holds a session of hers: his questions do not rest."""
        leaves(cast, now - timedelta(hours=2), forms=REST)
        encounter = people.meet(cast.individual, cast.colleague, now)
        assert link_state(people.asked(encounter, ruth), None, at=now) == LinkState.OPEN


class TestReadiness:
    def need(self, clinic, now):
        return next(n for n in readiness(clinic, at=now) if n.subject == "cover")

    def test_is_amber_until_each_has_named_a_cover(self, cast, now, today):
        need = self.need(cast.clinic, now)
        assert not need.is_met
        assert not need.stops
        assert need.says == (
            "Ben Adeyemi, Ines Okafor and Marta Lind have named nobody who stands in while they are away"
        )
        for staff, cover in (
            (cast.ines, cast.colleague),
            (cast.colleague, cast.ines),
            (cast.supervisor, cast.ines),
        ):
            name_cover(staff=staff, cover=cover, at=now, actor=SYSTEM)
        assert self.need(cast.clinic, now).is_met

    def test_a_cover_who_left_is_none(self, cast, now, today):
        name_cover(staff=cast.ines, cover=cast.colleague, at=now, actor=SYSTEM)
        Staff.objects.filter(pk=cast.colleague.pk).update(active=False)
        assert cast.ines in therapists_without_cover(cast.clinic, today)


def test_findings_are_counted_once(cast, now):
    """The signal stays one row, whoever hears of it."""
    clear_tension(cast.individual, "Ruth", now - 3 * DAY)
    leaves(cast, now)
    assert AlertSignal.objects.count() == 1
