"""A low or falling "fair to all of us": its own words and options, each view with its number, and no alert."""

import pytest
from django.urls import reverse

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.dashboard.case.fairness import fairness_texts
from goldseam_web.measures.models import Audience
from tests.web import people
from tests.web.histories import judge, rate, sessions
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


def rated(cast, now, of_lea, of_tomas=()):
    """The couple's ratings of fairness, session by session; the work with the therapist is 8 throughout."""
    held = sessions(cast.couple, cast.ines, len(of_lea), now)
    for called, values in (("Lea", of_lea), ("Tomas", of_tomas)):
        for encounter, value in zip(held, values, strict=False):
            judge([rate(encounter, people.member(cast.couple, called), 8.0, {"group_bond": value})])
    return held


def case_page(cast, staff):
    """The page of the case, once the therapist has chosen to see the answers before giving a view of her own."""
    client = signed_in(staff)
    last = cast.couple.encounters.latest("starts_at")
    client.post(reverse("dashboard:guess", args=[last.id]), {"skip": "yes"})
    return words(client.get(reverse("dashboard:case", args=[cast.couple.id])))


def test_it_is_kept_back_until_the_therapist_has_given_her_own_view(cast, now):
    rated(cast, now, (3.0,))
    page = words(signed_in(cast.ines).get(reverse("dashboard:case", args=[cast.couple.id])))
    assert "Fair to all" not in page


def test_a_low_one_is_told_with_both_views_and_their_numbers(cast, now):
    rated(cast, now, (3.0,), (9.0,))
    page = case_page(cast, cast.ines)
    assert "About session 1 Lea rated how fair you were to all of them 3 of 10, below the middle." in page
    assert "The same session as each of them saw it: Lea 3, Tomas 9." in page
    assert "it raises no alert by itself" in page
    assert "Do you get a fair hearing here, all of you?" in page
    assert not AlertSignal.objects.exists()


def test_a_supervisor_reads_the_therapists_name(cast, now):
    rated(cast, now, (3.0,))
    page = case_page(cast, cast.supervisor)
    assert "Lea rated how fair Ines Okafor was to all of them 3 of 10" in page
    assert "as each of them saw it" not in page  # one view alone is no comparison


@pytest.mark.parametrize(
    ("values", "told"),
    [
        # Margin over four earlier answers: 1.6449 * 1.2 * sqrt(5/4) = 2.21 below their mean, 9.
        (
            (9.0, 9.0, 9.0, 9.0, 6.0),
            "rated how fair you were to all of them 6 of 10; before, it was 9.0 on average",
        ),
        ((9.0, 9.0, 9.0, 9.0, 7.0), None),
        ((8.0, 8.0, 8.0, 8.0, None), None),  # skipped: no rating
        ((3.0, 8.0), None),  # it was low once, and is not now
    ],
)
def test_it_is_told_where_it_fell_by_more_than_noise(cast, now, values, told):
    rated(cast, now, values)
    page = case_page(cast, cast.ines)
    assert (told in page) if told else ("Fair to all" not in page)


def test_the_alert_of_the_same_answers_has_its_sentence_and_options(cast, now):
    [held] = sessions(cast.couple, cast.ines, 1, now)
    lea = people.member(cast.couple, "Lea")
    judge([rate(held, lea, 3.0, {"group_bond": 2.0})])
    url = reverse("dashboard:signal", args=[AlertSignal.objects.get(kind="low").id])
    page = words(signed_in(cast.ines).get(url))
    assert "Lea rated how fair you were to all of them 2 of 10, below the middle." in page
    assert page.index("In the work with you Ask, and hear it out") < page.index("Fair to all Ask Lea alone")


@pytest.mark.parametrize("audience", [Audience.THERAPIST, Audience.KNOW_ONLY, None])
def test_nothing_is_for_the_joint_room_without_release(audience):
    assert not any(text.icon == "users" for text in fairness_texts(audience))
    assert [text.icon for text in fairness_texts(Audience.ALL)][-1] == "users"
