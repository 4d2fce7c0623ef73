"""One member: how they are called, where they are reached, and by which ways they said they may be."""

from datetime import time
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.accounts.models import SecondLine
from goldseam_web.cases.models import Case, ContactKind, Idea, Member, SentBy, WayAsked
from goldseam_web.cases.queries import case_title, display_name
from goldseam_web.cases.safe_ways import contact_of, is_shared, ways_of
from goldseam_web.cases.same_names import LONGEST_NUMBER
from goldseam_web.cases.services.person_details import GivenWays, correct_person, set_safe_ways
from goldseam_web.dashboard.forms import Styled, errors_of
from goldseam_web.dashboard.language import attendance_words
from goldseam_web.dashboard.language import form_texts as label
from goldseam_web.dashboard.language import reaching_people as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.member_forms import IDEAS
from goldseam_web.dashboard.participation.consent_card import consent_card
from goldseam_web.dashboard.participation.own_pages import own_member_page, record_view
from goldseam_web.dashboard.participation.page import PersonPage
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.who_is_asked import change_and_ask


class PersonForm(Styled):
    """Name and contacts of one member."""

    called = forms.CharField(
        label=label.FIRST_NAME, max_length=60, error_messages={"required": label.FIRST_NAME_REQUIRED}
    )
    family_name = forms.CharField(label=label.FAMILY_NAME, max_length=60, required=False)
    email = forms.EmailField(
        label=label.EMAIL, required=False, error_messages={"invalid": label.EMAIL_INVALID}
    )
    phone = forms.CharField(label=label.PHONE, max_length=40, required=False)
    second_line = forms.CharField(max_length=LONGEST_NUMBER, required=False)

    def __init__(self, *args: Any, told_apart_by: SecondLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if told_apart_by in label.SECOND_LINES:
            self.fields["second_line"].label = label.SECOND_LINES[told_apart_by]
        else:  # the day on which a case began is known
            del self.fields["second_line"]


class WaysForm(forms.Form):
    """What somebody said of how they may be reached. Who wants nothing at all is taken at that word."""

    never = forms.BooleanField(label=say.NEVER, required=False)
    by_mail = forms.BooleanField(required=False)
    by_phone = forms.BooleanField(required=False)
    voicemail = forms.BooleanField(label=say.VOICEMAIL, required=False)
    reminders = forms.BooleanField(label=say.REMINDERS, required=False)
    not_before = forms.TimeField(
        label=say.NOT_BEFORE,
        widget=forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M"),
        error_messages={"required": say.HOURS_NEEDED, "invalid": say.HOURS_NEEDED},
    )
    not_after = forms.TimeField(
        label=say.NOT_AFTER,
        widget=forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M"),
        error_messages={"required": say.HOURS_NEEDED, "invalid": say.HOURS_NEEDED},
    )
    how_asked = forms.ChoiceField(
        choices=WayAsked.choices,
        error_messages={"required": say.HOW_NEEDED, "invalid_choice": say.HOW_NEEDED},
    )

    def ways(self) -> GivenWays:
        return GivenWays(**{key: value for key, value in self.cleaned_data.items() if key != "how_asked"})


@own_member_page
def person(request: HttpRequest, visit: StaffVisit, case: Case, member: Member) -> HttpResponse:
    """Correct a name or a contact, and keep by which ways somebody may be reached."""
    if not hasattr(member.person, "identity"):  # erased: nothing is left to correct
        raise Http404
    of_ways = "how_asked" in request.POST or "not_before" in request.POST
    details = PersonForm(
        None if of_ways else request.POST or None,
        initial=_known(member),
        told_apart_by=SecondLine(member.clinic.second_line),
    )
    ways = WaysForm(request.POST if of_ways else None, initial=_said(member))
    bound = ways if of_ways else details
    errors = errors_of(bound) if bound.is_bound else []
    if bound.is_bound and not errors:
        try:
            _save(visit, member, bound)
        except ValidationError as refused:
            errors = [("", message) for message in refused.messages]
        else:
            messages.success(
                request, say.KEPT.format(name=bound.cleaned_data.get("called") or display_name(member))
            )
            return redirect("dashboard:person", case.pk, member.position)
    record_view(visit, member)
    context = {
        "visit": visit,
        "page": _page(visit, case, member),
        "form": details,
        "ways": ways,
        "hows": WayAsked.choices,
        "errors": errors,
    }
    return render(request, "dashboard/person.html", context, status=400 if errors else 200)


def _save(visit: StaffVisit, member: Member, form: forms.Form) -> None:
    if isinstance(form, WaysForm):
        how_asked = WayAsked(form.cleaned_data["how_asked"])
        set_safe_ways(
            member=member, ways=form.ways(), how_asked=how_asked, at=visit.at, actor=visit.viewer.actor
        )
    else:
        corrects = partial(
            correct_person, member=member, **form.cleaned_data, at=visit.at, actor=visit.viewer.actor
        )
        change_and_ask(member=member, change=corrects, at=visit.at)


def _known(member: Member) -> dict[str, str]:
    identity = member.person.identity
    contacts = {kind: contact_of(member.person, kind) for kind in ContactKind}
    return {
        "called": identity.display_name,
        "family_name": identity.family_name,
        "second_line": identity.told_apart_by.get(member.clinic.second_line, ""),
        **{str(kind): contact.value if contact else "" for kind, contact in contacts.items()},
    }


def _said(member: Member) -> dict[str, object]:
    """What stands, or what is usual; nothing is ticked for somebody who was not asked."""
    ways = ways_of(member.person)
    if ways is None:
        return {"reminders": True, "not_before": time(8), "not_after": time(20)}
    return {name: getattr(ways, name) for name in WaysForm.base_fields if name != "how_asked"}


def _page(visit: StaffVisit, case: Case, member: Member) -> PersonPage:
    ways = ways_of(member.person)
    known = _known(member)
    return PersonPage(
        case_title=case_title(case),
        case_id=case.pk,
        name=display_name(member),
        position=member.position,
        asked=say.ASKED.format(
            day=long_day(ways.asked_on, today=visit.viewer.today), how=WayAsked(ways.how_asked).label
        )
        if ways
        else say.NOT_ASKED,
        email=known["email"],
        phone=known["phone"],
        shared=bool(known["email"]) and is_shared(member.person, known["email"]),
        consent=consent_card(member, today=visit.viewer.today),
        idea=_idea_in_words(member),
        chosen_idea=":".join(filter(None, (member.idea, member.sent_by))),
        ideas=IDEAS,
    )


def _idea_in_words(member: Member) -> str:
    said = [attendance_words.IDEAS[Idea(member.idea)]]
    if member.sent_by:
        said.append(attendance_words.SENT_BY[SentBy(member.sent_by)])
    return " ".join(said)
