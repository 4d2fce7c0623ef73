"""What a therapist notes of an episode in one tap, and whom they let read it."""

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.cases.models import Encounter
from goldseam_web.lib.fields import one_of, public_id, word


class WorkKind(models.TextChoices):
    """What is noted of an episode in one tap."""

    ANTECEDENT = "antecedent"
    CONTRIBUTION = "contribution"
    MANNER = "manner"
    TRIED = "tried"


# The words of each kind. What was tried belongs to a session, and several things may be; of a kind in ONE_OF_A_KIND
# one word holds at a time.
WORK_WORDS = {
    WorkKind.ANTECEDENT: (
        "harder_material",
        "pushed",
        "misunderstanding",
        "time_or_place",
        "away_or_late",
        "outside",
        "unknown",
    ),
    WorkKind.CONTRIBUTION: ("therapists_step", "step_too_early", "both", "outside", "unknown"),
    WorkKind.MANNER: ("withdrawal", "confrontation", "mixed", "unknown"),
    WorkKind.TRIED: (
        "asked",
        "listened",
        "own_part",
        "clarified_goal",
        "changed_task",
        "linked_to_pattern",
        "left_for_now",
    ),
}
# Of strain between members: what lays nothing at the therapist's door.
BETWEEN_WORDS = {
    WorkKind.ANTECEDENT: ("harder_material", "time_or_place", "outside", "unknown"),
    WorkKind.TRIED: (
        "asked",
        "listened",
        "clarified_goal",
        "changed_task",
        "linked_to_pattern",
        "left_for_now",
    ),
}
ONE_OF_A_KIND = (WorkKind.CONTRIBUTION, WorkKind.MANNER)


class WorkNote(models.Model):
    """One tap of a therapist about an episode: a process note, kept apart from the record and out of its exports.

    Its author sees it, and whom they let see what they note on this episode. Taken back, it stays as history.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey("alerts.Episode", on_delete=models.PROTECT, related_name="work")
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = word(WorkKind)
    what = models.CharField(max_length=32)
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["noted_at"]
        constraints = [
            one_of("kind", WorkKind, "work_note_kind"),
            models.CheckConstraint(
                condition=models.Q(
                    *(models.Q(kind=kind, what__in=words) for kind, words in WORK_WORDS.items()),
                    _connector=models.Q.OR,
                ),
                name="work_note_what",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=WorkKind.TRIED, encounter__isnull=False)
                | (~models.Q(kind=WorkKind.TRIED) & models.Q(encounter=None)),
                name="work_note_session",
            ),
            models.UniqueConstraint(
                fields=["episode", "author", "kind", "what"],
                condition=models.Q(taken_back_at=None, encounter=None),
                name="work_note_once",
            ),
            models.UniqueConstraint(
                fields=["episode", "author", "what", "encounter"],
                condition=models.Q(taken_back_at=None, encounter__isnull=False),
                name="work_tried_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.what}"


class WorkReader(models.Model):
    """Somebody whom a therapist lets read what they note on one episode, until they end it."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey("alerts.Episode", on_delete=models.PROTECT, related_name="work_readers")
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "author", "reader"],
                condition=models.Q(ended_at=None),
                name="work_reader_once",
            )
        ]

    def __str__(self) -> str:
        return f"since {self.since:%Y-%m-%d}"
