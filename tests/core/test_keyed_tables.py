"""Tables beside the ratings: names of cases are read as in the ratings, and what does not match is told or refused.

Expected values are counts of the tables that the tests make.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam import ParameterError, TableError
from goldseam.cohort.cohort_data import read_cohort
from goldseam.cohort.further_tables import FurtherTables
from goldseam.cohort.whole_study import Study
from goldseam.exceptions import TableWarning
from goldseam.series.keyed_tables import keyed_table
from tests.core.ratings import one_series

CASES = 60


def ratings() -> pl.DataFrame:
    return goldseam.simulate(cases=CASES, sessions=6, seed=3).ratings.with_columns(
        pl.col("case").cast(pl.String)
    )


def renamed(names: list[object]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Ratings whose cases have these names, and a cases table with the names 0 to 59."""
    table = ratings()
    known = table.get_column("case").unique().sort().to_list()
    named = table.with_columns(pl.col("case").replace_strict(dict(zip(known, names, strict=True))))
    return named, pl.DataFrame({"case": range(CASES), "therapist": [f"T{n % 6}" for n in range(CASES)]})


def therapists(table: object, cases: object) -> list[str | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        return read_cohort(table, cases).cases.get_column("therapist").to_list()  # type: ignore[arg-type]


class TestNamesOfCases:
    def test_blanks_at_the_ends_do_not_count_in_either_table(self, tmp_path: Path) -> None:
        table, cases = renamed([f"{n} " for n in range(CASES)])
        blanks = cases.with_columns(case=pl.col("case").cast(pl.String) + "  ")
        assert None not in therapists(table, cases)
        assert None not in therapists(table, blanks)
        table.write_csv(tmp_path / "ratings.csv")
        blanks.write_csv(tmp_path / "cases.csv")
        assert None not in therapists(tmp_path / "ratings.csv", tmp_path / "cases.csv")

    @pytest.mark.parametrize("kind", [pl.Float64, pl.Int16, pl.String])
    def test_whole_numbers_are_one_name_however_they_are_kept(self, kind: type[pl.DataType]) -> None:
        table, cases = renamed(list(range(CASES)))
        assert None not in therapists(table, cases.with_columns(pl.col("case").cast(pl.Int64).cast(kind)))

    @pytest.mark.parametrize("given", ["cases", "episodes", "sessions", "outcomes"])
    def test_a_table_with_no_row_of_these_cases_is_refused(self, given: str) -> None:
        """Before anything is computed, and whether or not the question could be answered."""
        rows = pl.DataFrame(
            {"case": ["x"], "session": [4], "therapist": ["T"], "antecedent": ["a"], "after": [1.0]}
        )
        with pytest.raises(TableError, match=rf"{given}: no row is of a .* of the ratings.*'x'"):
            goldseam.study(one_series([7.0] * 6), **{given: rows})

    def test_sessions_of_no_rated_session_are_refused(self) -> None:
        rows = pl.DataFrame({"case": ["1"], "session": [40], "mode": ["room"]})
        with pytest.raises(TableError, match="no row is of a rated session of the ratings"):
            goldseam.study(one_series([7.0] * 6).with_columns(case=pl.lit("1")), sessions=rows)

    def test_some_that_do_not_match_are_counted_in_the_report_and_told(self) -> None:
        """Names 000 to 059 and 100 to 119 against 0 to 59 and 100 to 119."""
        names = [f"{n:03d}" for n in [*range(40), *range(100, 120)]]
        table, _ = renamed(names)
        numbers = [*range(40), *range(100, 120)]
        cases = pl.DataFrame({"case": numbers, "ending": ["planned"] * CASES})
        outcomes = pl.DataFrame({"case": numbers[:59], "after": [float(n) for n in range(59)]})
        sessions = pl.DataFrame({"case": [110, 3], "session": [1, 1], "mode": ["room", "video"]})
        with pytest.warns(TableWarning, match="names have to be written alike") as told:
            found = goldseam.study(
                table, cases, outcomes=outcomes, sessions=sessions, draws=20, fast=True, others=()
            )
        assert len(told) == 2
        notes = " ".join(found.answers[0].notes)
        assert "The cases table has no row for 40 of 60 cases, for example '000', '001', '002'." in notes
        assert (
            "40 rows of the cases table are of no case of the ratings and left out, for example '0', '1', '2'."
        ) in notes
        assert "The outcomes table has no row for 41 of 60 cases" in notes
        assert (
            "1 row of the sessions table is of no case of the ratings and left out, for example '3' session 1."
            in notes
        )
        content = json.loads(str(found.files()["study.json"]))
        assert list(found.answers[0].notes) == content["answers"][0]["notes"]
        assert notes.split(". ")[0] in found.html().replace("&#x27;", "'")

    def test_prevalence_tells_it_too(self) -> None:
        table, cases = renamed([f"{n:03d}" for n in [*range(40), *range(100, 120)]])
        with pytest.warns(TableWarning, match="no row for 59 of 60 cases"):
            goldseam.episode_prevalence(
                table, cases.with_columns(case=pl.col("case") + 119), draws=20, fast=True, others=()
            )

    def test_nothing_is_told_where_all_match(self) -> None:
        table, cases = renamed(list(range(CASES)))
        assert read_cohort(table, cases).cautions == ()

    def test_cases_without_ratings_are_no_reason_to_warn(self) -> None:
        table, cases = renamed(list(range(CASES)))
        more = pl.concat([cases, cases.with_columns(case=pl.col("case") + 500)])
        assert read_cohort(table, more).cautions == (
            "60 rows of the cases table are of no case of the ratings and left out, for example '500', '501', '502'.",
        )


class TestNumbersOfSessions:
    @pytest.mark.parametrize("given", ["episodes", "sessions"])
    def test_a_fraction_is_refused_with_its_row(self, given: str, tmp_path: Path) -> None:
        rows = pl.DataFrame({"case": ["A"] * 3, "session": [1.0, 2.0, 4.9], "antecedent": ["a", "b", "a"]})
        with pytest.raises(TableError, match=r"row 3, column session.*4\.9.*whole number"):
            goldseam.study(one_series([7.0] * 6), **{given: rows})
        rows.write_csv(tmp_path / "rows.csv")
        with pytest.raises(TableError, match=r"rows\.csv, row 4, column session.*4\.9"):
            goldseam.study(one_series([7.0] * 6), **{given: tmp_path / "rows.csv"})

    @pytest.mark.parametrize("session", [0, -1, None, float("inf"), "x"])
    def test_what_is_no_session_is_refused(self, session: object) -> None:
        with pytest.raises(TableError, match="session"):
            keyed_table({"case": ["A"], "session": [session]}, ["case", "session"], "sessions")

    def test_whole_numbers_with_a_point_are_sessions(self) -> None:
        found = keyed_table({"case": ["A"], "session": [3.0]}, ["case", "session"], "sessions")
        assert found.rows.get_column("session").to_list() == [3]


class TestOutcomes:
    @pytest.mark.parametrize("column", ["after", "before"])
    @pytest.mark.parametrize("value", [float("inf"), float("-inf"), "inf", "good"])
    def test_what_is_no_finite_number_is_refused_with_its_row(self, column: str, value: object) -> None:
        good: list[object] = [1.0, 2.0, 3.0] if isinstance(value, float) else ["1", "2", "3"]
        rows = {"case": ["A", "B", "C"], "after": good, "before": [*good]} | {column: [*good[:2], value]}
        with pytest.raises(TableError, match=rf"row 3, column {column}: not a number.*a finite number"):
            goldseam.study(one_series([7.0] * 6), outcomes=rows)

    @pytest.mark.parametrize("cell", [None, float("nan")])
    def test_empty_ones_are_missing(self, cell: float | None) -> None:
        cohort = read_cohort(one_series([7.0] * 6))
        found = FurtherTables.read(
            cohort, episodes=None, sessions=None, outcomes={"case": ["A", "B"], "after": [cell, 2.0]}
        )
        assert found.outcomes is not None
        assert found.outcomes.numbers("after").to_list() == [None, 2.0]

    def test_an_infinite_number_recorded_at_a_session_is_refused(self) -> None:
        rows = {"case": ["A", "A"], "session": [1, 2], "hours": [1.0, float("inf")]}
        with pytest.raises(TableError, match="row 2, column hours: not a number"):
            goldseam.study(one_series([7.0] * 6), sessions=rows)


def constant(cases: int, sessions: int, *, but: int = 0) -> pl.DataFrame:
    """Ratings of 7 throughout, but in the last session of so many cases."""
    table = pl.concat(
        [one_series([7.0] * sessions).with_columns(case=pl.lit(f"c{n:03d}")) for n in range(cases)]
    )
    last = (pl.col("session") == sessions) & (pl.col("case") < f"c{but:03d}")
    return table.with_columns(pl.when(last).then(6.0).otherwise(pl.col("value")).alias("value"))


class TestRatingsThatDoNotVary:
    @pytest.mark.parametrize("but", [0, 1])
    def test_a_study_says_that_the_data_do_not_allow_it(self, but: int) -> None:
        found = goldseam.study(constant(60, 8, but=but), draws=20, others=())
        assert [each.refused for each in found.answers] == [False] + [True] * (len(found.answers) - 1)
        assert "never vary within a person" in found.answers[1].sentence
        assert "60 cases, 60 series, 480 ratings" in found.answers[0].sentence
        assert "never vary within a person" in found.html()
        assert json.loads(str(found.files()["study.json"]))["norms"] is None

    def test_prevalence_says_it_too(self) -> None:
        found = goldseam.episode_prevalence(constant(60, 8), draws=20, others=())
        assert found.refused is not None
        assert "never vary within a person" in found.summary()

    def test_what_is_asked_wrongly_is_still_an_error(self) -> None:
        with pytest.raises(ParameterError):
            goldseam.study(constant(60, 8), draws=1)


def test_one_case_is_written_in_the_singular() -> None:
    found: Study = goldseam.study(one_series([7.0]), draws=20)
    assert found.answers[0].sentence.startswith("1 case, 1 series, 1 rating of ")
    assert np.all([each.refused for each in found.answers[1:]])
