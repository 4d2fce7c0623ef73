"""Declines and rises once more, slowly: one series, plain Python."""

Rated = list[float | None]
SLACK = 1e-9


def declines(rated: Rated) -> list[tuple[int, int, int]]:
    """Places of the start, of the first lowest and of the last rating of every run."""
    found = []
    place = 1
    while place < len(rated):
        if not _lower(rated, place):
            place += 1
            continue
        start, lowest = place - 1, place
        while place + 1 < len(rated) and (_lower(rated, place + 1) or _equal(rated, place + 1)):
            place += 1
            lowest = place if _lower(rated, place) else lowest
        found.append((start, lowest, place))
        place += 1
    return found


def events(
    rated: Rated, smallest: float, tolerance: float = 0.25
) -> list[tuple[int, int, str, int | None, str]]:
    """Onset, nadir session, status, repair session and pattern of the runs that lose enough."""
    runs = [run for run in declines(rated) if _loss(rated, run) >= smallest - SLACK]
    found = []
    for number, (start, lowest, last) in enumerate(runs):
        follows = number + 1 < len(runs)
        end = runs[number + 1][0] if follows else len(rated) - 1
        later = [place for place in range(last + 1, end + 1) if rated[place] is not None]
        level = _at(rated, start) - tolerance * _loss(rated, (start, lowest, last))
        back = next((place for place in later if _at(rated, place) >= level - SLACK), None)
        status = "unrepaired" if follows or len(later) >= 2 else "indeterminate"
        pattern = "fall without rise"
        if back is not None:
            status = "repaired"
            fall = "sudden" if lowest == start + 1 else "slow"
            pattern = f"{fall} fall, {'sudden' if back == last + 1 else 'slow'} rise"
        found.append((start + 2, lowest + 1, status, None if back is None else back + 1, pattern))
    return found


def _at(rated: Rated, place: int) -> float:
    value = rated[place]
    assert value is not None
    return value


def _loss(rated: Rated, run: tuple[int, int, int]) -> float:
    return _at(rated, run[0]) - _at(rated, run[2])


def _lower(rated: Rated, place: int) -> bool:
    now, before = rated[place], rated[place - 1]
    return now is not None and before is not None and now < before


def _equal(rated: Rated, place: int) -> bool:
    now, before = rated[place], rated[place - 1]
    return now is not None and now == before
