"""Keeping what somebody signed on paper or said to staff, and the list of who agreed to what and when."""

import csv
import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from goldseam_web.audit.services import record
from goldseam_web.cases.access import visible_case
from goldseam_web.cases.consent_tables import ConsentRecord, ConsentWay
from goldseam_web.cases.consents import consent_texts, consents_of_case
from goldseam_web.cases.guardians import name_of_guardian
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import display_name
from goldseam_web.dashboard.language import consent_words as say
from goldseam_web.dashboard.participation.consent_card import consent_sheet
from goldseam_web.dashboard.participation.own_pages import own_member_page, record_view
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.measures.services.who_is_asked import record_agreement

# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PaperForm(forms.Form):
    """What stands on a signed paper. Nothing is chosen for anybody."""

    said_on = forms.DateField(
        error_messages={"required": say.SIGNED_ON_NEEDED, "invalid": say.SIGNED_ON_NEEDED}
    )
    number = forms.IntegerField()
    asked = forms.ChoiceField(
        choices=((say.YES, say.YES), (say.NO, say.NO)),
        error_messages={"required": say.SAY_YES_OR_NO, "invalid_choice": say.SAY_YES_OR_NO},
    )
    research = forms.ChoiceField(
        choices=((say.NOTHING, say.NOTHING), (say.YES, say.YES), (say.NO, say.NO)), required=False
    )


@own_member_page
def say_consent(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> HttpResponse:
    """The words in force to print and sign; kept is what one person signed, or that they took something back."""
    if request.method != "POST":
        record_view(visit, member)
        page = consent_sheet(case, member, today=visit.viewer.today)
        return render(request, "dashboard/consent_sheet.html", {"visit": visit, "page": page})
    try:
        _keep(request, visit, member)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, say.KEPT.format(name=display_name(member)))
    return redirect("dashboard:person", case.pk, member.position)


def _keep(request: HttpRequest, visit: StaffVisit, member: Member) -> None:
    at, actor = visit.at, visit.viewer.actor
    act = request.POST.get("act")
    if act == "take_back":
        record_agreement(member=member, to_be_asked=False, way=ConsentWay.TOLD_STAFF, at=at, actor=actor)
    elif act == "take_back_research":
        record_agreement(member=member, to_research=False, way=ConsentWay.TOLD_STAFF, at=at, actor=actor)
    else:
        _keep_paper(PaperForm(request.POST), visit, member)


def _keep_paper(form: PaperForm, visit: StaffVisit, member: Member) -> None:
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.values() for error in errors])
    given = form.cleaned_data
    texts = {text.number: text for text in consent_texts(member.clinic)}
    record_agreement(
        member=member,
        to_be_asked=given["asked"] == say.YES,
        to_research={say.YES: True, say.NO: False}.get(given["research"]),
        text=texts.get(given["number"], next(iter(texts.values()))),
        said_on=given["said_on"],
        way=ConsentWay.PAPER,
        at=visit.at,
        actor=visit.viewer.actor,
    )


@require_safe
@staff_page
def consent_export(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    """Who in this case said what, when, to which words and how: a table for whoever may open the case."""
    case = visible_case(visit.viewer, case_id)
    if case is None:
        raise Http404
    if visit.in_room:
        return closed_page(request, visit)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="consent.export",
        object_kind="case",
        object_id=case.pk,
    )
    name = say.FILE_NAME.format(day=visit.viewer.today.isoformat())
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    table = csv.writer(response)
    table.writerow(say.COLUMNS)
    table.writerows(_row(row, visit) for row in consents_of_case(visit.viewer, case.pk))
    return response


def _row(row: ConsentRecord, visit: StaffVisit) -> list[str]:
    stored = row.at.astimezone(visit.zone).isoformat(timespec="minutes")
    cells = [
        display_name(row.member),
        row.purpose,
        row.answer,
        str(row.text.number) if row.text else "",
        row.text.content_hash if row.text else "",
        row.said_on.isoformat(),
        row.way,
        stored,
        row.recorded_by.full_name if row.recorded_by else "",
        name_of_guardian(row.guardian) if row.guardian else display_name(row.member),
    ]
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]
