"""What comes after a therapist's answer: the answer closes what was seen, a further fall or a word opens it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from goldseam_web.alerts.models import (
    AcknowledgeChoice,
    Acknowledgement,
    AlertSignal,
    EpisodeStatus,
    Evaluation,
)
from goldseam_web.alerts.rules import AlertRule
from goldseam_web.alerts.services.ratings import Ratings
from goldseam_web.alerts.services.signals import Found
from goldseam_web.cases.models import Encounter
from goldseam_web.measures.models import Answer, ResponseState, Score
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, SELF_THERAPIST, TENSION_ITEM, TENSION_SAID

# Points of our scale from 0 to 10 below the lowest rating there was when the therapist answered.
FURTHER_FALL = 1.0
# These close what was seen. A plan leaves it open, so nothing has to open it again.
CLOSING = (AcknowledgeChoice.DIFFERENT, AcknowledgeChoice.TALKED, AcknowledgeChoice.NO_LONGER)
OVER = (
    EpisodeStatus.REPAIRED,
    EpisodeStatus.WITHDRAWN,
    EpisodeStatus.HANDOVER,
    EpisodeStatus.MEASURE_CHANGED,
)


def raise_again(found: Sequence[Found], *, at: datetime) -> list[AlertSignal]:
    """Raise a signal where an answered one is followed by a further fall, or by the client's "a little"."""
    raised = []
    for each, signal in _newest(found):
        answer = signal.acknowledgements.last()
        if answer is None or answer.choice not in CLOSING or not _is_open(signal):
            continue
        ratings = each.ratings
        further = _fell_further(ratings, signal, answer) or _was_said(ratings, signal, answer)
        if further is not None:
            encounter, why = further
            evidence = _evidence(ratings, signal, encounter, why)
            again, created = _store(
                signal, each.evaluations[encounter.id], ratings.scores[encounter.id], evidence, at
            )
            if created:
                raised.append(again)
    return raised


def _newest(found: Sequence[Found]) -> list[tuple[Found, AlertSignal]]:
    """The newest signal of each episode of a series, or of the rule where it opens no episodes."""
    series = {each.ratings.series.id for each in found}
    if not series:
        return []
    signals = AlertSignal.objects.filter(series__in=series).select_related("episode", "encounter", "series")
    newest: dict[object, tuple[Found, AlertSignal]] = {}
    for signal in signals.order_by("-raised_at"):
        for each in found:
            if signal.series_id == each.ratings.series.id and _is_of(each.rule, signal):
                newest.setdefault((signal.series_id, signal.episode_id or signal.kind), (each, signal))
    return list(newest.values())


def _is_of(rule: AlertRule, signal: AlertSignal) -> bool:
    return rule.opens_episodes == (signal.episode_id is not None)


def _is_open(signal: AlertSignal) -> bool:
    return signal.episode is None or signal.episode.status not in OVER


def _fell_further(
    ratings: Ratings, signal: AlertSignal, answer: Acknowledgement
) -> tuple[Encounter, str] | None:
    """The latest rated session, if it was rated after the answer and lies below all that was known then."""
    since = [e for e in ratings.encounters if e.starts_at >= signal.encounter.starts_at]
    rated = [(e, score) for e in since if (score := ratings.scores.get(e.id)) and score.value is not None]
    known = [s.value for _, s in rated if not _is_after(s, answer) and s.value is not None]
    if not rated or not known:
        return None
    encounter, latest = rated[-1]
    if latest.value is None or not _is_after(latest, answer):
        return None
    return (encounter, "fell") if latest.value <= min(known) - FURTHER_FALL else None


def _is_after(score: Score, answer: Acknowledgement) -> bool:
    rated_at = score.response.rated_at
    return rated_at is not None and rated_at > answer.at


def _was_said(ratings: Ratings, signal: AlertSignal, answer: Acknowledgement) -> tuple[Encounter, str] | None:
    """The latest session about which the client said, after the answer, that there was tension, not yet worked out."""
    if signal.episode is None or signal.series.scale != SELF_THERAPIST:
        return None
    said = Answer.objects.filter(
        response__occasion__case_id=signal.case_id,
        response__occasion__respondent_id=signal.member_id,
        response__occasion__encounter__starts_at__gt=signal.encounter.starts_at,
        response__state__in=(ResponseState.COMPLETED, ResponseState.CLOSED),
        item=TENSION_ITEM,
        choice__in=TENSION_SAID,
        answered_at__gt=answer.at,
    ).exclude(response__in=Answer.objects.filter(item=FOLLOW_UP_ITEM, choice="yes").values("response"))
    about = set(said.values_list("response__occasion__encounter_id", flat=True))
    found = [e for e in ratings.encounters if e.id in about and e.id in ratings.scores]
    return (found[-1], "said") if found else None


def _evidence(ratings: Ratings, first: AlertSignal, encounter: Encounter, why: str) -> dict[str, Any]:
    """What the rating is compared with stays what it was when the strain began."""
    score = ratings.scores[encounter.id]
    session = next(number for number, each in ratings.by_session.items() if each.id == encounter.id)
    return {
        **first.evidence,
        "session": session,
        "value": score.value,
        "answered": score.answered,
        "items": score.items,
        "earlier": [
            {"session": number, "value": ratings.value(each)}
            for number, each in ratings.by_session.items()
            if number < session
        ],
        "again": why,
    }


def _store(
    first: AlertSignal, evaluation: Evaluation, score: Score, evidence: dict[str, Any], at: datetime
) -> tuple[AlertSignal, bool]:
    """One signal for that session, and whether it is new."""
    return AlertSignal.objects.get_or_create(
        series=first.series,
        encounter_id=evaluation.encounter_id,
        kind=first.kind,
        defaults={
            "clinic_id": first.clinic_id,
            "case_id": first.case_id,
            "member_id": first.member_id,
            "response_id": score.response_id,
            "evaluation": evaluation,
            "episode": first.episode,
            "grade": first.grade,
            "evidence": evidence,
            "raised_at": at,
        },
    )
