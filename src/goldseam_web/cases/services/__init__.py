"""What is done to cases: opening, appointments, who takes part, endings. Each one use case in one transaction."""

from goldseam_web.cases.services.appointments import (
    cancel_encounter,
    change_encounter,
    check_day,
    hold_encounter,
    hold_if_planned,
    plan_encounter,
    restore_encounter,
)
from goldseam_web.cases.services.consent_records import record_consent, set_consent_text
from goldseam_web.cases.services.endings import close_case, reopen_case, set_last_phase
from goldseam_web.cases.services.membership import set_left, set_paused
from goldseam_web.cases.services.opening import MEMBERS_ALLOWED, NewMember, join_case, open_case
from goldseam_web.cases.services.repeated_appointments import (
    MOST_TIMES,
    Reach,
    Repeat,
    others_reached,
    plan_series,
)

__all__ = [
    "MEMBERS_ALLOWED",
    "MOST_TIMES",
    "NewMember",
    "Reach",
    "Repeat",
    "cancel_encounter",
    "change_encounter",
    "check_day",
    "close_case",
    "hold_encounter",
    "hold_if_planned",
    "join_case",
    "open_case",
    "others_reached",
    "plan_encounter",
    "plan_series",
    "record_consent",
    "reopen_case",
    "restore_encounter",
    "set_consent_text",
    "set_last_phase",
    "set_left",
    "set_paused",
]
