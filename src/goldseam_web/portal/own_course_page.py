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
from goldseam_web.cases.models import CaseKind, Member
from goldseam_web.measures.client_letters import clients_can_be_mailed
from goldseam_web.measures.link_facts import JUST_NOW
from goldseam_web.measures.mending_tables import Elsewhere, Mended
from goldseam_web.measures.models import TakenUp
from goldseam_web.measures.own_course import OwnSaying, OwnSeries, own_sayings, own_series
from goldseam_web.measures.services.own_numbers import LASTS, MOST_ASKED, ask_for_number
from goldseam_web.measures.services.own_words import MOST_LETTERS, NO_FORM, opens_own_course
from goldseam_web.portal.after_the_form import ELSEWHERE, MENDED, TAKEN_UP
from goldseam_web.portal.link_opening import client_page
from goldseam_web.portal.opened_link import OpenedLink
from goldseam_web.portal.own_pictures import OwnPicture, own_picture
from goldseam_web.portal.own_release import OwnRelease, changed_release, own_release
from goldseam_web.portal.own_seams import OwnSeams, own_seams
from goldseam_web.portal.showing import shown_page
from goldseam_web.portal.times_in_words import written_day

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
    """``sends_numbers``: whether this install can; it says nothing of whoever looks."""

    url: str
    shown: str
    most_letters: int
    start_url: str
    sends_numbers: bool
    asked: bool
    minutes: int = int(LASTS.total_seconds() // 60)
    most_asked: int = MOST_ASKED


@client_page
def own_course(request: HttpRequest, link: OpenedLink) -> HttpResponse:
    """The same form for everybody, and one page after it."""
    if request.method != "POST":
        return shown_page(link, "own_word", _form(link))
    if "number" in request.POST:
        ask_for_number(member=link.member, at=link.at)
        return nothing_kept(shown_page(link, "own_word", _form(link, asked=True)))
    if "mine" in request.POST:
        release = changed_release(request, link)
        return nothing_kept(
            shown_page(link, "own_release", release) if release else _shown(link, _page(link))
        )
    opened = opens_own_course(
        member=link.member,
        word=request.POST.get("word", ""),
        form_shown_at=word_form_shown_at(request, link.member),
        at=link.at,
    )
    # Where it does not open, the same is asked of nobody: how long that takes tells nothing of what there is.
    whose = link.member.pk if opened else uuid4()
    series = own_series(whose)
    sayings = own_sayings(whose, since=opened.own_since if opened else link.at)
    # Whether the end has been announced is a fact of the case: it is the same for each of them, and for no word at all.
    at_the_end = looks_back(link.occasion.case, link.at.astimezone(link.zone).date())
    mended = own_mendings(whose) if at_the_end else []
    # Behind a number there is none: a mailbox that is safe no more would leave a yes that nobody could take back.
    may_say_yes = opened is None or opened.by_word
    release = own_release(link, series, opened.released if opened else None) if may_say_yes else None
    return nothing_kept(_shown(link, _page(link, series, sayings, release, mended)))


def _form(link: OpenedLink, *, asked: bool = False) -> OwnWordPage:
    return own_word_form(link.member, link.at, url=link.url("own"), back=link.url("start"), asked=asked)


def _shown(link: OpenedLink, page: OwnCoursePage) -> HttpResponse:
    return shown_page(link, "own_course", page)


def nothing_kept(response: HttpResponse) -> HttpResponse:
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def own_word_form(member: Member, at: datetime, *, url: str, back: str, asked: bool = False) -> OwnWordPage:
    """The form for the word, the same for everybody; ``asked``: as it is after a number was asked for."""
    shown = _signer(member).sign(at.isoformat())
    return OwnWordPage(url, shown, MOST_LETTERS, back, sends_numbers=clients_can_be_mailed(), asked=asked)


def word_form_shown_at(request: HttpRequest, member: Member) -> datetime:
    """When the form was shown; long ago for one that is not this page's, which opens nothing then."""
    try:
        return datetime.fromisoformat(_signer(member).unsign(request.POST.get("shown", ""), max_age=JUST_NOW))
    except signing.BadSignature:
        return NO_FORM


def _signer(member: Member) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"goldseam.portal.own.{member.pk}")


def _page(
    link: OpenedLink,
    series: Sequence[OwnSeries] = (),
    sayings: Sequence[OwnSaying] = (),
    release: OwnRelease | None = None,
    mended: Sequence[OwnMending] = (),
) -> OwnCoursePage:
    return OwnCoursePage(
        pictures=tuple(
            own_picture(one, mended, kind=link.occasion.case.kind, zone=link.zone) for one in series
        ),
        words=tuple(_words(link, one) for one in sayings),
        release=release,
        seams=own_seams(series, sayings, mended, at=link.at, zone=link.zone),
        handed_over_url=link.url("handed_over"),
        start_url=link.url("start"),
    )


def _words(link: OpenedLink, one: OwnSaying) -> OwnWords:
    lines = [TAKEN_UP[TakenUp(one.taken_up)]] if one.taken_up else []
    lines += [MENDED[Mended(tap)] for tap in one.taps]
    if one.elsewhere:
        lines.append(OF_ELSEWHERE.format(where=ELSEWHERE[Elsewhere(one.elsewhere)]))
    if one.home:
        alone = link.occasion.case.kind == CaseKind.INDIVIDUAL
        lines.append((OF_OTHERS if alone else OF_HOME)[one.home])
    return OwnWords(ON.format(day=written_day(one.said_at.astimezone(link.zone).date())), tuple(lines))
