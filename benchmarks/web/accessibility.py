"""Open every kind of page the demo's staff can reach, at three widths, light and dark, and let axe look at it.

    python benchmarks/web/accessibility.py

Pages are found by following links from each person's first page, one of each kind. It prints what axe finds, what
scrolls sideways and what does not open, and ends with 1 if there is anything.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.browsers import find_chromium
from tests.conftest import QUIET
from tests.journeys.servers import Served, make_clinic, served

WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=members/)\d+")
# Ends the visit, belongs to clients, or is no page.
LEFT_OUT = re.compile(r"sign-out|^/static|^/c/|^/demo|/theme/")


def main() -> int:
    """Look at the pages of every member of staff; give 1 where something was found."""
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        prepared, data = Path(folder) / "prepared", Path(folder) / "data"
        prepared.mkdir()
        make_clinic(prepared)
        with served(prepared, data) as clinic, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
            for sign_in in clinic.tour["sign_ins"]:
                looked_at, found = _visit(browser, clinic, sign_in)
                faults += len(found)
                print(f"{sign_in['who']}: {looked_at} kinds of page, {len(found)} faults", flush=True)
                for fault in found:
                    print(f"  {fault}", flush=True)
    return 1 if faults else 0


def _visit(browser: Browser, clinic: Served, sign_in: dict[str, str]) -> tuple[int, list[str]]:
    page = browser.new_context().new_page()
    page.goto(f"{clinic.address}/account/sign-in/")
    page.fill("[name=login]", sign_in["email"])
    page.fill("[name=password]", sign_in["password"])
    page.locator("main button.btn-primary").click()
    page.wait_for_load_state()
    alone = page.get_by_role("button", name="I am alone now")
    if alone.count():
        alone.first.click()
    kinds: set[str] = set()
    found: list[str] = []
    to_see = ["/"]
    while to_see:
        path = to_see.pop(0)
        kind = KEY.sub("…", path.split("?")[0])
        if kind in kinds:
            continue
        kinds.add(kind)
        to_see += _links(page, clinic, path)
        found += [f"{kind} {fault}" for fault in _faults(page, clinic.address + path)]
    page.context.close()
    return len(kinds), found


def _links(page: Page, clinic: Served, path: str) -> list[str]:
    page.goto(clinic.address + path)
    links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    return [link for link in links if link.startswith("/") and not LEFT_OUT.search(link)]


def _faults(page: Page, address: str) -> Iterator[str]:
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            reply = page.goto(address)
            where = f"at {width} {scheme}"
            if reply is None or not reply.ok:
                yield f"{where}: status {reply.status if reply else 'none'}"
            for rule in Axe().run(page).response["violations"]:
                yield f"{where}: {rule['id']} {[node['target'] for node in rule['nodes']]}"
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                yield f"{where}: {wide} wide"


if __name__ == "__main__":
    raise SystemExit(main())
