"""Who answers about a child, and from when to when."""

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.cases.models import Case, CaseKind, Member, MemberRole, ProxyGrant
from goldseam_web.cases.queries import case_title, current_members, display_name
from goldseam_web.cases.services.proxies import grants_of_case
from goldseam_web.dashboard.language import proxy_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.proxy_forms import answer_no_more_about, let_answer_about

USUAL_TIME = timedelta(days=90)


class ProxyForm(forms.Form):
    """Who answers about whom, and in which time; what is allowed is for the service to say."""

    respondent = forms.IntegerField(error_messages={"required": say.WHO_NEEDED, "invalid": say.WHO_NEEDED})
    subject = forms.IntegerField(error_messages={"required": say.WHO_NEEDED, "invalid": say.WHO_NEEDED})
    starts_on = forms.DateField(error_messages={"required": say.DAYS_NEEDED, "invalid": say.DAYS_NEEDED})
    ends_on = forms.DateField(error_messages={"required": say.DAYS_NEEDED, "invalid": say.DAYS_NEEDED})


@dataclass(frozen=True)
class GrantLine:
    """One right in words; ``can_end``: it runs, or lies ahead."""

    key: str
    text: str
    can_end: bool


@own_case_page
def proxies(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """Every right to answer about a child, and a form for another."""
    if request.method == "POST":
        try:
            messages.success(request, _change(request, visit, case))
        except ValidationError as refused:
            messages.error(request, refused.messages[0])
        return redirect("dashboard:proxies", case.pk)
    members, today = current_members(case), visit.viewer.today
    children = [m for m in members if m.role == MemberRole.CHILD]
    context = {
        "visit": visit,
        "case_id": case.pk,
        "case_title": case_title(case),
        "lines": [_line(grant, today) for grant in grants_of_case(case)],
        "who": [(m.position, display_name(m)) for m in members if m.role != MemberRole.CHILD],
        "children": [(m.position, display_name(m)) for m in children],
        "why_not": _why_not(case, children),
        "first": today.isoformat(),
        "last": (today + USUAL_TIME).isoformat(),
    }
    return render(request, "dashboard/proxies.html", context)


def _why_not(case: Case, children: list[Member]) -> str:
    if case.kind != CaseKind.FAMILY:
        return say.ONLY_IN_A_FAMILY
    return "" if children else say.NO_CHILD


def _line(grant: ProxyGrant, today: date) -> GrantLine:
    text = say.RUNS if grant.starts_on <= today else say.AHEAD
    if grant.ends_on < grant.starts_on:
        text = say.TAKEN_BACK
    elif grant.ends_on < today:
        text = say.OVER
    return GrantLine(
        key=str(grant.pk),
        text=text.format(
            name=display_name(grant.respondent),
            child=display_name(grant.subject),
            first=long_day(grant.starts_on, today=today),
            last=long_day(grant.ends_on, today=today),
        ),
        can_end=grant.ends_on >= today,
    )


def _change(request: HttpRequest, visit: StaffVisit, case: Case) -> str:
    at, actor = visit.at, visit.viewer.actor
    if ends := request.POST.get("end"):
        grant = next((one for one in grants_of_case(case) if str(one.pk) == ends), None)
        if grant is None:
            raise Http404
        answer_no_more_about(grant=grant, at=at, actor=actor)
        return say.ENDED.format(name=display_name(grant.respondent), child=display_name(grant.subject))
    form = ProxyForm(request.POST)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    by_position = {m.position: m for m in current_members(case)}
    who, child = (by_position.get(form.cleaned_data[name]) for name in ("respondent", "subject"))
    if who is None or child is None:
        raise ValidationError(say.WHO_NEEDED)
    let_answer_about(
        respondent=who,
        subject=child,
        starts_on=form.cleaned_data["starts_on"],
        ends_on=form.cleaned_data["ends_on"],
        at=at,
        actor=actor,
    )
    return say.GRANTED.format(name=display_name(who), child=display_name(child))
