"""Somebody leaves for good: on the day, and from then on, nobody hears or reads as if they were there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from goldseam_web.accounts.colleagues import set_duties, set_working
from goldseam_web.accounts.departures import departure_of, take_departure_back
from goldseam_web.accounts.models import Leave, Role, Staff, StaffRole
from goldseam_web.accounts.queries import local_day, staff_as, viewer_of
from goldseam_web.alerts.models import AcknowledgeChoice
from goldseam_web.alerts.services import acknowledge, open_alert, tidy
from goldseam_web.alerts.services.leaving_for_good import keep_departed, note_departure
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.access import visible_cases
from goldseam_web.cases.readers import readers_on
from goldseam_web.outbox.models import Message
from goldseam_web.portal.readers_in_words import who_sees
from tests.web import people
from tests.web.leaving import clear_tension
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today(cast, now):
    return local_day(cast.clinic, now)


def leaves(cast, now, days, to=None, staff=None):
    """Ines leaves so many days from now, and Ben takes over."""
    staff = staff or cast.ines
    return note_departure(
        staff=staff,
        day=local_day(cast.clinic, now) + timedelta(days=days),
        taker=to or cast.colleague,
        at=now,
        actor=Actor.staff(cast.administrator.pk),
    )


def readers(case, at):
    return {reader.staff for reader in readers_on(case, local_day(case.clinic, at))}


def can_open(cast, case, at):
    """Everybody whose pages give the case at that moment, as the access rules have it."""
    viewers = {one: viewer_of(one.user, at=at) for one in Staff.objects.filter(clinic=cast.clinic)}
    return {one for one, v in viewers.items() if v and visible_cases(v).filter(pk=case.pk).exists()}


class TestUntilAndFromTheDay:
    def test_who_is_named_to_clients_is_who_can_open_it_day_by_day(self, cast, now):
        leaves(cast, now, 3)
        before = {cast.ines, cast.supervisor}
        for days in (0, 1, 2):
            at = now + days * DAY
            tidy(at=at)
            assert readers(cast.couple, at) == can_open(cast, cast.couple, at) == before
        at = now + 3 * DAY
        # Whether or not the worker has run, whoever has left opens nothing and is named to nobody.
        assert readers(cast.couple, at) == can_open(cast, cast.couple, at) == {cast.supervisor}
        tidy(at=at)
        for later in (at, at + 30 * DAY):
            assert readers(cast.couple, later) == can_open(cast, cast.couple, later) == {cast.colleague}
        found = readers_on(cast.couple, local_day(cast.clinic, at))
        assert who_sees(found, "your answers") == f"{cast.colleague.called} sees your answers."

    def test_sign_ins_end_on_the_day_and_not_before(self, cast, now, today):
        hers = signed_in(cast.ines)
        leaves(cast, now, 1)
        assert hers.get("/").status_code == 200
        assert keep_departed(at=now + DAY) == 1
        assert hers.get("/").status_code == 302
        cast.ines.refresh_from_db()
        assert not cast.ines.active
        assert viewer_of(cast.ines.user, at=now + DAY) is None
        assert not StaffRole.objects.filter(staff=cast.ines, ends_on=None).exists()
        assert keep_departed(at=now + DAY) == 0, "once"
        assert AuditEntry.objects.filter(action="staff.depart").count() == 1

    @pytest.mark.parametrize("choice", [None, AcknowledgeChoice.TAKE_UP, AcknowledgeChoice.TALKED])
    def test_findings_and_plans_go_to_who_takes_over_at_once(self, cast, now, choice):
        [signal] = clear_tension(cast.individual, "Ruth", now - 3 * DAY)
        viewer = viewer_of(cast.ines.user, at=now)
        if choice:
            open_alert(viewer=viewer, findings=[signal], at=now)
            acknowledge(viewer=viewer, signal=signal, choice=choice, at=now)
        told = Message.objects.filter(staff=cast.colleague)
        leaves(cast, now, 1)
        assert not told.exists()
        keep_departed(at=now + DAY)
        assert told.exists() == (choice != AcknowledgeChoice.TALKED)

    def test_sessions_of_the_day_itself_and_their_questions_go_along(self, cast, now):
        that_day = people.plan(cast.couple, cast.ines, now + DAY + timedelta(hours=1), at=now)
        past = people.meet(cast.couple, cast.ines, now - timedelta(hours=2))
        leaves(cast, now, 1)
        keep_departed(at=now + DAY)
        that_day.refresh_from_db()
        assert that_day.therapist == cast.colleague
        assert {one.therapist for one in that_day.occasions.all()} == {cast.colleague}
        assert {one.therapist for one in past.occasions.all()} == {cast.ines}

    def test_where_who_takes_over_has_gone_meanwhile_the_supervisor_reads(self, cast, now):
        leaves(cast, now, 1)
        Staff.objects.filter(pk=cast.colleague.pk).update(active=False)
        [signal] = clear_tension(cast.individual, "Ruth", now - 3 * DAY)
        keep_departed(at=now + DAY)
        assert readers(cast.couple, now + DAY) == {cast.supervisor}
        assert Message.objects.filter(staff=cast.supervisor, subject=signal.pk).exists()

    def test_today_is_at_once(self, cast, now):
        leaves(cast, now, 0)
        assert readers(cast.couple, now) == can_open(cast, cast.couple, now) == {cast.colleague}


class TestTakenBack:
    def test_before_the_day_everything_is_as_it_was(self, cast, now):
        departure = leaves(cast, now, 3)
        take_departure_back(departure=departure, at=now + DAY, actor=SYSTEM)
        assert keep_departed(at=now + 3 * DAY) == 0
        later = now + 9 * DAY
        assert viewer_of(cast.ines.user, at=later).roles == {Role.THERAPIST}
        assert readers(cast.couple, later) == {cast.ines, cast.supervisor}
        assert leaves(cast, now + DAY, 5), "and can be noted anew"

    def test_from_the_day_on_it_is_refused(self, cast, now):
        departure = leaves(cast, now, 1)
        with people.refused("Ines Okafor has left. Let them sign in again and say what they do here."):
            take_departure_back(departure=departure, at=now + DAY, actor=SYSTEM)

    def test_whoever_comes_back_later_works_here_again(self, cast, now):
        leaves(cast, now, 0)
        cast.ines.refresh_from_db()
        set_working(staff=cast.ines, works=True, at=now + DAY, actor=SYSTEM)
        assert departure_of(cast.ines) is None


class TestRefused:
    def test_what_cannot_be(self, cast, now, today):
        noted = {"at": now, "actor": Actor.staff(cast.administrator.pk)}
        with people.refused(
            "Ines Okafor treats open cases; choose who takes them over, or hand them over first."
        ):
            note_departure(staff=cast.ines, day=today, taker=None, **noted)
        with people.refused(f"{today - DAY} has passed; today is the first day that can be given."):
            note_departure(staff=cast.ines, day=today - DAY, taker=cast.colleague, **noted)
        for taker in (cast.ines, cast.stranger, cast.administrator):
            with people.refused(f"{taker} does not work here as a therapist beside Ines Okafor."):
                note_departure(staff=cast.ines, day=today, taker=taker, **noted)
        leaves(cast, now, 3)
        with people.refused(f"Ines Okafor leaves on {today + 3 * DAY} already; take that back first."):
            leaves(cast, now, 4)
        people.case(cast.colleague, cast.couple.kind, [people.OTTO, people.LEA], now)
        with people.refused(f"Ines Okafor leaves on {today + 3 * DAY}; choose somebody who stays."):
            leaves(cast, now, 2, to=cast.ines, staff=cast.colleague)

    def test_the_last_administrator_stays_whoever_goes_first(self, cast, now, today):
        """Two who run it, one of whose days is known: the other is the last from then on, and today already."""
        second = people.staff(cast.clinic, "Ada Second", [Role.ADMINISTRATOR], now)
        leaves(cast, now, 9, staff=second)
        says = f"Piet Admin is the last administrator of {cast.clinic}; name another one first."
        with people.refused(says):
            leaves(cast, now, 2, staff=cast.administrator)
        with people.refused(says):
            set_working(staff=cast.administrator, works=False, at=now, actor=SYSTEM)
        with people.refused(says):
            set_duties(staff=cast.administrator, roles=[], supervisors=[], at=now, actor=SYSTEM)

    def test_a_role_given_meanwhile_ends_with_the_others(self, cast, now):
        leaves(cast, now, 3)
        set_duties(
            staff=cast.ines,
            roles=[Role.THERAPIST, Role.ADMINISTRATOR],
            supervisors=[cast.supervisor],
            at=now,
            actor=SYSTEM,
        )
        day = local_day(cast.clinic, now) + 3 * DAY
        assert not staff_as(Role.ADMINISTRATOR, day).filter(pk=cast.ines.pk).exists()
        with pytest.raises(ValidationError):
            set_working(staff=cast.administrator, works=False, at=now, actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one writer in at a time")
def test_two_who_send_each_other_away_at_one_moment_leave_one(cast, now):
    second = people.staff(cast.clinic, "Ada Second", [Role.ADMINISTRATOR], now)
    start = Barrier(2)

    def goes(staff):
        try:
            start.wait(timeout=30)
            leaves(cast, now, 2, staff=staff)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(goes, (cast.administrator, second))) == [False, True]
    assert Leave.objects.filter(departs=True).count() == 1


class TestPages:
    def change(self, cast, **form):
        client = confirmed(signed_in(cast.administrator))
        return words(client.post(f"/office/staff/{cast.ines.pk}/change/", form, follow=True))

    def test_what_has_to_be_handed_over_stands_there_before_and_nobody_is_named(self, cast, now, today):
        day = today + 10 * DAY
        said = self.change(cast, act="depart", day=day.isoformat(), to=str(cast.colleague.pk))
        assert "What still has to be handed over before: 3 open cases." in said
        assert f"What is left goes to {cast.colleague.full_name} that day" in said
        assert not {"Lea", "Brandt", "Ruth"} & set(said.split())
        assert "leaves on" in words(signed_in(cast.administrator).get("/office/staff/"))
        hers = words(signed_in(cast.ines).get("/"))
        assert "You leave on" in hers
        assert f"What is not handed over before goes to {cast.colleague.full_name} that day" in hers
        assert "Ines Okafor stays, with everything they do here." in self.change(cast, act="stays")
        assert "You leave on" not in words(signed_in(cast.ines).get("/"))

    def test_what_is_refused_is_said(self, cast, today):
        assert "Give the first day on which they do not work here any more." in self.change(
            cast, act="depart"
        )
        assert "treats open cases" in self.change(cast, act="depart", day=today.isoformat())

    def test_whoever_left_today_is_listed_so(self, cast, today):
        said = self.change(cast, act="depart", day=today.isoformat(), to=str(cast.colleague.pk))
        assert "Ines Okafor has left" in said
        assert "left on" in words(signed_in(cast.administrator).get("/office/staff/"))

    def test_nobody_sends_themselves_away(self, cast, today):
        client = confirmed(signed_in(cast.administrator))
        page = f"/office/staff/{cast.administrator.pk}/"
        assert "Leaves for good" not in words(client.get(page))
        refused = client.post(f"{page}change/", {"act": "depart", "day": today.isoformat()})
        assert refused.status_code == 404
