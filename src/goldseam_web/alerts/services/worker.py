"""One turn of the worker's loop, and the housekeeping between turns."""

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
    escalate_unseen,
    tell_unheard,
)
from goldseam_web.alerts.services.episodes import end_by_handover
from goldseam_web.alerts.services.evaluation import evaluate
from goldseam_web.alerts.services.help_requests import HELP
from goldseam_web.audit.services import seal_entries
from goldseam_web.concerns.services import CONCERNS, keep_concerns_owned
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.models import EvaluationJob
from goldseam_web.measures.services import (
    claim_job,
    close_idle_responses,
    close_unanswered,
    fail_job,
    finish_job,
    holding_job,
    settle_past_encounters,
)
from goldseam_web.measures.services.outreach import OUTREACHES
from goldseam_web.measures.services.requests_by_mail import REQUESTS, queue_requests
from goldseam_web.outbox.services import MessagePurposes, mark_uncertain, send_next

# Which room owns which message: whether it is still wanted, and what it says.
PURPOSES: MessagePurposes = {**ALERTS, **HELP, **REQUESTS, **OUTREACHES, **CONCERNS}

log = structlog.get_logger(__name__)


def warm_up() -> None:
    """Load the science before the first answer comes: importing it takes about a second."""
    course = single_series(SeriesName("", "", ""), [1], [0.0], minimum=0, maximum=1)
    for rule in RULES:
        detect(course, criterion=rule.criterion, version=rule.version, norms="shipped").session_dicts()


def work_once(*, worker: str, at: datetime) -> bool:
    """Judge one waiting response or send one waiting message; False if there was nothing to do."""
    return (
        _judge_next(worker, at)
        or send_next(purposes=PURPOSES, worker=worker, at=at)
        or send_next_account_mail(worker=worker, at=at)
    )


def _judge_next(worker: str, at: datetime) -> bool:
    job = claim_job(worker=worker, at=at)
    if job is None:
        return False
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
        return True
    log.info("job done", job=str(job.id), signals=len(raised))
    return True


@one_transaction
def _judged(job: EvaluationJob, at: datetime) -> list[AlertSignal]:
    """What was found is written together with that the job is done: nobody takes over what has been judged."""
    raised = evaluate(response=job.response, at=at)
    finish_job(job=job, at=at)
    return raised


def _where(error: Exception) -> str:
    """File and line that raised: enough for an operator to report, and free of anything a client said."""
    frames = extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def tidy(*, at: datetime) -> None:
    """What time alone brings about: sessions over, windows opened and closed, forms left, messages unread, audit
    unsealed.

    Answers wait while this runs, so a long audit is sealed a piece at a time.
    """
    settle_past_encounters(at=at)
    end_by_handover(at=at)
    close_idle_responses(at=at)
    close_unanswered(at=at)
    queue_requests(at=at, is_ready=partial(is_ready, at=at))
    keep_concerns_owned(at=at)
    mark_uncertain(purposes=PURPOSES, at=at)
    keep_covered(at=at)
    tell_unheard(at=at)
    escalate_unseen(at=at)
    escalate_not_taken_up(at=at)
    seal_entries(at=at)
