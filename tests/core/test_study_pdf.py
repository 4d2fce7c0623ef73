"""The report as PDF, how tables and charts are laid out for it, and what happens where it cannot be made."""

import base64
import re
import socket
import sys
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

import goldseam
from goldseam.cli import app
from goldseam.cohort.study_answer import StudyAnswer
from goldseam.cohort.study_charts import interval_rows_chart
from goldseam.cohort.study_pdf import pdf_missing, report_pdf
from goldseam.cohort.study_report import html_table
from tests.debian_packages import from_debian


@pytest.fixture(scope="module")
def makes_pdf() -> None:
    """Skips where Pango is missing and cannot be installed."""
    if pdf_missing():
        from_debian("libpango-1.0-0", "libpangoft2-1.0-0")
    if why := pdf_missing():
        pytest.skip(f"NO PANGO: the report as PDF was not made ({why})")


PAGE = '<!doctype html><html lang="en"><title>One</title><body><h1>One</h1><h2>Two</h2><p>Words.</p>{}</body></html>'


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


def written(folder: Path, *options: str) -> tuple[str, dict[str, bytes]]:
    """What the command prints on a cohort too thin for anything, and its files."""
    goldseam.simulate(cases=20, sessions=6, seed=3).ratings.write_csv(folder / "ratings.csv")
    words = ["study", str(folder / "ratings.csv"), "--out", str(folder / "out"), "--draws", "20", *options]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output, {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


@pytest.mark.usefixtures("makes_pdf")
def test_the_command_writes_the_same_pdf_again(tmp_path: Path) -> None:
    said, first = written(tmp_path)
    assert "report.pdf" in said
    assert first["report.pdf"].startswith(b"%PDF-")
    assert written(tmp_path, "--force")[1] == first


def objects(pdf: bytes) -> bytes:
    """What stands in the file once its streams are unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join([pdf, *(zlib.decompress(each) for each in packed if each.startswith(b"\x78"))])


@pytest.mark.usefixtures("makes_pdf")
def test_it_is_tagged_and_has_a_bookmark_for_every_heading() -> None:
    found = objects(report_pdf(PAGE.format("")))
    assert b"/StructTreeRoot" in found
    assert b"/Marked true" in found
    assert len(re.findall(rb"/Title \((?:One|Two)\)", found)) == 3  # two bookmarks, and the title of the file


@pytest.mark.usefixtures("makes_pdf")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_it_fetches_nothing_from_the_network_or_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **_more: asked.append(given))
    (tmp_path / "one.png").write_bytes(base64.b64decode(DOT))
    images = (
        f'<img alt="a" src="http://example.org/one.png"><img alt="b" src="{(tmp_path / "one.png").as_uri()}">'
    )
    assert b"/Subtype /Image" not in objects(report_pdf(PAGE.format(images)))
    assert asked == []


def test_where_the_library_is_missing_the_study_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    said, files = written(tmp_path)
    assert "report.html" in files
    assert "report.pdf" not in files
    assert (
        'no report.pdf: needs weasyprint, which is not installed; allowed: pip install "goldseam[study]"'
        in said
    )
    with pytest.raises(goldseam.MissingExtraError):
        report_pdf(PAGE)


def test_where_the_library_of_the_system_is_missing_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr("goldseam.cohort.study_pdf.extra", fails)
    assert "Pango" in str(pdf_missing())


class TestTable:
    def test_why_a_row_has_no_figures_stands_in_their_place(self) -> None:
        table = pl.DataFrame(
            {
                "status": ["split", "so far"],
                "ratio": [1.5, None],
                "ratio_low": [1.0, None],
                "ratio_high": [2.0, None],
                "chance": [1.0, float("nan")],
                "refused": [None, "too <few>"],
            }
        )
        page = html_table(table)
        assert "refused" not in page
        assert '<td class="t why" colspan="2">too &lt;few&gt;</td>' in page
        assert "1.500 (1 to 2)" in page

    def test_a_row_with_all_its_figures_and_a_reason_keeps_the_column(self) -> None:
        table = pl.DataFrame({"a": [1, 2], "refused": [None, "why"]})
        assert '<th class="t">refused</th>' in html_table(table)


@pytest.mark.parametrize(("low", "high"), [(0.1234561, 0.1234569), (-0.004, 0.012), (0.0, 0.26), (0, 30_000)])
def test_labels_of_an_axis_do_not_overlap_at_narrow_ranges(low: float, high: float) -> None:
    rows = [{"name": "one", "value": (low + high) / 2, "low": low, "high": high, "chance": None}]
    drawn = StudyAnswer("one", "One?", "", "", {}, interval_rows_chart(rows, "what")).svg
    pattern = (
        r'<text text-anchor="(\w+)" transform="translate\(([-\d.]+),15\)"[^>]*"10px"[^>]*>([^<]+)</text>'
    )
    ends = []
    for anchor, place, label in re.findall(pattern, drawn):
        width = 6.4 * len(label)  # DejaVu Sans, which is wide
        left = float(place) - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        ends.append((left, left + width))
    assert len(ends) >= 3
    assert all(before[1] <= after[0] for before, after in pairwise(ends))


def test_a_chart_has_its_question_as_its_title() -> None:
    rows = [{"name": "one", "value": 1.0, "low": 0.0, "high": 2.0, "chance": None}]
    drawn = StudyAnswer("one", "Is a < b?", "", "", {}, interval_rows_chart(rows, "what")).svg
    assert re.match(r"<svg[^>]*><title>Is a &lt; b\?</title>", drawn)
