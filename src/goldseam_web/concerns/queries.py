"""Whom a client can speak with, and which wishes a named person may read: worked out anew at every reading.

Nobody who has, or ever had, a part in a case of the person who asked is offered, told or shown anything.
"""

import uuid
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import Combinable

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.models import Case, Person, RecordState
from goldseam_web.cases.outside import has_part, leads_ever
from goldseam_web.concerns.models import Concern, ConcernRoute, ConcernState, ConcernWords, NamedPerson
from goldseam_web.outbox.models import Message, MessageState

# The one message about a wish, to its owner. It says nothing but that somebody asks.
CONCERN = "concern"
OPEN = (ConcernState.RECEIVED, ConcernState.ANSWERED)


def route_of(clinic: Clinic) -> ConcernRoute:
    """What the clinic said, or what holds until it says something."""
    return ConcernRoute.objects.filter(clinic=clinic).first() or ConcernRoute(clinic=clinic)


def named_persons(clinic: Clinic) -> "QuerySet[NamedPerson]":
    """Everybody named, in order, also who does not work here at present."""
    return NamedPerson.objects.filter(clinic=clinic).select_related("staff")


def somebody_is_named(clinic: Clinic) -> bool:
    return NamedPerson.objects.filter(clinic=clinic, staff__active=True).exists()


def is_named(viewer: Viewer) -> bool:
    return NamedPerson.objects.filter(staff_id=viewer.staff_id, clinic_id=viewer.clinic_id).exists()


def person_to_speak_with(person: Person, clinic: Clinic, *, day: date) -> Staff | None:
    """The first named person who works here and stands outside of everything this person is treated for."""
    part = has_part(staff=OuterRef("staff"), person=person, led=Q(staff__in=leads_ever(clinic)), day=day)
    found = named_persons(clinic).filter(staff__active=True).exclude(part).first()
    return found.staff if found else None


def concerns_for(viewer: Viewer) -> "QuerySet[Concern]":
    """The wishes this viewer may read: own ones, and those whose owner cannot read them any more.

    Only as long as the viewer is a named person, and of nobody in whose cases they have a part.
    """
    clinic = Clinic.objects.get(pk=viewer.clinic_id)
    leads = leads_ever(clinic)
    own_part = has_part(
        staff=viewer.staff_id,
        person=OuterRef("person"),
        led=Q(clinic=clinic) if viewer.staff_id in leads else Q(pk__in=[]),
        day=viewer.today,
    )
    named = NamedPerson.objects.filter(staff_id=viewer.staff_id)
    mine = Q(owner_id=viewer.staff_id) | ~_owner_reads(leads, viewer.today)
    words = Prefetch("words", ConcernWords.objects.order_by("at"))
    return (
        Concern.objects.filter(mine, Exists(named), clinic=clinic)
        .exclude(own_part)
        .select_related("owner")
        .prefetch_related(words, "notes__staff")
    )


def concern_for(viewer: Viewer, concern_id: uuid.UUID) -> Concern | None:
    return concerns_for(viewer).filter(pk=concern_id).first()


def without_their_owner(clinic: Clinic, *, day: date) -> "QuerySet[Concern]":
    """Open wishes whose owner does not work here, is not named any more, or has got a part in a case of the person."""
    open_ones = Concern.objects.filter(clinic=clinic, state__in=OPEN)
    return open_ones.exclude(_owner_reads(leads_ever(clinic), day)).select_related("person", "clinic")


def _owner_reads(leads: set[uuid.UUID], day: date) -> Q:
    part = has_part(staff=OuterRef("owner"), person=OuterRef("person"), led=Q(owner__in=leads), day=day)
    named = NamedPerson.objects.filter(staff=OuterRef("owner"), staff__active=True)
    return Q(Exists(named)) & ~part


def number_left_waiting(clinic: Clinic, *, day: date, viewer: Viewer | None = None) -> int:
    """How many wishes are past their day, or have nobody who may read them, or whose owner no message reached.

    A viewer is told of none in which they have a part: a number would tell as well.
    """
    leads = leads_ever(clinic)
    failed = Message.objects.filter(
        subject=OuterRef("pk"), purpose=CONCERN, staff=OuterRef("owner"), state=MessageState.FAILED
    )
    received = Q(state=ConcernState.RECEIVED)
    late = received & (Q(due_on__lt=day) | Q(Exists(failed)))
    nobody = ~Q(Exists(_named_outside(OuterRef(OuterRef("person")), clinic, leads, day)))
    waiting = Concern.objects.filter(late | nobody, clinic=clinic, state__in=OPEN)
    if viewer is not None:
        led = Q(clinic=clinic) if viewer.staff_id in leads else Q(pk__in=[])
        waiting = waiting.exclude(
            has_part(staff=viewer.staff_id, person=OuterRef("person"), led=led, day=day)
        )
    return waiting.count()


def number_with_nobody(clinic: Clinic, *, day: date) -> int:
    """How many people in open cases no named person is left for; it says nothing of who asked."""
    open_cases = Case.objects.filter(state=RecordState.ACTIVE, members__person=OuterRef("pk"))
    named = _named_outside(OuterRef(OuterRef("pk")), clinic, leads_ever(clinic), day)
    people = Person.objects.filter(Exists(open_cases), clinic=clinic, state=RecordState.ACTIVE)
    return people.exclude(Exists(named)).count()


def _named_outside(
    person: Combinable, clinic: Clinic, leads: set[uuid.UUID], day: date
) -> "QuerySet[NamedPerson]":
    """Named persons outside of the cases of the person of the row around."""
    part = has_part(staff=OuterRef("staff"), person=person, led=Q(staff__in=leads), day=day)
    return NamedPerson.objects.filter(clinic=clinic, staff__active=True).exclude(part)
