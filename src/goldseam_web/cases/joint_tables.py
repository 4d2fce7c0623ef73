"""What each member releases for looking at together, and whether the joint view of a case is off, on or shown."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.lib.fields import one_of, public_id, word


class JointState(models.TextChoices):
    OFF = "off"
    ON = "on"
    SHOWN = "shown"


class JointRelease(models.Model):
    """One member lets their ratings up to ``up_to`` be shown to all of them. Taken back, the row is gone.

    A release that was ``shown`` belongs to that one showing and goes with it. It stands in no record of acts and no
    export, and no page but their own knows of it.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("cases.Member", on_delete=models.PROTECT, related_name="+")
    up_to = models.ForeignKey("cases.Encounter", on_delete=models.PROTECT, related_name="+")
    # What they rate or put right later was not released: a session that is moved brings nothing in.
    at = models.DateTimeField()
    # With whom: everybody who took part then. It holds for them, and not when somebody has joined or left.
    with_members = models.JSONField()
    shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "shown"], name="joint_release_once"),
        ]

    def __str__(self) -> str:
        return "release"


class JointView(models.Model):
    """The joint view of a case that somebody has switched on; no row is off, too."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    state = word(JointState, default=JointState.OFF)
    shown_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    shown_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("state", JointState, "joint_view_state"),
            models.CheckConstraint(
                condition=models.Q(state=JointState.SHOWN, shown_by__isnull=False, shown_at__isnull=False)
                | (~models.Q(state=JointState.SHOWN) & models.Q(shown_by=None, shown_at=None)),
                name="joint_view_shown",
            ),
        ]

    def __str__(self) -> str:
        return self.state
