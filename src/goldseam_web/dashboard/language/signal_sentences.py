"""A signal in one sentence: on the caseload, on the page of its case, and in the list of alerts."""

from goldseam_web.alerts.models import AcknowledgeChoice, SignalKind
from goldseam_web.dashboard.language.goals_words import FELL_AGAIN, IN_LISTS, LOW_AGAIN
from goldseam_web.dashboard.language.phrases import ByReader

# A strain with the therapist, by the facet that stands out.
STRAIN_BY_FACET = {
    "goal": ByReader(
        "{name} agrees less with you on what to work toward.",
        "{name} agrees less with {therapist} on what to work toward.",
    ),
    "task": ByReader(
        "The way you work suits {name} less than before.",
        "The way {therapist} works suits {name} less than before.",
    ),
    "bond": ByReader("{name} feels less understood by you.", "{name} feels less understood by {therapist}."),
    "safety": ByReader(
        "{name} feels less free to disagree with you.", "{name} feels less free to disagree with {therapist}."
    ),
    None: ByReader(
        "{name} rates the work with you lower than before.",
        "{name} rates the work with {therapist} lower than before.",
    ),
}
# Every other signal.
BY_KIND: dict[str, ByReader] = {
    SignalKind.WORD_ALONE: ByReader(
        "{name} asked by card for a word alone.",
        "{name} asked by card for a word alone.",
    ),
    SignalKind.FELT_OFF: ByReader(
        "{name} said by card that something felt off in the work together.",
        "{name} said by card that something felt off in the work together.",
    ),
    SignalKind.ASKED: ByReader(
        "{name} said there clearly was tension with you.",
        "{name} said there clearly was tension with {therapist}.",
    ),
    SignalKind.LOW: ByReader(
        "{name} rates the work with you {value:.1f} of {maximum:g}.",
        "{name} rates the work with {therapist} {value:.1f} of {maximum:g}.",
    ),
    SignalKind.STRAIN_BETWEEN: ByReader(
        "{name} rates being here with {others} lower than before.",
        "{name} rates being here with {others} lower than before.",
    ),
    SignalKind.GOALS_APART: ByReader(IN_LISTS, IN_LISTS),
    SignalKind.EROSION: ByReader(
        "{name}’s rating of the work with you slid, with no single drop.",
        "{name}’s rating of the work with {therapist} slid, with no single drop.",
    ),
}
# Of a session that two therapists held.
ASKED_OF_EITHER = ByReader(
    "{name} said there clearly was tension with one of the two of you, and did not say with whom.",
    "{name} said there clearly was tension with one of the two who held the session, and did not say with whom.",
)
# What opens a finding again that somebody had answered: why, with the therapist or between members.
AGAIN = {
    "fell": ByReader(
        "{name}’s rating of the work with you fell further, to {value:.1f}.",
        "{name}’s rating of the work with {therapist} fell further, to {value:.1f}.",
    ),
    "said": ByReader(
        "{name} has said since then that there was tension with you.",
        "{name} has said since then that there was tension with {therapist}.",
    ),
}
FELL_AGAIN_BETWEEN = ByReader(
    "{name}’s rating of being here with {others} fell further, to {value:.1f}.",
    "{name}’s rating of being here with {others} fell further, to {value:.1f}.",
)
# A sentence of its own beside it, once somebody plans to take it up.
PLANNED = ByReader("You plan to take it up.", "{planner} plans to take it up.")
ABOUT_SESSION = "About {session}."

# What became of a signal, beside it in a list.
ANSWERED_WITH = {
    AcknowledgeChoice.TAKE_UP: ByReader("to be taken up", "to be taken up"),
    AcknowledgeChoice.TALKED: ByReader("talked about", "talked about"),
    AcknowledgeChoice.DIFFERENT: ByReader("you see it differently", "{planner} sees it differently"),
    AcknowledgeChoice.WAIT: ByReader("waits for the next rating", "waits for the next rating"),
    AcknowledgeChoice.NOT_YET: ByReader("not taken up yet, planned again", "not taken up yet, planned again"),
    AcknowledgeChoice.NO_LONGER: ByReader("no longer fits", "no longer fits"),
}
WITHDRAWN = "later answers changed this"
READ_LATER = "{name} reads it once you have opened it, or from {when} on."
NOT_OPENED = "not opened yet"
OPENED = "opened"


def again(why: str, kind: str, *, low: bool = False) -> ByReader:
    """The sentence of a finding that opens an answered one again; ``low``: one answer about goals, and no mean."""
    if kind == SignalKind.GOALS_APART:
        return ByReader(LOW_AGAIN, LOW_AGAIN) if low else ByReader(FELL_AGAIN, FELL_AGAIN)
    return FELL_AGAIN_BETWEEN if kind == SignalKind.STRAIN_BETWEEN else AGAIN[why]
