"""Choosing with each member a word for their own answers. The word is stored hashed and shown nowhere."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.audit.services import record
from goldseam_web.cases.models import Case
from goldseam_web.cases.queries import case_title, display_name, members_of
from goldseam_web.dashboard.language import own_word_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.own_words import (
    FEWEST_LETTERS,
    MOST_LETTERS,
    choose_own_word,
    withdraw_own_word,
    words_chosen,
)


@dataclass(frozen=True)
class WordOfMember:
    position: int
    name: str
    state: str
    has_word: bool


@own_case_page
def words_for_own_answers(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """Who has chosen one and when, which says nothing of whether it was used."""
    if request.method == "POST":
        return _act(request, visit, case)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="own_words.view",
        object_kind="case",
        object_id=case.pk,
    )
    chosen = words_chosen(visit.viewer, case)
    members = []
    for member in members_of(case):
        at = chosen.get(member.pk)
        day = long_day(at.astimezone(visit.zone).date(), today=visit.viewer.today) if at else ""
        state = say.HAS_WORD.format(day=day) if day else say.NO_WORD
        members.append(WordOfMember(member.position, display_name(member), state, bool(day)))
    context = {
        "visit": visit,
        "case_title": case_title(case),
        "case_id": case.pk,
        "members": members,
        "fewest": FEWEST_LETTERS,
        "most": MOST_LETTERS,
    }
    return render(request, "dashboard/own_words.html", context)


def _act(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    position, act = request.POST.get("member", ""), request.POST.get("act", "")
    member = next((one for one in members_of(case) if str(one.position) == position), None)
    if member is None or act not in ("choose", "withdraw"):
        messages.error(request, say.NO_SUCH_ACT)
        return redirect("dashboard:own_words", case.pk)
    name, actor = display_name(member), visit.viewer.actor
    if act == "withdraw":
        withdraw_own_word(member=member, at=visit.at, actor=actor)
        messages.success(request, say.WITHDRAWN.format(name=name))
        return redirect("dashboard:own_words", case.pk)
    try:
        choose_own_word(member=member, word=request.POST.get("word", ""), at=visit.at, actor=actor)
        messages.success(request, say.CHOSEN.format(name=name))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("dashboard:own_words", case.pk)
