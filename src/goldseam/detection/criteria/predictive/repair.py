"""Episodes of the predictive criterion: where they begin, and whether the strained level is back.

During an episode the person is either *down*, by an unknown depth, or *back* at the baseline. Each session there is
a chance to come back, and a small one to drop again; the probability of being back is revised at every rating.
Depths lie on a grid, in SDs of the prediction at the onset.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.predictive.parameters import EpisodeLimits
from goldseam.detection.criteria.predictive.ratings import OneStepPredictions, RatingVerdicts, note_episodes
from goldseam.detection.criteria.predictive.slow_channel import RatingInCourse, SlowChannel
from goldseam.detection.engine.codes import Grade, OnsetKind, Stage, Status, Verdict
from goldseam.detection.engine.episodes import EpisodeTracker, onset_kinds
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

DEPTHS = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0])
DEPTH_PRIOR = np.array([0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 0.6, 0.3]) / 5.8
FALSE_ALARM = 0.1  # probability at the onset that the level is back already
COMES_BACK = 0.3  # probability per session
DROPS_AGAIN = 0.02
NEAR = 1 / 3
SMALLEST = 1e-300
STILL_BACK = 0.5


@dataclass(frozen=True, eq=False)
class LevelBelief:
    """Where the level is.

    Attributes
    ----------
    back : ndarray of float, shape (n,)
        Probability that it is back.
    down : ndarray of float, shape (n_depths, n)
        Probability of each depth, with the level not back.
    depth_at_onset : ndarray of float, shape (n_depths, n)
        Probability of each depth after the onset alone.
    """

    back: Floats
    down: Floats
    depth_at_onset: Floats

    @classmethod
    def at_onset(cls, z: Floats) -> Self:
        """After the rating that is the onset.

        Parameters
        ----------
        z : ndarray of float, shape (n,)
            Its distance from the baseline, in SDs.

        Returns
        -------
        LevelBelief
        """
        at_baseline, at_depth = likelihoods(z)
        back = FALSE_ALARM * at_baseline
        down = (1 - FALSE_ALARM) * DEPTH_PRIOR[:, None] * at_depth
        total = back + total_over_depths(down)
        return cls(back / total, down / total, down / total_over_depths(down))

    def revised(
        self, at_baseline: Floats, at_depth: Floats, sessions: Integers, *, where: Flags
    ) -> "LevelBelief":
        """After one more rating.

        Parameters
        ----------
        at_baseline, at_depth : ndarray of float, shape (n,) and (n_depths, n)
            Likelihoods of the rating, from `likelihoods`.
        sessions : ndarray of int, shape (n,)
            Since the rating before, 1 or more.
        where : ndarray of bool, shape (n,)
            What is wanted; the rest of the result means nothing.

        Returns
        -------
        LevelBelief
        """
        comes_back = 1 - (1 - COMES_BACK) ** sessions
        came_back = total_over_depths(self.down) * comes_back
        back = (self.back * (1 - DROPS_AGAIN) + came_back) * at_baseline
        down = (self.down * (1 - comes_back) + self.depth_at_onset * self.back * DROPS_AGAIN) * at_depth
        total = np.where(where, back + total_over_depths(down), 1.0)
        return LevelBelief(back / total, down / total, self.depth_at_onset)


def total_over_depths(depths: Floats) -> Floats:
    """Sum over the depths, row by row, so that its last digit does not depend on how many series there are."""
    total: Floats = depths[0].copy()
    for row in depths[1:]:
        total += row
    return total


def likelihoods(z: Floats, highest: Flags | None = None) -> tuple[Floats, Floats]:
    """Of a rating at the baseline, shape (n,), and at each depth, (n_depths, n); up to a common factor."""
    from scipy.special import log_ndtr

    at_baseline, at_depth = -0.5 * z**2, -0.5 * (z + DEPTHS[:, None]) ** 2
    if highest is not None and highest.any():
        at_baseline[highest] = log_ndtr(-z[highest])
        at_depth[:, highest] = log_ndtr(-(z[highest] + DEPTHS[:, None]))
    largest = np.maximum(at_baseline, at_depth.max(axis=0))
    return np.exp(at_baseline - largest), np.exp(at_depth - largest)


class RepairTracker(EpisodeTracker):
    """Running episodes with the probability that each is over.

    Attributes
    ----------
    back : ndarray of float, shape (n_series,)
        Probability that the level is back.
    down : ndarray of float, shape (n_depths, n_series)
        Probability of each depth, with the level not back.
    depth_at_onset : ndarray of float, shape (n_depths, n_series)
        Probability of each depth after the onset alone.
    level : ndarray of float, shape (n_series,)
        The baseline before the ends of the scale cut it off.
    usual : ndarray of float, shape (n_series,)
        Mean of the population at the onset: with it the baseline moves on.
    evidence : ndarray of float, shape (n_series,)
        How much more probable the ratings since `rise` are if the level came back then than if it did not, as the
        logarithm of a ratio; where it drops to 0 a later session takes the place (Page 1954, *Biometrika* 41, 100).
    rise, ratings_since_rise : ndarray of int, shape (n_series,)
        The session at which the level came back, if it did; the number of ratings since, 0 where it did not.
    backdated : ndarray of int, shape (n_series,)
        Ratings between the repair and the rating that showed it; they are no longer counted as the episode's.
    """

    details: tuple[str, ...] = ("repair_probability",)

    def __init__(self, n_series: int, *, recovered: float, window: int) -> None:
        super().__init__(n_series, recovered=recovered, window=window)
        depths = len(DEPTHS)
        self._all = {
            "back": np.zeros(n_series),
            "level": np.zeros(n_series),
            "usual": np.zeros(n_series),
            "down": np.zeros((depths, n_series)),
            "depth_at_onset": np.zeros((depths, n_series)),
            "evidence": np.zeros(n_series),
            "rise": np.zeros(n_series, np.int64),
            "ratings_since_rise": np.zeros(n_series, np.int64),
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
    depth_at_onset: Floats
    evidence: Floats
    rise: Integers
    ratings_since_rise: Integers
    backdated: Integers

    def open(self, where: Flags, **onset: Any) -> None:
        """Open episodes.

        Parameters
        ----------
        where : ndarray of bool, shape (n_active,)
            The series in which an episode begins.
        **onset : ndarray
            As for `Episodes.open`, and ``level`` and ``usual`` in points, as the attributes.
        """
        level = onset.pop("level")
        np.copyto(self.level, level, where=where)
        np.copyto(self.usual, onset.pop("usual"), where=where)
        belief = LevelBelief.at_onset((onset["value"] - level) / onset["spread"])
        self.episodes.open(where, **onset)
        for name in ("back", "down", "depth_at_onset"):
            np.copyto(getattr(self, name), getattr(belief, name), where=where)
        self.evidence[where] = 0
        self.ratings_since_rise[where] = 0

    def learn(self, session: Integers, value: Floats, usual: Floats, *, highest: Flags) -> None:
        """Revise the probabilities by one more rating.

        Parameters
        ----------
        session, value, usual : ndarray, shape (n_active,)
            Its session, the rating, and the mean of the population at it, in points.
        highest : ndarray of bool, shape (n_active,)
            Whether it is the highest possible one, which may stand for more.
        """
        episodes = self.episodes
        running = episodes.stage != Stage.NO_EPISODE
        if not running.any():
            return
        z = (value - self.level - (usual - self.usual)) / np.where(running, episodes.spread, 1.0)
        at_baseline, at_depth = likelihoods(z, highest)
        passed = np.where(running, session - episodes.last_session, 1)
        belief = LevelBelief(self.back, self.down, self.depth_at_onset)
        revised = belief.revised(at_baseline, at_depth, passed, where=running)
        np.copyto(self.back, revised.back, where=running)
        np.copyto(self.down, revised.down, where=running)
        near = highest | (z > -NEAR * total_over_depths(DEPTHS[:, None] * self.depth_at_onset))
        fallen = total_over_depths(self.depth_at_onset * at_depth)
        log_ratio = np.log(at_baseline + SMALLEST) - np.log(fallen + SMALLEST)
        self._date(running, session, near, log_ratio)

    def _date(self, running: Flags, session: Integers, near: Flags, log_ratio: Floats) -> None:
        """When the level came back, if it did: at a rating near it, unless the later ratings make that less likely."""
        lasts = running & (self.ratings_since_rise > 0) & (self.evidence + log_ratio > 0)
        begins = running & ~lasts & near
        np.copyto(self.rise, session, where=begins)
        np.copyto(self.evidence, np.where(lasts, self.evidence, 0) + log_ratio, where=running)
        np.copyto(
            self.ratings_since_rise, np.where(lasts, self.ratings_since_rise + 1, begins), where=running
        )

    def confirm_repairs(self, value: Floats) -> Flags:
        """The rating after a repair confirms it, or takes it back; see `EpisodeTracker.confirm_repairs`."""
        fell_back = super().confirm_repairs(value)
        self.episodes.later_ratings[fell_back] += self.backdated[fell_back]
        return fell_back

    def renew(self, where: Flags) -> Flags:
        """End episodes because another fall begins; the rating that fell is not taken into them.

        Parameters
        ----------
        where : ndarray of bool, shape (n_active,)
            Series with a running episode.

        Returns
        -------
        ndarray of bool, shape (n_active,)
            The same.
        """
        if where.any():
            self._records.append(self._record(where, Status.RENEWED))
            self.episodes.stage[where] = Stage.NO_EPISODE
        return where

    def follow(self, ongoing: Flags, session: Integers, value: Floats) -> tuple[Flags, Flags]:
        """Take one more rating into the running episodes; see `EpisodeTracker.follow`."""
        repaired, given_up = super().follow(ongoing, session, value)
        # the ratings since the repair are no longer the episode's
        self.backdated[repaired] = np.maximum(self.ratings_since_rise[repaired] - 1, 0)
        self.episodes.later_ratings[repaired] -= self.backdated[repaired]
        return repaired, given_up

    def _is_repair(self, _value: Floats) -> Flags:
        is_repair: Flags = self.back >= self.recovered
        return is_repair

    def _repair_session(self, session: Integers) -> Integers:
        return np.where(self.ratings_since_rise > 0, self.rise, session)

    def _is_confirmed(self, _value: Floats) -> Flags:
        confirmed: Flags = self.back >= STILL_BACK
        return confirmed

    def _record(self, where: Flags, status: Codes | int) -> dict[str, NDArray[Any]]:
        return super()._record(where, status) | {"repair_probability": self.back[where]}


def follow_episodes(
    rule: EpisodeLimits,
    series: RatingSeries,
    predictions: OneStepPredictions,
    verdicts: RatingVerdicts,
    channel: SlowChannel,
    *,
    renewing: bool = False,
    tracker: type[RepairTracker] = RepairTracker,
) -> "pl.DataFrame":
    """Open the episodes of all series and follow them to their repair or end.

    Parameters
    ----------
    rule : EpisodeLimits
        When an episode is over.
    series : RatingSeries
        Higher is better.
    predictions : OneStepPredictions
        Of these ratings.
    verdicts : RatingVerdicts
        On these ratings; changed by `note_episodes`.
    channel : SlowChannel
        Of these ratings.
    renewing : bool
        Whether a fall after a rating that was not low ends an episode and begins another.
    tracker : type of RepairTracker
        Follows the episodes.

    Returns
    -------
    polars.DataFrame
        As from `events_table`, with the details of the tracker.
    """
    beginnings = (verdicts.sudden == Verdict.MET) | (verdicts.erosion == Verdict.MET)
    concerned = np.zeros(series.n_series, np.bool_)
    concerned[series.series_of[beginnings]] = True
    order = series.by_length[concerned[series.by_length]]
    following = tracker(len(order), recovered=rule.recovered, window=rule.window)
    channel.begin(order)
    progress = _EpisodePass(series, predictions, verdicts, channel, following, renewing=renewing)
    for at in series.steps(order):
        progress.step(at)
    note_episodes(verdicts, progress.running, progress.eroded)
    return following.close(order, ended=rule.ended) if len(order) else _no_events(tracker)  # type: ignore[arg-type]  # a class can be hashed


@cache
def _no_events(tracker: type[RepairTracker]) -> "pl.DataFrame":
    """The table of a search that found nothing, as mostly in one series: making it takes longer than searching."""
    return tracker(0, recovered=1, window=1).close(np.zeros(0, np.int64), ended=False)


class _EpisodePass:
    """Goes through the first ratings of the concerned series, then the second ones, and so on."""

    def __init__(
        self,
        series: RatingSeries,
        predictions: OneStepPredictions,
        verdicts: RatingVerdicts,
        channel: SlowChannel,
        tracker: RepairTracker,
        *,
        renewing: bool,
    ) -> None:
        self.series, self.predictions, self.verdicts = series, predictions, verdicts
        self.channel, self.tracker = channel, tracker
        fell = verdicts.sudden == Verdict.MET
        self.renews = fell & ~verdicts.watched_before if renewing else np.zeros_like(fell)
        drops = np.flatnonzero(fell)
        self.kind = onset_kinds(series, predictions.expected, predictions.spread, drops)
        self.running, self.eroded = (np.zeros(len(series.value), np.bool_) for _ in range(2))

    def step(self, at: Integers) -> None:
        """Take in one rating of each series: confirm, follow, open."""
        tracker = self.tracker
        tracker.keep(len(at))
        session, value, usual = self.series.session[at], self.series.value[at], self.channel.usual[at]
        before = tracker.episodes.stage.copy()
        renewed = tracker.renew(self.renews[at] & (before == Stage.OPEN))
        tracker.learn(session, value, usual, highest=self.predictions.highest[at])
        renewed |= tracker.renew(self.renews[at] & tracker.confirm_repairs(value))
        _, given_up = tracker.follow(tracker.episodes.stage == Stage.OPEN, session, value)
        episodes = tracker.episodes
        self.running[at] = before == Stage.OPEN
        ended = (before != Stage.NO_EPISODE) & (episodes.stage == Stage.NO_EPISODE) & ~renewed
        free = (episodes.stage == Stage.NO_EPISODE) & ~given_up
        drops = free & (self.verdicts.sudden[at] == Verdict.MET)
        rating = RatingInCourse(
            at=at,
            running=drops | (episodes.stage != Stage.NO_EPISODE),
            repaired=ended & ~given_up,
            given_up=given_up,
            held=(episodes.candidate + value) / 2 - usual,
            level=episodes.later_sum / np.maximum(episodes.later_ratings, 1) - usual,
        )
        declines = free & ~drops & self.channel.declined(rating)
        self._open(at, drops, declines, usual)

    def _open(self, at: Integers, drops: Flags, declines: Flags, usual: Floats) -> None:
        onset = drops | declines
        if not onset.any():
            return
        self.eroded[at[declines]] = True
        early = self.channel.baseline(at)
        grade = np.maximum(self.verdicts.grade[at], Grade.PROBABLE).astype(np.int8)
        self.tracker.open(
            onset,
            session=self.series.session[at],
            value=self.series.value[at],
            baseline=np.where(declines, early, self.predictions.expected[at]),
            spread=self.predictions.spread[at],
            usual=usual,
            level=np.where(declines, early, self.predictions.centre[at]),
            p=np.where(declines, self.channel.chance(at), self.predictions.p[at]),
            grade=grade,
            kind=np.where(declines, OnsetKind.EROSION, self.kind[at]).astype(np.int8),
        )
