"""What tests in a real browser do with a page: go on to another one, and look for what axe finds.

A click may return before the page it leads to is there, and Playwright says that it always will in future. Whoever
then reads the page at once may read the one before. ``pytest -p tests.clicks_at_once`` lets every click return at
once, so that a test which does not wait fails every time and not once in a hundred.
"""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page


def follow(leading: Locator) -> None:
    """Click what leads to another page and wait until that is there."""
    with leading.page.expect_navigation():
        leading.click()


def assert_clean(page: Page) -> None:
    """Nothing that axe finds, nothing that scrolls sideways."""
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
