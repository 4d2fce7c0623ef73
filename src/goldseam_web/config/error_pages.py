"""The page of an error nobody caught: our mistake, or a database that cannot be used just now."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

from goldseam_web.lib.database import DATABASE_AWAY

RETRY_AFTER_SECONDS = 10


@requires_csrf_token
def server_error_or_away(request: HttpRequest) -> HttpResponse:
    """Answer 503 where only the database is away, so that browsers and proxies know that it is worth trying again.

    Django calls this while it handles the exception.
    """
    if not isinstance(sys.exception(), DATABASE_AWAY):
        return server_error(request)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
