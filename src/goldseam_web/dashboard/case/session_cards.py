"""The next session of a case and the last one, as cards."""

from django.urls import reverse

from goldseam_web.cases.models import Encounter, EncounterState
from goldseam_web.dashboard.case.page import (
    SessionCard,
)
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language.sentences import NBSP, session
from goldseam_web.dashboard.language.times import (
    coming,
    counted,
    first_capital,
    in_words,
    moment,
    past,
)
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
    return SessionCard(
        title=f"Session{NBSP}{rows.record.sessions + 1}",
        when=coming(encounter.starts_at, now=visit.at, zone=visit.zone),
        url=reverse("dashboard:encounter", args=[encounter.id]),
        facts=(("Check-ins", _asked_in_words(asked)), ("With", encounter.therapist.full_name)),
        action="The session is over" if running else "Open the session",
        icon="check" if running else "calendar",
    )


def _asked_in_words(asked: list[Occasion]) -> str:
    people = len({o.respondent_id for o in asked})
    if not people:
        return "nobody is asked"
    phases = {o.phase for o in asked}
    when = "before and after" if len(phases) == 2 else "after" if "post" in phases else "before"
    return f"{counted(people, 'person', 'people')}, {when} it"


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
    facts = [("Answered", f"{in_words(answered, none='nobody')} of {in_words(len(about))}")] if about else []
    if open_now:
        facts.append(
            (
                "Links open",
                f"until {moment(open_now[0].closes_at, now=visit.at, zone=visit.zone)}".replace("on ", ""),
            )
        )
    return SessionCard(
        title=first_capital(session(rows.record.session(encounter.id))),
        when=past(encounter.ends_at, now=visit.at, zone=visit.zone),
        url=reverse("dashboard:encounter", args=[encounter.id]),
        facts=tuple(facts),
        action="Links and attendance",
        icon="qr",
    )
