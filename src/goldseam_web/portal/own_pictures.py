"""One relation of a client's own answers, drawn: a sentence, a line, each time, and gold where it was mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from goldseam_web.alerts.own_mendings import OwnMending
from goldseam_web.cases.models import CaseKind
from goldseam_web.lib.geometry import XY
from goldseam_web.lib.seam import Seam
from goldseam_web.measures.own_course import OwnSeries
from goldseam_web.measures.own_measures import GROUP_THERAPIST, OTHER_THERAPIST, SELF_THERAPIST, WITHIN
from goldseam_web.portal.own_seams import seams_on
from goldseam_web.portal.times_in_words import written_day

TITLES = {
    SELF_THERAPIST: "You and {therapist}",
    OTHER_THERAPIST: "The others and {therapist}, as you see it",
    GROUP_THERAPIST: "All of you and {therapist}, as you see it",
    WITHIN: "You with each other, as you see it",
}
PARTNER_AND_THERAPIST = "Your partner and {therapist}, as you see it"
ONCE = "On {day} you gave {value:.1f} of {most:g}."
OVER_TIME = "You gave {first:.1f} of {most:g} on {first_day}, and {last:.1f} on {day}; {count} times in all."
WIDTH, HEIGHT, EDGE = 320.0, 88.0, 8.0


@dataclass(frozen=True)
class OwnPicture:
    """One relation: a sentence, a line from left to right, higher is better, and each time behind it."""

    title: str
    sentence: str
    line: str
    dots: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    least: str
    most: str
    seams: tuple[Seam, ...]


def own_picture(one: OwnSeries, mended: Sequence[OwnMending], *, kind: str, zone: ZoneInfo) -> OwnPicture:
    days = [written_day(at.astimezone(zone).date()) for at, _ in one.given]
    values = [value for _, value in one.given]
    sentence = OVER_TIME if len(values) > 1 else ONCE
    places = _places(one)
    dots = tuple((f"{x:.1f}", f"{y:.1f}") for x, y in places)
    return OwnPicture(
        title=_title(one, kind),
        sentence=sentence.format(
            first=values[0],
            last=values[-1],
            value=values[-1],
            first_day=days[0],
            day=days[-1],
            most=one.maximum,
            count=len(values),
        ),
        line=" ".join(f"{x},{y}" for x, y in dots),
        dots=dots,
        times=tuple((day, f"{value:.1f}") for day, value in zip(days, values, strict=True)),
        least=f"{one.minimum:g}",
        most=f"{one.maximum:g}",
        seams=seams_on(one, places, mended),
    )


def _title(one: OwnSeries, kind: str) -> str:
    partner = kind == CaseKind.COUPLE and one.scale == OTHER_THERAPIST
    text = PARTNER_AND_THERAPIST if partner else TITLES[one.scale]
    return text.format(therapist=one.therapist)


def _places(one: OwnSeries) -> list[XY]:
    """One beside the other, session by session."""
    step = (WIDTH - 2 * EDGE) / max(len(one.given) - 1, 1)
    high = (HEIGHT - 2 * EDGE) / (one.maximum - one.minimum)
    return [(EDGE + k * step, HEIGHT - EDGE - (v - one.minimum) * high) for k, (_, v) in enumerate(one.given)]
