"""What happened in a life while somebody was seen, in a line beside the scores."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import EncryptedText, public_id


class EventNote(models.Model):
    """A dated line of its author, who says each time whether others who treat the case read it. Never changed."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="event_notes")
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    text = EncryptedText()
    shared = models.BooleanField()
    written_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["day", "written_at", "pk"]
        indexes = [models.Index(fields=["case", "day"], name="event_note_case_day")]

    def __str__(self) -> str:
        return f"note of {self.day}"
