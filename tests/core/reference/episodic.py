"""Criteria with a baseline of their own, written a second time: one series, plain Python, slow, by the text.

Each function takes the rated sessions and gives one row a rating: verdict, expected, spread, p. `events` turns the
rows into episodes by ``docs/methods/episodes.md``. No code is shared with the library; means, SDs and medians come
from the standard library. The scale is 0 to 10 and the norms are those of the tests: SD within a person 0.9.
"""

from collections.abc import Callable
from math import erf, sqrt
from statistics import mean, median, stdev
from typing import Any

from tests.core.reference.predictive_1 import Belief, Episode, event, kind_of_fall, last_status

Rows = list[dict[str, Any]]
Criterion = Callable[[list[int], list[float]], Rows]

WITHIN_SD = 0.9
RELIABILITY = 0.7


def row(
    verdict: str, expected: float | None = None, spread: float | None = None, p: float | None = None
) -> dict[str, Any]:
    return {"verdict": verdict, "expected": expected, "spread": spread, "p": p}


def normal_below(z: float) -> float:
    return 0.5 * (1 + erf(z / sqrt(2)))


def drop_rows(
    sessions: list[int], values: list[float], reference: Callable[[list[int], list[float]], float | None]
) -> Rows:
    rows = []
    for i, value in enumerate(values):
        expected = reference(sessions[: i + 1], values[:i])
        if i < 3:
            rows.append(row("not enough data"))
        elif expected is None:
            rows.append(row("not applied", None, WITHIN_SD))
        else:
            met = expected - value >= 2 * WITHIN_SD
            rows.append(row("met" if met else "not met", expected, WITHIN_SD))
    return rows


def the_one_before(sessions: list[int], earlier: list[float]) -> float | None:
    """Of the session immediately before; `sessions` has the present one too."""
    directly = len(sessions) > 1 and sessions[-1] - sessions[-2] == 1
    return earlier[-1] if directly else None


def previous_drop(sessions: list[int], values: list[float]) -> Rows:
    return drop_rows(sessions, values, the_one_before)


def running_maximum(sessions: list[int], values: list[float]) -> Rows:
    return drop_rows(sessions, values, lambda _, earlier: max(earlier, default=None))


def median_of_three(sessions: list[int], values: list[float]) -> Rows:
    return drop_rows(sessions, values, lambda _, earlier: median(earlier[-3:]) if earlier[2:] else None)


def own_mean(sessions: list[int], values: list[float]) -> Rows:
    rows = []
    for i, value in enumerate(values):
        earlier = values[:i]
        if i < 3:
            rows.append(row("not enough data"))
        elif max(earlier) == min(earlier):
            rows.append(row("not applied", earlier[0], 0.0))
        else:
            m, s = mean(earlier), stdev(earlier)
            rows.append(row("met" if value < m - 2 * s else "not met", m, s))
    return rows


def own_mean_of_the_whole_course(sessions: list[int], values: list[float]) -> Rows:
    if len(values) < 6:  # 2 SD are beyond reach: (n - 1)/sqrt(n) is 1.79 for 5, 2.04 for 6
        return [row("not enough data") for _ in values]
    if max(values) == min(values):
        return [row("not applied", values[0], 0.0) for _ in values]
    m, s = mean(values), stdev(values)
    return [row("met" if value < m - 2 * s else "not met", m, s) for value in values]


def reliable_drop(sessions: list[int], values: list[float]) -> Rows:
    error = sqrt(2) * WITHIN_SD * sqrt(1 - RELIABILITY)
    rows = []
    for i, value in enumerate(values):
        before = the_one_before(sessions[: i + 1], values[:i])
        if i < 3:
            rows.append(row("not enough data"))
        elif before is None:
            rows.append(row("not applied", None, error))
        else:
            z = (value - before) / error
            rows.append(row("met" if z < -1.96 else "not met", before, error, normal_below(z)))
    return rows


def events(sessions: list[int], values: list[float], rows: Rows, *, ended: bool) -> Rows:
    """Episodes: begun where the criterion comes to be met, mended, confirmed or given up."""
    episode: Episode | None = None
    found: Rows = []
    met_before = False
    for i, (session, x, said) in enumerate(zip(sessions, values, rows, strict=True)):
        if episode is not None and episode.repair is not None:
            if episode.recovery((episode.repair[1] + x) / 2) >= 0.5:
                found.append(event(episode, "repaired"))
                episode = None
            else:
                episode.repair = None
        was_open = episode is not None
        if episode is not None:
            episode.later.append((session, x))
            if episode.recovery(x) >= 0.75:
                episode.repair = (session, x)
            elif len(episode.later) >= 6:
                status = "partial" if episode.best_in_time() >= 0.5 else "unrepaired"
                found.append(event(episode, status))
                episode = None
        met = said["verdict"] == "met"
        if i > 0 and not was_open and met and not met_before and x < said["expected"]:
            earlier = [(s, v, None) for s, v in zip(sessions[:i], values[:i], strict=True)]
            kind = kind_of_fall(earlier, session, said["expected"], said["spread"])
            nothing = Belief(m=0, k=1, a=1, b=1)
            grade = said.get("grade")
            episode = Episode(
                said["expected"], said["spread"], session, x, said["p"], grade, kind, frozen=nothing
            )
        met_before = met
    if episode is not None:
        found.append(event(episode, last_status(episode, ended=ended)))
    return found


CRITERIA: dict[str, tuple[str, dict[str, Any], Criterion]] = {
    "previous-drop": ("previous-drop", {}, previous_drop),
    "running-maximum": ("running-maximum", {}, running_maximum),
    "median-of-three": ("median-of-three", {}, median_of_three),
    "own-mean": ("own-mean", {}, own_mean),
    "own-mean, whole course": ("own-mean", {"whole_course": True}, own_mean_of_the_whole_course),
    "reliable-drop": ("reliable-drop", {}, reliable_drop),
}
