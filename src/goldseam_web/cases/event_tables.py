"""Lines beside the scores by whoever treats a case: what happened in a life, and what all of them come for."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word


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


class GoalNoteKind(models.TextChoices):
    """Words all agreed on; that they were asked again and still stand; goals hard to reconcile, and no longer so."""

    AGREED = "agreed"
    STILL = "still"
    APART = "apart"
    NO_LONGER = "no_longer"


class GoalNote(models.Model):
    """One dated line. Only agreed words have a text; what answers an earlier line points to it. Never changed."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="goal_notes")
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = word(GoalNoteKind)
    about = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")
    day = models.DateField()
    text = EncryptedText(blank=True)
    written_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["day", "written_at", "pk"]
        indexes = [models.Index(fields=["case", "day"], name="goal_note_case_day")]
        constraints = [
            one_of("kind", GoalNoteKind, "goal_note_kind"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["agreed", "apart"], about=None)
                | models.Q(kind__in=["still", "no_longer"], about__isnull=False),
                name="goal_note_about",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"
