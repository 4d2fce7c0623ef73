"""Measures as a clinic uses them, requests to answer them, answers, scores, and the queue of answers to be judged."""

import secrets

from django.db import models

from goldseam_web.accounts.models import Clinic, Phase, Staff
from goldseam_web.cases.models import Case, Encounter, Member, ProxyGrant
from goldseam_web.lib.claims import ClaimedRow
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word


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


def new_nonce() -> str:
    return secrets.token_urlsafe(9)


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

    class Meta:
        constraints = [
            one_of("state", ResponseState, "response_state"),
            models.UniqueConstraint(fields=["occasion", "revision"], name="response_once_per_occasion"),
        ]

    def __str__(self) -> str:
        return self.state


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


class Release(models.Model):
    """The author lets others hear of an answer. Dated, and a row of its own; nobody else can write one."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="releases")
    audience = word(Audience)
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["chosen_at"]
        constraints = [one_of("audience", Audience, "release_audience")]

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


class OutreachAnswer(models.TextChoices):
    """What a client without a next appointment wants."""

    COME_AGAIN = "come_again", "I would like to come again"
    ANOTHER_THERAPIST = "another_therapist", "I would like to come to somebody else here"
    STOP_HERE = "stop_here", "I would like to stop here"
    DO_NOT_WRITE = "do_not_write", "Please do not write to me again"


class OutreachReason(models.TextChoices):
    """Why, in one tap."""

    ENOUGH = "enough", "It has helped enough"
    NOT_HELPED = "not_helped", "It did not help me"
    BETWEEN_US = "between_us", "Something between us was not right"
    NO_TIME = "no_time", "Time, money or the way there"
    OTHER = "other", "Something else"


class Outreach(models.Model):
    """The one message of the clinic to a client without a next appointment, and what they answered.

    ``gap`` is the last session before it (the member, if there was none): there is one message a gap. A reason that is
    kept from the therapist is shown to nobody by name.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="outreaches")
    sent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    gap = models.UUIDField()
    nonce = models.CharField(max_length=16, default=new_nonce)
    asked_at = models.DateTimeField()
    answer = word(OutreachAnswer, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    reason = EncryptedText(blank=True)
    reason_is_kept = models.BooleanField(default=False)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at=None)
                | models.Q(answer__in=OutreachAnswer.values, answered_at__isnull=False),
                name="outreach_answered",
            ),
            models.UniqueConstraint(fields=["member", "gap"], name="outreach_once"),
        ]

    def __str__(self) -> str:
        return self.answer or "not answered"


class MailText(models.Model):
    """The clinic's own words of one kind of mail to clients, in one language; without a row the shipped ones stand."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=32)
    language = models.CharField(max_length=12, default="en")
    subject = models.CharField(max_length=80)
    opening = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "purpose", "language"], name="mail_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.language}"


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
