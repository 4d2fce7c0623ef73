"""Giving a member a card, withdrawing it, and what is said by it. Everything behind the lock on the member."""

import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.services import record_change
from goldseam_web.alerts.card_links import hash_of, is_read, token_of_card, what_cards_lack, why_no_card
from goldseam_web.alerts.card_tables import SaidByCard, StandingCard
from goldseam_web.alerts.models import AlertSignal, SignalKind
from goldseam_web.alerts.services.signals import announce
from goldseam_web.audit.services import Actor
from goldseam_web.cases.models import Member
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.links import has_agreed
from goldseam_web.measures.nonce import nonce_from

# Said again within this time it is a second tap, not a second word.
SECOND_TAP = timedelta(minutes=10)
# So often within a day it is kept that the same was said again.
MOST_SAID = 20
A_DAY = timedelta(days=1)
SHOWN_BEFORE = (
    "This card was shown before, and its link is stored nowhere. Make another one; the first then ends."
)
# So long the form that made a card shows it again: a double click, a page that did not arrive.
SHOWN_AGAIN_FOR = timedelta(minutes=10)


@one_transaction
def give_card(
    *, member: Member, staff: Staff, at: datetime, actor: Actor, form: uuid.UUID | None = None
) -> str:
    """Make a member's card, and end the one there was. Gives the end of its link, which is stored nowhere.

    ``form``: the random key of the form that asks for it. Sent twice it makes one card, and shows the same for ten
    minutes: id and secret follow from the key, which is stored nowhere either. Raises ValidationError where nobody
    would read what is said by it, and for a card of this form that has ended or was shown longer ago.
    """
    locked(Member.objects.filter(pk=member.pk)).get()
    member = Member.objects.select_related("clinic", "case__clinic", "person").get(pk=member.pk)
    agrees = has_agreed(member)
    if why := what_cards_lack(member.case, at=at) or why_no_card(member, agrees=agrees, at=at):
        raise ValidationError(why)
    card_id, secret = _made_by(form or uuid.uuid4(), member)
    if before := StandingCard.objects.filter(pk=card_id).first():
        if before.ended_at is not None or at - before.given_at > SHOWN_AGAIN_FOR:
            raise ValidationError(SHOWN_BEFORE)
        return token_of_card(before, secret)
    _end_running(member, at)
    card = StandingCard.objects.create(
        id=card_id,
        clinic_id=member.clinic_id,
        member=member,
        secret_hash=hash_of(secret),
        given_by=staff,
        given_at=at,
    )
    record_change(member, at=at, actor=actor, action="card.give", object_kind="member")
    return token_of_card(card, secret)


def _made_by(form: uuid.UUID, member: Member) -> tuple[uuid.UUID, str]:
    """The id and the secret of the card that a form makes; the id tells neither the form's key nor the secret."""
    return uuid.uuid5(form, str(member.pk)), nonce_from("card", form.bytes + member.pk.bytes)


@one_transaction
def withdraw_card(*, member: Member, at: datetime, actor: Actor) -> None:
    """End a member's card; without one nothing changes."""
    member = locked(Member.objects.filter(pk=member.pk)).get()
    if _end_running(member, at):
        record_change(member, at=at, actor=actor, action="card.withdraw", object_kind="member")


def _end_running(member: Member, at: datetime) -> int:
    return StandingCard.objects.filter(member=member, ended_at=None).update(ended_at=at)


@one_transaction
def say_by_card(*, card: StandingCard, kind: SignalKind, at: datetime) -> bool:
    """Keep what a client says and tell whoever has to hear of it; whether somebody reads what is said by this card.

    Said again while nobody has looked, or at once, it is the same finding: people are told once, however often
    somebody taps. Nothing of this shows on the client’s page.
    """
    locked(Member.objects.filter(pk=card.member_id)).get()
    card = StandingCard.objects.select_related("member__case__clinic__lead", "member__person").get(pk=card.pk)
    if not is_read(card, at=at):
        return False
    same = _still_the_same(card.member, kind, at)
    if same is not None and same.said_by_card.filter(at__gt=at - A_DAY).count() >= MOST_SAID:
        return True
    signal = same or AlertSignal.objects.create(
        clinic_id=card.clinic_id,
        case_id=card.member.case_id,
        member=card.member,
        kind=kind,
        evidence={},
        raised_at=at,
    )
    SaidByCard.objects.create(clinic_id=card.clinic_id, card=card, signal=signal, at=at)
    client = Actor.client(card.member_id)
    record_change(signal, at=at, actor=client, action="card.say", object_kind="signal")
    if same is None:
        announce(signal, at, notify=True)
    return True


def _still_the_same(member: Member, kind: SignalKind, at: datetime) -> AlertSignal | None:
    """The finding that this only says again; None where it is a new one."""
    latest = AlertSignal.objects.filter(member=member, kind=kind).order_by("-raised_at").first()
    if latest is None:
        return None
    return latest if latest.first_seen_at is None or at - latest.raised_at < SECOND_TAP else None
