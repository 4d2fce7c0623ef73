"""The words of mails to clients: shipped ones, or the clinic's own, which may not tell what they are about."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam_web.accounts.models import Role
from goldseam_web.measures.mail_state import ASKED, LOOK_BACK, OUTREACH, REMINDER
from goldseam_web.measures.mail_texts import SHIPPED, MailWords, set_mail_words, words_in_force
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page

TITLES = {
    ASKED: "The mail that asks",
    REMINDER: "The one reminder",
    OUTREACH: "The one message to somebody without a next appointment",
    LOOK_BACK: "The one link at the end, to look back by",
}
# The language of what is written here; others are rows of their own.
LANGUAGE = "en"


class WordsForm(PlainForm):
    """Subject and opening of one kind of mail."""

    subject = forms.CharField(label="Subject", required=False)
    opening = forms.CharField(
        label="Between the greeting and the link",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def mail_words(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """A form for each kind of mail. What is fixed stands below it: the link, its time, the clinic's name."""
    purpose = request.POST.get("purpose", "")
    bound = WordsForm(request.POST, prefix=purpose) if purpose else None
    if request.method == "POST":
        if bound is None or purpose not in SHIPPED:
            raise Http404
        if bound.is_valid() and _kept(request, visit, purpose, bound):
            return redirect("office:mail_words")
    words = words_in_force(visit.clinic, language=LANGUAGE)
    rows = [
        (
            key,
            title,
            bound if bound is not None and key == purpose else _unbound(key, words[key]),
            words[key] != SHIPPED[key],
        )
        for key, title in TITLES.items()
    ]
    status = 400 if bound is not None and bound.errors else 200
    return render(request, "office/mail_words.html", {"visit": visit, "rows": rows}, status=status)


def _unbound(purpose: str, words: MailWords) -> WordsForm:
    return WordsForm(prefix=purpose, initial={"subject": words.subject, "opening": words.opening})


def _kept(request: HttpRequest, visit: OfficeVisit, purpose: str, form: WordsForm) -> bool:
    """Whether it was; what is not allowed the form then says."""
    shipped = request.POST.get("act") == "shipped"
    given = None if shipped else MailWords(form.cleaned_data["subject"], form.cleaned_data["opening"])
    try:
        set_mail_words(
            clinic=visit.clinic,
            purpose=purpose,
            language=LANGUAGE,
            words=given,
            at=visit.at,
            actor=visit.viewer.actor,
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    messages.success(request, "Kept. It holds for what is sent from now on.")
    return True
