"""Both members of a couple session by session: their alliance and, where it is given, their progress."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.cohort.chance_model import therapist_clusters
from goldseam.cohort.cohort_data import Cohort
from goldseam.cohort.paired_ratings import RatedSessions, leave_out_sessions, matched_series
from goldseam.series import RatingSeries

MEMBERS = 2


@dataclass(frozen=True, eq=False)
class CoupleRatings(RatedSessions):
    """Couples, their members in the order of their names: alliance of the first and second, then progress of both.

    Attributes
    ----------
    roles : tuple of str or None
        What the members are called where that is the same two names in every couple: they can be told apart.
    alliance : str
        The scale.
    progress : str or None
        The other one, if there is one.
    """

    roles: tuple[str, str] | None
    alliance: str
    progress: str | None

    @classmethod
    def of(cls, alliance: Cohort, progress: Cohort | None) -> Self:
        """From the cases with two series of the alliance, and of progress where it is given."""
        import polars as pl

        series = alliance.series
        place = np.arange(series.n_series)[:, None]
        if progress is not None:
            place = matched_series(series, progress.series)
        case = alliance.case[place[:, 0]]
        own = np.bincount(case, minlength=alliance.n_cases)
        couples = np.flatnonzero((own == MEMBERS) & (alliance.per_case == MEMBERS))
        chosen = place[np.isin(case, couples)]
        # series are sorted by case and rater, so that the members of a couple follow each other
        of_couple = chosen.reshape(-1, MEMBERS, chosen.shape[1]).transpose(0, 2, 1)
        parts = [series] if progress is None else [series, progress.series]
        sources = [
            (each, of_couple[:, kind, member]) for kind, each in enumerate(parts) for member in range(MEMBERS)
        ]
        last = max((int(each.session.max(initial=0)) for each in parts), default=0)
        values = np.full((len(of_couple), last, len(sources)), np.nan)
        for column, (each, which) in enumerate(sources):
            unit = np.full(each.n_series, -1)
            unit[which] = np.arange(len(which))
            owner = unit[each.series_of]
            mine = owner >= 0
            values[owner[mine], each.session[mine] - 1, column] = each.value[mine]
        leave_out_sessions(values)
        clusters = therapist_clusters(alliance)
        names = series.keys.get_column("rater").cast(pl.String).to_numpy()[of_couple[:, 0]]
        pairs = {(str(first), str(second)) for first, second in names}
        of_case = alliance.case[of_couple[:, 0, 0]]
        return cls(
            values,
            np.stack([_columns(sources, "minimum"), _columns(sources, "maximum")]),
            _columns(sources, "step"),
            of_case if clusters is None else clusters[of_case],
            pairs.pop() if len(pairs) == 1 else None,
            alliance.scale,
            None if progress is None else progress.scale,
        )

    @property
    def n(self) -> int:
        """Number of couples."""
        return len(self.values)


def doubled(values: Floats) -> Floats:
    """Each couple twice, once in either order of its members: what is estimated is the same for both.

    Parameters
    ----------
    values : ndarray of float, shape (n, ..., d)
        Members take turns in the last axis.

    Returns
    -------
    ndarray of float, shape (2n, ..., d)
    """
    turned = np.arange(values.shape[-1]).reshape(-1, MEMBERS)[:, ::-1].ravel()
    return np.concatenate([values, values[..., turned]])


def _columns(sources: list[tuple[RatingSeries, Integers]], name: str) -> Floats:
    columns = [getattr(each, name)[which] for each, which in sources]
    return np.stack(columns, axis=1).astype(np.float64)
