"""Whether norms fit ratings: by hand, against p of the criterion, and against simulated truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from goldseam import Norms, NormsError, PersonNorms, ScaleNorms, TableError, check_norms, detect, simulate
from goldseam.cli import app
from goldseam.operating.norms_check import _Transforms
from goldseam.simulate import MODELS, SimulationModel
from tests.core.examples import examples
from tests.core.ratings import one_series


def true_norms(model: SimulationModel, *, wider: float = 1.0) -> Norms:
    person = PersonNorms(
        tuple(model.mean + model.trend * session for session in range(16)),
        model.between_sd,
        wider * model.within_sd,
        own_sd_log_sd=model.own_sd_log_sd,
        autocorrelation=model.autocorrelation,
        drift_sd=model.drift_sd,
        trend_sd=model.trend_sd,
        step=model.step or 0.0,
    )
    entry = ScaleNorms("*", person.mean_course, model.between_sd, wider * model.within_sd, person=person)
    return Norms("true", "1", "points", (entry,), "The simulated figures.", False)


def calm(model: SimulationModel, cases: int = 1_200, seed: int = 3) -> pl.DataFrame:
    return simulate(cases=cases, sessions=16, seed=seed, model=model.without_episodes()).ratings


def share(check: object, part: str, nominal: float, by: str = "all", group: str = "all") -> dict[str, float]:
    rows = check.shares.filter(by=by, group=group, part=part)  # type: ignore[attr-defined]
    (row,) = rows.filter((pl.col("nominal") - nominal).abs() < 1e-9).to_dicts()
    return row


def transforms(low: list[float], high: list[float]) -> _Transforms:
    whole = np.zeros(len(low), np.int64)
    return _Transforms(np.array(low), np.array(high), whole, whole, whole, whole, np.zeros(len(low)))


def test_how_much_of_a_rating_lies_below_a_point_by_hand() -> None:
    """From .2 to .6: a quarter below .3; one at .4 is below .5, not below .4; from 0 to .05: half below .025."""
    looked = transforms([0.2, 0.4, 0.0], [0.6, 0.4, 0.05])
    assert looked.below(0.3).tolist() == pytest.approx([0.25, 0, 1])
    assert looked.below(0.5).tolist() == pytest.approx([0.75, 1, 1])
    assert looked.below(0.4).tolist() == pytest.approx([0.5, 0, 1])
    assert looked.below(0.025).tolist() == pytest.approx([0, 0, 0.5])


def test_on_a_fine_scale_the_lower_tail_is_p_of_the_criterion() -> None:
    model = MODELS["unbounded"]
    norms, table = true_norms(model), calm(model, cases=200)
    check = check_norms(table, norms=norms)
    rows = detect(table, norms=norms, version=3).sessions.filter(pl.col("n_prior") >= 3).drop_nulls("p")
    assert check.n_ratings == rows.height
    for tail in (0.01, 0.025, 0.05):
        assert share(check, "lower", tail)["share"] == pytest.approx((rows["p"] < tail).mean())
    assert check.lower_tail == share(check, "lower", 0.025)["share"]


@pytest.mark.parametrize("kind", ["unbounded", "items", "ceiling", "autocorrelated"])
def test_norms_that_are_right_are_met(kind: str) -> None:
    """Steps, and a quarter of the ratings at the end of the scale, among them."""
    model = MODELS[kind]
    check = check_norms(calm(model), norms=true_norms(model))
    assert check.outcome == "met"
    assert not check.held_out
    assert check.histogram["share"].sum() == pytest.approx(1)
    # the filter's approximation and 14,000 ratings leave some hundredths of a tenth
    assert check.histogram["share"].to_numpy() == pytest.approx(np.full(10, 0.1), abs=0.008)
    assert share(check, "upper", 0.025)["share"] == pytest.approx(0.025, abs=0.005)


def test_a_scale_of_few_totals_is_uniform_once_mass_is_spread() -> None:
    model = replace(
        MODELS["items"], maximum=8.0, step=1.0, mean=5.0, between_sd=0.9, within_sd=0.8, trend=0.0
    )
    check = check_norms(calm(model), norms=true_norms(model))
    assert check.outcome == "met"
    assert check.histogram["share"].to_numpy() == pytest.approx(np.full(10, 0.1), abs=0.01)


def test_norms_with_too_wide_or_too_narrow_an_own_sd_are_not_met() -> None:
    model = MODELS["items"]
    for wider, more in ((1.4, False), (0.7, True)):
        check = check_norms(calm(model), norms=true_norms(model, wider=wider))
        assert check.outcome == "not met"
        assert (share(check, "upper", 0.025)["share"] > 0.03) == more
        assert (share(check, "middle", 0.5)["share"] < 0.47) == more


def test_ruptures_show_in_the_lower_tail_and_leave_the_verdict() -> None:
    """Dips of 3 own SDs in every second case: the verdict rests on the upper tail and the middle."""
    model = replace(
        MODELS["items"], episode_share=0.5, depth_sd=(3.0, 3.0), erosion_share=0.0, repaired_share=1.0
    )
    table = simulate(cases=1_200, sessions=16, seed=8, model=model).ratings
    check = check_norms(table, norms=true_norms(MODELS["items"]))
    assert check.outcome == "met"
    assert check.lower_tail > 0.035
    assert check.ruptures == pytest.approx((check.lower_tail - 0.025) / 0.975)
    assert "ruptures" in check.summary()


def test_without_norms_every_case_is_judged_by_those_of_the_other_half() -> None:
    table = calm(MODELS["items"], cases=240)
    check = check_norms(table)
    assert check.held_out
    assert check.n_cases == 240
    # which half a case is in depends on its name alone
    again = check_norms(table.sample(fraction=1, shuffle=True, seed=4))
    assert again.shares.equals(check.shares)
    assert again.histogram.equals(check.histogram)


def test_groups_hold_all_ratings() -> None:
    check = check_norms(calm(MODELS["items"], cases=150), norms=true_norms(MODELS["items"]))
    for by in ("earlier ratings", "session", "expected level"):
        rows = check.shares.filter(by=by, part="middle")
        assert rows["n_ratings"].sum() == check.n_ratings
        mean = (rows["share"] * rows["n_ratings"]).sum() / check.n_ratings
        assert mean == pytest.approx(share(check, "middle", 0.5)["share"])


def test_few_ratings_cannot_be_told() -> None:
    check = check_norms(calm(MODELS["items"], cases=12), norms=true_norms(MODELS["items"]))
    assert check.outcome in {"cannot be told", "not met"}
    assert share(check, "upper", 0.025)["high"] - share(check, "upper", 0.025)["low"] > 0.02


def test_what_cannot_be_checked_is_refused() -> None:
    norms = true_norms(MODELS["items"])
    with pytest.raises(TableError, match="no rating to check norms with"):
        check_norms(one_series([7.0, 7.5, 7.0], low=0, high=10), norms=norms)
    with pytest.raises(NormsError, match="too few series"):
        check_norms(calm(MODELS["items"], cases=60))


def test_scales_turned_round_give_the_same() -> None:
    table = calm(MODELS["unbounded"], cases=120)
    up = true_norms(MODELS["unbounded"])
    (entry,) = up.scales
    assert entry.person is not None
    turned = replace(entry.person, mean_course=tuple(-mean for mean in entry.person.mean_course))
    down = replace(
        up,
        scales=(replace(entry, mean_course=turned.mean_course, person=turned, higher_is_better=False),),
    )
    mirrored = table.with_columns(-pl.col("value")).drop("minimum", "maximum")
    ours = check_norms(table.drop("minimum", "maximum"), norms=up)
    theirs = check_norms(mirrored, norms=down, higher_is_better=False)
    np.testing.assert_allclose(ours.shares["share"], theirs.shares["share"], rtol=1e-9)


@examples(10)
@given(
    values=st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=5, max_size=12), min_size=1, max_size=3
    )
)
def test_shares_lie_in_their_intervals_whatever_the_ratings(values: list[list[int | None]]) -> None:
    tables = [
        one_series([None if each is None else each / 4 for each in rated], low=0, high=10, case=str(place))
        for place, rated in enumerate(values)
    ]
    table = pl.concat(tables)
    rated = table.drop_nulls("value").group_by("case").len()
    if rated.filter(pl.col("len") > 3).is_empty():
        with pytest.raises(TableError):
            check_norms(table, norms=true_norms(MODELS["items"]))
        return
    check = check_norms(table, norms=true_norms(MODELS["items"]))
    assert check.n_ratings == (rated["len"].cast(pl.Int64) - 3).clip(lower_bound=0).sum()
    for rows in (check.shares, check.histogram):
        assert rows.select(
            ((pl.col("low") <= pl.col("share")) & (pl.col("share") <= pl.col("high"))).all()
        ).item()
    assert check.histogram["share"].sum() == pytest.approx(1)


def test_the_command_says_it_and_writes_all_shares(tmp_path: Path) -> None:
    table, out = tmp_path / "ratings.csv", tmp_path / "check.csv"
    calm(MODELS["items"], cases=80).write_csv(table)
    true_norms(MODELS["items"]).write(tmp_path / "norms.json")
    command = ["check-norms", str(table), "--norms", str(tmp_path / "norms.json"), "--out", str(out)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "Check of norms" in done.output
    assert "all, all: lower 0.025" in done.output
    written = pl.read_csv(out)
    assert set(written["by"]) == {"all", "earlier ratings", "session", "expected level"}
    assert written.height >= 7
