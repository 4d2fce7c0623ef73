"""Tables of several members' ratings for the tests."""

from collections.abc import Mapping, Sequence

import polars as pl

AWAY = "away"
"""Stands for a session the rater did not attend; None for one attended and not rated."""

COLUMNS = ("case", "rater", "scale", "session", "value", "minimum", "maximum")
SCHEMA = dict(zip(COLUMNS, (pl.String, pl.String, pl.String, pl.Int64, *[pl.Float64] * 3), strict=True))


def family(
    views: Mapping[str, Sequence[float | str | None]],
    *,
    scale: str = "self_therapist",
    case: str = "A",
    low: float | None = 0.0,
    high: float | None = 10.0,
) -> pl.DataFrame:
    """One scale's ratings by rater, the first of each at session 1 of the case."""
    rows = [
        (case, rater, scale, session, value, low, high)
        for rater, values in views.items()
        for session, value in enumerate(values, start=1)
        if value != AWAY
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def member_event(rater: str, onset: int, **more: object) -> dict[str, object]:
    """One event as detection gives it, with what case events read."""
    known = {
        "case": "A",
        "rater": rater,
        "scale": "self_therapist",
        "phase": None,
        "onset_session": onset,
        "p": 0.01,
        "status": "repaired",
        "repair_session": onset + 1,
    }
    return {**known, **more}


def event_table(*rows: dict[str, object]) -> pl.DataFrame:
    schema = {
        "case": pl.String,
        "rater": pl.String,
        "scale": pl.String,
        "phase": pl.String,
        "onset_session": pl.Int64,
        "p": pl.Float64,
        "status": pl.String,
        "repair_session": pl.Int64,
    }
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def column(table: pl.DataFrame, name: str) -> list[object]:
    return table.get_column(name).to_list()
