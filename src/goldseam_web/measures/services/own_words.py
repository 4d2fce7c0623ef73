"""Choosing the word for a client's own answers, taking it back, and asking for them by it."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery

from goldseam_web.accounts.queries import Viewer
from goldseam_web.accounts.services import record_change
from goldseam_web.audit.services import Actor, record
from goldseam_web.cases.joint_tables import JointRelease
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.services.joint_endings import drop_release_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.own_word_tables import OwnWord

FEWEST_LETTERS, MOST_LETTERS = 8, 64
MOST_TRIES = 10
TRIED_WITHIN = timedelta(days=1)
NO_FORM = datetime(1970, 1, 1, tzinfo=UTC)  # before any was shown


@dataclass(frozen=True)
class OpenedByWord:
    """When the word was chosen, and the day of the last session that they release to be looked at together, if any."""

    chosen_at: datetime
    released: date | None


@one_transaction
def choose_own_word(*, member: Member, word: str, at: datetime, actor: Actor) -> None:
    """Let this word open a member's own answers, and none before it. Raises ValidationError if it is too short."""
    word = _plain(word)
    if not FEWEST_LETTERS <= len(word) <= MOST_LETTERS:
        raise ValidationError(
            f"The word needs {FEWEST_LETTERS} to {MOST_LETTERS} letters or digits; it has {len(word)}."
        )
    _keep(member, {"word_hash": make_password(word), "chosen_at": at})
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
def opens_own_course(
    *, member: Member, word: str, form_shown_at: datetime, at: datetime
) -> OpenedByWord | None:
    """What it opens, if the word is the member's; None if not, without one, and after too many tries.

    Each form opens it once: a browser that goes back and sends its form again shows nothing. The same is done in each
    case, in the same order. Right ones count as tries too, or the count would tell them apart.
    """
    release = JointRelease.objects.filter(member=OuterRef("member"), shown=False)
    own = OwnWord.objects.annotate(released=Subquery(release.values("up_to__local_date")))
    row = locked(own.filter(member=member)).first()
    tries, since = _counted(row, at)
    last = (row.form_shown_at if row is not None else None) or NO_FORM
    _keep(
        member,
        {
            "tries": min(tries, MOST_TRIES + 1),
            "tried_since": since,
            "form_shown_at": max(form_shown_at, last),
        },
    )
    stored = row.word_hash if row is not None and row.word_hash else ""
    matches = check_password(_plain(word)[:MOST_LETTERS], stored or _of_nobody())
    opens = matches and bool(stored) and form_shown_at > last and tries <= MOST_TRIES
    record(
        clinic_id=member.clinic_id,
        at=at,
        actor=Actor.client(member.pk),
        action="own_course.ask",
        object_kind="member",
        object_id=member.pk,
        details={"opened": opens},
    )
    if not opens or row is None or row.chosen_at is None:
        return None
    return OpenedByWord(row.chosen_at, vars(row)["released"])


def words_chosen(viewer: Viewer, case: Case) -> dict[UUID, datetime]:
    """When each member of a case that was read for this viewer chose the word they have."""
    found = OwnWord.objects.filter(clinic_id=viewer.clinic_id, member__case=case, chosen_at__isnull=False)
    return {member: at for member, at in found.values_list("member_id", "chosen_at") if at is not None}


def _counted(row: OwnWord | None, at: datetime) -> tuple[int, datetime]:
    """Which try this is of those within a day of the first, and when that was."""
    if row is None or row.tried_since is None or at - row.tried_since >= TRIED_WITHIN:
        return 1, at
    return row.tries + 1, row.tried_since


def _keep(member: Member, facts: dict[str, object]) -> None:
    OwnWord.objects.bulk_create(
        [OwnWord(clinic_id=member.clinic_id, member=member, **facts)],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=list(facts),
    )


def _plain(word: str) -> str:
    """As phones write it: capitals, spaces and the way accents are encoded make no difference."""
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


@cache
def _of_nobody() -> str:
    """What is compared with where there is no word, so that it takes as long."""
    return make_password("the word of nobody")
