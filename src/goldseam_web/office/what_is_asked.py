"""What clients are asked, how much that is for whom, and when: looked over, tried as one of them, and changed."""

from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from goldseam import Question
from goldseam_web.accounts.models import Phase, Role
from goldseam_web.cases.queries import number_planned
from goldseam_web.measures.services.schedule import (
    MOST_QUESTIONS,
    WINDOWS,
    AskedOf,
    asked_by_kind,
    in_use,
    set_schedule,
    time_taken,
)
from goldseam_web.office.set_up_form import PlainForm
from goldseam_web.office.views import OfficeVisit, office_page

NAMES = {
    "alone": ("Somebody alone", ""),
    "partner": ("Partner", "in a couple"),
    "parent": ("Parent", "in a family"),
    "child": ("Young person", "in a family, from 11"),
    "other": ("Somebody else", "in a family"),
}
CELL = 31  # width and gap of one question in the drawing


@dataclass(frozen=True)
class Row:
    """One kind of person: a place for each of the twelve questions, before, after or free, with its left edge."""

    asked: AskedOf
    name: str
    where: str
    cells: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Preview:
    """One question as a client's phone shows it, with the way to its neighbours (0: there is none)."""

    number: int
    of: int
    question: Question
    text: str
    earlier: int
    later: int


class ScheduleForm(PlainForm):
    """When the session is asked about, for how long a link works, and what is asked beside it."""

    alliance_phase = forms.ChoiceField(
        label="The session is asked about",
        choices=[(Phase.POST, "After it"), (Phase.PRE, "Before the next one")],
        widget=forms.Select,
    )
    window_hours = forms.TypedChoiceField(
        label="A link works for",
        choices=[(hours, f"{hours} hours" if hours < 168 else "a week") for hours in WINDOWS],
        coerce=int,
    )
    progress = forms.BooleanField(label="Ask before each session how things have been", required=False)
    home = forms.BooleanField(
        label="Ask every fourth week whether something was settled at home as in the meetings", required=False
    )
    on_one_page = forms.BooleanField(
        label="Show all questions on one page, to be sent together; this holds at once", required=False
    )
    tells_when_read = forms.BooleanField(
        label="Tell clients as a form begins that their therapist has looked at the last answers; this holds at once",
        required=False,
    )
    offers_look_back = forms.BooleanField(
        label="Offer clients, at the end, a link to look back by; this holds at once", required=False
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(role=Role.ADMINISTRATOR)
def what_is_asked(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    """All kinds of people with their questions, one question on a phone, and what there is to choose."""
    clinic = visit.clinic
    used = in_use(clinic)
    now = {
        "alliance_phase": clinic.alliance_phase,
        "window_hours": clinic.window_hours,
        "progress": used.progress,
        "home": used.home,
        "on_one_page": clinic.form_on_one_page,
        "tells_when_read": clinic.tells_when_read,
        "offers_look_back": clinic.offers_look_back,
    }
    form = ScheduleForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        phase = Phase(given["alliance_phase"])
        set_schedule(
            clinic=clinic,
            alliance_phase=phase,
            window_hours=given["window_hours"],
            progress=given["progress"],
            home=given["home"],
            on_one_page=given["on_one_page"],
            tells_when_read=given["tells_when_read"],
            offers_look_back=given["offers_look_back"],
            at=visit.at,
            actor=visit.viewer.actor,
        )
        messages.success(request, "Kept, for sessions planned from now on.")
        return redirect("office:what_is_asked")
    rows = [_row(asked) for asked in asked_by_kind(clinic)]
    shown = next((row for row in rows if row.asked.key == request.GET.get("as")), rows[0])
    taken, forms_timed = time_taken(clinic, at=visit.at)
    context = {
        "visit": visit,
        "form": form,
        "rows": rows,
        "asks_home": used.home,
        "most": max(row.asked.count for row in rows),
        "limit": MOST_QUESTIONS,
        "shown": shown,
        "preview": _preview(shown.asked, request.GET.get("question", "")),
        "taken": _in_words(taken) if taken is not None else "",
        "forms_timed": forms_timed,
        "planned": number_planned(visit.viewer),
        "late": clinic.alliance_phase == Phase.POST,
    }
    return render(request, "office/what_is_asked.html", context, status=400 if form.errors else 200)


def _row(asked: AskedOf) -> Row:
    name, where = NAMES[asked.key]
    free = max(MOST_QUESTIONS - asked.count, 0)
    places = ["b"] * len(asked.before) + ["a"] * len(asked.after) + ["free"] * free
    return Row(asked, name, where, tuple((kind, 1 + CELL * k) for k, kind in enumerate(places)))


def _preview(asked: AskedOf, number: str) -> Preview | None:
    """The question of that number, of those after the session if there are any; the first where there is none."""
    questions = asked.after or asked.before
    if not questions:
        return None
    at = int(number) if number.isdecimal() and 1 <= int(number) <= len(questions) else 1
    question = questions[at - 1]
    text = question.text.format(therapist="Ines")
    return Preview(at, len(questions), question, text, at - 1, (at + 1) % (len(questions) + 1))


def _in_words(taken: timedelta) -> str:
    minutes, seconds = divmod(round(taken.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} seconds"
