"""Where a request comes from and whom it names, as the lockout counts them."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Give the address of the client (behind a proxy, the one the proxy has added), or None where there is none."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None


def sign_in_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Give the e-mail address that was tried. Capitals make no second account, so no second count."""
    posted = request.POST.get("login") if request else None
    given = (credentials or {}).get("login") or posted
    return str(given).strip().lower() if given else None
