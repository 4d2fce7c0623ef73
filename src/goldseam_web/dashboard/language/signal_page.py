"""The words of the page of one alert, and of the list of alerts.

Where a sentence is about the work with a therapist, it has two forms: for that therapist, and for anybody else who
treats, covers or supervises.
"""

from typing import NamedTuple

from goldseam_web.alerts.models import AcknowledgeChoice
from goldseam_web.dashboard.language.phrases import ByReader
from goldseam_web.measures.models import Audience, StrainWith

# ---------- the list of alerts ----------

UNOPENED = ("{count} alert you have not opened yet.", "{count} alerts you have not opened yet.")
ALL_OPENED = "You have opened every alert."
NOTHING_NOTICED = "Nothing has been noticed."

# ---------- the head of the page ----------

CRUMB = "{session}, {name}"
# Of two findings or more: with one, the head of the page is its sentence.
READ_FIRST = "You are the first to read this. {name}, who held the session with you, reads it from now on."
READ_BY_BOTH = "{name}, who held the session with you, reads this too."
HEADLINE = "{count} things stand out in {name}’s answers about {session}."
ANSWERED_WHEN = "Answered {when} about {session}"
RAISED_LATER = "raised {length} later"
# Who has a message about it, by whether the reader has one and whether anybody else has.
TOLD = {
    (True, True): "also told: {names}",
    (True, False): "nobody but you has been told",
    (False, True): "told: {names}",
    (False, False): "no message about it has gone out",
}
NOT_DELIVERED_TO_YOU = (
    "A message about this to you could not be delivered. Ask your administrator to check your e-mail address."
)
NOT_DELIVERED = "A message about this to {names} could not be delivered."

ASKED = ByReader(
    "After {session} {name} said there clearly was tension or a misunderstanding with you.",
    "After {session} {name} said there clearly was tension or a misunderstanding with {therapist}.",
)
ASKED_OF_EITHER = ByReader(
    "After {session} {name} said there clearly was tension or a misunderstanding with one of the two of you, "
    "and did not say with whom.",
    "After {session} {name} said there clearly was tension or a misunderstanding with one of the two who held it, "
    "and did not say with whom.",
)
# Beside the answer, where two held the session: with whom.
WITH_WHOM = {
    StrainWith.RATED: ", with {rated}",
    StrainWith.OTHER: ", with {other}",
    StrainWith.BOTH: ", with both",
    StrainWith.EITHER: ", not said with whom",
}
LOW = ByReader(
    "At {session} {name} rated the work with you {value:.1f} of {maximum:g}, below the middle.",
    "At {session} {name} rated the work with {therapist} {value:.1f} of {maximum:g}, below the middle.",
)
# A fall with the therapist, by the facet that stands out.
FELL_WITH_THERAPIST = {
    "goal": ByReader(
        "Since {session} {name} agrees less with you on what to work toward "
        "than earlier ratings led us to expect.",
        "Since {session} {name} agrees less with {therapist} on what to work toward "
        "than earlier ratings led us to expect.",
    ),
    "task": ByReader(
        "Since {session} the way you work suits {name} less than earlier ratings led us to expect.",
        "Since {session} the way {therapist} works suits {name} less than earlier ratings led us to expect.",
    ),
    "bond": ByReader(
        "Since {session} {name} feels less understood by you than earlier ratings led us to expect.",
        "Since {session} {name} feels less understood by {therapist} than earlier ratings led us to expect.",
    ),
    "safety": ByReader(
        "Since {session} {name} feels less free to disagree with you than earlier ratings led us to expect.",
        "Since {session} {name} feels less free to disagree with {therapist} "
        "than earlier ratings led us to expect.",
    ),
    None: ByReader(
        "Since {session} {name} rates the work with you lower than earlier ratings led us to expect.",
        "Since {session} {name} rates the work with {therapist} lower than earlier ratings led us to expect.",
    ),
}
# A fall between members.
FELL_BETWEEN = {
    "goal": (
        "Since {session} {name} sees less agreement with {others} on what to come for "
        "than earlier ratings led us to expect."
    ),
    "safety": (
        "Since {session} {name} finds it harder to speak openly with {others} here "
        "than earlier ratings led us to expect."
    ),
    None: (
        "Since {session} {name} rates being here with {others} lower than earlier ratings led us to expect."
    ),
}
SLID_BELOW_LEVEL = ByReader(
    "By {session} {name}’s rating of the work with you had slid below its earlier level, with no single drop.",
    "By {session} {name}’s rating of the work with {therapist} had slid below its earlier level, "
    "with no single drop.",
)
SLID_BELOW_EXPECTED = ByReader(
    "By {session} {name}’s rating of the work with you had slid below what the earlier ones led us to expect, "
    "with no single drop.",
    "By {session} {name}’s rating of the work with {therapist} had slid below "
    "what the earlier ones led us to expect, with no single drop.",
)
SLID_BELOW_LEVEL_BETWEEN = (
    "By {session} {name}’s rating of being here with {others} had slid below its earlier level, "
    "with no single drop."
)
SLID_BELOW_EXPECTED_BETWEEN = (
    "By {session} {name}’s rating of being here with {others} had slid below "
    "what the earlier ones led us to expect, with no single drop."
)
NOTE_BETWEEN = ByReader(
    "This was rated about each other. It says nothing about you.",
    "This was rated about each other. It says nothing about {therapist}.",
)
NOTE_ASKED = "It is good that {name} said so. Whether the ratings fell plays no part in this."
# Beside a fall at the end: it is noticed all the same.
AFTER_THE_END = "This case ended on {day}. Endings often lower ratings, after good work too."
IN_THE_LAST_PHASE = (
    "The ending has been talked about since {day}. Endings often lower ratings, after good work too."
)
RATED_WITH_THERAPIST = ByReader(
    "{name}’s alliance with you, {low:g} weakest to {high:g} strongest",
    "{name}’s alliance with {therapist}, {low:g} weakest to {high:g} strongest",
)
RATED_BETWEEN = "{name} with {others}, {low:g} hardest to {high:g} easiest"

# ---------- expected and seen ----------


class EvidenceTexts(NamedTuple):
    """What a rating is compared with, in the words of the drawing."""

    title: str
    compared: str
    compared_short: str
    label: str
    difference: str


EXPECTED = EvidenceTexts(
    title="Expected and seen",
    compared="Expected {expected:.1f}, usual range {low:.1f} to {high:.1f}",
    compared_short="Expected {expected:.1f}",
    label=(
        "Expected {expected:.1f}, usual range {low:.1f} to {high:.1f}, limit {limit:.1f}, seen {value:.1f}"
    ),
    difference="{difference:.1f} below expected",
)
# A slow decline is compared with an earlier level.
BEFORE = EvidenceTexts(
    title="Before and now",
    compared="Earlier level {expected:.1f}, usual range {low:.1f} to {high:.1f}",
    compared_short="Before {expected:.1f}",
    label=(
        "Earlier level {expected:.1f}, usual range {low:.1f} to {high:.1f}, "
        "limit {limit:.1f}, seen {value:.1f}"
    ),
    difference="{difference:.1f} below the earlier level",
)
SEEN = "Seen {value:.1f}"
USUAL = "{low:.1f} to {high:.1f}"
LIMIT = "limit {limit:.1f}"
EARLIER_RATINGS = "{name}’s {count} earlier ratings"

# ---------- how sure ----------


class ByCount(NamedTuple):
    """A sentence for one number, and for a range from one to another."""

    one: str
    spread: str


# One sentence: how many such signals are real, and how often chance alone makes one.
SURE = ByCount(
    "About {low} of ten falls like this one are real; "
    "with nothing wrong, chance brings one about every {ratings} ratings.",
    "About {low} to {high} of ten falls like this one are real; "
    "with nothing wrong, chance brings one about every {ratings} ratings.",
)
SURE_BETWEEN = ByCount(
    "About {low} of ten falls like this one are real, and with nothing wrong chance brings one about every {ratings} "
    "ratings; both were measured for ratings of the work with a therapist.",
    "About {low} to {high} of ten falls like this one are real, and with nothing wrong chance brings one "
    "about every {ratings} ratings; both were measured for ratings of the work with a therapist.",
)
# Sudden and slow ones together: for slow ones alone it was not measured.
SURE_SLOW = ByCount(
    "About {low} of ten signals, sudden and slow ones together, are real, and with nothing wrong chance brings "
    "one about every {ratings} ratings; for slow ones alone it was not measured.",
    "About {low} to {high} of ten signals, sudden and slow ones together, are real, "
    "and with nothing wrong chance brings one about every {ratings} ratings; "
    "for slow ones alone it was not measured.",
)
COUNTED = (
    "Counted in {cases:,} made-up courses of {length} sessions, from the fourth rating on; "
    "the {ratings} lies between {least} and {most}."
)
COUNTED_OWN = (
    "Counted in {cases:,} made-up courses of {length} sessions drawn from the norms of this clinic, from the fourth "
    "rating on; the figures hold if these norms fit. The {ratings} lies between {least} and {most}."
)
NOT_MEASURED = (
    "How often such a signal is right was not measured for these norms and this version of the rule."
)
BELOW = "below {limit:.1f}"
LIMIT_TEXT = "was low enough to raise a signal for {name} this time"
RATINGS = "{count} ratings"
RATINGS_TEXT = "before this one, to compare it with"
RECENT = "{recent:.1f}"
RECENT_TEXT = "is the mean of the last three ratings; the earlier level was {expected:.1f}"
LOW_VALUE = "{value:.1f}"
LOW_VALUE_TEXT = "of {maximum:g}, the mean of {answered} answers"
CUT_OFF_TEXT = "is the cut-off: the middle of the range, a choice and not a finding"
NOT_KNOWN = "not known"
NOT_KNOWN_TEXT = "how often a low rating means strain; it says where somebody stands, not that it changed"
RULE = "Rule: {criterion}, version {criterion_version}."
RULE_AND_NORMS = "Rule: {criterion}, version {criterion_version}, grade {grade}. Norms: {norms}."

# ---------- facets and answers ----------

FACET_NAMES = {
    "goal": "Goal",
    "task": "Task",
    "bond": "Bond",
    "safety": "Speaking up",
    "tension": "Tension",
    "repair": "Worked out",
}
MOSTLY = {
    "goal": "It is mostly about goals",
    "task": "It is mostly about the way of working",
    "bond": "It is mostly about being understood",
    "safety": "It is mostly about speaking up",
}
# Where none stands out, by how many were answered.
ALL_ALIKE = {
    2: "Both answers alike, as far as single answers can tell",
    3: "All three answers alike, as far as single answers can tell",
    4: "All four answers alike, as far as single answers can tell",
}
MADE_OF = "What it is made of"
FACET_LABEL = "seen {seen}, usually {usual}"
FACET_SKIPPED = "Skipped"
NOTHING_TO_COMPARE = "Nothing to compare with"
AS_USUAL = "As usual"
LOWER = "{change:.1f} lower than usual"
HIGHER = "{change:.1f} higher than usual"
ANSWERS_OF = "What {name} answered"

# ---------- what the client wants ----------

NOT_ASKED_TITLE = "{name} has not said who may hear of it"
KNOW_ONLY_TITLE = "{name}: “Just know it”"
RAISE_TITLE = "{name}: “Raise it when we meet”"
RAISE_WITH_ALL_TITLE = "{name}: “Raise it with us all”"
RAISE_WITH_ME_TITLE = "{name}: “Raise it only with me”"

MAY_TAKE_UP = "It may be taken up."
MAY_TAKE_UP_WITH_ALL = "It may be taken up with all of them there."
ALONE_ONLY = "For a word with {name} alone. None of the others may hear of it."
RATHER_NOT = "{name} would rather not have it raised now."
NOT_ASKED_SEVERAL = (
    "Everybody may say so after a form, or leave it. Until then it is for a word with {name} alone."
)
NOT_ASKED_ONE = "Everybody may say so after a form, or leave it. Asking how things are is always possible."

# ---------- what may be done ----------

OPTIONS = "Options, not orders."
OPTIONS_RELEASED = "Options, not orders. Released for the joint room."
OPTIONS_ALONE = "Options, not orders. For {name} alone: nothing is released for the joint room."
WRITTEN_FOR = "Written for {therapist}, whose session it was."

TAKE_UP = "Take it up in {session}"
TAKE_UP_ALONE = "Take it up with {name} alone"
KEEP_IN_MIND = "Keep it in mind in {session}, without raising it"
ALREADY_TALKED = "We already talked about it"
SEE_DIFFERENTLY = "I see it differently"
WAIT = "Wait for the next rating"
# After the case has ended.
GET_IN_TOUCH = "Get in touch about it"
KEEP_AFTER_THE_END = "Keep it in mind, without raising it"
# After the session it was planned for.
WAS_TALKED = "We talked about it"
NOT_YET = "Not yet: take it up in {session}"
NO_LONGER = "It no longer fits"

# An acknowledgement that was given, told to the one who gave it and to others.
ACKNOWLEDGED_BY_YOU = {
    AcknowledgeChoice.TAKE_UP: "You will take it up, said {when}.",
    AcknowledgeChoice.TALKED: "You already talked about it, said {when}.",
    AcknowledgeChoice.DIFFERENT: "You see it differently, said {when}.",
    AcknowledgeChoice.WAIT: "You wait for the next rating, said {when}.",
    AcknowledgeChoice.NOT_YET: "You did not take it up yet and plan to, said {when}.",
    AcknowledgeChoice.NO_LONGER: "It no longer fits, said {when}.",
}
ACKNOWLEDGED_BY_OTHER = {
    AcknowledgeChoice.TAKE_UP: "{name} will take it up, said {when}.",
    AcknowledgeChoice.TALKED: "{name} already talked about it, said {when}.",
    AcknowledgeChoice.DIFFERENT: "{name} sees it differently, said {when}.",
    AcknowledgeChoice.WAIT: "{name} waits for the next rating, said {when}.",
    AcknowledgeChoice.NOT_YET: "{name} did not take it up yet and plans to, said {when}.",
    AcknowledgeChoice.NO_LONGER: "It no longer fits, said {name} {when}.",
}
# Where it answered some of the findings only.
ONLY_ABOUT = "{findings}: {said}"


def audience_title(audience: str | None, *, several: bool) -> str:
    """The choice of the client in a heading; None: that was not asked."""
    if audience is None:
        return NOT_ASKED_TITLE
    if audience == Audience.KNOW_ONLY:
        return KNOW_ONLY_TITLE
    if not several:
        return RAISE_TITLE
    return RAISE_WITH_ALL_TITLE if audience == Audience.ALL else RAISE_WITH_ME_TITLE


def audience_text(audience: str | None, *, several: bool) -> str:
    """What that choice allows."""
    if audience == Audience.ALL:
        return MAY_TAKE_UP_WITH_ALL if several else MAY_TAKE_UP
    if audience == Audience.THERAPIST:
        return ALONE_ONLY if several else MAY_TAKE_UP
    if audience == Audience.KNOW_ONLY:
        return RATHER_NOT
    return NOT_ASKED_SEVERAL if several else NOT_ASKED_ONE


HELP_ASKED = "{name} asked whoever supervises on {day} to look at this, too."
