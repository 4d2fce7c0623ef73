"""The leaflet: what a client needs to know on one page, with the clinic's own words."""

import pytest

from goldseam_web.accounts.models import Clinic
from goldseam_web.concerns.models import ConcernRoute
from goldseam_web.lib.clinical_words import clinical_words
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
PAGE = "/office/leaflet/"


def test_it_says_what_a_client_needs_to_know(cast):
    page = words(signed_in(cast.ines).get(PAGE))
    for said in (
        "Larkfield: a few questions around each meeting",
        "Two minutes, twelve questions at most.",
        "It works for 48 hours.",
        "Whoever you meet here reads what you answer.",
        "so can whoever stands in for them",
        "Every page of yours has “Speak with somebody else here”. Here that is Piet Admin",
        "Crisis line : 988",
        "Ways that are safe for you",
        "or that we are never to write",
    ):
        assert said.lower() in page.lower(), said


def test_it_names_the_outside_body_and_nobody_who_has_left(cast):
    ConcernRoute.objects.update_or_create(
        clinic=cast.clinic, defaults={"body_name": "Ombuds Office", "body_telephone": "555 0101"}
    )
    cast.administrator.__class__.objects.filter(pk=cast.administrator.pk).update(active=False)
    page = words(signed_in(cast.ines).get(PAGE))
    assert "Ombuds Office , 555 0101" in page
    assert "Piet Admin" not in page
    assert "has named nobody for this yet" in page


def test_no_client_is_on_it_and_no_word_of_what_was_answered(cast):
    page = words(signed_in(cast.ines).get(PAGE))
    assert not any(name in page.split() for name in ("Brandt", "Lea", "Osei", "Lindqvist"))


def test_whoever_finds_it_at_home_learns_little(cast):
    """The names of lines and of the clinic are their own; of our words none tells what kind of meeting it is."""
    ours = words(signed_in(cast.ines).get(PAGE)).replace("Crisis line", "")
    # "crisis" stands in the name of a number, "clinic" in no word of ours.
    assert clinical_words(ours) == []


def test_whoever_runs_the_clinic_adds_its_own_words(cast):
    staff = signed_in(cast.administrator)
    done = words(staff.post(PAGE, {"words": "Ring the bell twice."}, follow=True))
    assert "Larkfield adds Ring the bell twice." in done
    assert "Ring the bell twice." in words(signed_in(cast.colleague).get(PAGE))
    refused = staff.post(PAGE, {"words": "Your psychotherapy is private."})
    assert refused.status_code == 400
    assert "“psychotherapy” tells whoever finds the leaflet" in words(refused)
    assert Clinic.objects.get(pk=cast.clinic.pk).leaflet_words == "Ring the bell twice."


def test_a_therapist_prints_it_and_changes_nothing(cast):
    staff = signed_in(cast.ines)
    assert "Keep it" not in words(staff.get(PAGE))
    assert staff.post(PAGE, {"words": "Anything."}).status_code == 404
