"""The predictive criterion, version 2, written a second time: one series, plain matrices, slow, by the text.

It follows ``docs/methods/predictive.md`` sentence by sentence and shares no code with the library: states are vectors
and matrices, one own SD after the other; truncated normal distributions come from `scipy.stats`. The tests compare
the two on random series. `conditional` is a third way, without any filter: what is expected of a rating given the
earlier ones, from the joint normal distribution of all of them.
"""

from dataclasses import dataclass, field
from math import asinh, exp, inf, log, sinh, sqrt
from typing import Any

import numpy as np
from scipy.stats import multivariate_normal, norm, truncnorm

Rating = tuple[int, float, float | None]
"""Session, value, day (or None)."""

DEPTHS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
WEIGHTS = (0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 0.6, 0.3)
OUTLIER, OUTLIER_SD, JUMP, JUMP_SD = 0.005, 2.8, 0.02, 2.0
H = np.array([1.0, 0.0, 1.0])


@dataclass
class Population:
    """The figures of the norms' `person`, the range and the error of measurement."""

    course: tuple[float, ...]
    between: float
    within: float
    log_sd: float = 0.35
    kept: float = 0.2
    drift: float = 0.1
    trend: float = 0.0
    step: float = 0.0
    low: float = -inf
    high: float = inf
    shift: float = 0.0
    skew: float = 0.0
    error: float = 0.0

    def usual(self, session: int) -> float:
        return self.course[min(session, len(self.course)) - 1]

    def gate(self) -> float:
        return 0.0 if self.high == inf else max(0.05 * (self.high - self.low), 1.28 * self.error)

    def own_sds(self) -> list[tuple[float, float]]:
        """Own SDs with their probabilities; the root mean square of a log-normal own SD is `within`."""
        points = [-2.2 + 4.4 * k / 6 for k in range(7)]
        total = sum(exp(-point * point / 2) for point in points)
        return [
            (self.within * exp(self.log_sd * point - self.log_sd**2), exp(-point * point / 2) / total)
            for point in points
        ]


@dataclass
class Member:
    """What is believed for one own SD."""

    own: float
    weight: float
    mean: Any
    cov: Any


def conditional(
    earlier: list[tuple[int, float]], session: int, people: Population
) -> list[tuple[float, float, float]]:
    """Weight, mean and SD of the next rating for each own SD; neither outliers nor jumps, no ends, no steps."""
    found = []
    sessions = [*(number for number, _ in earlier), session]
    values = np.array([value for _, value in earlier])
    usual = np.array([people.usual(number) for number in sessions])
    for own, weight in people.own_sds():
        cov = np.array(
            [
                [
                    people.between**2
                    + people.trend**2 * (s - 1) * (t - 1)
                    + (people.drift * own) ** 2 * (min(s, t) - 1)
                    + own**2 * people.kept ** abs(s - t)
                    for t in sessions
                ]
                for s in sessions
            ]
        )
        known, along = cov[:-1, :-1], cov[-1, :-1]
        density = multivariate_normal(usual[:-1], known).pdf(values)
        mean = usual[-1] + along @ np.linalg.solve(known, values - usual[:-1])
        found.append((weight * density, mean, sqrt(cov[-1, -1] - along @ np.linalg.solve(known, along))))
    total = sum(weight for weight, _, _ in found)
    return [(weight / total, mean, sd) for weight, mean, sd in found]


@dataclass
class Filter:
    """The mixture of Kalman filters of one series."""

    people: Population
    members: list[Member] = field(default_factory=list)
    session: int = 1
    day: float | None = None

    def __post_init__(self) -> None:
        for own, weight in self.people.own_sds():
            cov = np.diag([self.people.between**2, self.people.trend**2, own**2])
            self.members.append(Member(own, weight, np.zeros(3), cov))

    def advance(self, session: int, day: float | None) -> None:
        later, people = session - self.session, self.people
        moves = float(later)
        if day is not None and self.day is not None and day - self.day > 28:
            moves = max(moves, (day - self.day) / 7)
        kept = people.kept**later
        for each in self.members:
            a = np.array([[1, later, 0], [0, 1, 0], [0, 0, kept]])
            noise = np.diag([(people.drift * each.own) ** 2 * moves, 0, (1 - kept**2) * each.own**2])
            each.mean, each.cov = a @ each.mean, a @ each.cov @ a.T + noise
        self.session, self.day = session, day

    def predictions(self) -> list[tuple[float, float, float]]:
        usual = self.people.usual(self.session)
        return [(each.weight, usual + H @ each.mean, sqrt(H @ each.cov @ H)) for each in self.members]

    def interval(self, value: float, *, for_p: bool) -> tuple[float, float] | None:
        """What a rating stands for, where that is an interval; the lower end of the scale is one for learning only."""
        people, half = self.people, self.people.step / 2
        top, bottom = value >= people.high, value <= people.low
        coarse = people.step > min(each.own for each in self.members)
        if for_p:
            return (value - half, inf if top else value + half) if coarse or top else None
        if not (coarse or top or bottom):
            return None
        return (-inf if bottom else value - half, inf if top else value + half)

    def below(self, point: float) -> float:
        raw = sum(weight * norm.cdf(point, mean, sd) for weight, mean, sd in self.predictions())
        return self.calibrated(min(max(float(raw), 0.0), 1.0))

    def calibrated(self, chance: float) -> float:
        people = self.people
        if people.shift == 0 and people.skew == 0:
            return chance
        z = norm.ppf(min(max(chance, 1e-300), 1 - 1e-15))
        return float(norm.cdf(sinh(asinh(z - people.shift) - people.skew)))

    def p(self, value: float) -> float:
        ends = self.interval(value, for_p=True)
        if ends is None:
            return self.below(value)
        low, high = max(self.below(ends[0]), 1e-280), max(self.below(ends[1]), 1e-280)
        high = max(low, high)
        return (high - low) / log(high / low) if log(high / low) > 1e-6 else low

    def expected(self) -> float:
        """Mean of the prediction cut off at the ends of the scale, from the censored normal distribution."""
        people, total = self.people, 0.0
        for weight, mean, sd in self.predictions():
            total += weight * (
                mean - sd * _loss((people.high - mean) / sd) + sd * _loss((mean - people.low) / sd)
            )
        return min(max(total, people.low), people.high)

    def centre(self) -> float:
        return sum(weight * mean for weight, mean, _ in self.predictions())

    def spread(self) -> float:
        centre = self.centre()
        return sqrt(sum(weight * (sd**2 + (mean - centre) ** 2) for weight, mean, sd in self.predictions()))

    def learn(self, value: float) -> None:
        ends = self.interval(value, for_p=False)
        step = self.people.step or 1.0
        for each, (_, mean, sd) in zip(self.members, self.predictions(), strict=True):
            error, told = value - mean, 1.0
            if ends is not None:
                low, high = (ends[0] - mean) / sd, (ends[1] - mean) / sd
                error, told = sd * truncnorm.mean(low, high), 1 - truncnorm.var(low, high)

            def likelihood(spread: float, mean: float = mean) -> float:
                if ends is None:
                    return float(norm.pdf(value, mean, spread)) * step
                return float(norm.cdf(ends[1], mean, spread) - norm.cdf(ends[0], mean, spread))

            leap = np.diag([(JUMP_SD * each.own) ** 2, 0, 0])
            wider = H @ (each.cov + leap) @ H
            cases = [
                ((1 - OUTLIER - JUMP) * likelihood(sd), each.cov, sd**2),
                (JUMP * likelihood(sqrt(wider)), each.cov + leap, wider),
                (OUTLIER * likelihood(sqrt(sd**2 + (OUTLIER_SD * each.own) ** 2)), each.cov, None),
            ]
            total = sum(chance for chance, _, _ in cases)
            states = []
            for chance, cov, variance in cases:
                if variance is None:
                    states.append((chance / total, each.mean, cov))
                    continue
                gain = cov @ H / variance
                states.append(
                    (chance / total, each.mean + gain * error, cov - np.outer(gain, gain) * variance * told)
                )
            centre = sum(share * mean for share, mean, _ in states)
            each.cov = sum(
                share * (cov + np.outer(mean - centre, mean - centre)) for share, mean, cov in states
            )
            each.mean = centre
            each.weight *= total
        total = sum(each.weight for each in self.members)
        for each in self.members:
            each.weight /= total


def _loss(z: float) -> float:
    """E max(0, u - z) of a standard normal u; 0 for an end that is not known."""
    return 0.0 if z == inf else float(norm.pdf(z) - z * norm.sf(z))


def course(ratings: list[Rating], people: Population) -> list[dict[str, Any]]:
    """The rows of the sessions: what is expected, p, and the verdict of the first part."""
    believed, rows = Filter(people), []
    run, before = 0, False
    for place, (session, value, day) in enumerate(ratings):
        believed.advance(session, day)
        p, expected = believed.p(value), believed.expected()
        run = run + 1 if value == people.high else 0
        low = (
            place >= 3 and run < 4 and p < 0.05 and expected - value >= people.gate() and value != people.high
        )
        met = low and (p < 0.025 or before)
        verdict = (
            "not enough data" if place < 3 else "not applied" if run >= 4 else "met" if met else "not met"
        )
        rows.append(
            {
                "session": session,
                "expected": expected,
                "centre": believed.centre(),
                "spread": believed.spread(),
                "p": p,
                "criterion_1": verdict,
                "grade": "none"
                if not low
                else "marked"
                if met and (p < 0.01 or before)
                else "probable"
                if met
                else "watch",
                "erosion_p": _erosion_p(ratings[: place + 1], believed),
            }
        )
        before = low
        believed.learn(value)
    return rows


def _erosion_p(ratings: list[Rating], believed: Filter) -> float:
    """Probability of so large a fall from the first four to the last three; 1 where there is none."""
    if len(ratings) < 7:
        return 1.0
    people = believed.people

    def middle(part: list[Rating]) -> tuple[float, float]:
        surplus = [value - people.usual(session) for session, value, _ in part]
        return sum(surplus) / len(part), sum(session for session, _, _ in part) / len(part)

    (early, at_first), (late, at_last) = middle(ratings[:4]), middle(ratings[-3:])
    if early - late <= 0:
        return 1.0
    apart = at_last - at_first
    total = 0.0
    for each in believed.members:
        share = sum((1 + 2 * sum((1 - k / n) * people.kept**k for k in range(1, n))) / n for n in (4, 3))
        variance = each.own**2 * (share + people.drift**2 * apart) + (people.trend * apart) ** 2
        total += each.weight * norm.cdf(-(early - late) / sqrt(variance))
    return float(total)


@dataclass
class Repair:
    """Whether a level is back, rating by rating, and since when."""

    level: float
    spread: float
    usual: float
    session: int
    highest: float
    back: float = 0.1
    evidence: float = 0.0
    since: int = 0
    rise: int = 0

    def __post_init__(self) -> None:
        self.down = [0.9 * weight / sum(WEIGHTS) for weight in WEIGHTS]

    def chance(self, value: float, depth: float, usual: float) -> float:
        """Of a rating, up to a factor that is the same for all depths."""
        z = (value - self.level - (usual - self.usual)) / self.spread + depth
        return float(norm.sf(z) if value >= self.highest else exp(-z * z / 2))

    def begin(self, value: float) -> None:
        """Take in the onset: nobody has come back yet."""
        self._weigh(self.back, self.down, value, self.usual)
        self.fallen = [each / sum(self.down) for each in self.down]

    def learn(self, session: int, value: float, usual: float) -> None:
        """Take in a later rating."""
        comes, gone = 1 - 0.7 ** (session - self.session), 0.02 * self.back
        back = 0.98 * self.back + comes * sum(self.down)
        down = [
            (1 - comes) * there + gone * share for there, share in zip(self.down, self.fallen, strict=True)
        ]
        self._date(session, value, usual)
        self._weigh(back, down, value, usual)
        self.session = session

    def _weigh(self, back: float, down: list[float], value: float, usual: float) -> None:
        back *= self.chance(value, 0.0, usual)
        down = [share * self.chance(value, depth, usual) for share, depth in zip(down, DEPTHS, strict=True)]
        self.back, self.down = back / (back + sum(down)), [each / (back + sum(down)) for each in down]

    def _date(self, session: int, value: float, usual: float) -> None:
        chances = [self.chance(value, depth, usual) for depth in DEPTHS]
        against = sum(share * chance for share, chance in zip(self.fallen, chances, strict=True))
        speaks = log(self.chance(value, 0.0, usual) / against)
        depth = sum(share * depth for share, depth in zip(self.fallen, DEPTHS, strict=True))
        near = value - self.level - (usual - self.usual) > -depth / 3 * self.spread
        if self.since and self.evidence + speaks > 0:
            self.evidence, self.since = self.evidence + speaks, self.since + 1
        elif near or value >= self.highest:
            self.evidence, self.since, self.rise = speaks, 1, session
        else:
            self.since = 0


def outcome(
    onset: int, ratings: list[Rating], rows: list[dict[str, Any]], people: Population
) -> tuple[str, int | None, float]:
    """What becomes of an episode that begins with a fall: status, session of the repair, probability of being back.

    Parameters
    ----------
    onset : int
        Place of its first rating.
    ratings, rows, people
        As for `course` and from it.
    """
    session, value, _ = ratings[onset]
    row = rows[onset]
    state = Repair(row["centre"], row["spread"], people.usual(session), session, people.high)
    state.begin(value)
    later, taken, candidate = 0, 0, None
    for number, rating, _ in ratings[onset + 1 :]:
        state.learn(number, rating, people.usual(number))
        if candidate is not None:
            if state.back >= 0.5:
                return "repaired", candidate, state.back
            candidate, later = None, later + taken
        later += 1
        if state.back >= 0.75:
            candidate = state.rise if state.since else number
            taken = max(state.since - 1, 0)
            later -= taken
        elif later >= 6:
            return "given up", None, state.back
    return ("open" if candidate is None else "repaired_unconfirmed"), candidate, state.back
