"""Whether a strained level is back: a probability, revised at every rating of an episode.

During an episode the person is either *down*, by an unknown depth, or *back* at the baseline. Each session there is
a chance to come back, and a small one to fall again. Depths lie on a grid, in SDs of the prediction at the onset.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.engine.codes import Stage
from goldseam.detection.engine.episodes import EpisodeTracker

DEPTHS = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
PRIOR = np.array([0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 0.6, 0.3]) / 5.8
CHANCE = 0.1
COMES_BACK = 0.3
FALLS_AGAIN = 0.02
NEAR = 1 / 3
SMALLEST = 1e-300
STILL_BACK = 0.5


class RepairTracker(EpisodeTracker):
    """Running episodes with the probability that each is over.

    Attributes
    ----------
    back : ndarray of float, shape (n_series,)
        Probability that the level is back.
    down : ndarray of float, shape (n_depths, n_series)
        Probability of each depth, with the level not back.
    fallen : ndarray of float, shape (n_depths, n_series)
        Probability of each depth after the onset alone.
    level : ndarray of float, shape (n_series,)
        The baseline before the ends of the scale cut it off.
    usual : ndarray of float, shape (n_series,)
        Mean of the population at the onset: with it the baseline moves on.
    evidence : ndarray of float, shape (n_series,)
        How much more probable the ratings since `rise` are if the level came back then than if it did not, as the
        logarithm of a ratio; where it falls to 0 a later session takes the place (Page 1954, *Biometrika* 41, 100).
    rise, risen : ndarray of int, shape (n_series,)
        When the level came back, if it did; the number of ratings since, 0 where it did not.
    """

    details = ("repair_probability",)

    def __init__(self, n_series: int, *, recovered: float, window: int) -> None:
        super().__init__(n_series, recovered=recovered, window=window)
        depths = len(DEPTHS)
        self._all = {
            "back": np.zeros(n_series),
            "level": np.zeros(n_series),
            "usual": np.zeros(n_series),
            "down": np.zeros((depths, n_series)),
            "fallen": np.zeros((depths, n_series)),
            "evidence": np.zeros(n_series),
            "rise": np.zeros(n_series, np.int64),
            "risen": np.zeros(n_series, np.int64),
            "backdated": np.zeros(n_series, np.int64),
        }
        self.keep(n_series)

    def keep(self, active: int) -> None:
        """Cut to the first so many series; see `EpisodeTracker.keep`."""
        super().keep(active)
        for name, everyone in self._all.items():
            setattr(self, name, everyone[..., :active])

    back: Floats
    level: Floats
    usual: Floats
    down: Floats
    fallen: Floats
    evidence: Floats
    rise: Integers
    risen: Integers
    backdated: Integers

    def open(self, where: Flags, **onset: Any) -> None:
        """Open episodes.

        Parameters
        ----------
        where : ndarray of bool
        **onset : ndarray
            As for `Episodes.open`, and ``level`` and ``usual``.
        """
        level = onset.pop("level")
        np.copyto(self.level, level, where=where)
        np.copyto(self.usual, onset.pop("usual"), where=where)
        at_baseline, at_depth = _likelihoods((onset["value"] - level) / onset["spread"])
        self.episodes.open(where, **onset)
        back = CHANCE * at_baseline
        down = (1 - CHANCE) * PRIOR[:, None] * at_depth
        total = back + _total(down)
        np.copyto(self.back, back / total, where=where)
        np.copyto(self.down, down / total, where=where)
        np.copyto(self.fallen, down / _total(down), where=where)
        self.evidence[where] = 0
        self.risen[where] = 0

    def learn(self, session: Integers, value: Floats, usual: Floats, *, highest: Flags) -> None:
        """Revise the probabilities by one more rating.

        Parameters
        ----------
        session, value, usual : ndarray
            Its session, the rating, and the mean of the population at it.
        highest : ndarray of bool
            Whether it is the highest possible one, which may stand for more.
        """
        episodes = self.episodes
        running = episodes.stage != Stage.NO_EPISODE
        if not running.any():
            return
        z = (value - self.level - (usual - self.usual)) / np.where(running, episodes.spread, 1.0)
        at_baseline, at_depth = _likelihoods(z, highest)
        comes_back = 1 - (1 - COMES_BACK) ** np.where(running, session - episodes.last_session, 1)
        came_back = _total(self.down) * comes_back
        back = (self.back * (1 - FALLS_AGAIN) + came_back) * at_baseline
        down = (self.down * (1 - comes_back) + self.fallen * self.back * FALLS_AGAIN) * at_depth
        total = np.where(running, back + _total(down), 1.0)
        np.copyto(self.back, back / total, where=running)
        np.copyto(self.down, down / total, where=running)
        near = highest | (z > -NEAR * _total(DEPTHS[:, None] * self.fallen))
        speaks = np.log(at_baseline + SMALLEST) - np.log(_total(self.fallen * at_depth) + SMALLEST)
        self._date(running, session, near, speaks)

    def _date(self, running: Flags, session: Integers, near: Flags, speaks: Floats) -> None:
        """When the level came back, if it did: at a rating near it, if what came since does not speak against it."""
        lasts = running & (self.risen > 0) & (self.evidence + speaks > 0)
        begins = running & ~lasts & near
        np.copyto(self.rise, session, where=begins)
        np.copyto(self.evidence, np.where(lasts, self.evidence, 0) + speaks, where=running)
        np.copyto(self.risen, np.where(lasts, self.risen + 1, begins), where=running)

    def confirm_repairs(self, value: Floats) -> Flags:
        """The rating after a repair confirms it, or takes it back; see `EpisodeTracker.confirm_repairs`."""
        fell_back = super().confirm_repairs(value)
        self.episodes.later_ratings[fell_back] += self.backdated[fell_back]
        return fell_back

    def follow(self, ongoing: Flags, session: Integers, value: Floats) -> tuple[Flags, Flags]:
        """Take one more rating into the running episodes; see `EpisodeTracker.follow`."""
        repaired, given_up = super().follow(ongoing, session, value)
        # the ratings since the repair are no longer the episode's
        self.backdated[repaired] = np.maximum(self.risen[repaired] - 1, 0)
        self.episodes.later_ratings[repaired] -= self.backdated[repaired]
        return repaired, given_up

    def _is_repair(self, _value: Floats) -> Flags:
        is_repair: Flags = self.back >= self.recovered
        return is_repair

    def _repair_session(self, session: Integers) -> Integers:
        return np.where(self.risen > 0, self.rise, session)

    def _is_confirmed(self, _value: Floats) -> Flags:
        confirmed: Flags = self.back >= STILL_BACK
        return confirmed

    def _record(self, where: Flags, status: NDArray[np.int8] | int) -> dict[str, NDArray[Any]]:
        return super()._record(where, status) | {"repair_probability": self.back[where]}


def _total(depths: Floats) -> Floats:
    """Sum over the depths, row by row, so that its last digit does not depend on how many series there are."""
    total: Floats = depths[0].copy()
    for row in depths[1:]:
        total += row
    return total


def _likelihoods(z: Floats, highest: Flags | None = None) -> tuple[Floats, Floats]:
    """Of a rating at the baseline, shape (n,), and at each depth, (n_depths, n); up to a common factor."""
    from scipy.special import log_ndtr

    at_baseline, at_depth = -0.5 * z**2, -0.5 * (z + DEPTHS[:, None]) ** 2
    if highest is not None and highest.any():
        at_baseline[highest] = log_ndtr(-z[highest])
        at_depth[:, highest] = log_ndtr(-(z[highest] + DEPTHS[:, None]))
    largest = np.maximum(at_baseline, at_depth.max(axis=0))
    return np.exp(at_baseline - largest), np.exp(at_depth - largest)
