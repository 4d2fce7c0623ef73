"""Choosing the word for a client's own answers, taking it back, and asking for them by it or by a mailed number."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hmac import compare_digest
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor, record
from goldseam_web.cases.joint_tables import JointRelease
from goldseam_web.cases.models import Case, Member, SafeWays
from goldseam_web.cases.services.joint_endings import drop_release_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.own_word_tables import OwnWord, counted_within, keep_own_word
from goldseam_web.measures.services.own_numbers import number_in_force

FEWEST_LETTERS, MOST_LETTERS = 8, 64
MOST_TRIES = 10
NO_FORM = datetime(1970, 1, 1, tzinfo=UTC)  # before any was shown
NO_NUMBER = (
    "000000"  # what is compared with where none is in force, so that it takes as long; it opens nothing
)


@dataclass(frozen=True)
class OwnOpened:
    """Since when what was tapped for oneself alone is read, and the last session they release to all, if any.

    Read is what was tapped since the word was chosen or, by a number, since the day after they named its address: who
    changes the word or the address reads nothing older. Whether it was by word: only that lets them release.
    """

    own_since: datetime
    by_word: bool
    released: date | None


@one_transaction
def choose_own_word(*, member: Member, word: str, at: datetime, actor: Actor) -> None:
    """Let this word open a member's own answers, and none before it. Raises ValidationError if it is too short."""
    word = _plain(word)
    if not FEWEST_LETTERS <= len(word) <= MOST_LETTERS:
        raise ValidationError(
            f"The word needs {FEWEST_LETTERS} to {MOST_LETTERS} letters or digits; it has {len(word)}."
        )
    keep_own_word(member, {"word_hash": make_password(word), "chosen_at": at})
    record_change(member, at=at, actor=actor, action="own_word.choose", object_kind="member")


@one_transaction
def withdraw_own_word(*, member: Member, at: datetime, actor: Actor) -> None:
    """Let no word open them; without one nothing changes.

    What they released by it goes too: nobody could take it back.
    """
    locked(Member.objects.filter(pk=member.pk)).get()
    if OwnWord.objects.filter(member=member).exclude(word_hash="").update(word_hash="", chosen_at=None):
        drop_release_of(member.pk)
        record_change(member, at=at, actor=actor, action="own_word.withdraw", object_kind="member")


@one_transaction
def opens_own_course(*, member: Member, word: str, form_shown_at: datetime, at: datetime) -> OwnOpened | None:
    """What it opens, if it is the member's word or the number mailed to them; None if not, and after too many tries.

    Each form opens it once: a browser that goes back and sends its form again shows nothing. A number opens it once.
    The same is done in each case, in the same order. Right ones count as tries too, or the count would tell them apart.
    """
    release = JointRelease.objects.filter(member=OuterRef("member"), shown=False)
    own = OwnWord.objects.annotate(
        released=Subquery(release.values("up_to__local_date")),
        named_on=Subquery(SafeWays.objects.filter(person=OuterRef("member__person")).values("asked_on")),
    )
    row = locked(own.filter(member=member)).first()
    tries, since = counted_within(row.tries if row else 0, row.tried_since if row else None, at)
    last = (row.form_shown_at if row is not None else None) or NO_FORM
    given, number = _plain(word)[:MOST_LETTERS], number_in_force(row, at)
    by_word = check_password(given, (row.word_hash if row else "") or _of_nobody())
    by_number = compare_digest(given.encode(), (number or NO_NUMBER).encode()) and number is not None
    may = row is not None and form_shown_at > last and tries <= MOST_TRIES
    own_since = _own_since(row, member, by_word=by_word, by_number=by_number) if may else None
    used = by_number and own_since is not None
    keep_own_word(
        member,
        {
            "tries": min(tries, MOST_TRIES + 1),
            "tried_since": since,
            "form_shown_at": max(form_shown_at, last),
            "number_asked_at": None if used or row is None else row.number_asked_at,
        },
    )
    record(
        clinic_id=member.clinic_id,
        at=at,
        actor=Actor.client(member.pk),
        action="own_course.ask",
        object_kind="member",
        object_id=member.pk,
        details={"opened": own_since is not None},
    )
    if own_since is None or row is None:
        return None
    return OwnOpened(own_since, by_word, vars(row)["released"])


def _own_since(row: OwnWord | None, member: Member, *, by_word: bool, by_number: bool) -> datetime | None:
    """From when on what they tapped for themselves is theirs to read by what was given; None: it opens nothing."""
    if row is not None and by_word and row.chosen_at is not None:
        return row.chosen_at
    named_on = vars(row)["named_on"] if row is not None else None
    if not by_number or named_on is None:
        return None
    return datetime.combine(
        named_on + timedelta(days=1), time(), tzinfo=ZoneInfo(member.clinic.time_zone)
    ).astimezone(UTC)


def words_chosen(viewer: Viewer, case: Case) -> dict[UUID, datetime]:
    """When each member of a case that was read for this viewer chose the word they have."""
    found = OwnWord.objects.filter(clinic_id=viewer.clinic_id, member__case=case, chosen_at__isnull=False)
    return {member: at for member, at in found.values_list("member_id", "chosen_at") if at is not None}


def _plain(word: str) -> str:
    """As phones write it: capitals, spaces and the way accents are encoded make no difference."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


@cache
def _of_nobody() -> str:
    """What is compared with where there is no word, so that it takes as long."""
    return make_password("the word of nobody")
