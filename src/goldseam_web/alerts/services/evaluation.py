"""Judging a response: its series are run through the enabled criteria, and what is found is stored once."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from goldseam import Norms, detect
from goldseam_web.accounts.services import bump_pulse
from goldseam_web.alerts.models import AlertSignal, Evaluation, NormsVersion, Verdict
from goldseam_web.alerts.rules import Rule, rules_for
from goldseam_web.alerts.services.episodes import hear_client, keep_episodes
from goldseam_web.alerts.services.norms import norms_in_use
from goldseam_web.alerts.services.signals import raise_signals
from goldseam_web.cases.models import Encounter, Member
from goldseam_web.cases.queries import SessionNumbers, attended_by, held_encounters
from goldseam_web.measures.models import Response, ResponseState, Score, Series

# The web process and the worker use the same science; a row of its tables is a plain mapping here.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ratings:
    """One rater's series as detection sees it: one row per attended session, with or without a rating."""

    series: Series
    encounters: tuple[Encounter, ...]
    sessions: tuple[int, ...]
    scores: Mapping[uuid.UUID, Score]

    @property
    def rater(self) -> Member:
        """The member who rates. Ratings by staff are never judged."""
        if self.series.rater is None:
            raise ValueError(
                f"Series {self.series.pk} is rated by staff; only ratings by members are judged."
            )
        return self.series.rater

    def value(self, encounter: Encounter) -> float | None:
        score = self.scores.get(encounter.id)
        return score.value if score else None

    def frame(self) -> pl.DataFrame:
        """The table that ``goldseam.detect`` takes."""
        some = next(iter(self.scores.values()))
        return pl.DataFrame(
            {
                "case": str(self.series.case_id),
                "rater": str(self.rater.id),
                "scale": self.series.scale,
                "phase": self.series.phase,
                "session": self.sessions,
                "value": pl.Series([self.value(e) for e in self.encounters], dtype=pl.Float64),
                "minimum": some.minimum,
                "maximum": some.maximum,
            }
        )


@dataclass(frozen=True)
class Judged:
    """One run of one rule on one series: what its evaluations have in common."""

    ratings: Ratings
    rule: Rule
    version: str
    norms: NormsVersion
    at: datetime

    def digest(self, upto: int) -> str:
        """What the verdict at one session depends on, as a hash."""
        given = [[str(e.id), self.ratings.value(e)] for e in self.ratings.encounters[: upto + 1]]
        content = [given, self.rule.criterion, self.version, self.norms.content_hash]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

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

    Where the install only records and displays, nothing is judged. A late answer is stored and shown but is not
    judged and fills no gap.
    """
    if settings.GOLDSEAM_RECORD_ONLY or response.occasion.encounter_id is None:
        return []
    scores = response.scores.filter(series__rater__isnull=False).select_related(
        "series__rater", "series__clinic"
    )
    raised: list[AlertSignal] = []
    for score in scores:
        for rule in rules_for(score.scale):
            raised += _judge(score.series, rule, at, notify=notify)
    hear_client(response=response, at=at)
    return raised


@transaction.atomic
def _judge(series: Series, rule: Rule, at: datetime, *, notify: bool) -> list[AlertSignal]:
    """Run one rule on one series. The series is locked, so that two workers never judge it side by side."""
    series = (
        Series.objects.select_for_update(of=("self",)).select_related("rater", "clinic").get(pk=series.pk)
    )
    ratings = collect(series)
    if not ratings.scores:
        return []
    norms = norms_in_use(series.clinic, at=at)
    found = detect(
        ratings.frame(),
        criterion=rule.criterion,
        version=rule.version,
        norms=Norms.from_content(norms.content),
    )
    judged = Judged(ratings, rule, str(found.criterion.version), norms, at)
    evaluations = _keep_evaluations(judged, found.sessions.to_dicts())
    events = found.episodes.to_dicts()
    episodes = keep_episodes(ratings, events, at) if rule.opens_episodes else {}
    raised = raise_signals(ratings, rule, events, evaluations, episodes, at=at, notify=notify)
    bump_pulse(series.clinic_id)
    return raised


def collect(series: Series) -> Ratings:
    """The series' judged ratings by attended session: late answers and corrected originals are left out."""
    held = list(held_encounters(series.case_id))
    numbers = SessionNumbers.of(held)
    attended = list(attended_by(series.rater)) if series.rater else held
    scores = (
        series.scores.filter(response__late=False, encounter__in=attended)
        .exclude(response__state=ResponseState.AMENDED)
        .select_related("response")
        .order_by("response__revision")
    )
    return Ratings(
        series=series,
        encounters=tuple(attended),
        sessions=tuple(numbers[e.id] for e in attended),
        scores={s.encounter_id: s for s in scores if s.encounter_id},
    )


def _keep_evaluations(judged: "Judged", rows: Sequence[Row]) -> dict[uuid.UUID, Evaluation]:
    """Store the verdict of each session whose inputs are new; what was said before is superseded, never changed."""
    ratings = judged.ratings
    current = {
        e.encounter_id: e
        for e in ratings.series.evaluations.filter(criterion=judged.rule.criterion, superseded_by=None)
    }
    by_session = {row["session"]: row for row in rows}
    kept: dict[uuid.UUID, Evaluation] = {}
    for k, (encounter, session) in enumerate(zip(ratings.encounters, ratings.sessions, strict=True)):
        digest = judged.digest(k)
        before = current.get(encounter.id)
        if before is not None and before.input_digest == digest:
            kept[encounter.id] = before
        else:
            kept[encounter.id] = _store(judged.evaluation(by_session[session], encounter, digest), before)
    return kept


def _store(evaluation: Evaluation, before: Evaluation | None) -> Evaluation:
    if before is not None:
        # The database allows one current row, and the new row must exist before it can be pointed at.
        before.superseded_by = before
        before.save(update_fields=["superseded_by"])
    evaluation.save(force_insert=True)
    if before is not None:
        before.superseded_by = evaluation
        before.save(update_fields=["superseded_by"])
    return evaluation
