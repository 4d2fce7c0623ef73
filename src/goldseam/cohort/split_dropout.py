"""Dropout after a split alliance: members of one case who rate the therapist one SD between persons apart, or more."""

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.cohort.cause_specific_hazard import calibrated_ratio
from goldseam.cohort.chance_model import ChanceModel, therapist_clusters
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.dropout_after_flag import SessionsAtRisk
from goldseam.cohort.minimum_table import MINIMUMS
from goldseam.norms import Norms
from goldseam.progress import with_progress
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

TABLES, AT_ONCE = 40, 10
SPLIT_STATUSES = ("split at the last session", "split so far")
TIE = 1e-9


@dataclass(frozen=True, eq=False)
class SplitDropout:
    """What goes with dropout in couples and families.

    Attributes
    ----------
    hazard : polars.DataFrame
        A row per status: ``status, dropouts_with, dropouts_without, hazard_ratio`` (``_low, _high``: 95%),
        ``chance_hazard_ratio`` (geometric mean over drawn tables), ``calibrated`` (with its interval), ``refused``.
    cases, sessions : int
        Cases with several members, and sessions two or more of them rated.
    split, chance_split : float
        Share of these sessions with a split, and in drawn tables.
    refused : str or None
        Why there is nothing.
    used : polars.DataFrame or None
        A row per case and session at risk: ``case, cluster`` (numbers), ``session`` last attended, ``dropout`` after it
        and the two statuses, each 0 or 1.
    """

    hazard: "pl.DataFrame"
    cases: int
    sessions: int
    split: float
    chance_split: float
    refused: str | None
    used: "pl.DataFrame | None" = None


@dataclass(frozen=True, eq=False)
class SplitSessions:
    """At which sessions two members or more rated, and were apart; arrays of shape (n_cases, n_sessions + 2).

    Attributes
    ----------
    together, split : ndarray of bool
        By session number.
    """

    together: Flags
    split: Flags

    @classmethod
    def of(
        cls, series: RatingSeries, case: Integers, threshold: Floats, shape: tuple[int, int]
    ) -> "SplitSessions":
        """A conventional split, as `goldseam.split_alliance` has it.

        Parameters
        ----------
        series : RatingSeries
            One scale.
        case : ndarray of int, shape (n_series,)
            Of each series.
        threshold : ndarray of float, shape (n_series,)
            SD between persons, in points.
        shape : pair of int
            Cases, and the last session number + 2.

        Returns
        -------
        SplitSessions
        """
        place = case[series.series_of] * shape[1] + series.session
        size = shape[0] * shape[1]
        lowest, highest, limit = np.full(size, np.inf), np.full(size, -np.inf), np.zeros(size)
        np.minimum.at(lowest, place, series.value)
        np.maximum.at(highest, place, series.value)
        limit[place] = threshold[series.series_of]
        together = np.bincount(place, minlength=size) > 1
        split = together & (np.where(together, highest, 0) - np.where(together, lowest, 0) >= limit - TIE)
        return cls(together.reshape(shape), split.reshape(shape))

    def statuses(self, rows: SessionsAtRisk) -> tuple[Flags, Flags]:
        """Of each row, dated at the session last attended: at the last session rated together, and at any so far."""
        latest = np.maximum.accumulate(np.where(self.together, np.arange(self.together.shape[1]), 0), axis=1)
        last = np.take_along_axis(self.split, latest, axis=1)
        ever = np.maximum.accumulate(self.split, axis=1)
        return last[rows.case, rows.session], ever[rows.case, rows.session]

    @property
    def first(self) -> Integers:
        """The first session of each case that two members rated; 0 where there is none, shape (n_cases,)."""
        found: Integers = np.where(self.together.any(axis=1), self.together.argmax(axis=1), 0)
        return found


def split_dropout_of(cohort: Cohort, model: ChanceModel) -> SplitDropout:
    """Compare the hazard of dropout after sessions with and without a split.

    Parameters
    ----------
    cohort : Cohort
        Whose cases table says how treatments ended.
    model : ChanceModel
        Of the cohort.

    Returns
    -------
    SplitDropout
    """
    import polars as pl

    ending = cohort.cases.get_column("ending").fill_null("ongoing").to_list()
    last = cohort.cases.get_column("last_session").to_numpy()
    shape = (cohort.n_cases, int(last.max(initial=0)) + 2)
    threshold = between_sd(cohort.series, model.norms)
    seen = SplitSessions.of(cohort.series, cohort.case, threshold, shape)
    clusters = therapist_clusters(cohort)
    rows = SessionsAtRisk.of(seen.first, last, ending, np.arange(shape[0]) if clusters is None else clusters)
    facts = (int(seen.together.any(axis=1).sum()), int(seen.together.sum()), _share(seen))
    statuses = seen.statuses(rows)
    refusals = [_refusal(rows, each) for each in statuses]
    if all(refusals):
        return SplitDropout(pl.DataFrame(), *facts, float("nan"), refusals[0])
    logs: list[list[float]] = [[], []]
    shares = []
    bootstrap = model.tables(model.norms)
    for block in with_progress(range(TABLES // AT_ONCE), "splits by chance"):
        drawn = bootstrap.draw(range(block * AT_ONCE, (block + 1) * AT_ONCE))
        for table in _tables(drawn, cohort, threshold, shape):
            shares.append(_share(table))
            for place, status in enumerate(table.statuses(rows)):
                logs[place].append(rows.fitted(status).log_ratio)
    hazard = pl.DataFrame(
        [
            _row(name, rows, status, chance, refused)
            for name, status, chance, refused in zip(SPLIT_STATUSES, statuses, logs, refusals, strict=True)
        ],
        infer_schema_length=None,
    )
    return SplitDropout(hazard, *facts, float(np.mean(shares)), None, _used(rows, statuses))


def _used(rows: SessionsAtRisk, statuses: tuple[Flags, Flags]) -> "pl.DataFrame":
    import polars as pl

    numbers = {"case": rows.case + 1, "cluster": rows.cluster + 1, "session": rows.session}
    named = zip(SPLIT_STATUSES, statuses, strict=True)
    flags = {"dropout": rows.dropout} | {name.replace(" ", "_"): status for name, status in named}
    return pl.DataFrame(numbers | {name: flag.astype(np.int8) for name, flag in flags.items()})


def between_sd(series: RatingSeries, norms: Norms) -> Floats:
    """The SD between persons of each series, in points.

    Parameters
    ----------
    series : RatingSeries
        One scale and phase.
    norms : Norms
        With an entry for it.

    Returns
    -------
    ndarray of float, shape (n_series,)
    """
    scale, phase = series.keys.select("scale", "phase").row(0)
    entry = norms.for_scale(str(scale), phase)
    unit = series.maximum - series.minimum if norms.unit == "share_of_range" else np.ones(series.n_series)
    found: Floats = entry.between_sd * unit
    return found


def _tables(
    drawn: RatingSeries, cohort: Cohort, threshold: Floats, shape: tuple[int, int]
) -> "list[SplitSessions]":
    """The splits of each of several drawn tables, one after the other."""
    case = np.concatenate([cohort.case + each * shape[0] for each in range(AT_ONCE)])
    found = SplitSessions.of(drawn, case, np.tile(threshold, AT_ONCE), (AT_ONCE * shape[0], shape[1]))
    parts = zip(found.together.reshape(AT_ONCE, *shape), found.split.reshape(AT_ONCE, *shape), strict=True)
    return [SplitSessions(together, split) for together, split in parts]


def _share(found: SplitSessions) -> float:
    return float(found.split.sum() / max(int(found.together.sum()), 1))


def _refusal(rows: SessionsAtRisk, status: Flags) -> str | None:
    return MINIMUMS["split"].refusal(min(int((rows.dropout & each).sum()) for each in (status, ~status)))


def _row(
    name: str, rows: SessionsAtRisk, status: Flags, chance: list[float], refused: str | None
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "status": name,
        "dropouts_with": int((rows.dropout & status).sum()),
        "dropouts_without": int((rows.dropout & ~status).sum()),
    }
    names = ("hazard_ratio", "hazard_ratio_low", "hazard_ratio_high", "chance_hazard_ratio")
    more = ("calibrated", "calibrated_low", "calibrated_high", "refused")
    if refused:
        return row | dict.fromkeys(names + more) | {"refused": refused}
    fit = rows.fitted(status)
    plain = [exp(fit.log_ratio + each * rows.reach * fit.error) for each in (0, -1, 1)]
    calibrated = calibrated_ratio((fit.log_ratio, fit.error), chance, rows.reach)
    return row | dict(zip(names + more, [*plain, exp(np.nanmean(chance)), *calibrated, None], strict=True))
