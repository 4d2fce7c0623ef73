"""The predictive criterion, version 1, written a second time: one series, plain Python, slow, by the text.

It follows ``docs/methods/predictive-1.md`` sentence by sentence and shares no code with the library: where the
library keeps running totals, this looks back over the ratings of the episode; its t distribution comes from the
regularised incomplete beta function. The tests compare the two on random series.
"""

from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from scipy.special import betainc

Rating = tuple[int, float, float | None]
"""Session, value, day (or None)."""


@dataclass
class Belief:
    """Mean, weight, shape and rate of the normal-inverse-gamma belief."""

    m: float
    k: float
    a: float
    b: float


@dataclass
class Population:
    """Prior mean, SD between persons, SD within, shape, discount, error of measurement, range."""

    mean: float
    between: float
    within: float
    shape: float = 4.0
    discount: float = 0.9
    error: float | None = None
    low: float | None = None
    high: float | None = None

    def gate(self) -> float:
        if self.low is None or self.high is None:
            return 0.0
        return max(0.05 * (self.high - self.low), 1.28 * (self.error or 0.0))


@dataclass
class Episode:
    """A running episode: what was frozen at its onset, and its ratings since."""

    baseline: float
    scale: float
    onset: int
    first: float
    p: float
    grade: str
    kind: str
    frozen: Belief
    later: list[tuple[int, float]] = field(default_factory=list)
    repair: tuple[int, float] | None = None

    def nadir(self) -> tuple[float, int]:
        """Lowest rating and its session, the first of equals, before the rating that repairs."""
        value, session = min((x, s) for s, x in [(self.onset, self.first), *self.later])
        return value, session

    def recovery(self, x: float) -> float:
        nadir = self.nadir()[0]
        return (x - nadir) / (self.baseline - nadir)

    def best_in_time(self) -> float:
        soon = [x for s, x in self.later if s - self.onset <= 6]
        return self.recovery(max(soon)) if soon else float("-inf")


def t_below(t: float, degrees: float) -> float:
    """P(T <= t) of Student's t."""
    tail = 0.5 * float(betainc(degrees / 2, 0.5, degrees / (degrees + t * t)))
    return tail if t < 0 else 1 - tail


def learn(belief: Belief, x: float, floor: float, discount: float) -> Belief:
    k = max(discount * belief.k, floor)
    b = belief.b + 0.5 * k * (x - belief.m) ** 2 / (k + 1)
    a = belief.a + 0.5
    if a > 12:
        a, b = 12.0, b * 12.0 / a
    return Belief(m=(k * belief.m + x) / (k + 1), k=k + 1, a=a, b=b)


def kind_of_fall(before: list[Rating], session: int, m: float, scale: float) -> str:
    """How the fall came about, from the ratings of the last two attended sessions."""
    near = m - 0.5 * scale
    recent = [x for s, x, _ in before[-2:] if session - s <= 2]
    if any(x >= near for x in recent):
        return "precipitous"
    return "unknown" if not recent and before[-1][1] >= near else "erosion"


def event(episode: Episode, status: str) -> dict[str, Any]:
    nadir, nadir_session = episode.nadir()
    repaired = status.startswith("repaired")
    if repaired:
        assert episode.repair is not None
        duration = episode.repair[0] - episode.onset
        shape = "V" if duration <= 2 else "U" if duration <= 5 else "prolonged"
    else:
        last = episode.later[-1][0] if episode.later else episode.onset
        duration = last - episode.onset + 1
        shape = {"partial": "prolonged", "unrepaired": "L"}.get(status)
    return {
        "onset_session": episode.onset,
        "onset_kind": episode.kind,
        "grade": episode.grade,
        "baseline": episode.baseline,
        "value": episode.first,
        "p": episode.p,
        "depth": episode.baseline - nadir,
        "depth_z": (episode.baseline - nadir) / episode.scale,
        "nadir_session": nadir_session,
        "nadir": nadir,
        "status": status,
        "repair_session": episode.repair[0] if repaired and episode.repair else None,
        "duration": duration,
        "shape": shape,
    }


def course(  # noqa: C901, PLR0912  # one long walk, so that it reads like the text
    ratings: list[Rating], population: Population, *, ended: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of sessions and of events."""
    floor = population.within**2 / population.between**2
    belief = Belief(
        m=population.mean,
        k=floor,
        a=population.shape,
        b=population.shape * population.within**2 * 0.9,
    )
    episode: Episode | None = None
    low_before = False
    maxima_in_a_row = 0
    sessions: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for n_prior, (session, x, day) in enumerate(ratings):
        # 1. A repair is confirmed, or taken back, by the next rating.
        if episode is not None and episode.repair is not None:
            mean_of_two = (episode.repair[1] + x) / 2
            if episode.recovery(mean_of_two) >= 0.5:
                events.append(event(episode, "repaired"))
                episode = None
            else:
                episode.repair = None
                belief = episode.frozen
        # 2. Outside an episode, a break costs certainty.
        broke = False
        if episode is None and n_prior and day is not None and ratings[n_prior - 1][2] is not None:
            gap = day - ratings[n_prior - 1][2]
            if gap > 28:
                broke = True
                belief.k = max(belief.k * population.discount ** (gap / 7), floor)
        # 3. Predict and judge.
        scale = sqrt(belief.b / belief.a * (1 + 1 / belief.k))
        m, p = belief.m, t_below((x - belief.m) / scale, 2 * belief.a)
        at_maximum = population.high is not None and x == population.high
        maxima_in_a_row = maxima_in_a_row + 1 if at_maximum else 0
        judged = n_prior >= 3 and maxima_in_a_row < 4
        low = judged and p < 0.05 and m - x >= population.gate() and not at_maximum
        second = low and low_before
        met = low and (p < 0.025 or second)
        grade = "none"
        if low:
            grade = "watch"
        if met:
            grade = "marked" if p < 0.01 or second else "probable"
        verdict = "met" if met else "not met"
        if n_prior < 3:
            verdict = "not enough data"
        elif maxima_in_a_row >= 4:
            verdict = "not applied"
        sessions.append(
            {"session": session, "expected": m, "spread": scale, "p": p, "verdict": verdict, "grade": grade}
            | {"broke": broke}
        )
        # 4. Follow the episode.
        settled = False
        was_open = episode is not None
        if episode is not None:
            episode.later.append((session, x))
            if episode.recovery(x) >= 0.75:
                episode.repair = (session, x)
                episode.frozen = belief
                belief = learn(belief, x, floor, population.discount)
            elif len(episode.later) >= 6:
                status = "partial" if episode.best_in_time() >= 0.5 else "unrepaired"
                events.append(event(episode, status))
                values = [value for _, value in episode.later]
                belief = Belief(m=sum(values) / len(values), k=float(len(values)), a=belief.a, b=belief.b)
                episode, settled = None, True
        # 5. Open one.
        if not was_open and met:
            kind = kind_of_fall(ratings[:n_prior], session, m, scale)
            episode = Episode(m, scale, session, x, p, grade, kind, frozen=belief)
        elif not was_open:
            belief = learn(belief, x, floor, population.discount)
        low_before = low and not settled
    if episode is not None:
        events.append(event(episode, last_status(episode, ended=ended)))
    return sessions, events


def last_status(episode: Episode, *, ended: bool) -> str:
    """What is said of an episode that still runs at the last rating."""
    if episode.repair is not None:
        return "repaired_unconfirmed"
    if not ended:
        return "open"
    if len(episode.later) < 2:
        return "indeterminate"
    return "partial" if episode.best_in_time() >= 0.5 else "unrepaired"
