"""Building the list a supervisor reads, and the page of one therapist, which they and the therapist read alike."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.urls import reverse

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.feedback_use import FeedbackUse, use_in_cases
from goldseam_web.alerts.states import Group, MemberState, State
from goldseam_web.alerts.supervision import (
    ForSupervisor,
    cases_with,
    for_supervisor,
    supervised_and_watched,
)
from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.queries import case_title, cases_with_names, meeting_times_of, supervised_cases
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.status import CaseStatus, status_of
from goldseam_web.dashboard.case.status_sentence import status_sentence
from goldseam_web.dashboard.caseload.latest_records import latest_records
from goldseam_web.dashboard.caseload.page import (
    CaseRow,
    SupervisedPage,
    SuperviseePage,
    TherapistGroup,
    UseRow,
    WaitingLine,
)
from goldseam_web.dashboard.language import supervision_page as say
from goldseam_web.dashboard.language.phrases import counted, first_capital
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit

# Sentences are told as to somebody who is none of those they name: to the therapist as well.
SOMEBODY_BESIDE = uuid.UUID(int=0)
# What ratings or people have brought to an end, though it is told for a while.
OVER = (State.REPAIRED, State.BACK_NOT_SAID, State.BACK_IN_RANGE, State.MENDED_NOT_SAID, State.SET_ASIDE)
OPEN_GROUPS = (Group.WORTH, Group.REPAIR, Group.LOOKED_AT)


def supervised_page(visit: StaffVisit) -> SupervisedPage:
    """What waits, then the open cases of each supervised therapist, by name: to read with them, not to compare them."""
    found = supervised_cases(visit.viewer)
    return SupervisedPage(
        waiting=_waiting(visit, [case for _, cases in found for case in cases]) if visit.judging else (),
        groups=tuple(
            TherapistGroup(
                staff.full_name, reverse("dashboard:supervisee", args=[staff.pk]), _plain_rows(cases)
            )
            for staff, cases in found
        ),
    )


def _waiting(visit: StaffVisit, known: Sequence[Case]) -> tuple[WaitingLine, ...]:
    """What was escalated and what help was asked about, the longest first; the therapist is named because of that."""
    waits = for_supervisor(visit.viewer, supervised_and_watched(visit.viewer))
    there = {case.pk for case in known}
    ended = sorted((waits.escalated.keys() | waits.help_asked.keys()) - there)
    named = [*known, *(cases_with_names(visit.viewer, ended) if ended else [])]
    titles = {case.pk: case_title(case) for case in named}
    asked_about = {one.signal for one in waits.help_asked.values()}
    lines = [
        (one, text, case)
        for text, found in ((say.WAITING_ESCALATED, waits.escalated), (say.WAITING_HELP, waits.help_asked))
        for case, one in found.items()
        if text is say.WAITING_HELP or one.signal not in asked_about
    ]
    return tuple(
        WaitingLine(
            text=text.format(case=titles[case], day=_day(visit, one.since), therapist=one.therapist),
            note=say.WITH.format(therapist=one.therapist),
            url=reverse("dashboard:signal", args=[one.signal]),
        )
        for one, text, case in sorted(lines, key=lambda line: line[0].since)
    )


def _plain_rows(cases: Sequence[Case]) -> tuple[CaseRow, ...]:
    rows = [
        CaseRow(
            key=f"case-{case.id.hex}",
            url=reverse("dashboard:case", args=[case.id]),
            title=case_title(case),
            about=CaseKind(case.kind).label,
            badge=None,
            sentence="",
            spark=None,
            meeting="",
            answered="",
        )
        for case in cases
    ]
    return tuple(sorted(rows, key=lambda row: row.title.casefold()))


def supervisee_page(visit: StaffVisit, therapist: Staff) -> SuperviseePage:
    """The cases of one therapist: what is open, longest first, with what nobody opened, help asked and escalated."""
    cases = cases_with(visit.viewer, therapist)
    if not visit.judging:
        headline = say.RECORDED.format(therapist=therapist.full_name)
        return _with_use(visit, therapist, cases, headline, _plain_rows(cases))
    appointments = meeting_times_of(visit.viewer, cases)
    found = latest_records(visit, cases, appointments, reader=therapist.pk, mine=False)
    waits = for_supervisor(visit.viewer, cases)
    standing = [
        (record, replace(status_of(record, visit, waiting=False), reader=SOMEBODY_BESIDE)) for record in found
    ]
    is_open = [
        (since, record, status)
        for record, status in standing
        if (since := _open_since(status, record, waits)) is not None
    ]
    ordered = sorted(is_open, key=lambda row: (row[0], case_title(row[1].case).casefold()))
    rows = tuple(_open_row(visit, record, status, since, waits) for since, record, status in ordered)
    headline = (
        first_capital(counted(len(rows), *say.HEADLINE, therapist=therapist.full_name))
        if rows
        else say.NOTHING_OPEN.format(therapist=therapist.full_name)
    )
    return _with_use(visit, therapist, cases, headline, rows)


def _open_since(status: CaseStatus, record: CaseRecord, waits: ForSupervisor) -> datetime | None:
    """When the oldest finding of the case was raised that is still open, or help was asked; None where nothing is.

    What a therapist noted by hand has no finding, and is open since then.
    """
    case = record.case.pk
    still_open = [state for state in status.states if _is_open(state)]
    raised = [state.finding.raised_at for state in still_open if state.finding is not None]
    raised += [
        episode.opened_at
        for state in still_open
        if state.finding is None and state.strain is not None and (episode := record.episode(state.strain.id))
    ]
    asked = [waits.help_asked[case].since] if case in waits.help_asked else []
    return min([*raised, *asked], default=None)


def _is_open(state: MemberState) -> bool:
    return state.unopened or (state.group in OPEN_GROUPS and state.state not in OVER)


def _open_row(
    visit: StaffVisit, record: CaseRecord, status: CaseStatus, since: datetime, waits: ForSupervisor
) -> CaseRow:
    case = record.case
    sessions = sum(encounter.ends_at > since for encounter in record.held)
    marks = [
        say.NOT_OPENED if status.is_new else "",
        say.HELP_ASKED.format(day=_day(visit, waits.help_asked[case.pk].since))
        if case.pk in waits.help_asked
        else "",
        say.ESCALATED.format(day=_day(visit, waits.escalated[case.pk].since))
        if case.pk in waits.escalated
        else "",
    ]
    return CaseRow(
        key=f"case-{case.id.hex}",
        url=reverse("dashboard:case", args=[case.id]),
        title=case_title(case),
        about=CaseKind(case.kind).label,
        badge=Badge.of(status.label, is_new=status.is_new),
        sentence=status_sentence(record, status, waiting=0),
        spark=None,
        meeting=say.SINCE.format(day=_day(visit, since)),
        answered=first_capital(counted(sessions, *say.SESSIONS_SINCE)),
        marks=first_capital(" · ".join(filter(None, marks))),
    )


def _day(visit: StaffVisit, moment: datetime) -> str:
    return long_day(moment.astimezone(visit.zone).date(), today=visit.viewer.today)


def _with_use(
    visit: StaffVisit, therapist: Staff, cases: Sequence[Case], headline: str, rows: tuple[CaseRow, ...]
) -> SuperviseePage:
    use = use_in_cases(visit.viewer, cases, therapist=therapist, at=visit.at)
    return SuperviseePage(
        therapist=therapist.full_name,
        headline=headline,
        rows=rows,
        use=use_rows(use, judging=visit.judging) if use.may_be_shown else (),
        use_sentence=say.USE.format(cases=use.cases) if use.may_be_shown else say.TOO_FEW,
    )


def use_rows(use: FeedbackUse, *, judging: bool) -> tuple[UseRow, ...]:
    """From asking to talking, each with how many of those it is among."""
    steps = [(say.ASKED, use.asked, None), (say.ANSWERED, use.answered, use.asked)]
    if judging:
        steps += [
            (say.FINDINGS, use.findings, None),
            (say.LOOKED_AT, use.looked_at, use.findings),
            (say.TALKED, use.talked, use.findings),
        ]
    return tuple(
        UseRow(step, number, "" if whole is None else say.OF_BEFORE.format(part=number, whole=whole))
        for step, number, whole in steps
    )
