"""What it costs to judge one response: statements and processor time, after 5 and after 40 sessions.

    python benchmarks/web/judging.py            median of 30 judgements
    python benchmarks/web/judging.py --small    median of 3

One client comes alone, each session is rated as usual, and the last response is judged as the worker does: from
claiming the job to noting that it is done. Each judgement is rolled back and done again. Statements are counted
without BEGIN, COMMIT and SAVEPOINT. Beside it stands the application's health page, as a yardstick. Prints JSON.
"""

import argparse
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import making

NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    repeats = 3 if parser.parse_args().small else 30
    with tempfile.TemporaryDirectory(prefix="goldseam-judging-") as folder:
        making.use_database(Path(folder))
        found: dict[str, Any] = {f"after {count} sessions": judged(count, repeats) for count in (5, 40)}
        found["health page, ms"] = health_page(repeats)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


def judged(sessions: int, repeats: int) -> dict[str, Any]:
    """The judgement of the last of so many responses."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from goldseam_web.accounts.models import Staff
    from goldseam_web.alerts.services import evaluate
    from goldseam_web.alerts.services.worker import warm_up, work_once
    from goldseam_web.measures.models import EvaluationJob, JobState, Response

    warm_up()
    now = datetime.now(tz=UTC)
    therapist = Staff.objects.first() or making.make_therapist(now)
    case = making.make_case(therapist, sessions, 1, sessions, now)
    making.give_history(case, therapist, sessions, now)
    *earlier, last = Response.objects.filter(occasion__case=case).order_by("rated_at")
    evaluate(response=earlier[-1], at=now)
    EvaluationJob.objects.filter(response__in=earlier).update(state=JobState.DONE)
    milliseconds = []
    for _ in range(repeats + 1):
        with transaction.atomic():
            began = time.process_time()
            work_once(worker="benchmark", at=now)
            milliseconds.append(1000 * (time.process_time() - began))
            transaction.set_rollback(True)
    # by itself, for noting statements takes time
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        work_once(worker="benchmark", at=now)
        transaction.set_rollback(True)
    statements = sum(not each["sql"].startswith(NOT_COUNTED) for each in seen.captured_queries)
    evaluate(response=last, at=now)
    EvaluationJob.objects.update(state=JobState.DONE)
    return {
        "statements": statements,
        "processor time, ms": {
            "lowest": round(min(milliseconds[1:]), 1),
            "median": round(statistics.median(milliseconds[1:]), 1),
            "highest": round(max(milliseconds[1:]), 1),
        },
    }


def health_page(repeats: int) -> float:
    """Processor time of a page that asks the database for 1."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    milliseconds = []
    for _ in range(repeats + 1):
        began = time.process_time()
        assert client.get("/healthz").status_code == 200
        milliseconds.append(1000 * (time.process_time() - began))
    return round(statistics.median(milliseconds[1:]), 1)


if __name__ == "__main__":
    main()
