"""The caseload of 200 cases with 40 sessions each, alone and in a clinic of 2,000 cases: what a page costs.

    python benchmarks/web/caseload.py              200 cases, 2,000 in the clinic
    python benchmarks/web/caseload.py --small      12 cases, 24 in the clinic

Six cases are made through the services: steady, strained and not opened, coming back, slowly falling, low,
and a couple; the others of the 200 are copies of their rows, and the clinic's further ones of their people and of what
is kept of them. Measured are the page as it is when the worker has kept the list, the same with nothing kept, and at
last one list of all 2,000. Times are those of the application alone (request in, response out, no network), of 60
requests after a first one (5 with nothing kept), each beside a request of the health page. Prints JSON.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import making
from copying import MadeRows, watched_rows

if TYPE_CHECKING:
    from goldseam_web.accounts.models import Staff

REPEATS = 60
WEEK = timedelta(days=7)
NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
# How each member rated the last sessions; the earlier ones as usual.
STORIES: tuple[tuple[tuple[float, ...], ...], ...] = (
    ((8.0,),),
    ((8.0, 3.0),),
    ((3.0, 4.0, 6.0),),
    ((7.0, 6.0, 6.0, 5.0, 5.0, 5.0),),
    ((2.0, 2.0, 2.0),),
    ((8.0,), (8.0, 2.0)),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    small = parser.parse_args().small
    own, whole, sessions = (12, 24, 8) if small else (200, 2000, 40)
    with tempfile.TemporaryDirectory(prefix="goldseam-caseload-") as folder:
        making.use_database(Path(folder))
        found = measured(own, whole, sessions)
    found |= {"date": datetime.now(tz=UTC).date().isoformat(), "machine": making.machine()}
    print(json.dumps(found, indent=1))


def measured(own: int, whole: int, sessions: int) -> dict[str, Any]:
    """The page in a clinic that becomes larger and larger."""
    from django.utils import timezone

    from goldseam_web.alerts.kept_tables import KeptStanding
    from goldseam_web.alerts.services.keeping import keep_caseloads
    from goldseam_web.cases.models import CaseTherapist
    from goldseam_web.management.serving import build_static_files

    build_static_files()
    now = datetime.now(tz=UTC)
    therapist = making.make_therapist(now)
    with watched_rows() as rows:
        for number, story in enumerate(STORIES):
            make_case_with_story(therapist, number, story, sessions, now)
        making.leave_queue_empty()
        keep_caseloads(at=timezone.now())
    made = MadeRows([row for row in rows if type(row).__name__ != "StaffPulse"])
    add_copies(made, len(STORIES), own)
    found = {f"{own} cases": cost(therapist, "/")}
    with nothing_kept():
        found[f"{own} cases, nothing kept"] = cost(therapist, "/", repeats=5)
    other = making.make_colleague(therapist, 1, now)
    theirs = CaseTherapist.objects.all(), KeptStanding.objects.all()
    own_ids = [set(table.values_list("pk", flat=True)) for table in theirs]
    add_copies(
        made.only("Person", "PersonIdentity", "Case", "Member", "CaseTherapist", "KeptStanding"), own, whole
    )
    further = [table.exclude(pk__in=ids) for table, ids in zip(theirs, own_ids, strict=True)]
    further[0].update(therapist=other)
    further[1].update(reader=other)
    found[f"{own} cases of a clinic of {whole}"] = cost(therapist, "/")
    further[0].update(therapist=therapist)
    further[1].update(reader=therapist)
    found[f"one list of {whole}"] = cost(therapist, "/", repeats=20)
    return found


@contextmanager
def nothing_kept() -> Iterator[None]:
    """As after an upgrade, before the worker came by."""
    from django.db.models import Value
    from django.db.models.functions import Concat, Replace

    from goldseam_web.alerts.kept_tables import KeptStanding

    KeptStanding.objects.update(made_as=Concat("made_as", Value("*")))
    yield
    KeptStanding.objects.update(made_as=Replace("made_as", Value("*"), Value("")))


def make_case_with_story(therapist: "Staff", number: int, story: Any, sessions: int, now: datetime) -> None:
    """Weekly sessions up to yesterday, each rated by everybody and the last eight judged as they came; one is next."""
    from goldseam_web.alerts.services import evaluate
    from goldseam_web.audit.services import SYSTEM
    from goldseam_web.cases.services import plan_encounter

    case = making.make_case(therapist, number, len(story), sessions, now)
    members = list(case.members.all())
    for k in range(sessions):
        encounter = making.hold_session(case, therapist, now - timedelta(days=1) - (sessions - 1 - k) * WEEK)
        for member, levels in zip(members, story, strict=True):
            left = sessions - k
            usual = making.USUAL[(k + member.position) % len(making.USUAL)]
            response = making.rate(encounter, member, levels[-left] if left <= len(levels) else usual)
            if left <= 8:
                evaluate(response=response, at=encounter.ends_at + timedelta(minutes=11), notify=False)
    plan_encounter(
        case=case,
        therapist=therapist,
        starts_at=now + 6 * timedelta(days=1),
        minutes=50,
        at=now,
        actor=SYSTEM,
    )


def add_copies(made: MadeRows, there: int, size: int) -> None:
    from django.db import transaction

    with transaction.atomic():
        for number in range(there, size, len(STORIES)):
            made.copy(number)


def cost(therapist: "Staff", path: str, *, repeats: int = REPEATS) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(therapist.user)
    therapist.__class__.objects.update(alone_since=datetime.now(tz=UTC))
    for page in (path, "/healthz"):
        if client.get(page).status_code != 200:
            raise RuntimeError(f"{page} did not answer with 200")
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)
    asked = [q["sql"] for q in queries.captured_queries if not q["sql"].startswith(NOT_COUNTED)]
    times: dict[str, list[float]] = {path: [], "/healthz": []}
    for _ in range(repeats):
        for each, seconds in times.items():
            began = time.perf_counter()
            client.get(each)
            seconds.append(1000 * (time.perf_counter() - began))
    return {
        "statements": len(asked),
        "milliseconds": spread(times[path]),
        "health page, milliseconds": spread(times["/healthz"]),
        "times the health page": round(
            statistics.median(times[path]) / statistics.median(times["/healthz"]), 1
        ),
        "bytes before compression": len(page.content),
    }


def spread(milliseconds: list[float]) -> dict[str, float]:
    tenths = statistics.quantiles(milliseconds, n=20)
    return {
        "p50": round(statistics.median(milliseconds), 1),
        "p5": round(tenths[0], 1),
        "p95": round(tenths[-1], 1),
    }


if __name__ == "__main__":
    main()
