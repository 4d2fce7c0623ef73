"""Build the manual as a site that works from a disk, without the network.

    python scripts/site.py             # build/site, with MkDocs and its Material theme
    python scripts/site.py zensical    # the same sources with Zensical, its successor

The pages of docs/ are copied to build/docs; beside them come what is made of other sources: tutorials from their
notebooks, and the reference of the library from its docstrings (mkdocstrings reads them).
"""

import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.tutorials import notebooks, page  # noqa: E402

PAGES, SITE = ROOT / "build" / "docs", ROOT / "build" / "site"
BUILDERS = {
    "mkdocs": ("build", "--strict", "--quiet"),
    "zensical": ("build", "--clean"),
}
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
FETCHED = re.compile(r"""(?:<link[^>]*href|src)=["']?(https?://[^"'> ]+)""")
SHIM, OUR_SHIM = "https://unpkg.com/iframe-worker/shim", "assets/iframe-worker-1.0.4.js"
"""What the search needs where pages are files; the theme would fetch it."""


def assemble(pages: Path = PAGES) -> None:
    """Write the pages of the site, as Markdown, into an empty folder."""
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(ROOT / "docs", pages)
    for notebook in notebooks():
        text, charts = page(notebook)
        place = pages / "tutorials" / notebook.stem
        place.with_suffix(".md").write_text(text, encoding="utf-8")
        for name, drawn in charts.items():
            (place.parent / name).write_text(drawn, encoding="utf-8")
    (pages / "reference" / "api.md").write_text("\n".join(reference()), encoding="utf-8")
    for each in pages.rglob("*.md"):
        each.write_text(_with_links_of_the_site(each, pages), encoding="utf-8")


def _with_links_of_the_site(path: Path, pages: Path) -> str:
    """A page whose links lead to pages: notebooks to theirs; what lies outside the manual is named, not linked."""

    def led(match: re.Match[str]) -> str:
        label, target, anchor = match[1], match[2], match[3] or ""
        if target.endswith(".ipynb"):
            return f"[{label}]({target.removesuffix('.ipynb')}.md{anchor})"
        inside = (path.parent / target).resolve().is_relative_to(pages.resolve())
        return match[0] if inside else label

    return LINK.sub(led, path.read_text(encoding="utf-8"))


def reference() -> Iterator[str]:
    """The page of the public names: a heading for each home, and for each name where its docstring is."""
    import goldseam

    yield "# Every public name\n"
    yield "Made from the docstrings. [In Python](python.md) says how they belong together.\n"
    home = ""
    for name, module in goldseam._HOMES.items():  # noqa: SLF001
        public = getattr(goldseam, name)
        if module != home:
            yield f"## {module}\n"
            home = module
        where = public.__name__ if inspect.ismodule(public) else f"{public.__module__}.{public.__qualname__}"
        yield f"::: {where}\n    options:\n      heading: goldseam.{name}\n      toc_label: {name}\n"


def build(builder: str = "mkdocs") -> None:
    """Assemble the pages, build the site, and let it fetch nothing."""
    assemble()
    shutil.rmtree(SITE, ignore_errors=True)
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    program = Path(sys.executable).parent / builder
    subprocess.run([program, *BUILDERS[builder]], cwd=ROOT, env=quiet, check=True)
    for each in SITE.rglob("*.html"):
        text = each.read_text(encoding="utf-8")
        up = "../" * (len(each.relative_to(SITE).parts) - 1)
        text = text.replace(SHIM, f"{up}{OUR_SHIM}")
        if fetched := FETCHED.findall(text):
            sys.exit(f"{each}: would be fetched from others: {', '.join(fetched)}")
        each.write_text(text, encoding="utf-8")
    print(f"{sum(1 for _ in SITE.rglob('*.html'))} pages: open {SITE.relative_to(ROOT)}/index.html")


if __name__ == "__main__":
    build(*sys.argv[1:2])
