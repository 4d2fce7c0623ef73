"""The words of the list of appointments, of repeating one, and of what did not take place."""

from goldseam_web.cases.models import NotHeld
from goldseam_web.cases.services import Reach

TITLE = "Appointments"
CANCEL = "{session} does not take place"
CANCELLED = "{session} did not take place"

ONCE = "Once"
EVERY_WEEK = "Every week"
EVERY_WEEKS = "Every {count} weeks"
REPEATED = "Repeated"
TIMES = "How many times"
TIMES_REQUIRED = "Give a number of times from 2 to 60."
REACH_LABEL = "What this is meant for"
REACHES = (
    (Reach.ONE, "This session alone"),
    (Reach.FOLLOWING, "This one and all of the series after it"),
    (Reach.AHEAD, "All of the series that lie ahead"),
)
BECAUSE_LABEL = "Why"
BECAUSE_REQUIRED = "Choose one of the reasons."
CANCELLED_BY = {
    NotHeld.BY_CLIENT: "The client cancelled it",
    NotHeld.BY_CLINIC: "I or the clinic cancelled it",
    NotHeld.NOBODY_CAME: "Nobody came",
}

STATES = {
    NotHeld.BY_CLIENT: "Cancelled by the client",
    NotHeld.BY_CLINIC: "Cancelled by the therapist or the clinic",
    NotHeld.NOBODY_CAME: "Nobody came",
    NotHeld.CASE_CLOSED: "Called off with the end of the case",
}

SERIES_PLANNED = "{count} sessions are planned, {first} to {last}."
SERIES_LEFT_OUT = " The clinic is closed on {days}, so these were left out."
SESSIONS_MOVED = "{count} sessions are moved. Links and windows follow."
NOT_HELD = "Noted. Nobody is asked about it."
SEVERAL_NOT_HELD = "Noted for {count} sessions. Nobody is asked about them."
TAKEN_BACK = "The session stands again, with the links it had."
