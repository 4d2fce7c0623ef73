"""What the rules noticed, the episodes that follow, and what people say of them."""

import uuid

from django.db import models

from goldseam_web.accounts.models import Clinic, Staff
from goldseam_web.alerts import kept_tables, look_back_tables, lot_tables, off_track_tables, repair_tables  # noqa: F401
from goldseam_web.alerts.card_tables import of_a_form
from goldseam_web.cases.models import Case, Encounter, Member
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word
from goldseam_web.measures.models import Response, Series


class Verdict(models.TextChoices):
    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLIED = "not_applied"
    NOT_ENOUGH_DATA = "not_enough_data"


class SignalKind(models.TextChoices):
    STRAIN = "strain"
    STRAIN_BETWEEN = "strain_between"
    GOALS_APART = "goals_apart"
    EROSION = "erosion"
    LOW = "low"
    ASKED = "asked"
    FELT_OFF = "felt_off"
    WORD_ALONE = "word_alone"


# What a client says by their standing card, with no form and no rating behind it.
BY_CARD = (SignalKind.FELT_OFF.value, SignalKind.WORD_ALONE.value)


class AcknowledgeChoice(models.TextChoices):
    """What a therapist does about a signal; the last two answer a plan whose session is over."""

    TAKE_UP = "take_up"
    TALKED = "talked"
    DIFFERENT = "different"
    WAIT = "wait"
    NOT_YET = "not_yet"
    NO_LONGER = "no_longer"


# What is said of a finding that is done with.
DONE_WITH = (AcknowledgeChoice.TALKED, AcknowledgeChoice.DIFFERENT, AcknowledgeChoice.NO_LONGER)
# A plan for the next session.
PLANNED = (AcknowledgeChoice.TAKE_UP, AcknowledgeChoice.NOT_YET)


class EpisodeStatus(models.TextChoices):
    OPEN = "open"
    REPAIRED = "repaired"
    REPAIRED_UNCONFIRMED = "repaired_unconfirmed"
    PARTIAL = "partial"
    UNREPAIRED = "unrepaired"
    INDETERMINATE = "indeterminate"
    WITHDRAWN = "withdrawn"
    HANDOVER = "handover"
    MEASURE_CHANGED = "measure_changed"


# What ratings, or people, may still bring to an end.
MAY_STILL_CHANGE = (EpisodeStatus.OPEN, EpisodeStatus.REPAIRED_UNCONFIRMED, EpisodeStatus.INDETERMINATE)


class OnsetKind(models.TextChoices):
    PRECIPITOUS = "precipitous"
    EROSION = "erosion"
    UNKNOWN = "unknown"


class RepairDoubt(models.TextChoices):
    """Why ratings that are back say less than they seem to: about the form that brought them back."""

    CEILING = "ceiling"
    ALL_EQUAL = "all_equal"
    FAST = "fast"


# Why somebody is written to: a signal was raised; nobody has opened it; its plan was left open. These words stand in
# the keys of messages: another word would write to people a second time.
RAISED, ESCALATED, NOT_TAKEN_UP, TO_LEAD = "raised", "escalated", "not_taken_up", "to_lead"
# A therapist asks whoever supervises the case to look at it, too.
HELP_ASKED = "help_asked"


class NormsVersion(models.Model):
    """The norms a clinic's evaluations used, frozen with their hash."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="norms_versions")
    name = models.CharField(max_length=64)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    in_use = models.BooleanField(default=True)
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "content_hash"], name="norms_once"),
            models.UniqueConstraint(
                fields=["clinic"], condition=models.Q(in_use=True), name="norms_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Evaluation(models.Model):
    """What one criterion said about one series at one encounter. Immutable; a later one may supersede it."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="evaluations")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="evaluations")
    criterion = models.CharField(max_length=64)
    criterion_version = models.CharField(max_length=20)
    norms = models.ForeignKey(NormsVersion, on_delete=models.PROTECT, null=True, related_name="+")
    input_digest = models.CharField(max_length=64)
    verdict = word(Verdict)
    grade = models.CharField(max_length=16, blank=True)
    value = models.FloatField(null=True)
    expected = models.FloatField(null=True)
    limit = models.FloatField(null=True)
    usual_low = models.FloatField(null=True)
    usual_high = models.FloatField(null=True)
    p = models.FloatField(null=True)
    earlier_ratings = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="supersedes", db_index=False
    )
    evaluated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["series", "criterion"], name="evaluation_series_criterion"),
            # Of all that hold an index would say nothing, and SQLite would go by it.
            models.Index(
                fields=["superseded_by"],
                condition=models.Q(superseded_by__isnull=False),
                name="evaluation_superseded",
            ),
        ]
        constraints = [
            one_of("verdict", Verdict, "evaluation_verdict"),
            models.UniqueConstraint(
                fields=["series", "encounter", "criterion"],
                condition=models.Q(superseded_by=None),
                name="evaluation_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.verdict}"


class Episode(models.Model):
    """A strain from its onset to its repair or end, with the baseline as it was at onset."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="episodes")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="episodes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="episodes")
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveSmallIntegerField()
    onset = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="+")
    onset_kind = word(OnsetKind)
    onset_grade = models.CharField(max_length=16)
    baseline = models.FloatField(null=True)
    spread = models.FloatField(null=True)
    onset_value = models.FloatField(null=True)
    nadir = models.FloatField(null=True)
    nadir_encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="+")
    depth = models.FloatField(null=True)
    depth_z = models.FloatField(null=True)
    status = word(EpisodeStatus, default=EpisodeStatus.OPEN)
    repair_encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="+")
    duration = models.PositiveSmallIntegerField(null=True)
    shape = models.CharField(max_length=16, blank=True)
    client_confirmed_at = models.DateTimeField(null=True)
    therapist_confirmed_at = models.DateTimeField(null=True)
    therapist_denied_at = models.DateTimeField(null=True)
    contradicted_at = models.DateTimeField(null=True)
    client_said_repaired_at = models.DateTimeField(null=True)
    repair_doubt = word(RepairDoubt, blank=True, default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(
                fields=["clinic"],
                condition=models.Q(closed_at=None),
                name="episode_not_closed",
            )
        ]
        constraints = [
            one_of("status", EpisodeStatus, "episode_status"),
            one_of("onset_kind", OnsetKind, "episode_onset_kind"),
            models.CheckConstraint(
                condition=models.Q(repair_doubt__in=["", *RepairDoubt.values]), name="episode_repair_doubt"
            ),
            models.UniqueConstraint(fields=["case", "number"], name="episode_number"),
            models.UniqueConstraint(
                fields=["series", "onset"],
                condition=models.Q(series__isnull=False) & ~models.Q(status=EpisodeStatus.WITHDRAWN),
                name="episode_once",
            ),
        ]

    def __str__(self) -> str:
        return f"episode {self.number} {self.status}"

    @property
    def by_hand(self) -> bool:
        """Whether it was seen in the room: no rating opened it, and none ends it."""
        return self.series_id is None

    @property
    def confirmed(self) -> bool:
        """Whether client or therapist said that there was strain."""
        return self.client_confirmed_at is not None or self.therapist_confirmed_at is not None

    @property
    def mended(self) -> bool:
        """Gold: ratings back and held, a strain that people confirmed, and the client's own yes after the return."""
        return (
            self.status == EpisodeStatus.REPAIRED
            and self.confirmed
            and self.client_said_repaired_at is not None
            and self.contradicted_at is None
            and not self.repair_doubt
        )


class EpisodeEvent(models.Model):
    """A change of an episode's grade, status or confirmation, with the time it was noticed."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=32)
    before = models.CharField(max_length=32, blank=True)
    after = models.CharField(max_length=32, blank=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.kind


class ProcessNote(models.Model):
    """A therapist's own reflection on an episode or signal, kept apart from the record and out of its exports."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="notes")
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)
    text = EncryptedText(blank=True)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind


class AlertSignal(models.Model):
    """Something the rules noticed about one series at one encounter, or a client said by their card. Never deleted.

    What was said by card is about no session and rests on no form: there `meeting`, `form` and `course` are not asked.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="signals")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="signals")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="signals")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="signals")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, null=True, related_name="signals")
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, null=True, related_name="signals")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="signals")
    kind = word(SignalKind)
    grade = models.CharField(max_length=16, blank=True)
    evidence = models.JSONField()
    raised_at = models.DateTimeField()
    # Of `Seen` and `Acknowledgement`, so that what waits is found without going through all that ever was: when
    # somebody opened it first; and where a plan was said last, when it was planned first.
    first_seen_at = models.DateTimeField(null=True)
    open_plan_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "raised_at"], name="signal_case_raised"),
            models.Index(
                fields=["clinic", "raised_at"],
                condition=models.Q(first_seen_at=None),
                name="signal_unseen",
            ),
            models.Index(
                fields=["clinic"], condition=models.Q(open_plan_since__isnull=False), name="signal_planned"
            ),
        ]
        constraints = [
            one_of("kind", SignalKind, "signal_kind"),
            models.UniqueConstraint(fields=["series", "encounter", "kind"], name="signal_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=BY_CARD, series=None, encounter=None, response=None, evaluation=None
                )
                | models.Q(
                    ~models.Q(kind__in=BY_CARD),
                    series__isnull=False,
                    encounter__isnull=False,
                    response__isnull=False,
                    evaluation__isnull=False,
                ),
                name="signal_by_form_or_card",
            ),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def alert_id(self) -> uuid.UUID:
        """What the findings of one alert share: their form. What was said by card is an alert by itself."""
        return self.response_id or self.pk

    @property
    def is_by_card(self) -> bool:
        return self.kind in BY_CARD

    @property
    def meeting(self) -> Encounter:
        """The session it is about."""
        return of_a_form(self.encounter)

    @property
    def form(self) -> Response:
        """The form it rests on."""
        return of_a_form(self.response)

    @property
    def course(self) -> Series:
        """The ratings it stands out from."""
        return of_a_form(self.series)

    @property
    def is_slow(self) -> bool:
        """Whether the last ratings together were compared with an earlier level: a slow decline, not one low rating."""
        return "recent" in self.evidence


class Seen(models.Model):
    """The first time one member of staff opened a signal."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    signal = models.ForeignKey(AlertSignal, on_delete=models.PROTECT, related_name="seen")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["signal", "staff"], name="seen_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Acknowledgement(models.Model):
    """What a therapist said they would do about a signal. A later one stands beside the earlier."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    signal = models.ForeignKey(AlertSignal, on_delete=models.PROTECT, related_name="acknowledgements")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    choice = word(AcknowledgeChoice)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [one_of("choice", AcknowledgeChoice, "acknowledgement_choice")]

    def __str__(self) -> str:
        return self.choice


class HelpRequest(models.Model):
    """A therapist asks whoever supervises them to look at an alert with them, until they take it back."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    signal = models.ForeignKey(AlertSignal, on_delete=models.PROTECT, related_name="help_requests")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["signal"], condition=models.Q(taken_back_at=None), name="help_request_once"
            )
        ]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%Y-%m-%d}"
