"""The page of one alert: what was seen, how sure that is, what the client wants, and what may be done."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from goldseam_web.alerts.models import PLANNED, AcknowledgeChoice, Acknowledgement, AlertSignal, SignalKind
from goldseam_web.alerts.queries import (
    acknowledgements_of,
    alert_of,
    help_asked_about,
    next_alert,
    people_not_reached,
    people_told,
)
from goldseam_web.cases.models import Case, CaseKind, Encounter, EncounterState
from goldseam_web.cases.queries import (
    SessionNumbers,
    appointments_of,
    case_and_right,
    case_title,
    display_name,
    members_of,
)
from goldseam_web.dashboard.case.fairness import fairness_of
from goldseam_web.dashboard.case.page import Fairness
from goldseam_web.dashboard.case.record import records
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import THE_OTHERS, counted, first_capital, session
from goldseam_web.dashboard.language.times import how_long, long_day, moment
from goldseam_web.dashboard.signal.evidence import SignalAnswers, answer_rows, answers_behind
from goldseam_web.dashboard.signal.finding import AlertSubject, finding_of
from goldseam_web.dashboard.signal.help import option_groups, options_after_the_end
from goldseam_web.dashboard.signal.page import AcknowledgementOption, AlertPage, FindingCard
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Audience
from goldseam_web.measures.own_measures import GROUP_THERAPIST
from goldseam_web.measures.queries import audience_of, ratings_on

Signals = tuple[AlertSignal, ...]


@dataclass(frozen=True)
class FoundAlert:
    """The page, the signals it shows, and whether the viewer treats the case."""

    page: AlertPage
    signals: Signals
    mine: bool


def alert_page(visit: StaffVisit, signal_id: uuid.UUID) -> FoundAlert | None:
    """The alert that a signal belongs to; None for a stranger."""
    signals = alert_of(visit.viewer, signal_id)
    found = case_and_right(visit.viewer, signals[0].case_id) if signals else None
    if found is None:
        return None
    case, mine = found
    return FoundAlert(_page(visit, signals, case, mine=mine), signals, mine)


def _page(visit: StaffVisit, signals: Signals, case: Case, *, mine: bool) -> AlertPage:
    first, meetings = signals[0], list(appointments_of(visit.viewer, [case]))
    numbers = SessionNumbers.of(meetings)
    number = numbers.get(first.encounter_id)
    about = _about(visit, first, case, number)
    earlier = [e for e, n in numbers.by_encounter.items() if number and n < number]
    answers = {s.series_id: answers_behind(s, earlier) for s in signals}
    findings = _findings(signals, answers, about)
    audience, several = _audience(first), len(members_of(case)) > 1
    held = sum(e.state == EncounterState.HELD for e in meetings)
    called = first.encounter.therapist.display_name
    given = acknowledgements_of(signals)
    plan_is_over = _is_overdue(given, meetings)
    fairness = _fairness(visit, first, case, meetings, audience)
    return AlertPage(
        crumb_case=case_title(case),
        case_url=reverse("dashboard:case", args=[case.id]),
        crumb=say.CRUMB.format(session=first_capital(session(number)), name=about.name),
        headline=_headline(findings, about),
        caption=_caption(visit, signals, number),
        undelivered=_undelivered(visit, signals),
        ending=_ending(visit, signals, case),
        member=colour_of(first.member.position),
        name=about.name,
        findings=findings,
        fairness=fairness,
        answers_title=say.ANSWERS_OF.format(name=about.name),
        answers=answer_rows(answers[first.series_id], called, case.kind),
        about_session=first_capital(session(number)),
        audience_title=say.audience_title(audience, several=several).format(name=about.name),
        audience_text=say.audience_text(audience, several=several).format(name=about.name),
        help=options_after_the_end(audience)
        if case.ended_on
        else option_groups(
            with_therapist=any(s.kind != SignalKind.STRAIN_BETWEEN for s in signals),
            between=any(s.kind == SignalKind.STRAIN_BETWEEN for s in signals),
            facet=_facet(signals, answers),
            audience=audience,
            several=several,
            about=about,
            fairness=fairness,
        ),
        options_for=_options_for(audience, about, several=several),
        may_answer=mine,
        plan_is_over=plan_is_over and case.ended_on is None,
        choices=_choices(case, signals, audience, held + 1, about.name, plan_is_over=plan_is_over),
        said=_said(visit, findings, given),
        url=reverse("dashboard:signal", args=[first.id]),
        next_url=_next_url(visit, signals),
        help_url=reverse("dashboard:ask_to_look", args=[first.id]),
        help_asked=_help_asked(visit, signals),
    )


def _help_asked(visit: StaffVisit, signals: Signals) -> str:
    """Who asked whoever supervises to look, and when; empty where nobody did."""
    asked = help_asked_about(signals)
    if asked is None:
        return ""
    day = long_day(asked.asked_at.astimezone(visit.zone).date(), today=visit.viewer.today)
    return say.HELP_ASKED.format(name=asked.staff.full_name, day=day)


def _about(visit: StaffVisit, signal: AlertSignal, case: Case, number: int | None) -> AlertSubject:
    others = [display_name(m) for m in members_of(case) if m.id != signal.member_id]
    therapist = signal.encounter.therapist
    return AlertSubject(
        name=display_name(signal.member),
        others=others[0] if len(others) == 1 else THE_OTHERS,
        therapist=therapist.full_name,
        case_kind=case.kind,
        session=number,
        own=visit.viewer.staff_id == therapist.id,
    )


def _findings(
    signals: Signals, answers: dict[uuid.UUID, SignalAnswers], about: AlertSubject
) -> tuple[FindingCard, ...]:
    """Each with its evidence; the facets of a series stand once, with the first finding about it."""
    firsts = {s.series_id: s.id for s in reversed(signals)}
    return tuple(
        finding_of(s, answers[s.series_id], about, with_facets=firsts[s.series_id] == s.id) for s in signals
    )


def _facet(signals: Signals, answers: dict[uuid.UUID, SignalAnswers]) -> str | None:
    """The facet that stands out in the work with the therapist."""
    found = (answers[s.series_id].stands_out for s in signals if s.kind != SignalKind.STRAIN_BETWEEN)
    return next((facet for facet in found if facet is not None), None)


def _fairness(
    visit: StaffVisit, signal: AlertSignal, case: Case, meetings: Sequence[Encounter], audience: str | None
) -> Fairness | None:
    """Whether the same answers say that the therapist was less than fair to all of them."""
    if case.kind == CaseKind.INDIVIDUAL:
        return None
    [record] = records(
        [case],
        encounters=meetings,
        ratings=ratings_on(visit.viewer, [case], [GROUP_THERAPIST]),
        verdicts=[],
        signals=[],
        episodes=[],
    )
    reader = visit.viewer.staff_id
    return fairness_of(record, signal.member_id, signal.encounter, reader=reader, audience=audience)


def _headline(findings: Sequence[FindingCard], about: AlertSubject) -> str:
    if len(findings) == 1:
        return findings[0].sentence
    text = say.HEADLINE.format(count="{count}", name=about.name, session=session(about.session))
    return first_capital(counted(len(findings), text, text))


def _caption(visit: StaffVisit, signals: Signals, number: int | None) -> str:
    """When it was answered, how soon it was raised, and who has been told."""
    parts = []
    rated_at = signals[0].response.rated_at
    if rated_at is not None:
        when = moment(rated_at, now=visit.at, zone=visit.zone)
        raised_at = min(s.raised_at for s in signals)
        parts = [
            say.ANSWERED_WHEN.format(when=when, session=session(number)),
            say.RAISED_LATER.format(length=how_long(raised_at - rated_at)),
        ]
    told = people_told(signals)
    others = [name for name in told if name != visit.viewer.full_name]
    reader_too = visit.viewer.full_name in told
    parts.append(say.TOLD[reader_too, bool(others)].format(names=", ".join(others)))
    return " · ".join(parts)


def _undelivered(visit: StaffVisit, signals: Signals) -> str:
    """Whom a message about it did not reach, the reader first."""
    names = people_not_reached(signals)
    if visit.viewer.full_name in names:
        return say.NOT_DELIVERED_TO_YOU
    return say.NOT_DELIVERED.format(names=", ".join(names)) if names else ""


def _ending(visit: StaffVisit, signals: Signals, case: Case) -> str:
    """What stands beside a fall when a case was about to end, or has ended."""
    if all(s.kind == SignalKind.ASKED for s in signals):
        return ""
    today, since = visit.viewer.today, case.last_phase_since
    if case.ended_on is not None:
        return say.AFTER_THE_END.format(day=long_day(case.ended_on, today=today))
    if since is not None and signals[0].encounter.local_date >= since:
        return say.IN_THE_LAST_PHASE.format(day=long_day(since, today=today))
    return ""


# ---------- what the client wants ----------


def _audience(signal: AlertSignal) -> str | None:
    """Who may take it up, as the client said; None where a rating alone was not followed by that question."""
    release = audience_of(signal.response)
    return release.audience if release is not None else None


def _options_for(audience: str | None, about: AlertSubject, *, several: bool) -> str:
    text = say.OPTIONS
    if several:
        text = say.OPTIONS_RELEASED if audience == Audience.ALL else say.OPTIONS_ALONE
    text = text.format(name=about.name)
    return text if about.own else f"{say.WRITTEN_FOR.format(therapist=about.therapist)} {text}"


def _is_overdue(given: Sequence[Acknowledgement], meetings: Sequence[Encounter]) -> bool:
    """Whether a session has passed since the last word was a plan: then it is asked what became of that."""
    if not given or given[-1].choice not in PLANNED:
        return False
    return any(e.state == EncounterState.HELD and e.ends_at > given[-1].at for e in meetings)


def _is_said(signal: AlertSignal) -> bool:
    """Whether client or therapist has said that there was strain: then nothing has to wait for a rating."""
    return signal.kind == SignalKind.ASKED or (signal.episode is not None and signal.episode.confirmed)


def _plan_outcomes(next_session: int) -> tuple[AcknowledgementOption, ...]:
    """One tap on what became of a plan."""
    return (
        AcknowledgementOption(AcknowledgeChoice.TALKED, say.WAS_TALKED),
        AcknowledgementOption(AcknowledgeChoice.NOT_YET, say.NOT_YET.format(session=session(next_session))),
        AcknowledgementOption(AcknowledgeChoice.NO_LONGER, say.NO_LONGER),
    )


def _choices(
    case: Case,
    signals: Signals,
    audience: str | None,
    next_session: int,
    name: str,
    *,
    plan_is_over: bool,
) -> tuple[AcknowledgementOption, ...]:
    if case.ended_on is not None:
        return _choices_after_the_end(audience)
    if plan_is_over:
        return _plan_outcomes(next_session)
    several, may_wait = len(members_of(case)) > 1, not any(map(_is_said, signals))
    take_up = say.TAKE_UP
    if audience == Audience.KNOW_ONLY:
        take_up = say.KEEP_IN_MIND
    elif several and audience != Audience.ALL:
        take_up = say.TAKE_UP_ALONE
    take_up = take_up.format(session=session(next_session), name=name)
    waiting = [AcknowledgementOption(AcknowledgeChoice.WAIT, say.WAIT)] if may_wait else []
    return (
        AcknowledgementOption(AcknowledgeChoice.TAKE_UP, take_up),
        AcknowledgementOption(AcknowledgeChoice.TALKED, say.ALREADY_TALKED),
        AcknowledgementOption(AcknowledgeChoice.DIFFERENT, say.SEE_DIFFERENTLY),
        *waiting,
    )


def _choices_after_the_end(audience: str | None) -> tuple[AcknowledgementOption, ...]:
    touch = say.KEEP_AFTER_THE_END if audience == Audience.KNOW_ONLY else say.GET_IN_TOUCH
    return (
        AcknowledgementOption(AcknowledgeChoice.TAKE_UP, touch),
        AcknowledgementOption(AcknowledgeChoice.TALKED, say.ALREADY_TALKED),
        AcknowledgementOption(AcknowledgeChoice.DIFFERENT, say.SEE_DIFFERENTLY),
    )


def _said(
    visit: StaffVisit, findings: Sequence[FindingCard], given: Sequence[Acknowledgement]
) -> tuple[str, ...]:
    """What was acknowledged, by whom and when; about which findings, where it was not all of them."""

    def together(said: Acknowledgement) -> tuple[object, ...]:
        return said.at, said.staff_id, said.choice

    lines = []
    for _, same in groupby(sorted(given, key=lambda said: (said.at, said.choice)), key=together):
        answered = list(same)
        line, signals = _told(visit, answered[0]), {said.signal_id for said in answered}
        if len(signals) < len(findings):
            names = ", ".join(finding.badge.text for finding in findings if finding.id in signals)
            line = say.ONLY_ABOUT.format(findings=names, said=line)
        lines.append(line)
    return tuple(lines)


def _told(visit: StaffVisit, given: Acknowledgement) -> str:
    mine = given.staff_id == visit.viewer.staff_id
    sentences = say.ACKNOWLEDGED_BY_YOU if mine else say.ACKNOWLEDGED_BY_OTHER
    when = moment(given.at, now=visit.at, zone=visit.zone)
    return sentences[AcknowledgeChoice(given.choice)].format(name=given.staff.full_name, when=when)


def _next_url(visit: StaffVisit, shown: Signals) -> str:
    """The next alert the viewer has not opened; what this page shows is opened by showing it."""
    coming = next_alert(visit.viewer, after=shown)
    return reverse("dashboard:signal", args=[coming.id]) if coming else ""
