"""Episodes of strain, for many series at once: opened, followed, repaired or given up.

Terms: *baseline* is what was expected just before the onset, frozen for the episode; *nadir* the lowest rating of
the episode; the *recovery* of a rating is the share of the fall from baseline to nadir that it has regained.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection.criterion import GRADES

if TYPE_CHECKING:
    import polars as pl


NO_EPISODE, OPEN, RECOVERING = range(3)
STATUSES = ("open", "repaired", "repaired_unconfirmed", "partial", "unrepaired", "indeterminate")
STILL_OPEN, REPAIRED, REPAIRED_UNCONFIRMED, PARTIAL, UNREPAIRED, INDETERMINATE = range(6)
KINDS = ("precipitous", "erosion", "unknown")
PRECIPITOUS, EROSION, UNKNOWN = range(3)
SHORT_REPAIR, LONG_REPAIR = 2, 5
HALF = 0.5


@dataclass
class Episodes:
    """The running episode of each series, in arrays of shape (n_series,); meaningless where there is none."""

    stage: NDArray[np.int8]
    baseline: Floats
    spread: Floats
    onset_session: Integers
    value: Floats
    p: Floats
    grade: NDArray[np.int8]
    kind: NDArray[np.int8]
    nadir: Floats
    nadir_session: Integers
    best: Floats
    later_ratings: Integers
    later_sum: Floats
    last_session: Integers
    candidate: Floats
    candidate_session: Integers

    @classmethod
    def none(cls, n_series: int) -> Self:
        """No episode anywhere.

        Parameters
        ----------
        n_series : int

        Returns
        -------
        Episodes
        """
        whole = {"onset_session", "nadir_session", "later_ratings", "last_session", "candidate_session"}
        small = {"stage", "grade", "kind"}
        kinds: dict[str, Any] = dict.fromkeys(whole, np.int64) | dict.fromkeys(small, np.int8)
        return cls(
            **{each.name: np.zeros(n_series, kinds.get(each.name, np.float64)) for each in fields(cls)}
        )

    def first(self, n_series: int) -> Self:
        """A view of the first series.

        Parameters
        ----------
        n_series : int

        Returns
        -------
        Episodes
            Writes through to this one.
        """
        return type(self)(**{each.name: getattr(self, each.name)[:n_series] for each in fields(self)})

    def open(self, where: Flags, **onset: Any) -> None:
        """Open an episode.

        Parameters
        ----------
        where : ndarray of bool
        **onset : ndarray
            ``session, value, baseline, spread, p, grade, kind`` of the rating that is the onset.
        """
        session, value = onset.pop("session"), onset.pop("value")
        onset |= {"onset_session": session, "nadir_session": session, "last_session": session}
        onset |= {"value": value, "nadir": value, "best": -np.inf, "stage": OPEN}
        onset |= {"later_ratings": 0, "later_sum": 0.0}
        for name, new in onset.items():
            np.copyto(getattr(self, name), new, where=where, casting="same_kind")

    def follow(self, where: Flags, session: Integers, value: Floats, window: int) -> None:
        """Take in one more rating of a running episode.

        Parameters
        ----------
        where : ndarray of bool
        session, value : ndarray
        window : int
            Attended sessions after the onset in which a partial repair counts.
        """
        deeper = where & (value < self.nadir)
        np.copyto(self.nadir, value, where=deeper)
        np.copyto(self.nadir_session, session, where=deeper)
        soon = where & (session - self.onset_session <= window)
        np.maximum(self.best, value, out=self.best, where=soon)
        np.add(self.later_ratings, 1, out=self.later_ratings, where=where)
        np.add(self.later_sum, value, out=self.later_sum, where=where)
        np.copyto(self.last_session, session, where=where)

    def recovery(self, value: Floats) -> Floats:
        """Share of the fall from baseline to nadir regained at a rating; 0 where there is no fall.

        Parameters
        ----------
        value : ndarray of float

        Returns
        -------
        ndarray of float
        """
        fall = self.baseline - self.nadir
        return np.divide(value - self.nadir, fall, out=np.zeros_like(fall), where=fall > 0)

    def record(self, where: Flags, status: NDArray[np.int8] | int) -> dict[str, NDArray[Any]]:
        """What is known of the episodes that end here.

        Parameters
        ----------
        where : ndarray of bool
        status : ndarray of int or int
            Positions in `STATUSES`.

        Returns
        -------
        dict of str to ndarray
            Also ``index``, the positions where they are.
        """
        index = np.flatnonzero(where)
        taken = {each.name: getattr(self, each.name)[index] for each in fields(self)}
        taken["best_recovery"] = self.recovery(self.best)[index]
        return taken | {"index": index, "status": np.broadcast_to(status, where.shape)[index]}


def unrepaired_status(best_recovery: Floats) -> NDArray[np.int8]:
    """Partial where half of the fall was regained in time, else unrepaired.

    Parameters
    ----------
    best_recovery : ndarray of float

    Returns
    -------
    ndarray of int8
    """
    return np.where(best_recovery >= HALF, PARTIAL, UNREPAIRED).astype(np.int8)


def events_table(
    records: list[dict[str, NDArray[Any]]], by_length: Integers, details: tuple[str, ...] = ()
) -> "pl.DataFrame":
    """Ended and running episodes as rows, sorted by series and onset.

    Parameters
    ----------
    records : list of dict
        From `Episodes.record`.
    by_length : ndarray of int
        The series at each position.
    details : tuple of str
        What else of the records becomes a column.

    Returns
    -------
    polars.DataFrame
    """
    import polars as pl

    columns = {name: np.concatenate([record[name] for record in records]) for name in records[0]}
    status = columns["status"]
    repaired = (status == REPAIRED) | (status == REPAIRED_UNCONFIRMED)
    depth = columns["baseline"] - columns["nadir"]
    end = np.where(repaired, columns["candidate_session"], columns["last_session"] + 1)
    duration = end - columns["onset_session"]
    # the onset, and the later ratings without the one that ended the episode by being a repair
    rated = columns["later_ratings"] + 1 - repaired
    rows = {
        "series": by_length[columns["index"]],
        "onset_session": columns["onset_session"],
        "onset_kind": _words(columns["kind"], KINDS),
        "grade": _words(columns["grade"], GRADES),
        "baseline": columns["baseline"],
        "value": columns["value"],
        "p": columns["p"],
        "depth": depth,
        "depth_z": depth / columns["spread"],
        "nadir_session": columns["nadir_session"],
        "nadir": columns["nadir"],
        "status": _words(status, STATUSES),
        "repair_session": pl.Series(columns["candidate_session"]).set(~pl.Series(repaired), None),
        "duration": duration,
        "shape": _shape(status, duration),
        "spread": columns["spread"],
        "last_session": columns["last_session"],
        "recovery": np.where(np.isfinite(columns["best_recovery"]), columns["best_recovery"], np.nan),
        "duration_is_minimum": duration > rated,
    }
    rows |= {name: columns[name] for name in details}
    return pl.DataFrame(rows).sort("series", "onset_session")


def _words(codes: NDArray[np.int8], words: tuple[str, ...]) -> "pl.Series":
    import polars as pl

    return pl.Series(np.array(words, dtype=object)[codes], dtype=pl.String)


def _shape(status: NDArray[np.int8], duration: Integers) -> "pl.Series":
    """V, U or prolonged for what was repaired, prolonged for partial, L for unrepaired, else null."""
    import polars as pl

    repaired = (status == REPAIRED) | (status == REPAIRED_UNCONFIRMED)
    length = np.select([duration <= SHORT_REPAIR, duration <= LONG_REPAIR], ["V", "U"], "prolonged")
    shape = np.select([repaired, status == PARTIAL, status == UNREPAIRED], [length, "prolonged", "L"], "")
    return pl.Series(shape.astype(object), dtype=pl.String).replace("", None)
