"""Who is asked no more, or again: members who pause, leave or withdraw, and cases that end.

A link's right is read from the facts behind it (`measures/links.py`); here the requests follow, so that who was not to
be asked is never counted as one who did not answer.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Phase
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import NEEDED_TO_ASK, ConsentText, ConsentWay, Purpose
from goldseam_web.cases.models import Case, Encounter, EncounterState, Ending, Member, RestReason
from goldseam_web.cases.services import close_case, record_consent, reopen_case, set_left, set_paused
from goldseam_web.cases.services.membership import has_died
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.link_facts import CareConsent
from goldseam_web.measures.links import care_consent
from goldseam_web.measures.models import Occasion, OccasionState, Response
from goldseam_web.measures.services.occasions import ask_after_all, call_off, window_of


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


def _follow(member: Member, at: datetime, *, asked: bool) -> None:
    if asked:
        _ask_again(member.case, at)
        return
    waiting = Occasion.objects.filter(respondent=member, state=OccasionState.WAITING)
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
