"""A pytest plugin: every click in a browser returns at once, before what it leads to is there.

Run ``pytest -p tests.clicks_at_once -m browser tests/web``. A test that fails only then reads a page without waiting
for it (`tests.browser_pages.follow`).
"""

from functools import wraps
from typing import Any

from playwright.sync_api import Locator, Page


def _at_once(owner: type, name: str) -> None:
    click = getattr(owner, name)

    @wraps(click)
    def returning(*given: Any, **named: Any) -> None:
        click(*given, **named, no_wait_after=True)

    setattr(owner, name, returning)


for _owner in (Locator, Page):
    for _name in ("click", "dblclick", "press"):
        _at_once(_owner, _name)
