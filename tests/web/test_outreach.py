"""One message to a client without a next appointment: what leaves, what is answered, and who reads it."""

from datetime import time, timedelta

import pytest
from django.test import Client

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.services import evaluate
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import Ending
from goldseam_web.cases.services.person_details import GivenWays, WayAsked, set_safe_ways
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.measures.outreach_links import kept_reasons, token_of_outreach
from goldseam_web.measures.outreach_tables import Outreach, OutreachAnswer, OutreachReason
from goldseam_web.measures.services.outreach import ANSWERED, OUTREACH, _render, answer_outreach, write_once
from goldseam_web.measures.services.who_is_asked import end_case, member_died, pause_member
from goldseam_web.outbox.models import Message, MessageState
from tests.web import people
from tests.web.leaving import leaves
from tests.web.postbox import send_next
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SILENCE = "They have been written to since the last session; silence brings no second message."


@pytest.fixture
def ruth(cast, now, settings):
    """She came ten days ago, has no next appointment, and mail is safe at any hour."""
    settings.GOLDSEAM_DEMO = True
    people.meet(cast.individual, cast.ines, now - 10 * DAY)
    who = people.member(cast.individual, "Ruth")
    mail_is_safe(who, now)
    return who


def mail_is_safe(who, now, **more):
    ways = GivenWays(**{"by_mail": True, "not_before": time.min, "not_after": time.max, **more})
    set_safe_ways(member=who, ways=ways, how_asked=WayAsked.ALONE, at=now, actor=SYSTEM)


def write(who, cast, now, *, ready=True):
    actor = Actor.staff(cast.ines.pk)
    return write_once(member=who, staff=cast.ines, is_ready=ready, at=now, actor=actor)


def link(outreach):
    return f"/c/next/{token_of_outreach(outreach)}/"


def send_all(now):
    while send_next(worker="test", at=now):
        pass


def state():
    return Message.objects.filter(purpose=OUTREACH).latest("queued_at").state


def answered(outreach, now, answer=OutreachAnswer.COME_AGAIN, reason=None, *, kept=False):
    return answer_outreach(outreach=outreach, answer=answer, reason=reason, is_kept=kept, at=now)


class TestWhatLeaves:
    def test_one_message_with_a_link_and_no_word_of_what_it_is_about(self, cast, ruth, now):
        outreach = write(ruth, cast, now)
        letter = _render(Message.objects.get(purpose=OUTREACH), now)
        assert link(outreach) in letter.body
        said = letter.body.replace(link(outreach), "")
        assert clinical_words(f"{letter.subject} {said}") == []
        assert "not arranged" not in said, "who cancelled twice, or has not come for long, has an appointment"
        assert "Ruth" not in said
        assert "Ines" not in said
        send_all(now)
        assert state() == MessageState.SENT

    def test_silence_never_brings_a_second(self, cast, ruth, now):
        write(ruth, cast, now)
        send_all(now)
        for days in (0, 30):
            with people.refused(SILENCE):
                write(ruth, cast, now + days * DAY)
        assert Message.objects.filter(purpose=OUTREACH).count() == 1

    def test_after_another_session_there_may_be_another(self, cast, ruth, now):
        write(ruth, cast, now - 5 * DAY)
        send_all(now)
        people.meet(cast.individual, cast.ines, now - DAY)
        write(ruth, cast, now)
        assert Outreach.objects.count() == 2

    def test_what_never_left_may_be_tried_again(self, cast, ruth, now):
        write(ruth, cast, now)
        Message.objects.filter(purpose=OUTREACH).update(state=MessageState.FAILED)
        later = now + 20 * DAY
        write(ruth, cast, later)
        assert Outreach.objects.get().asked_at == later, "the link works from then on"
        assert Message.objects.filter(purpose=OUTREACH).count() == 2

    @pytest.mark.parametrize(
        ("why", "does"),
        [
            (
                "There is a next appointment, or the last one is not long ago.",
                lambda who, cast, now: people.plan(cast.individual, cast.ines, now + DAY, at=now),
            ),
            (
                "By no way they named as safe can they be written to.",
                lambda who, cast, now: mail_is_safe(who, now, never=True, by_mail=False),
            ),
            (
                "They take no part at present, or want no questions.",
                lambda who, cast, now: pause_member(member=who, paused=True, at=now, actor=SYSTEM),
            ),
            (
                "The case has ended.",
                lambda who, cast, now: end_case(
                    case=cast.individual, ending=Ending.DROPOUT, at=now, actor=SYSTEM
                ),
            ),
        ],
    )
    def test_is_refused_and_called_off_as_it_is_sent(self, cast, ruth, now, why, does):
        write(ruth, cast, now)
        does(ruth, cast, now)
        send_all(now)
        assert state() == MessageState.CANCELLED
        with people.refused(why):
            write(ruth, cast, now)

    def test_outside_the_hours_it_waits_for_them(self, cast, ruth, now):
        local = now.astimezone(people.ZoneInfo(cast.clinic.time_zone))
        begins, ends = (time(18), time(20)) if local.hour < 12 else (time(6), time(8))
        mail_is_safe(ruth, now, not_before=begins, not_after=ends)
        write(ruth, cast, now)
        assert Message.objects.get(purpose=OUTREACH).due_at > now

    def test_not_before_the_clinic_may_write_to_anybody(self, cast, ruth, now):
        with people.refused("Nothing can be mailed to clients yet; the clinic's list says what is missing."):
            write(ruth, cast, now, ready=False)


class TestTheClient:
    @pytest.fixture
    def outreach(self, cast, ruth, now):
        return write(ruth, cast, now)

    def test_opening_it_writes_nothing(self, outreach):
        page = Client().get(link(outreach))
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        outreach.refresh_from_db()
        assert outreach.answer == ""
        said = words(page)
        assert "How would you like to go on?" in said
        assert "Ines reads what you choose." in said

    def test_one_tap_is_kept_and_the_page_then_says_the_same_to_everybody(self, outreach):
        client = Client()
        assert client.post(link(outreach), {"answer": "stop_here"}).status_code == 302
        assert client.post(link(outreach), {"answer": "come_again"}).status_code == 200
        outreach.refresh_from_db()
        assert outreach.answer == OutreachAnswer.STOP_HERE, "the first answer stands"
        said = words(client.get(link(outreach)))
        assert "Thank you." in said
        assert "stop" not in said.lower().replace("thank you", "")

    def test_without_a_choice_it_asks_once_more(self, outreach):
        page = Client().post(link(outreach), {"answer": "nonsense"})
        assert page.status_code == 400
        assert "Choose one of these." in words(page)

    def test_an_altered_link_a_form_from_elsewhere_and_one_too_old(self, outreach, now):
        assert Client().get(link(outreach)[:-3] + "x/").status_code == 404
        elsewhere = Client(headers={"Sec-Fetch-Site": "cross-site"})
        assert elsewhere.post(link(outreach), {"answer": "stop_here"}).status_code == 404
        Outreach.objects.update(asked_at=now - 40 * DAY)
        assert Client().get(link(outreach)).status_code == 410
        Client().post(link(outreach), {"answer": "stop_here"})
        assert Outreach.objects.get().answer == ""

    def test_help_and_somebody_else_are_those_of_their_own_links(self, outreach):
        page = Client().get(link(outreach)).content.decode()
        assert page.count("/help/") == 1
        assert page.count("/speak/") == 1
        assert "/c/help/" not in page

    def test_is_not_told_what_is_not_so_once_there_is_an_appointment(self, cast, ruth, outreach, now):
        none = "You have no next appointment at Larkfield."
        assert none in words(Client().get(link(outreach)))
        people.plan(cast.individual, cast.ines, now + DAY, at=now)
        said = words(Client().get(link(outreach)))
        assert none not in said
        assert "Larkfield would like to know. Any answer is fine" in said

    def test_one_partner_s_own_hour_says_nothing_to_the_other(self, cast, now):
        tomas = people.member(cast.couple, "Tomas")
        people.meet(cast.couple, cast.ines, now - 10 * DAY)
        people.plan(cast.couple, cast.ines, now + DAY, at=now, away=[tomas])
        said = words(Client().get(link(people.written_to(tomas, cast.ines, now))))
        assert "You have no next appointment at Larkfield." in said
        assert "Lea" not in said

    def test_of_somebody_who_died_nothing_leaves_and_nothing_is_asked(self, cast, ruth, outreach, now):
        member_died(member=ruth, died=True, at=now, actor=SYSTEM)
        send_all(now)
        assert state() == MessageState.CANCELLED
        page = Client().get(link(outreach))
        assert page.status_code == 410
        assert "How would you like to go on?" not in words(page)

    def test_few_queries_and_little_weight(self, outreach):
        client = Client()
        assert queries(lambda: client.get(link(outreach))) <= 8
        assert len(client.get(link(outreach)).content) < 20_000

    def test_do_not_write_holds_for_every_message_from_then_on(self, cast, ruth, outreach, now):
        answered(outreach, now, OutreachAnswer.DO_NOT_WRITE)
        ruth.person.refresh_from_db()
        assert ruth.person.safe_ways.never
        people.meet(cast.individual, cast.ines, now)
        with people.refused("They asked not to be written to again."):
            write(ruth, cast, now + 60 * DAY)


class TestTheTherapist:
    def page(self, cast, who=None):
        return signed_in(who or cast.ines).get(f"/cases/{cast.individual.pk}/no-next/")

    def test_one_tap_from_the_case_and_the_caseload_leads_there(self, cast, ruth, now, monkeypatch):
        monkeypatch.setattr("goldseam_web.dashboard.participation.no_next.is_ready", lambda *_, **__: True)
        client = signed_in(cast.ines)
        url = f"/cases/{cast.individual.pk}/no-next/"
        assert f'href="{url}"' in client.get("/").content.decode()
        said = words(client.post(url, {"member": ruth.position}, follow=True))
        assert "A message goes to Ruth within the hours they named." in said
        assert "The message to Ruth has not left yet" in said
        send_all(now + timedelta(minutes=5))
        assert "Ruth was written to on" in words(client.get(url))
        assert "Silence brings no second message." in said
        assert Outreach.objects.get().sent_by == cast.ines

    def test_reads_the_answer_and_its_reason_and_is_told(self, cast, ruth, now):
        outreach = write(ruth, cast, now)
        answered(outreach, now, OutreachAnswer.STOP_HERE, OutreachReason.ENOUGH)
        said = words(self.page(cast))
        assert "Ruth would like to stop here" in said
        assert "“It has helped enough”" in said
        send_all(now)
        assert Message.objects.get(purpose=ANSWERED, staff=cast.ines).state == MessageState.SENT

    def test_a_reason_that_is_kept_stands_nowhere(self, cast, ruth, now):
        outreach = write(ruth, cast, now)
        answered(outreach, now, OutreachAnswer.ANOTHER_THERAPIST, OutreachReason.BETWEEN_US, kept=True)
        for url in ("no-next/", "ending/", ""):
            page = signed_in(cast.ines).get(f"/cases/{cast.individual.pk}/{url}")
            assert "between us" not in page.content.decode()
        assert "somebody else here" in words(self.page(cast))
        assert "between us" not in signed_in(cast.administrator).get("/office/weeks/").content.decode()

    def test_reasons_are_counted_from_five_on(self, cast, ruth, now):
        """Kept ones among them: nobody can tell whose."""
        outreach = write(ruth, cast, now)
        answered(outreach, now, reason=OutreachReason.NO_TIME, kept=True)
        for number in range(4):
            Outreach.objects.create(
                clinic=cast.clinic,
                member=people.member(cast.family, "Karin"),
                sent_by=cast.ines,
                gap=people.member(cast.family, "Karin").person_id if not number else Message().pk,
                asked_at=now,
                answer=OutreachAnswer.STOP_HERE,
                answered_at=now,
                reason=OutreachReason.ENOUGH,
            )
        shown = signed_in(cast.administrator).get("/office/weeks/").context["page"].reasons
        assert shown == (("It has helped enough", 4), ("Time, money or the way there", 1))

    def test_while_all_who_treat_are_away_whoever_supervises_hears_too(self, cast, ruth, now):
        outreach = write(ruth, cast, now)
        leaves(cast, now, cover=None)
        assert "Ines and Marta read what you choose." in words(Client().get(link(outreach)))
        answered(outreach, now, OutreachAnswer.ANOTHER_THERAPIST)
        told = Message.objects.filter(purpose=ANSWERED).values_list("staff", flat=True)
        assert set(told) == {cast.ines.pk, cast.supervisor.pk}
        assert "Ruth would like to come to somebody else" in words(self.page(cast, cast.supervisor))

    def test_where_nobody_can_read_it_nobody_is_said_to(self, cast, ruth, now):
        outreach = write(ruth, cast, now)
        cast.supervisor.supervises.all().delete()
        Staff.objects.filter(pk=cast.ines.pk).update(active=False)
        said = words(Client().get(link(outreach)))
        assert "Larkfield reads" not in said
        assert "Nobody here can open your answers at the moment" in said

    @pytest.mark.parametrize(
        ("fate", "says"),
        [
            (MessageState.PENDING, "The message to Ruth has not left yet"),
            (MessageState.FAILED, "The message to Ruth could not be delivered"),
            (MessageState.CANCELLED, "The message to Ruth was called off before it left"),
            (MessageState.UNCERTAIN, "The message to Ruth may have arrived"),
        ],
    )
    def test_nobody_is_said_to_have_been_written_to_before_that_is_so(self, cast, ruth, now, fate, says):
        write(ruth, cast, now)
        Message.objects.filter(purpose=OUTREACH).update(state=fate)
        for url in ("no-next/", "ending/"):
            said = words(signed_in(cast.ines).get(f"/cases/{cast.individual.pk}/{url}"))
            assert says in said
            assert "was written to" not in said

    def test_a_reason_that_is_kept_is_not_counted_before_whoever_treats_or_supervises(self, cast, ruth, now):
        """An administrator who treats would see the count grow as her own client answers."""
        answered(write(ruth, cast, now), now, reason=OutreachReason.BETWEEN_US, kept=True)
        assert kept_reasons(viewer_of(cast.administrator.user, at=now)) == {"between_us": 1}
        for who in (cast.ines, cast.supervisor):
            assert not kept_reasons(viewer_of(who.user, at=now))

    def test_closing_shows_what_was_open(self, cast, ruth, now):
        encounter = people.meet(cast.individual, cast.ines, now - 2 * DAY)
        response = people.answer(people.asked(encounter, ruth), now - DAY, given={"tension": "clearly"})
        [signal] = evaluate(response=response, at=now - DAY)
        write(ruth, cast, now)
        send_all(now)
        url = f"/cases/{cast.individual.pk}/ending/"
        client = signed_in(cast.ines)
        for page in (client.get(url), client.post(url, {"ending": "dropout"}, follow=True)):
            said = words(page)
            assert "Still open Ruth: Asked to talk, since" in said
            assert "Ruth was written to on" in said
            assert f"/signals/{signal.pk}/" in page.content.decode()

    def test_where_nobody_treats_the_case_whoever_supervises_hears_and_reads_it(self, cast, ruth, now):
        outreach = write(ruth, cast, now)
        type(cast.ines).objects.filter(pk=cast.ines.pk).update(active=False)
        assert "Marta reads what you choose." in words(Client().get(link(outreach)))
        answered(outreach, now)
        assert Message.objects.get(purpose=ANSWERED).staff == cast.supervisor
        said = self.page(cast, cast.supervisor)
        assert "Ruth would like to come again" in words(said)
        assert "Write once" not in words(said)

    def test_nobody_else_opens_it(self, cast, ruth):
        for who in (cast.colleague, cast.supervisor, cast.administrator, cast.stranger):
            assert self.page(cast, who).status_code == 404
