"""Opening a case: the people in it, their names, contacts and first therapist."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.contacts import contact_hash, likely_mailbox, written_alike
from goldseam_web.cases.models import (
    Case,
    CaseKind,
    CaseTherapist,
    ContactKind,
    Idea,
    Member,
    MemberRole,
    Person,
    PersonContact,
    PersonIdentity,
    packed_names,
)
from goldseam_web.cases.names import kept_name
from goldseam_web.lib.countries import country_of_zone
from goldseam_web.lib.transactions import one_transaction

MEMBERS_ALLOWED = {CaseKind.INDIVIDUAL: (1, 1), CaseKind.COUPLE: (2, 2), CaseKind.FAMILY: (2, 8)}


@dataclass(frozen=True)
class NewMember:
    """One person to be placed in a new case."""

    display_name: str
    family_name: str = ""
    role: MemberRole = MemberRole.CLIENT
    email: str = ""
    phone: str = ""
    partnered: bool | None = None
    parent: bool | None = None
    idea: Idea = Idea.UNKNOWN


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


def _check_members(kind: CaseKind, members: Sequence[NewMember], country: str) -> None:
    fewest, most = MEMBERS_ALLOWED[kind]
    if not fewest <= len(members) <= most:
        allowed = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ValidationError(f"{len(members)} people given; a case of kind {kind} has {allowed}.")
    for k, member in enumerate(members, start=1):
        if not kept_name(member.display_name):
            raise ValidationError(f"Person {k} has no name; give what they are called.")
    _check_private_contacts(members, country)


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
    case: Case, member: NewMember, position: int, joined_on: date, at: datetime, *, country: str
) -> Member:
    person = Person.objects.create(clinic_id=case.clinic_id, created_at=at)
    PersonIdentity.objects.create(
        person=person,
        clinic_id=case.clinic_id,
        names=packed_names(called=kept_name(member.display_name), family_name=kept_name(member.family_name)),
    )
    for kind, value in ((ContactKind.EMAIL, member.email), (ContactKind.PHONE, member.phone)):
        if value.strip():
            PersonContact.objects.create(
                clinic_id=case.clinic_id,
                person=person,
                kind=kind,
                value=value.strip(),
                value_hash=contact_hash(kind, value, country=country),
            )
    return Member.objects.create(
        clinic_id=case.clinic_id,
        case=case,
        person=person,
        role=member.role,
        position=position,
        partnered=member.partnered,
        parent=member.parent,
        idea=member.idea,
        joined_on=joined_on,
    )
