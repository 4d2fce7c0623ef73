"""What people at Larkfield did today: somebody is away, somebody asks for a look, somebody may not come again."""

import uuid
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from goldseam_web.accounts.lot_share import LOT_PERCENTS, set_lot_share
from goldseam_web.accounts.models import Clinic, FormsMeanwhile, Staff
from goldseam_web.accounts.queries import local_day, viewer_of
from goldseam_web.alerts.lot_queries import questions_waiting
from goldseam_web.alerts.lot_tables import LotAnswer
from goldseam_web.alerts.services.absences import go_away
from goldseam_web.alerts.services.help_requests import ask_for_help
from goldseam_web.alerts.services.look_back_offers import offer_look_back
from goldseam_web.alerts.services.session_lots import answer_lot, cast_lots
from goldseam_web.audit.services import SYSTEM, Actor
from goldseam_web.cases.models import Idea, NotHeld, SentBy, WayAsked
from goldseam_web.cases.services.endings import set_last_phase
from goldseam_web.cases.services.event_notes import write_event
from goldseam_web.cases.services.membership import set_idea
from goldseam_web.cases.services.person_details import GivenWays, set_safe_ways
from goldseam_web.cases.services.repeated_appointments import Reach
from goldseam_web.demo.queries import planned_finding
from goldseam_web.demo.seed.case_builder import CaseBuilder
from goldseam_web.measures.services.outreach import write_once
from goldseam_web.measures.services.planned_sessions import cancel_sessions
from goldseam_web.measures.services.proxy_forms import let_answer_about

AT_ANY_HOUR = GivenWays(by_mail=True, not_before=time.min, not_after=time.max)


def send_away(staff: Staff, at: datetime) -> None:
    """Until the day after tomorrow; the messages that makes are part of what the demo shows."""
    staff.refresh_from_db()
    today = local_day(staff.clinic, at)
    go_away(
        staff=staff,
        first=today,
        last=today + timedelta(days=2),
        cover=staff.cover,
        forms=FormsMeanwhile.READER,
        at=at,
        actor=Actor.staff(staff.id),
    )


def ask_for_a_look(staff: Staff, at: datetime) -> None:
    """One of the plans she would like whoever supervises to look at, too."""
    viewer, signal = viewer_of(staff.user, at=at), planned_finding(staff)
    if viewer is not None and signal is not None:
        ask_for_help(viewer=viewer, signal=signal, at=at)


def ask_by_lot(clinic: Clinic, answering: Iterable[Staff], at: datetime) -> None:
    """Of as many sessions as may be, for the lot is a real one and the clinic small; some answer at once."""
    set_lot_share(clinic=clinic, percent=LOT_PERCENTS[-1], at=at, actor=SYSTEM)
    cast_lots(at=at)
    for staff in answering:
        viewer = viewer_of(staff.user, at=at)
        if viewer is None:
            continue
        for lot in questions_waiting(viewer, at=at):
            answer_lot(viewer=viewer, lot=lot, answer=LotAnswer.NO, at=at)


def stay_away(builder: CaseBuilder, at: datetime) -> None:
    """The client has called off what lay ahead; the clinic has written once."""
    [member] = builder.members
    ahead = builder.encounters[max(builder.encounters)]
    cancel_sessions(encounter=ahead, reach=Reach.ONE, because=NotHeld.BY_CLIENT, at=at, actor=builder.actor)
    set_safe_ways(member=member, ways=AT_ANY_HOUR, how_asked=WayAsked.ALONE, at=at, actor=builder.actor)
    write_once(member=member, staff=builder.therapist, is_ready=True, at=at, actor=builder.actor)


def come_to_an_end(builder: CaseBuilder, at: datetime) -> None:
    """The end has been talked about since last week: the client is offered the link to look back by."""
    [member] = builder.members
    since = local_day(builder.therapist.clinic, at) - timedelta(days=7)
    set_last_phase(case=builder.case, since=since, at=at, actor=builder.actor)
    set_safe_ways(member=member, ways=AT_ANY_HOUR, how_asked=WayAsked.ALONE, at=at, actor=builder.actor)
    offer_look_back(member_id=member.pk, at=at)


def say_who_sent(builder: CaseBuilder, at: datetime) -> None:
    """Somebody whom an employer asked to come; it stands on the first page of every form of theirs."""
    [member] = builder.members
    set_idea(member=member, idea=Idea.SOMEONE_ELSE, sent_by=SentBy.WORK, at=at, actor=builder.actor)


def note_what_happened(builder: CaseBuilder, at: datetime) -> None:
    """A line that everybody who treats the family reads, and one that its author keeps to herself."""
    viewer = viewer_of(builder.therapist.user, at=at)
    if viewer is None:
        return
    today = local_day(builder.therapist.clinic, at)
    for days, text, shared in ((25, "Moved house", True), (11, "Exam at school", False)):
        write_event(
            viewer=viewer,
            case=builder.case,
            day=today - timedelta(days=days),
            text=text,
            shared=shared,
            at=at,
            key=uuid.uuid5(builder.case.pk, text),
        )


def let_a_parent_answer(builder: CaseBuilder, at: datetime) -> None:
    """A father answers about his daughter before the sessions to come."""
    people = {plan.display_name: m for plan, m in zip(builder.plan.members, builder.members, strict=True)}
    today = local_day(builder.therapist.clinic, at)
    let_answer_about(
        respondent=people["Erik"],
        subject=people["Freja"],
        starts_on=today,
        ends_on=today + timedelta(days=90),
        at=at,
        actor=builder.actor,
    )
