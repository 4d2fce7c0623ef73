"""Building the list a supervisor reads, and the page of one therapist, which they and the therapist read alike."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.urls import reverse

from goldseam_web.accounts.models import Staff
from goldseam_web.alerts.case_standing.kept_list import shared_list
from goldseam_web.alerts.case_standing.listed_cases import ListedCase
from goldseam_web.alerts.feedback_use import FeedbackUse, use_in_cases
from goldseam_web.alerts.own_guesses import shared_guesses
from goldseam_web.alerts.supervision import (
    ForSupervisor,
    cases_with,
    for_supervisor,
    left_to_lead,
    supervised_and_watched,
)
from goldseam_web.cases.models import Case, CaseKind
from goldseam_web.cases.queries import case_title, cases_with_names, session_ends, supervised_cases
from goldseam_web.cases.same_names import second_lines
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.status import label_of_standing
from goldseam_web.dashboard.case.status_sentence import status_sentence
from goldseam_web.dashboard.caseload.case_row import CaseRow
from goldseam_web.dashboard.caseload.page import (
    SupervisedPage,
    SuperviseePage,
    TherapistGroup,
    UseRow,
    WaitingLine,
)
from goldseam_web.dashboard.language import supervision_page as say
from goldseam_web.dashboard.language.lot_words import shared_words
from goldseam_web.dashboard.language.off_track_words import LEFT_NOTE, LEFT_UNSEEN
from goldseam_web.dashboard.language.phrases import counted, first_capital, names_in_words
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.own_figures.guess_table import BOTH_TIMES, GuessTable, guess_table
from goldseam_web.dashboard.staff_visit import StaffVisit

# Sentences are told as to somebody who is none of those they name: to the therapist as well.
SOMEBODY_BESIDE = uuid.UUID(int=0)


def supervised_page(visit: StaffVisit) -> SupervisedPage:
    """What waits, then the open cases of each supervised therapist, by name: to read with them, not to compare them."""
    found = supervised_cases(visit.viewer)
    lines = second_lines([case for _, cases in found for case in cases])
    return SupervisedPage(
        waiting=_waiting(visit, [case for _, cases in found for case in cases]) if visit.judging else (),
        left=_left(visit) if visit.judging else (),
        groups=tuple(
            TherapistGroup(
                staff.full_name,
                reverse("dashboard:supervisee", args=[staff.pk]),
                _plain_rows(staff.pk, cases, lines),
            )
            for staff, cases in found
        ),
    )


def _waiting(visit: StaffVisit, known: Sequence[Case]) -> tuple[WaitingLine, ...]:
    """What was escalated and what help was asked about, the longest first; the therapist is named because of that."""
    cases = supervised_and_watched(visit.viewer)
    waits = for_supervisor(visit.viewer, cases)
    unopened = {**waits.at_once, **waits.escalated}
    there = {case.pk for case in known}
    ended = sorted((unopened.keys() | waits.help_asked.keys()) - there)
    named = [*known, *(cases_with_names(visit.viewer, ended) if ended else [])]
    titles = {case.pk: case_title(case) for case in named}
    asked_about = {one.signal for one in waits.help_asked.values()}
    lines = [
        (one, text, case)
        for text, found in ((say.WAITING_ESCALATED, unopened), (say.WAITING_HELP, waits.help_asked))
        for case, one in found.items()
        if text is say.WAITING_HELP or one.signal not in asked_about
    ]
    told = tuple(
        WaitingLine(
            text=text.format(case=titles[case], day=_day(visit, one.since), therapist=one.therapist),
            note=say.WITH.format(therapist=one.therapist),
            url=reverse("dashboard:signal", args=[one.signal]),
        )
        for one, text, case in sorted(lines, key=lambda line: line[0].since)
    )
    return told + tuple(
        WaitingLine(
            text=LEFT_UNSEEN.format(case=titles[case], day=_day(visit, since)),
            note=LEFT_NOTE,
            url=reverse("dashboard:case", args=[case]),
        )
        for case, since in sorted(waits.off_track.items(), key=lambda row: row[1])
        if case in there
    )


def _left(visit: StaffVisit) -> tuple[WaitingLine, ...]:
    """What came to the lead of the clinic, because nobody has opened it: whose it is, and no case."""
    return tuple(
        WaitingLine(
            text=say.LEFT_TO_LEAD.format(therapist=one.therapist, day=_day(visit, one.since)),
            note=say.TOLD_AS_WELL.format(names=names_in_words(one.told)) if one.told else "",
            url=reverse("office:away"),
        )
        for one in left_to_lead(visit.viewer)
    )


def _plain_rows(
    therapist: uuid.UUID, cases: Sequence[Case], lines: Mapping[uuid.UUID, str]
) -> tuple[CaseRow, ...]:
    """The cases of one therapist; a case that two of them treat stands under each."""
    rows = [
        CaseRow(
            key=f"case-{case.id.hex}-{therapist.hex}",
            url=reverse("dashboard:case", args=[case.id]),
            title=case_title(case),
            about=CaseKind(case.kind).label,
            second_line=lines.get(case.id, ""),
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
    treated = cases_with(visit.viewer, therapist)
    if not visit.judging:
        cases = list(treated)
        headline = say.RECORDED.format(therapist=therapist.full_name)
        return _with_use(
            visit, therapist, cases, headline, _plain_rows(therapist.pk, cases, second_lines(cases))
        )
    found = shared_list(
        visit.viewer, treated, therapist=therapist.pk, at=visit.at, by_hand=visit.shell.by_hand
    )
    cases = [listed.case for listed in found]
    waits = for_supervisor(visit.viewer, cases)
    is_open = [(since, listed) for listed in found if (since := _open_since(listed, waits)) is not None]
    ordered = sorted(is_open, key=lambda row: (row[0], case_title(row[1].case).casefold()))
    lines, ends = second_lines(cases), session_ends(visit.viewer, [listed.case for _, listed in ordered])
    rows = tuple(
        replace(
            _open_row(visit, listed, since, sum(end > since for end in ends[listed.case.pk]), waits),
            second_line=lines.get(listed.case.pk, ""),
        )
        for since, listed in ordered
    )
    headline = (
        first_capital(counted(len(rows), *say.HEADLINE, therapist=therapist.full_name))
        if rows
        else say.NOTHING_OPEN.format(therapist=therapist.full_name)
    )
    return _with_use(visit, therapist, cases, headline, rows)


def _open_since(listed: ListedCase, waits: ForSupervisor) -> datetime | None:
    """When the oldest finding of the case was raised that is still open, or help was asked; None where nothing is."""
    asked = waits.help_asked.get(listed.case.pk)
    shared = listed.shared
    return min(
        filter(None, [shared.open_since if shared else None, asked.since if asked else None]), default=None
    )


def _open_row(
    visit: StaffVisit, listed: ListedCase, since: datetime, sessions: int, waits: ForSupervisor
) -> CaseRow:
    case, shared = listed.case, listed.shared
    if shared is None:
        raise LookupError(case.pk)  # it was read without what therapist and supervisor share
    standing = shared.standing
    marks = [
        say.NOT_OPENED if standing.is_new else "",
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
        badge=Badge.of(label_of_standing(standing), is_new=standing.is_new),
        sentence=status_sentence(standing, listed.people, waiting=0, reader=SOMEBODY_BESIDE),
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
        guesses=_shared(visit, therapist),
    )


def _shared(visit: StaffVisit, therapist: Staff) -> GuessTable | None:
    found = [shared_guesses(visit.viewer, therapist, since=visit.at - back) for back in BOTH_TIMES]
    given = [one for one in found if one is not None]
    return guess_table(shared_words(therapist.full_name), *given) if visit.judging and given else None


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
