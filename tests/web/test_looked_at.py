"""A client reads that their therapist has looked at the last answers, where the clinic wants that: the same whatever
was answered, and whether anything was.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.models import Clinic, Phase, Staff
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import Actor, record
from tests.web import people
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAID = "Ines has looked at what was answered around the meeting before this one."


@pytest.fixture
def meetings(cast, now):
    """A session a week ago, whose links are over, and one an hour ago."""
    Clinic.objects.update(tells_when_read=True)
    return [people.meet(cast.couple, cast.ines, now - ago) for ago in (7 * DAY, HOUR)]


def looks(cast, at, *, staff=None, room=False):
    record(
        clinic_id=cast.clinic.pk,
        at=at,
        actor=Actor.staff((staff or cast.ines).pk),
        action="case.view",
        object_kind="case",
        object_id=cast.couple.pk,
        details={"room": room},
    )


def start(cast, meeting, called="Lea"):
    return words(Client().get(people.link(people.asked(meeting, people.member(cast.couple, called)))))


def test_it_is_said_at_the_start_of_the_next_form(cast, meetings, now):
    assert SAID not in start(cast, meetings[1])
    looks(cast, now - 4 * DAY)
    assert SAID in start(cast, meetings[1])
    assert SAID in start(cast, meetings[1], "Tomas")


def test_opening_the_case_is_what_counts(cast, meetings):
    """Outside of the room, where its page shows no answers."""
    page = reverse("dashboard:case", args=[cast.couple.pk])
    signed_in(cast.ines).get(page)
    Staff.objects.filter(pk=cast.ines.pk).update(alone_since=None)
    signed_in(cast.ines, alone=False).get(page)
    views = AuditEntry.objects.filter(action="case.view", actor_id=cast.ines.pk).order_by("pk")
    assert [view.details for view in views] == [{"room": False}, {"room": True}]
    assert {view.object_id for view in views} == {str(cast.couple.pk)}


def test_not_where_the_clinic_does_not_want_it(cast, meetings, now):
    looks(cast, now - 4 * DAY)
    Clinic.objects.update(tells_when_read=False)
    assert SAID not in start(cast, meetings[1])


@pytest.mark.parametrize(
    "act",
    [
        lambda cast, now: looks(cast, now - 6 * DAY),
        lambda cast, now: looks(cast, now - 4 * DAY, room=True),
        lambda cast, now: looks(cast, now - 4 * DAY, staff=cast.supervisor),
        looks,
    ],
    ids=["before the links were over", "in the room", "somebody else", "once this form was open"],
)
def test_what_does_not_make_it_true_for_every_answer_does_not_count(cast, meetings, now, act):
    """A look before the window closed may have come before the answer; one now may have been prompted by another's."""
    act(cast, now)
    assert SAID not in start(cast, meetings[1])


def test_before_a_meeting_the_answers_that_came_after_the_last_one_count_too(cast, now):
    """A look while those were still coming says nothing of them, though what was asked before was over by then."""
    Clinic.objects.update(tells_when_read=True)
    people.meet(cast.couple, cast.ines, now - 7 * DAY)
    ahead = people.plan(cast.couple, cast.ines, now + HOUR, at=now - 7 * DAY)
    lea = people.member(cast.couple, "Lea")

    def page():
        return words(Client().get(people.link(people.asked(ahead, lea, Phase.PRE))))

    looks(cast, now - 7 * DAY + HOUR)
    assert SAID not in page()
    looks(cast, now - 4 * DAY)
    assert SAID in page()


def test_a_meeting_about_which_nobody_asked_is_not_passed_over(cast, meetings, now):
    """Who was asked nothing around the meeting before is not told of an earlier one as if it were that."""
    looks(cast, now - 4 * DAY)
    people.meet(cast.couple, cast.ines, now - 5 * DAY).occasions.update(state="cancelled")
    assert SAID not in start(cast, meetings[1])


def test_it_is_the_same_for_every_answer_and_for_none(cast, now):
    """Byte by byte, of three people alike: one sent nothing, one a calm form, one a hard one."""
    Clinic.objects.update(tells_when_read=True)
    first = people.meet(cast.family, cast.ines, now - 7 * DAY)
    second = people.meet(cast.family, cast.ines, now - HOUR)
    record(
        clinic_id=cast.clinic.pk,
        at=now - 4 * DAY,
        actor=Actor.staff(cast.ines.pk),
        action="case.view",
        object_kind="case",
        object_id=cast.family.pk,
        details={"room": False},
    )
    link = people.link(people.asked(second, people.member(cast.family, "Karin")))

    def page():
        return re.sub(r'name="shown" value="[^"]*"', "", Client().get(link).content.decode())

    untouched = page()
    assert SAID in untouched
    asked = people.asked(first, people.member(cast.family, "Karin"))
    people.answer(asked, now - 6 * DAY, level=1, given={"tension": "clearly"})
    assert page() == untouched
    people.answer(people.asked(first, people.member(cast.family, "Nils")), now - 6 * DAY, level=9)
    assert page() == untouched


def test_the_open_form_itself_never_says_it(cast, meetings, now):
    """Whoever takes the phone must not learn from it whether the form was sent."""
    occasion = people.asked(meetings[1], people.member(cast.couple, "Lea"))
    before = start(cast, meetings[1])
    people.answer(occasion, now, level=1)
    signed_in(cast.ines).get(reverse("dashboard:case", args=[cast.couple.pk]))
    assert start(cast, meetings[1]) == before


def test_a_first_form_says_nothing_and_asks_nothing_more(cast, now):
    Clinic.objects.update(tells_when_read=True)
    link = people.link(
        people.asked(
            people.meet(cast.individual, cast.ines, now - HOUR), people.member(cast.individual, "Ruth")
        )
    )
    Client().get(link)
    with_it = queries(lambda: Client().get(link))
    Clinic.objects.update(tells_when_read=False)
    assert queries(lambda: Client().get(link)) == with_it


def test_it_costs_two_statements(cast, meetings):
    link = people.link(people.asked(meetings[1], people.member(cast.couple, "Lea")))
    Client().get(link)
    with_it = queries(lambda: Client().get(link))
    Clinic.objects.update(tells_when_read=False)
    assert with_it - queries(lambda: Client().get(link)) == 2
    assert with_it <= 8


def test_the_clinic_says_whether_it_is_told(cast, now):
    piet = signed_in(cast.administrator)
    page = reverse("office:what_is_asked")
    assert "Tell clients as a form begins that their therapist has looked" in words(piet.get(page))
    form = {"alliance_phase": "post", "window_hours": "48", "tells_when_read": "on"}
    assert piet.post(page, form).status_code == 302
    assert Clinic.objects.get(pk=cast.clinic.pk).tells_when_read
