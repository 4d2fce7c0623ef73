"""What is known of a person: how they are called, where they are reached, and by which ways they may be."""

from dataclasses import dataclass
from datetime import datetime, time

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import SecondLine
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.contacts import contact_hash
from goldseam_web.cases.models import (
    Case,
    ContactKind,
    Member,
    Person,
    PersonContact,
    PersonIdentity,
    SafeWays,
    WayAsked,
    packed_names,
)
from goldseam_web.cases.names import alike, kept_name
from goldseam_web.cases.safe_ways import contact_of, is_shared
from goldseam_web.cases.same_names import checked_line, with_line
from goldseam_web.cases.services.guardians_named import look_again_everywhere
from goldseam_web.cases.services.opening import check_told_apart
from goldseam_web.lib.countries import country_of_zone
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def correct_person(
    *,
    member: Member,
    called: str,
    family_name: str,
    email: str,
    phone: str,
    second_line: str | None = None,
    at: datetime,
    actor: Actor,
) -> None:
    """Put right how a person is called and where they are reached, in every case they are in.

    ``second_line`` is what the clinic chose to tell people of one name apart by; None leaves it as it is. An address
    that is another one now has not been said to be safe: no mail goes there until they were asked again.
    """
    if not kept_name(called):
        raise ValidationError("This person has no name; give what they are called.")
    person = locked(Person.objects.filter(pk=member.person_id)).get()
    told = person.identity.told_apart_by
    if second_line is not None:
        kind = SecondLine(member.clinic.second_line)
        told = with_line(told, kind, checked_line(kind, second_line, today=local_day(member.clinic, at)))
    if alike(called) != alike(person.identity.display_name):
        _check_name_in_cases(person, called)
    PersonIdentity.objects.filter(person=person).update(
        names=packed_names(called=kept_name(called), family_name=kept_name(family_name), told_apart_by=told)
    )
    look_again_everywhere(member, at)
    changed = [
        kind
        for kind, value in ((ContactKind.EMAIL, email), (ContactKind.PHONE, phone))
        if _set_contact(person, kind, value.strip(), country_of_zone(member.clinic.time_zone))
    ]
    if ContactKind.EMAIL in changed:
        SafeWays.objects.filter(person=person).update(by_mail=False)
    if ContactKind.PHONE in changed:
        SafeWays.objects.filter(person=person).update(by_phone=False, voicemail=False)
    details = {"contacts": [str(kind) for kind in changed]}
    record_change(member, at=at, actor=actor, action="person.correct", object_kind="member", details=details)


def _check_name_in_cases(person: Person, called: str) -> None:
    beside = Member.objects.filter(case__in=Case.objects.filter(members__person=person))
    for other in PersonIdentity.objects.filter(person__in=beside.values("person")).exclude(person=person):
        check_told_apart([called, other.display_name])


def _set_contact(person: Person, kind: ContactKind, value: str, country: str) -> bool:
    """Store a contact and say whether it leads elsewhere now."""
    old = contact_of(person, kind)
    if not value:
        person.contacts.filter(kind=kind).delete()
        return old is not None
    hashed = contact_hash(kind, value, country=country)
    if old is not None and old.value_hash == hashed:
        return False
    if kind == ContactKind.EMAIL and is_shared(person, value):
        raise ValidationError(
            f"Somebody in a case with this person has the e-mail {value} too. Each needs a mailbox of their own, "
            "so that nobody opens another's questions."
        )
    person.contacts.filter(kind=kind).delete()
    PersonContact.objects.create(
        clinic_id=person.clinic_id, person=person, kind=kind, value=value, value_hash=hashed
    )
    return True


@dataclass(frozen=True)
class GivenWays:
    """What a person said: ``never`` rules out every other way."""

    never: bool = False
    by_mail: bool = False
    by_phone: bool = False
    voicemail: bool = False
    reminders: bool = True
    not_before: time = time(8)
    not_after: time = time(20)


@one_transaction
def set_safe_ways(
    *, member: Member, ways: GivenWays, how_asked: WayAsked, at: datetime, actor: Actor
) -> SafeWays:
    """Keep by which ways a person may be reached. Asked by the old way only where there was one."""
    person = locked(Person.objects.filter(pk=member.person_id)).get()
    _check_ways(person, ways, how_asked)
    kept, _ = SafeWays.objects.update_or_create(
        person=person,
        defaults={
            "clinic_id": person.clinic_id,
            "never": ways.never,
            "by_mail": ways.by_mail and not ways.never,
            "by_phone": ways.by_phone and not ways.never,
            "voicemail": ways.voicemail and ways.by_phone and not ways.never,
            "reminders": ways.reminders,
            "not_before": ways.not_before,
            "not_after": ways.not_after,
            "how_asked": how_asked,
            "asked_on": local_day(member.clinic, at),
        },
    )
    details = {"how_asked": str(how_asked)}
    record_change(member, at=at, actor=actor, action="safe_ways.set", object_kind="member", details=details)
    return kept


def _check_ways(person: Person, ways: GivenWays, how_asked: WayAsked) -> None:
    if ways.not_before >= ways.not_after:
        raise ValidationError(
            f"From {ways.not_before:%H:%M} to {ways.not_after:%H:%M} given; the first has to be earlier."
        )
    before = SafeWays.objects.filter(person=person).first()
    if how_asked == WayAsked.OLD_WAY and (before is None or not (before.by_mail or before.by_phone)):
        raise ValidationError("No way was safe until now, so they have to be asked in person, alone.")
    email = contact_of(person, ContactKind.EMAIL)
    if ways.by_mail and email is None:
        raise ValidationError("No e-mail address of their own is known; give one first.")
    if ways.by_mail and email is not None and is_shared(person, email.value):
        raise ValidationError(
            "Somebody in a case with this person has this mailbox too; give one that is theirs alone."
        )
    if ways.by_phone and contact_of(person, ContactKind.PHONE) is None:
        raise ValidationError("No telephone number of their own is known; give one first.")
