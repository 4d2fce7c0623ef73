"""Keeping what people agree to: the clinic's words by version, and what each person said of them and when."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Clinic
from goldseam_web.accounts.queries import local_day
from goldseam_web.accounts.services import record_change, record_change_of_clinic
from goldseam_web.audit.models import ActorKind
from goldseam_web.audit.services import Actor
from goldseam_web.cases.consent_tables import (
    ConsentAnswer,
    ConsentRecord,
    ConsentText,
    ConsentWay,
    Guardian,
    Purpose,
)
from goldseam_web.cases.consent_wording import PURPOSES, ConsentWording, check_wording
from goldseam_web.cases.consents import agreed, consent_history, latest_of_each, text_in_force
from goldseam_web.cases.models import Member
from goldseam_web.lib.transactions import locked, one_transaction


@one_transaction
def set_consent_text(*, clinic: Clinic, wording: ConsentWording, at: datetime, actor: Actor) -> ConsentText:
    """Put other words in force; the same ones stay as they are, looked over. Who agreed to earlier ones is asked again.

    Raises ValidationError, by purpose, for words that cannot be shown.
    """
    check_wording(wording)
    locked(Clinic.objects.filter(pk=clinic.pk)).get()
    current = text_in_force(clinic)
    if current.content_hash == wording.content_hash:
        return _looked_over(current, at=at, actor=actor)
    # What people were shown until now is kept too, whether or not somebody has answered it.
    number = stored_text(current, at=at).number + 1
    text = ConsentText.objects.create(
        clinic=clinic,
        number=number,
        care=wording.care,
        feedback=wording.feedback,
        research=wording.research,
        limits=wording.limits,
        content_hash=wording.content_hash,
        since=at,
        looked_over_at=at,
    )
    record_change_of_clinic(clinic, at=at, actor=actor, action="consent.text", details={"number": number})
    return text


def _looked_over(text: ConsentText, *, at: datetime, actor: Actor) -> ConsentText:
    """Note that the clinic stands to the words as they are, once: nobody is asked again for that."""
    text = stored_text(text, at=at)
    if text.looked_over_at is not None:
        return text
    text.looked_over_at = at
    text.save(update_fields=["looked_over_at"])
    record_change_of_clinic(
        text.clinic, at=at, actor=actor, action="consent.text_kept", details={"number": text.number}
    )
    return text


def stored_text(text: ConsentText, *, at: datetime) -> ConsentText:
    """A text as a row: the shipped one, which has no date yet, becomes one with its first answer."""
    if text.since is not None:
        return text
    words = {name: getattr(text, name) for name in (*PURPOSES, "limits", "content_hash")}
    return ConsentText.objects.get_or_create(
        clinic=text.clinic, number=text.number, defaults={**words, "since": at}
    )[0]


@one_transaction
def record_consent(
    *,
    member: Member,
    agrees: Mapping[Purpose, bool],
    way: ConsentWay,
    at: datetime,
    actor: Actor,
    text: ConsentText | None = None,
    said_on: date | None = None,
) -> list[ConsentRecord]:
    """Add what a member said of each purpose; what they said already in the same way adds nothing.

    A *no* takes back what was agreed to before, and else declines it. ``said_on`` is the day on the paper; today
    where none is given. Raises ValidationError for a day that is still to come, and for one on which they said no.
    """
    member = locked(Member.objects.select_related("clinic")).get(pk=member.pk)
    today = local_day(member.clinic, at)
    shown = stored_text(text, at=at) if text is not None else None
    history = consent_history(member)
    latest = latest_of_each(history)
    if said_on is not None:
        _check_day(said_on, today, [latest[p] for p, says_yes in agrees.items() if says_yes and p in latest])
    new = [
        ConsentRecord(
            clinic_id=member.clinic_id,
            member=member,
            purpose=purpose,
            answer=_answer(latest.get(purpose), says_yes=says_yes),
            text=shown,
            way=way,
            recorded_by_id=actor.id if actor.kind == ActorKind.STAFF else None,
            said_on=said_on or today,
            at=at,
        )
        for purpose, says_yes in agrees.items()
    ]
    added = [row for row in new if not _says_the_same(latest.get(Purpose(row.purpose)), row)]
    for position, row in enumerate(added, start=len(history) + 1):
        row.position = position
    ConsentRecord.objects.bulk_create(added)
    for answer in {row.answer: None for row in added}:
        purposes = [str(row.purpose) for row in added if row.answer == answer]
        record_change(
            member,
            at=at,
            actor=actor,
            action=f"consent.{ACTIONS[ConsentAnswer(answer)]}",
            object_kind="member",
            details={"purposes": purposes, "text": shown.number if shown else None, "way": str(way)},
        )
    return added


def record_for_young(
    *,
    guardian: Guardian,
    member: Member,
    agrees: bool,
    way: ConsentWay,
    at: datetime,
    actor: Actor,
    text: ConsentText | None = None,
    said_on: date | None = None,
) -> ConsentRecord | None:
    """Add what a guardian says to a young person being asked; None where they said it already. The member is locked."""
    today = local_day(member.clinic, at)
    latest = guardian.consents.first()
    if said_on is not None:
        _check_day(said_on, today, [latest] if agrees and latest is not None else [])
    row = ConsentRecord(
        clinic_id=member.clinic_id,
        member=member,
        guardian=guardian,
        purpose=Purpose.GUARDIAN,
        answer=_answer(latest, says_yes=agrees),
        text=stored_text(text, at=at) if text is not None else None,
        way=way,
        recorded_by_id=actor.id if actor.kind == ActorKind.STAFF else None,
        said_on=said_on or today,
        at=at,
        position=member.consents.count() + 1,
    )
    if _says_the_same(latest, row):
        return None
    row.save(force_insert=True)
    record_change(
        member,
        at=at,
        actor=actor,
        action=f"consent.guardian_{ACTIONS[ConsentAnswer(row.answer)]}",
        object_kind="member",
        details={"text": row.text.number if row.text else None, "way": str(way)},
    )
    return row


def _check_day(said_on: date, today: date, latest: Iterable[ConsentRecord]) -> None:
    """A paper bears a day and no hour: of one day, a no that was said stands."""
    if said_on > today:
        raise ValidationError(f"{said_on:%d.%m.%Y} given; the day it was signed cannot lie ahead.")
    if any(row.said_on == said_on and not agreed(row) and row.way != ConsentWay.PAPER for row in latest):
        raise ValidationError(
            "They said no on that day, and a paper does not tell which came first. They can agree by their link."
        )


ACTIONS = {
    ConsentAnswer.GIVEN: "give",
    ConsentAnswer.DECLINED: "decline",
    ConsentAnswer.WITHDRAWN: "withdraw",
}


def _answer(last: ConsentRecord | None, *, says_yes: bool) -> ConsentAnswer:
    if says_yes:
        return ConsentAnswer.GIVEN
    if last is None or agreed(last):
        return ConsentAnswer.WITHDRAWN if last else ConsentAnswer.DECLINED
    return ConsentAnswer(last.answer)


def _says_the_same(last: ConsentRecord | None, new: ConsentRecord) -> bool:
    """A no is one no, in whatever words it was asked and however it was said."""
    if last is None or last.answer != new.answer:
        return False
    return new.answer != ConsentAnswer.GIVEN or (last.text_id, last.way) == (new.text_id, new.way)
