"""What runs by itself, every few seconds or at every look, finds its rows by an index, however large a table has grown.

SQLite is told the sizes of a clinic that has answered a million times, as it would have counted them. PostgreSQL would
read a small table whole; here that is forbidden to it where there is any other way: what it still reads whole has none.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from goldseam_web.alerts.models import RAISED, AlertSignal
from goldseam_web.alerts.page_news import page_news
from goldseam_web.alerts.services import tidy, work_once
from goldseam_web.alerts.services.alert_messages import tell_unheard
from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.lib.database import count_for_plans
from goldseam_web.measures.models import Response
from goldseam_web.measures.services.jobs import queue_jobs
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.histories import STEADY, history
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in

pytestmark = pytest.mark.django_db

# With every session, answer or click there is more in these. Clinics, staff, their roles and leaves stay few.
GROWING = {
    *("cases_case", "cases_member", "cases_casetherapist", "cases_encounter", "cases_attendance"),
    *("measures_occasion", "measures_response", "measures_answer", "measures_score", "measures_series"),
    *("measures_evaluationjob", "measures_occasionmeasure", "measures_release"),
    *("alerts_evaluation", "alerts_alertsignal", "alerts_seen", "alerts_acknowledgement", "alerts_episode"),
    *("alerts_episodeevent", "alerts_keptstanding", "outbox_message", "audit_auditentry", "django_session"),
}
# An episode opened by hand is of no series, and a record that is not sealed yet has no position.
RARELY_MISSING = {("alerts_episode", "series_id"), ("audit_auditentry", "position")}
EXPLAINED = ("SELECT", "UPDATE", "DELETE")
NAMED = re.compile(r'"(\w+)" (\w+)\b')
# An index, and its first column, by which SQLite looks for rows.
BY_INDEX = re.compile(r"USING (?:COVERING )?INDEX (\w+) \((\w+)=\?")
# Django's own index of which clinic a row belongs to.
OF_CLINIC = re.compile(r"_clinic_id_[0-9a-f]{8}\b")


@pytest.fixture
@kept
def lived_in(cast, now):
    """Ruth fell at the last session, a session is planned, and a form lies begun."""
    history(cast.individual, cast.ines, people.member(cast.individual, "Ruth"), (*STEADY, 3.0), now)
    people.meet(cast.couple, cast.ines, now)
    keep_caseloads(at=now)
    return cast


@pytest.fixture(autouse=True)
def _counted(lived_in):
    """As `count_for_plans` would find it there: one clinic, so that nothing is told apart by which it belongs to.

    Twenty rows share a value of any other index, and fifty are not over.
    """
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what other tests left in the counts decides on no plan
        return
    count_for_plans()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")
        for table, index, stat in cursor.fetchall():
            if table in GROWING:
                cursor.execute(
                    "UPDATE sqlite_stat1 SET stat = %s WHERE idx = %s", [_grown(index, stat), index]
                )
        cursor.execute("ANALYZE sqlite_master")  # reads them anew


def _grown(index: str, stat: str) -> str:
    """How many rows there are, and how many share a value of the first column, of the first two, and so on."""
    columns = len(stat.split()) - 1
    if index in _partial():
        return " ".join(["50"] * (columns + 1))
    first = 1_000_000 if OF_CLINIC.search(index) else 20
    is_key = index.startswith("sqlite_autoindex")
    each = [1 if is_key and k == columns - 1 else first for k in range(columns)]
    return " ".join(map(str, [1_000_000, *each]))


def tables_read_whole(sql: str, params: Any) -> Iterator[str]:
    """Those a statement would read from their first row to the last, or all that their clinic has ever had."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            yield from _scanned(cursor.fetchone()[0][0]["Plan"])
            return
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        for *_, step in cursor.fetchall():
            whole = step.startswith("SCAN ") and step.split()[-1] not in _partial()
            if whole or _by_the_clinic(step) or _by_what_is_missing(step, sql):
                yield from _tables_called(step.split()[1], sql)


def _by_the_clinic(step: str) -> bool:
    """Whether it goes by an index to all that a clinic has ever had.

    Of a small table PostgreSQL takes any index there is, so that only the plans of SQLite tell.
    """
    index = BY_INDEX.search(step)
    return index is not None and step.endswith("(clinic_id=?)") and index[1] not in _partial()


def _by_what_is_missing(step: str, sql: str) -> bool:
    """Whether it goes by an index to all rows that have nothing in a column, which may be nearly all.

    SQLite counts how many rows share a value of an index on average; that most share having none it does not see.
    """
    name, index = step.split()[1], BY_INDEX.search(step)
    if index is None or index[1] in _partial() or index[2] == "id":
        return False
    missing = re.search(rf'"?{name}"?\."{index[2]}" IS NULL', sql) is not None
    return missing and not {(table, index[2]) for table in _tables_called(name, sql)} & RARELY_MISSING


def _partial() -> set[str]:
    """Indexes of a few rows, which may be read whole: those of what is not over."""
    indexes = [index for model in apps.get_models() for index in model._meta.indexes]
    return {index.name for index in indexes if index.condition is not None}


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _scanned(below)


def _tables_called(name: str, sql: str) -> set[str]:
    """The table of that name; a short name that stands for several tables of a statement says nothing."""
    tables = {table for table, short in NAMED.findall(sql) if short == name} or {name}
    return tables if len(tables) == 1 else set()


def statements_of(act: Callable[[], object]) -> dict[str, Any]:
    """Each statement once, with what it was given."""
    found: dict[str, Any] = {}

    def note(execute, sql, params, many, context):
        if sql.startswith(EXPLAINED):
            found.setdefault(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    return found


def read_whole(act: Callable[[], object]) -> dict[str, str]:
    return {
        table: sql
        for sql, params in statements_of(act).items()
        for table in tables_read_whole(sql, params)
        if table in GROWING
    }


def test_a_statement_without_an_index_is_noticed(lived_in):
    """The test would be worth nothing if it could not see one."""

    def search() -> None:
        with connection.cursor() as cursor:
            cursor.execute('SELECT 1 FROM "measures_score" WHERE "reason" = %s', ["nothing"])

    assert set(read_whole(search)) == {"measures_score"}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL takes any index of a small table")
def test_going_by_the_clinic_alone_is_noticed(lived_in):
    assert set(read_whole(lambda: list(AlertSignal.objects.filter(clinic=lived_in.clinic)))) == {
        "alerts_alertsignal"
    }


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL counts what is missing")
def test_going_by_what_most_rows_lack_is_noticed(lived_in):
    unread = AlertSignal.objects.filter(evaluation=None)
    assert set(read_whole(lambda: list(unread))) == {"alerts_alertsignal"}


def test_what_the_worker_does_every_five_seconds(lived_in, now):
    assert read_whole(lambda: tidy(at=timezone.now())) == {}


def test_what_the_worker_looks_for_five_times_a_second(lived_in):
    assert read_whole(lambda: work_once(worker="test", at=timezone.now())) == {}


def test_what_judging_a_response_reads(lived_in):
    queue_jobs(Response.objects.all(), at=timezone.now())
    assert read_whole(lambda: work_once(worker="test", at=timezone.now())) == {}


def test_what_open_pages_ask(lived_in):
    assert read_whole(lambda: page_news(lived_in.ines.user_id, session="0" * 40, at=timezone.now())) == {}


def test_what_the_caseload_reads(lived_in):
    client = signed_in(lived_in.ines)
    assert read_whole(lambda: client.get("/")) == {}


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite goes by an index wherever there is one"
)
def test_findings_are_not_compared_with_every_message(lived_in, now):
    """Of many messages, a few findings are looked for: by what each message is about."""
    about = {"clinic": lived_in.clinic, "staff": lived_in.ines, "purpose": RAISED, "channel": "email"}
    Message.objects.bulk_create(
        Message(subject=uuid4(), key=f"another {k}", queued_at=now, due_at=now, state="sent", **about)
        for k in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_message")
        for sql, params in statements_of(lambda: tell_unheard(at=timezone.now())).items():
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            assert "outbox_message" not in set(_scanned(cursor.fetchone()[0][0]["Plan"])), sql
