"""What people are asked to agree to, in which words, and what each said and when. Rows are added, never changed."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import one_of, public_id, word


class Purpose(models.TextChoices):
    """What somebody agrees to. Care and feedback are asked together: questions exist to be read by who treats."""

    CARE = "care", "being asked"
    FEEDBACK = "feedback", "being read"
    RESEARCH = "research", "research"
    JOINT_VIEW = "joint_view"
    PROXY = "proxy"


# Without these two nobody is asked anything.
NEEDED_TO_ASK = (Purpose.CARE, Purpose.FEEDBACK)


class ConsentAnswer(models.TextChoices):
    GIVEN = "given", "agreed"
    DECLINED = "declined", "did not agree"
    WITHDRAWN = "withdrawn", "took it back"


class ConsentWay(models.TextChoices):
    """How it was said. What was said to a member of staff was not read, so that no text goes with it."""

    PHONE = "phone", "on the phone"
    PAPER = "paper", "on paper"
    TOLD_STAFF = "told_staff", "said to staff"


class ConsentText(models.Model):
    """The words people agree to, by purpose. Frozen: other words are a new row with the next number."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="consent_texts")
    number = models.PositiveSmallIntegerField()
    care = models.TextField()
    feedback = models.TextField()
    research = models.TextField()
    content_hash = models.CharField(max_length=64)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="consent_text_number")]

    def __str__(self) -> str:
        return f"consent text {self.number}"


class ConsentRecord(models.Model):
    """What one member said of one purpose. The latest of a purpose holds; before it lies the history.

    ``text`` is missing where nothing was shown; ``said_on`` is the day it was said, which on paper lies before ``at``,
    when it was stored. ``position`` counts what is stored of a member.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("cases.Member", on_delete=models.PROTECT, related_name="consents")
    purpose = word(Purpose)
    answer = word(ConsentAnswer)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="records", null=True)
    way = word(ConsentWay)
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    said_on = models.DateField()
    at = models.DateTimeField()
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["-said_on", "-position"]
        indexes = [models.Index(fields=["member", "purpose"], name="consent_of_member")]
        constraints = [
            one_of("purpose", Purpose, "consent_record_purpose"),
            one_of("answer", ConsentAnswer, "consent_record_answer"),
            one_of("way", ConsentWay, "consent_record_way"),
            models.UniqueConstraint(fields=["member", "position"], name="consent_record_position"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.answer}"
