"""The states a case may be in, in the order of need, and what is said of one member in one relation."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from goldseam_web.alerts.states.facts import FindingFacts, RatingFacts, Relation, StrainFacts


class Group(StrEnum):
    WORTH = "worth-a-word"
    REPAIR = "repair"
    LOOKED_AT = "looked-at"
    WAITING = "waiting"
    STEADY = "steady"


class State(StrEnum):
    NOT_TAKEN_UP = "not_taken_up"
    CONTRADICTED = "contradicted"
    ASKED = "asked"
    STRAIN = "strain"
    STRAIN_BETWEEN = "strain_between"
    GOALS_APART = "goals_apart"
    EROSION = "erosion"
    LOW = "low"
    EARLY_FALL = "early_fall"
    EARLY_WORD = "early_word"
    PAST = "past"
    FEWER_ANSWERS = "fewer_answers"
    NOT_HEARD_FROM = "not_heard_from"
    REPAIR_UNDER_WAY = "repair_under_way"
    ON_THE_WAY_BACK = "on_the_way_back"
    REPAIRED = "repaired"
    BACK_NOT_SAID = "back_not_said"
    BACK_IN_RANGE = "back_in_range"
    MENDED_NOT_SAID = "mended_not_said"
    STILL_LOW = "still_low"
    SEEN_TWO_WAYS = "seen_two_ways"
    SET_ASIDE = "set_aside"
    WAITS_FOR_RATING = "waits_for_rating"
    LOWER_NOW = "lower_now"
    WAITING = "waiting"
    NO_RATING = "no_rating"
    NOT_ENOUGH = "not_enough"
    BELOW_USUAL = "below_usual"
    GROWING = "growing"
    STEADY = "steady"
    RECORDED = "recorded"


# The order of need, the lowest first, and the group a state stands in once it was looked at.
_WORTH: dict[State, int] = {
    State.NOT_TAKEN_UP: 0,
    State.CONTRADICTED: 1,
    State.ASKED: 1,
    State.STRAIN: 1,
    State.STRAIN_BETWEEN: 1,
    State.GOALS_APART: 2,
    State.EROSION: 3,
    State.LOW: 4,
    State.EARLY_FALL: 5,
    State.EARLY_WORD: 5,
    State.PAST: 6,
    State.FEWER_ANSWERS: 7,
    State.NOT_HEARD_FROM: 8,
}
_REPAIR: dict[State, int] = {
    State.REPAIR_UNDER_WAY: 10,
    State.ON_THE_WAY_BACK: 10,
    State.REPAIRED: 11,
    State.BACK_NOT_SAID: 11,
    State.BACK_IN_RANGE: 11,
    State.MENDED_NOT_SAID: 11,
}
_LOOKED_AT: dict[State, int] = {
    State.STILL_LOW: 20,
    State.SEEN_TWO_WAYS: 20,
    State.SET_ASIDE: 21,
    State.WAITS_FOR_RATING: 21,
    State.LOWER_NOW: 22,
}
_WAITING: dict[State, int] = {State.WAITING: 30, State.NO_RATING: 31, State.BELOW_USUAL: 32}
# Too few ratings of one member do not unsay that another is steady; where nobody is, the case is not.
_STEADY: dict[State, int] = {State.GROWING: 40, State.STEADY: 40, State.RECORDED: 40}
NEED = {**_WORTH, **_REPAIR, **_LOOKED_AT, **_WAITING, **_STEADY, State.NOT_ENOUGH: 41}
GROUPS = {
    **dict.fromkeys(_WORTH, Group.WORTH),
    **dict.fromkeys(_REPAIR, Group.REPAIR),
    **dict.fromkeys(_LOOKED_AT, Group.LOOKED_AT),
    **dict.fromkeys(_WAITING, Group.WAITING),
    **dict.fromkeys(_STEADY, Group.STEADY),
    State.NOT_ENOUGH: Group.WAITING,
}


@dataclass(frozen=True)
class MemberState:
    """How one member stands in one relation, and what that rests on.

    ``finding`` is the newest about it, ``to_open`` the newest that the reader has not opened.
    """

    member: uuid.UUID
    relation: Relation
    state: State
    finding: FindingFacts | None = None
    strain: StrainFacts | None = None
    rating: RatingFacts | None = None
    to_open: FindingFacts | None = None

    @property
    def unopened(self) -> bool:
        return self.to_open is not None

    @property
    def group(self) -> Group:
        """What nobody has opened yet is worth a word, however calm it has become."""
        return Group.WORTH if self.unopened else GROUPS[self.state]

    @property
    def need(self) -> tuple[int, bool, bool]:
        """Sorts the most urgent first: by state, then what was not opened, then what was not answered."""
        rank = NEED[self.state]
        if self.unopened and GROUPS[self.state] != Group.WORTH:
            rank = NEED[State.PAST]
        answered = self.finding is not None and self.finding.choice is not None
        return (rank, not self.unopened, answered)


@dataclass(frozen=True)
class CaseState:
    """All states of a case, the most urgent first, and the next instant at which time alone changes one."""

    states: tuple[MemberState, ...]
    changes_at: datetime | None = None

    @property
    def first(self) -> MemberState | None:
        return next(iter(self.states), None)

    @property
    def further(self) -> int:
        """How many other members or relations need a word besides the first."""
        if self.first is None:
            return 0
        worth = {(s.member, s.relation) for s in self.states if s.group == Group.WORTH}
        return len(worth - {(self.first.member, self.first.relation)})
