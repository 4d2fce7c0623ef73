"""Processor time of a client's pages inside the application, beside the health page.

    python benchmarks/web/one_answer.py

Twenty clients who come alone answer five questions each, as our script sends them: the reply brings the next question.
SQLite with durable writes; all threads of the process are counted, no web server. Prints JSON.
"""

import json
import re
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import making

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CLIENTS, QUESTIONS = 25, 5
NOT_COUNTED = 5  # clients, until everything was done once


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="goldseam-answer-") as folder:
        making.use_database(Path(folder))
        from goldseam_web.management.serving import build_static_files

        build_static_files()
        spent: dict[str, list[float]] = defaultdict(list)
        for number, link in enumerate(links()):
            answer_all(link, spent if number >= NOT_COUNTED else defaultdict(list))
    found = {page: summary(milliseconds) for page, milliseconds in spent.items()}
    print(json.dumps(found | {"machine": making.machine()}, indent=1))


def links() -> list[str]:
    from goldseam_web.measures.links import token_of

    now = datetime.now(tz=UTC)
    therapist, made = making.make_therapist(now), []
    for number in range(CLIENTS):
        case = making.make_case(therapist, number, 1, 2, now)
        encounter = making.hold_session(case, therapist, now - timedelta(hours=1))
        made.append(f"/c/{token_of(making.occasion_of(encounter, case.members.get()))}/")
    return made


def answer_all(link: str, spent: dict[str, list[float]]) -> None:
    from django.http import HttpResponse
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.get("/healthz")  # Django's test client reads the middleware at its first request

    def go(page: str, method: str, path: str, form: dict[str, str] | None = None) -> HttpResponse:
        headers = {"X-Goldseam-Answer": "1"}
        began = time.process_time()
        if method == "get":
            response: HttpResponse = client.get(path)
        else:  # a form as our script sends it; the test client's own way is that of files
            body = urlencode(form or {})
            response = client.post(path, body, "application/x-www-form-urlencoded", headers=headers)
        spent[page].append(1000 * (time.process_time() - began))
        assert response.status_code == 200, response.status_code
        return response

    go("health page", "get", "/healthz")
    go("the link", "get", link)
    told = json.loads(go("start, with the first question", "post", link).content)
    for number in range(1, QUESTIONS + 1):
        is_last = number == QUESTIONS
        form = {**dict(HIDDEN.findall(told["page"])), "answer": "no" if is_last else "6", "go": "next"}
        page = "the last answer" if is_last else "an answer, with the next question"
        told = json.loads(go(page, "post", f"{link}{number}/", form).content)
    go("the last page", "get", f"{link}done/")


def summary(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    return f"{statistics.median(ordered):.1f} ({ordered[0]:.1f} to {ordered[-1]:.1f})"


if __name__ == "__main__":
    main()
