"""The words of the chart of a case: the sentence above it, what stands on it, its table, and the picture in words."""

from enum import StrEnum, auto
from typing import NamedTuple

from goldseam_web.dashboard.language.phrases import ByReader

# ---------- the sentence above the chart ----------

NOT_RATED = ByReader(
    "{name} has not rated the work with you yet.", "{name} has not rated the work with {therapist} yet."
)
FEW_RATINGS = (
    "{name} has given {count} rating so far, the last {last:.1f}.",
    "{name} has given {count} ratings so far, the last {last:.1f}.",
)
STAYED_NEAR = "{name}’s rating of the work with the therapist has stayed near {mean:.1f}."
WENT_FROM_TO = "{name}’s rating of the work with the therapist went from {first:.1f} to {last:.1f}."
ALSO_SHOWN = "The chart also shows {names}."


class EpisodeEnd(StrEnum):
    """How an episode stands, as far as its sentence tells them apart."""

    CONTRADICTED = auto()
    REPAIRED = auto()
    BACK_IN_RANGE = auto()
    UNCONFIRMED = auto()
    PARTIAL = auto()
    UNREPAIRED = auto()
    BELOW_EARLIER_LEVEL = auto()
    BELOW_EXPECTED = auto()


SUDDEN_FALL = {
    EpisodeEnd.CONTRADICTED: (
        "{name}’s rating fell at {onset} and came back by {repair}, but {name} says it is not worked out."
    ),
    EpisodeEnd.REPAIRED: "{name}’s rating fell at {onset}, was repaired by {repair} and has held since.",
    EpisodeEnd.BACK_IN_RANGE: (
        "{name}’s rating fell at {onset}, came back into range by {repair} and has held since."
    ),
    EpisodeEnd.UNCONFIRMED: (
        "{name}’s rating fell at {onset} and is back in range since {repair}; "
        "the next rating shows whether it holds."
    ),
    EpisodeEnd.PARTIAL: "{name}’s rating fell at {onset} and has only partly come back.",
    EpisodeEnd.UNREPAIRED: "{name}’s rating fell at {onset} and has not come back.",
    EpisodeEnd.BELOW_EARLIER_LEVEL: "{name}’s rating fell at {onset}, below its earlier level.",
    EpisodeEnd.BELOW_EXPECTED: (
        "{name}’s rating fell at {onset}, below what the earlier ratings led us to expect."
    ),
}
# The same of a gradual decline, which no single session can be blamed for.
GRADUAL_FALL = {
    EpisodeEnd.CONTRADICTED: (
        "{name}’s rating had slid by {onset} and came back by {repair}, but {name} says it is not worked out."
    ),
    EpisodeEnd.REPAIRED: "{name}’s rating had slid by {onset}, was repaired by {repair} and has held since.",
    EpisodeEnd.BACK_IN_RANGE: (
        "{name}’s rating had slid by {onset}, came back into range by {repair} and has held since."
    ),
    EpisodeEnd.UNCONFIRMED: (
        "{name}’s rating had slid by {onset} and is back in range since {repair}; "
        "the next rating shows whether it holds."
    ),
    EpisodeEnd.PARTIAL: "{name}’s rating had slid by {onset} and has only partly come back.",
    EpisodeEnd.UNREPAIRED: "{name}’s rating had slid by {onset} and has not come back.",
    EpisodeEnd.BELOW_EARLIER_LEVEL: "{name}’s rating had slid by {onset}, below its earlier level.",
    EpisodeEnd.BELOW_EXPECTED: (
        "{name}’s rating had slid by {onset}, below what the earlier ratings led us to expect."
    ),
}

# What is open between the members, sudden and slow: it comes first wherever it is the news.
BETWEEN_FELL = "{name}’s rating of being here with {others} fell at {onset}."
BETWEEN_SLID = "{name}’s rating of being here with {others} had slid by {onset}."
BETWEEN_NOT_RATED = "Nobody has rated being here with the others yet."
BETWEEN_LAST = "How they rate being here with each other, last: {ratings}."
NAME_AND_VALUE = "{name} {value:.1f}"

# ---------- titles ----------

THERAPIST_HIGHER = "A stronger alliance with the therapist is higher, {minimum:g} to {maximum:g}."
BETWEEN_HIGHER = "Easier with each other is higher, {minimum:g} to {maximum:g}."
THERAPIST_HIGHER_SHORT = "Stronger is higher, {minimum:g} to {maximum:g}"
THERAPIST_HIGHER_SHORT_LAST = "Stronger is higher, {minimum:g} to {maximum:g}; last {sessions} sessions"
BETWEEN_HIGHER_SHORT = "Easier is higher"
BETWEEN_HIGHER_SHORT_LAST = "Easier is higher; last {sessions} sessions"

# ---------- on the chart ----------


class OnsetTexts(NamedTuple):
    """What the beginning of an episode is called: on the chart, in its description, and in its table."""

    short: str
    title: str
    described: str
    described_repaired: str
    described_back: str
    happened: str


class RepairTexts(NamedTuple):
    """What the way back of an episode is called."""

    short: str
    title: str
    happened: str


STRAIN = OnsetTexts(
    short="Strain",
    title="Strain, {session}",
    described="{name}: strain at session {onset}.",
    described_repaired="{name}: strain at session {onset}, repaired at session {repair}.",
    described_back="{name}: strain at session {onset}, back in range at session {repair}.",
    happened="Strain, confirmed ({name})",
)
EROSION = OnsetTexts(
    short="Slow erosion",
    title="Slow erosion, {session}",
    described="{name}: slow erosion at session {onset}.",
    described_repaired="{name}: slow erosion at session {onset}, repaired at session {repair}.",
    described_back="{name}: slow erosion at session {onset}, back in range at session {repair}.",
    happened="Slow erosion ({name})",
)
GOALS_APART = OnsetTexts(
    short="Goals pull apart",
    title="Goals pull apart, {session}",
    described="{name}: goals pull apart at session {onset}.",
    described_repaired="{name}: goals pull apart at session {onset}, repaired at session {repair}.",
    described_back="{name}: goals pull apart at session {onset}, back in range at session {repair}.",
    happened="Goals pull apart ({name})",
)
POSSIBLE_STRAIN = OnsetTexts(
    short="Possible strain",
    title="Possible strain, {session}",
    described="{name}: possible strain at session {onset}.",
    described_repaired="{name}: possible strain at session {onset}, repaired at session {repair}.",
    described_back="{name}: possible strain at session {onset}, back in range at session {repair}.",
    happened="Possible strain ({name})",
)
REPAIRED = RepairTexts(
    short="Repaired at {number}", title="Repaired, {session}", happened="repaired ({name})"
)
BACK_IN_RANGE = RepairTexts(
    short="Back in range at {number}", title="Back in range, {session}", happened="back in range ({name})"
)

BELOW_EXPECTED_BY = "{difference:.1f} below expected"
BELOW_EARLIER_BY = "{difference:.1f} below the earlier level"
MEMBER_SAID_SO = "{name} said so"
THERAPIST_CONFIRMED = ByReader("you confirmed it", "{therapist} confirmed it")
HELD_SINCE = "held since"
LOWEST = "lowest"
PLANNED = "planned"
LEARNING = "learning {name}’s range"
USUAL_RANGE, USUAL_RANGE_OF = "usual range", "{name}’s usual range"
LIMIT_OF = "{name}’s limit"
AWAY = "away"
OWN_RATINGS = ByReader("your own ratings", "the ratings of {therapist}")

# ---------- the picture in words, and its table ----------

RATINGS_LABEL = "{name}: {count} ratings, first {first:.1f}, lowest {lowest:.1f}, last {last:.1f}."
NO_RATINGS = "No ratings yet."

# Where a member's ratings go on by another version of the measure.
MEASURE_CHANGED_AT = (
    "From {session} on {name} answers a new version of the questions: ratings before and after it are not joined "
    "or compared."
)

WITH = ByReader("With you.", "With {therapist}.")
THERAPIST_TABLE = "Alliance with the therapist by session, 0 to 10, higher is stronger."
BETWEEN_TABLE = "With each other by session, 0 to 10, higher is stronger."
USUAL_RANGE_EXPLAINED = "Usual range: where 8 of 10 ratings are expected, by all those before."
RANGE = "{low:.1f} to {high:.1f}"
NOT_ENOUGH_DATA = "not enough data yet"
LATE = "late: shown, not judged"
LOWEST_OF = "lowest ({name})"
# Why there is no rating.
NO_RATING = {
    "away": "away",
    "unanswered": "not answered",
    "not_asked": "not asked",
    "about_other": "about the other therapist",
    "read_first": "answered; whom it names reads it first",
    "answered": "too few answers",
}
