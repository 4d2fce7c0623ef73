"""What simulated people and their ratings are like: one frozen dataclass and its named presets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from types import MappingProxyType

from goldseam.exceptions import ParameterError
from goldseam.simulate.rating_shape import RatingShape

_SHARES = (
    "missing_share",
    "episode_share",
    "repaired_share",
    "gradual_share",
    "erosion_share",
)
_NOT_NEGATIVE = ("between_sd", "own_sd_log_sd", "drift_sd", "trend_sd")
_COUNTS = ("recovery_sessions", "erosion_sessions", "earliest_onset")


@dataclass(frozen=True, kw_only=True)
class SimulationModel:
    """The data-generating model: latent normal deviations around a person's own level.

    With person :math:`i`, session :math:`t`, within-person SD :math:`s_i` and standard normal draws :math:`u`::

        level     m_it = mean + between_sd * z_i + (trend + trend_sd * w_i) * (t - 1) + drift
        deviation e_it = autocorrelation * e_i,t-1 + sqrt(1 - autocorrelation**2) * u_it
        SD        s_i  = within_sd * exp(h * v_i - h**2),  h = own_sd_log_sd
        rating    x_it = to_scale(m_it + s_i * e_it - depth_sd_i * s_i * profile_it)

    so that the root mean square of the within-person SDs is ``within_sd``. `to_scale` rounds to `step` and clips to
    the range. Defaults are the 0 to 10 scale of a mean of four whole-number items.

    Parameters
    ----------
    minimum, maximum : float
        Range of the scale.
    step : float or None
        Distance between two possible scores; ``None`` for a continuous scale (6 decimals are kept).
    mean : float
        Mean of the population at session 1, in points.
    between_sd, within_sd : float
        SD of the persons' levels and root mean square of their within-person SDs, in points. The defaults give an
        intraclass correlation of .6.
    own_sd_log_sd : float
        SD of the logarithm of the within-person SDs; 0 makes everyone equally variable.
    autocorrelation : float
        Lag-1 correlation of the deviations, above -1 and below 1.
    trend, trend_sd : float
        Mean and SD, over persons, of the change in level per session, in points.
    drift_sd : float
        SD of one step of a random walk of the level, in within-person SDs.
    tail_df : int or None
        Degrees of freedom (3 or more) of Student-t deviations scaled to unit variance; ``None`` is normal.
    missing_share : float
        Share of attended sessions without a rating, at random.
    episode_share : float
        Share of series with one true episode. A series shorter than `earliest_onset` has none.
    depth_sd : tuple of float
        Lowest and highest depth of an episode in the person's **own** within-person SD (uniform between them).
    durations : tuple of int
        Possible lengths at full depth, in sessions, equally likely.
    repaired_share : float
        Share of the episodes that are not erosions and are repaired; the rest are lasting level shifts.
    gradual_share, recovery_sessions
        Share of the repairs that are gradual, and over how many sessions these climb back in equal steps.
    erosion_share, erosion_sessions
        Share of the episodes that are slow erosions, and the sessions these take down to full depth.
    earliest_onset : int
        First session an episode may begin at; it begins at any session from there, equally likely.
    shape : RatingShape or None
        What norms say beside the figures above; ``None`` for a straight course and normal deviations.

    Raises
    ------
    ParameterError
        If a value lies outside what is stated here.
    """

    minimum: float = 0.0
    maximum: float = 10.0
    step: float | None = 0.25
    mean: float = 7.5
    between_sd: float = 1.1
    within_sd: float = 0.9
    own_sd_log_sd: float = 0.35
    autocorrelation: float = 0.2
    trend: float = 0.036
    trend_sd: float = 0.0
    drift_sd: float = 0.0
    tail_df: int | None = None
    missing_share: float = 0.1
    episode_share: float = 0.35
    depth_sd: tuple[float, float] = (2.0, 3.0)
    durations: tuple[int, ...] = (1, 2)
    repaired_share: float = 0.8
    gradual_share: float = 0.3
    recovery_sessions: int = 2
    erosion_share: float = 0.1
    erosion_sessions: int = 6
    earliest_onset: int = 5
    shape: RatingShape | None = None

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_scale()
        self._check_episodes()

    def without_episodes(self) -> "SimulationModel":
        """Return the same people with nothing ever wrong: for false-alarm rates."""
        return replace(self, episode_share=0.0)

    def with_dips(self, *, depth_sd: float, duration: int) -> "SimulationModel":
        """Return the same people, each with one abrupt, repaired dip: for sensitivity.

        Parameters
        ----------
        depth_sd : float
            Depth in the person's within-person SD.
        duration : int
            Sessions at full depth.
        """
        return replace(
            self,
            episode_share=1.0,
            depth_sd=(depth_sd, depth_sd),
            durations=(duration,),
            repaired_share=1.0,
            gradual_share=0.0,
            erosion_share=0.0,
        )

    def _check_numbers(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float) and not isfinite(value):
                raise ParameterError("not a number", where=field.name, given=value, allowed="a finite number")
        for name in _SHARES:
            self._require(name, "a share from 0 to 1", ok=0 <= getattr(self, name) <= 1)
        for name in _NOT_NEGATIVE:
            self._require(name, "0 or more", ok=getattr(self, name) >= 0)
        for name in _COUNTS:
            self._require(name, "a whole number of 1 or more", ok=_is_count(getattr(self, name)))

    def _check_scale(self) -> None:
        self._require("maximum", f"above the minimum, {self.minimum:g}", ok=self.maximum > self.minimum)
        self._require("within_sd", "above 0", ok=self.within_sd > 0)
        self._require("step", "above 0, or none", ok=self.step is None or self.step > 0)
        self._require("autocorrelation", "above -1 and below 1", ok=-1 < self.autocorrelation < 1)
        ok = self.tail_df is None or (_is_count(self.tail_df) and self.tail_df >= 3)
        self._require("tail_df", "a whole number of 3 or more, or none", ok=ok)

    def _check_episodes(self) -> None:
        low, high = self.depth_sd
        self._require(
            "depth_sd", "two numbers, 0 <= lowest <= highest", ok=0 <= low <= high and isfinite(high)
        )
        ok = bool(self.durations) and all(_is_count(duration) for duration in self.durations)
        self._require("durations", "at least one whole number of 1 or more", ok=ok)

    def _require(self, name: str, allowed: str, *, ok: bool) -> None:
        if not ok:
            raise ParameterError(
                "outside what a simulation allows", where=name, given=getattr(self, name), allowed=allowed
            )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


# Far from both ends of its scale and continuous, so that each variant below shows one difficulty alone.
_UNBOUNDED = SimulationModel(
    minimum=0.0,
    maximum=100.0,
    step=None,
    mean=50.0,
    between_sd=8.573,  # 7 * sqrt(1.5): intraclass correlation .6
    within_sd=7.0,
    trend=0.28,
)
_ITEMS = SimulationModel()

MODELS: Mapping[str, SimulationModel] = MappingProxyType(
    {
        "items": _ITEMS,
        # The start that puts a quarter of the event-free ratings of 16 sessions at 10 (a test counts them).
        "ceiling": replace(_ITEMS, mean=8.66),
        "unbounded": _UNBOUNDED,
        "unequal-sd": replace(_UNBOUNDED, own_sd_log_sd=0.5),
        "autocorrelated": replace(_UNBOUNDED, autocorrelation=0.5),
        "trend": replace(_UNBOUNDED, trend=0.7, trend_sd=0.7),
        "drift": replace(_UNBOUNDED, drift_sd=0.3),
        "missing": replace(_UNBOUNDED, missing_share=0.3),
        "heavy-tails": replace(_UNBOUNDED, tail_df=4),
    }
)
"""Kinds of data by name; ``docs/methods/simulation.md`` describes each."""


def model_named(model: "str | SimulationModel") -> SimulationModel:
    """Return a preset by its name, or the given model as it is.

    Raises
    ------
    ParameterError
        If no preset has that name.
    """
    if isinstance(model, SimulationModel):
        return model
    if model not in MODELS:
        raise ParameterError(
            "no such kind of simulated data", where="model", given=model, allowed=", ".join(MODELS)
        )
    return MODELS[model]
