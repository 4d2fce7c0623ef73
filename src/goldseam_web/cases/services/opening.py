"""Opening a case and taking people into it: their names, contacts and first therapist."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic, SecondLine, Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.contacts import contact_hash, likely_mailbox, written_alike
from goldseam_web.cases.guardians import is_under_age
from goldseam_web.cases.models import (
    Attendance,
    Case,
    CaseKind,
    CaseTherapist,
    ContactKind,
    EncounterState,
    Idea,
    Member,
    MemberRole,
    Person,
    PersonContact,
    PersonIdentity,
    Presence,
    RecordState,
    RestReason,
    SentBy,
    packed_names,
)
from goldseam_web.cases.names import alike, kept_name
from goldseam_web.cases.same_names import checked_line, with_line
from goldseam_web.cases.services.joint_endings import end_joint_view
from goldseam_web.lib.countries import country_of_zone
from goldseam_web.lib.transactions import locked, one_transaction

MEMBERS_ALLOWED = {CaseKind.INDIVIDUAL: (1, 1), CaseKind.COUPLE: (2, 2), CaseKind.FAMILY: (2, 8)}


@dataclass(frozen=True)
class NewMember:
    """One person to be placed in a case."""

    display_name: str
    family_name: str = ""
    role: MemberRole = MemberRole.CLIENT
    email: str = ""
    phone: str = ""
    partnered: bool | None = None
    parent: bool | None = None
    idea: Idea = Idea.UNKNOWN
    sent_by: SentBy = SentBy.NOBODY
    # Who is too young by it to agree alone is asked once a guardian has agreed too; of somebody known it is known.
    birth_year: str = ""
    # Somebody known from another case: names and contacts are theirs, what is given adds a contact they had none of.
    person_id: uuid.UUID | None = None


@one_transaction
def open_case(
    *,
    clinic: Clinic,
    therapist: Staff,
    kind: CaseKind,
    members: Sequence[NewMember],
    opened_on: date,
    at: datetime,
    actor: Actor,
    case_id: uuid.UUID | None = None,
) -> Case:
    """Open a case with its members, names, contacts and first therapist.

    ``case_id`` is the id it is to have: opened again under the same id (a double click), it is the case as it stands.
    """
    country = country_of_zone(clinic.time_zone)
    members = [_as_known(clinic, member) for member in members]
    _check_members(kind, members, country)
    if therapist.clinic_id != clinic.id:
        raise ValidationError("The therapist works at another clinic; choose one of this clinic.")
    case, is_new = Case.objects.get_or_create(
        pk=case_id or uuid.uuid4(), clinic=clinic, defaults={"kind": kind, "opened_on": opened_on}
    )
    if not is_new:
        return case
    CaseTherapist.objects.create(clinic=clinic, case=case, therapist=therapist, starts_on=opened_on)
    for position, member in enumerate(members, start=1):
        _add_member(case, member, position, opened_on, at, country=country)
    record_change(case, at=at, actor=actor, action="case.open", object_kind="case")
    return case


@one_transaction
def join_case(*, case: Case, member: NewMember, at: datetime, actor: Actor, member_id: uuid.UUID) -> Member:
    """Take one more person into a family, from today: what was before has nothing of them.

    Joined again under the same ``member_id`` (a double click), it is the member as they stand. Sessions ahead, and one
    that is running, expect them.
    """
    case = locked(Case.objects.select_related("clinic").filter(pk=case.pk)).get()
    there = list(case.members.select_related("person__identity").order_by("position"))
    if joined := next((one for one in there if one.pk == member_id), None):
        return joined
    if case.ended_on is not None or case.state != RecordState.ACTIVE:
        raise ValidationError("This case has ended; reopen it before somebody joins.")
    if case.kind != CaseKind.FAMILY:
        raise ValidationError(
            "Only a family can grow. For somebody who comes with a client from now on open a case for the two, "
            "in which the client is the same person."
        )
    country = country_of_zone(case.clinic.time_zone)
    if member.person_id in {one.person_id for one in there}:
        raise ValidationError("This person is in the case already.")
    member = _as_known(case.clinic, member)
    _check_members(CaseKind.FAMILY, [*map(_as_given, there), member], country)
    today = local_day(case.clinic, at)
    position = 1 + max(one.position for one in there)
    joined = _add_member(case, member, position, today, at, country=country, member_id=member_id)
    ahead = case.encounters.filter(state=EncounterState.PLANNED, ends_at__gt=at)
    Attendance.objects.bulk_create(
        Attendance(clinic_id=case.clinic_id, encounter=encounter, member=joined, presence=Presence.EXPECTED)
        for encounter in locked(ahead)
    )
    end_joint_view(case.pk)
    record_change(joined, at=at, actor=actor, action="member.join", object_kind="member")
    return joined


def _as_given(member: Member) -> NewMember:
    """A member who is there, as the rules for all members of a case read them."""
    if not hasattr(member.person, "identity"):  # erased
        return NewMember(f"Member {member.position}")
    return _with_known(NewMember(""), member.person)


def _with_known(given: NewMember, person: Person) -> NewMember:
    """What is given, with the names and contacts that are known of the person."""
    contacts = {contact.kind: contact.value for contact in person.contacts.all()}
    return replace(
        given,
        display_name=person.identity.display_name,
        family_name=person.identity.family_name,
        email=contacts.get(ContactKind.EMAIL, given.email),
        phone=contacts.get(ContactKind.PHONE, given.phone),
    )


def _as_known(clinic: Clinic, given: NewMember) -> NewMember:
    """What is given, of somebody known from another case with what is known of them."""
    if given.person_id is None:
        return given
    known = Person.objects.filter(pk=given.person_id, clinic=clinic, state=RecordState.ACTIVE)
    person = known.exclude(identity=None).select_related("identity").first()
    if person is None:
        raise ValidationError("This person is not known here any more; give them as somebody new.")
    if person.memberships.filter(rests_because=RestReason.DIED).exists():
        raise ValidationError("It is noted that this person has died; take that back first.")
    return _with_known(given, person)


def _check_members(kind: CaseKind, members: Sequence[NewMember], country: str) -> None:
    fewest, most = MEMBERS_ALLOWED[kind]
    if not fewest <= len(members) <= most:
        allowed = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ValidationError(f"{len(members)} people given; a case of kind {kind} has {allowed}.")
    for k, member in enumerate(members, start=1):
        if not kept_name(member.display_name):
            raise ValidationError(f"Person {k} has no name; give what they are called.")
    check_told_apart([member.display_name for member in members])
    _check_private_contacts(members, country)


def check_told_apart(called: Sequence[str]) -> None:
    """Refuse two people of one case who would be called the same on every page, their clients' too."""
    for name, other in combinations(called, 2):
        if alike(name) == alike(other):
            raise ValidationError(
                f"Two people of this case would be called {kept_name(name)}; say of one what tells them apart, "
                f"for example {kept_name(name)} senior."
            )


def _check_private_contacts(members: Sequence[NewMember], country: str) -> None:
    """Refuse a shared address, however it is written, unless everybody who shares it can also be reached alone."""
    boxes = [_mailboxes(member, country) for member in members]
    for kind in ContactKind:
        for k, mine in enumerate(boxes):
            sharing = [n for n, theirs in enumerate(boxes) if n != k and theirs[kind] == mine[kind] != ""]
            others = [theirs for n, theirs in enumerate(boxes) if n != k]
            if sharing and not _reached_alone(mine, others, kind):
                raise ValidationError(_told_shared(kind, members[k], members[sharing[0]]))


def _told_shared(kind: ContactKind, one: NewMember, other: NewMember) -> str:
    mine, theirs = getattr(one, kind).strip().lower(), getattr(other, kind).strip().lower()
    same = mine if mine == theirs else f"{mine}, which is likely the same as {theirs}"
    return (
        f"Two people share the {kind} {same}. Each needs a private way of their own, "
        "so that nobody opens another's questions."
    )


def _mailboxes(member: NewMember, country: str) -> dict[ContactKind, str]:
    """Where each contact of a member leads, however it is written; "" where they have none."""
    email = written_alike(ContactKind.EMAIL, member.email, country=country)
    return {
        ContactKind.EMAIL: likely_mailbox(email) if email else "",
        ContactKind.PHONE: written_alike(ContactKind.PHONE, member.phone, country=country),
    }


def _reached_alone(
    mine: Mapping[ContactKind, str], others: Sequence[Mapping[ContactKind, str]], shared: ContactKind
) -> bool:
    other = ContactKind.PHONE if shared == ContactKind.EMAIL else ContactKind.EMAIL
    return bool(mine[other]) and all(theirs[other] != mine[other] for theirs in others)


def _add_member(
    case: Case,
    member: NewMember,
    position: int,
    joined_on: date,
    at: datetime,
    *,
    country: str,
    member_id: uuid.UUID | None = None,
) -> Member:
    person = Person.objects.get(pk=member.person_id) if member.person_id else _new_person(case, member, at)
    for kind, value in ((ContactKind.EMAIL, member.email), (ContactKind.PHONE, member.phone)):
        if value.strip() and not person.contacts.filter(kind=kind).exists():
            PersonContact.objects.create(
                clinic_id=case.clinic_id,
                person=person,
                kind=kind,
                value=value.strip(),
                value_hash=contact_hash(kind, value, country=country),
            )
    added = Member.objects.create(
        pk=member_id or uuid.uuid4(),
        clinic_id=case.clinic_id,
        case=case,
        person=person,
        role=member.role,
        position=position,
        partnered=member.partnered,
        parent=member.parent,
        idea=member.idea,
        sent_by=member.sent_by,
        joined_on=joined_on,
    )
    if is_under_age(added, local_day(case.clinic, at)):
        added.needs_guardian = True
        added.save(update_fields=["needs_guardian"])
    return added


def _new_person(case: Case, member: NewMember, at: datetime) -> Person:
    person = Person.objects.create(clinic_id=case.clinic_id, created_at=at)
    born = checked_line(SecondLine.BIRTH_YEAR, member.birth_year, today=local_day(case.clinic, at))
    PersonIdentity.objects.create(
        person=person,
        clinic_id=case.clinic_id,
        names=packed_names(
            called=kept_name(member.display_name),
            family_name=kept_name(member.family_name),
            told_apart_by=with_line({}, SecondLine.BIRTH_YEAR, born),
        ),
    )
    return person
