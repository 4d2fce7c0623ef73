"""The simulated cases that error rates are counted in, drawn once for all criteria compared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from goldseam.exceptions import ParameterError
from goldseam.operating.error_rates import EventCourse
from goldseam.simulate import EvidenceModel, Simulation, SimulationModel, simulate
from goldseam.simulate.simulation_model import model_named

QUIET_SESSIONS = 30  # the same everywhere, so that a seed means the same cases


@dataclass(frozen=True)
class EventKind:
    """What a set of cases has as its true event: `duration` is None for one that lasts."""

    course: EventCourse
    depth_sd: float
    duration: int | None


@dataclass(frozen=True)
class SimulatedCases:
    """Simulated cases: `quiet` without any true event, `events` with one in every case, by kind.

    `earliest` is the first session a true event may begin at.
    """

    quiet: Simulation
    events: dict[EventKind, Simulation]
    sessions: int
    earliest: int


def draw_cases(
    model: str | SimulationModel,
    *,
    depths: Sequence[float],
    durations: Sequence[int],
    sessions: int,
    cases: int,
    seed: int,
    quiet_sessions: int = QUIET_SESSIONS,
    evidence: bool = False,
) -> SimulatedCases:
    """Draw cases without events (longer ones, of `quiet_sessions`), and some for each kind of event.

    Each set has people of its own, other than the event-free ones, so that Monte-Carlo errors are independent. With
    `evidence` the ratings come with what else is known of each session, for the criteria that read it.

    Raises
    ------
    ParameterError
        If there is no such model, or there are too few sessions or cases.
    """
    people = model_named(model)
    _check_sizes(people, sessions=sessions, cases=cases)
    quiet = max(sessions, quiet_sessions)
    dips = [EventKind("dip", depth, duration) for depth in depths for duration in durations]
    shifts = [EventKind("level_shift", depth, None) for depth in depths]
    erosions = [EventKind("erosion", depth, None) for depth in depths]
    made = partial(simulate, cases=cases, evidence=EvidenceModel() if evidence else None)
    return SimulatedCases(
        quiet=made(sessions=quiet, seed=seed, model=people.without_episodes()),
        events={
            kind: made(sessions=sessions, seed=seed + place, model=_with_event(people, kind))
            for place, kind in enumerate([*dips, *shifts, *erosions], start=1)
        },
        sessions=sessions,
        earliest=people.earliest_onset,
    )


def _with_event(people: SimulationModel, kind: EventKind) -> SimulationModel:
    """The same people, each with one event of that kind."""
    dip = people.with_dips(depth_sd=kind.depth_sd, duration=kind.duration or 1)
    if kind.course == "dip":
        return dip
    return replace(dip, repaired_share=0.0, erosion_share=1.0 if kind.course == "erosion" else 0.0)


def _check_sizes(people: SimulationModel, *, sessions: int, cases: int) -> None:
    if sessions < people.earliest_onset:
        allowed = f"{people.earliest_onset} or more, where the earliest dip begins"
        raise ParameterError("too few to hold a dip", where="sessions", given=sessions, allowed=allowed)
    if cases < 2:
        raise ParameterError("too few for an error", where="cases", given=cases, allowed="2 or more")
