"""What the pages about guardians show."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentText, ConsentWay, Guardian
from goldseam_web.cases.consents import consent_texts, text_in_force
from goldseam_web.cases.guardians import (
    YOUNGEST_ASKED,
    birth_year,
    guardian_history,
    guardians_of,
    is_grown_up,
    is_too_young,
    name_of_guardian,
    not_asked_yet,
)
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_title, current_members, display_name
from goldseam_web.cases.readers import Reader, ReadsAs, readers_on
from goldseam_web.dashboard.language import consent_words
from goldseam_web.dashboard.language import guardian_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.consent_card import HistoryLine, history_line, version_line


@dataclass(frozen=True)
class GuardianCard:
    """One guardian, how they stand to it, and everything they said."""

    key: uuid.UUID
    name: str
    says: str
    has_agreed: bool
    history: tuple[HistoryLine, ...]


@dataclass(frozen=True)
class GuardiansPage:
    """``born`` is the year of birth as it is known, "" where it is not; ``choices`` are members who may be named."""

    case_title: str
    case_id: uuid.UUID
    position: int
    name: str
    state: str
    rule: str
    born: str
    decides_alone: bool
    cards: tuple[GuardianCard, ...]
    choices: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...]
    today: str


def guardians_page(case: Case, member: Member, *, today: date) -> GuardiansPage:
    texts = consent_texts(member.clinic)
    standing = list(guardians_of(member))
    name, born = display_name(member), birth_year(member)
    taken = {guardian.member_id for guardian in standing} | {member.pk}
    return GuardiansPage(
        case_title=case_title(case),
        case_id=case.pk,
        position=member.position,
        name=name,
        state=_state(member, standing, today),
        rule=say.AGE_RULE.format(age=member.clinic.age_of_consent),
        born=str(born) if born else "",
        decides_alone=member.decides_alone_on is not None,
        cards=tuple(_card(guardian, texts[0], young=name, today=today) for guardian in standing),
        choices=tuple((m.position, display_name(m)) for m in current_members(case) if m.pk not in taken),
        texts=tuple((text.number, version_line(text, today)) for text in texts),
        today=today.isoformat(),
    )


def _state(member: Member, standing: Sequence[Guardian], today: date) -> str:
    name = display_name(member)
    if is_too_young(member, today):
        return say.TOO_YOUNG.format(name=name, age=YOUNGEST_ASKED)
    if member.decides_alone_on is not None:
        return say.DECIDES_ALONE.format(day=long_day(member.decides_alone_on, today=today))
    if not_asked_yet(member, today):
        return say.AWAITED if standing else say.NOBODY_NAMED
    if is_grown_up(member, today):
        return say.GROWN_UP.format(name=name)
    return (say.BOTH_AGREE if standing else say.NOT_NEEDED).format(name=name)


def _card(guardian: Guardian, in_force: ConsentText, *, young: str, today: date) -> GuardianCard:
    history = guardian_history(guardian)
    latest = history[0] if history else None
    return GuardianCard(
        key=guardian.pk,
        name=name_of_guardian(guardian),
        says=_says(latest, in_force, young=young, today=today),
        has_agreed=latest is not None and latest.answer == ConsentAnswer.GIVEN,
        history=tuple(history_line(row, "", today) for row in history),
    )


def _says(latest: ConsentRecord | None, in_force: ConsentText, *, young: str, today: date) -> str:
    if latest is None:
        return say.SAYS[""]
    said = say.SAYS[ConsentAnswer(latest.answer)].format(
        day=long_day(latest.said_on, today=today), how=ConsentWay(latest.way).label, name=young
    )
    is_earlier = latest.text is not None and latest.text.number != in_force.number
    return f"{said} {say.EARLIER_WORDS}" if is_earlier else said


@dataclass(frozen=True)
class GuardianSheet:
    """The words in force for a guardian, on paper; ``readers`` can open the young person's answers today."""

    case_title: str
    case_id: uuid.UUID
    position: int
    young: str
    guardian: str
    clinic: str
    version: int
    words: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]
    to_young: str
    boundary: str
    free: str
    take_back: str
    reach: str
    contact: tuple[str, ...]
    answers: tuple[str, ...]


def guardian_sheet(case: Case, member: Member, guardian: Guardian, *, today: date) -> GuardianSheet:
    text, readers, young = text_in_force(case.clinic), readers_on(case, today), display_name(member)
    treating = [reader.staff.display_name for reader in readers if reader.reads_as == ReadsAs.THERAPIST]
    names = {
        "clinic": case.clinic.name,
        "therapist": consent_words.AND.join(treating) or consent_words.WHO_TREATS,
    }
    return GuardianSheet(
        case_title=case_title(case),
        case_id=case.pk,
        position=member.position,
        young=young,
        guardian=name_of_guardian(guardian),
        clinic=case.clinic.name,
        version=text.number,
        words=tuple(
            (title.format(name=young), getattr(text, part).format(**names))
            for part, title in say.PARTS_FOR_GUARDIAN
        ),
        readers=tuple(f"{reader.staff.full_name}, {_reads_as(reader, young)}" for reader in readers),
        to_young=say.WORDS_TO_YOUNG.format(name=young),
        boundary=say.BOUNDARY.format(name=young),
        free=say.FREE.format(name=young),
        take_back=say.TAKE_BACK.format(name=young),
        reach=say.REACH,
        contact=tuple(
            filter(None, (case.clinic.contact_phone, case.clinic.contact_email, case.clinic.contact_hours))
        ),
        answers=(say.I_AGREE.format(name=young), say.I_DO_NOT),
    )


def _reads_as(reader: Reader, young: str) -> str:
    words = consent_words.READS_AS_OF_YOUNG
    if reader.in_training:
        words = consent_words.READS_AS_IN_TRAINING_OF_YOUNG
    return words[reader.reads_as].format(young=young)
