"""A case opened by mistake is deleted as long as nothing happened in it; then nothing of it is left but the audit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection
from django.db.models import PROTECT
from django.test import Client

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.services import case_deletion
from goldseam_web.alerts.services.case_deletion import InTheWay, delete_case, in_the_way
from goldseam_web.alerts.services.joint_showing import switch_joint_view
from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import Case, CaseKind, Encounter, Ending, Member, Person, PersonContact
from goldseam_web.cases.services import NewMember
from goldseam_web.concerns.models import Concern
from goldseam_web.concerns.services import name_persons
from goldseam_web.measures.models import Occasion, Response
from goldseam_web.measures.services.who_is_asked import end_case
from goldseam_web.outbox.models import Message, MessageState
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
# There is none without an answer, or without an episode, and those stand in the way.
FOLLOWS_WHAT_STANDS_IN_THE_WAY = {
    "Evaluation",
    "Score",
    "JointRelease",
    "EpisodeEvent",
    "WorkNote",
    "OffTrack",
}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def mistaken(ines, now):
    """A couple nobody was asked of yet, with a session ahead and its links."""
    case = people.case_without_consent(ines, CaseKind.COUPLE, [people.LEA, people.TOMAS], now)
    people.plan(case, ines, now + DAY, at=now)
    return case


def rows_left():
    """Of every table but the audit, how many rows there are."""
    kept = ("audit", "contenttypes", "auth", "sessions")
    models = [m for m in apps.get_models() if m._meta.app_label not in kept]
    return {m._meta.label: m.objects.count() for m in models}


def deleted(case, now):
    delete_case(case=case, at=now, actor=SYSTEM)
    return not Case.objects.filter(pk=case.pk).exists()


def waiting_mail(case, now, state=MessageState.PENDING):
    occasion = case.occasions.exclude(respondent=None).first()
    return Message.objects.create(
        clinic_id=case.clinic_id,
        purpose="asked",
        subject=occasion.pk,
        person=occasion.respondent.person,
        channel="email",
        key=f"a mail about {occasion.pk}",
        state=state,
        queued_at=now,
        due_at=now,
    )


def test_nothing_of_it_is_left_but_the_audit(ines, clinic, now):
    people.individual(ines, now)
    keep_caseloads(at=now)
    before = rows_left()
    case = people.case_without_consent(ines, CaseKind.COUPLE, [people.LEA, people.TOMAS], now)
    people.plan(case, ines, now + DAY, at=now)
    waiting_mail(case, now)
    switch_joint_view(viewer=viewer_of(ines.user, at=now), case=case, on=True, at=now)
    keep_caseloads(at=now)
    link = people.link(case.occasions.exclude(respondent=None).first())
    assert Client().get(link).status_code == 200
    assert rows_left() != before
    actor = Actor.staff(ines.pk)
    delete_case(case=case, at=now, actor=actor)
    assert rows_left() == before
    assert Client().get(link).status_code == 404
    [entry] = AuditEntry.objects.filter(action="case.delete")
    assert (entry.object_id, entry.actor_id, entry.details) == (str(case.pk), ines.pk, {"people": 2})


def test_no_table_that_points_to_a_case_is_forgotten():
    """Each is deleted with it, stands in the way, or goes with rows that do."""
    pointing = {
        relation.related_model
        for model in (Case, Member, Encounter, Occasion)
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and relation.on_delete is PROTECT
    }
    forgotten = (
        {model.__name__ for model in pointing} - set(vars(case_deletion)) - FOLLOWS_WHAT_STANDS_IN_THE_WAY
    )
    assert forgotten == set()


def test_whoever_is_known_from_elsewhere_or_asked_to_be_called_stays(mistaken, ines, clinic, now):
    lea, tomas = people.member(mistaken, "Lea"), people.member(mistaken, "Tomas")
    other = people.case(ines, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt", person_id=lea.person_id)], now)
    name_persons(
        clinic=clinic, staff=[people.staff(clinic, "Una Outside", ["researcher"], now)], at=now, actor=SYSTEM
    )
    people.asks_to_be_called(tomas, now)
    assert in_the_way(mistaken) == [], "whoever treats learns nothing of the wish"
    assert deleted(mistaken, now)
    assert Person.objects.filter(pk__in=[lea.person_id, tomas.person_id]).count() == 2
    assert Concern.objects.filter(person=tomas.person_id).exists()
    assert other.members.get().person_id == lea.person_id
    assert PersonContact.objects.filter(person=lea.person_id).exists()


ACTS = {
    InTheWay.ANSWERED: lambda case, now: Response.objects.create(
        clinic_id=case.clinic_id, occasion=case.occasions.first(), started_at=now
    ),
    InTheWay.AGREED: lambda case, now: people.agree(case.members.first(), now),
    InTheWay.SENT: lambda case, now: waiting_mail(case, now, MessageState.SENT),
    InTheWay.CARD: lambda case, now: people.card_given_to(
        case.members.first(), case.therapists.first().therapist, now
    ),
    InTheWay.HELD: lambda case, now: Encounter.objects.filter(case=case).update(state="held"),
    InTheWay.HOLD: lambda case, now: Case.objects.filter(pk=case.pk).update(legal_hold=True),
}


@pytest.mark.parametrize("why", ACTS)
def test_each_thing_that_happened_stands_in_the_way(mistaken, now, why):
    before = {InTheWay.CARD: [InTheWay.AGREED]}.get(why, [])
    if before:
        people.agree(mistaken.members.first(), now)
    ACTS[why](mistaken, now)
    assert in_the_way(mistaken) == [*before, why]
    with people.refused("Something has happened in this case, so that it is not deleted."):
        delete_case(case=mistaken, at=now, actor=SYSTEM)
    assert Member.objects.filter(case=mistaken).count() == 2


@pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.UNCERTAIN])
def test_what_may_have_left_counts_as_sent(mistaken, now, state):
    waiting_mail(mistaken, now, state)
    assert in_the_way(mistaken) == [InTheWay.SENT]


def test_closed_as_opened_in_error_it_can_still_go(mistaken, now):
    end_case(case=mistaken, ending=Ending.OPENED_IN_ERROR, at=now, actor=SYSTEM)
    assert deleted(mistaken, now)


class TestThePage:
    def test_a_look_then_a_yes(self, mistaken, ines):
        client, page = signed_in(ines), f"/cases/{mistaken.pk}/delete/"
        assert page in client.get(f"/cases/{mistaken.pk}/ending/").content.decode()
        said = words(client.get(page))
        assert "What is gone then, for good" in said
        assert "Lea: name, addresses and safe ways, unless known here from elsewhere." in said
        assert "Sessions that were planned: 1, with their links, which then lead nowhere." in said
        refused = words(client.post(page, follow=True))
        assert "Nothing is deleted: say that you have looked at it." in refused
        done = client.post(page, {"sure": "yes"}, follow=True)
        assert "The case is deleted." in words(done)
        assert client.get(page).status_code == 404
        assert not Occasion.objects.exists()

    def test_what_stands_in_the_way_is_said_and_leads_to_closing(self, mistaken, ines, now):
        people.agree(mistaken.members.first(), now)
        page = signed_in(ines).get(f"/cases/{mistaken.pk}/delete/")
        assert "Somebody has said whether they agree to be asked, or has chosen a word." in words(page)
        assert f'href="/cases/{mistaken.pk}/ending/">' in page.content.decode()
        assert "Delete it for good" not in words(page)

    def test_nobody_else_may(self, cast, now):
        for staff in (cast.colleague, cast.supervisor, cast.administrator, cast.stranger):
            answer = signed_in(staff).post(f"/cases/{cast.couple.pk}/delete/", {"sure": "yes"})
            assert answer.status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one writer in at a time")
@pytest.mark.parametrize("other", ["answers", "agrees", "sends"])
def test_whoever_answers_or_sends_meanwhile_comes_before_or_after(ines, now, other):
    """Ten times: the case is gone and the answer found nothing, or the answer stands and the case is there."""
    outcomes = set()
    for _ in range(10):
        case = people.case_without_consent(ines, CaseKind.INDIVIDUAL, [people.LEA], now)
        session = people.plan(case, ines, now - 2 * HOUR, at=now - 3 * HOUR)
        member, own_form = case.members.get(), people.asked_therapist(session)
        message = waiting_mail(case, now)
        start = Barrier(2)

        def deletes(case=case, start=start):
            try:
                start.wait(timeout=30)
                delete_case(case=case, at=now, actor=SYSTEM)
            except (ValidationError, IntegrityError):
                return False
            finally:
                connection.close()
            return True

        def writes(member=member, own_form=own_form, message=message, start=start):
            acts = {
                "answers": lambda: people.answer(own_form, now),
                "agrees": lambda: people.agree(member, now),
                "sends": lambda: waiting.update(state=MessageState.SENDING),
            }
            waiting = Message.objects.filter(pk=message.pk, state=MessageState.PENDING)
            try:
                start.wait(timeout=30)
                return acts[other]() != 0
            except (ValidationError, ObjectDoesNotExist):
                return False
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            gone, written = (one.result() for one in (pool.submit(deletes), pool.submit(writes)))
        assert gone != Case.objects.filter(pk=case.pk).exists()
        assert not (gone and written), "an answer or a mail of a case that is gone"
        outcomes.add((gone, written))
    assert outcomes <= {(True, False), (False, True)}
