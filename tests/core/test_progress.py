"""A bar where something takes long and somebody looks; what is stopped leaves nothing behind."""

from pathlib import Path

import polars as pl
import pytest

from goldseam import fit_norms, progress, simulate
from goldseam.cli import main
from goldseam.progress import with_progress
from tests.core.ratings import T1, one_series


def test_steps_come_as_they_are_and_without_a_bar_where_nobody_looks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(with_progress(range(5), "counting")) == [0, 1, 2, 3, 4]
    assert capsys.readouterr() == ("", "")


def test_a_bar_begins_once_patience_is_over_and_is_taken_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    monkeypatch.setattr(progress, "_somebody_looks", lambda: True)
    started = []
    begin = progress._started
    monkeypatch.setattr(
        progress, "_started", lambda what, total: started.append((what, total)) or begin(what, total)
    )
    assert list(with_progress("abc", "counting")) == ["a", "b", "c"]
    assert started == [("counting", 3)]
    assert capsys.readouterr().out == ""


def test_fitting_norms_shows_one_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    monkeypatch.setattr(progress, "_somebody_looks", lambda: True)
    started, begin = [], progress._started
    monkeypatch.setattr(
        progress, "_started", lambda what, total: started.append((what, total)) or begin(what, total)
    )
    ratings = simulate(cases=50, sessions=6, seed=1).ratings
    fit_norms(ratings)
    assert started == [("fitting norms", 1)], "and none within it"
    assert progress._shown == []


def test_stopping_while_a_file_is_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_series(T1).write_csv(tmp_path / "r.csv")
    (tmp_path / "events.csv").write_text("as before")

    def stopped(self: pl.DataFrame, path: Path) -> None:
        path.write_text("half of")
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_csv", stopped)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["goldseam", "detect", "r.csv", "--out", "events.csv", "--force"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv", "r.csv"]
    assert (tmp_path / "events.csv").read_text() == "as before"
