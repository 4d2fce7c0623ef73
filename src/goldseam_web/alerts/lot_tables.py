"""Which sessions in which nothing was found a therapist is asked about anyway, by lot, and what they answered."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Case, Encounter
from goldseam_web.lib.fields import one_of, public_id, word


class LotOutcome(models.TextChoices):
    """What a session counts as once everything about it has been judged.

    ``flagged``: a strain with the therapist was found, and is asked about where it is shown. ``asked`` and
    ``not_asked``: nothing was found, and the lot fell on it or not. ``outside``: something else was found, or a strain
    that was found before went on, so that a yes would be no surprise.
    """

    FLAGGED = "flagged"
    ASKED = "asked"
    NOT_ASKED = "not_asked"
    OUTSIDE = "outside"


class LotAnswer(models.TextChoices):
    """What the therapist who held the session says of it."""

    YES = "yes", "Yes"
    NO = "no", "No"
    CANNOT_SAY = "cannot_say", "I cannot say"


class SessionLot(models.Model):
    """One session whose judging is complete: the lot is cast once, and its share kept with it.

    The answer is a process note: its author alone reads it, and it is counted with others. ``share``: the probability
    with which the session was asked about; None outside.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lots")
    encounter = models.OneToOneField(Encounter, on_delete=models.PROTECT, related_name="lot")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = word(LotOutcome)
    share = models.FloatField(null=True)
    cast_at = models.DateTimeField()
    answer = word(LotAnswer, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "cast_at"], name="lot_clinic_cast"),
            models.Index(fields=["therapist", "cast_at"], name="lot_therapist_cast"),
        ]
        constraints = [
            one_of("outcome", LotOutcome, "lot_outcome"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at=None)
                | models.Q(answer__in=LotAnswer.values, answered_at__isnull=False, outcome=LotOutcome.ASKED),
                name="lot_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome=LotOutcome.OUTSIDE, share=None)
                | (~models.Q(outcome=LotOutcome.OUTSIDE) & models.Q(share__gt=0, share__lte=1)),
                name="lot_share",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome
