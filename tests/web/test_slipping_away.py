"""Who may be slipping away is said on the caseload, before anybody has to notice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.cases.models import Encounter, EncounterState, Member, NotHeld, WayAsked
from goldseam_web.cases.services import cancel_encounter
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.cases.without_next import Slipping, own_appointments, slipping_away
from goldseam_web.measures.services.outreach import why_not
from tests.web import people
from tests.web.staff_pages import signed_in, words

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
HELD, PLANNED, CANCELLED = EncounterState.HELD, EncounterState.PLANNED, EncounterState.CANCELLED


def appointments(*given):
    """Appointments of 50 minutes by their days from now and their state."""
    rows = [(NOW + timedelta(days=days), state) for days, state in given]
    return [Encounter(starts_at=at, ends_at=at + timedelta(minutes=50), state=state) for at, state in rows]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], None),
        ([(3, PLANNED)], None),
        ([(-7, HELD), (1, PLANNED)], None),
        ([(-7, HELD)], Slipping.NO_NEXT),
        ([(-7, HELD), (2, CANCELLED)], Slipping.NO_NEXT),
        ([(-7, CANCELLED), (1, PLANNED)], None),
        ([(-7, CANCELLED)], Slipping.NO_NEXT),
        ([(-21, HELD), (-14, CANCELLED), (-7, CANCELLED), (1, PLANNED)], Slipping.NOT_HELD_TWICE),
        ([(-21, CANCELLED), (-14, CANCELLED), (-7, HELD), (1, PLANNED)], None),
        ([(-28, HELD), (1, PLANNED)], None),
        ([(-29, HELD), (1, PLANNED)], Slipping.LONG_AGO),
        # Four sessions 28 days apart: twice that is 56.
        ([(-140, HELD), (-112, HELD), (-84, HELD), (-50, HELD), (6, PLANNED)], None),
        ([(-149, HELD), (-121, HELD), (-93, HELD), (-65, HELD), (6, PLANNED)], Slipping.LONG_AGO),
    ],
)
def test_what_the_appointments_of_a_case_say(given, expected):
    """By hand, from the rule: none ahead; two in a row not held; 28 days, or twice the median gap of three or more."""
    found = slipping_away(appointments(*given), at=NOW, zone=ZONE)
    assert (found.why if found else None) == expected


@pytest.mark.django_db
class TestCaseload:
    def test_it_says_since_when_there_is_no_next_appointment(self, cast, now):
        # Around midnight it began on the day before it ended.
        day = people.meet(cast.couple, cast.ines, now - timedelta(days=3)).local_date
        page = words(signed_in(cast.ines).get("/"))
        assert f"No next appointment since {day.day} {day:%B}" in page

    def test_the_filter_shows_them_alone(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=3))
        people.plan(cast.individual, cast.ines, now + timedelta(days=3), at=now)
        page = words(signed_in(cast.ines).get("/", {"group": "slipping"}))
        assert "Lea & Tomas" in page
        assert "Ruth" not in page

    def test_with_a_next_appointment_nothing_is_said(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=3))
        people.plan(cast.couple, cast.ines, now + timedelta(days=3), at=now)
        assert "No next appointment" not in words(signed_in(cast.ines).get("/"))

    def test_two_cancelled_in_a_row(self, cast, now):
        people.meet(cast.couple, cast.ines, now - timedelta(days=21))
        for days in (14, 7):
            missed = people.plan(
                cast.couple, cast.ines, now - timedelta(days=days), at=now - timedelta(days=22)
            )
            facts = {"at": now, "actor": people.Actor.staff(cast.ines.id)}
            cancel_encounter(encounter=missed, because=NotHeld.BY_CLIENT, **facts)
        people.plan(cast.couple, cast.ines, now + timedelta(days=3), at=now)
        assert "Two in a row did not take place" in words(signed_in(cast.ines).get("/"))


class TestOneMember:
    """As one member of a couple or family has the appointments: what they missed is to them what was cancelled."""

    def own(self, *given, joined=-365):
        """By hand: days from now, state, and whether they were away."""
        rows = appointments(*[(days, state) for days, state, _ in given])
        me = Member(joined_on=(NOW + timedelta(days=joined)).date())
        away = {row.pk: frozenset({me.pk}) for row, (_, _, missed) in zip(rows, given, strict=True) if missed}
        found = slipping_away(own_appointments(me, rows, away, zone=ZONE), at=NOW, zone=ZONE)
        return (found.why, found.since and (found.since - NOW.date()).days) if found else None

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ([(-7, HELD, False), (1, PLANNED, False)], None),
            # A session held without them once, and they are expected at the next.
            ([(-14, HELD, False), (-7, HELD, True), (1, PLANNED, False)], None),
            (
                [(-21, HELD, False), (-14, HELD, True), (-7, HELD, True), (1, PLANNED, False)],
                (Slipping.NOT_HELD_TWICE, -21),
            ),
            (
                [(-21, HELD, False), (-14, CANCELLED, False), (-7, HELD, True), (1, PLANNED, False)],
                (Slipping.NOT_HELD_TWICE, -21),
            ),
            # The others go on, and the next is without them.
            ([(-7, HELD, False), (1, PLANNED, True)], (Slipping.NO_NEXT, -7)),
            # 28 days since they were there, though the case met a week ago.
            ([(-29, HELD, False), (-7, HELD, True), (1, PLANNED, False)], (Slipping.LONG_AGO, -29)),
            ([(-28, HELD, False), (-7, HELD, True), (1, PLANNED, False)], None),
            # Every four weeks, of each second session: twice their own gap is 56 days.
            (
                [
                    (-140, HELD, False),
                    (-126, HELD, True),
                    (-112, HELD, False),
                    (-98, HELD, True),
                    (-84, HELD, False),
                    (-70, HELD, True),
                    (-56, HELD, False),
                    (-7, HELD, True),
                    (1, PLANNED, False),
                ],
                None,
            ),
        ],
    )
    def test_what_the_appointments_say_of_them(self, given, expected):
        assert self.own(*given) == expected

    def test_what_was_before_they_joined_is_none_of_theirs(self):
        given = ((-60, HELD, False), (-14, HELD, True), (1, PLANNED, False))
        assert self.own(*given, joined=-3) is None

    @pytest.fixture
    def without_tomas(self, cast, now):
        """The couple met four times, the last two without Tomas, and meets again in three days; Ruth does, too."""
        tomas = people.member(cast.couple, "Tomas")
        for days in (24, 17):
            people.meet(cast.couple, cast.ines, now - timedelta(days=days))
        for days in (10, 3):
            people.meet(cast.couple, cast.ines, now - timedelta(days=days), away=[tomas])
        for case in (cast.couple, cast.individual):
            people.plan(case, cast.ines, now + timedelta(days=3), at=now)
        return tomas

    @pytest.mark.django_db
    def test_it_stands_on_the_caseload_by_name_and_leads_to_the_one_message(self, cast, without_tomas):
        client = signed_in(cast.ines)
        said = words(client.get("/"))
        assert "Tomas was not there twice in a row; last there" in said
        assert "Lea was not there" not in said
        assert f"/cases/{cast.couple.pk}/no-next/" in client.get("/").content.decode()
        alone = words(client.get("/", {"group": "slipping"}))
        assert "Lea & Tomas" in alone
        assert "Ruth" not in alone

    @pytest.mark.django_db
    def test_as_it_is_kept_it_says_the_same(self, cast, without_tomas, now):
        client = signed_in(cast.ines)
        worked_out = words(client.get("/"))
        keep_caseloads(at=now)
        assert words(client.get("/")) == worked_out

    @pytest.mark.django_db
    def test_the_message_may_go_to_them_and_not_to_who_comes(self, cast, without_tomas, now):
        for member in cast.couple.members.all():
            set_safe_ways(
                member=member,
                ways=GivenWays(by_mail=True),
                how_asked=WayAsked.ALONE,
                at=now,
                actor=people.Actor.staff(cast.ines.id),
            )
        lea = people.member(cast.couple, "Lea")
        assert why_not(people.member(cast.couple, "Tomas"), at=now) == ""
        assert why_not(lea, at=now) == "There is a next appointment, or the last one is not long ago."

    @pytest.mark.django_db
    def test_who_rests_or_has_left_is_not_said_to_be_missing(self, cast, without_tomas, now):
        Member.objects.filter(pk=without_tomas.pk).update(paused_on=now.date())
        assert "Tomas was not there" not in words(signed_in(cast.ines).get("/"))

    @pytest.mark.django_db
    def test_in_the_room_nothing_of_it_stands(self, cast, without_tomas):
        assert "not there twice" not in words(signed_in(cast.ines, alone=False).get("/"))
