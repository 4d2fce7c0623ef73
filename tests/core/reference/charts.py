"""The chart of individuals written a second time: one series, plain Python, slow, by the text of its page."""

from math import nan, sqrt
from statistics import mean, median
from typing import Any

from tests.core.reference.episodic import WITHIN_SD, Rows, events

DEEP = 1e7

Limits = tuple[float, float, float]
"""Centre, sigma, limit of the moving range."""


def limits_from(sessions: list[int], values: list[float], among: list[int], how: str) -> Limits | None:
    """From the ratings at some places; None without two adjacent ones, or without any."""
    if how == "shrunken":
        return shrunken([values[i] for i in among])
    ranges = [
        abs(values[i] - values[i - 1])
        for i in among
        if i - 1 in among and i > 0 and sessions[i] - sessions[i - 1] == 1
    ]
    if not ranges:
        return None
    typical, constant, for_ranges = (
        (median(ranges), 3.145, 3.865) if how == "median" else (mean(ranges), 2.66, 3.267)
    )
    return mean(values[i] for i in among), typical * constant / 3, typical * for_ranges


def shrunken(values: list[float]) -> Limits | None:
    """The norms of the tests: an inverse gamma of shape 4 and rate 4 * .9 * .81."""
    if not values:
        return None
    squares = sum((value - mean(values)) ** 2 for value in values)
    sigma = sqrt((4 * 0.9 * WITHIN_SD**2 + squares / 2) / (4 + (len(values) - 1) / 2))
    return mean(values), sigma, sigma * 3.267 / (2.66 / 3)


def could_pass(sessions: list[int], i: int, lows: int, sigmas: float, how: str) -> bool:
    """Draw a flat course with a deep dip that ends at place i, and try the rule on it."""
    if i < lows - 1:
        return False
    flat = [0.0] * len(sessions)
    flat[i - lows + 1 : i + 1] = [-DEEP] * lows
    limits = limits_from(sessions, flat, list(range(len(flat))), how)
    return limits is not None and flat[i] < limits[0] - sigmas * limits[1]


def range_could_pass(sessions: list[int], i: int, how: str) -> bool:
    flat = [0.0] * len(sessions)
    flat[i] = -DEEP
    limits = limits_from(sessions, flat, list(range(len(flat))), how)
    return limits is not None and limits[2] < DEEP


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
    how: str,
) -> Rows:
    rows = []
    for i in range(len(values)):
        known = limits[i] is not None
        patterns = {"w1": (1, 3), "w2": (2, 2), "w3": (4, 1), "w4": (8, 0)}
        enough = {}
        for name, (lows, sigmas) in patterns.items():
            if baseline is None:
                enough[name] = known and could_pass(sessions, i, lows, sigmas, how)
            else:
                enough[name] = known and i >= baseline + lows - 1
        enough["mr"] = known and (baseline is not None or range_could_pass(sessions, i, how))
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
    how: str = "mean",
    recomputations: int = 0,
    refresh: bool = True,
) -> Rows:
    everything = list(range(len(values)))

    def judge(limits: list[Limits | None]) -> Rows:
        return rows_of(sessions, values, limits, rules, baseline, how=how)

    if baseline is None:
        rows = judge([limits_from(sessions, values, everything, how)] * len(values))
        for _ in range(recomputations):
            kept = [i for i in everything if rows[i]["verdict"] != "met"]
            rows = judge([limits_from(sessions, values, kept, how)] * len(values))
        return rows
    first = limits_from(sessions, values, everything[:baseline], how)
    limits: list[Limits | None] = [None] * min(baseline, len(values)) + [first] * (len(values) - baseline)
    settled = -1
    while True:
        rows = judge(limits)
        shift = next_shift(sessions, values, rows, settled) if refresh else None
        if shift is None:
            return rows
        since, settled = shift
        new = limits_from(sessions, values, list(range(since + 1, settled + 1)), how)
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
    return chart(sessions, values, USUAL, how="median")


def xmr_shrunken(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, USUAL, how="shrunken")


def xmr_shrunken_first_four(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, USUAL, how="shrunken", baseline=4)


def xmr_again(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, USUAL, recomputations=2)


def xmr_first_four(sessions: list[int], values: list[float]) -> Rows:
    return chart(sessions, values, ALL, baseline=4)


CRITERIA = {
    "xmr, whole course": ("xmr", {}, xmr),
    "xmr, whole course, all rules": ("xmr", SWITCHED_ON, xmr_all_rules),
    "xmr, whole course, median": ("xmr", {"sigma": "median"}, xmr_median),
    "xmr, whole course, shrunken": ("xmr", {"sigma": "shrunken"}, xmr_shrunken),
    "xmr, first four, shrunken": (
        "xmr",
        {"baseline_ratings": 4, "sigma": "shrunken"},
        xmr_shrunken_first_four,
    ),
    "xmr, whole course, computed again": ("xmr", {"recomputations": 2}, xmr_again),
    "xmr, first four": ("xmr", {"baseline_ratings": 4, **SWITCHED_ON}, xmr_first_four),
}
