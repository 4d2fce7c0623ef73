"""One run of one rule on one series."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from goldseam import Detection, detect
from goldseam_web.alerts.models import Evaluation, NormsVersion, Verdict
from goldseam_web.alerts.rules import AlertRule
from goldseam_web.alerts.services.judged_course import Said
from goldseam_web.alerts.services.norms import norms_of
from goldseam_web.alerts.services.ratings import HeldSession, Ratings
from goldseam_web.alerts.services.rule_upgrade import Event

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
    events: Sequence[Event]
    _found: Detection
    at: datetime
    # The digests by rules that are no longer in force, by their version and norms.
    _earlier: dict[tuple[str, uuid.UUID | None], Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rule: AlertRule, ratings: Ratings, norms: NormsVersion, at: datetime) -> Self:
        """Run the rule."""
        found = detect(ratings.course, criterion=rule.criterion, version=rule.version, norms=norms_of(norms))
        onsets = found.episode_dicts()
        rows = _rows(found, {event["onset_session"] for event in onsets})
        events = [
            {**event, "slow": rows[event["onset_session"]].get(SLOW_DECLINE) == "met"} for event in onsets
        ]
        return cls(ratings, rule, str(found.criterion.version), norms, events, found, at)

    @cached_property
    def digests(self) -> Sequence[str]:
        """What the verdict at each session depends on, as hashes; by the rules in force."""
        return self.ratings.digests(self.rule.criterion, self.version, self.norms.content_hash)

    def stands(self, said: Said, upto: int) -> bool:
        """Whether nothing that was rated up to a session has changed; other rules alone do not unsay anything."""
        if not self.is_by_other_rules(said):
            return said.input_digest == self.digests[upto]
        return said.input_digest == self._digests_by(said.criterion_version, said.norms_id)[upto]

    def _digests_by(self, version: str, norms_id: uuid.UUID | None) -> Sequence[str]:
        known = self._earlier.get((version, norms_id))
        if known is None:
            norms_hash = NormsVersion.objects.get(pk=norms_id).content_hash if norms_id else None
            known = self._earlier[version, norms_id] = self.ratings.digests(
                self.rule.criterion, version, norms_hash
            )
        return known

    def is_by_other_rules(self, evaluation: Said) -> bool:
        """Whether an evaluation was made with another version, or with other norms."""
        return (evaluation.criterion_version, evaluation.norms_id) != (self.version, self.norms.id)

    def evaluations(self, sessions: Mapping[int, tuple[HeldSession, str]]) -> dict[uuid.UUID, Evaluation]:
        """What is said of some sessions, by encounter; each is given with its digest."""
        rows = _rows(self._found, sessions)
        return {
            encounter.id: _evaluation(self, rows[session], encounter, digest)
            for session, (encounter, digest) in sessions.items()
        }


def _rows(found: Detection, sessions: Collection[int]) -> dict[int, Row]:
    """Of these sessions alone: what was said of the others is stored."""
    return {row["session"]: row for row in found.session_dicts(sessions)} if sessions else {}


def _evaluation(run: RuleRun, row: Row, encounter: HeldSession, digest: str) -> Evaluation:
    return Evaluation(
        clinic_id=run.ratings.series.clinic_id,
        series=run.ratings.series,
        encounter_id=encounter.id,
        criterion=run.rule.criterion,
        criterion_version=run.version,
        norms=run.norms,
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
        evaluated_at=run.at,
    )
