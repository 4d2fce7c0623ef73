"""How a case ends: its announced last phase, its close, and the way back. Nothing is deleted."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Case, Encounter, EncounterState, Ending, NotHeld, RecordState
from goldseam_web.cases.services.joint_endings import drop_releases_of_case, end_joint_view
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def set_last_phase(*, case: Case, since: date | None, at: datetime, actor: Actor) -> Case:
    """Note since when the ending has been talked about with the clients, or (None) that it is off again."""
    case = _locked(case)
    if case.last_phase_since != since:
        case.last_phase_since = since
        case.save(update_fields=["last_phase_since"])
        record_change(case, at=at, actor=actor, action="case.last_phase", object_kind="case")
    return case


@one_transaction
def close_case(*, case: Case, ending: Ending, at: datetime, actor: Actor) -> Case:
    """End a case today and call off the appointments that lie ahead; what was promised before is still asked."""
    case = _locked(case)
    if case.ended_on is not None or case.state != RecordState.ACTIVE:
        raise ValidationError("This case has ended already.")
    case.state, case.ending = RecordState.CLOSED, ending
    case.ended_on = max(case.opened_on, local_day(case.clinic, at))
    case.save(update_fields=["state", "ending", "ended_on"])
    ahead = case.encounters.filter(state=EncounterState.PLANNED, starts_at__gt=at)
    _set(ahead, EncounterState.CANCELLED, NotHeld.CASE_CLOSED)
    end_joint_view(case.pk)
    drop_releases_of_case(case.pk)
    details = {"ending": str(ending)}
    record_change(case, at=at, actor=actor, action="case.close", object_kind="case", details=details)
    return case


@one_transaction
def reopen_case(*, case: Case, at: datetime, actor: Actor) -> Case:
    """Take the end of a case back: it is open again, with what was called off and still lies ahead."""
    case = _locked(case)
    if case.state != RecordState.CLOSED:
        raise ValidationError("This case has not ended.")
    case.state, case.ending, case.ended_on = RecordState.ACTIVE, "", None
    case.save(update_fields=["state", "ending", "ended_on"])
    called_off = case.encounters.filter(cancelled_reason=NotHeld.CASE_CLOSED, starts_at__gt=at)
    _set(called_off, EncounterState.PLANNED, "")
    record_change(case, at=at, actor=actor, action="case.reopen", object_kind="case")
    return case


def _locked(case: Case) -> Case:
    return locked(Case.objects.select_related("clinic")).get(pk=case.pk)


def _set(encounters: "QuerySet[Encounter]", state: EncounterState, reason: str) -> None:
    ids = [encounter.pk for encounter in locked(encounters)]
    Encounter.objects.filter(pk__in=ids).update(state=state, cancelled_reason=reason)
