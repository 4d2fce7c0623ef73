"""The link each client is offered at the end: nothing is shown before they say so, and no more than they ask for.

The link alone leads to one page, the same for everybody. What is behind it opens by their word; a wrong one looks like
an empty course. Nothing of it stays on the device, and no cookie is set.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from goldseam_web.alerts.look_back_links import look_back_behind, needs_word, still_opens
from goldseam_web.alerts.look_back_tables import LookBack, StayedOpen
from goldseam_web.alerts.services.look_back_choices import (
    LookBackWords,
    decline_look_back,
    have_after_all,
    keep_words,
    open_together,
    opened_together,
    release_lines,
    take_lines_back,
    words_of,
)
from goldseam_web.lib.database import DATABASE_AWAY
from goldseam_web.measures.link_facts import JUST_NOW
from goldseam_web.measures.services.own_numbers import ask_for_number
from goldseam_web.measures.services.own_words import opens_own_course
from goldseam_web.portal import link_notices
from goldseam_web.portal.frame_of_member import frame_of_member
from goldseam_web.portal.link_opening import guarded, is_from_here
from goldseam_web.portal.look_back_parts import (
    LookBackPage,
    OwnCourse,
    TogetherPage,
    course_behind,
    field_of,
    look_back_page,
    way_given,
)
from goldseam_web.portal.look_back_words import lines_of
from goldseam_web.portal.own_course_page import nothing_kept, own_word_form, word_form_shown_at

KEPT = "Kept."
NOT_THERE = "There is no page of all of you."
OPENED = "open"


@dataclass(frozen=True)
class OpenedLookBack:
    """The page behind a link, as it was when it was asked for; ``chosen_at``: their word, if they have one."""

    page: LookBack
    chosen_at: datetime | None
    at: datetime
    url: str

    @property
    def by_word(self) -> bool:
        return needs_word(self.page, self.chosen_at)

    @property
    def signer(self) -> signing.TimestampSigner:
        """Another word ends what was opened by the one before."""
        return signing.TimestampSigner(salt=f"goldseam.portal.look.{self.page.pk}.{self.chosen_at}")

    def course(self, *, opens: bool, since: datetime) -> OwnCourse:
        """``since``: from when on what they tapped for themselves is read."""
        return course_behind(self.page, opens=opens, since=since, at=self.at)


LookBackView = Callable[[HttpRequest, OpenedLookBack], HttpResponse]


def look_back_link(view: LookBackView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the link; an unknown one leads where every such link leads.

    Without Django's CSRF check, as for every client's page: the link is the secret.
    """

    @csrf_exempt
    @gzip_page
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, look_token: str) -> HttpResponse:
        try:
            found = look_back_behind(token=look_token)
            if found is None or (request.method == "POST" and not is_from_here(request)):
                return guarded(link_notices.unknown_link(request))
            url = reverse("portal:look_back", args=[look_token])
            return guarded(view(request, OpenedLookBack(*found, timezone.now(), url)))
        except DATABASE_AWAY:
            return guarded(link_notices.not_stored(request))

    return page


@look_back_link
def look_back(request: HttpRequest, link: OpenedLookBack) -> HttpResponse:
    """Offered by the link, asked for by a tap, opened by the word; what is done there comes with its proof."""
    if not still_opens(link.page, at=link.at):
        return _html(link, "notice", notice=link_notices.OVER, status=link_notices.GONE)
    if request.method != "POST":
        return _html(link, "look_back")
    if "mine" in request.POST:
        return nothing_kept(_done(request, link))
    if link.by_word and "word" not in request.POST:
        asked = "number" in request.POST
        if asked:
            ask_for_number(member=link.page.member, at=link.at)
        form = own_word_form(link.page.member, link.at, url=link.url, back=link.url, asked=asked)
        return nothing_kept(_html(link, "own_word", form))
    since = _opened_by_word(request, link) if link.by_word else link.at
    course = link.course(opens=since is not None, since=since or link.at)
    return nothing_kept(_own(link, course, since=since or link.at))


def _opened_by_word(request: HttpRequest, link: OpenedLookBack) -> datetime | None:
    """From when on what they tapped for themselves is read by what was given; None: it opens nothing."""
    member, word = link.page.member, request.POST.get("word", "")
    shown = word_form_shown_at(request, member)
    opened = opens_own_course(member=member, word=word, form_shown_at=shown, at=link.at)
    return opened.own_since if opened else None


def _done(request: HttpRequest, link: OpenedLookBack) -> HttpResponse:
    """What was asked for is done, and what holds then; nothing where the form is another's, sent before, or old."""
    try:
        mine = link.signer.unsign(request.POST.get("mine", ""), max_age=JUST_NOW)
    except signing.BadSignature:
        return _html(link, "look_back_own", LookBackPage(link.url))
    moment, own_since, *numbers = mine.split(" ")
    since = datetime.fromisoformat(own_since)
    course = link.course(opens=True, since=since)
    # Nothing is said yes to that was not there to be read.
    seen = replace(course, told=tuple(one for one in course.told if str(one.number) in numbers))
    note = _act(request, link.page, seen, datetime.fromisoformat(moment))
    if note is None:
        return _html(link, "look_back_own", LookBackPage(link.url))
    link.page.refresh_from_db(fields=["state", "words", "stayed_open", "lines", "with_members"])
    if note == OPENED:
        return _html(link, "look_back_together", TogetherPage(tuple(opened_together(link.page)), link.url))
    return _own(link, course, note, since=since)


def _act(request: HttpRequest, page: LookBack, seen: OwnCourse, opened_at: datetime) -> str | None:
    """What came of it in a sentence, or that all of it is open; None where nothing was done."""
    act = request.POST.get("act", "")
    if act == "keep":
        words = _given(request, seen)
        kept = keep_words(page=page, words=words, lines=lines_of(seen.told, words), opened_at=opened_at)
        return KEPT if kept else None
    if act == "yes":
        lines = lines_of(seen.told, words_of(page))
        return "" if release_lines(page=page, lines=lines, opened_at=opened_at) else None
    if act == OPENED:
        return OPENED if open_together(page=page, opened_at=opened_at, at=timezone.now()) else NOT_THERE
    simple = {"no": take_lines_back, "decline": decline_look_back, "after-all": have_after_all}.get(act)
    return "" if simple and simple(page=page, opened_at=opened_at) else None


def _given(request: HttpRequest, seen: OwnCourse) -> LookBackWords:
    return LookBackWords(
        {one.number: way_given(request.POST.get(field_of(one.number), ""), one) for one in seen.told},
        tuple(one for one in StayedOpen if one in request.POST.getlist("stayed_open")),
    )


def _own(link: OpenedLookBack, course: OwnCourse, note: str = "", *, since: datetime) -> HttpResponse:
    numbers = [str(one.number) for one in course.told]
    moments = [at.isoformat(timespec="microseconds") for at in (link.at, since)]
    mine = link.signer.sign(" ".join([*moments, *numbers]))
    shown = look_back_page(link.page, course, url=link.url, mine=mine, by_word=link.by_word, note=note)
    return _html(link, "look_back_own", shown)


def _html(
    link: OpenedLookBack, name: str, page: object = None, *, notice: object = None, status: int = 200
) -> HttpResponse:
    context = {"frame": frame_of_member(link.page.member, link.at), "page": page, "notice": notice}
    return HttpResponse(render_to_string(f"portal/{name}.html", context), status=status)
