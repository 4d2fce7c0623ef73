"""Before the first question somebody agrees or does not; under Privacy they read it again and take it back."""

from collections.abc import Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import ConsentText, ConsentWay
from goldseam_web.cases.consents import consent_history, latest_of_each, text_in_force
from goldseam_web.measures.links import LinkState
from goldseam_web.measures.services.who_is_asked import record_agreement
from goldseam_web.portal.consent_page import consent_page, privacy_page
from goldseam_web.portal.guardian_lines import keep_guardians_word
from goldseam_web.portal.link_opening import client_page
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import frame

CHOICES: Mapping[str, bool] = MappingProxyType({"yes": True, "no": False})
# What each button under Privacy says of being asked, and of research; the last two only to the words that were shown.
ACTS: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {
        "stop": {"to_be_asked": False},
        "no_research": {"to_research": False},
        "ask": {"to_be_asked": True},
        "research": {"to_research": True},
    }
)
READ_AGAIN = "The words have changed just now. Please read them and choose once more."


def before_the_questions(request: HttpRequest, link: OpenedLink) -> HttpResponse | None:
    """What comes before the first page of questions; None where somebody has agreed, now or before.

    A second tap finds that it was said, and leads where the first one led.
    """
    chosen = CHOICES.get(request.POST.get("agree", ""))
    if not link.looks_open or not link.owes_consent:
        said_no = chosen is False and link.state == LinkState.PAUSED
        return redirect(link.url("privacy")) if said_no else None
    text = text_in_force(link.occasion.clinic)
    if chosen is None:
        return _shown(request, link, "consent", consent_page(link, text))
    if request.POST.get("shown") != text.content_hash:
        return _shown(request, link, "consent", consent_page(link, text, error=READ_AGAIN))
    to_research = CHOICES.get(request.POST.get("research", "")) if chosen else None
    _record(link, text, to_be_asked=chosen, to_research=to_research)
    return None if chosen else redirect(link.url("privacy"))


@client_page
def privacy(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """What is kept, who reads it, how the clinic is reached, and what was agreed to, with a way to take it back."""
    text = text_in_force(link.occasion.clinic)
    said = latest_of_each(consent_history(link.member))
    act = ACTS.get(request.POST.get("act", ""), {})
    if request.method == "POST":
        was_read = request.POST.get("shown") == text.content_hash
        if young := request.POST.get("young"):
            choice = request.POST.get("says", "")
            keep_guardians_word(link, text, key=young, choice=choice, was_read=was_read)
            return redirect(link.url("privacy"))
        if said and act and (was_read or not any(act.values())):
            _record(link, text, **act)
        return redirect(link.url("privacy"))
    return _shown(request, link, "privacy", privacy_page(link, text, said))


def _record(
    link: OpenedLink, text: ConsentText, *, to_be_asked: bool | None = None, to_research: bool | None = None
) -> None:
    record_agreement(
        member=link.member,
        to_be_asked=to_be_asked,
        to_research=to_research,
        text=text,
        way=ConsentWay.PHONE,
        at=link.at,
        actor=Actor.client(link.member.id),
    )


def _shown(request: HttpRequest, link: OpenedLink, name: str, page: object) -> HttpResponse:
    return render(request, f"portal/{name}.html", {"frame": frame(link), "page": page})
