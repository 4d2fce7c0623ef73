"""What runs by itself, and what people open, in a database that is empty and in one that has grown.

    python benchmarks/web/growing.py                                  100,000 responses in SQLite
    scripts/with-postgres.sh .venv/bin/python benchmarks/web/growing.py --responses 1000000
    python benchmarks/web/growing.py --small                          2,000 responses

A therapist with 60 cases works in the clinic, and six cases of a colleague, with 40 sessions each, have ended. Every
act is measured there, and again when those six have been copied by the database until the responses are as many: rows,
forms, answers, judgements, sent messages and sealed records of the audit with them. Measured are, in turn with the
health page: a turn of the worker that finds nothing, one that judges a response, one that sends a message, what time
alone brings about (`tidy`), sealing 20 records, the list of 60 cases, a poll, a client's question and an answer. Times
are those of the application and its database (request in, response out, no network), written ones rolled back.
Prints JSON.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import making
from caseload import STORIES, add_copies, make_case_with_story, spread
from copying import MadeRows, grow, watched_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django.test import Client

    from goldseam_web.accounts.models import Staff
    from goldseam_web.outbox.models import Message

REPEATS = 60
OWN_CASES = 60
SESSIONS = 40
RECORDS = 20
# What a clinic writes for each response beside the rows of its case.
AUDIT_A_RESPONSE = 6
MAILS_A_RESPONSE = 1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--responses", type=int, default=100_000)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    responses = 2_000 if given.small else given.responses
    database = os.environ.get("GOLDSEAM_DATABASE")
    with tempfile.TemporaryDirectory(prefix="goldseam-growing-") as folder:
        making.use_database(Path(folder), **({"GOLDSEAM_DATABASE": database} if database else {}))
        found = measured(responses)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


def measured(responses: int) -> dict[str, Any]:
    from django.db import connection

    from goldseam_web.alerts.services.worker import warm_up
    from goldseam_web.lib.database import count_for_plans
    from goldseam_web.management.serving import build_static_files
    from goldseam_web.measures.models import Answer, Response

    build_static_files()
    warm_up()
    therapist, ended = made()
    settle()
    acts = Acts(therapist)
    settle()
    before = acts.cost()
    began = time.perf_counter()
    there = Response.objects.count()
    grow(ended, times=max(1, responses // len(ended.only("Response").rows)))
    grow_audit(AUDIT_A_RESPONSE * (Response.objects.count() - there))
    grow_mails(MAILS_A_RESPONSE * (Response.objects.count() - there))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
    count_for_plans()
    connection.close()
    grown_in = round(time.perf_counter() - began)
    after = acts.cost()
    return {
        "database": connection.vendor,
        "responses": Response.objects.count(),
        "answers": Answer.objects.count(),
        "grown in, s": grown_in,
        "milliseconds": {
            act: {
                "small": before[act],
                "grown": after[act],
                "ratio of the medians": round(after[act]["p50"] / before[act]["p50"], 2),
                "ratio of the lowest twentieths": round(after[act]["p5"] / before[act]["p5"], 2),
            }
            for act in before
        },
    }


def made() -> "tuple[Staff, MadeRows]":
    """The therapist whose list is read, and the rows of a colleague's cases that have ended."""
    from goldseam_web.accounts.models import Role
    from goldseam_web.accounts.services import add_staff
    from goldseam_web.alerts.models import AlertSignal
    from goldseam_web.audit.services import SYSTEM
    from goldseam_web.cases.models import Case, Ending
    from goldseam_web.measures.services.who_is_asked import end_case

    now = datetime.now(tz=UTC)
    therapist = making.make_therapist(now)
    with watched_rows() as own:
        for number, story in enumerate(STORIES):
            make_case_with_story(therapist, number, story, 8, now)
        making.leave_queue_empty()
        settle()
    add_copies(MadeRows([row for row in own if type(row).__name__ != "StaffPulse"]), len(STORIES), OWN_CASES)
    colleague = add_staff(
        clinic=therapist.clinic,
        email="colleague@benchmark.example",
        password=making.PASSWORD,
        full_name="Otto Other",
        display_name="Otto",
        roles=[Role.THERAPIST],
        at=now - timedelta(days=700),
    )
    with watched_rows() as theirs:
        for number, story in enumerate(STORIES):
            make_case_with_story(colleague, 1000 + number, story, SESSIONS, now)
        making.leave_queue_empty()
        settle()
        AlertSignal.objects.filter(case__therapists__therapist=colleague).update(first_seen_at=now)
        for case in Case.objects.filter(therapists__therapist=colleague):
            end_case(case=case, ending=Ending.PLANNED, at=now, actor=SYSTEM)
        settle()
    return therapist, MadeRows([row for row in theirs if type(row).__name__ != "StaffPulse"])


def settle() -> None:
    """Let the worker do what there is to do, until there is nothing."""
    from goldseam_web.alerts.services.worker import tidy, work_once

    for _ in range(3):
        tidy(at=datetime.now(tz=UTC))
        while work_once(worker="benchmark", at=datetime.now(tz=UTC)):
            pass


def grow_audit(count: int) -> None:
    """Sealed records. Their seals are no real ones: sealing goes on from the last alone."""
    from goldseam_web.audit.services import last_sealed

    last = last_sealed()
    assert last is not None
    grow(MadeRows([last]), times=count)


def grow_mails(count: int) -> None:
    """Mails that went out, each about something else."""
    from goldseam_web.outbox.models import Message, MessageState

    sent = Message.objects.filter(state=MessageState.SENT).latest("sent_at")
    one = MadeRows([sent])
    one.ids.add(sent.subject)
    grow(one, times=count)


class Acts:
    """What is measured, each beside the health page."""

    def __init__(self, therapist: "Staff") -> None:
        from goldseam_web.cases.models import Case

        now = datetime.now(tz=UTC)
        self.therapist = therapist
        self.case = making.make_case(therapist, 5000, 1, SESSIONS, now)
        making.give_history(self.case, therapist, SESSIONS, now)
        making.leave_queue_empty()
        ended = making.hold_session(self.case, therapist, now - timedelta(hours=1))
        self.member = self.case.members.get()
        making.begin(ended, self.member, 7.0)
        self.occasion = making.occasion_of(ended, self.member)
        self.message = self.told_of_a_fall(now)
        assert Case.objects.count() > OWN_CASES

    def told_of_a_fall(self, now: datetime) -> "Message":
        """The message about a fall in another case, waiting."""
        from goldseam_web.alerts.services import evaluate
        from goldseam_web.outbox.models import Message

        case = making.make_case(self.therapist, 5001, 1, SESSIONS, now)
        making.give_history(case, self.therapist, 8, now)
        encounter = making.hold_session(case, self.therapist, now - timedelta(hours=2))
        response = making.rate(encounter, case.members.get(), 2.0)
        making.leave_queue_empty()
        while self.works():
            pass
        evaluate(response=response, at=now)
        message = Message.objects.get(staff=self.therapist, state="pending")
        self.works()
        message.refresh_from_db()
        assert message.state == "sent", message.state
        return message

    def cost(self) -> dict[str, dict[str, float]]:
        from goldseam_web.measures.links import token_of

        now = datetime.now(tz=UTC)
        self.therapist.__class__.objects.update(alone_since=now)
        page = self.signed_in()
        shown = page.get("/", follow=True).content.decode()
        poll = shown.split('hx-get="/pulse/?')[1].split('"')[0].replace("&amp;", "&")
        link = f"/c/{token_of(self.occasion)}/"
        client = self.anybody()
        asked_by_script, given = {"HX-Request": "true"}, {"answer": "6", "go": "next"}
        acts: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "health page": (nothing, lambda: answers(page.get("/healthz"), 200)),
            "the worker finds nothing": (nothing, self.works),
            "a response judged": (self.answered_anew, self.works),
            "a message sent": (self.message_due, self.works),
            "what time alone brings about": (nothing, self.tidies),
            f"{RECORDS} records sealed": (self.recorded, self.seals),
            f"the list of {OWN_CASES} cases": (nothing, lambda: answers(page.get("/"), 200)),
            "a poll": (nothing, lambda: answers(page.get(f"/pulse/?{poll}", headers=asked_by_script), 204)),
            "a question": (nothing, lambda: answers(client.get(f"{link}1/"), 200)),
            "an answer": (nothing, lambda: answers(client.post(f"{link}1/", given), 302)),
        }
        return {name: timed(before, act) for name, (before, act) in acts.items()}

    def signed_in(self) -> "Client":
        client = self.anybody()
        client.force_login(self.therapist.user)
        return client

    def anybody(self) -> "Client":
        from django.test import Client

        return Client(headers={"host": "127.0.0.1"})

    def works(self) -> bool:
        from goldseam_web.alerts.services.worker import work_once

        return work_once(worker="benchmark", at=datetime.now(tz=UTC))

    def tidies(self) -> None:
        from goldseam_web.alerts.services.worker import tidy

        tidy(at=datetime.now(tz=UTC))

    def seals(self) -> None:
        from goldseam_web.audit.services import seal_entries

        assert seal_entries(at=datetime.now(tz=UTC)) == RECORDS

    def answered_anew(self) -> None:
        from goldseam_web.measures.models import EvaluationJob, JobState

        last = EvaluationJob.objects.filter(response__occasion__case=self.case).latest("response__rated_at")
        EvaluationJob.objects.filter(pk=last.pk).update(
            state=JobState.PENDING, claimed_at=None, claimed_by=""
        )

    def message_due(self) -> None:
        from goldseam_web.outbox.models import Message, MessageState

        waiting = {"state": MessageState.PENDING, "claimed_at": None, "claimed_by": "", "sent_at": None}
        Message.objects.filter(pk=self.message.pk).update(**waiting)

    def recorded(self) -> None:
        from goldseam_web.audit.services import SYSTEM, record_about, seal_entries

        while seal_entries(at=datetime.now(tz=UTC)):
            pass
        for _ in range(RECORDS):
            record_about(
                self.case,
                at=datetime.now(tz=UTC),
                actor=SYSTEM,
                action="case.view",
                object_kind="case",
                details={},
            )


def answers(response: "HttpResponse", status: int) -> None:
    if response.status_code != status:
        raise RuntimeError(f"status {response.status_code} instead of {status}")


def nothing() -> None:
    """What an act needs before it, where it needs nothing."""


def timed(before: Callable[[], Any], act: Callable[[], Any]) -> dict[str, float]:
    milliseconds = []
    for _ in range(REPEATS + 1):
        with taken_back():
            before()
            began = time.perf_counter()
            act()
            milliseconds.append(1000 * (time.perf_counter() - began))
    return spread(milliseconds[1:]) | {"lowest": round(min(milliseconds[1:]), 1)}


@contextmanager
def taken_back() -> "Iterator[None]":
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
