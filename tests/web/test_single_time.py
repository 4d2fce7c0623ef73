"""Being seen alone: asked of each member, held until all said yes, and no trace of it anywhere a client may look.

What is expected follows from the product's rules, by hand: 90 days from the first of them who was seen; at once for all
where somebody was never asked, joins, or answers below 5 of 10 on *I could speak openly with them there*.
"""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.readiness import readiness
from goldseam_web.alerts.speaking_openly import single_time_of
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Case, CaseTherapist, MemberRole, TherapistPart
from goldseam_web.cases.queries import MEMBERS
from goldseam_web.cases.safety_tables import SafetyNote
from goldseam_web.cases.services import NewMember, join_case
from goldseam_web.cases.services.safety_notes import note_safety
from goldseam_web.measures.models import Audience
from goldseam_web.measures.services import choose_audience, save_answer
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.histories import judge
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOW_AND_ALONE = "Before anything else: ask each of them alone"


def url(case):
    return reverse("dashboard:single_time", args=[case.id])


def page_of(case, staff):
    return words(signed_in(staff).get(reverse("dashboard:case", args=[case.id])))


def stands(cast, now, case=None):
    case = Case.objects.prefetch_related(MEMBERS).get(pk=(case or cast.couple).pk)
    return single_time_of(viewer_of(cast.ines.user, at=now), case)


def note(cast, who, spoken, now, *, days_ago=0, by=None):
    return note_safety(
        viewer=viewer_of((by or cast.ines).user, at=now),
        member=who,
        seen_on=local_day(cast.clinic, now) - days_ago * DAY,
        spoken=spoken,
        at=now,
    )


@pytest.fixture
def today(cast, now):
    return local_day(cast.clinic, now)


@pytest.fixture
def lea(cast):
    return people.member(cast.couple, "Lea")


@pytest.fixture
def tomas(cast):
    return people.member(cast.couple, "Tomas")


def answered(cast, who, now, value, *, hours_ago=1):
    """The member answers everything as usual but how openly they could speak."""
    meeting = people.meet(cast.couple, cast.ines, now - timedelta(hours=hours_ago))
    at = meeting.ends_at + timedelta(minutes=3)
    return people.answer(people.asked(meeting, who), at, 8.0, {"within_safety": value})


class TestDue:
    def test_from_the_start_and_then_ninety_days_after_the_first_of_them_was_seen(
        self, cast, now, today, lea, tomas
    ):
        assert stands(cast, now).is_due(today)
        note(cast, lea, "yes", now, days_ago=60)
        assert stands(cast, now).is_due(today), "Tomas was never asked"
        note(cast, tomas, "yes", now, days_ago=10)
        asked = stands(cast, now)
        assert asked.due_on == today + 30 * DAY
        assert not asked.is_due(today + 29 * DAY)
        assert asked.is_due(today + 30 * DAY)

    def test_at_once_for_all_when_somebody_joins(self, cast, now, today):
        people.seen_alone(cast.family, cast.ines, now - 20 * DAY)
        assert not stands(cast, now, cast.family).is_due(today)
        joins = NewMember("Ida", "Lindqvist", MemberRole.PARENT, email="ida@example.org")
        ida = join_case(case=cast.family, member=joins, at=now, actor=SYSTEM, member_id=uuid.uuid4())
        note(cast, ida, "yes", now)
        asked = stands(cast, now, cast.family)
        assert asked.is_due(today), "the others were asked before she came"
        people.seen_alone(cast.family, cast.ines, now)
        assert not stands(cast, now, cast.family).is_due(today)

    @pytest.mark.parametrize(("value", "due"), [(4, True), (0, True), (5, False), (None, False)])
    def test_at_once_when_somebody_could_not_speak_openly(self, cast, now, lea, value, due):
        people.seen_alone(cast.couple, cast.ines, now - 20 * DAY)
        answered(cast, lea, now, value)
        assert stands(cast, now).is_due(local_day(cast.clinic, now)) is due
        assert stands(cast, now).holds_joint_room is due

    def test_what_was_answered_before_they_were_seen_that_day_is_spoken_of(self, cast, now, today, lea):
        people.seen_alone(cast.couple, cast.ines, now - 20 * DAY)
        answered(cast, lea, now, 2)
        note(cast, lea, "yes", now)
        assert not stands(cast, now).low_since
        # Noted for an earlier day, the answer came after it.
        note(cast, lea, "yes", now, days_ago=5)
        assert stands(cast, now).low_since

    def test_a_form_that_is_not_handed_in_says_nothing(self, cast, now, lea):
        people.seen_alone(cast.couple, cast.ines, now - 20 * DAY)
        meeting = people.meet(cast.couple, cast.ines, now - HOUR)
        save_answer(occasion=people.asked(meeting, lea), item="within_safety", given=1, at=now)
        assert not stands(cast, now).low_since

    def test_an_install_that_only_records_judges_no_answer(self, cast, now, lea, settings):
        people.seen_alone(cast.couple, cast.ines, now - 20 * DAY)
        answered(cast, lea, now, 0)
        settings.GOLDSEAM_RECORD_ONLY = True
        assert not stands(cast, now).low_since


class TestThePage:
    def test_notes_each_of_them_and_says_of_the_case_never_who(self, cast, now, lea, tomas):
        client = signed_in(cast.ines)
        day = local_day(cast.clinic, now).isoformat()
        client.post(url(cast.couple), {"member": lea.position, "seen_on": day, "spoken": "no"})
        said = words(client.get(url(cast.couple)))
        assert "not to be spoken of together." in said
        assert "Has not been seen alone yet." in said
        client.post(url(cast.couple), {"member": tomas.position, "seen_on": day, "spoken": "yes"})
        on_case = page_of(cast.couple, cast.ines)
        assert "Single time for everybody is due again on" in on_case
        assert "kept until each has been seen alone" in on_case
        card = re.search(r"Single time Single time.*?Note who was seen alone", on_case).group()
        assert "Lea" not in card
        assert "Tomas" not in card

    def test_nothing_is_chosen_in_advance_and_an_empty_form_keeps_nothing(self, cast, lea):
        client = signed_in(cast.ines)
        assert "checked" not in client.get(url(cast.couple)).content.decode()
        client.post(url(cast.couple), {"member": lea.position, "seen_on": "2026-01-01"})
        assert not SafetyNote.objects.exists()

    def test_is_not_there_for_one_person_nor_for_whoever_does_not_treat(self, cast):
        assert signed_in(cast.ines).get(url(cast.individual)).status_code == 404
        for staff in (cast.supervisor, cast.colleague, cast.administrator, cast.researcher, cast.stranger):
            assert signed_in(staff).get(url(cast.couple)).status_code == 404

    def test_a_supervisor_finds_nothing_of_it_on_the_page_of_the_case(self, cast, now, lea):
        answered(cast, lea, now, 1)
        said = page_of(cast.couple, cast.supervisor)
        assert "Single time" not in said
        assert LOW_AND_ALONE not in said

    def test_whoever_covers_or_treats_beside_does(self, cast, now, today):
        CaseTherapist.objects.create(
            clinic=cast.clinic,
            case=cast.couple,
            therapist=cast.colleague,
            part=TherapistPart.COVER,
            starts_on=today,
            ends_on=today,
        )
        people.seen_alone(cast.couple, cast.ines, now, "not_yet")
        assert "together yet" in words(signed_in(cast.colleague).get(url(cast.couple)))

    def test_the_record_says_that_it_was_noted_and_not_what(self, cast, now, lea):
        note(cast, lea, "no", now)
        entry = AuditEntry.objects.get(action="safety.note")
        assert str(entry.object_id) == str(lea.pk)
        said = json.dumps([entry.action, entry.details, str(entry)])
        assert "no" not in re.findall(r"\w+", said.replace("safety.note", ""))
        assert "no" not in re.findall(r"\w+", str(SafetyNote.objects.get()))

    def test_the_same_said_twice_is_one_and_a_correction_keeps_both(self, cast, now, lea):
        first = note(cast, lea, "no", now)
        assert note(cast, lea, "no", now) == first
        note(cast, lea, "not_yet", now)
        assert [row.spoken for row in SafetyNote.objects.all()] == ["no", "not_yet"]

    def test_what_cannot_be_is_refused_with_the_reason(self, cast, now, lea):
        with people.refused("This day is still to come."):
            note(cast, lea, "yes", now, days_ago=-1)
        with people.refused("Safety is asked by whoever treats the case."):
            note(cast, lea, "yes", now, by=cast.supervisor)
        with people.refused("Only where several are seen together is each of them asked alone."):
            note(cast, people.member(cast.individual, "Ruth"), "yes", now)


class TestHeld:
    """Lea released her answer to all of them; whether anything is offered for the joint room."""

    @pytest.fixture
    def signal(self, cast, now, lea):
        meeting = people.meet(cast.couple, cast.ines, now - HOUR)
        occasion, at = people.asked(meeting, lea), meeting.ends_at + timedelta(minutes=3)
        save_answer(occasion=occasion, item="tension", given="clearly", at=at)
        choose_audience(occasion=occasion, audience=Audience.ALL, at=at)
        given = {"tension": "clearly", "worked_out": "not_yet", "group_bond": 2}
        judge([people.answer(occasion, at, 8.0, given)])
        return AlertSignal.objects.get(kind="asked")

    def said(self, cast, signal, staff=None):
        return words(signed_in(staff or cast.ines).get(reverse("dashboard:signal", args=[signal.id])))

    @pytest.mark.parametrize("spoken", ["no", "not_yet", None])
    def test_while_one_of_them_has_not_said_yes(self, cast, now, signal, spoken):
        note(cast, people.member(cast.couple, "Lea"), "yes", now)
        if spoken:
            note(cast, people.member(cast.couple, "Tomas"), spoken, now)
        said = self.said(cast, signal)
        assert "Lea: “Raise it with us all” Kept until each has been seen alone." in said
        assert "nothing is released for the joint room" in said
        assert "Take it up with Lea alone" in said
        for offered in (
            "Let each be heard in turn",
            "Agree on how to share the time",
            "Released for the joint room.",
        ):
            assert offered not in said

    def test_all_of_them_said_yes(self, cast, now, signal):
        people.seen_alone(cast.couple, cast.ines, now)
        said = self.said(cast, signal)
        assert "It may be taken up with all of them there." in said
        assert "Released for the joint room." in said
        assert "Let each be heard in turn" in said

    def test_a_low_answer_since_shows_the_clinics_procedure_first_and_holds_again(
        self, cast, now, signal, tomas
    ):
        people.seen_alone(cast.couple, cast.ines, now - 20 * DAY)
        answered(cast, tomas, now, 3, hours_ago=3)
        said = self.said(cast, signal)
        assert said.index(LOW_AND_ALONE) < said.index("What might help")
        assert people.PROCEDURE in said
        assert "Released for the joint room." not in said
        on_case = page_of(cast.couple, cast.ines)
        assert (
            on_case.index(LOW_AND_ALONE) < on_case.index("How it")
            if "How it" in on_case
            else LOW_AND_ALONE in on_case
        )
        assert people.PROCEDURE in on_case

    def test_a_supervisor_is_offered_nothing_either(self, cast, now, signal):
        said = self.said(cast, signal, cast.supervisor)
        assert "Released for the joint room." not in said
        assert "Let each be heard in turn" not in said


class TestReadiness:
    def need(self, clinic, now):
        [found] = [n for n in readiness(clinic, at=now) if n.subject == "procedure for violence"]
        return found.is_met, found.is_in_the_way

    def test_is_red_for_couples_and_families_without_a_procedure_and_can_wait_before(self, cast, now):
        assert self.need(Clinic.objects.get(pk=cast.clinic.pk), now) == (True, False)
        Clinic.objects.update(violence_procedure="")
        assert self.need(Clinic.objects.get(pk=cast.clinic.pk), now) == (False, True)
        # Riverbank sees one person.
        assert self.need(Clinic.objects.get(name="Riverbank"), now) == (False, False)

    def test_the_administrator_gives_it(self, cast):
        client = signed_in(cast.administrator)
        assert client.post("/office/urgent-help/", {"violence_procedure": " "}).status_code == 400
        client.post("/office/urgent-help/", {"violence_procedure": "See intranet, page 7."})
        assert Clinic.objects.get(pk=cast.clinic.pk).violence_procedure == "See intranet, page 7."
        assert "See intranet, page 7." in words(client.get("/office/urgent-help/"))


MADE_ANEW = re.compile(
    rb'name="(shown|csrfmiddlewaretoken|form_key)" value="[^"]*"|nonce[-="]+[^"\' ]*|data-counter="\d+"'
)


# Both times another session is made: its address is another one.
ROW_IDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_no_trace_for_lea_of_what_tomas_said_alone(cast, now, lea, tomas):
    """Byte for byte: her own pages, whatever is written to anybody, and the screen both look at in the room.

    By rule: not asked, no, not yet, yes, and asked again after an answer below the middle are one and the same.
    """
    meeting = people.meet(cast.couple, cast.ines, now - HOUR)
    hers = people.link(people.asked(meeting, lea))
    card = people.card_given_to(lea, cast.ines, now)
    room = signed_in(cast.ines)

    def seen():
        pages = [
            Client().get(hers + rest) for rest in ("", "1/", "all/", "privacy/", "speak/", "later/", "done/")
        ]
        pages.append(Client().get(f"/c/card/{card}/"))
        room.post("/room-view/", {"alone": "no"})
        addresses = ["/", reverse("dashboard:case", args=[cast.couple.id]), url(cast.couple), "/alerts/"]
        pages += [room.get(address) for address in addresses]
        return [(p.status_code, MADE_ANEW.sub(b"", p.content)) for p in pages], Message.objects.count()

    before = seen()
    for spoken in ("no", "not_yet", "yes"):
        note(cast, tomas, spoken, now)
        assert seen() == before, spoken
    note(cast, lea, "yes", now)
    assert seen() == before, "both said yes"


def test_nothing_goes_into_the_table_of_who_agreed_to_what(cast, now):
    """The one table about members that leaves the house from the page of a case."""
    table = reverse("dashboard:consent_export", args=[cast.couple.id])
    client = signed_in(cast.ines)
    before = client.get(table).content
    people.seen_alone(cast.couple, cast.ines, now, "no")
    assert client.get(table).content == before


def test_what_one_of_them_could_not_say_openly_changes_nothing_in_the_room(cast, now, lea, tomas):
    """His form is handed in before and after; between the two lies how openly he said that he could speak."""
    people.seen_alone(cast.couple, cast.ines, now - 20 * DAY)
    room = signed_in(cast.ines)
    addresses = ["/", reverse("dashboard:case", args=[cast.couple.id]), url(cast.couple)]
    seen = []
    for value in (8, 1):
        with transaction.atomic():
            answered(cast, tomas, now, value)
            room.post("/room-view/", {"alone": "no"})
            seen.append([MADE_ANEW.sub(b"", room.get(address).content) for address in addresses])
            transaction.set_rollback(True)
    assert ROW_IDS.sub(b"", b"".join(seen[0])) == ROW_IDS.sub(b"", b"".join(seen[1]))
