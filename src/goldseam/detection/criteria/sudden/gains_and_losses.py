"""Sudden gains and sudden losses, for many series at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from goldseam.arrays import Codes, Flags, Floats, Integers
from goldseam.detection.criteria.sudden.case_selection import (
    CASE_RULES,
    cases_with_pattern,
    cases_with_ratings,
)
from goldseam.detection.criteria.sudden.interval_events import FoundIntervals, interval_events
from goldseam.detection.criteria.sudden.three_criteria import (
    Settings,
    criterion_1,
    criterion_2,
    criterion_3,
    critical_values,
    together,
)
from goldseam.detection.criteria.sudden.windows import STRIDE, Rows, Windows, all_rows, rated_rows
from goldseam.detection.engine.codes import Reason, Verdict
from goldseam.detection.engine.criterion import Criterion, coded, parameter
from goldseam.detection.engine.findings import Bounds, Findings, unknown
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.series import RatingSeries

if TYPE_CHECKING:
    import polars as pl

RELIABLE = 1.96
ORIGINAL_CUTOFF, ORIGINAL_RANGE = 7.0, 63.0


@dataclass(frozen=True)
class TangDeRubeis(Criterion):
    """What sudden gains and sudden losses share; see ``docs/methods/sudden-gain.md``."""

    source: ClassVar[str] = "Tang & DeRubeis (1999), J Consult Clin Psychol 67, 894-904"
    confidence: ClassVar[str] = "B"
    version: ClassVar[int] = 1
    prospective: ClassVar[bool] = False
    shortest_series: ClassVar[int] = 4
    uses_norms: ClassVar[bool] = False
    higher_is_better: ClassVar[bool] = False
    direction: ClassVar[int]

    cutoff: float | None = parameter(None, "criterion 1 in points; none: 1/9 of the range, else 7 points")
    sd: float | None = parameter(None, "SD of the scale, for a cut-off of 1.96 S_diff", least=1e-9)
    reliability: float | None = parameter(None, "reliability of the scale, with sd", least=0, most=1)
    share: float = parameter(0.25, "criterion 2: share of the score before", least=-1, most=1)
    alpha: float = parameter(0.05, "criterion 3: two-tailed error rate", least=1e-6, most=0.5)
    adjust: bool = parameter(default=True, meaning="criterion 3: let alpha and n set its value", kind=bool)
    critical_value: float = parameter(2.776, "criterion 3: its value if adjust is false", least=0)
    measurement_error: float | None = parameter(None, "criterion 3: least pooled SD", least=0)
    criterion_1: bool = parameter(default=True, meaning="apply criterion 1", kind=bool)
    criterion_2: bool = parameter(default=True, meaning="apply criterion 2", kind=bool)
    criterion_3: bool = parameter(default=True, meaning="apply criterion 3", kind=bool)
    cases: str = parameter("all", "cases to look at, by the pattern of ratings", choices=CASE_RULES)
    min_sess_num: int = parameter(5, "ratings needed where cases is min_sess", kind=int, least=1)
    baseline_first: bool = parameter(
        default=False, meaning="session 1 is a baseline before treatment", kind=bool
    )
    sessions: int | None = parameter(
        None, "sessions planned, for compat; none: the last row of a series", kind=int, least=4, most=100_000
    )
    compat: str = parameter("none", "whose choices to reproduce", choices=("none", "suddengains"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.criterion_1 or self.criterion_2 or self.criterion_3):
            raise ParameterError("every criterion is switched off", allowed="at least one that is true")
        if (self.sd is None) != (self.reliability is None) or (self.sd and self.cutoff is not None):
            given = f"cutoff {self.cutoff}, sd {self.sd}, reliability {self.reliability}"
            allowed = "cutoff alone, or sd and reliability together"
            raise ParameterError("the cut-off is not clear", given=given, allowed=allowed)
        negative_is_meant = self.faithful and self.direction < 0
        if self.cutoff is not None and self.cutoff < 0 and not negative_is_meant:
            raise ParameterError("negative cut-off", given=self.cutoff, allowed="0 or more")
        if self.share < 0 and self.direction > 0:
            raise ParameterError("negative share", given=self.share, allowed="0 or more")
        if self.faithful and self.measurement_error is not None:
            allowed = "none with compat=suddengains, which takes the pooled SD as it is"
            raise ParameterError("measurement_error", given=self.measurement_error, allowed=allowed)

    @property
    def faithful(self) -> bool:
        """Whether the choices of the R package suddengains are reproduced."""
        return self.compat == "suddengains"

    def judge(self, series: RatingSeries, norms: Norms, *, higher_is_better: bool) -> Findings:  # noqa: ARG002
        """Judge every interval; see `Criterion.judge`."""
        if self.faithful and higher_is_better:
            raise ParameterError("compat=suddengains", given="higher is better", allowed="lower is better")
        # turned, so that on a score a lower value is the better one
        rows, order = all_rows(series, -1) if self.faithful else (rated_rows(series, -1), None)
        kept, examined = self._selected(rows, series.n_series), self._examined(series, rows)
        each = self.settings(-series.maximum, -series.minimum, turned=higher_is_better)
        blocks = []
        for span in rows.spans():
            owner = rows.series[span]
            windows = rows.windows(span, anchored_after=not self.faithful)
            verdicts = self.verdicts(windows, each.of(owner))
            blocks.append(_Block(windows, _masked(verdicts, kept[owner], examined[span])))
        judged = _Judged(rows, blocks, order)
        events = self._events(judged, series, higher_is_better=higher_is_better)
        return self._findings(judged, events)

    def verdicts(self, windows: Windows, settings: Settings) -> dict[str, Codes]:
        """What each criterion says of each interval, and all of them together.

        Parameters
        ----------
        windows : Windows
            Around each interval; lower scores are better.
        settings : Settings
            What the criteria ask for, in points.

        Returns
        -------
        dict of str to ndarray of int8
            ``criterion_1``, ``criterion_2``, ``criterion_3`` and ``verdict``.
        """
        parts = {
            "criterion_1": criterion_1(windows, settings),
            "criterion_2": criterion_2(windows, settings),
            "criterion_3": criterion_3(windows, settings),
        }
        return parts | {"verdict": together(parts, missing_first=self.faithful)}

    def settings(self, lowest: Floats, highest: Floats, *, turned: bool) -> Settings:
        """What the criteria ask for in each interval.

        Parameters
        ----------
        lowest, highest : ndarray of float, shape (n_intervals,)
            The range of the scores, lower is better; NaN where it is not known.
        turned : bool
            Whether higher was better before, so that 0 is not where the scale begins.

        Returns
        -------
        Settings
        """
        by_alpha = critical_values(alpha=self.alpha, adjust=self.adjust, fixed=self.critical_value)
        floor = np.where(np.isnan(lowest), np.nan if turned else 0.0, lowest)
        return Settings(
            direction=self.direction,
            cutoff=self._cutoff(highest - lowest) if self.criterion_1 else None,
            share=self._share() if self.criterion_2 else None,
            floor=np.zeros(len(floor)) if self.faithful else floor,
            critical_value=by_alpha if self.criterion_3 else None,
            smallest_sd=self._smallest_sd(),
            faithful=self.faithful,
        )

    def _cutoff(self, width: Floats) -> Floats:
        """Points that criterion 1 asks for on scales of that width."""
        if self.sd is not None and self.reliability is not None:
            reliable = RELIABLE * np.sqrt(2) * self.sd * np.sqrt(1 - self.reliability)
            return np.full(len(width), reliable)
        if self.cutoff is not None:
            return np.full(len(width), abs(self.cutoff))
        share = ORIGINAL_CUTOFF * width / ORIGINAL_RANGE
        return np.where(np.isnan(share), ORIGINAL_CUTOFF, share)

    def _share(self) -> float:
        """As the package reads it, or without the sign that it has there for a loss."""
        return self.share if self.faithful else abs(self.share)

    def _smallest_sd(self) -> float:
        if self.measurement_error is not None:
            return self.measurement_error
        if self.faithful or self.sd is None or self.reliability is None:
            return 0.0
        return float(self.sd * np.sqrt(1 - self.reliability))

    def _examined(self, series: RatingSeries, rows: Rows) -> Flags:
        """The intervals looked at: all of them; with compat, those from sessions 2 to J - 2."""
        if not self.faithful:
            return np.ones(len(rows.session), np.bool_)
        inside: Flags = (rows.session >= 2) & (rows.session <= self._last(rows, series)[rows.series] - 2)
        return inside

    def _selected(self, rows: Rows, n_series: int) -> Flags:
        if self.cases == "pattern":
            return cases_with_pattern(rows, n_series)
        if self.cases == "min_sess":
            return cases_with_ratings(rows, n_series, self.min_sess_num)
        return np.ones(n_series, np.bool_)

    def _last(self, rows: Rows, series: RatingSeries) -> Integers:
        """The last session of each series."""
        if self.sessions is not None:
            return np.full(series.n_series, self.sessions)
        last = np.zeros(series.n_series, np.int64)
        last[rows.series] = rows.session  # rows are ascending: the last one stays
        return last

    def _events(self, judged: "_Judged", series: RatingSeries, *, higher_is_better: bool) -> "pl.DataFrame":
        rows, met = judged.rows, judged.parts["verdict"] == Verdict.MET
        owner = rows.series[met]
        found = FoundIntervals(
            series=owner,
            session=rows.session[met] - (0 if self.faithful else 1),
            windows=Windows.joined([block.met for block in judged.blocks]),
            direction=self.direction,
            sign=-1 if higher_is_better else 1,
            first_later=3 if self.faithful and not self.baseline_first else 2,
            session_shift=1 if self.baseline_first else 0,
            keep_infinite=self.faithful,
        )
        return interval_events(found, rows, self._course(rows, series, owner))

    def _course(self, rows: Rows, series: RatingSeries, owner: Integers) -> Floats:
        """Score at the start of treatment minus score at its end, for series with an event; NaN where one is missing.

        With compat these are the first and last planned session, else the first and last that were rated.
        """
        start = 2 if self.baseline_first else 1
        if self.faithful:
            first, last = np.full_like(owner, start), self._last(rows, series)[owner]
            return _score_at(rows, owner, first) - _score_at(rows, owner, last)
        first, last = series.starts[owner], series.starts[owner + 1] - 1
        first = first + (rows.session[first] < start)  # there are two ratings around the event
        return rows.score[first] - rows.score[last]

    def _findings(self, judged: "_Judged", events: "pl.DataFrame") -> Findings:
        at = slice(None) if judged.order is None else judged.rows.rated
        rated = {name: codes[at] for name, codes in judged.parts.items()}
        verdict = rated.pop("verdict")
        nothing = unknown(len(verdict))
        left_out, incomplete = verdict == Verdict.NOT_APPLIED, verdict == Verdict.NOT_ENOUGH_DATA
        return Findings(
            verdict=verdict,
            grade=np.zeros(len(verdict), np.int8),
            reason=coded(
                (left_out, Reason.CASE_NOT_SELECTED),
                (incomplete, Reason.WINDOW_INCOMPLETE),
                otherwise=Reason.PLAIN,
            ),
            expected=nothing if self.faithful else judged.expected[at],
            spread=nothing,
            degrees_of_freedom=nothing,
            p=nothing,
            events=events,
            bounds=lambda: Bounds(limit=nothing, usual_low=nothing, usual_high=nothing),
            parts=rated,
            unrated=judged.unrated(),
            size="magnitude" if self.faithful else "depth",
        )


class _Block:
    """Some rows: their verdicts, the rating before each, and the windows of those that meet the criterion."""

    def __init__(self, windows: Windows, parts: dict[str, Codes]) -> None:
        self.parts = parts
        self.expected = -windows.start
        self.met = windows.only(parts["verdict"] == Verdict.MET)


@dataclass(frozen=True, eq=False)
class _Judged:
    """The rows and their blocks; `order` says where each row comes from, if some are unrated."""

    rows: Rows
    blocks: list[_Block]
    order: Integers | None

    @cached_property
    def parts(self) -> dict[str, Codes]:
        """Verdicts by name."""
        names = self.blocks[0].parts
        return {name: np.concatenate([block.parts[name] for block in self.blocks]) for name in names}

    @property
    def expected(self) -> Floats:
        """The rating at session n."""
        return np.concatenate([block.expected for block in self.blocks])

    def unrated(self) -> dict[str, Codes]:
        """Verdicts for the rows without a rating, in the order of the series' own list of them."""
        if self.order is None:
            return {}
        away = ~self.rows.rated
        listed = np.argsort(self.order[away])
        return {name: codes[away][listed] for name, codes in self.parts.items()}


def _masked(verdicts: dict[str, Codes], kept: Flags, examined: Flags) -> dict[str, Codes]:
    """The verdicts, without those of cases left out and of intervals not examined."""
    if kept.all() and examined.all():
        return verdicts
    return {
        name: np.where(
            kept,
            np.where(examined | (codes == Verdict.NOT_APPLIED), codes, Verdict.NOT_ENOUGH_DATA),
            Verdict.NOT_APPLIED,
        ).astype(np.int8)
        for name, codes in verdicts.items()
    }


def _score_at(rows: Rows, series: Integers, session: Integers) -> Floats:
    """The score of some series at one session of each; NaN where it was not rated."""
    places = series * STRIDE + session
    at = np.minimum(np.searchsorted(rows.place, places), len(rows.place) - 1)
    return np.where(rows.place[at] == places, rows.score[at], np.nan)


@dataclass(frozen=True)
class SuddenGain(TangDeRubeis):
    """Improvement from one session to the next that is large in three ways, version 1."""

    id: ClassVar[str] = "sudden-gain"
    title: ClassVar[str] = "a sudden and lasting improvement from one session to the next"
    direction: ClassVar[int] = 1


@dataclass(frozen=True)
class SuddenLoss(TangDeRubeis):
    """Worsening from one session to the next that is large in three ways, version 1."""

    id: ClassVar[str] = "sudden-loss"
    title: ClassVar[str] = "a sudden and lasting worsening from one session to the next"
    direction: ClassVar[int] = -1
