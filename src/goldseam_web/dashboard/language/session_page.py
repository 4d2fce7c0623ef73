"""The words of planning a session, of its links, and of the therapist's own view."""

from goldseam_web.accounts.models import Phase
from goldseam_web.cases.models import EncounterState
from goldseam_web.measures.models import OccasionState

ASKED = {
    Phase.PRE: "How the last week was, before the session",
    Phase.POST: "How the session was, after it",
}
ASKED_ABOUT = "{asked}; the form names {therapist}"
STATES: dict[str, str] = {
    EncounterState.PLANNED: "Planned",
    EncounterState.HELD: "Took place",
    EncounterState.CANCELLED: "Cancelled",
}
WHEN = "{start} to {end} · with {therapist}"
BESIDE = "Who holds it"
ALONE = "You alone"
WITH_YOU = "You and {name}"
PLAN = "Plan a session"
CORRECT = "Correct {session}"

ANSWERED_HOW_FAR = {
    OccasionState.ANSWERED: "Answered",
    OccasionState.PARTLY_ANSWERED: "Answered in part",
    OccasionState.UNANSWERED: "Not answered in time",
}
NOT_OPEN_YET = "Not open yet"
WAITING = "Waiting"
NOT_ANSWERED_IN_TIME = "Not answered in time"

LINK_OPENS = "opens {opens}, until {closes}"
LINK_OPEN = "open until {closes}"
LINK_CLOSED = "closed {closed}"
LINK_FOR = "A link for {name}"
ABOUT_CHILD = "{name}, about {child}"
LINK_NOT_OPEN = "This link is not open yet. End the session first, and it opens at once."
# Of questions asked before a session: they open by the clock, and ending it has nothing to do with them.
LINK_NOT_OPEN_BEFORE = "This link is not open yet. It opens {when}."
LINK_OVER = "This link has done its work: its time is over."
