"""What a client says of a mending once they have said yes to it: two taps for the therapist, and one of their own."""

from django.db import models

from goldseam_web.accounts.models import Clinic
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word


class Mended(models.TextChoices):
    """What has become of it between client and therapist, as the client sees it."""

    UNDERSTAND_BETTER = "understand_better"
    DID_DIFFERENTLY = "did_differently"


class Elsewhere(models.TextChoices):
    """Where a client has met the like of it before. Under 16 letters each, so that encrypted all are of one length."""

    PARTNER = "partner"
    FAMILY = "family"
    WORK = "work"
    EARLIER = "earlier"
    NO = "no"
    RATHER_NOT_SAY = "rather_not_say"


class MendingTap(models.Model):
    """One thing a client tapped. There is no row for what was left: missing is not no."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey("measures.Response", on_delete=models.PROTECT, related_name="mending_taps")
    what = word(Mended)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["response", "-what"]
        constraints = [
            one_of("what", Mended, "mending_tap_what"),
            models.UniqueConstraint(fields=["response", "what"], name="mending_tap_once"),
        ]

    def __str__(self) -> str:
        return self.what


class MetElsewhere(models.Model):
    """The client's own tap. No page, count, export or log of staff reads this table; a test says so.

    One row for each device, because what comes through a link later never changes what came first.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey("measures.Response", on_delete=models.PROTECT, related_name="+")
    device = models.CharField(max_length=64, blank=True)
    # Whether the form was sent on this device: of any other it is not sure who held it.
    is_of_sender = models.BooleanField(default=False)
    place = EncryptedText()
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "device"], name="met_elsewhere_once"),
        ]

    def __str__(self) -> str:
        return "kept for the client alone"
