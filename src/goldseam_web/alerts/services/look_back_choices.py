"""What a client does with their page at the end: its words, what stayed open, no page at all, a page of all of them.

Nothing of it goes on record and no open page is told: who looked, declined or said yes would be read from it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from goldseam_web.accounts.queries import local_day
from goldseam_web.alerts.look_back_tables import LookBack, LookBackState, MendingWords, StayedOpen
from goldseam_web.alerts.own_mendings import numbers_of_gold
from goldseam_web.alerts.speaking_openly import single_time_in
from goldseam_web.cases.guardians import is_too_young
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import display_name
from goldseam_web.cases.single_time import sees_several
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.own_word_tables import OwnWord

HAS_PAGE = (LookBackState.OFFERED, LookBackState.RELEASED)


@dataclass(frozen=True)
class LookBackWords:
    """What was chosen: by number of the mending in which sentence it stands, and what stayed open."""

    mendings: Mapping[int, MendingWords] = field(default_factory=dict)
    stayed_open: tuple[StayedOpen, ...] = ()


@dataclass(frozen=True)
class Lines:
    """What one member said yes to showing to all: of which mendings, in which sentences, and what stayed open."""

    numbers: tuple[int, ...]
    mended: tuple[str, ...]
    stayed_open: tuple[str, ...]


@dataclass(frozen=True)
class OfOneMember:
    """One part of the page of all of them."""

    name: str
    position: int
    lines: Lines


def words_of(page: LookBack) -> LookBackWords:
    """What was chosen by now; where nothing was, each mending stands by its days."""
    mendings = {int(number): MendingWords(way) for number, way in json.loads(page.words or "{}").items()}
    return LookBackWords(mendings, tuple(StayedOpen(one) for one in json.loads(page.stayed_open or "[]")))


@one_transaction
def keep_words(*, page: LookBack, words: LookBackWords, lines: Lines, opened_at: datetime) -> bool:
    """Keep what was chosen. Where they have said yes to a page of all of them, ``lines`` are what stands there then.

    ``opened_at``: when the page it comes from was opened, which does one thing once; False where it holds no more.
    """
    own = _acting(page, opened_at)
    if own is None or own.state not in HAS_PAGE:
        return False
    own.words = json.dumps(dict(words.mendings))
    own.stayed_open = json.dumps(list(words.stayed_open))
    if own.state == LookBackState.RELEASED:
        own.lines = _as_json(lines)
    own.save(update_fields=["words", "stayed_open", "lines"])
    return True


@one_transaction
def decline_look_back(*, page: LookBack, opened_at: datetime) -> bool:
    """They would rather not have it: with what was chosen, and their yes, it is gone."""
    own = _acting(page, opened_at)
    if own is None or own.state not in HAS_PAGE:
        return False
    own.state, own.words, own.stayed_open = LookBackState.DECLINED, "", ""
    _without_yes(own)
    return True


@one_transaction
def have_after_all(*, page: LookBack, opened_at: datetime) -> bool:
    """As it was offered."""
    own = _acting(page, opened_at)
    if own is None or own.state != LookBackState.DECLINED:
        return False
    own.state = LookBackState.OFFERED
    own.save(update_fields=["state"])
    return True


@one_transaction
def release_lines(*, page: LookBack, lines: Lines, opened_at: datetime) -> bool:
    """Say yes to a page of all who take part now, with exactly these lines of their own."""
    member = locked(Member.objects.select_related("case")).get(pk=page.member_id)
    own = _acting(page, opened_at)
    if own is None or own.state != LookBackState.OFFERED or not lines.mended or not sees_several(member.case):
        return False
    own.state, own.lines, own.with_members = LookBackState.RELEASED, _as_json(lines), _present(member.case)
    own.save(update_fields=["state", "lines", "with_members"])
    return True


@one_transaction
def take_lines_back(*, page: LookBack, opened_at: datetime) -> bool:
    """As if the yes had never been; what has been opened stays so."""
    own = _acting(page, opened_at)
    if own is None or own.state != LookBackState.RELEASED:
        return False
    own.state = LookBackState.OFFERED
    _without_yes(own)
    return True


@one_transaction
def open_together(*, page: LookBack, opened_at: datetime, at: datetime) -> bool:
    """Open the page of all of them if each has said yes; from then on none of them takes it back.

    The same is asked whatever the others have done, and why it does not open is told to nobody.
    """
    case = locked(Case.objects.select_related("clinic")).get(pk=page.member.case_id)
    present = [member.pk for member in locked(case.members.filter(left_on=None))]
    pages = {one.member_id: one for one in locked(LookBack.objects.filter(member__case=case).order_by("pk"))}
    own = _acting(page, opened_at)
    may = _all_said_yes(case, present, pages, at)
    if own is None or own.state not in (LookBackState.RELEASED, LookBackState.OPENED):
        return False
    if own.state == LookBackState.RELEASED and may:
        theirs = [one.pk for member, one in pages.items() if member in present]
        LookBack.objects.filter(pk__in=theirs, state=LookBackState.RELEASED).update(
            state=LookBackState.OPENED
        )
    return may or own.state == LookBackState.OPENED


def opened_together(page: LookBack) -> list[OfOneMember]:
    """What stands on the page of all of them, in their order, for one of those whose words are on it."""
    shown = LookBack.objects.filter(member__case=page.member.case_id, state=LookBackState.OPENED)
    rows = shown.select_related("member__person__identity").order_by("member__position")
    parts = [
        OfOneMember(display_name(row.member), row.member.position, _from_json(row.lines)) for row in rows
    ]
    return parts if page.member_id in [row.member_id for row in rows] else []


def _acting(page: LookBack, opened_at: datetime) -> LookBack | None:
    """The row as it is now; None where something was done already on the page opened then, or on a later one."""
    own = locked(LookBack.objects.select_related("clinic")).get(pk=page.pk)
    if own.acted_on is not None and own.acted_on >= opened_at:
        return None
    own.acted_on = opened_at
    own.save(update_fields=["acted_on"])
    return own


def _without_yes(own: LookBack) -> None:
    own.lines, own.with_members = "", []
    own.save(update_fields=["state", "words", "stayed_open", "lines", "with_members"])


def _present(case: Case) -> list[str]:
    """Everybody who takes part, those too young to be asked among them."""
    return sorted(str(key) for key in case.members.filter(left_on=None).values_list("pk", flat=True))


def _could_take_it_back(case: Case) -> set[UUID]:
    """The members with a word of their own, or a mailbox to which a number goes."""
    by_word = Q(pk__in=OwnWord.objects.filter(chosen_at__isnull=False).values("member"))
    found = case.members.filter(by_word | Q(person__safe_ways__by_mail=True))
    return set(found.values_list("pk", flat=True))


def _all_said_yes(
    case: Case, present: Collection[UUID], pages: Mapping[UUID, LookBack], at: datetime
) -> bool:
    """Each who takes part and can be asked has a yes in force, to just these, of mendings that are still gold.

    And each was seen alone and said that all may speak of it: nothing of all of them is shown before.
    """
    asked = single_time_in(case, ZoneInfo(case.clinic.time_zone))
    day, with_them = local_day(case.clinic, at), sorted(map(str, present))
    everybody = [member for member in asked.members if not is_too_young(member, day)]
    gold, able = numbers_of_gold(present), _could_take_it_back(case)
    in_force = all(
        (own := pages.get(member.pk)) is not None
        and own.state == LookBackState.RELEASED
        and own.with_members == with_them
        and member.paused_on is None
        and (not own.by_word or member.pk in able)
        and set(_from_json(own.lines).numbers) <= gold.get(member.pk, set())
        for member in everybody
    )
    return in_force and len(everybody) > 1 and not asked.holds_joint_room


def _as_json(lines: Lines) -> str:
    return json.dumps({"numbers": lines.numbers, "mended": lines.mended, "stayed_open": lines.stayed_open})


def _from_json(text: str) -> Lines:
    read = json.loads(text or "{}")
    return Lines(*(tuple(read.get(name, ())) for name in ("numbers", "mended", "stayed_open")))
