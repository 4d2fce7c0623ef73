"""Raising signals exactly once, each with the evidence it rests on."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from goldseam_web.alerts.models import AlertSignal, Episode, Evaluation, SignalKind
from goldseam_web.alerts.rules import AlertRule
from goldseam_web.alerts.services.alert_messages import queue_messages
from goldseam_web.alerts.services.ratings import GivenRating, Ratings
from goldseam_web.audit.services import SYSTEM, record_about
from goldseam_web.measures.models import Response

USUAL = 1.2816  # SDs that hold the central 80% of a normal distribution
RECENT_RATINGS = 3  # whose mean is compared with the earlier level


@dataclass(frozen=True)
class Found:
    """What a rule found in a series: the events that a signal is due for, and what each rests on.

    Evaluations are by encounter, episodes by the session they began at. ``of_goal``: the sessions at which what the
    members come for carries a fall between them. ``is_part``: whether the latest rating is told by another rule.
    """

    ratings: Ratings
    rule: AlertRule
    evaluations: Mapping[uuid.UUID, Evaluation]
    events: Sequence[Mapping[str, Any]]
    episodes: Mapping[int, Episode]
    of_goal: frozenset[int] = frozenset()
    is_part: bool = False


def signals_so_far(found: Sequence[Found]) -> list[AlertSignal]:
    """The signals there are of these series, with what was said of them."""
    series = {each.ratings.series.pk for each in found}
    signals = AlertSignal.objects.filter(series__in=series).select_related("episode", "encounter", "series")
    return list(signals.prefetch_related("acknowledgements"))


def raise_signals(
    found: Found, known: Iterable[AlertSignal], response: Response, *, at: datetime
) -> list[AlertSignal]:
    """Store a signal for each event that has none yet; nobody hears of it before `announce`.

    ``known`` are the signals there are: the case is locked, so that there come no others meanwhile. ``response`` is
    the one that is judged.
    """
    ratings, raised = found.ratings, []
    there = {(signal.series_id, signal.encounter_id, signal.kind) for signal in known}
    for event in found.events:
        encounter = ratings.by_session[event["onset_session"]]
        kind = found.rule.kind_of(event["onset_kind"] or "", of_goal=event["onset_session"] in found.of_goal)
        if any((ratings.series.pk, encounter.id, each) in there for each in found.rule.kinds_like(kind)):
            continue
        evaluation, score = found.evaluations[encounter.id], ratings.scores[encounter.id]
        evidence = _evidence(ratings, event, evaluation, score)
        if kind == SignalKind.ASKED and score.response_id == response.pk and response.strain_with:
            evidence["strain_with"] = response.strain_with
        signal = AlertSignal(
            clinic=ratings.series.clinic,
            case=ratings.series.case,
            series=ratings.series,
            member=ratings.rater,
            encounter_id=encounter.id,
            kind=kind,
            response_id=score.response_id,
            evaluation=evaluation,
            episode=found.episodes.get(event["onset_session"]),
            grade=event["grade"] or "",
            evidence=evidence,
            raised_at=at,
        )
        signal.save(force_insert=True)
        raised.append(signal)
    return raised


def _evidence(
    ratings: Ratings, event: Mapping[str, Any], evaluation: Evaluation, score: GivenRating
) -> dict[str, Any]:
    """All that was known when the signal was raised, so that it can be read years later without recomputing."""
    earlier = [
        {"session": session, "value": ratings.value(encounter)}
        for session, encounter in ratings.by_session.items()
        if session < event["onset_session"]
    ]
    return {
        "criterion": evaluation.criterion,
        "criterion_version": evaluation.criterion_version,
        "norms": evaluation.norms.name if evaluation.norms else None,
        "norms_hash": evaluation.norms.content_hash if evaluation.norms else None,
        "session": event["onset_session"],
        "onset_kind": event["onset_kind"],
        "grade": event["grade"],
        "value": evaluation.value,
        **_expectation(ratings, event, evaluation, score),
        "limit": evaluation.limit,
        "minimum": score.minimum,
        "maximum": score.maximum,
        "answered": score.answered,
        "items": score.items,
        "earlier": earlier,
    }


def _expectation(
    ratings: Ratings, event: Mapping[str, Any], evaluation: Evaluation, score: GivenRating
) -> dict[str, Any]:
    """What the rating was compared with: what was expected just before it, or, if slow, the earlier level."""
    if not event["slow"]:
        return {
            "expected": evaluation.expected,
            "usual_low": evaluation.usual_low,
            "usual_high": evaluation.usual_high,
            "p": evaluation.p,
        }
    around = USUAL * event["spread"]
    return {
        "expected": event["baseline"],
        "usual_low": max(event["baseline"] - around, score.minimum),
        "usual_high": min(event["baseline"] + around, score.maximum),
        "p": event["p"],
        "recent": _recent(ratings, event["onset_session"]),
    }


def _recent(ratings: Ratings, session: int) -> float:
    """The mean of the last ratings, which a slow decline is judged by."""
    given = [
        ratings.value(encounter) for number, encounter in ratings.by_session.items() if number <= session
    ]
    return fmean([value for value in given if value is not None][-RECENT_RATINGS:])


def announce(signal: AlertSignal, at: datetime, *, notify: bool) -> None:
    """Put a new signal on record, and queue the messages about it."""
    record_about(signal, at=at, actor=SYSTEM, action="signal.raise", object_kind="signal")
    if notify:
        queue_messages(signal=signal, at=at)
