"""The verdicts of a criterion on simulated cases, laid out by series and session beside the truth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldseam.arrays import Flags, Floats, Integers
from goldseam.detection import Detection, detect, find_criterion
from goldseam.norms import Norms
from goldseam.operating.error_rates import EventGrade
from goldseam.simulate import Simulation

if TYPE_CHECKING:
    import polars as pl

RATE_GRADES: tuple[EventGrade, ...] = ("any", "marked")
REPAIRED = ("repaired", "repaired_unconfirmed")
UNDECIDED = ("open", "indeterminate")
SAYING_OF_REPAIR = (*REPAIRED, "partial", "unrepaired", "indeterminate")


@dataclass(frozen=True)
class CriterionSettings:
    """A criterion with everything that decides its verdicts."""

    criterion: str
    version: int | None
    norms: Norms
    parameters: dict[str, Any]

    @property
    def grades(self) -> tuple[EventGrade, ...]:
        """The grades its events have: any event, and the marked ones where events are graded."""
        return RATE_GRADES if find_criterion(self.criterion, self.version).graded else RATE_GRADES[:1]


@dataclass(frozen=True)
class TrueEvents:
    """The true event of each series, shape (series,): sessions are numbered from 1, 0 is none.

    `onset` is its first session, `end` the first one after it, `repair` the session of its repair.
    """

    onset: Integers
    end: Integers
    repair: Integers

    def during(self, sessions: int) -> Flags:
        """Where the true event is; shape (series, sessions)."""
        session = np.arange(1, sessions + 1)
        inside: Flags = (session >= self.onset[:, None]) & (session < self.end[:, None])
        return inside & (self.onset[:, None] > 0)


@dataclass(frozen=True)
class RepairVerdicts:
    """What became of the event that begins at a session; arrays of shape (series, sessions).

    `called` says that it ended as repaired, `undecided` that it did not end, `session` where its repair was seen
    (0 where none was). `known` is false for a criterion that says nothing of repair.
    """

    called: Flags
    undecided: Flags
    session: Integers
    known: bool


@dataclass(frozen=True)
class SimulationVerdicts:
    """What a criterion said of simulated cases, beside the truth; arrays of shape (series, sessions).

    `evaluable` says where there is a rating and enough data to judge it, `onset` where an event of each
    grade begins, `dip` where the truth has an event, `p` how improbable the rating was that an event begins with (NaN
    elsewhere, and where it was not that rating alone).
    """

    evaluable: Flags
    onset: dict[EventGrade, Flags]
    dip: Flags
    truth: TrueEvents
    repairs: RepairVerdicts
    p: Floats


def judge_simulation(
    settings: CriterionSettings, simulation: Simulation, sessions: int
) -> SimulationVerdicts:
    """Run a criterion on the first sessions of a simulation and lay its verdicts out by series and session.

    Parameters
    ----------
    settings : CriterionSettings
        The criterion, its norms and parameters.
    simulation : Simulation
        One rater per case.
    sessions : int
        Sessions to use, from the first.

    Returns
    -------
    SimulationVerdicts
        Shape (series, sessions).
    """
    import polars as pl

    detection = detect_in_simulation(settings, simulation, sessions)
    enough = pl.col("value").is_not_null() & (pl.col("verdict") != "not enough data")
    truth = true_events(simulation, sessions)
    return SimulationVerdicts(
        evaluable=_at_sessions(detection.details.filter(enough), simulation, sessions),
        onset={grade: onsets(detection, grade, simulation, sessions) for grade in RATE_GRADES},
        dip=truth.during(sessions),
        truth=truth,
        repairs=_repairs(detection, simulation, sessions),
        p=_p_of_onsets(detection, simulation, sessions),
    )


def detect_in_simulation(settings: CriterionSettings, simulation: Simulation, sessions: int) -> Detection:
    """Run a criterion on the first sessions of a simulation."""
    import polars as pl

    return detect(
        simulation.ratings.filter(pl.col("session") <= sessions),
        criterion=settings.criterion,
        version=settings.version,
        norms=settings.norms,
        **settings.parameters,
    )


def onsets(detection: Detection, grade: EventGrade, simulation: Simulation, sessions: int) -> Flags:
    """Where an event of the grade begins; shape (series, sessions)."""
    import polars as pl

    chosen = detection.events if grade == "any" else detection.events.filter(pl.col("grade") == grade)
    return _at_sessions(_at_onset(chosen), simulation, sessions)


def _p_of_onsets(detection: Detection, simulation: Simulation, sessions: int) -> Floats:
    """The p of the rating an event begins with; the p of a slow decline is that of several ratings, and left out."""
    import polars as pl

    events = _at_onset(detection.events).select("case", "session", "p")
    ratings = detection.details.select("case", "session", p_of_rating="p")
    sudden = events.join(ratings, on=["case", "session"]).filter(pl.col("p") == pl.col("p_of_rating"))
    placed = _with_series_index(sudden, simulation)
    cells = np.full((simulation.people.height, sessions), np.nan)
    cells[placed["series"].to_numpy(), placed["session"].to_numpy() - 1] = placed["p"].to_numpy()
    return cells


def dip_sessions(simulation: Simulation, sessions: int) -> Flags:
    """Where the truth has an event; shape (series, sessions)."""
    return true_events(simulation, sessions).during(sessions)


def true_events(simulation: Simulation, sessions: int) -> TrueEvents:
    """The true events that begin within the first sessions; a repair after them is none."""
    truth = simulation.people.select("case").join(
        simulation.truth, on="case", how="left", maintain_order="left"
    )
    onset, length, repair = (
        truth[name].fill_null(0).to_numpy().astype(np.int64)
        for name in ("onset_session", "duration", "repair_session")
    )
    onset = np.where(onset <= sessions, onset, 0)
    return TrueEvents(
        onset=onset,
        end=np.where(onset > 0, onset + length, 0),
        repair=np.where((onset > 0) & (repair <= sessions), repair, 0),
    )


def _repairs(detection: Detection, simulation: Simulation, sessions: int) -> RepairVerdicts:
    import polars as pl

    events = _at_onset(detection.events)
    mended = events.filter(pl.col("status").is_in(REPAIRED))
    unsettled = events.filter(pl.col("status").is_in(UNDECIDED))
    return RepairVerdicts(
        called=_at_sessions(mended, simulation, sessions),
        undecided=_at_sessions(unsettled, simulation, sessions),
        session=_numbers(mended, "repair_session", simulation, sessions),
        known=bool(events.get_column("status").is_in(SAYING_OF_REPAIR).any()),
    )


def _at_onset(events: "pl.DataFrame") -> "pl.DataFrame":
    return events.rename({"onset_session": "session"})


def _with_series_index(table: "pl.DataFrame", simulation: Simulation) -> "pl.DataFrame":
    """The rows with the index of their series."""
    order = simulation.people.select("case").with_row_index("series")
    return table.join(order, on="case")


def _at_sessions(table: "pl.DataFrame", simulation: Simulation, sessions: int) -> Flags:
    """True at the series and session of each row; shape (series, sessions)."""
    placed = _with_series_index(table.select("case", "session"), simulation)
    cells = np.zeros((simulation.people.height, sessions), dtype=np.bool_)
    cells[placed["series"].to_numpy(), placed["session"].to_numpy() - 1] = True
    return cells


def _numbers(table: "pl.DataFrame", column: str, simulation: Simulation, sessions: int) -> Integers:
    """The numbers of a column at the series and session of their rows, else 0; shape (series, sessions)."""
    placed = _with_series_index(table.select("case", "session", column), simulation)
    cells = np.zeros((simulation.people.height, sessions), dtype=np.int64)
    at = placed["series"].to_numpy(), placed["session"].to_numpy() - 1
    cells[at] = placed[column].fill_null(0).to_numpy()
    return cells
