"""What criteria share that compare each rating with a baseline of their own: from verdicts to episodes.

A criterion says of every rating whether it meets the criterion and what was expected; an episode begins where a
rating below the expected one meets it and the rating before did not. From there on the rules of repair are the same
for all, against the baseline at the onset. See ``docs/methods/episodes.md``.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.engine.codes import Stage, Verdict
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.episodes import EpisodeTracker, onset_kinds
from goldseam.detection.engine.findings import Bounds, Findings, unknown
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Assessment:
    """What a criterion says of every rating; arrays of shape (n_ratings,), higher is better.

    Attributes
    ----------
    met : ndarray of bool
        Where the criterion is met; counts only where the rating is judged.
    reason : ndarray of int8
        Members of `Reason`.
    few, not_applicable : ndarray of bool
        Not enough data to judge the rating; the criterion cannot be applied to it.
    expected, spread : ndarray of float
        The baseline, and the SD that depth is measured in; NaN where there is none.
    limit : ndarray of float
        The highest value that would have met the criterion; NaN where not judged.
    p : ndarray of float or None
        None if the criterion is not a test.
    grade : ndarray of int8 or None
        None if the criterion has one grade only.
    parts : mapping of str to ndarray of int8
        What each part of the criterion says: members of `Verdict`.
    predicts_early : bool
        Whether what was expected is shown also where there is not enough data to judge.
    """

    met: Flags
    few: Flags
    not_applicable: Flags
    reason: Codes
    expected: Floats
    spread: Floats
    limit: Floats
    p: Floats | None = None
    grade: Codes | None = None
    parts: Mapping[str, Codes] = field(default_factory=dict)
    predicts_early: bool = False

    @property
    def verdict(self) -> Codes:
        """Members of `Verdict`."""
        return coded(
            (self.few, Verdict.NOT_ENOUGH_DATA),
            (self.not_applicable, Verdict.NOT_APPLIED),
            (self.met, Verdict.MET),
            otherwise=Verdict.NOT_MET,
        )


@dataclass(frozen=True)
class EpisodicCriterion(Criterion):
    """A criterion whose episodes follow the general rules of repair."""

    recovered: float = parameter(0.75, "share of the fall regained at a repair", least=0.5, most=1)
    window: int = parameter(
        6, "later ratings after which an episode is given up", kind=int, least=2, most=100
    )
    ended: bool = parameter(default=False, meaning="the courses are over: no episode stays open", kind=bool)

    @abstractmethod
    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Say of every rating whether it meets the criterion, and what was expected.

        Parameters
        ----------
        series : RatingSeries
            Turned round already where higher was not better.
        norms : Norms
            With an entry for every scale, where the criterion uses them.
        higher_is_better : bool
            The direction the ratings had before.

        Returns
        -------
        Assessment
        """

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:
        """Judge every rating of every series; see `Criterion.judge`."""
        assessed = self.assess(series, norms, higher_is_better=higher_is_better)
        return findings_from(assessed, episodes_from(series, assessed, self))


def findings_from(assessed: Assessment, events: "pl.DataFrame") -> Findings:
    """What is said of every rating, and the events, as findings.

    Parameters
    ----------
    assessed : Assessment
        Of all ratings.
    events : polars.DataFrame
        One row per event, with ``series`` and columns of `goldseam.detection.engine.columns.EPISODE_COLUMNS`.

    Returns
    -------
    Findings
    """
    verdict = assessed.verdict
    nothing = unknown(len(verdict))
    known = (verdict != Verdict.NOT_ENOUGH_DATA) | assessed.predicts_early
    judged = (verdict == Verdict.MET) | (verdict == Verdict.NOT_MET)
    limit = np.where(judged, assessed.limit, np.nan)
    return Findings(
        verdict=verdict,
        grade=np.zeros(len(verdict), np.int8)
        if assessed.grade is None
        else np.where(judged, assessed.grade, 0),
        reason=assessed.reason,
        expected=np.where(known, assessed.expected, np.nan),
        spread=np.where(known, assessed.spread, np.nan),
        degrees_of_freedom=nothing,
        p=nothing if assessed.p is None else np.where(known, assessed.p, np.nan),
        events=events,
        bounds=lambda: Bounds(limit=limit, usual_low=nothing, usual_high=nothing),
        parts=assessed.parts,
    )


def episodes_from(series: RatingSeries, assessed: Assessment, rule: EpisodicCriterion) -> "pl.DataFrame":
    """Episodes that begin where the criterion is met and was not met at the rating before, followed to their end.

    Parameters
    ----------
    series : RatingSeries
        Higher is better.
    assessed : Assessment
        Of all ratings.
    rule : EpisodicCriterion
        When an episode is repaired, given up, or ended with the course.

    Returns
    -------
    polars.DataFrame
        Without grade or p where the criterion has none.
    """
    import polars as pl

    met = assessed.verdict == Verdict.MET
    begins = met & ~series.lagged_flags(met) & (series.value < assessed.expected) & (series.position > 0)
    concerned = np.zeros(series.n_series, np.bool_)
    concerned[series.series_of[begins]] = True
    order = series.by_length[concerned[series.by_length]]
    kind = onset_kinds(series, assessed.expected, assessed.spread, np.flatnonzero(begins))
    tracker = EpisodeTracker(len(order), recovered=rule.recovered, window=rule.window)
    for at in series.steps(order):
        tracker.keep(len(at))
        _step(tracker, series, assessed, at, begins=begins[at], kind=kind[at])
    events = tracker.close(order, ended=rule.ended)
    absent = [name for name, column in (("p", assessed.p), ("grade", assessed.grade)) if column is None]
    return events.with_columns(pl.lit(None, dtype=events.schema[name]).alias(name) for name in absent)


def _step(
    tracker: EpisodeTracker,
    series: RatingSeries,
    assessed: Assessment,
    at: Integers,
    *,
    begins: Flags,
    kind: Codes,
) -> None:
    """Take in one rating of each series: confirm, follow, open."""
    value, session = series.value[at], series.session[at]
    tracker.confirm_repairs(value)
    stage = tracker.episodes.stage
    _, given_up = tracker.follow(stage == Stage.OPEN, session, value)
    onset = begins & (stage == Stage.NO_EPISODE) & ~given_up
    if onset.any():
        tracker.episodes.open(
            onset,
            session=session,
            value=value,
            baseline=assessed.expected[at],
            spread=assessed.spread[at],
            p=np.nan if assessed.p is None else assessed.p[at],
            grade=0 if assessed.grade is None else assessed.grade[at],
            kind=kind,
        )
