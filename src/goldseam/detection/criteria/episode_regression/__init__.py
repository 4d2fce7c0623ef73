"""Episode-regression criterion: a few sessions that lie further below a straight line than chance would put any.

See ``docs/methods/episode-regression.md``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Flags, Integers
from goldseam.detection.criteria.episode_regression.search import LowestEpisodes, NullDraws, lowest_episodes
from goldseam.detection.engine.codes import Reason, Status
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.episodes import LATER_RATINGS_NEEDED, events_table, onset_kinds
from goldseam.detection.engine.episodic import Assessment, findings_from
from goldseam.detection.engine.findings import Findings
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

CALIBRATIONS = ("permutation", "normal")


@dataclass(frozen=True)
class EpisodeRegression(Criterion):
    """A line with one episode, calibrated for the search, version 1."""

    id: ClassVar[str] = "episode-regression"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "up to four sessions far below the straight line through the others"
    source: ClassVar[str] = "docs/methods/episode-regression.md"
    confidence: ClassVar[str] = "own"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 9
    uses_norms: ClassVar[bool] = False
    thresholds: ClassVar[tuple[str, ...]] = ("alpha",)

    alpha: float = parameter(0.05, "p up to which the lowest episode counts", least=1e-4, most=0.5)
    longest: int = parameter(4, "most ratings of an episode", kind=int, least=1, most=20)
    permutations: int = parameter(999, "draws that p is counted from", kind=int, least=19, most=99999)
    seed: int = parameter(1, "of the draws; series of equal length share them", kind=int, least=0, most=2**32)
    calibration: str = parameter(
        "permutation", "draws: the residuals in another order, or normal noise", choices=CALIBRATIONS
    )
    minimum_ratings: int = parameter(9, "ratings a series needs", kind=int, least=5, most=1000)

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Search every course; see `Criterion.judge`."""
        enough = series.lengths >= self.minimum_ratings
        chance = NullDraws(self.permutations, self.seed, self.calibration == "normal")
        found = lowest_episodes(series, enough, longest=self.longest, chance=chance)
        assessed = self._assess(series, found, ~enough)
        met = np.flatnonzero(found.p <= self.alpha)
        return findings_from(assessed, _events(series, found, assessed, met))

    def _assess(self, series: RatingSeries, found: LowestEpisodes, few: Flags) -> Assessment:
        """A rating is compared with the line beside the episode; those in an episode that counts meet it."""
        owner, place = series.series_of, series.position
        inside = (place >= found.start[owner]) & (place < (found.start + found.ratings)[owner])
        still = ~few & np.isnan(found.p)
        reason = coded((few, Reason.SERIES_TOO_SHORT), (still, Reason.NO_VARIATION), otherwise=Reason.PLAIN)
        return Assessment(
            met=inside & (found.p <= self.alpha)[owner],
            few=few[owner],
            not_applicable=still[owner],
            reason=reason[owner],
            expected=found.level[owner] + found.slope[owner] * (series.session - found.centre[owner]),
            spread=found.spread[owner],
            limit=np.full(len(owner), np.nan),
            p=found.p[owner],
        )


def _events(
    series: RatingSeries, found: LowestEpisodes, assessed: Assessment, met: Integers
) -> "pl.DataFrame":
    """One row per series whose lowest episode counts."""
    import polars as pl

    first = series.starts[met] + found.start[met]
    last = first + found.ratings[met] - 1
    back = last + 1 < series.starts[met + 1]
    after = np.where(back, last + 1, last)
    decided = found.ratings[met] > LATER_RATINGS_NEEDED
    nadir = _lowest(series, first, found.ratings[met])
    record = {
        "index": met,
        "status": coded(
            (back, Status.REPAIRED), (decided, Status.UNREPAIRED), otherwise=Status.INDETERMINATE
        ),
        "onset_session": series.session[first],
        "kind": onset_kinds(series, assessed.expected, assessed.spread, first)[first],
        "grade": np.zeros(len(met), np.int8),
        "baseline": assessed.expected[first],
        "value": series.value[first],
        "p": found.p[met],
        "nadir": series.value[nadir],
        "nadir_session": series.session[nadir],
        "spread": found.spread[met],
        "best_recovery": np.full(len(met), np.nan),
        "candidate_session": series.session[after],
        "last_session": series.session[after],
        "later_ratings": after - first,
        "fall": found.fall[met],
        "t": found.t[met],
    }
    events = events_table([record], np.arange(series.n_series), ("fall", "t"))
    return events.with_columns(grade=pl.lit(None, pl.String))


def _lowest(series: RatingSeries, first: Integers, ratings: Integers) -> Integers:
    """Place of the lowest rating of each episode, the first of equals."""
    lowest = first.copy()
    for later in range(1, int(ratings.max(initial=0))):
        place = first + np.minimum(later, ratings - 1)
        lowest = np.where(series.value[place] < series.value[lowest], place, lowest)
    return lowest
