"""Norms: the shipped ones, files of them, and fitting them to ratings with known truth."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goldseam import Norms, NormsError, PersonNorms, ScaleNorms, detect, fit_norms
from goldseam.simulate import MODELS, simulate
from tests.core.ratings import T1, T1_NORMS, one_series

UNDISTURBED = replace(
    MODELS["unbounded"], episode_share=0.0, autocorrelation=0.0, trend=0.0, own_sd_log_sd=0.0
)


def test_the_shipped_norms_are_marked_as_assumed() -> None:
    norms = Norms.default()
    assert not norms.empirical
    assert norms.unit == "share_of_range"
    assert "not empirical" in norms.provenance


def test_the_shipped_norms_obey_the_published_schema(tmp_path: Path) -> None:
    Norms.default().write(tmp_path / "norms.json")
    assert Norms.read(tmp_path / "norms.json") == Norms.default()


def test_equal_norms_have_equal_hashes_whether_figures_are_whole_or_not() -> None:
    content = T1_NORMS.content()
    content["scales"][0]["shape"] = 4
    assert Norms.from_content(content).content_hash == T1_NORMS.content_hash
    changed = replace(T1_NORMS, version="2")
    assert changed.content_hash != T1_NORMS.content_hash


def test_norms_of_ten_points_are_the_default_ones_on_a_scale_of_ten() -> None:
    # .75 rising by .004 a session to .794, .13 and .09 of a range of 10 points.
    course = tuple(7.5 + 0.04 * session for session in range(12))
    points = Norms("points", "1", "points", (ScaleNorms("*", course, 1.3, 0.9),), "By hand.", False)
    table = one_series([value + 2 for value in T1], low=0, high=10)
    shares, in_points = detect(table).sessions, detect(table, norms=points).sessions
    assert shares["verdict"].equals(in_points["verdict"])
    assert shares["p"].to_numpy() == pytest.approx(in_points["p"].to_numpy(), rel=1e-9)


def test_the_most_specific_entry_serves_a_scale() -> None:
    def entry(scale: str, phase: str) -> ScaleNorms:
        return ScaleNorms(scale, (0.5,), 0.1, 0.1, phase=phase)

    pairs = [("*", "*"), ("*", "pre"), ("a", "*"), ("a", "pre")]
    norms = Norms("n", "1", "share_of_range", tuple(entry(*pair) for pair in pairs), "By hand.", False)
    served = {key: norms.for_scale(*key) for key in [("a", "pre"), ("a", "post"), ("b", "pre"), ("b", None)]}
    found = [(each.scale, each.phase) for each in served.values()]
    assert found == [("a", "pre"), ("a", "*"), ("*", "pre"), ("*", "*")]


def test_a_scale_without_norms_is_refused() -> None:
    norms = Norms("n", "1", "points", (ScaleNorms("bond", (0.5,), 0.1, 0.1),), "By hand.", False)
    with pytest.raises(
        NormsError, match=r"norms n have no entry for this scale; given 'alliance'; allowed: bond"
    ):
        detect(one_series(T1), norms=norms)


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.pop(name)


def _entry(**figures: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["scales"][0].update(figures)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_without("unit"), "'unit' is a required property"),
        (lambda content: content.update(unit="kg"), r"unit: 'kg' is not one of"),
        (lambda content: content.update(format="other"), r"format: 'goldseam-norms-1' was expected"),
        (lambda content: content.update(extra=1), r"Additional properties are not allowed"),
        (lambda content: content.update(scales=[]), r"scales: \[\] should be non-empty"),
        (lambda content: content["scales"].append(content["scales"][0]), r"scale and phase given twice"),
        (_entry(within_sd=0), r"scales.0.within_sd: 0.0 is less than or equal to the minimum of 0"),
        (_entry(between_sd="wide"), r"scales.0.between_sd: 'wide' is not of type 'number'"),
        (_entry(mean_course=[]), r"scales.0.mean_course: \[\] should be non-empty"),
        (_entry(mean_course=[float("nan")]), r"mean_course: impossible value; given \(nan,\)"),
        (_entry(within_sd=float("inf")), r"within_sd: impossible value; given inf"),
        (_entry(discount=1.5), r"discount: 1.5 is greater than the maximum of 1"),
        (_entry(shape=1), r"shape: 1.0 is less than or equal to the minimum of 1"),
        (_entry(minimum=3), r"minimum and maximum: impossible value; .*two finite numbers, or neither"),
        (_entry(minimum=3, maximum=3), r"minimum and maximum: .*a minimum below the maximum"),
    ],
)
def test_a_norms_file_with_an_error_is_refused_by_name(
    change: Callable[[dict[str, Any]], object], message: str, tmp_path: Path
) -> None:
    content = T1_NORMS.content()
    change(content)
    path = tmp_path / "norms.json"
    path.write_text(json.dumps(content))
    with pytest.raises(NormsError, match=message) as refused:
        Norms.read(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "12", "\x00\x01", '{"scales": ' + "9" * 400 + "}"])
def test_what_is_not_a_norms_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "norms.json"
    path.write_text(text)
    with pytest.raises(NormsError, match=r"norms\.json"):
        Norms.read(path)


def test_a_norms_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NormsError, match="No such file"):
        Norms.read(tmp_path / "none.json")
    with pytest.raises(NormsError, match="cannot be written"):
        T1_NORMS.write(tmp_path / "none" / "norms.json")


def test_fitting_finds_the_simulated_population() -> None:
    ratings = simulate(cases=1_500, sessions=14, seed=2, model=UNDISTURBED).ratings
    norms = fit_norms(ratings)
    (entry,) = norms.scales
    reach = UNDISTURBED.maximum - UNDISTURBED.minimum
    assert norms.empirical
    assert (entry.scale, entry.phase, entry.minimum, entry.maximum) == ("alliance", "*", 0.0, reach)
    assert len(entry.mean_course) == 14
    assert entry.mean_course[0] * reach == pytest.approx(UNDISTURBED.mean, abs=1.0)
    assert entry.within_sd * reach == pytest.approx(UNDISTURBED.within_sd, rel=0.03)
    assert entry.between_sd * reach == pytest.approx(UNDISTURBED.between_sd, rel=0.06)


def test_unequal_own_sds_cost_the_trimming_a_little() -> None:
    # Ratings of the most variable people are cut off too early; docs/methods/norms.md says by how much.
    model = replace(UNDISTURBED, own_sd_log_sd=0.35)
    entry = fit_norms(simulate(cases=1_500, sessions=14, seed=2, model=model).ratings).scales[0]
    assert entry.within_sd * (model.maximum - model.minimum) == pytest.approx(model.within_sd, rel=0.08)


def test_dips_in_the_ratings_hardly_move_the_norms() -> None:
    def fitted(share: float) -> ScaleNorms:
        model = replace(UNDISTURBED, episode_share=share)
        return fit_norms(simulate(cases=1_500, sessions=14, seed=2, model=model).ratings).scales[0]

    calm, disturbed = fitted(0.0), fitted(0.4)
    assert disturbed.within_sd == pytest.approx(calm.within_sd, rel=0.12)
    assert disturbed.between_sd == pytest.approx(calm.between_sd, rel=0.05)


def test_norms_of_a_turned_scale_are_the_turned_norms() -> None:
    ratings = simulate(cases=80, sessions=8, seed=3, model=UNDISTURBED).ratings
    turned = ratings.with_columns(value=pl.col("minimum") + pl.col("maximum") - pl.col("value"))
    up, down = fit_norms(ratings).scales[0], fit_norms(turned, higher_is_better=False).scales[0]
    assert down.mean_course == pytest.approx([1 - mean for mean in up.mean_course])
    assert (down.within_sd, down.between_sd) == pytest.approx((up.within_sd, up.between_sd))
    assert not down.higher_is_better
    events = detect(ratings, norms=fit_norms(ratings)).events
    others = detect(turned, norms=fit_norms(turned, higher_is_better=False), higher_is_better=False).events
    assert events["onset_session"].equals(others["onset_session"])
    assert events.height > 0


def test_without_a_range_norms_are_fitted_in_points() -> None:
    ratings = simulate(cases=60, sessions=8, seed=3, model=UNDISTURBED).ratings
    bare = ratings.drop("minimum", "maximum")
    norms = fit_norms(bare)
    assert norms.unit == "points"
    reach = UNDISTURBED.maximum - UNDISTURBED.minimum
    assert norms.scales[0].within_sd == pytest.approx(fit_norms(ratings).scales[0].within_sd * reach)
    turned = fit_norms(bare.with_columns(-pl.col("value")), higher_is_better=False)
    assert turned.scales[0].mean_course == pytest.approx([-mean for mean in norms.scales[0].mean_course])


def test_too_few_series_are_refused_with_their_number() -> None:
    ratings = simulate(cases=49, sessions=8, seed=3, model=replace(UNDISTURBED, missing_share=0.0)).ratings
    with pytest.raises(
        NormsError, match=r"scale alliance: too few series with 4 or more ratings; given 49; .*50"
    ):
        fit_norms(ratings)
    with pytest.raises(NormsError, match="given 0"):
        fit_norms(ratings.filter(pl.col("session") <= 3))


def test_ratings_that_never_vary_are_refused() -> None:
    flat = pl.concat([one_series([5.0] * 5, case=str(case)) for case in range(60)])
    with pytest.raises(NormsError, match="never vary within a person"):
        fit_norms(flat)


def test_scales_and_phases_are_fitted_apart() -> None:
    ratings = simulate(cases=60, sessions=8, seed=3, model=UNDISTURBED).ratings
    higher = ratings.with_columns(value=(pl.col("value") + 10).clip(0, 100), phase=pl.lit("post"))
    norms = fit_norms(pl.concat([ratings.with_columns(phase=pl.lit("pre")), higher]))
    assert [(each.scale, each.phase) for each in norms.scales] == [("alliance", "post"), ("alliance", "pre")]
    assert norms.scales[0].mean_course[0] > norms.scales[1].mean_course[0]


def test_norms_of_the_other_direction_are_refused_and_both_are_named() -> None:
    ratings = simulate(cases=60, sessions=8, seed=3, model=UNDISTURBED).ratings
    turned = ratings.with_columns(value=pl.col("minimum") + pl.col("maximum") - pl.col("value"))
    down = fit_norms(turned, higher_is_better=False, measure="Distress 4")
    with pytest.raises(NormsError) as caught:
        detect(turned, norms=down)
    assert "lower is better for scale alliance of Distress 4" in str(caught.value)
    assert "ratings read as higher is better" in str(caught.value)
    with pytest.raises(NormsError, match=r"state higher is better .* ratings read as lower is better"):
        detect(ratings, norms=fit_norms(ratings), higher_is_better=False)
    assert detect(turned, norms=down, higher_is_better=False).counts.flagged < 10
    assert detect(turned, higher_is_better=False).counts.flagged < 20, "assumed, of any scale: mirrored"


def test_norms_of_another_range_are_refused_and_both_are_named() -> None:
    ratings = simulate(cases=60, sessions=8, seed=3, model=UNDISTURBED).ratings
    with pytest.raises(NormsError, match=r"the range 0 to \d+ for scale alliance.* ratings from 1 to 7"):
        detect(one_series(T1), norms=fit_norms(ratings))
    turned = fit_norms(ratings, higher_is_better=False)
    with pytest.raises(NormsError, match=r"the range 0 to \d+ .* ratings from 1 to 7"):
        detect(one_series(T1), norms=turned, higher_is_better=False)
    assert detect(one_series(T1, low=None), norms=fit_norms(ratings)).counts.series == 1


def test_norms_of_another_step_are_refused_where_most_of_many_ratings_lie_between() -> None:
    person = PersonNorms((7.0,), 1.3, 0.9, step=1.0)
    entry = ScaleNorms("alliance", (7.0,), between_sd=1.3, within_sd=0.9, person=person)
    norms = Norms("ten", "1", "points", (entry,), "By hand.", empirical=True)
    quarters = pl.concat([one_series([7.25, 7.5, 7.75, 7], low=0, high=10, case=str(n)) for n in range(20)])
    with pytest.raises(NormsError, match=r"steps of 1 points .* ratings of which 75% lie between such steps"):
        detect(quarters, norms=norms)
    assert detect(quarters.head(40), norms=norms).counts.series == 10, "too few to tell"
    stated = quarters.head(8).with_columns(step=0.25)
    with pytest.raises(
        NormsError, match=r"state steps of 1 points .* not the step of the ratings: steps of 0.25 points"
    ):
        detect(stated, norms=norms)
    wholes = pl.concat([one_series([7, 6, 7, 7.5], low=0, high=10, case=str(n)) for n in range(20)])
    assert detect(wholes, norms=norms).counts.series == 20


def test_the_measure_is_carried_and_leaves_no_trace_where_there_is_none(tmp_path: Path) -> None:
    assert "measure" not in T1_NORMS.content()["scales"][0]
    assert Norms.default().content_hash == "50dcf9aa64732dc50defb95454147ca9c65473fb7cc658a843e6dc5e1e9fa83a"
    named = replace(T1_NORMS, scales=(replace(T1_NORMS.scales[0], measure="WAI-SR"),))
    named.write(tmp_path / "n.json")
    assert Norms.read(tmp_path / "n.json") == named
    assert named.content_hash != T1_NORMS.content_hash


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ([{"scale": str(k)} for k in range(20_000)], "scales: 20000 entries; allowed: up to 2,000"),
        ([{"scale": "a", "mean_course": [0.5] * 200_000}], "holds more than 100,000 values"),
        ([{"scale": "a", "mean_course": [0.5] * 2_600_000}], "longer than 5,000,000 characters"),
    ],
)
def test_a_file_of_norms_that_would_take_minutes_is_refused_at_once(
    tmp_path: Path, scales: list[dict[str, Any]], message: str
) -> None:
    file = tmp_path / "huge.json"
    file.write_text(json.dumps({**Norms.default().content(), "scales": scales}), encoding="utf-8")
    with pytest.raises(NormsError) as caught:
        Norms.read(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_entry_given_twice_is_found_among_two_thousand() -> None:
    entry = Norms.default().scales[0]
    entries = [replace(entry, scale=str(k)) for k in range(2_000)]
    assert len(Norms("n", "1", "share_of_range", tuple(entries), "By hand.", False).scales) == 2_000
    with pytest.raises(NormsError, match="given twice; given \\('7', "):
        Norms("n", "1", "share_of_range", (*entries, entries[7]), "By hand.", False)
