"""How differently a member sees the work with two therapists: pairs of turns, level apart from change.

Figures by hand: with the norms in use by default a person's ratings move by an SD of .9, so that chance takes a
difference of two ratings from the mean of four earlier ones by 1.96 · .9 · sqrt(2 · (1 + 1/4)) = 2.8 points.
"""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.web import people
from tests.web.histories import judge, judge_calm, rate
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words
from tests.web.test_told_of_the_named import FINE, held_by_two, named, two  # noqa: F401

pytestmark = pytest.mark.django_db
TITLE = "How differently each of them sees the work with Ben and with Ines"


@pytest.fixture
@kept
def ten(two, now):  # noqa: F811
    """Ten sessions of both that everybody may read by now."""
    ends = [now - timedelta(days=3) - timedelta(weeks=9 - k) for k in range(10)]
    return [held_by_two(two.couple, two.ines, two.colleague, at) for at in ends]


def rated(cast, held, who, of_ines, of_ben):
    """A member rates each of the two as they are named, from list to list."""
    member = people.member(cast.couple, who)
    left = {cast.ines: list(of_ines), cast.colleague: list(of_ben)}
    return [rate(e, member, left[named(e, member)].pop(0)) for e in held]


def card(staff, cast):
    page = words(signed_in(staff).get(reverse("dashboard:relations", args=[cast.couple.pk])))
    return page.split(TITLE, 1)[1].split("Goals, way of working", 1)[0] if TITLE in page else None


def headline(staff, cast):
    return signed_in(staff).get(reverse("dashboard:relations", args=[cast.couple.pk])).context["page"].news


def test_what_is_new_is_told_to_both_in_the_same_words(two, ten):  # noqa: F811
    responses = rated(two, ten, "Lea", [9, 9, 9, 9, 9], [8, 8, 8, 8, 3])
    judge_calm(responses[:8])
    judge(responses[8:])
    mine, theirs = card(two.ines, two), card(two.colleague, two)
    assert mine == theirs
    assert "Lea rates Ben 3.0, Ines 9.0: 6.0 apart in sessions 9 and 10." in mine
    assert "Ines was higher by 1.0 on average: they are further apart now, by more than chance." in mine
    assert "with you" not in mine
    new = "Lea sees the work with Ben and with Ines more differently than before: Ben 3.0, Ines 9.0."
    assert new in headline(two.ines, two)
    assert new in headline(two.colleague, two)


def test_a_difference_that_was_always_there_is_none(two, ten):  # noqa: F811
    judge_calm(rated(two, ten, "Lea", [9, 9, 9, 9, 9], [6, 7, 6, 5, 6]))
    said = card(two.ines, two)
    assert "Ines was higher by 3.0 on average: the difference is within chance." in said
    assert "Over all sessions Lea rates the work with Ines higher than with Ben, by 3.0 points" in said
    assert "more differently" not in headline(two.ines, two)


def test_a_move_within_chance_is_no_news(two, ten):  # noqa: F811
    """2 points beside a reach of 2.8."""
    judge_calm(rated(two, ten, "Lea", [8, 8, 8, 8, 8], [8, 8, 8, 8, 6]))
    assert "the difference is within chance" in card(two.ines, two)
    assert "more differently" not in headline(two.ines, two)


def test_before_there_are_four_turns_nothing_is_compared(two, ten):  # noqa: F811
    lea = people.member(two.couple, "Lea")
    judge_calm([rate(e, lea, FINE) for e in ten[:4]])
    assert "What is usual for Lea is known after three earlier turns" in card(two.ines, two)


def test_mirrored_it_is_mirrored(two, ten):  # noqa: F811
    judge_calm(rated(two, ten, "Lea", [8, 8, 8, 8, 8], [8, 8, 8, 8, 8]))
    judge_calm(rated(two, ten, "Tomas", [8, 8, 8, 8, 3], [8, 8, 8, 8, 8]))
    said = card(two.colleague, two)
    assert "Tomas rates Ben 8.0, Ines 3.0: 5.0 apart in sessions 9 and 10." in said
    assert "they were alike on average: they are further apart now" in said


def test_where_one_therapist_treats_there_is_no_such_card(cast, now):
    ends = [now - timedelta(days=3) - timedelta(weeks=4 - k) for k in range(5)]
    lea = people.member(cast.couple, "Lea")
    judge_calm([rate(people.meet(cast.couple, cast.ines, at), lea, FINE) for at in ends])
    assert card(cast.ines, cast) is None
