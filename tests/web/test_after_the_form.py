"""After the last page: who may take up what felt off, and whether the last time was. The same for everybody.

What is expected follows from the rules of the product: nothing tells whoever looks on what was answered.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client

from goldseam_web.alerts.models import AlertSignal, Episode, EpisodeStatus
from goldseam_web.audit.models import AuditEntry
from goldseam_web.measures.models import Answer, LaterAnswer, Release, Response
from goldseam_web.measures.services.afterwards import SaidAfterwards, say_afterwards
from tests.web import histories, people
from tests.web.shown_form import shown_form
from tests.web.staff_pages import signed_in

HOUR = timedelta(hours=1)


@pytest.fixture
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def meeting(couple, ines, now):
    people.meet(couple, ines, now - 50 * HOUR)
    return people.meet(couple, ines, now - HOUR)


@pytest.fixture
def occasion(meeting, couple):
    return people.asked(meeting, people.member(couple, "Lea"))


def sent(browser, occasion, value="6", tension="no"):
    """Go through the whole form; the page of thanks."""
    address = browser.post(people.link(occasion)).headers["Location"]
    while not address.endswith("/done/"):
        if address.endswith("/who/"):
            address = browser.post(address, {"audience": "therapist"}).headers["Location"]
            continue
        page = shown_form(browser.get(address))
        answer = value if page.is_scale else {"tension": tension}.get(page.item, "partly")
        form = {"item": page.item, "shown": page.shown, "answer": answer, "go": "next"}
        address = browser.post(address, form).headers["Location"]
    return browser.get(address)


def chosen(browser, occasion, thanks, **given):
    shown = re.search(r'name="shown" value="([^"]*)"', thanks.content.decode()).group(1)
    return browser.post(f"{people.link(occasion)}done/", {"shown": shown, **given})


def read(response):
    """The page without the mark of when it was shown, and without the time of day."""
    page = re.sub(r'name="shown" value="[^"]*"', "", response.content.decode())
    return re.sub(r"\d?\d:\d\d", "", page)


def words(response):
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", response.content.decode()))


class TestTheSameForEverybody:
    def test_the_page_is_the_same_whatever_was_answered(self, ines, now):
        pages = []
        for value, tension in (("10", "no"), ("0", "no"), ("0", "clearly")):
            couple = people.couple(ines, now)
            people.meet(couple, ines, now - 50 * HOUR)
            occasion = people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))
            page = sent(Client(), occasion, value, tension)
            pages.append(read(page).replace(people.link(occasion), ""))
        assert pages[0] == pages[1] == pages[2]
        assert "Everybody is asked this, whatever they answered." in pages[0]
        assert " checked" not in re.sub(r"(?s).*<form", "", pages[0])

    def test_nor_does_choosing_change_it_by_what_was_chosen(self, ines, now):
        pages = []
        for audience, taken_up in (("all", "mended"), ("know_only", "not_taken_up")):
            couple = people.couple(ines, now)
            people.meet(couple, ines, now - 50 * HOUR)
            occasion = people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))
            browser = Client()
            page = chosen(browser, occasion, sent(browser, occasion), audience=audience, taken_up=taken_up)
            pages.append(read(page).replace(people.link(occasion), ""))
        assert pages[0] == pages[1]
        assert "What you chose is kept." in pages[0]

    def test_the_partners_pages_say_nothing_of_it(self, meeting, couple, occasion):
        tomas = people.asked(meeting, people.member(couple, "Tomas"))
        paths = ["", "1/", "later/", "all/", "done/"]

        def theirs():
            return [read(Client().get(people.link(tomas) + path)) for path in paths]

        before = theirs()
        browser = Client()
        thanks = sent(browser, occasion, "1")
        assert theirs() == before
        chosen(browser, occasion, thanks, audience="all", taken_up="not_taken_up")
        assert Release.objects.get().audience == "all"
        assert theirs() == before

    def test_at_the_first_form_nothing_is_asked_of_a_last_time(self, client, ines, now):
        case = people.individual(ines, now)
        occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))
        assert "last time" not in words(sent(client, occasion))


class TestWhoMayTakeItUp:
    def test_a_choice_is_kept_after_a_low_rating_without_a_word_of_tension(self, client, occasion):
        chosen(client, occasion, sent(client, occasion, "1"), audience="all")
        assert [(r.audience, r.when) for r in Release.objects.all()] == [("all", "when_we_meet")]
        assert Answer.objects.get(item="tension").audience == "therapist", "a no is nothing to be taken up"

    def test_what_was_released_is_on_record_and_no_answer_with_it(self, client, occasion):
        chosen(client, occasion, sent(client, occasion, "1"), audience="all", taken_up="not_taken_up")
        entry = AuditEntry.objects.get(action="response.said_afterwards")
        assert entry.details == {"audience": "all", "when": "when_we_meet"}

    def test_leaving_it_keeps_the_narrow_default(self, client, occasion):
        chosen(client, occasion, sent(client, occasion, "1"))
        assert not Release.objects.exists()

    def test_sooner_is_offered_only_where_hours_and_cover_are_named(self, client, ines, couple, now, meeting):
        lea, tomas = (people.asked(meeting, people.member(couple, name)) for name in ("Lea", "Tomas"))
        assert "As soon as" not in words(sent(Client(), lea))
        ines.cover = people.staff(ines.clinic, "Ben Adeyemi", [people.Role.THERAPIST], now)
        ines.save()
        type(ines.clinic).objects.update(contact_hours="Mon to Fri, 9 to 17")
        thanks = sent(client, tomas)
        assert "As soon as Ines is at work (Mon to Fri, 9 to 17)" in words(thanks)
        chosen(client, tomas, thanks, audience="therapist", when="at_work")
        assert Release.objects.get().when == "at_work"

    def test_the_therapist_reads_it_above_what_might_help(self, ruth, now):
        ines, case, who = ruth
        *_, low = histories.history(case, ines, who, [8, 9, 8, 9, 8, 2], now)
        seat, signal = signed_in(ines), AlertSignal.objects.filter(response=low).first()
        assert "Ruth has not said who may hear of it" in words(seat.get(f"/signals/{signal.pk}/"))
        said = SaidAfterwards(audience="know_only", when="at_work")
        say_afterwards(occasion=low.occasion, said=said, device="", at=now)
        page = words(seat.get(f"/signals/{signal.pk}/"))
        assert "Ruth: “Just know it”" in page
        assert "as soon as you are at work" in page

    def test_whoever_goes_through_the_form_again_widens_nothing(self, client, occasion):
        chosen(client, occasion, sent(client, occasion, "1"), audience="know_only")
        other = Client()
        page = chosen(other, occasion, sent(other, occasion, "10"), audience="all", taken_up="mended")
        assert "What you chose is kept." in words(page)
        assert Release.objects.get().audience == "know_only"
        assert Response.objects.get(occasion=occasion).taken_up == ""
        beside = {each.item: each.choice for each in LaterAnswer.objects.exclude(choice="")}
        assert (beside["audience"], beside["taken_up"]) == ("all", "mended")

    @pytest.mark.parametrize("shown", ["", "guessed", "a:b:c"])
    def test_a_form_that_is_not_this_pages_keeps_nothing(self, client, occasion, shown):
        sent(client, occasion, "1")
        client.post(f"{people.link(occasion)}done/", {"shown": shown, "audience": "all"})
        assert not Release.objects.exists()

    def test_nothing_can_be_said_of_a_form_that_was_not_sent(self, occasion, now):
        with people.refused("No form was sent here."):
            say_afterwards(occasion=occasion, said=SaidAfterwards(audience="all"), device="", at=now)


class TestWasItTakenUp:
    """Strain at session 6, said clearly; ratings back at 7 and held: by hand, repaired, and gold with their yes."""

    @pytest.fixture
    def back(self, ruth, now):
        ines, case, who = ruth
        course = (8, 9, 8, 9, 8, 2, 8, 9, 8)
        meetings = histories.sessions(case, ines, len(course), now)
        responses = []
        for meeting, level in zip(meetings, course, strict=True):
            given = {"tension": "clearly", "worked_out": "not_yet"} if level == 2 else None
            responses.append(histories.rate(meeting, who, level, given))
            histories.judge(responses[-1:])
        return responses

    def says(self, response, now, taken_up):
        said = SaidAfterwards(taken_up=taken_up)
        say_afterwards(occasion=response.occasion, said=said, device="", at=now)
        response.refresh_from_db()
        histories.judge([response])
        return Episode.objects.get()

    def test_silence_is_no_gold_and_the_yes_is(self, back, now):
        before = Episode.objects.get()
        assert (before.status, before.mended) == (EpisodeStatus.REPAIRED, False)
        assert self.says(back[-1], now, "mended").mended

    def test_a_no_stands_until_a_later_yes(self, back, now):
        episode = self.says(back[-2], now, "not_taken_up")
        assert episode.contradicted_at is not None
        episode = self.says(back[-1], now, "mended")
        assert (episode.contradicted_at, episode.mended) == (None, True)
        assert not self.says(back[-1], now, "not_taken_up").mended

    def test_a_yes_before_the_return_is_none(self, back, now):
        assert Episode.objects.get().repair_encounter == back[6].occasion.encounter
        assert not self.says(back[5], now, "mended").mended

    def test_partly_is_neither(self, back, now):
        episode = self.says(back[-1], now, "partly")
        assert (episode.contradicted_at, episode.client_said_repaired_at) == (None, None)

    def test_the_therapist_reads_it_on_the_page_of_the_episode(self, back, ruth, now):
        episode = self.says(back[-2], now, "partly")
        page = words(signed_in(ruth[0]).get(f"/episodes/{episode.pk}/"))
        assert "Ruth said that what felt off was taken up, and that it is not quite all right." in page

    def test_but_nothing_of_a_session_kept_back_until_they_have_guessed(self, back, ruth, now):
        episode = self.says(back[-1], now, "partly")
        assert "Ruth said that what felt off" not in words(signed_in(ruth[0]).get(f"/episodes/{episode.pk}/"))
