"""The page each client is offered at the end: in which words their mendings stand there, and who else may read them."""

from django.db import models

from goldseam_web.accounts.models import Clinic
from goldseam_web.cases.models import Member
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word
from goldseam_web.measures.nonce import new_nonce


class LookBackState(models.TextChoices):
    OFFERED = "offered"
    DECLINED = "declined"
    RELEASED = "released"
    OPENED = "opened"


class MendingWords(models.TextChoices):
    """In which of our sentences a mending stands on the page. The last two are there where the client tapped them."""

    DAYS = "days"
    NO_DAYS = "no_days"
    UNDERSTAND_BETTER = "understand_better"
    DID_DIFFERENTLY = "did_differently"


class StayedOpen(models.TextChoices):
    """What a client can say of what stayed open; nothing is a choice, too."""

    NOT_ALL_SAID = "not_all_said"
    STILL_AHEAD = "still_ahead"
    WITH_EACH_OTHER = "with_each_other"
    LATER = "later"


class LookBack(models.Model):
    """One member's page. Whether there is anything on it is worked out as it is opened, and stored nowhere.

    No page, count, export, log or entry of the record is made from it but that a link was sent.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="look_back")
    nonce = models.CharField(max_length=16, default=new_nonce)
    # The link alone opens it only where somebody comes alone and had chosen no word.
    by_word = models.BooleanField()
    state = word(LookBackState, default=LookBackState.OFFERED)
    offered_at = models.DateTimeField()
    # JSON: by number of the mending one of MendingWords; a list of StayedOpen.
    words = EncryptedText(blank=True)
    stayed_open = EncryptedText(blank=True)
    # JSON: the lines they said yes to showing to all of them, and to whom; as they were when they said so.
    lines = EncryptedText(blank=True)
    with_members = models.JSONField(default=list)
    # When the latest page that something was done on had been opened: each does one thing once.
    acted_on = models.DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", LookBackState, "look_back_state")]

    def __str__(self) -> str:
        return "kept for the client alone"
