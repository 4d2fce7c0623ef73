"""How sure a signal is, in words that cannot be misread. Every figure was computed for these settings."""

from typing import Any

from goldseam import ErrorRates, ParameterError, shipped_error_rates
from goldseam_web.alerts.models import AlertSignal, OnsetKind, SignalKind
from goldseam_web.alerts.rules import BETWEEN_MEMBERS
from goldseam_web.alerts.services.norms import rates_kept_with
from goldseam_web.alerts.single_answers import share_below_by_noise
from goldseam_web.dashboard.language import goals_words
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import in_words
from goldseam_web.dashboard.signal.page import Figure, Sureness

NORMAL_95 = 1.959963984540054
LOW_LEVEL = "low-level"
# Of somebody for whom the rate of a low answer by chance is told.
USUALLY_ANSWERED = 7.0


def figures(kind: str, evidence: dict[str, Any], name: str) -> tuple[Figure, ...]:
    """What a signal rests on: the limit, and what the rating was compared with."""
    if kind == SignalKind.ASKED:
        return ()
    if kind == SignalKind.LOW:
        return _low(evidence)
    if is_low(evidence):
        return _low_goal(evidence)
    compared = _recent(evidence) if "recent" in evidence else _earlier(evidence)
    return (_limit(evidence, name), compared)


def how_sure(signal: AlertSignal) -> Sureness | None:
    """How many such signals are real, and how often chance makes one; None where that is no question of chance."""
    kind, evidence = signal.kind, signal.evidence
    if kind in (SignalKind.ASKED, SignalKind.LOW) or is_low(evidence):
        return None
    shipped = _shipped_rates(evidence)
    measured = shipped or rates_kept_with(signal)
    if measured is None:
        return Sureness(say.NOT_MEASURED, "")
    slow = evidence["onset_kind"] == OnsetKind.EROSION or "recent" in evidence
    rates = measured.rates_like(
        p=None if slow else evidence["p"], grade="marked" if evidence["grade"] == "marked" else "any"
    )
    low, high = rates.real_in_ten
    high = min(high, 9)  # under no assumption all of them are
    texts = _texts(kind, slow=slow, own_scale=shipped is None)
    chance = rates.false_alarms
    counted = say.COUNTED_OWN if shipped is None else say.COUNTED
    if kind == SignalKind.GOALS_APART:
        counted = f"{counted} {goals_words.NAMED}"
    return Sureness(
        (texts.one if low == high else texts.spread).format(
            low=in_words(low), high=in_words(high), ratings=_about(1 / chance.value)
        ),
        counted.format(
            cases=measured.cases,
            length=measured.sessions,
            ratings=_about(1 / chance.value),
            least=_about(1 / (chance.value + NORMAL_95 * chance.standard_error)),
            most=_about(1 / (chance.value - NORMAL_95 * chance.standard_error)),
        ),
    )


def _shipped_rates(evidence: dict[str, Any]) -> ErrorRates | None:
    """The shipped rates of the rule and norms the signal was raised with; None if it was raised with others."""
    try:
        rates = shipped_error_rates(
            evidence["criterion"], int(evidence["criterion_version"]), evidence["norms"] or ""
        )
    except (ParameterError, ValueError):
        return None
    return rates if rates.norms_hash == evidence["norms_hash"] else None


def _texts(kind: str, *, slow: bool, own_scale: bool) -> say.ByCount:
    """A slow decline is told as one, between members too: neither was measured alone; own norms know each scale."""
    if slow:
        return say.SURE_SLOW
    return say.SURE_BETWEEN if kind in BETWEEN_MEMBERS and not own_scale else say.SURE


def _about(number: float) -> str:
    """Two digits that count: 41, 410, 4,100."""
    size = 10 ** max(len(str(round(number))) - 2, 0)
    return f"{round(number / size) * size:,}"


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


def is_low(evidence: dict[str, Any]) -> bool:
    """Whether a level was judged and no change."""
    return str(evidence["criterion"]) == LOW_LEVEL


def _low_goal(evidence: dict[str, Any]) -> tuple[Figure, ...]:
    once_in = _about(1 / share_below_by_noise(USUALLY_ANSWERED, evidence["limit"]))
    return (
        Figure(f"{evidence['value']:g}", goals_words.ONE_ANSWER.format(**evidence)),
        Figure(say.BELOW.format(**evidence), say.CUT_OFF_TEXT),
        Figure(say.NOT_KNOWN, goals_words.RATE_OF_LOW.format(once_in=once_in)),
    )


def rule_text(evidence: dict[str, Any]) -> str:
    """Which rule, in which version, with which norms."""
    with_norms = evidence["norms"] and evidence["expected"] is not None
    return (say.RULE_AND_NORMS if with_norms else say.RULE).format(**evidence)
