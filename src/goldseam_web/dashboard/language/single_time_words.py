"""The words of being seen alone: what is due for everybody, what each said there, and what is held until then."""

from goldseam_web.cases.safety_tables import SpokenTogether

TITLE = "Single time"

# The whole case; never of whom.
PLAN_IT = "Plan single time for everybody in one of the first three sessions: a few minutes with each of them alone."
DUE = "Single time for everybody is due: a few minutes with each of them alone."
DUE_ON = "Single time for everybody is due again on {day}."
ROUTINE = "It is routine for all of them, so being seen alone tells nobody anything."
HELD = "Whatever one of them releases to everybody is kept until each has been seen alone."
FREE = "What one of them releases to everybody may be taken up with all of them there."

# Of one member, on the page for whoever treats the case.
SPOKEN = {
    SpokenTogether.YES: "Seen alone on {day}: may be spoken of together.",
    SpokenTogether.NO: "Seen alone on {day}: not to be spoken of together.",
    SpokenTogether.NOT_YET: "Seen alone on {day}: not to be spoken of together yet.",
}
NOT_SEEN = "Has not been seen alone yet."

DAY_NEEDED = "Give the day on which you saw them alone."
ANSWER_NEEDED = "Say whether what they answer may be spoken of together."
# Said at the top of the next page, which may be one that others see.
NOTED = "Noted."

# Beside a client's choice on an alert.
KEPT = "Kept until each has been seen alone."

# Somebody could not speak openly.
LOW_TITLE = "Before anything else: ask each of them alone"
LOW = (
    "Since the members were last seen alone, “I could speak openly with them there” was answered below the middle. "
    "That may be an ordinary quarrel, or fear: it is asked alone, and never with the others there."
)
PROCEDURE = "What your clinic does where somebody may be in danger at home"
NO_PROCEDURE = (
    "Your clinic has not said what its staff do then. An administrator gives it under Clinic, Urgent help."
)
