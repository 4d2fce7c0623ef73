"""The words about answers that came after the first ones, and about forms answered while somebody was there."""

TITLE = "Changed later"
WHY = (
    "Other answers came through the same link after the first ones, last {when}. The first answers stand: they were "
    "judged, and nothing that came later was. Somebody else may have held the phone, or {name} may have thought again. "
    "Ask only when you are alone with {name}."
)
CHANGED = "first {first}, later {later}"
NOT_ANSWERED = "not answered"
WHO_MAY_TAKE_IT_UP = "Who may take it up"
MAY_TAKE_IT_UP = {
    "all": "with everybody",
    "therapist": "alone",
    "know_only": "just to know",
}
WITH_WHOM = "With whom there was tension"
WAS_IT_TAKEN_UP = "What felt off last time"
TAKEN_UP = {
    "mended": "taken up, and all right now",
    "partly": "taken up, and not quite all right",
    "not_taken_up": "not taken up yet",
    "nothing": "nothing felt off",
}
MENDED = {
    "understand_better": "“We understand each other better”",
    "did_differently": "“I did something differently”",
}
TAPPED_LATER = "not tapped first, tapped later"
AS_SOON_AS_AT_WORK = "{name} would like it to be taken up as soon as you are at work, not only when you meet."
IN_COMPANY = (
    "Somebody was with {name} when these were answered. They are compared with nothing, and what they raised "
    "stays open."
)
SAY_IN_COMPANY = "Somebody was with {name}"
NOT_IN_COMPANY = "That was a mistake: {name} was alone"
SAID_IN_COMPANY = "Noted. These answers are no longer compared with anything; what they raised stays open."
TAKEN_BACK = "Taken back. These answers count again."
