"""A six-digit number for a client's own answers, mailed at that moment to the address that is theirs alone.

Asking for one does and tells the same whatever the client has: a message is queued for everybody, and whether it may
leave is asked when it would. The number is stored nowhere: it follows from when it was asked for, and from the key.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from goldseam_web.audit.services import Actor, record
from goldseam_web.cases.models import Member, RestReason
from goldseam_web.cases.safe_ways import mail_address
from goldseam_web.lib.ciphers import CLIENT_DATA, keyed_hash
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.client_letters import EMAIL, client_letter, may_leave_now, member_to_mail
from goldseam_web.measures.mail_state import OWN_NUMBER
from goldseam_web.measures.own_word_tables import OwnWord, counted_within, keep_own_word
from goldseam_web.outbox.channels import Letter
from goldseam_web.outbox.models import Message
from goldseam_web.outbox.services import MessagePurpose

DIGITS = 6
LASTS = timedelta(minutes=10)
MOST_ASKED = 3
SUBJECT = "A number for you"


@one_transaction
def ask_for_number(*, member: Member, at: datetime) -> None:
    """Mail a number if this client may be written to now; three times a day, counted whatever comes of it."""
    row = locked(OwnWord.objects.filter(member=member)).first()
    count, since = counted_within(row.numbers if row else 0, row.numbers_since if row else None, at)
    facts: dict[str, object] = {"numbers": min(count, MOST_ASKED + 1), "numbers_since": since}
    if count <= MOST_ASKED:
        facts["number_asked_at"] = at
        Message.objects.create(
            clinic_id=member.clinic_id,
            purpose=OWN_NUMBER,
            subject=member.pk,
            person_id=member.person_id,
            channel=EMAIL,
            key=f"{member.pk}:{OWN_NUMBER}:{at.isoformat()}",
            queued_at=at,
            due_at=at,
        )
    keep_own_word(member, facts)
    record(
        clinic_id=member.clinic_id,
        at=at,
        actor=Actor.client(member.pk),
        action="own_number.ask",
        object_kind="member",
        object_id=member.pk,
    )


def number_in_force(row: OwnWord | None, at: datetime) -> str | None:
    """The number that opens this client's own answers now; None where none was asked for, or too long ago.

    Whoever has chosen a word is opened by that alone: who reads their mailbox needs it too.
    """
    if row is None or row.word_hash or row.number_asked_at is None or at - row.number_asked_at >= LASTS:
        return None
    return _number(row, row.number_asked_at)


def _number(row: OwnWord, asked_at: datetime) -> str:
    digest = keyed_hash(CLIENT_DATA, f"own number {row.member_id} {asked_at.timestamp():.6f}")
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}}"


def _still_wanted(message: Message, at: datetime) -> bool:
    """Read at the moment of sending: by which ways and hours they may be written to, and that it is the latest."""
    row = OwnWord.objects.filter(member=message.subject, number_asked_at=message.queued_at).first()
    if number_in_force(row, at) is None:
        return False
    member = member_to_mail(message.subject)
    in_time = may_leave_now(message, member.person, ZoneInfo(member.clinic.time_zone), at=at)
    is_alive = member.rests_because != RestReason.DIED
    return in_time and is_alive and mail_address(member.person) is not None


def _render(message: Message, at: datetime) -> Letter:
    row = OwnWord.objects.select_related("clinic").get(member=message.subject)
    number = number_in_force(row, at) or ""
    return client_letter(
        SUBJECT,
        "measures/own_number.txt",
        row.clinic,
        number=f"{number[:3]} {number[3:]}",
        minutes=int(LASTS.total_seconds() // 60),
    )


def _ended(_message: Message, _at: datetime) -> None:
    """Nothing follows: who got none asks again, or for a word when they next meet."""


OWN_NUMBERS: Mapping[str, MessagePurpose] = MappingProxyType(
    {OWN_NUMBER: MessagePurpose(_still_wanted, _render, _ended)}
)
