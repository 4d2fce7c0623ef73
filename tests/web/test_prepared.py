"""Statements that are written once and filled in: an update changes what Django's own update changes, and says so."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db.models import F, Q

from goldseam_web.accounts.queries import viewer_of
from goldseam_web.accounts.viewer_statements import PreparedForViewer
from goldseam_web.cases.access import visible_cases
from goldseam_web.lib.prepared import Prepared, PreparedUpdate
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


def reckoned_from(at: datetime, day: date):
    soon = Q(due_at__gt=at - timedelta(days=1), due_at__lt=at + timedelta(minutes=90))
    return EvaluationJob.objects.filter(
        soon, response__occasion__encounter__local_date__gte=day - timedelta(30)
    )


def test_moments_may_be_reckoned_from_those_that_are_given(jobs, now):
    """So much earlier or later each time, whatever is given."""
    query = Prepared(reckoned_from, at=datetime, day=date)
    for at in (now, now - timedelta(hours=3), now + timedelta(hours=3), now + timedelta(days=40)):
        own = set(reckoned_from(at, at.date()))
        assert set(query.rows(at=at, day=at.date())) == own
        assert len(own) == (2 if now <= at < now + timedelta(days=1) else 0)


def test_a_moment_that_is_made_of_one_in_another_way_is_refused(jobs, now):
    """The day of an instant would stay the day of the instant that stood for it."""
    query = Prepared(
        lambda at: EvaluationJob.objects.filter(due_at__gt=at, due_at__date=at.date()), at=datetime
    )
    with pytest.raises(ValueError, match="nobody knows how"):
        query.rows(at=now)


@pytest.mark.usefixtures("jobs")
def test_a_viewers_statement_gives_what_the_query_gives_to_each(cast, now):
    """Of every kind, one after the other, the same statement for two of one kind."""

    def watched(viewer, *, day):
        return visible_cases(viewer).filter(opened_on__lte=day).order_by("pk")

    statement = PreparedForViewer(watched, day=date)
    seen = []
    for staff in (cast.ines, cast.colleague, cast.supervisor, cast.administrator, cast.ines):
        viewer = viewer_of(staff.user, at=now)
        if viewer.is_therapist or viewer.supervised:
            assert statement.rows(viewer, day=now.date()) == list(watched(viewer, day=now.date()))
            seen.append(len(statement.rows(viewer, day=now.date())))
    assert seen[0] == seen[-1] > 0
    assert 0 in seen
    with pytest.raises(ValueError, match="told what somebody else is"):
        statement.rows(replace(viewer, told_to=cast.colleague.pk), day=now.date())


def test_what_was_queued_anew_meanwhile_is_not_noted_as_done(jobs, now):
    [job, *_] = claim_jobs(worker="one", at=now, most=1)
    EvaluationJob.objects.filter(pk=job.pk).update(state=JobState.PENDING, attempts=0, claimed_by="")
    finish_job(job=job, at=now + timedelta(seconds=1))
    assert EvaluationJob.objects.get(pk=job.pk).state == JobState.PENDING
