"""Forms: what was given, what is allowed. Clinical rules live in services; a form only reads."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal
from goldseam_web.cases.models import CaseKind, Idea, MemberRole, NotHeld
from goldseam_web.cases.services import MEMBERS_ALLOWED, MOST_TIMES, NewMember, Repeat, check_day
from goldseam_web.dashboard.language import appointments_page as repeated
from goldseam_web.dashboard.language import form_texts as say

YES_NO = (("", say.NOT_KNOWN), ("yes", say.YES), ("no", say.NO))
ROLES = {
    CaseKind.INDIVIDUAL: ((MemberRole.CLIENT, say.CLIENT_ROLE),),
    CaseKind.COUPLE: ((MemberRole.PARTNER, say.PARTNER_ROLE),),
    CaseKind.FAMILY: (
        (MemberRole.PARENT, say.PARENT_ROLE),
        (MemberRole.CHILD, say.CHILD_ROLE),
        (MemberRole.PARTNER, say.PARTNER_ROLE),
        (MemberRole.OTHER, say.OTHER_ROLE),
    ),
}
IDEAS = (
    (Idea.UNKNOWN, say.NOT_KNOWN),
    (Idea.OWN, say.OWN_IDEA),
    (Idea.SHARED, say.SHARED_IDEA),
    (Idea.SOMEONE_ELSE, say.SOMEBODY_ELSES_IDEA),
)
EVERY = (
    ("", repeated.ONCE),
    (1, repeated.EVERY_WEEK),
    *((count, repeated.EVERY_WEEKS.format(count=count)) for count in (2, 3, 4)),
)
LENGTHS = tuple((minutes, say.MINUTES.format(minutes=minutes)) for minutes in (50, 60, 75, 80, 90))


class AcknowledgeForm(forms.Form):
    """What is said of the findings that were shown: one choice for all, or another for single ones.

    Nothing is chosen in advance. ``signals`` are the findings of the alert now; the form names those it was shown with.
    """

    finding = forms.MultipleChoiceField(
        error_messages={"required": say.FINDINGS_CHANGED, "invalid_choice": say.FINDINGS_CHANGED}
    )
    choice = forms.ChoiceField(
        choices=AcknowledgeChoice.choices,
        required=False,
        error_messages={"invalid_choice": say.CHOICE_INVALID},
    )

    def __init__(self, signals: Sequence[AlertSignal], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.signals = {str(signal.id): signal for signal in signals}
        self.fields["finding"].choices = [(key, key) for key in self.signals]  # type: ignore[attr-defined]
        for key in self.signals:
            self.fields[f"choice-{key}"] = forms.ChoiceField(
                choices=[("", ""), *AcknowledgeChoice.choices],
                required=False,
                error_messages={"invalid_choice": say.CHOICE_INVALID},
            )

    def clean(self) -> dict[str, Any]:
        """Every finding shown needs a choice, its own or the one for all."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        shown = given.get("finding", ())
        if not self.errors and any(not self._choice_for(key) for key in shown):
            self.add_error("choice", say.CHOICE_REQUIRED)
        return given

    def _choice_for(self, key: str) -> str:
        return str(self.cleaned_data.get(f"choice-{key}") or self.cleaned_data.get("choice", ""))

    @property
    def problem(self) -> str:
        """The first thing that was wrong."""
        return next((str(messages[0]) for messages in self.errors.values()), "")

    @property
    def chosen(self) -> dict[AlertSignal, AcknowledgeChoice]:
        return {
            self.signals[key]: AcknowledgeChoice(self._choice_for(key))
            for key in self.cleaned_data["finding"]
        }


class Styled(forms.Form):
    """Fields in the look of the kit, each naming its help and error."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as given
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


class MemberForm(Styled):
    """One place in a case. An empty place beyond the fewest a kind needs is nobody."""

    called = forms.CharField(label=say.FIRST_NAME, max_length=60, required=False)
    family_name = forms.CharField(label=say.FAMILY_NAME, max_length=60, required=False)
    role = forms.ChoiceField(label=say.ROLE)
    email = forms.EmailField(
        label=say.EMAIL,
        required=False,
        error_messages={"invalid": say.EMAIL_INVALID},
    )
    phone = forms.CharField(label=say.PHONE, max_length=40, required=False)
    partnered = forms.ChoiceField(label=say.PARTNERED, choices=YES_NO, required=False)
    parent = forms.ChoiceField(label=say.PARENT, choices=YES_NO, required=False)
    idea = forms.ChoiceField(label=say.IDEA, choices=IDEAS, required=False)

    def __init__(self, *args: object, kind: CaseKind, needed: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.needed = kind, needed
        role = self.fields["role"]
        if isinstance(role, forms.ChoiceField):
            role.choices = ROLES[kind]
            role.required = False
        self.default_role = ROLES[kind][0][0]

    def clean_called(self) -> str:
        called: str = self.cleaned_data["called"].strip()
        if self.needed and not called:
            raise ValidationError(say.FIRST_NAME_REQUIRED)
        return called

    @property
    def is_somebody(self) -> bool:
        return bool(self.cleaned_data.get("called"))

    def member(self) -> NewMember:
        """The person as the service takes them."""
        data = self.cleaned_data
        return NewMember(
            display_name=data["called"],
            family_name=data["family_name"].strip(),
            role=MemberRole(data["role"] or self.default_role),
            email=data["email"].strip(),
            phone=data["phone"].strip(),
            partnered=True if self.kind == CaseKind.COUPLE else _yes(data["partnered"]),
            parent=_yes(data["parent"]),
            idea=Idea(data["idea"] or Idea.UNKNOWN),
        )


def _yes(given: str) -> bool | None:
    return {"yes": True, "no": False}.get(given)


class SessionForm(Styled):
    """When a session is. Times are the clinic's."""

    day = forms.DateField(
        label=say.DAY,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": say.DAY_REQUIRED, "invalid": say.DAY_INVALID},
    )
    start = forms.TimeField(
        label=say.START,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": say.START_REQUIRED, "invalid": say.START_INVALID},
    )
    minutes: forms.Field = forms.TypedChoiceField(label=say.LENGTH, choices=LENGTHS, coerce=int, initial=50)

    def __init__(
        self, *args: object, today: date, zone: ZoneInfo, optional: bool = False, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.zone, self.optional = today, zone, optional
        if optional:
            for field in self.fields.values():
                field.required = False

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None:
            check_day(day, today=self.today)
        return day

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if self.optional and bool(data.get("day")) != bool(data.get("start")) and not self.errors:
            raise ValidationError(say.DAY_AND_START_TOGETHER)
        if self.starts_at is not None and self.starts_at.astimezone(self.zone).time() != data["start"]:
            self.add_error("start", say.NO_SUCH_TIME)
        return data

    @property
    def starts_at(self) -> datetime | None:
        """The instant that the clinic's clock shows as this start, or None where it was left empty."""
        day, start = self.cleaned_data.get("day"), self.cleaned_data.get("start")
        if not isinstance(day, date) or not isinstance(start, time):
            return None
        return datetime.combine(day, start, tzinfo=self.zone).astimezone(UTC)

    @property
    def length(self) -> int:
        return int(self.cleaned_data.get("minutes") or 50)


class RepeatForm(Styled):
    """Whether a session comes back, and how many times in all."""

    every = forms.TypedChoiceField(label=repeated.REPEATED, choices=EVERY, coerce=int, required=False)
    times = forms.IntegerField(
        label=repeated.TIMES,
        min_value=2,
        max_value=MOST_TIMES,
        initial=12,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), repeated.TIMES_REQUIRED),
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("every") and not data.get("times") and not self.errors:
            self.add_error("times", repeated.TIMES_REQUIRED)
        return data

    def repeat(self, closed: Collection[date] = ()) -> Repeat | None:
        """How it is repeated, or None for once."""
        every = self.cleaned_data["every"]
        return Repeat(every, self.cleaned_data["times"], closed) if every else None


class ReachForm(forms.Form):
    """Which sessions of a series a change is meant for: this one unless something else is chosen."""

    reach = forms.ChoiceField(
        label=repeated.REACH_LABEL, choices=repeated.REACHES, required=False, widget=forms.RadioSelect
    )


class CancelForm(ReachForm):
    """Why a session does not take place. Nobody can have missed one that has not begun."""

    because = forms.ChoiceField(
        label=repeated.BECAUSE_LABEL,
        widget=forms.RadioSelect,
        error_messages={"required": repeated.BECAUSE_REQUIRED, "invalid_choice": repeated.BECAUSE_REQUIRED},
    )

    def __init__(self, *args: object, begun: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as given
        field = self.fields["because"]
        if isinstance(field, forms.ChoiceField):
            reasons = repeated.CANCELLED_BY.items()
            field.choices = [(why, text) for why, text in reasons if begun or why != NotHeld.NOBODY_CAME]


class CorrectionForm(SessionForm):
    """When a session was, to the minute: one that ended early has no usual length."""

    minutes: forms.Field = forms.IntegerField(
        label=say.LENGTH_IN_MINUTES,
        min_value=5,
        max_value=480,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": say.LENGTH_REQUIRED,
            "invalid": say.LENGTH_INVALID,
            "min_value": say.LENGTH_INVALID,
            "max_value": say.LENGTH_INVALID,
        },
    )


class NewCaseForm:
    """Members and an optional first session, read together."""

    def __init__(
        self, kind: CaseKind, data: Mapping[str, str] | None = None, *, today: date, zone: ZoneInfo
    ) -> None:
        self.kind = kind
        fewest, most = MEMBERS_ALLOWED[kind]
        shown = most if kind == CaseKind.FAMILY else fewest
        self.members = [
            MemberForm(data, prefix=f"member-{k}", kind=kind, needed=k < fewest) for k in range(shown)
        ]
        self.session = SessionForm(data, prefix="session", today=today, zone=zone, optional=True)
        self.refusals: list[str] = []

    def is_valid(self) -> bool:
        # Every form is read, so that all errors are listed at once.
        valid = [form.is_valid() for form in (*self.members, self.session)]
        return all(valid)

    def given(self) -> list[NewMember]:
        return [form.member() for form in self.members if form.is_somebody]

    def refuse(self, error: ValidationError) -> None:
        """Keep what a service refused, with its reason."""
        self.refusals += error.messages

    def errors(self) -> list[tuple[str, str]]:
        """Every error with the id of the field it belongs to ("" for the whole form)."""
        found = [("", message) for message in self.refusals]
        for form in (*self.members, self.session):
            found += errors_of(form)
        return found


def errors_of(form: forms.Form) -> list[tuple[str, str]]:
    return [
        (form[field].id_for_label if field != "__all__" else "", str(message))
        for field, messages in form.errors.items()
        for message in messages
    ]


class AwayForm(forms.Form):
    """Who was not there, or is not expected."""

    away = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: object, members: Iterable[tuple[uuid.UUID, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as given
        field = self.fields["away"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(str(key), name) for key, name in members]

    @property
    def ids(self) -> list[uuid.UUID]:
        return [uuid.UUID(key) for key in self.cleaned_data["away"]]
