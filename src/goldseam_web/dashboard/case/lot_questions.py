"""The question by lot about a session in which nothing was found: on the page of the case, and what is said to it."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from goldseam_web.alerts.lot_queries import CORRECTED_WITHIN, WAITS, question_of, questions_in_case
from goldseam_web.alerts.lot_tables import LotAnswer, SessionLot
from goldseam_web.alerts.services.session_lots import answer_lot
from goldseam_web.dashboard.case.page import LotQuestion
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import lot_words as say
from goldseam_web.dashboard.language.phrases import first_capital, session
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit, staff_page


def lot_questions(
    visit: StaffVisit, rows: CaseRows, *, kept_back: uuid.UUID | None
) -> tuple[LotQuestion, ...]:
    """Not about a session whose answers are ``kept_back``: that nothing was found would tell of them."""
    asked = questions_in_case(visit.viewer, rows.record.case.pk, at=visit.at)
    return tuple(_question(visit, rows, lot) for lot in asked if lot.encounter_id != kept_back)


def _question(visit: StaffVisit, rows: CaseRows, lot: SessionLot) -> LotQuestion:
    about = first_capital(session(rows.record.session(lot.encounter_id)))
    until = (
        lot.cast_at + WAITS if lot.answered_at is None else lot.answered_at + CORRECTED_WITHIN
    ).astimezone(visit.zone)
    sentence = say.ASKED_UNTIL if lot.answered_at is None else say.MAY_BE_CHANGED
    return LotQuestion(
        key=f"lot-{lot.pk}",
        about=about,
        text=say.PICKED_BY_LOT.format(session=about),
        until=sentence.format(day=long_day(until.date(), today=visit.viewer.today)),
        url=reverse("dashboard:answer_lot", args=[lot.pk]),
        choices=tuple((word, text, lot.answer == word) for word, text in say.CHOICES),
    )


@require_POST
@staff_page
def say_of_lot(request: HttpRequest, visit: StaffVisit, lot_id: uuid.UUID) -> HttpResponse:
    """One tap; to everybody but whoever is asked, the question is not there."""
    lot = question_of(visit.viewer, lot_id)
    if lot is None:
        raise Http404
    answer = request.POST.get("answer", "")
    if answer in LotAnswer.values:
        try:
            answer_lot(viewer=visit.viewer, lot=lot, answer=LotAnswer(answer), at=visit.at)
        except ValidationError:
            messages.error(request, say.OVER)
        else:
            messages.success(request, say.KEPT)
    return redirect("dashboard:case", lot.case_id)
