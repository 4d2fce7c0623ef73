"""The queue of responses to be judged."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from goldseam_web.lib.claims import ClaimQueue
from goldseam_web.lib.prepared import PreparedUpdate
from goldseam_web.measures.models import EvaluationJob, JobState, Response

JOB_FIELDS = [
    *("state", "attempts", "queued_at", "due_at"),
    *("claimed_at", "claimed_by", "finished_at", "last_error"),
]
JOBS = ClaimQueue(
    EvaluationJob,
    waiting=JobState.PENDING,
    claimed=JobState.CLAIMED,
    given_up=JobState.FAILED,
    pauses=(timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30)),
    takes_over=True,
)


def claim_jobs(*, worker: str, at: datetime, most: int) -> list[EvaluationJob]:
    """Claim the job that is due first, or one whose worker has died; and with it others that nobody has tried yet."""
    return JOBS.claim_several(worker=worker, at=at, most=most)


def holding_job(*jobs: EvaluationJob) -> AbstractContextManager[None]:
    """While jobs are done: nobody takes them for a dead worker's."""
    return JOBS.held(*jobs)


def finish_job(*, job: EvaluationJob, at: datetime) -> None:
    """Mark a claimed job done. Does nothing if the response was queued anew or another worker took it over."""
    _DONE.changed(pk=job.pk, worker=job.claimed_by, attempts=job.attempts, at=at)


def _done(
    pk: UUID, worker: str, attempts: int, at: datetime
) -> "tuple[QuerySet[EvaluationJob], dict[str, Any]]":
    ended = {"state": JobState.DONE, "finished_at": at, "last_error": ""}
    return JOBS.claimed_as(pk, worker, attempts), ended


_DONE = PreparedUpdate(_done, pk=UUID, worker=str, attempts=int, at=datetime)


def queue_jobs(responses: Iterable[Response], *, at: datetime) -> None:
    """Have responses judged: one job each, and anew if they were judged before."""
    jobs = [
        EvaluationJob(clinic_id=response.clinic_id, response=response, queued_at=at, due_at=at)
        for response in responses
    ]
    EvaluationJob.objects.bulk_create(
        jobs, update_conflicts=True, unique_fields=["response"], update_fields=JOB_FIELDS
    )


def close_waiting_jobs() -> None:
    """Say of every waiting job that it is done, where responses were judged as they came in, without a worker."""
    EvaluationJob.objects.filter(state=JobState.PENDING).update(
        state=JobState.DONE, attempts=1, finished_at=F("due_at")
    )


def fail_job(*, job: EvaluationJob, at: datetime, error: Exception) -> None:
    """Put a claimed job back with a growing pause, or give it up after the last one."""
    JOBS.try_again(job, at=at, error=error)
