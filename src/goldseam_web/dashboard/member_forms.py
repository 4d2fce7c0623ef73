"""The people of a case as a form takes them: in a new one, and joining one that runs."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from goldseam_web.accounts.queries import Viewer
from goldseam_web.cases.models import CaseKind, Idea, MemberRole, SentBy
from goldseam_web.cases.same_names import KnownPerson, people_called
from goldseam_web.cases.services import MEMBERS_ALLOWED, NewMember
from goldseam_web.dashboard.forms import SessionForm, Styled, errors_of
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
# As value and words: whose idea it was, and who sent them where it was an office or a house.
IDEAS = (
    (Idea.UNKNOWN.value, say.NOT_KNOWN),
    (Idea.OWN.value, say.OWN_IDEA),
    (Idea.SHARED.value, say.SHARED_IDEA),
    (Idea.SOMEONE_ELSE.value, say.SOMEBODY_ELSES_IDEA),
    *((f"{Idea.SOMEONE_ELSE}:{who.value}", say.SENT_BY[who]) for who in SentBy if who),
)
MOST_MEMBERS = max(most for _fewest, most in MEMBERS_ALLOWED.values())
PLACES = [str(k) for k in range(1, MOST_MEMBERS + 1)]
# The button that shows one more place, and somebody who is none of those the names may mean.
GROW, SOMEBODY_NEW = "grow", "new"


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
    birth_year = forms.CharField(label=say.BIRTH_YEAR, max_length=4, required=False)
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
        # Whom the names may mean, as value and words, and which of them was chosen.
        self.known: list[tuple[str, str]] = []
        self.chosen = ""

    def ask_whether_known(self, people: Sequence[KnownPerson]) -> str:
        """Offer those whom the names may mean; what is wrong with the choice between them, "" if nothing is."""
        self.known = [*((str(one.person_id), one.told) for one in people), (SOMEBODY_NEW, "")]
        chosen = self.data.get(self.add_prefix("same"), "")
        # An id that was not offered is nobody: it may be somebody of a case that is not the viewer's.
        self.chosen = chosen if chosen in dict(self.known) else ""
        if people and not self.chosen:
            return say.SAY_WHETHER_KNOWN.format(name=self.cleaned_data["called"])
        return ""

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
            **idea_given(data["idea"]),
            birth_year=data["birth_year"],
            person_id=uuid.UUID(self.chosen) if self.chosen not in {"", SOMEBODY_NEW} else None,
        )


def idea_given(choice: str) -> dict[str, Any]:
    """Whose idea it was, and who sent them, from one value of `IDEAS`."""
    idea, _, sent_by = choice.partition(":")
    return {"idea": Idea(idea or Idea.UNKNOWN), "sent_by": SentBy(sent_by)}


def _yes(given: str) -> bool | None:
    return {"yes": True, "no": False}.get(given)


def whether_known(members: Sequence[MemberForm], viewer: Viewer) -> list[tuple[str, str]]:
    """What is still to be said of people whom the viewer may know from other cases, with the id of its field."""
    asked = {
        f"{form.prefix}-same": form.ask_whether_known(
            people_called(viewer, form.cleaned_data["called"], form.cleaned_data["family_name"])
        )
        for form in members
    }
    return [(field, said) for field, said in asked.items() if said]


class NewCaseForm:
    """Members and an optional first session, read together."""

    def __init__(
        self, kind: CaseKind, data: Mapping[str, str] | None = None, *, today: date, zone: ZoneInfo
    ) -> None:
        self.kind = kind
        given = data or {}
        fewest, self.most = MEMBERS_ALLOWED[kind]
        # Asked for one more place, the form is shown again as it stands, and nothing is found wrong yet.
        read = None if GROW in given else data
        self.members = [
            MemberForm(
                read,
                prefix=f"member-{k}",
                initial=_typed(given, f"member-{k}"),
                kind=kind,
                needed=k < fewest,
            )
            for k in range(min(_places(given, fewest), self.most))
        ]
        self.session = SessionForm(
            read, prefix="session", initial=_typed(given, "session"), today=today, zone=zone, optional=True
        )
        self.refusals: list[tuple[str, str]] = []

    def is_valid(self) -> bool:
        # Every form is read, so that all errors are listed at once.
        valid = [form.is_valid() for form in (*self.members, self.session)]
        return all(valid)

    @property
    def may_grow(self) -> bool:
        return len(self.members) < self.most

    def ask_whether_known(self, viewer: Viewer) -> None:
        """Refuse while it is not said of somebody whether they are who the viewer knows by that name."""
        self.refusals += whether_known([form for form in self.members if form.is_somebody], viewer)

    def given(self) -> list[NewMember]:
        return [form.member() for form in self.members if form.is_somebody]

    def refuse(self, error: ValidationError) -> None:
        """Keep what a service refused, with its reason."""
        self.refusals += [("", message) for message in error.messages]

    def errors(self) -> list[tuple[str, str]]:
        """Every error with the id of the field it belongs to ("" for the whole form)."""
        found = [*self.refusals]
        for form in (*self.members, self.session):
            found += errors_of(form)
        return found


def _typed(data: Mapping[str, str], prefix: str) -> dict[str, str]:
    start = f"{prefix}-"
    return {key.removeprefix(start): value for key, value in data.items() if key.startswith(start)}


def _places(data: Mapping[str, str], fewest: int) -> int:
    """For how many people there is a place: as shown before, one more when asked for, none left out who is named."""
    named = [k for k in range(MOST_MEMBERS) if data.get(f"member-{k}-called", "").strip()]
    shown = data.get("places", "")
    asked = (int(shown) if shown in PLACES else fewest) + (GROW in data)
    return max(fewest, asked, *(k + 1 for k in named))
