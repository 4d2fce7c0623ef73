"""What might help: things a person could say or do, each an icon, a title and a sentence."""

from typing import NamedTuple

from goldseam_web.dashboard.language.phrases import ByReader


class HelpText(NamedTuple):
    icon: str
    title: str
    text: str


# What a group of them is about, where an alert has several.
WITH_THERAPIST = ByReader("In the work with you", "In the work with {therapist}")
BETWEEN_MEMBERS = "Between them"

JUST_KNOWING = (
    HelpText(
        "listen",
        "Let it guide how you listen",
        "Slow down where it matters, and leave room. Raise nothing unasked.",
    ),
    HelpText(
        "hand",
        "Look at your own part",
        "What may have been hard to hear, or too fast? You can change it unasked.",
    ),
    HelpText(
        "asked",
        "Make small criticism usual",
        "Ask everybody you see, at every end: “What should I do differently?”",
    ),
)

ASK = {
    "goal": HelpText(
        "listen",
        "Ask, and hear it out",
        "“I had a sense we were after different things last time. How was it for you?”",
    ),
    "task": HelpText(
        "listen",
        "Ask, and hear it out",
        "“How did the way we worked last time sit with you?”",
    ),
    "bond": HelpText(
        "listen",
        "Ask, and hear it out",
        "“I wonder whether I missed you last time. What did I not understand?”",
    ),
    "safety": HelpText(
        "listen", "Ask, and hear it out", "“If something I do does not suit you, how could you let me know?”"
    ),
    None: HelpText(
        "listen",
        "Ask, and hear it out",
        "“I would like to hear how last time was for you, the difficult parts too.”",
    ),
}
OWN = {
    "goal": HelpText(
        "hand",
        "Own your part, if there is one",
        "“I moved us on to what seemed important to me. I can see how that missed you.”",
    ),
    "task": HelpText(
        "hand",
        "Own your part, if there is one",
        "“I held on to my way of doing it. That may not have suited you.”",
    ),
    "bond": HelpText(
        "hand", "Own your part, if there is one", "“I was quick with an answer and slow to listen.”"
    ),
    "safety": HelpText(
        "hand", "Own your part, if there is one", "“I may have made it hard to say no to me.”"
    ),
    None: HelpText(
        "hand",
        "Own your part, if there is one",
        "“I may have had a part in that. What did I do, or leave out?”",
    ),
}
THEN = {
    "goal": HelpText(
        "target",
        "Say the goal again",
        "“What would make coming here worth it for you?” Write it down in those words.",
    ),
    "task": HelpText(
        "pencil", "Offer another way", "“We could go about it differently. What would suit you better?”"
    ),
    "bond": HelpText(
        "pause", "Stay with it before moving on", "Give it ten minutes before anything else is on the table."
    ),
    "safety": HelpText(
        "check",
        "Welcome the next small no",
        "“Thank you for telling me.” Then do one thing differently because of it.",
    ),
    None: HelpText(
        "pause", "Stay with it before moving on", "Give it ten minutes before anything else is on the table."
    ),
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
