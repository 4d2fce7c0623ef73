"""The records of many cases, as far as a list needs them: the latest sessions, in as many queries as for one case."""

import uuid
from collections.abc import Sequence

from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.case_standing.case_record import CaseRecord, records
from goldseam_web.alerts.queries import ratings_to_draw, signals_of, verdicts_of
from goldseam_web.alerts.read_first import answered_unread
from goldseam_web.alerts.repair_queries import seen_by_hand
from goldseam_web.cases.models import Case, Encounter, EncounterState
from goldseam_web.measures.own_measures import FACETS, SELF_THERAPIST, WITHIN, WITHIN_GOAL
from goldseam_web.measures.request_rows import requests_about

SESSIONS_READ = 11  # the ten a sparkline shows, and the one before them


def latest_records(
    viewer: Viewer,
    cases: Sequence[Case],
    appointments: Sequence[Encounter],
    *,
    reader: uuid.UUID,
    judging: bool,
    by_hand: bool = True,
) -> list[CaseRecord]:
    """One record a case, about the work with the ``reader``.

    ``by_hand``: whether anybody may have noted strain by hand.
    """
    meetings = [e for e in appointments if e.state != EncounterState.CANCELLED]
    recent = _recent(meetings)
    # Rows draw one scale; the others are read only where there is something to say of them.
    ratings = ratings_to_draw(
        viewer, cases, scales=[SELF_THERAPIST], if_noticed=[WITHIN, WITHIN_GOAL, *FACETS], encounters=recent
    )
    verdicts = verdicts_of(viewer, cases, recent, {r.series_id for r in ratings}) if judging else []
    return records(
        cases,
        encounters=meetings,
        ratings=ratings,
        verdicts=verdicts,
        signals=signals_of(viewer, cases) if judging else [],
        episodes=seen_by_hand(viewer, cases) if judging and by_hand else [],
        requests=requests_about(viewer, recent, answered_unread(viewer)),
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
