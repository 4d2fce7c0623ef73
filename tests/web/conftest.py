"""What every test of the application may ask for. The people themselves are in people.py."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

# An install reads once which addresses it has. It must not happen under a test's settings, or every later test of
# the process would have the demo's.
import goldseam_web.config.urls  # noqa: F401
from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Case, Member
from tests.page_names import named_twice
from tests.web import people
from tests.web.kept_rows import kept, watched

# What stands on pages that are read, or follows from the clock alone. That each page's statements run on PostgreSQL as
# well, and are as many, is seen there by tests/rules/test_statement_budget.py, which opens every page.
WORDS_OF_PAGES = frozenset(
    (
        *("test_dashboard_alert.py", "test_dashboard_case.py", "test_dashboard_caseload.py"),
        *("test_dashboard_fairness.py", "test_dashboard_forms.py", "test_dashboard_signal.py"),
        *("test_map_of_relations.py", "test_supervision.py", "test_readers.py", "test_leaflet.py"),
        *("test_urgent_help.py", "test_mail_words.py", "test_what_is_asked.py", "test_office_set_up.py"),
        *("test_install_settings.py", "test_clock_changes.py", "test_open_pages.py", "test_kept_form.py"),
        *("test_after_the_form.py", "test_looked_at.py", "test_away_pages.py", "test_appointment_pages.py"),
    )
)
# The made-up clinic is made in SQLite wherever it is shown, and takes a minute to make.
MADE_UP_CLINIC = frozenset(("test_demo.py", "test_demo_clinic.py"))
# What moved rows long ago and is never changed. Each goes back through all migrations and forth again.
MOVED_LONG_AGO = frozenset(
    ("test_consent_migration.py", "test_encryption_migration.py", "test_outbox_migration.py")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what would say the same again as on SQLite.

    That is what never meets the database, the words of pages and what a browser makes of them, the made-up clinic, and
    migrations of long ago.
    """
    if connection.vendor != "postgresql":
        return
    here = Path(__file__).parent
    left_out = [
        item
        for item in items
        if here in item.path.parents
        and (
            item.path.name in WORDS_OF_PAGES | MADE_UP_CLINIC | MOVED_LONG_AGO
            or item.get_closest_marker("browser") is not None
            or not _meets_the_database(item)
        )
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _meets_the_database(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True)
def _database_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test whose database is rolled back must not find where another one's audit had got to."""
    if not _meets_the_database(request.node):
        yield
        return
    request.getfixturevalue("db")
    _ = connection.features.supports_json_field  # Django asks the database once a process: no test counts it
    folder = request.getfixturevalue("tmp_path")
    monkeypatch.setattr("django.conf.settings.GOLDSEAM_AUDIT_HEADS", str(folder / "audit-heads"))
    with watched():
        yield


@pytest.fixture(autouse=True)
def _no_part_fails_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker tells and goes on after ends a test."""

    def raised(error: Exception) -> None:
        raise error

    monkeypatch.setattr("goldseam_web.alerts.services.worker.tell_of_failed_part", raised)


@pytest.fixture(autouse=True)
def _no_page_names_two_things_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page that any test opens: no id and no name of a region stands on it twice."""
    plain = Client.request

    def request(client: Client, **asked: Any) -> Any:
        response = plain(client, **asked)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not response.streaming and not response.has_header("Content-Encoding"):
            assert named_twice(response.content.decode()) == [], asked.get("PATH_INFO")
        return response

    monkeypatch.setattr(Client, "request", request)


@pytest.fixture
def now() -> datetime:
    """The moment of the test: views read the clock, so rows have to lie around it."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
@kept
def clinic(db: None, now: datetime) -> Clinic:
    """Larkfield, with our measures in use; the shipped norms are stored with its first evaluation."""
    return people.larkfield(now)


@pytest.fixture
@kept
def ines(clinic: Clinic, now: datetime) -> Staff:
    return people.ines_okafor(clinic, now)


@pytest.fixture
@kept
def cast(db: None, now: datetime) -> people.Cast:
    """Everybody: use it where several roles meet."""
    return people.gather(now)


@pytest.fixture
@kept
def ruth(ines: Staff, now: datetime) -> tuple[Staff, Case, Member]:
    """Ines, the case of Ruth alone, and Ruth."""
    case = people.individual(ines, now)
    return ines, case, people.member(case, "Ruth")


@pytest.fixture
@kept
def brandts(ines: Staff, now: datetime) -> tuple[Staff, Case, Member, Member]:
    """Ines, the couple's case, Lea and Tomas."""
    case = people.couple(ines, now)
    return ines, case, people.member(case, "Lea"), people.member(case, "Tomas")
