"""The client's pages: parse, one call, render. A GET writes nothing: mail scanners follow links."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from goldseam_web.accounts.models import EXIT_URL
from goldseam_web.accounts.queries import crisis_lines
from goldseam_web.audit.services import Actor
from goldseam_web.cases.queries import next_meeting
from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.measures.links import LinkState, occasion_behind, too_late_to_change
from goldseam_web.measures.models import Audience
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import Question, audiences_of
from goldseam_web.measures.services import choose_audience, save_answer, submit_response
from goldseam_web.portal import consent_views, link_notices, opened_link, pages
from goldseam_web.portal.forms import BACK, AnswerTime, PostedAnswer, given_at, shown_mark
from goldseam_web.portal.link_opening import client_page, forget_device, guarded, remember_device
from goldseam_web.portal.opened_link import Address, OpenedLink
from goldseam_web.portal.urgent_numbers import help_page

STANDS_ELSEWHERE = (
    "This was answered on another device, or before you left. It stays as it was. You can go on."
)
STANDS = "Its time is over, so what you answered before stays. You can go on."


@client_page
def start(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """What somebody agrees to and who will see the answers, before anything is asked. Starting is a POST."""
    before = consent_views.before_the_questions(request, link)
    if before is not None:
        return before
    if link.state != LinkState.OPEN:
        return link_notices.not_usable(request, link)
    if request.method == "POST":
        response = _go_to(link, opened_link.next_unanswered(link))
        remember_device(response, link)
        return response
    return _page(request, link, "start", pages.start_page(link))


@client_page
def later(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    if link.state != LinkState.OPEN:
        return link_notices.not_usable(request, link)
    response = _page(request, link, "later", pages.later_page(link))
    forget_device(response, link.token)
    return response


@csrf_exempt
@require_safe
def leave(_request: HttpRequest, token: str) -> HttpResponse:
    """Leave quickly: this device's session ends in the reply. It works for any link, and with the database away."""
    try:
        occasion = occasion_behind(token=token)
    except DATABASE_AWAY:
        occasion = None
    response = guarded(redirect(occasion.clinic.exit_url if occasion else EXIT_URL))
    forget_device(response, token)
    return response


@client_page
def question(request: HttpRequest, link: OpenedLink, number: int) -> HttpResponse:
    """One item a page. The number is its place among all that may be asked, so that it never shifts."""
    if link.state != LinkState.OPEN:
        return _not_open(request, link)
    if request.method == "POST":
        return _answered(request, link, number)
    asked = opened_link.question_at(link, number)
    if link.owes_consent:
        return redirect(link.url("start"))
    if asked is None or link.given_elsewhere(asked.item.key):
        return redirect(opened_link.resumed(link))
    return _question_page(request, link, asked)


@client_page
def who(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """After a strain answer the client says who may take it up. Not an item, and not counted as one."""
    if link.state != LinkState.OPEN:
        return _not_open(request, link)
    if not link.form.tension_said or _chosen_elsewhere(link):
        return redirect(opened_link.resumed(link))
    if request.method == "POST":
        return _chosen(request, link)
    return _page(request, link, "who", pages.who_page(link))


@client_page
def done(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    if link.state != LinkState.DONE:
        return redirect(link.url("start"))
    meeting = next_meeting(link.member, after=link.at)
    response = _page(request, link, "done", pages.done_page(link, meeting.starts_at if meeting else None))
    forget_device(response, link.token)
    return response


@client_page
def handed_over(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """A shared device goes to somebody else: it forgets, and its browser drops every page it kept."""
    response = _page(request, link, "handed_over", None)
    response.headers["Clear-Site-Data"] = '"cache"'
    forget_device(response, link.token)
    return response


@client_page
def crisis_help(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    lines = crisis_lines(link.occasion.clinic)
    return _page(request, link, "help", help_page(lines, link.url("start")))


@csrf_exempt
@gzip_page
def general_help(request: HttpRequest) -> HttpResponse:
    """Help for somebody whose link leads nowhere: nobody knows which clinic it was."""
    return guarded(_page(request, None, "help", help_page([], "")))


@csrf_exempt
@gzip_page
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001 - any other address
    return guarded(link_notices.unknown_link(request))


def _page(
    request: HttpRequest, link: OpenedLink | None, name: str, page: object, *, status: int = 200
) -> HttpResponse:
    context = {"frame": pages.frame(link), "page": page}
    return render(request, f"portal/{name}.html", context, status=status)


def _question_page(request: HttpRequest, link: OpenedLink, asked: Question, error: str = "") -> HttpResponse:
    page = pages.question_page(link, asked, shown=shown_mark(link, asked), error=error)
    return _page(request, link, "question", page, status=400 if error else 200)


def _answered(request: HttpRequest, link: OpenedLink, number: int) -> HttpResponse:
    """Keep one answer and go where the client wants to go."""
    # The form says which item it showed: numbers could have moved if somebody was marked away meanwhile.
    at_number = opened_link.question_at(link, number)
    asked = link.form.find(request.POST.get("item", at_number.item.key if at_number else ""))
    if asked is None:
        return redirect(opened_link.resumed(link))
    posted = PostedAnswer.read(request.POST, asked, answered=asked.item.key in link.form.answers)
    if posted.error:
        return _question_page(request, link, asked, posted.error)
    time = AnswerTime.read(request.POST, link, asked)
    if posted.gives and (why := _stands(link, asked, posted, time)):
        return _question_page(request, link, asked, why)
    if posted.gives:
        try:
            link = _kept(link, asked, posted, time)
        except ValidationError:
            # Between reading and keeping, the link was taken back or the question fell away.
            return redirect(link.url("start"))
    if posted.go == BACK:
        return redirect(opened_link.before_question(link, asked))
    return _go_to(link, opened_link.after_question(link, asked))


def _stands(link: OpenedLink, asked: Question, posted: PostedAnswer, time: AnswerTime) -> str:
    """Why an answer given before is not to be changed to this one; empty where it is, or is the same."""
    stored = link.form.answers.get(asked.item.key)
    if stored is None or posted.given == (None if stored.skipped else stored.choice or stored.value):
        return ""
    if link.given_elsewhere(asked.item.key):
        return STANDS_ELSEWHERE
    return STANDS if too_late_to_change(link.occasion, stored, given=posted.given, at=time.given_at) else ""


def _chosen_elsewhere(link: OpenedLink) -> bool:
    """Whether it was said on another device who may take the strain up: that is no partner's to widen."""
    response = link.response
    return response is not None and link.given_elsewhere(TENSION_ITEM) and response.releases.exists()


def _kept(link: OpenedLink, asked: Question, posted: PostedAnswer, time: AnswerTime) -> OpenedLink:
    """The link with its form as it stands once the answer is kept."""
    kept = save_answer(
        occasion=link.occasion,
        item=asked.item.key,
        given=posted.given,
        at=link.at,
        given_at=time.given_at,
        device=link.device,
        elapsed_ms=time.elapsed_ms,
        built=link.form,
    )
    return replace(link, response=kept.response, built=kept.form)


def _go_to(link: OpenedLink, address: Address) -> HttpResponse:
    """Go on; where nothing is left to ask, the form is complete."""
    return redirect(address) if address else _submitted(link)


def _submitted(link: OpenedLink) -> HttpResponse:
    try:
        submit_response(
            occasion=link.occasion,
            at=link.at,
            actor=Actor.client(link.member.id),
            built=link.form,
        )
    except ValidationError:
        return redirect(link.url("start"))
    return redirect(link.url("done"))


def _not_open(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """A second tap on the last page is told what the first one was told."""
    if link.state == LinkState.DONE:
        return redirect(link.url("done" if request.method == "POST" else "start"))
    return link_notices.not_usable(request, link)


def _chosen(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    tension = link.form.find(TENSION_ITEM)
    if tension is None:
        return redirect(opened_link.resumed(link))
    if request.POST.get("go") == BACK:
        return redirect(opened_link.address_of(link, tension))
    given = request.POST.get("audience", "")
    if given not in audiences_of(link.occasion):
        page = pages.who_page(link, error="Choose one of these.")
        return _page(request, link, "who", page, status=400)
    try:
        chosen_at = given_at(request.POST, link, not_before=link.occasion.opens_at)
        choose_audience(
            occasion=link.occasion,
            audience=Audience(given),
            at=link.at,
            given_at=chosen_at,
            device=link.device,
        )
    except ValidationError:
        return redirect(link.url("start"))
    return _go_to(link, opened_link.following(link, TENSION_ITEM))
