"""All questions on one page, sent together: what a clinic may choose, and what a browser without script is offered.

Nothing is kept before all of it is answered or skipped. What only some are asked, after a strain, comes on pages of its
own, as it does one question at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from goldseam_web.measures.queries import Question, statement
from goldseam_web.measures.services import BY_LINK, ToKeep
from goldseam_web.portal import opened_link, pages
from goldseam_web.portal.answering import Reading, not_open, stands, taken
from goldseam_web.portal.filled_pages import filled_page
from goldseam_web.portal.forms import NEXT, SKIP, AnswerTime, PostedAnswer, shown_mark
from goldseam_web.portal.link_notices import ALL_FIELDS
from goldseam_web.portal.link_opening import answered_by
from goldseam_web.portal.opened_link import Address, OpenedLink, UnopenedLink
from goldseam_web.portal.readers_in_words import who_sees_this_answer
from goldseam_web.portal.showing import shown_page
from goldseam_web.portal.times_in_words import count_of_questions

LAYOUT = "all-items"
ANSWERS = "these answers"


@dataclass(frozen=True)
class QuestionInForm:
    """One question among all. ``about`` stands above the first of those that are about the same."""

    name: str
    about: str
    text: str
    note: str
    is_scale: bool
    options: tuple[pages.AnswerOption, ...]
    is_skipped: bool
    error: str


@dataclass(frozen=True)
class WholePage:
    """``open`` are the numbers of those that are still to be answered or skipped, or cannot be kept as they are."""

    url: str
    title: str
    questions: tuple[QuestionInForm, ...]
    open: tuple[int, ...]
    shown: str
    sees_lead: str
    sees_rest: str
    later_url: str


def _answered(request: HttpRequest, unopened: UnopenedLink) -> HttpResponse:
    return taken(request, unopened, partial(_read, request.POST))


@answered_by(_answered)
def all_questions(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """Every question that may be answered here, the answers given on this device chosen."""
    if not link.takes_answers:
        return not_open(request, link)
    if link.owes_consent:
        return redirect(link.url("start"))
    if not _asked(link):
        return redirect(opened_link.resumed(link))
    page = _page(link, {}, {})
    if link.form.answers:
        return shown_page(link, "all", page)
    return HttpResponse(filled_page("portal/all.html", pages.frame(link), page, is_part=False))


def _asked(link: OpenedLink) -> list[Question]:
    """What everybody is asked."""
    return [question for question in link.form.questions if question.item.shown_after is None]


def _read(data: QueryDict, link: OpenedLink) -> Reading:
    asked = _asked(link)
    if not asked:
        return Reading(page=partial(redirect, opened_link.resumed(link)))
    time = AnswerTime.read(data, link, asked[0])
    sent = {question.item.key: data.get(ALL_FIELDS + question.item.key, "") for question in asked}
    posted = {question.item.key: _posted(link, question, sent[question.item.key]) for question in asked}
    errors = {
        question.item.key: why
        for question in asked
        if (why := _why_not(link, question, posted[question.item.key], time))
    }
    if errors:
        page = _page(link, sent, errors, shown=data.get("shown", "") if time.shown_at else "")
        nothing = ToKeep(
            {}, time.given_at, time.shown_at, {"device": link.device}, hands_in=lambda _facts: False
        )
        return Reading(page=partial(shown_page, link, "all", page, status=400), keeps=nothing)
    keeps = ToKeep(
        answers={key: answer.given for key, answer in posted.items() if answer.gives},
        given_at=time.given_at,
        shown_at=time.shown_at,
        how={**BY_LINK, "device": link.device, "layout": LAYOUT},
        hands_in=lambda facts: _after(link.after(facts)) is None,
    )
    return Reading(keeps=keeps, leads=_after)


def _posted(link: OpenedLink, question: Question, sent: str) -> PostedAnswer:
    go = SKIP if sent == SKIP else NEXT
    return PostedAnswer.of(go, sent, question, answered=question.item.key in link.form.answers)


def _why_not(link: OpenedLink, question: Question, posted: PostedAnswer, time: AnswerTime) -> str:
    return posted.error or (stands(link, question, posted.given, time) if posted.gives else "")


def _after(link: OpenedLink) -> Address:
    """First to the choice of who may take up a strain, where one was said here; then what only some are asked."""
    if link.form.tension_said:
        return link.url("who")
    return opened_link.next_unanswered(link)


def _page(
    link: OpenedLink, sent: Mapping[str, str], errors: Mapping[str, str], *, shown: str = ""
) -> WholePage:
    """``sent`` is what was chosen on this page and is shown again; without it, what was answered here before.

    Shown again, it keeps the mark of when it was ``shown`` first: whoever is at it when its time is over has begun.
    """
    asked = _asked(link)
    about = [pages.about_what(link, question) for question in asked]
    return WholePage(
        url=link.url("all"),
        title=count_of_questions(len(asked)),
        questions=tuple(
            _in_form(link, question, "" if k and about[k - 1] == about[k] else about[k], sent, errors)
            for k, question in enumerate(asked)
        ),
        open=tuple(number for number, question in enumerate(asked, 1) if question.item.key in errors),
        shown=shown or shown_mark(link, asked[0]),
        sees_lead=who_sees_this_answer(link, ANSWERS),
        sees_rest=pages.wall_sentence(link),
        later_url=link.url("later"),
    )


def _in_form(
    link: OpenedLink, question: Question, about: str, sent: Mapping[str, str], errors: Mapping[str, str]
) -> QuestionInForm:
    key = question.item.key
    before = link.form.answers.get(key) if link.given_here(key) else None
    is_scale = question.item.kind == "numeric"
    text = statement(key, question.item.text, link.occasion)
    return QuestionInForm(
        name=ALL_FIELDS + key,
        about=about,
        text=f"“{text}”" if is_scale else text,
        note=question.item.note or "",
        is_scale=is_scale,
        options=pages.options_of(question, before, sent=sent.get(key)),
        is_skipped=sent[key] == SKIP if sent.get(key) else before is not None and before.skipped,
        error=errors.get(key, ""),
    )
