"""Detection in parts of whole cases: the same rows as on one machine, also on Dask with a worker killed meanwhile."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

import goldseam
from goldseam.cli import app
from goldseam.dask_engine import DaskEngine, dask_engine
from goldseam.detection.partitioned import detect_in_parts
from goldseam.series import whole_cases
from tests.conftest import missing

pytest.importorskip("fsspec", reason='needs fsspec: pip install "goldseam[distributed]"')


class Here:
    """An engine that runs tasks in this process."""

    def run(self, task: Callable[[Any], Any], items: Sequence[Any], what: str) -> list[Any]:
        return [task(item) for item in items]


@pytest.fixture(scope="module")
def ratings() -> pl.DataFrame:
    """Of 300 cases, two members each, in any order."""
    made = goldseam.simulate(cases=150, sessions=9, seed=1, raters=("client", "partner")).ratings
    return made.sample(fraction=1.0, shuffle=True, seed=3)


def in_files(ratings: pl.DataFrame, folder: Path) -> str:
    folder.mkdir()
    for number in range(3):
        ratings[number::3].write_parquet(folder / f"{number}.parquet")
    return str(folder)


def together(folder: Path | str) -> pl.DataFrame:
    """The parts, one after another."""
    return pl.concat(pl.read_parquet(each) for each in sorted(Path(folder).glob("part-*.parquet")))


class TestSameRows:
    @pytest.mark.parametrize("criterion", ["predictive", "own-mean", "stiles-type", "xmr"])
    def test_as_on_one_machine_and_in_the_same_order(
        self, ratings: pl.DataFrame, tmp_path: Path, criterion: str
    ) -> None:
        wanted = {kind: str(tmp_path / kind) for kind in ("events", "details", "episodes", "by_series")}
        source = in_files(ratings, tmp_path / "in")
        found = detect_in_parts(source, wanted, Here(), criterion=criterion, rows=500)
        alone = goldseam.detect(ratings, criterion=criterion, norms="shipped")
        assert found.parts == 6
        assert found.counts == alone.counts
        same = {**{each: getattr(alone, each) for each in ("events", "details", "episodes")}}
        same["by_series"] = alone.one_per_series()
        for kind, folder in wanted.items():
            assert together(folder).equals(same[kind]), kind

    def test_names_that_are_numbers_or_have_blanks(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        number = ratings.with_columns(pl.col("case").str.slice(-3).cast(pl.Int64))
        blank = ratings.with_columns(
            pl.when(pl.col("session") % 2 == 0).then(pl.col("case") + " ").otherwise("case").alias("case")
        )
        for place, table in enumerate((number, blank)):
            source = in_files(table, tmp_path / f"in{place}")
            detect_in_parts(source, {"events": str(tmp_path / f"out{place}")}, Here(), rows=400)
            with pytest.warns(goldseam.TableWarning) if place else nullcontext():
                alone = goldseam.detect(table, norms="shipped")
            assert together(tmp_path / f"out{place}").equals(alone.events)

    def test_what_is_told_of_the_table_is_told(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        blank = ratings.with_columns(case=pl.col("case") + " ")
        source = in_files(blank, tmp_path / "in")
        found = detect_in_parts(source, {"events": str(tmp_path / "out")}, Here(), rows=1000)
        assert any("blanks" in note for note in found.notes)

    def test_no_part_is_longer_than_asked_for_by_much(
        self, ratings: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held: list[int] = []

        def counted(of: Any, column: Any = None) -> pl.DataFrame:
            frame = frame_of(of, column)
            held.append(frame.height)
            return frame

        frame_of = whole_cases.Slice.frame
        monkeypatch.setattr(whole_cases.Slice, "frame", counted)
        source = in_files(ratings, tmp_path / "in")
        detect_in_parts(source, {"details": str(tmp_path / "out")}, Here(), rows=300)
        parts = [pl.read_parquet(each).height for each in (tmp_path / "out").glob("*.parquet")]
        assert max(held) <= 300
        assert len(parts) == -(-ratings.height // 300)
        assert max(parts) < 2 * 300

    def test_any_address_of_fsspec(self, ratings: pl.DataFrame) -> None:
        import fsspec

        whole_cases.write_parquet(ratings, "memory://in/ratings.parquet")
        detect_in_parts("memory://in/ratings.parquet", {"events": "memory://out/events"}, Here(), rows=1000)
        system = fsspec.filesystem("memory")
        names = sorted(system.ls("/out/events", detail=False))
        assert names == [
            "/out/events/part-000000.parquet",
            "/out/events/part-000001.parquet",
            "/out/events/part-000002.parquet",
        ]
        parts = pl.concat(whole_cases.read_parquet(f"memory:/{name}") for name in names)
        assert parts.equals(goldseam.detect(ratings, norms="shipped").events)


class TestRefusals:
    def refused(self, source: str, folder: Path, **more: Any) -> str:
        with pytest.raises(goldseam.InputError) as raised:
            detect_in_parts(source, {"events": str(folder / "out")}, Here(), **more)
        assert not [*folder.glob("out/*")]
        return str(raised.value)

    def test_tables_that_cannot_be_used(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        assert "no Parquet there" in self.refused(str(tmp_path / "none"), tmp_path)
        for name, table, why in (
            ("range", ratings.drop("minimum"), "column minimum: not in every row"),
            ("name", ratings.rename({"case": "id"}), "column case: no such column"),
            ("none", ratings.with_columns(case=pl.lit(None, dtype=pl.String)), "empty cells"),
            ("float", ratings.with_columns(case=pl.lit(0.5)), "text or whole numbers"),
            ("twice", pl.concat([ratings, ratings]), "session"),
        ):
            assert why in self.refused(in_files(table, tmp_path / name), tmp_path), name

    def test_names_of_two_kinds(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        source = in_files(ratings, tmp_path / "in")
        ratings.with_columns(case=pl.lit(7)).write_parquet(tmp_path / "in/9.parquet")
        assert "text in one file" in self.refused(source, tmp_path)

    def test_norms_are_given(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        source = in_files(ratings, tmp_path / "in")
        assert "cannot be fitted in parts" in self.refused(source, tmp_path, norms="auto")

    def test_parts_that_are_there_are_kept(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        source, wanted = in_files(ratings, tmp_path / "in"), {"events": str(tmp_path / "out")}
        detect_in_parts(source, wanted, Here(), rows=1000)
        with pytest.raises(goldseam.ParameterError, match="there are parts"):
            detect_in_parts(source, wanted, Here(), rows=1000)
        detect_in_parts(source, wanted, Here(), force=True)
        assert len([*(tmp_path / "out").iterdir()]) == 1
        (tmp_path / "out/mine.txt").write_text("mine")
        with pytest.raises(goldseam.ParameterError, match="something else"):
            detect_in_parts(source, wanted, Here(), force=True)

    @pytest.mark.parametrize("out", ["in", "in/", "./in", "in/found", "."])
    def test_results_never_lie_with_the_ratings(
        self, ratings: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
    ) -> None:
        """A table in parts is named as ours are: writing over it would take the ratings away."""
        monkeypatch.chdir(tmp_path)
        in_files(ratings, tmp_path / "in")
        for number, each in enumerate(sorted((tmp_path / "in").iterdir())):
            each.rename(each.with_name(f"part-{number:06d}.parquet"))
        with pytest.raises(goldseam.ParameterError, match="within another"):
            detect_in_parts("in", {"events": out}, Here(), force=True)
        assert len([*(tmp_path / "in").iterdir()]) == 3

    def test_two_results_never_lie_in_one_folder(self, ratings: pl.DataFrame, tmp_path: Path) -> None:
        source, out = in_files(ratings, tmp_path / "in"), str(tmp_path / "out")
        with pytest.raises(goldseam.ParameterError, match="within another"):
            detect_in_parts(source, {"events": out, "details": f"{out}/"}, Here())
        assert not (tmp_path / "out").exists()

    def test_what_was_found_before_stays_where_there_is_nothing_to_read(
        self, ratings: pl.DataFrame, tmp_path: Path
    ) -> None:
        source, wanted = in_files(ratings, tmp_path / "in"), {"events": str(tmp_path / "out")}
        detect_in_parts(source, wanted, Here())
        with pytest.raises(goldseam.TableError, match="no Parquet there"):
            detect_in_parts(str(tmp_path / "im"), wanted, Here(), force=True)
        assert len([*(tmp_path / "out").iterdir()]) == 1

    @pytest.mark.parametrize("name", ["spark", "dask:", "dask://host", "dask://127.0.0.1:1"])
    def test_no_such_engine(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("distributed")
        monkeypatch.setattr("goldseam.dask_engine.SECONDS", 1)
        words = [
            "detect",
            str(tmp_path),
            "--engine",
            name,
            "--norms",
            "shipped",
            "--out",
            str(tmp_path / "o"),
        ]
        done = CliRunner().invoke(app, words)
        assert isinstance(done.exception, goldseam.ParameterError)


@pytest.fixture(scope="module")
def engine() -> Iterator[DaskEngine]:
    """Two processes, started as the command starts them."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        missing('needs Dask: pip install "goldseam[distributed]"')
    with dask_engine("dask", 2) as running:
        yield running


class TestDask:
    def test_a_killed_worker_loses_nothing(
        self, engine: DaskEngine, ratings: pl.DataFrame, tmp_path: Path
    ) -> None:
        source, out = in_files(ratings, tmp_path / "in"), tmp_path / "out"
        first, *_others = engine.client.run(os.getpid).values()

        def kill() -> None:
            while not [*out.glob("part-*.parquet")]:
                time.sleep(0.005)
            os.kill(first, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        found = detect_in_parts(source, {"events": str(out)}, engine, rows=150)
        killer.join()
        assert first not in engine.client.run(os.getpid).values()
        alone = goldseam.detect(ratings, norms="shipped")
        assert found.counts == alone.counts
        assert together(out).equals(alone.events)
        assert not (out / "_pieces").exists()

    def test_the_command_joins_a_running_cluster(
        self, engine: DaskEngine, ratings: pl.DataFrame, tmp_path: Path
    ) -> None:
        source, out = in_files(ratings, tmp_path / "in"), tmp_path / "out"
        address = engine.client.scheduler.address.replace("tcp", "dask")
        words = [
            "detect",
            source,
            "--engine",
            address,
            "--norms",
            "shipped",
            "--out",
            str(out),
            "--by-series",
        ]
        done = CliRunner().invoke(app, [*words, str(tmp_path / "series")])
        assert done.exit_code == 0, done.output
        assert "1 part of whole cases" in done.output
        assert together(out).equals(goldseam.detect(ratings, norms="shipped").events)
        assert together(tmp_path / "series").height == 300
        refused = CliRunner().invoke(app, [*words, str(tmp_path / "more"), "--range", "0:10"])
        assert "how a file is written" in str(refused.exception)

    def test_an_error_in_a_part_is_the_same_error(
        self, engine: DaskEngine, ratings: pl.DataFrame, tmp_path: Path
    ) -> None:
        source = in_files(ratings.with_columns(maximum=pl.lit(3.0)), tmp_path / "in")
        with pytest.raises(goldseam.TableError, match="value"):
            detect_in_parts(source, {"events": str(tmp_path / "out")}, engine)
        assert not [*(tmp_path / "out").glob("*")]
