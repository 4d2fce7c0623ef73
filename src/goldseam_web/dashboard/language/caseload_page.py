"""The words of the caseload: its headline, its filters, and what a row says of a case."""

from goldseam_web.alerts.models import RepairDoubt
from goldseam_web.alerts.states import Asked
from goldseam_web.cases.without_next import Slipping
from goldseam_web.dashboard.language.phrases import NBSP, counted, first_capital, in_words

# ---------- the head of the page ----------

IN_SESSION = "In session until {time}."
SESSION_WAS = "The session is over, and you may not be alone yet."
SOMEBODY_MAY_SEE = "Somebody can see your screen."
OTHERS_KEPT_OFF = "The names of your other cases are kept off the screen."
EMPTY = "Your caseload is empty, and ready."

AS_ANSWERED = ("{count} open case, as answered.", "{count} open cases, as answered.")
WORTH_A_WORD = "{count} of your cases may be worth a word."
NONE_ASKS = "None of your cases asks for a word today."
REPAIRS = ("{count} repair is under way.", "{count} repairs are under way.")
HELD = ("{count} has held.", "{count} have held.")
# By whether one repair is under way, then by whether one has held.
REPAIRS_AND_HELD = {
    (True, True): "{repairs} repair is under way, {held} has held.",
    (True, False): "{repairs} repair is under way, {held} have held.",
    (False, True): "{repairs} repairs are under way, {held} has held.",
    (False, False): "{repairs} repairs are under way, {held} have held.",
}

OPEN_CASES = ("{count} open case", "{count} open cases")
LAST_ANSWER = "last answer {when}"
MEETINGS_TODAY = (
    "{count} meeting today, next at {time} with {title}",
    "{count} meetings today, next at {time} with {title}",
)
NO_MORE_MEETINGS = "no more meetings today"

# ---------- filters and groups ----------

ALL = "All"
TODAY_ONLY = "Today only"
SEVERAL = "Couples & families"
IN_THE_ROOM = "In the room"
SORTED_BY_NEED = "most urgent first, then what is not opened, then the next appointment"
NAME_NOT_FOUND = "No open case of yours has “{query}” in its name."
LEAVES_ON = "You leave on {day}. What is not handed over before goes to {name} that day."
LEAVES_ON_TO_NOBODY = (
    "You leave on {day}. Hand over before what is still to come here: nobody is named who takes it over."
)
NOTHING_TODAY = "Nothing here today."
EMPTY_GROUP = "No case is in this group now."

# ---------- a row ----------

KIND_AND_SESSION = f"{{kind}} · session{NBSP}{{number}}"
KIND_NOT_MET = "{kind} · not met yet"
NO_SESSION_PLANNED = "No session planned"
SLIPPING = "No next appointment, or long ago"
SLIPPING_SINCE = {
    Slipping.NO_NEXT: "No next appointment since {day}",
    Slipping.NOT_HELD_TWICE: "Two in a row did not take place; last met {day}",
    Slipping.LONG_AGO: "Last met {day}, longer ago than usual",
}
SLIPPING_NEVER_MET = {
    Slipping.NO_NEXT: "Not met yet, and no appointment",
    Slipping.NOT_HELD_TWICE: "Not met yet; two in a row did not take place",
}
MEMBER_SLIPPING = {
    Slipping.NO_NEXT: "{name} has no next appointment; last there {day}",
    Slipping.NOT_HELD_TWICE: "{name} was not there twice in a row; last there {day}",
    Slipping.LONG_AGO: "{name} was last there {day}, longer ago than usual",
}
MEMBER_NEVER_THERE = {
    Slipping.NO_NEXT: "{name} has not been there yet, and has no appointment",
    Slipping.NOT_HELD_TWICE: "{name} has not been there yet, and missed two in a row",
}
CASE_ENDED = "Ended {day}"
NO_ANSWERS = "no answers yet"
ANSWERED = "answered {when}"

SPARKLINE_ONE = "{name}: one rating, {last:.1f}"
SPARKLINE = "{name}, last {count} ratings: from {first:.1f} to {last:.1f}, lowest {lowest:.1f}"

# What one of two therapists reads first counts as not answered to the other.
NOT_READ_YET = "No answer about the latest session can be read yet."
CHECK_INS_OPEN = (
    "{count} check-in is open and not answered yet.",
    "{count} check-ins are open and not answered yet.",
)
OTHERS_NEED_A_WORD = ("{count} other needs a word too.", "{count} others need a word too.")
BACK_BUT_CONTRADICTED = "Ratings are back, but {name} says it is not worked out."
STRAIN_WAS_NOTED = "Strain was noted at {session}."
PLANNED_NOT_TALKED = (
    "planned once, not yet talked about.",
    "planned {count} times, not yet talked about.",
)
EARLY_FALL_SECOND = (
    "{name}’s second rating, {value:.1f}, is {fall:.1f} below the first; too early to know what is usual. "
    "With nothing wrong, about one second rating in {once_in} falls so far."
)
EARLY_FALL_THIRD = (
    "{name}’s latest rating, {value:.1f}, is {fall:.1f} below the earlier ones; "
    "too early to know what is usual. With nothing wrong, about one third rating in {once_in} falls so far."
)
EARLY_LITTLE = "{name} said there was a little tension at {session}; too early to compare ratings."
EARLY_UNSURE = "{name} was not sure whether there was tension at {session}; too early to compare ratings."
PAST = "Something was noticed about {name} at {session}; it is over, and not opened yet."
PAST_NOW = (
    "Something was noticed about {name} at {session}; it is over, and not opened yet. "
    "The latest rating is {value:.1f}."
)
FEWER_ANSWERS = "{name} has not rated the last three sessions."
NOT_HEARD_FROM = "{name} has come three times or more and has not answered yet."
BACK_UNCONFIRMED = "{name} is back in range; the next rating shows whether it holds."
TALKED = "It was talked about; {name}’s next rating will tell."
ON_THE_WAY = "{name}’s rating is on the way back."
COMING_BACK = "{name}’s rating is coming back; nobody has said yet what it was."
REPAIRED = "{name} is back near the earlier level, it has held, and {name} says it is worked out."
REPAIRED_BY_HAND = "{name} says that what was seen at {session} is worked out."
MENDED_NOT_SAID = "What was seen at {session} is mended in the therapist’s view; {name} has not said so."
BACK_NOT_SAID = "{name}’s ratings are back; whether it is worked out, {name} has not said."
BACK_IN_RANGE = "{name} is back in range; whether it was strain, nobody has said."
BACK_WITH_DOUBT = {
    RepairDoubt.CEILING: "{name} is back in range, with the highest answer to everything.",
    RepairDoubt.ALL_EQUAL: "{name} is back in range, with the same answer to everything.",
    RepairDoubt.FAST: "{name} is back in range, with a form answered much faster than usual.",
}
SEEN_TWO_WAYS = "{name} says there was strain; the therapist sees it differently."
SET_ASIDE = "{name}’s lower rating is seen differently; a further fall would be told."
WAITS_FOR_RATING = "{name}’s next rating is waited for."
SETTLED_LOWER = "{name} has settled lower since {session}."
STILL_LOW_AT = "{name} stays low at {value:.1f}; it has been looked at."
NO_RATING = {
    Asked.SKIPPED: "{name} answered about {session} without rating the work together.",
    Asked.LATE: "{name} rated {session} late; what comes late is shown and not compared.",
    Asked.ASKED: "{name} has not answered about {session}.",
}
NO_RATINGS_TO_COMPARE = "No ratings yet; comparing starts once there are three."
TOO_FEW_RATINGS = (
    "{count} rating so far; comparing starts once there are three.",
    "{count} ratings so far; comparing starts once there are three.",
)
THREE_RATINGS = "Three ratings to compare with; the next one is the first that can be judged."
BELOW_USUAL = "{name}’s latest rating, {value:.1f}, is lower than usual, not below the limit."
STEADY_ONE = "{name} is within the usual range."
STEADY_BOTH = "Both within their usual range."
STEADY_ALL = "All within their usual range."
STEADY_SOME = "{names} within the usual range; too few ratings from the others yet."
ABOVE = "{name} is above the usual range."
LAST_RATINGS = "Last ratings with the therapist: {ratings}."
NO_RATINGS = "No ratings yet."


def caseload_headline(cases: int, *, judging: bool, worth: int = 0, under_way: int = 0, held: int = 0) -> str:
    """The caseload in one or two sentences: who may need a word, then what is being mended and what has held."""
    if not judging:
        return first_capital(counted(cases, *AS_ANSWERED))
    first = WORTH_A_WORD.format(count=in_words(worth)) if worth else NONE_ASKS
    return " ".join(first_capital(sentence) for sentence in (first, _mended(under_way, held)) if sentence)


def _mended(under_way: int, held: int) -> str:
    if under_way and held:
        sentence = REPAIRS_AND_HELD[under_way == 1, held == 1]
        return sentence.format(repairs=in_words(under_way), held=in_words(held))
    if under_way:
        return counted(under_way, *REPAIRS)
    return counted(held, *HELD) if held else ""
