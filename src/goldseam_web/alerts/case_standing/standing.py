"""What is said of a case to one reader, in codes, numbers, dates and ids: sentences and names are added on reading."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean
from typing import Any, Self

from goldseam_web.alerts.case_standing.case_record import CaseRecord, facet_falls
from goldseam_web.alerts.case_standing.case_status import CaseStatus
from goldseam_web.alerts.case_standing.courses import Course, course_of
from goldseam_web.alerts.case_standing.state_facts import member_facts
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, EpisodeStatus, RepairDoubt, SignalKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.alerts.single_answers import facet_that_stands_out
from goldseam_web.alerts.states import Asked, Group, Relation, State
from goldseam_web.cases.queries import therapist_rated
from goldseam_web.measures.models import StrainWith
from goldseam_web.measures.own_measures import SELF_THERAPIST


@dataclass(frozen=True)
class FindingTold:
    """What a signal says: about whose rating of the work with which therapist, and what that says of it.

    The names of staff are no part of what is kept. What was said by card is about no session and so no therapist's.
    """

    kind: SignalKind
    member: uuid.UUID
    therapist: uuid.UUID | None
    value: float | None
    maximum: float | None
    again: str = ""
    facet: str | None = None
    choice: AcknowledgeChoice | None = None
    planner: uuid.UUID | None = None
    plans: int = 0
    therapist_name: str = ""
    planner_name: str = ""


@dataclass(frozen=True)
class Standing:
    """The most urgent state of a case and everything its badge, its sentence and its line need.

    ``opens``: the signal that waits for a word. ``steady``: who lies in the usual range. ``fall``: of an early rating
    below the ``before`` earlier ones. ``rated``: the latest rating by member, where nothing is judged.
    """

    state: State
    group: Group
    need: tuple[int, bool, bool]
    is_new: bool = False
    further: int = 0
    member: uuid.UUID | None = None
    opens: uuid.UUID | None = None
    session: int | None = None
    confirmed: bool = False
    onset: int | None = None
    value: float | None = None
    rating_session: int | None = None
    asked: Asked = Asked.ASKED
    tension: str = ""
    episode_status: EpisodeStatus | None = None
    by_hand: bool = False
    doubt: RepairDoubt | None = None
    before: int = 0
    fall: float | None = None
    latest: float | None = None
    ratings: int = 0
    steady: tuple[uuid.UUID, ...] = ()
    rated: tuple[tuple[uuid.UUID, float], ...] = ()
    finding: FindingTold | None = None
    course: Course | None = None

    def content(self) -> dict[str, Any]:
        """What is kept: whatever differs from a case of which nothing is known, without the names of staff."""
        found = {name: getattr(self, name) for name in _PLAIN}
        content = {name: value for name, value in found.items() if value != _DEFAULTS[name]}
        if self.finding is not None:
            nameless = replace(self.finding, therapist_name="", planner_name="")
            content["finding"] = [getattr(nameless, name) for name in _OF_FINDING]
        if self.course is not None:
            content["course"] = self.course.content()
        return content

    @classmethod
    def kept(cls, content: Mapping[str, Any], *, therapist_name: str, planner_name: str) -> Self:
        """Read it back, with the names of staff as they are now."""
        given = dict(content)
        given["state"], given["group"] = State(given["state"]), Group(given["group"])
        given["need"] = tuple(given["need"])
        for name in _IDS.intersection(given):
            given[name] = uuid.UUID(given[name])
        for name in _WORDS.keys() & given.keys():
            given[name] = _WORDS[name](given[name])
        if "steady" in given:
            given["steady"] = tuple(map(uuid.UUID, given["steady"]))
        if "rated" in given:
            given["rated"] = tuple((uuid.UUID(member), value) for member, value in given["rated"])
        if "finding" in given:
            given["finding"] = _kept_finding(given["finding"], therapist_name, planner_name)
        if "course" in given:
            given["course"] = Course.kept(given["course"])
        return cls(**given)


_OF_FINDING = (
    "kind",
    "member",
    "therapist",
    "value",
    "maximum",
    "again",
    "facet",
    "choice",
    "planner",
    "plans",
)
_PLAIN = tuple(name for name in Standing.__dataclass_fields__ if name not in ("finding", "course"))
_DEFAULTS = {name: field.default for name, field in Standing.__dataclass_fields__.items()}
_IDS = {"member", "opens"}
_WORDS = {"asked": Asked, "episode_status": EpisodeStatus, "doubt": RepairDoubt}


def _kept_finding(given: Sequence[Any], therapist_name: str, planner_name: str) -> FindingTold:
    kind, member, therapist, value, maximum, again, facet, choice, planner, plans = given
    return FindingTold(
        kind=SignalKind(kind),
        member=uuid.UUID(member),
        therapist=uuid.UUID(therapist) if therapist else None,
        value=value,
        maximum=maximum,
        again=again,
        facet=facet,
        choice=AcknowledgeChoice(choice) if choice else None,
        planner=uuid.UUID(planner) if planner else None,
        plans=plans,
        therapist_name=therapist_name,
        planner_name=planner_name,
    )


# ---------- working it out ----------


def standing_of(record: CaseRecord, status: CaseStatus, *, course: bool = False) -> Standing:
    """Everything that is said of a case; with its ``course`` only for lists, which draw one."""
    first, episode = status.member_state, status.episode
    rating = first.rating if first else None
    before, latest, fall = _early(record, status)
    return Standing(
        state=status.state,
        group=status.group,
        need=status.need,
        is_new=status.is_new,
        further=status.further,
        member=status.member.id if status.member else None,
        opens=_opens(status),
        session=first.finding.session if first and first.finding else None,
        confirmed=first.strain.confirmed if first and first.strain else False,
        onset=record.session(episode.onset_id) if episode else None,
        value=rating.value if rating else None,
        rating_session=rating.session if rating else None,
        asked=rating.asked if rating else Asked.ASKED,
        tension=rating.tension if rating else "",
        episode_status=EpisodeStatus(episode.status) if episode else None,
        by_hand=episode.by_hand if episode else False,
        doubt=RepairDoubt(episode.repair_doubt) if episode and episode.repair_doubt else None,
        before=before,
        latest=latest,
        fall=fall,
        ratings=max(
            (sum(v is not None for v in record.values(m.id, SELF_THERAPIST)) for m in record.members),
            default=0,
        ),
        steady=tuple(s.member for s in status.states if s.state in (State.STEADY, State.GROWING)),
        rated=_rated(record) if status.state == State.RECORDED else (),
        finding=what_signal_says(record, status.signal_status) if status.signal_status else None,
        course=course_of(record, status) if course else None,
    )


def what_signal_says(record: CaseRecord, signal_status: SignalStatus) -> FindingTold:
    """What one signal says, and what became of it."""
    signal = signal_status.signal
    series = signal.series.therapist_id if signal.series else None
    rated = therapist_rated(signal.encounter, series) if signal.encounter else None
    return FindingTold(
        kind=SignalKind(signal.kind),
        member=signal.member_id,
        therapist=rated.pk if rated else None,
        value=signal.evidence.get("value"),
        maximum=signal.evidence.get("maximum"),
        again=signal.evidence.get("again") or "",
        facet=_facet(record, signal),
        choice=AcknowledgeChoice(signal_status.choice) if signal_status.choice else None,
        planner=signal_status.chosen_by,
        plans=signal_status.plans,
        therapist_name=rated.full_name if rated else "",
        planner_name=signal_status.chosen_by_name,
    )


def _facet(record: CaseRecord, signal: AlertSignal) -> str | None:
    """Which facet of a strain with the therapist stands out; *either* where it was not said with which of two."""
    if signal.kind == SignalKind.ASKED and signal.evidence.get("strain_with") == StrainWith.EITHER:
        return StrainWith.EITHER
    if signal.kind != SignalKind.STRAIN or signal.evidence.get("again"):
        return None
    return facet_that_stands_out(facet_falls(record, signal))


def _opens(status: CaseStatus) -> uuid.UUID | None:
    """A signal that waits for a word, the one that was not opened first; a plan that was not taken up waits too."""
    state = status.member_state
    waits = state.to_open or state.finding if state is not None and status.group == Group.WORTH else None
    if waits is None or not (waits.unopened or waits.choice is None or status.state == State.NOT_TAKEN_UP):
        return None
    return waits.id


def _early(record: CaseRecord, status: CaseStatus) -> tuple[int, float | None, float | None]:
    """How many earlier ratings there are, the latest, and how far it lies below their mean."""
    if status.state != State.EARLY_FALL or status.member is None:
        return 0, None, None
    given = member_facts(record, status.member).given(Relation.THERAPIST)
    *before, last = [rating.value for rating in given if rating.value is not None]
    return len(before), last, fmean(before) - last


def _rated(record: CaseRecord) -> tuple[tuple[uuid.UUID, float], ...]:
    found = ((m.id, record.latest(m.id, SELF_THERAPIST)) for m in record.members)
    return tuple((member, row.value) for member, row in found if row is not None and row.value is not None)


def next_change(moments: Sequence[datetime | None], *, at: datetime) -> datetime | None:
    """The first of these moments that is still to come."""
    return min((moment for moment in moments if moment is not None and moment > at), default=None)
