"""From a client's own answers to their page at the end, and from what all said yes to, to the page of all of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from goldseam_web.alerts.look_back_tables import LookBack, LookBackState, MendingWords
from goldseam_web.alerts.own_mendings import own_mendings
from goldseam_web.alerts.services.look_back_choices import OfOneMember, words_of
from goldseam_web.cases.single_time import sees_several
from goldseam_web.measures.own_course import own_sayings, own_series
from goldseam_web.measures.own_measures import SELF_THERAPIST
from goldseam_web.portal import look_back_words as say
from goldseam_web.portal.own_pictures import OwnPicture, own_picture
from goldseam_web.portal.own_seams import ToldMending, sentence_of, told_mendings
from goldseam_web.portal.pages import AnswerOption


@dataclass(frozen=True)
class OwnCourse:
    """What there is of one client: their work with each therapist as they see it, and what was mended of it."""

    told: tuple[ToldMending, ...] = ()
    pictures: tuple[OwnPicture, ...] = ()


@dataclass(frozen=True)
class MendingPart:
    """One mending: what stands on the page, where they have met it, and what else could stand there."""

    field: str
    name: str
    sentence: str
    met: tuple[str, ...]
    ways: tuple[AnswerOption, ...]


@dataclass(frozen=True)
class LookBackPage:
    """``mine`` is the proof that this page was opened by whoever may: it does one thing once, for some minutes.

    It is empty, and so is all else, where nothing opens. ``note`` says what came of the last thing that was done.
    """

    url: str
    mine: str = ""
    says: str = ""
    mendings: tuple[MendingPart, ...] = ()
    stayed_open: tuple[str, ...] = ()
    open_choices: tuple[AnswerOption, ...] = ()
    pictures: tuple[OwnPicture, ...] = ()
    is_declined: bool = False
    several: bool = False
    is_released: bool = False
    is_opened: bool = False
    note: str = ""


@dataclass(frozen=True)
class TogetherPage:
    """What each of them said yes to."""

    parts: tuple[OfOneMember, ...]
    url: str


def course_behind(page: LookBack, *, opens: bool, since: datetime, at: datetime) -> OwnCourse:
    """Where it does not open, the same is asked of nobody: how long that takes tells nothing of what there is.

    ``since``: what they tapped for themselves is read from then on.
    """
    whose: UUID = page.member_id if opens else uuid4()
    series = [one for one in own_series(whose) if one.scale == SELF_THERAPIST]
    sayings, mended = own_sayings(whose, since=since), own_mendings(whose)
    zone, kind = ZoneInfo(page.clinic.time_zone), page.member.case.kind
    told = told_mendings(series, sayings, mended, at=at, zone=zone)
    pictures = tuple(own_picture(one, mended, kind=kind, zone=zone) for one in series)
    return OwnCourse(tuple(told), pictures)


def look_back_page(
    page: LookBack, course: OwnCourse, *, url: str, mine: str, by_word: bool, note: str = ""
) -> LookBackPage:
    """Of whoever opened it. Where nothing was mended there is no such page: their own line alone, behind their word."""
    if not course.told:
        return LookBackPage(url, pictures=course.pictures if by_word else ())
    if page.state == LookBackState.DECLINED:
        return LookBackPage(url, mine, is_declined=True, note=note)
    words, several = words_of(page), sees_several(page.member.case)
    choices = say.open_sentences(several=several)
    return LookBackPage(
        url=url,
        mine=mine,
        says=sentence_of(course.told),
        mendings=tuple(_part(k, one, page) for k, one in enumerate(course.told, 1)),
        stayed_open=say.what_stays_open(words, several=several),
        open_choices=tuple(
            AnswerOption(k, text, checked=k in words.stayed_open) for k, text in choices.items()
        ),
        pictures=course.pictures,
        several=several,
        is_released=page.state == LookBackState.RELEASED,
        is_opened=page.state == LookBackState.OPENED,
        note=note,
    )


def _part(place: int, one: ToldMending, page: LookBack) -> MendingPart:
    words = words_of(page)
    chosen = say.way_chosen(one, words)
    ways = say.sentences_for(one).items()
    return MendingPart(
        field=field_of(one.number),
        name=f"Mending {place}",
        sentence=say.sentence_chosen(one, words),
        met=one.met,
        ways=tuple(AnswerOption(way, text, checked=way == chosen) for way, text in ways),
    )


def field_of(number: int) -> str:
    return f"words-{number}"


def way_given(value: str, one: ToldMending) -> MendingWords:
    """What was posted, where it exists for this mending; else by its days."""
    return next((way for way in say.sentences_for(one) if way == value), MendingWords.DAYS)
