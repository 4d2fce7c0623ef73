"""Clients without a next appointment: the clinic's one message to each, and what they answered."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.queries import staff_behind
from goldseam_web.alerts.readiness import is_ready
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_and_right, case_title, current_members, display_name
from goldseam_web.cases.readers import answer_to_going_on
from goldseam_web.dashboard.language import no_next_page as say
from goldseam_web.dashboard.participation.still_open import outreach_in_words
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.measures.mail_state import mails_of_outreaches
from goldseam_web.measures.outreach_links import latest_outreach_to
from goldseam_web.measures.services.outreach import may_try_again, why_not, write_once


@dataclass(frozen=True)
class ClientCard:
    """One client: what became of the message, and why there can be none now ("" where one can be sent)."""

    position: int
    name: str
    said: str
    why_not: str


@dataclass(frozen=True)
class NoNextPage:
    case_title: str
    case_id: uuid.UUID
    clients: tuple[ClientCard, ...]
    mine: bool


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def no_next(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    """Each client with one tap that writes once; silence brings no second message.

    For whoever treats the case. Where nobody does, whoever supervises it reads what was answered.
    """
    found = case_and_right(visit.viewer, case_id)
    if found is None or not (found[1] or (request.method != "POST" and _is_theirs_to_read(visit, found[0]))):
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    case = found[0]
    if request.method == "POST":
        return _send(request, visit, case)
    page = NoNextPage(
        case_title(case),
        case.pk,
        tuple(_card(visit, member) for member in current_members(case)),
        mine=found[1],
    )
    return render(request, "dashboard/no_next.html", {"visit": visit, "page": page})


def _is_theirs_to_read(visit: StaffVisit, case: Case) -> bool:
    return answer_to_going_on(case, visit.viewer.today).filter(pk=visit.viewer.staff_id).exists()


def _send(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    member = next((m for m in current_members(case) if str(m.position) == request.POST.get("member")), None)
    if member is None:
        raise Http404
    staff = staff_behind(visit.viewer)
    try:
        write_once(
            member=member,
            staff=staff,
            is_ready=is_ready(staff.clinic, at=visit.at),
            at=visit.at,
            actor=visit.viewer.actor,
        )
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.WRITTEN.format(name=display_name(member)))
    return redirect("dashboard:no_next", case.pk)


def _card(visit: StaffVisit, member: Member) -> ClientCard:
    last = latest_outreach_to(member)
    why = why_not(member, at=visit.at)
    if not why and last is not None and not may_try_again(member, last):
        why = say.WRITTEN_ALREADY
    said = outreach_in_words(visit, last, member, mails_of_outreaches([last.pk]).get(last.pk)) if last else ""
    return ClientCard(member.position, display_name(member), said, why)
