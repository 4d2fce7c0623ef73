"""After a yes to the mending: two taps for the therapist, and one that is the client's own.

What is expected follows from the rules of the product: skipping is missing and not no, nobody learns from a page what
was answered, and the own tap is read by nobody who works there.
"""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from goldseam_web.alerts.models import Episode
from goldseam_web.audit.models import AuditEntry
from goldseam_web.measures.later_answers import taps_of_mendings
from goldseam_web.measures.mending_tables import Elsewhere, MendingTap, MetElsewhere
from goldseam_web.measures.models import LaterAnswer, Occasion, OccasionState, Response
from goldseam_web.measures.services.afterwards import SaidAfterwards, say_afterwards
from tests.web import histories, people
from tests.web.staff_pages import signed_in
from tests.web.test_after_the_form import HOUR, chosen, read, sent, words

SOURCE = Path("src/goldseam_web")
BOTH = ["did_differently", "understand_better"]
# Where the client's own tap may be spoken of: its table, what keeps it, and the pages it is
# given and read on.
SPEAKS_OF_THE_OWN_TAP = {
    "measures/mending_tables.py",
    "measures/migrations/0007_mending.py",
    "measures/services/afterwards.py",
    "measures/services/mending.py",
    "measures/own_course.py",
    "portal/after_the_form.py",
    "portal/own_course_page.py",
    "portal/own_seams.py",
    "templates/portal/done.html",
}


@pytest.fixture
def occasion(ines, now):
    couple = people.couple(ines, now)
    people.meet(couple, ines, now - 50 * HOUR)
    return people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))


def taps():
    return sorted(MendingTap.objects.values_list("what", flat=True))


class TestOnTheClientsPage:
    def test_taps_are_kept_with_a_yes(self, client, occasion):
        thanks = sent(client, occasion)
        chosen(client, occasion, thanks, taken_up="mended", mended=BOTH, elsewhere="family")
        assert taps() == BOTH
        assert MetElsewhere.objects.get().place == "family"

    def test_what_is_left_is_missing_and_not_no(self, client, occasion):
        chosen(client, occasion, sent(client, occasion), taken_up="mended")
        assert not taps()
        assert not MetElsewhere.objects.exists()

    @pytest.mark.parametrize("taken_up", ["partly", "not_taken_up", "nothing"])
    def test_without_a_yes_nothing_is_said_of_a_mending(self, client, occasion, taken_up):
        chosen(client, occasion, sent(client, occasion), taken_up=taken_up, mended=BOTH, elsewhere="work")
        assert not taps()
        assert not MetElsewhere.objects.exists()

    def test_sent_twice_it_is_there_once_and_the_later_own_tap_stands(self, client, occasion):
        thanks = sent(client, occasion)
        for place in ("work", "partner"):
            chosen(client, occasion, thanks, taken_up="mended", mended=BOTH, elsewhere=place)
        assert taps() == BOTH
        assert MetElsewhere.objects.get().place == "partner"

    def test_a_later_skip_leaves_what_was_tapped(self, client, occasion):
        thanks = sent(client, occasion)
        chosen(client, occasion, thanks, taken_up="mended", mended=BOTH, elsewhere="work")
        chosen(client, occasion, thanks, taken_up="mended")
        assert taps() == BOTH
        assert MetElsewhere.objects.get().place == "work"

    def test_a_yes_taken_back_hides_the_taps_and_loses_none(self, client, occasion):
        thanks = sent(client, occasion)
        chosen(client, occasion, thanks, taken_up="mended", mended=BOTH)
        response = Response.objects.get()
        assert sorted(taps_of_mendings([response])[response.pk]) == BOTH
        chosen(client, occasion, thanks, taken_up="partly")
        assert not taps_of_mendings([Response.objects.get()])
        assert taps() == BOTH

    @pytest.mark.parametrize("given", [{"mended": "won"}, {"elsewhere": "nowhere"}])
    def test_a_word_that_is_none_of_ours_is_not_kept(self, client, occasion, given):
        chosen(client, occasion, sent(client, occasion), taken_up="mended", **given)
        assert not taps()
        assert not MetElsewhere.objects.exists()

    def test_the_page_is_the_same_before_and_after_whatever_was_tapped(self, ines, now):
        before, after = set(), set()
        for given in ({}, {"mended": BOTH}, {"mended": BOTH, "elsewhere": "partner"}, {"elsewhere": "no"}):
            couple = people.couple(ines, now)
            people.meet(couple, ines, now - 50 * HOUR)
            occasion = people.asked(people.meet(couple, ines, now - HOUR), people.member(couple, "Lea"))
            browser = Client()
            thanks = sent(browser, occasion)
            before.add(read(thanks).replace(people.link(occasion), ""))
            page = chosen(browser, occasion, thanks, taken_up="mended", **given)
            after.add(read(page).replace(people.link(occasion), ""))
        assert (len(before), len(after)) == (1, 1)
        assert "it is shown to nobody who works here" in before.pop()

    def test_the_partners_page_has_its_size_and_words_whatever_the_other_said(self, ines, now):
        pages = set()
        for given in (
            None,
            {"taken_up": "nothing"},
            {"taken_up": "mended", "mended": BOTH, "elsewhere": "partner"},
        ):
            couple = people.couple(ines, now)
            people.meet(couple, ines, now - 50 * HOUR)
            meeting = people.meet(couple, ines, now - HOUR)
            hers, his = (people.asked(meeting, people.member(couple, name)) for name in ("Lea", "Tomas"))
            if given is not None:
                browser = Client()
                chosen(browser, hers, sent(browser, hers), **given)
            pages.add(read(sent(Client(), his)).replace(people.link(his), ""))
        assert len(pages) == 1

    def test_at_the_first_form_there_is_nothing_that_was_mended(self, client, ines, now):
        case = people.individual(ines, now)
        occasion = people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))
        assert "shown to nobody who works here" not in words(sent(client, occasion))


class TestFromAnotherDevice:
    def test_it_changes_nothing_and_staff_read_the_two_taps_beside(self, client, occasion):
        chosen(client, occasion, sent(client, occasion), taken_up="mended", elsewhere="work")
        other = Client()
        thanks = sent(other, occasion, "10")
        chosen(other, occasion, thanks, taken_up="mended", mended=BOTH[0], elsewhere="partner")
        assert not taps()
        kept = LaterAnswer.objects.filter(item__startswith="mended.")
        assert list(kept.values_list("item", flat=True)) == ["mended.did_differently"]
        assert sorted(each.place for each in MetElsewhere.objects.all()) == ["partner", "work"]
        beside = LaterAnswer.objects.exclude(item="tension").exclude(choice="")
        assert {each.choice for each in beside} == {"mended", "yes"}

    def test_the_session_page_shows_it_as_changed_later(self, client, occasion, ines):
        chosen(client, occasion, sent(client, occasion), taken_up="mended", mended=BOTH[1])
        other = Client()
        chosen(
            other, occasion, sent(other, occasion, "10"), taken_up="mended", mended=BOTH, elsewhere="partner"
        )
        # Without a guess of their own to make: before that the page says nothing of what was answered.
        Occasion.objects.exclude(pk=occasion.pk).update(state=OccasionState.CANCELLED)
        page = words(signed_in(ines).get(f"/encounters/{occasion.encounter_id}/"))
        assert "“I did something differently” not tapped first, tapped later" in page
        assert "“We understand each other better” not tapped" not in page, "it was tapped first, and stands"


class TestOnTheEpisode:
    @pytest.fixture
    def back(self, ruth, now):
        """Strain at session 6, said clearly, ratings back at 7 and held."""
        ines, case, who = ruth
        course = (8, 9, 8, 9, 8, 2, 8, 9, 8)
        responses = []
        for meeting, level in zip(histories.sessions(case, ines, len(course), now), course, strict=True):
            given = {"tension": "clearly", "worked_out": "not_yet"} if level == 2 else None
            responses.append(histories.rate(meeting, who, level, given))
            histories.judge(responses[-1:])
        return responses

    def page(self, response, ruth, now, **said):
        said = SaidAfterwards(taken_up="mended", **said)
        say_afterwards(occasion=response.occasion, said=said, device="", at=now)
        response.refresh_from_db()
        histories.judge([response])
        return words(signed_in(ruth[0]).get(f"/episodes/{Episode.objects.get().pk}/"))

    def test_the_therapist_reads_what_the_client_said(self, back, ruth, now):
        page = self.page(back[-2], ruth, now, taps=frozenset(BOTH), elsewhere=Elsewhere.PARTNER)
        assert "After session 8 Ruth said of it: “We understand each other better.”" in page
        assert "After session 8 Ruth said of it: “I did something differently.”" in page

    def test_what_was_not_tapped_is_not_spoken_of(self, back, ruth, now):
        page = self.page(back[-2], ruth, now, taps=frozenset(BOTH[:1]))
        assert "We understand each other better" not in page

    def test_taps_make_no_gold_and_take_none(self, back, ruth, now):
        self.page(back[-1], ruth, now)
        assert Episode.objects.get().mended
        self.page(back[-1], ruth, now, taps=frozenset(BOTH), elsewhere=Elsewhere.NO)
        assert Episode.objects.get().mended

    def test_what_was_said_in_company_is_not_shown_as_their_word(self, back, ruth, now):
        Response.objects.filter(pk=back[-2].pk).update(in_company_at=now)
        assert "said of it" not in self.page(back[-2], ruth, now, taps=frozenset(BOTH))

    def test_nothing_of_a_session_kept_back_until_they_have_guessed(self, back, ruth, now):
        assert "said of it" not in self.page(back[-1], ruth, now, taps=frozenset(BOTH))

    def test_the_own_tap_is_on_no_page_of_theirs_and_in_no_entry(self, back, ruth, now):
        self.page(back[-2], ruth, now, taps=frozenset(BOTH))
        seat, case = signed_in(ruth[0]), ruth[1]
        episode = Episode.objects.get()
        addresses = [
            f"/episodes/{episode.pk}/",
            f"/cases/{case.pk}/",
            f"/encounters/{back[-2].occasion.encounter_id}/",
        ]

        def all_pages():
            pages = [re.sub("<[^>]*>", " ", seat.get(each).content.decode()) for each in addresses]
            return [re.sub(r"\d?\d:\d\d", "", page) for page in pages]

        without = all_pages()
        self.page(back[-2], ruth, now, elsewhere=Elsewhere.PARTNER)
        assert MetElsewhere.objects.get().place == "partner"
        assert all_pages() == without
        for entry in AuditEntry.objects.filter(action="response.said_afterwards"):
            assert entry.details == {}


def test_the_own_tap_is_spoken_of_nowhere_but_where_it_is_given():
    """No page, count, export or log of staff can show what no code of theirs reads."""
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*")
        if path.suffix in (".py", ".html")
        and re.search(r"\bMetElsewhere\b|\bElsewhere\b|met_?elsewhere", path.read_text(encoding="utf-8"))
    }
    assert found == SPEAKS_OF_THE_OWN_TAP - {"templates/portal/done.html"}
    reads = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"\bown_course\b|\bown_sayings\b", path.read_text(encoding="utf-8"))
    }
    assert {path.split("/")[0] for path in reads} == {"measures", "portal"}


def test_the_own_tap_is_encrypted_and_its_length_tells_nothing(ruth, now):
    ines, case, who = ruth
    response = histories.rate(histories.sessions(case, ines, 1, now)[0], who, 8)
    for place in Elsewhere:
        MetElsewhere.objects.create(
            clinic=case.clinic, response=response, device=place, place=place, said_at=now
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT place FROM measures_metelsewhere")
        stored = [row[0] for row in cursor.fetchall()]
    assert len({len(each) for each in stored}) == 1
    # Two letters may stand by chance in what is encrypted.
    assert not any(place in each for place in Elsewhere.values if len(place) > 5 for each in stored)
