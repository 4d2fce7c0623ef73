"""When a clinic is open, and on which days it is not."""

from django.db import models

from goldseam_web.lib.fields import public_id


class OpeningTime(models.Model):
    """From when to when the clinic is open on one weekday (Monday 0), by its own clock. Without a row it is closed."""

    id = public_id()
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="opening_times")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "weekday"], name="opening_time_once"),
            models.CheckConstraint(
                condition=models.Q(weekday__lte=6, opens__lt=models.F("closes")), name="opening_time_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens} to {self.closes}"


class ClosedDay(models.Model):
    """A day on which the clinic is closed."""

    id = public_id()
    clinic = models.ForeignKey("accounts.Clinic", on_delete=models.PROTECT, related_name="closed_days")
    day = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["clinic", "day"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
