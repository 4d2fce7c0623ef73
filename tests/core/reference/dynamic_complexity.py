"""Dynamic complexity written a second time, by its page: one series, plain loops over pairs within nested intervals."""

from itertools import pairwise
from statistics import mean, stdev
from typing import Any


def runs(values: list[float]) -> list[tuple[int, int]]:
    """From where to where the ratings go up, go down, or stay."""
    signs = [(b > a) - (b < a) for a, b in pairwise(values)]
    found, first = [], 0
    for place in range(1, len(signs)):
        if signs[place] != signs[place - 1]:
            found.append((first, place))
            first = place
    return [*found, (first, len(signs))]


def fluctuation(sessions: list[int], values: list[float], low: float, high: float) -> float:
    slopes = [abs(values[b] - values[a]) / (sessions[b] - sessions[a]) for a, b in runs(values)]
    return sum(slopes) / ((high - low) * (len(values) - 1))


def distribution(values: list[float], low: float, high: float) -> float:
    m = len(values)
    x, y = sorted(values), [low + (high - low) * place / (m - 1) for place in range(m)]
    lacking = wanted = 0.0
    for c in range(m - 1):
        for d in range(c + 1, m):
            for a in range(c, d):
                for b in range(a + 1, d + 1):
                    lacking += max(0.0, (y[b] - y[a]) - (x[b] - x[a]))
                    wanted += y[b] - y[a]
    return 1 - lacking / wanted


def rows(
    sessions: list[int], values: list[float], low: float, high: float, width: int = 7
) -> list[dict[str, Any]]:
    earlier: list[float] = []
    said: list[dict[str, Any]] = []
    for last in range(len(values)):
        first = last - width + 1
        here: dict[str, Any] = {"verdict": "not enough data", "complexity": None, "complexity_limit": None}
        said.append(here)
        if first < 0 or sessions[last] - sessions[first] > width - 1 + 2:
            continue
        window = slice(first, last + 1)
        f = fluctuation(sessions[window], values[window], low, high)
        here["complexity"] = f * distribution(values[window], low, high)
        if len(earlier) >= 5:
            here["verdict"] = "not applied"
            if stdev(earlier) > 1e-9:
                here["complexity_limit"] = mean(earlier) + 1.645 * stdev(earlier)
                peak = here["complexity"] > here["complexity_limit"]
                here["verdict"] = "met" if peak else "not met"
        earlier.append(here["complexity"])
    return said
