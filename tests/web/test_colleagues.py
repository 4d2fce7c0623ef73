"""A clinic gets its second member of staff in the browser, and whoever leaves is out at once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.mails import send_next_account_mail
from goldseam_web.accounts.models import Role, Staff, StaffRole
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.recipients import recipients
from goldseam_web.audit.models import AuditEntry
from goldseam_web.cases.models import CaseTherapist
from tests.web import people
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db
NEW = {"full_name": "Noor Haddad", "email": "noor@larkfield.example", "roles": ["therapist"]}
PASSWORD = "a kettle on a slow green stove"


def page_of(staff):
    return f"/office/staff/{staff.pk}/"


def invited(cast, **more):
    confirmed(signed_in(cast.administrator)).post("/office/staff/", {**NEW, **more})
    return Staff.objects.get(user__email=NEW["email"])


def chooses_password(link):
    """Whoever has the link chooses a password, and where that led."""
    client = Client()
    form = client.get(re.sub(r"^https?://[^/]+", "", link), follow=True)
    address = form.redirect_chain[-1][0]
    return client.post(address, {"password1": PASSWORD, "password2": PASSWORD})


def test_an_invited_therapist_chooses_a_password_and_signs_in(cast):
    noor = invited(cast, supervisors=[str(cast.supervisor.pk)])
    assert noor.called == "Noor"
    page = confirmed(signed_in(cast.administrator)).post(f"{page_of(noor)}change/", {"act": "invitation"})
    link = re.search(r'value="(http[^"]+/account/password/new/[^"]+)"', page.content.decode())[1]
    chooses_password(link)
    noor.user.refresh_from_db()
    assert noor.user.check_password(PASSWORD)
    assert [row.supervisor for row in noor.supervised_by.all()] == [cast.supervisor]


def test_the_link_works_once(cast):
    noor = invited(cast)
    client = confirmed(signed_in(cast.administrator))
    page = client.post(f"{page_of(noor)}change/", {"act": "invitation"})
    link = re.search(r'value="(http[^"]+/account/password/new/[^"]+)"', page.content.decode())[1]
    chooses_password(link)
    again = Client().get(re.sub(r"^https?://[^/]+", "", link), follow=True)
    assert 'name="password1"' not in again.content.decode()
    client.post(f"{page_of(noor)}change/", {"act": "invitation"}, follow=True)
    assert "has not signed in yet" not in words(client.get("/office/staff/"))


def test_by_mail_the_link_comes_from_the_base_address(cast, settings, now):
    settings.GOLDSEAM_MAIL_CONFIGURED = True
    settings.GOLDSEAM_BASE_URL = "https://larkfield.example"
    invited(cast, by_mail="on")
    while send_next_account_mail(worker="test", at=now + timedelta(minutes=1)):
        pass
    [letter] = mail.outbox
    assert letter.to == [NEW["email"]]
    assert "https://larkfield.example/account/password/new/" in letter.body


def test_an_address_that_is_taken_is_refused_and_nobody_is_added(cast):
    before = Staff.objects.count()
    given = {**NEW, "email": cast.ines.user.email}
    response = confirmed(signed_in(cast.administrator)).post("/office/staff/", given)
    assert response.status_code == 400
    assert "already has a sign-in here" in words(response)
    assert Staff.objects.count() == before


def test_a_role_that_ends_is_gone_today_and_stays_on_record(cast, now):
    confirmed(signed_in(cast.administrator)).post(page_of(cast.colleague), {"roles": ["researcher"]})
    viewer = viewer_of(cast.colleague.user, at=now)
    assert viewer.roles == {Role.RESEARCHER}
    assert StaffRole.objects.filter(staff=cast.colleague, role=Role.THERAPIST).exists()
    assert AuditEntry.objects.filter(action="staff.duties", object_id=str(cast.colleague.pk)).exists()


def test_a_clinic_keeps_somebody_who_runs_it(cast):
    response = confirmed(signed_in(cast.administrator)).post(
        page_of(cast.administrator), {"roles": ["researcher"]}
    )
    assert response.status_code == 400
    assert "last administrator" in words(response)


def test_whoever_is_suspended_is_signed_out_and_findings_go_to_the_supervisor(cast, now):
    hers = signed_in(cast.ines)
    assert hers.get("/").status_code == 200
    client = confirmed(signed_in(cast.administrator))
    client.post(f"{page_of(cast.ines)}change/", {"act": "suspend"})
    assert hers.get("/").status_code == 302
    today = now.date()
    cast.couple.refresh_from_db()
    assert recipients(cast.couple, today) == [cast.supervisor]
    client.post(f"{page_of(cast.ines)}change/", {"act": "return"})
    assert recipients(cast.couple, today) == [cast.ines]


def test_nobody_suspends_themselves_and_nobody_of_another_clinic(cast):
    client = confirmed(signed_in(cast.administrator))
    assert client.post(f"{page_of(cast.administrator)}change/", {"act": "suspend"}).status_code == 404
    assert client.get(page_of(cast.stranger)).status_code == 404
    assert client.post(f"{page_of(cast.stranger)}change/", {"act": "suspend"}).status_code == 404


def test_signed_out_on_every_device(cast):
    phone, desk = signed_in(cast.ines), signed_in(cast.ines)
    confirmed(signed_in(cast.administrator)).post(f"{page_of(cast.ines)}change/", {"act": "sign_out"})
    assert (phone.get("/").status_code, desk.get("/").status_code) == (302, 302)


@pytest.mark.parametrize(
    ("page", "given"),
    [
        ("/office/staff/", {**NEW, "roles": ["administrator"]}),
        ("/office/staff/{ines}/", {"roles": ["administrator", "therapist"]}),
        ("/office/staff/{ines}/change/", {"act": "suspend"}),
        ("/office/staff/{ines}/change/", {"act": "hand_over", "to": "{colleague}"}),
    ],
)
def test_who_is_let_in_and_what_they_may_do_is_changed_after_the_password_alone(cast, page, given):
    """At an open laptop anybody could make themselves an administrator. Given the password, it goes on by itself."""
    ids = {"ines": cast.ines.pk, "colleague": cast.colleague.pk}
    given = {name: value.format(**ids) if isinstance(value, str) else value for name, value in given.items()}
    client, before = signed_in(cast.administrator), standing()
    answer = client.post(page.format(**ids), given)
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert standing() == before
    client.post(answer.headers["Location"], {"password": people.PASSWORD}, follow=True)
    assert standing() != before


def standing():
    return (
        set(Staff.objects.values_list("pk", "active")),
        set(StaffRole.objects.values_list("staff", "role", "ends_on")),
        set(CaseTherapist.objects.values_list("therapist", "case", "ends_on")),
    )
