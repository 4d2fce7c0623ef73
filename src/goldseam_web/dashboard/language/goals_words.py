"""The words of goals that pull apart, and of the goal that all of them agreed on: no side, and never the therapist."""

# ---------- as one answer says it ----------

LOW = (
    "After {session} {name} rated “we want the same from coming” with {others} {value:g} of {maximum:g}, "
    "below the middle."
)
FELL = (
    "Since {session} {name} sees less agreement with {others} on what to come for "
    "than earlier ratings led us to expect."
)
SLID = (
    "By {session} {name}’s rating of wanting the same as {others} from coming had slid, with no single drop."
)
IN_LISTS = "{name} and {others} may not want the same from coming, as {name} rates it."
FELL_AGAIN = "{name}’s rating of being here with {others} fell further, to {value:.1f}."
LOW_AGAIN = "{name}’s answer to wanting the same as {others} fell further, to {value:g}."
NOTE = "This is about what each of them comes for. It takes no side, and it says nothing about {therapist}."
NOTE_TO_THERAPIST = (
    "This is about what each of them comes for. It takes no side, and it says nothing about you."
)

# ---------- how sure ----------

ONE_ANSWER = "of {maximum:g}, one answer"
RATE_OF_LOW = (
    "how often a low answer means that goals pull apart. One answer is noisy: with nothing changed, somebody who "
    "usually answers 7 answers below 5 about once in {once_in} forms. The noise is assumed, not measured."
)
NAMED = (
    "The fall is that of both answers about each other together. It is told as one of goals where they fell by more "
    "than the other answer: had both fallen alike, about one in twenty would be named so."
)

# ---------- each of them ----------

EACH = "“We want the same from coming”, as each of them rates it"
EACH_NOTE = (
    "Level and change are two things: a low answer may always have been low. The range holds four of five answers "
    "of somebody with whom nothing changed, with assumed noise."
)
BELOW, NOT_BELOW = "below the middle", "not below the middle"
NOTHING_BEFORE = "nothing to compare with"
IN_NOISE = "{change:.1f} {way} than before, no more than chance makes"
FELL_BY = "{change:.1f} lower than before, more than chance makes in 19 of 20 sessions"
HIGHER, LOWER = "higher", "lower"
AS_BEFORE = "as before"
USUALLY = "{low:.1f} to {high:.1f}"
NOT_ANSWERED = "not answered"

# ---------- the card of a case ----------

TITLE = "What they come for"
AGREED = "Agreed on {day}"
STILL = "asked again on {day}: it still stands"
MARKED = "Marked as hard to reconcile on {day}, by {name}."
WAS_MARKED = "Hard to reconcile from {start} to {end}."
OPTIONS = "Options, not orders. For a word alone: nothing is released for the joint room."
OPTIONS_TOGETHER = "Options, not orders."

DAY_NEEDED = "Give the day."
AGREED_NOTED = "The agreed words are kept."
STILL_NOTED = "Noted: it still stands."
MARK_NOTED = "Marked as hard to reconcile."
ENDED_NOTED = "Noted: no longer hard to reconcile."
TAKEN_BACK = "Taken back; its words are gone."
