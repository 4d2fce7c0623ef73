"""What might help: three options at most, keyed to what fell most and to what the client allowed.

Nothing here is for the joint room unless the client released it to everybody.
"""

from goldseam_web.dashboard.signal.page import Option
from goldseam_web.measures.models import Audience

JUST_KNOWING = (
    Option(
        "listen",
        "Let it guide how you listen",
        "Slow down where it matters, and leave room. Raise nothing unasked.",
    ),
    Option(
        "hand",
        "Look at your own part",
        "What may have been hard to hear, or too fast? You can change it unasked.",
    ),
    Option(
        "asked",
        "Make small criticism usual",
        "Ask everybody you see, at every end: “What should I do differently?”",
    ),
)

_ASK = {
    "goal": "“I had a sense we were after different things last time. How was it for you?”",
    "task": "“How did the way we worked last time sit with you?”",
    "bond": "“I wonder whether I missed you last time. What did I not understand?”",
    "safety": "“If something I do does not suit you, how could you let me know?”",
    None: "“I would like to hear how last time was for you, the difficult parts too.”",
}
_OWN = {
    "goal": "“I moved us on to what seemed important to me. I can see how that missed you.”",
    "task": "“I held on to my way of doing it. That may not have suited you.”",
    "bond": "“I was quick with an answer and slow to listen.”",
    "safety": "“I may have made it hard to say no to me.”",
    None: "“I may have had a part in that. What did I do, or leave out?”",
}
_THEN = {
    "goal": Option(
        "target",
        "Say the goal again",
        "“What would make coming here worth it for you?” Write it down in those words.",
    ),
    "task": Option(
        "pencil", "Offer another way", "“We could go about it differently. What would suit you better?”"
    ),
    "bond": Option(
        "pause", "Stay with it before moving on", "Give it ten minutes before anything else is on the table."
    ),
    "safety": Option(
        "check",
        "Welcome the next small no",
        "“Thank you for telling me.” Then do one thing differently because of it.",
    ),
    None: Option(
        "pause", "Stay with it before moving on", "Give it ten minutes before anything else is on the table."
    ),
}
_TOGETHER = {
    "goal": Option(
        "users",
        "Say the goal again, together",
        "Let each of them name what a good outcome is, before you do.",
    ),
    "task": Option(
        "users",
        "Choose the way together",
        "Let each of them say what helps and what does not, before you suggest anything.",
    ),
}
_TOGETHER_ELSE = Option(
    "users", "Let each be heard in turn", "One speaks, the others say what they understood, then change over."
)


def options_for(
    facet: str | None, audience: str, *, several: bool, between: bool, name: str
) -> tuple[Option, ...]:
    """Three options, in the order of asking, owning, and doing."""
    if audience == Audience.KNOW_ONLY:
        return JUST_KNOWING
    together = several and audience == Audience.ALL
    if between:
        return _between(name, together=together)
    ask = Option("listen", "Ask, and hear it out", _ASK[facet])
    own = Option("hand", "Own your part, if there is one", _OWN[facet])
    return (ask, own, _TOGETHER.get(facet or "", _TOGETHER_ELSE) if together else _THEN[facet])


def _between(name: str, *, together: bool) -> tuple[Option, ...]:
    ask = Option(
        "listen", f"Ask {name} alone", "“How is it for you to be here with the others at the moment?”"
    )
    own = Option(
        "hand", "Look at the room you give", "Did each of them have the same time, and the same hearing?"
    )
    if together:
        return (ask, own, _TOGETHER_ELSE)
    return (
        ask,
        own,
        Option(
            "lock",
            f"Leave the next step to {name}",
            "“Shall I bring it up with everybody, or would you rather not?”",
        ),
    )
