"""The web server killed without warning while a client answers: what was acknowledged is kept."""

import http.client
import os
import signal as signals
import subprocess
import threading
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings

from goldseam_web.lib.ports import free_port
from goldseam_web.management.serving import web_server
from goldseam_web.management.waiting_for_server import wait_until_answering
from goldseam_web.measures.models import Answer, Response
from tests.web import people
from tests.web.test_worker import PATIENCE, worker_environment

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running_server(data_folder: str):
    port = free_port("127.0.0.1", 8900)
    program = web_server(host="127.0.0.1", port=port, processes=1, threads=2, environment={})
    environment = {
        **worker_environment(data_folder),
        "GOLDSEAM_SECRET_KEY": settings.SECRET_KEY,
        "GOLDSEAM_ENCRYPTION_KEYS": ",".join(settings.GOLDSEAM_ENCRYPTION_KEYS),
        "GOLDSEAM_DEBUG": "on",  # static files under their own names
    }
    process = subprocess.Popen(
        program.command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
    )
    try:
        assert wait_until_answering(port, seconds=PATIENCE)
        yield port, lambda: os.killpg(process.pid, signals.SIGKILL)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signals.SIGKILL)
        process.wait(timeout=PATIENCE)


def post(port, path, item, answer) -> bool:
    """Whether the server acknowledged this very answer, as our script is told."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"X-Goldseam-Answer": item, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode({"item": item, "answer": answer, "go": "next"}), headers)
        reply = connection.getresponse()
        reply.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return reply.status == http.HTTPStatus.OK and reply.getheader("X-Goldseam-Answer") == item


def test_what_the_server_acknowledged_before_it_was_killed_is_kept_once(ines, now, tmp_path):
    case = people.couple(ines, now)
    occasion = people.asked(people.meet(case, ines, now - timedelta(hours=1)), people.member(case, "Lea"))
    items = [question.item.key for question in people.questionnaire(occasion, None).shown]
    base, acknowledged, third = people.link(occasion), [], threading.Event()

    def answer_on(port):
        for number, item in enumerate(items[:-1], 1):
            if not post(port, f"{base}{number}/", item, str(number)):
                return
            acknowledged.append(item)
            if number == 3:
                third.set()

    with running_server(str(tmp_path)) as (port, kill):
        thread = threading.Thread(target=answer_on, args=(port,))
        thread.start()
        assert third.wait(PATIENCE)
        kill()
        thread.join(PATIENCE)
    kept = dict(Answer.objects.values_list("item", "value"))
    assert len(acknowledged) >= 3
    assert {item: kept.get(item) for item in acknowledged} == {
        item: float(items.index(item) + 1) for item in acknowledged
    }
    # What was on its way may be kept or not; sent once more, as a phone does, it is there once.
    with running_server(str(tmp_path)) as (port, _):
        for number, item in enumerate(items[:-1], 1):
            assert post(port, f"{base}{number}/", item, str(number))
        assert post(port, f"{base}{len(items)}/", items[-1], "no")
    assert Response.objects.get().state == "completed"
    assert Answer.objects.count() == len(items)
