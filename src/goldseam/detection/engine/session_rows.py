"""What a criterion says of every session, as rows: only the columns that are asked for are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from goldseam.arrays import Floats, Integers
from goldseam.detection.engine.codes import Grade, Reason, Verdict
from goldseam.detection.engine.criterion import words
from goldseam.detection.engine.findings import Bounds, Findings, is_unknown
from goldseam.series import RatingSeries
from goldseam.series.table_columns import KEYS

if TYPE_CHECKING:
    import polars as pl


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
        rows = pl.DataFrame(places | {name: self._rated(name) for name in wanted})
        if len(self.series.missed_series):
            places = {"series": self.series.missed_series, "session": self.series.missed_session}
            unrated = {name: self._unrated(name) for name in wanted}
            missed = pl.DataFrame(places | {name: made for name, made in unrated.items() if made is not None})
            rows = pl.concat([rows, missed], how="diagonal").sort("series", "session")
        keys = self.series.keys[rows.get_column("series")]
        return pl.concat([keys, rows], how="horizontal").select(columns)

    @cached_property
    def extra_columns(self) -> "Mapping[str, Floats | pl.Series]":
        """Further columns of the criterion's own."""
        return self.findings.extra_columns()

    @cached_property
    def _bounds(self) -> Bounds:
        return self.findings.bounds()

    def _rated(self, name: str) -> "pl.Series | Integers":
        """One column of the rated sessions."""
        found, sign = self.findings, 1 if self.higher_is_better else -1
        usual = ("usual_low", "usual_high")[::sign]
        columns: dict[str, Callable[[], pl.Series | Integers]] = {
            "value": lambda: _number(self.series.value, sign),
            "expected": lambda: _number(found.expected, sign),
            "limit": lambda: _number(self._bounds.limit, sign),
            "usual_low": lambda: _number(getattr(self._bounds, usual[0]), sign),
            "usual_high": lambda: _number(getattr(self._bounds, usual[1]), sign),
            "p": lambda: _number(found.p),
            "spread": lambda: _number(found.spread),
            "degrees_of_freedom": lambda: _number(found.degrees_of_freedom),
            "n_prior": lambda: self.series.position,
            "verdict": lambda: words(found.verdict, Verdict),
            "grade": lambda: words(found.grade, Grade),
            "reason": lambda: words(found.reason, Reason),
        }
        if name in columns:
            return columns[name]()
        if name in found.parts:
            return words(found.parts[name], Verdict)
        return _number(self.extra_columns[name])

    def _unrated(self, name: str) -> "pl.Series | Integers | None":
        """One column of the sessions without a rating; None where there is nothing to say."""
        same = {"grade": Grade.NONE, "reason": Reason.NO_RATING}
        if name == "n_prior":
            return self._rated_before_missed()
        if name in same:
            return words(np.full(len(self.series.missed_series), same[name], np.int8), type(same[name]))
        if name == "verdict" or name in self.findings.parts:
            nothing = np.full(len(self.series.missed_series), Verdict.NOT_APPLIED, np.int8)
            return words(self.findings.unrated.get(name, nothing), Verdict)
        return None

    def _rated_before_missed(self) -> Integers:
        """How many ratings of the series come before each session without one."""
        series = self.series
        owner = np.concatenate((series.series_of, series.missed_series))
        order = np.lexsort((np.concatenate((series.session, series.missed_session)), owner))
        rated = np.empty(len(order), np.int64)
        rated[order] = np.cumsum(order < len(series.value))
        return rated[len(series.value) :] - series.starts[series.missed_series]


def _number(values: "Floats | pl.Series", sign: int = 1) -> "pl.Series":
    """A column of numbers in the direction of the ratings as given, null where they are NaN."""
    import polars as pl

    if isinstance(values, pl.Series):
        return values.fill_nan(None) if values.dtype.is_float() else values
    if is_unknown(values):
        return pl.repeat(None, len(values), dtype=pl.Float64, eager=True)
    return pl.Series(values if sign == 1 else -values).fill_nan(None)
