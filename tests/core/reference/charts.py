"""The chart of individuals written a second time: one series, plain Python, slow, by the text of its page."""

from math import nan
from statistics import mean, median
from typing import Any

from tests.core.reference.episodic import Rows, events

Limits = tuple[float, float, float]
"""Centre, sigma, limit of the moving range."""


def limits_from(
    sessions: list[int], values: list[float], among: list[int], *, by_median: bool
) -> Limits | None:
    """From the ratings at some places; None without two adjacent ones."""
    ranges = [
        abs(values[i] - values[i - 1])
        for i in among
        if i - 1 in among and i > 0 and sessions[i] - sessions[i - 1] == 1
    ]
    if not ranges:
        return None
    typical, constant, for_ranges = (
        (median(ranges), 3.145, 3.865) if by_median else (mean(ranges), 2.66, 3.267)
    )
    return mean(values[i] for i in among), typical * constant / 3, typical * for_ranges


def could_pass(sessions: list[int], i: int, lows: int, sigmas: float, *, by_median: bool) -> bool:
    """Draw a flat course with a dip of depth 1 that ends at place i, and try the rule on it."""
    if i < lows - 1:
        return False
    flat = [0.0] * len(sessions)
    flat[i - lows + 1 : i + 1] = [-1.0] * lows
    limits = limits_from(sessions, flat, list(range(len(flat))), by_median=by_median)
    return limits is not None and flat[i] < limits[0] - sigmas * limits[1]


def range_could_pass(sessions: list[int], i: int, *, by_median: bool) -> bool:
    flat = [0.0] * len(sessions)
    flat[i] = -1.0
    limits = limits_from(sessions, flat, list(range(len(flat))), by_median=by_median)
    return limits is not None and limits[2] < 1


def said_at(
    sessions: list[int],
    values: list[float],
    i: int,
    limits: list[Limits | None],
    enough: dict[str, bool],
) -> dict[str, str]:
    """Verdicts of the rules at one place; each earlier rating is held against its own limits."""

    def below(j: int, sigmas: float) -> bool:
        own = limits[j]
        return own is not None and values[j] < own[0] - sigmas * own[1]

    def among(low: int, last: int, sigmas: float) -> bool:
        return below(i, sigmas) and sum(below(j, sigmas) for j in range(max(0, i - last + 1), i + 1)) >= low

    direct = i > 0 and sessions[i] - sessions[i - 1] == 1
    here = limits[i] or (nan, nan, nan)
    patterns = {"w1": among(1, 1, 3), "w2": among(2, 3, 2), "w3": among(4, 5, 1), "w4": among(8, 8, 0)}
    said = {}
    for name, met in patterns.items():
        applies = here[1] > 0
        said[name] = verdict(met and applies, enough[name], applies)
    falling = i >= 5 and all(values[j] < values[j - 1] for j in range(i - 4, i + 1))
    said["n3"] = verdict(falling, i >= 5, True)
    applies = direct and here[2] > 0
    said["mr"] = verdict(applies and values[i - 1] - values[i] > here[2], enough["mr"], applies)
    return said


def verdict(met: bool, enough: bool, applies: bool) -> str:
    if met:
        return "met"
    if not enough:
        return "not enough data"
    return "not met" if applies else "not applied"


def whole(parts: dict[str, str]) -> str:
    for word in ("met", "not met", "not enough data"):
        if word in parts.values():
            return word
    return "not applied"


def rows_of(
    sessions: list[int],
    values: list[float],
    limits: list[Limits | None],
    rules: list[str],
    baseline: int | None,
    *,
    by_median: bool,
) -> Rows:
    rows = []
    for i in range(len(values)):
        known = limits[i] is not None
        patterns = {"w1": (1, 3), "w2": (2, 2), "w3": (4, 1), "w4": (8, 0)}
        enough = {}
        for name, (lows, sigmas) in patterns.items():
            if baseline is None:
                enough[name] = known and could_pass(sessions, i, lows, sigmas, by_median=by_median)
            else:
                enough[name] = known and i >= baseline + lows - 1
        enough["mr"] = known and (baseline is not None or range_could_pass(sessions, i, by_median=by_median))
        parts = {
            name: word for name, word in said_at(sessions, values, i, limits, enough).items() if name in rules
        }
        row: dict[str, Any] = {"verdict": whole(parts), "p": None, "parts": parts}
        row |= {"expected": None, "spread": None}
        if row["verdict"] != "not enough data" and limits[i] is not None:
            row |= {"expected": limits[i][0], "spread": limits[i][1]}  # type: ignore[index]
        rows.append(row)
    return rows


def chart(
    sessions: list[int],
    values: list[float],
    rules: list[str],
    *,
    baseline: int | None = None,
    by_median: bool = False,
    recomputations: int = 0,
    refresh: bool = True,
) -> Rows:
    everything = list(range(len(values)))

    def judge(limits: list[Limits | None]) -> Rows:
        return rows_of(sessions, values, limits, rules, baseline, by_median=by_median)

    if baseline is None:
        rows = judge([limits_from(sessions, values, everything, by_median=by_median)] * len(values))
        for _ in range(recomputations):
            kept = [i for i in everything if rows[i]["verdict"] != "met"]
            rows = judge([limits_from(sessions, values, kept, by_median=by_median)] * len(values))
        return rows
    first = limits_from(sessions, values, everything[:baseline], by_median=by_median)
    limits: list[Limits | None] = [None] * min(baseline, len(values)) + [first] * (len(values) - baseline)
    settled = -1
    while True:
        rows = judge(limits)
        shift = next_shift(sessions, values, rows, settled) if refresh else None
        if shift is None:
            return rows
        since, settled = shift
        new = limits_from(sessions, values, list(range(since + 1, settled + 1)), by_median=by_median)
        limits[settled + 1 :] = [new] * (len(values) - settled - 1)


def next_shift(sessions: list[int], values: list[float], rows: Rows, settled: int) -> tuple[int, int] | None:
    """Places of the onset and of the sixth later rating of the next fall that was given up."""
    for event in events(sessions, values, rows, ended=False):
        onset = sessions.index(event["onset_session"])
        if event["status"] in {"partial", "unrepaired"} and onset + 6 > settled:
            return onset, onset + 6
    return None


USUAL, ALL = ["w1", "w2", "mr"], ["w1", "w2", "w3", "w4", "n3", "mr"]
SWITCHED_ON = {"w3": True, "w4": True, "n3": True}


def xmr(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, USUAL)


def xmr_all_rules(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, ALL)


def xmr_median(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, USUAL, by_median=True)


def xmr_again(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, USUAL, recomputations=2)


def xmr_first_four(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, ALL, baseline=4)


CRITERIA = {
    "xmr, whole course": ("xmr", {}, xmr),
    "xmr, whole course, all rules": ("xmr", SWITCHED_ON, xmr_all_rules),
    "xmr, whole course, median": ("xmr", {"median": True}, xmr_median),
    "xmr, whole course, computed again": ("xmr", {"recomputations": 2}, xmr_again),
    "xmr, first four": ("xmr", {"baseline_ratings": 4, **SWITCHED_ON}, xmr_first_four),
}
