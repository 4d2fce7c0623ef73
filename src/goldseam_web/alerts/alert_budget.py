"""What a setting of the rules would have raised on the clinic's own past, beside what chance alone brings.

Every rule that opens episodes is run anew over all ratings that count, so that settings are compared with each other
and not with what was raised while other rules were in force.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q

from goldseam import (
    Norms,
    NormsCheck,
    NormsError,
    NullRate,
    ParameterError,
    TableError,
    check_norms,
    detect,
    fit_norms,
    measure_norms,
    measured_error_rates,
    null_rate,
)
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.models import Episode, EpisodeStatus, Evaluation
from goldseam_web.alerts.rules import RULES, AlertRule
from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.measures.models import Score
from goldseam_web.measures.own_measures import SELF_THERAPIST

if TYPE_CHECKING:
    import polars as pl

WATCHING = tuple(rule for rule in RULES if rule.opens_episodes)
LOOKED_BACK = timedelta(weeks=26)
# From so many courses of four or more ratings on, fitted norms keep the stated rate of false alarms (docs/methods).
FEWEST_COURSES = 200
FEWEST_RATINGS = 4
# Enough for a chance prevalence to a point and a half, and for a page that somebody waits for.
DRAWS = 100
# Enough for the chance of a false finding to a tenth of it, in some three seconds a scale.
MEASURED_CASES = 4_000
OWN_RATINGS = "own-ratings"


class PastRating(NamedTuple):
    """One attended session of one watched series, with its number in the case and what was rated, if anything was."""

    case: uuid.UUID
    series: uuid.UUID
    phase: str
    session: int
    starts_at: datetime
    value: float | None


@dataclass(frozen=True)
class PastRatings:
    """All ratings of a clinic that count, by scale; and what is needed to say how much a number of alerts is.

    ``confirmed``: the strains since then that client or therapist confirmed, by scale, as case, series (None where
    it was opened by hand) and session.
    """

    since: datetime
    by_scale: Mapping[str, Sequence[PastRating]]
    ranges: Mapping[uuid.UUID, tuple[float, float]]
    therapist_weeks: int
    confirmed: Mapping[str, Sequence[tuple[uuid.UUID, uuid.UUID | None, int]]]

    @property
    def cases(self) -> int:
        """With a rating since then."""
        return len({row.case for rows in self.by_scale.values() for row in self._recent(rows)})

    def _recent(self, rows: Sequence[PastRating]) -> Sequence[PastRating]:
        return [row for row in rows if row.starts_at >= self.since and row.value is not None]

    def recent_cases(self, scale: str) -> set[uuid.UUID]:
        return {row.case for row in self._recent(self.by_scale[scale])}

    @cached_property
    def courses(self) -> Mapping[str, int]:
        """How many series of each scale have the ratings that norms can be fitted to."""
        found = {}
        for scale, rows in self.by_scale.items():
            rated: dict[uuid.UUID, int] = defaultdict(int)
            for row in rows:
                rated[row.series] += row.value is not None
            found[scale] = sum(number >= FEWEST_RATINGS for number in rated.values())
        return found

    def table(self, scale: str) -> "pl.DataFrame":
        """As the science reads it; each series is a rater, since a new therapist or version begins one anew."""
        import polars as pl  # loaded by the first page that counts

        rows = self.by_scale[scale]
        return pl.DataFrame(
            {
                "case": [str(row.case) for row in rows],
                "rater": [str(row.series) for row in rows],
                "scale": scale,
                "phase": [row.phase for row in rows],
                "session": [row.session for row in rows],
                "value": [row.value for row in rows],
                "minimum": [self.ranges[row.series][0] for row in rows],
                "maximum": [self.ranges[row.series][1] for row in rows],
            },
            schema_overrides={"value": pl.Float64},
        )


@dataclass(frozen=True)
class ScaleBudget:
    """What one rule would have raised: since then, in how many cases of how many; and over whole courses.

    ``caught`` of ``confirmed`` strains: where it would have raised something in the session or in one beside it.
    ``chance`` sets all findings in whole courses, and the cases with one, beside what chance alone brings.
    """

    rule: AlertRule
    raised: int
    cases: int
    of_cases: int
    caught: int
    confirmed: int
    chance: NullRate


@dataclass(frozen=True)
class AlertBudget:
    norms: Norms
    scales: tuple[ScaleBudget, ...]
    therapist_weeks: int

    @property
    def a_week(self) -> float | None:
        """Alerts for each week in which a therapist had sessions; None where there was none."""
        raised = sum(each.raised for each in self.scales)
        return raised / self.therapist_weeks if self.therapist_weeks else None


def past_ratings(viewer: Viewer, *, at: datetime) -> PastRatings:
    """Read what every rule that opens episodes has judged in this clinic: four statements, whatever its size."""
    since = at - LOOKED_BACK
    held = Encounter.objects.filter(clinic_id=viewer.clinic_id, state=EncounterState.HELD).order_by(
        "starts_at"
    )
    sessions: dict[uuid.UUID, tuple[int, datetime]] = {}
    numbered: dict[uuid.UUID, int] = defaultdict(int)
    weeks: set[tuple[uuid.UUID, tuple[int, int]]] = set()
    for encounter, case, therapist, beside, starts_at in held.values_list(
        "pk", "case_id", "therapist_id", "beside_id", "starts_at"
    ):
        numbered[case] += 1
        sessions[encounter] = numbered[case], starts_at
        if starts_at >= since:
            week = starts_at.astimezone(viewer.time_zone).isocalendar()[:2]
            weeks.update((one, week) for one in (therapist, beside) if one is not None)
    return PastRatings(
        since=since,
        by_scale=_judged(viewer, sessions),
        ranges=_ranges(viewer),
        therapist_weeks=len(weeks),
        confirmed=_confirmed(viewer, sessions, since),
    )


def _judged(
    viewer: Viewer, sessions: Mapping[uuid.UUID, tuple[int, datetime]]
) -> dict[str, list[PastRating]]:
    """Evaluations that hold: every attended session has one, with or without a rating."""
    by_rule = Q()
    for rule in WATCHING:
        by_rule |= Q(series__scale=rule.scale, criterion=rule.criterion)
    rows = Evaluation.objects.filter(by_rule, clinic_id=viewer.clinic_id, superseded_by=None)
    facts = ("encounter_id", "series__scale", "series__case_id", "series_id", "series__phase", "value")
    found: dict[str, list[PastRating]] = {rule.scale: [] for rule in WATCHING}
    for encounter, scale, case, series, phase, value in rows.values_list(*facts).iterator():
        if encounter in sessions:
            found[scale].append(PastRating(case, series, phase, *sessions[encounter], value))
    return found


def _ranges(viewer: Viewer) -> dict[uuid.UUID, tuple[float, float]]:
    scales = [rule.scale for rule in WATCHING]
    rows = Score.objects.filter(clinic_id=viewer.clinic_id, scale__in=scales).order_by().distinct()
    return {series: (low, high) for series, low, high in rows.values_list("series_id", "minimum", "maximum")}


def _confirmed(
    viewer: Viewer, sessions: Mapping[uuid.UUID, tuple[int, datetime]], since: datetime
) -> dict[str, list[tuple[uuid.UUID, uuid.UUID | None, int]]]:
    """What was seen in the room, with nothing in the ratings, counts with strain with a therapist."""
    said = Q(client_confirmed_at__isnull=False) | Q(therapist_confirmed_at__isnull=False)
    rows = Episode.objects.filter(said, clinic_id=viewer.clinic_id).exclude(status=EpisodeStatus.WITHDRAWN)
    found: dict[str, list[tuple[uuid.UUID, uuid.UUID | None, int]]] = {rule.scale: [] for rule in WATCHING}
    for case, series, scale, onset in rows.values_list("case_id", "series_id", "series__scale", "onset_id"):
        if onset in sessions and sessions[onset][1] >= since:
            found[scale or SELF_THERAPIST].append((case, series, sessions[onset][0]))
    return found


def alert_budget(past: PastRatings, norms: Norms) -> AlertBudget:
    """What the rules in force would have raised with these norms."""
    scales = [_of_rule(past, rule, norms) for rule in WATCHING if past.courses[rule.scale]]
    return AlertBudget(norms, tuple(scales), past.therapist_weeks)


def _of_rule(past: PastRatings, rule: AlertRule, norms: Norms) -> ScaleBudget:
    table = past.table(rule.scale)
    asked: dict[str, Any] = {"criterion": rule.criterion, "version": rule.version, "norms": norms}
    events = detect(table, **asked).episode_dicts()
    onsets = {(each["case"], each["rater"], each["onset_session"]) for each in events}
    when = {(str(row.case), str(row.series), row.session): row for row in past.by_scale[rule.scale]}
    recent = [when[onset] for onset in onsets if when[onset].starts_at >= past.since]
    confirmed = past.confirmed[rule.scale]
    return ScaleBudget(
        rule=rule,
        raised=len(recent),
        cases=len({row.case for row in recent}),
        of_cases=len(past.recent_cases(rule.scale)),
        caught=sum(_is_caught(each, onsets) for each in confirmed),
        confirmed=len(confirmed),
        # What would be found in cases with a dip is not asked here, so that it need not be measured.
        chance=null_rate(table, **asked, replications=DRAWS, sensitivity=0.5, fewest_ratings=FEWEST_RATINGS),
    )


def _is_caught(strain: tuple[uuid.UUID, uuid.UUID | None, int], onsets: "set[tuple[str, str, int]]") -> bool:
    case, series, session = strain
    return any(
        abs(onset - session) <= 1
        for in_case, of_series, onset in onsets
        if in_case == str(case) and series in (None, uuid.UUID(of_series))
    )


def own_norms(past: PastRatings, *, day: str) -> Norms | None:
    """Norms fitted to the clinic's own ratings, scale by scale where there are enough; the shipped ones elsewhere.

    None where no scale has enough.
    """
    import polars as pl  # loaded by the first page that counts

    enough = [scale for scale, courses in past.courses.items() if courses >= FEWEST_COURSES]
    if not enough:
        return None
    ratings = pl.concat([past.table(scale) for scale in enough]).drop_nulls("value").drop("phase")
    fitted = fit_norms(ratings, name=OWN_RATINGS, version=day).content()
    shipped = Norms.default().content()
    return Norms.from_content({**fitted, "scales": [*fitted["scales"], *shipped["scales"]]})


def lacks_error_rates(norms: Norms) -> bool:
    """Whether a rule that opens episodes, of a scale that norms have an entry for, was not measured with them."""
    return any(not _is_measured(norms, rule) for rule in WATCHING if _has_entry(norms, rule))


def _has_entry(norms: Norms, rule: AlertRule) -> bool:
    return any(entry.scale == rule.scale for entry in norms.scales)


def _is_measured(norms: Norms, rule: AlertRule) -> bool:
    try:
        measured_error_rates(norms, rule.scale, criterion=rule.criterion, version=rule.version)
    except (NormsError, ParameterError):
        return False
    return True


def with_error_rates(norms: Norms, *, day: date) -> Norms:
    """Norms with how often each rule that opens episodes is wrong with them, where they have an entry for its scale."""
    for rule in WATCHING:
        if _has_entry(norms, rule):
            norms = measure_norms(
                norms,
                criterion=rule.criterion,
                version=rule.version,
                scales=[rule.scale],
                cases=MEASURED_CASES,
                computed_on=day,
            )
    return norms


def check_of_norms(past: PastRatings, norms: Norms) -> NormsCheck | None:
    """Whether norms fit the clinic's ratings of the work with a therapist; None where there are too few courses.

    Norms that were fitted here are not held against the cases they were fitted to: each half of the cases is judged
    by norms fitted to the other.
    """
    if past.courses[SELF_THERAPIST] < FEWEST_COURSES:
        return None
    ratings = past.table(SELF_THERAPIST).drop_nulls("value")
    try:
        return check_norms(ratings, norms=None if norms.name == OWN_RATINGS else norms)
    except (NormsError, TableError):  # half of them are too few, or none was rated for long enough
        return None
