"""Going away, and something to hear of meanwhile."""

from datetime import timedelta

from goldseam_web.accounts.models import FormsMeanwhile, Staff
from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.services import evaluate
from goldseam_web.alerts.services.absences import go_away
from goldseam_web.audit.services import SYSTEM
from goldseam_web.outbox.models import Message
from tests.web import people

READER, WAIT, REST = FormsMeanwhile.READER, FormsMeanwhile.WAIT, FormsMeanwhile.REST


def leaves(cast, now, *, last=None, cover="colleague", forms=READER, first=None, actor=SYSTEM):
    return go_away(
        staff=cast.ines,
        first=first or local_day(cast.clinic, now),
        last=last,
        cover=getattr(cast, cover) if cover else None,
        forms=forms,
        at=now,
        actor=actor,
    )


def away(staff, now, *, first=None, last=None):
    first = first or local_day(staff.clinic, now)
    return go_away(staff=staff, first=first, last=last, cover=None, forms=READER, at=now, actor=SYSTEM)


def clear_tension(case, called, ended_at):
    """The client's own word about a session, judged."""
    encounter = people.meet(case, case.therapists.get(part="main").therapist, ended_at)
    occasion = people.asked(encounter, people.member(case, called))
    response = people.answer(occasion, ended_at + timedelta(minutes=5), given={"tension": "clearly"})
    return evaluate(response=response, at=ended_at + timedelta(minutes=6))


def told(staff: Staff) -> int:
    return Message.objects.filter(staff=staff, purpose="raised").count()
