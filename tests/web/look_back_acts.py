"""What may happen around looking back at the end, act by act through the services, by a couple that is lived through.

Lines are said yes to without a mending of theirs: that one has to be gold is tested in test_look_together.py.
"""

from collections.abc import Iterator
from datetime import timedelta

from hypothesis import strategies as st

from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.look_back_tables import LookBack, LookBackState
from goldseam_web.alerts.services.look_back_choices import (
    Lines,
    LookBackWords,
    decline_look_back,
    have_after_all,
    keep_words,
    open_together,
    release_lines,
    take_lines_back,
)
from goldseam_web.alerts.services.look_back_offers import offer_look_back
from goldseam_web.audit.services import SYSTEM
from goldseam_web.cases.models import Case
from goldseam_web.cases.safety_tables import SpokenTogether
from goldseam_web.cases.services.endings import set_last_phase
from tests.web import people
from tests.web.acts_by_lot import LotClinic
from tests.web.at_the_end import mail_is_safe

LINES = Lines((), ("With Ines it got harder, and it was mended.",), ())


def _couple(c: LotClinic) -> Case:
    return Case.objects.get(pk=c.cast.couple.pk)


def _page(c: LotClinic) -> LookBack | None:
    return c.one_of(LookBack.objects.select_related("member").order_by("member__position"))


def _offers(c: LotClinic) -> None:
    """The end has been spoken of for some days, and both may be written to."""
    case = _couple(c)
    if case.ended_on is None:
        since = local_day(case.clinic, c.now) - timedelta(days=3)
        set_last_phase(case=case, since=since, at=c.now, actor=SYSTEM)
    for who in case.members.order_by("position"):
        mail_is_safe(who, c.now)
        offer_look_back(member_id=who.pk, at=c.now)


def _end_is_off(c: LotClinic) -> None:
    set_last_phase(case=_couple(c), since=None, at=c.now, actor=SYSTEM)


def _does(c: LotClinic) -> None:
    """One of them opens their page, and does one thing there."""
    page = _page(c)
    if page is None:
        return
    match c.draw(st.integers(0, 4)):
        case 0:
            decline_look_back(page=page, opened_at=c.now)
        case 1:
            take_lines_back(page=page, opened_at=c.now)
        case 2:
            keep_words(page=page, words=LookBackWords(), lines=LINES, opened_at=c.now)
        case 3:
            release_lines(page=page, lines=LINES, opened_at=c.now)
        case _:
            have_after_all(page=page, opened_at=c.now)


def _opens(c: LotClinic) -> None:
    page = _page(c)
    if page is not None:
        open_together(page=page, opened_at=c.now, at=c.now)


def _all_say_yes(c: LotClinic) -> None:
    """What each does by itself is seldom done by all in time."""
    people.seen_alone(_couple(c), c.cast.ines, c.now)
    for page in LookBack.objects.order_by("member__position"):
        have_after_all(page=page, opened_at=c.now)
        release_lines(page=page, lines=LINES, opened_at=c.now + timedelta(seconds=1))
    c.now += timedelta(seconds=2)
    if c.draw(st.integers(0, 3)):
        _opens(c)


LOOK_BACK_ACTS = (*[_offers] * 3, *[_does] * 5, *[_opens] * 2, *[_all_say_yes] * 3, _end_is_off)


def newly_opened(before: set[object]) -> tuple[set[object], list[LookBack]]:
    """What has been opened by now, and what of it had not been before."""
    opened = {page.pk: page for page in LookBack.objects.filter(state=LookBackState.OPENED)}
    return set(opened), [page for key, page in opened.items() if key not in before]


def opened_without_right(page: LookBack) -> Iterator[str]:
    """Asked right after: each who takes part has one opened, to just these, was seen alone, and said yes there."""
    present = list(page.member.case.members.filter(left_on=None))
    everybody = sorted(str(one.pk) for one in present)
    for member in present:
        own = LookBack.objects.filter(member=member, state=LookBackState.OPENED).first()
        if own is None or own.with_members != everybody:
            yield f"opened together, and member {member.position} had not said yes to just these"
        note = member.safety_notes.last()
        if note is None or note.spoken != SpokenTogether.YES:
            yield f"opened together, and member {member.position} had not said yes alone"
