"""Who answers about a child, and what is asked of them before the sessions that lie ahead."""

from datetime import date, datetime

from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import EncounterState, Member, ProxyGrant
from goldseam_web.cases.services.proxies import end_proxy, grant_proxy
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.services.occasions import ask_anew_before


@one_transaction
def let_answer_about(
    *, respondent: Member, subject: Member, starts_on: date, ends_on: date, at: datetime, actor: Actor
) -> ProxyGrant:
    """Ask a member about a child before each session of that time; their own week is not asked about meanwhile."""
    grant = grant_proxy(
        respondent=respondent, subject=subject, starts_on=starts_on, ends_on=ends_on, at=at, actor=actor
    )
    _ask_anew(respondent, at)
    return grant


@one_transaction
def answer_no_more_about(*, grant: ProxyGrant, at: datetime, actor: Actor) -> None:
    """Take the right back: sessions ahead ask the member about their own week again."""
    end_proxy(grant=grant, at=at, actor=actor)
    _ask_anew(grant.respondent, at)


def _ask_anew(member: Member, at: datetime) -> None:
    case = member.case
    ahead = case.encounters.filter(state=EncounterState.PLANNED, starts_at__gt=at)
    encounters = list(ahead.select_related("clinic"))
    list(locked(case.occasions.all()).only("pk"))
    for encounter in encounters:
        ask_anew_before(encounter, member, at)
