"""Which entries were found to be one person: a row for each place in a case that went over, so that it can go back."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import public_id


class PersonMerge(models.Model):
    """One place in a case that belongs to ``kept`` since somebody found that ``was`` is the same person.

    ``was`` keeps names, contacts and safe ways as they were, for as long as it can be taken back.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("cases.Member", on_delete=models.PROTECT, related_name="merges")
    was = models.ForeignKey("cases.Person", on_delete=models.PROTECT, related_name="+")
    kept = models.ForeignKey("cases.Person", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"merge {self.id}"
