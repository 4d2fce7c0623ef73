"""The words of the caseload: its headline, its filters, and what a row says of a case."""

from goldseam_web.dashboard.language.phrases import NBSP, counted, first_capital, in_words

# ---------- the head of the page ----------

IN_SESSION = "In session until {time}."
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
SORTED_BY_NEED = "sorted by who may need you first"
NAME_NOT_FOUND = "No open case of yours has “{query}” in its name."
NOTHING_TODAY = "Nothing here today."
EMPTY_GROUP = "No case is in this group now."

# ---------- a row ----------

KIND_AND_SESSION = f"{{kind}} · session{NBSP}{{number}}"
KIND_NOT_MET = "{kind} · not met yet"
NO_SESSION_PLANNED = "No session planned"
NO_ANSWERS = "no answers yet"
ANSWERED = "answered {when}"

SPARKLINE_ONE = "{name}: one rating, {last:.1f}"
SPARKLINE = "{name}, last {count} ratings: from {first:.1f} to {last:.1f}, lowest {lowest:.1f}"

CHECK_INS_OPEN = (
    "{count} check-in open; nothing to do until then.",
    "{count} check-ins open; nothing to do until then.",
)
BACK_BUT_CONTRADICTED = "Ratings are back, but {name} says it is not worked out."
YOU_NOTED_STRAIN = "You noted strain at {session}."
BACK_UNCONFIRMED = "{name} is back in range; the next rating shows whether it holds."
YOU_TALKED = "You talked about it; {name}’s next rating will tell."
ON_THE_WAY = "{name}’s rating is on the way back."
COMING_BACK = "{name}’s rating is coming back; nobody has said yet what it was."
REPAIRED = "{name} is back near the earlier level, and it has held."
BACK_IN_RANGE = "{name} is back in range; whether it was strain, nobody has said."
SET_ASIDE = "You read {name}’s lower rating differently; the next one will tell."
SETTLED_LOWER = "{name} has settled lower since {session}."
STILL_LOW = "{name} stays low; you have looked at it."
STILL_LOW_AT = "{name} stays low at {value:.1f}; you have looked at it."
NO_RATINGS_TO_COMPARE = "No ratings yet; comparing starts once there are three."
TOO_FEW_RATINGS = (
    "{count} rating so far; comparing starts once there are three.",
    "{count} ratings so far; comparing starts once there are three.",
)
THREE_RATINGS = "Three ratings to compare with; the next one is the first that can be judged."
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
