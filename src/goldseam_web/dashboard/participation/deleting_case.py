"""The page on which a case that was opened by mistake is deleted: first a look at what goes, then a yes to it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.alerts.services.case_deletion import delete_case, in_the_way
from goldseam_web.cases.models import Case
from goldseam_web.cases.queries import case_title, display_name, members_of
from goldseam_web.dashboard.language import members_and_ending as say
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit


@dataclass(frozen=True)
class DeletingPage:
    """``in_the_way``: sentences, empty where it can be deleted; ``goes``: what is gone then."""

    case_title: str
    case_id: UUID
    in_the_way: tuple[str, ...]
    goes: tuple[str, ...]


@own_case_page
def deleting_case(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """What goes, or what stands in the way. Deleted is what somebody has looked at and said yes to."""
    if request.method == "POST":
        return _delete(request, visit, case)
    page = DeletingPage(
        case_title=case_title(case),
        case_id=case.pk,
        in_the_way=tuple(say.IN_THE_WAY[why] for why in in_the_way(case)),
        goes=_goes(case),
    )
    return render(request, "dashboard/deleting_case.html", {"visit": visit, "page": page})


def _goes(case: Case) -> tuple[str, ...]:
    people = tuple(say.PERSON_GOES.format(name=display_name(member)) for member in members_of(case))
    sessions = case.encounters.count()
    return (*people, say.SESSIONS_GO.format(number=sessions), say.REST_GOES)


def _delete(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    try:
        if request.POST.get("sure") != "yes":
            raise ValidationError(say.SAY_YES_TO_DELETE)
        delete_case(case=case, at=visit.at, actor=visit.viewer.actor)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    except IntegrityError:
        messages.error(request, say.WRITTEN_MEANWHILE)
    else:
        messages.success(request, say.DELETED)
        return redirect("dashboard:caseload")
    return redirect("dashboard:delete_case", case.pk)
