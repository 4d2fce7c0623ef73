"""How often a criterion is wrong with norms of one's own, measured on people drawn from them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from goldseam import (
    Norms,
    NormsError,
    ParameterError,
    PersonNorms,
    ScaleNorms,
    measure_norms,
    measured_error_rates,
    model_of_norms,
    null_rate,
    operating_characteristics,
    simulate,
)
from goldseam.cli import main
from goldseam.operating.bayes_limit import limit_p_values
from goldseam.simulate import EvidenceModel

COURSE = (0.5, 0.58, 0.62, 0.64, 0.65)
PERSON = PersonNorms(
    COURSE,
    0.12,
    0.08,
    own_sd_log_sd=0.3,
    autocorrelation=0.4,
    drift_sd=0.0,
    error_shift=0.3,
    error_skew=-0.3,
)


def norms_of(person: PersonNorms = PERSON, **entry: object) -> Norms:
    scale = ScaleNorms("alliance", COURSE, 0.12, 0.08, person=person, **entry)  # type: ignore[arg-type]
    return Norms("own", "3", "share_of_range", (scale,), "made up", empirical=True)


def table_of(norms: Norms, *, cases: int, sessions: int = 8) -> pl.DataFrame:
    model = replace(model_of_norms(norms, "alliance").without_episodes(), missing_share=0.0)
    return simulate(cases=cases, sessions=sessions, seed=3, model=model).ratings


def test_people_drawn_from_norms_are_as_the_norms_say() -> None:
    ratings = table_of(norms_of(minimum=1.0, maximum=7.0), cases=20_000)
    value = ratings["value"].to_numpy().reshape(20_000, 8)
    assert ratings["minimum"][0] == 1
    assert ratings["maximum"][0] == 7
    course = 1 + 6 * np.array([*COURSE, *[COURSE[-1]] * 3])
    # the skewed deviations have a mean of their own, the same at every session
    apart = value.mean(axis=0) - course
    assert apart == pytest.approx(apart.mean(), abs=0.03)
    plain = replace(PERSON, error_shift=0.0, error_skew=0.0)
    even = table_of(norms_of(plain), cases=20_000)["value"].to_numpy().reshape(20_000, 8)
    assert even.mean(axis=0) == pytest.approx([*COURSE, *[COURSE[-1]] * 3], abs=0.005)
    assert even.std(axis=0) == pytest.approx(np.hypot(0.12, 0.08), rel=0.03)
    # deviations of one person: what is left of two sessions one apart
    assert np.diff(even[:, :2]).std() == pytest.approx(0.08 * np.sqrt(2 * 0.6), rel=0.03)
    assert stats.skew(value[:, 0]) < stats.skew(even[:, 0]) - 0.05


def test_totals_drawn_through_a_table_of_scores_are_squeezed_as_it_says() -> None:
    """Scores normal about .5; the table has 1 at the score .6, so that so many ratings are the highest."""
    plain = replace(PERSON, mean_course=(0.5,), error_shift=0.0, error_skew=0.0, own_sd_log_sd=0.0, step=0.1)
    scored = replace(plain, points=(0.0, 0.5, 0.95), scores=(0.0, 0.5, 0.6))
    ratings = table_of(norms_of(plain, scored_person=scored), cases=20_000, sessions=1)
    beyond = stats.norm.sf(0.6, 0.5, np.hypot(0.12, 0.08))
    assert (ratings["value"] == 1).mean() == pytest.approx(beyond, abs=0.01)
    assert set(ratings["value"].round(6)) <= {round(0.1 * place, 6) for place in range(11)}


def test_the_rate_of_onsets_is_that_which_chance_gives_in_drawn_tables() -> None:
    """Another program, the bootstrap of null rates, draws tables of the same kind from the same norms."""
    norms = norms_of()
    measured = measure_norms(norms, cases=2_000, sessions=9, seed=2)
    rates = measured_error_rates(measured, "alliance").grades["any"]
    table = table_of(norms, cases=400, sessions=9).with_columns(
        value=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise("value")
    )
    drawn = null_rate(table, norms=norms, replications=20, sensitivity=0.5, fewest_ratings=1)
    assert drawn.chance_events is not None
    rated = table.drop_nulls("value").with_columns(place=pl.int_range(pl.len()).over("case"))
    per_session = drawn.chance_events.value / (rated["place"] >= 3).sum()
    assert rates.false_alarms.value == pytest.approx(per_session, abs=0.004)
    assert 0.015 < rates.false_alarms.value < 0.035
    # sessions four to eight can be judged: the case's chance is at most their sum
    (of_eight,) = [each.rate.value for each in rates.false_alarm_cases if each.sessions == 8]
    assert 2 * rates.false_alarms.value < of_eight < 5 * rates.false_alarms.value


def test_rates_travel_with_the_norms_and_leave_their_hash_alone(tmp_path: Path) -> None:
    norms = norms_of()
    two = measure_norms(norms, version=2, cases=60)
    both = measure_norms(two, version=3, cases=60)
    assert [each["criterion_version"] for each in both.scales[0].error_rates] == [2, 3]
    again = measure_norms(both, version=2, cases=80)
    assert [each["criterion_version"] for each in again.scales[0].error_rates] == [3, 2]
    assert again.content_hash == norms.content_hash
    assert again == norms
    again.write(tmp_path / "norms.json")
    read = Norms.read(tmp_path / "norms.json")
    assert measured_error_rates(read, "alliance", version=2) == measured_error_rates(
        again, "alliance", version=2
    )
    assert measured_error_rates(read, "alliance").criterion_version == 3
    assert measured_error_rates(read, "alliance", version=2).cases == 80
    assert "error_rates" not in norms.content()["scales"][0]
    # so few cases never come far enough down for the lowest band to say anything
    few = measured_error_rates(read, "alliance", version=2)
    assert few.bands[0].false_alarms.count < 10
    assert few.band_of(0.0001) is None


def test_an_entry_is_measured_by_itself_and_others_are_left() -> None:
    norms = norms_of()
    low = replace(norms.scales[0], scale="*", person=replace(PERSON, within_sd=0.2))
    two = replace(norms, scales=(*norms.scales, low))
    measured = measure_norms(two, scales=["alliance"], cases=60)
    assert [len(each.error_rates) for each in measured.scales] == [1, 0]
    with pytest.raises(ParameterError, match=r"not measured with these norms"):
        measured_error_rates(measured, "another")
    with pytest.raises(NormsError, match="no entry for this scale"):
        measure_norms(two, scales=["another"])


def test_rates_of_other_figures_or_another_rule_are_none() -> None:
    measured = measure_norms(norms_of(), cases=60)
    (entry,) = measured.scales
    changed = replace(measured, scales=(replace(entry, person=replace(PERSON, within_sd=0.081)),))
    with pytest.raises(ParameterError, match="not measured with these norms"):
        measured_error_rates(changed, "alliance")
    with pytest.raises(ParameterError, match="given 'predictive 1'; allowed: predictive 3"):
        measured_error_rates(measured, "alliance", version=1)
    set_otherwise = measure_norms(norms_of(), cases=60, probable=0.02)
    with pytest.raises(ParameterError, match="not measured with these norms"):
        measured_error_rates(set_otherwise, "alliance")


def test_rates_that_are_none_are_refused() -> None:
    measured = measure_norms(norms_of(), cases=60)
    (entry,) = measured.scales
    broken = {**entry.error_rates[0], "grades": {"any": {}}}
    content = replace(measured, scales=(replace(entry, error_rates=(broken,)),)).content()
    with pytest.raises(NormsError, match="no table of error rates"):
        measured_error_rates(Norms.from_content(content), "alliance")
    del content["scales"][0]["error_rates"][0]["criterion"]
    with pytest.raises(NormsError, match="criterion"):
        Norms.from_content(content)


def test_what_cannot_be_simulated_is_refused_by_name() -> None:
    with pytest.raises(NormsError, match="lower is better"):
        measure_norms(norms_of(higher_is_better=False))
    with pytest.raises(NormsError, match="range of the scale is not known"):
        measure_norms(replace(norms_of(), unit="points"))
    scored = replace(PERSON, points=(0.0, 1.0), scores=(0.0, 1.0))
    model = model_of_norms(norms_of(scored_person=scored), "alliance")
    with pytest.raises(ParameterError, match="evidence and scores"):
        simulate(cases=2, sessions=6, seed=1, model=model, evidence=EvidenceModel())
    with pytest.raises(ParameterError, match="no limit is known"):
        limit_p_values(model)


def test_a_model_of_ones_own_is_measured_by_name() -> None:
    rates = operating_characteristics(model=model_of_norms(norms_of(), "alliance"), cases=60, sessions=6)
    assert rates.model == "a model of one's own"


def test_the_command_keeps_the_rates_with_the_norms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    norms_of().write(tmp_path / "norms.json")
    out = tmp_path / "measured.json"
    command = ["measure-norms", str(tmp_path / "norms.json"), "--out", str(out), "--cases", "80"]
    monkeypatch.setattr("sys.argv", ["goldseam", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    said = capsys.readouterr().out
    rates = measured_error_rates(Norms.read(out), "alliance").grades["any"]
    (line,) = [each for each in said.splitlines() if "onsets per session" in each]
    assert float(line.split()[-3].rstrip("%")) == pytest.approx(100 * rates.false_alarms.value, abs=0.05)
    assert "cases with one in 12 sessions" in said
    assert json.loads(out.read_text())["scales"][0]["error_rates"][0]["seed"] == 1
