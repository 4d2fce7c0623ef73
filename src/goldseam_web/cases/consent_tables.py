"""What people are asked to agree to, in which words, and what each said and when. Rows are added, never changed."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word


class Purpose(models.TextChoices):
    """What somebody agrees to. Care and feedback are asked together: questions exist to be read by who treats."""

    CARE = "care", "being asked"
    FEEDBACK = "feedback", "being read"
    RESEARCH = "research", "research"
    JOINT_VIEW = "joint_view"
    PROXY = "proxy"
    GUARDIAN = "guardian"


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
    """The words people agree to, by purpose, and when answers may have to be told further.

    Frozen: other words are a new row with the next number. ``looked_over_at``: when whoever runs the clinic put them in
    force or said that they hold; None where they came with the install, or had no such limits of the clinic's own.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="consent_texts")
    number = models.PositiveSmallIntegerField()
    care = models.TextField()
    feedback = models.TextField()
    research = models.TextField()
    limits = models.TextField()
    content_hash = models.CharField(max_length=64)
    since = models.DateTimeField()
    looked_over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="consent_text_number")]

    def __str__(self) -> str:
        return f"consent text {self.number}"


class Guardian(models.Model):
    """Somebody who has to agree too before a young person is asked: a member of the case, or named in words.

    Several may be named; each has to agree, and the no of one is enough.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    young = models.ForeignKey("cases.Member", on_delete=models.PROTECT, related_name="guardians")
    member = models.ForeignKey(
        "cases.Member", on_delete=models.PROTECT, related_name="guardian_of", null=True
    )
    name = EncryptedText(blank=True, default="")
    named_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["named_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["young", "member"], condition=models.Q(ended_on=None), name="guardian_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"guardian since {self.named_on}"


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
    # Who said it for a young person, beside what they say themselves.
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="consents", null=True)
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
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.GUARDIAN, guardian__isnull=False)
                | (~models.Q(purpose=Purpose.GUARDIAN) & models.Q(guardian=None)),
                name="consent_record_guardian",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.answer}"
