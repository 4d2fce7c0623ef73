"""The people that norms describe, to be simulated."""

from goldseam.exceptions import NormsError
from goldseam.norms import Norms, PersonNorms, ScaleNorms
from goldseam.simulate.rating_shape import RatingShape
from goldseam.simulate.simulation_model import SimulationModel

LONG = 60  # sessions: from there on the mean course of a file is of its few longest cases


def model_of_norms(
    norms: Norms, scale: str, phase: str | None = None, rater: str | None = None
) -> SimulationModel:
    """The population that an entry of norms describes, as a model to simulate.

    Mean course, spread between and within persons, autocorrelation, drift, trends, steps, squeezed totals and skewed
    deviations are those of the norms; what happens in courses (`episode_share` and what follows) and how many ratings
    are missing stays as it is in `SimulationModel`.

    Parameters
    ----------
    norms : Norms
        With an entry that serves the scale.
    scale : str
        Name of the scale, as in the ratings.
    phase, rater : str, optional
        Names as in the ratings.

    Returns
    -------
    SimulationModel
        In points where the entry states the scale's range, else in shares of the range.

    Raises
    ------
    NormsError
        No entry serves the scale, lower is better, or the range of a scale in points is not known.
    """
    entry = norms.for_scale(scale, phase, rater)
    if not entry.higher_is_better:
        raise NormsError(
            "cannot be simulated: an episode is a fall, and of this scale lower is better",
            where=f"norms {norms.name}, scale {scale}",
        )
    low, high = _range(norms, entry, scale)
    return of_person(entry.scored_person or entry.assumed_person, low, high, shares=norms.unit != "points")


def of_person(person: PersonNorms, low: float, high: float, *, shares: bool) -> SimulationModel:
    """Persons like one of norms, on a scale from `low` to `high`; figures are shares of that range, or points."""
    start, unit = (low, high - low) if shares else (0.0, 1.0)
    first, *_ = person.mean_course
    return SimulationModel(
        minimum=low,
        maximum=high,
        step=unit * person.step or None,
        mean=start + unit * first,
        between_sd=unit * person.between_sd,
        within_sd=unit * person.within_sd,
        own_sd_log_sd=person.own_sd_log_sd,
        autocorrelation=person.autocorrelation,
        trend=0.0,
        trend_sd=unit * person.trend_sd,
        drift_sd=person.drift_sd,
        shape=RatingShape(
            course=tuple(unit * (mean - first) for mean in person.mean_course[:LONG]),
            error_shift=person.error_shift,
            error_skew=person.error_skew,
            points=tuple(start + unit * each for each in person.points),
            scores=tuple(start + unit * each for each in person.scores),
        ),
    )


def _range(norms: Norms, entry: ScaleNorms, scale: str) -> tuple[float, float]:
    if entry.minimum is not None and entry.maximum is not None:
        return entry.minimum, entry.maximum
    if norms.unit == "share_of_range":
        return 0.0, 1.0
    raise NormsError(
        "cannot be simulated: the range of the scale is not known",
        where=f"norms {norms.name}, scale {scale}",
        allowed="minimum and maximum in the norms",
    )
