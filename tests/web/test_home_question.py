"""Every fourth week everybody in a case is asked whether they settled something at home as they do here.

The days of the sessions alone decide when. What follows is counted by hand from the rule: the fifth session, and then
each that is four weeks or more after the last that asked.
"""

import random
import re
import uuid
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goldseam_web.accounts.models import Clinic, Phase, Staff
from goldseam_web.alerts.models import AlertSignal, Episode, Evaluation
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import NotHeld
from goldseam_web.cases.services import Reach
from goldseam_web.measures.home_calendar import asking_about_home, sessions_that_ask_about_home
from goldseam_web.measures.models import MeasureVersion, Occasion, Score, Series
from goldseam_web.measures.own_measures import (
    ALLIANCE_MEASURE,
    GIVES_WAY_TO_HOME,
    HOME_ITEM,
    HOME_MEASURE,
    PROGRESS_MEASURE,
)
from goldseam_web.measures.queries import questionnaire
from goldseam_web.measures.services.company import set_in_company
from goldseam_web.measures.services.home_questions import follow_home_calendars
from goldseam_web.measures.services.planned_sessions import cancel_sessions, move_sessions, restore_session
from tests.web import histories, people
from tests.web.staff_pages import signed_in, words
from tests.web.test_own_course import HER_WORD, asked, choose

DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(weeks=1)
FIRST = date(2026, 3, 2)


def asked_at(*days_after_the_first: int) -> list[int]:
    """The numbers of the sessions that ask, of sessions so many days after the first."""
    sessions = [(uuid.uuid4(), FIRST + days * DAY) for days in days_after_the_first]
    asks = sessions_that_ask_about_home(sessions)
    return [number for number, (session, _) in enumerate(sessions, start=1) if session in asks]


class TestTheCalendar:
    def test_weekly_sessions_ask_at_the_fifth_and_every_fourth_after_it(self):
        assert asked_at(*range(0, 7 * 20, 7)) == [5, 9, 13, 17]

    def test_every_two_weeks_every_second_session_asks(self):
        assert asked_at(*range(0, 14 * 10, 14)) == [5, 7, 9]

    def test_once_a_month_each_session_from_the_fifth_on_asks(self):
        assert asked_at(*range(0, 30 * 8, 30)) == [5, 6, 7, 8]

    def test_a_day_less_than_four_weeks_is_too_soon(self):
        assert asked_at(0, 7, 14, 21, 28, 55, 56) == [5, 7]

    def test_a_short_treatment_is_never_asked(self):
        assert asked_at(0, 7, 14, 21) == []


def keys(occasion: Occasion) -> list[str]:
    return [question.item.key for question in questionnaire(occasion, None).questions]


def asks_home(occasion: Occasion) -> bool:
    return HOME_ITEM in keys(occasion)


def weekly(case, ines, now, count=6, *, away_at_last=()):
    """Sessions that were held, the last of them an hour ago."""
    ends = [now - HOUR - (count - 1 - k) * WEEK for k in range(count)]
    held = [people.meet(case, ines, ended_at) for ended_at in ends[:-1]]
    return [*held, people.meet(case, ines, ends[-1], away=away_at_last)]


class TestTheForm:
    def test_a_couple_is_asked_in_place_of_the_view_of_the_partner_and_never_more_than_twelve(
        self, ines, now
    ):
        case = people.couple(ines, now)
        held = weekly(case, ines, now)
        for who in case.members.all():
            forms = [keys(people.asked(one, who)) for one in held]
            with_home = [HOME_ITEM in form for form in forms]
            assert with_home == [False, False, False, False, True, False]
            assert [GIVES_WAY_TO_HOME not in form for form in forms] == with_home
            assert forms[4][-1] == HOME_ITEM, "nothing comes otherwise than usual before what is compared"
            before = keys(people.asked(held[4], who, Phase.PRE))
            asked = [q.item for q in questionnaire(people.asked(held[4], who), None).questions]
            assert len(before) + sum(item.shown_after is None for item in asked) == 12

    def test_who_comes_alone_has_it_beside_all_else(self, ines, now):
        case = people.individual(ines, now)
        [fifth] = weekly(case, ines, now, 5)[4:]
        ruth = case.members.get()
        assert keys(people.asked(fifth, ruth)) == [
            *("goal", "task", "bond", "safety", "tension", "worked_out"),
            HOME_ITEM,
        ]

    def test_a_partner_who_was_seen_alone_has_a_place_free_and_is_asked_about_the_other_too(self, ines, now):
        case = people.couple(ines, now)
        lea, tomas = people.member(case, "Lea"), people.member(case, "Tomas")
        alone = weekly(case, ines, now, 5, away_at_last=[tomas])[-1]
        assert keys(people.asked(alone, lea)) == [
            *("goal", "task", "bond", "safety", GIVES_WAY_TO_HOME, "tension", "worked_out"),
            HOME_ITEM,
        ]

    def test_where_all_is_asked_before_the_session_it_comes_last_there(self, ines, now):
        Clinic.objects.update(alliance_phase=Phase.PRE)
        ines.clinic.refresh_from_db()
        case = people.couple(ines, now)
        held = weekly(case, ines, now)
        lea = people.member(case, "Lea")
        links = people.asked(held[4], lea, Phase.PRE).measure_links.select_related("measure_version")
        measures = [one.measure_version.key for one in links]
        assert measures == [ALLIANCE_MEASURE, PROGRESS_MEASURE, HOME_MEASURE]
        shown = [q.item for q in questionnaire(people.asked(held[4], lea, Phase.PRE), None).questions]
        assert sum(item.shown_after is None for item in shown) == 12

    def test_a_clinic_that_switches_it_off_asks_as_before_and_on_again_asks_it(self, cast, now):
        """On the page of what is asked; what was planned before stays as it is."""
        page, given = (
            "/office/what-is-asked/",
            {"alliance_phase": "post", "window_hours": "72", "progress": "on"},
        )
        browser, note = signed_in(cast.administrator), "every four weeks"
        assert note in words(browser.get(page))
        assert note not in words(browser.post(page, given, follow=True))
        case = people.couple(cast.ines, now)
        fifth = weekly(case, cast.ines, now)[4]
        assert not any(asks_home(people.asked(fifth, who)) for who in case.members.all())
        assert note in words(browser.post(page, given | {"home": "on"}, follow=True))
        other = people.couple(cast.ines, now)
        again = weekly(other, cast.ines, now)[4]
        assert all(asks_home(people.asked(again, who)) for who in other.members.all())
        assert not any(asks_home(people.asked(fifth, who)) for who in case.members.all())


class TestTheAnswer:
    def test_it_is_a_series_of_its_own_and_the_other_series_has_a_gap_there(self, ines, now):
        case = people.couple(ines, now)
        lea = people.member(case, "Lea")
        held = weekly(case, ines, now)
        for one in held:
            given = {HOME_ITEM: "partly"} if one == held[4] else {}
            people.answer(people.asked(one, lea), one.ends_at + HOUR / 2, 8, given)
        [home] = Score.objects.filter(series__rater=lea, scale=HOME_ITEM)
        # In part = 1 of 0 to 2, by the table of answers in docs/reference/measures.md.
        assert (home.value, home.minimum, home.maximum) == (1.0, 0.0, 2.0)
        assert (home.series.measure_key, home.series.therapist_id) == (HOME_MEASURE, None)
        others = Score.objects.filter(series__rater=lea, scale="other_therapist")
        assert {score.encounter_id for score in others} == {one.pk for one in held if one != held[4]}
        alliance = Score.objects.filter(series__rater=lea, scale="self_therapist")
        assert {(score.value, score.answered, score.items) for score in alliance} == {(8.0, 4, 4)}
        assert alliance.count() == 6

    @pytest.mark.parametrize("said", ["not_tried", "nothing", None])
    def test_nothing_to_settle_and_not_tried_carry_no_number(self, said, ines, now):
        case = people.individual(ines, now)
        fifth = weekly(case, ines, now, 5)[-1]
        people.answer(people.asked(fifth, case.members.get()), now, 8, {HOME_ITEM: said})
        assert Score.objects.get(scale=HOME_ITEM).value is None


class TestChangesOfSessions:
    """Ahead lie weekly sessions; today is before the first of them."""

    @pytest.fixture
    def ahead(self, ines, now):
        case = people.couple(ines, now)
        planned = [people.plan(case, ines, now + 3 * DAY + k * WEEK, at=now) for k in range(10)]
        return SimpleNamespace(case=case, planned=planned, ines=ines, now=now)

    @staticmethod
    def turns(ahead):
        """The places of the sessions at which each member is asked, which are the same for both."""
        found = []
        for who in ahead.case.members.all():
            forms = [one.occasions.filter(respondent=who, phase=Phase.POST).get() for one in ahead.planned]
            found.append([number for number, form in enumerate(forms, start=1) if asks_home(form)])
        assert found[0] == found[1]
        return found[0]

    def test_one_that_is_cancelled_leaves_its_turn_to_the_next(self, ahead):
        assert self.turns(ahead) == [5, 9]
        fifth = ahead.planned[4]
        cancel_sessions(
            encounter=fifth, reach=Reach.ONE, because=NotHeld.BY_CLIENT, at=ahead.now, actor=SYSTEM
        )
        # The sixth is the fifth of those that take place; the tenth is four weeks after it.
        assert self.turns(ahead) == [6, 10]
        restore_session(encounter=fifth, at=ahead.now, actor=SYSTEM)
        assert self.turns(ahead) == [5, 9]

    def test_one_more_before_them_makes_the_turn_come_sooner(self, ahead):
        people.plan(ahead.case, ahead.ines, ahead.now + 2 * DAY, at=ahead.now)
        assert self.turns(ahead) == [4, 8]

    def test_one_that_is_moved_takes_the_turns_after_it_along(self, ahead):
        fifth = ahead.planned[4]
        move_sessions(
            encounter=fifth,
            reach=Reach.ONE,
            starts_at=fifth.starts_at + 2 * DAY,
            minutes=50,
            away=[],
            at=ahead.now,
            actor=SYSTEM,
        )
        # From the fifth to the ninth are four weeks less two days now.
        assert self.turns(ahead) == [5, 10]

    def test_a_form_that_could_be_opened_stays_as_it_is(self, ahead):
        """It is the day after the fifth session, and the first, nobody having come, is called off only now."""
        later = ahead.planned[4].ends_at + DAY
        first = ahead.planned[0]
        cancel_sessions(encounter=first, reach=Reach.ONE, because=NotHeld.BY_CLIENT, at=later, actor=SYSTEM)
        assert self.turns(ahead) == [5, 6, 10]


class TestTheWall:
    @pytest.mark.parametrize("kind", ["couple", "family"])
    def test_whatever_some_answered_all_are_asked_at_the_same_sessions(self, kind, ines, now):
        """Mirrored cases: in the second the histories have changed places, and nothing of the calendar has."""
        chance = random.Random(13)
        calendars = []
        for mirrored in (False, True):
            case = getattr(people, kind)(ines, now)
            members = list(case.members.order_by("position"))
            several = {who.pk: [chance.choice([2, 8, 10, None]) for _ in range(9)] for who in members}
            if mirrored:
                several = dict(zip(several, reversed(several.values()), strict=True))
            held = []
            for k in range(9):
                ended_at = now - HOUR - (8 - k) * WEEK
                held.append(people.meet(case, ines, ended_at))
                for who in members:
                    level = several[who.pk][k]
                    if level is not None:
                        tension = "clearly" if level == 2 else "no"
                        form = people.asked(held[-1], who)
                        people.answer(form, ended_at + HOUR / 2, level, {"tension": tension})
            calendars += [[asks_home(people.asked(one, who)) for one in held] for who in members]
        assert calendars == [[False] * 4 + [True] + [False] * 3 + [True]] * len(calendars)

    def test_the_calendar_is_read_from_the_sessions_of_the_case_and_nothing_else(self, ines, now):
        case = people.couple(ines, now)
        weekly(case, ines, now, 5)
        with CaptureQueriesContext(connection) as asked_of:
            assert len(asking_about_home(case.pk)) == 1
        [statement] = asked_of.captured_queries
        assert set(re.findall(r'(?:FROM|JOIN) "(\w+)"', statement["sql"])) == {"cases_encounter"}

    def test_a_form_begun_before_its_session_was_moved_stays_and_tells_the_other_nothing(self, ines, now):
        """Lea's form could be opened, and then the session moved and lost its turn; once she had sent it, once not."""
        Clinic.objects.update(alliance_phase=Phase.PRE)
        ines.clinic.refresh_from_db()
        forms = []
        for sent in (True, False):
            case = people.couple(ines, now)
            lea, tomas = people.member(case, "Lea"), people.member(case, "Tomas")
            first = people.meet(case, ines, now - 4 * WEEK)
            for k in (3, 2, 1):
                people.meet(case, ines, now - k * WEEK)
            fifth = people.plan(case, ines, now + DAY, at=now - WEEK)
            hers, his = people.asked(fifth, lea, Phase.PRE), people.asked(fifth, tomas, Phase.PRE)
            assert asks_home(hers)
            assert asks_home(his)
            if sent:
                people.answer(hers, now)
            move_sessions(
                encounter=fifth,
                reach=Reach.ONE,
                starts_at=now + 5 * DAY,
                minutes=50,
                away=[],
                at=now,
                actor=SYSTEM,
            )
            cancel_sessions(encounter=first, reach=Reach.ONE, because=NotHeld.BY_CLIENT, at=now, actor=SYSTEM)
            assert asks_home(hers) == sent
            forms.append(keys(his))
        assert forms[0] == forms[1]
        assert HOME_ITEM not in forms[0]


class TestWhatTheTherapistReads:
    def test_the_page_of_the_case_has_a_small_series_of_each_member(self, ines, now):
        case = people.couple(ines, now)
        lea, tomas = people.member(case, "Lea"), people.member(case, "Tomas")
        held = weekly(case, ines, now, 9)
        for one, hers, his in ((held[4], "no", None), (held[8], "partly", "nothing")):
            people.answer(people.asked(one, lea), one.ends_at + HOUR / 2, 8, {HOME_ITEM: hers})
            people.answer(people.asked(one, tomas), one.ends_at + HOUR / 2, 8, {HOME_ITEM: his})
        client = signed_in(ines)
        client.post(f"/encounters/{held[8].pk}/guess/", {"skip": "yes"})
        page = words(client.get(f"/cases/{case.pk}/"))
        assert "Settled at home as in the meetings" in page
        assert (
            "Asked at session 9, Lea said that something was settled at home in part as in the meetings."
            in page
        )
        assert "Asked at session 9, Tomas said that there was nothing to settle at home." in page
        assert ": tried, and it did not work" in page
        assert ": skipped" in page
        relations = words(client.get(f"/cases/{case.pk}/relations/"))
        assert "not asked" in relations, "how well the other seems understood gave way; nobody left it out"
        assert "not answered" not in relations

    def test_before_the_guess_and_in_company_and_in_the_room_nothing_of_it_is_shown(self, ines, now):
        case = people.individual(ines, now)
        fifth = weekly(case, ines, now, 5)[-1]
        form = people.asked(fifth, case.members.get())
        people.answer(form, now, 8, {HOME_ITEM: "yes"})
        address, shown = f"/cases/{case.pk}/", "Settled with others as in the meetings"
        client = signed_in(ines)
        assert shown not in words(client.get(address)), "kept back until the guess"
        client.post(f"/encounters/{fifth.pk}/guess/", {"skip": "yes"})
        assert shown in words(client.get(address))
        Staff.objects.filter(pk=ines.pk).update(alone_since=None)
        assert shown not in words(signed_in(ines, alone=False).get(address)), "somebody may see the screen"
        client = signed_in(ines)
        set_in_company(occasion=form, in_company=True, at=now, actor=SYSTEM)
        assert shown not in words(client.get(address))


class TestWhatTheClientReads:
    def test_their_own_answer_stands_on_their_page(self, ines, now):
        case = people.couple(ines, now)
        lea = people.member(case, "Lea")
        form = people.asked(weekly(case, ines, now, 5)[-1], lea)
        people.answer(form, now, 8, {HOME_ITEM: "partly"})
        choose(lea, now)
        said = "You settled something at home in part the way you do in the meetings."
        assert said in words(asked(form, HER_WORD))
        assert said not in words(asked(form, "another word"))


class TestAClinicThatHasTheQuestionOnlyNow:
    def test_what_is_planned_already_asks_it_too(self, ines, now):
        MeasureVersion.objects.filter(key=HOME_MEASURE).update(enabled=False)
        case = people.individual(ines, now)
        ruth = case.members.get()
        planned = [people.plan(case, ines, now + 3 * DAY + k * WEEK, at=now) for k in range(6)]
        assert not any(asks_home(people.asked(one, ruth)) for one in planned)
        MeasureVersion.objects.filter(key=HOME_MEASURE).update(enabled=True)
        follow_home_calendars(ines.clinic, at=now)
        assert [asks_home(people.asked(one, ruth)) for one in planned] == [False] * 4 + [True, False]


def findings(case):
    """All that was found and judged in a case, by the numbers of its sessions, without keys and moments."""
    numbers = {one.pk: k for k, one in enumerate(case.encounters.order_by("starts_at"), start=1)}
    verdicts = Evaluation.objects.filter(series__case=case)
    signals = AlertSignal.objects.filter(case=case)
    episodes = Episode.objects.filter(case=case).order_by("number")
    return (
        sorted(
            (
                (one.series.scale, numbers[one.encounter_id], one.criterion, one.verdict, one.expected)
                for one in verdicts
            ),
            key=str,
        ),
        sorted(((numbers[one.encounter_id], one.kind, one.grade, one.evidence) for one in signals), key=str),
        [
            (
                *(one.number, one.status, one.onset_kind, numbers[one.onset_id], one.depth, one.baseline),
                *(numbers.get(one.repair_encounter_id), one.duration, one.shape, one.repair_doubt),
                *(one.client_confirmed_at is None, one.client_said_repaired_at is None),
            )
            for one in episodes
        ],
    )


class TestNothingFollowsFromIt:
    def test_no_finding_verdict_episode_or_repair_depends_on_what_was_answered(self, ines, now):
        """Nine sessions, a strain at the fifth and a return: cases that differ in this alone, the last not asked."""
        courses = {}
        for said in ("yes", "no", None, "not asked"):
            MeasureVersion.objects.filter(key=HOME_MEASURE).update(enabled=said != "not asked")
            case = people.individual(ines, now)
            ruth = case.members.get()
            held = weekly(case, ines, now, 9)
            for one, level in zip(held, (8, 9, 8, 8, 2, 3, 8, 8, 9), strict=True):
                given = {HOME_ITEM: said} if asks_home(people.asked(one, ruth)) else {}
                histories.judge([histories.rate(one, ruth, level, given)])
            courses[said] = findings(case)
        assert courses["yes"][1], "something was found"
        assert courses["yes"][2], "and it is an episode"
        assert all(found == courses["yes"] for found in courses.values())
        assert {one.scale for one in Series.objects.filter(evaluations__isnull=False)} <= {
            "self_therapist",
            "within",
            "tension",
        }
