"""Whom clients can speak with besides those who treat them, and who asked to be called. No row points to a case."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Person
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word

# What a clinic has until it says otherwise.
WORKING_DAYS = 3


class ConcernState(models.TextChoices):
    RECEIVED = "received"
    ANSWERED = "answered"
    CLOSED = "closed"


class CallBy(models.TextChoices):
    """How somebody wants to be reached."""

    PHONE = "phone", "By telephone"
    EMAIL = "email", "By e-mail"
    IN_PERSON = "in_person", "I will come by"


class ConcernRoute(models.Model):
    """How soon a clinic's named persons answer, and an outside body for where none of them is left."""

    clinic = models.OneToOneField(Clinic, on_delete=models.PROTECT, primary_key=True, related_name="+")
    working_days = models.PositiveSmallIntegerField(default=WORKING_DAYS)
    body_name = models.CharField(max_length=120, blank=True)
    body_telephone = models.CharField(max_length=40, blank=True)
    body_hours = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(body_name="", body_telephone="")
                | ~models.Q(body_name="") & ~models.Q(body_telephone=""),
                name="concern_body_whole",
            )
        ]

    def __str__(self) -> str:
        return f"within {self.working_days} working days"

    @property
    def has_body(self) -> bool:
        return bool(self.body_name)


class NamedPerson(models.Model):
    """A member of staff whom clients may ask to be called by; the first in order who is outside of their cases is."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["clinic", "position"], name="named_person_position")]

    def __str__(self) -> str:
        return str(self.staff_id)


class Concern(models.Model):
    """A client's wish to be called; who it is is known so that nobody of their cases ever reads it, and for erasure."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    state = word(ConcernState, default=ConcernState.RECEIVED)
    received_at = models.DateTimeField()
    due_on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            one_of("state", ConcernState, "concern_state"),
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(state=ConcernState.RECEIVED),
                name="concern_received_once",
            ),
        ]

    def __str__(self) -> str:
        return self.state


@dataclass(frozen=True)
class Wish:
    """What a client gives: the words are theirs, and nothing is taken from their case."""

    called: str
    by: CallBy
    contact: str = ""
    message_may_be_left: bool = False
    when: str = ""

    def packed(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def unpacked(cls, text: str) -> Self:
        given = json.loads(text)
        return cls(**{**given, "by": CallBy(given["by"])})


class ConcernWords(models.Model):
    """What the client gave, encrypted, in a table that erasure can empty. Who asks again adds a row."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="words")
    given = EncryptedText()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        verbose_name_plural = "concern words"

    def __str__(self) -> str:
        return str(self.at)

    @property
    def wish(self) -> Wish:
        return Wish.unpacked(self.given)


class ConcernNote(models.Model):
    """What was done about it, encrypted."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="notes")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    text = EncryptedText()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return str(self.at)
