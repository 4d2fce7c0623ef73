"""Who treats a case: handed over, or with somebody beside for a while."""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from goldseam_web.accounts.models import Role, Staff
from goldseam_web.accounts.queries import staff_as, staff_behind
from goldseam_web.cases.models import Case, TherapistPart
from goldseam_web.cases.queries import case_title
from goldseam_web.cases.services.treating import add_therapist, end_therapist
from goldseam_web.dashboard.forms import Styled
from goldseam_web.dashboard.language import members_and_ending as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.own_pages import own_case_page
from goldseam_web.dashboard.participation.page import TherapistCard, TherapistsPage
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.services.handovers import hand_over_case


class BesideForm(Styled):
    """Somebody who treats the case too: from when to when, and as what."""

    therapist = forms.ChoiceField(label=say.WHO_ELSE)
    part = forms.ChoiceField(
        label=say.AS_WHAT,
        choices=((TherapistPart.COVER, say.AS_COVER), (TherapistPart.CO_THERAPIST, say.AS_CO_THERAPIST)),
    )
    first = forms.DateField(label=say.FIRST_DAY, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=say.LAST_DAY, required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, colleagues: list[Staff], today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["therapist"].choices = [(str(c.pk), c.full_name) for c in colleagues]  # type: ignore[attr-defined]
        self.fields["first"].initial = today


@own_case_page
def who_treats(request: HttpRequest, visit: StaffVisit, case: Case) -> HttpResponse:
    """Everybody who treats the case or will; a form for somebody beside, one to hand it over."""
    others = _colleagues(visit)
    form = BesideForm(
        request.POST if request.POST.get("act") == "add" else None,
        colleagues=others,
        today=visit.viewer.today,
    )
    errors: list[str] = []
    if request.method == "POST":
        try:
            _act(request, visit, case, form)
        except ValidationError as refused:
            errors = list(refused.messages)
        else:
            messages.success(request, say.THERAPISTS_KEPT)
            if request.POST.get("act") == "hand_over":
                return redirect("dashboard:caseload")
            return redirect("dashboard:therapists", case.pk)
    context = {"visit": visit, "page": _page(visit, case, others), "form": form, "refusals": errors}
    return render(request, "dashboard/therapists.html", context, status=400 if errors else 200)


def _act(request: HttpRequest, visit: StaffVisit, case: Case, form: BesideForm) -> None:
    act, at, actor = request.POST.get("act"), visit.at, visit.viewer.actor
    if act == "hand_over":
        taker = _chosen(visit, request.POST.get("therapist", ""))
        hand_over_case(case=case, giver=staff_behind(visit.viewer), taker=taker, at=at, actor=actor)
    elif act == "end":
        links = case.therapists.all()
        link = next((one for one in links if str(one.pk) == request.POST.get("link")), None)
        if link is None:
            raise ValidationError(say.THERAPIST_NEEDED)
        end_therapist(case=case, link=link, at=at, actor=actor)
    elif not form.is_valid():
        raise ValidationError(say.THERAPIST_AND_DAYS_NEEDED)
    else:
        given = form.cleaned_data
        add_therapist(
            case=case,
            therapist=_chosen(visit, given["therapist"]),
            part=TherapistPart(given["part"]),
            first=given["first"],
            last=given["last"],
            at=at,
            actor=actor,
        )


def _chosen(visit: StaffVisit, key: str) -> Staff:
    chosen = next((one for one in _colleagues(visit) if str(one.pk) == key), None)
    if chosen is None:
        raise ValidationError(say.THERAPIST_NEEDED)
    return chosen


def _colleagues(visit: StaffVisit) -> list[Staff]:
    viewer = visit.viewer
    working = staff_as(Role.THERAPIST, viewer.today).filter(clinic_id=viewer.clinic_id)
    return list(working.exclude(pk=viewer.staff_id).order_by("full_name"))


def _page(visit: StaffVisit, case: Case, others: list[Staff]) -> TherapistsPage:
    today = visit.viewer.today
    links = case.therapists.select_related("therapist").order_by("starts_on", "pk")
    return TherapistsPage(
        case_title=case_title(case),
        case_id=case.pk,
        therapists=tuple(
            TherapistCard(
                key=str(link.pk),
                name=link.therapist.full_name,
                part=say.PARTS[TherapistPart(link.part)].format(
                    first=long_day(link.starts_on, today=today),
                    last=long_day(link.ends_on, today=today) if link.ends_on else "",
                )
                if link.ends_on
                else say.PARTS_OPEN[TherapistPart(link.part)].format(
                    first=long_day(link.starts_on, today=today)
                ),
                can_end=link.part != TherapistPart.MAIN and (link.ends_on is None or link.ends_on > today),
            )
            for link in links
            if link.ends_on is None or link.ends_on >= today
        ),
        colleagues=tuple((str(one.pk), one.full_name) for one in others),
    )
