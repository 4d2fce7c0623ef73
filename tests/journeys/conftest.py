"""What a journey may ask for: a made-up clinic that is really served, and browsers of different people."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import Once
from tests.journeys.servers import Served, make_clinic, served

PHONE = {"width": 360, "height": 780}
DESKTOP = {"width": 1280, "height": 900}
# Longer than the five seconds promised: whether they are kept is measured in benchmarks/web, not asserted here.
PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def prepared_clinic(made_once_a_run: Once, migrated: Path) -> Path:
    """A data folder with the clinic in it, made once a run; each journey works on a copy."""

    def make(folder: Path) -> None:
        shutil.copytree(migrated, folder, dirs_exist_ok=True)
        make_clinic(folder)

    return made_once_a_run("prepared-clinic", make)


@pytest.fixture
def clinic(prepared_clinic: Path, tmp_path: Path) -> Iterator[Served]:
    with served(prepared_clinic, tmp_path / "data") as running:
        yield running


@pytest.fixture
def person(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A browser of one's own for each person; a page that asks for anything from elsewhere fails the journey."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def open_browser(clinic: Served, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: strangers.append(r.url) if not _ours(r.url, clinic) else None)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert strangers == []


def _ours(url: str, clinic: Served) -> bool:
    return url.startswith((clinic.address, "data:", "about:"))


@pytest.fixture
def screen(chromium: Browser) -> Iterator[Callable[[int], Page]]:
    """A browser of one's own, this many pixels wide, over a server in this process."""
    contexts: list[BrowserContext] = []

    def opened(width: int) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
