"""The page of a case, what the therapist says of an episode, and opening a new case."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldseam_web.accounts.queries import staff_behind
from goldseam_web.alerts.models import AcknowledgeChoice
from goldseam_web.alerts.queries import episode_of, newest_signal_of
from goldseam_web.alerts.services import acknowledge, say_strain
from goldseam_web.audit.services import record
from goldseam_web.cases.access import own_case
from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.queries import case_of_same_people, case_title, display_name
from goldseam_web.cases.same_names import full_line
from goldseam_web.cases.services import open_case, plan_encounter
from goldseam_web.dashboard.case.build import case_page, room_case_page
from goldseam_web.dashboard.form_key import form_key, key_sent
from goldseam_web.dashboard.forms import errors_of
from goldseam_web.dashboard.language import feedback
from goldseam_web.dashboard.language.guardian_words import NEEDS_GUARDIAN
from goldseam_web.dashboard.member_forms import GROW, NewCaseForm
from goldseam_web.dashboard.participation.not_asked_ways import tell_who_was_not_asked
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.services import plan_occasions


@require_GET
@staff_page
def case(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    return case_shown(request, visit, case_id)


def case_shown(
    request: HttpRequest,
    visit: StaffVisit,
    case_id: uuid.UUID,
    *,
    event: Form | None = None,
    goal: Form | None = None,
) -> HttpResponse:
    """The page of a case, put on record; ``event`` and ``goal`` are notes that were refused, to be put right there."""
    member = request.GET.get("member", "")
    page = room_case_page(visit, case_id) if visit.in_room else case_page(visit, case_id, member=member)
    if page is None:
        raise Http404
    if visit.closed_in_room(case_id):
        return closed_page(request, visit)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="case.view",
        object_kind="case",
        object_id=case_id,
        details={"room": visit.in_room},
    )
    template = "dashboard/case_room.html" if visit.in_room else "dashboard/case.html"
    errors = [said for form in (event, goal) if form for said in errors_of(form)]
    context = {
        "visit": visit,
        "page": page,
        "nav": "case",
        "form_key": form_key(request, visit),
        "event": event,
        "goal": goal,
        "errors": errors,
    }
    return render(request, template, context, status=400 if errors else 200)


@require_POST
@staff_page
def strain(request: HttpRequest, visit: StaffVisit, episode_id: uuid.UUID) -> HttpResponse:
    """There was strain, or there was none: the second also settles the signal as "I see it differently"."""
    episode = episode_of(visit.viewer, episode_id)
    if episode is None or episode.by_hand or own_case(visit.viewer, episode.case_id) is None:
        raise Http404
    there_was = request.POST.get("there_was") == "yes"
    say_strain(viewer=visit.viewer, episode=episode, there_was=there_was, at=visit.at)
    signal = newest_signal_of(episode)
    if not there_was and signal is not None:
        acknowledge(viewer=visit.viewer, signal=signal, choice=AcknowledgeChoice.DIFFERENT, at=visit.at)
    said = feedback.STRAIN_NOTED if there_was else feedback.NO_STRAIN_NOTED
    messages.success(request, said)
    return redirect("dashboard:case", episode.case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new_case(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    if not visit.viewer.is_therapist:
        raise Http404
    asked = request.POST.get("kind") or request.GET.get("kind") or CaseKind.INDIVIDUAL
    kind = CaseKind(asked) if asked in CaseKind.values else CaseKind.INDIVIDUAL
    form = NewCaseForm(
        kind, request.POST if request.method == "POST" else None, today=visit.viewer.today, zone=visit.zone
    )
    key, twin = key_sent(request, visit), None
    grows = GROW in request.POST
    if request.method == "POST" and not grows and form.is_valid():
        twin = _twin(request, visit, form)
        form.ask_whether_known(visit.viewer)
        # Last: whom the other of two clicks has just stored would be found as somebody known.
        if own_case(visit.viewer, key) is not None:
            messages.info(request, feedback.CASE_OPEN_ALREADY)
            return redirect("dashboard:case", key)
        try:
            if twin is None and not form.refusals:
                return _opened(request, visit, _open(visit, form, key))
        except ValidationError as refused:
            form.refuse(refused)
    errors = form.errors()
    context = {
        "visit": visit,
        "form": form,
        "kinds": CaseKind.choices,
        "errors": errors,
        "twin": (case_title(twin), full_line(twin), twin.id) if twin else None,
        "form_key": form_key(request, visit),
        "nav": "new",
    }
    return render(request, "dashboard/new_case.html", context, status=400 if errors or twin else 200)


def _twin(request: HttpRequest, visit: StaffVisit, form: NewCaseForm) -> Case | None:
    """A case with the same people, unless the therapist has said that this is another one."""
    if request.POST.get("another") == "yes":
        return None
    return case_of_same_people(visit.viewer, [(m.display_name, m.family_name) for m in form.given()])


def _opened(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """To the new case, and a word on whoever has to be asked, or is too young to agree alone."""
    tell_who_was_not_asked(request, visit, case)
    for member in case.members.filter(needs_guardian=True).select_related("person__identity"):
        messages.info(request, NEEDS_GUARDIAN.format(name=display_name(member)))
    return redirect("dashboard:case", case.pk)


@one_transaction
def _open(visit: StaffVisit, form: NewCaseForm, key: uuid.UUID) -> Case:
    """The case, and its first session where one was given: both or neither, and once however often it is sent."""
    therapist = staff_behind(visit.viewer)
    actor = visit.viewer.actor
    case = open_case(
        clinic=therapist.clinic,
        therapist=therapist,
        kind=form.kind,
        members=form.given(),
        opened_on=visit.viewer.today,
        at=visit.at,
        actor=actor,
        case_id=key,
    )
    starts_at = form.session.starts_at
    if starts_at is not None and not case.encounters.exists():
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
