"""Opening cases and keeping their appointments. Each function is one use case in one transaction."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.cases.models import (
    Attendance,
    Case,
    CaseKind,
    CaseTherapist,
    Consent,
    ContactKind,
    Encounter,
    EncounterState,
    Idea,
    Member,
    MemberRole,
    Person,
    PersonContact,
    PersonIdentity,
    Presence,
    Purpose,
    RecordState,
)

MEMBERS_ALLOWED = {CaseKind.INDIVIDUAL: (1, 1), CaseKind.COUPLE: (2, 2), CaseKind.FAMILY: (2, 8)}
LONGEST_ENCOUNTER = timedelta(hours=8)


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


@transaction.atomic
def open_case(
    *,
    clinic: Clinic,
    therapist: Staff,
    kind: CaseKind,
    members: Sequence[NewMember],
    opened_on: date,
    at: datetime,
    actor: Actor,
) -> Case:
    """Open a case with its members, names, contacts and first therapist."""
    _check_members(kind, members)
    if therapist.clinic_id != clinic.id:
        raise ValidationError("The therapist works at another clinic; choose one of this clinic.")
    case = Case.objects.create(clinic=clinic, kind=kind, opened_on=opened_on)
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
        called=member.display_name.strip(),
        family_name=member.family_name.strip(),
    )
    for kind, value in ((ContactKind.EMAIL, member.email), (ContactKind.PHONE, member.phone)):
        if value.strip():
            PersonContact.objects.create(
                clinic_id=case.clinic_id, person=person, kind=kind, value=value.strip()
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


@transaction.atomic
def give_consent(*, member: Member, purpose: Purpose, version: str, at: datetime, actor: Actor) -> Consent:
    """Record an agreement; giving it again while it stands changes nothing."""
    consent, created = Consent.objects.get_or_create(
        member=member,
        purpose=purpose,
        withdrawn_at=None,
        defaults={"clinic_id": member.clinic_id, "version": version, "given_at": at},
    )
    if created:
        record_about(member, at=at, actor=actor, action="consent.give", object_kind="member")
    return consent


@transaction.atomic
def plan_encounter(
    *,
    case: Case,
    therapist: Staff,
    starts_at: datetime,
    minutes: int,
    at: datetime,
    actor: Actor,
    away: Collection[uuid.UUID] = (),
) -> Encounter:
    """Book an appointment of an open case; members in ``away`` are not expected."""
    # In instants: arithmetic with a zone's wall-clock times is an hour out when the clocks change.
    starts_at = starts_at.astimezone(UTC)
    length = timedelta(minutes=minutes)
    if not timedelta(minutes=5) <= length <= LONGEST_ENCOUNTER:
        raise ValidationError(f"{minutes} minutes given; a session lasts 5 to 480 minutes.")
    if case.ended_on is not None or case.state != RecordState.ACTIVE:
        raise ValidationError("This case has ended; reopen it before planning a session.")
    if therapist.clinic_id != case.clinic_id:
        raise ValidationError("The therapist works at another clinic; choose one of this clinic.")
    clinic = case.clinic
    try:
        with transaction.atomic():
            encounter = Encounter.objects.create(
                clinic=clinic,
                case=case,
                therapist=therapist,
                starts_at=starts_at,
                ends_at=starts_at + length,
                local_date=starts_at.astimezone(ZoneInfo(clinic.time_zone)).date(),
            )
    except IntegrityError as error:
        raise ValidationError(
            "There is already a session of this case at that time; choose another time."
        ) from error
    Attendance.objects.bulk_create(
        Attendance(
            clinic=clinic,
            encounter=encounter,
            member=member,
            presence=Presence.AWAY if member.id in away else Presence.EXPECTED,
        )
        for member in case.members.filter(left_on=None)
    )
    record_change(encounter, at=at, actor=actor, action="encounter.plan", object_kind="encounter")
    return encounter


@transaction.atomic
def hold_encounter(
    *,
    encounter: Encounter,
    at: datetime,
    actor: Actor,
    ended_at: datetime | None = None,
    away: Collection[uuid.UUID] = (),
) -> Encounter:
    """Say that an appointment took place and who was there. Holding it again only corrects attendance.

    ``ended_at`` moves the end when the session stopped early or ran over.
    """
    encounter = (
        Encounter.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=encounter.pk)
    )
    if encounter.state == EncounterState.CANCELLED:
        raise ValidationError("This session was cancelled; plan a new one.")
    if ended_at is not None and ended_at > encounter.starts_at:
        encounter.ends_at = ended_at
    encounter.state = EncounterState.HELD
    encounter.save(update_fields=["state", "ends_at"])
    encounter.attendance.filter(member_id__in=away).update(presence=Presence.AWAY)
    encounter.attendance.exclude(member_id__in=away).update(presence=Presence.ATTENDED)
    record_change(encounter, at=at, actor=actor, action="encounter.hold", object_kind="encounter")
    return encounter
