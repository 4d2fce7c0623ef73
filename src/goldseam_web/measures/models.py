"""Measures as a clinic uses them, requests to answer them, answers, scores, and the queue of answers to be judged."""

import uuid

from django.db import models

from goldseam_web.accounts.models import Clinic, Phase, Staff
from goldseam_web.cases.models import Case, Encounter, Member, ProxyGrant
from goldseam_web.lib.claims import ClaimedRow
from goldseam_web.lib.fields import one_of, public_id, word
from goldseam_web.measures import mending_tables, outreach_tables, own_word_tables  # noqa: F401  their tables belong to this room
from goldseam_web.measures.nonce import new_nonce


class OccasionState(models.TextChoices):
    WAITING = "waiting"
    ANSWERED = "answered"
    PARTLY_ANSWERED = "partly_answered"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"


class Setting(models.TextChoices):
    HOME = "home"
    ROOM = "room"
    PHONE = "phone"
    PAPER = "paper"


class ResponseState(models.TextChoices):
    """In progress: answers are kept but not yet counted. Closed: the window ended before the last page."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CLOSED = "closed"
    AMENDED = "amended"


# Nothing changes the answers of these any more.
HANDED_IN = (ResponseState.COMPLETED, ResponseState.AMENDED)


class TakenUp(models.TextChoices):
    """What the client says of the time before, once a form is sent: their own word on a mending."""

    MENDED = "mended"
    PARTLY = "partly"
    NOT_TAKEN_UP = "not_taken_up"
    NOTHING = "nothing"


class StrainWith(models.TextChoices):
    """With which of two therapists who held a session there was tension; *either* where that was not said."""

    RATED = "rated"
    OTHER = "other"
    BOTH = "both"
    EITHER = "either"


class When(models.TextChoices):
    """When what felt off is to be taken up; the first only where somebody can be named who does so, and the hours."""

    AT_WORK = "at_work"
    WHEN_WE_MEET = "when_we_meet"


class Audience(models.TextChoices):
    """With a strain answer the client chooses who may take it up. The default is the narrow one."""

    ALL = "all"
    THERAPIST = "therapist"
    KNOW_ONLY = "know_only"


class ScoreStatus(models.TextChoices):
    SCORED = "scored"
    NOT_ENOUGH_ANSWERS = "not_enough_answers"
    NOT_APPLIED = "not_applied"


class JobState(models.TextChoices):
    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class MeasureVersion(models.Model):
    """A frozen snapshot of one version of a measure. Upgrading the file never rewrites history."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="measure_versions")
    key = models.CharField(max_length=64)
    version = models.CharField(max_length=20)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    enabled = models.BooleanField(default=True)
    installed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "key", "version"], name="measure_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


class Series(models.Model):
    """One rater's view of one relation on one scale, in one phase: what detection looks at."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="series")
    rater = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="series")
    rater_staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    measure_key = models.CharField(max_length=64)
    major = models.PositiveSmallIntegerField()
    scale = models.CharField(max_length=64)
    phase = word(Phase)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["case", "scale"], name="series_case_scale")]
        constraints = [
            one_of("phase", Phase, "series_phase"),
            models.CheckConstraint(
                condition=models.Q(rater=None) ^ models.Q(rater_staff=None), name="series_one_rater"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_key} {self.scale} {self.phase}"


class Occasion(models.Model):
    """One request to one respondent to answer a set of measures about one encounter."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="occasions")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="occasions")
    respondent = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="occasions")
    respondent_staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="occasions")
    subject = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    proxy_grant = models.ForeignKey(ProxyGrant, on_delete=models.PROTECT, null=True, related_name="+")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    phase = word(Phase)
    state = word(OccasionState, default=OccasionState.WAITING)
    setting = word(Setting, default=Setting.HOME)
    nonce = models.CharField(max_length=16, default=new_nonce)
    asked_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    measures = models.ManyToManyField(MeasureVersion, through="OccasionMeasure", related_name="occasions")

    class Meta:
        indexes = [models.Index(fields=["state", "closes_at"], name="occasion_state_close")]
        constraints = [
            one_of("phase", Phase, "occasion_phase"),
            one_of("state", OccasionState, "occasion_state"),
            one_of("setting", Setting, "occasion_setting"),
            models.CheckConstraint(
                condition=models.Q(respondent=None) ^ models.Q(respondent_staff=None),
                name="occasion_one_respondent",
            ),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="occasion_closes_after_it_opens"
            ),
            models.UniqueConstraint(
                fields=["encounter", "respondent", "subject", "therapist", "phase"],
                condition=models.Q(respondent__isnull=False) & ~models.Q(state=OccasionState.CANCELLED),
                name="occasion_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["encounter", "respondent_staff", "phase"],
                condition=models.Q(respondent_staff__isnull=False) & ~models.Q(state=OccasionState.CANCELLED),
                name="occasion_once_per_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} {self.state}"


class OccasionMeasure(models.Model):
    """Which measure versions an occasion asks, in which order."""

    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, related_name="measure_links")
    measure_version = models.ForeignKey(MeasureVersion, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["occasion", "position"], name="occasion_measure_position"),
            models.UniqueConstraint(fields=["occasion", "measure_version"], name="occasion_measure_once"),
        ]

    def __str__(self) -> str:
        return str(self.position)


class Response(models.Model):
    """The stored answers of one occasion. A correction is a later revision; the original is kept."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="responses")
    revision = models.PositiveSmallIntegerField(default=0)
    amends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    state = word(ResponseState, default=ResponseState.IN_PROGRESS)
    attendance = models.JSONField(default=list)
    started_at = models.DateTimeField()
    rated_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    # When it was said that somebody was with the client as they answered: then no rating of it is compared.
    in_company_at = models.DateTimeField(null=True)
    # Of the session before the one it is about.
    taken_up = word(TakenUp, blank=True, default="")
    # Of a session of two therapists: with whom there was tension, where there was; and once it was handed in who reads
    # it first, empty where it names both.
    strain_with = word(StrainWith, blank=True, default="")
    read_first_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=models.Q(state=ResponseState.IN_PROGRESS),
                name="response_in_progress",
            )
        ]
        constraints = [
            one_of("state", ResponseState, "response_state"),
            models.CheckConstraint(
                condition=models.Q(taken_up__in=["", *TakenUp.values]), name="response_taken_up"
            ),
            models.CheckConstraint(
                condition=models.Q(strain_with__in=["", *StrainWith.values]), name="response_strain_with"
            ),
            models.UniqueConstraint(fields=["occasion", "revision"], name="response_once_per_occasion"),
        ]

    def __str__(self) -> str:
        return self.state

    @property
    def case_id(self) -> uuid.UUID:
        return self.occasion.case_id

    @property
    def is_mended(self) -> bool:
        return self.taken_up == TakenUp.MENDED


class Answer(models.Model):
    """One answer as given: a number, a choice, or skipped. Zero is an answer; skipped is missing."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="answers")
    measure_version = models.ForeignKey(MeasureVersion, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=64)
    value = models.FloatField(null=True)
    choice = models.CharField(max_length=32, blank=True)
    skipped = models.BooleanField(default=False)
    audience = word(Audience, default=Audience.THERAPIST)
    answered_at = models.DateTimeField()
    elapsed_ms = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    layout = models.CharField(max_length=32)
    device = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            one_of("audience", Audience, "answer_audience"),
            models.UniqueConstraint(fields=["response", "item"], name="answer_once_per_item"),
            models.CheckConstraint(
                condition=models.Q(skipped=True, value=None, choice="")
                | (models.Q(skipped=False) & (models.Q(value__isnull=False) | ~models.Q(choice=""))),
                name="answer_given_or_skipped",
            ),
        ]

    def __str__(self) -> str:
        return self.item


class LaterAnswer(models.Model):
    """What came through the same link once the first answer stood: kept beside it, for the therapist to see.

    It is in no score, series, baseline or finding. One row for each device and item.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="later_answers")
    item = models.CharField(max_length=64)
    value = models.FloatField(null=True)
    choice = models.CharField(max_length=32, blank=True)
    skipped = models.BooleanField(default=False)
    answered_at = models.DateTimeField()
    device = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "item", "device"], name="later_answer_once"),
        ]

    def __str__(self) -> str:
        return self.item

    def as_answer(self) -> Answer:
        """As a page of the form shows it."""
        return Answer(
            item=self.item,
            value=self.value,
            choice=self.choice,
            skipped=self.skipped,
            answered_at=self.answered_at,
            device=self.device,
        )


class Release(models.Model):
    """The author lets others hear of an answer. Dated, and a row of its own; nobody else can write one."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="releases")
    audience = word(Audience)
    when = word(When, default=When.WHEN_WE_MEET)
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["chosen_at"]
        constraints = [
            one_of("audience", Audience, "release_audience"),
            one_of("when", When, "release_when"),
        ]

    def __str__(self) -> str:
        return self.audience


class Score(models.Model):
    """A scale's value of a response, with the rule that made it, or the reason why there is none.

    Late: it rests on an answer given after the window; what was answered in time did not suffice for it.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="scores")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="scores")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, related_name="scores")
    scale = models.CharField(max_length=64)
    value = models.FloatField(null=True)
    status = word(ScoreStatus)
    reason = models.CharField(max_length=200, blank=True)
    answered = models.PositiveSmallIntegerField()
    items = models.PositiveSmallIntegerField()
    minimum = models.FloatField()
    maximum = models.FloatField()
    higher_is_better = models.BooleanField()
    rule = models.CharField(max_length=120)
    late = models.BooleanField(default=False)
    scoring_version = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["series", "encounter"], name="score_series_encounter")]
        constraints = [
            one_of("status", ScoreStatus, "score_status"),
            models.UniqueConstraint(fields=["response", "series", "scoring_version"], name="score_once"),
            models.CheckConstraint(
                condition=models.Q(status=ScoreStatus.SCORED, value__isnull=False)
                | (~models.Q(status=ScoreStatus.SCORED) & models.Q(value=None)),
                name="score_has_value_if_scored",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scale} {self.value}"


class EvaluationJob(ClaimedRow):
    """A response waiting to be judged. The queue is this table: claimed first, then worked."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="job")
    state = word(JobState, default=JobState.PENDING)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="job_state_due")]
        constraints = [one_of("state", JobState, "job_state")]

    def __str__(self) -> str:
        return self.state
