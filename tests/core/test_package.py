"""What is shipped: a wheel and a source distribution that hold the same package, and run outside this folder.

`python benchmarks/package/run.py` installs both with all they need in empty environments; here nothing is fetched.
"""

import importlib.util
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ("goldseam/", "goldseam_web/")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("HATCHLING IS NOT INSTALLED: wheel and source distribution were not built")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, capture_output=True, check=True
    )
    return folder


@pytest.fixture(scope="module")
def unpacked(built: Path) -> Path:
    """The wheel as an installer lays it down."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(built / "site")  # noqa: S202  # built a moment ago
    return built / "site"


def test_wheel_and_source_hold_the_same_package(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        shipped = {name for name in wheel.namelist() if name.startswith(PACKAGES)}
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        names = {member.name.partition("/src/")[2] for member in source.getmembers() if member.isfile()}
    assert shipped == {name for name in names if name.startswith(PACKAGES)}
    assert {
        "goldseam/__init__.pyi",
        "goldseam/py.typed",
        "goldseam/instruments/measure.schema.json",
    } <= shipped


def test_the_wheel_says_what_it_is(unpacked: Path) -> None:
    (metadata,) = unpacked.glob("*.dist-info/METADATA")
    lines = metadata.read_text(encoding="utf-8").splitlines()
    assert "Requires-Python: <3.15,>=3.11" in lines
    assert "License-Expression: Apache-2.0" in lines
    for version in ("3.11", "3.12", "3.13", "3.14"):
        assert f"Classifier: Programming Language :: Python :: {version}" in lines
    needed = {
        line.removeprefix("Requires-Dist: ")
        for line in lines
        if "Requires-Dist" in line and "extra ==" not in line
    }
    assert len(needed) == len(PROJECT["dependencies"])


def test_the_wheel_runs_where_nothing_else_of_this_folder_is(unpacked: Path, tmp_path: Path) -> None:
    """With the libraries of this environment; the package is the one in the wheel."""
    program = (
        "import goldseam; print(goldseam.__file__); "
        "print(goldseam.detect(goldseam.datasets.individual()).events['onset_session'].to_list()); "
        "print(goldseam.list_measures()[0].key)"
    )
    clean = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    where, onsets, measure = done.stdout.splitlines()
    assert Path(where).is_relative_to(unpacked)
    assert onsets == "[8]"
    assert measure
