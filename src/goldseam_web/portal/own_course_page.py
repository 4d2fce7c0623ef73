"""A client's own answers, opened by their word and never by the link itself: a partner may hold the phone.

A wrong word, no word and too many tries look like a course with nothing in it. Nothing of it stays on the device: the
word comes with a form and goes with it, and no cookie is set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.core import signing
from django.http import HttpRequest, HttpResponse

from goldseam_web.alerts.own_mendings import OwnMending, looks_back, own_mendings
from goldseam_web.cases.models import CaseKind
from goldseam_web.lib.seam import Seam
from goldseam_web.measures.link_facts import JUST_NOW
from goldseam_web.measures.mending_tables import Elsewhere, Mended
from goldseam_web.measures.models import TakenUp
from goldseam_web.measures.own_course import OwnSaying, OwnSeries, own_sayings, own_series
from goldseam_web.measures.own_measures import GROUP_THERAPIST, OTHER_THERAPIST, SELF_THERAPIST, WITHIN
from goldseam_web.measures.services.own_words import MOST_LETTERS, NO_FORM, opens_own_course
from goldseam_web.portal.after_the_form import ELSEWHERE, MENDED, TAKEN_UP
from goldseam_web.portal.link_opening import client_page
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.own_release import OwnRelease, changed_release, own_release
from goldseam_web.portal.own_seams import OwnSeams, own_seams, seams_on
from goldseam_web.portal.showing import shown_page
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
ON = "On {day}"
OF_HOME = {
    "yes": "You settled something at home the way you do in the meetings.",
    "partly": "You settled something at home in part the way you do in the meetings.",
    "no": "You tried to settle something at home the way you do in the meetings, and it did not work.",
    "not_tried": "You did not try to settle anything at home the way you do in the meetings.",
    "nothing": "There was nothing to settle at home.",
}
OF_OTHERS = {
    "yes": "You settled something with someone the way you do in the meetings.",
    "partly": "You settled something with someone in part the way you do in the meetings.",
    "no": "You tried to settle something with someone the way you do in the meetings, and it did not work.",
    "not_tried": "You did not try to settle anything with anyone the way you do in the meetings.",
    "nothing": "There was nothing to settle with anyone.",
}
OF_ELSEWHERE = "{where}. You tapped that for yourself."
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


@dataclass(frozen=True)
class OwnWords:
    """What was said of one time."""

    when: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class OwnCoursePage:
    pictures: tuple[OwnPicture, ...]
    words: tuple[OwnWords, ...]
    release: OwnRelease | None
    seams: OwnSeams | None
    handed_over_url: str
    start_url: str


@dataclass(frozen=True)
class OwnWordPage:
    url: str
    shown: str
    most_letters: int
    start_url: str


@client_page
def own_course(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """The same form for everybody, and one page after it."""
    if request.method != "POST":
        shown = _signer(link).sign(link.at.isoformat())
        form = OwnWordPage(link.url("own"), shown, MOST_LETTERS, link.url("start"))
        return shown_page(link, "own_word", form)
    if "mine" in request.POST:
        release = changed_release(request, link)
        return _nothing_kept(
            shown_page(link, "own_release", release) if release else _shown(link, _page(link))
        )
    opened = opens_own_course(
        member=link.member,
        word=request.POST.get("word", ""),
        form_shown_at=_shown_at(request, link),
        at=link.at,
    )
    # Where it does not open, the same is asked of nobody: how long that takes tells nothing of what there is.
    whose = link.member.pk if opened else uuid4()
    series = own_series(whose)
    sayings = own_sayings(whose, since=opened.chosen_at if opened else link.at)
    # Whether the end has been announced is a fact of the case: it is the same for each of them, and for no word at all.
    at_the_end = looks_back(link.occasion.case, link.at.astimezone(link.zone).date())
    mended = own_mendings(whose) if at_the_end else []
    release = own_release(link, series, opened.released if opened else None)
    return _nothing_kept(_shown(link, _page(link, series, sayings, release, mended)))


def _shown(link: OpenedLink, page: OwnCoursePage) -> HttpResponse:
    return shown_page(link, "own_course", page)


def _nothing_kept(response: HttpResponse) -> HttpResponse:
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _shown_at(request: HttpRequest, link: OpenedLink) -> datetime:
    """When the form was shown; long ago for one that is not this page's, which opens nothing then."""
    try:
        return datetime.fromisoformat(_signer(link).unsign(request.POST.get("shown", ""), max_age=JUST_NOW))
    except signing.BadSignature:
        return NO_FORM


def _signer(link: OpenedLink) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"goldseam.portal.own.{link.member.pk}")


def _page(
    link: OpenedLink,
    series: Sequence[OwnSeries] = (),
    sayings: Sequence[OwnSaying] = (),
    release: OwnRelease | None = None,
    mended: Sequence[OwnMending] = (),
) -> OwnCoursePage:
    return OwnCoursePage(
        pictures=tuple(_picture(link, one, mended) for one in series),
        words=tuple(_words(link, one) for one in sayings),
        release=release,
        seams=own_seams(link, series, sayings, mended),
        handed_over_url=link.url("handed_over"),
        start_url=link.url("start"),
    )


def _picture(link: OpenedLink, one: OwnSeries, mended: Sequence[OwnMending]) -> OwnPicture:
    days = [written_day(at.astimezone(link.zone).date()) for at, _ in one.given]
    values = [value for _, value in one.given]
    sentence = OVER_TIME if len(values) > 1 else ONCE
    places = _places(one)
    dots = tuple((f"{x:.1f}", f"{y:.1f}") for x, y in places)
    return OwnPicture(
        title=_title(link, one),
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


def _title(link: OpenedLink, one: OwnSeries) -> str:
    couple = link.occasion.case.kind == CaseKind.COUPLE
    text = PARTNER_AND_THERAPIST if couple and one.scale == OTHER_THERAPIST else TITLES[one.scale]
    return text.format(therapist=one.therapist)


def _places(one: OwnSeries) -> list[tuple[float, float]]:
    """One beside the other, session by session."""
    step = (WIDTH - 2 * EDGE) / max(len(one.given) - 1, 1)
    high = (HEIGHT - 2 * EDGE) / (one.maximum - one.minimum)
    return [(EDGE + k * step, HEIGHT - EDGE - (v - one.minimum) * high) for k, (_, v) in enumerate(one.given)]


def _words(link: OpenedLink, one: OwnSaying) -> OwnWords:
    lines = [TAKEN_UP[TakenUp(one.taken_up)]] if one.taken_up else []
    lines += [MENDED[Mended(tap)] for tap in one.taps]
    if one.elsewhere:
        lines.append(OF_ELSEWHERE.format(where=ELSEWHERE[Elsewhere(one.elsewhere)]))
    if one.home:
        alone = link.occasion.case.kind == CaseKind.INDIVIDUAL
        lines.append((OF_OTHERS if alone else OF_HOME)[one.home])
    return OwnWords(ON.format(day=written_day(one.said_at.astimezone(link.zone).date())), tuple(lines))
