"""How the prediction errors of fitted norms are distributed: on scales with few values, and at their ends."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri

from goldseam import simulate
from goldseam.norms import PersonNorms
from goldseam.norms.calibration import LOWER_TAIL, prediction_errors, with_calibration
from goldseam.series import load_series
from goldseam.simulate import SimulationModel

FIVE_TOTALS = SimulationModel(
    minimum=1.0,
    maximum=5.0,
    step=1.0,
    mean=3.6,
    between_sd=0.6,
    within_sd=0.5,
    trend=0.0,
    episode_share=0.0,
    missing_share=0.0,
)
FINE = replace(FIVE_TOTALS, step=0.05)


def people_of(model: SimulationModel) -> PersonNorms:
    """What is true of the simulated persons, in points."""
    return PersonNorms(
        (model.mean,),
        model.between_sd,
        model.within_sd,
        own_sd_log_sd=model.own_sd_log_sd,
        autocorrelation=model.autocorrelation,
        drift_sd=0.0,
        step=model.step or 0.0,
        dips=0.0005,
    )


@pytest.mark.parametrize("model", [FIVE_TOTALS, FINE], ids=["few values", "many"])
def test_errors_of_true_norms_are_neither_shifted_nor_skewed(model: SimulationModel) -> None:
    series = load_series(simulate(cases=900, sessions=14, seed=4, model=model).ratings)
    fitted = with_calibration(people_of(model), series)
    # with the lowest tenth counted up to its quantile, whichever rating ends there, the skew of five totals was .09
    assert (fitted.error_shift, fitted.error_skew) == pytest.approx((0, 0), abs=0.01)


@pytest.mark.parametrize("model", [FIVE_TOTALS, FINE], ids=["few values", "many"])
def test_what_one_rating_could_be_is_counted_once_and_leaves_nothing_out(model: SimulationModel) -> None:
    """All possible last ratings of one series: their intervals lie end to end, but where ratings are exact."""
    three = [3.0, 4.0, 4.0]
    step = model.step or 1.0
    possible = np.arange(model.minimum, model.maximum + step / 2, step)
    person = people_of(model)
    found = [
        prediction_errors(person, load_series(_one_person([*three, float(last)], model))) for last in possible
    ]
    intervals = sorted({(float(each.low[0]), float(each.high[0])) for each in found})
    assert intervals[0][0] == -8
    assert intervals[-1][1] == 8
    if model is FIVE_TOTALS:
        assert all(high == pytest.approx(low) for (_, high), (low, _) in pairwise(intervals))
    # the lowest ones are one interval
    assert sum(float(each.low[0]) == -8 for each in found) > 1
    assert float(found[0].high[0]) <= ndtri(LOWER_TAIL) + 1e-9


def _one_person(values: list[float], model: SimulationModel) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "case": "A",
            "rater": "client",
            "scale": "alliance",
            "session": range(1, len(values) + 1),
            "value": np.round(values, 6),
            "minimum": model.minimum,
            "maximum": model.maximum,
        }
    )
