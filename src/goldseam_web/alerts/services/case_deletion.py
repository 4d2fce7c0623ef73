"""A case that was opened by mistake is deleted, as long as nothing happened in it: really gone, but for the audit.

As soon as somebody answered, agreed or was written to it is a record, which is closed as opened in error instead.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from goldseam_web.accounts.services import bump_change_counter
from goldseam_web.alerts.card_tables import StandingCard
from goldseam_web.alerts.kept_tables import CaseMark, KeptStanding
from goldseam_web.alerts.look_back_tables import LookBack
from goldseam_web.alerts.lot_tables import SessionLot
from goldseam_web.alerts.models import AlertSignal, Episode, ProcessNote
from goldseam_web.audit.services import Actor, record
from goldseam_web.cases.consent_tables import ConsentRecord, Guardian
from goldseam_web.cases.event_tables import EventNote, GoalNote
from goldseam_web.cases.joint_tables import JointView
from goldseam_web.cases.merge_tables import PersonMerge
from goldseam_web.cases.models import (
    Attendance,
    Case,
    CaseTherapist,
    Encounter,
    EncounterState,
    Member,
    Person,
    ProxyGrant,
    RecordState,
)
from goldseam_web.cases.safety_tables import SafetyNote
from goldseam_web.concerns.models import Concern
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Occasion, Response, Series
from goldseam_web.measures.outreach_tables import Outreach
from goldseam_web.measures.own_word_tables import OwnWord
from goldseam_web.outbox.models import Message, MessageState

# Not handed to anybody: what was, or may have been, is known to somebody outside.
NOT_LEFT = (MessageState.PENDING, MessageState.FAILED, MessageState.CANCELLED)


class InTheWay(StrEnum):
    """Why a case is a record by now."""

    ANSWERED = "answered"
    AGREED = "agreed"
    SENT = "sent"
    CARD = "card"
    HELD = "held"
    NOTED = "noted"
    DOUBLE = "double"
    HOLD = "hold"


def in_the_way(case: Case) -> list[InTheWay]:
    """What keeps a case, which was read for whoever treats it, from being deleted; empty where nothing does."""
    members, requests = Member.objects.filter(case=case), case.occasions.all()
    own_words = OwnWord.objects.filter(member__in=members).exclude(word_hash="")
    found = {
        InTheWay.ANSWERED: (
            Response.objects.filter(occasion__in=requests),
            Series.objects.filter(case=case),
            Outreach.objects.filter(member__in=members).exclude(answer=""),
        ),
        InTheWay.AGREED: (ConsentRecord.objects.filter(member__in=members), own_words),
        InTheWay.SENT: (_messages_of(case).exclude(state__in=NOT_LEFT),),
        InTheWay.CARD: (StandingCard.objects.filter(member__in=members),),
        InTheWay.HELD: (case.encounters.filter(state=EncounterState.HELD),),
        InTheWay.NOTED: (
            EventNote.objects.filter(case=case),
            GoalNote.objects.filter(case=case),
            SafetyNote.objects.filter(member__in=members),
            ProcessNote.objects.filter(case=case),
            # What answers have raised is there with the answers, and tells no reader more than they do.
            Episode.objects.filter(case=case, series=None),
            AlertSignal.objects.filter(case=case, response=None),
        ),
        InTheWay.DOUBLE: (PersonMerge.objects.filter(member__in=members),),
        InTheWay.HOLD: (
            Case.objects.filter(pk=case.pk, legal_hold=True),
            members.filter(person__legal_hold=True),
        ),
    }
    return [why for why, rows in found.items() if _any(rows)]


@one_transaction
def delete_case(*, case: Case, at: datetime, actor: Actor) -> None:
    """Delete a case with its members, sessions, links and messages that never left, and everybody known from it alone.

    Raises ValidationError once it is a record. Whoever answers or sends at this moment comes before, and it is refused,
    or after, and finds nothing.
    """
    case_id, clinic_id = case.pk, case.clinic_id
    _lock(case)
    if in_the_way(case):
        raise ValidationError("Something has happened in this case, so that it is not deleted.")
    persons = list(Person.objects.filter(memberships__case=case).distinct())
    for rows in _everything(case):
        rows.delete()
    for person in persons:
        _delete_if_unknown(person)
    record(
        clinic_id=clinic_id,
        at=at,
        actor=actor,
        action="case.delete",
        object_kind="case",
        object_id=case_id,
        details={"people": len(persons)},
    )
    bump_change_counter(clinic_id)


def _any(rows: "Iterable[QuerySet[Any]]") -> bool:
    return any(each.exists() for each in rows)


def _messages_of(case: Case) -> "QuerySet[Message]":
    about = Q(subject__in=case.occasions.values("pk")) | Q(subject__in=case.members.values("pk"))
    for rows in (Outreach.objects, LookBack.objects):
        about |= Q(subject__in=rows.filter(member__case=case).values("pk"))
    return Message.objects.filter(about, person__isnull=False)


def _lock(case: Case) -> None:
    """Everything that somebody else may be about to write to, in the one order."""
    locked(Case.objects.exclude(state=RecordState.ERASED)).get(pk=case.pk)
    members = Member.objects.filter(case=case)
    for rows in (
        Person.objects.filter(pk__in=members.values("person")),
        members,
        Guardian.objects.filter(young__in=members),
        ProxyGrant.objects.filter(subject__in=members),
        Encounter.objects.filter(case=case),
        Occasion.objects.filter(case=case),
        Outreach.objects.filter(member__in=members),
        LookBack.objects.filter(member__in=members),
        _messages_of(case),
    ):
        list(locked(rows).values_list("pk"))


def _everything(case: Case) -> "Iterator[QuerySet[Any]]":
    """All rows of the case, those that point to others first."""
    members, encounters = Member.objects.filter(case=case), Encounter.objects.filter(case=case)
    yield _messages_of(case)
    yield KeptStanding.objects.filter(case=case)
    yield CaseMark.objects.filter(case=case)
    yield SessionLot.objects.filter(case=case)
    yield Outreach.objects.filter(member__in=members)
    yield LookBack.objects.filter(member__in=members)
    yield OwnWord.objects.filter(member__in=members)
    yield JointView.objects.filter(case=case)
    yield Occasion.objects.filter(case=case)
    yield Attendance.objects.filter(encounter__in=encounters)
    yield encounters
    yield ProxyGrant.objects.filter(Q(subject__in=members) | Q(respondent__in=members))
    yield Guardian.objects.filter(Q(young__in=members) | Q(member__in=members))
    yield CaseTherapist.objects.filter(case=case)
    yield members
    yield Case.objects.filter(pk=case.pk)


def _delete_if_unknown(person: Person) -> None:
    """Delete who is in no other case, with names, contacts and safe ways.

    Whoever asked to be called by somebody else stays: the wish is kept outside of every case, and nobody who treats
    learns of it.
    """
    known = (
        Member.objects.filter(person=person),
        Message.objects.filter(person=person),
        PersonMerge.objects.filter(Q(was=person) | Q(kept=person)),
        Concern.objects.filter(person=person),
    )
    if not _any(known):
        person.delete()
