"""The page that load balancers and watchdogs ask."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from goldseam_web.accounts.models import Role
from goldseam_web.accounts.queries import staff_behind, viewer_of
from goldseam_web.alerts.message_report import message_report
from goldseam_web.management.health import Health


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503.

    Says no more to strangers: when a count of findings moves would tell a member of a couple that the other answered.
    Whatever is wrong there, the server can take answers, so the status stays.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        says = "\n".join(["ok", *_for_administrators(request)])
    except Error:
        return HttpResponse("database unreachable\n", content_type="text/plain", status=503)
    return HttpResponse(f"{says}\n", content_type="text/plain")


def _for_administrators(request: HttpRequest) -> list[str]:
    """What must be put right at the clinic of an administrator who is signed in, a line each."""
    now = timezone.now()
    viewer = viewer_of(request.user, at=now) if request.user.is_authenticated else None
    if viewer is None or Role.ADMINISTRATOR not in viewer.roles:
        return []
    report = message_report(at=now, clinic=staff_behind(viewer).clinic, viewer=viewer)
    return [f"{Health.WRONG} {subject}: {says}" for subject, says in report.faults]
