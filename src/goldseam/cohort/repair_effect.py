"""Outcome of episodes repaired within three sessions or not, calibrated by tables in which nothing happens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.chance_model import ChanceModel
from goldseam.cohort.e_values import e_values
from goldseam.cohort.emulated_trials import EmulatedTrials, TrialCases, TrialDraws, TrialTable
from goldseam.cohort.episode_counts import EpisodeCounter
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.cohort.observed_weights import observed_weights
from goldseam.wording import counted

if TYPE_CHECKING:
    import polars as pl

GRACE = 3
PUBLISHED = (0.62, 0.29, 0.10, 0.47)
"""d, and r with its 95% interval, of repaired against unrepaired episodes (Eubanks, Muran & Safran 2018)."""


@dataclass(frozen=True, eq=False)
class RepairEffect:
    """The effect in SDs of the outcome, and what stands beside it.

    Attributes
    ----------
    table : polars.DataFrame
        ``estimate, d, low, high, meaning``: *calibrated* (the answer), *regression* (confounded), *by chance*.
    counts : polars.DataFrame
        ``what, cases``: how many at each stage.
    calibrated : tuple of float or None
        d and its 95% interval.
    e_values : tuple of float or None
        Of the calibrated d, and of the end of its interval nearer to 0 (1 where that holds 0).
    refused : str or None
        Why there is none.
    """

    table: "pl.DataFrame"
    counts: "pl.DataFrame"
    calibrated: tuple[float, float, float] | None
    e_values: tuple[float, float] | None
    refused: str | None

    @classmethod
    def none(cls, why: str, counts: "pl.DataFrame | None" = None) -> "RepairEffect":
        """No effect, with the reason."""
        import polars as pl

        return cls(pl.DataFrame(), pl.DataFrame() if counts is None else counts, None, None, why)


@dataclass(frozen=True, eq=False)
class RepairedOnsets:
    """First onsets: of which case, repaired in time, seen at the landmark, and what preceded the landmark.

    The columns of `x` are 1, what is known of the case (`covariates` columns), own level and slope, session and depth
    of the onset.
    """

    case: Integers
    repaired: Flags
    seen: Flags
    x: Floats
    covariates: int = 0

    @classmethod
    def of(cls, table: TrialTable, trial: "RepairTrial | None" = None) -> "RepairedOnsets":
        """Those of a table."""
        trial = trial or RepairTrial()
        kept = trial.counted(table)
        cases, owner, onset = table.cases, table.owner[kept], table.onset[kept]
        own = table.courses.before[table.first_onset[kept]]
        x = np.column_stack([np.ones(len(owner)), cases.covariates[owner], own, onset, table.depth[kept]])
        at = onset + trial.grace
        covariates = cases.covariates.shape[1]
        return cls(owner, table.repair[kept] <= at, cases.last_session[owner] >= at, x, covariates)

    def differences(
        self, after: Floats, weights: Floats, trial: "RepairTrial", *, held: bool = True
    ) -> Floats:
        """In each outcome, adjusted for what preceded the onset; NaN where there are none.

        `after` has shape (n_cases, n_outcomes), and the same cases are known in all of them.
        """
        known = self.seen & np.isfinite(after[self.case, 0])
        total = weights[self.case]
        if trial.weighted:
            total = total * observed_weights(self.x, known, total)
        total = total[known]
        before = self.x if held else np.delete(self.x, np.arange(1, 1 + self.covariates), axis=1)
        x = np.column_stack([self.repaired.astype(np.float64), before])[known]
        if len(np.unique(self.repaired[known][total > 0])) < 2:
            return np.full(after.shape[1], np.nan)
        root = np.sqrt(total)[:, None]
        found: Floats = np.linalg.lstsq(root * x, root * after[self.case][known], rcond=None)[0][0]
        return found

    def spread(self, after: Floats) -> float:
        """SD of the outcome among the cases analysed."""
        return float(np.nanstd(after[self.case[self.seen]], ddof=1))

    def groups(self, after: Floats) -> tuple[int, int]:
        """Cases analysed: repaired by the landmark, and not."""
        known = self.seen & np.isfinite(after[self.case])
        return int((known & self.repaired).sum()), int((known & ~self.repaired).sum())

    def counted(self, cases: TrialCases) -> "tuple[pl.DataFrame, str | None]":
        """How many at each stage, and why there are too few."""
        import polars as pl

        known = self.seen & np.isfinite(cases.after[self.case])
        repaired, not_repaired = self.groups(cases.after)
        rows = [
            ("cases with one member", cases.series.n_series),
            ("with a flagged episode", len(self.case)),
            (f"left before onset + {GRACE} sessions: weighted", int((~self.seen).sum())),
            ("seen at the landmark, outcome not known: weighted", int((self.seen & ~known).sum())),
            ("analysed: repaired by the landmark", repaired),
            ("analysed: not repaired by the landmark", not_repaired),
        ]
        refused = MINIMUMS["repair effect"].refusal(min(repaired, not_repaired))
        return pl.DataFrame(rows, schema=["what", "cases"], orient="row"), refused


@dataclass(frozen=True)
class RepairTrial:
    """Repaired by so many sessions after the onset or not, from there on.

    Attributes
    ----------
    grace : int
        Sessions within which ratings have to be back.
    gaps : bool
        Count onsets whose session before was not rated, too.
    weighted : bool
        Weight the others for cases that left before or whose outcome is not known.
    """

    grace: int = GRACE
    gaps: bool = True
    weighted: bool = True

    def counted(self, table: TrialTable) -> Flags:
        """Which first onsets count, shape (n_onsets,)."""
        if self.gaps:
            return np.ones(len(table.owner), np.bool_)
        found: Flags = np.diff(table.series.session, prepend=0)[table.first_onset] == 1
        return found

    def estimate(self, table: TrialTable, after: Floats, weights: Floats) -> float:
        """As `goldseam.cohort.emulated_trials.Trial`."""
        return float(RepairedOnsets.of(table, self).differences(after[:, None], weights, self)[0])

    def differences(self, table: TrialTable, after: Floats, *, held: bool) -> Floats:
        """As `goldseam.cohort.emulated_trials.Trial`."""
        return RepairedOnsets.of(table, self).differences(after, np.ones(len(after)), self, held=held)

    def smaller_group(self, table: TrialTable, after: Floats) -> int:
        """As `goldseam.cohort.emulated_trials.Trial`."""
        return min(RepairedOnsets.of(table, self).groups(after))


def repair_effect_of(counter: EpisodeCounter, model: ChanceModel, outcomes: Any, draws: int) -> RepairEffect:
    """Emulate a trial from onset + 3: repaired by then or not.

    Parameters
    ----------
    counter, model
        Of the cohort.
    outcomes
        As for `goldseam.cohort.emulated_trials.outcomes_table`.
    draws : int
        Bootstrap draws.

    Returns
    -------
    RepairEffect
    """
    cases = TrialCases.of(counter.cohort, outcomes)
    why = too_few_outcomes(cases, "repair effect")
    if why:
        return RepairEffect.none(why)
    trials = EmulatedTrials.of(counter, model, cases)
    counts, refused = RepairedOnsets.of(trials.table).counted(cases)
    if refused:
        return RepairEffect.none(refused, counts)
    return repair_effect_in(trials, trials.draws(draws, [RepairTrial()]), 0, counts)


def too_few_outcomes(cases: TrialCases, question: str) -> str | None:
    """Why so few outcomes allow no answer, whoever is flagged; None where there may be one."""
    known = int(np.isfinite(cases.after).sum())
    refused = MINIMUMS[question].refusal(known // 2)
    if not refused:
        return None
    return f"{counted(known, 'case')} with one member {'has' if known == 1 else 'have'} an outcome; {refused}"


def repair_effect_in(
    trials: EmulatedTrials, draws: TrialDraws, place: int, counts: "pl.DataFrame"
) -> RepairEffect:
    """The effect from draws in which the trial of repair stands at `place`."""
    import polars as pl

    scale = RepairedOnsets.of(trials.table).spread(trials.cases.after)
    found = trials.effect(RepairTrial(), draws, place, scale)
    rows = [
        ("calibrated", *found.calibrated, "regression minus its mean in tables in which nothing happens"),
        (
            "regression",
            *found.regression,
            "confounded: a noisy early slope does not remove the true one",
        ),
        ("by chance", found.chance, None, None, "mean of the regression in tables in which nothing happens"),
    ]
    table = pl.DataFrame(rows, schema=["estimate", "d", "low", "high", "meaning"], orient="row")
    return RepairEffect(table, counts, found.calibrated, e_values(found.calibrated), None)
