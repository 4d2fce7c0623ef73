"""The pages of a client's standing card: two things to say, what happens then, whom to call.

Whether it was used shows nowhere: what somebody who finds the card sees is the same before and after, and the page of
what happens then is one that everybody is offered before they choose anything. A form with a gap in it is answered
with 200: the log names every refusal with its address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from goldseam_web.accounts.models import EXIT_URL, Clinic
from goldseam_web.accounts.queries import crisis_lines, local_day
from goldseam_web.alerts.card_links import card_behind, is_read
from goldseam_web.alerts.card_tables import StandingCard
from goldseam_web.alerts.models import BY_CARD, SignalKind
from goldseam_web.alerts.services.standing_cards import say_by_card
from goldseam_web.cases.consent_wording import SHIPPED_WORDING, limit_lines
from goldseam_web.cases.models import CaseKind
from goldseam_web.cases.readers import Reader, ReadsAs, readers_on
from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.portal import link_notices
from goldseam_web.portal.consent_page import Contact, clinic_contact
from goldseam_web.portal.link_opening import guarded, is_from_here
from goldseam_web.portal.pages import ActionLink, AnswerOption, Frame, Notice, Promise
from goldseam_web.portal.readers_in_words import who_else_can, who_sees
from goldseam_web.portal.somebody_else import Asker, received_of, speaking_of
from goldseam_web.portal.urgent_numbers import HelpLine, help_page

CHOOSE = "Choose one of these, or close the page."
NOT_READ = "That did not arrive in one piece."
NOTHING_SENT = "Nothing was sent. Please choose once more."
FELT_OFF = "Something felt off between us"
A_WORD = {CaseKind.INDIVIDUAL: "I would like a word"}
A_WORD_ALONE = "I would like a word alone"
NOBODY_READS = "Nobody here can read this at the moment; {clinic} has been told to name somebody."
NOT_TOLD = {
    CaseKind.COUPLE: "Your partner is not told that you have this card or used it,",
    CaseKind.FAMILY: "The others in your family are not told that you have this card or used it,",
}
TOLD, TOLD_SEVERAL = "{names} is told", "{names} are told"
HOURS = "Hours: {hours}."
STANDS_IN = "While {therapist} is away, {cover} stands in."
NO_HOURS = "Perhaps not before you next meet."
WITH_YOU = {CaseKind.INDIVIDUAL: "when you meet"}


@dataclass(frozen=True)
class CardPage:
    lede: str
    words: tuple[AnswerOption, ...]
    promises: tuple[Promise, ...]
    limits: tuple[str, ...]
    error: str
    url: str
    then_url: str


@dataclass(frozen=True)
class ThenPage:
    """What becomes of it, the same for whoever opens it."""

    told: str
    hours: str
    taken_up: str
    url: str


@dataclass(frozen=True)
class OverPage:
    """Nothing is read from this card any more: whom to turn to. ``was_sent``: something just was, and is not kept."""

    clinic: str
    contact: Contact | None
    lines: Sequence[HelpLine]
    was_sent: bool


CardView = Callable[[HttpRequest, StandingCard, datetime], HttpResponse]


def card_link(view: CardView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the card's link; an unknown one leads where every such link leads.

    Without Django's CSRF check, as for every client's page: the link is the secret.
    """

    @csrf_exempt
    @gzip_page
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, card_token: str) -> HttpResponse:
        try:
            card = card_behind(token=card_token)
            if card is None or (request.method == "POST" and not is_from_here(request)):
                return guarded(link_notices.unknown_link(request))
            unread = request.method == "POST" and not _can_be_read(request)
            return guarded(_unread(request, card) if unread else view(request, card, timezone.now()))
        except DATABASE_AWAY:
            return guarded(link_notices.not_stored(request))

    return page


@card_link
def standing_card(request: HttpRequest, card: StandingCard, at: datetime) -> HttpResponse:
    """Two things to say and nothing to write. Sending leads to the page of what happens then."""
    word = request.POST.get("word", "")
    if word in BY_CARD:
        if say_by_card(card=card, kind=SignalKind(word), at=at):
            return redirect(_url(request, "card-then"))
        return _over(request, card, was_sent=True)
    if not is_read(card, at=at):
        return _over(request, card)
    error = CHOOSE if request.method == "POST" else ""
    return _shown(request, card, "card", _page(request, card, at, error))


@card_link
def card_then(request: HttpRequest, card: StandingCard, at: datetime) -> HttpResponse:
    """What happens to what is said by card: offered to everybody, and the same whether or not anything was said."""
    if not is_read(card, at=at):
        return _over(request, card)
    readers, kind = _readers(card, at), CaseKind(card.member.case.kind)
    page = ThenPage(
        told=_told(readers) or TOLD.format(names=card.clinic.name),
        hours=_hours(card.clinic),
        taken_up=WITH_YOU.get(kind, "with you alone, unless you say otherwise"),
        url=_url(request, "card"),
    )
    response = _shown(request, card, "card_then", page)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@card_link
def card_help(request: HttpRequest, card: StandingCard, _at: datetime) -> HttpResponse:
    return _shown(request, card, "help", help_page(crisis_lines(card.clinic), _url(request, "card")))


@card_link
def card_speak(request: HttpRequest, card: StandingCard, at: datetime) -> HttpResponse:
    """The way past whoever treats the case, as on every page of clients; also where nothing is read from the card."""
    return speaking_of(request, _asker(request, card, at))


@card_link
def card_wish_received(request: HttpRequest, card: StandingCard, at: datetime) -> HttpResponse:
    return received_of(request, _asker(request, card, at))


@csrf_exempt
@require_safe
def card_leave(_request: HttpRequest, card_token: str) -> HttpResponse:
    """Leave quickly: for any link, and with the database away. Nothing of these pages is kept on a device."""
    try:
        card = card_behind(token=card_token)
    except DATABASE_AWAY:
        card = None
    return guarded(redirect(card.clinic.exit_url if card else EXIT_URL))


def _can_be_read(request: HttpRequest) -> bool:
    try:
        request.POST  # noqa: B018 - reading it is what may fail
    except (RequestDataTooBig, SuspiciousOperation, MultiPartParserError):
        return False
    return True


def _unread(request: HttpRequest, card: StandingCard) -> HttpResponse:
    notice = Notice(NOT_READ, (NOTHING_SENT,), ActionLink("Go on", _url(request, "card")))
    context = {"frame": _frame(request, card), "notice": notice}
    return HttpResponse(render_to_string("portal/notice.html", context), status=400)


def _url(request: HttpRequest, name: str) -> str:
    match = request.resolver_match
    return reverse(f"portal:{name}", kwargs={"card_token": match.kwargs["card_token"]}) if match else ""


def _shown(request: HttpRequest, card: StandingCard, name: str, page: object) -> HttpResponse:
    context = {"frame": _frame(request, card), "page": page}
    return HttpResponse(render_to_string(f"portal/{name}.html", context))


def _frame(request: HttpRequest, card: StandingCard) -> Frame:
    return Frame(
        brand=card.clinic.name,
        leave_url=_url(request, "card-leave"),
        exit_url=card.clinic.exit_url,
        help_url=_url(request, "card-help"),
        speak_url=_url(request, "card-speak"),
    )


def _asker(request: HttpRequest, card: StandingCard, at: datetime) -> Asker:
    return Asker(
        person=card.member.person,
        clinic=card.clinic,
        kind=CaseKind(card.member.case.kind),
        therapist=_names(_readers(card, at)) or "Whoever you meet with",
        at=at,
        frame=_frame(request, card),
        speak_url=_url(request, "card-speak"),
        received_url=_url(request, "card-wish-received"),
        start_url=_url(request, "card"),
    )


def _over(request: HttpRequest, card: StandingCard, *, was_sent: bool = False) -> HttpResponse:
    """The same whatever the reason: withdrawn, replaced, the case closed, the member gone, consent taken back."""
    lines = help_page(crisis_lines(card.clinic), "").lines
    page = OverPage(card.clinic.name, clinic_contact(card.clinic), lines, was_sent)
    return _shown(request, card, "card_over", page)


def _readers(card: StandingCard, at: datetime) -> tuple[Reader, ...]:
    return readers_on(card.member.case, local_day(card.clinic, at))


def _names(readers: Sequence[Reader]) -> str:
    """Whoever treats the case and is there, as clients call them."""
    names = [r.staff.called for r in readers if r.reads_as == ReadsAs.THERAPIST and not r.is_away]
    return " and ".join(names)


def _told(readers: Sequence[Reader]) -> str:
    treating = sum(reader.reads_as == ReadsAs.THERAPIST and not reader.is_away for reader in readers)
    return (TOLD_SEVERAL if treating > 1 else TOLD).format(names=_names(readers)) if treating else ""


def _standing_in(readers: Sequence[Reader]) -> list[str]:
    """Who reads it while whoever treats the case is away."""
    return [
        STANDS_IN.format(therapist=reader.staff.called, cover=reader.staff.cover.full_name)
        for reader in readers
        if reader.reads_as == ReadsAs.THERAPIST and not reader.is_away and reader.staff.cover is not None
    ]


def _hours(clinic: Clinic) -> str:
    return HOURS.format(hours=clinic.contact_hours) if clinic.contact_hours else NO_HOURS


def _page(request: HttpRequest, card: StandingCard, at: datetime, error: str) -> CardPage:
    kind, readers = CaseKind(card.member.case.kind), _readers(card, at)
    treating = _names(readers) or card.clinic.name
    return CardPage(
        lede=f"Choose one and send it: two taps, and nothing to write. “Us” is you and {treating}.",
        words=(
            AnswerOption(SignalKind.FELT_OFF, FELT_OFF, checked=False),
            AnswerOption(SignalKind.WORD_ALONE, A_WORD.get(kind, A_WORD_ALONE), checked=False),
        ),
        promises=_promises(card, kind, readers),
        limits=limit_lines(card.limits or SHIPPED_WORDING.limits, clinic=card.clinic.name),
        error=error,
        url=_url(request, "card"),
        then_url=_url(request, "card-then"),
    )


def _promises(card: StandingCard, kind: CaseKind, readers: Sequence[Reader]) -> tuple[Promise, ...]:
    sees = Promise(
        "eye",
        who_sees(readers, "what you choose") or NOBODY_READS.format(clinic=card.clinic.name),
        who_else_can(readers),
    )
    when = Promise(
        "calendar",
        "It is read when somebody is at work.",
        " ".join((_hours(card.clinic), *_standing_in(readers))),
    )
    told = NOT_TOLD.get(kind)
    wall = [Promise("lock", told, "not here, not in a message and not in a summary.")] if told else []
    same = Promise(
        "info", "This page shows nothing of what was said before.", "It looks the same, used or not."
    )
    return (sees, when, *wall, same)
