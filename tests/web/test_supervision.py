"""What a supervisor reads: per therapist what is open longest, what waits for them, whether feedback is used."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.services import add_supervision
from goldseam_web.alerts.kept_tables import KeptStanding
from goldseam_web.alerts.models import HELP_ASKED, AcknowledgeChoice, AlertSignal, HelpRequest, SignalKind
from goldseam_web.alerts.services import acknowledge, evaluate, open_alert
from goldseam_web.alerts.services.alert_messages import escalate_unseen
from goldseam_web.alerts.services.help_requests import ask_for_help, take_back_help
from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from goldseam_web.outbox.models import Message, MessageState
from tests.web import people
from tests.web.postbox import send_next
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def clear_tension(case, called, ended_at):
    """The client's own word about a session with the case's therapist, judged."""
    encounter = people.meet(case, case.therapists.get().therapist, ended_at)
    occasion = people.asked(encounter, people.member(case, called))
    response = people.answer(occasion, ended_at + timedelta(minutes=5), given={"tension": "clearly"})
    return evaluate(response=response, at=ended_at + timedelta(minutes=6))[0]


@pytest.fixture
def ruth_s(cast, now):
    """Of eight days ago, and nobody has opened it."""
    return clear_tension(cast.individual, "Ruth", now - 8 * DAY)


@pytest.fixture
def lea_s(cast, now):
    """Of three days ago, opened and planned."""
    signal = clear_tension(cast.couple, "Lea", now - 3 * DAY)
    viewer = viewer_of(cast.ines.user, at=now)
    open_alert(viewer=viewer, findings=[signal], at=now - 2 * DAY)
    acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.TAKE_UP, at=now - 2 * DAY)
    return signal


def send_all(now):
    while send_next(worker="test", at=now):
        pass


def page_of(cast, who, of=None):
    return signed_in(who).get(f"/supervised/{(of or cast.ines).pk}/")


def main(response):
    return re.search(rb"<main.*</main>", response.content, re.DOTALL)[0]


class TestOneTherapist:
    def test_the_longest_open_comes_first_with_what_nobody_opened(self, cast, ruth_s, lea_s, now):
        said = words(page_of(cast, cast.supervisor))
        assert said.index("Ruth Osei") < said.index("Lea & Tomas Brandt")
        assert said.count("Nobody who treats has opened it") == 1
        assert "Two cases of Ines Okafor are open to a word." in said
        assert "Lindqvist" not in said

    def test_the_therapist_reads_it_byte_for_byte_the_same(self, cast, ruth_s, lea_s, now):
        escalate_unseen(at=now)
        ask_for_help(viewer=viewer_of(cast.ines.user, at=now), signal=lea_s, at=now)
        hers, theirs = page_of(cast, cast.ines), page_of(cast, cast.supervisor)
        assert (hers.status_code, theirs.status_code) == (200, 200)
        assert main(hers) == main(theirs)
        assert b"escalated" in main(hers)
        assert b"elp asked" in main(hers)
        assert b"You" not in main(hers)

    def test_it_is_the_same_whoever_has_opened_what(self, cast, ruth_s, lea_s, now):
        signed_in(cast.supervisor).get(f"/signals/{ruth_s.pk}/")
        assert main(page_of(cast, cast.ines)) == main(page_of(cast, cast.supervisor))
        assert b"Nobody who treats has opened it" in main(page_of(cast, cast.ines))

    def test_what_is_done_with_is_not_open(self, cast, lea_s, now):
        viewer = viewer_of(cast.ines.user, at=now)
        acknowledge(viewer=viewer, signal=lea_s, choice=AcknowledgeChoice.DIFFERENT, at=now)
        assert "Nothing of Ines Okafor’s is open to a word." in words(page_of(cast, cast.supervisor))

    def test_nobody_else_opens_it(self, cast, ruth_s):
        for who in (cast.colleague, cast.administrator, cast.researcher, cast.stranger):
            assert page_of(cast, who).status_code == 404, who
        assert page_of(cast, cast.supervisor, of=cast.colleague).status_code == 404
        assert page_of(cast, cast.colleague, of=cast.colleague).status_code == 200

    def test_with_somebody_beside_it_stays_closed(self, cast, ruth_s):
        said = signed_in(cast.supervisor, alone=False)
        type(cast.supervisor).objects.filter(pk=cast.supervisor.pk).update(alone_since=None)
        assert "Ruth" not in said.get(f"/supervised/{cast.ines.pk}/").content.decode()

    def test_what_the_colleague_s_cover_brings_is_not_counted_to_the_cover(self, cast, ruth_s, now):
        cast.individual.therapists.create(
            clinic=cast.clinic, therapist=cast.colleague, part="cover", starts_on=now.date() - DAY
        )
        assert "Ruth" not in words(page_of(cast, cast.colleague, of=cast.colleague))


class TestUse:
    def more_cases(self, cast, now, number):
        for one in range(number):
            who = NewMember(f"Client{one}", "Made", "client", email=f"client{one}@example.org")
            case = people.case(cast.ines, CaseKind.INDIVIDUAL, [who], now)
            encounter = people.meet(case, cast.ines, now - (one + 2) * DAY)
            if one:
                people.answer(people.asked(encounter, case.members.get()), now - (one + 1) * DAY)

    def test_under_five_cases_no_share_is_shown(self, cast, ruth_s, lea_s, now):
        self.more_cases(cast, now, 2)
        response = page_of(cast, cast.supervisor)
        assert "Fewer than five cases" in words(response)
        assert b"<table" not in response.content

    def test_from_five_on_it_says_what_became_of_the_questions(self, cast, ruth_s, lea_s, now):
        """Of Ruth, Lea, Tomas and three more, each asked before and after: four answers, two with a finding."""
        self.more_cases(cast, now, 3)
        response = page_of(cast, cast.supervisor)
        use = {row.step: (row.number, row.of_before) for row in response.context["page"].use}
        assert use == {
            "Asked": (12, ""),
            "Answered": (4, "4 of 12"),
            "Findings in the answers": (2, ""),
            "Looked at": (1, "1 of 2"),
            "Talked about": (0, "0 of 2"),
        }

    def test_where_nothing_is_judged_only_asked_and_answered_stand(self, cast, ruth_s, now, settings):
        self.more_cases(cast, now, 4)
        settings.GOLDSEAM_RECORD_ONLY = True
        response = page_of(cast, cast.supervisor)
        assert [row.step for row in response.context["page"].use] == ["Asked", "Answered"]

    def test_it_takes_few_queries_however_many_cases(self, cast, ruth_s, lea_s, now):
        client = signed_in(cast.supervisor)
        client.get("/")
        url = f"/supervised/{cast.ines.pk}/"
        before = queries(lambda: client.get(url))
        self.more_cases(cast, now, 5)
        assert queries(lambda: client.get(url)) == before

    def test_read_from_what_is_kept_it_is_the_page_that_is_worked_out_and_asks_for_less(
        self, cast, ruth_s, lea_s, now
    ):
        """As the worker leaves it; the kept rows are of these cases, and none of them is marked."""
        ask_for_help(viewer=viewer_of(cast.ines.user, at=now), signal=lea_s, at=now)
        client = signed_in(cast.supervisor)
        url = f"/supervised/{cast.ines.pk}/"
        worked_out, asked = main(client.get(url)), queries(lambda: client.get(url))
        keep_caseloads(at=timezone.now())
        assert main(client.get(url)) == worked_out
        assert queries(lambda: client.get(url)) <= asked - 5
        assert all(row.content["shared"] for row in KeptStanding.objects.all())


class TestWhatWaits:
    URL = "/supervised/"

    def test_what_was_escalated_is_named_until_somebody_who_treats_opens_it(self, cast, ruth_s, now):
        escalate_unseen(at=now)
        client = signed_in(cast.supervisor)
        said = client.get(self.URL)
        assert "Something about Ruth Osei has waited since" in words(said)
        assert f'href="/signals/{ruth_s.pk}/"' in said.content.decode()
        assert client.get(f"/signals/{ruth_s.pk}/").status_code == 200
        assert "has waited since" in words(client.get(self.URL))
        signed_in(cast.ines).get(f"/signals/{ruth_s.pk}/")
        assert "has waited since" not in words(client.get(self.URL))

    def test_therapists_stand_by_name_and_lead_to_their_page(self, cast, now):
        add_supervision(
            supervisor=cast.supervisor, therapist=cast.colleague, starts_on=now.date() - DAY, at=now
        )
        people.individual(cast.colleague, now)
        said = signed_in(cast.supervisor).get(self.URL).content.decode()
        assert said.index("Ben Adeyemi") < said.index("Ines Okafor")
        assert f'href="/supervised/{cast.ines.pk}/"' in said

    def test_a_case_of_two_therapists_stands_under_each(self, cast, now):
        """And no id twice, which every page of a test is asked for."""
        add_supervision(
            supervisor=cast.supervisor, therapist=cast.colleague, starts_on=now.date() - DAY, at=now
        )
        people.treats_beside(cast.couple, cast.colleague, now)
        said = signed_in(cast.supervisor).get(self.URL).content.decode()
        assert said.count(f'href="/cases/{cast.couple.pk}/"') == 2

    def test_few_queries(self, cast, ruth_s, lea_s, now):
        escalate_unseen(at=now)
        client = signed_in(cast.supervisor)
        client.get("/")
        assert queries(lambda: client.get(self.URL)) <= 12


class TestASecondPairOfEyes:
    def test_the_supervisor_is_told_and_finds_it_on_her_page(self, cast, lea_s, now):
        client = signed_in(cast.ines)
        said = client.post(f"/signals/{lea_s.pk}/help/", {"act": "ask"}, follow=True)
        assert "Ines Okafor asked whoever supervises on" in words(said)
        send_all(now + timedelta(minutes=1))
        message = Message.objects.get(purpose=HELP_ASKED)
        assert (message.staff, message.state) == (cast.supervisor, MessageState.SENT)
        hers = words(signed_in(cast.supervisor).get("/supervised/"))
        assert "Ines Okafor asks for a second pair of eyes: Lea & Tomas Brandt." in hers
        client.post(f"/signals/{lea_s.pk}/help/", {"act": "take_back"})
        assert "second pair of eyes: Lea" not in words(signed_in(cast.supervisor).get("/supervised/"))

    def test_asked_twice_it_is_asked_once_and_taken_back_it_can_be_asked_again(self, cast, lea_s, now):
        viewer = viewer_of(cast.ines.user, at=now)
        for _ in range(2):
            ask_for_help(viewer=viewer, signal=lea_s, at=now)
        assert Message.objects.filter(purpose=HELP_ASKED).count() == 1
        take_back_help(viewer=viewer, signal=lea_s, at=now)
        send_all(now)
        assert Message.objects.get(purpose=HELP_ASKED).state == MessageState.CANCELLED
        ask_for_help(viewer=viewer, signal=lea_s, at=now)
        assert HelpRequest.objects.filter(taken_back_at=None).count() == 1

    def test_it_belongs_to_the_alert_whichever_finding_of_it_presses_most(self, cast, lea_s, now):
        """A more pressing finding of the same answer may come after help was asked."""
        viewer = viewer_of(cast.ines.user, at=now)
        asked = ask_for_help(viewer=viewer, signal=lea_s, at=now)
        later = AlertSignal.objects.get(pk=lea_s.pk)
        later.pk, later.kind, later._state.adding = uuid4(), SignalKind.STRAIN, True
        later.save()
        assert ask_for_help(viewer=viewer, signal=later, at=now) == asked
        take_back_help(viewer=viewer, signal=later, at=now)
        assert not HelpRequest.objects.filter(taken_back_at=None).exists()

    def test_who_asks_is_named_and_what_nobody_opened_stands_beside_it(self, cast, lea_s, now):
        """Tomas's finding waits for Ines; Ben, who covers, asks about Lea's."""
        tomas_s = clear_tension(cast.couple, "Tomas", now - 8 * DAY)
        escalate_unseen(at=now)
        start = lea_s.raised_at.date()
        cast.couple.therapists.create(
            clinic=cast.clinic,
            therapist=cast.colleague,
            part="cover",
            starts_on=start,
            ends_on=start + 9 * DAY,
        )
        ask_for_help(viewer=viewer_of(cast.colleague.user, at=now), signal=lea_s, at=now)
        page = signed_in(cast.supervisor).get("/supervised/")
        said = words(page)
        assert "Ben Adeyemi asks for a second pair of eyes: Lea & Tomas Brandt." in said
        assert "Ines Okafor asks" not in said
        assert "Something about Lea & Tomas Brandt has waited since" in said
        urls = [line.url for line in page.context["page"].waiting]
        assert sorted(urls) == sorted(f"/signals/{one.pk}/" for one in (lea_s, tomas_s))

    def test_where_nobody_supervises_it_is_refused(self, cast, lea_s, now):
        cast.supervisor.supervises.all().delete()
        says = "Nobody supervises this case today. Ask for a supervisor where the clinic is run."
        with people.refused(says):
            ask_for_help(viewer=viewer_of(cast.ines.user, at=now), signal=lea_s, at=now)

    def test_a_supervisor_asks_nobody(self, cast, lea_s):
        assert signed_in(cast.supervisor).post(f"/signals/{lea_s.pk}/help/").status_code == 404
        assert not HelpRequest.objects.exists()


def test_there_is_one_alert_of_each(cast, ruth_s, lea_s):
    assert AlertSignal.objects.count() == 2


def test_a_supervisor_without_a_role_opens_nothing(cast, ruth_s, now):
    cast.supervisor.roles.filter(role=Role.SUPERVISOR).delete()
    assert page_of(cast, cast.supervisor).status_code == 404
