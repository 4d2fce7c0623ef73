"""What a member who is named as a guardian says to a young person being asked, on their own link."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentText, ConsentWay, Guardian
from goldseam_web.cases.consents import agreed
from goldseam_web.cases.guardians import is_guarded, standing_for
from goldseam_web.cases.models import Member
from goldseam_web.cases.queries import display_name
from goldseam_web.cases.services.guardians_named import record_guardian_says
from goldseam_web.measures.services.who_is_asked import change_and_ask
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.times_in_words import written_day

WORDS = (
    "{clinic} may ask {young} a few questions around each meeting. What {young} answers is {young}’s own: you are not "
    "shown it, nor told whether anything was answered. {young} reads the same, and says yes or no for themselves. "
    "Nothing is asked before you both have agreed."
)
SAYS = {
    ConsentAnswer.GIVEN: "You agreed on {day}.",
    ConsentAnswer.DECLINED: "You did not agree, on {day}.",
    ConsentAnswer.WITHDRAWN: "You took this back on {day}.",
}
NOTHING_SAID = "You have said nothing of this."


@dataclass(frozen=True)
class YoungLine:
    """One young person: what may be asked of them, what this guardian said, and what they can say now."""

    key: str
    name: str
    words: str
    says: str
    choices: tuple[tuple[str, str], ...]


def young_lines(link: OpenedLink) -> tuple[YoungLine, ...]:
    """Nothing of what the young person said, and nothing of another guardian, is in it.

    Where it is not needed it is not asked for, and nothing tells why.
    """
    today = local_day(link.occasion.clinic, link.at)
    named = standing_for(link.member)
    return tuple(_line(link, guardian) for guardian in named if is_guarded(guardian.young, today))


def _line(link: OpenedLink, guardian: Guardian) -> YoungLine:
    latest, young = guardian.consents.first(), display_name(guardian.young)
    says = (
        SAYS[ConsentAnswer(latest.answer)].format(day=written_day(latest.said_on)) if latest else NOTHING_SAID
    )
    agree, refuse = ("yes", f"I agree that {young} is asked"), ("no", "I do not agree")
    choices = [agree, refuse] if latest is None else [agree]
    if agreed(latest):
        choices = [("no", "I take this back")]
    words = WORDS.format(clinic=link.occasion.clinic.name, young=young)
    return YoungLine(str(guardian.pk), young, words, says, tuple(choices))


def keep_guardians_word(
    link: OpenedLink, text: ConsentText, *, key: str, choice: str, was_read: bool
) -> None:
    """Keep a yes or a no of this link's member; a yes only to the words that were shown."""
    guardian = next((one for one in standing_for(link.member) if str(one.pk) == key), None)
    if guardian is None or choice not in ("yes", "no") or (choice == "yes" and not was_read):
        return
    young: Member = guardian.young
    says: Callable[[], None] = partial(
        record_guardian_says,
        guardian=guardian,
        agrees=choice == "yes",
        way=ConsentWay.PHONE,
        text=text,
        at=link.at,
        actor=Actor.client(link.member.id),
    )
    change_and_ask(member=young, change=says, at=link.at)
