"""What the list of appointments and the page that calls one off may use."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class AppointmentRow:
    """``state`` says that it is planned, took place, or why it did not; ``away`` names who was not there."""

    when: str
    title: str
    state: str
    away: str
    url: str
    cancelled: bool


@dataclass(frozen=True)
class AppointmentsPage:
    case_id: uuid.UUID
    case_title: str
    ahead: tuple[AppointmentRow, ...]
    past: tuple[AppointmentRow, ...]
    mine: bool
    open_case: bool


@dataclass(frozen=True)
class CancelPage:
    """``of_series`` says whether others of the same series lie ahead, so that there is something to choose."""

    case_id: uuid.UUID
    case_title: str
    title: str
    session_title: str
    session_url: str
    when: str
    of_series: bool
