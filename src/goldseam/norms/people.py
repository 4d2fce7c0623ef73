"""How persons of a population differ and move, as figures."""

from dataclasses import dataclass
from math import isfinite

from goldseam.exceptions import NormsError


@dataclass(frozen=True, slots=True)
class PersonNorms:
    """How persons differ and move, before the scale rounds their ratings and cuts them off.

    The rating of session ``s`` is ``mean_course[s - 1] + level + slope (s - 1) + deviation``; `predictive` from
    version 2 on, null rates and simulations use it. Figures are in the unit of the norms.

    Parameters
    ----------
    mean_course : tuple of float
        Mean at session 1, 2, ...; the last value holds from there on.
    between_sd, within_sd : float
        SD of the levels; root mean square of the persons' own SDs; above 0.
    own_sd_log_sd : float
        SD of the logarithm of the persons' own SDs, 0 to 2.
    autocorrelation : float
        Of deviations one session apart, in [0, 1).
    drift_sd : float
        SD of one step of the level's random walk, in the person's own SDs, 0 to 2.
    trend_sd : float
        SD over persons of the change of level per session, 0 or more.
    step : float
        Distance between two possible ratings; 0 where continuous or not known.
    error_shift, error_skew : float
        How prediction errors fall, higher is better: see `goldseam.state_space.Calibration`.

    Raises
    ------
    NormsError
        A figure lies outside its range.
    """

    mean_course: tuple[float, ...]
    between_sd: float
    within_sd: float
    own_sd_log_sd: float = 0.35
    autocorrelation: float = 0.2
    drift_sd: float = 0.1
    trend_sd: float = 0.0
    step: float = 0.0
    error_shift: float = 0.0
    error_skew: float = 0.0

    def __post_init__(self) -> None:
        if not self.mean_course or not all(isfinite(mean) for mean in self.mean_course):
            raise _impossible("mean_course", self.mean_course, "one finite number or more")
        for name in ("between_sd", "within_sd"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise _impossible(name, value, "a finite number above 0")
        for name, (least, most) in _ALLOWED.items():
            value = getattr(self, name)
            if not (isfinite(value) and least <= value <= most):
                allowed = f"a finite number from {least:g}" + (f" to {most:g}" if isfinite(most) else "")
                raise _impossible(name, value, allowed)


_ALLOWED = {
    "own_sd_log_sd": (0, 2),
    "autocorrelation": (0, 0.99),
    "drift_sd": (0, 2),
    "trend_sd": (0, float("inf")),
    "step": (0, float("inf")),
    "error_shift": (-3, 3),
    "error_skew": (-2, 2),
}


def _impossible(name: str, given: object, allowed: str) -> NormsError:
    return NormsError("impossible value", where=f"person, {name}", given=given, allowed=allowed)
