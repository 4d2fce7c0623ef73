"""The numbers for urgent help that clients see: shown with where each came from, added, changed and removed."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from goldseam_web.accounts.crisis_line_table import SHIPPED
from goldseam_web.accounts.crisis_lines import add_crisis_line, change_crisis_line, remove_crisis_line
from goldseam_web.accounts.models import CrisisLine, LineKind, Role
from goldseam_web.accounts.queries import crisis_line, crisis_lines, kinds_without_a_line
from goldseam_web.accounts.violence_procedure import set_violence_procedure
from goldseam_web.alerts.readiness import LINE_NAMES
from goldseam_web.lib.countries import country_names
from goldseam_web.office.line_form import LineForm, ProcedureForm
from goldseam_web.office.views import OfficeVisit, office_page

ASKED = {
    LineKind.ANYBODY: "Whom can anybody call who is in danger or in despair?",
    LineKind.DOMESTIC_VIOLENCE: "Whom can somebody call who is hurt or threatened at home?",
    LineKind.CHILDREN: "Whom can a child or a young person call?",
}


@dataclass(frozen=True)
class ShownLine:
    """A number as the clinic looks it over. ``link`` is the page it was found on, where that is a page."""

    line: CrisisLine
    whom: str
    link: str


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def urgent_help(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """All numbers, and one form for the next: for whom there is none yet, as long as somebody is missing."""
    missing = kinds_without_a_line(visit.clinic)
    of_procedure = "violence_procedure" in request.POST
    of_line = None if of_procedure else request.POST or None
    form = LineForm(of_line, initial={"kind": missing[0] if missing else LineKind.ANYBODY})
    known = {"violence_procedure": visit.clinic.violence_procedure}
    procedure = ProcedureForm(request.POST if of_procedure else None, initial=known)
    if of_procedure and _procedure_kept(procedure, visit):
        messages.success(request, "Kept.")
        return redirect("office:home")  # the last thing of this page: what to go on with stands there
    if request.method == "POST" and not of_procedure and _kept(form, visit):
        return redirect("office:urgent_help")
    context = {
        "visit": visit,
        "lines": [_shown(line) for line in crisis_lines(visit.clinic)],
        "missing": [ASKED[kind] for kind in missing],
        "country": _unknown_country(visit.clinic.country, missing),
        "form": form,
        "procedure": procedure,
    }
    status = 400 if form.errors or procedure.errors else 200
    return render(request, "office/urgent_help.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def one_line(request: HttpRequest, visit: OfficeVisit, line_id: uuid.UUID) -> HttpResponse:
    """One number to change; sent as it is, it says that it still holds."""
    line = _line_of(visit, line_id)
    form = LineForm(
        request.POST or None, initial={name: getattr(line, name) for name in LineForm.base_fields}
    )
    if request.method == "POST" and _kept(form, visit, line):
        return redirect("office:urgent_help")
    context = {"visit": visit, "line": line, "form": form}
    return render(request, "office/urgent_help_line.html", context, status=400 if form.errors else 200)


@require_POST
@office_page(role=Role.ADMINISTRATOR)
def remove_line(request: HttpRequest, visit: OfficeVisit, line_id: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    line = _line_of(visit, line_id)
    remove_crisis_line(line=line, at=visit.at, actor=visit.viewer.actor)
    return redirect("office:urgent_help")


def _unknown_country(country: str, missing: list[LineKind]) -> str:
    """The country's name, where none of the missing numbers comes with the install; else nothing is to be said."""
    shipped = {line.kind for line in SHIPPED.get(country, ())}
    return "" if shipped & set(missing) else country_names().get(country, "")


def _line_of(visit: OfficeVisit, line_id: uuid.UUID) -> CrisisLine:
    line = crisis_line(visit.viewer, line_id)
    if line is None:
        raise Http404
    return line


def _kept(form: LineForm, visit: OfficeVisit, line: CrisisLine | None = None) -> bool:
    """Keep what was given; False where it is not allowed, which the form then says."""
    if not form.is_valid():
        return False
    try:
        if line is None:
            add_crisis_line(clinic=visit.clinic, given=form.given, at=visit.at, actor=visit.viewer.actor)
        else:
            change_crisis_line(line=line, given=form.given, at=visit.at, actor=visit.viewer.actor)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _procedure_kept(form: ProcedureForm, visit: OfficeVisit) -> bool:
    if not form.is_valid():
        return False
    text = form.cleaned_data["violence_procedure"]
    set_violence_procedure(clinic=visit.clinic, text=text, at=visit.at, actor=visit.viewer.actor)
    return True


def _shown(line: CrisisLine) -> ShownLine:
    is_page = line.source.startswith(("https://", "http://"))
    return ShownLine(line, LINE_NAMES[LineKind(line.kind)], line.source if is_page else "")
