"""The page behind the one message to a client without a next appointment. Opening it writes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.queries import local_day
from goldseam_web.cases.queries import display_name, next_meeting
from goldseam_web.cases.readers import answer_to_going_on
from goldseam_web.measures.outreach_links import outreach_behind, takes_answer
from goldseam_web.measures.outreach_tables import Outreach, OutreachAnswer, OutreachReason
from goldseam_web.measures.services.outreach import answer_outreach
from goldseam_web.portal import link_notices
from goldseam_web.portal.frame_of_member import frame_of_member
from goldseam_web.portal.link_opening import guarded, is_from_here
from goldseam_web.portal.pages import Notice
from goldseam_web.portal.readers_in_words import NOBODY

CHOOSE = "Choose one of these."
THANKS = Notice(
    "Thank you.",
    ("What you chose is kept, and the people concerned are told.", "Nothing more comes about this."),
)


@dataclass(frozen=True)
class OutreachPage:
    title: str
    lede: str
    sees: str
    keeps: str
    answers: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    error: str = ""


OutreachView = Callable[[HttpRequest, Outreach, datetime], HttpResponse]


def outreach_link(view: OutreachView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the link; an unknown one, or one whose right has ended, leads where every such link leads.

    Without Django's CSRF check, as for every client's page: the link is the secret.
    """

    @csrf_exempt
    @gzip_page
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, outreach_token: str) -> HttpResponse:
        outreach = outreach_behind(token=outreach_token)
        if outreach is None or (request.method == "POST" and not is_from_here(request)):
            return guarded(link_notices.unknown_link(request))
        return guarded(view(request, outreach, timezone.now()))

    return page


@outreach_link
def going_on(request: HttpRequest, outreach: Outreach, at: datetime) -> HttpResponse:
    """What they want, in one tap, and why, in another, which may be kept from the therapist."""
    if not takes_answer(outreach, day=local_day(outreach.clinic, at)):
        notice, status = (THANKS, 200) if outreach.answer else (link_notices.OVER, link_notices.GONE)
        context = {"frame": frame_of_member(outreach.member, at), "notice": notice}
        return render(request, "portal/notice.html", context, status=status)
    error = ""
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer in OutreachAnswer.values:
            _keep(request, outreach, OutreachAnswer(answer), at)
            return redirect(request.path)
        error = CHOOSE
    shown = {"frame": frame_of_member(outreach.member, at), "page": _page(outreach, at, error)}
    return render(request, "portal/going_on.html", shown, status=400 if error else 200)


def _keep(request: HttpRequest, outreach: Outreach, answer: OutreachAnswer, at: datetime) -> None:
    reason = request.POST.get("reason", "")
    answer_outreach(
        outreach=outreach,
        answer=answer,
        reason=OutreachReason(reason) if reason in OutreachReason.values else None,
        is_kept="kept" in request.POST,
        at=at,
    )


def _page(outreach: Outreach, at: datetime, error: str) -> OutreachPage:
    member, clinic = outreach.member, outreach.clinic
    names = sorted(one.called for one in answer_to_going_on(member.case, local_day(clinic, at)))
    who = " and ".join(names) or clinic.name
    none, would = f"You have no next appointment at {clinic.name}.", f"{clinic.name} would like to know."
    asks = would if next_meeting(member, after=at) else none
    hello = f"Hello {display_name(member)}." if hasattr(member.person, "identity") else "Hello."
    return OutreachPage(
        title=f"{hello} How would you like to go on?",
        lede=f"{asks} Any answer is fine, and no answer is, too.",
        sees=f"{who} read{'s' if len(names) == 1 else ''} what you choose."
        if names
        else NOBODY.format(clinic=clinic.name),
        keeps=f"Do not show the reason to {who}. It is then counted without your name, and shown to nobody here.",
        answers=tuple(OutreachAnswer.choices),
        reasons=tuple(OutreachReason.choices),
        error=error,
    )
