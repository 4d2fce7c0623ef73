"""What clients read before the first question and under Privacy: what is asked, who reads, how to take it back."""

from collections.abc import Mapping
from dataclasses import dataclass

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import local_day
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentText, Purpose
from goldseam_web.cases.consent_wording import boundary_in_words, limit_lines
from goldseam_web.cases.consents import agreed
from goldseam_web.cases.guardians import is_guarded
from goldseam_web.measures.link_facts import CareConsent
from goldseam_web.portal.guardian_lines import YoungLine, young_lines
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.pages import own_name
from goldseam_web.portal.readers_in_words import NOBODY, readers_today, who_else_can, who_sees
from goldseam_web.portal.times_in_words import written_day
from goldseam_web.portal.urgent_numbers import dialled
from goldseam_web.portal.who_sent import who_sent


@dataclass(frozen=True)
class Readers:
    """Who can open the answers today: those first, and who else can."""

    lead: str
    others: str


@dataclass(frozen=True)
class ConsentPage:
    """``shown`` says which words these are, so that nobody agrees to others than they have read."""

    title: str
    lede: str
    care: str
    feedback: str
    research: str
    limits: tuple[str, ...]
    readers: Readers
    sent: tuple[str, str] | None
    boundary: str
    take_back: str
    shown: str
    start_url: str
    later_url: str
    error: str


def consent_page(link: OpenedLink, text: ConsentText, *, error: str = "") -> ConsentPage:
    clinic, therapist = link.occasion.clinic.name, link.occasion.therapist.display_name
    hello = f"Hello {name}." if (name := own_name(link)) else "Hello."
    is_new = link.consent == CareConsent.NOT_ASKED
    return ConsentPage(
        title=f"{hello} {'Before the first question: do you agree?' if is_new else 'Do you agree to these words?'}",
        lede="A minute to read. Nothing is stored until you choose.",
        care=filled_in(text.care, link),
        feedback=filled_in(text.feedback, link),
        research=filled_in(text.research, link),
        limits=limit_lines(text.limits, clinic=clinic),
        readers=readers_of(link),
        sent=who_sent(link),
        boundary=boundary_of(link),
        take_back=(
            f"Open your link and choose “Privacy and contact” below, or tell {therapist} or {clinic}. Nothing more is "
            "asked then. What you answered before stays with your records."
        ),
        shown=text.content_hash,
        start_url=link.url("start"),
        later_url=link.url("later"),
        error=error,
    )


def filled_in(words: str, link: OpenedLink) -> str:
    return words.format(clinic=link.occasion.clinic.name, therapist=link.occasion.therapist.display_name)


def boundary_of(link: OpenedLink) -> str:
    """Whom the answers are not shown, in the words for whoever opens this link."""
    guarded = is_guarded(link.member, local_day(link.occasion.clinic, link.at))
    return boundary_in_words(link.occasion.case.kind, link.member.role, is_guarded=guarded)


def readers_of(link: OpenedLink) -> Readers:
    readers = readers_today(link)
    lead = who_sees(readers, "your answers") or NOBODY.format(clinic=link.occasion.clinic.name)
    return Readers(lead, who_else_can(readers))


@dataclass(frozen=True)
class Contact:
    """How the clinic is reached; empty where it has given nothing."""

    phone: str
    dialled: str
    email: str
    hours: str


@dataclass(frozen=True)
class SaidLine:
    """One purpose: what holds, and the button that changes it."""

    name: str
    words: str
    says: str
    act: str
    button: str


@dataclass(frozen=True)
class PrivacyPage:
    """``refused``: nothing is asked, because the client said so. ``shown`` as on the page before the questions."""

    clinic: str
    therapist: str
    contact: Contact | None
    readers: Readers
    limits: tuple[str, ...]
    sent: tuple[str, str] | None
    boundary: str
    said: tuple[SaidLine, ...]
    for_young: tuple[YoungLine, ...]
    refused: bool
    notice: str
    shown: str
    own_url: str
    start_url: str


def privacy_page(link: OpenedLink, text: ConsentText, latest: Mapping[Purpose, ConsentRecord]) -> PrivacyPage:
    return PrivacyPage(
        clinic=link.occasion.clinic.name,
        therapist=link.occasion.therapist.display_name,
        contact=clinic_contact(link.occasion.clinic),
        readers=readers_of(link),
        limits=limit_lines(text.limits, clinic=link.occasion.clinic.name),
        sent=who_sent(link),
        boundary=boundary_of(link),
        said=_said(link, text, latest),
        for_young=young_lines(link),
        refused=link.consent == CareConsent.REFUSED,
        notice=link.occasion.clinic.contact_notice,
        shown=text.content_hash,
        own_url=link.url("own"),
        start_url=link.url("start"),
    )


def clinic_contact(clinic: Clinic) -> Contact | None:
    if not (clinic.contact_phone or clinic.contact_email or clinic.contact_hours):
        return None
    number = dialled(clinic.contact_phone)
    return Contact(clinic.contact_phone, number, clinic.contact_email, clinic.contact_hours)


def _said(
    link: OpenedLink, text: ConsentText, latest: Mapping[Purpose, ConsentRecord]
) -> tuple[SaidLine, ...]:
    """Who has said nothing yet is asked on the first page, not here."""
    care, research = latest.get(Purpose.CARE), latest.get(Purpose.RESEARCH)
    if care is None:
        return ()
    asked = _words_of(care, text)
    questions = SaidLine(
        "The questions",
        filled_in(f"{asked.care} {asked.feedback}", link),
        _says(care),
        *(("stop", "Do not ask me any more") if agreed(care) else ("ask", "I want to be asked again")),
    )
    to_research = SaidLine(
        "Research",
        filled_in(_words_of(research, text).research, link),
        _says(research),
        *(("no_research", "No more research") if agreed(research) else ("research", "I agree to research")),
    )
    return (questions, to_research)


def _words_of(record: ConsentRecord | None, in_force: ConsentText) -> ConsentText:
    """What somebody agreed to; whoever has not reads what they would agree to now."""
    return record.text if record is not None and record.text and agreed(record) else in_force


def _says(record: ConsentRecord | None) -> str:
    if record is None:
        return "You have said nothing of this."
    says = {
        ConsentAnswer.GIVEN: "You agreed on {day}.",
        ConsentAnswer.DECLINED: "You did not agree, on {day}.",
        ConsentAnswer.WITHDRAWN: "You took this back on {day}.",
    }[ConsentAnswer(record.answer)]
    return says.format(day=written_day(record.said_on))
