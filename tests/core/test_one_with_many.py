"""Shares of the variance of ratings: lme4, planted shares, and refusals."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import goldseam
from goldseam.cohort.nested_ratings import CASE, CLIENT, MEMBER, PARTS, REST, THERAPIST, NestedRatings
from goldseam.cohort.one_with_many_answer import many_answer

NUMBERS = json.loads((Path(__file__).parent / "reference" / "one_with_many.json").read_text(encoding="utf-8"))
SDS = {"therapist": 0.6, "case": 0.7, "member": 0.8, "session": 0.5, "rating": 1.0}


def tables(
    therapists: int, *, families: int = 4, alone: int = 0, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each therapist has so many couples and so many alone, with five to ten sessions."""
    random = np.random.default_rng(seed)
    rows, cases = [], []
    for therapist in range(therapists):
        own = random.normal(0, SDS["therapist"])
        for number in range(families + alone):
            case, sessions = f"{therapist}-{number}", int(random.integers(5, 11))
            cases.append((case, f"T{therapist:02d}"))
            level, shared = random.normal(0, SDS["case"]), random.normal(0, SDS["session"], sessions)
            for member in range(2 if number < families else 1):
                of_member = 10 + own + level + random.normal(0, SDS["member"])
                values = of_member + shared + random.normal(0, SDS["rating"], sessions)
                rows += [(case, f"m{member}", "alliance", at + 1, value) for at, value in enumerate(values)]
    schema = ["case", "rater", "scale", "session", "value"]
    ranged = {"minimum": pl.lit(0.0), "maximum": pl.lit(20.0)}
    return (
        pl.DataFrame(rows, schema=schema, orient="row").with_columns(**ranged),
        pl.DataFrame(cases, schema=["case", "therapist"], orient="row"),
    )


def test_variances_are_those_of_lme4_in_balanced_data() -> None:
    """`lme4::lmer` by REML, R 4.2.2, lme4 1.1.31: reference/one_with_many.R."""
    of = {
        name: np.array(NUMBERS[name]) - (name != "session")
        for name in ("therapist", "case", "member", "session")
    }
    first = {name: np.unique(of[name], return_index=True)[1].astype(int) for name in ("case", "member")}
    whole = {name: column.astype(int) for name, column in of.items()}
    nested = NestedRatings(
        np.array(NUMBERS["value"]),
        whole["member"],
        whole["session"],
        whole["case"][first["member"]],
        whole["therapist"][first["case"]],
    )
    assert nested.variances()[: len(PARTS)] == pytest.approx(NUMBERS["variances"], abs=1e-5)


def test_planted_shares_are_found_and_shuffled_units_have_none() -> None:
    found = goldseam.one_with_many(*tables(30, families=6, alone=4))
    total = sum(sd**2 for sd in SDS.values())
    rows = {row["part"]: row for row in found.table.to_dicts()}
    for part, sd in zip(PARTS, SDS.values(), strict=True):
        assert rows[part]["low"] < sd**2 / total < rows[part]["high"], part
        if part != REST:
            assert rows[part]["chance"] == pytest.approx(0, abs=0.03), part
    assert sum(rows[part]["share"] for part in PARTS) == pytest.approx(1)
    assert rows[THERAPIST]["share"] > rows[THERAPIST]["chance_most"]


@pytest.mark.parametrize(("therapists", "answered"), [(9, False), (10, True)])
def test_ten_therapists_with_two_cases(therapists: int, answered: bool) -> None:
    ratings, cases = tables(therapists)
    one = tables(3, families=1, seed=2)
    more = pl.concat([ratings, one[0].with_columns(case="x" + pl.col("case"))])
    known = pl.concat(
        [cases, one[1].with_columns(case="x" + pl.col("case"), therapist="x" + pl.col("therapist"))]
    )
    found = goldseam.one_with_many(more, known)
    assert (found.refused is None) is answered
    assert answered or "therapists with two cases or more: 9, at least 10 needed" in found.summary()


@pytest.mark.parametrize(("families", "answered"), [(29, False), (30, True)])
def test_thirty_cases_with_several_members(families: int, answered: bool) -> None:
    ratings, cases = tables(10, families=3, alone=2)
    if not answered:
        ratings = ratings.filter((pl.col("case") != "0-0") | (pl.col("rater") == "m0"))
    rows = {row["part"]: row for row in goldseam.one_with_many(ratings, cases).table.to_dicts()}
    assert rows[CASE]["refused"] == rows[MEMBER]["refused"]
    assert (rows[CASE]["refused"] is None) is answered
    assert answered or f"{families}, at least 30 needed" in rows[CASE]["refused"]
    assert (CLIENT in rows) is not answered


def test_individuals_alone_have_a_share_of_case_and_member_together() -> None:
    answer = many_answer(goldseam.one_with_many(*tables(12, families=0, alone=6)))
    assert not answer.refused
    assert "case and member" in answer.sentence
    assert "by chance" in answer.sentence
    assert any("not told apart" in note for note in answer.notes)


def both_sides(therapists: int = 40, seed: int = 3) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clients and therapists rate each other: own parts correlate .8 (therapist), .5 (client), .3 (session)."""
    random = np.random.default_rng(seed)

    def together(correlation: float, *size: int) -> np.ndarray:
        first, second = random.standard_normal((2, *size))
        return np.stack([first, correlation * first + np.sqrt(1 - correlation**2) * second])

    values = (
        together(0.3, therapists, 12, 6) + together(0.5, therapists, 12, 1) + together(0.8, therapists, 1, 1)
    )
    therapist, case, session = (each.ravel() for each in np.indices(values.shape[1:]))
    names = [f"{one}-{other}" for one, other in zip(therapist, case, strict=True)]
    parts = [
        pl.DataFrame(
            {
                "case": names,
                "rater": rater,
                "scale": scale,
                "session": session + 1,
                "value": 10 + each.ravel(),
            }
        ).with_columns(minimum=pl.lit(0.0), maximum=pl.lit(20.0))
        for rater, scale, each in zip(("client", "therapist"), ("alliance", "view"), values, strict=True)
    ]
    cases = (
        pl.DataFrame({"case": names, "therapist": therapist})
        .unique()
        .with_columns(pl.col("therapist").cast(str))
    )
    return pl.concat(parts), cases


def test_reciprocity_is_found_at_each_level_and_not_where_it_is_shuffled() -> None:
    found = goldseam.one_with_many(*both_sides(), scale="alliance", therapist_scale="view")
    rows = {row["level"]: row for row in found.reciprocity.to_dicts()}
    for level, truth in (("therapist", 0.8), ("case and member", 0.5), ("session", 0.3)):
        assert rows[level]["low"] < truth < rows[level]["high"], level
        assert rows[level]["low"] > 0
        assert rows[level]["chance"] == pytest.approx(0, abs=0.06), level
    assert "Reciprocity" in " ".join(many_answer(found).notes)


@pytest.mark.parametrize(("therapists", "answered"), [(9, False), (10, True)])
def test_reciprocity_needs_ten_therapists_who_rated_two_cases(therapists: int, answered: bool) -> None:
    """All are rated by their clients; the others rate none themselves."""
    ratings, cases = both_sides(12)
    raters = [f"{number}-" for number in range(therapists)]
    rating = pl.any_horizontal(pl.col("case").str.starts_with(each) for each in raters)
    found = goldseam.one_with_many(
        ratings.filter((pl.col("scale") == "alliance") | rating),
        cases,
        scale="alliance",
        therapist_scale="view",
    )
    row = found.reciprocity.row(2, named=True)
    assert found.refused is None
    assert (row["refused"] is None) is answered
    assert answered or "9, at least 10 needed" in row["refused"]


@pytest.mark.parametrize(("therapists", "answered"), [(29, False), (30, True)])
def test_what_therapists_and_all_their_clients_have_in_common_needs_thirty(
    therapists: int, answered: bool
) -> None:
    found = goldseam.one_with_many(*both_sides(therapists), scale="alliance", therapist_scale="view")
    row = found.reciprocity.row(0, named=True)
    assert row["level"] == "therapist"
    assert ("29, at least 30 needed" in str(row["refused"])) is not answered
    assert answered or found.reciprocity.row(1, named=True)["refused"] is None
