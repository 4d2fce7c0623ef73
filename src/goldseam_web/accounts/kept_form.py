"""What was typed into a staff form is not lost when the sign-in was locked, has ended or begun anew meanwhile.

The page that answers holds it and gives it back to who typed it, to be sent once more. For everybody else it is sealed:
who signs in instead, in the same browser, can neither read nor send it. Nothing of it is stored anywhere, and nothing
is done with it before its writer, signed in, says so.
"""

import json
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from goldseam_web.accounts.models import User
from goldseam_web.lib.ciphers import cipher
from goldseam_web.lib.page_owner import OWNER_FIELD, page_owner

# Set by a page's script that gives its form away because the sign-in has ended: nobody has pressed a button.
GIVEN_AWAY = "given_away"
# A form as it was typed, sealed, in a page that is not its writer's to read.
KEPT = "kept_form"
_PURPOSE = "kept form"
_NOT_TYPED = ("csrfmiddlewaretoken", GIVEN_AWAY, OWNER_FIELD)
_DOORS = {"dashboard", "office"}
# Forms of a page's frame, in which nothing is typed; and those that take a password or stand before any sign-in.
_NEVER_KEPT = ("theme", "room_view", "mail_server", "set_up", "phone_check")


@dataclass(frozen=True)
class SealedForm:
    """A form that was typed: by whom, for which address, field by field."""

    typist: str
    address: str
    typed: tuple[tuple[str, str], ...]

    def sealed(self) -> str:
        text = json.dumps([self.typist, self.address, self.typed])
        return cipher(_PURPOSE).encrypt(text.encode()).decode()

    @classmethod
    def opened(cls, sealed: str) -> "SealedForm | None":
        """What was sealed here within the longest time a sign-in lasts; None for anything else."""
        try:
            text = cipher(_PURPOSE).decrypt(sealed.encode(), ttl=settings.SESSION_COOKIE_AGE)
        except InvalidToken:
            return None
        typist, address, typed = json.loads(text)
        return cls(typist, address, tuple((name, value) for name, value in typed))

    def is_of(self, user: User | AnonymousUser) -> bool:
        return user.is_authenticated and self.typist == page_owner(user.pk)


def typed_form(request: HttpRequest) -> SealedForm | None:
    """What this request sent; None if there is nothing to keep.

    Only forms of the staff pages are kept, so never a password; and only what our own page has sent: another site
    could otherwise have its words sent by whoever trusts the page. A page that keeps one already sends it sealed.
    """
    if KEPT in request.POST:
        return SealedForm.opened(request.POST[KEPT])
    typed = tuple(
        (name, value) for name, values in request.POST.lists() if name not in _NOT_TYPED for value in values
    )
    typist = request.POST.get(OWNER_FIELD, "")
    if not typed or not typist or not _is_staff_form(request) or not _is_from_our_page(request):
        return None
    return SealedForm(typist, request.get_full_path(), typed)


def kept_form(request: HttpRequest) -> HttpResponse | None:
    """The page that keeps what this request sent; None if there is nothing to keep."""
    form = typed_form(request)
    return None if form is None else kept_page(request, form)


def kept_page(request: HttpRequest, form: SealedForm) -> HttpResponse:
    """To its writer the form, to be sent; to anybody else that it is there, sealed."""
    is_own = form.is_of(request.user)
    context = {"form": form, "is_own": is_own, "sealed": "" if is_own else form.sealed()}
    return render(request, "account/kept_form.html", context, status=403)


@csrf_exempt  # changes nothing, and shows to the writer alone what was sealed here
@require_POST
def give_back(request: HttpRequest) -> HttpResponse:
    """What a page kept, for its writer once they are signed in."""
    return kept_form(request) or redirect("/")


def is_given_away(request: HttpRequest) -> bool:
    """Whether a page's script sent its form without anybody pressing a button."""
    return request.method == "POST" and GIVEN_AWAY in request.POST


def _is_staff_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        request.method == "POST"
        and match is not None
        and bool(_DOORS & set(match.namespaces))
        and match.url_name not in _NEVER_KEPT
    )


def _is_from_our_page(request: HttpRequest) -> bool:
    """Browsers say so in one of two headers; one that says neither keeps nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
