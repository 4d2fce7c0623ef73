"""The page on which somebody joins a family that is seen already."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.queries import case_title
from goldseam_web.dashboard.form_key import form_key, key_sent
from goldseam_web.dashboard.forms import errors_of
from goldseam_web.dashboard.language import members_and_ending as say
from goldseam_web.dashboard.language.guardian_words import NEEDS_GUARDIAN
from goldseam_web.dashboard.member_forms import MemberForm, whether_known
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.who_is_asked import member_joins


@own_case_page
def join(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """One more person, from today on; what was before shows nothing of them. A couple stays two, and is told so."""
    form = MemberForm(request.POST or None, prefix="member-0", kind=CaseKind.FAMILY, needed=True)
    errors: list[tuple[str, str]] = []
    if form.is_bound:
        errors = errors_of(form) or whether_known([form], visit.viewer)
        try:
            if not errors:
                _join(request, visit, case, form)
                return redirect("dashboard:members", case.pk)
        except ValidationError as refused:
            errors = [("", text) for text in refused.messages]
    context = {
        "visit": visit,
        "case_id": case.pk,
        "case_title": case_title(case),
        "grows": case.kind == CaseKind.FAMILY,
        "member": form,
        "errors": errors,
        "form_key": form_key(request, visit),
    }
    return render(request, "dashboard/join.html", context, status=400 if errors else 200)


def _join(request: HttpRequest, visit: StaffVisit, case: Case, form: MemberForm) -> None:
    joined = member_joins(
        case=case,
        member=form.member(),
        at=visit.at,
        actor=visit.viewer.actor,
        member_id=key_sent(request, visit),
    )
    messages.success(request, say.JOINED.format(name=form.cleaned_data["called"]))
    if joined.needs_guardian:
        messages.info(request, NEEDS_GUARDIAN.format(name=form.cleaned_data["called"]))
