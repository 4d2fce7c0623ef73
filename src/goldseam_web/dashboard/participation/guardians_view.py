"""Who has to agree for a young person: the page on which they are named and heard, and the page they sign."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.cases.consent_tables import ConsentWay, Guardian
from goldseam_web.cases.consents import consent_texts
from goldseam_web.cases.guardians import guardian_of, name_of_guardian
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import current_members, members_of
from goldseam_web.cases.services.guardians_named import (
    end_guardian,
    name_guardian,
    record_guardian_says,
    set_birth_year,
    set_decides_alone,
)
from goldseam_web.dashboard.language import consent_words
from goldseam_web.dashboard.language import guardian_words as say
from goldseam_web.dashboard.participation.consent import PaperForm
from goldseam_web.dashboard.participation.guardians_page import guardian_sheet, guardians_page
from goldseam_web.dashboard.participation.own_pages import own_case_of, own_member_page, record_view
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.measures.services.who_is_asked import change_and_ask


@own_member_page
def guardians(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> HttpResponse:
    """The year of birth, who has to agree too, and what each of them said."""
    if not hasattr(member.person, "identity"):  # erased: nobody is asked any more
        raise Http404
    if request.method == "POST":
        _told(request, partial(_change, request, visit, case, member))
        return redirect("dashboard:guardians", case.pk, member.position)
    record_view(visit, member)
    page = guardians_page(case, member, today=visit.viewer.today)
    return render(request, "dashboard/guardians.html", {"visit": visit, "page": page})


def _told(request: HttpRequest, change: Callable[[], str]) -> None:
    """Do it, and say what was done or why it was refused."""
    try:
        messages.success(request, change())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])


def _change(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> str:
    given = request.POST
    common: dict[str, Any] = {"at": visit.at, "actor": visit.viewer.actor}
    act = given.get("act", "")
    if act == "name":
        chosen = next((m for m in current_members(case) if str(m.position) == given.get("member")), None)
        named: list[Guardian] = []
        change_and_ask(
            member=member,
            change=lambda: named.append(
                name_guardian(young=member, guardian=chosen, name=given.get("name", ""), **common)
            ),
            at=visit.at,
        )
        return say.NAMED.format(guardian=name_of_guardian(named[-1]))
    changes: dict[str, Callable[[], None]] = {
        "born": partial(set_birth_year, member=member, year=given.get("born", ""), **common),
        "alone": partial(set_decides_alone, member=member, alone=True, **common),
        "not_alone": partial(set_decides_alone, member=member, alone=False, **common),
    }
    if act not in changes:
        raise Http404
    change_and_ask(member=member, change=changes[act], at=visit.at)
    return say.KEPT


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def one_guardian(
    request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID, position: int, guardian_id: uuid.UUID
) -> HttpResponse:
    """The words in force for a guardian to print and sign; kept is what they signed, said or took back."""
    case = own_case_of(visit, case_id)
    if visit.in_room:
        return closed_page(request, visit)
    member = next((m for m in members_of(case) if m.position == position), None)
    guardian = guardian_of(member, guardian_id) if member else None
    if member is None or guardian is None:
        raise Http404
    if request.method == "POST":
        _told(request, partial(_heard, request, visit, member, guardian))
        return redirect("dashboard:guardians", case.pk, member.position)
    record_view(visit, member)
    page = guardian_sheet(case, member, guardian, today=visit.viewer.today)
    return render(request, "dashboard/guardian_sheet.html", {"visit": visit, "page": page})


def _heard(request: HttpRequest, visit: StaffVisit, member: Member, guardian: Guardian) -> str:
    at, actor, act = visit.at, visit.viewer.actor, request.POST.get("act")
    name = name_of_guardian(guardian)
    if act == "end":
        ends = partial(end_guardian, guardian=guardian, at=at, actor=actor)
        change_and_ask(member=member, change=ends, at=at)
        return say.ENDED.format(guardian=name)
    says = partial(record_guardian_says, guardian=guardian, at=at, actor=actor)
    if act == "take_back":
        said: Callable[[], None] = partial(says, agrees=False, way=ConsentWay.TOLD_STAFF)
    else:
        said = partial(says, **_on_paper(PaperForm(request.POST), member))
    change_and_ask(member=member, change=said, at=at)
    return consent_words.KEPT.format(name=name)


def _on_paper(form: PaperForm, member: Member) -> dict[str, Any]:
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    given = form.cleaned_data
    texts = {text.number: text for text in consent_texts(member.clinic)}
    return {
        "agrees": given["asked"] == consent_words.YES,
        "text": texts.get(given["number"], next(iter(texts.values()))),
        "said_on": given["said_on"],
        "way": ConsentWay.PAPER,
    }
