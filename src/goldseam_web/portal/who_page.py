"""What a client is asked once they said there was tension: of two therapists with whom, and who may take it up."""

from dataclasses import dataclass

from goldseam_web.cases.models import CaseKind
from goldseam_web.measures.models import Audience, StrainWith
from goldseam_web.measures.own_measures import TENSION_ITEM
from goldseam_web.measures.queries import audiences_of, statement
from goldseam_web.measures.strain_with import other_therapist
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import AnswerOption


@dataclass(frozen=True)
class WhoPage:
    """``whom``: where two held the session, with which of them it was."""

    url: str
    whom: tuple[AnswerOption, ...]
    options: tuple[AnswerOption, ...]
    sees: str
    error: str


def who_page(link: OpenedLink, *, whom: str = "", audience: str = "", error: str = "") -> WhoPage:
    """Who may take up the strain answer: the narrow choice is made unless the client makes another.

    ``whom`` and ``audience`` are what was chosen on this page and comes back with an ``error``.
    """
    answer = link.form.answers.get(TENSION_ITEM)
    stored = answer.audience if answer and link.given_here(TENSION_ITEM) else Audience.THERAPIST
    chosen = audience or stored
    sentences = audience_sentences(link)
    keys = tuple(
        AnswerOption(value=audience, label=sentences[audience], checked=audience == chosen)
        for audience in audiences_of(link.occasion)
    )
    return WhoPage(link.url("who"), _whom(link, whom), keys, told_nothing(link), error)


def _whom(link: OpenedLink, sent: str) -> tuple[AnswerOption, ...]:
    """Empty where one held the session. Nothing is chosen before the client does."""
    other = other_therapist(link.occasion)
    if other is None:
        return ()
    labels = {
        StrainWith.RATED: link.occasion.therapist.display_name,
        StrainWith.OTHER: other.display_name,
        StrainWith.BOTH: "Both of them",
    }
    chosen = sent or link.strain_with
    return tuple(AnswerOption(key, label, checked=key == chosen) for key, label in labels.items())


def told_nothing(link: OpenedLink) -> str:
    return {
        CaseKind.COUPLE: "Your partner is not told what you answered, or what you choose here.",
        CaseKind.FAMILY: "The others in your family are not told what you answered, or what you choose here.",
    }.get(CaseKind(link.occasion.case.kind), "")


def audience_sentences(link: OpenedLink) -> dict[Audience, str]:
    therapist = statement(TENSION_ITEM, "{therapist}", link.occasion)
    other = other_therapist(link.occasion)
    know = (
        f"{link.occasion.therapist.display_name} and {other.display_name} know"
        if other
        else f"{therapist} knows"
    )
    if link.occasion.case.kind == CaseKind.INDIVIDUAL:
        return {
            Audience.THERAPIST: f"{therapist} may raise it when we meet",
            Audience.KNOW_ONLY: f"Just so that {know}",
        }
    everyone = "both of us" if link.occasion.case.kind == CaseKind.COUPLE else "all of us"
    return {
        Audience.ALL: f"{therapist} may raise it with {everyone}",
        Audience.THERAPIST: f"{therapist} may raise it with me alone",
        Audience.KNOW_ONLY: f"Just so that {know}",
    }
