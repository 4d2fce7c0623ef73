"""The whole clinic, up to this moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from goldseam_web.accounts.services import set_last_alone
from goldseam_web.audit.services import Actor
from goldseam_web.demo.queries import open_links
from goldseam_web.demo.seed.case_builder import CaseBuilder
from goldseam_web.demo.seed.case_plans import CasePlan
from goldseam_web.demo.seed.clinic_staff import open_larkfield
from goldseam_web.demo.seed.event_queue import EventQueue
from goldseam_web.demo.seed.last_acts import (
    ask_by_lot,
    ask_for_a_look,
    come_to_an_end,
    let_a_parent_answer,
    note_what_happened,
    say_who_sent,
    send_away,
    stay_away,
)
from goldseam_web.demo.seed.people import (
    AWAY,
    CASE_PLANS,
    FAMILY_OF_FOUR,
    INES,
    LOW_FROM_THE_START,
    REPAIRED_CASE,
    STAYS_AWAY,
)
from goldseam_web.demo.seed.sessions_to_evaluate import sessions_to_evaluate
from goldseam_web.demo.tour import Link, Tour
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.services import close_unanswered, close_waiting_jobs

# Longer ago than the first session of the longest plan.
OPEN_SINCE = timedelta(days=200)
# By family name, what was done in a case today.
LAST_ACTS = {
    STAYS_AWAY: (stay_away,),
    REPAIRED_CASE.members[0].family_name: (come_to_an_end,),
    LOW_FROM_THE_START.members[0].family_name: (say_who_sent,),
    FAMILY_OF_FOUR.members[0].family_name: (note_what_happened, let_a_parent_answer),
}


@one_transaction
def seed(*, at: datetime, seed: int = 1, plans: Sequence[CasePlan] = CASE_PLANS) -> Tour:
    """Fill an empty database with Larkfield as it is at ``at``.

    Answers come from the simulator and go the way of every answer: stored, scored and judged at their own time, one
    after the other over the whole clinic, but without messages. The same seed gives the same answers.
    """
    larkfield = open_larkfield(at=at - OPEN_SINCE)
    queue = EventQueue()
    builders = [
        CaseBuilder(plan, larkfield.staff[plan.therapist], at, seed, queue, larkfield.staff.get(plan.beside))
        for plan in plans
    ]
    _choose_sessions(builders)
    for builder in builders:
        builder.schedule()
    queue.run_until(at)
    close_unanswered(at=at)
    send_away(larkfield.staff[AWAY], at)
    ask_for_a_look(larkfield.staff[INES], at)
    for builder in builders:
        for act in LAST_ACTS.get(builder.plan.members[0].family_name, ()):
            act(builder, at)
    close_waiting_jobs()
    ask_by_lot(larkfield.clinic, [one for name, one in larkfield.staff.items() if name != INES], at)
    for staff in larkfield.staff.values():
        set_last_alone(staff=staff, last=at, at=at, actor=Actor.staff(staff.id))
    links = open_links(at=at)
    return Tour(
        made_at=at,
        sign_ins=larkfield.sign_ins,
        links=tuple(
            Link(f"{link.who}, who sees {link.therapist}", link.path)
            for link in links
            if link.encounter_id == links[0].encounter_id
        ),
    )


def _choose_sessions(builders: Sequence[CaseBuilder]) -> None:
    """Judging takes most of the time, so it is done where it will find something, with the same result."""
    forms = {
        (builder.plan.key, place): given for builder in builders for place, given in builder.forms.items()
    }
    away = {
        (builder.plan.key, place): member.course.away
        for builder in builders
        for place, member in enumerate(builder.plan.members)
    }
    judged = sessions_to_evaluate(forms, away)
    for builder in builders:
        builder.evaluated = {place: judged[(builder.plan.key, place)] for place in builder.forms}
