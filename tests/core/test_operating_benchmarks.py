"""The studies behind the published figures, each run small."""

import importlib
import json
import re
import runpy
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

import numpy as np
import polars as pl
import pytest
from scipy import stats

from goldseam.operating import ErrorRates
from goldseam.simulate import MODELS

_ROOT = Path(__file__).parents[2]
_LOADED = pl  # here, so that no study loads it for itself alone and leaves other tests with two of it


def _run(script: str, *arguments: str) -> str:
    """What a study prints, run in this process: most of a small one would be importing the library again."""
    path = _ROOT / "benchmarks" / script
    with (
        mock.patch.object(sys, "argv", [str(path), *arguments]),
        mock.patch.object(sys, "path", [str(path.parent), *sys.path]),
        mock.patch.dict(sys.modules),
        redirect_stdout(StringIO()) as printed,
    ):
        runpy.run_path(str(path), run_name="__main__")
    return printed.getvalue()


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the study, found as its script finds it."""
    monkeypatch.syspath_prepend(str(_ROOT / "benchmarks/detectors"))
    for name in ("rules", "study"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("study")


def test_the_compared_rule_by_scipy(study: ModuleType) -> None:
    """Session 5 of 5.1 5.4 5.2 5.5 3.9: t among the first four by `scipy.stats.t`, 3 df."""
    values = np.array([[5.1, 5.4, 5.2, 5.5, 3.9], [5.0, np.nan, 6.0, 7.0, 6.5]])
    earlier = values[0, :4]
    t = (3.9 - earlier.mean()) / (earlier.std(ddof=1) * np.sqrt(1 + 1 / 4))
    assert -study.own_mean(values, 0.0)[0, 4] == pytest.approx(stats.t.cdf(t, 3))
    assert study.evaluable(values).tolist() == [[False] * 3 + [True] * 2, [False] * 4 + [True]]


def test_the_threshold_of_the_study_gives_the_rate_wanted(study: ModuleType) -> None:
    """Of ten sessions, 15% is one and a half: the lowest value, and half of the next; of two equal ones a quarter."""
    quiet = np.array([[1.0, 2.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, np.nan]])
    null = SimpleNamespace(evaluable=np.ones((2, 5), np.bool_))
    assert study.Threshold.at(0.15, quiet, null) == study.Threshold(2.0, 0.25)
    looked = SimpleNamespace(evaluable=np.ones((3, 2), np.bool_), dip=np.ones((3, 2), np.bool_))
    # found for certain, missed for certain, and once or twice a chance of a quarter: (1 + 0 + 7/16) / 3
    found = study.Threshold(2.0, 0.25).found(looked, np.array([[1.0, 9.0], [9.0, 9.0], [2.0, 2.0]]))
    assert found.value == pytest.approx((1 + 0 + 7 / 16) / 3)


def test_the_published_study_covers_every_kind_of_data(study: ModuleType) -> None:
    results = json.loads((_ROOT / "benchmarks/detectors/results.json").read_text())
    assert {kind["kind"] for kind in results["kinds"]} == set(study.KINDS) > set(MODELS)
    assert results["cases per sample"] >= 5_000


def test_the_detector_study_compares_at_the_same_false_alarm_rate(study: ModuleType, tmp_path: Path) -> None:
    _run("detectors/run.py", "--small", "--kinds", "items", "--out", str(tmp_path))
    kinds = json.loads((tmp_path / "results.json").read_text())["kinds"]
    assert [(kind["kind"], kind["norms"]) for kind in kinds] == [
        ("items", "shipped"),
        ("items", "fitted"),
    ]
    compared = {"oracle", "Bayes limit", "predictive", "predictive, version 1", *study.CRITERIA}
    for kind in kinds:
        assert set(kind["equal"]) >= compared
        for rule in kind["equal"].values():
            assert set(rule) == {"1.5%", "3.0%"}
            for dips in rule.values():
                assert set(dips) == {study.label(dip) for dip in study.DIPS}
                assert all(0 <= figure["value"] <= 1 for figure in dips.values())
    assert "At 3.0% false alarms" in (tmp_path / "README.md").read_text()


def test_the_study_of_fitted_norms_has_a_row_for_each_number_of_series(tmp_path: Path) -> None:
    _run("norms/run.py", "--small", "--out", str(tmp_path))
    rows = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert [(row["kind"], row["series"]) for row in rows] == [("items", 50), ("items", 60), ("items", None)]
    assert all(0 < row["share of the Bayes limit"]["mean"] < 1.5 for row in rows)
    assert "| items | shipped norms |" in (tmp_path / "README.md").read_text()


def test_the_budget_over_both_channels_is_measured() -> None:
    """A row for each share of series with an event where the norms come from, with every figure."""
    few = ("--kinds", "unbounded", "--cases", "60", "--norming-cases", "60")
    printed = _run("detectors/run_budget.py", *few)
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if line.startswith("| unbounded")]
    assert [row[1] for row in rows] == ["0%", "20%", "45%"]
    for row in rows:
        # shares, but for what is found as a share of the limit
        assert all(
            0 <= float(cell) <= 1 for place, cell in enumerate(row) if place > 1 and place not in (4, 5)
        )


def test_the_error_rate_table_is_made(tmp_path: Path) -> None:
    _run("detectors/run.py", "--small", "--error-rates", "--out", str(tmp_path))
    content = json.loads((tmp_path / "predictive-3.json").read_text())
    assert ErrorRates.from_content(content).content() == content


@pytest.mark.parametrize("criterion", ["previous-drop", "kalman", "hidden-markov"])
def test_the_error_rates_on_a_page_are_measured_again(criterion: str) -> None:
    """With few cases, so that only a page that is plainly out of date is found."""
    page = (_ROOT / "docs" / "methods" / f"{criterion}.md").read_text(encoding="utf-8")
    row = re.compile(r"^\| (.+) \| ([\d.]+) \(([\d.]+)\) \|$", re.MULTILINE)
    again = row.findall(_run("detectors/criterion_rates.py", criterion, "--cases", "400"))
    published = {name: float(value) for name, value, _ in row.findall(page)}
    assert {name for name, _, _ in again} == set(published)
    for name, value, error in again:
        # rounding to a tenth of a percent hides up to .05 of the error
        assert abs(float(value) - published[name]) <= 4.5 * (float(error) + 0.05) + 0.1


def test_the_null_rate_study_prints_a_row_with_errors() -> None:
    rows = _run("null_rate/coverage.py", "--sets", "2", "--only", "0").splitlines()
    assert rows[2].startswith("| items | 1,000 calm cases | `own-mean` 1 | ")
    assert len(re.findall(r"[\d.]+ \([\d.]+\)", rows[2])) == 4


def test_the_speed_study_counts_every_rating() -> None:
    result = json.loads(_run("speed/detect.py", "--series", "200", "--repeats", "1"))
    assert result["ratings"] == 4_000
    assert result["detect"]["seconds"] > 0


def test_the_study_of_evidence_finds_the_same_where_there_is_none(tmp_path: Path) -> None:
    _run("detectors/fused.py", "--small", "--settings", "everything", "nothing", "--out", str(tmp_path))
    everything, nothing = json.loads((tmp_path / "fused.json").read_text(encoding="utf-8"))["settings"]
    assert nothing["predictive"] == nothing["fused"]
    assert everything["predictive"] != everything["fused"]
    table = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert table.count("| everything |") == table.count("| nothing |") == 3


def test_the_page_of_fused_shows_what_its_study_measured() -> None:
    stored = json.loads((_ROOT / "benchmarks/detectors/fused.json").read_text(encoding="utf-8"))
    everything = next(each for each in stored["settings"] if each["setting"] == "everything")
    page = (_ROOT / "docs/methods/fused.md").read_text(encoding="utf-8")
    assert stored["date"] in page
    alone, fused = (everything[name]["found"]["3.0%"] for name in ("predictive", "fused"))
    for dip, words in (("2 SD x 1", "2 own SD found, 1 session"), ("3 SD x 1", "3 own SD found, 1 session")):
        one, other = alone[dip]["value"], fused[dip]["value"]
        shown = f"{one:.3f} | {other:.3f} | {other / one:.2f}".replace("0.", ".", 2)
        assert f"| dips of {words} | {shown} |" in page
