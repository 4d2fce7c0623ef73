"""Messages to staff and clients: a row each, and no text. What one says is made when it is sent."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Person
from goldseam_web.lib.claims import ClaimedRow
from goldseam_web.lib.fields import one_of, public_id, word


class MessageState(models.TextChoices):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


class Message(ClaimedRow):
    """One message to one person by one channel. The key makes a second one impossible.

    ``subject`` is the id of the row it is about, in a table of the room that owns the purpose.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=32)
    subject = models.UUIDField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=12, default="en")
    key = models.CharField(max_length=160, unique=True)
    state = word(MessageState, default=MessageState.PENDING)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state=MessageState.PENDING), name="message_pending"
            ),
            models.Index(
                fields=["claimed_at"], condition=models.Q(state=MessageState.SENDING), name="message_sending"
            ),
            models.Index(fields=["subject", "purpose"], name="message_subject"),
        ]
        constraints = [
            one_of("state", MessageState, "message_state"),
            models.CheckConstraint(
                condition=models.Q(staff=None) ^ models.Q(person=None), name="message_one_recipient"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"
