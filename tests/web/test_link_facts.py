"""What a link stands on, read in one statement, is what the tables say when each is read by itself."""

from datetime import timedelta

import pytest

from goldseam_web.accounts.leaves import note_leave
from goldseam_web.accounts.models import FormsMeanwhile
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentWay
from goldseam_web.cases.models import Presence
from goldseam_web.cases.readers import NOBODY, readers_on, supervising_on, treating_on, treating_readers
from goldseam_web.measures.links import care_consent, facts_of_link, last_touched, link_state
from goldseam_web.measures.models import Response
from goldseam_web.measures.queries import current_response, questionnaire
from goldseam_web.measures.services import save_answer
from goldseam_web.measures.services.who_is_asked import record_agreement
from tests.web import people

HOUR = timedelta(hours=1)


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def occasion(couple, ines, now):
    return people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))


def nothing(_occasion, _now):
    pass


def begun(occasion, now):
    save_answer(occasion=occasion, item="goal", given=0, at=now, device="d", elapsed_ms=1200)
    save_answer(occasion=occasion, item="task", given=None, at=now + HOUR / 60)
    save_answer(occasion=occasion, item="tension", given="clearly", at=now + HOUR / 30)


def completed(occasion, now):
    people.answer(occasion, now)


def refused(occasion, now):
    record_agreement(
        member=occasion.respondent, to_be_asked=False, way=ConsentWay.TOLD_STAFF, at=now, actor=SYSTEM
    )


def partner_away(occasion, _now):
    others = occasion.encounter.attendance.exclude(member=occasion.respondent)
    others.update(presence=Presence.AWAY)


def therapist_away(occasion, now):
    note_leave(
        staff=occasion.therapist,
        first=now.date(),
        last=None,
        cover=None,
        forms=FormsMeanwhile.REST,
        at=now,
        actor=SYSTEM,
    )


@pytest.mark.parametrize("happens", [nothing, begun, completed, refused, partner_away, therapist_away])
@pytest.mark.parametrize("later", [0, 1, 49, 51])
def test_they_say_what_the_tables_say(occasion, now, happens, later):
    happens(occasion, now)
    at = now + later * HOUR
    facts = facts_of_link(token=people.token_of(occasion))
    occasion.refresh_from_db()
    response = current_response(occasion)
    assert facts.occasion == occasion
    assert facts.response == response
    assert facts.consent == care_consent(occasion.respondent)
    state = link_state(facts.occasion, facts.response, at=at, facts=facts)
    assert state == link_state(occasion, response, at=at)
    form, apart = questionnaire(facts.occasion, response, facts=facts), questionnaire(occasion, response)
    assert form.respondent == apart.respondent
    assert [q.item.key for q in form.shown] == [q.item.key for q in apart.shown]
    columns = [field.attname for field in response._meta.concrete_fields] if response else []
    assert [getattr(facts.response, name) for name in columns] == [
        getattr(response, name) for name in columns
    ]
    assert {key: vars_of(a) for key, a in form.answers.items()} == {
        key: vars_of(a) for key, a in apart.answers.items()
    }
    if response is not None:
        assert facts.last_touched == last_touched(response)


def vars_of(answer):
    return {name: value for name, value in vars(answer).items() if not name.startswith("_")}


def test_they_are_read_anew_each_time(occasion, now):
    token = people.token_of(occasion)
    assert facts_of_link(token=token).answers == {}
    save_answer(occasion=occasion, item="goal", given=0, at=now)
    again = facts_of_link(token=token)
    assert [(a.item, a.value, a.skipped) for a in again.answers.values()] == [("goal", 0.0, False)]
    assert again.response == Response.objects.get()


def test_a_link_that_was_taken_back_has_none(occasion):
    token = people.token_of(occasion)
    type(occasion).objects.filter(pk=occasion.pk).update(nonce="another")
    assert facts_of_link(token=token) is None
    assert facts_of_link(token="nonsense") is None


def test_readers_written_once_are_those_of_each_case_and_day(cast, now):
    """The statement is written at its first use, and filled in with other cases and days after that."""
    for case in (cast.couple, cast.individual):
        for day in (now.date(), now.date() - timedelta(days=900), now.date()):
            treating = set(treating_on(case, day))
            assert {reader.staff for reader in treating_readers(case, day)} == treating
            assert {reader.staff for reader in readers_on(case, day)} == treating | set(
                supervising_on(case, day)
            )
    assert not type(cast.ines).objects.filter(pk=NOBODY).exists()
