"""Whether a strained level is back: a probability, revised at every rating of an episode.

During an episode the person is either *down*, by an unknown depth, or *back* at the baseline. Each session there is
a chance to come back, and a small one to fall again. Depths lie on a grid, in SDs of the prediction at the onset.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldseam.detection.episodes import NO_EPISODE, Flags
from goldseam.detection.ledger import Ledger
from goldseam.series import Floats, Integers

DEPTHS = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
PRIOR = np.array([0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 0.6, 0.3]) / 5.8
CHANCE = 0.1
COMES_BACK = 0.3
FALLS_AGAIN = 0.02
RISING = 1 / 3
STILL_BACK = 0.5


class RepairLedger(Ledger):
    """Running episodes with the probability that each is over.

    Attributes
    ----------
    back : ndarray of float, shape (n_series,)
        Probability that the level is back.
    down : ndarray of float, shape (n_depths, n_series)
        Probability of each depth, with the level not back.
    fallen : ndarray of float, shape (n_depths, n_series)
        Probability of each depth after the onset alone.
    rise, risen : ndarray of int, shape (n_series,)
        Since which session, and for how many ratings in a row, ratings have been nearer to the baseline.
    """

    details = ("repair_probability",)

    def __init__(self, n_series: int, *, recovered: float, window: int) -> None:
        super().__init__(n_series, recovered=recovered, window=window)
        depths = len(DEPTHS)
        self._all = {
            "back": np.zeros(n_series),
            "down": np.zeros((depths, n_series)),
            "fallen": np.zeros((depths, n_series)),
            "rise": np.zeros(n_series, np.int64),
            "risen": np.zeros(n_series, np.int64),
            "backdated": np.zeros(n_series, np.int64),
        }
        self.keep(n_series)

    def keep(self, active: int) -> None:
        """Cut to the first so many series; see `Ledger.keep`."""
        super().keep(active)
        for name, everyone in self._all.items():
            setattr(self, name, everyone[..., :active])

    back: Floats
    down: Floats
    fallen: Floats
    rise: Integers
    risen: Integers
    backdated: Integers

    def open(self, where: Flags, **onset: Any) -> None:
        """Open episodes.

        Parameters
        ----------
        where : ndarray of bool
        **onset : ndarray
            As for `Episodes.open`.
        """
        at_baseline, at_depth = _likelihoods((onset["value"] - onset["baseline"]) / onset["spread"])
        self.episodes.open(where, **onset)
        back = CHANCE * at_baseline
        down = (1 - CHANCE) * PRIOR[:, None] * at_depth
        total = back + _total(down)
        np.copyto(self.back, back / total, where=where)
        np.copyto(self.down, down / total, where=where)
        np.copyto(self.fallen, down / _total(down), where=where)
        self.risen[where] = 0

    def learn(self, session: Integers, value: Floats) -> None:
        """Revise the probabilities by one more rating.

        Parameters
        ----------
        session, value : ndarray
        """
        episodes = self.episodes
        running = episodes.stage != NO_EPISODE
        if not running.any():
            return
        z = (value - episodes.baseline) / np.where(running, episodes.spread, 1.0)
        at_baseline, at_depth = _likelihoods(z)
        came_back = _total(self.down) * COMES_BACK
        back = (self.back * (1 - FALLS_AGAIN) + came_back) * at_baseline
        down = (self.down * (1 - COMES_BACK) + self.fallen * self.back * FALLS_AGAIN) * at_depth
        total = np.where(running, back + _total(down), 1.0)
        np.copyto(self.back, back / total, where=running)
        np.copyto(self.down, down / total, where=running)
        high = z > -RISING * _total(DEPTHS[:, None] * self.fallen)
        np.copyto(self.rise, session, where=running & high & (self.risen == 0))
        np.copyto(self.risen, np.where(high, self.risen + 1, 0), where=running)

    def confirm_repairs(self, value: Floats) -> Flags:
        """The rating after a repair confirms it, or takes it back; see `Ledger.confirm_repairs`."""
        fell_back = super().confirm_repairs(value)
        self.episodes.later_ratings[fell_back] += self.backdated[fell_back]
        return fell_back

    def follow(self, ongoing: Flags, session: Integers, value: Floats) -> tuple[Flags, Flags]:
        """Take one more rating into the running episodes; see `Ledger.follow`."""
        repaired, given_up = super().follow(ongoing, session, value)
        # the ratings since the repair are no longer the episode's
        self.backdated[repaired] = np.maximum(self.risen[repaired] - 1, 0)
        self.episodes.later_ratings[repaired] -= self.backdated[repaired]
        return repaired, given_up

    def _mends(self, _value: Floats) -> Flags:
        mends: Flags = self.back >= self.recovered
        return mends

    def _mended_since(self, session: Integers) -> Integers:
        return np.where(self.risen > 0, self.rise, session)

    def _holds(self, _value: Floats) -> Flags:
        holds: Flags = self.back >= STILL_BACK
        return holds

    def _record(self, where: Flags, status: NDArray[np.int8] | int) -> dict[str, NDArray[Any]]:
        return super()._record(where, status) | {"repair_probability": self.back[where]}


def _total(depths: Floats) -> Floats:
    """Sum over the depths, row by row, so that its last digit does not depend on how many series there are."""
    total: Floats = depths[0].copy()
    for row in depths[1:]:
        total += row
    return total


def _likelihoods(z: Floats) -> tuple[Floats, Floats]:
    """Of a rating at the baseline, shape (n,), and at each depth, (n_depths, n); up to a common factor."""
    at_baseline, at_depth = -0.5 * z**2, -0.5 * (z + DEPTHS[:, None]) ** 2
    largest = np.maximum(at_baseline, at_depth.max(axis=0))
    return np.exp(at_baseline - largest), np.exp(at_depth - largest)
