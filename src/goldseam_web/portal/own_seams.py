"""What was mended, on a client's own page: gold on their line, and beside it what they said of meeting it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from goldseam_web.alerts.own_mendings import OwnMending
from goldseam_web.lib.geometry import XY
from goldseam_web.lib.seam import Seam, draw_seam
from goldseam_web.measures.mending_tables import Elsewhere
from goldseam_web.measures.models import TakenUp
from goldseam_web.measures.own_course import OwnSaying, OwnSeries
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.portal.after_the_form import ELSEWHERE
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.times_in_words import written_day

ONE = "It got harder once, and it was mended."
SEVERAL = "It got harder {count} times, and each time it was mended."
MENDED = "With {therapist}: lowest on {lowest}, mended by {back}."
MET = "You tapped for yourself where you have met it: {where}."
# Nowhere is said by these; they stand with the answer of that day and not beside the gold.
NOWHERE = (Elsewhere.NO, Elsewhere.RATHER_NOT_SAY)
SCALE = 0.7


@dataclass(frozen=True)
class OwnSeams:
    """A sentence, and one line or two of each mending."""

    sentence: str
    mendings: tuple[tuple[str, ...], ...]


def seams_on(series: OwnSeries, places: Sequence[XY], mended: Sequence[OwnMending]) -> tuple[Seam, ...]:
    """The gold between neighbouring ratings, from the lowest to the one that was back."""
    drawn: list[Seam] = []
    for one, first, last in _stretches(series, mended):
        drawn += [draw_seam(places[k], places[k + 1], one.number, SCALE) for k in range(first, last)]
    return tuple(drawn)


def own_seams(
    link: OpenedLink, series: Sequence[OwnSeries], sayings: Sequence[OwnSaying], mended: Sequence[OwnMending]
) -> OwnSeams | None:
    """None where nothing was mended: the page is then the one of somebody who was never asked."""
    found = sorted(
        (one.given[last][0], one.given[first][0], one.therapist)
        for one in series
        for _, first, last in _stretches(one, mended)
    )
    if not found:
        return None
    until = [lowest for _, lowest, _ in found[1:]] + [link.at]
    mendings = tuple(
        (
            MENDED.format(therapist=therapist, lowest=_day(link, lowest), back=_day(link, back)),
            *_met(sayings, back, end),
        )
        for (back, lowest, therapist), end in zip(found, until, strict=True)
    )
    return OwnSeams(ONE if len(found) == 1 else SEVERAL.format(count=len(found)), mendings)


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


def _met(sayings: Sequence[OwnSaying], since: datetime, until: datetime) -> tuple[str, ...]:
    """What they tapped with a yes to this mending, and before the next one began."""
    met = {
        said.elsewhere: None
        for said in sayings
        if since <= said.said_at <= until and said.taken_up == TakenUp.MENDED and said.elsewhere
    }
    return tuple(
        MET.format(where=ELSEWHERE[Elsewhere(place)].lower())
        for place in met
        if Elsewhere(place) not in NOWHERE
    )


def _day(link: OpenedLink, at: datetime) -> str:
    return written_day(at.astimezone(link.zone).date())
