"""What a client answered through the same link after the first answers, beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goldseam_web.dashboard.language import later_words as say
from goldseam_web.dashboard.language.phrases import SKIPPED
from goldseam_web.dashboard.language.times import moment
from goldseam_web.dashboard.signal.with_whom import with_whom_in_words
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.later_answers import (
    AUDIENCE_CHOICE,
    MENDING_TAPS,
    STRAIN_WITH_CHOICE,
    TAKEN_UP_CHOICE,
    ChangedLater,
    changed_later,
)
from goldseam_web.measures.models import Answer, LaterAnswer, Response
from goldseam_web.measures.queries import Question, audience_of, questionnaire, statement


@dataclass(frozen=True)
class ChangedRow:
    """One question with what was said to it first and later."""

    statement: str
    words: str


@dataclass(frozen=True)
class ChangedCard:
    title: str
    why: str
    rows: tuple[ChangedRow, ...]


def changed_card(
    visit: StaffVisit, response: Response, name: str, found: Sequence[ChangedLater] | None = None
) -> ChangedCard | None:
    """The answers of a response that was read for this viewer, where any differ from the first ones.

    ``found`` are its differing ones where those of several responses were read together.
    """
    found = changed_later([response]) if found is None else found
    if not found:
        return None
    questions = {each.item.key: each for each in questionnaire(response.occasion, response).questions}
    when = moment(max(each.later.answered_at for each in found), now=visit.at, zone=visit.zone)
    return ChangedCard(
        title=say.TITLE,
        why=say.WHY.format(when=when, name=name),
        rows=tuple(_rows(response, found, questions)),
    )


def _rows(
    response: Response, found: Iterable[ChangedLater], questions: dict[str, Question]
) -> Iterable[ChangedRow]:
    for each in found:
        if each.item == AUDIENCE_CHOICE:
            chosen = audience_of(response)
            first = say.MAY_TAKE_IT_UP[chosen.audience] if chosen else say.NOT_ANSWERED
            later = say.MAY_TAKE_IT_UP[each.later.choice]
            yield ChangedRow(say.WHO_MAY_TAKE_IT_UP, say.CHANGED.format(first=first, later=later))
        elif each.item == STRAIN_WITH_CHOICE:
            first = _with_whom(response, response.strain_with) or say.NOT_ANSWERED
            later = _with_whom(response, each.later.choice)
            yield ChangedRow(say.WITH_WHOM, say.CHANGED.format(first=first, later=later))
        elif each.item == TAKEN_UP_CHOICE:
            first = say.TAKEN_UP[response.taken_up] if response.taken_up else say.NOT_ANSWERED
            later = say.TAKEN_UP[each.later.choice]
            yield ChangedRow(say.WAS_IT_TAKEN_UP, say.CHANGED.format(first=first, later=later))
        elif each.item.startswith(MENDING_TAPS):
            yield ChangedRow(say.MENDED[each.item.removeprefix(MENDING_TAPS)], say.TAPPED_LATER)
        elif each.item in questions:
            asked = questions[each.item]
            words = say.CHANGED.format(first=_given(asked, each.first), later=_given(asked, each.later))
            yield ChangedRow(statement(each.item, asked.item.text, response.occasion), words)


def _with_whom(response: Response, strain_with: str) -> str:
    return with_whom_in_words(response, strain_with).removeprefix(", ")


def _given(asked: Question, answer: Answer | LaterAnswer | None) -> str:
    if answer is None:
        return say.NOT_ANSWERED
    if answer.skipped:
        return SKIPPED
    if answer.value is not None:
        return f"{answer.value:g}"
    labels = {option.value: option.label for option in asked.item.answers}
    return labels.get(answer.choice) or answer.choice
