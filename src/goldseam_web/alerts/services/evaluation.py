"""Judging a response: its series are run through the enabled criteria, and what is found is stored once."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from goldseam import Detection, Norms, detect
from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.alerts.models import AlertSignal, Evaluation, NormsVersion, Verdict
from goldseam_web.alerts.rules import AlertRule, rules_for
from goldseam_web.alerts.services.episodes import end_by_new_measure, hear_client, keep_episodes
from goldseam_web.alerts.services.further_falls import raise_again
from goldseam_web.alerts.services.norms import norms_in_use
from goldseam_web.alerts.services.ratings import Ratings
from goldseam_web.alerts.services.rule_upgrade import Event, begun_events, followed_events
from goldseam_web.alerts.services.signals import raise_signals
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.cases.queries import sessions_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.links import lost_right
from goldseam_web.measures.models import Response, ResponseState, Series
from goldseam_web.measures.own_measures import TENSION_ITEM

# The web process and the worker use the same science; a row of its tables is a plain mapping here.
Row = Mapping[str, Any]
# The part of `predictive` that finds slow declines; it is met only where one begins.
SLOW_DECLINE = "criterion_2"


@dataclass(frozen=True)
class RuleRun:
    """One run of one rule on one series: what its evaluations have in common."""

    ratings: Ratings
    rule: AlertRule
    version: str
    norms: NormsVersion
    at: datetime

    def digest(self, upto: int, said: Evaluation | None = None) -> str:
        """What the verdict at one session depends on, as a hash; by the rules of ``said``, or by those in force."""
        version, norms = (said.criterion_version, said.norms) if said else (self.version, self.norms)
        given = [[str(e.id), self.ratings.value(e)] for e in self.ratings.encounters[: upto + 1]]
        content = [given, self.rule.criterion, version, norms.content_hash if norms else None]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def stands(self, said: Evaluation, upto: int) -> bool:
        """Whether nothing that was rated up to a session has changed; other rules alone do not unsay anything."""
        return said.input_digest == self.digest(upto, said)

    def is_by_other_rules(self, evaluation: Evaluation) -> bool:
        """Whether an evaluation was made with another version, or with other norms."""
        return (evaluation.criterion_version, evaluation.norms_id) != (self.version, self.norms.id)

    def evaluation(self, row: Row, encounter: Encounter, digest: str) -> Evaluation:
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
    # In one order: two judgements lock the same series the same way round, and signals come in the same order.
    scores = response.scores.filter(series__rater__isnull=False).order_by("scale", "series_id")
    raised: list[AlertSignal] = []
    for series_id, scale in scores.values_list("series_id", "scale"):
        if rules := rules_for(scale):
            raised += _judge(series_id, rules, at, notify=notify)
    hear_client(response=response, at=at)
    return raised


@one_transaction
def _judge(
    series_id: uuid.UUID, rules: Iterable[AlertRule], at: datetime, *, notify: bool
) -> list[AlertSignal]:
    """Run the rules on one series. The case is locked: its episodes are numbered in one row, over all members."""
    series = Series.objects.select_related("rater", "clinic").get(pk=series_id)
    locked(Case.objects.filter(pk=series.case_id)).get()
    ratings = judged_ratings(series)
    if not ratings.scores:
        return []
    end_by_new_measure(series=series, at=at)
    norms = norms_in_use(series.clinic, at=at)
    raised = [signal for rule in rules for signal in _apply(rule, ratings, norms, at, notify=notify)]
    bump_change_counter(series.clinic_id)
    return raised


def _apply(
    rule: AlertRule, ratings: Ratings, norms: NormsVersion, at: datetime, *, notify: bool
) -> list[AlertSignal]:
    found = detect(
        ratings.table,
        criterion=rule.criterion,
        version=rule.version,
        norms=Norms.from_content(norms.content),
    )
    run = RuleRun(ratings, rule, str(found.criterion.version), norms, at)
    rows = found.sessions.to_dicts()
    evaluations = _keep_evaluations(run, rows)
    by_earlier_rules = {id_: said for id_, said in evaluations.items() if run.is_by_other_rules(said)}
    events = _events(found, rows)
    if not rule.opens_episodes:
        new = [
            event for event in events if ratings.by_session[event["onset_session"]].id not in by_earlier_rules
        ]
        raised = raise_signals(ratings, rule, new, evaluations, {}, at=at, notify=notify)
        return [*raised, *raise_again(ratings, rule, evaluations, at=at, notify=notify)]
    followed = followed_events(ratings, by_earlier_rules)
    begun = begun_events(ratings, events, followed, evaluations, by_earlier_rules)
    episodes = keep_episodes(ratings, [*followed, *begun], by_earlier_rules, at)
    raised = raise_signals(ratings, rule, begun, evaluations, episodes, at=at, notify=notify)
    return [*raised, *raise_again(ratings, rule, evaluations, at=at, notify=notify)]


def _events(found: Detection, rows: Iterable[Row]) -> list[Event]:
    """What was found, with whether it was the channel for slow decline that found it."""
    slow = {row["session"] for row in rows if row.get(SLOW_DECLINE) == "met"}
    return [{**event, "slow": event["onset_session"] in slow} for event in found.episodes.to_dicts()]


def rater_of(series: Series) -> Member:
    """The member who rates. Ratings by staff are never judged."""
    if series.rater is None:
        raise ValueError(f"Series {series.pk} is rated by staff; only ratings by members are judged.")
    return series.rater


def judged_ratings(series: Series) -> Ratings:
    """The series' judged ratings by attended session: late scores and corrected originals are left out.

    A yes to the direct question is never too late.
    """
    rater = rater_of(series)
    attended = sessions_of(rater)
    ids = {encounter.id for encounter in attended.values()}
    scores = (
        series.scores.exclude(response__state=ResponseState.AMENDED)
        .select_related("response")
        .order_by("response__revision")
    )
    if series.scale != TENSION_ITEM:
        scores = scores.filter(late=False)
    return Ratings(
        series=series,
        rater=rater,
        encounters=tuple(attended.values()),
        sessions=tuple(attended),
        scores={s.encounter_id: s for s in scores if s.encounter_id in ids},
    )


def _keep_evaluations(run: RuleRun, rows: Sequence[Row]) -> dict[uuid.UUID, Evaluation]:
    """Store the verdict of each session whose inputs are new; what was said before is superseded, never changed."""
    ratings = run.ratings
    current = {
        e.encounter_id: e
        for e in ratings.series.evaluations.filter(criterion=run.rule.criterion, superseded_by=None)
        .select_related("norms")
        .defer("norms__content")
    }
    by_session = {row["session"]: row for row in rows}
    kept: dict[uuid.UUID, Evaluation] = {}
    new: list[Evaluation] = []
    for k, (encounter, session) in enumerate(zip(ratings.encounters, ratings.sessions, strict=True)):
        before = current.get(encounter.id)
        if before is not None and run.stands(before, k):
            kept[encounter.id] = before
        else:
            kept[encounter.id] = run.evaluation(by_session[session], encounter, run.digest(k))
            new.append(kept[encounter.id])
    _store(new, [current[e.encounter_id] for e in new if e.encounter_id in current])
    return kept


def _store(new: Sequence[Evaluation], outdated: Sequence[Evaluation]) -> None:
    """The database allows one current row, and the new row must exist before the old one can point at it."""
    for before in outdated:
        before.superseded_by = before
    Evaluation.objects.bulk_update(outdated, ["superseded_by"])
    Evaluation.objects.bulk_create(new)
    by_encounter = {evaluation.encounter_id: evaluation for evaluation in new}
    for before in outdated:
        before.superseded_by = by_encounter[before.encounter_id]
    Evaluation.objects.bulk_update(outdated, ["superseded_by"])
