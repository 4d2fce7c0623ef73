"""What every page's frame does: hear of changes, choose light or dark, say that nobody looks over one's shoulder."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from goldseam_web.accounts.models import User
from goldseam_web.accounts.queries import change_counter_of
from goldseam_web.dashboard.caseload.build import caseload_page
from goldseam_web.dashboard.signal.alert_list import alerts_page
from goldseam_web.dashboard.staff_visit import ALONE_UNTIL, StaffVisit, staff_page, visit_of
from goldseam_web.lib.polling import asked_by_the_browser

THEME_COOKIE, THEMES = "goldseam_theme", ("light", "dark")
ONE_YEAR = 365 * 24 * 60 * 60


@require_GET
@asked_by_the_browser
def change_counter(request: HttpRequest) -> HttpResponseBase:
    """204 while nothing has changed, else the parts of the page that may have. Not a view of a case: not audited."""
    if not isinstance(request.user, User):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    counter = change_counter_of(request.user)
    if counter is None or str(counter) == request.GET.get("since"):
        return HttpResponse(status=204)
    visit = visit_of(request, at=timezone.now())
    if visit is None:
        return HttpResponse(status=204)
    return render(request, "dashboard/refreshed.html", _refreshed(request, visit))


def _refreshed(request: HttpRequest, visit: StaffVisit) -> dict[str, object]:
    context: dict[str, object] = {"visit": visit, "poll_page": request.GET.get("page", "")}
    if context["poll_page"] == "caseload" and visit.viewer.is_therapist:
        context["page"] = caseload_page(
            visit, query=request.GET.get("q", "").strip(), group=request.GET.get("group", "")
        )
    if context["poll_page"] == "alerts" and visit.viewer.is_therapist and visit.judging and not visit.in_room:
        context["page"] = alerts_page(visit)
    return context


@require_POST
@login_required
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark on this device; anything else follows the device again."""
    response = redirect(_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=ONE_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_POST
@staff_page
def room_view(request: HttpRequest, visit: StaffVisit) -> HttpResponse:
    """Show everything until the booked hour is over, or go back to what a client may see."""
    until = visit.shell.room_until
    if request.POST.get("alone") == "yes" and until is not None:
        request.session[ALONE_UNTIL] = until.isoformat()
    else:
        request.session.pop(ALONE_UNTIL, None)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page the form stood on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else "/"
