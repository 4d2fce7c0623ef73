"""Nobody gives themselves a way to answers: it takes a second person, and where there is none it is told."""

from datetime import timedelta

import pytest
from django.core import mail

from goldseam_web.accounts.colleagues import set_duties
from goldseam_web.accounts.mails import send_next_account_mail
from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import name_lead
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import Actor
from goldseam_web.cases.access import visible_cases
from goldseam_web.measures.services.handovers import hand_over_all
from tests.web import people
from tests.web.staff_pages import confirmed, signed_in, words

pytestmark = pytest.mark.django_db


def gives(staff, roles, now, *, by, supervisors=()):
    set_duties(staff=staff, roles=roles, supervisors=supervisors, at=now, actor=Actor.staff(by.pk))


def sees(staff, now):
    return visible_cases(viewer_of(staff.user, at=now)).count()


@pytest.fixture
def second(cast, now):
    return people.staff(cast.clinic, "Vera Second", [Role.ADMINISTRATOR], now)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.THERAPIST, Role.RESEARCHER])
def test_an_administrator_does_not_give_themselves_a_role(cast, second, now, role):
    piet = cast.administrator
    with people.refused("Nobody gives themselves a role: Vera Second can."):
        gives(piet, [Role.ADMINISTRATOR, role], now, by=piet)
    assert [row.role for row in piet.roles.all()] == [Role.ADMINISTRATOR]
    gives(piet, [Role.ADMINISTRATOR, role], now, by=second)
    assert role in viewer_of(piet.user, at=now).roles


def test_nor_on_the_page_where_it_says_who_can(cast, now):
    """Others work here and nobody else runs the clinic: one has to be named first."""
    piet = cast.administrator
    given = {"roles": ["administrator", "supervisor"]}
    page = confirmed(signed_in(piet)).post(f"/office/staff/{piet.pk}/", given)
    assert page.status_code == 400
    assert "Nobody gives themselves a role: name another administrator, who can." in words(page)
    assert not AuditEntry.objects.filter(action="staff.duties").exists()


def test_a_role_of_ones_own_may_be_laid_down(cast, second, now):
    gives(second, [Role.ADMINISTRATOR, Role.THERAPIST], now, by=cast.administrator)
    gives(second, [Role.ADMINISTRATOR], now + timedelta(days=1), by=second)
    assert viewer_of(second.user, at=now + timedelta(days=1)).roles == {Role.ADMINISTRATOR}


def test_in_a_practice_of_one_it_is_put_on_record_and_told_by_mail(cast, now, settings):
    settings.GOLDSEAM_MAIL_CONFIGURED = True
    Staff.objects.filter(clinic=cast.clinic).exclude(pk=cast.administrator.pk).update(active=False)
    piet = cast.administrator
    gives(piet, [Role.ADMINISTRATOR, Role.THERAPIST], now, by=piet)
    assert AuditEntry.objects.filter(action="staff.own_roles", object_id=str(piet.pk)).count() == 1
    assert send_next_account_mail(worker="test", at=now)
    [sent] = mail.outbox
    assert sent.to == [piet.user.email]
    assert "What you may do was changed by your own sign-in." in sent.body


def test_nobody_makes_themselves_a_supervisor_of_somebody(cast, second, now):
    """Supervisor already, by a second person's word; whose, is another's word as well."""
    piet = cast.administrator
    gives(piet, [Role.ADMINISTRATOR, Role.SUPERVISOR], now, by=second)
    assert sees(piet, now) == 0
    ines = cast.ines
    says = "Nobody makes themselves a supervisor: another administrator says that you supervise Ines Okafor."
    with people.refused(says):
        gives(ines, [Role.THERAPIST], now, by=piet, supervisors=[cast.supervisor, piet])
    assert sees(piet, now) == 0
    gives(ines, [Role.THERAPIST], now, by=second, supervisors=[cast.supervisor, piet])
    assert sees(piet, now) == 3


def test_who_supervises_already_stays_named_when_the_rest_is_changed(cast, second, now):
    piet = cast.administrator
    gives(piet, [Role.ADMINISTRATOR, Role.SUPERVISOR], now, by=second)
    gives(cast.ines, [Role.THERAPIST], now, by=second, supervisors=[piet])
    gives(cast.ines, [Role.THERAPIST, Role.RESEARCHER], now, by=piet, supervisors=[piet])
    assert sees(piet, now) == 3


def test_a_lead_may_write_down_what_holds_anyway(cast, second, now):
    piet = cast.administrator
    gives(piet, [Role.ADMINISTRATOR, Role.SUPERVISOR], now, by=second)
    name_lead(lead=piet, at=now)
    gives(cast.colleague, [Role.THERAPIST], now, by=piet, supervisors=[piet])


def test_nobody_takes_all_cases_of_a_colleague_by_themselves(cast, second, now):
    gives(second, [Role.ADMINISTRATOR, Role.THERAPIST], now, by=cast.administrator)
    with people.refused("Nobody takes a colleague's cases by themselves: Piet Admin can."):
        hand_over_all(giver=cast.ines, taker=second, at=now, actor=Actor.staff(second.pk))
    assert sees(second, now) == 0
    assert hand_over_all(giver=cast.ines, taker=second, at=now, actor=Actor.staff(cast.administrator.pk)) == 3
