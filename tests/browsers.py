"""Finding a Chromium for the journeys: one that is there, Debian's, or Playwright's own.

Debian has it without windows, too: the same engine shows the same pages for a third of the processor time, since a
whole Chromium draws menus and tabs even where nobody sees them. So that one is taken, and installed, before others.
``CHROMIUM=/usr/bin/chromium`` names another.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

WITHOUT_WINDOWS = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DEBIAN_UPDATE_SECONDS = 60
DEBIAN_INSTALL_SECONDS = 300
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
    return _succeeds([path, "--version"], seconds=30)


def _from_debian(package: str) -> str | None:
    """Install it, but never in place of anything that is there."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return None
    # Several processes may ask at once: one installs, the others wait for it.
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", f"DPkg::Lock::Timeout={DEBIAN_INSTALL_SECONDS}"]
    _succeeds([*quiet, "update"], seconds=DEBIAN_UPDATE_SECONDS)
    install = [*quiet, "install", "-y", "--no-remove", "--no-install-recommends", package]
    return _installed(package) if _succeeds(install, seconds=DEBIAN_INSTALL_SECONDS) else None


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
