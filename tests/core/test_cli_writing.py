"""What the command line writes harms nobody: no formula, no steering of the terminal, no file lost."""

from pathlib import Path

import polars as pl
import pytest

from goldseam.cli.input_output import check_outputs, say, without_formulas
from goldseam.exceptions import ParameterError
from tests.core.test_cli import run


def test_what_a_spreadsheet_takes_for_a_formula_becomes_text() -> None:
    # The first characters named by OWASP's page on CSV injection; numbers stay numbers.
    given = [
        "=1+1",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "plain",
        "a=b",
        "-5",
        "+1.5",
        "-1,5e-3",
        "",
        None,
    ]
    table = pl.DataFrame({"case": given, "value": [-1.0] * len(given)})
    safe = without_formulas(table)
    assert safe["case"].to_list() == [
        *("'=1+1", "'+cmd", "'-2+3", "'@SUM(A1)", "'\t=1", "'\r=1"),
        *("plain", "a=b", "-5", "+1.5", "-1,5e-3", "", None),
    ]
    assert safe["value"].equals(table["value"])


def test_a_formula_in_a_ratings_table_leaves_as_text(tmp_path: Path) -> None:
    rows = [f'"=HYPERLINK(A1)",client,mood,{k},{v},0,10' for k, v in enumerate([8, 8, 8, 8, 1], start=1)]
    (tmp_path / "in.csv").write_text("\n".join(["case,rater,scale,session,value,minimum,maximum", *rows]))
    code, _, _ = run("detect", str(tmp_path / "in.csv"), "--details", str(tmp_path / "out.csv"))
    assert code == 0
    assert set(pl.read_csv(tmp_path / "out.csv")["case"]) == {"'=HYPERLINK(A1)"}


def test_nothing_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2Jb\x9bc\u202ed\u200be\tf\ng\x00")
    assert capsys.readouterr().out == "a\\x1b[2Jb\\x9bc\\u202ed\\u200be\tf\ng\\x00\n"
    say("b\rhidden", err=True)
    assert capsys.readouterr().err == "b\\rhidden\n"


def test_a_file_that_exists_stays_unless_force_is_said(tmp_path: Path) -> None:
    out = tmp_path / "ratings.csv"
    out.write_text("work of a week")
    with pytest.raises(ParameterError, match="there is such a file; allowed: a new file, or --force"):
        check_outputs([out], inputs=[])
    asked = ["simulate", "--cases", "2", "--sessions", "3", "--seed", "1", "--out", str(out)]
    assert run(*asked, "--force")[0] == 0
    assert pl.read_csv(out).height == 6


@pytest.mark.parametrize("command", ["detect", "fit-norms", "simulate", "inspect", "operating", "null-rate"])
def test_every_command_that_writes_has_the_option(command: str) -> None:
    assert "--force" in run(command, "--help")[1]
