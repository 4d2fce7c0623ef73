"""What ratings tell where nothing was noticed, and what their absence does."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import fmean

from goldseam_web.alerts.states.facts import Asked, MemberFacts, RatingFacts, Relation
from goldseam_web.alerts.states.words import MemberState, State

# Points of our scale from 0 to 10. Before there is enough to compare with, a fall of this size is worth a word.
EARLY_FALL = 2.0
# With nothing wrong such a fall is seen once in so many second or third ratings: 200,000 cases of our simulated
# population without episodes, standard error 1.2% and 1.5% of the figure.
EARLY_FALL_ONCE_IN = {2: 24, 3: 35}
COMPARED_WITH = 3
# So many sessions in a row without a rating are told.
SILENT_SESSIONS = 3


def of_silence(member: MemberFacts, at: datetime) -> list[MemberState]:
    """Sessions in a row that were asked about and not rated: told, and never as an accusation."""
    asked = member.of_anyone or member.ratings.get(Relation.THERAPIST, ())
    over = [r for r in asked if _is_over(r, at)]
    last = over[-SILENT_SESSIONS:]
    if len(last) < SILENT_SESSIONS or any(r.is_given for r in last):
        return []
    # Where earlier sessions were not read, nobody is said never to have answered.
    rated = over[0].session > 1 or any(r.is_given or r.asked == Asked.LATE for r in over)
    state = State.FEWER_ANSWERS if rated else State.NOT_HEARD_FROM
    return [MemberState(member.id, Relation.THERAPIST, state, rating=member.latest(Relation.THERAPIST))]


def _is_over(rating: RatingFacts, at: datetime) -> bool:
    """Whether a member who was there was asked, and no answer can come any more."""
    return rating.asked != Asked.NOT_ASKED and not rating.is_open(at)


def of_ratings(member: MemberFacts, at: datetime) -> list[MemberState]:
    """Where nothing was noticed: what the latest session tells that this member was asked about."""
    asked = [r for r in member.ratings.get(Relation.THERAPIST, ()) if r.asked != Asked.NOT_ASKED]
    state = _quiet(asked, at)
    return [MemberState(member.id, Relation.THERAPIST, state, rating=asked[-1] if asked else None)]


def _quiet(asked: Sequence[RatingFacts], at: datetime) -> State:
    if not asked:
        return State.NOT_ENOUGH
    early = _early(asked)
    if early is not None:
        return early
    if asked[-1].is_open(at):
        return State.WAITING
    return _compared(asked[-1]) if asked[-1].is_given else State.NO_RATING


def _compared(last: RatingFacts) -> State:
    """Steady is what lies in its usual range, and nothing else."""
    if last.value is None or last.usual_low is None or last.usual_high is None:
        return State.NOT_ENOUGH
    if last.value < last.usual_low:
        return State.BELOW_USUAL
    return State.GROWING if last.value > last.usual_high else State.STEADY


def _early(asked: Iterable[RatingFacts]) -> State | None:
    """Before there is enough to compare with: a clear fall, or a word of the client's, is worth a word."""
    given = [r for r in asked if r.is_given]
    if not given or max(len(given), given[-1].earlier + 1) > COMPARED_WITH:
        return None
    *before, last = given
    values = [r.value for r in before if r.value is not None]
    if values and last.value is not None and fmean(values) - last.value >= EARLY_FALL:
        return State.EARLY_FALL
    return State.EARLY_WORD if last.tension in ("little", "unsure") else None
