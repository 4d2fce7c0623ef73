"""Asking by mail: each request is sent once, within the hours a person named, and reminded of once.

Nothing is sent that the person could not answer at that moment, and nothing outside of what they said is safe. What
was called off because the time or the person changed is sent when it is right again.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet

from goldseam_web.accounts.models import Clinic
from goldseam_web.audit.services import Actor, record_about
from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.cases.queries import therapist_away
from goldseam_web.cases.safe_ways import mail_address, next_in_hours, ways_of
from goldseam_web.lib.transactions import locked, one_transaction
from goldseam_web.measures.client_letters import EMAIL, client_letter, clients_can_be_mailed, may_leave_now
from goldseam_web.measures.links import LinkState, link_state, token_of
from goldseam_web.measures.mail_state import ASKED, MAIL_PURPOSES, REMINDER
from goldseam_web.measures.mail_texts import words_of_mail
from goldseam_web.measures.models import Occasion, OccasionState
from goldseam_web.outbox.channels import Letter
from goldseam_web.outbox.models import Message, MessageState
from goldseam_web.outbox.services import MessagePurpose

log = structlog.get_logger(__name__)

# Whoever gets a message has at least this long to answer.
TIME_TO_ANSWER = timedelta(minutes=30)


def queue_requests(*, at: datetime, is_ready: Callable[[Clinic], bool]) -> int:
    """Queue what is to be asked now, and what is to be reminded of; say how many messages that made.

    ``is_ready`` is asked of each clinic that has something to send, and holds all of it back where it says no.
    """
    if not clients_can_be_mailed():
        return 0
    waiting = _open_and_not_sent(ASKED, at), _open_and_not_sent(REMINDER, at).filter(Exists(_sent(ASKED)))
    clinics = {key for rows in waiting for key in rows.order_by().values_list("clinic", flat=True).distinct()}
    ready = [clinic for clinic in Clinic.objects.filter(pk__in=clinics) if is_ready(clinic)]
    if not ready:
        return 0
    asks, reminds = (rows.filter(clinic__in=ready) for rows in waiting)
    asked = asks.values_list("pk", flat=True)
    reminded = [
        key
        for key, opens_at, closes_at in reminds.values_list("pk", "opens_at", "closes_at")
        if _half_over(opens_at, closes_at, at)
    ]
    return _queue_all(list(asked), ASKED, at) + _queue_all(reminded, REMINDER, at)


def _open_and_not_sent(purpose: str, at: datetime) -> "QuerySet[Occasion]":
    return (
        Occasion.objects.filter(state=OccasionState.WAITING, responses=None)
        .filter(
            opens_at__lte=at, closes_at__gt=at + TIME_TO_ANSWER, respondent__person__safe_ways__by_mail=True
        )
        .exclude(Exists(_messages(purpose).exclude(state=MessageState.CANCELLED)))
    )


def with_ways(occasions: "QuerySet[Occasion]") -> "QuerySet[Occasion]":
    """Occasions with what decides whether their member may be written to."""
    return occasions.select_related(
        "clinic", "case", "encounter", "respondent__person__safe_ways"
    ).prefetch_related("respondent__person__contacts")


def _messages(purpose: str) -> "QuerySet[Message]":
    return Message.objects.filter(subject=OuterRef("pk"), purpose=purpose)


def _sent(purpose: str) -> "QuerySet[Message]":
    return _messages(purpose).filter(state=MessageState.SENT)


def _half_over(opens_at: datetime, closes_at: datetime, at: datetime) -> bool:
    """One quiet reminder, half of the time later."""
    return at - opens_at >= (closes_at - opens_at) / 2


def _queue_all(occasions: Iterable[uuid.UUID], purpose: str, at: datetime) -> int:
    """Each by itself: one that cannot be read must not stop the worker's round, which therapists depend on."""
    made = 0
    for key in occasions:
        try:
            made += _queue(key, purpose, at) is not None
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            log.warning("request not queued", occasion=str(key), error=type(error).__name__)
    return made


@one_transaction
def _queue(key: uuid.UUID, purpose: str, at: datetime) -> Message | None:
    """A message for the next moment that suits the person; None if nothing may be sent, or that is too late."""
    occasion = with_ways(Occasion.objects.all()).get(pk=key)
    due = _due(occasion, purpose, at)
    if due is None or due + TIME_TO_ANSWER > occasion.closes_at:
        return None
    # One request a person, session and phase; the number tells a second try, after a first was called off, from it.
    tries = Message.objects.filter(subject=occasion.pk, purpose=purpose).count()
    message, is_new = Message.objects.get_or_create(
        key=f"{occasion.encounter_id}:{occasion.phase}:{_asked_of(occasion)}:{purpose}:{tries}",
        defaults={
            "clinic_id": occasion.clinic_id,
            "purpose": purpose,
            "subject": occasion.pk,
            "person_id": occasion.respondent.person_id,  # type: ignore[union-attr]  # it was selected by that
            "channel": EMAIL,
            "queued_at": at,
            "due_at": due,
        },
    )
    return message if is_new else None


def _asked_of(occasion: Occasion) -> str:
    """Who is asked, and about which child where it is not about themselves."""
    asked = str(occasion.respondent_id)
    return f"{asked}:{occasion.subject_id}" if occasion.proxy_grant_id else asked


def _due(occasion: Occasion, purpose: str, at: datetime) -> datetime | None:
    """When the person may be written to next, or None if they may not be."""
    if not _may_be_sent(occasion, purpose, at):
        return None
    ways = ways_of(occasion.respondent.person)  # type: ignore[union-attr]
    return next_in_hours(ways, at, _zone(occasion)) if ways else None


def _may_be_sent(occasion: Occasion, purpose: str, at: datetime) -> bool:
    member = occasion.respondent
    if member is None or mail_address(member.person) is None:
        return False
    ways = ways_of(member.person)
    if purpose == REMINDER and not (ways and ways.reminders):
        return False
    if occasion.responses.exists() or link_state(occasion, None, at=at) != LinkState.OPEN:
        return False
    return not _in_doubt(occasion)


def _in_doubt(occasion: Occasion) -> bool:
    """Whether it is about a session whose therapist is away, of which nobody has said that it took place."""
    planned = Encounter.objects.filter(therapist_away(), state=EncounterState.PLANNED)
    return planned.filter(occasions=occasion).exists()


def _zone(occasion: Occasion) -> ZoneInfo:
    return ZoneInfo(occasion.clinic.time_zone)


def _occasion(message: Message) -> Occasion:
    return with_ways(Occasion.objects.all()).get(pk=message.subject)


def _still_wanted(message: Message, at: datetime) -> bool:
    """Read at the moment of sending: the person may have answered, and the session may have moved."""
    occasion = _occasion(message)
    person = occasion.respondent.person if occasion.respondent else None
    in_time = may_leave_now(message, person, _zone(occasion), at=at)
    return in_time and _may_be_sent(occasion, message.purpose, at)


def _render(message: Message, _at: datetime) -> Letter:
    occasion = _occasion(message)
    closes = occasion.closes_at.astimezone(_zone(occasion))
    words = words_of_mail(message.clinic_id, message.purpose, language=message.language)
    return client_letter(
        words.subject,
        "measures/request.txt",
        occasion.clinic,
        opening=words.opening,
        link=f"{settings.GOLDSEAM_BASE_URL}/c/{token_of(occasion)}/",
        until=f"{closes:%A}, {closes.day} {closes:%B}, {closes:%H:%M}",
    )


def _ended(_message: Message, _at: datetime) -> None:
    """Nothing follows by itself: what failed is a line on the therapist's page until somebody acts."""


REQUESTS: Mapping[str, MessagePurpose] = MappingProxyType(
    dict.fromkeys(MAIL_PURPOSES, MessagePurpose(_still_wanted, _render, _ended))
)


@one_transaction
def ask_again(*, occasion: Occasion, at: datetime, actor: Actor) -> Message:
    """Send a request once more by hand, in the hours the person named. Raises ValidationError where none may leave."""
    locked(Occasion.objects.filter(pk=occasion.pk)).get()
    under_way = Message.objects.filter(
        subject=occasion.pk, purpose__in=MAIL_PURPOSES, state__in=(MessageState.PENDING, MessageState.SENDING)
    )
    if under_way.exists():
        raise ValidationError("A message is under way already.")
    message = _queue(occasion.pk, ASKED, at) if clients_can_be_mailed() else None
    if message is None:
        raise ValidationError(
            "Nothing can be sent now: see whether the link is open and which ways are safe."
        )
    record_about(occasion, at=at, actor=actor, action="request.send_again", object_kind="occasion")
    return message
