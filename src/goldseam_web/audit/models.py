"""Who did what and who saw what. Append-only; opaque ids and no foreign keys, so that rows outlive what they name."""

from django.db import models

from goldseam_web.lib.fields import word

# Of every entry the one that is asked for again and again: who has ever led a clinic.
CLINIC_LED = "clinic.lead"


class ActorKind(models.TextChoices):
    STAFF = "staff"
    CLIENT = "client"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class AuditEntry(models.Model):
    """One act or one view. Marked when written in the acting transaction, sealed into the chain by the worker."""

    clinic_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    actor_kind = word(ActorKind)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    mark = models.CharField(max_length=64, unique=True)
    position = models.BigIntegerField(null=True, unique=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic_id", "at"], name="audit_clinic_at"),
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            models.Index(
                fields=["clinic_id"], condition=models.Q(action=CLINIC_LED), name="audit_clinic_led"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_kind} {self.action}"
