"""What was mended, on a client's own page: gold on their line, and beside it what they said of meeting it elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from goldseam_web.alerts.own_mendings import OwnMending
from goldseam_web.lib.geometry import XY
from goldseam_web.lib.seam import Seam, draw_seam
from goldseam_web.measures.mending_tables import Elsewhere
from goldseam_web.measures.models import TakenUp
from goldseam_web.measures.own_course import OwnSaying, OwnSeries
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.portal.after_the_form import ELSEWHERE
from goldseam_web.portal.times_in_words import written_day

ONE = "It got harder once, and it was mended."
SEVERAL = "It got harder {count} times, and each time it was mended."
MENDED = "With {therapist}: lowest on {lowest}, mended by {back}."
MET = "You tapped for yourself where you have met it: {where}."
# What was answered later on settling things at home or with others, where it went that way.
SETTLED = {
    "yes": "Later you settled something outside the meetings the way you do in them.",
    "partly": "Later you settled something outside the meetings in part the way you do in them.",
}
# Nowhere is said by these; they stand with the answer of that day and not beside the gold.
NOWHERE = (Elsewhere.NO, Elsewhere.RATHER_NOT_SAY)
SCALE = 0.7


@dataclass(frozen=True)
class OwnSeams:
    """A sentence, and one line or two of each mending."""

    sentence: str
    mendings: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ToldMending:
    """One mending as it can be told: by its days, what they tapped for whom they work with, with their yes to it
    (``taps``), and what they said of it elsewhere in their lives (``met``, in words)."""

    number: int
    therapist: str
    by_days: str
    taps: frozenset[str]
    met: tuple[str, ...]


def seams_on(series: OwnSeries, places: Sequence[XY], mended: Sequence[OwnMending]) -> tuple[Seam, ...]:
    """The gold between neighbouring ratings, from the lowest to the one that was back."""
    drawn: list[Seam] = []
    for one, first, last in _stretches(series, mended):
        drawn += [draw_seam(places[k], places[k + 1], one.number, SCALE) for k in range(first, last)]
    return tuple(drawn)


def own_seams(
    series: Sequence[OwnSeries],
    sayings: Sequence[OwnSaying],
    mended: Sequence[OwnMending],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> OwnSeams | None:
    """None where nothing was mended: the page is then the one of somebody who was never asked."""
    found = told_mendings(series, sayings, mended, at=at, zone=zone)
    if not found:
        return None
    return OwnSeams(sentence_of(found), tuple((one.by_days, *one.met) for one in found))


def sentence_of(found: Sequence[ToldMending]) -> str:
    return ONE if len(found) == 1 else SEVERAL.format(count=len(found))


def told_mendings(
    series: Sequence[OwnSeries],
    sayings: Sequence[OwnSaying],
    mended: Sequence[OwnMending],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> list[ToldMending]:
    """In the order in which they were mended; what was said of one was said before the next began."""
    found = sorted(
        (one.given[last][0], one.given[first][0], one.therapist, mending.number)
        for one in series
        for mending, first, last in _stretches(one, mended)
    )
    until = [lowest for _, lowest, *_ in found][1:] + [at] * bool(found)
    told = []
    for (back, lowest, therapist, number), end in zip(found, until, strict=True):
        days = {
            name: written_day(day.astimezone(zone).date())
            for name, day in (("lowest", lowest), ("back", back))
        }
        since = [one for one in sayings if back <= one.said_at <= end]
        said = [one for one in since if one.taken_up == TakenUp.MENDED]
        taps = frozenset(tap for one in said for tap in one.taps)
        met = (*_met(said), *_settled(one.home for one in since if one.said_at > back))
        told.append(ToldMending(number, therapist, MENDED.format(therapist=therapist, **days), taps, met))
    return told


def _stretches(series: OwnSeries, mended: Sequence[OwnMending]) -> list[tuple[OwnMending, int, int]]:
    """Which ratings of the work with a therapist, as they see it, each mending lies between."""
    if series.scale != SELF_THERAPIST or len(series.sessions) != len(series.given):
        return []
    order: dict[UUID, int] = {session.id: k for k, session in enumerate(series.sessions)}
    return [
        (one, order[one.lowest], order[one.back])
        for one in mended
        if one.lowest in order and one.back in order and order[one.lowest] < order[one.back]
    ]


def _met(said: Sequence[OwnSaying]) -> tuple[str, ...]:
    """Where they tapped for themselves that they have met it, with a yes to this mending."""
    met = {one.elsewhere: None for one in said if one.elsewhere}
    return tuple(
        MET.format(where=ELSEWHERE[Elsewhere(place)].lower())
        for place in met
        if Elsewhere(place) not in NOWHERE
    )


def _settled(said: Iterable[str]) -> tuple[str, ...]:
    """The best of what they answered, once, where it was a yes or a part of one."""
    answers = set(said)
    return tuple(sentence for answer, sentence in SETTLED.items() if answer in answers)[:1]
