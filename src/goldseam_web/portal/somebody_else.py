"""A way past those who meet with the client: who that is, what they learn, and asking to be called.

These pages look the same whether or not anybody asked: whoever holds the phone next learns nothing from them. For the
same reason a form with a gap in it is answered with 200: the log names every refusal with its address.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.cases.models import CaseKind, Person
from goldseam_web.concerns.models import CallBy, ConcernRoute, Wish
from goldseam_web.concerns.queries import person_to_speak_with, route_of
from goldseam_web.concerns.services import ask_to_be_called, due_day
from goldseam_web.portal.link_opening import client_page, guarded
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import Frame, Promise, frame
from goldseam_web.portal.urgent_numbers import HelpLine, dialled

CHANGED = "Meanwhile somebody else is the one to ask. Look above at who it is, and send it once more."


class WishForm(forms.Form):
    """What the client gives: in their own words, and as little as they like."""

    called = forms.CharField(max_length=60, error_messages={"required": "Write what to call you."})
    by = forms.ChoiceField(
        choices=CallBy.choices, error_messages={"required": "Choose how you want to be reached."}
    )
    contact = forms.CharField(max_length=120, required=False)
    message = forms.BooleanField(required=False)
    when = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or self.cleaned_data
        if given.get("by") in (CallBy.PHONE, CallBy.EMAIL) and not given.get("contact"):
            self.add_error("contact", "Write the number or the address that is safe for you.")
        return given

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(
            called=data["called"],
            by=CallBy(data["by"]),
            contact=data["contact"],
            message_may_be_left=data["message"],
            when=data["when"],
        )


@dataclass(frozen=True)
class SpeakPage:
    """``named`` is the full name of who would call, "" where nobody here may; ``body`` the outside body, if any."""

    title: str
    lede: str
    promises: tuple[Promise, ...]
    named: str
    named_id: str
    body: HelpLine | None
    start_url: str


@dataclass(frozen=True)
class Asker:
    """Somebody at a page of ours, by a link to a form or by their card, and the addresses they go on to from there."""

    person: Person
    clinic: Clinic
    kind: CaseKind
    therapist: str
    at: datetime
    frame: Frame
    speak_url: str
    received_url: str
    start_url: str

    @classmethod
    def of_link(cls, link: OpenedLink) -> Self:
        return cls(
            person=link.member.person,
            clinic=link.occasion.clinic,
            kind=CaseKind(link.occasion.case.kind),
            therapist=link.occasion.therapist.display_name,
            at=link.at,
            frame=frame(link),
            speak_url=link.url("speak"),
            received_url=link.url("wish-received"),
            start_url=link.url("start"),
        )


@client_page
def speak_with_somebody(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    return speaking_of(request, Asker.of_link(link))


@client_page
def wish_received(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    return received_of(request, Asker.of_link(link))


def speaking_of(request: HttpRequest, asker: Asker) -> HttpResponse:
    """Who it is and what they learn, with the form. Sending it leads to a page that is the same for everybody."""
    named, form = _named(asker), WishForm(request.POST or None)
    if request.method == "POST" and named is not None and _kept(request, asker, named, form):
        return redirect(asker.received_url)
    page = _speak_page(asker, named, route_of(asker.clinic))
    return render(request, "portal/speak.html", {"frame": asker.frame, "page": page, "form": form})


def received_of(request: HttpRequest, asker: Asker) -> HttpResponse:
    """What happens until when. It says nothing of whether somebody asked, and the browser drops what it kept."""
    named = _named(asker)
    if named is None:
        return redirect(asker.speak_url)
    due = due_day(asker.clinic, route_of(asker.clinic).working_days, at=asker.at)
    context = {
        "frame": asker.frame,
        "named": named.full_name,
        "until": date_format(datetime.combine(due, time(), tzinfo=UTC), "l, j F"),
        "start_url": asker.start_url,
    }
    response = render(request, "portal/wish_received.html", context)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@csrf_exempt
@gzip_page
def speak_without_link(request: HttpRequest) -> HttpResponse:
    """For somebody whose link leads nowhere: nobody knows which clinic it was."""
    page = SpeakPage("Speak with somebody else", WITHOUT_LINK, (), "", "", None, "")
    return guarded(render(request, "portal/speak.html", {"frame": frame(None), "page": page}))


def _named(asker: Asker) -> Staff | None:
    return person_to_speak_with(asker.person, asker.clinic, day=local_day(asker.clinic, asker.at))


def _kept(request: HttpRequest, asker: Asker, named: Staff, form: WishForm) -> bool:
    """Whether it was kept for exactly the person whose name the client was shown."""
    if not form.is_valid():
        return False
    try:
        if request.POST.get("to") != str(named.pk):
            raise ValidationError(CHANGED)
        ask_to_be_called(person=asker.person, clinic=asker.clinic, asked=named, wish=form.wish, at=asker.at)
    except ValidationError:
        form.add_error(None, CHANGED)
        return False
    return True


NOBODY_NAMED = (
    "{clinic} has named nobody for this who has nothing to do with your meetings, so nothing can be sent from here. "
    "Ask there, in person or by telephone{number}, for somebody else to speak with. The numbers under “Need help now?” "
    "answer without asking anybody here."
)
OUTSIDE_ONLY = (
    "Everybody here may have to do with your meetings. These people do not work here: you can call them yourself, they "
    "learn nothing from us, and nobody here is told."
)
WITHOUT_LINK = (
    "This link does not say who sent it, so nothing can be sent from here. Open your newest link, or ask where you "
    "meet, in person or by telephone, for somebody who has nothing to do with your meetings."
)
TITLE = "Speak with somebody else here"


def _speak_page(asker: Asker, named: Staff | None, route: ConcernRoute) -> SpeakPage:
    body = None
    if route.has_body:
        body = HelpLine(
            route.body_name, route.body_telephone, dialled(route.body_telephone), route.body_hours
        )
    if named is None:
        clinic = asker.clinic
        number = f" ({clinic.contact_phone})" if clinic.contact_phone else ""
        lede = OUTSIDE_ONLY if body else NOBODY_NAMED.format(clinic=clinic.name, number=number)
        return SpeakPage(TITLE, lede, (), "", "", body, asker.start_url)
    lede = (
        f"{named.full_name} works here, takes no part in your meetings and never did. You can say there what is hard "
        "to say where you meet."
    )
    promises = _promises(asker, named.full_name, route.working_days)
    return SpeakPage(TITLE, lede, promises, named.full_name, str(named.pk), body, asker.start_url)


def _promises(asker: Asker, name: str, working_days: int) -> tuple[Promise, ...]:
    days = "the next working day" if working_days == 1 else f"{working_days} working days"
    within = f"on {days}" if working_days == 1 else f"within {days}"
    return (
        Promise(
            "eye", f"{name} reads what you write here.", "Nothing else: no answers of yours and no names."
        ),
        Promise(
            "lock",
            f"{asker.therapist}, whoever stands in, and whoever supervises the work are not told,",
            f"nor does any page, message or number show them that somebody asked.{_nor_others(asker.kind)}",
        ),
        Promise(
            "check",
            f"{name} reaches you {within}, the way you say.",
            "If that cannot be, somebody else does who takes no part in your meetings.",
        ),
    )


def _nor_others(kind: CaseKind) -> str:
    return {
        CaseKind.COUPLE: " Your partner is not told either.",
        CaseKind.FAMILY: " The others in your family are not told either.",
    }.get(kind, "")
