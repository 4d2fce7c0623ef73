"""The word, or the mailed number, by which a client opens their own answers, and how often it was tried."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import models

from goldseam_web.accounts.models import Clinic
from goldseam_web.cases.models import Member
from goldseam_web.lib.fields import public_id

COUNTED_WITHIN = timedelta(days=1)


class OwnWord(models.Model):
    """One row for each member who has a word or for whom one was tried; of the word a hash alone is stored.

    Tries are counted whether or not there is a word and whether or not it was right: the count tells nothing. So are
    the numbers that were asked for; of the latest is known when that was, until it opened something.
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
    numbers = models.PositiveSmallIntegerField(default=0)
    numbers_since = models.DateTimeField(null=True)
    number_asked_at = models.DateTimeField(null=True)

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


def counted_within(before: int, since: datetime | None, at: datetime) -> tuple[int, datetime]:
    """Which one this is of those within a day of the first, and when that was."""
    if since is None or at - since >= COUNTED_WITHIN:
        return 1, at
    return before + 1, since


def keep_own_word(member: Member, facts: Mapping[str, object]) -> None:
    """Write some facts of a member's row, which is made if there is none."""
    OwnWord.objects.bulk_create(
        [OwnWord(clinic_id=member.clinic_id, member=member, **facts)],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=list(facts),
    )
