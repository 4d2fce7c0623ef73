"""Where clients reach the install: its address, what holds the certificate, and a phone that has opened it."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.install_settings import keep_install_settings, why_not_here
from goldseam_web.accounts.models import Role
from goldseam_web.accounts.phone_check import (
    clinic_of_phone_check,
    is_reached,
    new_phone_check,
    phone_reached,
)
from goldseam_web.lib.addresses import host_of, is_loopback, port_of
from goldseam_web.lib.certificates import certificate_faults
from goldseam_web.lib.kept_settings import ADDRESS, CERTIFICATE, KEY, PORT, PROXY, REACH
from goldseam_web.lib.ports import NoFreePortError, check_port
from goldseam_web.lib.qr_code import qr_code
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, asked_again, office_page

HTTPS_ORIGIN = re.compile(r"\Ahttps://[A-Za-z0-9.-]+(:\d+)?\Z")
EVERYWHERE = "0.0.0.0"  # noqa: S104  where a certificate is served


class AddressForm(PlainForm):
    """An address on https, and what holds its certificate."""

    address = forms.CharField(
        label="Address",
        max_length=200,
        help_text="With a host name of its own, for example: https://goldseam.example.org",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    holder = forms.ChoiceField(
        label="What holds its certificate?",
        choices=[
            ("proxy", "A program in front, such as Caddy with the file that comes with Goldseam"),
            ("files", "Goldseam itself, with two files on this machine"),
        ],
        widget=forms.RadioSelect,
        initial="proxy",
    )
    certificate = forms.CharField(label="File of the certificate and its chain (PEM)", required=False)
    key = forms.CharField(label="File of its key (PEM)", required=False)

    def clean_address(self) -> str:
        given: str = self.cleaned_data["address"].strip().rstrip("/")
        if not HTTPS_ORIGIN.match(given) or not _has_a_port(given):
            raise forms.ValidationError(
                f"{given} given; https:// and a host name, perhaps with a port, and nothing behind it."
            )
        if is_loopback(host_of(given)):
            raise forms.ValidationError(f"{given} given; no phone reaches this machine by that name.")
        return given

    def faults(self, at: datetime) -> Iterator[str]:
        """What would keep `start` from serving https by itself; nothing where a proxy does."""
        given = self.cleaned_data
        if given["holder"] == "proxy":
            return
        files = Path(given["certificate"]), Path(given["key"])
        yield from certificate_faults(*files, host=host_of(given["address"]).strip("[]"), at=at)
        port = port_of(given["address"])
        if port != settings.GOLDSEAM_PORT:
            try:
                check_port(EVERYWHERE, port)
            except NoFreePortError:
                yield (
                    f"Port {port} is taken on this machine, or this user may not open it (below 1024 few may); give "
                    "another one in the address, such as :8443, or put a program in front."
                )

    @property
    def changes(self) -> dict[str, str | None]:
        """The settings that say the same; a proxy has to find the port that is in use now."""
        given = self.cleaned_data
        if given["holder"] == "proxy":
            port = str(settings.GOLDSEAM_PORT)
            return {ADDRESS: given["address"], PROXY: "on", PORT: port, CERTIFICATE: None, KEY: None}
        files = {CERTIFICATE: given["certificate"], KEY: given["key"]}
        return {ADDRESS: given["address"], PROXY: None, PORT: None, **files}


def _has_a_port(address: str) -> bool:
    """Whether the port is one; none is the usual one."""
    try:
        return port_of(address) > 0
    except ValueError:
        return False


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
@asked_again
def address(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The address in use with the code a phone has to open, and another one to take instead."""
    fixed = why_not_here(*(name for name in REACH if name != PORT))
    form = AddressForm(None if fixed else request.POST or None)
    if request.method == "POST" and not fixed and form.is_valid():
        for fault in form.faults(visit.at):
            form.add_error(None, fault)
        if form.is_valid():
            keep_install_settings(
                clinic=visit.clinic, changes=form.changes, at=visit.at, actor=visit.viewer.actor
            )
            context = {"visit": visit, "address": form.cleaned_data["address"]}
            return render(request, "office/starts_anew.html", context)
    context = {"visit": visit, "form": form, "fixed": fixed, **_in_use(visit)}
    return render(request, "office/address.html", context, status=400 if form.errors else 200)


def _in_use(visit: OfficeVisit) -> dict[str, Any]:
    in_use = settings.GOLDSEAM_BASE_URL
    here_alone = is_loopback(host_of(in_use))
    shown = {"in_use": in_use, "here_alone": here_alone, "reached": is_reached(visit.clinic)}
    if here_alone:
        return shown
    link = f"{in_use}{reverse('office:phone_check', args=[new_phone_check(visit.clinic)])}"
    size, path = qr_code(link)
    return {**shown, "link": link, "qr_size": size, "qr_path": path}


@require_http_methods(["GET", "HEAD", "POST"])
def phone_check(request: HttpRequest, phone_key: str) -> HttpResponse:
    """What a phone opens that has scanned the code: one button. A browser that is signed in is no client's phone."""
    clinic = clinic_of_phone_check(phone_key)
    if clinic is None:
        raise Http404
    is_staff = request.user.is_authenticated
    done = request.method == "POST" and not is_staff
    if done:
        phone_reached(clinic=clinic, at=timezone.now())
    response = render(request, "office/phone_check.html", {"done": done, "is_staff": is_staff})
    response.headers["Referrer-Policy"] = "same-origin"
    return response
