"""The command line: results on files, and one clear line for whatever cannot be used."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from goldseam import Norms, detect, fit_norms
from goldseam.cli import app, main
from goldseam.simulate import simulate
from tests.core.ratings import T1, T1_NORMS, one_series


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with the test vector in it."""
    monkeypatch.chdir(tmp_path)
    one_series(T1).write_csv("t1.csv")
    T1_NORMS.write("t1.json")
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on standard error of a command that is refused with exit code 2."""
    monkeypatch.setattr(sys, "argv", ["goldseam", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert ended.value.code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_events_are_printed_with_the_counts(folder: Path) -> None:
    code, out, _ = run("detect", "t1.csv", "--norms", "t1.json", "--criterion-version", "1")
    assert code == 0
    header, event, rule, counts = out.splitlines()
    assert header.split()[:4] == ["case", "rater", "scale", "criterion"]
    assert event.split()[:7] == ["A", "client", "alliance", "predictive", "5", "precipitous", "marked"]
    assert "repaired" in event.split()
    assert rule == "criterion predictive version 1, norms test-vector 1 (assumed, not empirical)"
    assert counts == "1 series: 1 judged, 1 of them flagged, 0 not enough data"


def test_no_event_is_said_so(folder: Path) -> None:
    one_series([5.0] * 3).write_csv("short.csv")
    _, out, _ = run("detect", "short.csv", "--norms", "t1.json")
    assert out.splitlines()[0] == "no events"
    assert out.splitlines()[-1] == "1 series: 0 judged, 0 of them flagged, 1 not enough data"


def test_a_series_that_says_nothing_is_counted(folder: Path) -> None:
    one_series([7.0] * 9).write_csv("top.csv")
    _, out, _ = run("detect", "top.csv")
    assert out.splitlines()[-1] == "1 series: 0 judged, 0 of them flagged, 1 not applied, 0 not enough data"


def test_events_and_details_are_written_as_in_python(folder: Path) -> None:
    code, out, _ = run("detect", "t1.csv", "--norms", "t1.json", "--out", "e.parquet", "--details", "d.csv")
    found = detect(one_series(T1), norms=T1_NORMS)
    assert code == 0
    assert len(out.splitlines()) == 2
    assert pl.read_parquet("e.parquet").equals(found.events)
    details = pl.read_csv("d.csv")
    columns = ["case", "rater", "scale", "session", "expected", "value", "p", "verdict"]
    assert details.columns == [*columns, *found.parts]
    assert details["p"].to_list() == found.sessions["p"].to_list()
    assert {path.name for path in folder.iterdir()} == {"t1.csv", "t1.json", "e.parquet", "d.csv"}


def test_the_events_file_has_exactly_the_promised_columns(folder: Path) -> None:
    run("detect", "t1.csv", "--out", "e.csv")
    assert Path("e.csv").read_text().splitlines()[0] == (
        "case,rater,scale,phase,criterion,onset_session,onset_kind,grade,baseline,value,p,depth,depth_z,"
        "nadir_session,nadir,status,repair_session,duration,shape"
    )


def test_details_carry_the_phase_where_it_was_given(folder: Path) -> None:
    one_series(T1).with_columns(phase=pl.lit("post")).write_csv("post.csv")
    run("detect", "post.csv", "--details", "d.csv")
    assert pl.read_csv("d.csv").columns[3] == "phase"


def test_parquet_in_gives_the_same_as_csv_in(folder: Path) -> None:
    one_series(T1).write_parquet("t1.parquet")
    assert run("detect", "t1.csv")[1] == run("detect", "t1.parquet")[1]


def test_parameters_and_direction_are_passed_on(folder: Path) -> None:
    _, out, _ = run("detect", "t1.csv", "--criterion", "low-level", "--set", "cutoff=4.2")
    assert "criterion low-level version 1 cutoff=4.2" in out
    assert "1 of them flagged" in out
    _, out, _ = run(
        "detect", "t1.csv", "--criterion", "low-level", "--set", "cutoff-share=0", "--lower-is-better"
    )
    assert out.splitlines()[0] == "no events"


def test_files_of_norms_are_fitted_and_used(folder: Path) -> None:
    ratings = simulate(cases=60, sessions=8, seed=1).ratings
    ratings.write_parquet("r.parquet")
    code, out, _ = run("fit-norms", "r.parquet", "--out", "n.json", "--name", "clinic", "--version", "3")
    assert code == 0
    assert out.startswith("norms clinic 3: Fitted by trimmed moments ")
    assert Norms.read("n.json") == fit_norms(ratings, name="clinic", version="3")
    assert "norms clinic 3\n" in run("detect", "r.parquet", "--norms", "n.json")[1]


def test_simulated_ratings_come_with_their_truth(folder: Path) -> None:
    code, out, _ = run("simulate", "--cases", "20", "--sessions", "9", "--seed", "5", "--out", "s.csv")
    made = simulate(cases=20, sessions=9, seed=5)
    assert code == 0
    assert out == f"s.csv: 180 rows; s-truth.csv: {made.truth.height} true events\n"
    assert pl.read_csv("s.csv").shape == made.ratings.shape
    assert pl.read_csv("s-truth.csv").columns == made.truth.columns
    first = Path("s.csv").read_bytes()
    run("simulate", "--cases", "20", "--sessions", "9", "--seed", "5", "--out", "s.csv", "--force")
    assert Path("s.csv").read_bytes() == first
    assert run("detect", "s.csv")[0] == 0


def test_criteria_are_listed_with_parameters_and_defaults() -> None:
    _, out, _ = run("criteria")
    assert "predictive version 1: " in out
    assert "--set probable=0.025  " in out
    assert "--set cutoff=none  " in out
    assert "  confidence own: defined by this project\n" in out


def test_the_version_is_shown() -> None:
    assert run("--version")[1] == "goldseam 0.1.0\n"


REFUSED = [
    (
        ["detect", "none.csv", "--out", "x.csv"],
        "none.csv: no such file; allowed: the path of a file: .csv",
    ),
    (["detect", "bad.csv", "--out", "x.csv"], "bad.csv, row 3, column value: not a number; given 'much'"),
    (["detect", "empty.csv", "--out", "x.csv"], "empty.csv: the file is empty"),
    (["detect", "binary.csv", "--out", "x.csv"], "binary.csv: is not text"),
    (["detect", "t1.csv", "--out", "x.txt"], "x.txt: unknown kind of output file; given '.txt'"),
    (["detect", "t1.csv", "--out", "no/x.csv"], "no/x.csv: no such folder; given 'no'"),
    (["detect", "t1.csv", "--out", "folder.csv"], "folder.csv: is a folder"),
    (["detect", "t1.csv", "--out", "t1.csv"], "t1.csv: this file is named twice"),
    (["detect", "t1.csv", "--out", "x.csv", "--details", "x.csv"], "x.csv: this file is named twice"),
    (["detect", "t1.csv", "--norms", "none.json"], "none.json: cannot be read (No such file or directory)"),
    (["detect", "t1.csv", "--norms", "bad.csv"], "bad.csv: is not JSON"),
    (
        ["detect", "t1.csv", "--criterion", "x"],
        "unknown criterion; given 'x'; allowed: ",
    ),
    (
        ["detect", "t1.csv", "--criterion-version", "9"],
        "unknown version of criterion predictive; given 9; allowed: 1",
    ),
    (["detect", "t1.csv", "--set", "window"], "--set: not a setting; given 'window'; allowed: name=value"),
    (["detect", "t1.csv", "--set", "x=1"], "criterion predictive has no such parameter; given 'x'"),
    (["detect", "t1.csv", "--set", "watch=.1", "--set", "watch=.2"], "--set: set twice; given 'watch'"),
    (["detect", "t1.csv", "--set", "watch=7"], "parameter watch: impossible value; given '7'"),
    (
        ["fit-norms", "t1.csv", "--out", "x.json"],
        "scale alliance: too few series with 4 or more ratings; given 1",
    ),
    (
        ["fit-norms", "t1.csv", "--out", "x.csv"],
        "x.csv: unknown kind of output file; given '.csv'; allowed: .json",
    ),
    (["simulate", "--cases", "0", "--sessions", "5", "--seed", "1", "--out", "x.csv"], "cases"),
    (
        ["simulate", "--cases", "5", "--sessions", "5", "--seed", "1", "--out", "x"],
        "x: unknown kind of output file",
    ),
    (["simulate", "--cases", "5", "--sessions", "5", "--seed", "1", "--out", "x.csv", "--model", "y"], "'y'"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_cannot_be_used_is_one_line_and_leaves_no_file(
    arguments: list[str],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("bad.csv").write_text("case,rater,scale,session,value\na,b,c,1,5\na,b,c,2,much\n")
    Path("empty.csv").touch()
    Path("binary.csv").write_bytes(b"\x00\x01")
    one_series(T1, low=None).write_csv("bare.csv")
    Path("folder.csv").mkdir()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    line = refused(monkeypatch, capsys, *arguments)
    assert line.startswith("goldseam: ")
    assert message in line
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    line = refused(monkeypatch, capsys, "detect", "t1.csv", "--details", "d.csv", "--out", "e.parquet")
    assert line == "goldseam: d.csv: cannot be written (No space left on device)\n"
    assert {path.name for path in folder.iterdir()} == {"t1.csv", "t1.json"}


@pytest.mark.parametrize("arguments", [["detect"], ["nothing"], ["detect", "t1.csv", "--what"], ["simulate"]])
def test_a_wrong_call_is_explained(arguments: list[str], folder: Path) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert "Usage:" in err
    assert "Traceback" not in err


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "goldseam", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload]


def test_the_module_is_the_command(folder: Path) -> None:
    done = process("detect", "t1.csv", "--norms", "t1.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of them flagged" in done.stdout
    failed = process("detect", "none.csv")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("goldseam: none.csv: no such file")


def test_a_reader_that_stops_early_is_no_error(folder: Path) -> None:
    simulate(cases=400, sessions=12, seed=1).ratings.write_csv("many.csv")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "goldseam", "detect", "many.csv"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writing)
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


def test_importing_the_library_loads_neither_tables_nor_statistics_nor_the_web() -> None:
    code = "import sys, goldseam; print(*(name for name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"polars", "scipy", "django", "typer", "rich", "jsonschema", "goldseam_web"}


def test_an_interval_is_checked_criterion_by_criterion() -> None:
    """The share needed is a quarter of 27, the pooled SD sqrt((2 * 9.33 + 2 * 4.33) / 4)."""
    code, out, _ = run("check-interval", "--before", "31,33,27", "--after", "12, 16, 13", "--set", "cutoff=7")
    lines = dict(line.split(": ") for line in out.splitlines())
    assert code == 0
    assert lines["verdict"] == lines["criterion 3"] == "met"
    assert (lines["magnitude"], lines["share needed"], lines["pooled sd"]) == ("15", "6.75", "2.61406")
    code, out, _ = run("check-interval", "--before", "NA,NA,27", "--after", "12,NA,13")
    assert (code, "verdict: not enough data" in out, "critical value: -" in out) == (0, True, True)


def test_further_tables_of_a_detection_are_written(folder: Path) -> None:
    scores = [30, 31, 30, 18, 17, 18, 19, 18]
    rows = [f"A,client,bdi,{place},{score}" for place, score in enumerate(scores, start=1)]
    Path("bdi.csv").write_text("\n".join(["case,rater,scale,session,value", *rows]))
    asked = ["detect", "bdi.csv", "--criterion", "sudden-gain", "--set", "cutoff=7"]
    files = ["--episodes", "e.csv", "--by-series", "s.csv", "--select", "last", "--details", "d.csv"]
    assert run(*asked, *files)[0] == 0
    assert pl.read_csv("e.csv").select("session_n", "magnitude", "reversal").row(0) == (3, 12.0, False)
    assert pl.read_csv("s.csv").select("case", "n_events", "session_n").rows() == [("A", 1, 3)]
    assert pl.read_csv("d.csv").columns[-3:] == ["criterion_1", "criterion_2", "criterion_3"]
    assert "no events" in run(*asked, "--higher-is-better")[1]


def test_what_is_not_a_window_or_a_choice_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(monkeypatch, capsys, "check-interval", "--before", "31,x,27", "--after", "12,16,13")
    assert line.startswith("goldseam: --before: not scores; given '31,x,27'; allowed: three numbers")
    line = refused(monkeypatch, capsys, "detect", "t1.csv", "--by-series", "s.csv", "--select", "best")
    assert line.startswith("goldseam: select: no such choice; given 'best'; allowed: first, last")
    assert not Path("s.csv").exists()
