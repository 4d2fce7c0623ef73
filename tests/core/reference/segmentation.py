"""Segmentation written a second time: one series, plain Python, by trying every division there is.

The norms are those of the tests: SD within a person 0.9; the range is 0 to 10, so levels differ from 0.5 on.
"""

from itertools import pairwise, product
from math import log
from statistics import mean
from typing import Any

from tests.core.reference.episodic import WITHIN_SD, Rows, row

GATE, MINIMUM = 0.5, 6
Segments = list[tuple[int, int]]
"""First place of each, and the place after its last."""


def squares(values: list[float]) -> float:
    return sum((value - mean(values)) ** 2 for value in values)


def divisions(n: int, shortest: int) -> list[Segments]:
    """All ways to cut n ratings into segments that are long enough."""
    found = []
    for cuts in product([False, True], repeat=n - 1):
        edges = [0, *(place for place, cut in enumerate(cuts, start=1) if cut), n]
        segments = list(pairwise(edges))
        if all(end - start >= shortest for start, end in segments):
            found.append(segments)
    return found


def best_division(values: list[float], sd: float, *, penalty: float = 2.0, shortest: int = 1) -> Segments:
    """The cheapest; of equals the one with the longest last segment, then the longest last but one, and so on."""
    n = len(values)
    cost_of = {(i, j): squares(values[i:j]) / sd**2 for i in range(n) for j in range(i + 1, n + 1)}
    priced = [
        (sum(cost_of[each] for each in segments) + penalty * log(n) * (len(segments) - 1), segments)
        for segments in divisions(n, shortest)
    ]
    least = min(cost for cost, _ in priced)
    equals = [segments for cost, segments in priced if cost <= least + 1e-9]
    return min(equals, key=lambda segments: [start for start, _ in reversed(segments)])


def low_stretches(values: list[float], segments: Segments, gate: float) -> list[dict[str, Any]]:
    """From each fall to the next rise; `end` is the place after the last low rating."""
    levels = [mean(values[start:end]) for start, end in segments]
    found: list[dict[str, Any]] = []
    running = False
    for k in range(1, len(segments)):
        fall = levels[k - 1] - levels[k]
        if running and -fall >= gate - 1e-9:
            running = False
            found[-1]["after"] = levels[k]
        elif running or fall >= gate - 1e-9:
            if not running:
                found.append(
                    {"start": segments[k][0], "baseline": levels[k - 1], "lowest": levels[k], "after": None}
                )
            running = True
            found[-1]["end"] = segments[k][1]
            found[-1]["lowest"] = min(found[-1]["lowest"], levels[k])
    return found


def segmentation(sessions: list[int], values: list[float]) -> Rows:
    if len(values) < MINIMUM:
        parts = dict.fromkeys(("criterion_1", "criterion_2", "criterion_3"), "not enough data")
        return [row("not enough data") | {"parts": parts} for _ in values]
    segments = best_division(values, WITHIN_SD)
    rows = []
    for start, end in segments:
        for _ in range(start, end):
            parts = {"criterion_1": "not met", "criterion_2": "not applied", "criterion_3": "not applied"}
            rows.append(row("not met", mean(values[start:end]), WITHIN_SD) | {"parts": parts})
    for low in low_stretches(values, segments, GATE):
        short = sessions[low["end"] - 1] - sessions[low["start"]] + 1 <= 3
        words = ["met", "met" if low["after"] is not None else "not met", "met" if short else "not met"]
        parts = dict(zip(("criterion_1", "criterion_2", "criterion_3"), words, strict=True))
        for place in range(low["start"], low["end"]):
            rows[place] = row("met", low["baseline"], WITHIN_SD) | {"parts": parts}
    return rows


def segmentation_events(sessions: list[int], values: list[float]) -> Rows:
    """Onset, baseline, nadir, level, status, session of repair and pattern of each low stretch."""
    if len(values) < MINIMUM:
        return []
    found = []
    for low in low_stretches(values, best_division(values, WITHIN_SD), GATE):
        rated = values[low["start"] : low["end"]]
        nadir = low["start"] + rated.index(min(rated))
        short = sessions[low["end"] - 1] - sessions[low["start"]] + 1 <= 3
        status, pattern = last_state(low, len(rated)), "low end" if short else "shift"
        if low["after"] is not None:
            pattern = "dip" if short else "low period"
        found.append(
            {
                "onset_session": sessions[low["start"]],
                "baseline": low["baseline"],
                "nadir": values[nadir],
                "nadir_session": sessions[nadir],
                "level": mean(rated),
                "status": status,
                "repair_session": sessions[low["end"]] if status == "repaired" else None,
                "pattern": pattern,
            }
        )
    return found


def last_state(low: dict[str, Any], ratings: int) -> str:
    if low["after"] is None:
        return "indeterminate" if ratings < 3 else "unrepaired"
    recovery = (low["after"] - low["lowest"]) / (low["baseline"] - low["lowest"])
    return "repaired" if recovery >= 0.75 else "partial" if recovery >= 0.5 else "unrepaired"
