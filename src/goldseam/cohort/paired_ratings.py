"""The alliance and a rating of progress by the same person, session by session."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.chance_model import therapist_clusters
from goldseam.cohort.cohort_data import Cohort
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

FEWEST_AT_A_SESSION = 10
"""Persons with both ratings: the mean of a session with fewer is not taken off, and the session is left out."""


@dataclass(frozen=True, eq=False)
class RatedSessions:
    """Ratings of persons, or couples, by session.

    Attributes
    ----------
    values : ndarray of float, shape (n, n_sessions, d)
        Higher is better; NaN where one of the ratings is not known or the session is left out.
    limits : ndarray of float, shape (2, n, d)
        Least and greatest possible rating.
    step : ndarray of float, shape (n, d)
        Between possible ratings; NaN where not known.
    cluster : ndarray of int, shape (n,)
        The therapist where ten are known, else the case.
    """

    values: Floats
    limits: Floats
    step: Floats
    cluster: Integers

    def used(self, unit: str, names: Sequence[str]) -> "pl.DataFrame":
        """The ratings in a table, units and clusters numbered from 1 on.

        Parameters
        ----------
        unit : str
            What a unit is called.
        names : sequence of str
            Of the d ratings.

        Returns
        -------
        polars.DataFrame
            A row per unit and session with all ratings: the unit, ``cluster, session`` and the ratings.
        """
        import polars as pl

        of, session = np.nonzero(np.isfinite(self.values).all(axis=2))
        columns = {unit: of + 1, "cluster": self.cluster[of] + 1, "session": session + 1}
        ratings = zip(names, self.values[of, session].T, strict=True)
        return pl.DataFrame(columns | dict(ratings))

    @cached_property
    def course(self) -> Floats:
        """The mean of each session, shape (n_sessions, d); 0 where it is left out."""
        return session_means(self.values)

    @cached_property
    def around(self) -> Floats:
        """Ratings around the mean of their session."""
        found: Floats = self.values - self.course
        return found

    def own_sd(self, chosen: Integers) -> Floats:
        """SD within persons of each rating around the mean of the session, shape (d,)."""
        around = self.around[chosen]
        known = np.isfinite(around[:, :, 0])
        n = np.maximum(known.sum(axis=1), 1)[:, None, None]
        left = np.where(known[:, :, None], around, 0.0)
        left = np.where(known[:, :, None], left - left.sum(axis=1, keepdims=True) / n, 0.0)
        found: Floats = np.sqrt((left**2).sum(axis=(0, 1)) / max(float((n - 1).sum()), 1.0))
        return found


@dataclass(frozen=True, eq=False)
class PairedRatings(RatedSessions):
    """Alliance and progress of each person by session.

    Attributes
    ----------
    case : ndarray of int, shape (n,)
        Of each person.
    rater : tuple of str
        Of the alliance of each.
    alliance, progress : str
        What they are called.
    """

    case: Integers
    rater: tuple[str, ...]
    alliance: str
    progress: str

    @classmethod
    def of(cls, alliance: Cohort, progress: Cohort) -> Self:
        """Pair two cohorts by case and rater; by case alone where no rater has both and each case has one series."""
        import polars as pl

        place = matched_series(alliance.series, progress.series)
        parts = (alliance.series, progress.series)
        last = max((int(each.session.max(initial=0)) for each in parts), default=0)
        values = np.full((len(place), last, 2), np.nan)
        for number, series in enumerate(parts):
            person = np.full(series.n_series, -1)
            person[place[:, number]] = np.arange(len(place))
            owner = person[series.series_of]
            mine = owner >= 0
            values[owner[mine], series.session[mine] - 1, number] = series.value[mine]
        leave_out_sessions(values)
        clusters = therapist_clusters(alliance)
        case = alliance.case[place[:, 0]]
        return cls(
            values,
            np.stack([_of_each(parts, place, name) for name in ("minimum", "maximum")]),
            _of_each(parts, place, "step"),
            case if clusters is None else clusters[case],
            case,
            tuple(alliance.series.keys.get_column("rater").cast(pl.String).gather(place[:, 0])),
            alliance.scale,
            progress.scale,
        )


def leave_out_sessions(values: Floats) -> None:
    """Put to NaN what is not known of all ratings of a session, and sessions of fewer than ten.

    Parameters
    ----------
    values : ndarray of float, shape (n, n_sessions, d)
        Changed in place.
    """
    known = np.isfinite(values).all(axis=2)
    values[~(known & (known.sum(axis=0) >= FEWEST_AT_A_SESSION))] = np.nan


def session_means(values: Floats) -> Floats:
    """The mean of each session, shape (n_sessions, d); 0 where there are none.

    Parameters
    ----------
    values : ndarray of float, shape (n, n_sessions, d)
        NaN where not known.

    Returns
    -------
    ndarray of float
    """
    known = np.isfinite(values)
    found: Floats = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return found


def matched_series(first: RatingSeries, second: RatingSeries) -> Integers:
    """Which series of two tables are of the same person.

    Parameters
    ----------
    first, second : RatingSeries
        One scale each.

    Returns
    -------
    ndarray of int, shape (n_persons, 2)
    """
    import polars as pl

    keys = [
        each.keys.select(pl.col("case", "rater").cast(pl.String)).with_row_index(name)
        for each, name in ((first, "first"), (second, "second"))
    ]
    found = keys[0].join(keys[1], on=["case", "rater"])
    if found.is_empty():
        alone = [each.filter(pl.len().over("case") == 1) for each in keys]
        found = alone[0].join(alone[1], on="case")
    return found.sort("first").select("first", "second").to_numpy().astype(np.int64).reshape(-1, 2)


def _of_each(parts: tuple[RatingSeries, RatingSeries], place: Integers, name: str) -> Floats:
    columns = [getattr(each, name)[place[:, number]] for number, each in enumerate(parts)]
    return np.stack(columns, axis=1).astype(np.float64)
