"""The words of consent that come with the install, and what a clinic's own words have to be like.

Clients read them on a phone that others may see, so that no word tells what kind of meeting it is.
"""

import hashlib
import json
from dataclasses import dataclass
from string import Formatter

from django.core.exceptions import ValidationError

from goldseam_web.cases.models import CaseKind, MemberRole
from goldseam_web.lib.clinical_words import clinical_words

LONGEST_WORDING = 1200
PLACES = frozenset({"clinic", "therapist"})


@dataclass(frozen=True)
class ConsentWording:
    """What is said of each purpose; ``{clinic}`` and ``{therapist}`` stand for their names."""

    care: str
    feedback: str
    research: str

    @property
    def content_hash(self) -> str:
        content = json.dumps([self.care, self.feedback, self.research], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()


SHIPPED_WORDING = ConsentWording(
    care=(
        "{clinic} asks you a few questions around each meeting, about two minutes each time, and keeps your answers "
        "with your records there. You may skip any question and stop at any time. If you do not agree, nothing is "
        "asked of you here, and your meetings go on as they would."
    ),
    feedback="{therapist} reads what you answer and is told when it may deserve a word.",
    research=(
        "{clinic} may also use your answers for research, without your name and without how you are reached. This is "
        "up to you and changes nothing else."
    ),
)


# Where an install only records, nobody is told anything.
ONLY_READ = "{therapist} reads what you answer."

COUPLE = "Your partner is shown nothing of what you answer, and is not told whether you answered."
FAMILY = (
    "The others in your family are shown nothing of what you answer, and are not told whether you answered."
)
YOUNG = "Your parents are shown nothing of what you answer, and are not told whether you answered."
PARENT = (
    "What a young person in your family answers is theirs: you are not shown it, nor told whether they answered. "
    "They are not shown yours."
)


def boundary_in_words(kind: str, role: str) -> str:
    """What the others in a case are shown: nothing; to young people and parents in words of their own."""
    if kind == CaseKind.FAMILY:
        return {MemberRole.CHILD: YOUNG, MemberRole.PARENT: PARENT}.get(MemberRole(role), FAMILY)
    return COUPLE if kind == CaseKind.COUPLE else ""


def check_wording(wording: ConsentWording) -> None:
    """Raise ValidationError, by purpose, for words that cannot be shown on a client's phone."""
    faults = {
        purpose: fault
        for purpose in ("care", "feedback", "research")
        if (fault := _fault(getattr(wording, purpose)))
    }
    if faults:
        raise ValidationError(faults)


def _fault(text: str) -> str:
    if not text.strip():
        return "Nothing given; say in a sentence or two what somebody agrees to."
    if len(text) > LONGEST_WORDING:
        return f"{len(text)} characters given; at most {LONGEST_WORDING} can be read on a phone."
    try:
        places = {_as_written(*place[1:]) for place in Formatter().parse(text) if place[1] is not None}
    except ValueError:
        return "A brace stands alone; write {clinic} and {therapist}, or no brace."
    if unknown := places - PLACES:
        return f"{{{min(unknown)}}} given; allowed are {{clinic}} and {{therapist}}."
    if telling := clinical_words(text.format(clinic="", therapist="")):
        return f"“{telling[0]}” tells whoever sees the phone what this is about; say it in another way."
    return ""


def _as_written(name: str | None, form: str | None, conversion: str | None) -> str:
    """What stands between the braces: a name alone is filled in, and nothing is done to it."""
    return f"{name}{'!' if conversion else ''}{conversion or ''}{':' if form else ''}{form or ''}"
