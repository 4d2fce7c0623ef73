"""Judging a response: its series are run through the enabled criteria, and what is found is stored once."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.conf import settings

from goldseam import detect
from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.alerts.models import AlertSignal, Evaluation, NormsVersion, Verdict
from goldseam_web.alerts.rules import AlertRule, rules_for
from goldseam_web.alerts.services.episodes import end_by_new_measure, hear_client, keep_episodes
from goldseam_web.alerts.services.further_falls import raise_again
from goldseam_web.alerts.services.norms import norms_in_use, norms_of
from goldseam_web.alerts.services.ratings import Ratings
from goldseam_web.alerts.services.rule_upgrade import Event, begun_events, followed_events
from goldseam_web.alerts.services.signals import Found, announce, raise_signals
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.cases.queries import sessions_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.links import lost_right
from goldseam_web.measures.models import Response, ResponseState, Score, Series
from goldseam_web.measures.own_measures import TENSION_ITEM

# The web process and the worker use the same science; a row of its tables is a plain mapping here.
Row = Mapping[str, Any]
# The part of `predictive` that finds slow declines; it is met only where one begins.
SLOW_DECLINE = "criterion_2"
# By series and encounter.
Scores = dict[tuple[uuid.UUID, uuid.UUID | None], Score]


@dataclass(frozen=True)
class RuleRun:
    """One run of one rule on one series: what its evaluations have in common."""

    ratings: Ratings
    rule: AlertRule
    version: str
    norms: NormsVersion
    rows: Mapping[int, Row]
    events: Sequence[Event]
    at: datetime

    @classmethod
    def of(cls, rule: AlertRule, ratings: Ratings, norms: NormsVersion, at: datetime) -> Self:
        """Run the rule."""
        found = detect(ratings.course, criterion=rule.criterion, version=rule.version, norms=norms_of(norms))
        rows = {row["session"]: row for row in found.session_dicts()}
        slow = {session for session, row in rows.items() if row.get(SLOW_DECLINE) == "met"}
        events = [{**event, "slow": event["onset_session"] in slow} for event in found.episode_dicts()]
        return cls(ratings, rule, str(found.criterion.version), norms, rows, events, at)

    @cached_property
    def digests(self) -> Sequence[str]:
        """What the verdict at each session depends on, as hashes; by the rules in force."""
        return self.digests_by(self.version, self.norms.content_hash)

    def digests_by(self, version: str, norms_hash: str | None) -> Sequence[str]:
        """The same by a version of the rule, and norms. Each is of all that was rated up to its session.

        The text that is hashed is the JSON of ``[[[encounter, value], ...], criterion, version, norms]``: each text
        begins with most of the one before, so that no part is hashed twice.
        """
        rest = f"], {json.dumps(self.rule.criterion)}, {json.dumps(version)}, {json.dumps(norms_hash)}]"
        begun, found = hashlib.sha256(b"[["), []
        for k, encounter in enumerate(self.ratings.encounters):
            given = json.dumps([str(encounter.id), self.ratings.value(encounter)])
            begun.update((", " if k else "").encode() + given.encode())
            whole = begun.copy()
            whole.update(rest.encode())
            found.append(whole.hexdigest())
        return found

    def stands(self, said: Evaluation, upto: int) -> bool:
        """Whether nothing that was rated up to a session has changed; other rules alone do not unsay anything."""
        if not self.is_by_other_rules(said):
            return said.input_digest == self.digests[upto]
        norms_hash = said.norms.content_hash if said.norms else None
        return said.input_digest == self.digests_by(said.criterion_version, norms_hash)[upto]

    def is_by_other_rules(self, evaluation: Evaluation) -> bool:
        """Whether an evaluation was made with another version, or with other norms."""
        return (evaluation.criterion_version, evaluation.norms_id) != (self.version, self.norms.id)

    def evaluation(self, session: int, encounter: Encounter, digest: str) -> Evaluation:
        row = self.rows[session]
        return Evaluation(
            clinic_id=self.ratings.series.clinic_id,
            series=self.ratings.series,
            encounter=encounter,
            criterion=self.rule.criterion,
            criterion_version=self.version,
            norms=self.norms,
            input_digest=digest,
            verdict=Verdict(row["verdict"].replace(" ", "_")),
            grade=row["grade"] or "",
            value=row["value"],
            expected=row["expected"],
            limit=row["limit"],
            usual_low=row["usual_low"],
            usual_high=row["usual_high"],
            p=row["p"],
            earlier_ratings=row["n_prior"],
            reason=row["reason"] or "",
            evaluated_at=self.at,
        )


def evaluate(*, response: Response, at: datetime, notify: bool = True) -> list[AlertSignal]:
    """Judge every watched series the response adds to, and return the signals that are new.

    Where the install only records and displays, nothing is judged. A score that rests on answers given after the
    window is stored and shown but is not judged and fills no gap, except that the direct question is always heard.
    Nor is anything of a member who has paused, left or withdrawn: that stops both asking and signalling.
    """
    if settings.GOLDSEAM_RECORD_ONLY or response.occasion.encounter_id is None:
        return []
    if lost_right(response.occasion, at=at):
        return []
    return _judge(response, at, notify=notify)


@one_transaction
def _judge(response: Response, at: datetime, *, notify: bool) -> list[AlertSignal]:
    """Run the rules on the watched series and store what they say, table by table in the order of locks.

    The case is locked: its episodes are numbered in one row, over all members.
    """
    locked(Case.objects.filter(pk=response.occasion.case_id)).get()
    runs = _runs(response, at)
    judged = list(zip(runs, _keep_evaluations(runs), strict=True))
    end_by_new_measure(series=[run.ratings.series for run in runs], at=at)
    found = [_followed(run, evaluations) for run, evaluations in judged]
    hear_client(response=response, at=at)
    raised = [signal for each in found for signal in raise_signals(each, at=at)]
    raised += raise_again(found, at=at)
    for signal in raised:
        announce(signal, at, notify=notify)
    if runs:
        bump_change_counter(response.clinic_id)
    return raised


def _runs(response: Response, at: datetime) -> list[RuleRun]:
    """Every rule on every watched series with something to judge, in one order: signals come in the same one."""
    courses = [ratings for ratings in _courses(response) if ratings.scores]
    if not courses:
        return []
    norms = norms_in_use(courses[0].series.clinic, at=at)
    return [
        RuleRun.of(rule, ratings, norms, at)
        for ratings in courses
        for rule in rules_for(ratings.series.scale)
    ]


def _courses(response: Response) -> list[Ratings]:
    """The watched series by attended session: late scores and corrected originals are left out.

    A yes to the direct question is never too late. Ratings by staff are never judged.
    """
    added = response.scores.filter(series__rater__isnull=False).select_related(
        "series__rater", "series__clinic"
    )
    watched = {
        score.series_id: score.series
        for score in added.order_by("scale", "series_id")
        if rules_for(score.scale)
    }
    attended = {rater: sessions_of(rater) for rater in {series.rater for series in watched.values()} if rater}
    given = _scores(watched.values())
    return [
        _ratings(series, rater, attended[rater], given)
        for series in watched.values()
        if (rater := series.rater) is not None
    ]


def _ratings(series: Series, rater: Member, attended: Mapping[int, Encounter], given: Scores) -> Ratings:
    return Ratings(
        series=series,
        rater=rater,
        encounters=tuple(attended.values()),
        sessions=tuple(attended),
        scores={
            encounter.id: given[series.id, encounter.id]
            for encounter in attended.values()
            if (series.id, encounter.id) in given
        },
    )


def _scores(watched: Iterable[Series]) -> Scores:
    """The scores that count, by series and encounter; the newest revision."""
    scores = (
        Score.objects.filter(series__in=list(watched))
        .exclude(response__state=ResponseState.AMENDED)
        .select_related("response")
        .order_by("response__revision")
    )
    return {
        (score.series_id, score.encounter_id): score
        for score in scores
        if not score.late or score.scale == TENSION_ITEM
    }


def _followed(run: RuleRun, evaluations: dict[uuid.UUID, Evaluation]) -> Found:
    """The events that a signal is due for, and their episodes, followed to where they are now."""
    ratings = run.ratings
    by_earlier_rules = {id_: said for id_, said in evaluations.items() if run.is_by_other_rules(said)}
    if not run.rule.opens_episodes:
        new = [
            event
            for event in run.events
            if ratings.by_session[event["onset_session"]].id not in by_earlier_rules
        ]
        return Found(ratings, run.rule, evaluations, new, {})
    followed = followed_events(ratings, by_earlier_rules)
    begun = begun_events(ratings, run.events, followed, evaluations, by_earlier_rules)
    episodes = keep_episodes(ratings, [*followed, *begun], by_earlier_rules, run.at)
    return Found(ratings, run.rule, evaluations, begun, episodes)


def _keep_evaluations(runs: Sequence[RuleRun]) -> list[dict[uuid.UUID, Evaluation]]:
    """Store the verdict of each session whose inputs are new; what was said before is superseded, never changed.

    For each run, what now holds, by encounter.
    """
    current = _current(runs)
    kept: list[dict[uuid.UUID, Evaluation]] = []
    new: dict[_Place, Evaluation] = {}
    for run in runs:
        ratings, holds = run.ratings, {}
        for k, (encounter, session) in enumerate(zip(ratings.encounters, ratings.sessions, strict=True)):
            place = (ratings.series.id, encounter.id, run.rule.criterion)
            before = current.get(place)
            if before is not None and run.stands(before, k):
                holds[encounter.id] = before
            else:
                holds[encounter.id] = new[place] = run.evaluation(session, encounter, run.digests[k])
        kept.append(holds)
    _store(new, {place: current[place] for place in new if place in current})
    return kept


# Series, encounter and criterion: where there is one evaluation that holds.
_Place = tuple[uuid.UUID, uuid.UUID, str]


def _current(runs: Sequence[RuleRun]) -> dict[_Place, Evaluation]:
    """What held before, of these series."""
    if not runs:
        return {}
    series = {run.ratings.series.id for run in runs}
    said = Evaluation.objects.filter(series__in=series, superseded_by=None)
    return {(each.series_id, each.encounter_id, each.criterion): each for each in said}


def _store(new: Mapping[_Place, Evaluation], outdated: Mapping[_Place, Evaluation]) -> None:
    """The database allows one current row, and the new row must exist before the old one can point at it."""
    for before in outdated.values():
        before.superseded_by = before
    Evaluation.objects.bulk_update(outdated.values(), ["superseded_by"])
    Evaluation.objects.bulk_create(new.values())
    for place, before in outdated.items():
        before.superseded_by = new[place]
    Evaluation.objects.bulk_update(outdated.values(), ["superseded_by"])
