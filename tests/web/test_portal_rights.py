"""A link dies with its right, whenever it was sent: what the client sees, and what is still judged."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.models import Phase
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.services import evaluate
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import RecordState
from goldseam_web.measures.models import Answer, ResponseState
from goldseam_web.measures.services import close_idle_responses, save_answer
from goldseam_web.measures.services.who_is_asked import record_agreement
from tests.web import histories, people
from tests.web.shown_form import shown_form

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAGES = ("", "1/", "who/", "later/")


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


@pytest.fixture
def occasion(couple, lea, ines, now):
    return people.asked(people.meet(couple, ines, now - HOUR), lea)


def says(member, at, way=ConsentWay.TOLD_STAFF, **what):
    record_agreement(member=member, way=way, at=at, actor=SYSTEM, **what)


def withdraws(member, now):
    says(member, now, to_be_asked=False)


def agrees_again(member, now):
    withdraws(member, now)
    people.agree(member, now)


def agrees_to_care_only(member, now):
    says(member, now - DAY, to_research=True)
    says(member, now, to_research=False)


def record_closed(member, _now):
    type(member.person).objects.filter(pk=member.person_id).update(state=RecordState.CLOSED)


def person_erased(member, _now):
    member.person.identity.delete()
    type(member.person).objects.filter(pk=member.person_id).update(state=RecordState.ERASED)


def case_erased(member, _now):
    type(member.case).objects.filter(pk=member.case_id).update(state=RecordState.ERASED)


def pauses(member, now):
    type(member).objects.filter(pk=member.pk).update(paused_on=(now - DAY).date())


def leaves(member, now):
    type(member).objects.filter(pk=member.pk).update(left_on=(now - DAY).date())


def case_closed(member, now):
    case = type(member.case).objects.filter(pk=member.case_id)
    case.update(state=RecordState.CLOSED, ended_on=(now - DAY).date())


ENDS = [record_closed, person_erased, case_erased]
RESTS = [pauses, leaves, withdraws]


@pytest.mark.parametrize("ends", ENDS)
def test_it_looks_like_one_that_never_was(client, occasion, lea, now, ends):
    answer = {"item": "task", "answer": "3"}
    first = client.post(people.link(occasion)).headers["Location"]
    client.post(first, {"item": "goal", "answer": "3"})
    ends(lea, now)
    never = client.get("/c/nonsense/").content
    for path in (*PAGES, "help/", "done/", "handed-over/"):
        response = client.get(f"{people.link(occasion)}{path}")
        assert (response.status_code, response.content) == (404, never)
    for path, form in (("", {}), ("2/", answer), ("who/", {"audience": "all"})):
        assert client.post(f"{people.link(occasion)}{path}", form).status_code == 404
    assert [a.item for a in Answer.objects.all()] == ["goal"]


@pytest.mark.parametrize("ends", ENDS)
def test_so_does_the_link_of_a_form_that_was_completed(client, occasion, lea, now, ends):
    people.answer(occasion, now)
    ends(lea, now)
    for path in ("", "done/", "handed-over/"):
        assert client.get(f"{people.link(occasion)}{path}").status_code == 404


@pytest.mark.parametrize("rests", RESTS)
def test_whoever_paused_or_left_can_start_nothing_and_is_told_kindly(client, occasion, lea, now, rests):
    save_answer(occasion=occasion, item="goal", given=3, at=now)
    rests(lea, now)
    for path in PAGES:
        response = client.get(f"{people.link(occasion)}{path}")
        page = response.content.decode()
        assert response.status_code == 410
        assert "Nothing to answer just now." in page
        assert "No check-ins are asked of you at present." in page
        assert "If that is not right, ask Larkfield." in page
    posted = client.post(f"{people.link(occasion)}2/", {"item": "task", "answer": "3"})
    assert "What you just sent was not saved; whatever was kept before stays." in posted.content.decode()
    assert client.post(people.link(occasion)).status_code == 410
    assert [a.item for a in Answer.objects.all()] == ["goal"]
    assert client.get(f"{people.link(occasion)}help/").status_code == 200


@pytest.mark.parametrize("keeps", [agrees_again, agrees_to_care_only])
def test_consent_that_stands_keeps_it(client, occasion, lea, now, keeps):
    keeps(lea, now)
    assert client.get(people.link(occasion)).status_code == 200


@pytest.mark.parametrize("ends", [*ENDS[:-1], *RESTS])
def test_the_other_members_link_is_as_it_was(client, occasion, now, ends):
    lea = occasion.respondent
    tomas = people.asked(occasion.encounter, people.member(occasion.case, "Tomas"))
    before = client.get(people.link(tomas)).content
    ends(lea, now)
    assert client.get(people.link(tomas)).content == before


def test_somebody_who_leaves_next_week_still_answers_about_today(client, occasion, lea, now):
    leaves(lea, now + 8 * DAY)
    assert client.get(people.link(occasion)).status_code == 200


def test_of_a_closed_case_the_last_session_keeps_its_link_and_a_later_one_has_none(
    client, couple, lea, ines, now
):
    held = people.asked(people.meet(couple, ines, now - 30 * HOUR), lea)
    later = people.asked(people.plan(couple, ines, now + 40 * HOUR, at=now), lea, Phase.PRE)
    assert client.get(people.link(later)).status_code == 200
    case_closed(lea, now + 5 * DAY)
    assert "Nothing to answer this time." in client.get(people.link(later)).content.decode()
    address = client.post(people.link(held)).headers["Location"]
    while not address.endswith("/done/"):
        page = shown_form(client.get(address))
        given = "6" if page.is_scale else "no"
        address = client.post(address, {"item": page.item, "answer": given}).headers["Location"]
    assert held.responses.get().state == ResponseState.COMPLETED


@pytest.mark.parametrize("ends", [*ENDS, *RESTS])
def test_what_was_sent_before_is_no_longer_judged(lea, occasion, now, ends):
    response = people.answer(occasion, now, 1, {"tension": "clearly", "worked_out": "not_yet"})
    ends(lea, now)
    assert evaluate(response=type(response).objects.get(pk=response.pk), at=now) == []
    assert histories.work_off(now) == 1
    assert not AlertSignal.objects.exists()


@pytest.mark.parametrize("rests", [pauses, leaves])
def test_a_form_left_half_way_is_not_closed_and_judged_while_its_member_rests(lea, occasion, now, rests):
    save_answer(occasion=occasion, item="goal", given=1, at=now - HOUR)
    rests(lea, now)
    assert close_idle_responses(at=now) == 0
    assert occasion.responses.get().state == ResponseState.IN_PROGRESS
    type(lea).objects.filter(pk=lea.pk).update(paused_on=None, left_on=None)
    assert close_idle_responses(at=now) == 1


def test_a_closed_case_is_judged_as_promised(lea, occasion, now):
    case_closed(lea, now + 2 * DAY)
    response = people.answer(occasion, now, 1)
    assert evaluate(response=type(response).objects.get(pk=response.pk), at=now) != []
