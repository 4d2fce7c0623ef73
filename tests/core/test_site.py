"""The manual as a site: every page has its place, every link leads to a page, every public name is in the reference.

The site itself is built by `make docs`, strictly; here its pages are assembled.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import goldseam
from scripts.site import FETCHED, LINK, ROOT, SHIM, assemble

CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    assemble(folder)
    return folder


def places(entries: Any) -> list[str]:
    """The pages of a table of contents."""
    if isinstance(entries, str):
        return [entries]
    parts = entries if isinstance(entries, list) else entries.values()
    return [place for part in parts for place in places(part)]


def test_every_page_has_its_place_in_the_contents_once(pages: Path) -> None:
    named = Counter(places(CONFIG["nav"]))
    assert named == Counter(str(page.relative_to(pages)) for page in pages.rglob("*.md"))


def test_links_of_the_site_lead_to_its_pages(pages: Path) -> None:
    lost = [
        (str(page.relative_to(pages)), match[2])
        for page in pages.rglob("*.md")
        for match in LINK.finditer(page.read_text(encoding="utf-8"))
        if not (page.parent / match[2]).is_file()
    ]
    assert lost == []


def test_the_reference_has_every_public_name_where_its_docstring_is(pages: Path) -> None:
    text = (pages / "reference" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"heading: goldseam\.(\w+)", text)) == set(goldseam.__all__)
    assert "::: goldseam.simulate.simulation.simulate\n" in text
    assert "::: goldseam.detection.detect.detect\n" in text


def test_the_site_fetches_nothing_from_others() -> None:
    assert CONFIG["theme"]["font"] is False
    assert {"search", "offline"} <= {each for each in CONFIG["plugins"] if isinstance(each, str)}
    shim = ROOT / "docs" / "assets" / "iframe-worker-1.0.4.js"
    assert "MIT" in shim.read_text(encoding="utf-8").splitlines()[0]
    # what the theme would fetch is replaced, and the build ends where anything else would be
    assert FETCHED.findall(f'<script src="{SHIM}"></script><a href="https://example.org">there</a>') == [SHIM]
