"""Who rates whom: a picture, sentences and tables that say the same, for those alone who may open the case.

Expected figures are worked out by hand in each test. How far chance takes two members is 1.96 times their own SD of .9
points (the shipped norms) times the square root of 2 (1 + 1/k), with k earlier sessions that both rated.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from goldseam_web.accounts.models import Staff
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from goldseam_web.measures.models import Response, Score, Series
from goldseam_web.measures.services import close_unanswered
from goldseam_web.measures.services.who_is_asked import pause_member
from tests.web import people
from tests.web.histories import judge, rate, sessions
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db


def page_of(case, staff, *, alone=True):
    return signed_in(staff, alone=alone).get(reverse("dashboard:relations", args=[case.id]))


def rated(case, therapist, now, *levels_of_members):
    """One list of levels a member, in the members' order; None leaves the session unanswered."""
    held = sessions(case, therapist, len(levels_of_members[0]), now)
    for member, levels in zip(case.members.order_by("position"), levels_of_members, strict=True):
        for encounter, level in zip(held, levels, strict=True):
            if level is not None:
                rate(encounter, member, level)
    skip_guess(held[-1], therapist)
    return held


def skip_guess(encounter, therapist):
    signed_in(therapist).post(reverse("dashboard:guess", args=[encounter.id]), {"skip": "yes"})


class TestDistance:
    def test_more_than_chance_is_told_first_with_both_views_and_their_numbers(self, cast, now):
        # Alike before; 5 apart now. Chance reaches to 1.96 x .9 x sqrt(2 (1 + 1/4)) = 2.8.
        rated(cast.couple, cast.ines, now, (8, 8, 8, 8, 8), (8, 8, 8, 8, 3))
        page = words(page_of(cast.couple, cast.ines))
        assert (
            "About session 5 they see the work with you more differently than before: Lea 8.0, Tomas 3.0."
            in page
        )
        assert (
            "Lea 8.0, Tomas 3.0: 5.0 apart in session 5. In the sessions before, they were alike on average: "
            "they are further apart now, by more than chance." in page
        )

    def test_within_chance_it_is_no_news(self, cast, now):
        rated(cast.couple, cast.ines, now, (8, 8, 8, 8, 8), (8, 8, 8, 8, 6))  # 2.0 of 2.8
        page = words(page_of(cast.couple, cast.ines))
        assert "The work with you, about session 5: Lea 8.0, Tomas 6.0." in page
        assert "the difference is within chance." in page
        assert "more differently" not in page

    def test_how_two_usually_differ_is_no_news(self, cast, now):
        # Apart by 4, 4, 3, 4 before: 3.75 on average.
        rated(cast.couple, cast.ines, now, (9, 9, 9, 9, 9), (5, 5, 6, 5, 5))
        page = words(page_of(cast.couple, cast.ines))
        assert (
            "In the sessions before, Lea was higher by 3.8 on average: the difference is within chance."
            in page
        )
        # Mean of 4, 4, 3, 4, 4 = 3.8, SD .447; t(4) .975 = 2.776: 3.8 +- 2.776 x .447 / sqrt(5) = 3.2 to 4.4.
        assert "Over all sessions Lea rates it higher than Tomas, by 3.8 points (interval 3.2 to 4.4)" in page

    def test_closer_than_before_is_no_news_of_difference(self, cast, now):
        """A change of the signed difference beyond chance that leaves them no further apart."""
        rated(cast.couple, cast.ines, now, (9, 9, 9, 9, 7), (5, 5, 5, 5, 7))
        response = page_of(cast.couple, cast.ines)
        page = words(response)
        assert "The work with you, about session 5: Lea 7.0, Tomas 7.0." in page
        assert "Lea was higher by 4.0 on average: they are closer now, by more than chance." in page
        assert "more differently" not in page
        assert "pk-iron" not in response.content.decode()

    def test_turned_round_is_said_as_that(self, cast, now):
        rated(
            cast.couple, cast.ines, now, (8, 8, 8, 8, 6), (6, 6, 6, 6, 8)
        )  # 2 higher, then 2 lower: 4 of 2.8
        page = words(page_of(cast.couple, cast.ines))
        assert "Lea was higher by 2.0 on average: now it is the other way round, by more than chance." in page
        assert "more differently" not in page

    def test_an_interval_of_no_width_is_not_shown(self, cast, now):
        rated(cast.couple, cast.ines, now, (9, 9, 9, 9), (8, 8, 8, 8))
        assert "Over all sessions" not in words(page_of(cast.couple, cast.ines))

    def test_nothing_is_explained_that_is_not_drawn(self, cast, now):
        rated(cast.couple, cast.ines, now, (8,), (2,))
        page = words(page_of(cast.couple, cast.ines))
        assert "Dashed" not in page
        assert "Shaded" not in page

    def test_until_there_are_three_earlier_sessions_nothing_is_usual(self, cast, now):
        rated(cast.couple, cast.ines, now, (8, 8, 8), (8, 8, 2))
        page = words(page_of(cast.couple, cast.ines))
        assert (
            "What is usual for these two is known after three earlier sessions both rated; so far two."
            in page
        )
        assert "more than chance" not in page

    def test_mirrored_couples_get_mirrored_words(self, cast, now):
        rated(cast.couple, cast.ines, now, (8, 7, 8, 8, 8), (8, 8, 8, 8, 3))
        one = words(page_of(cast.couple, cast.ines))
        mirrored = people.couple(cast.ines, now)
        rated(mirrored, cast.ines, now, (8, 8, 8, 8, 3), (8, 7, 8, 8, 8))
        other = words(page_of(mirrored, cast.ines))
        first = re.search(r"In the sessions before, .*?chance\.", one).group()
        second = re.search(r"In the sessions before, .*?chance\.", other).group()
        assert first.replace("Lea", "X").replace("Tomas", "Lea").replace("X", "Tomas") == second
        assert "more than chance" in first

    def test_of_several_pairs_each_has_its_row_and_chance_is_shared(self, cast, now):
        """Three pairs are one table: each is judged at a third of one in twenty (2.39 instead of 1.96)."""
        case = people.case(
            cast.ines,
            CaseKind.FAMILY,
            [NewMember("Ada", "Vale"), NewMember("Bo", "Vale"), NewMember("Cy", "Vale")],
            now,
        )
        # 3.0 apart: beyond 1.96 x .9 x sqrt(2.5) = 2.8 of a couple, within 2.39 x .9 x sqrt(2.5) = 3.4 of three pairs.
        rated(case, cast.ines, now, (8, 8, 8, 8, 8), (8, 8, 8, 8, 8), (8, 8, 8, 8, 5))
        page = words(page_of(case, cast.ines))
        assert "the difference is within chance." in page
        assert page.count("Ada and Bo") == page.count("Ada and Cy") == page.count("Bo and Cy") == 1
        assert "any of these 3 pairs" in page


class TestWhatThereIs:
    def test_zero_is_a_rating_and_silence_is_none(self, cast, now):
        rated(cast.couple, cast.ines, now, (8, 0), (8, None))
        response = page_of(cast.couple, cast.ines)
        page = words(response)
        assert "The work with you, about session 2: Lea 0.0." in page
        assert "No rating of the work with you: can still be answered; 8.0 in session 1." in page
        html = response.content.decode()
        assert html.count('class="tie-none"') == 2  # Tomas, wide and narrow
        assert (
            html.count('class="tie-iron" stroke-width="1.5"') == 2
        )  # Lea's zero: the thinnest line there is

    def test_who_was_there_and_asked_twice_running_and_did_not_answer_is_told(self, cast, now):
        rated(cast.couple, cast.ines, now - timedelta(days=3), (8, 8, 8), (8, None, None))
        close_unanswered(at=now)
        page = words(page_of(cast.couple, cast.ines))
        assert "From Tomas there has been no rating since session 1." in page
        assert "No rating of the work with you: asked, not answered; 8.0 in session 1." in page

    def test_silence_is_not_said_of_who_answered_late_by_new_questions_rests_or_is_kept_back(self, cast, now):
        held = sessions(cast.couple, cast.ines, 4, now)
        lea, tomas = cast.couple.members.order_by("position")
        for encounter in held:
            rate(encounter, lea, 8)
            rate(encounter, tomas, 8)
        skip_guess(held[-1], cast.ines)
        Score.objects.filter(response__occasion__respondent=tomas).update(late=True)
        page = words(page_of(cast.couple, cast.ines))
        assert "late: shown, not compared" in page
        assert "From Tomas" not in page
        Score.objects.filter(response__occasion__respondent=tomas).update(late=False)
        Series.objects.filter(rater=lea).update(major=2)
        assert "From Tomas" not in words(page_of(cast.couple, cast.ines))
        Series.objects.filter(rater=lea).update(major=1)

    def test_whoever_rests_is_not_called_silent(self, cast, now):
        rated(cast.couple, cast.ines, now - timedelta(days=3), (8, 8, 8), (8, None, None))
        close_unanswered(at=now)
        pause_member(member=people.member(cast.couple, "Tomas"), paused=True, at=now, actor=SYSTEM)
        assert "From Tomas" not in words(page_of(cast.couple, cast.ines))

    def test_the_session_kept_back_is_not_called_unanswered(self, cast, now):
        held = sessions(cast.couple, cast.ines, 3, now)
        lea, tomas = cast.couple.members.order_by("position")
        for encounter in held:
            rate(encounter, lea, 8)
        rate(held[0], tomas, 8)
        rate(held[2], tomas, 8)
        page = words(page_of(cast.couple, cast.ines))
        assert "is kept back until your guess is made" in page
        assert "From Tomas" not in page
        assert "nobody has answered yet" not in page

    def test_what_is_asked_of_nobody_who_came_alone_is_called_not_asked(self, cast, now):
        tomas = people.member(cast.couple, "Tomas")
        held = people.meet(cast.couple, cast.ines, now - timedelta(hours=1), away=[tomas])
        people.answer(
            people.asked(held, people.member(cast.couple, "Lea")), held.ends_at + timedelta(minutes=10)
        )
        skip_guess(held, cast.ines)
        page = words(page_of(cast.couple, cast.ines))
        assert "can still be answered" not in page
        assert page.count("– not asked") >= 2
        assert "No rating of the work with you: away." in page

    def test_a_session_that_nobody_rated_in_full_is_not_the_one_shown(self, cast, now):
        held = sessions(cast.couple, cast.ines, 2, now)
        lea = people.member(cast.couple, "Lea")
        rate(held[0], lea, 8)
        rate(held[1], lea, 8, {"goal": None, "task": None})
        skip_guess(held[-1], cast.ines)
        assert "The work with you, about session 1: Lea 8.0." in words(page_of(cast.couple, cast.ines))

    def test_before_anything_was_rated_it_says_so(self, cast, now):
        assert "Nobody has rated anything yet." in words(page_of(cast.couple, cast.ines))
        sessions(cast.couple, cast.ines, 1, now)
        assert "Nobody has rated anything yet." in words(page_of(cast.couple, cast.ines))

    def test_what_they_rate_of_each_other_stands_apart_from_the_therapist(self, cast, now):
        [held] = sessions(cast.couple, cast.ines, 1, now)
        lea, tomas = cast.couple.members.order_by("position")
        rate(held, lea, 9, {"within_goal": 2.0, "within_safety": 3.0, "group_bond": 4.0, "other_bond": 7.0})
        rate(held, tomas, 9)
        skip_guess(held, cast.ines)
        page = words(page_of(cast.couple, cast.ines))
        assert "9.0 with you. The partner seems understood: 7. Fair to both: 4. With each other: 2.5." in page
        assert "Being here with each other: from 2.5 to 8.0." in page

    def test_answers_are_kept_back_until_the_therapists_guess(self, cast, now):
        held = sessions(cast.couple, cast.ines, 2, now)
        for encounter, level in zip(held, (8, 2), strict=True):
            for member in cast.couple.members.all():
                rate(encounter, member, level)
        page = words(page_of(cast.couple, cast.ines))
        assert "What was answered about session 2 is kept back until your guess is made" in page
        assert "about session 1: Lea 8.0, Tomas 8.0" in page
        assert "2.0" not in page

    def test_two_therapists_each_have_their_own_session(self, cast, now):
        people.treats_beside(cast.couple, cast.colleague, now, days=60)
        ends = [now - timedelta(hours=1) - timedelta(weeks=k) for k in (1, 0)]
        for ended_at, therapist, level in zip(ends, (cast.ines, cast.colleague), (9.0, 6.0), strict=True):
            held = people.meet(cast.couple, therapist, ended_at)
            for member in cast.couple.members.all():
                rate(held, member, level)
            skip_guess(held, therapist)
        response = page_of(cast.couple, cast.ines)
        page = words(response)
        assert "9.0 with you. 6.0 with Ben." in page
        assert "With you: 9.0. With Ben: 6.0." in page
        assert response.content.decode().count(">about session") == 4  # both circles, wide and narrow

    def test_a_family_of_eight_has_eight_seats(self, cast, now):
        names = ("Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal")
        case = people.case(cast.ines, CaseKind.FAMILY, [NewMember(n, "Vale") for n in names], now)
        rated(case, cast.ines, now, *([(8,)] * 8))
        html = page_of(case, cast.ines).content.decode()
        assert html.count('<rect class="seat"') == 16
        for name in names:
            assert f">{name}</text>" in html

    def test_a_facet_is_drawn_with_what_one_answer_makes_by_itself(self, cast, now):
        held = sessions(cast.couple, cast.ines, 4, now)
        lea = people.member(cast.couple, "Lea")
        for encounter in held:
            rate(encounter, lea, 8)
        skip_guess(held[-1], cast.ines)
        # Earlier answers 8, 8, 8; the SD of one answer is 1.2: 8 +- 1.96 x 1.2 x sqrt(1 + 1/3) = 5.3 to 10.7.
        html = page_of(cast.couple, cast.ines).content.decode()
        assert (
            "Lea, Speaking up: 4 answers, first 8, last 8. Answers like the earlier ones lie between 5.3 and 10.7"
            in html
        )


class TestWhoMayLook:
    def test_names_of_those_who_can_open_it_stand_on_it(self, cast, now):
        page = words(page_of(cast.couple, cast.ines))
        assert "Ines Okafor and Marta Lind can open this page today." in page

    def test_a_supervisor_reads_the_therapists_name(self, cast, now):
        rated(cast.couple, cast.ines, now, (8,), (8,))
        page = words(page_of(cast.couple, cast.supervisor))
        assert "The work with Ines, about session 1: Lea 8.0, Tomas 8.0." in page
        assert "with you" not in page

    def test_a_stranger_and_a_case_of_one_have_no_such_page(self, cast, now):
        assert page_of(cast.couple, cast.colleague).status_code == 404
        assert page_of(cast.individual, cast.ines).status_code == 404

    def test_it_stays_closed_while_a_client_may_see_the_screen(self, cast, now):
        rated(cast.couple, cast.ines, now, (8,), (2,))
        people.plan(cast.couple, cast.ines, now - timedelta(minutes=5), at=now - timedelta(hours=2))
        Staff.objects.filter(pk=cast.ines.pk).update(alone_since=None)
        page = words(page_of(cast.couple, cast.ines, alone=False))
        assert "Tomas" not in page
        assert "2.0" not in page
        assert not AuditEntry.objects.filter(action="case.relations").exists()

    def test_looking_is_on_record(self, cast, now):
        page_of(cast.couple, cast.ines)
        entry = AuditEntry.objects.get(action="case.relations")
        assert (entry.object_id, entry.actor_id) == (str(cast.couple.id), cast.ines.id)

    def test_where_an_install_only_records_nothing_is_judged(self, cast, now, settings):
        held = rated(cast.couple, cast.ines, now, (8, 8, 8, 8, 8), (8, 8, 8, 8, 3))
        judge(
            Response.objects.filter(
                occasion__encounter__in=held, occasion__respondent__isnull=False
            ).order_by("rated_at")
        )
        settings.GOLDSEAM_RECORD_ONLY = True
        response = page_of(cast.couple, cast.ines)
        page = words(response)
        assert "The work with you, about session 5: Lea 8.0, Tomas 3.0." in page
        for judged in ("chance", "differently", "Steady", "strain", "Shaded", "Rust"):
            assert judged not in page
        assert "tie-iron" not in response.content.decode()


def test_it_costs_as_much_for_many_sessions_as_for_few(cast, now):
    rated(cast.couple, cast.ines, now, (8, 8), (8, 8))
    client = signed_in(cast.ines)
    address = reverse("dashboard:relations", args=[cast.couple.id])
    few = queries(lambda: client.get(address))
    case = people.family(cast.ines, now)
    rated(case, cast.ines, now, *([(8,) * 12] * case.members.count()))
    client = signed_in(cast.ines)
    many = queries(lambda: client.get(reverse("dashboard:relations", args=[case.id])))
    assert many <= few
