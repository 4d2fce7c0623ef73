"""Planning and ending a session, its links, and the therapist's own two statements."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldseam_web.accounts.closed_days import closed_days
from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import staff_behind
from goldseam_web.accounts.services import set_last_alone
from goldseam_web.alerts.readiness import is_ready
from goldseam_web.audit.services import record
from goldseam_web.cases.models import Case, Encounter, EncounterState
from goldseam_web.cases.queries import (
    appointments_of,
    case_and_right,
    case_title,
    current_members,
    display_name,
    members_of,
    other_therapists,
    own_encounter,
)
from goldseam_web.cases.services import Reach, Repeat, plan_encounter
from goldseam_web.dashboard.encounter.build import (
    correction_page,
    encounter_page,
    guess_page,
    link_page,
    own_guess,
)
from goldseam_web.dashboard.encounter.page import PlanPage
from goldseam_web.dashboard.form_key import form_key, key_sent
from goldseam_web.dashboard.forms import (
    AwayForm,
    CorrectionForm,
    ReachForm,
    RepeatForm,
    SecondTherapistForm,
    SessionForm,
    errors_of,
)
from goldseam_web.dashboard.language import feedback
from goldseam_web.dashboard.language.appointments_page import SERIES_LEFT_OUT, SERIES_PLANNED, SESSIONS_MOVED
from goldseam_web.dashboard.language.reaching_people import NOT_READY_YET, SENT_AGAIN
from goldseam_web.dashboard.language.session_page import PLAN
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.not_asked_ways import tell_who_was_not_asked
from goldseam_web.dashboard.staff_visit import StaffVisit, closed_page, staff_page
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.models import Occasion
from goldseam_web.measures.queries import occasion_of, questionnaire
from goldseam_web.measures.services import Given, plan_occasions, renew_link, submit_response
from goldseam_web.measures.services.occasions import end_encounter
from goldseam_web.measures.services.planned_sessions import move_sessions, plan_sessions
from goldseam_web.measures.services.requests_by_mail import ask_again


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new_encounter(request: HttpRequest, visit: StaffVisit, case_id: uuid.UUID) -> HttpResponse:
    found = case_and_right(visit.viewer, case_id)
    if found is None or not found[1]:
        raise Http404
    if visit.closed_in_room(case_id):
        return closed_page(request, visit)
    case = found[0]
    members = tuple((m.id, display_name(m)) for m in current_members(case))
    form = SessionForm(
        request.POST or None,
        initial=_week_after_last(visit, case),
        today=visit.viewer.today,
        zone=visit.zone,
    )
    away = AwayForm(request.POST or None, members=members)
    repeat = RepeatForm(request.POST or None)
    beside = SecondTherapistForm(request.POST or None, others=other_therapists(case, visit.viewer))
    errors: list[tuple[str, str]] = []
    if request.method == "POST" and all(each.is_valid() for each in (form, away, repeat, beside)):
        try:
            return _planned(
                request,
                visit,
                case,
                form,
                away=away.ids,
                beside=beside.therapist,
                repeat=repeat.repeat(closed_days(case.clinic, since=visit.viewer.today)),
            )
        except ValidationError as refused:
            errors = [("", message) for message in refused.messages]
    errors += [*errors_of(form), *errors_of(repeat), *errors_of(beside)] if form.is_bound else []
    page = PlanPage(case_title(case), reverse("dashboard:case", args=[case_id]), PLAN, members)
    context = {
        "visit": visit,
        "page": page,
        "form": form,
        "repeat": repeat,
        "beside": beside if beside.others else None,
        "errors": errors,
        "away": request.POST.getlist("away"),
        "form_key": form_key(request, visit),
    }
    return render(request, "dashboard/new_encounter.html", context, status=400 if errors else 200)


def _week_after_last(visit: StaffVisit, case: Case) -> dict[str, object]:
    """The same time a week after the last appointment, or after today where that is past; empty for a first one."""
    last = appointments_of(visit.viewer, [case]).last()
    if last is None:
        return {}
    given = _as_planned(last, visit.zone)
    start = last.starts_at.astimezone(visit.zone)
    weeks = max(0, (visit.viewer.today - start.date()).days) // 7 + 1
    return {**given, "day": start.date() + timedelta(weeks=weeks)}


def _planned(
    request: HttpRequest,
    visit: StaffVisit,
    case: Case,
    form: SessionForm,
    *,
    away: list[uuid.UUID],
    beside: Staff | None,
    repeat: Repeat | None,
) -> HttpResponse:
    """Plan one session and go to it, or a series and go to the list."""
    key = key_sent(request, visit)
    if repeat is None:
        planned = _plan(visit, case, form, away, key, beside=beside)
        tell_who_was_not_asked(request, visit, case)
        return redirect("dashboard:encounter", planned)
    booked = _plan_series(visit, case, form, repeat, away=away, beside=beside, key=key)
    days = [long_day(one.local_date, today=visit.viewer.today) for one in (booked[0], booked[-1])]
    said = SERIES_PLANNED.format(count=len(booked), first=days[0], last=days[1])
    if left_out := repeat.left_out(booked[0].local_date):
        said += SERIES_LEFT_OUT.format(
            days=", ".join(long_day(d, today=visit.viewer.today) for d in left_out)
        )
    messages.success(request, said)
    tell_who_was_not_asked(request, visit, case)
    return redirect("dashboard:appointments", case.pk)


@one_transaction
def _plan_series(
    visit: StaffVisit,
    case: Case,
    form: SessionForm,
    repeat: Repeat,
    *,
    away: list[uuid.UUID],
    beside: Staff | None,
    key: uuid.UUID,
) -> list[Encounter]:
    booked = plan_sessions(
        case=case,
        therapist=staff_behind(visit.viewer),
        starts_at=_start(form),
        minutes=form.length,
        repeat=repeat,
        at=visit.at,
        actor=visit.viewer.actor,
        away=away,
        beside=beside,
        key=key,
    )
    enter_if_it_runs(visit, booked[0])
    return booked


def _start(form: SessionForm) -> datetime:
    if form.starts_at is None:
        raise ValidationError(feedback.DAY_AND_START_NEEDED)
    return form.starts_at


@one_transaction
def _plan(
    visit: StaffVisit,
    case: Case,
    form: SessionForm,
    away: list[uuid.UUID],
    key: uuid.UUID,
    *,
    beside: Staff | None,
) -> uuid.UUID:
    """Book the session and ask everybody who is expected."""
    starts_at, actor = _start(form), visit.viewer.actor
    encounter = plan_encounter(
        case=case,
        therapist=staff_behind(visit.viewer),
        starts_at=starts_at,
        minutes=form.length,
        at=visit.at,
        actor=actor,
        away=away,
        beside=beside,
        encounter_id=key,
    )
    plan_occasions(encounter=encounter, at=visit.at, actor=actor)
    enter_if_it_runs(visit, encounter)
    return encounter.id


def enter_if_it_runs(visit: StaffVisit, encounter: Encounter) -> None:
    """Whatever made it so: planned, moved into the present, or taking place after all."""
    if encounter.starts_at <= visit.at < encounter.ends_at:
        _enter_room(visit, encounter)


def _enter_room(visit: StaffVisit, encounter: Encounter) -> None:
    """Who enters a session that runs, or ends one, has been with the clients since it began, whatever they said."""
    before = encounter.starts_at - timedelta(seconds=1)
    set_last_alone(staff=staff_behind(visit.viewer), last=before, at=visit.at, actor=visit.viewer.actor)


@require_GET
@staff_page
def encounter(request: HttpRequest, visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    page = encounter_page(visit, encounter_id)
    if page is None:
        raise Http404
    if visit.closed_in_room(page.case_id):
        return closed_page(request, visit)
    _audit(visit, "encounter.view", "encounter", encounter_id)
    return render(request, "dashboard/encounter.html", {"visit": visit, "page": page, "nav": "encounter"})


@require_POST
@staff_page
def end(request: HttpRequest, visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    """The session is over: the links about it open now."""
    row = own_encounter(visit.viewer, encounter_id)
    if row is None or row.starts_at > visit.at:
        raise Http404
    members = current_members(row.case)
    form = AwayForm(request.POST, members=[(m.id, display_name(m)) for m in members])
    if not form.is_valid():
        raise Http404
    away = [m for m in members if m.id in form.ids]
    try:
        end_encounter(encounter=row, at=visit.at, actor=visit.viewer.actor, away=away)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, feedback.SESSION_OVER)
        if not visit.in_room:
            _enter_room(visit, row)
    return redirect("dashboard:encounter", encounter_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def correct(request: HttpRequest, visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    """Put right when a session was, how long it took and who was there."""
    row = own_encounter(visit.viewer, encounter_id)
    if row is None or row.state == EncounterState.CANCELLED:
        raise Http404
    if visit.closed_in_room(row.case_id):
        return closed_page(request, visit)
    page = correction_page(visit, row)
    form = CorrectionForm(
        request.POST or None,
        initial=_as_planned(row, visit.zone),
        today=visit.viewer.today,
        zone=visit.zone,
    )
    away = AwayForm(request.POST or None, members=[(a.id, a.name) for a in page.attendees])
    reach = ReachForm(request.POST or None)
    if away.is_bound and not (away.is_valid() and reach.is_valid()):
        raise Http404
    errors: list[tuple[str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            moved = _correct(visit, row, form, away.ids, Reach(reach.cleaned_data["reach"] or Reach.ONE))
        except ValidationError as refused:
            errors = [("", message) for message in refused.messages]
        else:
            if not row.starts_at <= visit.at < row.ends_at:
                enter_if_it_runs(visit, Encounter.objects.get(pk=row.pk))
            messages.success(request, _corrected(moved))
            return redirect("dashboard:encounter", encounter_id)
    errors += errors_of(form) if form.is_bound else []
    ticked = request.POST.getlist("away") if form.is_bound else [str(a.id) for a in page.attendees if a.away]
    context = {"visit": visit, "page": page, "form": form, "reach": reach, "errors": errors, "away": ticked}
    return render(request, "dashboard/correct_encounter.html", context, status=400 if errors else 200)


def _as_planned(encounter: Encounter, zone: ZoneInfo) -> dict[str, object]:
    start = encounter.starts_at.astimezone(zone)
    minutes = round((encounter.ends_at - encounter.starts_at).total_seconds() / 60)
    return {"day": start.date(), "start": start.strftime("%H:%M"), "minutes": minutes}


def _correct(
    visit: StaffVisit, encounter: Encounter, form: CorrectionForm, away: list[uuid.UUID], reach: Reach
) -> list[Encounter]:
    return move_sessions(
        encounter=encounter,
        reach=reach,
        starts_at=_start(form),
        minutes=form.length,
        away=[m for m in members_of(encounter.case) if m.id in away],
        at=visit.at,
        actor=visit.viewer.actor,
    )


def _corrected(moved: list[Encounter]) -> str:
    return feedback.SESSION_CORRECTED if len(moved) == 1 else SESSIONS_MOVED.format(count=len(moved))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def link(request: HttpRequest, visit: StaffVisit, occasion_id: uuid.UUID) -> HttpResponse:
    """One member's link. Posting makes a new one and takes the old one back."""
    occasion = occasion_of(visit.viewer, occasion_id)
    if occasion is None or occasion.encounter_id is None:
        raise Http404
    if visit.closed_in_room(occasion.case_id):
        return closed_page(request, visit)
    if request.method == "POST":
        renew_link(occasion=occasion, at=visit.at, actor=visit.viewer.actor)
        messages.success(request, feedback.NEW_LINK)
        return redirect("dashboard:link", occasion_id)
    _audit(visit, "link.view", "occasion", occasion_id)
    return render(request, "dashboard/link.html", {"visit": visit, "page": link_page(visit, occasion)})


@require_POST
@staff_page
def send_mail(request: HttpRequest, visit: StaffVisit, occasion_id: uuid.UUID) -> HttpResponse:
    """Send a request by mail once more."""
    occasion = occasion_of(visit.viewer, occasion_id)
    if occasion is None or occasion.respondent is None:
        raise Http404
    if visit.closed_in_room(occasion.case_id):
        return closed_page(request, visit)
    if not is_ready(occasion.clinic, at=visit.at):
        messages.error(request, NOT_READY_YET)
        return redirect("dashboard:link", occasion_id)
    try:
        ask_again(occasion=occasion, at=visit.at, actor=visit.viewer.actor)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, SENT_AGAIN.format(name=display_name(occasion.respondent)))
    return redirect("dashboard:link", occasion_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def guess(request: HttpRequest, visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    """The therapist's own view, given before the clients' answers about that session are shown."""
    occasion = own_guess(visit, encounter_id)
    if occasion is None:
        return _nothing_to_guess(visit, encounter_id)
    if visit.in_room:
        return closed_page(request, visit)
    if request.method == "POST":
        return _take_guess(request, visit, occasion)
    return _show_guess(request, visit, occasion, missing=())


def _nothing_to_guess(visit: StaffVisit, encounter_id: uuid.UUID) -> HttpResponse:
    """Answered already, too late, or not theirs."""
    row = own_encounter(visit.viewer, encounter_id)
    if row is None:
        raise Http404
    return redirect("dashboard:case", row.case_id)


def _take_guess(request: HttpRequest, visit: StaffVisit, occasion: Occasion) -> HttpResponse:
    skipped = request.POST.get("skip") == "yes"
    keys = [q.item.key for q in questionnaire(occasion, None).questions]
    given: dict[str, Given] = {key: None if skipped else _number(request.POST.get(key)) for key in keys}
    missing = () if skipped else tuple(key for key, value in given.items() if value is None)
    if missing:
        return _show_guess(request, visit, occasion, missing=missing)
    try:
        submit_response(occasion=occasion, answers=given, at=visit.at, actor=visit.viewer.actor)
    except ValidationError:
        return _show_guess(request, visit, occasion, missing=tuple(keys))
    return redirect("dashboard:case", occasion.case_id)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() and len(text) < 4 else None


def _show_guess(
    request: HttpRequest, visit: StaffVisit, occasion: Occasion, *, missing: tuple[str, ...]
) -> HttpResponse:
    page = guess_page(visit, occasion)
    if page is None:
        raise Http404
    context = {"visit": visit, "page": page, "missing": missing, "given": request.POST.dict()}
    return render(request, "dashboard/guess.html", context, status=400 if missing else 200)


def _audit(visit: StaffVisit, action: str, kind: str, key: uuid.UUID) -> None:
    viewer = visit.viewer
    record(
        clinic_id=viewer.clinic_id,
        at=visit.at,
        actor=viewer.actor,
        action=action,
        object_kind=kind,
        object_id=key,
    )
