"""The word by which a client opens their own answers, and how often it was asked for."""

from django.db import models

from goldseam_web.accounts.models import Clinic
from goldseam_web.cases.models import Member
from goldseam_web.lib.fields import public_id


class OwnWord(models.Model):
    """One row for each member who has a word or for whom one was tried; of the word a hash alone is stored.

    Tries are counted whether or not there is a word and whether or not it was right: the count tells nothing.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="+")
    word_hash = models.CharField(max_length=200, blank=True, default="")
    chosen_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_since = models.DateTimeField(null=True)
    # When the latest form that came was shown: a browser that goes back and sends one again opens nothing by it.
    form_shown_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(word_hash="", chosen_at=None)
                | (~models.Q(word_hash="") & models.Q(chosen_at__isnull=False)),
                name="own_word_chosen",
            ),
        ]

    def __str__(self) -> str:
        return "with a word" if self.word_hash else "without a word"
