"""What one person agreed to, in words for who treats them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentText, ConsentWay, Purpose
from goldseam_web.cases.consent_wording import boundary_in_words
from goldseam_web.cases.consents import consent_history, consent_texts, latest_of_each, text_in_force
from goldseam_web.cases.guardians import is_guarded
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_title, display_name
from goldseam_web.cases.readers import Reader, ReadsAs, readers_on
from goldseam_web.dashboard.language import consent_words as say
from goldseam_web.dashboard.language.times import long_day


@dataclass(frozen=True)
class HistoryLine:
    day: str
    purpose: str
    answer: str
    how: str


@dataclass(frozen=True)
class ConsentCard:
    """``texts`` are the versions a paper may have held, the one in force first."""

    asked: str
    research: str
    history: tuple[HistoryLine, ...]
    texts: tuple[tuple[int, str], ...]
    today: str
    may_take_back: bool
    may_take_back_research: bool


def consent_card(member: Member, *, today: date) -> ConsentCard:
    history, texts = consent_history(member), consent_texts(member.clinic)
    latest = latest_of_each(history)
    care, research = latest.get(Purpose.CARE), latest.get(Purpose.RESEARCH)
    return ConsentCard(
        asked=asked_in_words(care, texts[0], name=display_name(member), today=today),
        research=research_in_words(research, today=today),
        history=tuple(
            history_line(row, say.PURPOSES[Purpose(row.purpose)], today)
            for row in history
            if row.purpose in say.PURPOSES
        ),
        texts=tuple((text.number, version_line(text, today)) for text in texts),
        today=today.isoformat(),
        may_take_back=care is not None and care.answer == ConsentAnswer.GIVEN,
        may_take_back_research=research is not None and research.answer == ConsentAnswer.GIVEN,
    )


def asked_in_words(care: ConsentRecord | None, in_force: ConsentText, *, name: str, today: date) -> str:
    """How somebody stands to being asked, never with a word on why."""
    if care is None:
        return say.NOT_ASKED.format(name=name)
    says = {ConsentAnswer.DECLINED: say.DECLINED, ConsentAnswer.WITHDRAWN: say.WITHDRAWN}.get(
        ConsentAnswer(care.answer), _agreed(care, in_force)
    )
    return says.format(day=long_day(care.said_on, today=today), how=ConsentWay(care.way).label)


def _agreed(care: ConsentRecord, in_force: ConsentText) -> str:
    if care.text is None:
        return say.NOT_READ
    return say.AGREED if care.text.number == in_force.number else say.NEW_WORDS


def research_in_words(research: ConsentRecord | None, *, today: date) -> str:
    if research is None:
        return say.RESEARCH_OPEN
    says = say.RESEARCH_YES if research.answer == ConsentAnswer.GIVEN else say.RESEARCH_NO
    return says.format(day=long_day(research.said_on, today=today))


def history_line(row: ConsentRecord, purpose: str, today: date) -> HistoryLine:
    version = say.VERSION.format(number=row.text.number) if row.text else say.NO_VERSION
    kept = [say.RECORDED_BY.format(name=row.recorded_by.full_name)] if row.recorded_by else []
    return HistoryLine(
        day=long_day(row.said_on, today=today),
        purpose=purpose,
        answer=ConsentAnswer(row.answer).label,
        how=", ".join([ConsentWay(row.way).label, version, *kept]),
    )


def version_line(text: ConsentText, today: date) -> str:
    if text.since is None:
        return say.VERSION_SHIPPED.format(number=text.number)
    return say.VERSION_SINCE.format(number=text.number, day=long_day(text.since.date(), today=today))


def latest_by_member(rows: Iterable[ConsentRecord]) -> dict[object, dict[Purpose, ConsentRecord]]:
    """What holds, by member and purpose, of rows of one case that come oldest first."""
    found: dict[object, dict[Purpose, ConsentRecord]] = {}
    for row in rows:
        found.setdefault(row.member_id, {})[Purpose(row.purpose)] = row
    return found


@dataclass(frozen=True)
class ConsentSheet:
    """The words in force on paper: ``readers`` are those who can open the answers today, each with what they are."""

    case_title: str
    case_id: uuid.UUID
    position: int
    name: str
    clinic: str
    version: int
    words: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]
    boundary: str


def consent_sheet(case: Case, member: Member, *, today: date) -> ConsentSheet:
    text, readers = text_in_force(case.clinic), readers_on(case, today)
    treating = [reader.staff.display_name for reader in readers if reader.reads_as == ReadsAs.THERAPIST]
    names = {"clinic": case.clinic.name, "therapist": say.AND.join(treating) or say.WHO_TREATS}
    return ConsentSheet(
        case_title=case_title(case),
        case_id=case.pk,
        position=member.position,
        name=display_name(member),
        clinic=case.clinic.name,
        version=text.number,
        words=tuple((title, getattr(text, part).format(**names)) for part, title in say.PARTS_OF_SHEET),
        readers=tuple(f"{reader.staff.full_name}, {_reads_as(reader)}" for reader in readers),
        boundary=boundary_in_words(case.kind, member.role, is_guarded=is_guarded(member, today)),
    )


def _reads_as(reader: Reader) -> str:
    if reader.in_training:
        return say.READS_AS_IN_TRAINING[reader.reads_as]
    return say.READS_AS[reader.reads_as]
