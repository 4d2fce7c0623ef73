"""What every test may ask for."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests import made_once
from tests.browsers import find_chromium

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

# Nothing but the pages asked for: no sandbox, because containers have none to give; no look at what is new.
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
ROOT = Path(__file__).resolve().parent.parent

# How long an example takes says something about the machine, not about the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


# Files that take a minute or more. A file is one process's: begun last, one of them would leave the others idle.
LONG_FILES = (
    *("test_one_answer.py", "test_from_an_empty_folder.py", "test_commands.py", "test_portal_browser.py"),
    *("test_worker.py", "test_demo_clinic.py", "test_demo.py", "test_simulated_clinic.py"),
    *(
        "test_access_over_time.py",
        "test_access_pairs.py",
        "test_access_matrix.py",
        "test_operating_benchmarks.py",
        "test_statement_budget.py",
    ),
    *(
        "test_dashboard_signal.py",
        "test_alert_messages.py",
        "test_alerts_services.py",
        "test_concern_pages.py",
    ),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; all else keeps the order by lot."""
    order = {name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONG_FILES)))


def missing(reason: str) -> None:
    """Skip a test whose tool is missing; where everything must run (CI=true), fail it instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true: a test that cannot run is a failure)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def made_once_a_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Have a folder filled by the first process of the run that asks for its name."""
    own = tmp_path_factory.getbasetemp()
    return partial(made_once.made_once, own.parent if _workers(request) else own)


def _workers(request: pytest.FixtureRequest) -> int:
    """How many processes share the run; none, where this is the only one."""
    return int(getattr(request.config, "workerinput", {}).get("workercount", 0))


@pytest.fixture(scope="session")
def migrated(made_once_a_run: Once) -> Path:
    """The data folder of an install of this version that nobody has set up: copy it."""
    return made_once_a_run("migrated", made_once.migrate)


@pytest.fixture(scope="session")
def django_db_keepdb(
    request: pytest.FixtureRequest, django_db_use_migrations: bool, django_db_keepdb: bool
) -> bool:
    """A copy that was put there is taken; its folder, or its PostgreSQL, is removed with all that is in it."""
    return django_db_keepdb or (django_db_use_migrations and _workers(request) > 1 and _on_sqlite())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    *,
    request: pytest.FixtureRequest,
    made_once_a_run: Once,
    django_db_modify_db_settings: None,
    django_db_use_migrations: bool,
    django_db_keepdb: bool,
    django_db_blocker: "DjangoDbBlocker",
) -> None:
    """Of several processes one applies the migrations, and each works in a copy of what comes of it."""
    from django.db import connection

    if not (django_db_use_migrations and django_db_keepdb and _workers(request) > 1):
        return
    name = str(connection.settings_dict["TEST"]["NAME"])
    if _on_sqlite():
        made_once.copy_sqlite(request.getfixturevalue("migrated"), name)
        return
    with django_db_blocker.unblock():
        made_once_a_run("migrated-template", partial(made_once.make_template, connection))
        made_once.copy_template(connection, name)


def _on_sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running Chromium. Mark the tests that use it with `pytest.mark.browser`."""
    path = find_chromium()
    if path is None:
        missing("NO CHROMIUM: none found, Debian's and Playwright's could not be installed")
    # Playwright's synchronous interface runs an event loop in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
