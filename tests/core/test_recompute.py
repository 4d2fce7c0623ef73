"""The script of R that a study writes gets the same tables from its files."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam.cohort.study_answer import StudyAnswer

Files = Mapping[str, str | bytes | pl.DataFrame]
CASES, SESSIONS, THERAPISTS = 110, 11, 12


def tables() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Couples who rate alliance and progress, their therapists' ratings, and how cases ended."""
    random = np.random.default_rng(1)
    both = ("client", "partner")
    alliance, other = (
        goldseam.simulate(cases=CASES, sessions=SESSIONS, seed=seed, raters=both).ratings for seed in (4, 9)
    )
    therapists = goldseam.simulate(cases=CASES, sessions=SESSIONS, seed=19, raters=("therapist",)).ratings
    known = pl.DataFrame(
        {
            "case": alliance.get_column("case").unique().sort(),
            "therapist": [f"T{number % THERAPISTS}" for number in range(CASES)],
            "ending": random.choice(["planned", "dropout", "ongoing"], CASES),
        }
    )
    of_case = random.normal(0, 1, CASES) + random.normal(0, 1, THERAPISTS)[np.arange(CASES) % THERAPISTS]
    by = known.select("case", moved=pl.Series(of_case))

    def rated(ratings: pl.DataFrame, scale: str) -> pl.DataFrame:
        value = (pl.col("value") + pl.col("moved")).clip(0, 10).round(1)
        return (
            ratings.join(by, on="case").with_columns(value=value, scale=pl.lit(scale)).select(ratings.columns)
        )

    parts = [rated(alliance, "alliance"), rated(other, "wellbeing"), rated(therapists, "view")]
    return pl.concat(parts), known


def recomputed(
    folder: Path, files: Mapping[str, str | bytes | pl.DataFrame]
) -> subprocess.CompletedProcess[str]:
    for name, content in files.items():
        if isinstance(content, pl.DataFrame):
            content.write_csv(folder / name)
        elif name == "recompute.R":
            (folder / name).write_text(str(content), encoding="utf-8")
    return subprocess.run(["Rscript", "recompute.R"], cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def files() -> Iterator[Files]:
    """Of a study, its charts left out; with few tables without effect."""
    if shutil.which("Rscript") is None:
        pytest.skip(
            "R IS NOT INSTALLED: whether R gets the same tables was not looked at (apt-get install r-base-core)"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StudyAnswer, "svg", "")
        for module in ("couple_analysis", "panel_analysis"):
            patch.setattr(f"goldseam.cohort.{module}.TABLES", 2)
        how = {"scale": "alliance", "progress_scale": "wellbeing", "therapist_scale": "view"}
        yield goldseam.study(*tables(), draws=20, fast=True, others=(), **how).files()


def test_r_gets_the_same_tables(tmp_path: Path, files: Files) -> None:
    done = recomputed(tmp_path, files)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert "not recomputed" not in said or "survival" in said
    for start in (
        *("cases flagged, predictive", "alliance to next progress, own level", "between persons"),
        *("actor, either member, own level", "partner, client less partner", "common fate"),
        *("share of the variance, therapist", "reciprocity, session"),
    ):
        assert re.search(rf"^{start}", said, re.MULTILINE), start
    assert float(re.findall(r"largest difference (\S+)", said)[0]) < 1e-7


def test_it_says_so_where_a_table_differs(tmp_path: Path, files: Files) -> None:
    prevalence = files["prevalence.csv"]
    assert isinstance(prevalence, pl.DataFrame)
    wrong = {name: files[name] for name in ("recompute.R", "per-case.csv")}
    wrong["prevalence.csv"] = prevalence.with_columns(pl.col("observed") + 1e-5)
    done = recomputed(tmp_path, wrong)
    assert done.returncode == 1
    assert "largest difference 1e-05" in done.stdout
