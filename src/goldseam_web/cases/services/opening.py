"""Opening a case: the people in it, their names, contacts and first therapist."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
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
    contact_hash,
    packed_names,
)
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
    _check_members(kind, members)
    if therapist.clinic_id != clinic.id:
        raise ValidationError("The therapist works at another clinic; choose one of this clinic.")
    case, is_new = Case.objects.get_or_create(
        pk=case_id or uuid.uuid4(), clinic=clinic, defaults={"kind": kind, "opened_on": opened_on}
    )
    if not is_new:
        return case
    CaseTherapist.objects.create(clinic=clinic, case=case, therapist=therapist, starts_on=opened_on)
    for position, member in enumerate(members, start=1):
        _add_member(case, member, position, opened_on, at)
    record_change(case, at=at, actor=actor, action="case.open", object_kind="case")
    return case


def _check_members(kind: CaseKind, members: Sequence[NewMember]) -> None:
    fewest, most = MEMBERS_ALLOWED[kind]
    if not fewest <= len(members) <= most:
        allowed = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ValidationError(f"{len(members)} people given; a case of kind {kind} has {allowed}.")
    for k, member in enumerate(members, start=1):
        if not member.display_name.strip():
            raise ValidationError(f"Person {k} has no name; give what they are called.")
    _check_private_contacts(members)


def _check_private_contacts(members: Sequence[NewMember]) -> None:
    """Refuse a shared address unless everybody who shares it can also be reached alone."""
    for name in ("email", "phone"):
        given = [getattr(m, name).strip().lower() for m in members if getattr(m, name)]
        for shared in {value for value in given if given.count(value) > 1}:
            if not all(
                _other_way(m, name, members) for m in members if getattr(m, name).strip().lower() == shared
            ):
                raise ValidationError(
                    f"Two people share the {name} {shared}. Each needs a private way of their own, "
                    "so that nobody opens another's questions."
                )


def _other_way(member: NewMember, shared_name: str, members: Sequence[NewMember]) -> bool:
    other = "phone" if shared_name == "email" else "email"
    value = getattr(member, other).strip().lower()
    return bool(value) and sum(getattr(m, other).strip().lower() == value for m in members) == 1


def _add_member(case: Case, member: NewMember, position: int, joined_on: date, at: datetime) -> Member:
    person = Person.objects.create(clinic_id=case.clinic_id, created_at=at)
    PersonIdentity.objects.create(
        person=person,
        clinic_id=case.clinic_id,
        names=packed_names(called=member.display_name.strip(), family_name=member.family_name.strip()),
    )
    for kind, value in ((ContactKind.EMAIL, member.email), (ContactKind.PHONE, member.phone)):
        if value.strip():
            PersonContact.objects.create(
                clinic_id=case.clinic_id,
                person=person,
                kind=kind,
                value=value.strip(),
                value_hash=contact_hash(value),
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
