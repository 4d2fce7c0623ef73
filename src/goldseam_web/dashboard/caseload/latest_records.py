"""The records of many cases, as far as a list needs them: the latest sessions, in as many queries as for one case."""

import uuid
from collections.abc import Sequence

from goldseam_web.alerts.queries import ratings_to_draw, signals_of, verdicts_of
from goldseam_web.alerts.repair_queries import seen_by_hand
from goldseam_web.cases.models import Case, Encounter, EncounterState
from goldseam_web.dashboard.case.record import CaseRecord, records
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import FACETS, SELF_THERAPIST, WITHIN
from goldseam_web.measures.queries import requests_about

SESSIONS_READ = 11  # the ten a sparkline shows, and the one before them


def latest_records(
    visit: StaffVisit,
    cases: Sequence[Case],
    appointments: Sequence[Encounter],
    *,
    reader: uuid.UUID,
    mine: bool = True,
) -> list[CaseRecord]:
    """One record a case, about the work with the ``reader``. Not ``mine``: unopened is what nobody who treats has."""
    meetings = [e for e in appointments if e.state != EncounterState.CANCELLED]
    recent = _recent(meetings)
    # Rows draw one scale; the others are read only where there is something to say of them.
    ratings = ratings_to_draw(
        visit.viewer, cases, scales=[SELF_THERAPIST], if_noticed=[WITHIN, *FACETS], encounters=recent
    )
    verdicts = (
        verdicts_of(visit.viewer, cases, recent, {r.series_id for r in ratings}) if visit.judging else []
    )
    return records(
        cases,
        encounters=meetings,
        ratings=ratings,
        verdicts=verdicts,
        signals=signals_of(visit.viewer, cases, mine=mine) if visit.judging else [],
        episodes=seen_by_hand(visit.viewer, cases) if visit.judging and visit.shell.by_hand else [],
        requests=requests_about(visit.viewer, recent),
        sessions_read=SESSIONS_READ,
        reader=reader,
    )


def _recent(meetings: Sequence[Encounter]) -> list[uuid.UUID]:
    """The latest held sessions of each case."""
    by_case: dict[uuid.UUID, list[uuid.UUID]] = {}
    for meeting in meetings:
        if meeting.state == EncounterState.HELD:
            by_case.setdefault(meeting.case_id, []).append(meeting.id)
    return [e for held in by_case.values() for e in held[-SESSIONS_READ:]]
