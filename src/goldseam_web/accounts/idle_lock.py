"""A sign-in that nobody has clicked in for a while is locked, not ended: its owner opens it where it stood.

The lock is written into the session by the first request that finds the time over, and taken away by its owner alone.
"""

import time

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from goldseam_web.accounts.models import User
from goldseam_web.accounts.sign_in import record_own_act
from goldseam_web.lib.polling import LAST_ACTIVE

LOCKED = "locked"
# Of an answer to a page that asks by itself.
LOCKED_HEADER = "Goldseam-Locked"


def is_locked(request: HttpRequest) -> bool:
    """Whether whoever is signed in has to show first that it is still them."""
    if not request.user.is_authenticated:
        return False
    now = time.time()
    idle = now - request.session.get(LAST_ACTIVE, now)
    return bool(request.session.get(LOCKED) or idle > settings.GOLDSEAM_IDLE_MINUTES * 60)


def lock(request: HttpRequest) -> None:
    """Lock this sign-in, and put it on record the first time."""
    if not request.session.get(LOCKED) and isinstance(request.user, User):
        request.session[LOCKED] = True
        record_own_act(user=request.user, action="staff.lock", at=timezone.now())


def unlock(request: HttpRequest) -> None:
    """Its owner has shown that it is them."""
    begin_anew(request)
    if isinstance(request.user, User):
        record_own_act(user=request.user, action="staff.unlock", at=timezone.now())


def begin_anew(request: HttpRequest) -> None:
    """As after a click: open, and the time without one begins again."""
    request.session.pop(LOCKED, None)
    request.session[LAST_ACTIVE] = time.time()
