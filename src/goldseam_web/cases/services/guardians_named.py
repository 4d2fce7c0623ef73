"""Who has to agree for a young person: named, heard and let go; and from which age somebody agrees alone."""

import uuid
from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic, SecondLine
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change, record_change_of_clinic
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import ConsentText, ConsentWay, Guardian
from goldseam_web.cases.guardians import is_under_age
from goldseam_web.cases.models import Member, Person, PersonIdentity, packed_names
from goldseam_web.cases.names import kept_name
from goldseam_web.cases.same_names import checked_line, with_line
from goldseam_web.cases.services.consent_records import record_for_young
from goldseam_web.lib.transactions import locked, one_transaction

LONGEST_GUARDIAN_NAME = 120
# Nowhere is anybody bound to be asked through others beyond the age at which people come of age.
YOUNGEST_AGE, OLDEST_AGE = 10, 21


@one_transaction
def name_guardian(
    *, young: Member, at: datetime, actor: Actor, guardian: Member | None = None, name: str = ""
) -> Guardian:
    """Name somebody who has to agree: a member of the case, or somebody who is not in it, by what they are called.

    The same member named twice is one guardian. Raises ValidationError where nobody is given, or somebody who cannot
    be one.
    """
    young = _locked(young)
    if guardian is None and not kept_name(name):
        raise ValidationError("Nobody is given; choose somebody of the case, or give a name.")
    if guardian is not None:
        _check_guardian(young, guardian, local_day(young.clinic, at))
        if stands := Guardian.objects.filter(young=young, member=guardian, ended_on=None).first():
            return stands
    found = Guardian.objects.create(
        clinic_id=young.clinic_id,
        young=young,
        member=guardian,
        name="" if guardian else kept_name(name)[:LONGEST_GUARDIAN_NAME],
        named_on=local_day(young.clinic, at),
    )
    _look_again(young, at)
    record_change(young, at=at, actor=actor, action="guardian.name", object_kind="member")
    return found


def _check_guardian(young: Member, guardian: Member, today: date) -> None:
    if guardian.case_id != young.case_id:
        raise ValidationError("This person is in another case; give their name instead.")
    if guardian.pk == young.pk:
        raise ValidationError("Nobody is a guardian of themselves.")
    if is_under_age(guardian, today):
        raise ValidationError("By the year of birth this person is too young to agree for somebody else.")


@one_transaction
def end_guardian(*, guardian: Guardian, at: datetime, actor: Actor) -> None:
    """Somebody's agreement is needed no more, from today; what they said stays on record."""
    young = _locked(guardian.young)
    today = local_day(young.clinic, at)
    if Guardian.objects.filter(pk=guardian.pk, ended_on=None).update(ended_on=today):
        _look_again(young, at)
        record_change(young, at=at, actor=actor, action="guardian.end", object_kind="member")


@one_transaction
def record_guardian_says(
    *,
    guardian: Guardian,
    agrees: bool,
    way: ConsentWay,
    at: datetime,
    actor: Actor,
    text: ConsentText | None = None,
    said_on: date | None = None,
) -> None:
    """Keep that a guardian agrees, or does not, to a young person being asked: a row beside what they say themselves.

    ``said_on`` is the day on the paper. Raises ValidationError for one that is still to come, and for a yes on paper
    of a day on which the same guardian said no, which does not tell which came first.
    """
    young = _locked(guardian.young)
    record_for_young(
        member=young,
        guardian=guardian,
        agrees=agrees,
        text=text,
        way=way,
        said_on=said_on,
        at=at,
        actor=actor,
    )


@one_transaction
def set_decides_alone(*, member: Member, alone: bool, at: datetime, actor: Actor) -> None:
    """Note that a young person agrees for themselves, as the law or a decision of the clinic lets them; or no more."""
    member = _locked(member)
    if (member.decides_alone_on is not None) != alone:
        member.decides_alone_on = local_day(member.clinic, at) if alone else None
        member.save(update_fields=["decides_alone_on"])
        action = "member.decides_alone" if alone else "member.decides_with_guardian"
        record_change(member, at=at, actor=actor, action=action, object_kind="member")


@one_transaction
def set_birth_year(*, member: Member, year: str, at: datetime, actor: Actor) -> None:
    """Note in which year somebody was born, encrypted with their name; "" takes it back."""
    locked(Person.objects.filter(pk=member.person_id)).get()
    identity = PersonIdentity.objects.get(person=member.person_id)
    line = checked_line(SecondLine.BIRTH_YEAR, year, today=local_day(member.clinic, at))
    identity.names = packed_names(
        called=identity.display_name,
        family_name=identity.family_name,
        told_apart_by=with_line(identity.told_apart_by, SecondLine.BIRTH_YEAR, line),
    )
    identity.save(update_fields=["names"])
    look_again_everywhere(member, at)
    record_change(member, at=at, actor=actor, action="person.birth_year", object_kind="member")


@one_transaction
def set_age_of_consent(*, clinic: Clinic, age: int, at: datetime, actor: Actor) -> list[uuid.UUID]:
    """Say from which age people agree alone, and look again at everybody whose year of birth is known.

    Gives the ids of the members who count as younger now and did not before, or the other way about.
    """
    if not YOUNGEST_AGE <= age <= OLDEST_AGE:
        raise ValidationError(f"{age} given as the age; {YOUNGEST_AGE} to {OLDEST_AGE} are allowed.")
    running = Member.objects.filter(clinic=clinic, left_on=None, case__ended_on=None)
    members = list(locked(running.select_related("clinic", "person__identity")))
    today = local_day(clinic, at)
    before = {member.pk for member in members if is_under_age(member, today)}
    Clinic.objects.filter(pk=clinic.pk).update(age_of_consent=age)
    for member in members:
        member.clinic.age_of_consent = age
        _look_again(member, at)
    details = {"age": age}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.age_of_consent", details=details)
    return [member.pk for member in members if (member.pk in before) != is_under_age(member, today)]


def look_again_everywhere(member: Member, at: datetime) -> None:
    """Whether a guardian is needed, in every case of this person: their year of birth is another one now."""
    places = Member.objects.filter(person=member.person_id).order_by("pk")
    for place in locked(places.select_related("clinic", "person__identity")):
        _look_again(place, at)


def _look_again(member: Member, at: datetime) -> None:
    named = Guardian.objects.filter(young=member, ended_on=None).exists()
    needed = named or is_under_age(member, local_day(member.clinic, at))
    Member.objects.filter(pk=member.pk).exclude(needs_guardian=needed).update(needs_guardian=needed)


def _locked(member: Member) -> Member:
    return locked(Member.objects.select_related("clinic", "person__identity")).get(pk=member.pk)
