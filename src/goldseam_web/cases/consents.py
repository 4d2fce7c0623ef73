"""Reads over consent: the words in force, what one person said, and how many said what."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.access import visible_cases
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, ConsentText, Purpose
from goldseam_web.cases.consent_wording import ONLY_READ, SHIPPED_WORDING, ConsentWording, limit_lines
from goldseam_web.cases.models import Case, Ending, Member, RecordState
from goldseam_web.lib.prepared import Prepared


def consent_texts(clinic: Clinic) -> list[ConsentText]:
    """The clinic's texts, the one in force first; the shipped one, not stored yet, where there is none."""
    return list(ConsentText.objects.filter(clinic=clinic).order_by("-number")) or [shipped_text(clinic)]


def text_in_force(clinic: Clinic) -> ConsentText:
    found = _IN_FORCE.rows(clinic=clinic.pk)
    return found[0] if found else shipped_text(clinic)


def _in_force(*, clinic: uuid.UUID) -> "QuerySet[ConsentText]":
    return ConsentText.objects.filter(clinic=clinic).order_by("-number")[:1]


# It is read whenever a client opens a link.
_IN_FORCE: Prepared[ConsentText] = Prepared(_in_force, clinic=uuid.UUID)


def wording_of(text: ConsentText) -> ConsentWording:
    """The words of a text alone, without which number it is and since when."""
    return ConsentWording(text.care, text.feedback, text.research, text.limits)


def limits_of(clinic: Clinic) -> tuple[str, ...]:
    """When answers may have to be told further, as the words in force have it, a line for each case."""
    return limit_lines(text_in_force(clinic).limits, clinic=clinic.name)


def limits_in_force() -> Subquery:
    """The same of the clinic of each row, as it is stored; None where the clinic's words are those that came along."""
    texts = ConsentText.objects.filter(clinic=OuterRef("clinic")).order_by("-number")
    return Subquery(texts.values("limits")[:1])


def shipped_text(clinic: Clinic) -> ConsentText:
    """The first text of a clinic that has not written its own; stored, and dated, with the first answer to it."""
    words = replace(SHIPPED_WORDING, feedback=ONLY_READ) if settings.GOLDSEAM_RECORD_ONLY else SHIPPED_WORDING
    return ConsentText(
        clinic=clinic,
        number=1,
        care=words.care,
        feedback=words.feedback,
        research=words.research,
        limits=words.limits,
        content_hash=words.content_hash,
    )


def consent_history(member: Member) -> list[ConsentRecord]:
    """Everything a member said, newest first: of a case that was read for a viewer, or for the member's own pages."""
    return list(member.consents.select_related("text", "recorded_by"))


def latest_of_each(records: Iterable[ConsentRecord]) -> dict[Purpose, ConsentRecord]:
    """What holds, by purpose, of records that come newest first."""
    latest: dict[Purpose, ConsentRecord] = {}
    for record in records:
        latest.setdefault(Purpose(record.purpose), record)
    return latest


def consents_of_case(viewer: Viewer, case_id: uuid.UUID) -> "QuerySet[ConsentRecord]":
    """Who agreed to what and when in a case, oldest first; nothing where the viewer may not open it."""
    rows = ConsentRecord.objects.filter(
        clinic_id=viewer.clinic_id, member__case__in=visible_cases(viewer).filter(pk=case_id)
    )
    related = rows.select_related(
        "member__person__identity", "text", "recorded_by", "clinic", "guardian__member__person__identity"
    )
    return related.order_by("member__position", "said_on", "position")


def consent_numbers(viewer: Viewer) -> Counter[tuple[Purpose, str, int | None]]:
    """How many who take part in an open case said what of each purpose, in which version ("" and None: nothing yet).

    Numbers of the whole clinic, for who sees no case.
    """
    taking_part = Member.objects.filter(
        clinic_id=viewer.clinic_id, left_on=None, case__ended_on=None, case__state=RecordState.ACTIVE
    )
    counted: Counter[tuple[Purpose, str, int | None]] = Counter()
    for purpose in (Purpose.CARE, Purpose.RESEARCH):
        latest = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=purpose)
        said = taking_part.annotate(
            answer=Subquery(latest.values("answer")[:1]), number=Subquery(latest.values("text__number")[:1])
        )
        counted.update(
            (purpose, answer or "", number) for answer, number in said.values_list("answer", "number")
        )
    return counted


def agreed(record: ConsentRecord | None) -> bool:
    return record is not None and record.answer == ConsentAnswer.GIVEN


def agreed_to_research(clinic_id: uuid.UUID) -> "QuerySet[Member]":
    """Who agreed to research at last; not who is too young to agree alone, since nobody was asked for them.

    Nobody of cases that were opened by mistake, or erased.
    """
    latest = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=Purpose.RESEARCH)
    alone = Member.objects.filter(clinic=clinic_id, needs_guardian=False).exclude(
        person__state=RecordState.ERASED
    )
    said = alone.annotate(research=Subquery(latest.order_by("-said_on", "-position").values("answer")[:1]))
    agreed_last = said.filter(research=ConsentAnswer.GIVEN)
    return agreed_last.exclude(case__in=cases_not_to_be_used(clinic_id))


def cases_agreed_to_research(clinic_id: uuid.UUID) -> "QuerySet[Case]":
    """Cases in which everybody who ever was a member agreed."""
    others = Member.objects.filter(case=OuterRef("pk")).exclude(
        pk__in=agreed_to_research(clinic_id).values("pk")
    )
    return Case.objects.filter(~Exists(others), clinic=clinic_id, members__isnull=False).distinct()


def cases_not_to_be_used(clinic_id: uuid.UUID) -> "QuerySet[Case]":
    """Cases that were opened by mistake, or erased."""
    wrong = Q(ending=Ending.OPENED_IN_ERROR) | Q(state=RecordState.ERASED)
    return Case.objects.filter(wrong, clinic=clinic_id)
