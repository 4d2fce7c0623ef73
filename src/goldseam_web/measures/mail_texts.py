"""What mails to clients say before the link: the shipped words, or the clinic's own, which may tell as little."""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.mail_state import ASKED, LOOK_BACK, OUTREACH, REMINDER
from goldseam_web.measures.outreach_tables import MailText

LONGEST_SUBJECT, LONGEST_OPENING = 80, 400
# What mail programs make a link of, a bare name of a host among it.
_ADDRESS = re.compile(r"(?i:https?:|www\.|@)|\w\.[a-z]{2,}")
# A subject with a line break in it is refused as the mail is sent: then nobody would be asked any more.
_BREAKS_LINE = ("Cc", "Zl", "Zp")


@dataclass(frozen=True)
class MailWords:
    """The subject, and what stands between the greeting and the link."""

    subject: str
    opening: str


SHIPPED: Mapping[str, MailWords] = MappingProxyType(
    {
        ASKED: MailWords("A few questions for you", "here are your questions. They take about two minutes."),
        REMINDER: MailWords(
            "A few questions, again",
            "your questions are still open. If you have no time or do not want to, that is fine: nothing more comes "
            "about these.",
        ),
        OUTREACH: MailWords(
            "A short question for you",
            "how would you like to go on? One tap is enough, and any answer is fine:",
        ),
        LOOK_BACK: MailWords(
            "A link of your own",
            "here is a link of your own. Nothing is shown before you say so, and you need not open it:",
        ),
    }
)


def words_of_mail(clinic_id: uuid.UUID, purpose: str, *, language: str) -> MailWords:
    """The clinic's own words in that language, else the shipped ones."""
    own = MailText.objects.filter(clinic=clinic_id, purpose=purpose, language=language).first()
    return MailWords(own.subject, own.opening) if own else SHIPPED[purpose]


def words_in_force(clinic: Clinic, *, language: str) -> dict[str, MailWords]:
    """All kinds of mail with the words in force."""
    rows = MailText.objects.filter(clinic=clinic, language=language)
    return {**SHIPPED, **{row.purpose: MailWords(row.subject, row.opening) for row in rows}}


@one_transaction
def set_mail_words(
    *, clinic: Clinic, purpose: str, language: str, words: MailWords | None, at: datetime, actor: Actor
) -> None:
    """Put the clinic's own words in force for what is sent from now on; None takes them back."""
    rows = MailText.objects.filter(clinic=clinic, purpose=purpose, language=language)
    if words is None:
        rows.delete()
    else:
        check_mail_words(words)
        given = {"subject": words.subject.strip(), "opening": words.opening.strip()}
        MailText.objects.update_or_create(clinic=clinic, purpose=purpose, language=language, defaults=given)
    details = {"purpose": purpose, "language": language, "own": words is not None}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.mail_words", details=details)


def check_mail_words(words: MailWords) -> None:
    """Raise ValidationError, by field, for what somebody reading over a shoulder would learn from."""
    faults = {
        name: fault
        for name, text, longest in (
            ("subject", words.subject, LONGEST_SUBJECT),
            ("opening", words.opening, LONGEST_OPENING),
        )
        if (fault := _fault(text, longest))
    }
    if "subject" not in faults and any(
        unicodedata.category(sign) in _BREAKS_LINE for sign in words.subject.strip()
    ):
        faults["subject"] = "One line is allowed."
    if faults:
        raise ValidationError(faults)


def _fault(text: str, longest: int) -> str:
    if not text.strip():
        return "Nothing given; say it in a few words, or take the shipped ones back."
    if len(text) > longest:
        return f"{len(text)} characters given; at most {longest} are allowed."
    if telling := clinical_words(text):
        return f"“{telling[0]}” tells whoever reads along what this is about; say it in another way."
    if _ADDRESS.search(text):
        return "An address is given; the one link stands below the words by itself."
    return ""
