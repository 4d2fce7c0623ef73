"""Who is asked no more, or again: members who pause, leave or withdraw, and cases that end.

A link's right is read from the facts behind it (`measures/links.py`); here the requests follow, so that who was not to
be asked is never counted as one who did not answer.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from goldseam_web.accounts.models import Clinic, Phase
from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.audit.services import Actor
from goldseam_web.cases.access import own_cases
from goldseam_web.cases.consent_tables import NEEDED_TO_ASK, ConsentText, ConsentWay, Purpose
from goldseam_web.cases.guardians import not_asked_yet
from goldseam_web.cases.models import Case, Encounter, EncounterState, Ending, Member, RestReason
from goldseam_web.cases.services import (
    NewMember,
    close_case,
    join_case,
    record_consent,
    reopen_case,
    set_left,
    set_paused,
)
from goldseam_web.cases.services.guardians_named import set_age_of_consent
from goldseam_web.cases.services.membership import has_died
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.link_facts import CareConsent
from goldseam_web.measures.links import care_consent
from goldseam_web.measures.models import Occasion, OccasionState, Response
from goldseam_web.measures.services.occasions import ask_after_all, call_off, window_of
from goldseam_web.outbox.services import call_off_messages_to

# What concerns the person and not one case: they rest in each case of the therapist who notes it.
OF_THE_PERSON = (RestReason.IN_HOSPITAL, RestReason.BEREAVED)


@one_transaction
def pause_member(
    *,
    member: Member,
    paused: bool,
    at: datetime,
    actor: Actor,
    because: RestReason = RestReason.NONE,
    look_again_on: date | None = None,
) -> None:
    """Ask a member nothing for a while, or go on asking what can still be answered."""
    set_paused(member=member, paused=paused, at=at, actor=actor, because=because, look_again_on=look_again_on)
    _follow(member, at, asked=not paused)


@one_transaction
def person_rests(
    *, member: Member, viewer: Viewer, because: RestReason, look_again_on: date | None, at: datetime
) -> None:
    """Ask somebody in hospital or bereaved nothing, in this case and every open one of theirs that the viewer treats.

    Cases of colleagues stay as they are: a pause there would tell that there is another case, and what was said in it.
    A place that rests for a reason of its own, or refuses, keeps it.
    """
    found = [one for one in _places_of(member, viewer) if one.pk == member.pk or _may_rest(one)]
    for one in found:
        set_paused(
            member=one,
            paused=True,
            at=at,
            actor=viewer.actor,
            because=because,
            look_again_on=look_again_on,
        )
    for one in found:
        _follow(one, at, asked=False)


@one_transaction
def person_goes_on(*, member: Member, viewer: Viewer, at: datetime) -> None:
    """End the rest in this case; one that is the person's own, in every open case of theirs that the viewer treats."""
    places = _places_of(member, viewer)
    of_the_person = any(one.pk == member.pk and one.rests_because in OF_THE_PERSON for one in places)
    resting = {one.pk for one in places if of_the_person and one.rests_because in OF_THE_PERSON}
    found = [one for one in places if one.pk in {member.pk, *resting}]
    for one in found:
        set_paused(member=one, paused=False, at=at, actor=viewer.actor)
    for one in found:
        _follow(one, at, asked=True)


def _places_of(member: Member, viewer: Viewer) -> list[Member]:
    """The person's places in open cases that the viewer treats, and this one; locked, as they are now."""
    theirs = Q(case__in=own_cases(viewer), case__ended_on=None, left_on=None)
    places = Member.objects.filter(Q(pk=member.pk) | theirs, person=member.person_id)
    return list(locked(places).select_related("case"))


def _may_rest(member: Member) -> bool:
    takes_part = member.paused_on is None or member.rests_because in OF_THE_PERSON
    return takes_part and care_consent(member) != CareConsent.REFUSED


@one_transaction
def member_joins(
    *, case: Case, member: NewMember, at: datetime, actor: Actor, member_id: uuid.UUID
) -> Member:
    """Somebody joins a family and is asked, like everybody there, about sessions from now on."""
    joined = join_case(case=case, member=member, at=at, actor=actor, member_id=member_id)
    _ask_again(case, at)
    return joined


@one_transaction
def member_left(*, member: Member, left: bool, at: datetime, actor: Actor) -> None:
    """A member takes no more part, or comes back."""
    set_left(member=member, left=left, at=at, actor=actor)
    _follow(member, at, asked=not left)


@one_transaction
def member_died(*, member: Member, died: bool, at: datetime, actor: Actor) -> None:
    """Nothing is asked of somebody who has died and nothing sent, in any case of theirs; or that was a mistake.

    A mistake brings back who took part until then, not who had left a case before.
    """
    takes_part = {"left_on": None} if died else {"rests_because": RestReason.DIED}
    everywhere = Member.objects.filter(person=member.person_id, **takes_part).order_by("pk")
    found = list(locked(everywhere).select_related("case"))
    for one in found:
        set_left(member=one, left=died, at=at, actor=actor, because=RestReason.DIED)
    for one in found:
        _follow(one, at, asked=not died)
    if died:
        call_off_messages_to(person_id=member.person_id, at=at)


@one_transaction
def record_agreement(
    *,
    member: Member,
    way: ConsentWay,
    at: datetime,
    actor: Actor,
    to_be_asked: bool | None = None,
    to_research: bool | None = None,
    text: ConsentText | None = None,
    said_on: date | None = None,
) -> None:
    """Keep what a member says to being asked and to research (None: nothing), and ask them accordingly from now on.

    Being asked and being read are one question to people and two purposes on record.
    """
    locked(Member.objects.filter(pk=member.pk)).get()
    refused_before = care_consent(member) == CareConsent.REFUSED
    agrees = {} if to_be_asked is None else dict.fromkeys(NEEDED_TO_ASK, to_be_asked)
    if to_research is not None:
        agrees[Purpose.RESEARCH] = to_research
    record_consent(member=member, agrees=agrees, way=way, at=at, actor=actor, text=text, said_on=said_on)
    refuses = care_consent(member) == CareConsent.REFUSED
    if refuses != refused_before and not has_died(member):
        set_paused(member=member, paused=refuses, at=at, actor=actor)
        _follow(member, at, asked=not refuses)


@one_transaction
def change_and_ask(*, member: Member, change: Callable[[], object], at: datetime) -> None:
    """Change something on which it depends whether a young person may be asked, and ask them accordingly.

    In every case of theirs: the year of birth is one, and may have been given in another case.
    """
    change()
    _ask_accordingly(Member.objects.filter(person__memberships=member.pk), at)


@one_transaction
def change_age_of_consent(*, clinic: Clinic, age: int, at: datetime, actor: Actor) -> None:
    """Say from which age people agree alone, and ask everybody accordingly of whom that decides."""
    concerned = set_age_of_consent(clinic=clinic, age=age, at=at, actor=actor)
    _ask_accordingly(Member.objects.filter(pk__in=concerned), at)


def _ask_accordingly(members: "QuerySet[Member]", at: datetime) -> None:
    found = list(members.select_related("clinic", "case").order_by("pk"))
    list(locked(Occasion.objects.filter(case__in=[member.case_id for member in found])).only("pk"))
    for member in found:
        if not_asked_yet(member, local_day(member.clinic, at)):
            _follow(member, at, asked=False)
        if member.case.ended_on is None:
            # Of sessions ahead, too, at which they will be old enough.
            _ask_again(member.case, at)


def _follow(member: Member, at: datetime, *, asked: bool) -> None:
    if asked:
        _ask_again(member.case, at)
        return
    whose = Q(respondent=member)
    if Member.objects.filter(pk=member.pk, left_on__isnull=False).exists():
        whose |= Q(subject=member)  # nor is anybody asked about them
    waiting = Occasion.objects.filter(whose, state=OccasionState.WAITING)
    ids = [occasion.pk for occasion in locked(waiting).only("pk")]
    call_off(Occasion.objects.filter(pk__in=ids))


@one_transaction
def end_case(*, case: Case, ending: Ending, at: datetime, actor: Actor) -> Case:
    """Close a case: what lies ahead is asked no more, the last session that took place still is."""
    case = close_case(case=case, ending=ending, at=at, actor=actor)
    list(locked(case.occasions.all()).only("pk"))
    if ending == Ending.OPENED_IN_ERROR:
        if Response.objects.filter(occasion__case=case).exists():
            raise ValidationError("Questions were answered in this case, so it was not opened in error.")
        call_off(case.occasions.all())
    else:
        call_off(case.occasions.filter(encounter__state=EncounterState.CANCELLED))
    return case


@one_transaction
def take_back_end(*, case: Case, at: datetime, actor: Actor) -> Case:
    """Open a case again, with the sessions that still lie ahead and their links."""
    case = reopen_case(case=case, at=at, actor=actor)
    _ask_again(case, at)
    return case


def _ask_again(case: Case, at: datetime) -> None:
    """Ask whoever takes part now about every session that can still be answered about."""
    list(locked(case.occasions.all()).only("pk"))
    sessions = case.encounters.exclude(state=EncounterState.CANCELLED).select_related("clinic")
    for encounter in sessions:
        if _can_be_answered(encounter, at):
            ask_after_all(encounter, at)


def _can_be_answered(encounter: Encounter, at: datetime) -> bool:
    return window_of(encounter, Phase.POST)["closes_at"] > at
