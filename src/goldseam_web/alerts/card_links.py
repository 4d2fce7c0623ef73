"""The link on a client's standing card, and whether what is said by it is read."""

import base64
import binascii
import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from goldseam_web.accounts.queries import Viewer, local_day
from goldseam_web.alerts.card_tables import SaidByCard, StandingCard
from goldseam_web.alerts.models import AlertSignal
from goldseam_web.cases.consents import limits_in_force
from goldseam_web.cases.guardians import not_asked_yet
from goldseam_web.cases.models import Case, Member, RecordState, RestReason
from goldseam_web.cases.readers import ReadsAs, treating_readers
from goldseam_web.measures.links import has_agreed

_SIGNER = signing.Signer(sep="~", salt="goldseam.card")


def token_of_card(card: StandingCard, secret: str) -> str:
    """The part of the link after ``/c/card/``."""
    short_id = base64.urlsafe_b64encode(card.id.bytes).decode().rstrip("=")
    return _SIGNER.sign(f"{short_id}.{secret}")


def hash_of(secret: str) -> str:
    """What is stored of the secret in a link. It is random and long, so that it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def card_behind(*, token: str) -> StandingCard | None:
    """The card a link was made for. The link itself is the permission; None if it was altered, or all was erased."""
    try:
        short_id, secret = _SIGNER.unsign(token).split(".", 1)
        card_id = uuid.UUID(bytes=base64.urlsafe_b64decode(short_id + "=="))
    except (signing.BadSignature, ValueError, binascii.Error):
        return None
    found = StandingCard.objects.filter(pk=card_id).select_related(
        "clinic", "member__case__clinic__lead", "member__person"
    )
    found = found.annotate(words_on_limits=limits_in_force())
    gone = found.exclude(member__case__state=RecordState.ERASED)
    card = gone.exclude(member__person__state=RecordState.ERASED).first()
    if card is None or not constant_time_compare(card.secret_hash, hash_of(secret)):
        return None
    card.limits = card.words_on_limits
    return card


def is_read(card: StandingCard, *, at: datetime) -> bool:
    """Whether somebody reads what is said by it. It is asked of the facts each time, so that no service can forget it.

    Who pauses is asked nothing, and may say something all the same.
    """
    if card.ended_at is not None or settings.GOLDSEAM_RECORD_ONLY:
        return False
    member = card.member
    is_there = _runs(member.case) and _takes_part(member, at) and has_agreed(member)
    return is_there and not not_asked_yet(member, local_day(member.case.clinic, at))


def _runs(case: Case) -> bool:
    return case.state == RecordState.ACTIVE and case.ended_on is None


def _takes_part(member: Member, at: datetime) -> bool:
    has_left = member.left_on is not None and member.left_on <= local_day(member.case.clinic, at)
    lives = member.person.state == RecordState.ACTIVE and member.rests_because != RestReason.DIED
    return lives and not has_left


ENDED = "The case has ended."
NOT_THERE = "They take no part any more."
NO_CONSENT = "They have not agreed to be asked yet, so that nothing they send may be kept."
NO_GUARDIAN = (
    "They are too young for it, or a guardian has not agreed yet, so that nothing they send may be kept."
)
NO_HOURS = "The clinic has not said in which hours it is at work. Whoever runs it gives them under Consent and contact."
NO_COVER = "Whoever treats this case has named nobody who stands in while they are away."


def what_cards_lack(case: Case, *, at: datetime) -> str:
    """Why nobody of a case can be given a card, in a sentence; empty where they can.

    A card promises to be read: so somebody does, in hours that were named, and somebody else while they are away.
    """
    if not _runs(case):
        return ENDED
    if not case.clinic.contact_hours:
        return NO_HOURS
    readers = treating_readers(case, local_day(case.clinic, at))
    treating = [reader.staff for reader in readers if reader.reads_as == ReadsAs.THERAPIST]
    covered = len(treating) > 1 or (bool(treating) and treating[0].cover_id is not None)
    return "" if covered else NO_COVER


def why_no_card(member: Member, *, agrees: bool, at: datetime) -> str:
    """Why this member can be given none, beside what all of them lack; empty where they can."""
    if not _takes_part(member, at):
        return NOT_THERE
    if not_asked_yet(member, local_day(member.case.clinic, at)):
        return NO_GUARDIAN
    return "" if agrees else NO_CONSENT


def cards_in(viewer: Viewer, case: Case) -> "QuerySet[StandingCard]":
    """The cards that hold, of a case that was read for this viewer."""
    running = StandingCard.objects.filter(clinic_id=viewer.clinic_id, member__case=case, ended_at=None)
    return running.select_related("given_by")


def times_said(signals: Iterable[AlertSignal]) -> "list[datetime]":
    """When each of these findings, which were read for a viewer, was said by card, oldest first."""
    found = SaidByCard.objects.filter(signal__in=[signal.pk for signal in signals])
    return list(found.values_list("at", flat=True))
