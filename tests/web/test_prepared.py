"""Statements that are written once and filled in: an update changes what Django's own update changes, and says so."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models import F

from goldseam_web.lib.prepared import PreparedUpdate
from goldseam_web.measures.models import EvaluationJob, JobState
from goldseam_web.measures.services.jobs import claim_jobs, finish_job
from tests.web import people

pytestmark = pytest.mark.django_db


def of_one(pk, before, by):
    rows = EvaluationJob.objects.filter(pk=pk, attempts=before)
    return rows, {"claimed_by": by, "attempts": F("attempts") + 1}


@pytest.fixture
def jobs(cast, now):
    session = people.meet(cast.couple, cast.ines, now)
    for who in cast.couple.members.all():
        people.answer(people.asked(session, who), now)
    return list(EvaluationJob.objects.order_by("pk"))


def tried(jobs):
    return list(
        EvaluationJob.objects.filter(pk__in=[each.pk for each in jobs])
        .order_by("pk")
        .values_list("claimed_by", "attempts")
    )


def test_it_changes_the_rows_it_is_asked_to_and_counts_them(jobs):
    update = PreparedUpdate(of_one, pk=UUID, before=int, by=str)
    first, second = jobs
    assert update.changed(pk=first.pk, before=0, by="one") == 1
    assert update.changed(pk=first.pk, before=0, by="two") == 0, "it was tried once meanwhile"
    assert update.changed(pk=second.pk, before=0, by="it's a % name") == 1
    assert tried(jobs) == [("one", 1), ("it's a % name", 1)]


def test_it_is_written_once_a_connection(jobs):
    written = []

    def build(**values):
        written.append(values)
        return of_one(**values)

    update = PreparedUpdate(build, pk=UUID, before=int, by=str)
    for k in range(3):
        assert update.changed(pk=jobs[0].pk, before=k, by="somebody") == 1
    assert len(written) == 1


def test_a_value_that_comes_nowhere_is_refused(jobs):
    update = PreparedUpdate(lambda pk, by: of_one(pk, 0, "somebody"), pk=UUID, by=str)
    with pytest.raises(ValueError, match="values that come nowhere in the statement: by"):
        update.changed(pk=jobs[0].pk, by="one")
    assert tried(jobs) == [("", 0), ("", 0)]


def test_what_was_queued_anew_meanwhile_is_not_noted_as_done(jobs, now):
    [job, *_] = claim_jobs(worker="one", at=now, most=1)
    EvaluationJob.objects.filter(pk=job.pk).update(state=JobState.PENDING, attempts=0, claimed_by="")
    finish_job(job=job, at=now + timedelta(seconds=1))
    assert EvaluationJob.objects.get(pk=job.pk).state == JobState.PENDING
