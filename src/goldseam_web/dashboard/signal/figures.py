"""How sure a signal is, in words that cannot be misread. Every figure was computed for these settings."""

from typing import Any

from goldseam import ErrorRates, ParameterError, shipped_error_rates
from goldseam_web.alerts.models import OnsetKind, SignalKind
from goldseam_web.dashboard.language.times import counted, in_words
from goldseam_web.dashboard.signal.page import Figure

GRADES = {
    "watch": "the lowest of three grades: watch, probable, marked",
    "probable": "the middle of three grades: watch, probable, marked",
    "marked": "the highest of three grades: watch, probable, marked",
}
LEARNED_FROM = 3  # ratings that come before the first one that can be judged


def figures(kind: str, evidence: dict[str, Any], name: str) -> tuple[Figure, ...]:
    """The figures of a signal: first how often such signals are right, then how often chance alone makes one."""
    if kind == SignalKind.ASKED:
        return ()
    if kind == SignalKind.LOW:
        return _low(evidence)
    rates = _rates(evidence)
    how_sure = _how_sure(rates, kind, evidence) if rates else (_unmeasured(),)
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
    real = in_words(low) if low == high else f"{in_words(low)} to {in_words(high)}"
    sessions = rates.sessions_per_false_alarm
    chance = Figure(
        f"once in {sessions:.0f}",
        f"sessions this happens with nothing wrong, over sessions that can be judged; "
        f"{length} sessions are {length - LEARNED_FROM} of these",
    )
    told = Figure(
        f"{low} to {high} in 10" if low != high else f"{low} in 10",
        f"of ten such signals, about {real} are real{_apart(kind, evidence)}",
    )
    return told, chance


def _apart(kind: str, evidence: dict[str, Any]) -> str:
    """What the figure does not tell apart."""
    parts = []
    if evidence["onset_kind"] == OnsetKind.EROSION:
        parts.append("sudden falls and slow ones together, for slow ones alone it was not measured")
    if kind == SignalKind.STRAIN_BETWEEN:
        parts.append("measured for ratings of the work with a therapist")
    return "".join(f"; {part}" for part in parts)


def _unmeasured() -> Figure:
    return Figure(
        "not measured", "how often such a signal is right, for these norms and this version of the rule"
    )


def _grade(evidence: dict[str, Any]) -> tuple[Figure, ...]:
    grade = evidence["grade"]
    return (Figure(grade, GRADES[grade]),) if grade in GRADES else ()


def _limit(evidence: dict[str, Any], name: str) -> Figure:
    return Figure(f"below {evidence['limit']:.1f}", f"is the limit for {name} at this session")


def _earlier(evidence: dict[str, Any]) -> Figure:
    count = sum(row["value"] is not None for row in evidence["earlier"])
    return Figure(counted(count, "rating") if count > 9 else f"{count} ratings", "to compare with")


def _recent(evidence: dict[str, Any]) -> Figure:
    """What a slow decline rests on: no single rating, but the mean of the last ones."""
    text = f"is the mean of the last three ratings; the earlier level was {evidence['expected']:.1f}"
    return Figure(f"{evidence['recent']:.1f}", text)


def _low(evidence: dict[str, Any]) -> tuple[Figure, ...]:
    return (
        Figure(
            f"{evidence['value']:.1f}",
            f"of {evidence['maximum']:g}, the mean of {evidence['answered']} answers",
        ),
        Figure(
            f"below {evidence['limit']:.1f}",
            "is the cut-off: the middle of the range, a choice and not a finding",
        ),
        Figure(
            "not known",
            "how often a low rating means strain; it says where somebody stands, not that it changed",
        ),
    )


def rule_text(evidence: dict[str, Any]) -> str:
    """Which rule, in which version, with which norms."""
    rule = f"Rule: {evidence['criterion']}, version {evidence['criterion_version']}"
    return (
        f"{rule}. Norms: {evidence['norms']}."
        if evidence["norms"] and evidence["expected"] is not None
        else f"{rule}."
    )
