"""The one message to a client without a next appointment, and the clinic's own words of mails to clients."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Member
from goldseam_web.lib.fields import EncryptedText, public_id, word
from goldseam_web.measures.nonce import new_nonce


class OutreachAnswer(models.TextChoices):
    """What a client without a next appointment wants."""

    COME_AGAIN = "come_again", "I would like to come again"
    ANOTHER_THERAPIST = "another_therapist", "I would like to come to somebody else here"
    STOP_HERE = "stop_here", "I would like to stop here"
    DO_NOT_WRITE = "do_not_write", "Please do not write to me again"


class OutreachReason(models.TextChoices):
    """Why, in one tap."""

    ENOUGH = "enough", "It has helped enough"
    NOT_HELPED = "not_helped", "It did not help me"
    BETWEEN_US = "between_us", "Something between us was not right"
    NO_TIME = "no_time", "Time, money or the way there"
    OTHER = "other", "Something else"


class Outreach(models.Model):
    """The one message of the clinic to a client without a next appointment, and what they answered.

    ``gap`` is the last session before it (the member, if there was none): there is one message a gap. A reason that is
    kept from the therapist is shown to nobody by name.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="outreaches")
    sent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    gap = models.UUIDField()
    nonce = models.CharField(max_length=16, default=new_nonce)
    asked_at = models.DateTimeField()
    answer = word(OutreachAnswer, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    reason = EncryptedText(blank=True)
    reason_is_kept = models.BooleanField(default=False)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at=None)
                | models.Q(answer__in=OutreachAnswer.values, answered_at__isnull=False),
                name="outreach_answered",
            ),
            models.UniqueConstraint(fields=["member", "gap"], name="outreach_once"),
        ]

    def __str__(self) -> str:
        return self.answer or "not answered"


class MailText(models.Model):
    """The clinic's own words of one kind of mail to clients, in one language; without a row the shipped ones stand."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=32)
    language = models.CharField(max_length=12, default="en")
    subject = models.CharField(max_length=80)
    opening = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "purpose", "language"], name="mail_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.language}"
