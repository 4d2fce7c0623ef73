"""Courses of progress that are not on track: told once, until they are back where they were to be expected."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.alerts.track_tables import TracksVersion
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.lib.fields import one_of, public_id, word
from goldseam_web.measures.models import Series


class OffTrackState(models.TextChoices):
    """``told``: nobody who treats has said that they looked. The last three are ends."""

    TOLD = "told"
    LOOKED_AT = "looked_at"
    BACK = "back"
    CORRECTED = "corrected"
    NOT_COMPARED = "not_compared"


RUNNING = (OffTrackState.TOLD, OffTrackState.LOOKED_AT)


class OffTrack(models.Model):
    """One stretch of one member's progress on one scale, from the session at which it was not on track.

    About how somebody is doing and never about the work with a therapist: it is no `AlertSignal`, opens no episode, and
    nothing that is counted of strain reads it. ``evidence`` holds what was known when it was told. A course has one at
    a time.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="off_track")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="off_track")
    tracks = models.ForeignKey(TracksVersion, on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="+")
    state = word(OffTrackState, default=OffTrackState.TOLD)
    evidence = models.JSONField()
    told_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["clinic", "case"], condition=models.Q(ended_at=None), name="off_track_running"
            )
        ]
        constraints = [
            one_of("state", OffTrackState, "off_track_state"),
            models.UniqueConstraint(
                fields=["series"], condition=models.Q(ended_at=None), name="off_track_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=RUNNING, ended_at=None)
                | (~models.Q(state__in=RUNNING) & models.Q(ended_at__isnull=False)),
                name="off_track_end",
            ),
            models.CheckConstraint(
                condition=models.Q(looked_at=None, looked_by=None)
                | models.Q(looked_at__isnull=False, looked_by__isnull=False),
                name="off_track_looked",
            ),
        ]

    def __str__(self) -> str:
        return self.state
