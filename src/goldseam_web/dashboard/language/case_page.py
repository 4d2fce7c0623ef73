"""The words of the cards of a case: its head, episodes, sessions, progress, and answers released to everybody."""

from typing import NamedTuple

from goldseam_web.alerts.models import EpisodeStatus, RepairDoubt
from goldseam_web.dashboard.language.phrases import ByReader

# ---------- the head of the page ----------

SESSIONS_SINCE = ("{count} session since {day}", "{count} sessions since {day}")
NOT_MET = "not met yet"
WITH_THERAPIST = "with {therapist}"
ENDED = "ended {day}"
RELEASED = "“{statement}” {answer}"

# ---------- episodes ----------

WITH_THERAPIST_OF = ByReader("{name}, with you", "{name}, with {therapist}")
WITH_OTHERS = "{name}, with {others}"

NOT_HEARD_TITLE = "Not heard from {name}"

NOTICED = "Noticed"
SEEN_IN_THE_ROOM = "Seen in the room."
LOWER_THAN_EXPECTED = "{value:.1f}, where {level:.1f} was expected."
LOWER_THAN_BEFORE = "{value:.1f}, down from {level:.1f}."
RAISED_AFTER = "Raised {length} after the answer."
TALKED = "Talked about"
SAID_SO = "{who} said so."
SEEN_DIFFERENTLY = ByReader("You see it differently", "{who} sees it differently")
VIEW_COUNTS = "That view counts as data."
LOWEST = "Lowest"
LOWEST_VALUE = "{value:.1f}."
CLIENT_CONFIRMED = "{name} said there was tension"
SEEN_IN_TWO_WAYS = "The therapist sees it differently from {name}"
CLIENT_SAID_REPAIRED = "{name} said it is worked out"
REPAIR_DOUBTS = {
    RepairDoubt.CEILING: "With the highest answer to everything, which is not usual here.",
    RepairDoubt.ALL_EQUAL: "With the same answer to everything, which is not usual here.",
    RepairDoubt.FAST: "In less than a third of the usual time.",
}


class EndedBy(NamedTuple):
    """What ended an episode other than ratings."""

    title: str
    text: str


ENDED_BY = {
    EpisodeStatus.HANDOVER: EndedBy("Ended by handover", "It was about the work with the therapist before."),
    EpisodeStatus.MEASURE_CHANGED: EndedBy(
        "Measure changed", "Ratings by the new questions are not compared with these."
    ),
}
CLIENT_CONTRADICTED = "{name} says it is not worked out"
BACK_IN_RANGE = "Back in range"
HELD = "Held"
SINCE_THEN = "since then"
HOLDS_OR_NOT = "Holds, or not"
NEXT_RATING_SHOWS = "The next rating will show."
MENDED_SO_FAR = ByReader("Mended, in your view", "Mended, in the view of {therapist}")
GOLD_NEEDS_A_YES = "Called repaired once {name} says so."
OVER_NOT_MENDED = ByReader(
    "Over and not mended, in your view", "Over and not mended, in the view of {therapist}"
)
BACK_IN_PART = "Came back in part"
STAYED_LOWER = "Stayed lower"
COMPARED_WITH_LOWER = "Ratings are now compared with the lower level."
BACK_NEAR_EARLIER = "Back near the earlier level"
NOT_YET = "Not yet."

# ---------- progress ----------

# What is drawn of progress, by how much it tells: of a member, as many as the page has room for.
PROGRESS = {
    "wellbeing": "well-being",
    "relationship": "the relationship",
    "parenting": "being a parent",
    "household": "home",
    "close_relationships": "people close by",
    "work_study": "work or study",
    "hope": "hope",
}
CHILD_SCALES = {
    "child_distress": "All right",
    "child_functioning": "Day-to-day life",
    "child_household": "At home",
}
CHILD_AS_SEEN = "{child}, as {name} sees it"
CHILD_AS_SEEN_NOTE = (
    "What {name} answers about {child}. It is {name}’s view, and in nothing that {child} or {name} answers about "
    "themselves."
)
PROGRESS_OF = "{name}, {scale}"
PROGRESS_LABEL = "{name}: from {first:.1f} to {last:.1f}"
PROGRESS_LABEL_EMPTY = "{name}: no answers yet"
ONE_ANSWER = "one answer so far"
NO_ANSWERS = "no answers yet"
UNCHANGED = "As at the first answer"
UP = "Up {change:.1f} since the first"
DOWN = "Down {change:.1f} since the first"

# ---------- sessions ----------

CHECK_INS, WITH, ANSWERED, LINKS_OPEN = "Check-ins", "With", "Answered", "Links open"
NOBODY_ASKED = "nobody is asked"
ASKED_BEFORE = ("{count} person, before it", "{count} people, before it")
ASKED_AFTER = ("{count} person, after it", "{count} people, after it")
ASKED_BEFORE_AND_AFTER = ("{count} person, before and after it", "{count} people, before and after it")
ANSWERED_OF = "{answered} of {asked}"
NOBODY = "nobody"
OPEN_UNTIL = "until {when}"
SESSION_IS_OVER = "The session is over"
OPEN_THE_SESSION = "Open the session"
LINKS_AND_ATTENDANCE = "Links and attendance"
