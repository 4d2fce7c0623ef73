"""Asking to be called, and what becomes of it. Nothing here touches a case, its record or the change counter.

The record of these acts names the wish alone, not the client: whoever reads what happened to a case finds nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

import numpy as np
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from goldseam_web.accounts.closed_days import closed_days
from goldseam_web.accounts.crisis_lines import check_dialled
from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change_of_clinic
from goldseam_web.audit.models import ActorKind
from goldseam_web.audit.services import SYSTEM, Actor, record_about
from goldseam_web.cases.models import Person
from goldseam_web.concerns.models import (
    Concern,
    ConcernNote,
    ConcernRoute,
    ConcernState,
    ConcernWords,
    NamedPerson,
    Wish,
)
from goldseam_web.concerns.queries import (
    CONCERN,
    person_to_speak_with,
    route_of,
    without_their_owner,
)
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.outbox.channels import CHANNELS, Letter
from goldseam_web.outbox.models import Message
from goldseam_web.outbox.services import MessagePurpose

SUBJECT = "Somebody asks to be called"
# Somebody may correct a number; whoever sends hundreds only replaces the last of these.
MOST_WORDS = 5
LONGEST_WAIT = 20
CLIENT = Actor(ActorKind.CLIENT)


@one_transaction
def name_persons(*, clinic: Clinic, staff: Sequence[Staff], at: datetime, actor: Actor) -> None:
    """Say who is named, in the order in which they are offered."""
    for one in staff:
        if one.clinic_id != clinic.pk or not one.active:
            raise ValidationError(f"{one} does not work here; a named person does.")
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    NamedPerson.objects.filter(clinic=clinic).delete()
    NamedPerson.objects.bulk_create(
        NamedPerson(clinic=clinic, staff=one, position=place) for place, one in enumerate(staff)
    )
    details = {"staff": [str(one.pk) for one in staff]}
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.named_persons", details=details)


@one_transaction
def set_route(
    *,
    clinic: Clinic,
    working_days: int,
    body_name: str,
    body_telephone: str,
    body_hours: str,
    at: datetime,
    actor: Actor,
) -> ConcernRoute:
    """Say how soon a wish is answered, and which outside body clients can call; both of its fields empty is none."""
    if not 1 <= working_days <= LONGEST_WAIT:
        message = f"{working_days} working days given; from 1 to {LONGEST_WAIT} are allowed."
        raise ValidationError({"working_days": message})
    if bool(body_name) != bool(body_telephone):
        missing = "body_telephone" if body_name else "body_name"
        raise ValidationError({missing: "An outside body needs a name and a telephone number, or neither."})
    if body_telephone:
        check_dialled(body_telephone, field="body_telephone")
    given = {
        "working_days": working_days,
        "body_name": body_name,
        "body_telephone": body_telephone,
        "body_hours": body_hours if body_name else "",
    }
    route, _ = ConcernRoute.objects.update_or_create(clinic=clinic, defaults=given)
    record_change_of_clinic(clinic, at=at, actor=actor, action="clinic.concern_route", details=given)
    return route


@one_transaction
def set_somebody_else(
    *,
    clinic: Clinic,
    staff: Sequence[Staff],
    working_days: int,
    body_name: str,
    body_telephone: str,
    body_hours: str,
    at: datetime,
    actor: Actor,
) -> None:
    """Say who is named, how soon they answer, and which outside body there is: all of it or nothing."""
    name_persons(clinic=clinic, staff=staff, at=at, actor=actor)
    set_route(
        clinic=clinic,
        working_days=working_days,
        body_name=body_name,
        body_telephone=body_telephone,
        body_hours=body_hours,
        at=at,
        actor=actor,
    )


def due_day(clinic: Clinic, working_days: int, *, at: datetime) -> date:
    """The last of so many working days after the clinic's day of that moment: Mondays to Fridays it is not closed."""
    today = local_day(clinic, at)
    closed = [np.datetime64(day) for day in closed_days(clinic, since=today)]
    due = np.busday_offset(np.datetime64(today), working_days, roll="backward", holidays=closed)
    return date.fromisoformat(str(due))


@one_transaction
def ask_to_be_called(*, person: Person, clinic: Clinic, asked: Staff, wish: Wish, at: datetime) -> Concern:
    """Keep a client's wish for the named person whose name they were shown.

    Sent twice it is kept once. While one waits, what is given anew is added to it, and the day it is due stays.
    Raises ValidationError if another person would have to be named by now.
    """
    owner = person_to_speak_with(person, clinic, day=local_day(clinic, at))
    if owner is None or owner.pk != asked.pk:
        raise ValidationError("Meanwhile somebody else has to be asked; look at who it is now.")
    concern, is_new = Concern.objects.get_or_create(
        person=person,
        state=ConcernState.RECEIVED,
        defaults={
            "clinic": clinic,
            "owner": owner,
            "received_at": at,
            "due_on": due_day(clinic, route_of(clinic).working_days, at=at),
        },
    )
    concern = locked(Concern.objects.filter(pk=concern.pk)).get()
    if _add_words(concern, wish, at):
        record_about(concern, at=at, actor=CLIENT, action="concern.receive", object_kind="concern")
    if is_new:
        _queue(concern, owner, at)
    return concern


def _add_words(concern: Concern, wish: Wish, at: datetime) -> bool:
    """Whether they are new. The first stay whatever comes later through the same link."""
    there = list(concern.words.order_by("at"))
    if any(words.wish == wish for words in there):
        return False
    if len(there) == MOST_WORDS:
        there[-1].delete()
    ConcernWords.objects.create(clinic_id=concern.clinic_id, concern=concern, given=wish.packed(), at=at)
    return True


def _queue(concern: Concern, owner: Staff, at: datetime) -> None:
    for channel in CHANNELS:
        Message.objects.get_or_create(
            key=f"{concern.pk}:{owner.pk}:{channel}:{CONCERN}",
            defaults={
                "clinic_id": concern.clinic_id,
                "purpose": CONCERN,
                "subject": concern.pk,
                "staff": owner,
                "channel": channel,
                "queued_at": at,
                "due_at": at,
            },
        )


# What may follow on what; the moment of each is kept, and taken back with it.
STEPS = {
    (ConcernState.RECEIVED, ConcernState.ANSWERED): "answered_at",
    (ConcernState.ANSWERED, ConcernState.CLOSED): "closed_at",
    (ConcernState.CLOSED, ConcernState.ANSWERED): "closed_at",
}


@one_transaction
def move_concern(*, concern: Concern, to: ConcernState, note: str, at: datetime, staff: Staff) -> Concern:
    """Say that the client was reached, that it is done with, or that it is not; a second tap changes nothing."""
    concern = locked(Concern.objects.filter(pk=concern.pk)).get()
    if concern.state == to:
        return concern
    column = STEPS.get((ConcernState(concern.state), to))
    if column is None:
        raise ValidationError(f"This is {concern.state} by now and cannot become {to}; look at it once more.")
    setattr(concern, column, None if concern.state == ConcernState.CLOSED else at)
    concern.state = to
    concern.save(update_fields=["state", column])
    if note.strip():
        ConcernNote.objects.create(
            clinic_id=concern.clinic_id, concern=concern, staff=staff, text=note.strip(), at=at
        )
    record_about(concern, at=at, actor=Actor.staff(staff.pk), action=f"concern.{to}", object_kind="concern")
    return concern


def record_reading(concern: Concern, *, at: datetime, actor: Actor) -> None:
    """Put on record that somebody opened what a client gave."""
    record_about(concern, at=at, actor=actor, action="concern.view", object_kind="concern")


def keep_concerns_owned(*, at: datetime) -> int:
    """Give open wishes whose owner cannot read them any more to the next named person; say how many found one."""
    clinics = Clinic.objects.select_related("lead")
    lost = [
        concern for clinic in clinics for concern in without_their_owner(clinic, day=local_day(clinic, at))
    ]
    return sum(_given_on(concern, at) for concern in lost)


@one_transaction
def _given_on(concern: Concern, at: datetime) -> bool:
    """Whether there is anybody; where there is none, the administrator's page says so."""
    concern = locked(Concern.objects.filter(pk=concern.pk)).select_related("person", "clinic").get()
    next_one = person_to_speak_with(concern.person, concern.clinic, day=local_day(concern.clinic, at))
    if next_one is None:
        return False
    concern.owner = next_one
    concern.save(update_fields=["owner"])
    details = {"owner": str(next_one.pk)}
    record_about(concern, at=at, actor=SYSTEM, action="concern.owner", object_kind="concern", details=details)
    if concern.state == ConcernState.RECEIVED:
        _queue(concern, next_one, at)
    return True


def _still_wanted(message: Message, at: datetime) -> bool:
    """Only while it waits, and to nobody who has got a part in a case of the person since."""
    concern = Concern.objects.select_related("clinic").filter(pk=message.subject).first()
    if concern is None or concern.state != ConcernState.RECEIVED or concern.owner_id != message.staff_id:
        return False
    return (
        not without_their_owner(concern.clinic, day=local_day(concern.clinic, at))
        .filter(pk=concern.pk)
        .exists()
    )


def _render(message: Message, _at: datetime) -> Letter:
    link = f"{settings.GOLDSEAM_BASE_URL}/office/calls/{message.subject}/"
    return Letter(SUBJECT, render_to_string("concerns/email.txt", {"link": link}))


def _ended(_message: Message, _at: datetime) -> None:
    """Nothing follows by itself: what did not reach its owner is a number on the administrator's page."""


CONCERNS: Mapping[str, MessagePurpose] = MappingProxyType(
    {CONCERN: MessagePurpose(_still_wanted, _render, _ended)}
)
