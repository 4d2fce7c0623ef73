"""The set-up is six steps in the order of the issue; each page leads on to the next, so that nobody hunts for links."""

import pytest

from goldseam_web.accounts.charters import set_charter
from goldseam_web.accounts.client_contact import ClientContact, set_client_contact
from goldseam_web.accounts.crisis_line_table import SHIPPED
from goldseam_web.accounts.crisis_lines import set_crisis_lines
from goldseam_web.accounts.models import Role, StaffRole
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.violence_procedure import set_violence_procedure
from goldseam_web.alerts.readiness import readiness
from goldseam_web.audit.services import SYSTEM
from goldseam_web.office.set_up_steps import STEPS, WAY, goes_on_with, next_page, page_of, shown_steps
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


def test_everything_that_is_needed_belongs_to_one_step_and_has_a_page(cast, now):
    needs = readiness(cast.clinic, at=now)
    in_steps = [subject for step in STEPS for subject in step.subjects]
    assert sorted(in_steps) == sorted(need.subject for need in needs)
    assert all(page_of(need).startswith("/office/") for need in needs)


def test_the_administrators_page_has_the_six_in_order_with_what_each_lacks(cast):
    said = words(signed_in(cast.administrator).get("/office/"))
    titles = [f"{number}. {step.title}" for number, step in enumerate(STEPS, start=1)]
    assert len(titles) == 6
    places = [said.index(title) for title in titles]
    assert places == sorted(places)


def test_each_page_of_the_way_leads_to_the_next_one_and_the_last_to_none(cast, client):
    office = signed_in(cast.administrator)
    page, walked = "/office/urgent-help/", ["office:urgent_help"]
    while (following := next_page(walked[-1])) is not None:
        # Asked for the password again or not, the way is the same.
        reply = office.get(page)
        if reply.status_code == 200:
            assert f'href="{following[1].url}">' in reply.content.decode()
            assert f"Step {following[0]} of 6" in words(reply)
        page = following[1].url
        walked.append(following[1].route)
    assert tuple(walked) == WAY


def test_where_an_install_only_records_the_way_leaves_out_what_is_not_there(settings):
    settings.GOLDSEAM_RECORD_ONLY = True
    assert next_page("office:somebody_else")[1].route == "office:closing"


def test_to_whoever_does_not_run_the_clinic_it_leads_nowhere(cast):
    assert "Next:" not in words(signed_in(cast.ines).get("/office/away/"))


def test_it_goes_on_with_the_first_page_that_lacks_something(cast, now):
    """Of what can wait, only what is given on the way: nobody comes by there again so soon."""

    def goes_on():
        cast.clinic.refresh_from_db()
        page = goes_on_with(shown_steps(readiness(cast.clinic, at=now)))
        return page and page.route

    cast.clinic.crisis_lines.all().delete()
    assert goes_on() == "office:urgent_help"
    assert "Go on: Urgent help" in words(signed_in(cast.administrator).get("/office/"))
    set_crisis_lines(clinic=cast.clinic, lines=SHIPPED["US"], checked_on=now.date(), at=now)
    procedure = {"text": "Call 555 0199.", "at": now, "actor": SYSTEM}
    set_violence_procedure(clinic=cast.clinic, **procedure)
    assert goes_on() == "office:consent", "no contact yet"
    set_client_contact(clinic=cast.clinic, contact=ClientContact(phone="555 0100"), at=now, actor=SYSTEM)
    assert goes_on() == "office:address"


def test_a_practice_of_one_is_led_to_the_set_up_and_not_to_an_empty_caseload(cast, now):
    """Who runs the clinic and treats has a caseload, on which nothing of the set-up stands."""
    StaffRole.objects.create(
        clinic=cast.clinic,
        staff=cast.administrator,
        role=Role.THERAPIST,
        starts_on=local_day(cast.clinic, now),
    )
    charter = set_charter(clinic=cast.clinic, text="Never.", at=now)
    agreed = signed_in(cast.administrator).post("/office/charter/", {"charter": str(charter.pk)})
    assert agreed.headers["Location"] == "/office/"
    hers = signed_in(cast.ines).post("/office/charter/", {"charter": str(charter.pk)})
    assert hers.headers["Location"] == "/"
