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

PURPOSES = ("care", "feedback", "research")
LONGEST_WORDING = 1200
# It is read again before every form, on a phone.
LONGEST_LIMITS = 700
PLACES = frozenset({"clinic", "therapist"})
# On the leaflet nobody's therapist is named.
PLACES_OF_LIMITS = frozenset({"clinic"})


@dataclass(frozen=True)
class ConsentWording:
    """What is said of each purpose, and when it may have to be told further, a line for each case.

    ``{clinic}`` and ``{therapist}`` stand for their names.
    """

    care: str
    feedback: str
    research: str
    limits: str

    @property
    def content_hash(self) -> str:
        content = json.dumps([self.care, self.feedback, self.research, self.limits], ensure_ascii=False)
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
    # A draft: Goldseam knows neither the law of a place nor what is told to whom there, so that it promises nothing.
    limits=(
        "If somebody’s life may be in danger, {clinic} may have to tell those who can help.\n"
        "If a child or a young person may come to harm, {clinic} may have to tell those who protect them.\n"
        "A court may order {clinic} to hand over what is on record.\n"
        "A parent, whoever pays, and a record that others keep may show that you come here. Ask {clinic} what each "
        "of them sees."
    ),
)


# Where an install only records, nobody is told anything.
ONLY_READ = "{therapist} reads what you answer."

# By their own hand somebody may release their ratings for the joint view; by nobody else's.
COUPLE = "Without your own yes your partner is shown nothing of what you answer, and is not told whether you answered."
FAMILY = (
    "Without your own yes the others in your family are shown nothing of what you answer, and are not told whether "
    "you answered."
)
YOUNG = "Without your own yes your parents are shown nothing of what you answer, and are not told whether you answered."
PARENT = (
    "What a young person in your family answers is theirs: without their own yes you are not shown it, nor told "
    "whether they answered. Without yours they are not shown what you answer."
)

# To a young person for whom others had to agree: their parents, or whoever looks after them.
GUARDED = (
    "Whoever looks after you has a say in whether you are asked, and in nothing else: they are shown nothing of what "
    "you answer, and are not told whether you answered."
)


def boundary_in_words(kind: str, role: str, *, is_guarded: bool = False) -> str:
    """What the others in a case are shown: nothing without one's own yes; to young people and parents in other words.

    ``is_guarded``: a guardian has to agree to their being asked.
    """
    if is_guarded:
        others = {CaseKind.FAMILY: FAMILY, CaseKind.COUPLE: COUPLE}.get(CaseKind(kind), "")
        return f"{GUARDED} {others}".strip()
    if kind == CaseKind.FAMILY:
        return {MemberRole.CHILD: YOUNG, MemberRole.PARENT: PARENT}.get(MemberRole(role), FAMILY)
    return COUPLE if kind == CaseKind.COUPLE else ""


def check_wording(wording: ConsentWording) -> None:
    """Raise ValidationError, by purpose, for words that cannot be shown on a client's phone."""
    faults = {purpose: fault for purpose in PURPOSES if (fault := _fault(getattr(wording, purpose)))}
    if fault := _fault(wording.limits, longest=LONGEST_LIMITS, allowed=PLACES_OF_LIMITS):
        faults["limits"] = fault
    if faults:
        raise ValidationError(faults)


def limit_lines(text: str, *, clinic: str) -> tuple[str, ...]:
    """When it may have to be told further, a line for each case, with the clinic's name filled in."""
    return tuple(line.strip() for line in text.format(clinic=clinic).splitlines() if line.strip())


def _fault(text: str, *, longest: int = LONGEST_WORDING, allowed: frozenset[str] = PLACES) -> str:
    if not text.strip():
        return "Nothing given; say in a sentence or two what somebody agrees to."
    if len(text) > longest:
        return f"{len(text)} characters given; at most {longest} can be read on a phone."
    try:
        places = {_as_written(*place[1:]) for place in Formatter().parse(text) if place[1] is not None}
    except ValueError:
        return f"A brace stands alone; write {_written(allowed)}, or no brace."
    if unknown := places - allowed:
        return (
            f"{{{min(unknown)}}} given; allowed {'is' if len(allowed) == 1 else 'are'} {_written(allowed)}."
        )
    if telling := clinical_words(text.format(clinic="", therapist="")):
        return f"“{telling[0]}” tells whoever sees the phone what this is about; say it in another way."
    return ""


def _written(places: frozenset[str]) -> str:
    return " and ".join(f"{{{place}}}" for place in sorted(places))


def _as_written(name: str | None, form: str | None, conversion: str | None) -> str:
    """What stands between the braces: a name alone is filled in, and nothing is done to it."""
    return f"{name}{'!' if conversion else ''}{conversion or ''}{':' if form else ''}{form or ''}"
