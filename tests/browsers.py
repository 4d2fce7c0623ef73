"""Finding a Chromium for the journeys: one that is there, Debian's, or Playwright's own.

Debian has it without windows, too: the same engine shows the same pages for a third of the processor time, since a
whole Chromium draws menus and tabs even where nobody sees them. So that one is taken, and installed, before others.
``CHROMIUM=/usr/bin/chromium`` names another.
"""

import os
import shutil
from functools import cache
from pathlib import Path

from tests.debian_packages import from_debian, succeeds

WITHOUT_WINDOWS = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLAYWRIGHT_INSTALL_SECONDS = 120


@cache
def find_chromium() -> str | None:
    """Give the path of a Chromium that starts, installing one where that is possible; else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if _starts(named) else None
    light = _installed(WITHOUT_WINDOWS) or _from_debian(WITHOUT_WINDOWS)
    return light or _installed(*NAMES) or _from_debian("chromium") or _from_playwright()


def _installed(*names: str) -> str | None:
    return next((path for path in map(shutil.which, names) if path and _starts(path)), None)


def _starts(path: str) -> bool:
    return succeeds([path, "--version"], seconds=30)


def _from_debian(package: str) -> str | None:
    return _installed(package) if from_debian(package) else None


def _from_playwright() -> str | None:
    """Playwright keeps browsers in the user's cache; ask it where, after letting it fetch one."""
    from playwright.sync_api import sync_playwright

    if not succeeds(["playwright", "install", "chromium"], seconds=PLAYWRIGHT_INSTALL_SECONDS):
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and _starts(path) else None
