"""How each member rates wanting the same from coming: level and change apart, each with its noise."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.single_answers import LOW, Fall, fall_of, fell_by_itself
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.dashboard.drawing import Mark, mark
from goldseam_web.dashboard.language import goals_words as say
from goldseam_web.dashboard.language.phrases import DASH
from goldseam_web.measures.own_measures import WITHIN_GOAL

CENTRAL_80 = 1.2816  # SDs that hold the central 80% of a normal distribution
LOWEST, HIGHEST = 0.0, 10.0
ALIKE = 0.05  # no difference in what is shown with one decimal


@dataclass(frozen=True)
class GoalRow:
    """One member: the answer about one session, where it lies, and how it changed."""

    mark: Mark
    name: str
    value: str
    usual: str
    level: str
    change: str

    @property
    def has_range(self) -> bool:
        return self.usual != DASH


@dataclass(frozen=True)
class GoalsOfEach:
    title: str
    note: str
    rows: tuple[GoalRow, ...]


def goals_of_each(record: CaseRecord, encounter: Encounter) -> GoalsOfEach:
    """In the members' own order, each beside what they gave before; nobody is compared with anybody.

    Of whom no answer was ever given there is nothing to say: a child may be too young to be asked.
    """
    raters = [m for m in record.members if record.ratings_by(m.id, WITHIN_GOAL)]
    return GoalsOfEach(say.EACH, say.EACH_NOTE, tuple(_row(record, m, encounter) for m in raters))


def _row(record: CaseRecord, member: Member, encounter: Encounter) -> GoalRow:
    now = _given(record, member, [encounter])
    before = _given(record, member, (e for e in record.held if e.starts_at < encounter.starts_at))
    fall = fall_of(now[0], before) if now else None
    return GoalRow(
        mark=mark(member.position, 6, 6, 4.5),
        name=record.name(member.id),
        value=f"{now[0]:g}" if now else DASH,
        usual=_usual(fall, before),
        level=(say.BELOW if now[0] < LOW else say.NOT_BELOW) if now else say.NOT_ANSWERED,
        change=_change(fall) if now else "",
    )


def _given(record: CaseRecord, member: Member, encounters: Iterable[Encounter]) -> list[float]:
    """Answers given in time: a late one is shown elsewhere and judged nowhere."""
    rows = record.ratings_by(member.id, WITHIN_GOAL)
    found = (rows.get(e.id) for e in encounters)
    return [row.value for row in found if row is not None and not row.late and row.value is not None]


def _usual(fall: Fall | None, before: list[float]) -> str:
    """Where four of five answers would lie had nothing changed."""
    if fall is None:
        return DASH
    around = CENTRAL_80 * sqrt(fall.variance)
    low, high = max(fmean(before) - around, LOWEST), min(fmean(before) + around, HIGHEST)
    return say.USUALLY.format(low=low, high=high)


def _change(fall: Fall | None) -> str:
    if fall is None:
        return say.NOTHING_BEFORE
    if fell_by_itself(fall):
        return say.FELL_BY.format(change=fall.points)
    if abs(fall.points) < ALIKE:
        return say.AS_BEFORE
    return say.IN_NOISE.format(change=abs(fall.points), way=say.LOWER if fall.points > 0 else say.HIGHER)
