"""What comes after a therapist's answer: the answer closes what was seen, a further fall or a word opens it again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from goldseam_web.alerts.models import AcknowledgeChoice, Acknowledgement, AlertSignal, EpisodeStatus
from goldseam_web.alerts.rules import AlertRule
from goldseam_web.alerts.services.ratings import GivenRating, HeldSession, Ratings
from goldseam_web.alerts.services.signals import Found
from goldseam_web.measures.models import Answer, ResponseState
from goldseam_web.measures.own_measures import FOLLOW_UP_ITEM, SELF_THERAPIST, TENSION_ITEM, TENSION_SAID
from goldseam_web.measures.strain_with import said_of

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


def raise_again(
    found: Sequence[Found], known: Sequence[AlertSignal], new: Sequence[AlertSignal], *, at: datetime
) -> list[AlertSignal]:
    """Raise a signal where an answered one is followed by a further fall, or by the client's "a little".

    ``known`` are the signals there were of these series, ``new`` those just raised, of which nobody has said anything.
    """
    raised: list[AlertSignal] = []
    signals = [*new, *known]
    there = {(signal.series_id, signal.encounter_id, signal.kind) for signal in signals}
    for each, signal in _newest(found, signals):
        answer = None if signal in new else _last_word(signal)
        if answer is None or answer.choice not in CLOSING or not _is_open(signal):
            continue
        ratings = each.ratings
        further = _fell_further(ratings, signal, answer) or _was_said(ratings, signal, answer)
        if further is not None:
            encounter, why = further
            place = (signal.series_id, encounter.id, signal.kind)
            if place in there:
                continue
            there.add(place)
            evidence = _evidence(ratings, signal, encounter, why)
            raised.append(_store(signal, each, encounter, evidence, at))
    return raised


def _newest(found: Sequence[Found], signals: Iterable[AlertSignal]) -> list[tuple[Found, AlertSignal]]:
    """The newest signal of each episode of a series, or of the rule where it opens no episodes."""
    newest: dict[object, tuple[Found, AlertSignal]] = {}
    for signal in sorted(signals, key=lambda signal: signal.raised_at, reverse=True):
        for each in found:
            if signal.series_id == each.ratings.series.id and _is_of(each.rule, signal):
                newest.setdefault((signal.series_id, signal.episode_id or signal.kind), (each, signal))
    return list(newest.values())


def _last_word(signal: AlertSignal) -> Acknowledgement | None:
    said = list(signal.acknowledgements.all())
    return said[-1] if said else None


def _is_of(rule: AlertRule, signal: AlertSignal) -> bool:
    return rule.opens_episodes == (signal.episode_id is not None)


def _is_open(signal: AlertSignal) -> bool:
    return signal.episode is None or signal.episode.status not in OVER


def _fell_further(
    ratings: Ratings, signal: AlertSignal, answer: Acknowledgement
) -> tuple[HeldSession, str] | None:
    """The latest rated session, if it was rated after the answer and lies below all that was known then."""
    since = [e for e in ratings.encounters if e.starts_at >= signal.meeting.starts_at]
    rated = [(e, score) for e in since if (score := ratings.scores.get(e.id)) and score.value is not None]
    known = [s.value for _, s in rated if not _is_after(s, answer) and s.value is not None]
    if not rated or not known:
        return None
    encounter, latest = rated[-1]
    if latest.value is None or not _is_after(latest, answer):
        return None
    return (encounter, "fell") if latest.value <= min(known) - FURTHER_FALL else None


def _is_after(score: GivenRating, answer: Acknowledgement) -> bool:
    return score.rated_at is not None and score.rated_at > answer.at


def _was_said(
    ratings: Ratings, signal: AlertSignal, answer: Acknowledgement
) -> tuple[HeldSession, str] | None:
    """The latest session about which the client said, after the answer, that there was tension, not yet worked out."""
    if signal.episode is None or signal.course.scale != SELF_THERAPIST:
        return None
    said = Answer.objects.filter(
        said_of(signal.course.therapist_id),
        response__occasion__case_id=signal.case_id,
        response__occasion__respondent_id=signal.member_id,
        response__occasion__encounter__starts_at__gt=signal.meeting.starts_at,
        response__state__in=(ResponseState.COMPLETED, ResponseState.CLOSED),
        item=TENSION_ITEM,
        choice__in=TENSION_SAID,
        answered_at__gt=answer.at,
    ).exclude(response__in=Answer.objects.filter(item=FOLLOW_UP_ITEM, choice="yes").values("response"))
    about = set(said.values_list("response__occasion__encounter_id", flat=True))
    found = [e for e in ratings.encounters if e.id in about and e.id in ratings.scores]
    return (found[-1], "said") if found else None


def _evidence(ratings: Ratings, first: AlertSignal, encounter: HeldSession, why: str) -> dict[str, Any]:
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
    first: AlertSignal, found: Found, encounter: HeldSession, evidence: dict[str, Any], at: datetime
) -> AlertSignal:
    """One more signal, for that session."""
    ratings = found.ratings
    again = AlertSignal(
        clinic=ratings.series.clinic,
        case=ratings.series.case,
        series=ratings.series,
        member=ratings.rater,
        encounter_id=encounter.id,
        kind=first.kind,
        response_id=ratings.scores[encounter.id].response_id,
        evaluation=found.evaluations[encounter.id],
        episode=first.episode,
        grade=first.grade,
        evidence=evidence,
        raised_at=at,
    )
    again.save(force_insert=True)
    return again
