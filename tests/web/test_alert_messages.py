"""Telling people: through a real mail server, with what can go wrong on the way."""

import threading
from datetime import timedelta
from pathlib import Path
from smtplib import SMTP_SSL

import pytest
from aiosmtpd.smtp import AuthResult
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import IntegrityError
from django.template.loader import render_to_string

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import add_supervision
from goldseam_web.alerts.message_report import MessageReport, message_report
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.queries import people_not_reached, people_told
from goldseam_web.alerts.services import evaluate, open_alert, tidy
from goldseam_web.alerts.services.alert_messages import SUBJECT, escalate_unseen
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.queries import verify_chain
from goldseam_web.cases.models import Case, TherapistPart
from goldseam_web.measures.models import Response
from goldseam_web.outbox import services as outbox
from goldseam_web.outbox.channels import CHANNELS, Letter
from goldseam_web.outbox.channels.email.smtp import MarkEndOfData, MarkingBackend
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.outbox.services import MESSAGES, MessagePurpose
from tests.web import histories, people
from tests.web.kept_rows import kept
from tests.web.postbox import free_port, messages_of, open_postbox, send_next

# Nobody who reads over a shoulder may learn from a message what kind of house this is, whom it is about, or how it
# stands. Names and numbers of the case are added by the tests that have them.
CLINICAL = (
    *("alliance", "answer", "case", "client", "clinic", "couple", "depress", "distress", "episode", "family"),
    *("feedback", "health", "mental", "mood", "partner", "patient", "progress", "questionnaire", "rating"),
    *("relationship", "risk", "rupture", "score", "session", "signal", "strain", "suicid", "symptom"),
    *("tension", "therap", "treatment", "wellbeing"),
)
# The one sentence that says what the message does not hold needs a word from the list.
SAYS_WHAT_IT_LACKS = "This message holds no names and no answers."
TEMPLATES = Path(__file__).resolve().parents[2] / "src/goldseam_web/templates"


@pytest.fixture
def postbox(settings):
    with open_postbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


@pytest.fixture
@kept
def signal(ines, now):
    """A strain that Ines has not heard of yet: one message waits."""
    case = people.couple(ines, now)
    lea = people.member(case, "Lea")
    histories.history(case, ines, lea, [*histories.STEADY, 6.0], now, judged=7)
    [raised] = evaluate(response=Response.objects.get(job__state="pending"), at=now)
    return raised


def send_all(at):
    while send_next(worker="test", at=at):
        pass


class TestWhatTheMessageSays:
    def test_it_arrives_once_at_the_therapist(self, signal, postbox, now):
        send_all(now)
        send_all(now + timedelta(days=1))
        [message] = postbox.messages
        assert message["To"] == messages_of(signal).get().staff.user.email
        assert message["Subject"] == SUBJECT
        assert messages_of(signal).get().state == MessageState.SENT

    def test_it_holds_no_name_no_score_and_no_clinical_word(self, signal, postbox, now):
        send_all(now)
        [text] = postbox.texts
        shown = text.replace(SAYS_WHAT_IT_LACKS, "").replace(f"/signals/{signal.id}/", "").lower()
        private = ("lea", "tomas", "brandt", "6.0", "5.5", "8.0")
        assert [word for word in (*CLINICAL, *private) if word in shown.replace("released", "")] == []

    def test_its_address_says_where_to_look_and_nothing_else(self, signal, postbox, settings, now):
        send_all(now)
        [text] = postbox.texts
        assert f"{settings.GOLDSEAM_BASE_URL}/signals/{signal.id}/" in text

    def test_the_same_message_keeps_its_id_so_that_a_mail_program_shows_it_once(self, signal, postbox, now):
        send_all(now)
        [message] = postbox.messages
        assert message["Message-ID"] == f"<{messages_of(signal).get().id}@goldseam>"
        assert message["Auto-Submitted"] == "auto-generated"


MAIL_TEMPLATES = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("*.txt")
    if path.parent.name in {"alerts", "email"}
)


def test_there_are_mail_templates():
    assert "alerts/email.txt" in MAIL_TEMPLATES


@pytest.mark.parametrize("name", MAIL_TEMPLATES)
def test_no_mail_template_holds_a_clinical_word(name):
    """Every text that leaves the house by mail: alerts and account mails."""
    shown = render_to_string(name, {"link": ""}).replace(SAYS_WHAT_IT_LACKS, "").lower()
    assert [word for word in CLINICAL if word in shown] == []


class TestTrouble:
    def test_a_server_that_is_down_is_tried_again_until_it_is_back(self, signal, settings, now):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        send_all(now)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.PENDING, 1)
        assert (stored.last_error, stored.due_at) == (
            "ConnectionRefusedError",
            now + MESSAGES.pauses[0],
        )
        send_all(now + MESSAGES.pauses[0] / 2)
        assert messages_of(signal).get().attempts == 1
        with open_postbox(settings.EMAIL_PORT) as postbox:
            send_all(now + MESSAGES.pauses[0])
            assert len(postbox.messages) == 1
        assert messages_of(signal).get().state == MessageState.SENT

    def test_the_pauses_grow_and_after_the_last_one_it_fails(self, signal, settings, now):
        """Six tries: at once, and after each of the five pauses. Then it is for people."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        assert list(MESSAGES.pauses) == sorted(MESSAGES.pauses)
        at = now
        for pause in (timedelta(0), *MESSAGES.pauses):
            at += pause
            send_all(at)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.FAILED, 6)

    def test_a_mailbox_that_does_not_exist_is_not_tried_again(self, signal, postbox, now):
        """550 means that repeating the request will not help (RFC 5321, 4.2.1)."""
        postbox.refusal = "550 No such user here"
        send_all(now)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.FAILED, 1)
        assert not Message.objects.filter(due_at__gt=now).exists()

    def test_a_mailbox_that_is_busy_is_tried_again(self, signal, postbox, now):
        """451: the action was aborted by an error in processing, which may pass."""
        postbox.refusal = "451 Try again later"
        send_all(now)
        assert messages_of(signal).get().state == MessageState.PENDING
        postbox.refusal = ""
        send_all(now + MESSAGES.pauses[0])
        assert (messages_of(signal).get().state, len(postbox.messages)) == (MessageState.SENT, 1)

    @pytest.mark.parametrize(("reply", "state"), [("554 Refused", "failed"), ("452 Full for now", "pending")])
    def test_a_message_refused_after_it_was_read_counts_like_its_recipient(
        self, signal, postbox, now, reply, state
    ):
        postbox.reply = reply
        send_all(now)
        assert messages_of(signal).get().state == state

    def test_the_reason_kept_is_the_kind_of_error_and_not_its_text(self, signal, postbox, now):
        postbox.refusal = "550 ines.okafor is unknown"
        send_all(now)
        assert "okafor" not in messages_of(signal).get().last_error

    def test_a_message_interrupted_on_its_way_is_uncertain_and_not_sent_again(self, signal, postbox, now):
        """The worker died between claiming the row and writing that it was sent: nobody knows what left."""
        messages_of(signal).update(state=MessageState.SENDING, claimed_at=now, claimed_by="dead", attempts=1)
        tidy(at=now + timedelta(minutes=4))
        assert messages_of(signal).get().state == MessageState.SENDING
        tidy(at=now + timedelta(minutes=6))
        assert messages_of(signal).get().state == MessageState.UNCERTAIN
        send_all(now + timedelta(days=1))
        assert postbox.messages == []

    def test_a_worker_slower_than_its_claim_neither_sets_the_state_nor_records_another(
        self, signal, postbox, now, monkeypatch
    ):
        """While the message was leaving it was found to be minutes old: it is uncertain and stays so."""

        def send_slowly(_message, _letter):
            tidy(at=now + timedelta(minutes=6))

        monkeypatch.setitem(CHANNELS, "email", send_slowly)
        send_next(worker="slow", at=now)
        assert messages_of(signal).get().state == MessageState.UNCERTAIN
        ends = AuditEntry.objects.filter(action__startswith="message.").values_list("action", flat=True)
        assert list(ends) == ["message.uncertain"]


class TestHowFarItGot:
    """Once the end of a message has been handed over, only the server knows whether it has it: no second try."""

    @pytest.fixture
    @kept
    def signal(self, ines, now):
        """A client's own word about a first session: one message waits."""
        case = people.individual(ines, now)
        [encounter] = histories.sessions(case, ines, 1, now)
        response = histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
        [raised] = evaluate(response=response, at=now)
        return raised

    LATER = (timedelta(0), *(timedelta(hours=hours) for hours in (1, 8, 20)))

    def test_a_connection_dropped_before_the_answer_leaves_one_copy(self, signal, postbox, now):
        postbox.drops_at = "DATA"
        for pause in self.LATER:
            send_all(now + pause)
        assert len(postbox.messages) == 1
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.UNCERTAIN, 1)

    def test_an_answer_that_does_not_come_in_time_leaves_one_copy(self, signal, postbox, settings, now):
        settings.EMAIL_TIMEOUT = 0.3
        postbox.hold = threading.Event()
        for pause in self.LATER:
            send_all(now + pause)
        assert len(postbox.messages) == 1
        assert messages_of(signal).get().state == MessageState.UNCERTAIN

    @pytest.mark.parametrize("reply", ["what is this", "250-half an answer", "354 go on", "2" * 9000])
    def test_an_answer_that_cannot_be_read_is_no_answer(self, signal, postbox, settings, now, reply):
        settings.EMAIL_TIMEOUT = 0.3
        postbox.reply = reply
        for pause in self.LATER:
            send_all(now + pause)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.UNCERTAIN, 1)

    def test_what_became_of_it_is_on_record(self, signal, postbox, now):
        postbox.drops_at = "DATA"
        send_all(now)
        ends = AuditEntry.objects.filter(action__startswith="message.").values_list("action", flat=True)
        assert list(ends) == ["message.uncertain"]
        assert messages_of(signal).get().last_error == "SMTPServerDisconnected"

    def test_a_connection_dropped_before_the_message_is_tried_again(self, signal, postbox, now):
        postbox.drops_at = "RCPT"
        send_all(now)
        assert (messages_of(signal).get().state, postbox.messages) == (MessageState.PENDING, [])
        postbox.drops_at = ""
        send_all(now + MESSAGES.pauses[0])
        assert (messages_of(signal).get().state, len(postbox.messages)) == (MessageState.SENT, 1)

    @pytest.mark.parametrize("reply", ["421 Closing", "451 Not now"])
    def test_a_server_that_says_no_for_now_is_believed(self, signal, postbox, now, reply):
        """It was asked at the end of the message and answered: it does not have it."""
        postbox.reply = reply
        send_all(now)
        assert messages_of(signal).get().state == MessageState.PENDING
        postbox.reply = "250 OK"
        send_all(now + MESSAGES.pauses[0])
        assert (messages_of(signal).get().state, len(postbox.messages)) == (MessageState.SENT, 1)

    @pytest.mark.parametrize("reply", ["550 No", "554 Never"])
    def test_a_server_that_says_no_for_good_is_believed(self, signal, postbox, now, reply):
        postbox.reply = reply
        for pause in self.LATER:
            send_all(now + pause)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.FAILED, 1)

    def test_a_wrong_password_is_not_tried_again(self, signal, settings, now):
        """535; over an open connection too, as a relay in the house may offer it."""
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "clinic", "wrong"
        with open_postbox(
            authenticator=lambda *_: AuthResult(success=False, handled=False), auth_require_tls=False
        ) as box:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
            for pause in self.LATER:
                send_all(now + pause)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts) == (MessageState.FAILED, 1)

    @pytest.mark.parametrize("goodbye", ["421 Too late", "2" * 9000])
    def test_a_farewell_that_goes_wrong_changes_nothing(self, signal, postbox, now, goodbye):
        postbox.goodbye = goodbye
        for pause in self.LATER:
            send_all(now + pause)
        assert (messages_of(signal).get().state, len(postbox.messages)) == (MessageState.SENT, 1)

    def test_a_connection_encrypted_from_the_start_knows_it_too(self):
        encrypted = MarkingBackend(use_ssl=True, use_tls=False).connection_class
        assert issubclass(encrypted, SMTP_SSL)
        assert issubclass(encrypted, MarkEndOfData)

    def test_other_mail_goes_out_as_before(self, postbox, settings):
        """A password reset is asked for by a person who sees whether it arrived, and may ask again."""
        assert type(get_connection()) is EmailBackend


class TestNobodyLooks:
    @pytest.fixture
    def supervisors(self, ines, now):
        """Marta supervises Ines now, Una did until last week, Otto supervises somebody else."""
        today = now.date()
        marta, una, otto = (
            people.staff(ines.clinic, name, [Role.SUPERVISOR], now)
            for name in ("Marta Lind", "Una Past", "Otto Else")
        )
        other = people.staff(ines.clinic, "Ben Adeyemi", [Role.THERAPIST], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=today - timedelta(30), at=now)
        past = add_supervision(supervisor=una, therapist=ines, starts_on=today - timedelta(90), at=now)
        past.ends_on = today - timedelta(7)
        past.save()
        add_supervision(supervisor=otto, therapist=other, starts_on=today - timedelta(30), at=now)
        return marta

    def test_the_supervisor_of_that_day_is_told_after_the_clinic_s_time(self, signal, supervisors, now):
        """Larkfield waits 24 hours."""
        assert escalate_unseen(at=now + timedelta(hours=23)) == 0
        assert escalate_unseen(at=now + timedelta(hours=24)) == 1
        escalated = messages_of(signal).get(purpose="escalated")
        assert escalated.staff == supervisors

    def test_once(self, signal, supervisors, now):
        for hours in (24, 25, 48):
            escalate_unseen(at=now + timedelta(hours=hours))
        assert messages_of(signal).filter(purpose="escalated").count() == 1

    def test_nobody_who_has_left_the_clinic(self, signal, supervisors, now):
        """Departed staff are nobody: whoever else supervises is told, or no one."""
        left = people.staff(signal.clinic, "Nora Gone", [Role.SUPERVISOR], now)
        ines = signal.case.therapists.get().therapist
        add_supervision(supervisor=left, therapist=ines, starts_on=now.date() - timedelta(30), at=now)
        Staff.objects.filter(pk=left.pk).update(active=False)
        escalate_unseen(at=now + timedelta(hours=24))
        assert messages_of(signal).get(purpose="escalated").staff == supervisors

    def test_nobody_whose_role_has_ended(self, signal, supervisors, now):
        month_ago = now.date() - timedelta(30)
        supervisors.roles.update(ends_on=now.date() - timedelta(7), starts_on=month_ago)
        supervisors.roles.create(clinic=signal.clinic, role=Role.THERAPIST, starts_on=month_ago)
        assert escalate_unseen(at=now + timedelta(hours=24)) == 0

    def test_nobody_whose_supervision_has_yet_to_begin(self, signal, supervisors, now):
        supervisors.supervises.update(starts_on=now.date() + timedelta(30))
        assert escalate_unseen(at=now + timedelta(hours=24)) == 0

    def test_nobody_who_supervised_a_therapist_the_case_has_left_for_another(self, signal, supervisors, now):
        signal.case.therapists.update(ends_on=now.date() - timedelta(7))
        ben = people.staff(signal.clinic, "Cora Two", [Role.THERAPIST], now)
        signal.case.therapists.create(
            clinic=signal.clinic, therapist=ben, starts_on=now.date() - timedelta(7)
        )
        assert escalate_unseen(at=now + timedelta(hours=24)) == 0

    def test_an_uncertain_message_escalates_like_one_that_was_sent(self, signal, supervisors, postbox, now):
        messages_of(signal).update(state=MessageState.SENDING, claimed_at=now, claimed_by="dead")
        later = now + timedelta(hours=25)
        tidy(at=later)
        send_all(later)
        [message] = postbox.messages
        assert message["To"] == supervisors.user.email

    def test_not_when_somebody_looked(self, signal, supervisors, ines, now):
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[signal], at=now)
        assert escalate_unseen(at=now + timedelta(days=3)) == 0

    def test_nobody_is_made_up_where_there_is_no_supervisor(self, signal, now):
        assert escalate_unseen(at=now + timedelta(days=3)) == 0


class TestRefusedForGood:
    """A message that fails for good is a fact for people: at once, and until somebody has looked."""

    @pytest.fixture
    def marta(self, ines, now):
        marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=now.date() - timedelta(30), at=now)
        return marta

    def test_it_escalates_at_once(self, signal, marta, postbox, now):
        postbox.refusal = "550 No such user here"
        assert send_next(worker="test", at=now)
        escalated = messages_of(signal).get(purpose="escalated")
        assert (escalated.staff, escalated.due_at) == (marta, now)
        postbox.refusal = ""
        send_all(now)
        assert [message["To"] for message in postbox.messages] == [marta.user.email]
        assert escalate_unseen(at=now + timedelta(days=3)) == 0

    def test_it_escalates_when_a_supervisor_is_named_later(self, signal, ines, postbox, now, request):
        postbox.refusal = "550 No such user here"
        send_all(now)
        assert escalate_unseen(at=now) == 0
        request.getfixturevalue("marta")
        assert escalate_unseen(at=now) == 1

    def test_it_escalates_after_the_last_of_many_tries_too(self, signal, marta, settings, now):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        messages_of(signal).update(attempts=len(MESSAGES.pauses))
        send_next(worker="test", at=now)
        assert messages_of(signal).get(purpose="raised").state == MessageState.FAILED
        assert messages_of(signal).get(purpose="escalated").staff == marta

    def test_it_counts_until_somebody_has_looked(self, signal, ines, marta, postbox, now):
        postbox.refusal = "554 No"
        send_next(worker="test", at=now)
        assert message_report(at=now).failed == 1
        open_alert(viewer=viewer_of(marta.user, at=now), findings=[signal], at=now)
        assert message_report(at=now).failed == 0

    def test_who_was_not_reached_is_not_named_as_told(self, signal, ines, marta, postbox, now):
        postbox.refusal = "550 No"
        send_next(worker="test", at=now)
        assert people_told([signal]) == []
        postbox.refusal = ""
        send_all(now)
        assert people_told([signal]) == ["Marta Lind"]
        assert people_not_reached([signal]) == ["Ines Okafor"]


class TestWhoIsTold:
    """Departed staff are nobody, and a finding always has somebody, or a red line that counts it."""

    @pytest.fixture
    def case(self, ines, now):
        return people.individual(ines, now)

    @pytest.fixture
    def marta(self, ines, now):
        """She supervises Ines."""
        marta = people.staff(ines.clinic, "Marta Lind", [Role.SUPERVISOR], now)
        add_supervision(supervisor=marta, therapist=ines, starts_on=now.date() - timedelta(30), at=now)
        return marta

    def tension(self, case, ines, now):
        """A client's own word about a first session."""
        [encounter] = histories.sessions(case, ines, 1, now)
        response = histories.rate(encounter, people.member(case, "Ruth"), 8.0, {"tension": "clearly"})
        return response, lambda at=now: evaluate(response=response, at=at)

    def told(self):
        return sorted(Message.objects.values_list("staff__full_name", "purpose", "state"))

    def beside(self, case, name, part, now):
        other = people.staff(case.clinic, name, [Role.THERAPIST], now)
        case.therapists.create(
            clinic=case.clinic, therapist=other, part=part, starts_on=now.date() - timedelta(3)
        )
        return other

    def test_a_therapist_who_has_left_is_nobody_and_the_supervisor_is_told(self, case, ines, marta, now):
        _, judge = self.tension(case, ines, now)
        Staff.objects.filter(pk=ines.pk).update(active=False)
        judge()
        assert self.told() == [("Marta Lind", "raised", "pending")]

    def test_a_therapist_whose_role_has_ended_is_nobody(self, case, ines, marta, now):
        _, judge = self.tension(case, ines, now)
        ines.roles.update(starts_on=now.date() - timedelta(60), ends_on=now.date() - timedelta(7))
        judge()
        assert self.told() == [("Marta Lind", "raised", "pending")]

    def test_the_cover_is_told_when_the_therapist_is_gone(self, case, ines, marta, now):
        _, judge = self.tension(case, ines, now)
        self.beside(case, "Ben Adeyemi", TherapistPart.COVER, now)
        Staff.objects.filter(pk=ines.pk).update(active=False)
        judge()
        assert self.told() == [("Ben Adeyemi", "raised", "pending")]

    def test_therapist_co_therapist_and_cover_of_that_day_are_told(self, case, ines, marta, now):
        _, judge = self.tension(case, ines, now)
        self.beside(case, "Ben Adeyemi", TherapistPart.COVER, now)
        self.beside(case, "Cora Two", TherapistPart.CO_THERAPIST, now)
        judge()
        assert [name for name, _, _ in self.told()] == ["Ben Adeyemi", "Cora Two", "Ines Okafor"]

    def test_who_leaves_before_the_message_goes_out_is_not_written_to(self, case, ines, marta, postbox, now):
        """The mail server was away; meanwhile she left. Who is there now is told instead."""
        _, judge = self.tension(case, ines, now)
        judge()
        Staff.objects.filter(pk=ines.pk).update(active=False)
        send_all(now)
        assert self.told() == [
            ("Ines Okafor", "raised", "cancelled"),
            ("Marta Lind", "raised", "sent"),
        ]
        assert [message["To"] for message in postbox.messages] == [marta.user.email]

    def test_a_finding_nobody_can_hear_of_is_counted(self, case, ines, now):
        """The only therapist's link has ended and nobody follows."""
        _, judge = self.tension(case, ines, now)
        case.therapists.update(ends_on=now.date() - timedelta(7))
        judge()
        assert self.told() == []
        assert message_report(at=now) == MessageReport(failed=0, unheard=1, plans=0, not_reached=0)

    def test_a_finding_nobody_looked_at_in_time_counts_where_there_is_no_supervisor(self, case, ines, now):
        _, judge = self.tension(case, ines, now)
        judge()
        assert message_report(at=now + timedelta(hours=23)).unheard == 0
        late = now + timedelta(hours=25)
        assert message_report(at=late).unheard == 1
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[AlertSignal.objects.get()], at=now)
        assert message_report(at=late).unheard == 0

    def test_a_finding_with_somebody_to_escalate_to_does_not_count(self, case, ines, marta, now):
        _, judge = self.tension(case, ines, now)
        judge()
        assert message_report(at=now + timedelta(hours=25)) == MessageReport(
            failed=0, unheard=0, plans=0, not_reached=0
        )

    def test_a_case_that_has_been_over_for_a_month_is_not_counted(self, case, ines, now):
        _, judge = self.tension(case, ines, now)
        case.therapists.update(ends_on=now.date() - timedelta(7))
        judge()
        Case.objects.filter(pk=case.pk).update(ended_on=now.date() - timedelta(32))
        assert message_report(at=now).unheard == 0

    def test_another_clinics_are_counted_apart(self, case, ines, now):
        _, judge = self.tension(case, ines, now)
        case.therapists.update(ends_on=now.date() - timedelta(7))
        judge()
        elsewhere = people.clinic_called("Riverbank", "Pacific/Auckland", now)
        assert message_report(at=now, clinic=elsewhere).unheard == 0
        assert message_report(at=now, clinic=case.clinic).unheard == 1

    def test_a_later_finding_of_the_same_answers_has_a_message_of_its_own(self, case, ines, marta, now):
        """The form was judged as it was left; the client went on and said more."""
        response, judge = self.tension(case, ines, now)
        [first] = judge()
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[first], at=now)
        histories.set_score(response, 2.0)
        later = now + timedelta(minutes=40)
        [second] = judge(later)
        assert [d.purpose for d in messages_of(second).all()] == ["raised"]
        judge(later + timedelta(minutes=1))
        assert Message.objects.count() == 2
        escalate_unseen(at=later + timedelta(hours=24))
        assert messages_of(second).get(purpose="escalated").staff == marta


def test_who_has_looked_is_not_written_to(signal, ines, postbox, now):
    open_alert(viewer=viewer_of(ines.user, at=now), findings=[signal], at=now)
    send_all(now)
    assert postbox.messages == []
    assert messages_of(signal).get().state == MessageState.CANCELLED


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [1, 20])
def test_the_day_is_the_clinic_s(now, hour):
    """At 20:00 in Greenwich it is the next morning in Auckland: the therapist of a case opened today is told."""
    at = now.replace(hour=hour, minute=0, second=0)
    clinic = people.clinic_called("Riverbank", "Pacific/Auckland", at)
    therapist = people.staff(clinic, "Ana Stranger", [Role.THERAPIST], at)
    case = people.individual(therapist, at)
    link = case.therapists.get()
    link.starts_on = people._day(clinic, at)
    link.save()
    encounter = people.meet(case, therapist, at - timedelta(minutes=30))
    response = people.answer(
        people.asked(encounter, people.member(case, "Ruth")), at, 8, {"tension": "clearly"}
    )
    [raised] = evaluate(response=response, at=at)
    assert messages_of(raised).get().staff == therapist


class TestAudit:
    def test_every_step_is_on_record_and_the_chain_holds(self, signal, ines, postbox, now):
        send_all(now)
        open_alert(viewer=viewer_of(ines.user, at=now), findings=[signal], at=now)
        tidy(at=now)
        actions = set(AuditEntry.objects.values_list("action", flat=True))
        assert {"response.completed", "signal.raise", "message.sent", "signal.view"} <= actions
        report = verify_chain()
        assert (report.broken, report.unsealed) == ((), 0)
        assert report.sealed == AuditEntry.objects.count()

    def test_a_changed_row_is_reported_with_its_place(self, signal, now):
        tidy(at=now)
        entry = AuditEntry.objects.get(action="signal.raise")
        AuditEntry.objects.filter(pk=entry.pk).update(at=now - timedelta(days=1))
        assert entry.position in verify_chain().broken

    def test_a_row_taken_out_is_reported(self, signal, now):
        tidy(at=now)
        taken = AuditEntry.objects.filter(action="response.completed").earliest("position")
        place = taken.position
        taken.delete()
        assert verify_chain().broken[0] == place + 1

    def test_it_holds_no_name_and_no_answer(self, signal, now):
        tidy(at=now)
        details = " ".join(str(d) for d in AuditEntry.objects.values_list("details", flat=True)).lower()
        assert [word for word in ("lea", "tomas", "brandt", "tension") if word in details] == []

    def test_signals_of_one_response_make_one_message(self, ines, now):
        """A first rating of 2 with tension: a low level and the direct question, and one line in one mailbox."""
        case = people.individual(ines, now)
        [encounter] = histories.sessions(case, ines, 1, now)
        response = histories.rate(encounter, people.member(case, "Ruth"), 2.0, {"tension": "clearly"})
        histories.judge([response], notify=True)
        assert sorted(AlertSignal.objects.values_list("kind", flat=True)) == ["asked", "low"]
        assert Message.objects.count() == 1


class TestTheRowOfAMessage:
    """What the table of all messages refuses, whoever owns the purpose."""

    @pytest.fixture
    def to_client(self, signal, now):
        message = messages_of(signal).get()
        message.staff, message.person = None, people.member(signal.case, "Lea").person
        message.save()
        return message

    def test_nothing_goes_to_a_client_before_their_safe_ways_can_be_asked_for(self, to_client, postbox, now):
        """A mailbox may be shared with the partner, so that an address alone is no permission."""
        wanted = MessagePurpose(lambda *_: True, lambda *_: Letter("Hello", "Hello"), lambda *_: None)
        outbox.send_next(purposes={to_client.purpose: wanted}, worker="test", at=now)
        to_client.refresh_from_db()
        assert (to_client.state, postbox.messages) == (MessageState.FAILED, [])

    def test_one_whose_owner_is_unknown_is_kept_and_stops_no_other(self, signal, postbox, now):
        Message.objects.update(purpose="of a later version")
        assert outbox.send_next(purposes={}, worker="test", at=now)
        stored = messages_of(signal).get()
        assert (stored.state, stored.attempts, stored.last_error) == (MessageState.PENDING, 1, "KeyError")
        assert not outbox.send_next(purposes={}, worker="test", at=now)

    def test_it_has_exactly_one_recipient(self, signal):
        stored = messages_of(signal).get()
        stored.person = people.member(signal.case, "Lea").person
        with pytest.raises(IntegrityError, match="message_one_recipient"):
            stored.save()
