"""The client's pages: parse, one call, render. A GET writes nothing: mail scanners follow links."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from goldseam_web.accounts.models import EXIT_URL
from goldseam_web.accounts.queries import crisis_lines
from goldseam_web.audit.services import Actor
from goldseam_web.cases.queries import next_meeting
from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.measures.links import occasion_behind
from goldseam_web.measures.models import Audience, StrainWith
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import audiences_of
from goldseam_web.measures.services import choose_audience
from goldseam_web.measures.services.company import last_was_in_company
from goldseam_web.measures.strain_with import other_therapist_id
from goldseam_web.portal import answering, consent_views, link_notices, opened_link, pages
from goldseam_web.portal.after_the_form import after_page, kept_afterwards
from goldseam_web.portal.forms import BACK, given_at
from goldseam_web.portal.link_opening import (
    answered_by,
    client_page,
    forget_device,
    forget_sending,
    guarded,
    remember_device,
    was_sent_here,
)
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.showing import shown_page, shown_question
from goldseam_web.portal.urgent_numbers import help_page
from goldseam_web.portal.who_page import who_page

ALL = "all"
SAID_WITH = (StrainWith.RATED, StrainWith.OTHER, StrainWith.BOTH)


@client_page
def start(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """What somebody agrees to and who will see the answers, before anything is asked. Starting is a POST."""
    before = consent_views.before_the_questions(request, link)
    if before is not None:
        return before
    if not link.looks_open:
        return link_notices.not_usable(request, link)
    if request.method == "POST":
        if request.POST.get("company") == "yes":
            last_was_in_company(occasion=link.occasion, at=link.at, actor=Actor.client(link.member.id))
        if not link.takes_answers:
            return answering.not_open(request, link)
        wants_all = request.POST.get("layout") == ALL and opened_link.next_unanswered(link)
        address = link.url("all") if wants_all else opened_link.next_unanswered(link)
        response = answering.go_on(request, link, address)
        remember_device(response, link)
        return response
    return shown_page(link, "start", pages.start_page(link))


@client_page
def later(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    if not link.looks_open:
        return link_notices.not_usable(request, link)
    response = shown_page(link, "later", pages.later_page(link))
    forget_device(response, link.token)
    forget_sending(response, link.token)
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
    forget_sending(response, token)
    return response


@answered_by(answering.answered)
def question(request: HttpRequest, link: OpenedLink, number: int) -> HttpResponse:
    """One item a page. The number is its place among all that may be asked, so that it never shifts."""
    if not link.takes_answers:
        return answering.not_open(request, link)
    asked = opened_link.question_at(link, number)
    if link.owes_consent:
        return redirect(link.url("start"))
    if asked is None:
        return redirect(opened_link.resumed(link))
    return shown_question(link, asked)


@client_page
def who(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """After a strain answer the client says who may take it up. Not an item, and not counted as one."""
    if not link.takes_answers:
        return answering.not_open(request, link)
    if not link.form.tension_said:
        return redirect(opened_link.resumed(link))
    if request.method == "POST":
        return _chosen(request, link)
    return shown_page(link, "who", who_page(link))


@client_page
def done(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """Thanks, and what may be said afterwards, if one likes."""
    after = None
    if request.method == "POST":
        after = kept_afterwards(request, link)
    if after is None and not (link.may_be_thanked or was_sent_here(request, link)):
        return redirect(link.url("start"))
    meeting = next_meeting(link.member, after=link.at)
    page = pages.done_page(link, meeting.starts_at if meeting else None)
    response = shown_page(link, "done", page, after=after or after_page(link, device=link.device))
    forget_device(response, link.token)
    return response


@client_page
def handed_over(_request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """A shared device goes to somebody else: it forgets, and its browser drops every page it kept."""
    response = shown_page(link, "handed_over", None)
    response.headers["Clear-Site-Data"] = '"cache"'
    forget_device(response, link.token)
    forget_sending(response, link.token)
    return response


@client_page
def crisis_help(_request: HttpRequest, link: OpenedLink) -> HttpResponse:
    lines = crisis_lines(link.occasion.clinic)
    return shown_page(link, "help", help_page(lines, link.url("start")))


@csrf_exempt
@gzip_page
def general_help(_request: HttpRequest) -> HttpResponse:
    """Help for somebody whose link leads nowhere: nobody knows which clinic it was."""
    return guarded(shown_page(None, "help", help_page([], "")))


@csrf_exempt
@gzip_page
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001 - any other address
    return guarded(link_notices.unknown_link(request))


def _chosen(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    tension = link.form.find(TENSION_ITEM)
    if tension is None:
        return redirect(opened_link.resumed(link))
    if request.POST.get("go") == BACK:
        return answering.go_on(request, link, opened_link.address_of(link, tension))
    given, whom = request.POST.get("audience", ""), request.POST.get("whom", "")
    asks_whom = other_therapist_id(link.occasion) is not None
    if given not in audiences_of(link.occasion) or (asks_whom and whom not in SAID_WITH):
        error = "Choose with whom it was." if given in audiences_of(link.occasion) else "Choose one of these."
        page = who_page(link, whom=whom, audience=given, error=error)
        return shown_page(link, "who", page, status=400)
    try:
        chosen_at = given_at(request.POST, link, not_before=link.occasion.opens_at)
        choose_audience(
            occasion=link.occasion,
            audience=Audience(given),
            strain_with=StrainWith(whom) if asks_whom else None,
            at=link.at,
            given_at=chosen_at,
            device=link.device,
        )
    except ValidationError:
        return redirect(link.url("start"))
    return answering.go_on(request, link, opened_link.following(link, TENSION_ITEM))
