"""Online change-point detection written a second time: one series, plain Python, all run lengths, by its page.

The norms are those of the tests: mean 7, SD between persons 1.3, within a person 0.9, shape 4; the range is 0 to 10.
`probability_of_partitions` does without the recursion: it adds up every possible set of change points.
"""

from itertools import product
from math import exp, lgamma, log, pi, sqrt
from typing import Any

from tests.core.reference.episodic import WITHIN_SD, Rows, row

Prior = tuple[float, float, float, float]
"""Mean, weight, shape and rate of the normal-inverse-gamma."""

VARIANCE = WITHIN_SD**2
PRIOR: Prior = (7.0, VARIANCE / 1.3**2, 4.0, 4.0 * VARIANCE * 0.9)
HAZARD, GATE = 0.1, 0.5


def learnt(prior: Prior, values: list[float]) -> Prior:
    """The posterior after some ratings, all at once."""
    m, k, a, b = prior
    n = len(values)
    if not n:
        return prior
    average = sum(values) / n
    squares = sum((value - average) ** 2 for value in values)
    rate = b + squares / 2 + k * n * (average - m) ** 2 / (2 * (k + n))
    return (k * m + n * average) / (k + n), k + n, a + n / 2, rate


def predictive(belief: Prior) -> tuple[float, float, float]:
    """Centre, scale and degrees of freedom of the next rating's t distribution."""
    m, k, a, b = belief
    return m, sqrt(b / a * (1 + 1 / k)), 2 * a


def log_density(belief: Prior, x: float) -> float:
    centre, scale, v = predictive(belief)
    z = (x - centre) / scale
    constant = lgamma((v + 1) / 2) - lgamma(v / 2) - log(v * pi) / 2 - log(scale)
    return constant - (v + 1) / 2 * log(1 + z * z / v)


def follow(sessions: list[int], values: list[float], prior: Prior, hazard: float) -> list[dict[str, Any]]:
    """Per rating: the probabilities of r = 0, 1, 2 ... after it, and the prediction of the old run."""
    found = []
    runs: list[float] = []  # of r = 1, 2, ..., given that there is no change after the rating
    for t, x in enumerate(values):
        stay = (1 - hazard) ** (sessions[t] - sessions[t - 1]) if t else 0.0
        weights = [1 - stay, *(stay * each for each in runs)]
        beliefs = [learnt(prior, values[t - r : t]) for r in range(t + 1)]
        old = max(range(1, t + 1), key=lambda r: weights[r]) if t else 0
        logs = [log(w) + log_density(each, x) for w, each in zip(weights, beliefs, strict=True)]
        joint = [exp(each - max(logs)) for each in logs]
        runs = [each / sum(joint) for each in joint]
        whole = [hazard, *((1 - hazard) * each for each in runs)]
        found.append({"runs": whole, "old": old, "predictive": predictive(beliefs[old])})
    return found


def changepoint(sessions: list[int], values: list[float]) -> Rows:
    rows = []
    for t, (x, each) in enumerate(zip(values, follow(sessions, values, PRIOR, HAZARD), strict=True)):
        centre, scale, _ = each["predictive"]
        changed = each["runs"][0] + each["runs"][1] > 0.5
        large = centre - x >= GATE - 1e-9
        words = ["met" if said and t >= 3 else "not met" for said in (changed, large, changed and large)]
        if t < 3:
            words = ["not enough data"] * 3
        rows.append(
            row(words[2], centre, scale) | {"parts": {"criterion_1": words[0], "criterion_2": words[1]}}
        )
    return rows


def probability_of_partitions(
    sessions: list[int], values: list[float], prior: Prior, hazard: float
) -> list[float]:
    """P(r = 0) + P(r = 1) after each rating, from the likelihood of every set of change points there could be."""
    found = []
    for n in range(1, len(values) + 1):
        total = recent = 0.0
        for changes in product([False, True], repeat=n - 1):
            chance = likelihood(values[:n], changes, prior)
            for t, change in enumerate(changes, start=1):
                stay = (1 - hazard) ** (sessions[t] - sessions[t - 1])
                chance *= 1 - stay if change else stay
            total += chance
            recent += chance if n == 1 or changes[-1] else 0.0
        found.append(hazard + (1 - hazard) * recent / total)
    return found


def likelihood(values: list[float], changes: tuple[bool, ...], prior: Prior) -> float:
    """Of ratings in segments, each by the closed form of the normal-inverse-gamma's marginal likelihood."""
    segments = [[values[0]]]
    for value, change in zip(values[1:], changes, strict=True):
        if change:
            segments.append([value])
        else:
            segments[-1].append(value)
    chance = 1.0
    _, k, a, b = prior
    for each in segments:
        _, weight, shape, rate = learnt(prior, each)
        chance *= exp(lgamma(shape) - lgamma(a) + a * log(b) - shape * log(rate))
        chance *= sqrt(k / weight) * (2 * pi) ** (-len(each) / 2)
    return chance


CRITERIA = {"changepoint": ("changepoint", {}, changepoint)}
