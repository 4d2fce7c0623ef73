"""The status vocabulary: the words a case, an episode or a signal may carry, with icon and colour family."""

from dataclasses import dataclass

from goldseam_web.alerts.models import BY_CARD, SignalKind
from goldseam_web.alerts.states import Group, State

GROUP_TITLES = {
    Group.WORTH: ("Worth a word", "strain"),
    Group.REPAIR: ("Repair", "repairing"),
    Group.LOOKED_AT: ("Lower, looked at", "eye"),
    Group.WAITING: ("Waiting", "waiting"),
    Group.STEADY: ("Steady", "steady"),
}
# Where an install only records, nothing is known to be steady: cases are there, and that is all.
RECORDED_TITLE = ("Cases", "table")


@dataclass(frozen=True)
class StatusLabel:
    """One word of the vocabulary."""

    text: str
    icon: str
    css: str


POSSIBLE_STRAIN = StatusLabel("Possible strain", "strain", "strain")
CONFIRMED_STRAIN = StatusLabel("Strain, confirmed", "strain", "strain")
STRAIN_BETWEEN = StatusLabel("Possible strain between them", "split", "strain")
CONFIRMED_BETWEEN = StatusLabel("Strain between them, confirmed", "split", "strain")
GOALS_APART = StatusLabel("Goals pull apart", "target", "strain")
LOW_START = StatusLabel("Low from the start", "low", "strain")
ENDED_BY_HANDOVER = StatusLabel("Ended by handover", "users", "nodata")
MEASURE_CHANGED = StatusLabel("Measure changed", "table", "nodata")
OVER_NOT_MENDED = StatusLabel("Over, not mended", "steady", "steady")
LABELS = {
    State.NOT_TAKEN_UP: StatusLabel("Planned, not yet talked about", "calendar", "strain"),
    State.CONTRADICTED: StatusLabel("Not worked out", "listen", "strain"),
    State.ASKED: StatusLabel("Asked to talk", "asked", "asked"),
    State.STRAIN: POSSIBLE_STRAIN,
    State.STRAIN_BETWEEN: STRAIN_BETWEEN,
    State.GOALS_APART: GOALS_APART,
    State.EROSION: StatusLabel("Slow erosion", "erosion", "strain"),
    State.LOW: StatusLabel("Low rating", "low", "strain"),
    State.EARLY_FALL: StatusLabel("Lower, early on", "low", "strain"),
    State.EARLY_WORD: StatusLabel("A little tension, early on", "asked", "asked"),
    State.PAST: StatusLabel("Noticed, since over", "bell", "steady"),
    State.FEWER_ANSWERS: StatusLabel("Fewer answers", "withdrawal", "waiting"),
    State.NOT_HEARD_FROM: StatusLabel("Not heard from", "withdrawal", "waiting"),
    State.REPAIR_UNDER_WAY: StatusLabel("Repair under way", "repairing", "repairing"),
    State.ON_THE_WAY_BACK: StatusLabel("On the way back", "repairing", "steady"),
    State.REPAIRED: StatusLabel("Repaired", "repaired", "repaired"),
    State.BACK_NOT_SAID: StatusLabel("Ratings are back; not said", "repaired", "steady"),
    State.BACK_IN_RANGE: StatusLabel("Back in range", "repaired", "steady"),
    State.MENDED_NOT_SAID: StatusLabel("Mended, not said", "repaired", "steady"),
    State.STILL_LOW: StatusLabel("Still low", "low", "waiting"),
    State.SEEN_TWO_WAYS: StatusLabel("Seen in two ways", "split", "waiting"),
    State.SET_ASIDE: StatusLabel("Seen differently", "eye", "waiting"),
    State.WAITS_FOR_RATING: StatusLabel("Waits for the next rating", "eye", "waiting"),
    State.LOWER_NOW: StatusLabel("Lower than before", "steady", "steady"),
    State.WAITING: StatusLabel("Waiting for answers", "waiting", "waiting"),
    State.NO_RATING: StatusLabel("No rating", "nodata", "nodata"),
    State.NOT_ENOUGH: StatusLabel("Not enough data yet", "nodata", "nodata"),
    State.BELOW_USUAL: StatusLabel("Lower than usual", "low", "waiting"),
    State.GROWING: StatusLabel("Growing", "growing", "growing"),
    State.STEADY: StatusLabel("Steady", "steady", "steady"),
    State.RECORDED: StatusLabel("Recorded", "table", "steady"),
}
LOW = LABELS[State.LOW]
ASKED = LABELS[State.ASKED]
EROSION = LABELS[State.EROSION]


def label_of(kind: str, *, confirmed: bool, session: int | None) -> StatusLabel:
    """What a signal is called. "Possible" goes once client or therapist has said that there was strain."""
    if kind == SignalKind.ASKED or kind in BY_CARD:
        return ASKED
    if kind == SignalKind.LOW:
        return LOW_START if session is not None and session <= 3 else LOW
    if kind == SignalKind.STRAIN_BETWEEN:
        return CONFIRMED_BETWEEN if confirmed else STRAIN_BETWEEN
    if kind == SignalKind.GOALS_APART:
        return GOALS_APART
    if confirmed:
        return CONFIRMED_STRAIN
    return EROSION if kind == SignalKind.EROSION else POSSIBLE_STRAIN


def label_of_state(state: State, *, confirmed: bool, session: int | None) -> StatusLabel:
    """What a state is called; ``session``: the one its finding is about."""
    if state in _KIND_OF:
        return label_of(_KIND_OF[state], confirmed=confirmed, session=session)
    return LABELS[state]


_KIND_OF = {
    State.STRAIN: SignalKind.STRAIN,
    State.STRAIN_BETWEEN: SignalKind.STRAIN_BETWEEN,
    State.LOW: SignalKind.LOW,
}
