"""Finding a Chromium for the journeys: one that is there, Debian's, or Playwright's own."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DEBIAN_INSTALL_SECONDS = 300
PLAYWRIGHT_INSTALL_SECONDS = 120


@cache
def find_chromium() -> str | None:
    """Give the path of a Chromium that starts, installing one where that is possible; else None."""
    return _installed() or _from_debian() or _from_playwright()


def _installed() -> str | None:
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [shutil.which(name) for name in NAMES]
    return next((path for path in candidates if path and _starts(path)), None)


def _starts(path: str) -> bool:
    return _succeeds([path, "--version"], seconds=30)


def _from_debian() -> str | None:
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    _succeeds([*quiet, "update"], seconds=DEBIAN_INSTALL_SECONDS)
    install = [*quiet, "install", "-y", "--no-install-recommends", "chromium"]
    return _installed() if _succeeds(install, seconds=DEBIAN_INSTALL_SECONDS) else None


def _from_playwright() -> str | None:
    """Playwright keeps browsers in the user's cache; ask it where, after letting it fetch one."""
    from playwright.sync_api import sync_playwright

    if not _succeeds(["playwright", "install", "chromium"], seconds=PLAYWRIGHT_INSTALL_SECONDS):
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and _starts(path) else None


def _succeeds(command: list[str], *, seconds: int) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, timeout=seconds, capture_output=True, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
