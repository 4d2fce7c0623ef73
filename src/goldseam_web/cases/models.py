"""Cases, the people in them and their appointments. Identity, contacts and consent live apart from the rest."""

import json
import uuid
from collections.abc import Mapping
from datetime import time, timedelta

from django.db import models

from goldseam_web.accounts.models import Clinic, Leave, Staff
from goldseam_web.cases import consent_tables, event_tables, joint_tables, merge_tables, safety_tables  # noqa: F401
from goldseam_web.cases.names import PersonNames
from goldseam_web.lib.fields import EncryptedText, one_of, public_id, word

LONGEST_ENCOUNTER = timedelta(hours=8)


class RecordState(models.TextChoices):
    ACTIVE = "active"
    CLOSED = "closed"
    ERASED = "erased"


class CaseKind(models.TextChoices):
    INDIVIDUAL = "individual"
    COUPLE = "couple"
    FAMILY = "family"


class MemberRole(models.TextChoices):
    CLIENT = "client"
    PARTNER = "partner"
    PARENT = "parent"
    CHILD = "child"
    OTHER = "other"


class Ending(models.TextChoices):
    """How a case ended."""

    PLANNED = "planned", "as planned"
    DROPOUT = "dropout", "clients stopped coming"
    REFERRAL = "referral", "referred to somebody else"
    MOVED = "moved", "moved away"
    OTHER = "other", "another reason"
    OPENED_IN_ERROR = "opened_in_error", "opened in error"


class Idea(models.TextChoices):
    """Whose idea it was to come: a low start that somebody else urged is described, not alarmed."""

    OWN = "own"
    SHARED = "shared"
    SOMEONE_ELSE = "someone_else"
    UNKNOWN = "unknown"


class SentBy(models.TextChoices):
    """Which office or house it was, where it was somebody else's idea: what they are told is said to the client."""

    NOBODY = "", "nobody"
    COURT = "court", "a court or an authority"
    CHILD_PROTECTION = "child_protection", "child protection"
    SCHOOL = "school", "a school"
    WORK = "work", "an employer"


class RestReason(models.TextChoices):
    """Why somebody is asked nothing. Who has died is written to in no case."""

    NONE = "none"
    IN_HOSPITAL = "in_hospital"
    BEREAVED = "bereaved"
    DIED = "died"


class ContactKind(models.TextChoices):
    EMAIL = "email"
    PHONE = "phone"


class WayAsked(models.TextChoices):
    """How a person was asked by which ways they may be reached."""

    ALONE = "alone", "in person, alone"
    OLD_WAY = "old_way", "by the way that was safe until now"


class TherapistPart(models.TextChoices):
    MAIN = "main"
    CO_THERAPIST = "co_therapist"
    COVER = "cover"


class EncounterState(models.TextChoices):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class NotHeld(models.TextChoices):
    """Why an appointment did not take place."""

    BY_CLIENT = "by_client", "cancelled by the client"
    BY_CLINIC = "by_clinic", "cancelled by the therapist or the clinic"
    NOBODY_CAME = "nobody_came", "nobody came"
    CASE_CLOSED = "case_closed", "the case ended"


class Presence(models.TextChoices):
    EXPECTED = "expected"
    ATTENDED = "attended"
    AWAY = "away"


class Person(models.Model):
    """A person in treatment. One person may be in several cases; walls stand between those too."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="persons")
    state = word(RecordState, default=RecordState.ACTIVE)
    legal_hold = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("state", RecordState, "person_state")]

    def __str__(self) -> str:
        return str(self.id)


class PersonIdentity(models.Model):
    """Names, encrypted, in a table of their own that erasure can empty."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="identity")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    # Both names in one, and what tells the person apart from another of the same name: decrypting is what reading a
    # caseload takes time for.
    names = EncryptedText()
    language = models.CharField(max_length=12, default="en")

    def __str__(self) -> str:
        return str(self.read)

    @property
    def display_name(self) -> str:
        """First name, or whatever they are called."""
        return self.read.display_name

    @property
    def family_name(self) -> str:
        return self.read.family_name

    @property
    def told_apart_by(self) -> dict[str, str]:
        """Year of birth or number, by the word of `SecondLine`; most people have none."""
        return dict(self.read.told_apart_by)

    @property
    def read(self) -> PersonNames:
        """Read once: a page asks for each name several times."""
        read: tuple[str, PersonNames] | None = vars(self).get("_names_read")
        if read is None or read[0] != self.names:
            read = self._names_read = (self.names, PersonNames.of(self.names))
        return read[1]


def packed_names(
    *, called: str, family_name: str = "", told_apart_by: Mapping[str, str] | None = None
) -> str:
    """What ``PersonIdentity.names`` holds."""
    told = [dict(told_apart_by)] if told_apart_by else []
    return json.dumps([called, family_name, *told], ensure_ascii=False)


class PersonContact(models.Model):
    """A way to reach one person, encrypted. Two members of a case may share one only if each has another private way.

    Whether two contacts are the same is told by the hash of what they are when written alike.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    kind = word(ContactKind)
    value = EncryptedText()
    value_hash = models.CharField(max_length=64)
    private = models.BooleanField(default=True)

    class Meta:
        constraints = [
            one_of("kind", ContactKind, "contact_kind"),
            models.UniqueConstraint(fields=["person", "kind", "value_hash"], name="contact_once"),
        ]

    def __str__(self) -> str:
        return self.kind


class SafeWays(models.Model):
    """By which ways, and when, one person may be written to or called, as they said alone; no row: nothing is sent."""

    # Hours are those of the clinic's clock.

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, primary_key=True, related_name="safe_ways"
    )
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    never = models.BooleanField(default=False)
    by_mail = models.BooleanField(default=False)
    by_phone = models.BooleanField(default=False)
    voicemail = models.BooleanField(default=False)
    reminders = models.BooleanField(default=True)
    not_before = models.TimeField(default=time(8))
    not_after = models.TimeField(default=time(20))
    how_asked = word(WayAsked)
    asked_on = models.DateField()

    class Meta:
        verbose_name_plural = "safe ways"
        constraints = [
            one_of("how_asked", WayAsked, "safe_ways_asked"),
            models.CheckConstraint(
                condition=models.Q(not_before__lt=models.F("not_after")), name="safe_ways_hours"
            ),
            models.CheckConstraint(
                condition=models.Q(never=False) | models.Q(by_mail=False, by_phone=False),
                name="safe_ways_never",
            ),
        ]

    def __str__(self) -> str:
        return "never" if self.never else f"{self.not_before:%H:%M} to {self.not_after:%H:%M}"


class Case(models.Model):
    """One treatment of an individual, couple or family."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="cases")
    kind = word(CaseKind)
    state = word(RecordState, default=RecordState.ACTIVE)
    opened_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ending = word(Ending, blank=True, default="")
    last_phase_since = models.DateField(null=True, blank=True)
    legal_hold = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of("kind", CaseKind, "case_kind"),
            one_of("state", RecordState, "case_state"),
            models.CheckConstraint(condition=models.Q(ending__in=["", *Ending.values]), name="case_ending"),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("opened_on")),
                name="case_ends_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def case_id(self) -> uuid.UUID:
        """As rows that belong to a case say which."""
        return self.pk


class Member(models.Model):
    """A client's place in a case. The position fixes colour and shape for the life of the case."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = word(MemberRole)
    position = models.PositiveSmallIntegerField()
    partnered = models.BooleanField(null=True)
    parent = models.BooleanField(null=True)
    idea = word(Idea, default=Idea.UNKNOWN)
    sent_by = word(SentBy, blank=True, default=SentBy.NOBODY)
    paused_on = models.DateField(null=True, blank=True)
    rests_because = word(RestReason, default=RestReason.NONE)
    look_again_on = models.DateField(null=True, blank=True)
    safety_asked_on = models.DateField(null=True, blank=True)
    # Too young to agree alone when that was last looked at, or a guardian was named; and since when they do alone.
    needs_guardian = models.BooleanField(default=False)
    decides_alone_on = models.DateField(null=True, blank=True)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            one_of("role", MemberRole, "member_role"),
            one_of("idea", Idea, "member_idea"),
            models.CheckConstraint(
                condition=models.Q(sent_by="") | models.Q(sent_by__in=SentBy.values, idea=Idea.SOMEONE_ELSE),
                name="member_sent_by",
            ),
            one_of("rests_because", RestReason, "member_rests_because"),
            models.UniqueConstraint(fields=["case", "position"], name="member_position"),
            models.UniqueConstraint(fields=["case", "person"], name="member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.position}"


class CaseTherapist(models.Model):
    """Who treats a case, from when to when: co-therapists, handover and leave cover are rows, not edits."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="therapists")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="case_links")
    part = word(TherapistPart, default=TherapistPart.MAIN)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    # The leave for which somebody covers: it ends with it.
    leave = models.ForeignKey(Leave, on_delete=models.PROTECT, null=True, related_name="covers")

    class Meta:
        constraints = [
            one_of("part", TherapistPart, "case_therapist_part"),
            models.UniqueConstraint(
                fields=["case", "therapist"], condition=models.Q(ends_on=None), name="case_therapist_once"
            ),
        ]

    def __str__(self) -> str:
        return self.part


class Encounter(models.Model):
    """One appointment of a case; those booked in one go share ``series``. Session numbers are never stored."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="encounters")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="encounters")
    beside = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")  # held it, too
    state = word(EncounterState, default=EncounterState.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    local_date = models.DateField()
    cancelled_reason = word(NotHeld, blank=True, default="")
    series = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["case", "starts_at"], name="encounter_case_start"),
            models.Index(fields=["therapist", "starts_at"], name="encounter_therapist_start"),
            models.Index(
                fields=["ends_at"], condition=models.Q(state=EncounterState.PLANNED), name="encounter_planned"
            ),
            models.Index(
                fields=["series"], condition=models.Q(series__isnull=False), name="encounter_series"
            ),
        ]
        constraints = [
            one_of("state", EncounterState, "encounter_state"),
            models.CheckConstraint(
                condition=models.Q(cancelled_reason__in=["", *NotHeld.values]), name="encounter_not_held"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="encounter_ends_after_start"
            ),
            models.CheckConstraint(condition=~models.Q(beside=models.F("therapist")), name="encounter_two"),
            models.UniqueConstraint(
                fields=["case", "starts_at"],
                condition=~models.Q(state=EncounterState.CANCELLED),
                name="encounter_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.starts_at:%Y-%m-%d %H:%M}"


class Attendance(models.Model):
    """Whether one member was there. "Away" is a fact about one person, not about the case."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="attendance")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendance")
    presence = word(Presence, default=Presence.EXPECTED)

    class Meta:
        constraints = [
            one_of("presence", Presence, "attendance_presence"),
            models.UniqueConstraint(fields=["encounter", "member"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return self.presence


class ProxyGrant(models.Model):
    """A dated right of one member to answer about another (a parent about a child)."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    respondent = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="proxy_for")
    subject = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="proxied_by")
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(respondent=models.F("subject")), name="proxy_for_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"
