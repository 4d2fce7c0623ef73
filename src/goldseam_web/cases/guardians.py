"""Who has to agree too before a young person is asked, and whether they have. Read each time, so that it cannot age."""

import uuid
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from goldseam_web.accounts.models import SecondLine
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentRecord, Guardian
from goldseam_web.cases.models import Member, Person
from goldseam_web.cases.names import SOMEBODY

# Our questions are for people of this age and over (`goldseam.Measure.minimum_age`).
YOUNGEST_ASKED = 11


def not_asked_yet(member: Member, day: date) -> bool:
    """Whether this member may not be asked yet: too young for the questions, or a guardian's yes is missing.

    It is missing where somebody is too young to agree alone and none is named, or one has said nothing or no.
    """
    if not member.needs_guardian:
        return False
    said = ConsentRecord.objects.filter(guardian=OuterRef("pk")).values("answer")[:1]
    named = Guardian.objects.filter(young=OuterRef("pk"), ended_on=None)
    missing = named.annotate(said=Coalesce(Subquery(said), Value(""))).exclude(said=ConsentAnswer.GIVEN)
    young = (
        Member.objects.filter(pk=member.pk)
        .select_related("clinic", "person__identity")
        .annotate(is_named=Exists(named), is_missing=Exists(missing))
        .get()
    )
    if is_too_young(young, day):
        return True
    alone = young.decides_alone_on is not None or is_grown_up(young, day)
    return not alone and (young.is_missing or not young.is_named)


def birth_year(member: Member) -> int | None:
    """The year of birth where it is known."""
    return birth_year_of(member.person)


def birth_year_of(person: Person) -> int | None:
    identity = getattr(person, "identity", None)
    known = identity.told_apart_by.get(SecondLine.BIRTH_YEAR, "") if identity else ""
    return int(known) if known else None


def is_too_young(member: Member, day: date) -> bool:
    """Whether the year of birth says that the questions are not made for somebody of that age."""
    born = birth_year(member)
    return born is not None and day.year - born < YOUNGEST_ASKED


def is_under_age(member: Member, day: date) -> bool:
    """Whether the year of birth says that they may be too young to agree alone.

    A year does not tell a birthday: in the year in which they reach the age they count as younger until its end.
    """
    born = birth_year(member)
    return born is not None and day.year - born <= member.clinic.age_of_consent


def is_grown_up(member: Member, day: date) -> bool:
    """Whether the year of birth says that they agree for themselves, whoever was named before."""
    return birth_year(member) is not None and not is_under_age(member, day)


def is_guarded(member: Member, day: date) -> bool:
    """Whether a guardian has a say in whether this member is asked."""
    return member.needs_guardian and member.decides_alone_on is None and not is_grown_up(member, day)


def guardians_of(member: Member) -> "QuerySet[Guardian]":
    """Who is named for a member of a case that was read for a viewer."""
    standing = Guardian.objects.filter(young=member, ended_on=None)
    return standing.select_related("member__person__identity")


def standing_for(member: Member) -> "QuerySet[Guardian]":
    """For whom this member is named as a guardian and takes part: for the member's own pages, which have no viewer."""
    named = Guardian.objects.filter(member=member, ended_on=None, young__left_on=None)
    return named.select_related("young__person__identity", "young__clinic")


def guardian_of(member: Member, guardian_id: uuid.UUID) -> Guardian | None:
    return guardians_of(member).filter(pk=guardian_id).first()


def name_of_guardian(guardian: Guardian) -> str:
    """How they are called: the member's name as it stands now, else what was written."""
    if guardian.member is None:
        return guardian.name or SOMEBODY
    identity = getattr(guardian.member.person, "identity", None)
    return str(identity) if identity else SOMEBODY


def guardian_history(guardian: Guardian) -> list[ConsentRecord]:
    """Everything they said, newest first."""
    return list(guardian.consents.select_related("text", "recorded_by"))
