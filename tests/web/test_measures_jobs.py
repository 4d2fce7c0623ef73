"""The queue of responses to be judged: claimed first, then worked, never by two."""

from datetime import timedelta

import pytest

from goldseam_web.measures.models import EvaluationJob, JobState
from goldseam_web.measures.services import fail_job, finish_job
from goldseam_web.measures.services.jobs import JOBS
from tests.web import people

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def queued(ines, now):
    case = people.individual(ines, now)
    encounter = people.meet(case, ines, now - timedelta(hours=1))
    return people.answer(people.asked(encounter, people.member(case, "Ruth")), now).job


def test_a_job_is_claimed_once(queued, now):
    assert JOBS.claim(worker="a", at=now) == queued
    assert JOBS.claim(worker="b", at=now) is None


def test_nothing_is_claimed_before_it_is_due(queued, now):
    assert JOBS.claim(worker="a", at=now - MINUTE) is None


def test_a_claim_nobody_renews_is_taken_over_within_half_a_minute_and_the_first_cannot_finish_it(queued, now):
    first = JOBS.claim(worker="a", at=now)
    assert JOBS.claim(worker="b", at=now + 20 * SECOND) is None
    assert JOBS.any_due(now + 21 * SECOND)
    second = JOBS.claim(worker="b", at=now + 6 * MINUTE)
    assert second is not None
    finish_job(job=first, at=now + 7 * MINUTE)
    assert EvaluationJob.objects.get().state == JobState.CLAIMED
    finish_job(job=second, at=now + 7 * MINUTE)
    assert EvaluationJob.objects.get().state == JobState.DONE


def test_a_worker_that_lost_its_claim_cannot_put_the_job_back_under_the_other(queued, now):
    first = JOBS.claim(worker="a", at=now)
    second = JOBS.claim(worker="b", at=now + 6 * MINUTE)
    fail_job(job=first, at=now + 7 * MINUTE, error=RuntimeError())
    job = EvaluationJob.objects.get()
    assert (job.state, job.claimed_by, job.last_error) == (JobState.CLAIMED, "b", "")
    finish_job(job=second, at=now + 7 * MINUTE)
    assert EvaluationJob.objects.get().state == JobState.DONE


def test_a_failed_job_rests_longer_each_time_and_is_given_up_after_the_last(queued, now):
    rests, at = [], now
    while (job := JOBS.claim(worker="a", at=at)) is not None:
        fail_job(job=job, at=at, error=RuntimeError("what a client said"))
        job.refresh_from_db()
        rests.append((job.due_at - at).total_seconds())
        at = job.due_at
    assert rests == [5, 30, 300, 1800, 1800]
    job = EvaluationJob.objects.get()
    assert job.state == JobState.FAILED
    assert job.last_error == "RuntimeError"
