"""The words about a client's standing card: what was said by it, the page that gives it, and the card itself."""

from goldseam_web.alerts.models import SignalKind

# ---------- what was said by it ----------

CRUMB = "By card, {name}"
SAID = {
    SignalKind.FELT_OFF: "{name} said by card that something felt off in the work together.",
    SignalKind.WORD_ALONE: "{name} asked by card for a word alone.",
}
NOTE = (
    "This is what {name} said, and no rating: it is in no course, and nothing was worked out from it. "
    "The card takes no text, so only {name} can say what it is about."
)
SAID_WHEN = "Said {when}"
SAID_AGAIN = "and again, last {when}"
AUDIENCE_TITLE = "For {name} alone"
FOR_THEM_ALONE = (
    "{name} was told that it is spoken of with them alone, unless they say otherwise. Nobody else in this case is "
    "told that the card was used."
)
FOR_THEM = "{name} was told that it is spoken of when you meet."

# ---------- the page that gives it ----------

NO_CARD = "No card."
HAS_CARD = "Has a card, made on {day} by {staff}."
MAKE = "Make a card for {name}"
MAKE_ANOTHER = "Make another card, and end this one"
WITHDRAWN = "The card of {name} is withdrawn: nothing is read from it any more."
NO_SUCH_ACT = "Choose what is to be done, and for whom."

# ---------- the card itself: it may lie on a kitchen table ----------

CARD_HOURS = "Read in these hours: {hours}."
