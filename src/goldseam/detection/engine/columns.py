"""Columns of the tables that a detection gives: names, order and types."""

from goldseam.series.table_columns import KEYS

EVENT_COLUMNS = (
    *KEYS,
    "criterion",
    "onset_session",
    "onset_kind",
    "grade",
    "baseline",
    "value",
    "p",
    "depth",
    "depth_z",
    "nadir_session",
    "nadir",
    "status",
    "repair_session",
    "duration",
    "shape",
)
EPISODE_COLUMNS = (
    *EVENT_COLUMNS,
    "spread",
    "depth_percent",
    "last_session",
    "recovery",
    "duration_is_minimum",
)
DETAIL_COLUMNS = (*KEYS, "session", "expected", "value", "p", "verdict")
SESSION_COLUMNS = (
    *KEYS,
    "session",
    "expected",
    "value",
    "p",
    "verdict",
    "spread",
    "degrees_of_freedom",
    "limit",
    "usual_low",
    "usual_high",
    "grade",
    "n_prior",
    "reason",
)
TEXT_COLUMNS = ("criterion", "onset_kind", "grade", "status", "shape")
WHOLE_NUMBER_COLUMNS = ("onset_session", "nadir_session", "repair_session", "duration", "last_session")
