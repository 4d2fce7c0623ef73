"""Results for R: a data frame that R itself reads, and that comes back as it was."""

import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from goldseam import MissingExtraError
from goldseam.cli import main
from goldseam.series.frames import frame_table
from tests.core.ratings import T1, one_series

rdata = pytest.importorskip("rdata")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [one_series(T1, case="007"), one_series([5, 5, None, 5, 5, 1.5], case="Zoë")]
    pl.concat(rows).write_parquet("r.parquet")
    for out in ("events.rds", "events.parquet"):
        monkeypatch.setattr("sys.argv", ["goldseam", "detect", "r.parquet", "--out", out])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
    return tmp_path / "events.rds"


def test_events_written_for_r_come_back_as_they_were(written: Path) -> None:
    back, plain = frame_table(rdata.read_rds(written)), pl.read_parquet(written.with_suffix(".parquet"))
    assert back.columns == plain.columns
    for name in ("case", "onset_session", "nadir", "status", "repair_session"):
        assert back[name].to_list() == plain[name].to_list(), name


def test_r_itself_reads_the_events(written: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip(
            "R IS NOT INSTALLED: whether R reads our .rds files was not looked at (apt-get install r-base-core)"
        )
    program = f'd <- readRDS("{written}"); cat(nrow(d), sum(d$onset_session), class(d$case), row.names(d))'
    done = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=True)
    plain = pl.read_parquet(written.with_suffix(".parquet"))
    assert done.stdout.split() == [
        str(plain.height),
        str(plain["onset_session"].sum()),
        "character",
        "1",
        "2",
    ]


def test_without_the_library_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from goldseam.cli.input_output import check_outputs

    monkeypatch.setitem(__import__("sys").modules, "rdata", None)
    with pytest.raises(MissingExtraError, match=r'pip install "goldseam\[r\]"'):
        check_outputs([tmp_path / "x.rds"], inputs=[])
