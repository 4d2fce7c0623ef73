"""The words of the map of relations: who rates whom. Views stand beside each other; nobody is called the odd one."""

from enum import StrEnum

from goldseam_web.dashboard.language.phrases import ByReader


class Change(StrEnum):
    """What is new of how two members differ: nothing beyond chance, or in which way."""

    NONE = "none"
    FURTHER = "further"
    CLOSER = "closer"
    TURNED = "turned"


KEPT_BACK = (
    "What was answered about {session} is kept back until your guess is made; this is how it looked before."
)
READ_BY = (
    "{names} can open this page today. Nobody in the family sees it or anything worked out from it, and it stays "
    "closed while a client may see the screen."
)

# The relations inside the house, as column heads.
HEADS = {
    "couple": ("the partner", "fair to both", "each other"),
    "family": ("the others", "fair to all", "each other"),
}
COLUMNS = {
    "couple": ("How well the partner seems understood", "Fair to both", "With each other"),
    "family": ("How well the others seem understood", "Fair to all of them", "With each other"),
}
WITH_YOU = ByReader("With you", "With {therapist}")
WITH_EACH_OTHER = "With each other"
ABOUT = "about {session}"

# ---------- the first sentence ----------

NOBODY_YET = "Nobody has rated anything yet."
NONE_TO_SHOW = (
    "There is no rating yet that can be shown here; what came late stands on the chart of the case."
)
NEW_DISTANCE = ByReader(
    "About {session} they see the work with you more differently than before: {views}.",
    "About {session} they see the work with {therapist} more differently than before: {views}.",
)
VIEWS_OF = ByReader(
    "The work with you, about {session}: {views}.", "The work with {therapist}, about {session}: {views}."
)
VIEW = "{name} {value:.1f}"
SILENT = "From {name} there has been no rating since {session}."
SILENT_ALWAYS = "From {name} there has been no rating yet."

# ---------- the picture ----------

RANGE_TIE = ByReader(
    "With you: from {low:.1f} to {high:.1f}.", "With {therapist}: from {low:.1f} to {high:.1f}."
)
ONE_TIE = ByReader("With you: {low:.1f}.", "With {therapist}: {low:.1f}.")  # one rating, or all alike
RANGE = {
    "couple": (
        "How well the partner seems understood: from {low:g} to {high:g}.",
        "How fair to both: from {low:g} to {high:g}.",
        "Being here with each other: from {low:.1f} to {high:.1f}.",
    ),
    "family": (
        "How well the others seem understood: from {low:g} to {high:g}.",
        "How fair to all of them: from {low:g} to {high:g}.",
        "Being here with each other: from {low:.1f} to {high:.1f}.",
    ),
}
ONE_OF = {
    "couple": (
        "How well the partner seems understood: {low:g}.",
        "How fair to both: {low:g}.",
        "Being here with each other: {low:.1f}.",
    ),
    "family": (
        "How well the others seem understood: {low:g}.",
        "How fair to all of them: {low:g}.",
        "Being here with each other: {low:.1f}.",
    ),
}
CAPTION = {
    "couple": "0 to 10: a thicker line, a longer bar and a higher number mean stronger. A broken line and a dash mean "
    "no rating. “The partner”: how well the partner seems understood. What they rate of each other says nothing about "
    "the therapist.",
    "family": "0 to 10: a thicker line, a longer bar and a higher number mean stronger. A broken line and a dash mean "
    "no rating. “The others”: how well the others seem understood. What they rate of each other says nothing about the "
    "therapist.",
}
LOW_MARKED = "Rust: below the middle, or worth a word now."
LATER_SESSION = "About {session} nobody has answered yet."
DESCRIBED = "{name}: {ratings}."
UP = "up {change:.1f} since {session}"
DOWN = "down {change:.1f} since {session}"
UNCHANGED = "as in {session}"
LAST_RATED = "{reason}; {value:.1f} in {session}"

# Why there is no rating.
REASONS = {
    "away": "away",
    "waiting": "can still be answered",
    "unanswered": "asked, not answered",
    "not_asked": "not asked",
    "about_other": "asked about the other therapist",
    "read_first": "answered; whom it names reads it first",
    "answered": "too few answers",
    "late": "late: shown, not compared",
}
# The same on two lines of a seat.
REASON_LINES = {
    "away": ("was away", ""),
    "waiting": ("asked,", "can still answer"),
    "unanswered": ("asked,", "not answered"),
    "not_asked": ("not asked", ""),
    "about_other": ("asked about", "the other"),
    "read_first": ("answered,", "not read yet"),
    "late": ("late: shown,", "not compared"),
    "answered": ("too few answers", "for a rating"),
}

# ---------- what each one says ----------

MEMBER_NO_TIE = ByReader(
    "No rating of the work with you: {reason}.", "No rating of the work with {therapist}: {reason}."
)
MEMBER_TIE = ByReader("{value}{reason} with you.", "{value}{reason} with {therapist}.")
MEMBER_INSIDE = {
    "couple": (
        "The partner seems understood: {value:g}.",
        "Fair to both: {value:g}.",
        "With each other: {value:.1f}.",
    ),
    "family": (
        "The others seem understood: {value:g}.",
        "Fair to all of them: {value:g}.",
        "With each other: {value:.1f}.",
    ),
}
ROLES = {"client": "", "partner": "partner", "parent": "parent", "child": "child", "other": ""}

# ---------- how far apart ----------

DISTANCE_TITLE = ByReader(
    "How differently they see the work with you", "How differently they see the work with {therapist}"
)
APART = "{views}: {distance:.1f} apart in {session}."
# How two differed in the earlier sessions, and what the latest is beside it.
COMPARED = {
    Change.NONE: "In the sessions before, {name} was higher by {level:.1f} on average: the difference is within "
    "chance.",
    Change.FURTHER: "In the sessions before, {name} was higher by {level:.1f} on average: they are further apart now, "
    "by more than chance.",
    Change.CLOSER: "In the sessions before, {name} was higher by {level:.1f} on average: they are closer now, by more "
    "than chance.",
    Change.TURNED: "In the sessions before, {name} was higher by {level:.1f} on average: now it is the other way "
    "round, by more than chance.",
}
COMPARED_EQUAL = {
    Change.NONE: "In the sessions before, they were alike on average: the difference is within chance.",
    Change.FURTHER: "In the sessions before, they were alike on average: they are further apart now, by more than "
    "chance.",
}
NOT_ENOUGH = "What is usual for these two is known after three earlier sessions both rated; so far {count}."
HIGHER_AS_A_RULE = (
    "Over all sessions {first} rates it higher than {second}, by {level:.1f} points (interval {low:.1f} to "
    "{high:.1f}): people use a scale differently, and that alone is no news."
)
NO_RULE = "Over all sessions neither of the two rates it higher as a rule."
PAIR = "{first} and {second}"
PAIR_LAST = "{distance:.1f} ({session})"
PAIR_USUAL = "{first} higher by {level:.1f} ({low:.1f} to {high:.1f})"
PAIR_USUAL_EQUAL = "neither ({low:+.1f} to {high:+.1f})"
NOT_ENOUGH_DATA = "not enough data"
NEW = {
    Change.NONE: "no",
    Change.FURTHER: "further apart",
    Change.CLOSER: "closer",
    Change.TURNED: "the other way round",
}
DISTANCE_LABEL = "How far apart {first} and {second} are, closer is higher: {course}."
DISTANCE_AT = "{session} {distance:.1f}"
RULE = (
    "New is a distance that differs from the mean of the earlier sessions of the same two by more than ratings move by "
    "themselves (norms: {norms}, assumed and not found for these people). Where those norms fit, it is said of "
    "{pairs} about once in 20 sessions with nothing behind it, or less often. It raises no alert."
)
PAIRS = ("a pair", "any of these {count} pairs")
EACH_PAIR = "Each two of them"

# ---------- of two therapists ----------

BOTH_TITLE = "How differently each of them sees the work with {first} and with {second}"
BOTH_NEW = "{name} sees the work with {first} and with {second} more differently than before: {views}."
BOTH_APART = "{name} rates {views}: {distance:.1f} apart in {sessions}."
TURN = "sessions {first} and {second}"
TURNS_NEEDED = (
    "What is usual for {name} is known after three earlier turns of which both were rated; so far {{count}}."
)
BOTH_AS_A_RULE = (
    "Over all sessions {name} rates the work with {first} higher than with {second}, by {level:.1f} points (interval "
    "{low:.1f} to {high:.1f}): one may work with two people differently, and that alone is no news."
)
BOTH_ALIKE = "Over all sessions {name} rates neither {first} nor {second} higher as a rule."
BOTH_LAST = "{distance:.1f} ({sessions})"
BOTH_LABEL = "How far apart {name} rates {first} and {second}, by turns, closer is higher: {course}."
EACH_MEMBER = "Each of them"
BOTH_RULE = (
    "Each form rates one of the two, by turns; two sessions that follow each other make a pair. New is a difference "
    "that differs from the mean of the earlier ones of the same person by more than ratings move by themselves (norms: "
    "{norms}, assumed and not found for these people). Where those norms fit, it is said of any of them about once in "
    "20 turns with nothing behind it, or less often. Both of you read the same words here. It raises no alert."
)

# ---------- facets ----------

FACETS_ABOUT = ByReader("of the work with you", "of the work with {therapist}")
FACET_TITLES = {
    "self_goal": "Goals",
    "self_task": "Way of working",
    "self_bond": "Being understood",
    "self_safety": "Speaking up",
}
FACET_LABEL = "{name}, {facet}: {count} answers, first {first:g}, last {last:g}. {noise}"
FACET_LABEL_EMPTY = "{name}, {facet}: no answers."
FACET_NOISE = "Answers like the earlier ones lie between {low:.1f} and {high:.1f} in 19 of 20 sessions."
