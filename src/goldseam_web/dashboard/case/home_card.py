"""What each member said about settling things at home as in the meetings: a small series of its own."""

import uuid
from collections.abc import Iterable

from goldseam_web.cases.models import CaseKind, Encounter, Member
from goldseam_web.dashboard.case.page import HomeAnswers, HomeCard
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.drawing import mark
from goldseam_web.dashboard.language import home_words as say
from goldseam_web.dashboard.language.phrases import first_capital, session
from goldseam_web.dashboard.language.times import day
from goldseam_web.dashboard.staff_visit import StaffVisit


def home_card(visit: StaffVisit, rows: CaseRows, *, kept_back: uuid.UUID | None) -> HomeCard | None:
    """None where nobody said anything.

    ``kept_back``: the session whose answers are not shown before the therapist's own guess.
    """
    held = [session for session in rows.record.held if session.id != kept_back]
    found = (_answers(visit, rows, held, member) for member in rows.record.members)
    members = tuple(one for one in found if one is not None)
    if not members:
        return None
    alone = rows.record.case.kind == CaseKind.INDIVIDUAL
    return HomeCard(say.TITLE_ALONE if alone else say.TITLE, say.NOTE, members)


def _answers(
    visit: StaffVisit, rows: CaseRows, held: Iterable[Encounter], member: Member
) -> HomeAnswers | None:
    record = rows.record
    said = [(meeting, answer) for meeting in held if (answer := _said(rows, meeting, member))]
    if not said:
        return None
    alone = record.case.kind == CaseKind.INDIVIDUAL
    last, answer = said[-1]
    sentence = (say.LAST_ALONE if alone else say.LAST)[answer]
    return HomeAnswers(
        mark=mark(member.position, 6, 6, 4.5),
        sentence=sentence.format(session=session(record.session(last.id)), name=record.name(member.id)),
        answers=tuple(
            (
                say.WHEN.format(
                    session=first_capital(session(record.session(meeting.id))),
                    day=day(meeting.local_date, today=visit.viewer.today),
                ),
                say.ANSWERS[answer],
            )
            for meeting, answer in said
        ),
    )


def _said(rows: CaseRows, meeting: Encounter, member: Member) -> str:
    found = (getattr(one, "home", "") for one in rows.of_member(meeting.id, member.id))
    return next((said for said in found if said), "")
