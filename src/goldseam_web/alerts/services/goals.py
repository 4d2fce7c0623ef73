"""Which of the two answers about each other carries a fall, and which of two findings is told of the same ratings.

*Goals pull apart* is told of a member in two ways: the mean of both answers fell and what they come for carries that
fall; or the answer to it is low. Where the mean fell and speaking openly fell with it, it is *strain between them*, the
wider of the two, and nothing besides: one set of ratings is one finding.
"""

from collections.abc import Sequence
from dataclasses import replace

from goldseam_web.alerts.models import Episode, EpisodeStatus
from goldseam_web.alerts.services.ratings import HeldSession, Ratings
from goldseam_web.alerts.services.signals import Found
from goldseam_web.alerts.single_answers import Fall, facet_that_stands_out, fall_of, fell_by_itself
from goldseam_web.measures.own_measures import WITHIN, WITHIN_GOAL

GOAL, SAFETY = "goal", "safety"


def told_once(found: Sequence[Found]) -> list[Found]:
    """The same, where goals carry a fall said so, and no low answer told beside the fall it is a part of."""
    goals = next((each for each in found if each.rule.scale == WITHIN_GOAL), None)
    between = next((each for each in found if each.rule.scale == WITHIN), None)
    if goals is None or between is None:
        return list(found)
    by_session = goals.ratings.by_session
    inside = {number for number in by_session if _is_inside(between, number)}
    told = [event for event in goals.events if event["onset_session"] not in inside]
    carried = frozenset(
        number for number in by_session if goal_carries_it(between.ratings, goals.ratings, by_session[number])
    )
    told_of_goals = replace(goals, events=told, is_part=_latest(goals.ratings) in inside)
    told_between = replace(between, of_goal=carried)
    return [told_of_goals if each is goals else told_between if each is between else each for each in found]


def goal_carries_it(both: Ratings, goal: Ratings, now: HeldSession) -> bool:
    """Whether the answer to what they come for fell more than the other by more than noise, and the other did not."""
    falls = _falls(both, goal, now)
    return facet_that_stands_out(falls) == GOAL and not fell_by_itself(falls.get(SAFETY))


def _falls(both: Ratings, goal: Ratings, now: HeldSession) -> dict[str, Fall]:
    """Of each of the two; the mean needs both, so that it and the one say what the other is."""
    given: dict[str, list[tuple[HeldSession, float]]] = {GOAL: [], SAFETY: []}
    for encounter in both.encounters:
        mean, value = both.value(encounter), goal.value(encounter)
        if mean is not None and value is not None and encounter.starts_at <= now.starts_at:
            given[GOAL].append((encounter, value))
            given[SAFETY].append((encounter, 2 * mean - value))
    falls = {}
    for facet, rows in given.items():
        latest = next((value for encounter, value in rows if encounter.id == now.id), None)
        fall = fall_of(latest, [value for encounter, value in rows if encounter.id != now.id])
        if fall is not None:
            falls[facet] = fall
    return falls


def _is_inside(between: Found, session: int) -> bool:
    return any(_holds(episode, onset, session, between) for onset, episode in between.episodes.items())


def _holds(episode: Episode, onset: int, session: int, between: Found) -> bool:
    """Whether a session lies in a strain: from its onset until the ratings are back, or until it was given up."""
    if session < onset or episode.status == EpisodeStatus.WITHDRAWN:
        return False
    back = next(
        (n for n, each in between.ratings.by_session.items() if each.id == episode.repair_encounter_id), None
    )
    if back is not None:
        return session < back
    if episode.closed_at is not None:
        return episode.duration is not None and session <= onset + episode.duration
    return True


def _latest(ratings: Ratings) -> int:
    """The number of the latest rated session."""
    return max((n for n, e in ratings.by_session.items() if ratings.value(e) is not None), default=0)
