"""Double taps and two tabs at the same moment: exactly one response, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from goldseam_web.measures.models import Answer, EvaluationJob, Release, Response, ResponseState, Score
from goldseam_web.measures.services import save_answer
from goldseam_web.measures.services.jobs import JOBS
from tests.web import people

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def at_once(act: Callable[[int], object]) -> list[object]:
    """Do it in eight threads that start together; each closes its own connection."""
    barrier = Barrier(THREADS)

    def run(number: int) -> object:
        barrier.wait(timeout=30)
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.fixture
def occasion(now):
    clinic = people.larkfield(now)
    ines = people.ines_okafor(clinic, now)
    case = people.individual(ines, now)
    return people.asked(people.meet(case, ines, now - timedelta(hours=1)), people.member(case, "Ruth"))


def test_the_first_answer_sent_eight_times_is_one(occasion):
    def post(number):
        form = {"item": "goal", "answer": str(number % 2 + 3), "go": "next"}
        return Client().post(f"{people.link(occasion)}1/", form).status_code

    assert at_once(post) == [302] * THREADS
    assert Response.objects.count() == 1
    assert Answer.objects.get().value in (3.0, 4.0)


def test_the_last_page_sent_eight_times_is_one_response_with_one_of_everything(occasion, now):
    for item in ("goal", "task", "bond", "safety"):
        save_answer(occasion=occasion, item=item, given=6, at=now)

    def post(_number):
        return (
            Client()
            .post(f"{people.link(occasion)}5/", {"item": "tension", "answer": "no"})
            .headers["Location"]
        )

    assert at_once(post) == [f"{people.link(occasion)}done/"] * THREADS
    assert Response.objects.get().state == ResponseState.COMPLETED
    assert (Answer.objects.count(), EvaluationJob.objects.count()) == (5, 1)
    # the mean, its four facets, and the direct question
    assert Score.objects.count() == 6


def test_eight_choices_at_once_leave_one_that_holds(occasion, now):
    save_answer(occasion=occasion, item="tension", given="clearly", at=now)
    at_once(lambda _: Client().post(f"{people.link(occasion)}who/", {"audience": "know_only"}).status_code)
    assert Release.objects.get().audience == Answer.objects.get().audience == "know_only"


def test_of_eight_workers_one_gets_the_job(occasion, now):
    job = people.answer(occasion, now).job
    claimed = [found for found in at_once(lambda n: JOBS.claim(worker=f"w{n}", at=now)) if found is not None]
    assert claimed == [job]
