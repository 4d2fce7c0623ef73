"""From an empty database to a clinic that may ask its first client: the one-time address, readiness, the charter."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from goldseam_web.accounts.charters import accept_charter, set_charter
from goldseam_web.accounts.crisis_line_table import SHIPPED
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.models import Charter, Clinic, Role, SetUpKey, Staff
from goldseam_web.accounts.phone_check import phone_reached
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.accounts.services import name_lead
from goldseam_web.accounts.set_up_key import new_set_up_key, opens_the_set_up
from goldseam_web.alerts.readiness import readiness
from goldseam_web.alerts.services.leaving_for_good import note_departure
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.concerns.models import ConcernRoute
from goldseam_web.concerns.services import set_route
from goldseam_web.lib.kept_settings import keep, read_kept
from goldseam_web.measures.models import MeasureVersion
from goldseam_web.measures.services.catalog import install_missing_measures
from goldseam_web.office.views import NUMBERS
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db

SENTENCE = "a quiet afternoon by the river"
GIVEN = {
    "clinic": "Larkfield",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "full_name": "Ines Okafor",
    "email": "ines@example.org",
    "password": SENTENCE,
    "treats": "on",
}


@pytest.fixture
def address():
    return f"/office/set-up/{new_set_up_key(at=timezone.now())}/"


def in_the_way(clinic):
    return {need.subject for need in readiness(clinic, at=timezone.now()) if need.is_in_the_way}


class TestTheOneTimeAddress:
    def test_makes_a_clinic_with_measures_numbers_and_an_administrator_who_is_signed_in(
        self, client, address
    ):
        assert "Who are you?" in client.get(address).content.decode()
        assert client.post(address, GIVEN).headers["Location"] == "/office/"
        staff = Staff.objects.get()
        clinic = staff.clinic
        assert (clinic.name, clinic.country, clinic.time_zone) == ("Larkfield", "DE", "Europe/Berlin")
        assert {role.role for role in staff.roles.all()} == {"administrator", "therapist"}
        assert staff.user.check_password(SENTENCE)
        assert set(MeasureVersion.objects.values_list("key", flat=True)) == {
            "goldseam-alliance",
            "goldseam-child",
            "goldseam-home",
            "goldseam-progress",
        }
        assert set(clinic.crisis_lines.values_list("number", flat=True)) == {
            "0800 111 0 111",
            "116 016",
            "116 111",
        }
        assert "Larkfield" in words(client.get("/office/"))

    def test_asks_from_which_age_somebody_agrees_alone_and_keeps_who_said_it(self, client, address):
        page = words(client.get(address))
        assert "From this age somebody agrees alone" in page
        assert "Goldseam does not know it: check the number." in page
        refused = client.post(address, {**GIVEN, "age_of_consent": "7"})
        assert (refused.status_code, Clinic.objects.count()) == (400, 0)
        client.post(address, {**GIVEN, "age_of_consent": "14"})
        assert Clinic.objects.get().age_of_consent == 14
        said = AuditEntry.objects.get(action="clinic.age_of_consent")
        assert (said.actor_id, said.details) == (Staff.objects.get().pk, {"age": 14})

    def test_without_an_age_it_stays_where_goldseam_starts(self, client, address):
        client.post(address, GIVEN)
        assert Clinic.objects.get().age_of_consent == 16
        assert not AuditEntry.objects.filter(action="clinic.age_of_consent").exists()
        assert AuditEntry.objects.filter(action="staff.add").exists()

    def test_the_clinic_can_ask_its_first_client(self, client, address, now):
        """Without measures in use, nobody would be asked anything about a session."""
        client.post(address, GIVEN)
        ines = Staff.objects.get()
        ines.roles.update(starts_on=(now - people.YEAR).date())
        case = people.individual(ines, now)
        encounter = people.meet(case, ines, now - timedelta(hours=1))
        assert people.asked(encounter, people.member(case, "Ruth")).measures.exists()

    def test_works_no_more_once_somebody_can_sign_in_and_no_other_is_made(self, client, address):
        client.post(address, GIVEN)
        assert Client().get(address).status_code == 404
        assert Client().post(address, {**GIVEN, "email": "thief@example.org"}).status_code == 404
        assert new_set_up_key(at=timezone.now()) is None
        assert Staff.objects.count() == 1

    def test_is_of_no_use_to_who_reads_the_database_and_dies_with_the_next(self, address):
        key = address.split("/")[-2]
        assert key not in SetUpKey.objects.get().digest
        assert opens_the_set_up(key)
        new_set_up_key(at=timezone.now())
        assert not opens_the_set_up(key)

    @pytest.mark.parametrize("key", ["x", "0" * 43])
    def test_a_stranger_finds_nothing(self, client, address, key):
        assert client.get(f"/office/set-up/{key}/").status_code == 404
        assert client.post(f"/office/set-up/{key}/", GIVEN).status_code == 404
        assert client.get("/office/").status_code == 302
        assert not Clinic.objects.exists()

    def test_the_second_step_at_sign_in_comes_before_the_office(self, client, address, settings):
        settings.GOLDSEAM_REQUIRE_TOTP = True
        client.post(address, GIVEN)
        assert client.get("/office/").headers["Location"] == "/account/second-factor/"
        assert client.get("/account/second-factor/").status_code == 200, "the password was given just now"

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"password": "too short"}, "at least 15 characters"),
            ({"email": "nobody"}, "valid email"),
            ({"country": "US", "time_zone": ""}, "United States has 29 time zones; choose the clinic’s."),
            ({"country": ""}, "Choose the country."),
            ({"full_name": " "}, "This field is required."),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_made(self, client, address, wrong, says):
        reply = client.post(address, {**GIVEN, **wrong})
        assert reply.status_code == 400
        assert says in words(reply)
        assert not Clinic.objects.exists()

    def test_a_country_of_one_zone_needs_no_choice(self, client, address):
        client.post(address, {**GIVEN, "country": "NO", "time_zone": ""})
        assert Clinic.objects.get().time_zone == "Europe/Oslo"


class TestReadiness:
    @pytest.fixture
    def ready(self, clinic, now, settings):
        """Larkfield with everything that a first client needs."""
        settings.GOLDSEAM_BASE_URL = "https://goldseam.example.org"
        piet = people.staff(clinic, "Piet Admin", [Role.ADMINISTRATOR], now)
        people.staff(clinic, "Ines Okafor", [Role.THERAPIST], now)
        set_crisis_lines(clinic=clinic, lines=SHIPPED["US"], checked_on=now.date(), at=now)
        accept_charter(charter=set_charter(clinic=clinic, text="Never.", at=now), staff=piet, at=now)
        body = {"body_name": "Ombudsperson", "body_telephone": "+1 312 555 0111", "body_hours": ""}
        set_route(clinic=clinic, working_days=3, **body, at=now, actor=SYSTEM)
        phone_reached(clinic=clinic, at=now)
        clinic.refresh_from_db()
        return clinic

    def test_nothing_stands_in_the_way(self, ready):
        assert in_the_way(ready) == set()

    @pytest.mark.parametrize(
        ("take", "subject"),
        [
            (lambda c: c.crisis_lines.filter(kind="children").delete(), "numbers for urgent help"),
            (lambda c: MeasureVersion.objects.filter(clinic=c).delete(), "what is asked"),
            (lambda c: Staff.objects.filter(full_name="Ines Okafor").update(active=False), "therapist"),
            (lambda c: Staff.objects.filter(full_name="Piet Admin").update(active=False), "administrator"),
            (lambda c: set_charter(clinic=c, text="Seldom.", at=timezone.now()), "charter of use"),
            (lambda c: ConcernRoute.objects.filter(clinic=c).delete(), "somebody else to speak with"),
        ],
    )
    def test_each_thing_that_is_missing_stops_asking_on_the_page_and_in_check(self, ready, take, subject):
        take(ready)
        assert in_the_way(ready) == {subject}
        said = io.StringIO()
        with pytest.raises(CommandError, match="put right"):
            call_command("check", stdout=said)
        assert f"WRONG  Larkfield, {subject}: " in said.getvalue()

    def test_a_new_address_waits_for_a_phone(self, ready, settings):
        settings.GOLDSEAM_BASE_URL = "https://other.example.org"
        assert in_the_way(ready) == {"where clients reach it"}

    def test_this_machine_alone_is_said_and_stops_asking(self, ready, settings):
        settings.GOLDSEAM_BASE_URL = "http://127.0.0.1:8000"
        assert in_the_way(ready) == {"where clients reach it"}

    def test_an_administrator_without_a_second_step_stops_asking_where_it_is_asked_of_staff(
        self, ready, settings
    ):
        settings.GOLDSEAM_REQUIRE_TOTP = True
        assert in_the_way(ready) == {"administrator"}

    def test_who_hears_of_the_unopened_can_wait(self, ready, now):
        [need] = [n for n in readiness(ready, at=now) if n.subject == "somebody to turn to"]
        assert (need.is_met, need.stops) == (False, False)
        name_lead(lead=people.staff(ready, "Marta Lind", [Role.SUPERVISOR], now), at=now)
        ready.refresh_from_db()
        [need] = [n for n in readiness(ready, at=now) if n.subject == "somebody to turn to"]
        assert need.is_met
        note_departure(staff=ready.lead, day=local_day(ready, now), taker=None, at=now, actor=SYSTEM)
        [need] = [n for n in readiness(ready, at=now) if n.subject == "somebody to turn to"]
        assert not need.is_met, "whoever has left is nobody"

    def test_an_install_without_a_clinic_is_not_well(self):
        said = io.StringIO()
        with pytest.raises(CommandError, match="put right"):
            call_command("check", stdout=said)
        assert "WRONG  clinic: none is set up yet; run goldseam-web start" in said.getvalue()

    def test_the_administrators_first_page_is_that_list(self, ready):
        piet = Staff.objects.get(full_name="Piet Admin")
        assert signed_in(piet).get("/").headers["Location"] == "/office/"
        assert words(signed_in(piet).get("/office/")).startswith(
            "Clients can be asked. Nothing stands in the way."
        )
        ready.crisis_lines.all().delete()
        said = words(signed_in(piet).get("/office/"))
        assert said.startswith("One thing still stops the first client from being asked.")
        assert "None for anybody, none for violence at home, none for children and young people." in said

    def test_every_number_of_things_has_its_word(self, ready, now):
        assert len(NUMBERS) == len(readiness(ready, at=now)) + 1

    def test_a_clinic_that_lost_its_measures_is_given_them(self, ready, now):
        MeasureVersion.objects.filter(clinic=ready, key="goldseam-progress").delete()
        assert [version.key for version in install_missing_measures(clinic=ready, at=now)] == [
            "goldseam-progress"
        ]
        assert install_missing_measures(clinic=ready, at=now) == []

    def test_a_newer_version_is_asked_where_the_one_before_it_was(self, ready, now):
        """An install of the version before, in which the questions on how things are going were switched off."""
        MeasureVersion.objects.filter(clinic=ready).update(version="0.9.0")
        MeasureVersion.objects.filter(clinic=ready, key="goldseam-progress").update(enabled=False)
        new = install_missing_measures(clinic=ready, at=now + timedelta(minutes=1))
        assert {version.key: version.enabled for version in new} == {
            "goldseam-alliance": True,
            "goldseam-child": True,
            "goldseam-home": True,
            "goldseam-progress": False,
        }
        assert install_missing_measures(clinic=ready, at=now) == []


def owes(staff):
    """Whether they have still to agree to the charter."""
    return viewer_of(staff.user, at=timezone.now()).owes_charter


class TestCharter:
    def test_is_agreed_to_once_and_asked_again_when_changed(self, ines, now):
        first = set_charter(clinic=ines.clinic, text="Never held against you.", at=now)
        page = signed_in(ines)
        assert "Never held against you." in words(page.get("/office/charter/"))
        for _ in range(2):
            page.post("/office/charter/", {"charter": str(first.pk)})
        assert first.acceptances.count() == 1
        assert not owes(ines)
        assert set_charter(clinic=ines.clinic, text="Never held against you. ", at=now) == first
        second = set_charter(clinic=ines.clinic, text="Never, by nobody.", at=now)
        assert (second.number, owes(ines)) == (2, True)

    @pytest.mark.parametrize("page", ["/", "/cases/new/"])
    def test_comes_before_the_first_case_and_before_the_next_when_it_has_changed(self, ines, now, page):
        browser = signed_in(ines)
        assert browser.get(page).status_code == 200
        for text in ("One.", "Two."):
            charter = set_charter(clinic=ines.clinic, text=text, at=now)
            assert browser.get(page).headers["Location"] == "/office/charter/"
            browser.post("/office/charter/", {"charter": str(charter.pk)})
            assert browser.get(page).status_code == 200

    def test_what_was_not_read_is_not_agreed_to(self, ines, now):
        first = set_charter(clinic=ines.clinic, text="One.", at=now)
        set_charter(clinic=ines.clinic, text="Two.", at=now)
        signed_in(ines).post("/office/charter/", {"charter": str(first.pk)})
        assert owes(ines)
        assert not Charter.objects.filter(acceptances__staff=ines).exists()


def test_settings_made_in_the_browser_are_kept_for_their_owner_alone(tmp_path):
    keep(tmp_path, {"GOLDSEAM_EMAIL_FROM": "desk@example.org", "GOLDSEAM_PORT": "8001"})
    keep(tmp_path, {"GOLDSEAM_PORT": None})
    assert read_kept(tmp_path) == {"GOLDSEAM_EMAIL_FROM": "desk@example.org"}
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]
