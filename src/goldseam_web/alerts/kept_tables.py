"""How cases stand, kept so that a list of many reads it, and who has to hear of what."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Case
from goldseam_web.lib.fields import public_id


class KeptStanding(models.Model):
    """How one case stands to one member of staff who treats it: codes, numbers, dates and ids, no sentence, no name.

    It may be rebuilt at any time. It holds until ``next_change_at``, where time alone changes it, and only while
    there is no `CaseMark` of its case. ``made_as``: by which release, and in which mode of the install.
    ``therapist`` and ``planner``: members of staff whom its sentence may name.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="kept_standings")
    reader = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="kept_standings")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    planner = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    made_as = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    next_change_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "reader"], name="kept_standing_once")]
        indexes = [
            models.Index(
                fields=["next_change_at"],
                condition=models.Q(next_change_at__isnull=False),
                name="kept_standing_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} to {self.reader_id}"


class CaseMark(models.Model):
    """A case has changed since its standing was kept: written with the change itself, taken away with the new standing.

    Rows are only added and taken away: whoever writes about a case waits for nobody who does the same.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="marks")

    def __str__(self) -> str:
        return str(self.case_id)


class StaffPulse(models.Model):
    """A counter for each member of staff, raised in every transaction that changes a case they treat."""

    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, primary_key=True, related_name="pulse")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    counter = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.counter)
