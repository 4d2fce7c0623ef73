"""False alarms of the predictive criterion where nothing happened, against figures computed elsewhere.

The reference figures come from an independent simulation of the same model (latent normal, own SDs log-normal with
log-SD .35, intraclass correlation .6, autocorrelation .2, 10% missing, 16 sessions): p below .05, .025 and .01 in
.029, .014 to .016 and .006 of sessions; nominal .025 gives .011 to .017 over kinds of unbounded data; 75% of the
false onsets are later classed as repaired.
"""

from dataclasses import replace
from math import sqrt

import polars as pl
import pytest

from goldseam import Detection, Norms, ScaleNorms, detect
from goldseam.simulate import MODELS, simulate

MODEL = replace(MODELS["unbounded"], episode_share=0.0)


@pytest.fixture(scope="module")
def found() -> Detection:
    norms = Norms(
        name="true",
        version="1",
        unit="points",
        scales=(ScaleNorms("*", (MODEL.mean,), MODEL.between_sd, MODEL.within_sd),),
        provenance="The simulated population's own figures.",
        empirical=False,
    )
    ratings = simulate(cases=2_500, sessions=16, seed=20, model=MODEL).ratings
    return detect(ratings, norms=norms, ended=True)


@pytest.fixture(scope="module")
def evaluable(found: Detection) -> pl.DataFrame:
    """Judged sessions outside an episode."""
    judged = found.sessions.filter(pl.col("verdict").is_in(["met", "not met"]))
    return judged.filter(pl.col("reason").ne_missing("open_episode"))


@pytest.mark.parametrize(
    ("alpha", "low", "high"), [(0.05, 0.029, 0.029), (0.025, 0.011, 0.017), (0.01, 0.006, 0.006)]
)
def test_nominal_thresholds_have_the_published_rates(
    evaluable: pl.DataFrame, alpha: float, low: float, high: float
) -> None:
    rate = (evaluable["p"] < alpha).mean()
    assert isinstance(rate, float)
    # Four Monte-Carlo errors, for the sessions of one person depend on each other.
    error = 4 * sqrt(high / evaluable.height)
    assert low - error <= rate <= high + error


def test_most_false_onsets_are_classed_as_repaired(found: Detection) -> None:
    status = found.events["status"]
    repaired = status.is_in(["repaired", "repaired_unconfirmed"]).mean()
    assert isinstance(repaired, float)
    assert 0.70 <= repaired <= 0.88
