"""What a client no longer says was said by nobody; a form on one page ends after a strain; others add nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from goldseam_web.accounts.models import Clinic, Phase
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.services import store_norms
from goldseam_web.measures.models import Answer, Audience, Occasion, Response, ResponseState
from goldseam_web.measures.queries import released_to_all
from tests.core.ratings import T1, T1_NORMS
from tests.web import histories, people
from tests.web.shown_form import shown_form

pytestmark = pytest.mark.django_db
ALONE = ("goal", "task", "bond", "safety")


def strained_then_not(occasion, *, followed_up):
    """Clearly; how it was worked out; back; no tension after all."""
    phone, base = Client(), people.link(occasion)
    phone.post(base)
    for number, item in enumerate(ALONE, 1):
        phone.post(f"{base}{number}/", {"item": item, "answer": "5"})
    phone.post(f"{base}5/", {"item": "tension", "answer": "clearly"})
    phone.post(f"{base}who/", {"audience": "therapist"})
    phone.post(f"{base}6/", {"item": "worked_out", "answer": followed_up, "go": "back"})
    return phone.post(f"{base}5/", {"item": "tension", "answer": "no"})


@pytest.mark.parametrize("followed_up", ["yes", "not_yet"])
def test_a_follow_up_that_was_taken_back_makes_no_gold_and_contradicts_nothing(ruth, now, followed_up):
    """T1 of rupture-methods.md: a strain at session 5, back in range at 8, where nothing is said in the end."""
    ines, case, who = ruth
    store_norms(clinic=ines.clinic, norms=T1_NORMS, at=now)
    held = histories.sessions(case, ines, len(T1), now)
    for number, (encounter, value) in enumerate(zip(held, T1, strict=True), start=1):
        if number == 8:
            occasion = people.asked(encounter, who)
            Occasion.objects.filter(pk=occasion.pk).update(closes_at=now + timedelta(days=2))
            occasion.refresh_from_db()
            strained_then_not(occasion, followed_up=followed_up)
            response = Response.objects.get(occasion=occasion)
            assert response.state == ResponseState.COMPLETED
            assert not response.answers.filter(item="worked_out").exists()
        else:
            strain = {"tension": "clearly", "worked_out": "partly"}
            response = histories.rate(encounter, who, 5.0, strain if number == 5 else {})
        histories.set_score(response, value)
        histories.judge([response])
    episode = Episode.objects.get(case=case)
    assert episode.client_said_repaired_at is None
    assert episode.contradicted_at is None
    assert not episode.mended


def test_one_that_is_still_stored_is_heard_by_nobody(cast, now):
    """Rows of an earlier version."""
    lea = people.asked(
        people.meet(cast.couple, cast.ines, now - timedelta(hours=1)), people.member(cast.couple, "Lea")
    )
    response = people.answer(lea, now, 8, {"tension": "clearly", "worked_out": "not_yet"})
    response.answers.update(audience=Audience.ALL)
    viewer = viewer_of(cast.ines.user, at=now)
    assert {a.item for a in released_to_all(viewer, [cast.couple])} >= {"tension", "worked_out"}
    response.answers.filter(item="tension").update(choice="no")
    assert "worked_out" not in {a.item for a in released_to_all(viewer, [cast.couple])}


@pytest.mark.parametrize("kind", ["individual", "couple"])
def test_a_form_on_one_page_about_the_last_session_ends_after_a_strain(cast, now, kind):
    Clinic.objects.update(form_on_one_page=True, alliance_phase=Phase.PRE)
    cast.ines.refresh_from_db()
    case = getattr(cast, kind)
    case.refresh_from_db()
    people.meet(case, cast.ines, now - timedelta(days=8))
    encounter = people.plan(case, cast.ines, now + timedelta(hours=1), at=now - timedelta(days=12))
    occasion = people.asked(encounter, case.members.first(), Phase.PRE)
    phone, base = Client(), people.link(occasion)
    phone.post(base)
    page = shown_form(phone.get(f"{base}all/"))
    sent = page.chosen | {"answer-tension": "clearly", "shown": page.shown}
    url = phone.post(f"{base}all/", sent).url
    assert url.endswith("who/")
    for _ in range(4):
        if url.endswith("who/"):
            url = phone.post(url, {"audience": "therapist"}).url
        elif not url.endswith("done/"):
            url = phone.post(url, {"item": "worked_out", "answer": "yes"}).url
    assert url.endswith("done/")
    assert Response.objects.get(occasion=occasion).state == ResponseState.COMPLETED


def test_how_it_was_worked_out_is_said_where_the_strain_was(cast, now):
    lea = people.asked(
        people.meet(cast.couple, cast.ines, now - timedelta(hours=1)), people.member(cast.couple, "Lea")
    )
    phone, other, base = Client(), Client(), people.link(lea)
    phone.post(base)
    phone.post(f"{base}9/", {"item": "tension", "answer": "clearly"})
    other.post(base)
    other.post(f"{base}9/", {"item": "tension", "answer": "clearly"})
    other.post(f"{base}10/", {"item": "worked_out", "answer": "yes"})
    assert not Answer.objects.filter(item="worked_out").exists()
