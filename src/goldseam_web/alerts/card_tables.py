"""The card by which a client can say at any time, with no form, that something felt off or that they want a word."""

from typing import TypeVar

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Member
from goldseam_web.lib.fields import public_id

Row = TypeVar("Row", bound=models.Model)


def of_a_form(row: Row | None) -> Row:
    """What every finding points at that came of a form; what was said by card has none of it."""
    if row is None:
        raise LookupError("Nothing of a form belongs to what was said by card.")
    return row


class StandingCard(models.Model):
    """One member's card, until it is withdrawn or another takes its place.

    Of the secret in its link a hash alone is stored: the link is shown once, as the card is made.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="standing_cards")
    secret_hash = models.CharField(max_length=64)
    given_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # When it may have to be told further, as `card_behind` read it with the card; None where no words are stored.
    limits: str | None

    class Meta:
        ordering = ["given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(ended_at=None), name="standing_card_one_runs"
            )
        ]

    def __str__(self) -> str:
        return f"given {self.given_at:%Y-%m-%d}"


class SaidByCard(models.Model):
    """One time that something was said by card. Said again before anybody has looked, it is about the same finding."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    card = models.ForeignKey(StandingCard, on_delete=models.PROTECT, related_name="said")
    signal = models.ForeignKey("alerts.AlertSignal", on_delete=models.PROTECT, related_name="said_by_card")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
