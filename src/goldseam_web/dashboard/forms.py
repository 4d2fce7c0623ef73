"""Forms: what was given, what is allowed. Clinical rules live in services; a form only reads."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal
from goldseam_web.cases.models import NotHeld
from goldseam_web.cases.services import MOST_TIMES, Repeat, check_day
from goldseam_web.dashboard.language import appointments_page as repeated
from goldseam_web.dashboard.language import form_texts as say
from goldseam_web.dashboard.language import session_page as session_say

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


class SecondTherapistForm(Styled):
    """Which other therapist of the case holds the session, too; nobody unless somebody is chosen."""

    beside = forms.ChoiceField(label=session_say.BESIDE, required=False)

    def __init__(self, *args: object, others: Sequence[Staff], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.others = {str(one.pk): one for one in others}
        field = self.fields["beside"]
        if isinstance(field, forms.ChoiceField):
            named = [
                (key, session_say.WITH_YOU.format(name=one.full_name)) for key, one in self.others.items()
            ]
            field.choices = [("", session_say.ALONE), *named]

    @property
    def therapist(self) -> Staff | None:
        return self.others.get(self.cleaned_data["beside"])


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
