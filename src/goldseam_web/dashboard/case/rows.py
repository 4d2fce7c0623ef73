"""All rows a case page needs, read once."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from goldseam_web.alerts.case_standing.case_record import CaseRecord, records
from goldseam_web.alerts.queries import SignalStatus, episodes_of, ratings_to_draw, signals_of, verdicts_of
from goldseam_web.alerts.read_first import answered_unread
from goldseam_web.alerts.speaking_openly import members_with_safety
from goldseam_web.cases.models import Case, Encounter, Member, Presence
from goldseam_web.cases.queries import case_and_right, encounters_of, presence_at
from goldseam_web.dashboard.drawing.chart_data import ABOUT_OTHER, READ_FIRST, Asked
from goldseam_web.dashboard.language.case_page import PROGRESS
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.home_answers import with_home
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.measures.own_measures import (
    FACETS,
    GROUP_THERAPIST,
    OTHER_THERAPIST,
    SELF_THERAPIST,
    THERAPIST_VIEW,
    WITHIN,
    WITHIN_GOAL,
)
from goldseam_web.measures.queries import occasions_of
from goldseam_web.measures.request_rows import RequestRow, with_tension
from goldseam_web.measures.whose_view import of_themselves

ASKED_AND_OPEN = (OccasionState.WAITING, OccasionState.UNANSWERED)
HAS_ANSWER = (OccasionState.ANSWERED, OccasionState.PARTLY_ANSWERED)


@dataclass(frozen=True)
class CaseRows:
    record: CaseRecord
    occasions: tuple[Occasion, ...]
    mine: bool
    # Whether anybody was asked about a child, which is in none of these occasions.
    asks_about_children: bool = False

    @property
    def raters(self) -> tuple[Member, ...]:
        """Who is asked about themselves, or was: a child who is too young has no course. All, before anybody is."""
        asked = {occasion.respondent_id for occasion in self.occasions}
        members = tuple(self.record.members)
        return tuple(member for member in members if member.id in asked) or members

    def of_member(self, encounter_id: uuid.UUID, member_id: uuid.UUID) -> list[Occasion]:
        return [o for o in self.occasions if o.encounter_id == encounter_id and o.respondent_id == member_id]

    def asked(self, encounter: Encounter, member_id: uuid.UUID, scale: str) -> Asked:
        """Whether a member answered about a session, was asked and did not, or was away.

        Or was asked about the other of the two therapists who held it, who may read it first.
        """
        if self.record.ratings_by(member_id, scale).get(encounter.id) is not None:
            return "answered"
        if presence_at(encounter).get(member_id) == Presence.AWAY:
            return "away"
        if scale == SELF_THERAPIST and self.record.asked_about(encounter, member_id) in self.record.with_them:
            return ABOUT_OTHER
        if (encounter.id, member_id) in self.record.read_later and scale not in PROGRESS:
            return READ_FIRST
        states = {o.state for o in self.of_member(encounter.id, member_id) if o.phase == self.phase}
        return "unanswered" if states & {*ASKED_AND_OPEN, *HAS_ANSWER} else "not_asked"

    @property
    def phase(self) -> str:
        """When this case is asked about the alliance: after meetings where anything is asked then."""
        phases = {o.phase for o in self.occasions if o.respondent_id is not None}
        return "post" if "post" in phases or not phases else "pre"

    def guess_due(self, visit: StaffVisit) -> Occasion | None:
        """The viewer's own questions about the last session, while they can still be answered without knowing."""
        last = self.record.held[-1] if self.record.held else None
        if last is None or any(_opened(h, last) for h in self.record.signals):
            return None
        return next((o for o in self.occasions if _is_open_guess(o, visit, last)), None)

    def waiting(self, at: datetime) -> int:
        """How many members have a link that works now and has not been used."""
        return sum(
            o.respondent_id is not None
            and o.state == OccasionState.WAITING
            and o.opens_at <= at <= o.closes_at
            for o in self.occasions
        )


def _opened(signal_status: SignalStatus, encounter: Encounter) -> bool:
    return signal_status.signal.encounter_id == encounter.id and not signal_status.unopened


def _is_open_guess(occasion: Occasion, visit: StaffVisit, last: Encounter) -> bool:
    return (
        occasion.respondent_staff_id == visit.viewer.staff_id
        and occasion.encounter_id == last.id
        and occasion.state == OccasionState.WAITING
        and occasion.opens_at <= visit.at <= occasion.closes_at
    )


def read_case(visit: StaffVisit, case_id: uuid.UUID, *, every_relation: bool = False) -> CaseRows | None:
    """The rows of one visible case, or None for a stranger.

    ``every_relation``: also each member's facets and view of the others, which the page of a case does not draw.
    """
    found = case_and_right(visit.viewer, case_id, members=members_with_safety())
    if found is None:
        return None
    case, mine = found
    requests = with_tension(occasions_of(visit.viewer, [case])).annotate(
        unread_since=answered_unread(visit.viewer)
    )
    asked = list(requests if every_relation else with_home(requests))
    occasions = of_themselves(asked)
    further = (*FACETS, OTHER_THERAPIST) if every_relation else ()
    record = _record(visit, case, occasions, mine=mine, further=further)
    return CaseRows(record, occasions, mine, asks_about_children=len(asked) > len(occasions))


def _record(
    visit: StaffVisit, case: Case, occasions: tuple[Occasion, ...], *, mine: bool, further: tuple[str, ...]
) -> CaseRecord:
    viewer, cases = visit.viewer, [case]
    [record] = records(
        cases,
        encounters=encounters_of(viewer, cases),
        ratings=ratings_to_draw(
            viewer,
            cases,
            scales=[
                SELF_THERAPIST,
                WITHIN,
                WITHIN_GOAL,
                GROUP_THERAPIST,
                THERAPIST_VIEW,
                *PROGRESS,
                *further,
            ],
            if_noticed=FACETS,
        ),
        verdicts=verdicts_of(viewer, cases) if visit.judging else [],
        signals=signals_of(viewer, cases, mine=mine) if visit.judging else [],
        episodes=episodes_of(viewer, cases) if visit.judging else [],
        reader=viewer.staff_id,
        requests=[
            RequestRow(
                encounter,
                member,
                o.phase,
                o.state,
                o.closes_at,
                o.therapist_id,
                getattr(o, "tension", ""),
                getattr(o, "unread_since", None),
            )
            for o in occasions
            if (encounter := o.encounter_id) and (member := o.respondent_id)
        ],
    )
    return record
