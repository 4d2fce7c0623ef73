"""The worker as a process of its own, killed without warning while it works."""

import os
import signal as signals
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from goldseam_web.alerts.models import AlertSignal, Episode, Evaluation
from goldseam_web.alerts.services import tidy, worker
from goldseam_web.management import worker_loop
from goldseam_web.management.processes import StopRequest
from goldseam_web.measures.models import EvaluationJob, JobState
from goldseam_web.measures.services.jobs import JOBS
from goldseam_web.outbox.models import Message, MessageState
from tests.web import histories, people
from tests.web.postbox import Postbox, open_postbox

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60.0


@contextmanager
def running_worker(data_folder: str, postbox: Postbox) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``goldseam-web work`` over the test's own database."""
    environment = {
        **worker_environment(data_folder),
        "GOLDSEAM_EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}",
    }
    process = subprocess.Popen([sys.executable, "-m", "goldseam_web", "work", "--quiet"], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def worker_environment(data_folder: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "goldseam_web.config.settings",
        "GOLDSEAM_DATA": data_folder,
        "GOLDSEAM_DATABASE": _database_url(),
        "GOLDSEAM_AUDIT_KEYS": ",".join(settings.GOLDSEAM_AUDIT_KEYS),
        "GOLDSEAM_LOG_LEVEL": "WARNING",
    }


def _database_url() -> str:
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    password = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    return f"postgres://{facts['USER']}{password}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.01)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """As a power cut does: no chance to finish or to tidy up."""
    process.send_signal(signals.SIGKILL)
    process.wait(timeout=PATIENCE)


def let_time_pass(minutes: int) -> None:
    """Move claims into the past, so that the wait for a dead worker's claim need not be lived through."""
    for model in (EvaluationJob, Message):
        for row in model.objects.exclude(claimed_at=None):
            model.objects.filter(pk=row.pk).update(claimed_at=row.claimed_at - timedelta(minutes=minutes))


def jobs_open() -> int:
    return EvaluationJob.objects.exclude(state=JobState.DONE).count()


def test_a_worker_killed_while_judging_leaves_nothing_undone_and_nothing_twice(ines, now, tmp_path):
    """Thirty responses of a couple wait; the first worker is killed after a few, wherever it then is."""
    case = people.couple(ines, now)
    held = histories.sessions(case, ines, 15, now)
    levels = [8.0, 8.0, 7.0, 8.0, 9.0, 8.0, 8.0, 8.0, 7.0, 8.0, 9.0, 8.0, 8.0, 8.0, 6.0]
    for who in (people.member(case, "Lea"), people.member(case, "Tomas")):
        for encounter, level in zip(held, levels, strict=True):
            histories.rate(encounter, who, level)
    with open_postbox() as postbox:
        with running_worker(str(tmp_path), postbox) as first:
            wait_until(lambda: 0 < jobs_open() < 28, "the worker had judged a few")
            kill(first)
        assert jobs_open() > 0
        let_time_pass(minutes=6)
        with running_worker(str(tmp_path), postbox):
            wait_until(lambda: jobs_open() == 0, "the queue was empty")
            wait_until(_nothing_to_send, "everything was sent")
        assert len(postbox.messages) == 2 - Message.objects.filter(state=MessageState.UNCERTAIN).count()
    assert sorted((s.kind, s.member.person.identity.display_name) for s in AlertSignal.objects.all()) == [
        ("strain", "Lea"),
        ("strain", "Tomas"),
    ]
    assert Episode.objects.count() == 2
    current = Evaluation.objects.filter(
        superseded_by=None, series__scale="self_therapist", criterion="predictive"
    )
    assert current.count() == 30


AT_WORK = """
import os, time
from datetime import timedelta
from functools import partial
import django
django.setup()
from django.utils import timezone
from goldseam_web.lib import claims
from goldseam_web.measures.services import finish_job, holding_job
from goldseam_web.measures.services.jobs import JOBS
claims.BEAT = timedelta(seconds=0.1)
job = JOBS.claim(worker="first", at=timezone.now())
with holding_job(job):
    while os.path.exists(os.environ["STAYS_AT_WORK"]):
        time.sleep(0.05)
finish_job(job=job, at=timezone.now())
"""


@pytest.fixture
def at_work(ines, now, tmp_path):
    """A process that has claimed a job and stays at it, saying so ten times a second."""
    case = people.individual(ines, now)
    people.answer(
        people.asked(people.meet(case, ines, now - timedelta(hours=1)), people.member(case, "Ruth")), now
    )
    stays = tmp_path / "stays"
    stays.touch()
    environment = {**worker_environment(str(tmp_path)), "STAYS_AT_WORK": str(stays)}
    process = subprocess.Popen([sys.executable, "-c", AT_WORK], env=environment)
    try:
        wait_until(lambda: claim().claimed_by == "first", "the job was claimed")
        yield process, stays
    finally:
        process.kill()
        process.wait(timeout=PATIENCE)


def claim() -> EvaluationJob:
    return EvaluationJob.objects.get()


def test_what_a_killed_worker_was_at_is_taken_over_within_half_a_minute(at_work):
    process, _ = at_work
    began = claim().claimed_at
    wait_until(lambda: claim().claimed_at > began, "the claim was renewed")
    kill(process)
    last = claim().claimed_at
    assert JOBS.claim(worker="second", at=last + timedelta(seconds=20)) is None
    assert JOBS.claim(worker="second", at=last + timedelta(seconds=21)) is not None
    assert (claim().claimed_by, claim().attempts) == ("second", 2)


def test_a_slow_worker_that_lives_keeps_its_work_and_finishes_it(at_work):
    process, stays = at_work
    began = claim().claimed_at
    wait_until(
        lambda: claim().claimed_at > began + timedelta(seconds=1), "the claim was renewed for a second"
    )
    # By the first claim alone it would have been lost by then.
    assert JOBS.claim(worker="second", at=began + timedelta(seconds=21)) is None
    stays.unlink()
    assert process.wait(timeout=PATIENCE) == 0
    assert (claim().state, claim().claimed_by, claim().attempts) == (JobState.DONE, "first", 1)


def _nothing_to_send() -> bool:
    return not Message.objects.filter(state__in=[MessageState.PENDING, MessageState.SENDING]).exists()


def test_a_worker_killed_while_sending_sends_no_second_message(ines, now, tmp_path):
    """The mail server has read the message and not yet answered when the worker dies."""
    case = people.individual(ines, now)
    histories.history(case, ines, people.member(case, "Ruth"), [*histories.STEADY, 6.0], now, judged=7)
    with open_postbox() as postbox:
        postbox.hold = threading.Event()
        with running_worker(str(tmp_path), postbox) as first:
            assert postbox.begun.wait(PATIENCE)
            kill(first)
        assert Message.objects.get().state == MessageState.SENDING
        postbox.hold.set()
        let_time_pass(minutes=6)
        with running_worker(str(tmp_path), postbox):
            wait_until(lambda: Message.objects.get().state == MessageState.UNCERTAIN, "it was uncertain")
        assert len(postbox.messages) == 1
    assert AlertSignal.objects.count() == 1


def test_a_worker_asked_to_stop_finishes_what_it_has_begun(ines, now, tmp_path):
    case = people.individual(ines, now)
    histories.history(case, ines, people.member(case, "Ruth"), [8.0] * 10, now, judged=0)
    with open_postbox() as postbox, running_worker(str(tmp_path), postbox) as worker:
        wait_until(lambda: 0 < jobs_open() < 10, "the worker had begun")
        worker.send_signal(signals.SIGTERM)
        assert worker.wait(timeout=PATIENCE) == 0
    assert not EvaluationJob.objects.filter(state=JobState.CLAIMED).exists()


def test_the_audit_is_sealed_while_the_worker_runs(ines, now, tmp_path):
    from goldseam_web.audit.queries import verify_chain

    assert verify_chain().unsealed > 0
    with open_postbox() as postbox, running_worker(str(tmp_path), postbox):
        wait_until(lambda: verify_chain().unsealed == 0, "everything was sealed")
    assert verify_chain().broken == ()
    tidy(at=now)


def test_one_part_of_tidying_that_fails_keeps_no_other_waiting(now, monkeypatch):
    """A row that cannot be read, in one of them: sealing, the last, is done all the same, and what failed is told."""
    told, done = [], []
    monkeypatch.setattr(worker, "end_by_handover", partial(_fails, ValueError("a row that nobody can read")))
    monkeypatch.setattr(worker, "seal_entries", lambda *, at: done.append(at))
    monkeypatch.setattr(worker, "tell_of_failed_part", told.append)
    tidy(at=now)
    assert done == [now]
    assert [str(error) for error in told] == ["a row that nobody can read"]


def test_lists_are_made_anew_to_the_last_one_and_only_when_nobody_waits(monkeypatch):
    """Three answers and six lists: after each answer it is asked for the next one, and between lists too."""
    answers, lists, did = [1, 2, 3], list(range(6)), []

    def work(**_given):
        did.append("asked")
        return bool(answers) and did.append(f"answer {answers.pop()}") is None

    def keep(*, at, most):
        did.append("lists")
        made = min(most, len(lists))
        del lists[:made]
        return made

    monkeypatch.setattr(worker_loop, "work_once", work)
    monkeypatch.setattr(worker_loop, "keep_caseloads", keep)
    for name in ("warm_up", "count_for_plans", "mark_made_otherwise"):
        monkeypatch.setattr(worker_loop, name, lambda: None)
    monkeypatch.setattr(worker_loop, "tidy", lambda *, at: None)
    worker_loop.run_worker(name="test", stop=StopRequest(), once=True)
    assert not lists
    assert did == [
        *("asked", "answer 3", "asked", "answer 2", "asked", "answer 1"),
        *("asked", "lists", "asked", "lists", "asked", "lists"),
    ]


def test_a_database_that_is_away_is_waited_for(now, monkeypatch):
    monkeypatch.setattr(worker, "end_by_handover", partial(_fails, OperationalError("gone")))
    with pytest.raises(OperationalError):
        tidy(at=now)


def _fails(error, *, at):
    raise error
