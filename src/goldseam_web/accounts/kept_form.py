"""What was typed into a staff form is not lost when the sign-in has ended or begun anew meanwhile.

The page that answers holds it in hidden fields and sends it once more. Nothing of it is stored anywhere, and nothing is
done with it before somebody who is signed in says so.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Set by a page's script that gives its form away because the sign-in has ended: nobody has pressed a button.
GIVEN_AWAY = "given_away"
_NOT_TYPED = ("csrfmiddlewaretoken", GIVEN_AWAY)
# Forms of a page's frame, in which nothing is typed.
_OF_THE_FRAME = ("theme", "room_view")


def kept_form(request: HttpRequest) -> HttpResponse | None:
    """The page that keeps what this request sent; None if there is nothing to keep.

    Only forms of the staff pages are kept, so never a password; and only what our own page has sent: another site
    could otherwise have its words sent by whoever trusts the page.
    """
    typed = [
        (name, value) for name, values in request.POST.lists() if name not in _NOT_TYPED for value in values
    ]
    if not typed or not _is_staff_form(request) or not _is_from_our_page(request):
        return None
    context = {
        "typed": typed,
        "address": request.get_full_path(),
        "idle_minutes": settings.GOLDSEAM_IDLE_MINUTES,
    }
    return render(request, "account/kept_form.html", context, status=403)


def is_given_away(request: HttpRequest) -> bool:
    """Whether a page's script sent its form without anybody pressing a button."""
    return request.method == "POST" and GIVEN_AWAY in request.POST


def _is_staff_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        request.method == "POST"
        and match is not None
        and "dashboard" in match.namespaces
        and match.url_name not in _OF_THE_FRAME
    )


def _is_from_our_page(request: HttpRequest) -> bool:
    """Browsers say so in one of two headers; one that says neither keeps nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
