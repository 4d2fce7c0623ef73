"""Sudden gains and losses once more, slowly: one series, one interval at a time, plain Python.

``faithful`` follows the R package suddengains 0.7.2 as its documentation and source describe it; otherwise the
corrected rules of ``docs/methods/sudden-gain.md`` apply. Scores are lower-is-better; None is a missing score.
"""

from math import sqrt
from statistics import mean, variance

T_TABLE = {2: 4.302652729749464, 3: 3.182446305283708, 4: 2.776445105197794}
"""Two-tailed 5% points of Student's t, from printed tables carried to full precision (R: qt(.975, df))."""

Verdict = str | None
Score = float | None


def intervals(
    scores: dict[int, Score], last: int, *, cutoff: float, loss: bool, faithful: bool, floor: float = 0.0
) -> dict[int, list[Verdict]]:
    """By session n: what criteria 1 to 3 and all together say; None is not enough data."""
    found = {}
    sessions = range(2, last - 1) if faithful else range(1, last)
    for n in sessions:
        before = [scores.get(n - 2), scores.get(n - 1), scores.get(n)]
        after = [scores.get(n + 1), scores.get(n + 2), scores.get(n + 3)]
        parts = _parts(before, after, cutoff=cutoff, loss=loss, faithful=faithful, floor=floor)
        found[n] = [*parts, _all(parts, faithful=faithful)]
    return found


def _parts(
    before: list[Score], after: list[Score], *, cutoff: float, loss: bool, faithful: bool, floor: float
) -> list[Verdict]:
    start, end = before[-1], after[0]
    first = second = None
    if start is not None and end is not None:
        fall = end - start if loss else start - end
        first = _word(fall >= cutoff)
        second = _word(fall >= 0.25 * (start - floor))
        if faithful and loss:
            second = _word(start - end <= 0.25 * start)
    elif not faithful:
        return [None, None, None]
    return [first, second, _third(before, after, loss=loss)]


def _third(before: list[Score], after: list[Score], *, loss: bool) -> Verdict:
    pre = [score for score in before if score is not None]
    post = [score for score in after if score is not None]
    if len(pre) < 2 or len(post) < 2:
        return None
    degrees = len(pre) + len(post) - 2
    pooled = sqrt(((len(pre) - 1) * variance(pre) + (len(post) - 1) * variance(post)) / degrees)
    difference = mean(pre) - mean(post)
    return _word((-difference if loss else difference) > T_TABLE[degrees] * pooled)


def _all(parts: list[Verdict], *, faithful: bool) -> Verdict:
    if faithful:
        return None if None in parts else _word("not met" not in parts)
    if "not met" in parts:
        return "not met"
    return None if None in parts else "met"


def reversal(
    scores: dict[int, Score], n: int, last: int, *, loss: bool, first_later: int
) -> tuple[float, int | None]:
    """The value beyond which half of the change is undone, and the first later session at which it is."""
    start, end = scores[n], scores[n + 1]
    assert start is not None
    assert end is not None
    value = end + (start - end) / 2
    for session in range(n + first_later, last + 1):
        score = scores.get(session)
        if score is not None and (score < value if loss else score > value):
            return value, session
    return value, None


def _word(met: bool) -> str:
    return "met" if met else "not met"
