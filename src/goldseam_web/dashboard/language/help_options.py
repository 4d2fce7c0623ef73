"""What might help: things a person could say or do, each an icon, a title and a sentence.

Nobody but those who were there knows what happened, whose part it was, or what the client felt. So what is offered
to be said asks, or leaves a gap for what the therapist remembers; it states nothing. Each text stands in the reviewed
list, tests/web/reviewed_scripts.txt: a new or changed one is read by somebody else first.
"""

from typing import NamedTuple

from goldseam_web.dashboard.language.phrases import ByReader


class HelpText(NamedTuple):
    icon: str
    title: str
    text: str


# What a group of them is about, where an alert has several.
WITH_THERAPIST = ByReader("In the work with you", "In the work with {therapist}")
BETWEEN_MEMBERS = "Between them"
GOALS = "What they come for"
FAIR_TO_ALL = "Fair to all"

GAP = "(what you remember)"

JUST_KNOWING = (
    HelpText(
        "listen",
        "Let it guide how you listen",
        "Slow down where it matters, and leave room. Raise nothing unasked.",
    ),
    HelpText(
        "hand",
        "Go over the session by yourself",
        "What would you do again, and what not? Whatever you would change, you can change unasked.",
    ),
    HelpText(
        "asked",
        "Make small criticism usual",
        "Ask everybody you see, at every end: “What should I do differently?”",
    ),
)

# Somebody who comes and has never answered: for a word alone, and not answering stays a full answer.
NOT_HEARD = (
    HelpText(
        "listen",
        "Ask {name} alone",
        "“Is there anything about the questions after our sessions that does not suit you?”",
    ),
    HelpText(
        "phone",
        "Offer another way or another time",
        "A code on your screen at the end, or the link again later: it takes two minutes.",
    ),
    HelpText(
        "check",
        "Or leave it",
        "“Would you rather not be asked at all?” Note it under Who takes part: nothing else changes, nobody is told.",
    ),
)

# After a case has ended there is no next session to take anything up in.
READ_AS_ENDING = HelpText(
    "info",
    "Read it as an ending",
    "Endings often lower ratings, after good work too. A last word may be about parting and about nothing else.",
)
ASK_FOR_A_WORD = HelpText(
    "listen",
    "Ask whether a word is wanted",
    "“Would you like to talk once more about how we finished, or would you rather leave it there?”",
)
AFTER_THE_END = (ASK_FOR_A_WORD, JUST_KNOWING[1], READ_AS_ENDING)
JUST_KNOWING_AFTER_THE_END = (JUST_KNOWING[1], READ_AS_ENDING)

_ASK = "Ask, and hear it out"
ASK = {
    "goal": HelpText(
        "listen",
        _ASK,
        "“Are we working toward what you want to change? What would you put differently?”",
    ),
    "task": HelpText(
        "listen",
        _ASK,
        "“How does the way we work suit you? What would you like more of, and what less?”",
    ),
    "bond": HelpText("listen", _ASK, "“Is there something you would like me to understand better?”"),
    "safety": HelpText("listen", _ASK, "“If something I do does not suit you, how could you let me know?”"),
    None: HelpText("listen", _ASK, "“How was last time for you? Was anything hard, or missing?”"),
}

_OWN = "Own your part, if there is one"
OWN = {
    "goal": HelpText("hand", _OWN, f"“Last time I {GAP}. Did that fit with what you come for?”"),
    "task": HelpText("hand", _OWN, f"“Last time I {GAP}. Would another way have suited you better?”"),
    "bond": HelpText("hand", _OWN, f"“Last time I {GAP}. How did that come across?”"),
    "safety": HelpText("hand", _OWN, f"“Last time I {GAP}. Would you have told me if it did not suit you?”"),
    None: HelpText("hand", _OWN, f"“Last time I {GAP}. How was that for you?”"),
}

_STAY = HelpText(
    "pause", "Stay with it before moving on", "Give it ten minutes before anything else is on the table."
)
THEN = {
    "goal": HelpText(
        "target",
        "Say the goal again",
        "“What would make coming here worth it for you?” Write it down in those words.",
    ),
    "task": HelpText(
        "pencil", "Offer another way", "“Shall we go about it differently? What would suit you better?”"
    ),
    "bond": _STAY,
    "safety": HelpText(
        "check",
        "Welcome the next small no",
        "Give thanks for it, ask “What shall I do instead?”, and do it.",
    ),
    None: _STAY,
}
TOGETHER = {
    "goal": HelpText(
        "users",
        "Say the goal again, together",
        "Let each of them name what a good outcome is, before you do.",
    ),
    "task": HelpText(
        "users",
        "Choose the way together",
        "Let each of them say what helps and what does not, before you suggest anything.",
    ),
}
TOGETHER_ELSE = HelpText(
    "users", "Let each be heard in turn", "One speaks, the others say what they understood, then change over."
)

# Strain between members.
ASK_ALONE = HelpText(
    "listen", "Ask {name} alone", "“How is it for you to be here with the others at the moment?”"
)
ROOM_YOU_GIVE = HelpText(
    "hand", "Look at the room you give", "Did each of them have the same time, and the same hearing?"
)
LEAVE_NEXT_STEP = HelpText(
    "lock",
    "Leave the next step to {name}",
    "“Shall I bring it up with everybody, or would you rather not?”",
)

# Goals that pull apart.
_DIFFERENCE, _ONE_GOAL, _ALONE = (
    "Name the difference without a side",
    "Find one goal all can live with",
    "See each of them alone",
)
GOALS_EACH_ALONE = HelpText(
    "lock",
    _ALONE,
    "“What would have to change for coming here to be worth it for you?” As routine, the same for all.",
)
GOALS_DIFFERENCE_ALONE = HelpText(
    "split", _DIFFERENCE, "“What do you want from coming here, and what would the others say they want?”"
)
GOALS_ONE_ALONE = HelpText(
    "target", _ONE_GOAL, "“Which goal could you live with for now, even if it is not your first?”"
)
GOALS_DIFFERENCE = HelpText(
    "split",
    _DIFFERENCE,
    f"“I heard {GAP}, and I heard {GAP}. Did I get each of you right?” Give both the same time.",
)
GOALS_ONE = HelpText(
    "target",
    _ONE_GOAL,
    "“Is there one thing that all of you could live with working on first?” Write it down.",
)

# A low or falling rating of how fair the therapist is to all.
ASK_ABOUT_FAIRNESS = HelpText(
    "listen", "Ask {name} alone", "“Do you get a fair hearing here, all of you? What would make it fairer?”"
)
SHARE_THE_TIME = HelpText(
    "users",
    "Agree on how to share the time",
    "Let each of them say what a fair share would be, before you suggest anything.",
)
