"""After the last page: the same two questions for everybody, whatever they answered, and nothing that has to be chosen.

Whoever looks on learns nothing from them. A low rating is judged after the page is shown, and never by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from goldseam_web.cases.models import CaseKind
from goldseam_web.measures.link_facts import JUST_NOW
from goldseam_web.measures.mending_tables import Elsewhere, Mended
from goldseam_web.measures.models import Audience, TakenUp, When
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import audiences_of
from goldseam_web.measures.services.afterwards import SaidAfterwards, say_afterwards
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import AnswerOption
from goldseam_web.portal.who_page import audience_sentences, told_nothing

TAKEN_UP = {
    TakenUp.MENDED: "Yes, and it is all right between us",
    TakenUp.PARTLY: "Yes, and it is not quite all right",
    TakenUp.NOT_TAKEN_UP: "No, not yet",
    TakenUp.NOTHING: "Nothing felt off last time",
}
MENDED = {
    Mended.UNDERSTAND_BETTER: "We understand each other better",
    Mended.DID_DIFFERENTLY: "I did something differently",
}
ELSEWHERE = {
    Elsewhere.PARTNER: "With a partner",
    Elsewhere.FAMILY: "In my family",
    Elsewhere.WORK: "At work",
    Elsewhere.EARLIER: "Earlier in my life",
    Elsewhere.NO: "No",
    Elsewhere.RATHER_NOT_SAY: "I would rather not say",
}
WHEN_WE_MEET = "When we meet"
AT_WORK = "As soon as {therapist} is at work ({hours})"
UNLESS = "Unless you say otherwise, {therapist} raises it {how}."
HOW = {CaseKind.INDIVIDUAL: "when you meet"}
ALONE = "with you alone"
Chosen = TypeVar("Chosen", Audience, When, TakenUp, Mended, Elsewhere)


@dataclass(frozen=True)
class AfterPage:
    """``whens`` is empty where nobody can be named who takes it up sooner; ``taken_up`` at somebody's first form.

    With ``taken_up`` stands what may be said of a mending: on everybody's page, because a page that had it after a yes
    only would tell of the yes.
    """

    audiences: tuple[AnswerOption, ...]
    unless: str
    whens: tuple[AnswerOption, ...]
    taken_up: tuple[AnswerOption, ...]
    mended: tuple[AnswerOption, ...]
    elsewhere: tuple[AnswerOption, ...]
    sees: str
    shown: str
    is_kept: bool
    url: str


def after_page(link: OpenedLink, *, device: str, is_kept: bool = False) -> AfterPage | None:
    """What is offered after a form about the alliance; None after any other."""
    if not any(question.item.key == TENSION_ITEM for question in link.form.questions):
        return None
    therapist, sentences = link.occasion.therapist.display_name, audience_sentences(link)
    kind = CaseKind(link.occasion.case.kind)
    was_asked = link.facts is not None and link.facts.was_asked_before
    return AfterPage(
        audiences=tuple(
            AnswerOption(key, sentences[key], checked=False) for key in audiences_of(link.occasion)
        ),
        unless=UNLESS.format(therapist=therapist, how=HOW.get(kind, ALONE)),
        whens=tuple(
            AnswerOption(key, text, checked=key == When.WHEN_WE_MEET) for key, text in _whens(link).items()
        ),
        taken_up=_none_chosen(TAKEN_UP) if was_asked else (),
        mended=_none_chosen(MENDED) if was_asked else (),
        elsewhere=_none_chosen(ELSEWHERE) if was_asked else (),
        sees=told_nothing(link),
        shown=_signer(link).sign(device),
        is_kept=is_kept,
        url=link.url("done"),
    )


def _none_chosen(texts: Mapping[Chosen, str]) -> tuple[AnswerOption, ...]:
    return tuple(AnswerOption(key, text, checked=False) for key, text in texts.items())


def _whens(link: OpenedLink) -> dict[When, str]:
    """Sooner than the next meeting only where somebody can be held to it: hours, and who covers."""
    therapist, hours = link.occasion.therapist, link.occasion.clinic.contact_hours
    if not hours or therapist.cover_id is None:
        return {}
    at_work = AT_WORK.format(therapist=therapist.display_name, hours=hours)
    return {When.WHEN_WE_MEET: WHEN_WE_MEET, When.AT_WORK: at_work}


def kept_afterwards(request: HttpRequest, link: OpenedLink) -> AfterPage | None:
    """Keep what was chosen, and give the page once more; None for a form that is not this page's."""
    try:
        device = _signer(link).unsign(request.POST.get("shown", ""), max_age=JUST_NOW)
    except signing.BadSignature:
        return None
    said = SaidAfterwards(
        audience=_chosen(Audience, request.POST, "audience"),
        when=(_chosen(When, request.POST, "when") if _whens(link) else None) or When.WHEN_WE_MEET,
        taken_up=_chosen(TakenUp, request.POST, "taken_up"),
        taps=frozenset(each for each in Mended if each in request.POST.getlist("mended")),
        elsewhere=_chosen(Elsewhere, request.POST, "elsewhere"),
    )
    try:
        say_afterwards(occasion=link.occasion, said=said, device=device, at=link.at)
    except ValidationError:
        return None
    return after_page(link, device=device, is_kept=True)


def _chosen(choices: type[Chosen], data: MultiValueDict[str, str], name: str) -> Chosen | None:
    given = data.get(name)
    return choices(given) if given in choices.values else None


def _signer(link: OpenedLink) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"goldseam.portal.afterwards.{link.occasion.id}")
