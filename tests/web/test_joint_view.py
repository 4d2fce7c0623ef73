"""The joint view: released by each alone, shown to all together, and before that no trace of who did and who did not.

What is expected follows from the product's rules, by hand; the ratings are those the tests put in themselves.
"""

import random
import re
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.services.joint_showing import (
    SHOWN_AT_MOST,
    joint_view_of,
    released_together,
    show_joint_view,
    switch_joint_view,
)
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.joint_tables import JointRelease, JointState, JointView
from goldseam_web.cases.models import Case, CaseKind, CaseTherapist, Encounter, MemberRole, TherapistPart
from goldseam_web.cases.services import NewMember
from goldseam_web.cases.services.doubles import merge_people
from goldseam_web.cases.services.safety_notes import note_safety
from goldseam_web.measures.own_word_tables import OwnWord
from goldseam_web.measures.services.joint_releases import release_up_to, take_release_back
from goldseam_web.measures.services.own_words import choose_own_word, withdraw_own_word
from goldseam_web.measures.services.who_is_asked import (
    end_case,
    member_joins,
    member_left,
    pause_member,
    record_agreement,
)
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words
from tests.web.state_walk import steps_outside, steps_walked, watch_steps
from tests.web.test_own_course import asked, bare

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
WORDS = {"Lea": "copper kettle", "Tomas": "seven herons"}
GIVEN = {"Lea": (4, 6, 8), "Tomas": (9, 7, 5)}


@pytest.fixture
@kept
def rated(cast, now):
    """Three sessions that both rated, each with a word of their own, and both have been seen alone."""
    for k, weeks in enumerate((2, 1, 0)):
        meeting = people.meet(cast.couple, cast.ines, now - weeks * WEEK - 2 * HOUR)
        for name, levels in GIVEN.items():
            occasion = people.asked(meeting, people.member(cast.couple, name))
            people.answer(occasion, meeting.ends_at + timedelta(minutes=9), level=levels[k])
    for name, word in WORDS.items():
        choose_own_word(member=people.member(cast.couple, name), word=word, at=now - HOUR, actor=SYSTEM)
    people.seen_alone(cast.couple, cast.ines, now)
    return cast


def link_of(case, name):
    who = people.member(case, name)
    latest = Encounter.objects.filter(case=case, occasions__respondent=who).latest("starts_at")
    return people.asked(latest, who)


def opened(case, name, browser=None):
    """Their own page, by their word."""
    return asked(link_of(case, name), WORDS[name], browser)


def proof(page):
    return re.search(r'name="mine" value="([^"]*)"', page.content.decode()).group(1)


def says(case, name, answer, browser=None):
    """Open their own page and say yes, or take it back."""
    browser = browser or Client()
    form = {"mine": proof(opened(case, name, browser)), "together": answer}
    return browser.post(f"{people.link(link_of(case, name))}own/", form)


def url(case):
    return reverse("dashboard:joint_view", args=[case.pk])


def switched_on(cast, now):
    switch_joint_view(viewer=viewer_of(cast.ines.user, at=now), case=cast.couple, on=True, at=now)


def mark_of(page):
    return re.search(r'name="mark" value="([^"]*)"', page.content.decode()).group(1)


def both(cast):
    for name in WORDS:
        says(cast.couple, name, "yes")


def shown_in(staff, case):
    """Looked at and shown, in a browser of theirs."""
    browser = signed_in(staff)
    browser.post(url(case), {"act": "on"})
    browser.post(url(case), {"act": "show", "mark": mark_of(browser.get(url(case)))})
    return browser


class TestReleasing:
    def test_it_is_said_and_taken_back_behind_the_own_word(self, rated):
        page = opened(rated.couple, "Lea")
        assert "No yes of yours stands now." in words(page)
        said = says(rated.couple, "Lea", "yes")
        assert "You have said yes, up to the session of" in words(said)
        assert said.headers["Clear-Site-Data"] == '"cache"'
        assert "You have said yes, up to the session of" in words(opened(rated.couple, "Lea"))
        assert JointRelease.objects.count() == 1
        assert "No yes of yours stands now." in words(says(rated.couple, "Lea", "no"))
        assert not JointRelease.objects.exists()

    def test_taken_back_at_once_on_the_page_that_follows(self, rated):
        browser = Client()
        form = {"mine": proof(says(rated.couple, "Lea", "yes", browser)), "together": "no"}
        assert "No yes of yours stands now." in words(
            browser.post(f"{people.link(link_of(rated.couple, 'Lea'))}own/", form)
        )
        assert not JointRelease.objects.exists()

    def test_a_form_does_one_thing_once_and_nothing_of_another_member(self, rated):
        browser, page = Client(), opened(rated.couple, "Lea")
        hers, his = (f"{people.link(link_of(rated.couple, name))}own/" for name in WORDS)
        for address, form in (
            (his, {"mine": proof(page), "together": "yes"}),
            (hers, {"mine": "x", "together": "yes"}),
            (hers, {"mine": proof(page), "together": "perhaps"}),
        ):
            assert "There is nothing to show." in words(browser.post(address, form))
        assert not JointRelease.objects.exists()
        browser.post(hers, {"mine": proof(page), "together": "yes"})
        JointRelease.objects.all().delete()
        again = browser.post(hers, {"mine": proof(page), "together": "yes"})
        assert again.content == browser.post(hers, {"mine": "x"}).content
        assert not JointRelease.objects.exists()

    def test_it_ends_with_a_new_word_and_with_a_later_opening(self, rated, now):
        lea = people.member(rated.couple, "Lea")
        first = opened(rated.couple, "Lea")
        opened(rated.couple, "Lea")
        address = f"{people.link(link_of(rated.couple, 'Lea'))}own/"
        assert "There is nothing to show." in words(
            Client().post(address, {"mine": proof(first), "together": "yes"})
        )
        page = opened(rated.couple, "Lea")
        choose_own_word(member=lea, word="another word", at=now + HOUR, actor=SYSTEM)
        assert "There is nothing to show." in words(
            Client().post(address, {"mine": proof(page), "together": "yes"})
        )
        assert not JointRelease.objects.exists()

    def test_the_control_is_only_behind_the_right_word_and_where_there_is_something(self, rated, now):
        assert b"mine" not in asked(link_of(rated.couple, "Lea"), "not her word").content
        ruth = people.member(rated.individual, "Ruth")
        occasion = people.asked(people.meet(rated.individual, rated.ines, now - HOUR), ruth)
        people.answer(occasion, now, level=7)
        choose_own_word(member=ruth, word="copper kettle", at=now, actor=SYSTEM)
        page = asked(occasion, "copper kettle")
        assert "of 10" in words(page)
        assert b"mine" not in page.content, "nobody would look at it with her"

    def test_without_a_word_nobody_could_take_it_back_so_it_goes_with_it(self, rated, now):
        both(rated)
        lea, tomas = (people.member(rated.couple, name) for name in WORDS)
        withdraw_own_word(member=lea, at=now, actor=SYSTEM)
        assert [one.member for one in JointRelease.objects.all()] == [tomas]
        choose_own_word(member=tomas, word="another word", at=now, actor=SYSTEM)
        assert JointRelease.objects.count() == 1, "his new word takes it back"


class TestOpening:
    def test_it_is_looked_at_alone_then_shown_and_closed(self, rated):
        both(rated)
        browser = signed_in(rated.ines)
        assert "It is off." in words(browser.get(url(rated.couple)))
        browser.post(url(rated.couple), {"act": "on"})
        look = browser.get(url(rated.couple))
        assert "Only you see it now." in words(look)
        browser.post(url(rated.couple), {"act": "show", "mark": mark_of(look)})
        page = browser.get(url(rated.couple))
        assert "Lea and Tomas, together" in words(page)
        assert "Caseload" not in words(page)
        browser.post(url(rated.couple), {"act": "close"})
        assert JointView.objects.get().state == JointState.OFF
        assert not JointRelease.objects.exists()
        assert "It is off." in words(browser.get(url(rated.couple)))

    def test_what_is_shown_are_the_ratings_of_both_by_first_name_and_nothing_else(self, rated):
        """Self–therapist and group as given: Lea 4, 6, 8 and Tomas 9, 7, 5, from the first month to the last."""
        both(rated)
        response = shown_in(rated.ines, rated.couple).get(url(rated.couple))
        page = response.context["page"]
        assert [card.title for card in page.cards] == [
            "Each of you and Ines",
            "All of you and Ines, as each of you sees it",
        ]
        for card in page.cards:
            assert [row.values for row in card.rows] == [("4.0", "9.0"), ("6.0", "7.0"), ("8.0", "5.0")]
            assert re.match(r"Lea gave 4\.0 .* 8\.0 .*\. Tomas gave 9\.0 .* 5\.0 ", card.label)
        said = words(response)
        assert not re.search(r"Brandt|limit|band|strain|usual|session|openly|alert", said, re.IGNORECASE)

    @pytest.mark.parametrize("who", WORDS)
    def test_one_of_them_is_not_enough_and_which_is_not_told(self, rated, now, who):
        switched_on(rated, now)
        page = signed_in(rated.ines).get(url(rated.couple))
        nobody = without_marks(page)
        says(rated.couple, who, "yes")
        assert without_marks(signed_in(rated.ines).get(url(rated.couple))) == nobody
        assert "It is on, and opens once each of them has released something" in words(page)

    @pytest.mark.parametrize("spoken", ["no", "not_yet"])
    def test_held_while_one_of_them_is_still_to_be_seen_alone(self, rated, now, spoken):
        both(rated)
        switched_on(rated, now)
        look = signed_in(rated.ines).get(url(rated.couple))
        note(rated, "Tomas", spoken, now)
        page = signed_in(rated.ines).get(url(rated.couple))
        assert "Kept until each has been seen alone." in words(page)
        assert not page.context["page"].look
        refused(rated, now, mark_of(look))

    def test_a_low_answer_to_speaking_openly_holds_it_too(self, rated, now):
        both(rated)
        switched_on(rated, now)
        mark = released_together(viewer_of(rated.ines.user, at=now), rated.couple).mark
        meeting = people.meet(rated.couple, rated.ines, now - timedelta(minutes=5))
        lea = people.member(rated.couple, "Lea")
        people.answer(people.asked(meeting, lea), now + timedelta(minutes=1), 8.0, {"within_safety": 2})
        refused(rated, now, mark)

    def test_switched_off_nothing_opens(self, rated, now):
        both(rated)
        page = signed_in(rated.ines).get(url(rated.couple))
        assert not page.context["page"].look
        mark = released_together(viewer_of(rated.ines.user, at=now), rated.couple).mark
        refused(rated, now, mark)

    def test_what_was_looked_at_is_what_is_shown(self, rated, now):
        """Taken back and released again between the look and the button, by the same person: look again."""
        both(rated)
        switched_on(rated, now)
        browser = signed_in(rated.ines)
        mark = mark_of(browser.get(url(rated.couple)))
        says(rated.couple, "Tomas", "no")
        says(rated.couple, "Tomas", "yes")
        said = browser.post(url(rated.couple), {"act": "show", "mark": mark})
        assert said.status_code == 409
        assert "It is no longer what you looked at; look once more." in words(said)
        assert JointView.objects.get().state == JointState.ON

    def test_a_double_click_shows_it_once(self, rated, now):
        both(rated)
        switched_on(rated, now)
        browser = signed_in(rated.ines)
        mark = mark_of(browser.get(url(rated.couple)))
        for _ in range(2):
            browser.post(url(rated.couple), {"act": "show", "mark": mark})
        assert "together" in words(browser.get(url(rated.couple)))
        assert AuditEntry.objects.filter(action="joint_view.show").count() == 1

    def test_once_shown_it_cannot_be_taken_back_and_the_next_time_asks_anew(self, rated):
        both(rated)
        browser = shown_in(rated.ines, rated.couple)
        assert "No yes of yours stands now." in words(says(rated.couple, "Tomas", "no"))
        assert "Lea and Tomas, together" in words(browser.get(url(rated.couple)))
        says(rated.couple, "Tomas", "yes")
        browser.post(url(rated.couple), {"act": "close"})
        browser.post(url(rated.couple), {"act": "on"})
        assert not browser.get(url(rated.couple)).context["page"].look, "Lea has not said yes again"
        says(rated.couple, "Lea", "yes")
        assert browser.get(url(rated.couple)).context["page"].look

    def test_only_sessions_that_all_rated_up_to_the_earliest_release(self, rated, now):
        """Lea releases after three sessions; a fourth is rated by both, and released by Tomas alone."""
        says(rated.couple, "Lea", "yes")
        tomas = people.member(rated.couple, "Tomas")
        meeting = people.meet(rated.couple, rated.ines, now - timedelta(minutes=30))
        for name, level in (("Lea", 1), ("Tomas", 2)):
            occasion = people.asked(meeting, people.member(rated.couple, name))
            people.answer(occasion, now - timedelta(minutes=10), level=level)
        says(rated.couple, "Tomas", "yes")
        together = released_together(viewer_of(rated.ines.user, at=now), rated.couple)
        assert [one.values[tomas.pk] for one in together.ratings] == [(9.0, 7.0, 5.0)] * 2
        # Moved before the third, the fourth lies among what both released; Lea rated it after her yes, so it stays out.
        # What Tomas released ends with it now, wherever it lies: the third is out as well.
        Encounter.objects.filter(pk=meeting.pk).update(starts_at=now - 3 * DAY, ends_at=now - 3 * DAY + HOUR)
        JointRelease.objects.filter(member__position=1).update(at=now - timedelta(minutes=20))
        together = released_together(viewer_of(rated.ines.user, at=now), rated.couple)
        assert [one.values[tomas.pk] for one in together.ratings] == [(9.0, 7.0)] * 2

    def test_a_session_that_one_did_not_rate_leaves_no_gap(self, rated, now):
        meeting = people.meet(rated.couple, rated.ines, now - 3 * DAY)
        people.answer(
            people.asked(meeting, people.member(rated.couple, "Lea")), meeting.ends_at + HOUR, level=1
        )
        both(rated)
        page = shown_in(rated.ines, rated.couple).get(url(rated.couple)).context["page"]
        for card in page.cards:
            assert [row.values for row in card.rows] == [("4.0", "9.0"), ("6.0", "7.0"), ("8.0", "5.0")]
            assert not re.search(r"\d+ (November|October)|session", card.label), "no day that could be missed"


def refused(cast, now, mark):
    with pytest.raises(ValidationError):
        show_joint_view(viewer=viewer_of(cast.ines.user, at=now), case=cast.couple, mark=mark, at=now)
    assert not JointRelease.objects.filter(shown=True).exists()


def note(cast, name, spoken, now):
    note_safety(
        viewer=viewer_of(cast.ines.user, at=now),
        member=people.member(cast.couple, name),
        seen_on=local_day(cast.clinic, now),
        spoken=spoken,
        at=now,
    )


MADE_ANEW = re.compile(
    rb'name="(shown|mine|csrfmiddlewaretoken|form_key)" value="[^"]*"|nonce[-="]+[^"\' ]*|data-counter="\d+"'
)


def without_marks(page):
    return page.status_code, MADE_ANEW.sub(b"", page.content)


class TestOnScreen:
    def test_it_stays_in_the_room_on_that_very_screen_and_nowhere_else(self, rated, now):
        people.meet(rated.couple, rated.ines, now + HOUR)
        both(rated)
        browser = shown_in(rated.ines, rated.couple)
        other = signed_in(rated.ines)
        browser.post("/room-view/", {"alone": "no"})
        assert "Lea and Tomas, together" in words(browser.get(url(rated.couple)))
        assert "This page stays closed" in words(other.get(url(rated.couple)))
        for act in ("on", "off", "show", "close", ""):
            assert "This page stays closed" in words(other.post(url(rated.couple), {"act": act}))
        assert JointView.objects.get().state == JointState.SHOWN
        browser.post(url(rated.couple), {"act": "close"})
        assert "This page stays closed" in words(browser.get(url(rated.couple)))

    def test_a_colleague_of_the_same_case_sees_that_it_was_shown_and_no_picture(self, rated, now):
        CaseTherapist.objects.create(
            clinic=rated.clinic,
            case=rated.couple,
            therapist=rated.colleague,
            part=TherapistPart.CO_THERAPIST,
            starts_on=rated.couple.opened_on,
        )
        both(rated)
        shown_in(rated.ines, rated.couple)
        page = signed_in(rated.colleague).get(url(rated.couple))
        assert "It was shown today at" in words(page)
        assert "gave 4.0" not in page.content.decode()

    def test_it_is_over_after_three_hours_and_when_somebody_is_to_be_seen_alone(self, rated, now):
        both(rated)
        browser = shown_in(rated.ines, rated.couple)
        note(rated, "Lea", "no", now)
        assert "gave 4.0" not in browser.get(url(rated.couple)).content.decode()
        note(rated, "Lea", "yes", now)
        assert "gave 4.0" in browser.get(url(rated.couple)).content.decode()
        earlier = JointView.objects.get().shown_at - SHOWN_AT_MOST
        JointView.objects.update(shown_at=earlier)
        session = browser.session
        session["joint_view"] = f"{JointView.objects.get().pk} {earlier.isoformat()}"
        session.save()
        assert "gave 4.0" not in browser.get(url(rated.couple)).content.decode()

    @pytest.mark.parametrize("act", ["GET", "POST"])
    def test_nobody_else_has_it(self, rated, now, act):
        both(rated)
        shown_in(rated.ines, rated.couple)
        for staff in (
            rated.supervisor,
            rated.colleague,
            rated.administrator,
            rated.stranger,
            rated.researcher,
        ):
            response = signed_in(staff).generic(act, url(rated.couple))
            assert response.status_code == 404
        assert signed_in(rated.ines).get(url(rated.individual)).status_code == 404


class TestWhoLooksHasChanged:
    def test_when_the_case_ends(self, rated, now):
        both(rated)
        browser = shown_in(rated.ines, rated.couple)
        says(rated.couple, "Lea", "yes")
        end_case(case=rated.couple, ending="planned", at=now, actor=SYSTEM)
        assert not JointRelease.objects.exists()
        assert JointView.objects.get().state == JointState.OFF
        assert "gave 4.0" not in browser.get(url(rated.couple)).content.decode()

    def test_when_a_member_leaves_and_when_they_come_back(self, rated, now):
        """His is gone, and hers is not in force; her own page tells her nothing of it."""
        both(rated)
        browser = shown_in(rated.ines, rated.couple)
        both(rated)
        before = bare(opened(rated.couple, "Lea"))
        tomas = people.member(rated.couple, "Tomas")
        member_left(member=tomas, left=True, at=now, actor=SYSTEM)
        assert "gave 4.0" not in browser.get(url(rated.couple)).content.decode()
        session = rated.couple.encounters.latest("starts_at")
        assert not release_up_to(member=tomas, session_id=session.pk, opened_at=now, at=now), (
            "he looks at nothing"
        )
        assert [(str(one.member), one.shown) for one in JointRelease.objects.all()] == [("partner 1", False)]
        switched_on(rated, now)
        assert not released_together(viewer_of(rated.ines.user, at=now), rated.couple).mark
        assert bare(opened(rated.couple, "Lea")) == before
        member_left(member=tomas, left=False, at=now, actor=SYSTEM)
        assert JointRelease.objects.count() == 1
        assert JointView.objects.get().state == JointState.OFF

    def test_when_somebody_joins(self, cast, now):
        """Three have said yes to looking at it with each other; with a fourth they say it again."""
        meeting = people.meet(cast.family, cast.ines, now - HOUR)
        three = list(cast.family.members.all())
        for who in three:
            people.answer(people.asked(meeting, who), now - timedelta(minutes=9))
            JointRelease.objects.create(
                clinic=cast.clinic,
                member=who,
                up_to=meeting,
                at=now,
                with_members=sorted(str(one.pk) for one in three),
            )
        people.seen_alone(cast.family, cast.ines, now)
        viewer = viewer_of(cast.ines.user, at=now)
        assert released_together(viewer, cast.family).mark
        joins = NewMember("Elin", "Lindqvist", MemberRole.OTHER, email="elin@example.org")
        member_joins(case=cast.family, member=joins, at=now, actor=SYSTEM, member_id=uuid.uuid4())
        people.seen_alone(cast.family, cast.ines, now)
        assert not released_together(viewer, Case.objects.get(pk=cast.family.pk)).mark
        assert JointRelease.objects.count() == 3

    def test_a_child_too_young_to_be_asked_has_nothing_to_release_and_is_seen_alone_like_all(self, ines, now):
        members = (
            *people.FAMILY,
            NewMember("Ola", "Lindqvist", MemberRole.CHILD, birth_year=str(now.year - 8)),
        )
        case = people.case(ines, CaseKind.FAMILY, members, now)
        meeting, everybody = people.meet(case, ines, now - HOUR), list(case.members.all())
        for who in everybody[:3]:
            people.answer(people.asked(meeting, who), now - timedelta(minutes=9))
            JointRelease.objects.create(
                clinic=ines.clinic,
                member=who,
                up_to=meeting,
                at=now,
                with_members=sorted(str(one.pk) for one in everybody),
            )
        viewer = viewer_of(ines.user, at=now)
        assert released_together(viewer, case).held
        people.seen_alone(case, ines, now)
        found = released_together(viewer, Case.objects.get(pk=case.pk))
        assert found.mark
        assert list(found.members) == everybody[:3]

    def test_who_pauses_or_wants_to_be_asked_no_more_has_released_nothing(self, rated, now):
        both(rated)
        pause_member(member=people.member(rated.couple, "Lea"), paused=True, at=now, actor=SYSTEM)
        tomas = people.member(rated.couple, "Tomas")
        assert [one.member for one in JointRelease.objects.all()] == [tomas]
        record_agreement(member=tomas, to_be_asked=False, way="phone", at=now, actor=SYSTEM)
        assert not JointRelease.objects.exists()

    def test_who_turns_out_to_be_one_person_keeps_it_in_that_case_alone(self, rated, now):
        """A release is of a place in a case, which goes over with its answers."""
        says(rated.couple, "Lea", "yes")
        people.seen_alone(rated.couple, rated.ines, now)
        before = JointRelease.objects.get()
        viewer = viewer_of(rated.ines.user, at=now)
        ruth, lea = people.member(rated.individual, "Ruth"), people.member(rated.couple, "Lea")
        merge_people(viewer=viewer, member=lea, other=ruth, at=now)
        assert JointRelease.objects.get() == before


# --- the wall ---------------------------------------------------------------------------------------

STATES = ("not asked", "answered no", "not released", "taken back", "switched off")


def bring(cast, state, now):
    """What Tomas, or whoever treats them, has done by then. Lea has released; whatever she sees is the same."""
    if state == "answered no":
        note(cast, "Tomas", "no", now)
    switched_on(cast, now)
    if state == "taken back":
        says(cast.couple, "Tomas", "yes")
        says(cast.couple, "Tomas", "no")
    if state == "switched off":
        says(cast.couple, "Tomas", "yes")
        switch_joint_view(viewer=viewer_of(cast.ines.user, at=now), case=cast.couple, on=False, at=now)


def seen_by_others(cast, room, card):
    """All that Lea can open, what is written to anybody, and the screen all look at in the room."""
    hers = people.link(link_of(cast.couple, "Lea"))
    pages = [
        Client().get(hers + rest)
        for rest in ("", "1/", "all/", "privacy/", "speak/", "later/", "done/", "own/")
    ]
    pages += [Client().get(f"/c/card/{card}/{rest}") for rest in ("", "help/", "speak/")]
    pages += [opened(cast.couple, "Lea"), asked(link_of(cast.couple, "Lea"), "not her word")]
    browser = Client()
    form = {"mine": proof(opened(cast.couple, "Lea", browser)), "together": "yes"}
    pages.append(browser.post(f"{hers}own/", form))
    room.post("/room-view/", {"alone": "no"})
    addresses = ["/", "/alerts/", url(cast.couple), reverse("dashboard:case", args=[cast.couple.pk])]
    addresses += [
        reverse(f"dashboard:{name}", args=[cast.couple.pk])
        for name in ("relations", "single_time", "appointments")
    ]
    pages += [room.get(address) for address in addresses]
    counters = [re.search(rb'data-counter="\d+"', page.content) for page in pages]
    return (
        [without_marks(page) for page in pages],
        [found and found[0] for found in counters],
        list(Message.objects.values_list("purpose", flat=True)),
    )


def test_five_states_are_one_to_everybody_else(rated, now):
    """Byte for byte, in one history after another from the same beginning.

    The change counter of the staff's pages is as it was, too: who looks at an open page in the room sees it move.
    """
    seen, card = {}, people.card_given_to(people.member(rated.couple, "Lea"), rated.ines, now)
    for state in STATES:
        with transaction.atomic():
            if state == "not asked":
                people.member(rated.couple, "Tomas").safety_notes.all().delete()
            room = signed_in(rated.ines)
            says(rated.couple, "Lea", "yes")
            bring(rated, state, now)
            seen[state] = seen_by_others(rated, room, card)
            transaction.set_rollback(True)
    first = seen["not released"]
    assert [status for status, _ in first[0]].count(200) >= 15, "there is something to compare"
    for state in STATES:
        assert seen[state][0] == first[0], state
        assert seen[state][2] == first[2], state
    assert len({tuple(one[1]) for state, one in seen.items() if state != "answered no"}) == 1


def test_statement_for_statement_too(rated, now):
    """What Lea's pages ask of the database is the same whatever he has done."""

    def work():
        with CaptureQueriesContext(connection) as queries:
            opened(rated.couple, "Lea")
        return [re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"]) for query in queries]

    before = work()
    switched_on(rated, now)
    says(rated.couple, "Tomas", "yes")
    assert work() == before
    says(rated.couple, "Tomas", "no")
    assert work() == before


def test_no_record_tells_a_release_from_looking(rated):
    """The audit holds that each opened their own page; saying yes and taking it back add nothing to it."""
    opened(rated.couple, "Tomas")
    opened(rated.couple, "Tomas")
    looked = list(AuditEntry.objects.order_by("pk").values_list("action", "object_id", "details"))[-2:]
    count = AuditEntry.objects.count()
    says(rated.couple, "Tomas", "yes")
    says(rated.couple, "Tomas", "no")
    assert (
        list(AuditEntry.objects.order_by("pk").values_list("action", "object_id", "details"))[count:]
        == looked
    )


def test_the_room_names_it_on_no_page(rated, now):
    both(rated)
    room = shown_in(rated.ines, rated.couple)
    room.post("/room-view/", {"alone": "no"})
    for address in ("/", reverse("dashboard:case", args=[rated.couple.pk])):
        assert "joint" not in room.get(address).content.decode().lower()


# --- by lot -----------------------------------------------------------------------------------------

ACTS = {"on": 4, "off": 1, "show": 5, "yes": 8, "no": 1, "safety": 1, "safe": 4, "leave": 1, "back": 4}


class Rule:
    """What must hold, from the acts alone. A yes is to everybody who took part when it was said."""

    def __init__(self):
        self.state, self.present = "off", set(WORDS)
        self.yes, self.safe = {}, dict.fromkeys(WORDS, True)

    def may_show(self):
        in_force = all(self.yes.get(name) == self.present for name in self.present)
        return self.state == "on" and in_force and all(self.safe[name] for name in self.present)

    def does(self, act, name):
        if act == "off" or (act == "on" and self.state == "off"):
            self.state = act
        elif act == "yes":
            self.yes[name] = set(self.present)
        elif act == "no":
            self.yes.pop(name, None)
        elif act in ("safety", "safe"):
            self.safe[name] = act == "safe"
        elif act in ("leave", "back"):
            self.state = "off"
            self.yes.pop(name, None)
            (self.present.discard if act == "leave" else self.present.add)(name)
        elif act == "show" and self.may_show():
            self.state, self.yes = (
                "shown",
                {one: with_ for one, with_ in self.yes.items() if one not in self.present},
            )


@pytest.mark.parametrize("seed", [1])
def test_lived_through_by_lot_it_is_never_shown_without_everybodys_release_in_force(rated, now, seed):
    """Acts of all of them in any order, held against a rule of a few lines that asks nothing of the application.

    The database itself writes down each step of the state.
    """
    watch_steps()
    chance, rule, shown = random.Random(seed), Rule(), 0
    for step in range(120):
        at = now + timedelta(seconds=step)
        act, name = chance.choices(list(ACTS), list(ACTS.values()))[0], chance.choice(list(WORDS))
        if not possible(rule, act, name):
            continue
        may, before = rule.may_show(), rule.state
        shows = do(rated, act, name, at)
        assert act != "show" or shows == (may or before == "shown")
        shown += act == "show" and may
        rule.does(act, name)
        assert joint_view_of(Case.objects.get(pk=rated.couple.pk)).state == rule.state
        kept_now = JointRelease.objects.filter(shown=False).values_list("member", flat=True)
        assert set(kept_now) == {people.member(rated.couple, one).pk for one in rule.yes}
        assert JointRelease.objects.filter(shown=True).exists() == (rule.state == "shown")
    assert shown > 0
    assert steps_outside(steps_walked()) == []


def possible(rule, act, name):
    """One of them leaves at a time, and who has left does nothing but come back."""
    if act == "back":
        return name not in rule.present
    if act == "leave":
        return len(rule.present) == len(WORDS)
    return act in ("on", "off", "show") or name in rule.present


def do(cast, act, name, at):
    """Whether it is shown after an act that shows it."""
    case, viewer, who = cast.couple, viewer_of(cast.ines.user, at=at), people.member(cast.couple, name)
    if act in ("on", "off"):
        switch_joint_view(viewer=viewer, case=case, on=act == "on", at=at)
    elif act in ("yes", "no"):
        release(case, who, act, at)
    elif act in ("safety", "safe"):
        note(cast, name, "yes" if act == "safe" else "not_yet", at)
    elif act in ("leave", "back"):
        member_left(member=who, left=act == "leave", at=at, actor=SYSTEM)
    else:
        fresh = Case.objects.get(pk=case.pk)
        try:
            show_joint_view(viewer=viewer, case=case, mark=released_together(viewer, fresh).mark, at=at)
        except ValidationError:
            return False
    return act == "show"


def release(case, who, answer, at):
    OwnWord.objects.filter(member=who).update(
        form_shown_at=at - timedelta(microseconds=1)
    )  # opened by their word
    session = case.encounters.latest("starts_at")
    if answer == "yes":
        assert release_up_to(member=who, session_id=session.pk, opened_at=at, at=at)
    else:
        assert take_release_back(member=who, opened_at=at)
