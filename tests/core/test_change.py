"""Reliable change: indices as R computes them from the formulas, statuses, and tables that are not as they should be.

The classes that the R package clinicalsignificance gives for its own example data (JT 18/22/0 ... with reliability .80,
and the two tables of its manual) were compared by hand; those data are not ours to ship.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from goldseam import ParameterError, ReadOptions, TableError, reliable_change, scoring_facts
from goldseam.cli import app
from tests.core.reference.r_numbers import NUMBERS, thirty_persons

pytestmark = pytest.mark.filterwarnings("ignore::goldseam.TableNote")
LOW_IS_BETTER: dict[str, Any] = {"pre": 1, "post": 5, "time": "time", "higher_is_better": False}
OF_R = {"reliability": NUMBERS["reliability"], **LOW_IS_BETTER}


def indices(**more: Any) -> list[float]:
    persons = reliable_change(thirty_persons(), **{**OF_R, **more}).persons
    order = {str(each): place for place, each in enumerate(NUMBERS["both"])}
    judged = persons.drop_nulls("status")
    assert {*judged["case"].cast(pl.String)} == {*order}
    return judged.sort(pl.col("case").cast(pl.String).replace_strict(order))["index"].to_list()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("JT", {"method": "JT"}),
        ("GLN", {"method": "GLN"}),
        ("GLN_population_25", {"method": "GLN", "population_mean": 25}),
        ("HLL", {"method": "HLL"}),
        ("EN", {"method": "EN"}),
        ("NK_published", {"method": "NK", "reliability_post": NUMBERS["reliability_post"]}),
        (
            "NK_clinicalsignificance",
            {
                "method": "NK",
                "reliability_post": NUMBERS["reliability_post"],
                "convention": "clinicalsignificance",
            },
        ),
        ("HA", {"method": "HA"}),
    ],
)
def test_indices_are_those_that_r_computes_from_the_formulas(name: str, settings: dict[str, Any]) -> None:
    assert indices(**settings) == pytest.approx(NUMBERS["indices"][name], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("convention", ["published", "clinicalsignificance"])
def test_true_scores_cross_the_cut_off_beyond_their_error_as_in_r(convention: str) -> None:
    more: dict[str, Any] = {
        "cutoff": "c",
        "functional_mean": 20,
        "functional_sd": 6,
        "convention": convention,
    }
    found = reliable_change(thirty_persons(), method="HA", **OF_R, **more)
    assert found.cutoff is not None
    assert found.cutoff.at == pytest.approx(NUMBERS["true_cutoff"])
    order = {str(each): place for place, each in enumerate(NUMBERS["both"])}
    judged = found.persons.drop_nulls("status").sort(pl.col("case").cast(pl.String).replace_strict(order))
    assert judged["status"].to_list() == NUMBERS[f"true_{convention}"]
    for name in ("group_changed", "group_functional"):
        assert found.figures[name] == pytest.approx(NUMBERS[name])
    assert "of true scores" in found.summary()
    with pytest.raises(ParameterError, match="the SD is no larger than the error of measurement"):
        reliable_change(thirty_persons(), method="HA", **OF_R, **{**more, "functional_sd": 0.5})


def without_reliability(**more: Any) -> Any:
    return reliable_change(thirty_persons(), time="time", higher_is_better=False, method="HLM", **more)


def test_the_package_tests_the_own_slope_against_the_average_one_as_lme4_predicts_it() -> None:
    persons = without_reliability(convention="clinicalsignificance").persons.drop_nulls("status")
    found = dict(persons.select(pl.col("case").cast(pl.Int64), "index").rows())
    expected = dict(zip(NUMBERS["model_deviation_id"], NUMBERS["model_deviation_index"], strict=True))
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_the_published_model_tests_the_own_change_with_the_error_of_both_parts() -> None:
    """Errors from Henderson's equations as R solves them; a change over four sessions is four slopes."""
    persons = without_reliability(pre=1, post=5).persons.drop_nulls("status")
    own = dict(
        zip(
            NUMBERS["own_id"], zip(NUMBERS["own_slope"], NUMBERS["own_slope_error"], strict=True), strict=True
        )
    )
    for case, change, error, index in persons.select("case", "change", "error", "index").iter_rows():
        slope, of_slope = own[int(case)]
        assert (change, error) == pytest.approx((4 * slope, 4 * of_slope), rel=1e-3)
        assert index == pytest.approx(change / error)


def table(*pairs: tuple[float | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [f"p{at}" for at in range(len(pairs))],
            "pre": [a for a, _b in pairs],
            "post": [b for _a, b in pairs],
        },
        schema={"id": pl.String, "pre": pl.Float64, "post": pl.Float64},
        strict=False,
    )


FIVE = table((30, 10), (30, 22), (30, 31), (30, 38), (14, 26))


def words(ratings: Any, **settings: Any) -> list[str | None]:
    return reliable_change(ratings, **settings).persons["status"].to_list()


def test_every_status_has_its_case() -> None:
    """By hand: 1.96 sqrt(2) 5 sqrt(.2) = 6.2 points; 20 is the line, and lower is better."""
    settings: dict[str, Any] = {"reliability": 0.8, "sd": 5, "cutoff": 20}
    expected = ["recovered", "improved", "unchanged", "deteriorated", "harmed"]
    assert words(FIVE, **settings, higher_is_better=False) == expected
    upside_down = FIVE.with_columns(pl.col("pre", "post") * -1)
    assert words(upside_down, **{**settings, "cutoff": -20.0}) == expected
    assert words(FIVE, reliability=0.8, sd=5, higher_is_better=False) == [
        "improved", "improved", "unchanged", "deteriorated", "deteriorated",
    ]  # fmt: skip


def test_a_score_at_the_cut_off_is_functional_before_and_not_after() -> None:
    assert words(table((20, 9), (30, 20)), reliability=0.8, sd=5, cutoff=20, higher_is_better=False) == [
        "improved",
        "improved",
    ]


def test_the_band_of_no_change_is_where_the_status_turns() -> None:
    found = reliable_change(FIVE, reliability=0.8, sd=5, higher_is_better=False).persons
    low, high = found.select("low", "high").row(0)
    assert (low, high) == pytest.approx((30 - 6.1980642, 30 + 6.1980642), abs=1e-6)
    edges = table((30, low - 0.01), (30, low + 0.01), (30, high - 0.01), (30, high + 0.01))
    assert words(edges, reliability=0.8, sd=5, higher_is_better=False) == [
        "improved", "unchanged", "unchanged", "deteriorated",
    ]  # fmt: skip


CLINICAL = table((30, 20), (34, 20), (38, 36), (26, 25), (32, 10))  # mean 32, SD 4.4721360


@pytest.mark.parametrize(
    ("rule", "convention", "expected"),
    [
        ("a", "published", 32 - 2 * 20**0.5),
        ("b", "published", 8 + 2 * 5),
        ("b", "clinicalsignificance", 8 + 2 * 20**0.5),
        ("c", "published", (20**0.5 * 8 + 5 * 32) / (20**0.5 + 5)),
    ],
)
def test_cut_offs_by_hand(rule: str, convention: str, expected: float) -> None:
    found = reliable_change(
        CLINICAL, reliability=0.8, higher_is_better=False, cutoff=rule, convention=convention,
        functional_mean=8, functional_sd=5,
    )  # fmt: skip
    assert found.cutoff is not None
    assert found.cutoff.at == pytest.approx(expected)


def test_percentages_and_points_count_from_their_threshold_on() -> None:
    ratings = table((30, 15), (30, 16), (30, 39), (0, 0), (0, 5))
    settings: dict[str, Any] = {
        "method": "PCT",
        "threshold": 50,
        "threshold_worse": 30,
        "higher_is_better": False,
    }
    found = reliable_change(ratings, **settings).persons
    assert found["status"].to_list() == ["improved", "unchanged", "deteriorated", "unchanged", None]
    assert found["reason"].to_list()[-1] == "no percentage of 0"
    assert words(ratings, **settings, convention="clinicalsignificance")[-1] == "improved"
    points = table((3.3, 3.0), (3.3, 3.1))
    assert words(points, method="MIC", threshold=0.3, higher_is_better=False) == ["improved", "unchanged"]


def test_the_error_within_a_person_stands_apart_from_that_between_persons() -> None:
    found = reliable_change(FIVE, reliability=0.8, higher_is_better=False, within_error=0.3)
    assert found.persons["beyond_within_error"].to_list() == [True, True, True, True, True]
    assert found.persons["status"].to_list().count("unchanged") > 0
    assert "error between persons" in found.summary()


def test_persons_without_a_score_are_told_and_change_no_figure() -> None:
    ratings = pl.concat([CLINICAL, table((30, None), (None, 20), (None, None), (float("nan"), 20))])
    ratings = ratings.with_columns(id=pl.Series([f"0{at}" for at in range(9)]))
    found = reliable_change(ratings, reliability=0.8, higher_is_better=False)
    assert found.persons["case"].to_list() == [f"0{at}" for at in range(9)]
    assert found.persons["reason"].to_list()[5:] == [
        "no later rating", "no first rating", "no first and no later rating", "no first rating",
    ]  # fmt: skip
    assert found.figures["pre_sd"] == pytest.approx(20**0.5)
    assert found.groups["n"].sum() == 5


def test_a_long_table_a_wide_one_and_named_occasions_give_the_same() -> None:
    long = CLINICAL.unpivot(index="id", on=["pre", "post"], variable_name="when", value_name="bdi")
    numbered = long.with_columns(session=pl.col("when").replace_strict({"pre": 0, "post": 26}))
    expected = words(CLINICAL, reliability=0.8, higher_is_better=False)
    settings: dict[str, Any] = {"reliability": 0.8, "higher_is_better": False, "value": "bdi"}
    assert words(long, time="when", pre="pre", post="post", **settings) == expected
    assert words(long.sort("bdi"), time="when", **settings) == expected
    assert words(numbered, time="session", **settings) == expected
    beside = CLINICAL.with_columns(session=pl.lit(1), age=pl.lit(40))
    assert words(beside, reliability=0.8, higher_is_better=False) == expected
    wide = CLINICAL.rename({"pre": "T1", "post": "T2"})
    assert (
        words(wide, reliability=0.8, higher_is_better=False, reading=ReadOptions(wide="T{session}"))
        == expected
    )


@pytest.mark.parametrize(
    ("ratings", "settings", "says"),
    [
        (CLINICAL, {}, "reliability: is needed; given None; allowed: a number between 0 and 1 for JT"),
        (
            CLINICAL,
            {"reliability": 1},
            "reliability: out of range; given 1; allowed: a number above 0 and below 1",
        ),
        (CLINICAL, {"reliability": 80}, "reliability: out of range; given 80"),
        (
            CLINICAL,
            {"reliability": 0.8, "method": "JTT"},
            "method: no such choice; given 'JTT'; allowed: JT, GLN",
        ),
        (
            CLINICAL,
            {"reliability": 0.8, "cutoff": "d"},
            "cutoff: no such choice; given 'd'; allowed: a, b, c, or a",
        ),
        (
            CLINICAL,
            {"reliability": 0.8, "cutoff": "c"},
            "cut-off c: needs mean and SD of a functional population",
        ),
        (CLINICAL, {"reliability": 0.8, "functional_mean": 8}, "functional_mean: would be ignored; given 8"),
        (
            CLINICAL,
            {"reliability": 0.8, "threshold": 5},
            "threshold: would be ignored; given 5; allowed: none for JT",
        ),
        (CLINICAL, {"method": "HLL", "reliability": 0.8, "population_mean": 9}, "stated without the other"),
        (
            CLINICAL,
            {
                "reliability": 0.8,
                "cutoff": "c",
                "functional_mean": 8,
                "functional_sd": 5,
                "higher_is_better": True,
            },
            "functional mean: the functional mean lies on the worse side of the persons' mean before treatment",
        ),
        (
            table((30, 20), (30, 25)),
            {"reliability": 0.8},
            "pre: all first scores are the same, so that they have no SD",
        ),
        (
            table((30, 20)),
            {"reliability": 0.8, "sd": 8, "method": "HLL"},
            "one person has no mean to regress to",
        ),
        (
            table((30, 20), (20, 20)),
            {"reliability": 0.8, "method": "HA"},
            "needs persons whose scores differ",
        ),
        (table((30, 20)), {"reliability": 0.8}, "there is one person, so that they have no SD"),
        (table((30, None), (None, 20)), {"reliability": 0.8}, "nobody was rated at both times"),
        (CLINICAL, {"reliability": 0.8, "pre": "pre", "post": "end"}, "there is no column end; given"),
        (CLINICAL, {"method": "PCT", "threshold": 20, "higher_is_better": False}, None),
        (table((-3, 2), (4, 5)), {"method": "PCT", "threshold": 20}, "pre: has no percentage; given -3.0"),
        (table((30, 30.5), (20, 20.1)), {"method": "HA", "reliability": 0.5}, "no reliability above 0"),
        (pl.concat([CLINICAL, CLINICAL]), {"reliability": 0.8}, "each session once"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_is_allowed(
    ratings: pl.DataFrame, settings: dict[str, Any], says: str | None
) -> None:
    given = {"higher_is_better": False, **settings}
    if says is None:
        assert reliable_change(ratings, **given).groups["n"].sum() == ratings.height
        return
    with pytest.raises((ParameterError, TableError)) as refused:
        reliable_change(ratings, **given)
    assert says in str(refused.value)


def test_times_that_are_not_there_are_refused_with_those_that_are() -> None:
    with pytest.raises(
        ParameterError, match="pre: there is no rating at this time; given 9; allowed: 1, 2, 3, 4, 5"
    ):
        reliable_change(thirty_persons(), **{**OF_R, "pre": 9})
    with pytest.raises(ParameterError, match="the times to compare are not stated"):
        reliable_change(thirty_persons(), **{**OF_R, "pre": None, "post": None})
    with pytest.raises(ParameterError, match="pre: there is no rating at this time; given 'first'"):
        reliable_change(thirty_persons(), **{**OF_R, "pre": "first"})
    two = thirty_persons().filter(pl.col("time").is_in([1, 5]))
    usual = words(two, **{**OF_R, "pre": None, "post": None})
    assert usual == words(two, **{**OF_R, "post": None}) == words(two, **{**OF_R, "pre": None})
    with pytest.raises(ParameterError, match="is the same time as pre"):
        reliable_change(thirty_persons(), **{**OF_R, "post": 1})


def test_one_person_can_be_judged_by_figures_that_are_stated() -> None:
    assert words(table((30, 10)), reliability=0.8, sd=8, higher_is_better=False, cutoff=20) == ["recovered"]


def test_scores_at_the_end_of_the_scale_are_told() -> None:
    ratings = table((10, 9), (10, 10), (8, 10), (7, 9))
    found = reliable_change(ratings, reliability=0.8, reading=ReadOptions(value_range=(0, 10)))
    assert "50% of the first scores are 10, an end of the scale" in found.summary()


def test_a_model_needs_enough_and_says_so() -> None:
    for span, says in (({"pre": 1}, "post: is not stated"), ({"pre": 5, "post": 1}, "post: lies before pre")):
        with pytest.raises(ParameterError, match=says):
            without_reliability(**span)
    with pytest.raises(ParameterError, match="times are names"):
        reliable_change(CLINICAL, method="HLM", higher_is_better=False)
    flat = reliable_change(
        thirty_persons("flat"), method="HLM", time="time", higher_is_better=False, cutoff="a"
    )
    assert "singular fit" in flat.summary()
    short = thirty_persons().filter((pl.col("id") > 1) | (pl.col("time") < 3))
    persons = reliable_change(short, method="HLM", time="time", higher_is_better=False).persons
    assert persons.filter(case=1)["reason"].to_list() == ["fewer than 3 ratings"]
    ratings = thirty_persons().filter(pl.col("id") < 3)
    thin = reliable_change(ratings, method="HLM", time="time", higher_is_better=False)
    assert thin.groups["n"].sum() == 0
    assert "not enough data" in thin.summary()


def test_counts_are_told_of_each_group() -> None:
    arms = FIVE.with_columns(arm=pl.Series(["b", "a", "a", "b", "b "]))
    found = reliable_change(arms, reliability=0.8, sd=5, cutoff=20, higher_is_better=False, group="arm")
    assert found.persons["arm"].to_list() == ["b", "a", "a", "b", "b"]
    assert found.groups["arm"].unique(maintain_order=True).to_list() == ["a", "b"]
    assert found.groups.filter(arm="a")["n"].to_list() == [0, 1, 1, 0, 0]
    assert found.groups.filter(arm="b")["share"].to_list() == pytest.approx([1 / 3, 0, 0, 1 / 3, 1 / 3])
    assert "\nb: 3 persons: 1 recovered" in found.summary()
    long = arms.unpivot(index=["id", "arm"], on=["pre", "post"], variable_name="when", value_name="value")
    settings: dict[str, Any] = {"reliability": 0.8, "sd": 5, "cutoff": 20, "higher_is_better": False}
    again = reliable_change(long, **settings, group="arm", time="when")
    assert again.groups.equals(found.groups)
    mixed = long.with_columns(arm=pl.when(pl.int_range(10) == 0).then(pl.lit("c")).otherwise(pl.col("arm")))
    with pytest.raises(TableError, match="column arm: case p0 is in several groups; given 'b, c'"):
        reliable_change(mixed, **settings, group="arm", time="when")
    with pytest.raises(TableError, match="there is no column team for the group"):
        reliable_change(arms, **settings, group="team")


def test_a_parquet_file_is_read_with_the_columns_that_are_named(tmp_path: Path) -> None:
    file = tmp_path / "all.parquet"
    whole = thirty_persons().rename({"id": "case", "time": "session", "value": "bdi"})
    whole.with_columns(rater=pl.lit("a"), scale=pl.lit("b"), value=pl.lit(1.0)).write_parquet(file)
    found = reliable_change(file, **{**OF_R, "time": None}, value="bdi")
    assert found.persons["index"].drop_nulls().len() == len(NUMBERS["both"])
    assert found.figures["pre_sd"] is not None


def test_the_command_writes_persons_statuses_and_the_plot(tmp_path: Path) -> None:
    file, out, counts, chart = (tmp_path / name for name in ("in.csv", "out.csv", "counts.csv", "plot.svg"))
    CLINICAL.write_csv(file)
    words_given = [
        "change",
        str(file),
        "--pre",
        "pre",
        "--post",
        "post",
        "--reliability",
        ".8",
        "--lower-is-better",
    ]
    more = ["--cutoff", "a", "--out", str(out), "--summary", str(counts), "--chart", str(chart)]
    done = CliRunner().invoke(app, [*words_given, *more], catch_exceptions=False)
    assert done.exit_code == 0
    assert "source: Jacobson & Truax 1991" in done.output
    assert pl.read_csv(out)["status"].to_list() == words(
        CLINICAL, reliability=0.8, higher_is_better=False, cutoff="a"
    )
    assert pl.read_csv(counts)["n"].sum() == 5
    assert chart.read_text(encoding="utf-8").startswith("<svg")


def test_the_plot_has_points_band_and_cut_off_where_there_are_such() -> None:
    judged = reliable_change(CLINICAL, reliability=0.8, higher_is_better=False, cutoff="a")
    assert len(judged.plot().layer) == 5
    assert len(without_reliability().plot().layer) == 2
    zeros = reliable_change(table((0, 4)), method="PCT", threshold=20, threshold_worse=30)
    assert zeros.plot() is None
    assert "counted from 20 or -30" in zeros.summary()


def test_facts_have_a_source_and_a_confidence_each() -> None:
    facts = scoring_facts()
    assert facts.null_count().sum_horizontal().item() == 0
    assert {*facts["confidence"]} == {"found", "remembered", "weakly remembered", "proposed"}
    assert facts.select("measure", "fact").is_duplicated().sum() == 0
    with pytest.raises(
        ParameterError, match="measure: nothing is known of it; given 'PHQ9'; allowed: ARM, ARM-12"
    ):
        scoring_facts("PHQ9")
