"""What nobody has done with in a case, to be seen before it is closed and afterwards."""

from django.db.models import QuerySet
from django.urls import reverse

from goldseam_web.alerts.models import AlertSignal
from goldseam_web.alerts.read_first import readable_signals
from goldseam_web.alerts.services.absences import open_findings
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import display_name, members_of
from goldseam_web.dashboard.language import no_next_page as say
from goldseam_web.dashboard.language.members_and_ending import STILL_OPEN
from goldseam_web.dashboard.language.status_labels import label_of
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.participation.page import OpenLine
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.mail_state import mails_of_outreaches
from goldseam_web.measures.outreach_links import outreaches_in
from goldseam_web.measures.outreach_tables import Outreach, OutreachAnswer, OutreachReason
from goldseam_web.outbox.models import Message, MessageState


def still_open(visit: StaffVisit, case: Case) -> tuple[OpenLine, ...]:
    """Findings and plans, and what clients said of going on."""
    today, members = visit.viewer.today, {member.pk: member for member in members_of(case)}
    findings = [
        OpenLine(
            STILL_OPEN.format(
                name=display_name(members[signal.member_id]),
                what=label_of(signal.kind, confirmed=False, session=None).text,
                day=long_day(signal.raised_at.astimezone(visit.zone).date(), today=today),
            ),
            reverse("dashboard:signal", args=[signal.pk]),
        )
        for signal in (_open(visit, case) if visit.judging else ())
    ]
    url = reverse("dashboard:no_next", args=[case.pk])
    written = list(outreaches_in(visit.viewer, case))
    mails = mails_of_outreaches([one.pk for one in written])
    said = [
        OpenLine(outreach_in_words(visit, one, members[one.member_id], mails.get(one.pk)), url)
        for one in written
    ]
    return (*findings, *said)


def _open(visit: StaffVisit, case: Case) -> "QuerySet[AlertSignal]":
    return open_findings([case]).filter(readable_signals(visit.viewer))


def outreach_in_words(visit: StaffVisit, outreach: Outreach, member: Member, mail: Message | None) -> str:
    """ "Lea would like to come again (said on 3 May)." and the reason, unless it is kept from the therapist."""
    if not outreach.answer or outreach.answered_at is None:
        if mail is not None and mail.state != MessageState.SENT:
            return say.NOT_SENT[MessageState(mail.state)].format(name=display_name(member))
        sent_at = mail.sent_at if mail and mail.sent_at else outreach.asked_at
        day = long_day(sent_at.astimezone(visit.zone).date(), today=visit.viewer.today)
        return say.NO_ANSWER.format(name=display_name(member), day=day)
    day = long_day(outreach.answered_at.astimezone(visit.zone).date(), today=visit.viewer.today)
    said = say.ANSWERS[OutreachAnswer(outreach.answer)].format(name=display_name(member), day=day)
    if not outreach.reason or outreach.reason_is_kept:
        return said
    return f"{said} {say.REASON.format(reason=OutreachReason(outreach.reason).label)}"
