"""The signal page: evidence, how sure, what the client wants, what might help, and what the therapist will do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from goldseam import Norms, measure_norms, measured_error_rates, shipped_error_rates
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.rules import RULES
from goldseam_web.alerts.services import store_norms
from goldseam_web.audit.models import AuditEntry
from goldseam_web.dashboard.language.phrases import in_words
from goldseam_web.dashboard.signal.help import options_for
from goldseam_web.measures.models import Audience
from goldseam_web.measures.services import choose_audience, save_answer
from goldseam_web.outbox.models import Message, MessageState
from tests.web import people
from tests.web.histories import STEADY, history, judge, judge_calm, rate, sessions, slide
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db


def url_of(signal):
    return reverse("dashboard:signal", args=[signal.id])


def shown(signal):
    """The findings that the page of a signal's alert names in its form."""
    return [str(each.id) for each in AlertSignal.objects.filter(response=signal.response)]


@pytest.fixture
@kept
def drop(cast, now):
    """Ruth: 8, 8, 7, 8, 9, 8, 8, then 5 of which the goal is 1."""
    ruth = people.member(cast.individual, "Ruth")
    encounters = sessions(cast.individual, cast.ines, 8, now)
    judge_calm([rate(encounter, ruth, level) for encounter, level in zip(encounters, STEADY, strict=False)])
    judge([rate(encounters[-1], ruth, 6.0, {"goal": 1.0, "bond": None})])
    return AlertSignal.objects.get(kind="strain")


def test_the_sentence_names_the_facet_that_fell_most_and_the_relation(drop, cast):
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert (
        "Since session 8 Ruth agrees less with you on what to work toward than earlier ratings led us" in page
    )
    assert "It is mostly about goals" in page


def test_a_clear_yes_that_came_after_the_window_has_its_pages(cast, now):
    occasion = people.asked(
        people.meet(cast.individual, cast.ines, now - timedelta(hours=49)),
        people.member(cast.individual, "Ruth"),
    )
    save_answer(occasion=occasion, item="goal", given=2, at=occasion.closes_at - timedelta(minutes=1))
    late = occasion.closes_at + timedelta(minutes=1)
    judge([people.answer(occasion, late, 2, {"goal": 2, "tension": "clearly"})])
    signal = AlertSignal.objects.get()
    assert signal.kind == "asked"
    client = signed_in(cast.ines)
    for url in ("/", "/alerts/", url_of(signal), reverse("dashboard:case", args=[cast.individual.id])):
        assert client.get(url).status_code == 200


def test_a_message_that_was_refused_is_said_in_one_sentence(drop, cast, now):
    def refused(staff, purpose):
        Message.objects.create(
            clinic=cast.clinic,
            subject=drop.pk,
            staff=staff,
            channel="email",
            purpose=purpose,
            key=purpose,
            state=MessageState.FAILED,
            queued_at=now,
            due_at=now,
        )

    assert "could not be delivered" not in words(signed_in(cast.ines).get(url_of(drop)))
    refused(cast.ines, "raised")
    own = "A message about this to you could not be delivered. Ask your administrator to check your e-mail"
    assert own in words(signed_in(cast.ines).get(url_of(drop)))
    theirs = "A message about this to Ines Okafor could not be delivered."
    assert theirs in words(signed_in(cast.supervisor).get(url_of(drop)))
    assert "no message about it has gone out" in words(signed_in(cast.supervisor).get(url_of(drop)))


def test_usual_is_the_mean_of_earlier_ratings_of_that_facet(drop, cast):
    # The mean of 8, 8, 7, 8, 9, 8, 8 is 56 / 7 = 8.0; the goal is 1, so 7.0 lower.
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert "Goal 1 8.0 7.0 lower than usual" in page


def test_answers_stand_as_they_were_given_and_a_skipped_one_says_so(drop, cast):
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert "Ines understood me and was there for me. skipped" in page
    assert "Was there any tension or misunderstanding between you and Ines? No" in page


def told_of(rates):
    """The sentence about figures, its numbers in words and in two digits that count."""
    low, high = (in_words(min(number, 9)) for number in rates.real_in_ten)
    every = 1 / rates.false_alarms.value
    size = 10 ** max(len(str(round(every))) - 2, 0)
    return (
        f"About {low} to {high} of ten falls like this one are real; "
        f"with nothing wrong, chance brings one about every {round(every / size) * size:,} ratings."
    )


def test_the_figures_are_those_of_falls_as_improbable_as_this_one(drop, cast):
    rates = shipped_error_rates("predictive", 2, "goldseam-default")
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert told_of(rates.band_of(drop.evidence["p"])) in page
    assert "Counted in 40,000 made-up courses of 12 sessions, from the fourth rating on; the " in page
    assert f"Rule: predictive, version 2, grade {drop.grade}. Norms: goldseam-default." in page
    assert "7 ratings before this one, to compare it with" in page


def test_a_fall_further_down_has_other_figures(drop, cast):
    bands = shipped_error_rates("predictive", 2, "goldseam-default").bands
    told = set()
    for p, band in ((0.02, bands[4]), (0.002, bands[2]), (0.00001, bands[0])):
        drop.evidence = {**drop.evidence, "p": p}
        drop.save()
        page = words(signed_in(cast.ines).get(url_of(drop)))
        assert told_of(band) in page
        told.add(told_of(band))
    assert len(told) == 3


def test_the_margin_of_the_figure_is_its_monte_carlo_error(drop, cast):
    # Band of .00001: 91 events in 311,870 sessions, 1 in 3,427, standard error 10.5%: 1 in 2,841 to 4,318.
    drop.evidence = {**drop.evidence, "p": 0.00001}
    drop.save()
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert "the 3,400 lies between 2,800 and 4,300." in page


def test_a_p_that_is_not_known_has_the_figures_of_its_grade(drop, cast):
    drop.evidence = {**drop.evidence, "p": None}
    drop.save()
    grade = "marked" if drop.grade == "marked" else "any"
    rates = shipped_error_rates("predictive", 2, "goldseam-default").grades[grade]
    assert told_of(rates) in words(signed_in(cast.ines).get(url_of(drop)))


@pytest.mark.parametrize(
    "puzzling",
    [
        "once in",
        "sessions are 9 of these",
        "in 10 of ten",
        "the highest of three grades",
        "nobody else has been told",
    ],
)
def test_what_a_tired_reader_stumbled_over_is_gone(drop, cast, puzzling):
    for staff in (cast.ines, cast.supervisor):
        assert puzzling not in words(signed_in(staff).get(url_of(drop)))


def test_the_figures_are_those_of_the_version_that_raised_it(drop, cast):
    drop.evidence = {**drop.evidence, "criterion_version": "1"}
    drop.save()
    page = words(signed_in(cast.ines).get(url_of(drop)))
    p = drop.evidence["p"]
    first, second = (shipped_error_rates("predictive", v, "goldseam-default").band_of(p) for v in (1, 2))
    assert told_of(first) in page
    assert told_of(second) not in page
    assert "Rule: predictive, version 1," in page


def test_every_version_that_raises_signals_has_its_own_measured_bands():
    for rule in RULES:
        if rule.criterion == "predictive":
            rates = shipped_error_rates(rule.criterion, rule.version, "goldseam-default")
            assert rates.criterion_version == rule.version
            assert rates.bands


def test_a_version_without_measured_rates_says_so(drop, cast):
    drop.evidence = {**drop.evidence, "criterion_version": "99"}
    drop.save()
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert "How often such a signal is right was not measured" in page
    assert "of ten" not in page


def test_a_slow_decline_is_told_as_one(cast, now):
    # The last three of SLIDING are 8, 7.75 and 7.25, 7.7 on average; the first four are 9.
    slide(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), now)
    page = words(signed_in(cast.ines).get(url_of(AlertSignal.objects.get(kind="erosion"))))
    assert "Slow erosion" in page
    assert "By session 9 Ruth’s rating of the work with you had slid below its earlier level" in page
    assert "with no single drop" in page
    assert "Earlier level 9.0" in page
    assert "7.7 is the mean of the last three ratings; the earlier level was 9.0" in page
    assert "for slow ones alone it was not measured" in page
    assert "Expected" not in page
    assert "led us to expect" not in page


def test_rates_of_the_work_with_a_therapist_are_not_passed_off_as_those_between_members(cast, now):
    lea = people.member(cast.couple, "Lea")
    held = sessions(cast.couple, cast.ines, 8, now)
    for encounter, level in zip(held, STEADY, strict=False):
        judge([rate(encounter, lea, level)])
    judge([rate(held[-1], lea, 8.0, {"within_goal": 4.0, "within_safety": 4.0})])
    page = words(signed_in(cast.ines).get(url_of(AlertSignal.objects.get(kind="strain_between"))))
    assert "measured for ratings of the work with a therapist" in page


def test_figures_of_norms_of_ones_own_are_those_measured_of_them(drop, cast, now):
    course = drop.course
    entry = replace(Norms.default().scales[0], scale=course.scale)
    norms = replace(Norms.default(), name="own-ratings", scales=(entry, *Norms.default().scales))
    drop.evidence = {**drop.evidence, "norms": "own-ratings", "norms_hash": norms.content_hash}
    drop.save()
    store_norms(clinic=drop.clinic, norms=norms, at=now)
    not_measured = "How often such a signal is right was not measured"
    assert not_measured in words(signed_in(cast.ines).get(url_of(drop)))
    version = int(drop.evidence["criterion_version"])
    measured = measure_norms(norms, version=version, scales=[course.scale], cases=400)
    store_norms(clinic=drop.clinic, norms=measured, at=now)
    page = words(signed_in(cast.ines).get(url_of(drop)))
    rates = measured_error_rates(measured, course.scale, version=version)
    assert not_measured not in page
    assert told_of(rates.rates_like(p=drop.evidence["p"], grade=drop.evidence["grade"])) in page
    assert "Counted in 400 made-up courses of 12 sessions drawn from the norms of this clinic" in page


def test_norms_without_measured_rates_say_so_instead_of_borrowing_figures(drop, cast):
    drop.evidence = {**drop.evidence, "norms_hash": "another"}
    drop.save()
    page = words(signed_in(cast.ines).get(url_of(drop)))
    assert "How often such a signal is right was not measured" in page
    assert "of ten" not in page


def test_opening_it_is_seen_once_and_audited_each_time(drop, cast):
    client = signed_in(cast.ines)
    client.get(url_of(drop))
    client.get(url_of(drop))
    assert [s.staff for s in drop.seen.all()] == [cast.ines]
    assert AuditEntry.objects.filter(action="signal.view", object_id=str(drop.id)).count() == 2


def test_a_supervisors_look_is_audited_and_does_not_count_as_seen(drop, cast):
    page = words(signed_in(cast.supervisor).get(url_of(drop)))
    assert "What will you do?" not in page
    assert drop.seen.count() == 0
    views = AuditEntry.objects.filter(action="signal.view", actor_id=cast.supervisor.id)
    assert views.filter(object_id=str(drop.id)).count() == 1


def test_nothing_is_chosen_in_advance_and_nothing_chosen_is_an_error(drop, cast):
    client = signed_in(cast.ines)
    html = client.get(url_of(drop)).content.decode()
    assert html.count('type="radio"') == 4
    assert "checked" not in html
    response = client.post(url_of(drop), {"finding": shown(drop)})
    assert response.status_code == 400
    assert "Choose what you will do. Nothing has been stored yet." in words(response)
    assert drop.acknowledgements.count() == 0


def test_acknowledging_says_so_with_the_time(drop, cast):
    client = signed_in(cast.ines)
    chosen = {"finding": shown(drop), "choice": "take_up"}
    response = client.post(url_of(drop), chosen, follow=True)
    assert re.search(r"You will take it up, said today at \d\d:\d\d\.", words(response))
    client.post(url_of(drop), chosen)
    assert drop.acknowledgements.count() == 1


def test_an_unknown_choice_is_refused(drop, cast):
    chosen = {"finding": shown(drop), "choice": "ignore"}
    assert signed_in(cast.ines).post(url_of(drop), chosen).status_code == 400
    assert drop.acknowledgements.count() == 0


@pytest.mark.parametrize("who", ["colleague", "administrator", "researcher", "stranger"])
def test_others_find_nothing(drop, cast, who):
    client = signed_in(getattr(cast, who))
    assert client.get(url_of(drop)).status_code == 404
    assert client.post(url_of(drop), {"choice": "take_up"}).status_code == 404


# --- the client's choice --------------------------------------------------------------------------


def asked(cast, now, audience):
    """Lea says there clearly was tension, and who may take it up."""
    lea = people.member(cast.couple, "Lea")
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(hours=1))
    occasion = people.asked(encounter, lea)
    at = encounter.ends_at + timedelta(minutes=3)
    save_answer(occasion=occasion, item="tension", given="clearly", at=at)
    choose_audience(occasion=occasion, audience=audience, at=at)
    judge([people.answer(occasion, at, 8.0, {"tension": "clearly", "worked_out": "not_yet"})])
    return AlertSignal.objects.get(kind="asked")


def test_the_clients_own_word_needs_no_figures(cast, now):
    signal = asked(cast, now, Audience.THERAPIST)
    response = signed_in(cast.ines).get(url_of(signal))
    page = words(response)
    assert "After session 1 Lea said there clearly was tension or a misunderstanding with you." in page
    assert "“Yes, clearly”" in page
    assert "“Not yet”" in page
    for absent in ("of ten", "by chance", "Expected", "limit"):
        assert absent not in page


def test_the_choice_stands_above_what_might_help(cast, now):
    signal = asked(cast, now, Audience.THERAPIST)
    page = words(signed_in(cast.ines).get(url_of(signal)))
    assert page.index("Lea: “Raise it only with me”") < page.index("What might help")
    assert "nothing is released for the joint room" in page
    assert "Take it up with Lea alone" in page


def test_only_a_release_to_all_brings_something_for_the_joint_room(cast, now):
    people.seen_alone(cast.couple, cast.ines, now)
    signal = asked(cast, now, Audience.ALL)
    page = words(signed_in(cast.ines).get(url_of(signal)))
    assert "Lea: “Raise it with us all”" in page
    assert "Released for the joint room." in page
    assert "Let each be heard in turn" in page


def test_just_knowing_suggests_nothing_to_be_raised(cast, now):
    signal = asked(cast, now, Audience.KNOW_ONLY)
    page = words(signed_in(cast.ines).get(url_of(signal)))
    assert "Lea: “Just know it”" in page
    assert "without raising it" in page
    assert "Ask, and hear it out" not in page


JOINT = re.compile(r"together|each (of them|be heard)|in turn|all of you|everybody’s", re.IGNORECASE)


@pytest.mark.parametrize("facet", ["goal", "task", "bond", "safety", None])
@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("audience", [Audience.THERAPIST, Audience.KNOW_ONLY, None])
def test_no_option_is_for_the_joint_room_without_release(facet, between, audience):
    options = options_for(facet, audience, several=True, between=between, name="Lea")
    assert len(options) == 3
    assert not any(option.icon == "users" for option in options)
    assert not any(JOINT.search(option.title) for option in options)


def test_a_low_level_has_a_cut_off_that_is_called_a_choice(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, (3.0,), now)
    signal = AlertSignal.objects.get(kind="low")
    page = words(signed_in(cast.ines).get(url_of(signal)))
    assert "At session 1 Ruth rated the work with you 3.0 of 10, below the middle." in page
    assert "below 5.0" in page
    assert "a choice and not a finding" in page
    assert "Expected" not in page


def test_the_list_opens_with_what_was_not_opened(drop, cast):
    client = signed_in(cast.ines)
    page = words(client.get("/alerts/"))
    assert "you have not opened yet" in page
    assert "Ruth agrees less with you on what to work toward." in page
    assert "Ruth rates the work with you 4.3 of 10. About session 8." in page
    client.get(url_of(drop))
    assert "You have opened every alert." in words(client.get("/alerts/"))
    assert AuditEntry.objects.filter(action="alerts.view").count() == 2
