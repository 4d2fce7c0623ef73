"""A way past the therapist: who is offered, who may read, and what becomes of a wish to be called."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from goldseam_web.accounts.closed_days import close_days
from goldseam_web.accounts.models import Clinic, Role, Staff, Supervision
from goldseam_web.accounts.queries import Viewer, local_day, viewer_of
from goldseam_web.accounts.services import name_lead
from goldseam_web.alerts.message_report import message_report
from goldseam_web.alerts.readiness import Need, readiness
from goldseam_web.alerts.services.worker import PURPOSES
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Case, CaseKind, CaseTherapist, Person, TherapistPart
from goldseam_web.cases.readers import readers_on
from goldseam_web.cases.services import NewMember
from goldseam_web.cases.services.doubles import merge_people
from goldseam_web.concerns.models import (
    CallBy,
    Concern,
    ConcernNote,
    ConcernState,
    ConcernWords,
    NamedPerson,
    Wish,
)
from goldseam_web.concerns.queries import concern_for, concerns_for, person_to_speak_with
from goldseam_web.concerns.services import (
    MOST_WORDS,
    ask_to_be_called,
    due_day,
    keep_concerns_owned,
    move_concern,
    name_persons,
    set_route,
)
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.outbox.models import Message
from goldseam_web.outbox.services import send_next
from tests.web import people

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WISH = people.WISH


def name(*staff: Staff, at: datetime) -> None:
    name_persons(clinic=staff[0].clinic, staff=staff, at=at, actor=SYSTEM)


def person_of(case: Case, called: str) -> Person:
    return people.member(case, called).person


def viewer(staff: Staff, at: datetime) -> Viewer:
    found = viewer_of(staff.user, at=at)
    assert found is not None
    return found


def offered(cast: people.Cast, at: datetime, called: str = "Lea") -> Staff | None:
    person = person_of(cast.couple, called)
    clinic = Clinic.objects.get(pk=cast.clinic.pk)
    return person_to_speak_with(person, clinic, day=local_day(clinic, at))


def asks(cast: people.Cast, at: datetime, wish: Wish = WISH, called: str = "Lea") -> Concern:
    return people.asks_to_be_called(people.member(cast.couple, called), at, wish)


class TestWhoIsOffered:
    """Never who treats, treated or will treat, covers, or supervises one of them, whenever that is or was."""

    def link(
        self, cast: people.Cast, at: datetime, starts: int, ends: int | None, part: TherapistPart
    ) -> None:
        today = local_day(cast.clinic, at)
        CaseTherapist.objects.create(
            clinic=cast.clinic,
            case=cast.couple,
            therapist=cast.colleague,
            part=part,
            starts_on=today + starts * DAY,
            ends_on=None if ends is None else today + ends * DAY,
        )

    def test_the_first_in_order_who_has_no_part(self, cast, now):
        name(cast.ines, cast.colleague, cast.administrator, at=now)
        assert offered(cast, now) == cast.colleague

    @pytest.mark.parametrize(
        ("starts", "ends", "part"),
        [
            (-90, None, TherapistPart.CO_THERAPIST),
            (-90, -30, TherapistPart.MAIN),
            (-9, -8, TherapistPart.COVER),
            (1, 2, TherapistPart.COVER),
        ],
    )
    def test_a_part_in_the_case_at_any_time_rules_out(self, cast, now, starts, ends, part):
        name(cast.colleague, cast.administrator, at=now)
        self.link(cast, now, starts, ends, part)
        assert offered(cast, now) == cast.administrator

    def test_a_part_in_another_case_of_the_person_rules_out(self, cast, now):
        """Walls stand between the cases of one person; who treats her alone has to do with her all the same."""
        name(cast.colleague, cast.administrator, at=now)
        cast.individual.therapists.update(therapist=cast.colleague)
        cast.individual.members.update(person=person_of(cast.couple, "Lea"))
        assert offered(cast, now) == cast.administrator
        assert offered(cast, now, "Tomas") == cast.colleague

    @pytest.mark.parametrize("ended", [None, 200])
    def test_who_supervises_or_supervised_a_therapist_of_the_case_is_not(self, cast, now, ended):
        name(cast.supervisor, cast.administrator, at=now)
        if ended:
            Supervision.objects.update(ends_on=local_day(cast.clinic, now) - ended * DAY)
        assert offered(cast, now) == cast.administrator

    def test_a_lead_only_where_somebody_else_has_supervised_from_the_first_day(self, cast, now):
        lead = people.staff(cast.clinic, "Lina Lead", [Role.SUPERVISOR], now)
        name(lead, cast.administrator, at=now)
        name_lead(lead=lead, at=now, actor=SYSTEM)
        assert offered(cast, now) == lead
        Supervision.objects.update(starts_on=local_day(cast.clinic, now) - DAY)
        assert offered(cast, now) == cast.administrator
        name_lead(lead=cast.supervisor, at=now, actor=SYSTEM)
        assert offered(cast, now) == cast.administrator, "she could have read it while she led"

    def test_nobody_who_can_open_the_case_is_ever_offered(self, cast, now):
        """Everybody named, every case: who is offered is none of those the access rules give."""
        everybody = [cast.ines, cast.colleague, cast.supervisor, cast.administrator]
        name(*everybody, at=now)
        for case in (cast.individual, cast.couple, cast.family):
            readers = {reader.staff.pk for reader in readers_on(case, local_day(cast.clinic, now))}
            for member in case.members.all():
                found = person_to_speak_with(member.person, cast.clinic, day=local_day(cast.clinic, now))
                assert found is not None
                assert found.pk not in readers

    def test_nobody_who_has_left_and_nobody_where_nobody_is_named(self, cast, now):
        assert offered(cast, now) == cast.administrator
        Staff.objects.filter(pk=cast.administrator.pk).update(active=False)
        assert offered(cast, now) is None
        NamedPerson.objects.all().delete()
        assert offered(cast, now) is None


class TestDueDay:
    """By hand: 6 January 2027 is a Wednesday."""

    @pytest.mark.parametrize(
        ("day", "closed", "due"),
        [
            (6, [], date(2027, 1, 11)),
            (8, [], date(2027, 1, 13)),
            (9, [], date(2027, 1, 13)),
            (6, [7, 8], date(2027, 1, 13)),
            (6, [6], date(2027, 1, 11)),
        ],
        ids=["over a weekend", "from a Friday", "from a Saturday", "closed between", "closed today"],
    )
    def test_counts_working_days(self, clinic, day, closed, due):
        at = datetime(2027, 1, day, 18, tzinfo=UTC)
        for number in closed:
            shut = date(2027, 1, number)
            close_days(clinic=clinic, first=shut, last=shut, name="closed", at=at, actor=SYSTEM)
        assert due_day(clinic, 3, at=at) == due


class TestAsking:
    @pytest.fixture(autouse=True)
    def named(self, cast: people.Cast, now: datetime) -> None:
        name(cast.administrator, at=now)

    def test_is_kept_with_an_owner_and_a_day_and_encrypted(self, cast, now):
        concern = asks(cast, now)
        assert (concern.state, concern.owner) == (ConcernState.RECEIVED, cast.administrator)
        assert concern.due_on == due_day(cast.clinic, 3, at=now)
        assert ConcernWords.objects.get().wish == WISH

    def test_twice_is_once_and_other_words_are_added(self, cast, now):
        asks(cast, now)
        asks(cast, now)
        assert (Concern.objects.count(), ConcernWords.objects.count()) == (1, 1)
        for number in range(MOST_WORDS + 3):
            asks(cast, now + timedelta(minutes=number), Wish("Lea", CallBy.IN_PERSON, when=f"day {number}"))
        kept = [words.wish for words in Concern.objects.get().words.all()]
        assert len(kept) == MOST_WORDS
        assert (kept[0], kept[-1].when) == (WISH, f"day {MOST_WORDS + 2}")
        assert Message.objects.count() == 1

    def test_after_an_answer_it_is_a_wish_of_its_own(self, cast, now):
        first = asks(cast, now)
        move_concern(concern=first, to=ConcernState.ANSWERED, note="", at=now, staff=cast.administrator)
        assert asks(cast, now) != first

    def test_is_refused_where_somebody_else_would_read_it_than_was_shown(self, cast, now):
        person = person_of(cast.couple, "Lea")
        with people.refused("Meanwhile somebody else has to be asked; look at who it is now."):
            ask_to_be_called(person=person, clinic=cast.clinic, asked=cast.ines, wish=WISH, at=now)
        assert not Concern.objects.exists()

    def test_record_names_no_client_and_no_page_is_told_of_it(self, cast, now):
        entries = set(AuditEntry.objects.values_list("pk", flat=True))
        cast.clinic.pulse.refresh_from_db()
        counter = cast.clinic.pulse.counter
        concern = asks(cast, now)
        [entry] = AuditEntry.objects.exclude(pk__in=entries)
        assert (entry.actor_kind, entry.actor_id, entry.object_id) == ("client", None, str(concern.pk))
        assert entry.details == {}
        cast.clinic.pulse.refresh_from_db()
        assert cast.clinic.pulse.counter == counter

    def test_erasing_the_person_erases_it(self, cast, now):
        person = people.staff(cast.clinic, "Ed Elsewhere", [], now) and cast.clinic.persons.create(
            created_at=now
        )
        owner = cast.administrator
        concern = ask_to_be_called(person=person, clinic=cast.clinic, asked=owner, wish=WISH, at=now)
        move_concern(concern=concern, to=ConcernState.ANSWERED, note="Called.", at=now, staff=owner)
        person.delete()
        assert not any(model.objects.exists() for model in (Concern, ConcernWords, ConcernNote))


class TestStates:
    def test_received_answered_closed_and_closed_too_early(self, cast, now):
        name(cast.administrator, at=now)
        concern = asks(cast, now)
        steps = [
            (ConcernState.ANSWERED, "Reached her.", (now, None)),
            (ConcernState.ANSWERED, "Again.", (now, None)),
            (ConcernState.CLOSED, "", (now, now)),
            (ConcernState.ANSWERED, "", (now, None)),
        ]
        for to, note, moments in steps:
            concern = move_concern(concern=concern, to=to, note=note, at=now, staff=cast.administrator)
            assert (concern.state, (concern.answered_at, concern.closed_at)) == (to, moments)
        assert [note.text for note in concern.notes.all()] == ["Reached her."]

    def test_is_not_closed_before_it_is_answered(self, cast, now):
        name(cast.administrator, at=now)
        concern = asks(cast, now)
        with people.refused("This is received by now and cannot become closed; look at it once more."):
            move_concern(concern=concern, to=ConcernState.CLOSED, note="", at=now, staff=cast.administrator)


class TestWhoReads:
    @pytest.fixture
    def concern(self, cast: people.Cast, now: datetime) -> Concern:
        name(cast.administrator, cast.colleague, at=now)
        return asks(cast, now)

    def readers(self, cast: people.Cast, concern: Concern, at: datetime) -> set[str]:
        seats = {"ines", "colleague", "supervisor", "administrator", "researcher", "stranger"}
        found = {seat: viewer_of(getattr(cast, seat).user, at=at) for seat in seats}
        return {seat for seat, one in found.items() if one and concern_for(one, concern.pk)}

    def test_the_owner_alone(self, cast, now, concern):
        assert self.readers(cast, concern, now) == {"administrator"}

    @pytest.mark.parametrize(
        "lost",
        [
            lambda cast, now: Staff.objects.filter(pk=cast.administrator.pk).update(active=False),
            lambda cast, now: name(cast.colleague, at=now),
            lambda cast, now: cast.couple.therapists.create(
                clinic=cast.clinic, therapist=cast.administrator, starts_on=now.date()
            ),
            lambda cast, now: cast.administrator.supervises.create(
                clinic=cast.clinic, therapist=cast.ines, starts_on=now.date()
            ),
        ],
        ids=["has left", "named no more", "treats now", "supervises now"],
    )
    def test_another_named_person_once_the_owner_cannot(
        self, cast, now, concern, lost: Callable[[people.Cast, datetime], object]
    ):
        lost(cast, now)
        assert self.readers(cast, concern, now) == {"colleague"}
        assert keep_concerns_owned(at=now) == 1
        concern.refresh_from_db()
        assert concern.owner == cast.colleague
        assert Message.objects.filter(staff=cast.colleague).count() == 1
        assert keep_concerns_owned(at=now) == 0

    def test_nobody_where_everybody_has_got_a_part_and_that_is_a_number(self, cast, now, concern):
        for staff in (cast.administrator, cast.colleague):
            cast.couple.therapists.create(clinic=cast.clinic, therapist=staff, starts_on=now.date())
        assert self.readers(cast, concern, now) == set()
        assert keep_concerns_owned(at=now) == 0
        assert message_report(at=now).wishes == 1

    @pytest.mark.parametrize(
        "kept_is_hers", [True, False], ids=["into another entry", "another entry into it"]
    )
    def test_nobody_who_treats_them_once_two_entries_of_theirs_are_one(
        self, cast: people.Cast, now: datetime, kept_is_hers: bool
    ):
        """A wish stands with the entry it came from; whoever treats the one person has a part all the same."""
        alone = people.case(cast.ines, CaseKind.INDIVIDUAL, [NewMember("Lea", "Brandt")], now)
        name(cast.administrator, cast.colleague, at=now)
        concern = asks(cast, now)
        entries = [people.member(cast.couple, "Lea"), people.member(alone, "Lea")]
        kept, was = entries if kept_is_hers else reversed(entries)
        merge_people(viewer=viewer_of(cast.ines.user, at=now), member=kept, other=was, at=now)
        name(cast.administrator, cast.ines, cast.colleague, at=now)
        alone.therapists.create(clinic=cast.clinic, therapist=cast.colleague, starts_on=now.date())
        assert self.readers(cast, concern, now) == {"administrator"}
        Staff.objects.filter(pk=cast.administrator.pk).update(active=False)
        assert self.readers(cast, concern, now) == set()
        assert keep_concerns_owned(at=now) == 0


class TestTheNumberThatWaits:
    @pytest.fixture
    def concern(self, cast: people.Cast, now: datetime) -> Concern:
        name(cast.administrator, at=now)
        return asks(cast, now)

    def test_past_its_day_it_is_told_and_answered_it_is_not(self, cast, now, concern):
        late = now + 8 * DAY
        assert message_report(at=now).wishes == 0
        assert message_report(at=late).wishes == 1
        assert dict(message_report(at=late).faults)["wishes"].startswith("1 to be called")
        move_concern(concern=concern, to=ConcernState.ANSWERED, note="", at=late, staff=cast.administrator)
        assert message_report(at=late).wishes == 0

    def test_is_not_told_to_who_has_a_part(self, cast, now, concern):
        """An administrator who treats would learn from the number that one of hers asked."""
        late = now + 8 * DAY
        for seat, number in (("administrator", 1), ("ines", 0), ("supervisor", 0), ("colleague", 1)):
            one = viewer(getattr(cast, seat), late)
            assert message_report(at=late, clinic=cast.clinic, viewer=one).wishes == number, seat


class TestMail:
    @pytest.fixture
    def concern(self, cast: people.Cast, now: datetime) -> Concern:
        name(cast.administrator, cast.colleague, at=now)
        return asks(cast, now)

    def test_says_nothing_but_that_somebody_asks(self, cast, now, concern, mailoutbox):
        while send_next(purposes=PURPOSES, worker="test", at=now):
            pass
        [mail] = mailoutbox
        assert mail.to == [cast.administrator.user.email]
        assert (mail.subject, clinical_words(mail.subject + mail.body)) == ("Somebody asks to be called", [])
        assert not any(word in mail.body for word in ("Lea", "0190", "Ines", "Larkfield"))
        assert f"/office/calls/{concern.pk}/" in mail.body

    def test_is_not_sent_to_who_has_got_a_part_meanwhile(self, cast, now, concern, mailoutbox):
        cast.couple.therapists.create(clinic=cast.clinic, therapist=cast.administrator, starts_on=now.date())
        keep_concerns_owned(at=now)
        while send_next(purposes=PURPOSES, worker="test", at=now):
            pass
        assert [mail.to for mail in mailoutbox] == [[cast.colleague.user.email]]


class TestReadiness:
    def need(self, cast: people.Cast, at: datetime) -> Need:
        clinic = Clinic.objects.get(pk=cast.clinic.pk)
        [need] = [n for n in readiness(clinic, at=at) if n.subject == "somebody else to speak with"]
        return need

    def test_is_red_without_anybody_and_with_nobody_left_for_some(self, cast, now):
        NamedPerson.objects.all().delete()
        assert self.need(cast, now).is_in_the_way
        name(cast.ines, at=now)
        # Ruth, Lea, Tomas and the three of the family are all hers.
        for_some = self.need(cast, now)
        assert for_some.says.startswith("for 6 of the people")
        assert (for_some.is_met, for_some.stops) == (False, False), "the others are still asked"
        name(cast.ines, cast.administrator, at=now)
        assert self.need(cast, now).is_met

    def test_an_outside_body_is_enough(self, cast, now):
        NamedPerson.objects.all().delete()
        set_route(
            clinic=cast.clinic,
            working_days=2,
            body_name="Ombudsperson",
            body_telephone="+1 312 555 0111",
            body_hours="",
            at=now,
            actor=SYSTEM,
        )
        assert self.need(cast, now).is_met

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            (
                {"body_name": "Ombudsperson"},
                "An outside body needs a name and a telephone number, or neither.",
            ),
            ({"working_days": 21}, "21 working days given; from 1 to 20 are allowed."),
            (
                {"body_name": "O", "body_telephone": "call me"},
                "'call me' cannot be dialled; give two digits or more, with spaces, +, -, /, . or brackets.",
            ),
        ],
    )
    def test_half_a_body_is_none(self, cast, now, given, says):
        full = {"working_days": 3, "body_name": "", "body_telephone": "", "body_hours": "", **given}
        with people.refused(says):
            set_route(clinic=cast.clinic, at=now, actor=SYSTEM, **full)


def test_the_list_of_somebody_who_is_not_named_is_empty(cast, now):
    name(cast.administrator, at=now)
    asks(cast, now)
    assert not concerns_for(viewer(cast.researcher, now)).exists()
