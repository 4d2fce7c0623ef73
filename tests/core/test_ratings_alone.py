"""Exactly ``case, rater, scale, session, value`` is enough for every criterion; which norms and range serve is said."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from goldseam import Norms, ParameterError, TableNote, criteria, detect, fit_norms, simulate
from goldseam.cli import main
from goldseam.series import RatingSeries
from goldseam.series.observed_ranges import with_observed_ranges
from tests.core.ratings import one_series

PLAIN = ["case", "rater", "scale", "session", "value"]


@pytest.fixture(scope="module")
def many() -> pl.DataFrame:
    """210 courses of 8 sessions between 0 and 10, as the simulator makes them."""
    return simulate(cases=210, sessions=8, seed=5).ratings


@pytest.mark.parametrize("criterion", sorted({each.id for each in criteria()}))
@pytest.mark.filterwarnings("ignore::goldseam.TableNote")
def test_every_criterion_judges_a_table_of_the_five_columns(criterion: str, many: pl.DataFrame) -> None:
    few = many.select(PLAIN).filter(pl.col("case").is_in(many["case"].unique().sort()[:12].to_list()))
    found = detect(few, criterion=criterion, higher_is_better=True)
    assert found.counts.series == 12


@pytest.mark.parametrize(
    ("values", "taken"),
    [
        ((1, 5), (1, 5)), ((0, 3), (0, 4)), ((2, 6), (1, 6)), ((3, 7), (1, 7)), ((7.5, 3), (0, 10)),
        ((35, 12), (0, 40)),
        ((41, 60), (0, 100)), ((12, 140), (12, 140)), ((-3, 3), (-3, 3)), ((-2, -2), (-2, -1)),
    ],
)  # fmt: skip
def test_the_narrowest_usual_range_that_holds_the_ratings_is_taken(
    values: tuple[float, ...], taken: tuple[float, float]
) -> None:
    series = RatingSeries.from_table(one_series(values, low=None))
    with pytest.warns(TableNote, match=f"taken {taken[0]:g} to {taken[1]:g} for scale alliance"):
        known = with_observed_ranges(series)
    assert (known.minimum.tolist(), known.maximum.tolist()) == ([taken[0]], [taken[1]])


def test_a_range_is_taken_over_all_series_of_a_scale_and_stated_ones_stay() -> None:
    stated = one_series([3, 4], case="A", low=0, high=20)
    bare = [one_series(values, case=case, low=None) for case, values in (("B", [1, 2]), ("C", [6, 7]))]
    series = RatingSeries.from_table(pl.concat([stated, *bare], how="diagonal_relaxed"))
    with pytest.warns(TableNote, match=r"taken 1 to 7 for scale alliance, .*between 1 and 7"):
        known = with_observed_ranges(series)
    assert known.maximum.tolist() == [20, 7, 7]


def test_norms_are_fitted_where_every_scale_has_two_hundred_series(many: pl.DataFrame) -> None:
    found = detect(many)
    assert found.norms_reason == "fitted to these 210 series"
    assert found.norms == fit_norms(many)
    few = many.filter(pl.col("case").is_in(many["case"].unique().sort()[:199].to_list()))
    told = detect(few)
    assert (told.norms, told.norms_reason) == (
        Norms.default(),
        "199 series are too few to fit norms to, 200 are needed",
    )
    second = few.with_columns(scale=pl.lit("bond"))
    both = detect(pl.concat([many, second]))
    assert both.norms == Norms.default()
    assert both.norms_reason.startswith("199 series of scale bond with 4 or more ratings are too few")


def test_norms_can_be_said(many: pl.DataFrame) -> None:
    assert detect(many, norms="shipped").norms == Norms.default()
    assert detect(many, norms=None).norms_reason == "as asked for"
    assert detect(many, norms=Norms.default()).norms_reason == "given"
    assert detect(many, criterion="xmr").norms_reason == ""
    with pytest.raises(ParameterError, match="norms: no such norms; given 'none'"):
        detect(many, norms="none")


def test_norms_that_cannot_be_fitted_are_the_shipped_ones() -> None:
    flat = pl.concat([one_series([5.0] * 4, case=f"{case:03}") for case in range(200)])
    found = detect(flat)
    assert found.norms == Norms.default()
    assert found.norms_reason.startswith("norms cannot be fitted to these ratings: ")
    assert np.isfinite(found.sessions["expected"].drop_nulls().to_numpy()).all()


def test_the_command_says_which_norms_and_range_it_took(
    many: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many.select(PLAIN).write_csv(tmp_path / "r.csv", separator=";")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[str, str]:
        monkeypatch.setattr(
            "sys.argv", ["goldseam", "detect", "r.csv", "--out", "e.csv", "--force", *arguments]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return capsys.readouterr()

    said = run()
    assert "norms fitted 1 (fitted to these 210 series)" in said.out
    assert said.err == "goldseam: r.csv: read as semicolon-separated\n"
    said = run("--norms", "shipped")
    assert "norms goldseam-default 1 (assumed, not empirical; as asked for)" in said.out
    assert "no range is stated; taken 0 to 10 for scale" in said.err
    assert "no range" not in run("--norms", "shipped", "--range", "0:10").err
    assert "norms goldseam-default" in run("--criterion", "ewma", "--norms", "shipped", "--range", "0:10").out
