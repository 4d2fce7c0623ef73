"""What every test of the application may ask for. The people themselves are in people.py."""

from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

# An install reads once which addresses it has. It must not happen under a test's settings, or every later test of
# the process would have the demo's.
import goldseam_web.config.urls  # noqa: F401
from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Case, Member
from tests.web import people


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what would say the same again as on SQLite.

    That is what never meets the database, and what the made-up clinic holds, which takes a minute to make.
    """
    if connection.vendor != "postgresql":
        return
    here = Path(__file__).parent
    left_out = [
        item
        for item in items
        if here in item.path.parents
        and (item.path.name == "test_demo_clinic.py" or not _meets_the_database(item))
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _meets_the_database(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True)
def _heads_of_its_own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test whose database is rolled back must not find where another one's audit had got to."""
    if _meets_the_database(request.node):
        folder = request.getfixturevalue("tmp_path")
        monkeypatch.setattr("django.conf.settings.GOLDSEAM_AUDIT_HEADS", str(folder / "audit-heads"))


@pytest.fixture
def now() -> datetime:
    """The moment of the test: views read the clock, so rows have to lie around it."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def clinic(db: None, now: datetime) -> Clinic:
    """Larkfield, with our measures in use; the shipped norms are stored with its first evaluation."""
    return people.larkfield(now)


@pytest.fixture
def ines(clinic: Clinic, now: datetime) -> Staff:
    return people.ines_okafor(clinic, now)


@pytest.fixture
def cast(db: None, now: datetime) -> people.Cast:
    """Everybody: use it where several roles meet."""
    return people.gather(now)


@pytest.fixture
def ruth(ines: Staff) -> tuple[Staff, Case, Member]:
    """Ines, the case of Ruth alone, and Ruth."""
    case = people.individual(ines, ines.clinic.created_at)
    return ines, case, people.member(case, "Ruth")


@pytest.fixture
def brandts(ines: Staff) -> tuple[Staff, Case, Member, Member]:
    """Ines, the couple's case, Lea and Tomas."""
    case = people.couple(ines, ines.clinic.created_at)
    return ines, case, people.member(case, "Lea"), people.member(case, "Tomas")
