"""Whether messages reach people and findings have somebody: how many, never whose.

It is said with one voice to operators (`check`), to watchdogs, and on every administrator's first page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Q

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.alerts.models import ESCALATED, NOT_TAKEN_UP, TO_LEAD, AlertSignal
from goldseam_web.alerts.queries import ALERT_PURPOSES, about_signal, plans_left_open
from goldseam_web.alerts.recipients import cases_without_recipient, last_to_hear
from goldseam_web.cases.access import watched_on
from goldseam_web.cases.models import Case, RecordState
from goldseam_web.concerns.queries import number_left_waiting
from goldseam_web.measures.mail_state import number_not_reached
from goldseam_web.outbox.models import Message, MessageState

FAILED = (
    "could not be delivered, and nobody has opened what they are about; "
    "are the addresses and the mail server right?"
)
UNHEARD = (
    "that nobody can hear of: their case has no therapist who works here, "
    "or nobody looked in time and there is no supervisor; name one, or a lead of the clinic"
)
NOT_REACHED = (
    "to clients did not arrive, or perhaps not; their therapists see whom, and can correct the address or "
    "show the link. Is the mail server right?"
)
PLANS_UNHEARD = (
    "left open for two sessions, and nobody supervises; name a supervisor, or a lead of the clinic"
)
LEFT = (
    "that everybody was told of who can be told, the supervisor and the clinic’s lead among them, and that nobody has "
    "opened; speak with them"
)
LEFT_WAITING = (
    "to be called that are past their day, or that no named person may read or was told of; ask the named "
    "persons to look at their calls, or name another"
)


@dataclass(frozen=True)
class MessageReport:
    """Messages that failed for good and nobody has acted since, findings and plans that nobody can hear of, clients
    whom an open request did not reach by mail, wishes to be called that nobody answers, and findings (``left``) that
    everybody was told of and nobody has opened.
    """

    failed: int
    unheard: int
    plans: int
    not_reached: int
    wishes: int = 0
    left: int = 0

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """What it is about and what is wrong with it, in words."""
        said = (
            ("messages", self.failed, FAILED),
            ("findings", self.unheard, UNHEARD),
            ("unopened findings", self.left, LEFT),
            ("plans", self.plans, PLANS_UNHEARD),
            ("mails", self.not_reached, NOT_REACHED),
            ("wishes", self.wishes, LEFT_WAITING),
        )
        return [(subject, f"{count} {says}") for subject, count, says in said if count]


def message_report(
    *, at: datetime, clinic: Clinic | None = None, viewer: Viewer | None = None
) -> MessageReport:
    """Count them, of one clinic or, for an operator, of all; numbers alone.

    A viewer is not told of a wish to be called of somebody in whose case they have a part.
    """
    clinics = Clinic.objects.select_related("lead") if clinic is None else [clinic]
    counts = [
        (
            _failed(c),
            _unheard(c, at),
            _plans(c, at),
            number_not_reached(c, at=at),
            number_left_waiting(c, day=local_day(c, at), viewer=viewer),
            _left(c, at),
        )
        for c in clinics
    ]
    return MessageReport(*(sum(column) for column in zip((0,) * 6, *counts, strict=True)))


def _failed(clinic: Clinic) -> int:
    """A message about a plan is done with once somebody says what became of the plan."""
    of_clinic = AlertSignal.objects.filter(clinic=clinic).exclude(case__state=RecordState.ERASED)
    waits = Q(subject__in=of_clinic.filter(first_seen_at=None).values("pk"))
    waits |= Q(purpose=NOT_TAKEN_UP, subject__in=plans_left_open().filter(clinic=clinic).values("pk"))
    failed = Message.objects.filter(clinic=clinic, purpose__in=ALERT_PURPOSES, state=MessageState.FAILED)
    return failed.filter(waits).count()


def _unheard(clinic: Clinic, at: datetime) -> int:
    """Unopened findings without anybody to tell, or left unopened without anybody to escalate to."""
    day = local_day(clinic, at)
    overdue = Q(
        Exists(about_signal()),
        raised_at__lte=at - timedelta(hours=clinic.escalate_after_hours),
        case__in=cases_without_recipient(clinic, day, escalated=True),
    )
    nobody = Q(case__in=cases_without_recipient(clinic, day))
    return AlertSignal.objects.filter(overdue | nobody, clinic=clinic, first_seen_at=None).count()


def _left(clinic: Clinic, at: datetime) -> int:
    """Unopened findings of watched cases whose last step was taken long ago: nobody is left to tell."""
    day = local_day(clinic, at)
    lead = last_to_hear(clinic, day)
    last = Q(purpose=TO_LEAD) | (Q(purpose=ESCALATED, staff=lead) if lead else Q(purpose=ESCALATED))
    long_ago = Q(queued_at__lte=at - timedelta(hours=clinic.escalate_after_hours))
    taken = Exists(about_signal(ESCALATED, TO_LEAD).filter(last, long_ago))
    watched = Case.objects.filter(watched_on(day), clinic=clinic).exclude(state=RecordState.ERASED)
    found = AlertSignal.objects.filter(taken, clinic=clinic, first_seen_at=None, case__in=watched)
    return found.exclude(case__in=cases_without_recipient(clinic, day, escalated=True)).count()


def _plans(clinic: Clinic, at: datetime) -> int:
    """Plans that are the supervisor's by now, and there is none."""
    alone = cases_without_recipient(clinic, local_day(clinic, at), escalated=True)
    return plans_left_open().filter(clinic=clinic, case__in=alone).count()
