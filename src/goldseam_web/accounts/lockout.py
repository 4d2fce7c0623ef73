"""How long a sign-in rests after wrong passwords: counted by address and person, and less strictly by person alone.

A device somebody has signed in from before is counted by itself, so that wrong passwords from elsewhere keep nobody out
of their own (OWASP, device cookies). The library counts; what follows from the count is decided here.
"""

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from goldseam_web.accounts.models import User

FREE = 10  # wrong passwords of one device, or one address, before the first pause
FREE_FROM_ANYWHERE = 30
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_PAUSE_FROM_ANYWHERE = timedelta(minutes=15)
_LONGEST_NAME = 255
_DEVICE_SALT = "goldseam.device"
_DEVICE_AGE = timedelta(days=180)
_MOST_PEOPLE_OF_A_DEVICE = 5


def client_address(request: HttpRequest) -> str | None:
    """Give the address of the client (behind a proxy, the one the proxy has added), or None where there is none."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None


def sign_in_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Give the e-mail address that was tried. Capitals make no second account, so no second count."""
    posted = request.POST.get("login") if request else None
    given = (credentials or {}).get("login") or (credentials or {}).get("username") or posted
    return str(given).strip().lower()[:_LONGEST_NAME] if given else None


def pause_after(failures: int, *, free: int, longest: timedelta) -> timedelta:
    """How long a sign-in rests after so many wrong passwords: none at first, then twice as long each time."""
    if failures < free:
        return timedelta(0)
    return min(FIRST_PAUSE * int(2 ** min(failures - free, 20)), longest)


class GrowingPause(AxesDatabaseHandler):  # type: ignore[misc]
    """The library's counts, with pauses that grow and devices that are known."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **facts: Any
    ) -> None:
        # A row for each address and device; what a browser calls itself is anybody's choice.
        if request is not None:
            request.axes_user_agent = known_device(request, sign_in_name(request, credentials))
        super().user_login_failed(sender, credentials, request, **facts)

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """As many as lock, while a pause lasts; else none."""
        name = sign_in_name(request, credentials)
        at = request.axes_attempt_time
        if name is None or at is None:
            return 0
        tries = AccessAttempt.objects.filter(username=name)
        device = known_device(request, name)
        if device:
            rests = _rests(tries.filter(user_agent=device), at, free=FREE, longest=LONGEST_PAUSE)
        else:
            strangers = tries.filter(user_agent="")
            here = strangers.filter(ip_address=request.axes_ip_address)
            rests = _rests(here, at, free=FREE, longest=LONGEST_PAUSE) or _rests(
                strangers, at, free=FREE_FROM_ANYWHERE, longest=LONGEST_PAUSE_FROM_ANYWHERE
            )
        return int(settings.AXES_FAILURE_LIMIT) if rests else 0

    def filter_user_attempts(
        self, request: Any, credentials: dict[str, Any] | None = None
    ) -> list["QuerySet[AccessAttempt]"]:
        """What the right password forgives: the wrong ones of this device, or of unknown ones at this address."""
        name = sign_in_name(request, credentials)
        tries = AccessAttempt.objects.filter(username=name)
        device = known_device(request, name)
        if device:
            return [tries.filter(user_agent=device)]
        return [tries.filter(user_agent="", ip_address=request.axes_ip_address)]


def _rests(tries: "QuerySet[AccessAttempt]", at: Any, *, free: int, longest: timedelta) -> bool:
    counted = tries.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    pause = pause_after(counted["failures"] or 0, free=free, longest=longest)
    return bool(pause) and at < counted["last"] + pause


def known_device(request: HttpRequest, name: str | None) -> str:
    """What a device is counted by for somebody who has signed in from it before; empty where it is not known."""
    people = _people_of_device(request)
    if not people or not name:
        return ""
    user = User.objects.filter(email__iexact=name).values_list("pk", flat=True).first()
    device = people.get(str(user))
    return f"device {device}" if device else ""


def remember_staff_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Tell the browser by which number to count what is tried from it for this person."""
    people = _people_of_device(request)
    device = people.pop(str(user.pk), None) or uuid.uuid4().hex
    kept = dict(list(people.items())[1 - _MOST_PEOPLE_OF_A_DEVICE :])
    response.set_cookie(
        settings.GOLDSEAM_DEVICE_COOKIE,
        signing.dumps({**kept, str(user.pk): device}, salt=_DEVICE_SALT),
        max_age=_DEVICE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _people_of_device(request: HttpRequest) -> dict[str, str]:
    cookie = request.COOKIES.get(settings.GOLDSEAM_DEVICE_COOKIE, "")
    try:
        people: dict[str, str] = signing.loads(cookie, salt=_DEVICE_SALT, max_age=_DEVICE_AGE)
    except signing.BadSignature:
        return {}
    return people
