"""How a file is written can be said on the command line, to every command that reads ratings."""

from pathlib import Path

import polars as pl
import pytest

from goldseam.cli import main
from tests.core.ratings import T1, one_series

WIDE = "ID;bond_1;bond_2;bond_3;bond_4;bond_5\n007;7,5;7,25;7,5;7,75;3\n"
SAID = ["--wide", "{scale}_{session}", "--constants", "rater=client", "--range", "0:10"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wide.csv").write_text(WIDE)
    one_series(T1).rename({"case": "who", "value": "WAI_total"}).write_csv(tmp_path / "names.csv")
    return tmp_path


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[object, str, str]:
    monkeypatch.setattr("sys.argv", ["goldseam", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_a_wide_table_with_other_names_is_judged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _out, err = run(
        monkeypatch, capsys, "detect", "wide.csv", *SAID, "--columns", "case=ID", "--out", "events.csv"
    )
    columns = "5 columns {scale}_{session} as ratings, empty ones after a person's last as no sessions"
    assert code == 0
    assert (
        err == f"goldseam: wide.csv: read as semicolon-separated; {columns}; decimal comma in column value\n"
    )
    events = pl.read_csv(folder / "events.csv", schema_overrides={"case": pl.String})
    assert events.select("case", "scale", "onset_session", "nadir").rows() == [("007", "bond", 5, 3.0)]


@pytest.mark.parametrize(
    ("name", "text"),
    [("m.yaml", "case: who\nvalue: WAI_total\n"), ("m.json", '{"case": "who", "value": "WAI_total"}')],
)
def test_names_can_stand_in_a_file(
    name: str, text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(text)
    assert run(monkeypatch, capsys, "detect", "names.csv", "--columns", name)[0] == 0
    said = run(
        monkeypatch,
        capsys,
        "null-rate",
        "names.csv",
        "--columns",
        name,
        "--replications",
        "3",
        "--criterion",
        "xmr",
    )
    assert said[0] == 0
    code, _out, err = run(monkeypatch, capsys, "fit-norms", "names.csv", "--columns", name, "--out", "n.json")
    assert code == 2
    assert "too few series with 4 or more ratings; given 1" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--columns", "case"], "--columns: not pairs of names; given 'case'"),
        (["--columns", "case=a,case=b"], "--columns: not pairs of names"),
        (["--columns", "none.yaml"], "--columns none.yaml: cannot be read (FileNotFoundError)"),
        (["--columns", "list.json"], "--columns list.json: not a mapping"),
        (["--range", "7"], "--range: not a range; given '7'; allowed: minimum:maximum, such as 1:7"),
        (["--range", "7:1"], "--range: not a range"),
        (["--delimiter", "ab"], "--delimiter: not a delimiter"),
        (["--delimiter", "x"], "delimiter: not a delimiter; given 'x'"),
        (["--decimal", ";"], "--decimal: no such choice; given ';'; allowed: . or ,"),
        (["--layout", "spss"], "layout: no such layout; given 'spss'"),
    ],
)
def test_what_is_no_option_is_one_line(
    arguments: list[str],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "list.json").write_text("[1]")
    code, _out, err = run(monkeypatch, capsys, "detect", "wide.csv", *arguments)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_tab_can_be_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one_series(T1).write_csv(folder / "t.txt", separator="\t")
    assert run(monkeypatch, capsys, "detect", "t.txt", "--delimiter", "tab")[2] == ""
    assert "tab-separated" in run(monkeypatch, capsys, "detect", "t.txt")[2]
