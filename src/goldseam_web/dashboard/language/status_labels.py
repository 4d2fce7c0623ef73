"""The status vocabulary: the words a case or a signal may carry, with icon, colour family, group and order of need."""

from dataclasses import dataclass
from enum import StrEnum

from goldseam_web.alerts.models import SignalKind


class Group(StrEnum):
    WORTH = "worth-a-word"
    REPAIR = "repair"
    WAITING = "waiting"
    STEADY = "steady"


GROUP_TITLES = {
    Group.WORTH: ("Worth a word", "strain"),
    Group.REPAIR: ("Repair", "repairing"),
    Group.WAITING: ("Waiting", "waiting"),
    Group.STEADY: ("Steady", "steady"),
}
# Where an install only records, nothing is known to be steady: cases are there, and that is all.
RECORDED_TITLE = ("Cases", "table")


@dataclass(frozen=True)
class StatusLabel:
    """One word of the vocabulary; ``rank`` is the order of need, the lowest first."""

    text: str
    icon: str
    css: str
    group: Group
    rank: int


ASKED = StatusLabel("Asked to talk", "asked", "asked", Group.WORTH, 1)
POSSIBLE_STRAIN = StatusLabel("Possible strain", "strain", "strain", Group.WORTH, 1)
CONFIRMED_STRAIN = StatusLabel("Strain, confirmed", "strain", "strain", Group.WORTH, 1)
STRAIN_BETWEEN = StatusLabel("Possible strain between them", "split", "strain", Group.WORTH, 1)
CONFIRMED_BETWEEN = StatusLabel("Strain between them, confirmed", "split", "strain", Group.WORTH, 1)
EROSION = StatusLabel("Slow erosion", "erosion", "strain", Group.WORTH, 3)
LOW_START = StatusLabel("Low from the start", "low", "strain", Group.WORTH, 5)
LOW = StatusLabel("Low rating", "low", "strain", Group.WORTH, 5)
REPAIR_UNDER_WAY = StatusLabel("Repair under way", "repairing", "repairing", Group.REPAIR, 6)
ON_THE_WAY_BACK = StatusLabel("On the way back", "repairing", "steady", Group.REPAIR, 6)
REPAIRED = StatusLabel("Repaired", "repaired", "repaired", Group.REPAIR, 7)
BACK_IN_RANGE = StatusLabel("Back in range", "repaired", "steady", Group.REPAIR, 7)
WAITING = StatusLabel("Waiting for answers", "waiting", "waiting", Group.WAITING, 8)
NOT_ENOUGH = StatusLabel("Not enough data yet", "nodata", "nodata", Group.WAITING, 9)
SET_ASIDE = StatusLabel("You see it differently", "eye", "waiting", Group.WAITING, 9)
GROWING = StatusLabel("Growing", "growing", "growing", Group.STEADY, 10)
STEADY = StatusLabel("Steady", "steady", "steady", Group.STEADY, 10)
LOWER_NOW = StatusLabel("Steady, lower than before", "steady", "steady", Group.STEADY, 10)
STILL_LOW = StatusLabel("Still low", "low", "steady", Group.STEADY, 9)
RECORDED = StatusLabel("Recorded", "table", "steady", Group.STEADY, 10)
ENDED = StatusLabel("Ended", "pause", "nodata", Group.STEADY, 11)


def label_of(kind: str, *, confirmed: bool, session: int | None) -> StatusLabel:
    """What a signal is called. "Possible" goes once client or therapist has said that there was strain."""
    if kind == SignalKind.ASKED:
        return ASKED
    if kind == SignalKind.LOW:
        return LOW_START if session is not None and session <= 3 else LOW
    if kind == SignalKind.STRAIN_BETWEEN:
        return CONFIRMED_BETWEEN if confirmed else STRAIN_BETWEEN
    if confirmed:
        return CONFIRMED_STRAIN
    return EROSION if kind == SignalKind.EROSION else POSSIBLE_STRAIN
