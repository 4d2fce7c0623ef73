"""Time to a client's first event, by lifelines: run once where it is installed, its output kept beside this file.

pip install lifelines
python tests/core/reference/lifelines_first_event.py
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import goldseam

KEPT = Path(__file__).with_suffix(".json")
CRITERION = "previous-drop"


def durations() -> tuple[list[int], list[bool]]:
    """Sessions to the first event of 60 made-up clients, or all their sessions; and whether there was one."""
    ratings = goldseam.simulate(cases=60, sessions=12, seed=6).ratings
    first = goldseam.detect(ratings, criterion=CRITERION).one_per_series("first")
    sessions = first["onset_session"].fill_null(first["n_sessions"]).to_list()
    return sessions, first["onset_session"].is_not_null().to_list()


def survival(sessions: list[int], had_event: list[bool]) -> dict[str, float]:
    """Share of clients without an event after each session at which somebody had one or left, as lifelines has it."""
    from lifelines import KaplanMeierFitter

    fitted: Any = KaplanMeierFitter().fit(sessions, had_event)
    return {f"{at:g}": float(share) for at, share in fitted.survival_function_["KM_estimate"].items()}


if __name__ == "__main__":
    given = durations()
    record = {
        "program": "lifelines",
        "version": version("lifelines"),
        "python": platform.python_version(),
        "script": "tests/core/reference/lifelines_first_event.py",
        "sessions": given[0],
        "had_event": given[1],
        "survival": survival(*given),
    }
    KEPT.write_text(json.dumps(record) + "\n", encoding="utf-8")
