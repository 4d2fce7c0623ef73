"""The demo's own pages: the tour, being a member of the staff at one tap, and what would have been mailed."""

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from goldseam_web.accounts.idle_lock import begin_anew
from goldseam_web.accounts.models import User
from goldseam_web.accounts.sign_in import record_own_act
from goldseam_web.demo.pages import OutboxPage, tour_page
from goldseam_web.demo.queries import colleague, colleagues, looks_back_links, name_of, open_links
from goldseam_web.demo.sent_messages import sent_messages

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """Where a visitor begins."""
    _only_in_the_demo()
    now = timezone.now()
    page = tour_page(
        links=open_links(at=now),
        staff=colleagues(at=now),
        base_url=settings.GOLDSEAM_BASE_URL,
        signed_in_as=name_of(request.user) if isinstance(request.user, User) else "",
        looks_back=looks_back_links(),
    )
    return render(request, "demo/tour.html", {"page": page})


@require_POST
def sign_in(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """Be a member of the made-up staff without a password. Real clinics have no such door."""
    _only_in_the_demo()
    staff = colleague(staff_id)
    if staff is None:
        raise Http404
    login(request, staff.user, backend=BACKEND)
    begin_anew(request)
    record_own_act(user=staff.user, action="staff.sign_in", at=timezone.now())
    return redirect("/")


@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    """What would have left the house."""
    _only_in_the_demo()
    page = OutboxPage(tuple(sent_messages(Path(settings.GOLDSEAM_OUTBOX))))
    return render(request, "demo/mail.html", {"page": page})


def _only_in_the_demo() -> None:
    """These addresses do not exist elsewhere; this holds even if somebody wires them up."""
    if not settings.GOLDSEAM_DEMO:
        raise Http404
