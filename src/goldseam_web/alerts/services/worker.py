"""One turn of the worker's loop, and the housekeeping between turns."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from traceback import extract_tb

import structlog

from goldseam import SeriesName, detect, single_series
from goldseam_web.accounts.mails import send_next_account_mail
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.readiness import is_ready
from goldseam_web.alerts.rules import RULES
from goldseam_web.alerts.services.absences import keep_covered
from goldseam_web.alerts.services.alert_messages import (
    ALERTS,
    escalate_not_taken_up,
    escalate_to_lead,
    escalate_unseen,
    tell_the_other,
    tell_unheard,
)
from goldseam_web.alerts.services.episodes import end_by_handover
from goldseam_web.alerts.services.evaluation import evaluate_response
from goldseam_web.alerts.services.help_requests import HELP
from goldseam_web.alerts.services.keeping import keep_caseloads
from goldseam_web.alerts.services.leaving_for_good import keep_departed
from goldseam_web.alerts.services.look_back_offers import LOOK_BACKS, queue_look_backs
from goldseam_web.alerts.services.off_track import follow_courses
from goldseam_web.alerts.services.session_lots import cast_lots
from goldseam_web.audit.services import seal_entries
from goldseam_web.cases.models import Case
from goldseam_web.concerns.services import CONCERNS, keep_concerns_owned
from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.models import EvaluationJob, Occasion
from goldseam_web.measures.services import (
    claim_jobs,
    close_idle_responses,
    close_unanswered,
    fail_job,
    finish_job,
    holding_job,
    settle_past_encounters,
)
from goldseam_web.measures.services.outreach import OUTREACHES
from goldseam_web.measures.services.own_numbers import OWN_NUMBERS
from goldseam_web.measures.services.requests_by_mail import REQUESTS, queue_requests
from goldseam_web.outbox.services import MessagePurposes, mark_uncertain, send_next

# Which room owns which message: whether it is still wanted, and what it says.
PURPOSES: MessagePurposes = {
    **ALERTS,
    **HELP,
    **REQUESTS,
    **OUTREACHES,
    **OWN_NUMBERS,
    **LOOK_BACKS,
    **CONCERNS,
}
# Answers wait while lists are kept: however many are old, a part at a time; the others when nothing else is to do.
KEPT_A_TURN = 20
# Where responses wait, so many are written by one transaction: a disk takes as long for one as for all of them.
JUDGED_TOGETHER = 8

log = structlog.get_logger(__name__)


def warm_up() -> None:
    """Load the science before the first answer comes: importing it takes about a second."""
    course = single_series(SeriesName("", "", ""), [1], [0.0], minimum=0, maximum=1)
    for rule in RULES:
        detect(course, criterion=rule.criterion, version=rule.version, norms="shipped").session_dicts()


def work_once(*, worker: str, at: datetime) -> bool:
    """Judge what waits, several responses at once, or send one waiting message; False if there was nothing to do."""
    return (
        _judge_next(worker, at)
        or send_next(purposes=PURPOSES, worker=worker, at=at)
        or send_next_account_mail(worker=worker, at=at)
    )


def _judge_next(worker: str, at: datetime) -> bool:
    jobs = claim_jobs(worker=worker, at=at, most=JUDGED_TOGETHER)
    if len(jobs) < 2 or not _are_judged_together(jobs, at):
        for job in jobs:
            _judge_alone(job, at)
    return bool(jobs)


def _are_judged_together(jobs: Sequence[EvaluationJob], at: datetime) -> bool:
    """Whether all could be; if not, nothing of it was written, and each is to be judged by itself."""
    try:
        with holding_job(*jobs):
            raised = _judged_at_once(jobs, at)
    except Exception as error:  # noqa: BLE001 - whichever response it was is told when it is judged by itself
        log.info("jobs not done together", jobs=len(jobs), error=type(error).__name__)
        return False
    for job, signals in zip(jobs, raised, strict=True):
        log.info("job done", job=str(job.id), signals=len(signals))
    return True


@one_transaction
def _judged_at_once(jobs: Sequence[EvaluationJob], at: datetime) -> list[list[AlertSignal]]:
    """All of their cases are locked first, in the order of their ids, as by everybody who locks several."""
    occasions = Occasion.objects.filter(responses__in=[job.response_id for job in jobs])
    list(locked(Case.objects.filter(pk__in=occasions.values("case"))).values_list("pk"))
    return [_judged(job, at) for job in jobs]


def _judge_alone(job: EvaluationJob, at: datetime) -> None:
    try:
        with holding_job(job):
            raised = _judged(job, at)
    except Exception as error:  # noqa: BLE001
        # Whatever it was, one response must not stop the queue: the job is kept and tried again. The log gets the
        # kind of error and the job's id, nothing a client said.
        log.warning(
            "job failed",
            job=str(job.id),
            error=type(error).__name__,
            where=_where(error),
            attempt=job.attempts,
        )
        fail_job(job=job, at=at, error=error)
        return
    log.info("job done", job=str(job.id), signals=len(raised))


@one_transaction
def _judged(job: EvaluationJob, at: datetime) -> list[AlertSignal]:
    """What was found is written together with that the job is done: nobody takes over what has been judged."""
    raised = evaluate_response(response_id=job.response_id, at=at)
    finish_job(job=job, at=at)
    return raised


def _where(error: Exception) -> str:
    """File and line that raised: enough for an operator to report, and free of anything a client said."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def tidy(*, at: datetime) -> None:
    """What time alone brings about: sessions over, windows opened and closed, forms left, messages unread, audit
    unsealed.

    Answers wait while this runs, so a long audit is sealed a piece at a time. One part that cannot be done keeps none
    of the others, and no answer, waiting: it is told and tried again the next time.
    """
    parts = (
        settle_past_encounters,
        end_by_handover,
        close_idle_responses,
        close_unanswered,
        partial(queue_requests, is_ready=partial(is_ready, at=at)),
        partial(queue_look_backs, is_ready=partial(is_ready, at=at)),
        keep_concerns_owned,
        partial(mark_uncertain, purposes=PURPOSES),
        keep_departed,
        keep_covered,
        tell_unheard,
        escalate_unseen,
        tell_the_other,
        escalate_to_lead,
        escalate_not_taken_up,
        cast_lots,
        follow_courses,
        partial(keep_caseloads, most=KEPT_A_TURN),
        seal_entries,
    )
    for part in parts:
        try:
            part(at=at)
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the other parts have to be done
            tell_of_failed_part(error)


def tell_of_failed_part(error: Exception) -> None:
    """As of a job: the kind of error and where it was raised, nothing anybody said."""
    log.warning("tidying failed", error=type(error).__name__, where=_where(error))
