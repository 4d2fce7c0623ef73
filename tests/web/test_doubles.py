"""One person entered twice: found by name or contact, made one, and two again, with what was known of each."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import Actor
from goldseam_web.cases.guardians import not_asked_yet
from goldseam_web.cases.merge_tables import PersonMerge
from goldseam_web.cases.models import CaseKind, ContactKind, Member, MemberRole, WayAsked
from goldseam_web.cases.safe_ways import contact_of, mail_address
from goldseam_web.cases.services import NewMember
from goldseam_web.cases.services.doubles import merge_people, merges_of, possible_doubles, take_back_merge
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.services.who_is_asked import member_died
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def twice(cast, now):
    """Lea of the couple, entered once more for a case of her own."""
    alone = people.case(
        cast.ines, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt", email="lea@elsewhere.example")], now
    )
    return people.member(cast.couple, "Lea"), people.member(alone, "Lea")


def merge(cast, now, kept, was, staff=None):
    merge_people(viewer=viewer_of((staff or cast.ines).user, at=now), member=kept, other=was, at=now)
    kept.refresh_from_db()
    was.refresh_from_db()


def ways(member, now, **said):
    set_safe_ways(
        member=member, ways=GivenWays(**said), how_asked=WayAsked.ALONE, at=now, actor=Actor.staff(member.pk)
    )


class TestFound:
    def test_by_both_names_whatever_their_accents(self, cast, twice, now):
        viewer = viewer_of(cast.ines.user, at=now)
        [double] = possible_doubles(viewer, twice[0])
        assert (double.member, double.same_name, double.same_contact) == (twice[1], True, False)

    def test_by_a_contact_under_another_name(self, cast, now):
        other = people.case(
            cast.ines, CaseKind.INDIVIDUAL, [NewMember("L.", "B.", email="LEA+work@example.org")], now
        )
        [double] = possible_doubles(viewer_of(cast.ines.user, at=now), people.member(cast.couple, "Lea"))
        assert (double.member.case, double.same_name, double.same_contact) == (other, False, True)

    def test_never_in_a_case_of_a_colleague(self, cast, twice, now):
        people.case(cast.colleague, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt")], now)
        assert len(possible_doubles(viewer_of(cast.ines.user, at=now), twice[0])) == 1

    def test_nor_who_is_seen_by_a_colleague_too(self, cast, twice, now):
        """To offer and then refuse them would tell that they are treated elsewhere."""
        lea, alone = twice
        of_colleague = people.case(cast.colleague, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt")], now)
        people.member(of_colleague, "Lea")
        of_colleague.members.update(person=alone.person)
        assert possible_doubles(viewer_of(cast.ines.user, at=now), lea) == []


class TestMerged:
    def test_names_contacts_and_ways_are_those_of_the_first_in_both_cases(self, cast, twice, now):
        lea, alone = twice
        ways(lea, now, by_mail=True)
        merge(cast, now, lea, alone)
        assert lea.person_id == alone.person_id
        assert contact_of(alone.person, ContactKind.EMAIL).value == "lea@example.org"
        assert mail_address(alone.person) == "lea@example.org"

    def test_taken_back_each_has_what_was_known_before(self, cast, twice, now):
        lea, alone = twice
        was = alone.person_id
        merge(cast, now, lea, alone)
        [stands] = merges_of(viewer_of(cast.ines.user, at=now), lea)
        take_back_merge(viewer=viewer_of(cast.ines.user, at=now), merge=stands, at=now)
        alone.refresh_from_db()
        assert alone.person_id == was
        assert contact_of(alone.person, ContactKind.EMAIL).value == "lea@elsewhere.example"
        assert list(merges_of(viewer_of(cast.ines.user, at=now), lea)) == []

    def test_a_third_entry_goes_back_step_by_step(self, cast, twice, now):
        lea, alone = twice
        third = people.member(
            people.case(cast.ines, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt")], now), "Lea"
        )
        first_person, second_person = lea.person_id, alone.person_id
        merge(cast, now, alone, third)
        merge(cast, now, lea, alone)
        third.refresh_from_db()
        assert third.person_id == first_person
        viewer = viewer_of(cast.ines.user, at=now)
        take_back_merge(viewer=viewer, merge=merges_of(viewer_of(cast.ines.user, at=now), lea)[0], at=now)
        third.refresh_from_db()
        assert third.person_id == second_person

    def test_to_whom_one_of_the_cases_was_handed_over_nothing_tells_of_the_other(self, cast, twice, now):
        lea, alone = twice
        merge(cast, now, lea, alone)
        alone.case.therapists.update(therapist=cast.colleague)
        for staff, member in ((cast.ines, lea), (cast.colleague, alone)):
            viewer = viewer_of(staff.user, at=now)
            assert list(merges_of(viewer, member)) == []
            with pytest.raises(ValidationError, match="do not treat"):
                take_back_merge(viewer=viewer, merge=PersonMerge.objects.get(), at=now)
        page = words(
            signed_in(cast.colleague).get(reverse("dashboard:doubles", args=[alone.case_id, alone.position]))
        )
        assert "Nobody of the same names" in page
        assert "another entry" not in page

    def test_is_on_record(self, cast, twice, now):
        merge(cast, now, *twice)
        assert AuditEntry.objects.filter(action="person.merge", object_id=str(twice[1].pk)).count() == 1


class TestSomebodyYoung:
    """Fifteen this year, so under age on every day of it where people agree alone from sixteen."""

    @pytest.fixture
    def young(self, cast, now):
        born = str(local_day(cast.clinic, now).year - 15)
        nina = NewMember("Lea", "Brandt", MemberRole.CLIENT, birth_year=born)
        return people.member(people.case(cast.ines, CaseKind.INDIVIDUAL, [nina], now), "Lea")

    def test_once_they_are_two_again_nobody_else_waits_for_a_guardian(self, cast, young, now):
        other = people.member(cast.couple, "Lea")
        merge(cast, now, young, other)
        assert not_asked_yet(other, local_day(cast.clinic, now))
        take_back_merge(viewer=viewer_of(cast.ines.user, at=now), merge=PersonMerge.objects.get(), at=now)
        for each, waits in ((young, True), (other, False)):
            assert not_asked_yet(Member.objects.get(pk=each.pk), local_day(cast.clinic, now)) is waits

    def test_on_the_page_what_waits_in_the_other_case_follows(self, cast, young, now):
        other = people.member(cast.couple, "Lea")
        people.plan(cast.couple, cast.ines, now + 3 * DAY, at=now)
        client, url = signed_in(cast.ines), reverse("dashboard:doubles", args=[young.case_id, young.position])
        ahead = Occasion.objects.filter(respondent=other, opens_at__gt=now)
        before = set(ahead.values_list("pk", "state"))
        assert {state for _, state in before} == {OccasionState.WAITING}
        client.post(url, {"same": str(other.pk)})
        assert not ahead.filter(state=OccasionState.WAITING).exists()
        client.post(url, {"take_back": str(PersonMerge.objects.get().pk)})
        assert set(ahead.values_list("pk", "state")) == before

    def test_is_not_made_one_with_an_entry_that_does_not_say_so(self, cast, young, now):
        with people.refused(
            "By the year of birth of the other entry somebody else may have to agree for this person; put the same "
            "year in here first, or put it right there."
        ):
            merge(cast, now, people.member(cast.couple, "Lea"), young)
        assert not_asked_yet(young, local_day(cast.clinic, now))


class TestRefused:
    def test_two_of_one_case(self, cast, now):
        lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
        with pytest.raises(ValidationError, match="same case"):
            merge(cast, now, lea, tomas)

    def test_where_a_colleague_treats_one_of_them(self, cast, twice, now):
        of_colleague = people.case(cast.colleague, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt")], now)
        other = people.member(of_colleague, "Lea")
        for kept, was in ((twice[0], other), (other, twice[0])):
            with pytest.raises(ValidationError, match="do not treat"):
                merge(cast, now, kept, was)
        assert not PersonMerge.objects.exists()

    def test_where_one_wants_no_message_and_the_other_does(self, cast, twice, now):
        ways(twice[0], now, by_mail=True)
        ways(twice[1], now, never=True)
        with pytest.raises(ValidationError, match="differs between the two"):
            merge(cast, now, *twice)

    def test_where_one_has_died(self, cast, twice, now):
        member_died(member=twice[1], died=True, at=now, actor=Actor.staff(cast.ines.pk))
        with pytest.raises(ValidationError, match="has died"):
            merge(cast, now, *twice)

    def test_where_the_other_of_the_case_reads_that_mailbox(self, cast, now):
        shared = [NewMember("Lea", "Brandt"), NewMember("Otto", email="lea@example.org")]
        case = people.case(cast.ines, CaseKind.COUPLE, shared, now)
        with pytest.raises(ValidationError, match="Otto"):
            merge(cast, now, people.member(cast.couple, "Lea"), people.member(case, "Lea"))

    def test_of_one_already(self, cast, twice, now):
        merge(cast, now, *twice)
        with pytest.raises(ValidationError, match="one person already"):
            merge(cast, now, *twice)


def test_by_the_page(cast, twice):
    client = signed_in(cast.ines)
    lea, alone = twice
    url = reverse("dashboard:doubles", args=[lea.case_id, lea.position])
    assert url in client.get(reverse("dashboard:person", args=[lea.case_id, lea.position])).content.decode()
    page = words(client.get(url))
    assert "lea@elsewhere.example" in page
    assert "Same names." in page
    assert "is one person now" in words(client.post(url, {"same": str(alone.pk)}, follow=True))
    merge_row = PersonMerge.objects.get()
    assert "two people after all" in words(client.get(url))
    assert "two people again" in words(client.post(url, {"take_back": str(merge_row.pk)}, follow=True))
    assert "out of date" in words(client.post(url, {"same": str(lea.pk)}, follow=True))
