"""The cards of a case: who has one, making one to be printed, and withdrawing it. Whether one was used is not said."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.accounts.queries import crisis_lines, staff_behind
from goldseam_web.alerts.card_links import cards_in, what_cards_lack, why_no_card
from goldseam_web.alerts.card_tables import StandingCard
from goldseam_web.alerts.services.standing_cards import give_card, withdraw_card
from goldseam_web.audit.services import record
from goldseam_web.cases.consent_tables import Purpose
from goldseam_web.cases.consents import agreed, consents_of_case
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_title, display_name, members_of
from goldseam_web.dashboard.form_key import form_key, key_sent
from goldseam_web.dashboard.language import card_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.consent_card import latest_by_member
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.lib.clinical_words import names_treatment
from goldseam_web.lib.qr_code import qr_code


@dataclass(frozen=True)
class CardOfMember:
    """``why_not``: why none can be made; ``make``: what the button says that makes one."""

    position: int
    name: str
    state: str
    has_card: bool
    why_not: str
    make: str


@dataclass(frozen=True)
class CardToPrint:
    """What is cut out and handed over. The name tells two cards apart; nothing on it says what it is about."""

    position: int
    name: str
    sender: str
    hours: str
    link: str
    qr_size: int
    qr_path: str
    numbers: tuple[tuple[str, str], ...]


@own_case_page
def standing_cards(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """Who has a card; a card is shown once, in the reply to the form that makes it, for its link is stored nowhere."""
    if settings.GOLDSEAM_RECORD_ONLY:  # nobody would be told
        raise Http404
    if request.method == "POST":
        return _act(request, visit, case)
    record(
        clinic_id=visit.viewer.clinic_id,
        at=visit.at,
        actor=visit.viewer.actor,
        action="cards.view",
        object_kind="case",
        object_id=case.pk,
    )
    said = latest_by_member(consents_of_case(visit.viewer, case.pk))
    held = {card.member_id: card for card in cards_in(visit.viewer, case)}
    context = {
        "visit": visit,
        "case_title": case_title(case),
        "case_id": case.pk,
        "several": len(members_of(case)) > 1,
        "lacks": what_cards_lack(case, at=visit.at),
        "members": [
            _of_member(
                visit,
                member,
                held.get(member.pk),
                agrees=agreed(said.get(member.pk, {}).get(Purpose.CARE)),
            )
            for member in members_of(case)
        ],
        "form_key": form_key(request, visit),
    }
    return render(request, "dashboard/cards.html", context)


def _act(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    position, act = request.POST.get("member", ""), request.POST.get("act", "")
    member = next((one for one in members_of(case) if str(one.position) == position), None)
    if member is None or act not in ("make", "withdraw"):
        messages.error(request, say.NO_SUCH_ACT)
        return redirect("dashboard:cards", case.pk)
    actor = visit.viewer.actor
    if act == "withdraw":
        withdraw_card(member=member, at=visit.at, actor=actor)
        messages.success(request, say.WITHDRAWN.format(name=display_name(member)))
        return redirect("dashboard:cards", case.pk)
    try:
        token = give_card(
            member=member,
            staff=staff_behind(visit.viewer),
            at=visit.at,
            actor=actor,
            form=key_sent(request, visit),
        )
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("dashboard:cards", case.pk)
    context = {
        "visit": visit,
        "case_title": case_title(case),
        "case_id": case.pk,
        "page": _to_print(case, member, token),
    }
    return render(request, "dashboard/card_to_print.html", context)


def _of_member(visit: StaffVisit, member: Member, card: StandingCard | None, *, agrees: bool) -> CardOfMember:
    name = display_name(member)
    state = say.NO_CARD
    if card is not None:
        day = long_day(card.given_at.astimezone(visit.zone).date(), today=visit.viewer.today)
        state = say.HAS_CARD.format(day=day, staff=card.given_by.full_name)
    return CardOfMember(
        position=member.position,
        name=name,
        state=state,
        has_card=card is not None,
        why_not=why_no_card(member, agrees=agrees, at=visit.at),
        make=say.MAKE_ANOTHER if card is not None else say.MAKE.format(name=name),
    )


def _to_print(case: Case, member: Member, token: str) -> CardToPrint:
    """A clinic whose name says what it does is not named on something that may lie about."""
    clinic = case.clinic
    link = f"{settings.GOLDSEAM_BASE_URL}/c/card/{token}/"
    size, path = qr_code(link)
    return CardToPrint(
        position=member.position,
        name=display_name(member),
        sender="" if names_treatment(clinic.name) else clinic.name,
        hours=say.CARD_HOURS.format(hours=clinic.contact_hours),
        link=link,
        qr_size=size,
        qr_path=path,
        numbers=tuple((line.name, line.number) for line in crisis_lines(clinic)),
    )
