"""Goals that pull apart: a finding of their own, told of each who is low or fell, and of nobody else."""

import random
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from goldseam_web.alerts.models import AlertSignal, Episode, SignalKind
from goldseam_web.alerts.services.goals import goal_carries_it
from goldseam_web.alerts.services.ratings import GivenRating, HeldSession, Ratings
from goldseam_web.alerts.single_answers import share_below_by_noise
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.services import NewMember
from goldseam_web.measures.models import Audience, Release, Response
from tests.web import people
from tests.web.histories import judge, rate, sessions
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
PARENTS = ("Mara", "Jonas")
ADOLESCENT = "Finn"
TOGETHER = "Is there one thing that all of you could live with working on first?"


def family(therapist, now, names=(*PARENTS, ADOLESCENT)):
    roles = ("parent", "parent", "child")
    return people.case(
        therapist,
        CaseKind.FAMILY,
        [
            NewMember(display_name=name, family_name="Holm", role=role)
            for name, role in zip(names, roles, strict=True)
        ],
        now,
    )


def answers(made, therapist, now, courses, *, each_judged=False):
    """What each answered session by session: goal and safety; the work with the therapist is 9 throughout.

    What the rules find is the same whether each is judged before the next or the last alone.
    """
    count = max(map(len, courses.values()))
    for k, encounter in enumerate(sessions(made, therapist, count, now)):
        for name, course in courses.items():
            goal, safety = course[k]
            extra = {"within_goal": float(goal), "within_safety": float(safety)}
            response = rate(encounter, people.member(made, name), 9.0, extra)
            if each_judged or k == count - 1:
                judge([response])


def kinds(made):
    return Counter(AlertSignal.objects.filter(case=made).values_list("kind", flat=True))


def told(made, staff):
    """What the page of each finding says, by the member who answered."""
    client = signed_in(staff)
    found = AlertSignal.objects.filter(case=made).order_by("member__position")
    return {s.member.position: words(client.get(reverse("dashboard:signal", args=[s.id]))) for s in found}


OPPOSED = {"Mara": [(8, 8)] * 4 + [(1, 8)], "Jonas": [(8, 8)] * 4 + [(2, 8)], "Finn": [(3, 8)] * 5}


class TestTheFamilyOfThePlan:
    """Two parents and an adolescent who want opposite things, and who all rate the work with the therapist high."""

    @pytest.fixture
    @kept
    def holms(self, cast, now):
        made = family(cast.ines, now)
        answers(made, cast.ines, now, OPPOSED)
        return made

    def test_goals_pull_apart_and_nothing_else(self, holms):
        assert kinds(holms) == {SignalKind.GOALS_APART: 3}

    def test_a_fall_is_followed_to_its_end_and_a_level_is_not(self, holms):
        followed = set(AlertSignal.objects.exclude(episode=None).values_list("member", flat=True))
        assert followed == {people.member(holms, name).pk for name in PARENTS}
        assert Episode.objects.filter(case=holms).count() == 2

    def test_each_stands_with_level_and_change_apart(self, cast, holms):
        page = told(holms, cast.ines)[people.member(holms, "Mara").position]
        assert "Since session 5 Mara sees less agreement with the others on what to come for" in page
        assert "Mara: 1, below the middle usually 6.3 to 9.7; 7.0 lower than before" in page
        assert "Finn: 3, below the middle usually 1.3 to 4.7; as before" in page
        assert "it says nothing about you" in page

    def test_a_low_answer_says_how_often_chance_makes_one(self, cast, holms):
        page = told(holms, cast.ines)[people.member(holms, "Finn").position]
        assert "Finn rated “we want the same from coming” with the others 3 of 10, below the middle." in page
        assert "about once in 27 forms" in page
        assert "The noise is assumed, not measured." in page

    def test_it_is_never_laid_at_the_therapists_door(self, cast, holms):
        for reader in (cast.ines, cast.supervisor):
            for page in told(holms, reader).values():
                assert "In the work with" not in page
                assert "Own your part" not in page
                assert "Look at the room you give" not in page

    def test_the_caseload_and_the_page_of_the_case_say_it_in_one_word(self, cast, holms):
        client = signed_in(cast.ines)
        for address in ("/", reverse("dashboard:case", args=[holms.id])):
            assert "Goals pull apart" in words(client.get(address))

    def test_the_room_shows_none_of_it(self, cast, holms):
        client = signed_in(cast.ines, alone=False)
        client.post("/room-view/", {"alone": "no"})
        page = words(client.get(reverse("dashboard:case", args=[holms.id])))
        assert "pull apart" not in page
        assert "What they come for" not in page


def test_mirrored_families_are_told_in_mirrored_words(cast, now):
    """Which member comes first in the case changes nothing that is said."""
    pages = []
    for order in (("Mara", "Jonas", "Finn"), ("Jonas", "Mara", "Finn")):
        made = family(cast.ines, now, order)
        answers(made, cast.ines, now, {"Mara": [(2, 8)], "Jonas": [(8, 8)]})
        [page] = told(made, cast.ines).values()
        pages.append(page)
    mirrored = family(cast.ines, now)
    answers(mirrored, cast.ines, now, {"Jonas": [(2, 8)], "Mara": [(8, 8)]})
    [page] = told(mirrored, cast.ines).values()
    pages.append(page.replace("Mara", "+").replace("Jonas", "Mara").replace("+", "Jonas"))
    first, *others = (sorted(page.split()) for page in pages)
    assert others == [first, first]


class TestOneFindingForOneSetOfRatings:
    def test_where_speaking_openly_fell_too_it_is_strain_between_them(self, cast, now):
        answers(cast.couple, cast.ines, now, {"Lea": [(8, 8)] * 4 + [(2, 2)]})
        assert kinds(cast.couple) == {SignalKind.STRAIN_BETWEEN: 1}

    def test_and_what_stays_low_in_that_strain_raises_nothing_more(self, cast, now):
        answers(
            cast.couple, cast.ines, now, {"Lea": [(8, 8)] * 4 + [(5, 1), (3, 1), (3, 1)]}, each_judged=True
        )
        assert kinds(cast.couple) == {SignalKind.STRAIN_BETWEEN: 1}

    def test_a_low_answer_alone_is_told_from_the_first_form_and_once_a_run(self, cast, now):
        answers(cast.couple, cast.ines, now, {"Lea": [(4, 8), (3, 8), (8, 8), (4, 8)]}, each_judged=True)
        assert kinds(cast.couple) == {SignalKind.GOALS_APART: 2}

    def test_high_answers_raise_nothing(self, cast, now):
        answers(cast.couple, cast.ines, now, {"Lea": [(8, 8), (7, 8), (6, 8), (7, 8), (6, 8)]})
        assert not kinds(cast.couple)

    def test_it_ends_with_an_answer_that_is_not_low(self, cast, now):
        answers(cast.couple, cast.ines, now, {"Lea": [(4, 8), (8, 8)]})
        client = signed_in(cast.ines)
        signal = AlertSignal.objects.get()
        client.post(reverse("dashboard:signal", args=[signal.id]), {"choice": "talked"})
        client.get(reverse("dashboard:signal", args=[signal.id]))
        assert "Goals pull apart" not in words(client.get("/"))


class TestWhatMightHelp:
    @pytest.fixture
    def low(self, cast, now):
        [encounter] = sessions(cast.couple, cast.ines, 1, now)
        response = rate(encounter, people.member(cast.couple, "Lea"), 9.0, {"within_goal": 2.0})
        judge([response])
        return response

    def page(self, cast):
        return words(
            signed_in(cast.ines).get(reverse("dashboard:signal", args=[AlertSignal.objects.get().id]))
        )

    def test_alone_while_nothing_is_released(self, cast, low):
        page = self.page(cast)
        assert "See each of them alone" in page
        assert "what would the others say they want?" in page
        assert "Is there one thing that all of you" not in page

    def released(self, cast, *names, spoken=True, now):
        """Each named one lets everybody hear of it; all were seen alone."""
        encounter = cast.couple.encounters.get()
        for name in names:
            occasion = people.asked(encounter, people.member(cast.couple, name))
            response = Response.objects.filter(occasion=occasion).first() or rate(
                encounter, people.member(cast.couple, name), 9.0
            )
            Release.objects.create(
                clinic=cast.clinic, response=response, audience=Audience.ALL, chosen_at=response.rated_at
            )
        if spoken:
            people.seen_alone(cast.couple, cast.ines, now)

    def test_nothing_for_the_joint_room_while_releases_are_held(self, cast, low, now):
        self.released(cast, "Lea", "Tomas", spoken=False, now=now)
        assert TOGETHER not in self.page(cast)

    def test_nor_where_one_of_them_released_theirs_and_the_other_did_not(self, cast, low, now):
        self.released(cast, "Lea", now=now)
        assert TOGETHER not in self.page(cast)

    def test_together_once_each_released_theirs_and_was_seen_alone(self, cast, low, now):
        self.released(cast, "Lea", "Tomas", now=now)
        page = self.page(cast)
        assert TOGETHER in page
        assert "Name the difference without a side" in page


def test_the_other_members_pages_do_not_change_by_a_byte(cast, now):
    """Whatever one of them answers about goals."""
    seen = []
    lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
    [encounter] = sessions(cast.couple, cast.ines, 1, now)
    link = people.link(people.asked(encounter, tomas))
    seen.append(Client().get(link).content)
    judge([rate(encounter, lea, 9.0, {"within_goal": 0.0})])
    assert kinds(cast.couple) == {SignalKind.GOALS_APART: 1}
    seen.append(Client().get(link).content)
    assert seen[0] == seen[1]


def test_who_does_not_treat_or_supervise_may_not_open_it(cast, now):
    answers(cast.couple, cast.ines, now, {"Lea": [(2, 8)]})
    address = reverse("dashboard:signal", args=[AlertSignal.objects.get().id])
    assert signed_in(cast.colleague).get(address).status_code == 404
    assert signed_in(cast.supervisor).get(address).status_code == 200


def course_of(values, now):
    """A series as the rules are given it, one whole number a session."""
    held = [HeldSession(uuid.UUID(int=k), now + timedelta(weeks=k)) for k in range(len(values))]
    scores = {e.id: GivenRating(v, 0, 10, 1, 1, e.id, None) for e, v in zip(held, values, strict=True)}
    return Ratings(None, None, tuple(held), tuple(range(1, len(values) + 1)), scores), held


@settings(max_examples=150, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=8))
def test_a_fall_is_never_of_the_goal_where_the_other_answer_fell_as_far(pairs):
    """For all courses of two answers: one of them at most carries the fall, and never the one that fell less."""
    then = datetime(2026, 3, 2, 9, tzinfo=UTC)
    mean, held = course_of([(goal + safety) / 2 for goal, safety in pairs], then)
    goal, _ = course_of([goal for goal, _ in pairs], then)
    safety, _ = course_of([safety for _, safety in pairs], then)
    of_goal, of_safety = (goal_carries_it(mean, each, held[-1]) for each in (goal, safety))
    assert not (of_goal and of_safety)
    if of_goal:
        *before, (last_goal, last_safety) = pairs
        fell = [
            fmean(each) - last
            for each, last in zip(zip(*before, strict=True), (last_goal, last_safety), strict=True)
        ]
        assert fell[0] > fell[1]
        assert fell[0] >= 1


def test_the_stated_share_of_low_answers_by_chance_is_what_chance_gives():
    drawn = random.Random(7)
    level, spread = 7.0, (0.64 * 0.81 + 1.2**2) ** 0.5
    low = sum(round(drawn.gauss(level, spread)) < 5 for _ in range(40_000)) / 40_000
    assert share_below_by_noise(level, 5.0) == pytest.approx(low, abs=0.004)
