"""The queue of responses to be judged: claimed by a conditional update first, then worked."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q

from goldseam_web.measures.models import EvaluationJob, JobState

STALE = timedelta(minutes=5)
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))


def claim_job(*, worker: str, at: datetime) -> EvaluationJob | None:
    """Claim the oldest job that is due, or one whose worker died minutes ago. None if there is nothing to do.

    The update carries the condition, so that of two workers that saw the same row only one gets it.
    """
    due = Q(state=JobState.PENDING, due_at__lte=at)
    abandoned = Q(state=JobState.CLAIMED, claimed_at__lt=at - STALE)
    for job in EvaluationJob.objects.filter(due | abandoned).order_by("due_at")[:10]:
        same = EvaluationJob.objects.filter(pk=job.pk, state=job.state, claimed_at=job.claimed_at)
        if same.update(state=JobState.CLAIMED, claimed_at=at, claimed_by=worker, attempts=F("attempts") + 1):
            return EvaluationJob.objects.select_related("response__occasion").get(pk=job.pk)
    return None


def finish_job(*, job: EvaluationJob, at: datetime) -> None:
    """Mark a claimed job done. Does nothing if the response was queued anew or another worker took it over."""
    _still_ours(job).update(state=JobState.DONE, finished_at=at, last_error="")


@transaction.atomic
def fail_job(*, job: EvaluationJob, at: datetime, error: Exception) -> None:
    """Put a job back with a growing pause, or give up after the last one; the error's kind is kept, not its text."""
    job.refresh_from_db()
    last_try = job.attempts > len(BACK_OFF)
    _still_ours(job).update(
        state=JobState.FAILED if last_try else JobState.PENDING,
        due_at=at + BACK_OFF[min(job.attempts, len(BACK_OFF)) - 1],
        claimed_at=None,
        last_error=type(error).__name__,
    )


def _still_ours(job: EvaluationJob) -> "models.QuerySet[EvaluationJob]":
    return EvaluationJob.objects.filter(
        pk=job.pk, state=JobState.CLAIMED, claimed_by=job.claimed_by, claimed_at=job.claimed_at
    )
