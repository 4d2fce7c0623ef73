"""What a criterion says of every session, as rows: only the columns that are asked for are made."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from goldseam.arrays import Codes, Floats, Integers
from goldseam.detection.engine.codes import Code, Grade, Reason, Verdict
from goldseam.detection.engine.criterion import words
from goldseam.detection.engine.findings import Bounds, Findings, is_unknown
from goldseam.series import RatingSeries
from goldseam.series.table_columns import KEYS

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class CodedWords:
    """A column of words as arrays hold it: numbers, shape (n,), and the enumeration they belong to."""

    codes: Codes
    kind: type[Code]


@dataclass(frozen=True, eq=False)
class SessionRows:
    """Rows of the sessions of all series.

    Attributes
    ----------
    series : RatingSeries
        Higher is better.
    findings : Findings
    higher_is_better : bool
        The direction the ratings had before.
    """

    series: RatingSeries
    findings: Findings
    higher_is_better: bool

    def table(self, columns: Sequence[str]) -> "pl.DataFrame":
        """Rows for rated and unrated sessions, sorted by series and session.

        Parameters
        ----------
        columns : sequence of str
            Of `goldseam.detection.engine.columns.SESSION_COLUMNS`, names of parts, or further columns of the findings.

        Returns
        -------
        polars.DataFrame
            With these columns.
        """
        import polars as pl

        wanted = [name for name in columns if name not in (*KEYS, "session")]
        places = {"series": self.series.series_of, "session": self.series.session}
        rows = pl.DataFrame(places | {name: _as_series(self._rated(name)) for name in wanted})
        if len(self.series.missed_series):
            places = {"series": self.series.missed_series, "session": self.series.missed_session}
            unrated = {name: self._unrated(name) for name in wanted}
            missed = pl.DataFrame(
                places | {name: _as_series(made) for name, made in unrated.items() if made is not None}
            )
            rows = pl.concat([rows, missed], how="diagonal").sort("series", "session")
        keys = self.series.keys[rows.get_column("series")]
        return pl.concat([keys, rows], how="horizontal").select(columns)

    def plain(self, columns: Sequence[str], sessions: Collection[int] | None = None) -> list[dict[str, Any]]:
        """The same rows without a table, which is quicker where there are few of them.

        Parameters
        ----------
        columns : sequence of str
            As for `table`.
        sessions : collection of int, optional
            Only the rows of these sessions; all if not given.

        Returns
        -------
        list of dict of str to object
            Numbers, words, and None where there is nothing to say; by column, in the order of `table`.
        """
        series = self.series
        rated, missed = (_places(each, sessions) for each in (series.session, series.missed_session))
        filled: dict[str, list[Any]] = {
            "session": [*series.session[rated].tolist(), *series.missed_session[missed].tolist()]
        }
        owner = [*series.series_of[rated].tolist(), *series.missed_series[missed].tolist()]
        keys = series.keys.rows(named=True)
        for name in columns:
            if name in KEYS:
                filled[name] = [keys[of][name] for of in owner]
            elif name != "session":
                unrated = self._unrated(name) if missed.size else None
                filled[name] = _as_list(self._rated(name), rated)
                filled[name] += [None] * missed.size if unrated is None else _as_list(unrated, missed)
        order = sorted(range(len(owner)), key=lambda k: (owner[k], filled["session"][k]))
        return [{name: filled[name][k] for name in columns} for k in order]

    @cached_property
    def extra_columns(self) -> "Mapping[str, Floats | pl.Series]":
        """Further columns of the criterion's own."""
        return self.findings.extra_columns()

    @cached_property
    def _bounds(self) -> Bounds:
        return self.findings.bounds()

    def _rated(self, name: str) -> "Column":
        """One column of the rated sessions."""
        found, sign = self.findings, 1 if self.higher_is_better else -1
        usual = ("usual_low", "usual_high")[::sign]
        columns: dict[str, Callable[[], Column]] = {
            "value": lambda: _signed(self.series.value, sign),
            "expected": lambda: _signed(found.expected, sign),
            "limit": lambda: _signed(self._bounds.limit, sign),
            "usual_low": lambda: _signed(getattr(self._bounds, usual[0]), sign),
            "usual_high": lambda: _signed(getattr(self._bounds, usual[1]), sign),
            "p": lambda: found.p,
            "spread": lambda: found.spread,
            "degrees_of_freedom": lambda: found.degrees_of_freedom,
            "n_prior": lambda: self.series.position,
            "verdict": lambda: CodedWords(found.verdict, Verdict),
            "grade": lambda: CodedWords(found.grade, Grade),
            "reason": lambda: CodedWords(found.reason, Reason),
        }
        if name in columns:
            return columns[name]()
        if name in found.parts:
            return CodedWords(found.parts[name], Verdict)
        return self.extra_columns[name]

    def _unrated(self, name: str) -> "Column | None":
        """One column of the sessions without a rating; None where there is nothing to say."""
        same = {"grade": Grade.NONE, "reason": Reason.NO_RATING}
        if name == "n_prior":
            return self._rated_before_missed()
        if name in same:
            codes = np.full(len(self.series.missed_series), same[name], np.int8)
            return CodedWords(codes, type(same[name]))
        if name == "verdict" or name in self.findings.parts:
            nothing = np.full(len(self.series.missed_series), Verdict.NOT_APPLIED, np.int8)
            return CodedWords(self.findings.unrated.get(name, nothing), Verdict)
        return None

    def _rated_before_missed(self) -> Integers:
        """How many ratings of the series come before each session without one."""
        series = self.series
        owner = np.concatenate((series.series_of, series.missed_series))
        order = np.lexsort((np.concatenate((series.session, series.missed_session)), owner))
        rated = np.empty(len(order), np.int64)
        rated[order] = np.cumsum(order < len(series.value))
        return rated[len(series.value) :] - series.starts[series.missed_series]


Column: TypeAlias = "Floats | Integers | CodedWords | pl.Series"


def _signed(values: Floats, sign: int) -> Floats:
    """Numbers in the direction of the ratings as given."""
    return values if sign == 1 or is_unknown(values) else -values


def _as_series(column: "Column") -> "pl.Series":
    """A column of a table; null where a number is NaN."""
    import polars as pl

    if isinstance(column, CodedWords):
        return words(column.codes, column.kind)
    if isinstance(column, pl.Series):
        return column.fill_nan(None) if column.dtype.is_float() else column
    if is_unknown(column):
        return pl.repeat(None, len(column), dtype=pl.Float64, eager=True)
    return pl.Series(column, nan_to_null=True)


def _places(session: Integers, wanted: Collection[int] | None) -> Integers:
    """Where the wanted sessions stand among these."""
    everywhere = np.arange(len(session))
    return everywhere if wanted is None else everywhere[np.isin(session, [*wanted])]


def _as_list(column: "Column", at: Integers) -> list[Any]:
    """Some of a column as plain values; None where a number is NaN."""
    if isinstance(column, CodedWords):
        known = column.kind.words()
        return [known[code] for code in column.codes[at].tolist()]
    some = column[at]
    listed = some.tolist() if isinstance(some, np.ndarray) else some.to_list()
    return [None if isinstance(value, float) and isnan(value) else value for value in listed]
