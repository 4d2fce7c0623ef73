"""Outcome of cases flagged at a session against cases never flagged so far, matched within the risk set."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.e_values import e_values
from goldseam.cohort.emulated_trials import NEVER, EmulatedTrials, Interval, TrialDraws, TrialTable
from goldseam.cohort.episode_counts import EARLIER_RATINGS
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.observed_weights import observed_weights

if TYPE_CHECKING:
    import polars as pl

FARTHEST = 5.99
"""Squared distance of the nearest control, in errors of shrunken level and slope: 95% of a chi-squared with 2 df."""
LEAST_SHARE = 1e-6
"""Of a control that counts as one."""
MATCHED_ON = ("own level", "own slope")


@dataclass(frozen=True, eq=False)
class FlagEffect:
    """The association of being flagged, in SDs of the outcome, and what stands beside it.

    Attributes
    ----------
    table : polars.DataFrame
        ``estimate, d, low, high, meaning``: *calibrated* (the answer), *matched* (confounded), *by chance*, and where
        alerts were seen *alert seen*.
    counts : polars.DataFrame
        ``what, cases``: how many at each stage.
    balance : polars.DataFrame
        ``before the session, all_controls, matched_controls``: mean of the flagged minus mean of the controls of their
        risk sets, in SDs.
    calibrated : tuple of float or None
        d and its 95% interval.
    e_values : tuple of float or None
        Of the calibrated d, and of the end of its interval nearer to 0 (1 where that holds 0).
    chance_share : float or None
        First flags in tables in which nothing happens, of the first flags there are; at most 1.
    refused : str or None
        Why there is none.
    """

    table: "pl.DataFrame"
    counts: "pl.DataFrame"
    balance: "pl.DataFrame"
    calibrated: Interval | None
    e_values: tuple[float, float] | None
    chance_share: float | None
    refused: str | None

    @classmethod
    def none(cls, why: str, counts: "pl.DataFrame | None" = None) -> "FlagEffect":
        """No effect, with the reason."""
        import polars as pl

        nothing = pl.DataFrame()
        return cls(nothing, nothing if counts is None else counts, nothing, None, None, None, why)


@dataclass(frozen=True, eq=False)
class FlagTrial:
    """Flagged at a session or never flagged so far, from that session on.

    Attributes
    ----------
    first_seen : ndarray of int, shape (n_cases,)
        The first session at which an alert of the case had been seen, `NEVER` where none: the case is censored there.
    seen : bool
        Take instead, as the flagged, the onsets whose alert was seen.
    earlier : int
        Ratings a case has to have before a session at which it is compared.
    gaps : bool
        Compare at sessions whose session before was not rated, too.
    weighted : bool
        Weight the others for cases whose outcome is not known.
    """

    first_seen: Integers
    seen: bool = False
    earlier: int = EARLIER_RATINGS
    gaps: bool = True
    weighted: bool = True

    def estimate(self, table: TrialTable, after: Floats, weights: Floats) -> float:
        """As `goldseam.cohort.emulated_trials.Trial`."""
        return float(MatchedSets.of(self, table, after[:, None], weights).differences()[0])

    def differences(self, table: TrialTable, after: Floats, *, held: bool) -> Floats:
        """As `goldseam.cohort.emulated_trials.Trial`."""
        sets = MatchedSets.of(self, table, after, np.ones(len(after)))
        return sets.differences(0 if held else table.cases.covariates.shape[1])

    def smaller_group(self, table: TrialTable, after: Floats) -> int:
        """As `goldseam.cohort.emulated_trials.Trial`."""
        sets = MatchedSets.of(self, table, after[:, None], np.ones(len(after)))
        return min(len(sets.y), len(sets.used))

    def at_risk(self, table: TrialTable) -> tuple[Integers, Flags]:
        """Ratings at which a case could be flagged for the first time, and whether it was."""
        series = table.series
        first = np.full(series.n_series, NEVER)
        first[table.owner] = table.position
        place, owner = series.position, series.series_of
        flagged = place == first[owner]
        kept = (place >= self.earlier) & (place <= first[owner])
        if not self.gaps:
            kept &= np.diff(series.session, prepend=0) == 1
        if not table.drawn:
            # nobody sees an alert in a drawn table
            until = self.first_seen[owner]
            kept &= (series.session < until) | (flagged & self.seen & (series.session == until))
            if self.seen:
                kept &= ~flagged | (series.session == until)
        return np.flatnonzero(kept), flagged[kept]


@dataclass(frozen=True, eq=False)
class MatchedSets:
    """Every onset with the mean of its controls; arrays of shape (n_onsets, ...) of those that could be matched.

    Attributes
    ----------
    weight : ndarray of float
        How much each onset counts.
    x, control_x : ndarray of float
        Covariates, own level and own slope of the flagged, and weighted means of those of the controls.
    set_x : ndarray of float
        Their means over the whole risk set.
    y, control_y : ndarray of float, shape (n_onsets, n_outcomes)
        The outcomes.
    controls : ndarray of float
        How many equally weighted controls the mean is worth.
    used : ndarray of int
        Cases that are a control of some onset.
    onsets, unknown, unmatched : int
        First onsets at risk; those without an outcome; those without a control near enough.
    """

    weight: Floats
    x: Floats
    control_x: Floats
    set_x: Floats
    y: Floats
    control_y: Floats
    controls: Floats
    used: Integers
    onsets: int
    unknown: int
    unmatched: int

    @classmethod
    def of(cls, trial: FlagTrial, table: TrialTable, after: Floats, weights: Floats) -> "MatchedSets":
        """Match within session and number of earlier ratings, as near as level and slope are known.

        `after` has shape (n_cases, n_outcomes), and the same cases are known in all of them.
        """
        rows, flagged = trial.at_risk(table)
        series = table.series
        case, place = series.series_of[rows], series.position[rows]
        own = table.courses.before[rows]
        x = np.column_stack([table.cases.covariates[case], own])
        known = np.isfinite(after[case, 0])
        counts = weights[case]
        if trial.weighted and not known.all():
            seen = np.column_stack([np.ones(len(rows)), x, flagged, series.session[rows]])
            counts = counts * observed_weights(seen, known, counts)
        counts = np.where(known, counts, 0.0)
        widest = int(place.max(initial=0)) + 1
        stratum = series.session[rows] * widest + place
        precision = np.zeros((len(rows), 2, 2))
        onsets = np.flatnonzero(flagged & (counts > 0))
        precision[onsets] = table.courses.precision[rows[onsets]]
        blocks = [*_blocks(stratum, flagged, counts, own, precision)]
        y = after[case]
        at = _joined([each.onsets for each in blocks], np.zeros(0, np.int64))
        used = [case[each.controls[(each.near > LEAST_SHARE).any(axis=0)]] for each in blocks]
        return cls(
            counts[at],
            x[at],
            _joined([each.near @ x[each.controls] for each in blocks], x[:0]),
            _joined(
                [np.tile(each.whole @ x[each.controls], (len(each.onsets), 1)) for each in blocks], x[:0]
            ),
            y[at],
            _joined([each.near @ y[each.controls] for each in blocks], y[:0]),
            _joined([1 / (each.near**2).sum(axis=1) for each in blocks], np.zeros(0)),
            np.unique(_joined(used, np.zeros(0, np.int64))),
            int(flagged.sum()),
            int((flagged & ~known).sum()),
            len(onsets) - len(at),
        )

    def differences(self, left_out: int = 0) -> Floats:
        """Flagged minus controls in every outcome, with what matching leaves of `x` held; NaN where there are none.

        The first so many columns of `x` are left out; shape (n_outcomes,).
        """
        x = (self.x - self.control_x)[:, left_out:]
        if len(self.y) <= x.shape[1] + 1:
            return np.full(self.y.shape[1], np.nan)
        x = np.column_stack([np.ones(len(self.y)), x])
        root = np.sqrt(self.weight)[:, None]
        found: Floats = np.linalg.lstsq(root * x, root * (self.y - self.control_y), rcond=None)[0][0]
        return found


@dataclass(frozen=True, eq=False)
class _Block:
    """The onsets of a risk set that have a control near enough.

    Attributes
    ----------
    onsets, controls : ndarray of int
        Their rows.
    near : ndarray of float, shape (n_onsets, n_controls)
        How much each control counts for each onset, by distance; sums of 1.
    whole : ndarray of float, shape (n_controls,)
        The same in the whole risk set.
    """

    onsets: Integers
    controls: Integers
    near: Floats
    whole: Floats


def _joined(parts: list[Any], none: Any) -> Any:
    """One after the other; `none` where there are no parts."""
    return np.concatenate(parts) if parts else none


def _blocks(
    stratum: Integers, flagged: Flags, counts: Floats, own: Floats, precision: Floats
) -> Iterator[_Block]:
    """The risk sets with onsets that have a control near enough."""
    with_onset = np.isin(stratum, stratum[flagged & (counts > 0)])
    order = np.flatnonzero(with_onset)
    order = order[np.argsort(stratum[order], kind="stable")]
    for rows in np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1):
        counted = rows[counts[rows] > 0]
        onsets, controls = counted[flagged[counted]], counted[~flagged[counted]]
        if not len(onsets) or not len(controls):
            continue
        level, slope = (own[controls, side] - own[onsets, side][:, None] for side in range(2))
        within = precision[onsets][:, :, :, None]
        distance = level * (within[:, 0, 0] * level + 2 * within[:, 0, 1] * slope)
        distance += within[:, 1, 1] * slope**2
        kept = distance.min(axis=1) <= FARTHEST
        if not kept.any():
            continue
        near = counts[controls] * np.exp(-distance[kept] / 2)
        whole = counts[controls] / counts[controls].sum()
        yield _Block(onsets[kept], controls, near / near.sum(axis=1)[:, None], whole)


def flag_counts(trials: EmulatedTrials, trial: FlagTrial) -> "tuple[pl.DataFrame, MatchedSets, str | None]":
    """How many cases at each stage, the matched sets, and why there are too few."""
    import polars as pl

    cases, table = trials.cases, trials.table
    sets = MatchedSets.of(trial, table, cases.after[:, None], np.ones(cases.series.n_series))
    rows, _flagged = trial.at_risk(table)
    analysed = len(sets.y)
    counts = [
        ("cases with one member", cases.series.n_series),
        ("at risk at some session", len(np.unique(table.series.series_of[rows]))),
        ("with a flagged episode", len(table.owner)),
        ("flagged where an alert had been seen: censored, shown apart", len(table.owner) - sets.onsets),
        ("flagged, outcome not known: weighted", sets.unknown),
        ("flagged, no control near enough in the risk set: left out", sets.unmatched),
        ("analysed: flagged", analysed),
        ("analysed: cases never flagged so far that are a control", len(sets.used)),
    ]
    refused = MINIMUMS["flag effect"].refusal(min(analysed, len(sets.used)))
    return pl.DataFrame(counts, schema=["what", "cases"], orient="row"), sets, refused


def flag_effect_in(
    trials: EmulatedTrials, draws: TrialDraws, seen: FlagTrial | None, trial: FlagTrial
) -> FlagEffect:
    """The effect from draws in which the trial stands first and that of seen alerts, if any, second.

    Parameters
    ----------
    trials : EmulatedTrials
        The cohort.
    draws : TrialDraws
        Of it.
    seen : FlagTrial or None
        Onsets whose alert was seen, where there are enough.
    trial : FlagTrial
        All others.

    Returns
    -------
    FlagEffect
    """
    import polars as pl

    counts, sets, _refused = flag_counts(trials, trial)
    scale = float(np.std(np.r_[sets.y[:, 0], trials.cases.after[sets.used]], ddof=1))
    found = trials.effect(trial, draws, 0, scale)
    rows = [
        ("calibrated", *found.calibrated, "matched minus its mean in tables in which nothing happens"),
        ("matched", *found.regression, "confounded: a noisy early slope does not remove the true one"),
        ("by chance", found.chance, None, None, "mean of matched in tables in which nothing happens"),
    ]
    if seen is not None:
        apart = trials.effect(seen, draws, 1, scale)
        rows.append(("alert seen", *apart.calibrated, "calibrated, of flags whose alert had been seen"))
    flags = len(trials.table.owner)
    return FlagEffect(
        pl.DataFrame(rows, schema=["estimate", "d", "low", "high", "meaning"], orient="row"),
        counts,
        balance_of(sets, trials.cases.covariates.shape[1]),
        found.calibrated,
        e_values(found.calibrated),
        min(draws.onsets / flags, 1.0) if flags else None,
        None,
    )


def balance_of(sets: MatchedSets, covariates: int) -> "pl.DataFrame":
    """Flagged minus controls, before matching and after, in SDs among the flagged."""
    import polars as pl

    names = (*(["before"] if covariates else []), *MATCHED_ON)
    spread = np.maximum(sets.x.std(axis=0, ddof=1), 1e-12)
    return pl.DataFrame(
        {
            "known before the session": names,
            "all_controls": (sets.x - sets.set_x).mean(axis=0) / spread,
            "matched_controls": (sets.x - sets.control_x).mean(axis=0) / spread,
        }
    )
