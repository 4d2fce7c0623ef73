"""How often a criterion is wrong with norms of one's own: measured on people drawn from them, kept with them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from goldseam.exceptions import NormsError, ParameterError
from goldseam.norms import Norms, ScaleNorms
from goldseam.norms.scale_norms import ANY
from goldseam.operating.characteristics import SimulationPlan, measure_criterion
from goldseam.operating.error_rates import ErrorRates
from goldseam.operating.simulation_verdicts import CriterionSettings
from goldseam.progress import with_progress
from goldseam.simulate.norms_model import model_of_norms

DRAWN_FROM_NORMS = "drawn from the norms"


def measure_norms(
    norms: Norms,
    *,
    criterion: str = "predictive",
    version: int | None = None,
    scales: Sequence[str] | None = None,
    sessions: int = 12,
    cases: int = 5_000,
    seed: int = 1,
    computed_on: date | None = None,
    **parameters: Any,
) -> Norms:
    """Measure how often a criterion that uses these norms is wrong, and keep the rates with the norms.

    Every entry is measured on people drawn from itself (`goldseam.simulate.model_of_norms`), so that the rates hold if
    the norms are right; `goldseam.check_norms` says whether they are. What is counted is that of
    `goldseam.operating_characteristics`: onsets per session that can be judged and the share of cases with one in so
    many sessions where nothing is wrong, dips found, predictive values.

    Parameters
    ----------
    norms : Norms
        Fitted, or of any other origin.
    criterion, version, **parameters
        As for `goldseam.detect`; the newest version that is not on trial where none is given.
    scales : sequence of str, optional
        Names of the entries to measure; all where not given.
    sessions, cases, seed, computed_on
        As for `goldseam.operating_characteristics`. An entry takes some seconds with the usual number of cases.

    Returns
    -------
    Norms
        The same with `ScaleNorms.error_rates`: rates of the same rule that they had before are replaced. The hash
        stays, since no verdict changes.

    Raises
    ------
    ParameterError
        An argument is outside its range, or there is no such criterion.
    NormsError
        A scale named has no entry, lower is better, or the range of a scale in points is not known.

    Examples
    --------
    >>> import goldseam
    >>> norms = goldseam.fit_norms(goldseam.simulate(cases=200, sessions=12, seed=1).ratings)
    >>> measured = goldseam.measure_norms(norms, cases=300)
    >>> rates = goldseam.measured_error_rates(measured, "alliance").grades["any"]
    >>> measured.content_hash == norms.content_hash, 0.01 < rates.false_alarms.value < 0.04
    (True, True)
    """
    named = {entry.scale for entry in norms.scales}
    for scale in scales or ():
        if scale not in named:
            raise NormsError(
                f"norms {norms.name} have no entry for this scale",
                given=scale,
                allowed=", ".join(sorted(named)),
            )
    plan = SimulationPlan(
        model=DRAWN_FROM_NORMS,
        sessions=sessions,
        cases=cases,
        seed=seed,
        computed_on=computed_on or datetime.now(tz=UTC).date(),
    )
    rule = CriterionSettings(criterion, version, norms, dict(parameters))
    return replace(
        norms,
        scales=tuple(
            _measured(entry, rule, plan) if scales is None or entry.scale in scales else entry
            for entry in with_progress(norms.scales, "measuring norms")
        ),
    )


def measured_error_rates(
    norms: Norms,
    scale: str,
    phase: str | None = None,
    rater: str | None = None,
    *,
    criterion: str = "predictive",
    version: int | None = None,
) -> ErrorRates:
    """The error rates kept with norms, of the entry that serves a scale.

    Parameters
    ----------
    norms : Norms
        As `measure_norms` returned them, or read from a file with rates.
    scale : str
        Name of the scale, as in the ratings.
    phase, rater : str, optional
        Names as in the ratings.
    criterion : str
        Criterion id, used with its own parameters.
    version : int, optional
        Its version; the newest that was measured where not given.

    Returns
    -------
    ErrorRates

    Raises
    ------
    ParameterError
        That was not measured with these norms.
    NormsError
        No entry serves the scale, or what the file has is no table of error rates.
    """
    entry, hashed = norms.for_scale(scale, phase, rater), norms.content_hash
    found = {
        int(each["criterion_version"]): each
        for each in entry.error_rates
        if (each["criterion"], each["norms_hash"], each["parameters"]) == (criterion, hashed, {})
    }
    wanted = max(found, default=None) if version is None else version
    if wanted not in found:
        raise ParameterError(
            "error rates were not measured with these norms",
            where=f"norms {norms.name}, scale {scale}",
            given=f"{criterion} {version or 'newest'}",
            allowed=", ".join(f"{criterion} {number}" for number in sorted(found))
            or "measure_norms measures them",
        )
    try:
        return ErrorRates.from_content(found[wanted])
    except (KeyError, TypeError, AttributeError) as error:
        raise NormsError(
            "no table of error rates", where=f"norms {norms.name}, scale {scale}, error_rates"
        ) from error


def _measured(entry: ScaleNorms, rule: CriterionSettings, plan: SimulationPlan) -> ScaleNorms:
    """The entry with the rates of the rule, measured on people drawn from it."""
    # simulated cases have a scale of their own
    alone = replace(rule.norms, scales=(replace(entry, scale=ANY, phase=ANY, rater=ANY),))
    drawn = replace(plan, model=model_of_norms(alone, ANY)).draw()
    rates = measure_criterion(replace(rule, norms=alone), plan, drawn)
    content = replace(rates, norms_hash=rule.norms.content_hash).content()
    same = ("criterion", "criterion_version", "parameters")
    others = [each for each in entry.error_rates if any(each[name] != content[name] for name in same)]
    return replace(entry, error_rates=(*others, content))
