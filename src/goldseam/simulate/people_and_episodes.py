"""The arrays of a simulation: people, their true episodes, and the values these give.

Every quantity has a random stream of its own (PCG64, the seed and a fixed key), drawn series by series.
Hence the first hundred cases are the same whether a hundred or a million are asked for, and changing how
many ratings are missing changes nothing else. What passes through `exp` or a square root is rounded, so
that the last bit of one machine's mathematics library cannot show in a result.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.simulate.simulation_model import SimulationModel

_DECIMALS = 9
_VALUE_DECIMALS = 6
_REPAIRED_FRACTION = 0.75  # of the depth regained: the rule detection uses for full repair


class Stream(IntEnum):
    """Keys of the random streams. Part of what a seed means: never renumber."""

    LEVEL = 0
    OWN_SD = 1
    TREND = 2
    DEVIATION = 3
    TAIL = 4
    DRIFT = 5
    MISSING = 6
    EPISODE = 7
    ITEM = 8
    ANSWERS = 9
    FACETS = 10
    THERAPIST = 11
    MEMBERS = 12
    TENSION = 13
    SKIPPED = 14
    SECONDS = 15
    LATE = 16


@dataclass(frozen=True)
class People:
    """Each series' level at session 1, within-person SD and change per session, in points; shape (n,) each."""

    mean: Floats
    sd: Floats
    trend: Floats


@dataclass(frozen=True)
class TrueEpisodes:
    """At most one true episode per series; shape (n,) each.

    `onset` is the session (1-based; 0 = no episode), `depth_sd` the depth in within-person SDs, `duration` the
    sessions at full depth (0 = lasting), `climb` the sessions of a gradual recovery (0 = abrupt) and
    `descent` the sessions of an erosion down to full depth (1 = abrupt).
    """

    onset: Integers
    depth_sd: Floats
    duration: Integers
    climb: Integers
    descent: Integers

    def repair_session(self) -> Integers:
        """First session with at least .75 of the depth regained; 0 where that never comes; shape (n,)."""
        steps = np.ceil(_REPAIRED_FRACTION * (self.climb + 1)).astype(np.int64)
        return np.where((self.onset > 0) & (self.duration > 0), self.onset + self.duration + steps - 1, 0)

    def profile(self, sessions: int) -> Floats:
        """Share of the depth present at each session, 0 to 1; shape (n, sessions)."""
        since = np.arange(1, sessions + 1)[None, :] - self.onset[:, None]
        share = np.clip((since + 1) / self.descent[:, None], 0.0, 1.0)
        climbed = np.clip((since - self.duration[:, None] + 1) / (self.climb[:, None] + 1), 0.0, 1.0)
        share -= np.where(self.duration[:, None] > 0, climbed, 0.0)
        return np.where((self.onset[:, None] > 0) & (since >= 0), share, 0.0)


def random_generator(seed: int, stream: Stream) -> np.random.Generator:
    """Return the random generator of one stream."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(stream),))))


def draw_people(model: SimulationModel, count: int, seed: int) -> People:
    """Draw `count` people from the population of `model`."""
    level, spread, slope = (
        random_generator(seed, stream).standard_normal(count)
        for stream in (Stream.LEVEL, Stream.OWN_SD, Stream.TREND)
    )
    log_sd = model.own_sd_log_sd * spread - model.own_sd_log_sd**2
    return People(
        mean=np.round(model.mean + model.between_sd * level, _DECIMALS),
        sd=np.round(model.within_sd * np.exp(log_sd), _DECIMALS),
        trend=np.round(model.trend + model.trend_sd * slope, _DECIMALS),
    )


def draw_episodes(model: SimulationModel, count: int, sessions: int, seed: int) -> TrueEpisodes:
    """Draw which series have an episode, when, how deep and for how long."""
    draws = random_generator(seed, Stream.EPISODE).random((count, 7))
    places = sessions - model.earliest_onset + 1
    present = (draws[:, 0] < model.episode_share) & (places > 0)
    erodes = draws[:, 1] < model.erosion_share
    repaired = ~erodes & (draws[:, 2] < model.repaired_share)
    gradual = repaired & (draws[:, 3] < model.gradual_share)
    low, high = model.depth_sd
    length = np.asarray(model.durations)[np.floor(draws[:, 4] * len(model.durations)).astype(np.int64)]
    onset = model.earliest_onset + np.floor(draws[:, 5] * places).astype(np.int64)
    return TrueEpisodes(
        onset=np.where(present, onset, 0),
        depth_sd=np.where(present, np.round(low + (high - low) * draws[:, 6], _DECIMALS), 0.0),
        duration=np.where(present & repaired, length, 0),
        climb=np.where(present & gradual, model.recovery_sessions, 0),
        descent=np.where(present & erodes, model.erosion_sessions, 1),
    )


def rated_values(
    model: SimulationModel, people: People, episodes: TrueEpisodes, sessions: int, seed: int
) -> Floats:
    """Return the ratings on the scale, NaN where a session was not rated; shape (n, sessions)."""
    latent = latent_values(model, people, episodes, sessions, seed)
    values = to_scale(model, latent if model.shape is None else model.shape.on_the_scale(latent))
    missing = random_generator(seed, Stream.MISSING).random(values.shape) < model.missing_share
    values[missing] = np.nan
    return values


def latent_values(
    model: SimulationModel, people: People, episodes: TrueEpisodes, sessions: int, seed: int
) -> Floats:
    """Return the values, or scores, before the scale rounds and clips them; shape (n, sessions)."""
    level = people.mean[:, None] + people.trend[:, None] * np.arange(sessions)
    if model.shape is not None:
        level = level + model.shape.above_start(sessions)
    moved = deviations(model, len(people.mean), sessions, seed)
    return level + people.sd[:, None] * (moved - episodes.depth_sd[:, None] * episodes.profile(sessions))


def deviations(model: SimulationModel, count: int, sessions: int, seed: int) -> Floats:
    """Unit-variance AR(1) deviations plus the random walk, in within-person SDs; shape (count, sessions)."""
    shocks = random_generator(seed, Stream.DEVIATION).standard_normal((count, sessions))
    if model.shape is not None:
        shocks = model.shape.skewed(shocks)
    if model.tail_df is not None:
        chi_square = random_generator(seed, Stream.TAIL).chisquare(model.tail_df, (count, sessions))
        shocks *= np.sqrt((model.tail_df - 2) / chi_square)
    fresh = float(np.sqrt(1 - model.autocorrelation**2))
    for t in range(1, sessions):
        shocks[:, t] = model.autocorrelation * shocks[:, t - 1] + fresh * shocks[:, t]
    if model.drift_sd:
        steps = model.drift_sd * random_generator(seed, Stream.DRIFT).standard_normal((count, sessions))
        steps[:, 0] = 0.0
        shocks += np.cumsum(steps, axis=1)
    return shocks


def to_scale(model: SimulationModel, latent: Floats) -> Floats:
    """Round to the scale's steps and clip to its range."""
    if model.step is None:
        return np.clip(np.round(latent, _VALUE_DECIMALS), model.minimum, model.maximum)
    steps = np.round((np.round(latent, _DECIMALS) - model.minimum) / model.step)
    return np.clip(np.round(model.minimum + model.step * steps, _DECIMALS), model.minimum, model.maximum)
