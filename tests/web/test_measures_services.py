"""Keeping answers and turning them into scores: one response per occasion, whatever happens."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Presence
from goldseam_web.measures.links import LinkState, link_state, occasion_behind
from goldseam_web.measures.models import (
    Answer,
    Audience,
    EvaluationJob,
    JobState,
    LaterAnswer,
    OccasionState,
    Release,
    Response,
    ResponseState,
    ScoreStatus,
)
from goldseam_web.measures.queries import current_response, questionnaire
from goldseam_web.measures.services import (
    choose_audience,
    close_idle_responses,
    close_unanswered,
    install_measures,
    plan_occasions,
    renew_link,
    save_answer,
    submit_response,
)
from tests.web import people
from tests.web.kept_rows import kept

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
@kept
def couple(ines, now):
    return people.couple(ines, now)


@pytest.fixture
def lea(couple):
    return people.member(couple, "Lea")


@pytest.fixture
@kept
def encounter(couple, ines, now):
    """A meeting of Lea, Tomas and Ines that ended an hour ago."""
    return people.meet(couple, ines, now - HOUR)


@pytest.fixture
def occasion(encounter, lea):
    return people.asked(encounter, lea)


@pytest.fixture
@kept
def ruth_asked(ines, now):
    case = people.individual(ines, now)
    return people.asked(people.meet(case, ines, now - HOUR), people.member(case, "Ruth"))


def keys(occasion):
    return [q.item.key for q in questionnaire(occasion, current_response(occasion)).shown]


def scores(response):
    return {score.scale: score for score in response.scores.all()}


class TestSaveAnswer:
    def test_zero_is_stored_as_an_answer(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=0, at=now)
        answer = Answer.objects.get()
        assert (answer.value, answer.skipped) == (0.0, False)

    def test_skipped_is_stored_as_missing(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=None, at=now)
        answer = Answer.objects.get()
        assert (answer.value, answer.choice, answer.skipped) == (None, "", True)

    def test_another_answer_replaces_the_first(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=3, at=now, elapsed_ms=900)
        save_answer(occasion=occasion, item="goal", given=4, at=now + MINUTE, elapsed_ms=1100)
        answer = Answer.objects.get()
        assert (answer.value, answer.answered_at, answer.elapsed_ms) == (4.0, now + MINUTE, 1100)

    def test_the_same_answer_again_keeps_its_first_time(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=3, at=now, elapsed_ms=900)
        save_answer(occasion=occasion, item="goal", given=3, at=now + MINUTE, elapsed_ms=1100)
        answer = Answer.objects.get()
        assert (answer.answered_at, answer.elapsed_ms) == (now, 900)

    def test_an_answer_given_on_another_device_stands(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=3, at=now, device="a" * 64)
        save_answer(occasion=occasion, item="goal", given=9, at=now + MINUTE, device="b" * 64)
        save_answer(occasion=occasion, item="goal", given=8, at=now + MINUTE)
        assert Answer.objects.get().value == 3
        save_answer(occasion=occasion, item="goal", given=5, at=now + MINUTE, device="a" * 64)
        assert Answer.objects.get().value == 5

    def test_who_may_take_it_up_is_not_widened_on_another_device(self, occasion, now):
        save_answer(occasion=occasion, item="tension", given="clearly", at=now, device="a" * 64)
        choose_audience(occasion=occasion, audience=Audience.THERAPIST, at=now, device="a" * 64)
        choose_audience(occasion=occasion, audience=Audience.ALL, at=now + MINUTE, device="b" * 64)
        assert Answer.objects.get().audience == Audience.THERAPIST
        assert Release.objects.get().audience == Audience.THERAPIST

    def test_on_another_device_it_is_kept_beside_and_lets_nobody_in(self, occasion, now):
        save_answer(occasion=occasion, item="tension", given="clearly", at=now, device="a" * 64)
        choose_audience(occasion=occasion, audience=Audience.KNOW_ONLY, at=now + MINUTE, device="b" * 64)
        assert Answer.objects.get().audience == Audience.THERAPIST
        assert LaterAnswer.objects.get().choice == Audience.KNOW_ONLY

    @pytest.mark.parametrize(
        ("item", "given", "said"),
        [
            ("goal", 11, "numbers from 0 to 10"),
            ("goal", -1, "numbers from 0 to 10"),
            ("goal", 7.5, "numbers from 0 to 10"),
            ("goal", float("nan"), "numbers from 0 to 10"),
            ("goal", "7", "numbers from 0 to 10"),
            ("tension", "perhaps", "no, little, clearly, unsure"),
            ("worked_out", "yes", "asked are goal, task"),  # only after a yes to the question before
            ("therapist_bond", 5, "asked are goal, task"),
            ("nothing", 5, "asked are goal, task"),
        ],
    )
    def test_what_cannot_be_an_answer_is_refused_in_words_and_nothing_is_stored(
        self, occasion, now, item, given, said
    ):
        with pytest.raises(ValidationError, match=said):
            save_answer(occasion=occasion, item=item, given=given, at=now)
        assert not Response.objects.exists()

    def test_before_the_meeting_ends_nothing_is_taken(self, couple, lea, ines, now):
        later = people.plan(couple, ines, now + HOUR, at=now)
        with pytest.raises(ValidationError):
            save_answer(occasion=people.asked(later, lea), item="goal", given=3, at=now)

    def test_after_completion_nothing_changes(self, occasion, now):
        people.answer(occasion, now, 8)
        save_answer(occasion=occasion, item="goal", given=1, at=now + MINUTE)
        assert Answer.objects.get(item="goal").value == 8.0


class TestAudience:
    def test_the_narrow_choice_holds_until_another_is_made(self, occasion, now):
        save_answer(occasion=occasion, item="tension", given="little", at=now)
        assert Answer.objects.get().audience == Audience.THERAPIST

    def test_the_choice_holds_for_the_follow_up_given_after_it(self, occasion, now):
        save_answer(occasion=occasion, item="tension", given="clearly", at=now)
        choose_audience(occasion=occasion, audience=Audience.ALL, at=now)
        save_answer(occasion=occasion, item="worked_out", given="not_yet", at=now)
        chosen = dict(Answer.objects.values_list("item", "audience"))
        assert chosen == {"tension": Audience.ALL, "worked_out": Audience.ALL}

    def test_no_other_answer_is_released(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=2, at=now)
        save_answer(occasion=occasion, item="tension", given="clearly", at=now)
        choose_audience(occasion=occasion, audience=Audience.ALL, at=now)
        assert Answer.objects.get(item="goal").audience == Audience.THERAPIST

    def test_choosing_twice_is_one_release_and_changing_is_two(self, occasion, now):
        save_answer(occasion=occasion, item="tension", given="clearly", at=now)
        for audience in (Audience.ALL, Audience.ALL, Audience.KNOW_ONLY):
            choose_audience(occasion=occasion, audience=audience, at=now)
        response = Response.objects.get()
        assert [release.audience for release in response.releases.all()] == [Audience.ALL, Audience.KNOW_ONLY]
        assert Answer.objects.get().audience == Audience.KNOW_ONLY
        recorded = AuditEntry.objects.filter(action="release.choose", object_id=str(response.id)).order_by(
            "pk"
        )
        assert [entry.details for entry in recorded] == [{"audience": "all"}, {"audience": "know_only"}]
        assert {entry.actor_id for entry in recorded} == {occasion.respondent_id}

    def test_alone_in_treatment_there_is_nobody_else_to_raise_it_with(self, ruth_asked, now):
        save_answer(occasion=ruth_asked, item="tension", given="clearly", at=now)
        with pytest.raises(ValidationError, match="allowed are therapist, know_only"):
            choose_audience(occasion=ruth_asked, audience=Audience.ALL, at=now)

    def test_after_completion_the_choice_stands(self, occasion, now):
        people.answer(occasion, now, 8, {"tension": "clearly"})
        assert choose_audience(occasion=occasion, audience=Audience.ALL, at=now) is None
        assert not Answer.objects.filter(audience=Audience.ALL).exists()


class TestSubmit:
    def test_scores_are_the_means_worked_out_by_hand(self, occasion, now):
        given = {
            "goal": 6,
            "task": 7,
            "bond": 9,
            "safety": 0,
            "other_bond": 5,
            "group_bond": 4,
            "within_goal": 2,
            "within_safety": 7,
            "tension": "little",
            "worked_out": "partly",
        }
        found = scores(people.answer(occasion, now, given=given))
        # (6 + 7 + 9 + 0) / 4 = 5.5 and (2 + 7) / 2 = 4.5; "a little" carries 1
        assert {scale: score.value for scale, score in found.items()} == {
            "self_therapist": 5.5,
            "self_goal": 6.0,
            "self_task": 7.0,
            "self_bond": 9.0,
            "self_safety": 0.0,
            "other_therapist": 5.0,
            "group_therapist": 4.0,
            "within": 4.5,
            "within_goal": 2.0,
            "tension": 1.0,
        }
        main = found["self_therapist"]
        assert (main.answered, main.items, main.minimum, main.maximum) == (4, 4, 0.0, 10.0)
        assert main.series.therapist_id == occasion.therapist_id
        assert found["within"].series.therapist_id is None

    def test_three_of_four_are_enough(self, occasion, now):
        given = {"goal": 6, "task": None, "bond": 9, "safety": 0}
        score = scores(people.answer(occasion, now, given=given))["self_therapist"]
        assert (score.value, score.answered) == (5.0, 3)  # (6 + 9 + 0) / 3

    def test_two_of_four_make_no_score_and_say_why(self, occasion, now):
        given = {"goal": 6, "task": None, "bond": 9, "safety": None}
        score = scores(people.answer(occasion, now, given=given))["self_therapist"]
        assert (score.value, score.status) == (None, ScoreStatus.NOT_ENOUGH_ANSWERS)
        assert "2 of 4 answered, 3 needed" in score.reason

    def test_submitting_again_changes_nothing(self, occasion, now):
        first = people.answer(occasion, now, 8)
        before = (first.scores.count(), first.answers.count(), EvaluationJob.objects.count())
        again = submit_response(occasion=occasion, at=now + MINUTE, actor=SYSTEM, answers={"goal": 1})
        assert (again.id, again.rated_at) == (first.id, now)
        assert (again.scores.count(), again.answers.count(), EvaluationJob.objects.count()) == before

    def test_it_is_queued_once(self, occasion, now):
        """Open pages hear of it when it has been judged."""
        response = people.answer(occasion, now, 8)
        job = EvaluationJob.objects.get()
        assert (job.response_id, job.state, job.due_at) == (response.id, JobState.PENDING, now)

    def test_the_audit_knows_that_it_happened_and_nothing_that_was_said(self, occasion, now):
        people.answer(occasion, now, 8, {"tension": "clearly"})
        entry = AuditEntry.objects.get(action="response.completed")
        assert entry.details == {"occasion": str(occasion.id), "late": False}

    def test_a_link_that_is_not_open_takes_no_form(self, couple, lea, ines, now):
        later = people.plan(couple, ines, now + HOUR, at=now)
        with pytest.raises(ValidationError):
            submit_response(occasion=people.asked(later, lea), at=now, actor=SYSTEM)
        assert not Response.objects.exists()

    def test_the_attendance_is_kept_as_it_was_known(self, encounter, occasion, lea, couple, now):
        response = people.answer(occasion, now, 8)
        assert sorted(response.attendance) == sorted(str(m.id) for m in couple.members.all())


class TestWhoWasThere:
    def test_alone_with_the_therapist_group_and_within_are_not_asked(self, couple, lea, ines, now):
        tomas = people.member(couple, "Tomas")
        occasion = people.asked(people.meet(couple, ines, now - HOUR, away=[tomas]), lea)
        assert keys(occasion) == ["goal", "task", "bond", "safety", "other_bond", "tension"]
        found = scores(people.answer(occasion, now, 8))
        assert not {"group_therapist", "within"} & set(found)
        assert found["self_therapist"].value == 8.0

    def test_who_was_away_is_not_asked(self, couple, ines, now):
        tomas = people.member(couple, "Tomas")
        occasion = people.asked(people.meet(couple, ines, now - HOUR, away=[tomas]), tomas)
        assert occasion.state == OccasionState.CANCELLED
        assert link_state(occasion, None, at=now) == LinkState.CANCELLED

    def test_a_form_read_before_the_partner_was_marked_away_does_not_hold_afterwards(
        self, encounter, occasion, couple, now
    ):
        """Between reading and keeping: the question has fallen away, though the page still asks it."""
        read_before = questionnaire(occasion, None)
        assert read_before.find("within_goal") is not None
        encounter.attendance.filter(member=people.member(couple, "Tomas")).update(presence=Presence.AWAY)
        with pytest.raises(ValidationError, match="not asked here"):
            save_answer(occasion=occasion, item="within_goal", given=5, at=now)
        kept = save_answer(occasion=occasion, item="goal", given=5, at=now)
        assert kept.form.find("within_goal") is None

    def test_answers_about_the_group_fall_out_when_the_partner_turns_out_to_have_been_away(
        self, encounter, occasion, lea, now
    ):
        for item in keys(occasion)[:8]:
            save_answer(occasion=occasion, item=item, given=5, at=now - 40 * MINUTE)
        close_idle_responses(at=now)
        assert "within" in scores(Response.objects.get())
        encounter.attendance.exclude(member=lea).update(presence=Presence.AWAY)
        response = submit_response(occasion=occasion, at=now, actor=SYSTEM, answers={"tension": "no"})
        assert "within" not in scores(response)
        assert scores(response)["self_therapist"].value == 5.0


class TestLeftForms:
    def test_a_form_left_for_half_an_hour_is_judged_and_may_be_gone_on_with(self, occasion, now):
        for item in ("goal", "task", "bond"):
            save_answer(occasion=occasion, item=item, given=6, at=now - 30 * MINUTE)
        assert close_idle_responses(at=now) == 1
        response = Response.objects.get()
        assert (response.state, response.rated_at) == (ResponseState.CLOSED, now - 30 * MINUTE)
        assert scores(response)["self_therapist"].value == 6.0
        occasion.refresh_from_db()
        assert occasion.state == OccasionState.PARTLY_ANSWERED
        EvaluationJob.objects.update(state=JobState.DONE)

        rest = dict.fromkeys(keys(occasion)[3:8], 10) | {"tension": "no"}
        submit_response(occasion=occasion, at=now, actor=SYSTEM, answers=rest)
        response = Response.objects.get()
        assert response.state == ResponseState.COMPLETED
        assert scores(response)["self_therapist"].value == 7.0  # (6 + 6 + 6 + 10) / 4
        assert EvaluationJob.objects.get().state == JobState.PENDING

    def test_a_form_somebody_is_at_is_left_alone(self, occasion, now):
        save_answer(occasion=occasion, item="goal", given=6, at=now - 29 * MINUTE)
        assert close_idle_responses(at=now) == 0
        assert Response.objects.get().state == ResponseState.IN_PROGRESS

    def test_a_form_with_nothing_left_to_ask_is_completed(self, ruth_asked, now):
        for item in ("goal", "task", "bond", "safety"):
            save_answer(occasion=ruth_asked, item=item, given=6, at=now - 31 * MINUTE)
        save_answer(occasion=ruth_asked, item="tension", given="no", at=now - 31 * MINUTE)
        close_idle_responses(at=now)
        assert Response.objects.get().state == ResponseState.COMPLETED

    def test_a_request_nobody_began_is_closed_when_its_window_is_over(self, occasion):
        close_unanswered(at=occasion.closes_at)
        occasion.refresh_from_db()
        assert occasion.state == OccasionState.WAITING
        close_unanswered(at=occasion.closes_at + MINUTE)
        occasion.refresh_from_db()
        assert occasion.state == OccasionState.UNANSWERED
        assert link_state(occasion, None, at=occasion.closes_at + MINUTE) == LinkState.OVER


class TestTheWindow:
    def test_a_hand_at_work_is_not_cut_off_and_its_answer_is_late(self, occasion):
        end = occasion.closes_at
        save_answer(occasion=occasion, item="goal", given=6, at=end - MINUTE)
        save_answer(occasion=occasion, item="task", given=6, at=end + HOUR)
        response = people.answer(occasion, end + 2 * HOUR, 6)
        assert response.state == ResponseState.COMPLETED
        assert response.late

    def test_two_hours_after_the_last_answer_the_window_is_shut(self, occasion):
        end = occasion.closes_at
        save_answer(occasion=occasion, item="goal", given=6, at=end)
        with pytest.raises(ValidationError):
            save_answer(occasion=occasion, item="task", given=6, at=end + 2 * HOUR + MINUTE)

    def test_in_time_is_not_late(self, occasion):
        assert not people.answer(occasion, occasion.closes_at, 6).late

    def test_it_ends_with_the_next_meeting(self, couple, encounter, lea, ines, now):
        people.plan(couple, ines, now + 3 * HOUR, at=now)
        assert people.asked(encounter, lea).closes_at == now + 3 * HOUR


class TestRequests:
    def test_asking_twice_makes_no_second_request(self, encounter, now):
        before = encounter.occasions.count()
        plan_occasions(encounter=encounter, at=now, actor=SYSTEM)
        assert encounter.occasions.count() == before

    def test_progress_is_asked_before_the_meeting_and_alliance_after_it(self, couple, lea, ines, now):
        encounter = people.plan(couple, ines, now + HOUR, at=now)
        before, after = people.asked(encounter, lea, Phase.PRE), people.asked(encounter, lea)
        assert keys(before) == ["distress", "functioning", "relationship"]
        assert keys(after)[:4] == ["goal", "task", "bond", "safety"]
        assert (before.closes_at, after.opens_at) == (encounter.starts_at, encounter.ends_at)

    def test_a_renewed_link_ends_the_old_one(self, occasion, now):
        old = people.token_of(occasion)
        renew_link(occasion=occasion, at=now, actor=SYSTEM)
        assert occasion_behind(token=old) is None
        assert occasion_behind(token=people.token_of(occasion)) == occasion

    def test_a_staff_request_has_no_link(self, encounter):
        assert occasion_behind(token=people.token_of(people.asked_therapist(encounter))) is None

    def test_installing_measures_again_keeps_the_snapshot(self, clinic, now):
        first = install_measures(clinic=clinic, at=now)
        assert install_measures(clinic=clinic, at=now + HOUR) == first

    def test_another_text_under_the_same_version_is_refused(self, clinic, now):
        snapshot = install_measures(clinic=clinic, at=now)[0]
        snapshot.content_hash = "0" * 64
        snapshot.save()
        with pytest.raises(ValidationError, match="needs a new version number"):
            install_measures(clinic=clinic, at=now)
