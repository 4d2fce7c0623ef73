"""What was asked of each member about safety, alone and by a person. Rows are added, never changed."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import one_of, public_id, word


class SpokenTogether(models.TextChoices):
    """Whether what somebody answers may be spoken of with all of them, as they said when they were seen alone."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_YET = "not_yet", "Not yet"


class SafetyNote(models.Model):
    """A member was seen alone on ``seen_on``, and what they said then. The latest of a member holds.

    For staff who treat the case, and for nobody else: no page of a client, no message and no export knows of this
    table. ``position`` counts what is stored of a member.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("cases.Member", on_delete=models.PROTECT, related_name="safety_notes")
    seen_on = models.DateField()
    spoken = word(SpokenTogether)
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            one_of("spoken", SpokenTogether, "safety_note_spoken"),
            models.UniqueConstraint(fields=["member", "position"], name="safety_note_position"),
        ]

    def __str__(self) -> str:
        # Without the answer: what a row is called may stand in a log.
        return f"seen alone on {self.seen_on}"
