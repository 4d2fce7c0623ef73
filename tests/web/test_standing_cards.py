"""The card by which a client says at any time that something felt off, or that they want a word: what it makes known,
to whom, and what it keeps from everybody else.
"""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client
from django.urls import reverse

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.card_links import card_behind, is_read
from goldseam_web.alerts.card_tables import SaidByCard, StandingCard
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, SignalKind
from goldseam_web.alerts.queries import frame_facts, next_alert
from goldseam_web.alerts.services import acknowledge, escalate_unseen, evaluate, open_alert
from goldseam_web.alerts.services.absences import open_findings
from goldseam_web.alerts.services.alert_messages import render_alert, tell_unheard
from goldseam_web.alerts.services.help_requests import ask_for_help
from goldseam_web.alerts.services.standing_cards import give_card, say_by_card, withdraw_card
from goldseam_web.alerts.supervision import for_supervisor
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import (
    Case,
    CaseKind,
    CaseTherapist,
    Ending,
    MemberRole,
    RecordState,
    TherapistPart,
)
from goldseam_web.cases.services import NewMember
from goldseam_web.cases.services.guardians_named import name_guardian, record_guardian_says
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.measures.services.who_is_asked import (
    end_case,
    member_died,
    member_left,
    pause_member,
    record_agreement,
)
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.people import ConsentWay
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db
HOURS = "Mon to Fri, 9:00 to 17:00"
HOUR = timedelta(hours=1)


@pytest.fixture
def ready(cast):
    """The clinic has said when it is at work, and who stands in for Ines."""
    Clinic.objects.filter(pk=cast.clinic.pk).update(contact_hours=HOURS, contact_phone="+1 312 555 0100")
    Staff.objects.filter(pk=cast.ines.pk).update(cover=cast.colleague)
    cast.clinic.refresh_from_db()
    cast.ines.refresh_from_db()
    return cast


@pytest.fixture
def lea(ready):
    return people.member(ready.couple, "Lea")


def give(who, cast, now, **more):
    return give_card(member=who, staff=cast.ines, at=now, actor=Actor.staff(cast.ines.pk), **more)


def address(token):
    return f"/c/card/{token}/"


def say(token, kind=SignalKind.WORD_ALONE, *, at):
    card = card_behind(token=token)
    assert card is not None
    return say_by_card(card=card, kind=kind, at=at)


def seen_by(staff, signal, at):
    return open_alert(viewer=viewer_of(staff.user, at=at), findings=[signal], at=at)


def bytes_of(url):
    page = Client().get(url)
    return page.status_code, page.content, dict(page.headers), dict(page.cookies)


class TestGivingOne:
    def test_of_its_secret_a_hash_alone_is_stored(self, ready, lea, now):
        token = give(lea, ready, now)
        secret = token.split(".", 1)[1].split("~")[0]
        card = StandingCard.objects.get()
        assert len(secret) >= 12
        assert secret not in repr(vars(card))
        assert len(card.secret_hash) == 64
        assert card_behind(token=token) == card

    def test_another_one_ends_the_first(self, ready, lea, now):
        first, second = give(lea, ready, now - HOUR), give(lea, ready, now)
        assert [is_read(card_behind(token=t), at=now) for t in (first, second)] == [False, True]

    def test_a_member_has_one_that_runs(self, ready, lea, now):
        people.card_given_to(lea, ready.ines, now)
        with pytest.raises(IntegrityError), transaction.atomic():
            people.card_given_to(lea, ready.ines, now)

    def test_one_of_another_member_and_an_altered_one_lead_nowhere(self, ready, lea, now):
        token, other = give(lea, ready, now), give(people.member(ready.couple, "Tomas"), ready, now)
        mixed = f"{token.split('.', 1)[0]}.{other.split('.', 1)[1]}"
        altered = token[:-1] + ("A" if token[-1] != "A" else "B")
        unknown = Client().get("/c/card/nothing/")
        assert unknown.status_code == 404
        for wrong in (mixed, altered, token.upper()):
            page = Client().get(address(wrong))
            assert (page.status_code, page.content) == (404, unknown.content)

    def test_it_is_refused_where_nobody_could_keep_what_it_promises(self, ready, lea, now):
        Clinic.objects.update(contact_hours="")
        with people.refused(
            "The clinic has not said in which hours it is at work. "
            "Whoever runs it gives them under Consent and contact."
        ):
            give(lea, ready, now)
        Clinic.objects.update(contact_hours=HOURS)
        Staff.objects.filter(pk=ready.ines.pk).update(cover=None)
        with people.refused("Whoever treats this case has named nobody who stands in while they are away."):
            give(lea, ready, now)

    def test_it_is_refused_to_whom_nothing_may_be_kept_of(self, ready, now):
        case = people.case_without_consent(ready.ines, "individual", [people.OTTO], now)
        otto = people.member(case, "Otto")
        with people.refused("They have not agreed to be asked yet, so that nothing they send may be kept."):
            give(otto, ready, now)
        people.agree(otto, now)
        give(otto, ready, now)

    def test_it_is_refused_to_the_young_before_a_guardian_has_agreed(self, ready, now):
        """Fifteen this year, where people agree alone from sixteen: of them nothing may be kept either."""
        born = str(local_day(ready.clinic, now).year - 15)
        nina = NewMember("Nina", "Berg", MemberRole.CLIENT, birth_year=born)
        nina = people.member(people.case(ready.ines, CaseKind.INDIVIDUAL, [nina], now), "Nina")
        with people.refused(
            "They are too young for it, or a guardian has not agreed yet, so that nothing they send may be kept."
        ):
            give(nina, ready, now)
        mother = name_guardian(young=nina, name="Eva Berg", at=now, actor=SYSTEM)

        def says(*, agrees, at):
            record_guardian_says(
                guardian=mother, agrees=agrees, way=ConsentWay.TOLD_STAFF, at=at, actor=SYSTEM
            )

        says(agrees=True, at=now)
        token = give(nina, ready, now)
        assert say(token, at=now)
        says(agrees=False, at=now + HOUR)
        assert not say(token, at=now + HOUR)
        page = signed_in(ready.ines).get(reverse("dashboard:cards", args=[nina.case_id]))
        assert "guardian" in words(page)
        assert "Make" not in words(page)

    def test_it_is_refused_to_who_left_and_after_the_end(self, ready, lea, now):
        member_left(member=lea, left=True, at=now, actor=SYSTEM)
        with people.refused("They take no part any more."):
            give(lea, ready, now)
        end_case(case=ready.couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        with people.refused("The case has ended."):
            give(people.member(ready.couple, "Tomas"), ready, now)


class TestSayingSomething:
    def test_it_is_an_alert_of_its_own_and_people_are_told_at_once(self, ready, lea, now):
        assert say(give(lea, ready, now), at=now)
        signal = AlertSignal.objects.get()
        assert (signal.kind, signal.member, signal.case) == ("word_alone", lea, ready.couple)
        assert (signal.series, signal.encounter, signal.response, signal.evaluation) == (None,) * 4
        message = Message.objects.get(subject=signal.pk)
        assert (message.purpose, message.staff) == ("raised", ready.ines)
        letter = render_alert(message, now)
        assert clinical_words(f"{letter.subject} {letter.body.split('http')[0]}") == []
        assert not {"Lea", "Brandt", "card"} & set(re.findall(r"\w+", letter.subject + letter.body))

    def test_whatever_is_said_by_card_has_no_form_and_whatever_else_has_one(self, ready, lea, now):
        meeting = people.meet(ready.couple, ready.ines, now - HOUR)
        answered = people.answer(people.asked(meeting, lea), now, given={"tension": "clearly"})
        [strained] = evaluate(response=answered, at=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            AlertSignal.objects.filter(pk=strained.pk).update(kind=SignalKind.FELT_OFF)
        say(give(lea, ready, now), at=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            AlertSignal.objects.filter(kind=SignalKind.WORD_ALONE).update(kind=SignalKind.ASKED)

    def test_said_again_before_anybody_looked_it_is_the_same(self, ready, lea, now):
        token = give(lea, ready, now)
        for k in range(3):
            say(token, at=now + k * HOUR)
        assert AlertSignal.objects.count() == 1
        assert Message.objects.count() == 1
        assert SaidByCard.objects.count() == 3

    def test_said_again_after_somebody_looked_it_is_new(self, ready, lea, now):
        token = give(lea, ready, now)
        say(token, at=now)
        seen_by(ready.ines, AlertSignal.objects.get(), now + HOUR)
        say(token, at=now + 2 * HOUR)
        assert AlertSignal.objects.count() == 2
        assert Message.objects.count() == 2

    def test_a_second_tap_is_no_second_word_even_if_somebody_was_quick(self, ready, lea, now):
        token = give(lea, ready, now)
        say(token, at=now)
        seen_by(ready.ines, AlertSignal.objects.get(), now)
        say(token, at=now + timedelta(minutes=9))
        assert AlertSignal.objects.count() == 1

    def test_the_other_word_is_a_finding_of_its_own(self, ready, lea, now):
        token = give(lea, ready, now)
        say(token, SignalKind.FELT_OFF, at=now)
        say(token, SignalKind.WORD_ALONE, at=now)
        assert {s.kind for s in AlertSignal.objects.all()} == {"felt_off", "word_alone"}
        assert Message.objects.count() == 2

    def test_hundreds_of_taps_are_one_finding_and_twenty_rows(self, ready, lea, now):
        token = give(lea, ready, now)
        for _ in range(60):
            assert say(token, at=now)
        assert (AlertSignal.objects.count(), Message.objects.count()) == (1, 1)
        assert SaidByCard.objects.count() == 20

    def test_the_record_says_that_the_client_did_it(self, ready, lea, now):
        say(give(lea, ready, now), at=now)
        entry = AuditEntry.objects.get(action="card.say")
        assert (entry.actor_kind, entry.actor_id) == ("client", lea.pk)

    def test_who_pauses_may_still_say_something(self, ready, lea, now):
        token = give(lea, ready, now)
        pause_member(member=lea, paused=True, at=now, actor=SYSTEM)
        assert say(token, at=now)

    def test_unopened_it_is_the_supervisors_and_told_to_who_comes_later(self, ready, lea, now):
        say(give(lea, ready, now), at=now)
        later = now + timedelta(days=4)
        assert escalate_unseen(at=later) == 1
        viewer = viewer_of(ready.supervisor.user, at=later)
        [waiting] = for_supervisor(viewer, [ready.couple]).escalated.values()
        assert waiting.therapist == "Ines Okafor"
        assert tell_unheard(at=later) == 0, "Ines was told"

    def test_to_ask_for_a_second_look_is_about_this_one_alone(self, ready, lea, now):
        """Both have no form: they must not be taken for one alert."""
        token = give(lea, ready, now)
        say(token, SignalKind.FELT_OFF, at=now)
        say(token, SignalKind.WORD_ALONE, at=now + HOUR)
        first, second = AlertSignal.objects.order_by("raised_at")
        viewer = viewer_of(ready.ines.user, at=now)
        one, other = (ask_for_help(viewer=viewer, signal=s, at=now) for s in (first, second))
        assert one != other
        assert frame_facts(viewer, at=now).unopened == 2
        assert next_alert(viewer, after=[first]) == second
        assert list(open_findings([ready.couple])) == [first, second]


STOPS = {
    "withdrawn": lambda who, cast, now: withdraw_card(member=who, at=now, actor=SYSTEM),
    "another was given": give,
    "the case has ended": lambda who, cast, now: end_case(
        case=who.case, ending=Ending.PLANNED, at=now, actor=SYSTEM
    ),
    "left": lambda who, cast, now: member_left(member=who, left=True, at=now, actor=SYSTEM),
    "died": lambda who, cast, now: member_died(member=who, died=True, at=now, actor=SYSTEM),
    "took consent back": lambda who, cast, now: record_agreement(
        member=who, to_be_asked=False, way=ConsentWay.PHONE, at=now, actor=SYSTEM
    ),
}


class TestWhereNothingIsReadAnyMore:
    @pytest.mark.parametrize("why", STOPS)
    def test_it_says_so_and_gives_no_reason(self, ready, lea, now, why):
        token = give(lea, ready, now - HOUR)
        STOPS[why](lea, ready, now)
        said = words(Client().get(address(token)))
        assert said.startswith("Nothing is read here any more. This card is no longer in use.")
        assert "+1 312 555 0100" in said, "the clinic's contact"
        assert "988" in said, "the numbers for urgent help"
        assert not re.search(r"Lea|Brandt|left|died|consent|ended|withdr", said)
        assert words(Client().get(f"{address(token)}then/")) == said
        sent = Client().post(address(token), {"word": "word_alone"})
        assert "What you just sent was not kept." in words(sent)
        assert not AlertSignal.objects.exists()

    def test_the_page_is_the_same_for_every_reason(self, ready, lea, now):
        pages = set()
        for act in STOPS.values():
            with transaction.atomic():
                token = give(lea, ready, now - HOUR)
                act(lea, ready, now)
                page = Client().get(address(token)).content.decode().replace(token, "")
                pages.add(page)
                transaction.set_rollback(True)
        assert len(pages) == 1

    def test_where_strain_is_not_looked_for_there_are_no_cards(self, ready, lea, now, settings):
        token = give(lea, ready, now)
        settings.GOLDSEAM_RECORD_ONLY = True
        assert words(Client().get(address(token))).startswith("Nothing is read here any more.")
        page = reverse("dashboard:cards", args=[ready.couple.pk])
        assert signed_in(ready.ines).get(page).status_code == 404
        assert (
            "cards/"
            not in signed_in(ready.ines)
            .get(reverse("dashboard:members", args=[ready.couple.pk]))
            .content.decode()
        )

    def test_of_what_was_erased_nothing_is_left(self, ready, lea, now):
        token = give(lea, ready, now)
        Case.objects.filter(pk=ready.couple.pk).update(state=RecordState.ERASED)
        assert Client().get(address(token)).status_code == 404


class TestTheClientsPages:
    def test_two_things_to_say_and_nothing_to_write(self, ready, lea, now):
        said = words(Client().get(address(give(lea, ready, now))))
        for sentence in (
            "Choose one and send it: two taps, and nothing to write. “Us” is you and Ines.",
            "Something felt off between us",
            "I would like a word alone",
            "Ines sees what you choose.",
            f"Hours: {HOURS}. While Ines is away, Ben Adeyemi stands in.",
            "Your partner is not told that you have this card or used it,",
            "Nobody reads this the moment you send it.",
        ):
            assert sentence in said
        assert "Lea" not in said, "whoever finds it learns no name"
        page = Client().get(address(give(lea, ready, now))).content.decode()
        assert 'type="text"' not in page
        assert "<textarea" not in page
        assert " checked" not in page

    def test_alone_there_is_nobody_to_be_kept_from(self, ready, now):
        said = words(Client().get(address(give(people.member(ready.individual, "Ruth"), ready, now))))
        assert "I would like a word" in said
        assert "alone" not in said
        assert "partner" not in said

    def test_sending_leads_to_what_happens_then(self, ready, lea, now):
        url = address(give(lea, ready, now))
        sent = Client().post(url, {"word": "felt_off"})
        assert (sent.status_code, sent.headers["Location"]) == (302, f"{url}then/")
        assert not sent.cookies
        said = words(Client().get(f"{url}then/"))
        assert "Ines is told that something is waiting, in a message that does not say what." in said
        assert "It is spoken of with you alone, unless you say otherwise." in said
        assert AlertSignal.objects.get().kind == "felt_off"

    @pytest.mark.parametrize("form", [{}, {"word": ""}, {"word": "strain"}, {"word": "asked"}])
    def test_nothing_else_can_be_said(self, ready, lea, now, form):
        page = Client().post(address(give(lea, ready, now)), form)
        assert page.status_code == 200, "the log names every refusal with its address"
        assert "Choose one of these, or close the page." in words(page)
        assert not AlertSignal.objects.exists()

    def test_of_two_who_treat_it_says_that_they_are_told(self, ready, lea, now):
        then = f"{address(give(lea, ready, now))}then/"
        assert "Ines is told that something is waiting" in words(Client().get(then))
        CaseTherapist.objects.create(
            clinic=ready.clinic,
            case=ready.couple,
            therapist=ready.colleague,
            part=TherapistPart.CO_THERAPIST,
            starts_on=local_day(ready.clinic, now),
        )
        assert "are told that something is waiting" in words(Client().get(then))

    def test_looking_writes_nothing(self, ready, lea, now):
        url = address(give(lea, ready, now))
        before = AuditEntry.objects.count()
        for page in ("", "then/", "help/", "speak/", "speak/received/", "leave/"):
            Client().get(url + page)
        assert AuditEntry.objects.count() == before
        assert not SaidByCard.objects.exists()

    @pytest.mark.parametrize("kind", [SignalKind.FELT_OFF, SignalKind.WORD_ALONE])
    def test_whether_it_was_used_shows_on_nobodys_page(self, ready, lea, now, kind):
        """Her own pages, his card and his form: byte by byte the same, unopened, opened and answered."""
        tomas = people.member(ready.couple, "Tomas")
        meeting = people.meet(ready.couple, ready.ines, now - HOUR)
        token, his = give(lea, ready, now), give(tomas, ready, now)
        pages = [address(t) + page for t in (token, his) for page in ("", "then/", "help/", "speak/")]
        forms = [people.link(people.asked(meeting, who)) for who in (lea, tomas)]
        pages += [f"{form}{page}" for form in forms for page in ("", "later/", "privacy/", "speak/")]
        before = [bytes_of(url) for url in pages]
        say(token, kind, at=now)
        assert [bytes_of(url) for url in pages] == before
        signal = AlertSignal.objects.get()
        seen_by(ready.ines, signal, now)
        viewer = viewer_of(ready.ines.user, at=now)
        acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.TALKED, at=now)
        assert [bytes_of(url) for url in pages] == before

    def test_the_address_goes_to_nobody(self, ready, lea, now):
        page = Client().get(address(give(lea, ready, now)))
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store, private"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "/c/" not in words(page)

    def test_a_form_from_another_site_is_refused(self, ready, lea, now):
        url = address(give(lea, ready, now))
        page = Client().post(url, {"word": "felt_off"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert page.status_code == 404
        assert not AlertSignal.objects.exists()

    def test_with_the_database_away_it_is_offered_again(self, ready, lea, now, monkeypatch):
        url = address(give(lea, ready, now))

        def away(**_given):
            raise OperationalError("away")

        monkeypatch.setattr("goldseam_web.portal.card_page.card_behind", away)
        page = Client().post(url, {"word": "felt_off"})
        assert page.status_code == 503
        assert '<input type="hidden" name="word" value="felt_off">' in page.content.decode()
        assert Client().get(f"{url}leave/").status_code == 302

    def test_what_cannot_be_read_is_not_kept(self, ready, lea, now):
        url = address(give(lea, ready, now))
        broken = Client().post(url, b"--x\r\nbroken", content_type="multipart/form-data; boundary=")
        assert broken.status_code == 400
        assert not AlertSignal.objects.exists()

    def test_a_page_asks_four_things_of_the_database(self, ready, lea, now):
        """The card with all it stands on, consent, who reads, and who stands in for them."""
        url = address(give(lea, ready, now))
        Client().get(url)
        assert queries(lambda: Client().get(url)) == 4
        assert queries(lambda: Client().get(f"{url}then/")) == 3


class TestTheStaffsPages:
    def test_making_one_shows_it_once(self, ready, lea, now):
        ines, page = signed_in(ready.ines), reverse("dashboard:cards", args=[ready.couple.pk])
        first = ines.get(page)
        assert words(first).count("No card.") == 2
        form = {"member": "1", "act": "make", "form_key": first.context["form_key"]}
        made = ines.post(page, form)
        [link] = re.findall(r'value="http[^"]*(/c/card/[^"]+)"', made.content.decode())
        assert Client().get(link).status_code == 200
        assert "Tomas" not in made.content.decode().split("<article")[1]
        assert f"Read in these hours: {HOURS}." in words(made)
        assert link.split("/")[3] not in " ".join(map(str, StandingCard.objects.values()))

    def test_a_double_click_shows_the_same_card_and_makes_one(self, ready, lea, now):
        ines, page = signed_in(ready.ines), reverse("dashboard:cards", args=[ready.couple.pk])
        form = {"member": "1", "act": "make", "form_key": ines.get(page).context["form_key"]}
        made, again = ines.post(page, form), ines.post(page, form)
        [link], [same] = (
            re.findall(r'value="http[^"]*(/c/card/[^"]+)"', p.content.decode()) for p in (made, again)
        )
        assert link == same
        assert StandingCard.objects.count() == 1
        assert "Nothing is read here" not in words(Client().get(link))
        other = ines.post(page, {**form, "member": "2"})
        assert link not in other.content.decode()

    @pytest.mark.parametrize("why", ["late", "withdrawn", "another", "somebody_else"])
    def test_later_the_form_shows_it_no_more(self, ready, lea, now, why):
        ines, page = signed_in(ready.ines), reverse("dashboard:cards", args=[ready.couple.pk])
        form = {"member": "1", "act": "make", "form_key": ines.get(page).context["form_key"]}
        [link] = re.findall(r'value="http[^"]*(/c/card/[^"]+)"', ines.post(page, form).content.decode())
        if why == "late":
            StandingCard.objects.update(given_at=now - timedelta(minutes=11))
        elif why == "withdrawn":
            ines.post(page, {"member": "1", "act": "withdraw"})
        elif why == "another":
            ines.post(page, {"member": "1", "act": "make"})
        else:
            # The key is signed for who was given it: a colleague who sends it makes a card of their own.
            CaseTherapist.objects.create(
                clinic=ready.clinic,
                case=ready.couple,
                therapist=ready.colleague,
                part=TherapistPart.CO_THERAPIST,
                starts_on=local_day(ready.clinic, now),
            )
            assert link not in signed_in(ready.colleague).post(page, form).content.decode()
            return
        assert "This card was shown before, and its link is stored nowhere." in words(
            ines.post(page, form, follow=True)
        )

    def test_nothing_on_the_card_says_what_it_is_about(self, ready, lea, now):
        Clinic.objects.filter(pk=ready.clinic.pk).update(name="Lakeside Couple Therapy")
        page = signed_in(ready.ines).post(
            reverse("dashboard:cards", args=[ready.couple.pk]), {"member": "1", "act": "make"}
        )
        card = re.search(r"<article.*?</article>", page.content.decode(), re.DOTALL)
        assert card
        said = re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", card.group(), flags=re.DOTALL))
        assert "Lakeside" not in said
        assert clinical_words(said.replace("Crisis line", "")) == []

    def test_withdrawing_one(self, ready, lea, now):
        token = give(lea, ready, now)
        ines, page = signed_in(ready.ines), reverse("dashboard:cards", args=[ready.couple.pk])
        said = ines.post(page, {"member": "1", "act": "withdraw"}, follow=True)
        assert "The card of Lea is withdrawn" in words(said)
        assert words(Client().get(address(token))).startswith("Nothing is read here any more.")

    def test_whether_one_was_used_stands_on_no_page_of_cards(self, ready, lea, now):
        token = give(lea, ready, now)
        ines, page = signed_in(ready.ines), reverse("dashboard:cards", args=[ready.couple.pk])
        before = words(ines.get(page))
        say(token, at=now)
        assert words(ines.get(page)) == before

    def test_it_is_closed_in_the_room(self, ready, lea, now):
        page = reverse("dashboard:cards", args=[ready.couple.pk])
        Staff.objects.filter(pk=ready.ines.pk).update(alone_since=None)
        ines = signed_in(ready.ines, alone=False)
        assert "Lea" not in words(ines.get(page))
        ines.post(page, {"member": "1", "act": "make"})
        assert not StandingCard.objects.exists()

    def test_the_caseload_and_the_case_say_that_somebody_asked_to_talk(self, ready, lea, now):
        people.meet(ready.couple, ready.ines, now - HOUR)
        say(give(lea, ready, now), at=now)
        ines = signed_in(ready.ines)
        for page in (reverse("dashboard:caseload"), reverse("dashboard:case", args=[ready.couple.pk])):
            said = words(ines.get(page))
            assert "Asked to talk" in said
            assert "Lea asked by card for a word alone." in said
        listed = words(ines.get(reverse("dashboard:alerts")))
        assert "Lea asked by card for a word alone." in listed

    def test_before_any_session_it_is_said_as_well(self, ready, lea, now):
        say(give(lea, ready, now), SignalKind.FELT_OFF, at=now)
        said = words(signed_in(ready.ines).get(reverse("dashboard:caseload")))
        assert "Lea said by card that something felt off in the work together." in said

    def test_opening_and_answering_it(self, ready, lea, now):
        people.meet(ready.couple, ready.ines, now - HOUR)
        say(give(lea, ready, now), at=now)
        signal = AlertSignal.objects.get()
        ines, page = signed_in(ready.ines), reverse("dashboard:signal", args=[signal.pk])
        said = words(ines.get(page))
        for sentence in (
            "Lea asked by card for a word alone.",
            "This is what Lea said, and no rating",
            "For Lea alone",
            "Take it up with Lea alone",
            "A second pair of eyes",
        ):
            assert sentence in said
        assert "Wait for the next rating" not in said
        assert signal.seen.count() == 1
        ines.post(page, {"finding": [str(signal.pk)], "choice": "talked"})
        assert signal.acknowledgements.get().choice == "talked"
        assert "Asked to talk" not in words(ines.get(reverse("dashboard:caseload")))

    def test_answering_one_word_leaves_the_other_open(self, ready, lea, now):
        people.meet(ready.couple, ready.ines, now - HOUR)
        token = give(lea, ready, now)
        say(token, SignalKind.FELT_OFF, at=now)
        say(token, SignalKind.WORD_ALONE, at=now)
        alone = AlertSignal.objects.get(kind="word_alone")
        seen_by(ready.ines, alone, now)
        viewer = viewer_of(ready.ines.user, at=now)
        acknowledge(viewer=viewer, signal=alone, choice=AcknowledgeChoice.TALKED, at=now)
        said = words(signed_in(ready.ines).get(reverse("dashboard:caseload")))
        assert "Lea said by card that something felt off in the work together." in said

    def test_the_therapists_guess_does_not_hide_it(self, ready, lea, now):
        """What was said by card belongs to no session's answers, and cannot wait for the therapist's own view."""
        meeting = people.meet(ready.couple, ready.ines, now - HOUR)
        assert people.asked_therapist(meeting)
        say(give(lea, ready, now), at=now)
        said = words(signed_in(ready.ines).get(reverse("dashboard:case", args=[ready.couple.pk])))
        assert "Lea asked by card for a word alone." in said

    def test_a_supervisor_reads_it_and_makes_no_cards(self, ready, lea, now):
        say(give(lea, ready, now), at=now)
        marta = signed_in(ready.supervisor)
        page = marta.get(reverse("dashboard:signal", args=[AlertSignal.objects.get().pk]))
        assert "Lea asked by card for a word alone." in words(page)
        assert not AlertSignal.objects.get().seen.exists()
        cards = reverse("dashboard:cards", args=[ready.couple.pk])
        assert marta.get(cards).status_code == 404
        assert signed_in(ready.colleague).get(cards).status_code == 404

    def test_after_the_end_what_was_said_before_stays_open(self, ready, lea, now):
        say(give(lea, ready, now), at=now)
        end_case(case=ready.couple, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        page = signed_in(ready.ines).get(reverse("dashboard:ending", args=[ready.couple.pk]))
        assert "Asked to talk" in words(page)
        signal = signed_in(ready.ines).get(reverse("dashboard:signal", args=[AlertSignal.objects.get().pk]))
        assert "Get in touch about it" in words(signal)
