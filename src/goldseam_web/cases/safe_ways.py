"""Where and when a person may be written to: only by the ways they named themselves, alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from goldseam_web.cases.contacts import likely_mailbox, written_alike
from goldseam_web.cases.models import ContactKind, Person, PersonContact, RecordState, SafeWays


def mail_address(person: Person) -> str | None:
    """The address this person may be written to, or None: not asked yet, not wanted, or a mailbox shared in a case."""
    ways = ways_of(person)
    if ways is None or ways.never or not ways.by_mail or person.state != RecordState.ACTIVE:
        return None
    own = contact_of(person, ContactKind.EMAIL)
    return own.value if own is not None and not is_shared(person, own.value) else None


def ways_of(person: Person) -> SafeWays | None:
    return getattr(person, "safe_ways", None)


def contact_of(person: Person, kind: ContactKind) -> PersonContact | None:
    return next((contact for contact in person.contacts.all() if contact.kind == kind), None)


def is_shared(person: Person, address: str) -> bool:
    """Whether an address leads to the mailbox of somebody who is, or was, in a case with this person."""
    mailbox = _mailbox(address)
    others = PersonContact.objects.filter(
        kind=ContactKind.EMAIL,
        person__memberships__case__in=person.memberships.values("case"),
    ).exclude(person=person)
    return any(_mailbox(contact.value) == mailbox for contact in others)


def _mailbox(address: str) -> str:
    return likely_mailbox(written_alike(ContactKind.EMAIL, address, country=""))


def in_hours(ways: SafeWays, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the clinic's clock shows a time at which this person may be written to."""
    return ways.not_before <= at.astimezone(zone).time() < ways.not_after


def next_in_hours(ways: SafeWays, at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from ``at`` on at which this person may be written to."""
    if in_hours(ways, at, zone):
        return at
    local = at.astimezone(zone)
    day = local.date() if local.time() < ways.not_before else local.date() + timedelta(days=1)
    return datetime.combine(day, ways.not_before, tzinfo=zone).astimezone(UTC)
