"""Numbers for urgent help: where the shipped ones come from, and how a clinic keeps its own."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.crisis_line_table import SEEN_ON, SHIPPED, HelpNumber
from goldseam_web.accounts.crisis_lines import (
    add_crisis_line,
    change_crisis_line,
    remove_crisis_line,
    set_crisis_lines,
)
from goldseam_web.accounts.models import CrisisLine, LineKind, Role, Staff
from goldseam_web.accounts.set_up_key import new_set_up_key
from goldseam_web.alerts.readiness import readiness
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db

NOT_DIALLED = "{!r} cannot be dialled; give two digits or more, with spaces, +, -, /, . or brackets."
PAGE = "/office/urgent-help/"
NIGHT = HelpNumber("Night line", "555 0100", "Nights", LineKind.ANYBODY, "https://night.example.org/")
# As each stands on the page named beside it in the table.
READ = {
    ("AT", "anybody"): "142",
    ("AT", "domestic_violence"): "0800222555",
    ("AT", "children"): "147",
    ("AU", "anybody"): "131114",
    ("AU", "domestic_violence"): "1800737732",
    ("AU", "children"): "1800551800",
    ("CA", "anybody"): "988",
    ("CA", "children"): "18006686868",
    ("DE", "anybody"): "08001110111",
    ("DE", "domestic_violence"): "116016",
    ("DE", "children"): "116111",
    ("ES", "domestic_violence"): "016",
    ("ES", "children"): "116111",
    ("FR", "anybody"): "3114",
    ("FR", "domestic_violence"): "3919",
    ("FR", "children"): "119",
    ("GB", "anybody"): "116123",
    ("GB", "domestic_violence"): "08082000247",
    ("GB", "children"): "08001111",
    ("IE", "domestic_violence"): "1800341900",
    ("IE", "children"): "1800666666",
    ("NL", "domestic_violence"): "08002000",
    ("NZ", "anybody"): "1737",
    ("NZ", "domestic_violence"): "0800733843",
    ("NZ", "children"): "0800376633",
    ("US", "anybody"): "988",
    ("US", "domestic_violence"): "18007997233",
    ("US", "children"): "18004224453",
}


@pytest.fixture
def clinic(clinic, now):
    """Larkfield with one number."""
    set_crisis_lines(clinic=clinic, lines=[NIGHT], checked_on=SEEN_ON, at=now)
    return clinic


@pytest.fixture
def piet(clinic, now):
    return people.staff(clinic, "Piet Admin", [Role.ADMINISTRATOR], now)


def rows(clinic):
    return list(clinic.crisis_lines.values_list("name", "number", "hours", "kind", "source"))


def entry(action):
    found = AuditEntry.objects.get(action=action)
    return found.object_kind, found.details


class TestShippedNumbers:
    def test_are_those_that_were_read(self):
        shipped = {
            (country, line.kind): "".join(filter(str.isdigit, line.number))
            for country, lines in SHIPPED.items()
            for line in lines
        }
        assert shipped == READ
        assert sum(map(len, SHIPPED.values())) == len(READ)

    def test_each_says_on_which_page(self):
        for line in (line for lines in SHIPPED.values() for line in lines):
            assert line.source.startswith(("https://", "http://")), line
            assert line.name, line

    def test_each_could_have_been_written_down_by_hand(self, clinic, now):
        """No number that a clinic could not save again, and no column too short for one."""
        for lines in SHIPPED.values():
            for line in lines:
                added = add_crisis_line(clinic=clinic, given=line, at=now, actor=SYSTEM)
                added.full_clean()
                remove_crisis_line(line=added, at=now, actor=SYSTEM)


class TestServices:
    def test_a_number_is_put_behind_the_others_with_the_day_and_on_record(self, clinic, piet, now):
        given = HelpNumber("Safe", "0800 12 34", "", LineKind.DOMESTIC_VIOLENCE, "told by the police")
        line = add_crisis_line(clinic=clinic, given=given, at=now, actor=SYSTEM)
        assert (line.position, line.checked_on) == (1, people._day(clinic, now))
        assert rows(clinic)[1] == ("Safe", "0800 12 34", "", "domestic_violence", "told by the police")
        assert entry("crisis_line.add") == (
            "crisis_line",
            {"number": "0800 12 34", "kind": "domestic_violence"},
        )

    def test_the_first_one_is_first(self, clinic, now):
        clinic.crisis_lines.all().delete()
        assert add_crisis_line(clinic=clinic, given=NIGHT, at=now, actor=SYSTEM).position == 0

    @pytest.mark.parametrize("number", ["0800 REFUGE", "1", "", "ask us", "tel:112", "++112", "１１２"])
    def test_what_a_phone_would_not_dial_is_refused(self, clinic, number, now):
        with people.refused(NOT_DIALLED.format(number)):
            add_crisis_line(clinic=clinic, given=HelpNumber("X", number), at=now, actor=SYSTEM)
        assert len(rows(clinic)) == 1

    @pytest.mark.parametrize("number", ["112", "+44 116 123", "0800/111 0 111", "(030) 12-34", "555.0199"])
    def test_what_a_phone_dials_is_kept_as_it_was_written(self, clinic, number, now):
        assert add_crisis_line(clinic=clinic, given=HelpNumber("X", number), at=now, actor=SYSTEM).number == (
            number
        )

    def test_the_same_number_twice_for_the_same_people_is_refused(self, clinic, now):
        with people.refused("555 0100 is there already, as Night line."):
            add_crisis_line(clinic=clinic, given=HelpNumber("Again", "555-0100"), at=now, actor=SYSTEM)
        children = HelpNumber("Again", "555-0100", kind=LineKind.CHILDREN)
        add_crisis_line(clinic=clinic, given=children, at=now, actor=SYSTEM)

    def test_a_change_keeps_the_place_and_the_record_keeps_both(self, clinic, now):
        [line] = clinic.crisis_lines.all()
        later = now + timedelta(days=400)
        given = HelpNumber("Night line", "555 0111", "Every night", LineKind.ANYBODY, "")
        change_crisis_line(line=line, given=given, at=later, actor=SYSTEM)
        line.refresh_from_db()
        assert rows(clinic) == [("Night line", "555 0111", "Every night", "anybody", "")]
        assert (line.position, line.checked_on) == (0, people._day(clinic, later))
        assert entry("crisis_line.change")[1] == {
            "number": "555 0111",
            "kind": "anybody",
            "before": {"number": "555 0100", "kind": "anybody"},
        }

    def test_a_change_is_refused_as_an_addition_is(self, clinic, now):
        [line] = clinic.crisis_lines.all()
        other = add_crisis_line(clinic=clinic, given=HelpNumber("Day", "555 0200"), at=now, actor=SYSTEM)
        there = "555 0100 is there already, as Night line."
        for number, says in (("ask", NOT_DIALLED.format("ask")), ("5550100", there)):
            with people.refused(says):
                change_crisis_line(line=other, given=HelpNumber("Day", number), at=now, actor=SYSTEM)
        change_crisis_line(line=line, given=NIGHT, at=now, actor=SYSTEM)
        assert [number for _, number, *_ in rows(clinic)] == ["555 0100", "555 0200"]

    def test_a_number_is_taken_away_and_the_record_keeps_it(self, clinic, now):
        remove_crisis_line(line=clinic.crisis_lines.get(), at=now, actor=SYSTEM)
        assert rows(clinic) == []
        assert entry("crisis_line.remove") == ("crisis_line", {"number": "555 0100", "kind": "anybody"})


GIVEN = {
    "kind": "children",
    "name": "Kites",
    "number": "555 0300",
    "hours": "Day and night",
    "source": "https://kites.example.org/",
}


class TestPage:
    def test_shows_every_number_with_where_and_when_it_was_found(self, piet):
        reply = signed_in(piet).get(PAGE)
        said = words(reply)
        assert "Night line 555 0100 Nights" in said
        assert "Seen on 27 November 2026 at https://night.example.org/" in said
        assert b'href="https://night.example.org/" rel="noreferrer"' in reply.content

    def test_a_source_that_is_no_address_is_no_link(self, clinic, piet, now):
        given = HelpNumber("Odd", "555 0400", source="javascript:alert(1)")
        add_crisis_line(clinic=clinic, given=given, at=now, actor=SYSTEM)
        reply = signed_in(piet).get(PAGE)
        assert "javascript:alert(1)" in words(reply)
        assert b'href="javascript' not in reply.content

    def test_asks_in_plain_words_for_what_is_missing(self, piet):
        said = words(signed_in(piet).get(PAGE))
        assert "Whom can somebody call who is hurt or threatened at home?" in said
        assert "Whom can a child or a young person call?" in said
        assert "who is in danger or in despair" not in said, "there is a number for that"

    def test_an_administrator_adds_changes_and_removes(self, clinic, piet):
        browser = signed_in(piet)
        assert browser.post(PAGE, GIVEN).headers["Location"] == PAGE
        kites = clinic.crisis_lines.get(name="Kites")
        assert rows(clinic)[1] == (*("Kites", "555 0300", "Day and night", "children"), GIVEN["source"])
        page = f"{PAGE}{kites.pk}/"
        assert b'value="555 0300"' in browser.get(page).content
        assert browser.post(page, {**GIVEN, "number": "555 0301"}).headers["Location"] == PAGE
        assert clinic.crisis_lines.get(name="Kites").number == "555 0301"
        assert browser.post(f"{page}remove/").headers["Location"] == PAGE
        assert not clinic.crisis_lines.filter(name="Kites").exists()
        assert browser.post(f"{page}remove/").status_code == 404
        by = AuditEntry.objects.filter(action__startswith="crisis_line.").values_list("actor_id", flat=True)
        assert list(by) == [piet.pk] * 3

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"number": "0800 KITES"}, "'0800 KITES' cannot be dialled"),
            ({"number": "555 0100", "kind": "anybody"}, "555 0100 is there already, as Night line."),
            ({"name": " "}, "This field is required."),
            ({"kind": "pets"}, "Select a valid choice."),
        ],
    )
    def test_what_is_wrong_is_said_beside_it_and_kept_as_typed(self, clinic, piet, wrong, says):
        reply = signed_in(piet).post(PAGE, {**GIVEN, **wrong})
        assert reply.status_code == 400
        assert says in words(reply)
        assert b"https://kites.example.org/" in reply.content
        assert len(rows(clinic)) == 1

    def test_a_number_of_another_clinic_is_not_there(self, clinic, now):
        hillside = people.clinic_called("Hillside", "Europe/Berlin", now)
        theirs = people.staff(hillside, "Otto Elsewhere", [Role.ADMINISTRATOR], now)
        line = clinic.crisis_lines.get()
        browser = signed_in(theirs)
        assert browser.get(f"{PAGE}{line.pk}/").status_code == 404
        assert browser.post(f"{PAGE}{line.pk}/", GIVEN).status_code == 404
        assert browser.post(f"{PAGE}{line.pk}/remove/").status_code == 404
        assert "Night line" not in words(browser.get(PAGE))
        assert rows(clinic)[0][0] == "Night line"

    @pytest.mark.parametrize("role", [Role.THERAPIST, Role.SUPERVISOR, Role.RESEARCHER])
    def test_nobody_else_keeps_them(self, clinic, role, now):
        other = signed_in(people.staff(clinic, "Ann Other", [role], now))
        assert other.get(PAGE).status_code == 404
        assert other.post(PAGE, GIVEN).status_code == 404
        assert len(rows(clinic)) == 1

    def test_a_client_sees_what_the_clinic_wrote_at_once(self, piet, ruth, now, client):
        ines, case, member = ruth
        asked = people.asked(people.meet(case, ines, now - timedelta(hours=1)), member)
        signed_in(piet).post(PAGE, GIVEN)
        said = words(client.get(f"{people.link(asked)}help/"))
        assert said.index("Night line 555 0100") < said.index("Kites 555 0300 Day and night")
        assert "example.org" not in said, "where it was found is for the clinic"


class TestSetUp:
    FIRST = {
        "clinic": "Larkfield",
        "full_name": "Ines Okafor",
        "email": "ines@example.org",
        "password": "a quiet afternoon by the river",
    }

    def begun(self, client, now, country):
        key = new_set_up_key(at=now)
        given = {**self.FIRST, "country": country, "time_zone": ""}
        return client.post(f"/office/set-up/{key}/", given).headers["Location"]

    def test_leads_on_to_the_numbers_where_the_country_has_none(self, db, client, now):
        assert self.begun(client, now, "NO") == PAGE
        said = words(client.get(PAGE))
        assert "Whom can anybody call who is in danger or in despair?" in said
        assert "Goldseam knows no number of these kinds for Norway." in said
        office = words(client.get("/office/"))
        assert "None for anybody, none for violence at home, none for children and young people" in office
        clinic = Staff.objects.get().clinic
        for kind, number in zip(LineKind, ("11", "22", "33"), strict=True):
            client.post(PAGE, {"kind": kind, "name": "A line", "number": number})
        [need] = [n for n in readiness(clinic, at=now) if n.subject == "numbers for urgent help"]
        assert need.is_met

    def test_what_comes_with_the_install_and_was_removed_is_not_called_unknown(self, db, client, now):
        self.begun(client, now, "AT")
        CrisisLine.objects.filter(kind="children").delete()
        said = words(client.get(PAGE))
        assert "Whom can a child or a young person call?" in said
        assert "Goldseam knows no number" not in said

    def test_and_to_what_is_missing_where_it_has_some(self, db, client, now):
        assert self.begun(client, now, "NL") == PAGE
        assert "Veilig Thuis" in words(client.get(PAGE))
        assert CrisisLine.objects.get().source.startswith("https://www.rijksoverheid.nl/")

    def test_and_home_where_it_has_all(self, db, client, now):
        assert self.begun(client, now, "AT") == "/office/"
