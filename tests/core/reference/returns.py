"""Falls and returns once more, slowly: one series, one session at a time, plain Python."""

from dataclasses import dataclass
from math import inf

Rated = list[float | None]
SLACK = 1e-9


@dataclass
class Rule:
    """A fall of `smallest` from the session before (or the highest so far) and a return within the window."""

    smallest: float
    rise: float = inf
    highest: bool = False
    tolerance: float = 0.25
    window: float = inf
    minimum: int = 4


def verdicts(rated: Rated, rule: Rule) -> list[str]:
    """One word for each session, from the first."""
    known = [value for value in rated if value is not None]
    words = []
    for place, value in enumerate(rated):
        earlier = [each for each in rated[:place] if each is not None]
        level = _level(rated, place, rule)
        if value is None:
            words.append("not applied")
        elif len(known) < rule.minimum or not earlier:
            words.append("not enough data")
        elif level is None or not rule.smallest > 0:
            words.append("not applied")
        else:
            words.append("met" if level - value >= rule.smallest - SLACK else "not met")
    return words


def events(rated: Rated, rule: Rule) -> list[tuple[int, int, float, str, int | None]]:
    """Onset and nadir session, nadir, status, repair session."""
    words = verdicts(rated, rule)
    found = []
    free_from = 0
    for place, value in enumerate(rated):
        before = [word for word, each in zip(words[:place], rated[:place], strict=True) if each is not None]
        again = bool(before) and before[-1] == "met"
        if value is None or words[place] != "met" or again or place < free_from:
            continue
        event, free_from = _follow(rated, place, rule)
        found.append(event)
    return found


def _follow(rated: Rated, onset: int, rule: Rule) -> tuple[tuple[int, int, float, str, int | None], int]:
    level, start = _level(rated, onset, rule), rated[onset]
    assert level is not None
    assert start is not None
    needed = level - rule.tolerance * (level - start)
    nadir, nadir_at, later = start, onset, 0
    for place in range(onset + 1, len(rated)):
        value = rated[place]
        if value is None:
            continue
        if place - onset > rule.window:
            break
        later += 1
        if value < nadir:
            nadir, nadir_at = value, place
        if value >= needed - SLACK or value - nadir >= rule.rise - SLACK:
            return (onset + 1, nadir_at + 1, nadir, "repaired", place + 1), place + 1
    else:
        place = len(rated)
    status = "unrepaired" if later >= 2 else "indeterminate"
    return (onset + 1, nadir_at + 1, nadir, status, None), place


def _level(rated: Rated, place: int, rule: Rule) -> float | None:
    if rule.highest:
        return max((each for each in rated[:place] if each is not None), default=None)
    return rated[place - 1] if place else None
