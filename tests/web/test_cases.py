"""Opening cases and keeping their appointments: what is stored, what is refused, and who was there."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import (
    Case,
    CaseKind,
    EncounterState,
    MemberRole,
    PersonContact,
    PersonIdentity,
    Presence,
    RecordState,
)
from goldseam_web.cases.queries import SessionNumbers, case_title, next_meeting, sessions_of
from goldseam_web.cases.services import NewMember, hold_encounter, open_case, plan_encounter
from tests.web import histories, people


def opened(ines, kind, members, now, **given):
    return open_case(
        **{
            "clinic": ines.clinic,
            "therapist": ines,
            "kind": kind,
            "members": members,
            "opened_on": now.date(),
            "at": now,
            "actor": Actor.staff(ines.id),
            **given,
        }
    )


def planned(case, ines, starts_at, now, *, minutes=50, **given):
    return plan_encounter(
        **{
            "case": case,
            "therapist": ines,
            "starts_at": starts_at,
            "minutes": minutes,
            "at": now,
            "actor": Actor.staff(ines.id),
            **given,
        }
    )


def on_record(action, of):
    """Who did it when, for every entry of this action about this row."""
    entries = AuditEntry.objects.filter(action=action, object_id=str(of.pk), clinic_id=of.clinic_id)
    return [(entry.object_kind, entry.actor_id, entry.at) for entry in entries]


class TestOpeningACase:
    def test_stores_everybody_in_the_order_given(self, ines, now):
        first = NewMember(
            " Kim ", " Ray ", MemberRole.PARENT, " kim@example.org ", " 0301 ", partnered=True, parent=False
        )
        case = opened(ines, CaseKind.FAMILY, [first, NewMember("Jo", role=MemberRole.CHILD)], now)
        kim, jo = case.members.all()
        assert (kim.position, kim.role, kim.partnered, kim.parent) == (1, "parent", True, False)
        assert (jo.position, jo.role, jo.partnered, jo.parent) == (2, "child", None, None)
        assert (kim.joined_on, kim.person.created_at, kim.idea) == (now.date(), now, "unknown")
        identity = kim.person.identity
        assert (identity.display_name, identity.family_name) == ("Kim", "Ray")
        contacts = kim.person.contacts.order_by("kind").values_list("kind", "value", "private")
        assert list(contacts) == [("email", "kim@example.org", True), ("phone", "0301", True)]
        assert not jo.person.contacts.exists()
        for row in (kim, jo, kim.person, identity, *kim.person.contacts.all()):
            assert row.clinic_id == ines.clinic_id

    def test_gives_it_to_the_therapist_from_that_day(self, ines, now):
        case = opened(ines, CaseKind.INDIVIDUAL, [people.RUTH], now)
        assert (case.kind, case.state, case.opened_on, case.ended_on) == (
            "individual",
            "active",
            now.date(),
            None,
        )
        link = case.therapists.get()
        assert (link.therapist, link.part, link.starts_on, link.ends_on) == (ines, "main", now.date(), None)

    def test_is_on_record_and_open_pages_hear_of_it(self, ines, now):
        before = people.heard_by(ines)
        case = opened(ines, CaseKind.INDIVIDUAL, [people.RUTH], now)
        assert on_record("case.open", case) == [("case", ines.id, now)]
        assert people.heard_by(ines) == before + 1

    @pytest.mark.parametrize(
        ("kind", "allowed", "refused"),
        [
            (CaseKind.INDIVIDUAL, (1, 1), "has 1."),
            (CaseKind.COUPLE, (2, 2), "has 2."),
            (CaseKind.FAMILY, (2, 8), "has 2 to 8."),
        ],
    )
    def test_takes_as_many_people_as_its_kind_has(self, kind, allowed, refused, ines, now):
        fewest, most = allowed
        somebody = [NewMember(f"Person {k}") for k in range(most + 1)]
        for count in {fewest, most}:
            assert opened(ines, kind, somebody[:count], now).members.count() == count
        for count in (fewest - 1, most + 1):
            with people.refused(f"{count} people given; a case of kind {kind} {refused}"):
                opened(ines, kind, somebody[:count], now)

    def test_refuses_somebody_without_a_name_and_says_whom(self, ines, now):
        with people.refused("Person 2 has no name; give what they are called."):
            opened(ines, CaseKind.COUPLE, [people.LEA, NewMember("  ")], now)

    def test_refuses_a_therapist_of_another_clinic(self, cast, now):
        with people.refused("The therapist works at another clinic; choose one of this clinic."):
            opened(cast.ines, CaseKind.INDIVIDUAL, [people.OTTO], now, therapist=cast.stranger)

    def test_a_refusal_leaves_nothing_behind(self, ines, now):
        with pytest.raises(ValidationError):
            opened(ines, CaseKind.COUPLE, [people.RUTH], now)
        assert not Case.objects.exists()
        assert not PersonIdentity.objects.exists()


def shared(what, value):
    return (
        f"Two people share the {what} {value}. Each needs a private way of their own, "
        "so that nobody opens another's questions."
    )


class TestSharedContacts:
    """Two members may share an address only if each has another way that nobody else of the case has."""

    SHARED = "home@example.org"

    @pytest.mark.parametrize(
        ("hers", "his"),
        [
            ((SHARED, ""), (SHARED, "")),
            ((SHARED, "01"), (SHARED, "")),
            ((SHARED, ""), (SHARED, "02")),
            ((SHARED, "01"), (SHARED, "01")),
            ((SHARED, "01"), (f" {SHARED.upper()}", "01 ")),
            (("", "01"), ("", "01")),
        ],
    )
    def test_is_refused(self, hers, his, ines, now):
        two = [
            NewMember(name, email=email, phone=phone)
            for name, (email, phone) in zip("AB", (hers, his), strict=True)
        ]
        what, value = ("email", self.SHARED) if hers[0] else ("phone", "01")
        with people.refused(shared(what, value)):
            opened(ines, CaseKind.COUPLE, two, now)
        assert not PersonContact.objects.exists()

    @pytest.mark.parametrize(
        ("hers", "his"),
        [
            ((SHARED, "01"), (SHARED, "02")),
            (("a@example.org", "01"), ("b@example.org", "01")),
            (("", ""), ("", "")),
        ],
    )
    def test_is_allowed_where_each_has_another_way(self, hers, his, ines, now):
        two = [
            NewMember(name, email=email, phone=phone)
            for name, (email, phone) in zip("AB", (hers, his), strict=True)
        ]
        assert opened(ines, CaseKind.COUPLE, two, now).members.count() == 2

    def test_a_third_person_s_way_is_not_private_either(self, ines, now):
        three = [
            NewMember("A", email=self.SHARED, phone="01"),
            NewMember("B", email=self.SHARED, phone="02"),
            NewMember("C", email="c@example.org", phone="02"),
        ]
        with people.refused(shared("email", self.SHARED)):
            opened(ines, CaseKind.FAMILY, three, now)

    @pytest.mark.parametrize(
        ("hers", "his"),
        [
            (("home@example.org", ""), ("HOME+tomas@Example.org", "")),
            (("lea.brandt@gmail.com", ""), ("leabrandt@googlemail.com", "")),
            (("", "(312) 555-0177"), ("", "+1 312 555 0177")),
            (("", "1 312 555 0177"), ("", "312.555.0177")),
            (("", "\uff0b1 312 555 0177"), ("", "+13125550177")),
        ],
    )
    def test_is_found_however_it_is_written(self, hers, his, ines, now):
        """The clinic is in Chicago: numbers without a country are of the United States."""
        two = [
            NewMember(name, email=email, phone=phone)
            for name, (email, phone) in zip("AB", (hers, his), strict=True)
        ]
        with pytest.raises(ValidationError, match="which is likely the same as"):
            opened(ines, CaseKind.COUPLE, two, now)

    def test_two_numbers_of_different_countries_are_two(self, ines, now):
        two = [NewMember("A", phone="+49 312 555 0177"), NewMember("B", phone="312 555 0177")]
        assert opened(ines, CaseKind.COUPLE, two, now).members.count() == 2


def test_what_nobody_sees_in_a_name_is_not_kept(ines, now):
    """A direction mark turns the text after it round, a zero-width space makes two names of one."""
    case = opened(ines, CaseKind.INDIVIDUAL, [NewMember("Ru\u200bth\u202e", "O\u0301sei\x07")], now)
    assert case_title(case) == "Ruth \u00d3sei"


class TestPlanning:
    def test_stores_the_clinic_s_own_date_and_who_is_expected(self, brandts):
        """22:30 in Chicago on 9 March is the 10th in Greenwich."""
        ines, case, lea, tomas = brandts
        starts_at = datetime(2027, 3, 10, 4, 30, tzinfo=UTC)
        encounter = planned(case, ines, starts_at, starts_at, minutes=45, away=[tomas.id])
        assert (encounter.state, encounter.therapist, encounter.clinic) == ("planned", ines, case.clinic)
        assert encounter.ends_at - encounter.starts_at == timedelta(minutes=45)
        assert encounter.local_date.isoformat() == "2027-03-09"
        presence = dict(encounter.attendance.values_list("member", "presence"))
        assert presence == {lea.id: Presence.EXPECTED, tomas.id: Presence.AWAY}

    def test_is_on_record_and_open_pages_hear_of_it(self, ruth, now):
        ines, case, _ = ruth
        before = people.heard_by(ines)
        encounter = planned(case, ines, now, now)
        assert on_record("encounter.plan", encounter) == [("encounter", ines.id, now)]
        assert people.heard_by(ines) == before + 1

    def test_expects_nobody_who_has_left_the_case(self, brandts, now):
        ines, case, lea, tomas = brandts
        tomas.left_on = now.date()
        tomas.save()
        assert [row.member for row in planned(case, ines, now, now).attendance.all()] == [lea]

    @pytest.mark.parametrize("minutes", [5, 480])
    def test_a_session_lasts_from_five_minutes_to_eight_hours(self, minutes, ruth, now):
        ines, case, _ = ruth
        assert planned(case, ines, now, now, minutes=minutes).pk

    @pytest.mark.parametrize("minutes", [-50, 4, 481])
    def test_and_no_other_time(self, minutes, ruth, now):
        ines, case, _ = ruth
        with people.refused(f"{minutes} minutes given; a session lasts 5 to 480 minutes."):
            planned(case, ines, now, now, minutes=minutes)

    @pytest.mark.parametrize("state", [RecordState.CLOSED, RecordState.ERASED])
    def test_not_for_a_case_that_is_over(self, state, ruth, now):
        ines, case, _ = ruth
        case.state = state
        with people.refused("This case has ended; reopen it before planning a session."):
            planned(case, ines, now, now)

    def test_not_for_a_case_with_an_end(self, ruth, now):
        ines, case, _ = ruth
        case.ended_on = now.date()
        with people.refused("This case has ended; reopen it before planning a session."):
            planned(case, ines, now, now)

    def test_not_with_a_therapist_of_another_clinic(self, cast, now):
        with people.refused("The therapist works at another clinic; choose one of this clinic."):
            planned(cast.couple, cast.stranger, now, now)

    def test_not_twice_at_one_time_unless_the_first_was_cancelled(self, ruth, now):
        ines, case, _ = ruth
        first = planned(case, ines, now, now)
        start, end = (f"{at.astimezone(ZoneInfo('America/Chicago')):%H:%M}" for at in (now, first.ends_at))
        taken = f"There is already a session of this case at that time, from {start} to {end}; choose another time."
        for overlap in (timedelta(0), timedelta(minutes=49), timedelta(minutes=-49)):
            with people.refused(taken):
                planned(case, ines, now + overlap, now)
        planned(case, ines, now + timedelta(minutes=50), now)
        planned(case, ines, now - timedelta(minutes=50), now)
        first.state = EncounterState.CANCELLED
        first.save()
        assert planned(case, ines, now, now) != first


class TestHolding:
    @pytest.fixture
    def encounter(self, brandts, now):
        ines, case, *_ = brandts
        return planned(case, ines, now - timedelta(hours=1), now - timedelta(days=1))

    def held(self, encounter, now, **given):
        return hold_encounter(encounter=encounter, at=now, actor=SYSTEM, **given)

    def test_says_who_was_there_and_may_be_corrected(self, encounter, brandts, now):
        _, _, lea, tomas = brandts
        for away, expected in (([tomas.id], ("attended", "away")), ([], ("attended", "attended"))):
            assert self.held(encounter, now, away=away).state == EncounterState.HELD
            presence = dict(encounter.attendance.values_list("member", "presence"))
            assert (presence[lea.id], presence[tomas.id]) == expected
        assert on_record("encounter.hold", encounter) == [("encounter", None, now)] * 2

    def test_open_pages_hear_of_it(self, encounter, now):
        before = people.heard_by(encounter.therapist)
        self.held(encounter, now)
        assert people.heard_by(encounter.therapist) == before + 1

    def test_keeps_the_planned_end_unless_another_after_the_start_is_given(self, encounter, now):
        planned_end = encounter.ends_at
        assert self.held(encounter, now).ends_at == planned_end
        assert self.held(encounter, now, ended_at=encounter.starts_at).ends_at == planned_end
        early = encounter.starts_at + timedelta(minutes=20)
        assert self.held(encounter, now, ended_at=early).ends_at == early
        encounter.refresh_from_db()
        assert (encounter.state, encounter.ends_at) == (EncounterState.HELD, early)

    def test_not_after_it_was_cancelled(self, encounter, now):
        encounter.state = EncounterState.CANCELLED
        encounter.save()
        with people.refused("This session was cancelled; plan a new one."):
            self.held(encounter, now)


TITLES = [
    (CaseKind.INDIVIDUAL, [("Ruth", "Osei")], "Ruth Osei"),
    (CaseKind.INDIVIDUAL, [("Ruth", "")], "Ruth"),
    (CaseKind.COUPLE, [("Lea", "Brandt"), ("Tomas", "Brandt")], "Lea & Tomas Brandt"),
    (CaseKind.COUPLE, [("Lea", "Brandt"), ("Tomas", "Novak")], "Lea Brandt & Tomas Novak"),
    (CaseKind.COUPLE, [("Lea", ""), ("Tomas", "")], "Lea & Tomas"),
    (CaseKind.FAMILY, [("Karin", "Lind"), ("Nils", "Lind"), ("Ana", "Ek")], "The Lind family"),
    (CaseKind.FAMILY, [("Karin", ""), ("Nils", "Ek")], "The Ek family"),
    (CaseKind.FAMILY, [("Karin", ""), ("Nils", "")], "Karin & Nils"),
]


@pytest.mark.parametrize(("kind", "names", "title"), TITLES)
def test_a_case_is_called_by_its_people(kind, names, title, ines, now):
    assert case_title(opened(ines, kind, [NewMember(*name) for name in names], now)) == title


def test_a_case_whose_names_were_erased_says_so(ruth):
    _, case, _ = ruth
    PersonIdentity.objects.all().delete()
    assert case_title(Case.objects.get(pk=case.pk)) == "A case without names"


def test_nobody_can_be_taken_out_of_the_house_by_deleting_a_row(ruth):
    _, case, _ = ruth
    with pytest.raises(ProtectedError):
        case.delete()


class TestSessionNumbers:
    """Held encounters of the case are numbered from 1; planned and cancelled ones have no number."""

    @pytest.fixture
    def three(self, brandts, now):
        """Three meetings, Tomas away from the second, and one planned for next week."""
        ines, case, _, tomas = brandts
        held = [
            people.meet(case, ines, now - timedelta(weeks=3 - k), away=[tomas] if k == 1 else ())
            for k in range(3)
        ]
        return held, people.plan(case, ines, now + timedelta(weeks=1), at=now)

    def test_count_in_the_order_of_time(self, three):
        held, ahead = three
        numbers = SessionNumbers.of([held[2], ahead, held[0], held[1]])
        assert [numbers[encounter.id] for encounter in held] == [1, 2, 3]
        assert numbers.get(ahead.id) is None

    def test_a_member_s_sessions_keep_the_numbers_of_the_case(self, three, brandts):
        held, _ = three
        _, _, lea, tomas = brandts
        assert sessions_of(lea) == {1: held[0], 2: held[1], 3: held[2]}
        assert sessions_of(tomas) == {1: held[0], 3: held[2]}

    def test_the_next_meeting_is_the_first_to_come_at_which_one_is_expected(self, three, brandts, now):
        _, ahead = three
        ines, case, lea, tomas = brandts
        without_tomas = people.plan(case, ines, now + timedelta(days=1), at=now, away=[tomas])
        assert next_meeting(lea, after=now) == without_tomas
        assert next_meeting(tomas, after=now) == ahead
        assert next_meeting(lea, after=without_tomas.starts_at) == ahead
        assert next_meeting(lea, after=ahead.starts_at) is None


def test_two_cases_number_their_own_sessions(cast, now):
    histories.sessions(cast.couple, cast.ines, 2, now)
    [alone] = histories.sessions(cast.individual, cast.ines, 1, now - timedelta(minutes=70))
    assert sessions_of(people.member(cast.individual, "Ruth")) == {1: alone}
