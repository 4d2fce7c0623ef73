"""Where mail is handed in: tried with a message to oneself before it is kept."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.install_settings import keep_install_settings, why_not_here
from goldseam_web.accounts.models import Role
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, asked_again, office_page
from goldseam_web.outbox.channels.email.try_out import (
    ENCRYPTED,
    PLAIN,
    STARTTLS,
    MailServer,
    TestMessageError,
    send_test_message,
)

URL, SENDER = "GOLDSEAM_EMAIL_URL", "GOLDSEAM_EMAIL_FROM"


class MailServerForm(PlainForm):
    """What a provider's page of help calls *outgoing mail*."""

    host = forms.RegexField(
        r"\A[A-Za-z0-9.-]+\Z",
        label="Server",
        max_length=200,
        help_text="For example: smtp.example.org",
        error_messages={
            "invalid": "A name of letters, digits, dots and hyphens, with nothing before or behind it."
        },
    )
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, initial=587)
    scheme = forms.ChoiceField(
        label="Encryption",
        choices=[(STARTTLS, "STARTTLS, mostly port 587"), (ENCRYPTED, "TLS from the start, mostly port 465")],
        widget=forms.RadioSelect,
        initial=STARTTLS,
    )
    user = forms.CharField(label="User", max_length=200, required=False, help_text="Often the whole address.")
    password = forms.CharField(
        label="Password",
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    sender = forms.EmailField(label="Sender’s address", help_text="What those who get a mail see.")

    @property
    def server(self) -> MailServer:
        """The server as it was filled in."""
        given = self.cleaned_data
        return MailServer(given["host"], given["port"], given["scheme"], given["user"], given["password"])


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_again
def mail_server(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The server in use, a message to try it by, and another one to take instead where that may be done here."""
    fixed = why_not_here(URL, SENDER)
    form = MailServerForm(request.POST if "host" in request.POST and not fixed else None, initial=_in_use())
    failed, to = "", visit.staff.user.email
    try:
        if request.method == "POST" and not form.is_bound:
            send_test_message(_server_in_use(), sender=settings.DEFAULT_FROM_EMAIL, to=to)
            messages.success(request, f"The server has taken a test message to {to}. See whether it arrives.")
            return redirect("office:mail_server")
        if form.is_bound and form.is_valid():
            return _kept(request, visit, form)
    except TestMessageError as error:
        failed = str(error)
    context = {
        "visit": visit,
        "form": form,
        "fixed": fixed,
        "failed": failed,
        "configured": settings.GOLDSEAM_MAIL_CONFIGURED,
        "server": _server_in_use(),
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    wrong = bool(failed or form.errors)
    return render(request, "office/mail_server.html", context, status=400 if wrong else 200)


def _kept(request: HttpRequest, visit: OfficeVisit, form: MailServerForm) -> HttpResponse:
    """Keep the server that was typed in, once it has taken a test message."""
    sender = form.cleaned_data["sender"]
    send_test_message(form.server, sender=sender, to=visit.staff.user.email)
    changes = {URL: form.server.url, SENDER: sender}
    keep_install_settings(clinic=visit.clinic, changes=changes, at=visit.at, actor=visit.viewer.actor)
    return render(request, "office/starts_anew.html", {"visit": visit, "host": form.server.host})


def _server_in_use() -> MailServer:
    scheme = ENCRYPTED if settings.EMAIL_USE_SSL else STARTTLS if settings.EMAIL_USE_TLS else PLAIN
    user, password = settings.EMAIL_HOST_USER or "", settings.EMAIL_HOST_PASSWORD or ""
    return MailServer(settings.EMAIL_HOST, settings.EMAIL_PORT, scheme, user, password)


def _in_use() -> dict[str, Any]:
    """What the form begins with; the password in use is shown to nobody."""
    if not settings.GOLDSEAM_MAIL_CONFIGURED:
        return {}
    server = _server_in_use()
    kept = {"host": server.host, "port": server.port, "scheme": server.scheme, "user": server.user}
    return {**kept, "sender": settings.DEFAULT_FROM_EMAIL}
