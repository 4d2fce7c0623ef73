"""The studies behind the published figures, each run small."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from goldseam.operating import ErrorRates
from goldseam.simulate import MODELS

_ROOT = Path(__file__).parents[2]


def _run(script: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "error", str(_ROOT / "benchmarks" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def _rules() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rules", _ROOT / "benchmarks/detectors/rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_compared_rules_by_hand_and_by_scipy() -> None:
    """Session 5 of 5.1 5.4 5.2 5.5 3.9: drop 1.6; t among the first four by `scipy.stats.t`, 3 df."""
    rules, values = _rules(), np.array([[5.1, 5.4, 5.2, 5.5, 3.9], [5.0, np.nan, 6.0, 7.0, 6.5]])
    drop = rules.drop_from_previous(values, 0.0)
    assert drop[0, 1:] == pytest.approx([-0.3, 0.2, -0.3, 1.6])
    assert np.isnan(drop[1, [1, 2]]).all()
    earlier = values[0, :4]
    t = (3.9 - earlier.mean()) / (earlier.std(ddof=1) * np.sqrt(1 + 1 / 4))
    assert -rules.own_mean(values, 0.0)[0, 4] == pytest.approx(stats.t.cdf(t, 3))
    assert rules.evaluable(values).tolist() == [[False] * 3 + [True] * 2, [False] * 4 + [True]]


def test_the_published_study_covers_every_kind_of_data() -> None:
    results = json.loads((_ROOT / "benchmarks/detectors/results.json").read_text())
    assert {kind["kind"] for kind in results["kinds"]} == set(MODELS)
    assert results["cases per sample"] >= 5_000


def test_the_detector_study_compares_at_the_same_false_alarm_rate(tmp_path: Path) -> None:
    _run("detectors/run.py", "--small", "--kinds", "items", "drift", "--out", str(tmp_path))
    kinds = json.loads((tmp_path / "results.json").read_text())["kinds"]
    assert [kind["kind"] for kind in kinds] == ["items", "items", "drift"]
    for kind in kinds:
        assert set(kind["equal"]) == {"predictive", "drop-from-previous", "own-mean"}
        for rule in kind["equal"].values():
            assert abs(rule["1.5%"]["false_alarms"]["value"] - 0.015) < 1e-4
            assert abs(rule["3.0%"]["false_alarms"]["value"] - 0.03) < 1e-4
    assert "At 3.0% false alarms" in (tmp_path / "README.md").read_text()


def test_the_error_rate_table_is_made(tmp_path: Path) -> None:
    _run("detectors/run.py", "--small", "--error-rates", "--out", str(tmp_path))
    content = json.loads((tmp_path / "predictive-1.json").read_text())
    assert ErrorRates.from_content(content).content() == content


@pytest.mark.parametrize("criterion", ["previous-drop", "kalman"])
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
