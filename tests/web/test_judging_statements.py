"""What the database is asked to judge a response: every statement has its reason, and there is none beside them.

Issue 12 asks for 8 at most, from claiming the job to noting that it is done.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.alerts.kept_tables import StaffPulse
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, Episode, EpisodeStatus, Evaluation
from goldseam_web.alerts.services import acknowledge, work_once, worker
from goldseam_web.measures.models import EvaluationJob, JobState, Response
from goldseam_web.measures.services.jobs import JOBS, queue_jobs
from tests.web import histories, people

pytestmark = pytest.mark.django_db

NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
CALM = (
    ("which response is due", r"SELECT .* FROM measures_evaluationjob\b"),
    ("it is this worker's now", r"UPDATE measures_evaluationjob\b"),
    ("the response, its right to be judged, and its case locked", r"SELECT .* FROM measures_response\b"),
    (
        "its course: sessions, scores, what was said of them",
        r"\(?SELECT .* FROM cases_encounter\b.* UNION ALL ",
    ),
    ("what is said of the new session", r"INSERT INTO alerts_evaluation\b"),
    ("it is done", r"UPDATE measures_evaluationjob\b"),
    ("what is kept of the case is old", r"INSERT INTO alerts_casemark\b"),
    ("open pages hear of it", r"UPDATE alerts_staffpulse\b"),
)


def asked_to_judge(now):
    """The statements of one turn of the worker, which has a response to judge."""
    with CaptureQueriesContext(connection) as queries:
        assert work_once(worker="test", at=now)
    found = [query["sql"].replace('"', "") for query in queries]
    return [one for one in found if not one.startswith(NOT_COUNTED)]


def rated(case, ines, who, levels, now):
    """All but the last are judged, before the last session is held; the rating of that one waits."""
    *earlier, last = levels
    responses = histories.history(case, ines, who, earlier, now - timedelta(weeks=1))
    responses.append(histories.rate(people.meet(case, ines, now - timedelta(hours=1)), who, last))
    return responses


@pytest.mark.parametrize("sessions", [5, 12])
def test_of_a_calm_response(ruth, now, sessions):
    ines, case, who = ruth
    rated(case, ines, who, [8.0] * sessions, now)
    found = asked_to_judge(now)
    assert len(found) == len(CALM), found
    for statement, (reason, looks_like) in zip(found, CALM, strict=True):
        assert re.match(looks_like, statement, re.DOTALL), f"{reason}: {statement}"
    assert Evaluation.objects.filter(encounter=newest().occasion.encounter).count() == 3


def test_of_a_session_that_was_judged_before_its_rating_came_one_more(ruth, now):
    """What was said of it, that there was no rating, is superseded."""
    ines, case, who = ruth
    histories.history(case, ines, who, [8.0] * 5, now, judged=4)
    reasons = [reason for reason, _ in CALM]
    assert len(asked_to_judge(now)) == len(reasons) + 1
    last = Evaluation.objects.filter(encounter=newest().occasion.encounter).order_by("criterion", "value")
    assert [each.superseded_by_id is None for each in last].count(True) == 3
    assert last.count() == 6


def test_of_a_form_with_nothing_to_judge_on_it_no_more(ruth, now):
    ines, case, who = ruth
    encounter = people.meet(case, ines, now - timedelta(hours=1))
    people.answer(people.asked(encounter, who, phase="pre"), encounter.starts_at - timedelta(minutes=5))
    assert len(asked_to_judge(now)) < len(CALM)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("sessions", [12, 20])
def test_of_a_long_course_with_strain_that_came_and_went_no_more_than_of_a_short_one(ruth, now, sessions):
    """Its episodes are read once, with their series and what was said of them; nothing of them is written again.

    Beside what a calm response needs: the episodes, the client's words, what they said afterwards, the numbers of the
    forms, the signals, and what staff said of these.
    """
    ines, case, who = ruth
    levels = ([8.0] * 6 + [3.0, 8.0, 8.0] + [8.0] * 5 + [3.0, 8.0, 8.0] + [8.0] * 5)[:sessions]
    rated(case, ines, who, levels, now)
    episodes = list(Episode.objects.order_by("number").values())
    assert len(episodes) == (1 if sessions == 12 else 2)
    assert {each["status"] for each in episodes} == {EpisodeStatus.REPAIRED}
    assert len(asked_to_judge(now)) <= len(CALM) + 6
    assert list(Episode.objects.order_by("number").values()) == episodes


def newest():
    return Response.objects.order_by("-rated_at").first()


def test_what_was_said_is_read_only_when_something_rests_on_it(ruth, now):
    """A signal raised again, long after: its evaluation was stored by an earlier judgement."""
    ines, case, who = ruth
    responses = histories.history(case, ines, who, [*histories.STEADY, 4.0, 3.0], now, judged=8)
    viewer = viewer_of(ines.user, at=now)
    answered_at = responses[7].rated_at + timedelta(hours=1)
    for signal in AlertSignal.objects.all():
        acknowledge(viewer=viewer, signal=signal, choice=AcknowledgeChoice.DIFFERENT, at=answered_at)
    histories.work_off(now)
    again = AlertSignal.objects.filter(encounter=responses[8].occasion.encounter)
    assert sorted(again.values_list("kind", flat=True)) == ["low", "strain"]
    assert all(signal.evaluation.encounter_id == signal.encounter_id for signal in again)
    before = AlertSignal.objects.count()
    queue_jobs(responses[8:], at=now)
    histories.work_off(now)
    assert AlertSignal.objects.count() == before
    assert set(EvaluationJob.objects.values_list("state", flat=True)) == {JobState.DONE}


class TestSeveralWhereTheyWait:
    """Eight at most are written by one transaction; one that cannot be judged keeps none of the others."""

    @pytest.fixture
    def waiting(self, cast, now):
        """Five of Ruth's ratings, of which the last is low, and three of Lea's."""
        ruth, lea = people.member(cast.individual, "Ruth"), people.member(cast.couple, "Lea")
        levels = [8.0, 8.0, 8.0, 8.0, 2.0]
        responses = histories.history(cast.individual, cast.ines, ruth, levels, now, judged=0)
        return responses + histories.history(cast.couple, cast.ines, lea, [8.0] * 3, now, judged=0)

    def test_they_are_judged_in_one_turn_as_one_by_one(self, waiting, now):
        assert work_once(worker="test", at=now)
        assert set(EvaluationJob.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}
        found = AlertSignal.objects.values_list("kind", "response")
        assert sorted(found) == [("low", waiting[4].pk), ("strain", waiting[4].pk)]
        # three rules on Ruth's five sessions, five on Lea's three
        assert Evaluation.objects.count() == 3 * 5 + 5 * 3

    def test_the_counters_of_those_who_treat_them_are_raised_together(self, waiting, cast, now):
        """Case by case, two workers might raise them crosswise, and PostgreSQL would throw one of the two back."""
        StaffPulse.objects.get_or_create(staff=cast.ines, clinic=cast.clinic)
        found = [one for one in asked_to_judge(now) if "alerts_staffpulse" in one]
        locks, raises = (
            [one for one in found if one.startswith(word)] for word in ("SELECT", "UPDATE alerts_staffpulse")
        )
        assert [len(locks), len(raises)] == [1, 1], found
        assert locks[0].split("ORDER BY")[1].startswith(" 1 ASC")  # the one column: whose it is

    def test_one_that_cannot_be_judged_is_tried_again_by_itself_and_the_others_are_done(
        self, waiting, now, monkeypatch
    ):
        judge = worker.evaluate_response

        def cannot(*, response_id, at):
            assert response_id != waiting[6].pk, "a row that nobody can read"
            return judge(response_id=response_id, at=at)

        monkeypatch.setattr(worker, "evaluate_response", cannot)
        assert work_once(worker="test", at=now)
        left = EvaluationJob.objects.exclude(state=JobState.DONE).get()
        assert (left.response, left.state, left.attempts) == (waiting[6], JobState.PENDING, 1)
        assert AlertSignal.objects.filter(response=waiting[4]).count() == 2
        monkeypatch.setattr(worker, "evaluate_response", judge)
        histories.work_off(left.due_at)
        assert set(EvaluationJob.objects.values_list("state", flat=True)) == {JobState.DONE}

    def test_what_was_tried_before_comes_by_itself(self, waiting, now):
        """It may be what ended the worker: the next time it ends nobody else's work."""
        tried = EvaluationJob.objects.get(response=waiting[0])
        EvaluationJob.objects.filter(pk=tried.pk).update(attempts=1, due_at=now - timedelta(days=400))
        assert JOBS.claim_several(worker="one", at=now, most=8) == [tried]
        others = JOBS.claim_several(worker="one", at=now, most=8)
        assert len(others) == 7
        assert JOBS.claim_several(worker="two", at=now, most=8) == []

    def test_of_those_that_another_worker_was_quicker_to_claim_none_is_ours(self, waiting, now):
        due = JOBS._due(now)
        theirs = JOBS.claim_several(worker="two", at=now, most=3)
        ours = JOBS._all_of(due, "one", now)
        assert {job.pk for job in ours} == {job.pk for job in due} - {job.pk for job in theirs}
        assert set(EvaluationJob.objects.values_list("claimed_by", flat=True)) == {"one", "two"}
        assert {job.claimed_by for job in ours} == {"one"}
