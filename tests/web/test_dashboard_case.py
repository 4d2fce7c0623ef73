"""The page of a case: sentence, chart, table, episodes, and the guess that comes before looking."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, Episode, EpisodeStatus
from goldseam_web.alerts.services import acknowledge, open_alert, say_strain
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import CaseKind, MemberRole
from goldseam_web.cases.services import NewMember
from goldseam_web.dashboard.case.rows import read_case
from goldseam_web.dashboard.staff_visit import Shell, StaffVisit
from goldseam_web.measures.models import Score, Series
from goldseam_web.measures.services import close_unanswered
from goldseam_web.measures.services.who_is_asked import pause_member
from tests.web import people
from tests.web.histories import STEADY, history, judge, rate, sessions, slide
from tests.web.staff_pages import queries, signed_in, words

pytestmark = pytest.mark.django_db


def page_of(case, staff, **query):
    return signed_in(staff).get(reverse("dashboard:case", args=[case.id]), query)


def individual(cast, now, levels):
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), levels, now)
    skip_guesses(cast.individual, cast.ines)
    return cast.individual


def skip_guesses(case, staff):
    """The therapist looks without guessing, so that everything is shown."""
    last = case.encounters.order_by("-starts_at").first()
    signed_in(staff).post(reverse("dashboard:guess", args=[last.id]), {"skip": "yes"})


def test_a_drop_is_told_before_it_is_drawn_and_stands_in_the_table(cast, now):
    case = individual(cast, now, (*STEADY, 3.0))
    response = page_of(case, cast.ines)
    page = words(response)
    assert "Ruth’s rating fell at session 8, below what the earlier ratings led us to expect." in page
    assert "Possible strain (Ruth)" in page
    html = response.content.decode()
    assert html.count('class="onset"') == 2  # wide and narrow
    assert html.index("Ruth’s rating fell") < html.index('<svg class="chart')


def test_a_slow_decline_is_no_fall(cast, now):
    slide(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), now)
    skip_guesses(cast.individual, cast.ines)
    page = words(page_of(cast.individual, cast.ines))
    assert "Ruth’s rating had slid by session 9, below its earlier level." in page
    assert "Slow erosion (Ruth)" in page
    assert "Possible strain (Ruth)" not in page
    assert "down from 9.0." in page
    assert "fell at" not in page


def test_the_first_three_ratings_have_no_usual_range(cast, now):
    page = words(page_of(individual(cast, now, (8.0, 8.0, 8.0, 8.0)), cast.ines))
    assert page.count("not enough data yet") == 3


def test_an_unanswered_session_is_a_gap_with_its_reason(cast, now):
    case = individual(cast, now, (8.0, None, 8.0))
    page = words(page_of(case, cast.ines))
    assert "– not answered" in page


def test_somebody_away_is_away_and_not_missing(cast, now):
    lea, tomas = people.member(cast.couple, "Lea"), people.member(cast.couple, "Tomas")
    end = now - timedelta(days=20)
    first = people.meet(cast.couple, cast.ines, end, away=[tomas])
    people.answer(people.asked(first, lea), end + timedelta(minutes=9))
    assert "– away" in words(page_of(cast.couple, cast.ines))


def test_gold_is_for_mended_episodes_only(cast, now):
    case = individual(cast, now, (*STEADY, 3.0, 8.0, 8.0))
    episode = Episode.objects.get(case=case)
    assert episode.status == EpisodeStatus.REPAIRED
    html = page_of(case, cast.ines).content.decode()
    assert "Back in range" in html
    for gold in ("seam-body", "repaired-ring", "card-mended", "badge-repaired", ">Repaired"):
        assert gold not in html
    signed_in(cast.ines).post(reverse("dashboard:say_strain", args=[episode.id]), {"there_was": "yes"})
    html = page_of(case, cast.ines).content.decode()
    assert "Ratings are back; not said" in html
    assert "card-mended" not in html
    Episode.objects.update(client_said_repaired_at=now)
    html = page_of(case, cast.ines).content.decode()
    for gold in ("seam-body", "repaired-ring", "card-mended", "badge-repaired"):
        assert gold in html
    assert "was repaired by session" in html


def test_saying_there_was_none_settles_the_signal_too(cast, now):
    case = individual(cast, now, (*STEADY, 3.0))
    episode = Episode.objects.get(case=case)
    url = reverse("dashboard:say_strain", args=[episode.id])
    response = signed_in(cast.ines).post(url, {"there_was": "no"}, follow=True)
    assert "Your view counts as data." in words(response)
    assert [a.choice for a in episode.signals.get().acknowledgements.all()] == ["different"]


def test_a_supervisor_reads_and_cannot_say(cast, now):
    case = individual(cast, now, (*STEADY, 3.0))
    page = words(page_of(case, cast.supervisor))
    assert "Ruth’s rating fell" in page
    assert "was there strain?" not in page
    assert "Plan a session" not in page
    episode = Episode.objects.get(case=case)
    url = reverse("dashboard:say_strain", args=[episode.id])
    assert signed_in(cast.supervisor).post(url, {"there_was": "yes"}).status_code == 404


def test_a_view_of_a_case_is_audited(cast, now):
    page_of(cast.couple, cast.ines)
    entry = AuditEntry.objects.get(action="case.view")
    assert (entry.actor_id, entry.object_id) == (cast.ines.id, str(cast.couple.id))


def test_strain_between_them_has_a_chart_of_its_own_and_is_not_the_therapists(cast, now):
    lea = people.member(cast.couple, "Lea")
    for k, encounter in enumerate(sessions(cast.couple, cast.ines, 8, now)):
        level = {"within_goal": 2.0, "within_safety": 2.0} if k == 7 else {"within_goal": 8.0 + k % 2}
        judge([rate(encounter, lea, 8.0, level)])
    skip_guesses(cast.couple, cast.ines)
    page = words(page_of(cast.couple, cast.ines))
    # The fall between the two is the news: it leads, and the calm rating beside it names its relation.
    news = "Lea’s rating of being here with Tomas fell at session 8."
    assert f"{news} Lea’s rating of the work with the therapist has stayed near 8.0." in page
    assert f"{news} How they rate being here with each other, last: Lea 2.0." in page
    assert "Possible strain between them" in page
    kinds = set(AlertSignal.objects.filter(case=cast.couple).values_list("kind", flat=True))
    assert kinds == {"strain_between"}


def test_the_usual_range_is_that_of_the_member_asked_for(cast, now):
    lea = people.member(cast.couple, "Lea")
    history(cast.couple, cast.ines, lea, (8.0, 8.0, 8.0, 8.0, 8.0), now)
    html = page_of(cast.couple, cast.ines, member="1").content.decode()
    assert "band-1" in html
    assert "Lea’s usual range" in html
    html = page_of(cast.couple, cast.ines, member="2").content.decode()
    assert "Tomas’s usual range" in html
    assert 'class="band-' not in html


# --- the guess ------------------------------------------------------------------------------------


def test_until_the_guess_the_answers_about_the_last_session_are_kept_back(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, (*STEADY, 3.0), now)
    page = words(page_of(cast.individual, cast.ines))
    assert "Before you look: how was session 8?" in page
    assert "fell at session 8" not in page
    assert "Possible strain" not in page
    assert "3.0" not in page


@pytest.mark.parametrize("after", [(8.0,), (8.0, 8.0), (8.0, 8.0, 8.0)])
def test_until_the_guess_a_repair_is_known_as_far_as_earlier_answers_told(cast, now, after):
    """What the page says of the episode before the guess is what it said before the last answer came."""
    ruth = people.member(cast.individual, "Ruth")
    levels = (*STEADY, 4.0, *after)
    history(cast.individual, cast.ines, ruth, levels[:-1], now - timedelta(weeks=1))
    before = Episode.objects.get()
    [last] = sessions(cast.individual, cast.ines, 1, now)
    judge([rate(last, ruth, levels[-1], {"tension": "clearly", "worked_out": "not_yet"})])
    told = Episode.objects.get()
    assert (told.status, told.contradicted_at) != (before.status, before.contradicted_at)
    visit = StaffVisit(viewer_of(cast.ines.user, at=now), now, Shell(0, 0, None))
    [shown] = read_case(visit, cast.individual.id).record.without(last.id).episodes
    for fact in ("status", "repair_encounter_id", "client_confirmed_at", "contradicted_at"):
        assert getattr(shown, fact) == getattr(before, fact), fact


def test_a_guess_is_stored_as_the_therapists_own_rating_and_opens_the_page(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, (*STEADY, 3.0), now)
    last = cast.individual.encounters.order_by("-starts_at").first()
    url = reverse("dashboard:guess", args=[last.id])
    client = signed_in(cast.ines)
    assert "My client and I agreed" in words(client.get(url))
    client.post(url, {"therapist_goal_task": "0", "therapist_bond": "7"})
    score = Score.objects.get(scale="therapist_view", encounter=last)
    assert score.value == 3.5  # the mean of 0 and 7: zero is an answer
    page = words(client.get(reverse("dashboard:case", args=[cast.individual.id])))
    assert "Before you look" not in page
    assert "fell at session 8" in page
    assert client.get(url).status_code == 302


def test_a_guess_with_a_missing_number_is_not_stored(cast, now):
    last = sessions(cast.individual, cast.ines, 1, now)[0]
    url = reverse("dashboard:guess", args=[last.id])
    client = signed_in(cast.ines)
    for given in ({"therapist_bond": "7"}, {"therapist_goal_task": "11", "therapist_bond": "7"}, {}):
        response = client.post(url, given)
        assert response.status_code == 400
        assert "Choose a number" in words(response)
    assert not Score.objects.filter(scale="therapist_view").exists()


def test_after_a_signal_of_the_session_was_opened_a_guess_would_not_be_one(cast, now):
    ruth = people.member(cast.individual, "Ruth")
    history(cast.individual, cast.ines, ruth, (*STEADY, 3.0), now)
    signal = AlertSignal.objects.get(kind="strain")
    open_alert(viewer=viewer_of(cast.ines.user, at=now), findings=[signal], at=now)
    page = words(page_of(cast.individual, cast.ines))
    assert "Before you look" not in page
    assert "fell at session 8" in page


def test_nobody_guesses_for_another_therapist(cast, now):
    last = sessions(cast.individual, cast.ines, 1, now)[0]
    url = reverse("dashboard:guess", args=[last.id])
    assert signed_in(cast.supervisor).get(url).status_code == 404
    assert signed_in(cast.stranger).get(url).status_code == 404


# --- budget ---------------------------------------------------------------------------------------


def test_four_members_and_fifty_sessions_take_at_most_seventeen_queries_and_stay_whole(cast, now):
    names = ("Karin", "Erik", "Nils", "Freja")
    members = [NewMember(n, "Lindqvist", MemberRole.PARENT, email=f"{n}@example.org") for n in names]
    case = people.case(cast.ines, CaseKind.FAMILY, members, now)
    encounters = sessions(case, cast.ines, 50, now)
    who = [people.member(case, n) for n in names]
    for k, encounter in enumerate(encounters[-12:]):
        responses = [rate(encounter, m, 8.0 if k != 8 else 5.0) for m in who]
        if k in (10, 11):
            judge(responses)
    client = signed_in(cast.ines)
    url = reverse("dashboard:case", args=[case.id])
    client.get(url)
    assert queries(lambda: client.get(url)) <= 17
    html = client.get(url).content.decode()
    assert "style=" not in html
    assert all(f"{name} answered" in html for name in names)


def test_in_the_room_a_session_says_with_whom_it_was_and_nothing_of_answers(cast, now):
    """The couple is in the room; both have answered about the session before."""
    encounter = people.meet(cast.couple, cast.ines, now - timedelta(days=7))
    for name in ("Lea", "Tomas"):
        rate(encounter, people.member(cast.couple, name), 8.0)
    people.plan(cast.couple, cast.ines, now - timedelta(minutes=10), at=now - timedelta(days=1))
    Staff.objects.filter(pk=cast.ines.pk).update(alone_since=now - timedelta(hours=1))
    client = signed_in(cast.ines, alone=False)
    page = words(client.get(reverse("dashboard:case", args=[cast.couple.id])))
    assert "With Ines Okafor" in page
    assert "Answered" not in page
    assert "Check-ins" not in page


class TestToldToItsReader:
    """The same case, read by the therapist it is about and by a supervisor."""

    @pytest.fixture
    def case(self, cast, now):
        lea = people.member(cast.couple, "Lea")
        history(cast.couple, cast.ines, lea, [*STEADY, 6.0], now)
        skip_guesses(cast.couple, cast.ines)
        signal = AlertSignal.objects.get(kind="strain")
        viewer = viewer_of(cast.ines.user, at=now)
        open_alert(viewer=viewer, findings=[signal], at=now)
        acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.DIFFERENT, at=now)
        say_strain(viewer=viewer, episode=signal.episode, there_was=True, at=now)
        return cast.couple

    def test_the_therapist_is_spoken_to(self, case, cast):
        said = words(signed_in(cast.ines).get(f"/cases/{case.id}/"))
        assert "Lea, with you" in said
        assert "You see it differently" in said
        assert "you confirmed it" in said

    def test_the_supervisor_reads_of_her_by_name(self, case, cast):
        said = words(signed_in(cast.supervisor).get(f"/cases/{case.id}/"))
        assert "Lea, with Ines Okafor" in said
        assert "Ines Okafor sees it differently" in said
        assert "Ines Okafor confirmed it" in said
        assert not re.search(r"\bwith you\b|\byou (see|confirmed|said)\b|\byour own\b", said, re.IGNORECASE)


class TestNotHeardFrom:
    @pytest.fixture
    def silent(self, cast, now):
        for days in (24, 17, 10):
            people.meet(cast.couple, cast.ines, now - timedelta(days=days))
        close_unanswered(at=now)
        return cast.couple

    def test_private_options_are_offered_to_the_therapist_alone(self, silent, cast):
        said = words(signed_in(cast.ines).get(f"/cases/{silent.id}/"))
        assert "Not heard from Lea" in said
        assert "Not heard from Tomas" in said
        assert "Would you rather not be asked at all?" in said
        assert "Would you rather" not in words(signed_in(cast.supervisor).get(f"/cases/{silent.id}/"))

    def test_who_would_rather_not_is_asked_no_more_and_is_no_state(self, silent, cast, now):
        lea = people.member(silent, "Lea")
        pause_member(member=lea, paused=True, at=now, actor=SYSTEM)
        said = words(signed_in(cast.ines).get(f"/cases/{silent.id}/"))
        assert "Not heard from Lea" not in said
        assert "Not heard from Tomas" in said


def test_a_new_version_of_the_questions_is_named_under_the_chart(cast, now):
    lea = people.member(cast.couple, "Lea")
    history(cast.couple, cast.ines, lea, [8.0, 8.0, 8.0, 8.0], now)
    last = Score.objects.filter(series__rater=lea, series__scale="self_therapist").latest(
        "encounter__starts_at"
    )
    newer = Series.objects.get(pk=last.series_id)
    newer.pk, newer.major, newer.key = uuid.uuid4(), newer.major + 1, "newer"
    newer.save(force_insert=True)
    Score.objects.filter(pk=last.pk).update(series=newer)
    skip_guesses(cast.couple, cast.ines)
    said = words(signed_in(cast.ines).get(f"/cases/{cast.couple.id}/"))
    assert "From session 4 on Lea answers a new version of the questions" in said
