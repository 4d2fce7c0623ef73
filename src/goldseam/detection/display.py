"""How a detection shows itself: its lines, the chart of a course, its events for pandas."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from goldseam.detection.engine.criterion import Criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series.table_columns import KEYS
from goldseam.shown import ShownResult

if TYPE_CHECKING:
    import polars as pl


class DetectionDisplay(ShownResult):
    """What a detection looks like."""

    criterion: Criterion
    norms: Norms | None
    norms_reason: str

    @property
    def _episodes(self) -> "pl.DataFrame":
        raise NotImplementedError

    @property
    def _outcomes(self) -> "pl.DataFrame":
        raise NotImplementedError

    def _session_rows(self) -> "pl.DataFrame":
        raise NotImplementedError

    def summary(self) -> str:
        """What was found, in three lines: by which rule, in how many series, and what became of the events.

        Returns
        -------
        str
        """
        norms = (
            ""
            if self.norms is None
            else f", norms {self.norms.name} {self.norms.version} ({self.norms_reason})"
        )
        statuses = f": {_counted(self._episodes, 'status')}" if self._episodes.height else ""
        return "\n".join(
            [
                f"Detection by {self.criterion.id} version {self.criterion.version}{norms}",
                f"{self._outcomes.height} series: {_counted(self._outcomes, 'outcome')}",
                f"{self._episodes.height} events{statuses}",
            ]
        )

    def plot(self, case: Any = None, rater: Any = None, scale: Any = None, phase: Any = None) -> Any:
        """The course of one series with its band, limit, onsets, lowest ratings and repairs.

        Parameters
        ----------
        case, rater, scale, phase : str or int, optional
            The series; the first of those that fit, one with an event before others.

        Returns
        -------
        altair.LayerChart
            As for other results; None where the detection has no series at all.

        Raises
        ------
        ParameterError
            There is no such series.
        MissingExtraError
            Altair is not installed.
        """
        from goldseam.detection.course_chart import course_chart

        one = self._series_shown(dict(zip(KEYS, (case, rater, scale, phase), strict=True)))
        names = [str(one[key]) for key in KEYS if one[key] is not None]
        title = f"{', '.join(names)}: {self.criterion.id} version {self.criterion.version}"
        sessions = _rows_of(self._session_rows(), one)
        return course_chart(sessions, _rows_of(self._episodes, one), title)

    def _series_shown(self, wanted: dict[str, Any]) -> dict[str, Any]:
        import polars as pl

        given = {name: value for name, value in wanted.items() if value is not None}
        fitting = self._outcomes
        for name, value in given.items():
            fitting = fitting.filter(pl.col(name).cast(pl.String) == str(value))
        if fitting.is_empty():
            raise ParameterError("no such series", given=given, allowed="names as in the ratings")
        return fitting.sort(pl.col("n_events") == 0, maintain_order=True).row(0, named=True)

    def _main_table(self) -> "pl.DataFrame":
        from goldseam.detection.engine.columns import EVENT_COLUMNS

        events = self._episodes.select(EVENT_COLUMNS)
        return events.select(column for column in events if column.count()) if events.height else events


def _counted(table: "pl.DataFrame", column: str) -> str:
    """How often each word occurs in a column, the most frequent first."""
    counts = Counter(table.get_column(column).to_list())
    words = sorted(counts, key=lambda word: (-counts[word], str(word)))
    return ", ".join(f"{counts[word]} {word}" for word in words)


def _rows_of(table: "pl.DataFrame", one: dict[str, Any]) -> "pl.DataFrame":
    import polars as pl

    return table.filter(pl.col(key).eq_missing(pl.lit(one[key], dtype=table.schema[key])) for key in KEYS)
