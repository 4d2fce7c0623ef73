"""How sure a signal is, in words that cannot be misread. Every figure was computed for these settings."""

from typing import Any

from goldseam import ErrorRates, ParameterError, shipped_error_rates
from goldseam_web.alerts.models import OnsetKind, SignalKind
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import in_words
from goldseam_web.dashboard.signal.page import Figure

LEARNED_FROM = 3  # ratings that come before the first one that can be judged


def figures(kind: str, evidence: dict[str, Any], name: str) -> tuple[Figure, ...]:
    """The figures of a signal: first how often such signals are right, then how often chance alone makes one."""
    if kind == SignalKind.ASKED:
        return ()
    if kind == SignalKind.LOW:
        return _low(evidence)
    rates = _rates(evidence)
    how_sure = (
        _how_sure(rates, kind, evidence) if rates else (Figure(say.NOT_MEASURED, say.NOT_MEASURED_TEXT),)
    )
    compared = _recent(evidence) if "recent" in evidence else _earlier(evidence)
    return (*how_sure, *_grade(evidence), _limit(evidence, name), compared)


def _rates(evidence: dict[str, Any]) -> ErrorRates | None:
    """The stored rates of the rule and norms the signal was raised with; None if these were never measured."""
    try:
        rates = shipped_error_rates(
            evidence["criterion"], int(evidence["criterion_version"]), evidence["norms"] or ""
        )
    except (ParameterError, ValueError):
        return None
    return rates if rates.norms_hash == evidence["norms_hash"] else None


def _how_sure(measured: ErrorRates, kind: str, evidence: dict[str, Any]) -> tuple[Figure, ...]:
    """The figures of all signals of that grade: they were not measured for slow declines or other scales alone."""
    marked = evidence["grade"] == "marked"
    rates, length = measured.grades["marked" if marked else "any"], measured.sessions
    low, high = rates.real_in_ten
    real = say.REAL_RANGE.format(low=in_words(low), high=in_words(high)) if low != high else in_words(low)
    in_ten = say.REAL_IN_TEN_RANGE if low != high else say.REAL_IN_TEN
    return (
        Figure(in_ten.format(low=low, high=high), _real_text(kind, evidence).format(real=real)),
        Figure(
            say.BY_CHANCE.format(sessions=rates.sessions_per_false_alarm),
            say.BY_CHANCE_TEXT.format(length=length, judged=length - LEARNED_FROM),
        ),
    )


def _real_text(kind: str, evidence: dict[str, Any]) -> str:
    """How many are real, and what that figure does not tell apart."""
    slow, between = evidence["onset_kind"] == OnsetKind.EROSION, kind == SignalKind.STRAIN_BETWEEN
    if slow:
        return say.REAL_SLOW_BETWEEN if between else say.REAL_SLOW
    return say.REAL_BETWEEN if between else say.REAL


def _grade(evidence: dict[str, Any]) -> tuple[Figure, ...]:
    grade = evidence["grade"]
    return (Figure(grade, say.GRADES[grade]),) if grade in say.GRADES else ()


def _limit(evidence: dict[str, Any], name: str) -> Figure:
    return Figure(say.BELOW.format(**evidence), say.LIMIT_TEXT.format(name=name))


def _earlier(evidence: dict[str, Any]) -> Figure:
    count = sum(row["value"] is not None for row in evidence["earlier"])
    return Figure(say.RATINGS.format(count=count), say.RATINGS_TEXT)


def _recent(evidence: dict[str, Any]) -> Figure:
    """What a slow decline rests on: no single rating, but the mean of the last ones."""
    return Figure(say.RECENT.format(**evidence), say.RECENT_TEXT.format(**evidence))


def _low(evidence: dict[str, Any]) -> tuple[Figure, ...]:
    return (
        Figure(say.LOW_VALUE.format(**evidence), say.LOW_VALUE_TEXT.format(**evidence)),
        Figure(say.BELOW.format(**evidence), say.CUT_OFF_TEXT),
        Figure(say.NOT_KNOWN, say.NOT_KNOWN_TEXT),
    )


def rule_text(evidence: dict[str, Any]) -> str:
    """Which rule, in which version, with which norms."""
    with_norms = evidence["norms"] and evidence["expected"] is not None
    return (say.RULE_AND_NORMS if with_norms else say.RULE).format(**evidence)
