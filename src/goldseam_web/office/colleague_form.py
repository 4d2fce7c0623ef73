"""A colleague: who they are, what they do here and who supervises them."""

from collections.abc import Sequence
from typing import Any

from django import forms

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.office.set_up_form import PlainForm

ROLES = (
    (Role.THERAPIST, "Therapist: treats, and opens own cases"),
    (
        Role.IN_TRAINING,
        "In training: a therapist of whom clients are told so, and whose supervisor hears at once",
    ),
    (Role.SUPERVISOR, "Supervisor: reads the cases of those they supervise"),
    (Role.ADMINISTRATOR, "Administrator: runs the clinic here, and opens no case"),
    (Role.RESEARCHER, "Researcher: sees nothing that names anybody"),
)


class DutiesForm(PlainForm):
    """What somebody does here, and who supervises them."""

    roles = forms.MultipleChoiceField(
        label="What do they do here?",
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one or more."},
    )
    supervisors = forms.MultipleChoiceField(
        label="Who supervises them?", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, supervisors: Sequence[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in supervisors}
        choices = [(key, one.full_name) for key, one in self.known.items()]
        self.fields["supervisors"].choices = choices  # type: ignore[attr-defined]

    @property
    def roles_given(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data["roles"]]

    @property
    def supervisors_given(self) -> list[Staff]:
        return [self.known[key] for key in self.cleaned_data["supervisors"]]


class InvitationForm(DutiesForm):
    """Somebody who is to work here, and how they get the link for a password of their own."""

    full_name = forms.CharField(label="Full name", max_length=120)
    called = forms.CharField(
        label="What clients call them",
        max_length=60,
        required=False,
        help_text="Left empty, it is the first name.",
    )
    email = forms.EmailField(label="E-mail they sign in with")
    by_mail = forms.BooleanField(
        label="Send the invitation by mail; else a link is shown here to hand over", required=False
    )
    field_order = ("full_name", "called", "email", "roles", "supervisors", "by_mail")

    @property
    def called_given(self) -> str:
        return str(self.cleaned_data["called"] or self.cleaned_data["full_name"].split()[0])
