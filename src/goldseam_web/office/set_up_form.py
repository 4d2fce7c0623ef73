"""The one form that is filled in before anybody can sign in."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from goldseam_web.accounts.models import User
from goldseam_web.cases.services.guardians_named import OLDEST_AGE, YOUNGEST_AGE
from goldseam_web.lib.countries import country_names, zones_of_country

CHOOSE = ("", "Choose …")
SEVERAL_ZONES = "{country} has {count} time zones; choose the clinic’s."


class PlainForm(forms.Form):
    """Fields in the look of the kit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "input")


class PlaceForm(PlainForm):
    """Where the clinic lies. The zone may stay empty where the country has one alone."""

    country = forms.ChoiceField(label="Country", error_messages={"required": "Choose the country."})
    time_zone = forms.ChoiceField(
        label="Time zone", required=False, help_text="Only where the country has more than one."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [CHOOSE, *country_names().items()]  # type: ignore[attr-defined]
        zones = sorted(zone for code in country_names() for zone in zones_of_country(code))
        named = [(zone, zone.replace("_", " ")) for zone in zones]
        self.fields["time_zone"].choices = [("", "The country’s own"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        country = given.get("country")
        if not country or given.get("time_zone"):
            return given
        zones = zones_of_country(country)
        if len(zones) == 1:
            given["time_zone"] = zones[0]
        else:
            says = SEVERAL_ZONES.format(country=country_names()[country], count=len(zones))
            self.add_error("time_zone", says)
        return given


class FirstForm(PlaceForm):
    """The clinic and its first administrator."""

    clinic = forms.CharField(label="Name of the clinic", max_length=120)
    age_of_consent = forms.IntegerField(
        label="From this age somebody agrees alone",
        help_text="The law where you work sets it. Goldseam does not know it: check the number. It can change later.",
        initial=16,
        min_value=YOUNGEST_AGE,
        max_value=OLDEST_AGE,
        required=False,
    )
    full_name = forms.CharField(label="Your full name", max_length=120)
    email = forms.EmailField(label="Your e-mail", help_text="You sign in with it.")
    password = forms.CharField(
        label="Password",
        help_text="15 characters or more; a sentence is fine. Pasting works.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    treats = forms.BooleanField(label="I treat clients myself", required=False)

    field_order = (
        *("clinic", "country", "time_zone", "age_of_consent"),
        *("full_name", "email", "password", "treats"),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("password"):
            try:
                validate_password(given["password"], User(email=given.get("email", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return given


FirstForm.base_fields["full_name"].widget.attrs["autocomplete"] = "name"
FirstForm.base_fields["email"].widget.attrs["autocomplete"] = "username"
