"""The report on a table: its figures counted by hand, its faults, as text and as HTML."""

from pathlib import Path

import polars as pl
import pytest

from goldseam import inspect_ratings
from goldseam.cli import main
from tests.core.ratings import one_series

TABLE = pl.concat(
    [
        one_series([7, 7, 5, 6], low=1, high=7, case="A"),
        one_series([7, None, 1], low=1, high=7, case="B"),
        one_series([4, 4], low=1, high=7, case="C"),
        one_series([3], low=1, high=7, case="C").with_columns(
            rater=pl.lit("partner"), session=pl.lit(9, pl.Int64)
        ),
    ]
)


def test_figures_of_a_scale_are_those_counted_by_hand() -> None:
    report = inspect_ratings(TABLE)
    (row,) = report.scales.rows(named=True)
    assert row == {
        "scale": "alliance", "phase": None, "raters": 2, "cases": 3, "series": 4, "ratings": 9, "not_rated": 1,
        "shortest": 1, "median_length": 2.0, "longest": 4, "with_gaps": 1, "minimum": 1.0, "maximum": 7.0,
        "lowest": 1.0, "highest": 7.0, "step": 1.0, "at_highest": 0.333, "at_lowest": 0.111, "repeated": 0.4,
        "constant": 1,
    }  # fmt: skip
    assert report.judged.filter(ratings_needed=1)["series"].to_list() == [4]
    assert report.judged.filter(ratings_needed=4)["series"].to_list() == [1]
    assert (
        report.summary().splitlines()[0] == "table: 3 cases, 4 series, 9 ratings, 1 session without a rating"
    )
    assert "4 series are too few" in report.norms


def test_a_table_with_faults_is_reported_not_raised(tmp_path: Path) -> None:
    path = tmp_path / "<r>.csv"
    path.write_text("case,rater,scale,session,value\na,b,c,1,x\na,b,c,two,5\n")
    report = inspect_ratings(path)
    assert report.summary().splitlines() == [
        f"{path}: cannot be used",
        "  row 3, column session: not a number; given 'two'; allowed: a finite number",
        "  row 2, column value: not a number; given 'x'; allowed: a finite number",
    ]
    assert "&lt;r&gt;.csv" in report.html()
    assert report._repr_html_().startswith("<div><p>")


def test_the_command_writes_text_and_html_and_ends_with_2_where_there_are_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    TABLE.write_csv("r.csv", separator=";")
    Path("bad.csv").write_text("case,rater\n")

    def run(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["goldseam", "inspect", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, said = run("r.csv")
    assert code == 0
    assert said.splitlines()[:2] == [
        "r.csv: 3 cases, 4 series, 9 ratings, 1 session without a rating",
        "read as semicolon-separated",
    ]
    assert run("r.csv", "--out", "r.html")[0] == 0
    assert Path("r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    code, said = run("bad.csv")
    assert code == 2
    assert "there is no column scale, session, value" in said
