"""Measuring by simulation how often a criterion is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from goldseam.detection import find_criterion
from goldseam.exceptions import ParameterError
from goldseam.norms import Norms
from goldseam.operating.error_rates import (
    AlertLoad,
    BandRates,
    CaseFalseAlarms,
    ErrorRates,
    EventGrade,
    GradeRates,
    Sensitivity,
)
from goldseam.operating.rate_estimators import (
    VerdictsByKind,
    alert_load,
    band_rates,
    detection_delay,
    false_alarm_rate,
    negative_predictive_value,
    predictive_value,
    repair_rates,
    sensitivity_rate,
    share_of_cases,
    timed_sensitivity,
)
from goldseam.operating.simulated_cases import QUIET_SESSIONS, SimulatedCases, draw_cases
from goldseam.operating.simulation_verdicts import (
    CriterionSettings,
    SimulationVerdicts,
    judge_simulation,
)
from goldseam.progress import with_progress
from goldseam.simulate import SimulationModel

OWN_MODEL = "a model of one's own"


@dataclass(frozen=True)
class SimulationPlan:
    """What is simulated and which assumptions the figures rest on; see `operating_characteristics`."""

    model: str | SimulationModel
    sessions: int
    cases: int
    seed: int
    computed_on: date
    depths: Sequence[float] = (2.0, 3.0)
    durations: Sequence[int] = (1, 2)
    prevalences: Sequence[float] = (0.2, 0.5)
    case_sessions: Sequence[int] = (6, 8, 12, 16, 24, 30)
    caseload: int = 40
    evidence: bool = False

    def __post_init__(self) -> None:
        if self.caseload < 1:
            raise ParameterError("no clients", where="caseload", given=self.caseload, allowed="1 or more")
        for prevalence in self.prevalences:
            if not 0 < prevalence < 1:
                allowed = "above 0 and below 1"
                raise ParameterError(
                    "not a share of cases", where="prevalences", given=prevalence, allowed=allowed
                )

    @property
    def kind(self) -> str:
        """The name of what is simulated."""
        name = self.model if isinstance(self.model, str) else OWN_MODEL
        return f"{name}, with evidence" if self.evidence else name

    def draw(self) -> SimulatedCases:
        """Simulate the cases."""
        return draw_cases(
            self.model,
            depths=self.depths,
            durations=self.durations,
            sessions=self.sessions,
            quiet_sessions=max(QUIET_SESSIONS, *self.case_sessions),
            cases=self.cases,
            seed=self.seed,
            evidence=self.evidence,
        )


def operating_characteristics(
    criterion: str = "predictive",
    *,
    version: int | None = None,
    norms: Norms | None = None,
    model: str | SimulationModel = "items",
    sessions: int = 12,
    cases: int = 20_000,
    seed: int = 1,
    computed_on: date | None = None,
    depths: Sequence[float] = (2.0, 3.0),
    durations: Sequence[int] = (1, 2),
    prevalences: Sequence[float] = (0.2, 0.5),
    case_sessions: Sequence[int] = (6, 8, 12, 16, 24, 30),
    caseload: int = 40,
    evidence: bool = False,
    **parameters: Any,
) -> ErrorRates:
    """Measure by simulation how often a criterion is wrong, how late it is, and what its verdicts are worth.

    Several criteria measured with the same seed are measured on the same cases.

    *False alarms per evaluable session*: events where nothing is wrong, divided by the sessions rated
    with enough ratings before. *Sensitivity*: of the true dips with at least one such session, those within
    which an event begins. *Predictive value*: of all events in cases of which `prevalences` have one true
    dip, those that begin within it, at each of `depths`, the `durations` mixed equally. Beside these: sensitivity by
    when the dip begins, delay (of lasting shifts and erosions too), verdicts on repair, and events a week. Formulas
    and assumptions are in ``docs/methods/error-rates.md``.

    Parameters
    ----------
    criterion, version, norms, **parameters
        As for `goldseam.detect`; the newest version and the shipped norms where not given.
    model : str or SimulationModel
        Kind of simulated data: a name from `goldseam.simulate.MODELS`, or a model of one's own.
    sessions : int
        Attended sessions per case, 5 or more (a dip begins at session 5 at the earliest).
    cases : int
        Simulated cases for each figure, 2 or more.
    seed : int
        Of the simulation.
    computed_on : datetime.date, optional
        Written into the result; today if not given.
    depths : sequence of float
        Depths of dips in within-person SDs.
    durations : sequence of int
        Sessions at full depth.
    prevalences : sequence of float
        Assumed shares of cases with one true dip, 0 to 1.
    case_sessions : sequence of int
        Numbers of sessions for the share of event-free cases with a false alarm.
    caseload : int
        Clients a therapist sees weekly, for the events in a week.
    evidence : bool
        Whether what else is known of each session is simulated too (`goldseam.EvidenceModel`), for ``fused``.

    Returns
    -------
    ErrorRates
        Every figure with its Monte-Carlo standard error.

    Raises
    ------
    ParameterError
        If an argument is outside its range, or no session could be judged.
    NormsError
        If the norms do not fit the simulated scale.
    """
    plan = SimulationPlan(
        model=model,
        sessions=sessions,
        cases=cases,
        seed=seed,
        computed_on=computed_on or datetime.now(tz=UTC).date(),
        depths=depths,
        durations=durations,
        prevalences=prevalences,
        case_sessions=case_sessions,
        caseload=caseload,
        evidence=evidence,
    )
    return measure_criterion(
        CriterionSettings(criterion, version, norms or Norms.default(), dict(parameters)), plan, plan.draw()
    )


def measure_criterion(
    settings: CriterionSettings, plan: SimulationPlan, samples: SimulatedCases
) -> ErrorRates:
    """Measure one criterion on cases already drawn.

    Parameters
    ----------
    settings : CriterionSettings
        The criterion, its norms and parameters.
    plan : SimulationPlan
        What was simulated, and the assumptions behind the figures.
    samples : SimulatedCases
        As the plan draws them.

    Returns
    -------
    ErrorRates
    """
    seen = _AllVerdicts(
        quiet=judge_simulation(settings, samples.quiet, plan.sessions),
        by_sessions={
            count: judge_simulation(settings, samples.quiet, count)
            for count in with_progress(plan.case_sessions, "false alarms")
        },
        events={
            kind: judge_simulation(settings, samples.events[kind], plan.sessions)
            for kind in with_progress([*samples.events], "true events")
        },
        earliest=samples.earliest,
    )
    return ErrorRates(
        criterion=settings.criterion,
        criterion_version=find_criterion(settings.criterion, settings.version).version,
        norms_name=settings.norms.name,
        norms_version=settings.norms.version,
        norms_hash=settings.norms.content_hash,
        parameters=settings.parameters,
        model=plan.kind,
        sessions=plan.sessions,
        cases=plan.cases,
        seed=plan.seed,
        computed_on=plan.computed_on.isoformat(),
        grades={grade: _grade_rates(grade, plan, seen) for grade in settings.grades},
        bands=_bands(plan, seen),
    )


@dataclass(frozen=True)
class _AllVerdicts:
    """What one criterion did with every set of cases."""

    quiet: SimulationVerdicts
    by_sessions: dict[int, SimulationVerdicts]
    events: VerdictsByKind
    earliest: int


def _bands(plan: SimulationPlan, seen: _AllVerdicts) -> tuple[BandRates, ...]:
    dips = {kind: each for kind, each in seen.events.items() if kind.course == "dip"}
    at_depth = {depth: _of_depth(dips, depth) for depth in sorted(set(plan.depths))}
    assumed = [(share, depth) for share in plan.prevalences for depth in at_depth]
    return tuple(band_rates(assumed, seen.quiet, at_depth))


def _grade_rates(grade: EventGrade, plan: SimulationPlan, seen: _AllVerdicts) -> GradeRates:
    quiet, events = seen.quiet, seen.events
    dips = {kind: each for kind, each in events.items() if kind.course == "dip"}
    at_depth = {depth: _of_depth(dips, depth) for depth in sorted(set(plan.depths))}
    assumed = [(share, depth) for share in plan.prevalences for depth in at_depth]
    positive = [predictive_value(share, depth, grade, quiet, at_depth[depth]) for share, depth in assumed]
    negative = [
        negative_predictive_value(share, depth, grade, quiet, at_depth[depth]) for share, depth in assumed
    ]
    return GradeRates(
        false_alarms=false_alarm_rate(quiet, grade),
        false_alarm_cases=tuple(
            CaseFalseAlarms(count, share_of_cases(observed.onset[grade]))
            for count, observed in seen.by_sessions.items()
        ),
        sensitivity=tuple(
            Sensitivity(kind.depth_sd, kind.duration or 0, sensitivity_rate(each, grade))
            for kind, each in dips.items()
        ),
        predictive_values=tuple(row for row in positive if row),
        negative_predictive_values=tuple(row for row in negative if row),
        timing=tuple(
            row for kind, each in dips.items() for row in timed_sensitivity(kind, each, grade, seen.earliest)
        ),
        delays=tuple(detection_delay(kind, each, grade) for kind, each in events.items()),
        repairs=tuple(repair_rates(quiet, events, grade)),
        alerts=_alerts(grade, plan, quiet, at_depth),
    )


def _of_depth(dips: VerdictsByKind, depth: float) -> list[SimulationVerdicts]:
    return [seen for kind, seen in dips.items() if kind.depth_sd == depth]


def _alerts(
    grade: EventGrade,
    plan: SimulationPlan,
    quiet: SimulationVerdicts,
    at_depth: dict[float, list[SimulationVerdicts]],
) -> tuple[AlertLoad, ...]:
    """Events a week without any dip, then by assumed prevalence and depth."""
    nothing = alert_load(0.0, None, grade, quiet, [], caseload=plan.caseload)
    return (
        nothing,
        *(
            alert_load(share, depth, grade, quiet, dips, caseload=plan.caseload)
            for share in plan.prevalences
            for depth, dips in at_depth.items()
        ),
    )
