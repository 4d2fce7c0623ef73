"""Expected and seen, facets, and answers as they were given."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldseam import Measure
from goldseam_web.alerts.models import AlertSignal, SignalKind
from goldseam_web.alerts.single_answers import Fall, facet_that_stands_out, fall_of
from goldseam_web.dashboard.drawing import draw_facet_strip, draw_strip
from goldseam_web.dashboard.drawing.strip import NARROW, WIDE
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import DASH, SKIPPED, in_words
from goldseam_web.dashboard.signal.figures import is_low
from goldseam_web.dashboard.signal.page import AnswerRow, Evidence, FacetRow
from goldseam_web.dashboard.signal.with_whom import with_whom_in_words
from goldseam_web.measures.models import Answer, Response
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import (
    AnsweredItem,
    answers_as_given,
    answers_in_series,
    measure_of,
    statement,
)


@dataclass(frozen=True)
class SignalAnswers:
    """The answers behind a signal: one facet an item, now and before."""

    measure: Measure | None
    answers: tuple[Answer, ...]
    items: tuple[str, ...]
    earlier: Mapping[str, Sequence[float]]

    def now(self, item: str) -> float | None:
        return next((a.value for a in self.answers if a.item == item), None)

    @property
    def falls(self) -> dict[str, Fall]:
        """How far each facet lies below the mean of its earlier ratings."""
        found = {self.facet(i): fall_of(self.now(i), self.earlier.get(i, ())) for i in self.items}
        return {facet: fall for facet, fall in found.items() if fall is not None}

    def facet(self, item: str) -> str:
        return self.measure.item(item).facet if self.measure else item

    @property
    def stands_out(self) -> str | None:
        return facet_that_stands_out(self.falls)


def answers_behind(signal: AlertSignal, before: Sequence[uuid.UUID]) -> SignalAnswers:
    """Read the answers of a signal that was read for a viewer; ``before`` are the encounters of earlier sessions."""
    answers = answers_as_given(signal.form)
    version = next(
        (a.measure_version for a in answers if a.measure_version.key == signal.course.measure_key), None
    )
    measure = measure_of(version) if version else None
    items = tuple(k.item for k in measure.scale(signal.course.scale).items) if measure else ()
    order = [item.key for item in measure.items] if measure else []
    asked = sorted(answers, key=lambda a: order.index(a.item) if a.item in order else len(order))
    return SignalAnswers(measure, tuple(asked), items, _earlier(answers_in_series(signal.course), before))


def _earlier(answers: Sequence[AnsweredItem], before: Sequence[uuid.UUID]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        if answer.encounter_id in before and answer.value is not None:
            found[answer.item].append(answer.value)
    return found


def evidence_of(signal: AlertSignal, name: str) -> Evidence | None:
    """The strip; None where nothing was expected: a low level and the client's own word need no expectation."""
    given: dict[str, Any] = signal.evidence
    if signal.kind in (SignalKind.ASKED, SignalKind.LOW) or given["expected"] is None:
        return None
    texts = say.BEFORE if signal.is_slow else say.EXPECTED
    places = {
        "value": given["value"],
        "expected": given["expected"],
        "limit": given["limit"],
        "low": given["usual_low"],
        "high": given["usual_high"],
        "difference": given["expected"] - given["value"],
    }
    seen, limit, usual = (text.format(**places) for text in (say.SEEN, say.LIMIT, say.USUAL))
    compared, short = texts.compared.format(**places), texts.compared_short.format(**places)
    ratings = [row["value"] for row in given["earlier"] if row["value"] is not None]
    earlier = say.EARLIER_RATINGS.format(name=name, count=in_words(len(ratings)))
    drawing: dict[str, Any] = {
        "seen": given["value"],
        "expected": given["expected"],
        "usual": (given["usual_low"], given["usual_high"]),
        "limit": given["limit"],
        "earlier": ratings,
        "minimum": given["minimum"],
        "maximum": given["maximum"],
        "difference": texts.difference.format(**places),
    }
    return Evidence(
        title=texts.title,
        wide=draw_strip(WIDE, labels=(seen, compared), notes=(limit, earlier), **drawing),
        narrow=draw_strip(NARROW, labels=(seen, short), notes=(limit, usual), **drawing),
        label=texts.label.format(**places),
        low=f"{given['minimum']:g}",
        high=f"{given['maximum']:g}",
        seen=seen,
        expected=compared,
        expected_short=short,
        limit=limit,
        usual=usual,
        earlier=earlier,
        difference=drawing["difference"],
    )


def facets_title(found: SignalAnswers, signal: AlertSignal) -> str:
    """Which facet it is mostly about, or that they are alike; a low level compares nothing."""
    if signal.kind in (SignalKind.ASKED, SignalKind.LOW) or is_low(signal.evidence):
        return say.MADE_OF
    if found.stands_out is not None:
        return say.MOSTLY[found.stands_out]
    return say.ALL_ALIKE.get(len(found.falls), say.MADE_OF)


def facet_rows(found: SignalAnswers, signal: AlertSignal) -> tuple[FacetRow, ...]:
    """One row a facet. Facets describe; they have no limit and raise nothing."""
    low, high = signal.evidence["minimum"], signal.evidence["maximum"]
    return tuple(_facet_row(found, item, low, high) for item in found.items)


def _facet_row(found: SignalAnswers, item: str, minimum: float, maximum: float) -> FacetRow:
    now, before = found.now(item), list(found.earlier.get(item, ()))
    facet = found.facet(item)
    mean = sum(before) / len(before) if before else None
    seen = f"{now:g}" if now is not None else SKIPPED
    usual = f"{mean:.1f}" if mean is not None else DASH
    return FacetRow(
        name=say.FACET_NAMES.get(facet, facet),
        seen=seen,
        usual=usual,
        strip=draw_facet_strip(now, before, minimum, maximum),
        label=say.FACET_LABEL.format(seen=seen, usual=usual),
        words=_in_words(now, mean),
        stands_out=facet == found.stands_out,
    )


def _in_words(now: float | None, mean: float | None) -> str:
    if now is None:
        return say.FACET_SKIPPED
    if mean is None:
        return say.NOTHING_TO_COMPARE
    change = now - mean
    if abs(change) < 0.5:
        return say.AS_USUAL
    return (say.LOWER if change < 0 else say.HIGHER).format(change=abs(change))


def own_words(found: SignalAnswers, form: Response, case_kind: str) -> tuple[AnswerRow, ...]:
    """The direct question and its follow-up, with what the client said."""
    asked = (a for a in found.answers if a.choice and _known(found, a))
    return tuple(_answer_row(found, a, form, case_kind) for a in asked)


def answer_rows(found: SignalAnswers, form: Response, case_kind: str) -> tuple[AnswerRow, ...]:
    """Every answer as it was given, the direct question too; a skipped one says so."""
    return tuple(_answer_row(found, a, form, case_kind) for a in found.answers if _known(found, a))


def _known(found: SignalAnswers, answer: Answer) -> bool:
    return found.measure is not None and any(i.key == answer.item for i in found.measure.items)


def _answer_row(found: SignalAnswers, answer: Answer, form: Response, case_kind: str) -> AnswerRow:
    measure = measure_of(answer.measure_version)
    item = measure.item(answer.item)
    before = found.earlier.get(answer.item, ()) if answer.value is not None else ()
    return AnswerRow(
        facet=say.FACET_NAMES.get(item.facet, item.facet),
        statement=statement(item.key, item.text.resolve("en", case_kind), form.occasion),
        answer=_as_given(answer, {a.value: a.label for a in item.options.answers("en")})
        + (with_whom_in_words(form, form.strain_with) if item.key == TENSION_ITEM else ""),
        usually=f"{sum(before) / len(before):.1f}" if before else "",
    )


def _as_given(answer: Answer, labels: Mapping[float | str, str | None]) -> str:
    if answer.skipped:
        return SKIPPED
    if answer.choice:
        return labels.get(answer.choice) or answer.choice
    return f"{answer.value:g}" if answer.value is not None else SKIPPED
