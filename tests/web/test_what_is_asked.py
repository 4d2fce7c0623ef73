"""The administrator's page of what is asked: counted as clients meet it, changed for what is planned later."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.models import AuditEntry
from goldseam_web.measures.queries import questionnaire
from goldseam_web.measures.services.schedule import FORMS_TO_TIME, asked_by_kind, time_taken
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
PAGE = "/office/what-is-asked/"


def by_kind(clinic):
    clinic.refresh_from_db()
    return {asked.key: (len(asked.before), len(asked.after)) for asked in asked_by_kind(clinic)}


def test_the_numbers_are_those_of_the_product(cast):
    """product.md, section 4: five and five for one alone; three and nine for each member of a couple or a family."""
    members = dict.fromkeys(("partner", "parent", "child", "other"), (3, 9))
    assert by_kind(cast.clinic) == {"alone": (5, 5), **members}
    page = words(signed_in(cast.administrator).get(PAGE))
    assert page.startswith("Nobody is asked more than 12 questions for a session.")
    assert "Somebody alone 10 5 before, 5 after" in page
    assert "Partner in a couple 12 3 before, 9 after" in page


def test_it_counts_what_a_client_is_really_asked(cast, now):
    encounter = people.plan(cast.couple, cast.ines, now + timedelta(days=1), at=now)
    lea = people.member(cast.couple, "Lea")
    asked = {phase: people.asked(encounter, lea, phase) for phase in Phase}
    shown = {
        phase: sum(q.item.shown_after is None for q in questionnaire(occasion, None).questions)
        for phase, occasion in asked.items()
    }
    assert (shown[Phase.PRE], shown[Phase.POST]) == by_kind(cast.clinic)["partner"]


def test_a_change_holds_for_what_is_planned_later_and_is_on_record(cast, now):
    before = people.plan(cast.couple, cast.ines, now + timedelta(days=1), at=now)
    given = {"alliance_phase": "pre", "window_hours": "24"}
    page = signed_in(cast.administrator).post(PAGE, given, follow=True)
    assert "Kept, for sessions planned from now on." in words(page)
    assert by_kind(cast.clinic)["partner"] == (9, 0), "alliance before the next session, and no progress"
    assert before.occasions.filter(phase=Phase.POST, respondent__isnull=False).count() == 2
    later = people.plan(cast.couple, cast.ines, now + timedelta(days=8), at=now)
    phases = set(later.occasions.filter(respondent__isnull=False).values_list("phase", flat=True))
    assert phases == {Phase.PRE}
    [entry] = AuditEntry.objects.filter(action="clinic.schedule")
    assert entry.details == {
        "alliance_phase": "pre",
        "window_hours": 24,
        "progress": False,
        "home": False,
        "on_one_page": False,
        "tells_when_read": False,
        "offers_look_back": False,
    }


@pytest.mark.parametrize("wrong", [{"window_hours": "47"}, {"alliance_phase": "during"}])
def test_what_is_not_on_offer_is_refused(cast, wrong):
    given = {"alliance_phase": "post", "window_hours": "48", "progress": "on", **wrong}
    assert signed_in(cast.administrator).post(PAGE, given).status_code == 400
    assert by_kind(cast.clinic)["partner"] == (3, 9)


def test_one_question_at_a_time_on_a_phone(cast):
    client = signed_in(cast.administrator)
    assert "Question 1 of 5" in words(client.get(PAGE))
    page = words(client.get(f"{PAGE}?as=partner&question=9"))
    assert "Question 9 of 9" in page
    assert "Question 8" in page
    for odd in ("0", "10", "x", "²", "-1"):
        assert "Question 1 of 9" in words(client.get(f"{PAGE}?as=partner&question={odd}"))


def test_the_time_it_takes_is_half_of_the_forms_once_there_are_enough(cast, now):
    """Nineteen forms say nothing; with a twentieth the middle of 1, 2, ... 20 minutes is ten and a half."""
    ruth = people.member(cast.individual, "Ruth")
    for k in range(1, FORMS_TO_TIME + 1):
        assert time_taken(cast.clinic, at=now) == (None, k - 1)
        ended = now - timedelta(days=k, hours=1)
        response = people.answer(people.asked(people.meet(cast.individual, cast.ines, ended), ruth), ended)
        response.started_at, response.rated_at = ended, ended + timedelta(minutes=k)
        response.save()
    assert time_taken(cast.clinic, at=now) == (timedelta(minutes=10.5), FORMS_TO_TIME)
    assert "Half of the last 20 forms took 10 min 30 s or less." in words(
        signed_in(cast.administrator).get(PAGE)
    )
