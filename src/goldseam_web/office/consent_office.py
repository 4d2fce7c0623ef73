"""What clients agree to, in the clinic's words, how many did, and how they reach the clinic. No client is named."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.client_contact import ClientContact, set_client_contact
from goldseam_web.accounts.models import Role
from goldseam_web.cases.consent_tables import ConsentAnswer, ConsentText, Purpose
from goldseam_web.cases.consent_wording import LONGEST_LIMITS, LONGEST_WORDING, ConsentWording
from goldseam_web.cases.consents import consent_numbers, consent_texts, text_in_force
from goldseam_web.cases.services import set_consent_text
from goldseam_web.cases.services.guardians_named import OLDEST_AGE, YOUNGEST_AGE
from goldseam_web.measures.services.who_is_asked import change_age_of_consent
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page

KEPT = "Clients see this under Privacy and contact, which every page of theirs leads to."
AS_BEFORE = "Kept as they are: version {number} holds, and nobody is asked again."
IN_FORCE = "Version {number} is in force. Everybody is asked at their next link."
AGE_KEPT = "Kept. Whose year of birth is known has been looked at again."
AREA = {"rows": 5, "maxlength": LONGEST_WORDING}


class WordingForm(PlainForm):
    """The words by purpose; what they have to be like is checked by the service that keeps them."""

    care = forms.CharField(
        label="Being asked",
        help_text="What is asked, where it is kept, what a no means.",
        widget=forms.Textarea(AREA),
    )
    feedback = forms.CharField(
        label="Being read",
        help_text="What the therapist sees. Who else can read it is added by name.",
        widget=forms.Textarea(AREA),
    )
    research = forms.CharField(label="Research", widget=forms.Textarea(AREA))
    limits = forms.CharField(
        label="When it may have to be told further",
        help_text=(
            "In the words that hold where you work, a line for each: where a life is in danger, where a child is at "
            "risk, what a court may ask for, what a parent, whoever pays, and a record see. It stands before every "
            "form and on the leaflet."
        ),
        widget=forms.Textarea({"rows": 8, "maxlength": LONGEST_LIMITS}),
    )


class ContactForm(PlainForm):
    """How clients reach the clinic."""

    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    hours = forms.CharField(
        label="When somebody answers",
        max_length=200,
        required=False,
        help_text="For example: weekdays, 9:00 to 16:00.",
    )
    notice = forms.CharField(
        label="What else people have to be told of their data",
        required=False,
        help_text="For example who is responsible for it, how long records are kept, and where to complain.",
        widget=forms.Textarea(AREA),
    )


class AgeForm(PlainForm):
    """From which age people agree alone."""

    age = forms.IntegerField(
        label="From this age somebody agrees alone",
        min_value=YOUNGEST_AGE,
        max_value=OLDEST_AGE,
        help_text="Goldseam does not know your law: 16 is where it starts, not what holds where you work.",
    )


@dataclass(frozen=True)
class CountedAnswer:
    """How many people stand how to one thing."""

    says: str
    number: int


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def consent_office(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """The words in force and earlier ones, a form for new ones, numbers, and the contact."""
    texts = consent_texts(visit.clinic)
    of_contact, of_age = "hours" in request.POST, "age" in request.POST
    of_words = not (of_contact or of_age)
    wording = WordingForm(request.POST or None if of_words else None, initial=_words(texts[0]))
    contact = ContactForm(request.POST if of_contact else None, initial=_contact(visit))
    age = AgeForm(request.POST if of_age else None, initial={"age": visit.clinic.age_of_consent})
    bound = contact if of_contact else age if of_age else wording
    if request.method == "POST" and bound.is_valid() and _kept(request, visit, bound):
        return redirect("office:consent")
    context = {
        "visit": visit,
        "texts": texts,
        "wording": wording,
        "contact": contact,
        "age": age,
        "numbers": _numbers(consent_numbers(visit.viewer), texts[0]),
    }
    return render(request, "office/consent.html", context, status=400 if bound.errors else 200)


def _words(text: ConsentText) -> dict[str, str]:
    return {name: getattr(text, name) for name in WordingForm.base_fields}


def _without_carriage_returns(given: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends with a line break is no other word."""
    return {name: text.replace("\r\n", "\n") for name, text in given.items()}


def _contact(visit: OfficeVisit) -> dict[str, str]:
    return {name: getattr(visit.clinic, f"contact_{name}") for name in ContactForm.base_fields}


def _kept(request: HttpRequest, visit: OfficeVisit, form: PlainForm) -> bool:
    """Keep what was given; False where it is not allowed, which the form then says."""
    given, clinic, actor = form.cleaned_data, visit.clinic, visit.viewer.actor
    try:
        if isinstance(form, ContactForm):
            set_client_contact(clinic=clinic, contact=ClientContact(**given), at=visit.at, actor=actor)
            messages.success(request, KEPT)
        elif isinstance(form, AgeForm):
            change_age_of_consent(clinic=clinic, **given, at=visit.at, actor=actor)
            messages.success(request, AGE_KEPT)
        else:
            wording = ConsentWording(**_without_carriage_returns(given))
            before = text_in_force(clinic).number
            text = set_consent_text(clinic=clinic, wording=wording, at=visit.at, actor=actor)
            said = IN_FORCE if text.number != before else AS_BEFORE
            messages.success(request, said.format(number=text.number))
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True


def _numbers(
    counted: Counter[tuple[Purpose, str, int | None]], in_force: ConsentText
) -> list[tuple[str, list[CountedAnswer]]]:
    """By purpose, how many agreed to these words, to earlier ones, did not, or have said nothing."""
    found = []
    for purpose, name in ((Purpose.CARE, "The questions"), (Purpose.RESEARCH, "Research")):
        said = {(answer, number): n for (p, answer, number), n in counted.items() if p == purpose}
        given = {number: n for (answer, number), n in said.items() if answer == ConsentAnswer.GIVEN}
        refused = sum(
            n
            for (answer, _), n in said.items()
            if answer in (ConsentAnswer.DECLINED, ConsentAnswer.WITHDRAWN)
        )
        now = given.pop(in_force.number, 0)
        rows = (
            ("agreed to these words", now),
            ("agreed to earlier words, or to none they read", sum(given.values())),
            ("did not agree, or took it back", refused),
            ("have said nothing yet", said.get(("", None), 0)),
        )
        found.append((name, [CountedAnswer(says, n) for says, n in rows]))
    return found
