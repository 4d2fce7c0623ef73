"""The room: somebody may see a member of staff's screen, so that only what was released to everybody is shown.

It is entered when a session begins that they take part in, or by hand; it is left by their word alone, whatever the
clock says and whoever ends the session.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from goldseam_web.cases.models import (
    LONGEST_ENCOUNTER,
    CaseTherapist,
    Encounter,
    EncounterState,
    TherapistPart,
)

BY_HAND = "by_hand"


@dataclass(frozen=True)
class Room:
    """The session whose room it is; None where it was entered by hand outside of one."""

    encounter: Encounter | None

    @property
    def key(self) -> str:
        return self.encounter.id.hex if self.encounter else BY_HAND

    @property
    def case_id(self) -> uuid.UUID | None:
        return self.encounter.case_id if self.encounter else None


def begun_sessions(at: datetime, *, earliest: datetime) -> "QuerySet[Encounter]":
    """Of a row of staff around it: sessions they take part in that have begun since they were alone, latest first.

    Who entered by hand is in the session that is running, if there is one: no session that ``earliest`` or one before
    began is (``since_when``). Therapist and co-therapists take part in a session; a supervisor, or a cover looking from
    elsewhere, does not.
    """
    with_others = CaseTherapist.objects.filter(
        therapist=OuterRef(OuterRef("pk")), part=TherapistPart.CO_THERAPIST
    )
    beside = CaseTherapist.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=OuterRef("local_date")),
        case=OuterRef("case"),
        therapist=OuterRef(OuterRef("pk")),
        part=TherapistPart.CO_THERAPIST,
        starts_on__lte=OuterRef("local_date"),
    )
    # Both ways to take part begin with a person and a time, so that an index leads to each.
    holds = Q(therapist=OuterRef("pk")) | Q(beside=OuterRef("pk"))
    takes_part = holds | (Q(case__in=with_others.values("case")) & Q(Exists(beside)))
    running = Q(IsNull(OuterRef("alone_since"), rhs=False)) | Q(ends_at__gt=at)
    return (
        Encounter.objects.filter(
            takes_part,
            running,
            starts_at__gt=Coalesce(OuterRef("alone_since"), Value(earliest, output_field=DateTimeField())),
            starts_at__lte=at,
        )
        .exclude(state=EncounterState.CANCELLED)
        .order_by("-starts_at")
    )


def since_when(at: datetime) -> datetime:
    """No session that began at this moment or before is still running."""
    return at - LONGEST_ENCOUNTER


def room_from(alone_since: datetime | None, begun: uuid.UUID | None) -> Room | None:
    """The room somebody is in, from when they were last alone and the latest session begun since."""
    if begun is not None:
        return Room(Encounter.objects.select_related("case").get(pk=begun))
    return Room(None) if alone_since is None else None
