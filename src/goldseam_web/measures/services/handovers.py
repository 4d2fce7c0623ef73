"""A case goes to another therapist, with what its clients will be asked."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import local_day, on_day, staff_as
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Case, TherapistPart
from goldseam_web.cases.services.treating import hand_over
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import Occasion, OccasionState


@one_transaction
def hand_over_case(
    *, case: Case, giver: Staff, taker: Staff, at: datetime, actor: Actor, giver_is_gone: bool = False
) -> None:
    """Hand a case over; questions about sessions from tomorrow on name the new therapist, by the links there are.

    Of who works here no more, those of today that have not begun do, too.
    """
    encounters = hand_over(
        case=case, giver=giver, taker=taker, at=at, actor=actor, giver_is_gone=giver_is_gone
    )
    asked = Occasion.objects.filter(encounter__in=[one.pk for one in encounters], therapist=giver)
    untouched = asked.filter(state__in=(OccasionState.WAITING, OccasionState.CANCELLED), responses=None)
    ids = [occasion.pk for occasion in locked(untouched).only("pk")]
    own = Occasion.objects.filter(pk__in=ids, respondent_staff=giver)
    of_taker = Occasion.objects.filter(
        encounter=OuterRef("encounter"), phase=OuterRef("phase"), respondent_staff=taker
    ).exclude(state=OccasionState.CANCELLED)
    # Who held it with them is asked for their own view already.
    own.filter(Exists(of_taker)).update(state=OccasionState.CANCELLED)
    own.exclude(state=OccasionState.CANCELLED).update(respondent_staff=taker)
    Occasion.objects.filter(pk__in=ids).update(therapist=taker)


@one_transaction
def hand_over_all(
    *, giver: Staff, taker: Staff, at: datetime, actor: Actor, giver_is_gone: bool = False
) -> int:
    """Hand over every open case that somebody treats today as the one who treats it; gives how many.

    Nobody takes the cases of a colleague by themselves where somebody else runs the clinic, too.
    """
    if actor.id == taker.pk:
        check_second_person(taker, at)
    cases = list(locked(open_cases_of(giver, at)))
    for case in cases:
        hand_over_case(case=case, giver=giver, taker=taker, at=at, actor=actor, giver_is_gone=giver_is_gone)
    return len(cases)


def check_second_person(taker: Staff, at: datetime) -> None:
    """Raise ValidationError where somebody else runs the clinic, who can give the cases to this one."""
    running = staff_as(Role.ADMINISTRATOR, local_day(taker.clinic, at)).filter(clinic=taker.clinic)
    names = running.exclude(pk=taker.pk).order_by("full_name").values_list("full_name", flat=True)
    if names:
        raise ValidationError(f"Nobody takes a colleague's cases by themselves: {' or '.join(names)} can.")


def open_cases_of(therapist: Staff, at: datetime) -> "QuerySet[Case]":
    """Open cases this therapist treats today, those they cover left out: to be counted and handed over, not read."""
    today = local_day(therapist.clinic, at)
    links = therapist.case_links.filter(on_day(today)).exclude(part=TherapistPart.COVER)
    return Case.objects.filter(pk__in=links.values("case"), ended_on=None)
