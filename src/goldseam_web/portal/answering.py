"""Taking one answer: the form is read and kept behind the lock, and the reply leads to the next page, or carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from goldseam_web.audit.services import Actor
from goldseam_web.measures.link_facts import LinkFacts
from goldseam_web.measures.links import LinkState, too_late_to_change
from goldseam_web.measures.queries import Question
from goldseam_web.measures.services import BY_LINK, Given, ToKeep, keep_by_link, submit_response
from goldseam_web.portal import link_notices, opened_link
from goldseam_web.portal.forms import BACK, AnswerTime, PostedAnswer
from goldseam_web.portal.link_opening import remember_sending
from goldseam_web.portal.opened_link import Address, OpenedLink, UnopenedLink
from goldseam_web.portal.showing import ANSWER_NAME, on_to, shown_question

STANDS = "Its time is over, so what you answered before stays. You can go on."

Page = Callable[[], HttpResponse]


@dataclass(frozen=True)
class Reading:
    """What was made of a form: a page to show instead of keeping anything, or what to keep and where it leads then."""

    page: Page | None = None
    keeps: ToKeep | None = None
    leads: Callable[[OpenedLink], Address] | None = None


def answered(request: HttpRequest, unopened: UnopenedLink, number: int) -> HttpResponse:
    """Keep one answer and go where the client wants to go."""
    return taken(request, unopened, partial(_read, request.POST, number=number))


def taken(
    request: HttpRequest, unopened: UnopenedLink, read: Callable[[OpenedLink], Reading]
) -> HttpResponse:
    """Read a form behind the lock, keep what it gives, and answer. A link that is not open is told kindly."""
    reading = Reading()

    def to_keep(facts: LinkFacts, state: LinkState) -> ToKeep | None:
        nonlocal reading
        link = unopened.opened(facts, state)
        reading = read(link) if link.takes_answers else Reading()
        return reading.keeps

    try:
        then = keep_by_link(token=unopened.token, at=unopened.at, read=to_keep)
    except ValidationError:
        # Nobody has agreed to be asked yet, or what was sent is none of the answers.
        return redirect(unopened.url("start"))
    if then is None or then.state == LinkState.ENDED:
        return link_notices.unknown_link(request)
    link = unopened.opened(then.facts, then.state)
    if reading.page is not None:
        return reading.page()
    if not link.takes_answers or reading.leads is None:
        return not_open(request, link)
    return go_on(request, link, reading.leads(link))


def _read(data: QueryDict, link: OpenedLink, *, number: int) -> Reading:
    # The form says which item it showed: numbers could have moved if somebody was marked away meanwhile.
    at_number = opened_link.question_at(link, number)
    asked = link.form.find(data.get("item", at_number.item.key if at_number else ""))
    if asked is None:
        return Reading(page=partial(redirect, opened_link.resumed(link)))
    posted = PostedAnswer.read(data, asked, answered=asked.item.key in link.form.answers)
    time = AnswerTime.read(data, link, asked)
    why = posted.error or (stands(link, asked, posted.given, time) if posted.gives else "")
    if why:
        return Reading(page=partial(shown_question, link, asked, why))
    leads = partial(_after, asked=asked, goes_back=posted.go == BACK)
    keeps = ToKeep(
        answers={asked.item.key: posted.given} if posted.gives else {},
        given_at=time.given_at,
        shown_at=time.shown_at,
        how={**BY_LINK, "device": link.device, "elapsed_ms": time.elapsed_ms},
        hands_in=lambda facts: leads(link.after(facts)) is None,
    )
    return Reading(keeps=keeps, leads=leads)


def _after(link: OpenedLink, *, asked: Question, goes_back: bool) -> Address:
    before, after = opened_link.before_question, opened_link.after_question
    return before(link, asked) if goes_back else after(link, asked)


def stands(link: OpenedLink, asked: Question, given: Given, time: AnswerTime) -> str:
    """Why an answer given before is not to be changed to this one; empty where it is, or is the same."""
    stored = link.form.answers.get(asked.item.key)
    if stored is None or given == (None if stored.skipped else stored.choice or stored.value):
        return ""
    return STANDS if too_late_to_change(link.occasion, stored, given=given, at=time.given_at) else ""


def go_on(request: HttpRequest, link: OpenedLink, address: Address) -> HttpResponse:
    """Go on; where nothing is left to ask, the form is complete."""
    if address is None:
        return _submitted(link)
    return on_to(link, address) if ANSWER_NAME in request.headers else redirect(address)


def _submitted(link: OpenedLink) -> HttpResponse:
    try:
        submit_response(occasion=link.occasion, at=link.at, actor=Actor.client(link.member.id))
    except ValidationError:
        return redirect(link.url("start"))
    return _thanked(link)


def _thanked(link: OpenedLink) -> HttpResponse:
    response = redirect(link.url("done"))
    remember_sending(response, link)
    return response


def not_open(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """A second tap on the last page is told what the first one was told."""
    if link.state == LinkState.DONE:
        return _thanked(link) if request.method == "POST" else redirect(link.url("start"))
    return link_notices.not_usable(request, link)
