"""One number for urgent help."""

from django import forms

from goldseam_web.accounts.crisis_line_table import HelpNumber
from goldseam_web.accounts.models import LineKind
from goldseam_web.accounts.violence_procedure import LONGEST_PROCEDURE
from goldseam_web.alerts.readiness import LINE_NAMES
from goldseam_web.office.set_up_form import PlainForm


class LineForm(PlainForm):
    """What is dialled is checked by the service that keeps it."""

    kind = forms.ChoiceField(
        label="Whom is it for?", choices=[(kind, name.capitalize()) for kind, name in LINE_NAMES.items()]
    )
    name = forms.CharField(label="Name of the line", max_length=120)
    number = forms.CharField(
        label="Number",
        max_length=40,
        help_text="As your clients dial it from their phones.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    hours = forms.CharField(
        label="When somebody answers",
        max_length=120,
        required=False,
        help_text="For example: day and night. Leave it empty if you do not know.",
    )
    source = forms.CharField(
        label="Where you found it",
        max_length=300,
        required=False,
        help_text="A page of those who answer, or that you called it yourself. Clients do not see this.",
    )

    @property
    def given(self) -> HelpNumber:
        """The line as it was filled in."""
        data = self.cleaned_data
        kind = LineKind(data["kind"])
        return HelpNumber(data["name"], data["number"], data["hours"], kind, data["source"])


class ProcedureForm(PlainForm):
    """What staff do first where somebody may be in danger at home, in the clinic's words."""

    violence_procedure = forms.CharField(
        label="What do your staff do first?",
        max_length=LONGEST_PROCEDURE,
        help_text="In a few sentences, or the address or place where it is written down.",
        error_messages={"required": "Say what your staff do first, or where that is written down."},
        widget=forms.Textarea({"rows": 5, "maxlength": LONGEST_PROCEDURE}),
    )
