"""Writes of the room: measures installed, occasions planned, answers kept, responses submitted, jobs queued."""

from goldseam_web.measures.services.catalog import install_measures
from goldseam_web.measures.services.jobs import (
    claim_jobs,
    close_waiting_jobs,
    fail_job,
    finish_job,
    holding_job,
)
from goldseam_web.measures.services.left_forms import close_idle_responses
from goldseam_web.measures.services.occasions import (
    close_unanswered,
    plan_occasions,
    renew_link,
    settle_past_encounters,
)
from goldseam_web.measures.services.response_scores import Given
from goldseam_web.measures.services.responses import (
    BY_LINK,
    ToKeep,
    keep_by_link,
    save_answer,
    submit_response,
)
from goldseam_web.measures.services.who_takes_it_up import choose_audience

__all__ = [
    "BY_LINK",
    "Given",
    "ToKeep",
    "choose_audience",
    "claim_jobs",
    "close_idle_responses",
    "close_unanswered",
    "close_waiting_jobs",
    "fail_job",
    "finish_job",
    "holding_job",
    "install_measures",
    "keep_by_link",
    "plan_occasions",
    "renew_link",
    "save_answer",
    "settle_past_encounters",
    "submit_response",
]
