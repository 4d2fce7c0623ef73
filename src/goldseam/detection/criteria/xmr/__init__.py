"""XmR criterion: the chart of individual values and moving ranges, with its rules for the lower side.

Over the whole course (retrospective), or with limits from the first ratings (phase I) that judge the later ones
(phase II). See ``docs/methods/xmr.md``.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from goldseam.arrays import Codes, Flags, Integers
from goldseam.detection.criteria.xmr.control_limits import (
    CONSTANTS,
    ControlLimits,
    FromRanges,
    Shrunken,
    Sigma,
)
from goldseam.detection.criteria.xmr.rules import (
    DECREASING,
    Pattern,
    RuleResult,
    decreasing_rule,
    pattern_rule,
    range_rule,
)
from goldseam.detection.engine.codes import Reason, Status, Verdict
from goldseam.detection.engine.criterion import coded, parameter
from goldseam.detection.engine.episodic import Assessment, EpisodicCriterion, episodes_from
from goldseam.detection.engine.norms_and_minimum_drop import priors_for
from goldseam.norms import Norms
from goldseam.series import RatingSeries

RATE_FACTOR = 0.9  # as in `predictive`: the rate of the norms' inverse gamma, per shape and variance
SHIFTED = (Status.PARTIAL.word, Status.UNREPAIRED.word)
PLACE = 2**32


@dataclass(frozen=True)
class XmR(EpisodicCriterion):
    """Chart of individuals and moving ranges, version 1."""

    id: ClassVar[str] = "xmr"
    version: ClassVar[int] = 1
    title: ClassVar[str] = "a rating outside the person's own control limits"
    source: ClassVar[str] = "docs/methods/xmr.md"
    confidence: ClassVar[str] = "B"
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 5
    uses_norms: ClassVar[bool] = True

    baseline_ratings: int | None = parameter(
        None,
        "the first so many ratings give the limits that judge the later ones; none: all ratings give them",
        kind=int,
        least=3,
        most=100,
    )
    sigma: str = parameter(
        "mean",
        "sigma from the mean or the median moving range, or from the own variance drawn to that of the norms",
        choices=("mean", "median", "shrunken"),
    )
    recomputations: int = parameter(
        0,
        "times the limits are computed again without the ratings found (whole course)",
        kind=int,
        least=0,
        most=2,
    )
    refresh: bool = parameter(
        default=True, meaning="after a lasting fall, limits from the ratings since (first ratings)", kind=bool
    )
    w1: bool = parameter(default=True, meaning="below 3 sigma", kind=bool)
    w2: bool = parameter(default=True, meaning="2 of the last 3 below 2 sigma", kind=bool)
    mr: bool = parameter(default=True, meaning="a fall beyond the limit of the moving range", kind=bool)
    w3: bool = parameter(default=False, meaning="4 of the last 5 below 1 sigma", kind=bool)
    w4: bool = parameter(default=False, meaning="a run below the centre", kind=bool)
    run_length: int = parameter(8, "ratings of the run of w4", kind=int, least=5, most=20)
    n3: bool = parameter(default=False, meaning="6 in a row, each lower than the one before", kind=bool)
    constants: str = parameter(
        "published",
        "from the mean moving range to the limits: as published, exact, or with d2 of tables",
        choices=tuple(CONSTANTS),
    )

    @property
    def needs_norms(self) -> bool:
        """Only for the shrunken sigma."""
        return self.sigma == "shrunken"

    def assess(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Assessment:
        """Judge every rating by the rules; see `EpisodicCriterion.assess`."""
        sigma = self._sigma(series, norms, higher_is_better=higher_is_better)
        if self.baseline_ratings is None:
            return self._whole_course(series, sigma)
        return self._from_first(series, sigma)

    def _sigma(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Sigma:
        if self.sigma != "shrunken":
            return FromRanges(median=self.sigma == "median", constants=self.constants)
        priors = priors_for(series, norms, higher_is_better=higher_is_better)
        return Shrunken(priors.shape, priors.shape * priors.within_sd**2 * RATE_FACTOR)

    def _whole_course(self, series: RatingSeries, sigma: Sigma) -> Assessment:
        included = np.ones(len(series.value), np.bool_)
        assessed = self._by_limits(series, sigma, sigma.limits(series, included).at(series.series_of))
        for _ in range(self.recomputations):
            again = sigma.limits(series, included & ~assessed.met)
            assessed = self._by_limits(series, sigma, again.at(series.series_of))
        return assessed

    def _from_first(self, series: RatingSeries, sigma: Sigma) -> Assessment:
        """Phase I and II; each lasting drop starts a new phase II, in the order of time."""
        first = series.position < (self.baseline_ratings or 0)
        limits = sigma.limits(series, first).at(series.series_of)
        limits = limits.replaced(first, _none_like(limits))
        settled = np.full(series.n_series, -1)
        while True:
            assessed = self._by_limits(series, sigma, limits)
            shift = (
                self._next_shifts(series, assessed, settled) if self.refresh else np.empty((3, 0), np.int64)
            )
            if not shift.size:
                return assessed
            owner, onset, end = shift
            limits = _after_shifts(series, sigma, limits, owner=owner, onset=onset, end=end)
            settled[owner] = end

    def _next_shifts(self, series: RatingSeries, assessed: Assessment, settled: Integers) -> Integers:
        """The first episode of each series that was given up after the last one dealt with: series, onset, end."""
        import polars as pl

        events = episodes_from(series, assessed, self).filter(pl.col("status").is_in(SHIFTED))
        owner = events.get_column("series").to_numpy()
        places = series.series_of * PLACE + series.session
        onset, end = (
            np.searchsorted(places, owner * PLACE + events.get_column(name).to_numpy())
            for name in ("onset_session", "last_session")
        )
        new = (end - onset == self.window) & (end > settled[owner])
        owner, first = np.unique(owner[new], return_index=True)
        return np.stack([owner, onset[new][first], end[new][first]])

    def _by_limits(self, series: RatingSeries, sigma: Sigma, limits: ControlLimits) -> Assessment:
        results = self._rules(series, sigma, limits)
        parts = {name: each.verdict(series.value) for name, each in results.items()}
        verdicts = np.stack(list(parts.values()))
        met, judged = (verdicts == Verdict.MET).any(axis=0), (verdicts <= Verdict.NOT_MET).any(axis=0)
        few = ~judged & (verdicts == Verdict.NOT_ENOUGH_DATA).any(axis=0)
        highest = np.full(len(met), np.nan)
        for each in results.values():
            highest = np.fmax(highest, np.where(each.applies, each.limit, np.nan))
        return Assessment(
            met=met,
            few=few,
            not_applicable=~judged & ~few,
            reason=self._reason(few, ~judged & ~few, limits),
            expected=limits.centre,
            spread=limits.sigma,
            limit=highest,
            parts=parts,
        )

    def _reason(self, few: Flags, not_applicable: Flags, limits: ControlLimits) -> Codes:
        too_few = Reason.SERIES_TOO_SHORT if self.baseline_ratings is None else Reason.FEW_EARLIER_RATINGS
        return coded(
            (few, too_few),
            (not_applicable & (limits.sigma == 0), Reason.NO_VARIATION),
            (not_applicable, Reason.PREVIOUS_NOT_RATED),
            otherwise=Reason.PLAIN,
        )

    def _rules(self, series: RatingSeries, sigma: Sigma, limits: ControlLimits) -> dict[str, RuleResult]:
        """What each rule that is switched on says."""
        patterns = {
            "w1": Pattern(1, 1, 3),
            "w2": Pattern(2, 3, 2),
            "w3": Pattern(4, 5, 1),
            "w4": Pattern(self.run_length, self.run_length, 0),
        }
        assessed = {
            name: pattern_rule(series, limits, each, self._enough(series, sigma, limits, each))
            for name, each in patterns.items()
            if getattr(self, name)
        }
        if self.n3:
            assessed["n3"] = decreasing_rule(series, series.position >= DECREASING - 1)
        if self.mr:
            assessed["mr"] = range_rule(series, limits, self._enough_for_ranges(series, sigma, limits))
        return assessed

    def _enough(self, series: RatingSeries, sigma: Sigma, limits: ControlLimits, pattern: Pattern) -> Flags:
        """ControlLimits are known, and the pattern could be complete and pass them."""
        known = ~np.isnan(limits.sigma)
        if self.baseline_ratings is None:
            return known & sigma.reachable(series, pattern.low, pattern.sigmas)
        return known & (series.position >= self.baseline_ratings + pattern.low - 1)

    def _enough_for_ranges(self, series: RatingSeries, sigma: Sigma, limits: ControlLimits) -> Flags:
        known = ~np.isnan(limits.range_limit)
        return known & sigma.range_reachable(series) if self.baseline_ratings is None else known


def _after_shifts(
    series: RatingSeries,
    sigma: Sigma,
    limits: ControlLimits,
    *,
    owner: Integers,
    onset: Integers,
    end: Integers,
) -> ControlLimits:
    """ControlLimits from the ratings after each onset up to the end, for those that follow."""
    last = np.full(series.n_series, len(series.value))
    since = last.copy()
    since[owner], last[owner] = onset, end
    place = np.arange(len(series.value))
    inside = (place > since[series.series_of]) & (place <= last[series.series_of])
    new = sigma.limits(series, inside).at(series.series_of)
    return limits.replaced(place > last[series.series_of], new)


def _none_like(limits: ControlLimits) -> ControlLimits:
    nothing = np.full(len(limits.centre), np.nan)
    return ControlLimits(nothing, nothing, nothing)
