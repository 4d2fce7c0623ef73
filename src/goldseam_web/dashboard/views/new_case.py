"""Opening a case: kind first, then the people in it, each with a way of their own to be reached."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.models import Staff
from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.services import open_case, plan_encounter
from goldseam_web.dashboard.forms import NewCaseForm
from goldseam_web.dashboard.visit import Visit, staff_page
from goldseam_web.measures.services import plan_occasions


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new_case(request: HttpRequest, visit: Visit) -> HttpResponse:
    if not visit.viewer.is_therapist:
        raise Http404
    asked = request.POST.get("kind") or request.GET.get("kind") or CaseKind.INDIVIDUAL
    kind = CaseKind(asked) if asked in CaseKind.values else CaseKind.INDIVIDUAL
    form = NewCaseForm(kind, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("dashboard:case", _open(visit, form).id)
        except ValidationError as refused:
            form.refuse(refused)
    errors = form.errors()
    context = {"visit": visit, "form": form, "kinds": CaseKind.choices, "errors": errors, "nav": "new"}
    return render(request, "dashboard/new_case.html", context, status=400 if errors else 200)


@transaction.atomic
def _open(visit: Visit, form: NewCaseForm) -> Case:
    """The case, and its first session where one was given: both or neither."""
    therapist = Staff.objects.select_related("clinic").get(pk=visit.viewer.staff_id)
    actor = visit.viewer.actor
    case = open_case(
        clinic=therapist.clinic,
        therapist=therapist,
        kind=form.kind,
        members=form.given(),
        opened_on=visit.viewer.today,
        at=visit.at,
        actor=actor,
    )
    starts_at = form.session.starts_at(visit.zone)
    if starts_at is not None:
        encounter = plan_encounter(
            case=case,
            therapist=therapist,
            starts_at=starts_at,
            minutes=form.session.length,
            at=visit.at,
            actor=actor,
        )
        plan_occasions(encounter=encounter, at=visit.at, actor=actor)
    return case
