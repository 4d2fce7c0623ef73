"""Reading what a client sent: one answer, and where to go."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.core import signing
from django.http import QueryDict

from goldseam import InputError
from goldseam_web.measures.queries import Question
from goldseam_web.measures.services import Given
from goldseam_web.portal.opened_link import OpenedLink

BACK, NEXT, SKIP = "back", "next", "skip"
# Longer than this the phone lay somewhere; it says nothing about the answer.
LONGEST_MS = 60 * 60 * 1000


@dataclass(frozen=True)
class PostedAnswer:
    """One question's form as it came. ``gives`` is whether there is something to store."""

    go: str
    gives: bool = False
    given: Given = None
    error: str = ""

    @classmethod
    def read(cls, data: QueryDict, question: Question, *, answered: bool) -> Self:
        """Nothing chosen is an error only where nothing was answered before."""
        return cls.of(data.get("go", NEXT), data.get("answer", ""), question, answered=answered)

    @classmethod
    def of(cls, go: str, sent: str, question: Question, *, answered: bool) -> Self:
        """What the fields of one question say."""
        raw = sent.strip()
        if go == SKIP:
            return cls(go, gives=True)
        if not raw:
            missing = go != BACK and not answered
            return cls(go, error=f"Choose {_what(question)}, or skip." if missing else "")
        given = _given(raw, question)
        if given is not None:
            return cls(go, gives=True, given=given)
        return cls(go, error="" if go == BACK else _not_an_answer(raw, question))


def _given(raw: str, question: Question) -> Given:
    """The answer, or None for something that is none of those on offer."""
    try:
        given = float(raw) if question.item.kind == "numeric" else raw
        question.check(given)
    except (ValueError, InputError):
        return None
    return given


def _what(question: Question) -> str:
    return "a number" if question.item.kind == "numeric" else "an answer"


def _not_an_answer(raw: str, question: Question) -> str:
    shown = raw if len(raw) <= 20 else f"{raw[:20]}…"
    answers = question.item.answers
    allowed = (
        f" from {answers[0].value:g} to {answers[-1].value:g}" if question.item.kind == "numeric" else ""
    )
    return f"“{shown}” is none of the answers here. Choose {_what(question)}{allowed}, or skip."


def shown_mark(link: OpenedLink, question: Question) -> str:
    """When this question was shown, signed for this link and question, to be sent back with the answer."""
    return _signer(link, question).sign(str(_milliseconds(link.at)))


@dataclass(frozen=True)
class AnswerTime:
    """When an answer was chosen, and how long that took by our own clock, or None where that is not known.

    ``shown_at`` is when the question was shown; None without a true mark of it.
    """

    given_at: datetime
    elapsed_ms: int | None
    shown_at: datetime | None = None

    @classmethod
    def read(cls, data: QueryDict, link: OpenedLink, question: Question) -> Self:
        """Of a form with the mark it was shown with. Without a true mark nothing is known but that it came now."""
        try:
            shown_ms = int(_signer(link, question).unsign(data.get("shown", "")))
        except signing.BadSignature:
            return cls(link.at, None)
        shown_at = datetime.fromtimestamp(shown_ms / 1000, tz=UTC)
        chosen_at = given_at(data, link, not_before=shown_at)
        elapsed = _milliseconds(chosen_at) - shown_ms
        return cls(chosen_at, elapsed if 0 <= elapsed <= LONGEST_MS else None, shown_at)


def given_at(data: QueryDict, link: OpenedLink, *, not_before: datetime) -> datetime:
    """When the client chose, where the choice had to wait on their phone before it could be sent; else now.

    The phone says how long it waited, never what time it is there, so that its clock need not be right.
    """
    try:
        waited = timedelta(milliseconds=max(0, int(data.get("waited", "0"))))
        return min(link.at, max(not_before, link.at - waited))
    except (ValueError, OverflowError):
        return link.at


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _signer(link: OpenedLink, question: Question) -> signing.Signer:
    return signing.Signer(salt=f"goldseam.portal.shown.{link.occasion.id}.{question.item.key}")
