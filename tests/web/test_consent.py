"""Nobody is asked before they agreed; who agreed to what and when is kept, and taken back at once."""

import csv
import io
from datetime import timedelta

import pytest

from goldseam_web.accounts.models import Phase
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.consent_tables import ConsentRecord, ConsentText, ConsentWay, Purpose
from goldseam_web.cases.consent_wording import SHIPPED_WORDING, ConsentWording
from goldseam_web.cases.consents import consent_numbers, text_in_force
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import record_consent, set_consent_text
from goldseam_web.measures.links import LinkState, link_state
from goldseam_web.measures.models import Answer, OccasionState, Response
from goldseam_web.measures.services import save_answer
from goldseam_web.measures.services.who_is_asked import record_agreement
from tests.web import people
from tests.web.staff_pages import signed_in, words

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER_WORDS = ConsentWording(
    "{clinic} asks.", "{therapist} reads.", "Research may use it.", "A court may ask {clinic}."
)
CARE, RESEARCH = Purpose.CARE, Purpose.RESEARCH


@pytest.fixture
def couple(ines, now):
    """Lea and Tomas were told nothing yet."""
    return people.case_without_consent(ines, CaseKind.COUPLE, [people.LEA, people.TOMAS], now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


@pytest.fixture
def occasion(couple, lea, ines, now):
    return people.asked(people.meet(couple, ines, now - HOUR), lea)


def said(member, purpose=CARE):
    """What is on record of a purpose, oldest first."""
    rows = member.consents.filter(purpose=purpose).order_by("position")
    return list(rows.values_list("answer", flat=True))


def shown(client, link):
    return client.get(link).context["page"].shown


def choose(client, link, **form):
    return client.post(link, {"shown": shown(client, link), **form})


class TestBeforeTheFirstQuestion:
    def test_the_page_says_what_is_asked_and_who_reads_and_presets_nothing(
        self, client, occasion, django_assert_max_num_queries
    ):
        link = people.link(occasion)
        client.get(link)
        with django_assert_max_num_queries(8):
            page = client.get(link)
        text, html = words(page), page.content.decode()
        assert "Hello Lea. Before the first question: do you agree?" in text
        assert "Larkfield asks you a few questions around each meeting" in text
        assert "Ines sees your answers." in text
        assert "Without your own yes your partner is shown nothing of what you answer" in text
        assert "checked" not in html
        assert "Yes, start" not in text
        assert not ConsentRecord.objects.exists()
        assert not ConsentText.objects.exists()

    def test_where_an_install_only_records_nobody_is_said_to_be_told(self, client, occasion, settings):
        assert "is told when it may deserve a word" in words(client.get(people.link(occasion)))
        settings.GOLDSEAM_RECORD_ONLY = True
        assert "is told" not in words(client.get(people.link(occasion)))

    def test_one_tap_leads_to_the_first_question_and_two_make_one_record(self, client, occasion, lea):
        link = people.link(occasion)
        form = {"shown": shown(client, link), "agree": "yes"}
        for _ in range(2):
            assert client.post(link, form).headers["Location"] == f"{link}1/"
        assert client.get(f"{link}1/").status_code == 200
        assert (said(lea), said(lea, Purpose.FEEDBACK), said(lea, RESEARCH)) == (["given"], ["given"], [])
        record = lea.consents.get(purpose=CARE)
        assert (record.way, record.recorded_by, record.text.number) == (ConsentWay.PHONE, None, 1)

    @pytest.mark.parametrize(("chosen", "kept"), [("yes", ["given"]), ("no", ["declined"])])
    def test_research_is_a_choice_of_its_own(self, client, occasion, lea, chosen, kept):
        link = people.link(occasion)
        choose(client, link, agree="yes", research=chosen)
        assert (said(lea), said(lea, RESEARCH)) == (["given"], kept)

    def test_no_stops_asking_at_once_and_keeps_nothing_of_the_questions(self, client, occasion, lea, now):
        link, case, ines = people.link(occasion), occasion.case, occasion.therapist
        ahead = people.plan(case, ines, now + DAY, at=now)
        choose(client, link, agree="no", research="yes")
        assert (said(lea), said(lea, RESEARCH)) == (["declined"], [])
        assert people.asked(ahead, lea, Phase.PRE).state == OccasionState.CANCELLED
        assert "Nothing to answer just now." in words(client.get(link))
        assert "Ines reads that you have not agreed to the questions" in words(client.get(f"{link}privacy/"))
        assert not Response.objects.exists()
        person = words(signed_in(ines).get(f"/cases/{case.id}/members/1/"))
        assert "Has not agreed to the questions (" in person
        assert "on the phone). Nothing is asked." in person
        later = people.plan(case, ines, now + 8 * DAY, at=now)
        assert lea not in {o.respondent for o in later.occasions.all()}

    def test_a_second_tap_on_no_leads_where_the_first_one_led(self, client, occasion, lea):
        link = people.link(occasion)
        form = {"shown": shown(client, link), "agree": "no"}
        assert {client.post(link, form).headers["Location"] for _ in range(2)} == {f"{link}privacy/"}
        assert said(lea) == ["declined"]

    def test_no_question_comes_before_and_no_answer_is_taken(self, client, occasion, now):
        link = people.link(occasion)
        assert client.get(f"{link}1/").headers["Location"] == link
        assert client.post(f"{link}1/", {"item": "goal", "answer": "3"}).headers["Location"] == link
        assert client.post(link).status_code == 200
        with people.refused("Nothing is stored of anybody before they have agreed to be asked."):
            save_answer(occasion=occasion, item="goal", given=3, at=now)
        assert not Answer.objects.exists()

    def test_words_that_changed_meanwhile_are_read_first(self, client, occasion, lea, clinic, now):
        link = people.link(occasion)
        old = shown(client, link)
        set_consent_text(clinic=clinic, wording=OTHER_WORDS, at=now, actor=SYSTEM)
        page = client.post(link, {"shown": old, "agree": "yes"})
        assert "The words have changed just now." in words(page)
        assert "Larkfield asks." in words(page)
        assert said(lea) == []

    def test_the_invitation_itself_goes_out_as_before(self, occasion, lea, clinic, now):
        assert link_state(occasion, None, at=now) == LinkState.OPEN
        people.agree(lea, now - DAY)
        set_consent_text(clinic=clinic, wording=OTHER_WORDS, at=now, actor=SYSTEM)
        assert link_state(occasion, None, at=now) == LinkState.OPEN

    def test_a_form_that_was_begun_is_gone_on_with(self, client, occasion, lea, now):
        """As after an upgrade, in the middle of a form."""
        Response.objects.create(clinic_id=lea.clinic_id, occasion=occasion, started_at=now)
        link = people.link(occasion)
        client.post(f"{link}1/", {"item": "goal", "answer": "3"})
        assert [a.value for a in Answer.objects.all()] == [3]

    def test_each_in_a_family_reads_their_own_boundary(self, client, ines, now):
        family = people.case_without_consent(ines, CaseKind.FAMILY, people.FAMILY, now)
        met = people.meet(family, ines, now - HOUR)
        texts = {
            called: words(client.get(people.link(people.asked(met, people.member(family, called)))))
            for called in ("Karin", "Freja")
        }
        assert "What a young person in your family answers is theirs" in texts["Karin"]
        assert "Without your own yes your parents are shown nothing of what you answer" in texts["Freja"]


class TestNewWords:
    def test_ask_again_whoever_agreed_to_the_earlier_ones(self, client, occasion, lea, clinic, now):
        link = people.link(occasion)
        people.agree(lea, now - DAY, research=True)
        assert "Yes, start" in words(client.get(link))
        set_consent_text(clinic=clinic, wording=OTHER_WORDS, at=now, actor=SYSTEM)
        assert "Do you agree to these words?" in words(client.get(link))
        choose(client, link, agree="yes")
        assert (said(lea), said(lea, RESEARCH)) == (["given", "given"], ["given"])
        assert [r.text.number for r in lea.consents.filter(purpose=CARE).order_by("position")] == [1, 2]

    def test_are_a_frozen_row_and_the_same_ones_none(self, clinic, now):
        facts = {"clinic": clinic, "at": now, "actor": SYSTEM}
        assert set_consent_text(wording=SHIPPED_WORDING, **facts).number == 1
        assert set_consent_text(wording=OTHER_WORDS, **facts).number == 2
        assert set_consent_text(wording=OTHER_WORDS, **facts).number == 2
        kept = ConsentText.objects.order_by("number").values_list("number", "care", "content_hash")
        assert list(kept) == [
            (1, SHIPPED_WORDING.care, SHIPPED_WORDING.content_hash),
            (2, OTHER_WORDS.care, OTHER_WORDS.content_hash),
        ]

    @pytest.mark.parametrize(
        ("care", "why"),
        [
            (" ", "Nothing given; say in a sentence or two what somebody agrees to."),
            ("x" * 1201, "1201 characters given; at most 1200 can be read on a phone."),
            ("{name} asks", "{name} given; allowed are {clinic} and {therapist}."),
            ("{clinic:>99} asks", "{clinic:>99} given; allowed are {clinic} and {therapist}."),
            ("asks { you", "A brace stands alone; write {clinic} and {therapist}, or no brace."),
            (
                "about your therapy",
                "“therapy” tells whoever sees the phone what this is about; say it in another way.",
            ),
        ],
    )
    def test_that_no_phone_should_show_are_refused(self, clinic, now, care, why):
        with people.refused(why):
            wording = ConsentWording(care, OTHER_WORDS.feedback, OTHER_WORDS.research, OTHER_WORDS.limits)
            set_consent_text(clinic=clinic, wording=wording, at=now, actor=SYSTEM)


class TestTakingBack:
    @pytest.fixture(autouse=True)
    def agreed(self, lea, now):
        people.agree(lea, now - DAY, research=True)

    def test_the_client_reads_what_they_agreed_to_and_stops_it(
        self, client, occasion, lea, django_assert_max_num_queries
    ):
        link = people.link(occasion)
        with django_assert_max_num_queries(8):
            page = words(client.get(f"{link}privacy/"))
        assert page.count("You agreed on") == 2
        client.post(f"{link}privacy/", {"act": "stop"})
        assert said(lea) == ["given", "withdrawn"]
        assert said(lea, RESEARCH) == ["given"]
        assert "Nothing to answer just now." in words(client.get(link))

    def test_research_alone_and_nothing_else_changes(self, client, occasion, lea):
        link = people.link(occasion)
        client.post(f"{link}privacy/", {"act": "no_research"})
        assert (said(lea), said(lea, RESEARCH)) == (["given"], ["given", "withdrawn"])
        assert "Yes, start" in words(client.get(link))

    def test_asked_again_by_the_same_link_to_the_words_that_were_read(self, client, occasion, lea):
        link = people.link(occasion)
        client.post(f"{link}privacy/", {"act": "stop"})
        client.post(f"{link}privacy/", {"act": "ask", "shown": "other words"})
        assert said(lea) == ["given", "withdrawn"]
        choose(client, f"{link}privacy/", act="ask")
        assert said(lea) == ["given", "withdrawn", "given"]
        assert "Yes, start" in words(client.get(link))

    def test_said_to_staff_holds_and_the_words_come_at_the_next_link(
        self, client, occasion, lea, couple, ines
    ):
        page = f"/cases/{couple.id}/members/"
        seat = signed_in(ines)
        seat.post(page, {"member": "1", "act": "withdraw"})
        seat.post(page, {"member": "1", "act": "agree"})
        assert said(lea) == ["given", "withdrawn", "given"]
        assert "Do you agree to these words?" in words(client.get(people.link(occasion)))

    def test_who_paused_for_another_reason_stays_paused_by_a_no_to_research(self, lea, now):
        type(lea).objects.filter(pk=lea.pk).update(paused_on=now.date())
        record_agreement(member=lea, to_research=False, way=ConsentWay.PHONE, at=now, actor=SYSTEM)
        lea.refresh_from_db()
        assert lea.paused_on == now.date()


class TestPaper:
    def kept(self, ines, couple, **form):
        url = f"/cases/{couple.id}/members/1/consent/"
        return signed_in(ines).post(
            url, {"act": "paper", "number": "1", "research": "nothing", **form}, follow=True
        )

    def test_is_kept_with_its_day_and_who_kept_it(self, client, occasion, lea, now):
        day = (now - 3 * DAY).date()
        ines = occasion.therapist
        page = self.kept(ines, occasion.case, said_on=day.isoformat(), asked="yes", research="no")
        record = lea.consents.get(purpose=CARE)
        assert (record.said_on, record.way, record.recorded_by) == (day, ConsentWay.PAPER, ines)
        assert said(lea, RESEARCH) == ["declined"]
        assert "On paper, version 1, kept by Ines Okafor" in words(page)
        assert "Yes, start" in words(client.get(people.link(occasion)))

    def test_is_printed_with_the_words_in_force_and_who_reads_today(self, cast):
        page = words(signed_in(cast.ines).get(f"/cases/{cast.family.id}/members/3/consent/"))
        assert "Larkfield: do you agree? For Freja · words of version 1" in page
        assert "Ines reads what you answer" in page
        assert "Ines Okafor, whom you meet Marta Lind, who supervises the work" in page
        assert "Without your own yes your parents are shown nothing of what you answer" in page

    def test_of_a_day_to_come_is_refused(self, lea, couple, ines, now):
        page = self.kept(ines, couple, said_on=(now + 3 * DAY).date().isoformat(), asked="yes")
        assert "the day it was signed cannot lie ahead" in words(page)
        assert said(lea) == []

    @pytest.mark.parametrize(
        "form", [{"asked": "yes"}, {"said_on": "2026-01-01"}, {"said_on": "x", "asked": "yes"}]
    )
    def test_that_is_not_filled_in_is_refused(self, lea, couple, ines, form):
        self.kept(ines, couple, **form)
        assert said(lea) == []

    def test_of_a_day_on_which_they_said_no_does_not_undo_it(self, lea, couple, ines, now):
        people.agree(lea, now - DAY)
        record_agreement(member=lea, to_be_asked=False, way=ConsentWay.PHONE, at=now, actor=SYSTEM)
        day = lea.consents.first().said_on.isoformat()
        page = self.kept(ines, couple, said_on=day, asked="yes")
        assert "They said no on that day" in words(page)
        assert said(lea) == ["given", "withdrawn"]

    def test_older_than_what_was_said_since_changes_nothing(self, lea, now):
        """Signed on the first, taken back on the fifth, put into the computer on the tenth."""
        people.agree(lea, now - 20 * DAY)
        record_consent(member=lea, agrees={CARE: False}, way=ConsentWay.PHONE, at=now - 5 * DAY, actor=SYSTEM)
        record_agreement(
            member=lea,
            to_be_asked=True,
            way=ConsentWay.PAPER,
            text=text_in_force(lea.clinic),
            said_on=(now - 10 * DAY).date(),
            at=now,
            actor=SYSTEM,
        )
        assert lea.consents.filter(purpose=CARE).first().answer == "withdrawn"


class TestExport:
    def test_who_may_open_the_case_gets_who_said_what_and_when(self, cast, now):
        lea = people.member(cast.couple, "Lea")
        type(lea.person.identity).objects.filter(pk=lea.person_id).update(names='["=1+1", "Brandt"]')
        url = f"/cases/{cast.couple.id}/consent.csv"
        [header, *rows] = csv.reader(io.StringIO(signed_in(cast.supervisor).get(url).content.decode()))
        assert header[:4] == ["person", "purpose", "answer", "version"]
        assert [row[:4] for row in rows] == [
            ["'=1+1", "care", "given", "1"],
            ["'=1+1", "feedback", "given", "1"],
            ["Tomas", "care", "given", "1"],
            ["Tomas", "feedback", "given", "1"],
        ]
        assert signed_in(cast.colleague).get(url).status_code == 404

    def test_the_office_counts_and_names_nobody(self, cast, now):
        people.agree(people.member(cast.couple, "Lea"), now, research=True)
        record_agreement(
            member=people.member(cast.couple, "Tomas"),
            to_be_asked=False,
            way=ConsentWay.TOLD_STAFF,
            at=now,
            actor=SYSTEM,
        )
        viewer = viewer_of(cast.administrator.user, at=now)
        assert consent_numbers(viewer) == {
            (CARE, "given", 1): 5,
            (CARE, "withdrawn", None): 1,
            (RESEARCH, "given", 1): 1,
            (RESEARCH, "", None): 5,
        }
        office = signed_in(cast.administrator)
        page = office.get("/office/consent/")
        assert not {"Lea", "Tomas", "Ruth", "Brandt"} & set(words(page).split())
        changed = {"care": "{clinic} asks.", "feedback": "{therapist} reads.", "research": "For research."}
        changed["limits"] = "A court may ask {clinic}."
        assert "Version 2 is in force." in words(office.post("/office/consent/", changed, follow=True))
        refused = office.post("/office/consent/", {**changed, "care": "In therapy."})
        assert "“therapy” tells whoever sees the phone" in words(refused)

    def test_the_contact_stands_under_privacy_of_every_page(self, cast, client, now):
        lea = people.member(cast.couple, "Lea")
        link = people.link(people.asked(people.meet(cast.couple, cast.ines, now - HOUR), lea))
        office = signed_in(cast.administrator)
        given = {"phone": "+1 312 555 0100", "email": "desk@larkfield.example", "hours": "Weekdays, 9 to 16"}
        given["notice"] = "Larkfield Ltd answers for your data."
        assert office.post("/office/consent/", {**given, "phone": "CALL US"}).status_code == 400
        assert office.post("/office/consent/", {**given, "notice": "For therapy."}).status_code == 400
        office.post("/office/consent/", given)
        client.post(link)
        for path in ("", "1/", "later/", "help/", "handed-over/"):
            assert f'href="{link}privacy/"' in client.get(link + path).content.decode()
        page = words(client.get(f"{link}privacy/"))
        for text in (
            "+1 312 555 0100",
            "desk@larkfield.example",
            "Weekdays, 9 to 16",
            "Larkfield Ltd answers for your data.",
            "nothing is deleted by itself",
        ):
            assert text in page
