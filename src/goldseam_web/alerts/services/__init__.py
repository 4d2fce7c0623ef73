"""Writes of the room: judging a response, keeping episodes, telling people, and what people say back."""

from goldseam_web.alerts.services.acknowledgements import (
    acknowledge,
    acknowledge_findings,
    open_alert,
    say_strain,
)
from goldseam_web.alerts.services.alert_messages import escalate_unseen
from goldseam_web.alerts.services.evaluation import evaluate
from goldseam_web.alerts.services.norms import norms_in_use, store_norms
from goldseam_web.alerts.services.worker import tidy, warm_up, work_once

__all__ = [
    "acknowledge",
    "acknowledge_findings",
    "escalate_unseen",
    "evaluate",
    "norms_in_use",
    "open_alert",
    "say_strain",
    "store_norms",
    "tidy",
    "warm_up",
    "work_once",
]
