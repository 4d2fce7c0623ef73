"""The courses of progress that a clinic compares with: kept with their parameters, versioned as norms are."""

from django.db import models

from goldseam_web.accounts.models import Clinic
from goldseam_web.lib.fields import public_id


class TracksVersion(models.Model):
    """What was fitted to the clinic's own finished courses, frozen with its hash; at most one is in use.

    ``tells``: whether courses that are not on track are told by it (`OffTrack`), which is decided for each version
    anew; ``followed_at``: when they were looked through last.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="tracks_versions")
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    in_use = models.BooleanField(default=True)
    stored_at = models.DateTimeField()
    tells = models.BooleanField(default=False)
    followed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "content_hash"], name="tracks_once"),
            models.UniqueConstraint(
                fields=["clinic"], condition=models.Q(in_use=True), name="tracks_one_in_use"
            ),
            models.CheckConstraint(
                condition=models.Q(tells=False) | models.Q(in_use=True), name="tracks_tell_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.content_hash[:12]
