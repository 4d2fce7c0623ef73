"""Building the list of a case's appointments."""

import uuid
from collections.abc import Iterable

from django.urls import reverse

from goldseam_web.cases.models import Case, Encounter, EncounterState, NotHeld, Presence
from goldseam_web.cases.queries import (
    SessionNumbers,
    all_appointments_of,
    case_title,
    display_name,
    members_of,
    presence_at,
)
from goldseam_web.dashboard.appointment_list.page import AppointmentRow, AppointmentsPage
from goldseam_web.dashboard.language import appointments_page as say
from goldseam_web.dashboard.language.phrases import first_capital, session
from goldseam_web.dashboard.language.session_page import STATES
from goldseam_web.dashboard.language.times import coming
from goldseam_web.dashboard.staff_visit import StaffVisit


def appointments_page(visit: StaffVisit, case: Case, *, mine: bool) -> AppointmentsPage:
    """All appointments of a case that was read for the viewer; the next one first, then the last one first."""
    rows = list(all_appointments_of(visit.viewer, case))
    titles = _titles(rows)
    names = {m.id: display_name(m) for m in members_of(case)}
    ahead = [e for e in rows if e.state == EncounterState.PLANNED or e.starts_at > visit.at]
    past = [e for e in reversed(rows) if e not in ahead]

    def listed(encounters: Iterable[Encounter]) -> tuple[AppointmentRow, ...]:
        return tuple(_row(visit, e, titles.get(e.pk, ""), names) for e in encounters)

    return AppointmentsPage(
        case_id=case.pk,
        case_title=case_title(case),
        ahead=listed(ahead),
        past=listed(past),
        mine=mine,
        open_case=case.ended_on is None,
    )


def _titles(rows: list[Encounter]) -> dict[uuid.UUID, str]:
    """The number of each session, those ahead counted on; what was cancelled has none."""
    kept = [e for e in rows if e.state != EncounterState.CANCELLED]
    held = SessionNumbers.of(kept)
    ahead = [e for e in kept if e.state == EncounterState.PLANNED]
    numbers = {
        **held.by_encounter,
        **{e.pk: len(held.by_encounter) + k for k, e in enumerate(ahead, start=1)},
    }
    return {key: first_capital(session(number)) for key, number in numbers.items()}


def _row(visit: StaffVisit, encounter: Encounter, title: str, names: dict[uuid.UUID, str]) -> AppointmentRow:
    cancelled = encounter.state == EncounterState.CANCELLED
    away = [names.get(key, "") for key, how in presence_at(encounter).items() if how == Presence.AWAY]
    return AppointmentRow(
        when=coming(encounter.starts_at, now=visit.at, zone=visit.zone),
        title=title,
        state=state_in_words(encounter),
        away="" if cancelled else ", ".join(name for name in away if name),
        url=reverse("dashboard:encounter", args=[encounter.pk]),
        cancelled=cancelled,
    )


def state_in_words(encounter: Encounter) -> str:
    """Planned, took place, or why it did not."""
    if encounter.state == EncounterState.CANCELLED and encounter.cancelled_reason:
        return say.STATES[NotHeld(encounter.cancelled_reason)]
    return STATES[encounter.state]
