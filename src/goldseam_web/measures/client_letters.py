"""What all mails to clients have in common: when one may leave, and its words around what it is about."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string

from goldseam_web.accounts.models import Clinic
from goldseam_web.cases.models import Member, Person
from goldseam_web.cases.safe_ways import in_hours, ways_of
from goldseam_web.lib.addresses import host_of, is_loopback
from goldseam_web.lib.clinical_words import names_treatment
from goldseam_web.outbox.channels import Letter
from goldseam_web.outbox.models import Message

EMAIL = "email"


def clients_can_be_mailed() -> bool:
    """Whether this install sends mail at all, and its links open on a phone; the demo keeps its mails in a folder."""
    reached = not is_loopback(host_of(settings.GOLDSEAM_BASE_URL))
    return settings.GOLDSEAM_DEMO or (settings.GOLDSEAM_MAIL_CONFIGURED and reached)


def member_to_mail(member_id: uuid.UUID) -> Member:
    """With what says whether, when and where they may be written to."""
    rows = Member.objects.select_related("clinic", "case__clinic", "person__safe_ways")
    return rows.prefetch_related("person__contacts").get(pk=member_id)


def may_leave_now(message: Message, person: Person | None, zone: ZoneInfo, *, at: datetime) -> bool:
    """Whether it is still theirs, and this a time at which they said they may be written to."""
    if person is None or person.pk != message.person_id:  # made one with another entry meanwhile
        return False
    ways = ways_of(person)
    return ways is not None and in_hours(ways, at, zone) and clients_can_be_mailed()


def client_letter(subject: str, template: str, clinic: Clinic, **facts: object) -> Letter:
    """The sender is the clinic, unless its name tells what it does."""
    sender = "" if names_treatment(clinic.name) else clinic.name
    return Letter(subject, render_to_string(template, {**facts, "sender": sender}))
