"""Error rates, checked by hand, by direct counting in a mixed population, and against the stored table."""

import math
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from goldseam.detection import detect, find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating import (
    ErrorRates,
    find_threshold,
    operating_characteristics,
    operating_curve,
    shipped_error_rates,
)
from goldseam.operating.rate_estimators import (
    P_BANDS,
    band_rates,
    predictive_value,
    ratio_estimate,
    sensitivity_rate,
)
from goldseam.operating.simulation_verdicts import (
    CriterionSettings,
    RepairVerdicts,
    SimulationVerdicts,
    TrueEvents,
    judge_simulation,
)
from goldseam.simulate import MODELS, simulate

_DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def small() -> ErrorRates:
    """The shipped settings, measured again with fewer cases and another seed."""
    return operating_characteristics(version=1, cases=1_500, seed=4, computed_on=_DAY)


@pytest.fixture(scope="module")
def shipped() -> ErrorRates:
    return shipped_error_rates("predictive", 1, "goldseam-default")


def test_a_ratio_and_its_error_by_hand() -> None:
    """Events 1, 0, 1 in 2, 2, 4 sessions: r = 2/8; residuals .5, -.5, 0; se = sqrt(.5)/8."""
    rate = ratio_estimate(np.array([1, 0, 1]), np.array([2, 2, 4]))
    assert (rate.value, rate.count, rate.of) == (0.25, 2, 8)
    assert rate.standard_error == pytest.approx(math.sqrt(0.5) / 8)


def test_a_share_of_cases_has_the_binomial_error() -> None:
    """3 of 12: se = sqrt(.25 * .75 / 12) = .125."""
    rate = ratio_estimate(np.array([1] * 3 + [0] * 9), np.ones(12, dtype=int))
    assert rate.standard_error == pytest.approx(0.125)


def test_nothing_evaluable_is_an_error_and_not_a_rate_of_zero() -> None:
    with pytest.raises(ParameterError, match="no evaluable session"):
        ratio_estimate(np.zeros(3), np.zeros(3))


def _observed(
    onsets: list[list[int]], dips: list[list[int]], p: list[list[float]] | None = None
) -> SimulationVerdicts:
    onset, dip = np.array(onsets, dtype=bool), np.array(dips, dtype=bool)
    everywhere, nowhere = np.ones_like(dip), np.zeros_like(dip)
    first = np.where(dip.any(axis=1), dip.argmax(axis=1) + 1, 0)
    truth = TrueEvents(onset=first, end=first + dip.sum(axis=1), repair=first + dip.sum(axis=1))
    repairs = RepairVerdicts(called=nowhere, undecided=nowhere, session=nowhere.astype(int), known=False)
    each_p = np.full(dip.shape, np.nan) if p is None else np.array(p)
    return SimulationVerdicts(everywhere, {"any": onset, "marked": onset}, dip, truth, repairs, each_p)


def test_predictive_value_and_sensitivity_by_hand() -> None:
    """Four cases with a dip: two found, one false event beside; four without: one false event.

    S = 2/4, F = 1/4, F0 = 1/4. At prevalence .4: .2 / (.2 + .1 + .15) = .4444.
    """
    dips = _observed(
        [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0]],
        [[0, 1, 0], [0, 1, 1], [0, 0, 1], [0, 1, 0]],
    )
    quiet = _observed([[0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]], [[0] * 3] * 4)
    assert predictive_value(0.4, 2.0, "any", quiet, [dips]).value == pytest.approx(0.2 / 0.45)
    assert sensitivity_rate(dips, "any").value == 0.5


def test_bands_of_p_by_hand() -> None:
    """Quiet: 12 sessions, events at p .0002, .005 and .02. A dip found at .005, an event beside one at .0002.

    Up to .0003 chance made 1 event in 12 sessions, up to .01 two, up to .025 three. In the band of .005 at prevalence
    .4: S = 1/4, F = 0, F0 = 1/4, so .1 / (.1 + .15) = .4; in that of .0002 S = 0: none real.
    """
    none = math.nan
    quiet = _observed(
        [[0, 0, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]],
        [[0] * 3] * 4,
        [[none, none, 0.0002], [none, 0.005, none], [none, none, 0.02], [none] * 3],
    )
    dips = _observed(
        [[0, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]],
        [[0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]],
        [[none, 0.005, none], [none, none, 0.0002], [none] * 3, [none] * 3],
    )
    bands = {band.up_to: band for band in band_rates([(0.4, 2.0)], quiet, {2.0: [dips]})}
    assert [bands[end].false_alarms.count for end in (0.0003, 0.003, 0.01, 0.025, 1.0)] == [1, 1, 2, 3, 3]
    assert {band.false_alarms.of for band in bands.values()} == {12}
    assert bands[0.01].predictive_values[0].value == pytest.approx(0.4)
    assert bands[0.0003].predictive_values[0].value == 0.0
    assert bands[1.0].predictive_values == ()


def test_a_criterion_without_p_has_no_bands() -> None:
    quiet = _observed([[0, 1]], [[0, 0]])
    assert band_rates([(0.4, 2.0)], quiet, {2.0: [quiet]}) == []


def test_a_dip_without_enough_data_counts_neither_as_found_nor_as_missed() -> None:
    observed = _observed([[0, 1], [0, 0]], [[0, 1], [0, 1]])
    unseen = replace(observed, evaluable=np.array([[True, True], [True, False]]))
    assert sensitivity_rate(unseen, "any").of == 1


def test_predictive_value_is_what_counting_in_a_mixed_population_gives() -> None:
    """Half the cases have a dip of 3 SD: the share of real events is counted directly."""
    rates = operating_characteristics(
        version=1,
        cases=3_000,
        seed=21,
        computed_on=_DAY,
        depths=(3.0,),
        prevalences=(0.5,),
        case_sessions=(12,),
    )
    mixed = replace(MODELS["items"].with_dips(depth_sd=3.0, duration=1), durations=(1, 2), episode_share=0.5)
    simulation = simulate(cases=6_000, sessions=12, seed=22, model=mixed)
    events = detect(simulation.ratings, criterion="predictive", version=1).events
    truth = simulation.truth.select("case", start="onset_session", length="duration")
    joined = events.join(truth, on="case", how="left")
    since = pl.col("onset_session") - pl.col("start")
    real = joined.select(((since >= 0) & (since < pl.col("length"))).fill_null(value=False)).to_series()
    counted = real.mean()
    error = math.sqrt(counted * (1 - counted) / len(real))
    value = rates.grades["any"].predictive_values[0]
    assert abs(value.value - counted) < 4 * math.hypot(error, value.standard_error)


def test_the_shipped_table_was_made_with_the_shipped_norms(shipped: ErrorRates) -> None:
    """Changing the norms without measuring again must fail here."""
    assert shipped.norms_hash == Norms.default().content_hash
    assert shipped.norms_version == Norms.default().version
    assert shipped.parameters == {}


def test_measuring_again_agrees_with_the_shipped_table(shipped: ErrorRates, small: ErrorRates) -> None:
    for grade, stored in shipped.grades.items():
        again = small.grades[grade]
        assert again.false_alarms.agrees_with(stored.false_alarms)
        for one, two in zip(again.false_alarm_cases, stored.false_alarm_cases, strict=True):
            assert one.sessions == two.sessions
            assert one.rate.agrees_with(two.rate)
        for here, there in zip(again.sensitivity, stored.sensitivity, strict=True):
            assert (here.depth_sd, here.duration) == (there.depth_sd, there.duration)
            assert here.rate.agrees_with(there.rate)
        for value, kept in zip(again.predictive_values, stored.predictive_values, strict=True):
            assert abs(value.value - kept.value) < 4 * math.hypot(value.standard_error, kept.standard_error)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_bands_measured_again_agree_with_those_of_the_shipped_table_of_that_version(version: int) -> None:
    """A table made from another version, or from another rule or norms, must fail here."""
    stored = shipped_error_rates("predictive", version, "goldseam-default")
    again = operating_characteristics(version=version, cases=1_500, seed=5, computed_on=_DAY)
    assert (stored.criterion_version, stored.norms_hash) == (version, again.norms_hash)
    assert [(b.above, b.up_to) for b in stored.bands] == [(b.above, b.up_to) for b in again.bands]
    for here, there in zip(again.bands, stored.bands, strict=True):
        assert here.false_alarms.agrees_with(there.false_alarms)
        for value, kept in zip(here.predictive_values, there.predictive_values, strict=True):
            # One event in the smaller simulation is the least its error can be.
            error = math.hypot(value.standard_error, kept.standard_error, 0.02)
            assert abs(value.value - kept.value) < 4 * error


def test_the_versions_differ_by_more_than_the_test_above_allows() -> None:
    first, second = (shipped_error_rates("predictive", v, "goldseam-default").bands for v in (1, 2))
    assert not all(a.false_alarms.agrees_with(b.false_alarms) for a, b in zip(first, second, strict=True))


def test_the_newest_version_has_a_table_with_bands() -> None:
    newest = find_criterion("predictive", None).version
    stored = shipped_error_rates("predictive", newest, "goldseam-default")
    assert len(stored.bands) == len(P_BANDS)
    assert ErrorRates.from_content(stored.content()) == stored


def test_the_further_down_the_rarer_by_chance_and_the_more_often_real() -> None:
    bands = shipped_error_rates("predictive", 2, "goldseam-default").bands
    rates = [band.false_alarms.value for band in bands]
    assert rates == sorted(rates)
    assert len(set(rates)) == len(rates)
    # The last band is of ratings above every single threshold: two in a row began those events.
    real = [band.predictive_values[0].value for band in bands[:-1]]
    assert real == sorted(real, reverse=True)
    assert shipped_error_rates("predictive", 2, "goldseam-default").band_of(0.0005) == bands[1]


def test_the_shipped_table_counts_enough_cases_for_its_digits(shipped: ErrorRates) -> None:
    """ "Once in N sessions" is shown without decimals: its error must stay within 5 in 100."""
    for rates in shipped.grades.values():
        assert rates.false_alarms.standard_error < 0.05 * rates.false_alarms.value


def test_marked_events_are_rarer_and_more_often_real(shipped: ErrorRates) -> None:
    every, marked = shipped.grades["any"], shipped.grades["marked"]
    assert marked.false_alarms.value < every.false_alarms.value
    assert marked.sessions_per_false_alarm > every.sessions_per_false_alarm
    for one, two in zip(marked.predictive_values, every.predictive_values, strict=True):
        assert one.value > two.value


def test_more_sessions_mean_more_false_alarm_cases(small: ErrorRates) -> None:
    """A prospective rule keeps the events it had: the share of flagged cases can only grow."""
    shares = [row.rate.value for row in small.grades["any"].false_alarm_cases]
    assert shares == sorted(shares)


def test_the_published_null_rate_is_met_on_unbounded_ratings() -> None:
    """Simulation of the method's description: p < .025 in .011 to .017 of null sessions, own SDs unequal.

    The population's own figures serve as norms. Between those bounds and four standard errors.
    """
    model = MODELS["unbounded"].without_episodes()
    content = Norms.default().content()
    content["scales"][0] |= {"mean_course": [0.5], "between_sd": 0.0857, "within_sd": 0.07}
    norms = Norms.from_content(content)
    simulation = simulate(cases=3_000, sessions=16, seed=31, model=model)
    seen = judge_simulation(CriterionSettings("predictive", 1, norms, {}), simulation, 16)
    rate = ratio_estimate(seen.onset["any"].sum(axis=1), seen.evaluable.sum(axis=1))
    assert 0.011 - 4 * rate.standard_error < rate.value < 0.017 + 4 * rate.standard_error


def test_rates_survive_the_way_through_json(small: ErrorRates) -> None:
    assert ErrorRates.from_content(small.content()) == small


def test_the_same_seed_gives_the_same_rates() -> None:
    arguments = {"version": 1, "cases": 60, "seed": 5, "computed_on": _DAY, "case_sessions": (8,)}
    assert operating_characteristics(**arguments) == operating_characteristics(**arguments)


def test_the_newest_rates_with_the_shipped_norms_need_no_argument() -> None:
    assert shipped_error_rates() == shipped_error_rates("predictive", 3, "goldseam-default")


def test_a_curve_and_a_threshold_need_no_more_than_a_criterion() -> None:
    """As with every figure: seed 1 where none is given."""
    curve = operating_curve("own-mean", cases=50, factors=(1.0,))
    assert curve == operating_curve("own-mean", cases=50, factors=(1.0,), seed=1)
    found = find_threshold("own-mean", wanted_rate=0.03, cases=200)
    assert found == find_threshold("own-mean", wanted_rate=0.03, cases=200, seed=1)


def test_rates_not_stored_are_refused_and_not_guessed() -> None:
    with pytest.raises(ParameterError, match=r"given 'predictive 1, norms elsewhere'.*predictive-1"):
        shipped_error_rates("predictive", 1, "elsewhere")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sessions": 4}, "sessions.*given 4.*5 or more"),
        ({"cases": 1}, "cases.*given 1"),
        ({"prevalences": (0.0,)}, "prevalences.*given 0.0"),
        ({"model": "rough"}, "model.*given 'rough'"),
        ({"criterion": "guess"}, "guess"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        operating_characteristics(**({"cases": 10, "seed": 1, "computed_on": _DAY} | arguments))


def test_the_bands_on_the_page_are_those_of_the_newest_table() -> None:
    """Two digits that count, and 95% of the simulation, as the page of an alert says them."""

    def about(number: float) -> str:
        size = 10 ** max(len(str(round(number))) - 2, 0)
        return f"{round(number / size) * size:,}"

    page = (Path(__file__).parents[2] / "docs" / "methods" / "error-rates.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (?:up to|above).*\| ([\d,]+) \(([\d,]+) to ([\d,]+)\) \| (\d+) to (\d+) \|$", page, re.MULTILINE
    )
    expected = []
    for band in shipped_error_rates("predictive", 2, "goldseam-default").bands:
        rate, margin = band.false_alarms.value, 1.96 * band.false_alarms.standard_error
        low, high = band.real_in_ten
        expected.append(
            (*(about(1 / r) for r in (rate, rate + margin, rate - margin)), str(low), str(min(high, 9)))
        )
    assert rows == expected
