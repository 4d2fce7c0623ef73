"""The next session of a case and the last one, as cards."""

from django.urls import reverse

from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.cases.queries import held_by
from goldseam_web.dashboard.case.page import (
    SessionCard,
)
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import case_page as say
from goldseam_web.dashboard.language.phrases import counted, first_capital, in_words, names_in_words, session
from goldseam_web.dashboard.language.times import coming, moment_by_itself, past
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Occasion, OccasionState


def session_cards(visit: StaffVisit, rows: CaseRows) -> tuple[SessionCard, ...]:
    """The next session, and the last one."""
    record = rows.record
    planned = next((e for e in record.encounters if e.state == EncounterState.PLANNED), None)
    cards = [_planned(visit, rows, planned)] if planned else []
    return (*cards, *([_held(visit, rows, record.held[-1])] if record.held else []))


def _planned(visit: StaffVisit, rows: CaseRows, encounter: Encounter) -> SessionCard:
    asked = [o for o in rows.occasions if o.encounter_id == encounter.id and o.respondent_id is not None]
    running = encounter.starts_at <= visit.at
    held = names_in_words([one.full_name for one in held_by(encounter)])
    return SessionCard(
        title=first_capital(session(rows.record.sessions + 1)),
        when=coming(encounter.starts_at, now=visit.at, zone=visit.zone),
        url=reverse("dashboard:encounter", args=[encounter.id]),
        facts=(
            (say.CHECK_INS, _asked_in_words(asked)),
            (say.WITH, held),
        ),
        action=say.SESSION_IS_OVER if running else say.OPEN_THE_SESSION,
        icon="check" if running else "calendar",
    )


def _asked_in_words(asked: list[Occasion]) -> str:
    people = len({o.respondent_id for o in asked})
    if not people:
        return say.NOBODY_ASKED
    phases = {o.phase for o in asked}
    if len(phases) == 2:
        return counted(people, *say.ASKED_BEFORE_AND_AFTER)
    return counted(people, *(say.ASKED_AFTER if "post" in phases else say.ASKED_BEFORE))


def _held(visit: StaffVisit, rows: CaseRows, encounter: Encounter) -> SessionCard:
    about = [
        o
        for o in rows.occasions
        if o.encounter_id == encounter.id and o.respondent_id is not None and o.phase == rows.phase
    ]
    open_now = [
        o for o in about if o.state == OccasionState.WAITING and o.opens_at <= visit.at <= o.closes_at
    ]
    answered = sum(o.state in (OccasionState.ANSWERED, OccasionState.PARTLY_ANSWERED) for o in about)
    facts = [(say.ANSWERED, _answered_in_words(answered, len(about)))] if about else []
    if open_now:
        closes = moment_by_itself(open_now[0].closes_at, now=visit.at, zone=visit.zone)
        facts.append((say.LINKS_OPEN, say.OPEN_UNTIL.format(when=closes)))
    return SessionCard(
        title=first_capital(session(rows.record.session(encounter.id))),
        when=past(encounter.ends_at, now=visit.at, zone=visit.zone),
        url=reverse("dashboard:encounter", args=[encounter.id]),
        facts=tuple(facts),
        action=say.LINKS_AND_ATTENDANCE,
        icon="qr",
    )


def _answered_in_words(answered: int, asked: int) -> str:
    return say.ANSWERED_OF.format(answered=in_words(answered, none=say.NOBODY), asked=in_words(asked))
