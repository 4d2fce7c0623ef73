"""EWMA, CUSUM and the filters of a level and of two states, a second time: one series, plain Python, by their pages.

The norms are those of the tests: mean 7, SD between persons 1.3, within a person 0.9.
"""

from math import exp, sqrt
from statistics import mean

from tests.core.reference.episodic import WITHIN_SD, Rows, normal_below, row

MEAN, BETWEEN_SD = 7.0, 1.3


def ewma_values(values: list[float], level: float, share: float) -> list[float]:
    smoothed = [level]
    for value in values:
        smoothed.append(share * value + (1 - share) * smoothed[-1])
    return smoothed[1:]


def cusum_values(values: list[float], level: float, sd: float, allowance: float) -> list[float]:
    sums = [0.0]
    for value in values:
        sums.append(max(0.0, sums[-1] + (level - value) / sd - allowance))
    return sums[1:]


def ewma(sessions: list[int], values: list[float]) -> Rows:
    rows = [row("not enough data") for _ in values[:4]]
    if len(values) > 4:
        level = mean(values[:4])
        for t, z in enumerate(ewma_values(values[4:], level, 0.3), start=1):
            line = level - 2.15 * WITHIN_SD * sqrt(0.3 / 1.7 * (1 - 0.7 ** (2 * t)))
            rows.append(row("met" if z < line else "not met", level, WITHIN_SD))
    return rows


def cusum(sessions: list[int], values: list[float]) -> Rows:
    rows = [row("not enough data") for _ in values[:4]]
    if len(values) > 4:
        level = mean(values[:4])
        rows += [
            row("met" if c > 3 else "not met", level, WITHIN_SD)
            for c in cusum_values(values[4:], level, WITHIN_SD, 0.5)
        ]
    return rows


def kalman(sessions: list[int], values: list[float]) -> Rows:
    a, p = MEAN, BETWEEN_SD**2
    q, r = 0.075 * WITHIN_SD**2, 0.9 * WITHIN_SD**2
    rows = []
    for i, (session, x) in enumerate(zip(sessions, values, strict=True)):
        p += q * (session - sessions[i - 1] if i else 1)
        f = p + r
        z = (x - a) / sqrt(f)
        said = row("not enough data" if i < 3 else "met" if z < -1.96 else "not met", a, sqrt(f))
        rows.append(said | {"p": normal_below(z), "grade": "marked" if z < -2.33 else "probable"})
        k = p / f
        a += k * sqrt(f) * max(z, -2.6)
        p *= 1 - k
    return rows


def hidden_markov(sessions: list[int], values: list[float]) -> Rows:
    moves = [[0.9, 0.1], [0.4, 0.6]]  # from usual, from low: to usual, to low
    state = [0.8, 0.2]  # what these moves settle at
    weight = floor = WITHIN_SD**2 / BETWEEN_SD**2
    m, shape, rate = MEAN, 4.0, 0.9 * 4 * WITHIN_SD**2
    rows = []
    for i, (session, x) in enumerate(zip(sessions, values, strict=True)):
        own = max(sqrt(rate / shape), 0.1 * WITHIN_SD)
        wide = own * sqrt(1 + 1 / weight)
        low = False
        if i >= 3:
            for _ in range(session - sessions[i - 1]):
                state = [state[0] * moves[0][to] + state[1] * moves[1][to] for to in (0, 1)]
            # far from both states densities vanish; their ratio does not
            nearest = min((x - m) ** 2, (x - m + 2 * own) ** 2)
            likely = [exp((nearest - (x - m + down) ** 2) / (2 * wide**2)) for down in (0, 2 * own)]
            joint = [p * q for p, q in zip(state, likely, strict=True)]
            state = [each / sum(joint) for each in joint]
            low = state[1] > 0.5
        rows.append(row("not enough data" if i < 3 else "met" if low else "not met", m, wide))
        rows[-1]["probability_low"] = state[1] if i >= 3 else None
        if not low:
            kept = max(0.9 * weight, floor)
            rate += 0.5 * kept / (kept + 1) * (x - m) ** 2
            m = (kept * m + x) / (kept + 1)
            weight = kept + 1
            shape += 0.5
            if shape > 12:
                rate, shape = rate * 12 / shape, 12.0
    return rows


CRITERIA = {
    "ewma": ("ewma", {}, ewma),
    "cusum": ("cusum", {}, cusum),
    "kalman": ("kalman", {}, kalman),
    "hidden-markov": ("hidden-markov", {}, hidden_markov),
}
