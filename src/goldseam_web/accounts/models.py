"""Clinics, the people who work there, their roles, and the sign-in they use."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from goldseam_web.accounts import opening_tables  # noqa: F401  its table belongs to this room
from goldseam_web.lib.claims import ClaimedRow
from goldseam_web.lib.fields import one_of, public_id, word

# Where a client's way out leads unless the clinic says otherwise: a page that anybody may have open.
EXIT_URL = "https://www.wikipedia.org/"


class Phase(models.TextChoices):
    """When a rating is given. Before and after a meeting never share a series."""

    PRE = "pre"
    POST = "post"


class Role(models.TextChoices):
    THERAPIST = "therapist"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    RESEARCHER = "researcher"
    # Held beside *therapist*: clients are told, and the supervisor hears of every finding at once.
    IN_TRAINING = "in_training", "In training"


class FormsMeanwhile(models.TextChoices):
    """What clients' untouched forms do while a therapist is away."""

    READER = "reader", "Say who reads meanwhile"
    WAIT = "wait", "Say from which day on somebody reads them"
    REST = "rest", "Rest: nothing is asked or mailed until the therapist is back"


class SecondLine(models.TextChoices):
    """What tells two people of one name apart, beside the day on which their case began."""

    BEGAN = "began", "the day on which their case began"
    BIRTH_YEAR = "birth_year", "the year they were born in"
    OWN_NUMBER = "own_number", "a number of the clinic’s own"


class Clinic(models.Model):
    """An organisation using the install; every row of every table belongs to exactly one.

    The lead stands in as supervisor of every therapist whom nobody supervises.
    """

    id = public_id()
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    alliance_phase = word(Phase, default=Phase.POST)
    window_hours = models.PositiveSmallIntegerField(default=48)
    escalate_after_hours = models.PositiveSmallIntegerField(default=24)
    exit_url = models.URLField(default=EXIT_URL)
    lead = models.ForeignKey("Staff", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # How clients reach the clinic, and what else it has to tell them of their data, as their pages show it.
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_hours = models.CharField(max_length=200, blank=True)
    contact_notice = models.TextField(blank=True)
    # What staff do where somebody of a couple or family may be in danger, or where that is written down.
    violence_procedure = models.TextField(blank=True, default="")
    leaflet_words = models.TextField(blank=True, default="")
    reached_address = models.CharField(max_length=200, blank=True)  # the one a phone last opened, and when
    reached_at = models.DateTimeField(null=True, blank=True)
    forms_when_away = word(FormsMeanwhile, default=FormsMeanwhile.READER)
    # Whether clients see all questions of a form at once and send them together, or one after the other.
    form_on_one_page = models.BooleanField(default=False)
    # Whether clients read, at the start of their next form, that their therapist has looked at the last answers.
    tells_when_read = models.BooleanField(default=False)
    # Whether clients are offered, at the end, a link to look back by.
    offers_look_back = models.BooleanField(default=True)
    second_line = word(SecondLine, default=SecondLine.BEGAN)
    # Who is younger is asked once a guardian has agreed too. The law of a country sets it; 16 is only a start.
    age_of_consent = models.PositiveSmallIntegerField(default=16)
    # Of a hundred sessions in which nothing was found, in so many the therapist is asked whether anything was off.
    lot_percent = models.PositiveSmallIntegerField(default=5)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(lot_percent__lte=100), name="clinic_lot_percent"),
            one_of("alliance_phase", Phase, "clinic_alliance_phase"),
            one_of("forms_when_away", FormsMeanwhile, "clinic_forms_when_away"),
            one_of("second_line", SecondLine, "clinic_second_line"),
        ]

    def __str__(self) -> str:
        return self.name


class LineKind(models.TextChoices):
    """Whom a number for urgent help is for."""

    ANYBODY = "anybody"
    DOMESTIC_VIOLENCE = "domestic_violence"
    CHILDREN = "children"


class CrisisLine(models.Model):
    """A number to call when things are urgent, kept by the clinic: where it was found, and on which day last."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="crisis_lines")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=40)
    hours = models.CharField(max_length=120, blank=True)
    kind = word(LineKind, default=LineKind.ANYBODY)
    source = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "position"], name="crisis_line_position"),
            one_of("kind", LineKind, "crisis_line_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.number}"


class ClinicPulse(models.Model):
    """A counter bumped in every transaction that staff pages should hear of."""

    clinic = models.OneToOneField(Clinic, on_delete=models.PROTECT, primary_key=True, related_name="pulse")
    counter = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.counter)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A sign-in. What a person may do follows from their staff roles, never from this row."""

    id = public_id()
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.email


class Staff(models.Model):
    """A person who works at a clinic. One sign-in belongs to one clinic."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="staff")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="staff")
    full_name = models.CharField(max_length=120)
    called = models.CharField(max_length=60)
    active = models.BooleanField(default=True)
    # When they were last alone with their screens: as they said, or before a session they ended or entered late.
    # None: somebody may look, as they said.
    alone_since = models.DateTimeField(null=True)
    # Since when whoever supervises them reads how their own ratings lie beside their clients'; None: nobody does.
    ratings_shared_at = models.DateTimeField(null=True)
    # Who stands in for them when they are away, as they or somebody above them named.
    cover = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name_plural = "staff"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cover=None) | ~models.Q(cover=models.F("id")),
                name="staff_cover_is_another",
            )
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def display_name(self) -> str:
        """How clients call them."""
        return self.called

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.full_name.split()[:2]).upper()


class StaffRole(models.Model):
    """A role held for a time; a person can hold several."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="roles")
    role = word(Role)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("role", Role, "staff_role_word"),
            models.UniqueConstraint(
                fields=["staff", "role"], condition=models.Q(ends_on=None), name="staff_role_once"
            ),
        ]

    def __str__(self) -> str:
        return self.role


class Supervision(models.Model):
    """A dated link from a supervisor to a therapist; it opens the therapist's cases to the supervisor."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    supervisor = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="supervises")
    therapist = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="supervised_by")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(supervisor=models.F("therapist")), name="supervision_of_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.supervisor} supervises {self.therapist}"


class Leave(models.Model):
    """Days on which a member of staff is away; without a last one, until they are back. Coming back ends it.

    What was open when it began has been handed on once ``handed_on_at`` is set. ``departs``: from the first day on they
    work here no more, and ``cover`` is who takes over their cases.
    """

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="leaves")
    cover = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    forms = word(FormsMeanwhile)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    noted_at = models.DateTimeField()
    handed_on_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    departs = models.BooleanField(default=False)

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            one_of("forms", FormsMeanwhile, "leave_forms"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="leave_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(cover=None) | ~models.Q(cover=models.F("staff")),
                name="leave_cover_is_another",
            ),
            models.CheckConstraint(
                condition=models.Q(departs=False) | models.Q(ends_on=None), name="departure_without_end"
            ),
            models.UniqueConstraint(
                fields=["staff"], condition=models.Q(departs=True, back_at=None), name="departure_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} away from {self.starts_on}"


class Charter(models.Model):
    """What the clinic promises its staff about the use of what is recorded; a changed text is a new row."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="charters")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="charter_number")]

    def __str__(self) -> str:
        return f"charter {self.number}"


class CharterAcceptance(models.Model):
    """Somebody has read a charter and agreed to it."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    charter = models.ForeignKey(Charter, on_delete=models.PROTECT, related_name="acceptances")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="charters")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["charter", "staff"], name="charter_accepted_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.charter_id}"


class SetUpKey(models.Model):
    """The hash of the key in the one address that opens the set-up. There is none once there is a clinic."""

    id = public_id()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.made_at)


class WrongCodes(models.Model):
    """Wrong codes of a second factor since the last right one."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="wrong_codes")
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "wrong codes"

    def __str__(self) -> str:
        return str(self.failures)


class SecondStepReset(models.Model):
    """Somebody asked that a colleague may set up the second step anew; it takes another one to do it."""

    id = public_id()
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="second_step_resets")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_by=None)
                | ~models.Q(done_by=models.F("asked_by")) & ~models.Q(done_by=models.F("staff")),
                name="second_step_reset_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"reset {self.id}"


class AccountMailKind(models.TextChoices):
    INVITATION = "invitation"
    NEW_PASSWORD = "new_password"  # noqa: S105  a word
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES_NEW = "recovery_codes_new"
    WRONG_CODES = "wrong_codes"
    OWN_ROLES = "own_roles"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RESET_ASKED = "reset_asked"
    RESET_DONE = "reset_done"


class AccountMailState(models.TextChoices):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class AccountMail(ClaimedRow):
    """A mail about a sign-in on its way. Its text, and any key in it, is made when it is sent and kept nowhere."""

    id = public_id()
    kind = word(AccountMailKind)
    address = models.EmailField()
    state = word(AccountMailState, default=AccountMailState.PENDING)
    happened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="account_mail_due")]
        constraints = [
            one_of("kind", AccountMailKind, "account_mail_kind"),
            one_of("state", AccountMailState, "account_mail_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
