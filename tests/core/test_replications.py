"""The loop of benchmarks/inference: gone on with after any interruption, and what it says of intervals, by hand."""

from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.inference.replications import Coverage, Row, by_cell, loop_parser, run_replications


def once(number: int, value: float) -> Row:
    """A row made of its seed; nothing is known in every third."""
    drawn = float(np.random.default_rng([number, round(10 * value)]).random())
    return {"d": None if number % 3 == 2 else drawn}


def run(path: Path, *more: str) -> pl.DataFrame:
    given = ["--replications", "4", "--rows", str(path), *more]
    return run_replications(loop_parser("", "rows.csv").parse_args(given), "effect", [0.0, 0.3], once)


@pytest.mark.parametrize("kept", [0, 9, 25, 44, 61])
def test_what_was_interrupted_anywhere_ends_as_what_was_not(tmp_path: Path, kept: int) -> None:
    run(tmp_path / "whole.csv")
    whole = (tmp_path / "whole.csv").read_bytes()
    (tmp_path / "torn.csv").write_bytes(whole[:kept])
    run(tmp_path / "torn.csv")
    assert (tmp_path / "torn.csv").read_bytes() == whole


def test_numbers_can_be_shared_out(tmp_path: Path) -> None:
    """Two runs of four numbers each write what one run of eight writes."""
    run(tmp_path / "shared.csv", "--first", "4")
    shared = run(tmp_path / "shared.csv")
    whole = run(tmp_path / "whole.csv", "--replications", "8")
    assert shared.sort("number", "effect").equals(whole.sort("number", "effect"))


def test_no_time_no_rows(tmp_path: Path) -> None:
    assert run(tmp_path / "rows.csv", "--seconds", "0").is_empty()
    assert not [*by_cell(run(tmp_path / "rows.csv", "--seconds", "0"), "effect")]


def test_a_file_of_another_study_is_not_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("effect,number,low\n0.0,0,.1\n")
    with pytest.raises(SystemExit, match="other columns: effect, number, low"):
        run(tmp_path / "rows.csv")


def test_coverage_by_hand() -> None:
    """Truth 1: errors 0, 1, 2 (mean 1, SD 1); two of three intervals hold 1, one holds no 0; a row says nothing."""
    rows = pl.DataFrame(
        {"a_d": [1.0, 2.0, 3.0, None], "a_low": [0.0, -1.0, 2.0, None], "a_high": [2.0, 5.0, 4.0, None]}
    )
    found = Coverage.of(rows, "a", 1.0)
    assert found is not None
    assert (found.answered, found.mean, found.off, found.sd) == (3, 2, 1, 1)
    assert found.off_error == pytest.approx(1 / sqrt(3))
    assert found.error == pytest.approx(10 / 6 / 1.96)
    assert (found.holds, found.rejects) == pytest.approx((2 / 3, 1 / 3))
    assert found.holds_error == pytest.approx(sqrt(2 / 27))
    assert "holds 0.667 (0.272)" in found.line()
    assert Coverage.of(rows.tail(1), "a", 1.0) is None


def test_cells_in_the_order_of_their_values(tmp_path: Path) -> None:
    assert [(value, rows.height) for value, rows in by_cell(run(tmp_path / "r.csv"), "effect")] == [
        (0.0, 4),
        (0.3, 4),
    ]
