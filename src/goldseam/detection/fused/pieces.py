"""What is known of every session, each piece against the person's own habits, and what the pieces say together."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from goldseam.detection.episodes import Flags
from goldseam.detection.fused.assumed import FAST, LATE, SKIPPED, TENSION, VALUE
from goldseam.detection.fused.habits import Habit, habit
from goldseam.detection.fused.joint import Measured, chance, combine, extra_move
from goldseam.detection.fused.scores import FARTHEST, MUCH_FASTER, measured_scores
from goldseam.detection.fused.words import odds_columns, sentence
from goldseam.detection.priors import Priors
from goldseam.series import Floats, RatingSeries

if TYPE_CHECKING:
    import polars as pl

HALVINGS = 24


@dataclass(frozen=True, eq=False)
class Pieces:
    """Arrays of shape (n_ratings,); NaN where a piece is missing.

    Attributes
    ----------
    series : RatingSeries
    p : ndarray of float
        Of the rating alone.
    value : ndarray of float
        The rating's standard normal score; NaN where it is the highest possible and anything else is known, for
        highest ratings say nothing either way.
    scores : dict of str to ndarray of float
        Scores of whatever else is measured.
    answers : dict of str to ndarray of float
        Answers that are categories: 0, 1, ...
    """

    series: RatingSeries
    p: Floats
    value: Floats
    scores: dict[str, Floats]
    answers: dict[str, Floats]

    @classmethod
    def of(cls, series: RatingSeries, priors: Priors, p: Floats) -> "Pieces":
        """Read the evidence.

        Parameters
        ----------
        series : RatingSeries
            With its evidence.
        priors : Priors
        p : ndarray of float, shape (n_ratings,)
            Of the ratings alone.

        Returns
        -------
        Pieces
        """
        from scipy.special import ndtri

        scores = measured_scores(series, priors.mean, priors.within_sd)
        answers = _answers(series, scores.pop(FAST, None))
        pieces = cls(series, p, np.clip(ndtri(p), -FARTHEST, FARTHEST), scores, answers)
        silent = pieces.more & (series.value >= priors.maximum[series.series_of])
        return replace(pieces, value=np.where(silent, np.nan, pieces.value))

    @property
    def more(self) -> Flags:
        """Whether anything but the rating is known."""
        more = np.zeros(len(self.p), np.bool_)
        for each in (*self.scores.values(), *self.answers.values()):
            more |= ~np.isnan(each)
        return more

    def joined(self) -> Floats:
        """One p of each session; that of the rating where nothing else is known."""
        return np.where(self.more, chance(*self._put_together(self.value)), self.p)

    def without_value(self) -> Floats:
        """One p of everything but the rating; 1 where nothing else is known."""
        return np.where(self.more, chance(*self._put_together(np.full_like(self.p, np.nan))), 1.0)

    def needed(self, wanted: Floats) -> Floats:
        """The p that the rating by itself has to have for all pieces together to have a wanted one.

        Parameters
        ----------
        wanted : ndarray of float, shape (n_ratings,)

        Returns
        -------
        ndarray of float, shape (n_ratings,)
            The rest as it is.
        """
        from scipy.special import ndtr

        there = np.flatnonzero(self.more)
        measured, habits = self._put_together(np.zeros_like(self.p))
        measured, habits = measured.take(there), {name: each.take(there) for name, each in habits.items()}
        low, high = np.full(len(there), -FARTHEST), np.full(len(there), FARTHEST)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            moved = replace(measured, score=measured.score + measured.leverage * middle)
            above = chance(moved, habits) > wanted[there]
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        needed = wanted.copy()
        needed[there] = ndtr(high)
        return needed

    def columns(self) -> "dict[str, Floats | pl.Series]":
        """What each piece adds: ``odds_*``, how many times as likely a rupture makes it, and ``evidence`` in words."""
        measured, habits = self._put_together(self.value)
        more = self.more
        added = {name: np.where(more, each, np.nan) for name, each in measured.pieces.items()}
        added |= {name: np.where(each.known, each.given, np.nan) for name, each in habits.items()}
        odds = odds_columns(added)
        return {**odds, "evidence": sentence(odds, {VALUE: self.value, **self.scores}, self.answers)}

    def _put_together(self, value: Floats) -> tuple[Measured, dict[str, Habit]]:
        measured = combine({VALUE: value, **self.scores})
        moves = {TENSION: extra_move(measured)}
        return measured, {
            name: habit(name, self.series, given, moves.get(name)) for name, given in self.answers.items()
        }


def _answers(series: RatingSeries, seconds: Floats | None) -> dict[str, Floats]:
    known = series.evidence
    found = {}
    if TENSION in known:
        found[TENSION] = known[TENSION]
    for name, column in ((SKIPPED, "skipped_items"), (LATE, "late")):
        if column in known:
            found[name] = _flags(known[column] > 0, known[column])
    if seconds is not None:
        found[FAST] = _flags(seconds < MUCH_FASTER, seconds)
    return found


def _flags(flagged: Flags, known: Floats) -> Floats:
    return np.where(np.isnan(known), np.nan, flagged)
