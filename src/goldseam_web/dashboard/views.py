"""What every page's frame does: choose light or dark, say that nobody looks over one's shoulder."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from goldseam_web.accounts.queries import staff_behind
from goldseam_web.accounts.services import set_last_alone
from goldseam_web.dashboard.staff_visit import StaffVisit, staff_page

THEME_COOKIE, THEMES = "goldseam_theme", ("light", "dark")
# Sent by a page that stays as it is: what was being typed on it comes back into sight.
CURTAIN = "Goldseam-Curtain"
ONE_YEAR = 365 * 24 * 60 * 60


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
    """Show everything until the next session begins, or only what a client may see until the viewer is alone."""
    alone = request.POST.get("alone") == "yes"
    last = visit.at if alone else None
    set_last_alone(staff=staff_behind(visit.viewer), last=last, at=visit.at, actor=visit.viewer.actor)
    if CURTAIN in request.headers:
        return HttpResponse(status=204)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page the form stood on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/") else "/"
