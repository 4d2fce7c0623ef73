"""Judging a response: its series are run through the enabled criteria, and what is found is stored once."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.conf import settings

from goldseam_web.alerts.models import AlertSignal, Episode
from goldseam_web.alerts.rules import rules_for
from goldseam_web.alerts.services.clients_word import hear_client
from goldseam_web.alerts.services.episodes import end_by_new_measure, keep_episodes, strains_of
from goldseam_web.alerts.services.further_falls import raise_again
from goldseam_web.alerts.services.goals import told_once
from goldseam_web.alerts.services.held_evaluations import HeldEvaluations, keep_evaluations
from goldseam_web.alerts.services.judged_course import ResponseToJudge, judged_course, response_to_judge
from goldseam_web.alerts.services.norms import norms_in_use
from goldseam_web.alerts.services.ratings import Ratings
from goldseam_web.alerts.services.rule_runs import RuleRun
from goldseam_web.alerts.services.rule_upgrade import Event, begun_events, followed_events
from goldseam_web.alerts.services.signals import Found, announce, raise_signals, signals_so_far
from goldseam_web.lib.case_changes import case_changed, pages_of_case_changed
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.links import lost_right
from goldseam_web.measures.models import Response


def evaluate(*, response: Response, at: datetime, notify: bool = True) -> list[AlertSignal]:
    """Judge every watched series the response adds to, and return the signals that are new."""
    return evaluate_response(response_id=response.pk, at=at, notify=notify)


@one_transaction
def evaluate_response(*, response_id: uuid.UUID, at: datetime, notify: bool = True) -> list[AlertSignal]:
    """Judge a response by its id. Open pages hear of every one, of those too about which there is nothing to judge.

    Where the install only records and displays, nothing is judged. A score that rests on answers given after the
    window is stored and shown but is not judged and fills no gap, except that the direct question is always heard.
    Nor is anything of a member who has paused, left or withdrawn: that stops both asking and signalling.
    """
    given = response_to_judge(response_id)
    pages_of_case_changed(given.response)
    if settings.GOLDSEAM_RECORD_ONLY or given.occasion.encounter_id is None:
        return []
    if lost_right(given.occasion, at=at, consent=given.consent):
        return []
    return _judge(given, at, notify=notify)


def _judge(given: ResponseToJudge, at: datetime, *, notify: bool) -> list[AlertSignal]:
    """Run the rules on the watched series and store what they say, table by table in the order of locks."""
    course = judged_course(given)
    runs = _runs(given, course.ratings, at)
    held = keep_evaluations(runs, course.said)
    strains = strains_of(given.occasion) if course.has_episodes else []
    end_by_new_measure(strains, series=[run.ratings.series for run in runs], at=at)
    found = told_once([_followed(*each, strains) for each in zip(runs, held, strict=True)])
    hear_client(strains, begun=course.begun, at=at)
    known = signals_so_far(found) if course.has_signals else []
    raised = [signal for each in found for signal in raise_signals(each, known, given.response, at=at)]
    raised += raise_again([each for each in found if not each.is_part], known, raised, at=at)
    for signal in raised:
        announce(signal, at, notify=notify)
    case_changed(given.response)
    return raised


def _runs(given: ResponseToJudge, courses: Sequence[Ratings], at: datetime) -> list[RuleRun]:
    """Every rule on every watched series with something to judge, in one order: signals come in the same one."""
    rated = [ratings for ratings in courses if ratings.scores]
    if not rated:
        return []
    norms = given.norms or norms_in_use(given.occasion.clinic, at=at)
    return [
        RuleRun.of(rule, ratings, norms, at) for ratings in rated for rule in rules_for(ratings.series.scale)
    ]


def _followed(run: RuleRun, held: HeldEvaluations, strains: list[Episode]) -> Found:
    """The events that a signal is due for, and their episodes, followed to where they are now."""
    ratings = run.ratings
    by_earlier_rules = {id_: said for id_, said in held.before.items() if run.is_by_other_rules(said)}
    if not run.rule.opens_episodes:
        return Found(ratings, run.rule, held, _new_events(run, by_earlier_rules), {})
    followed = followed_events(ratings, run.rule.criterion, by_earlier_rules, strains)
    begun = begun_events(ratings, run.events, followed, held, by_earlier_rules)
    episodes = keep_episodes(ratings, [*followed, *begun], by_earlier_rules, strains, run.at)
    return Found(ratings, run.rule, held, begun, episodes)


def _new_events(run: RuleRun, by_earlier_rules: Collection[uuid.UUID]) -> list[Event]:
    by_session = run.ratings.by_session
    return [event for event in run.events if by_session[event["onset_session"]].id not in by_earlier_rules]
