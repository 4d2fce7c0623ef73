"""Two cases of one name are told apart by a second line; two people of one case are never called the same."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from goldseam_web.accounts.models import Clinic, Role, SecondLine, Staff
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import CaseKind, MemberRole, PersonIdentity, packed_names
from goldseam_web.cases.same_names import noted_line
from goldseam_web.cases.services import NewMember
from goldseam_web.cases.services.person_details import correct_person
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(ines, now):
    first, second = people.individual(ines, now), people.individual(ines, now)
    first.opened_on = first.opened_on.replace(year=2024, month=3, day=4)
    first.save()
    return first, second


def note(case, ines, now, line):
    [member] = case.members.all()
    identity = PersonIdentity.objects.get(person=member.person)
    correct_person(
        member=member,
        called=identity.display_name,
        family_name=identity.family_name,
        email="",
        phone="",
        second_line=line,
        at=now,
        actor=Actor.staff(ines.pk),
    )


def choose(second_line):
    Clinic.objects.update(second_line=second_line)


class TestCasesOfOneName:
    def test_each_shows_the_day_it_began_in_the_list_and_when_searched_for(self, two, ines):
        client = signed_in(ines)
        for page in (client.get("/"), client.post("/", {"q": "ruth"})):
            assert "Ruth Osei since 4 March 2024" in words(page)
        assert words(client.get("/")).count(" since ") == 2

    def test_a_name_that_is_alone_shows_nothing(self, two, ines):
        [member] = two[1].members.all()
        PersonIdentity.objects.filter(person=member.person).update(names=packed_names(called="Bea"))
        assert "since 4 March 2024" not in words(signed_in(ines).get("/"))

    def test_names_that_differ_by_accents_alone_count_as_one(self, two, ines):
        [member] = two[1].members.all()
        names = packed_names(called="Ru\u0301th", family_name="OSEI")
        PersonIdentity.objects.filter(person=member.person).update(names=names)
        assert "Ruth Osei since 4 March 2024" in words(signed_in(ines).get("/"))

    @pytest.mark.parametrize(
        ("kind", "typed", "shown"),
        [(SecondLine.BIRTH_YEAR, "1984", "born 1984"), (SecondLine.OWN_NUMBER, "A 17", "no. A 17")],
    )
    def test_what_was_noted_stands_before_it(self, two, ines, kind, typed, shown):
        choose(kind)
        url = reverse("dashboard:person", args=[two[0].pk, 1])
        client = signed_in(ines)
        given = {"called": "Ruth", "family_name": "Osei", "email": "", "phone": "", "second_line": typed}
        assert client.post(url, given).status_code == 302
        assert f"Ruth Osei {shown} · since 4 March 2024" in words(client.get("/"))
        assert shown in words(client.get(reverse("dashboard:case", args=[two[0].pk])))
        assert f'value="{typed}"' in client.get(url).content.decode()

    def test_where_nothing_may_be_noted_nothing_is_asked_and_what_was_stays(self, two, ines, now):
        choose(SecondLine.BIRTH_YEAR)
        note(two[0], ines, now, "1984")
        choose(SecondLine.BEGAN)
        client = signed_in(ines)
        url = reverse("dashboard:person", args=[two[0].pk, 1])
        assert "second_line" not in client.get(url).content.decode()
        client.post(url, {"called": "Ruth", "family_name": "Osei", "email": "", "phone": ""})
        assert "born 1984" in words(client.get("/"))

    @pytest.mark.parametrize("typed", ["84", "1899", "2999", "nineteen", "١٩٨٤"])
    def test_what_is_no_year_of_birth_is_refused_with_what_is(self, two, ines, now, typed):
        choose(SecondLine.BIRTH_YEAR)
        with pytest.raises(ValidationError, match="a year from 1900 to"):
            note(two[0], ines, now, typed)

    def test_in_the_room_nothing_of_it_is_shown(self, two, ines, now):
        choose(SecondLine.BIRTH_YEAR)
        note(two[0], ines, now, "1984")
        Staff.objects.update(alone_since=now - timedelta(hours=1))
        people.plan(two[0], ines, now - timedelta(minutes=10), at=now - timedelta(days=1))
        client = signed_in(ines, alone=False)
        for url in ("/", reverse("dashboard:case", args=[two[0].pk])):
            page = words(client.get(url))
            assert "Ruth Osei" in page
            assert "1984" not in page

    def test_a_case_of_the_same_people_is_told_with_the_day_it_began(self, two, ines):
        page = signed_in(ines).post(
            reverse("dashboard:new_case"),
            {"kind": "individual", "member-0-called": "ruth", "member-0-family_name": "Osei"},
        )
        assert "You have a case with Ruth Osei already, since" in words(page)


class TestOneCase:
    def test_two_who_would_be_called_the_same_are_refused(self, ines, now):
        for name in ("Erik", "erik ", "E\u0301rik"):
            with pytest.raises(ValidationError, match="Two people of this case would be called"):
                people.case(ines, CaseKind.FAMILY, [NewMember("Erik"), NewMember(name)], now)

    def test_nor_by_a_correction(self, ines, now):
        case = people.couple(ines, now)
        [lea, _tomas] = case.members.order_by("position")
        with pytest.raises(ValidationError, match="would be called Tomas"):
            correct_person(
                member=lea,
                called="Tomas",
                family_name="",
                email="",
                phone="",
                at=now,
                actor=Actor.staff(ines.pk),
            )


def test_the_office_chooses(clinic, now):
    ada = people.staff(clinic, "Ada Lind", [Role.ADMINISTRATOR], now)
    page = signed_in(ada)
    assert page.post("/office/same-name/", {"second_line": "own_number"}).status_code == 302
    assert Clinic.objects.get(pk=ada.clinic_id).second_line == SecondLine.OWN_NUMBER
    assert page.post("/office/same-name/", {"second_line": "shoe size"}).status_code == 400


def test_a_year_known_of_some_of_them_says_of_whom(ines, now):
    members = (*people.FAMILY[:2], NewMember("Ola", "Lindqvist", MemberRole.CHILD, birth_year="2018"))
    case = people.case(ines, CaseKind.FAMILY, members, now)
    assert noted_line(case) == "born 2018 (Ola)"
