"""Draws that are gone on with, and shared out: the digits of a run that nothing interrupted."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import goldseam
from goldseam.cli import app
from goldseam.cohort.draw_runner import HERE, DrawRunner, draw_runner, processors
from goldseam.cohort.kept_draws import KeptDraws, content_digest
from goldseam.cohort.study_files import json_content


@dataclass(frozen=True, eq=False)
class SeededDraw:
    """A table of random numbers for each number."""

    seed: int
    table: pl.DataFrame
    scale: np.ndarray

    def __call__(self, number: int) -> np.ndarray:
        drawn = np.random.default_rng([self.seed, number]).standard_normal((2, 3)) * self.scale
        drawn[0, 0] = np.nan
        return drawn


def seeded(seed: int = 1) -> SeededDraw:
    return SeededDraw(seed, pl.DataFrame({"case": ["a", "b"]}), np.array([1.0, 2.0, 3.0]))


def kept(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@given(torn=st.integers(0, 1000), further=st.integers(0, 12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_interrupted_anywhere_ends_as_what_is_not(
    tmp_path_factory: pytest.TempPathFactory, torn: int, further: int
) -> None:
    """The file is cut at any byte, the run begun again for some numbers, then for all: same digits, same file size."""
    folder = tmp_path_factory.mktemp("kept")
    whole = HERE.run(seeded(), range(12), "drawing")
    runner = DrawRunner(folder=folder)
    runner.run(seeded(), range(12), "drawing")
    content = kept(folder).read_bytes()
    kept(folder).write_bytes(content[: torn % len(content)])
    runner.run(seeded(), range(further), "drawing")
    found = runner.run(seeded(), range(12), "drawing")
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, whole, strict=True))
    assert len(kept(folder).read_bytes()) == len(content)


def test_nothing_is_computed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = DrawRunner(folder=tmp_path)
    runner.run(seeded(), range(5), "drawing")
    computed = []
    own = SeededDraw.__call__
    monkeypatch.setattr(
        SeededDraw, "__call__", lambda self, number: (computed.append(number), own(self, number))[1]
    )
    runner.run(seeded(), range(7), "drawing")
    assert computed == [5, 6]


def test_a_damaged_draw_and_what_follows_is_computed_again(tmp_path: Path) -> None:
    runner = DrawRunner(folder=tmp_path)
    whole = runner.run(seeded(), range(4), "drawing")
    content = bytearray(kept(tmp_path).read_bytes())
    content[len(content) // 2] ^= 255
    kept(tmp_path).write_bytes(content)
    assert len(KeptDraws(kept(tmp_path)).read()) < 4
    found = runner.run(seeded(), range(4), "drawing")
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, whole, strict=True))


def test_other_data_or_settings_are_another_file(tmp_path: Path) -> None:
    first = seeded()
    others = [
        seeded(2),
        SeededDraw(1, pl.DataFrame({"case": ["a", "c"]}), first.scale),
        SeededDraw(1, first.table, first.scale + 1e-12),
        SeededDraw(1, first.table, first.scale[:, None]),
    ]
    assert len({content_digest(each) for each in (first, *others)}) == 5
    assert content_digest(first) == content_digest(seeded())


def test_what_cannot_be_recognised_is_no_part_of_it() -> None:
    with pytest.raises(TypeError, match="when two object are the same"):
        content_digest([object()])


def test_two_processes_give_the_same_digits(tmp_path: Path) -> None:
    """A whole draw of a study, sent to processes: shares and norms as computed here."""
    from goldseam.cohort.chance_model import ChanceModel, counted_draws
    from goldseam.cohort.cohort_data import read_cohort
    from goldseam.cohort.episode_counts import EpisodeCounter
    from goldseam.cohort.prevalence import chosen_criteria

    cohort = read_cohort(goldseam.simulate(cases=60, sessions=8, seed=3).ratings)
    counter = EpisodeCounter.prepared(cohort, chosen_criteria("own-mean", None, ()))
    model = ChanceModel.fitted(cohort, seed=1, fast=False)
    here = counted_draws(counter, model, 20)
    with draw_runner(2, tmp_path, worth=0) as runner:
        there = counted_draws(counter, model, 20, runner)
    again = counted_draws(counter, model, 20, DrawRunner(folder=tmp_path))
    for other in (there, again):
        for name in ("observed", "chance", "chance_error", "observed_draws", "chance_draws"):
            assert np.array_equal(getattr(here, name), getattr(other, name), equal_nan=True)


def test_jobs_below_one_are_refused() -> None:
    with pytest.raises(goldseam.ParameterError, match="1 or more"), draw_runner(0, None):
        pass
    assert processors() >= 1


def test_a_study_gone_on_with_is_the_same_study(tmp_path: Path) -> None:
    """Interrupted after some of the refitted draws: every answer and table is that of a run without interruption."""
    ratings = goldseam.simulate(cases=60, sessions=8, seed=3).ratings
    how = {"criterion": "own-mean", "others": (), "draws": 20}
    whole = json_content(goldseam.study(ratings, **how, resume=tmp_path))
    draws = next(path for path in tmp_path.iterdir() if path.name.startswith("refitting-norms"))
    draws.write_bytes(draws.read_bytes()[:500])
    assert json_content(goldseam.study(ratings, **how, resume=tmp_path)) == whole
    assert json_content(goldseam.study(ratings, **how)) == whole


def test_draws_kept_in_the_folder_of_a_study_that_fails_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goldseam.simulate(cases=60, sessions=8, seed=3).ratings.write_csv(tmp_path / "ratings.csv")

    def failing(*_: object, resume: Path, **__: object) -> None:
        resume.mkdir()
        raise goldseam.ParameterError("outside its range", where="draws", given=0, allowed="20 or more")

    monkeypatch.setattr("goldseam.cohort.study", failing)
    out = tmp_path / "out"
    command = ["study", str(tmp_path / "ratings.csv"), "--out", str(out), "--resume", str(out / "kept")]
    done = CliRunner().invoke(app, command)
    assert isinstance(done.exception, goldseam.ParameterError) or "outside its range" in done.output
    assert (out / "kept").is_dir()
