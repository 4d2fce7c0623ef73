"""A signal in one sentence: on the caseload, on the page of its case, and in the list of signals."""

from typing import NamedTuple

from goldseam_web.alerts.models import AcknowledgeChoice, SignalKind


class SignalSentence(NamedTuple):
    """``planned`` is said once the therapist plans to take it up."""

    plain: str
    planned: str


# A strain with the therapist, by the facet that fell most.
STRAIN_BY_FACET = {
    "goal": SignalSentence(
        "{name} agrees less with you on what to work toward.",
        "{name} agrees less with you on what to work toward; you plan to take it up.",
    ),
    "task": SignalSentence(
        "The way you work suits {name} less than before.",
        "The way you work suits {name} less than before; you plan to take it up.",
    ),
    "bond": SignalSentence(
        "{name} feels less understood by you.",
        "{name} feels less understood by you; you plan to take it up.",
    ),
    "safety": SignalSentence(
        "{name} feels less free to disagree with you.",
        "{name} feels less free to disagree with you; you plan to take it up.",
    ),
    None: SignalSentence(
        "{name} rates the work with you lower than before.",
        "{name} rates the work with you lower than before; you plan to take it up.",
    ),
}
# Every other signal.
BY_KIND: dict[str, SignalSentence] = {
    SignalKind.ASKED: SignalSentence(
        "{name} said there clearly was tension with you.",
        "{name} said there clearly was tension with you; you plan to take it up.",
    ),
    SignalKind.LOW: SignalSentence(
        "{name} rates the work with you {value:.1f} of {maximum:g}.",
        "{name} rates the work with you {value:.1f} of {maximum:g}; you plan to take it up.",
    ),
    SignalKind.STRAIN_BETWEEN: SignalSentence(
        "{name} rates things with {others} lower, not with you.",
        "{name} rates things with {others} lower, not with you; you plan to take it up.",
    ),
    SignalKind.EROSION: SignalSentence(
        "{name}’s rating of the work with you slid, with no single drop.",
        "{name}’s rating of the work with you slid, with no single drop; you plan to take it up.",
    ),
}
ABOUT_SESSION = "About {session}."

# What became of a signal, beside it in a list.
ANSWERED_WITH = {
    AcknowledgeChoice.TAKE_UP: "to be taken up",
    AcknowledgeChoice.TALKED: "talked about",
    AcknowledgeChoice.DIFFERENT: "you see it differently",
}
WITHDRAWN = "later answers changed this"
NOT_OPENED = "not opened yet"
OPENED = "opened"
