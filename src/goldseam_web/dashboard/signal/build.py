"""The page of one alert: what was seen, how sure that is, what the client wants, and what may be done."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from goldseam_web.alerts.case_standing.case_record import CaseRecord, records
from goldseam_web.alerts.models import AlertSignal, SignalKind
from goldseam_web.alerts.queries import acknowledgements_of, alert_of, ratings_read
from goldseam_web.alerts.read_first import is_read_first, reads_later
from goldseam_web.alerts.rules import BETWEEN_MEMBERS
from goldseam_web.alerts.speaking_openly import members_with_safety, single_time_of
from goldseam_web.cases.models import Case, CaseKind, Encounter, EncounterState
from goldseam_web.cases.names import THE_OTHERS
from goldseam_web.cases.queries import (
    SessionNumbers,
    appointments_of,
    case_and_right,
    case_title,
    current_members,
    display_name,
    held_by,
    members_of,
    therapist_rated,
)
from goldseam_web.cases.single_time import sees_several
from goldseam_web.dashboard.case.fairness import fairness_of
from goldseam_web.dashboard.case.goals_of_each import GoalsOfEach, goals_of_each
from goldseam_web.dashboard.case.page import Fairness
from goldseam_web.dashboard.case.single_time_card import before_anything_else
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language import later_words
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import counted, first_capital, session
from goldseam_web.dashboard.language.single_time_words import KEPT
from goldseam_web.dashboard.language.times import how_long, long_day, moment
from goldseam_web.dashboard.signal.acknowledging import (
    Signals,
    acknowledge_choices,
    acknowledgements_in_words,
    next_alert_url,
    plan_is_overdue,
    who_asked_to_look,
    who_was_told,
    whom_it_did_not_reach,
)
from goldseam_web.dashboard.signal.by_card import alert_by_card
from goldseam_web.dashboard.signal.changed import changed_card
from goldseam_web.dashboard.signal.evidence import SignalAnswers, answer_rows, answers_behind
from goldseam_web.dashboard.signal.finding import AlertSubject, finding_of
from goldseam_web.dashboard.signal.help import option_groups, options_after_the_end
from goldseam_web.dashboard.signal.page import AlertPage, FindingCard
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Audience, When
from goldseam_web.measures.own_measures import GROUP_THERAPIST, WITHIN_GOAL
from goldseam_web.measures.queries import audience_of
from goldseam_web.measures.released_by_each import released_by_each


@dataclass(frozen=True)
class FoundAlert:
    """The page, the signals it shows, and whether the viewer treats the case."""

    page: AlertPage
    signals: Signals
    mine: bool


def alert_page(visit: StaffVisit, signal_id: uuid.UUID) -> FoundAlert | None:
    """The alert that a signal belongs to; None for a stranger."""
    signals = alert_of(visit.viewer, signal_id)
    found = (
        case_and_right(visit.viewer, signals[0].case_id, members=members_with_safety()) if signals else None
    )
    if found is None:
        return None
    case, mine = found
    made = alert_by_card if signals[0].is_by_card else _page
    return FoundAlert(made(visit, signals, case, mine=mine), signals, mine)


def _page(visit: StaffVisit, signals: Signals, case: Case, *, mine: bool) -> AlertPage:
    signals = _own_first(visit, signals)
    first, meetings = signals[0], list(appointments_of(visit.viewer, [case]))
    numbers = SessionNumbers.of(meetings)
    number = numbers.get(first.meeting.pk)
    about = _about(visit, first, case, number)
    earlier = [e for e, n in numbers.by_encounter.items() if number and n < number]
    answers = {s.course.pk: answers_behind(s, earlier) for s in signals}
    findings = _findings(visit, signals, answers, about)
    said, several = _audience(first), len(members_of(case)) > 1
    single = single_time_of(visit.viewer, case) if sees_several(case) else None
    held = single is not None and single.holds_joint_room
    audience = allowed_now(said, held=held)
    took_place = sum(e.state == EncounterState.HELD for e in meetings)
    given = acknowledgements_of(signals)
    plan_is_over = plan_is_overdue(given, meetings)
    record = _beside(visit, case, meetings)
    fairness = _fairness(visit, first, record, audience)
    return AlertPage(
        crumb_case=case_title(case),
        case_url=reverse("dashboard:case", args=[case.id]),
        crumb=say.CRUMB.format(session=first_capital(session(number)), name=about.name),
        headline=_headline(findings, about),
        caption=_caption(visit, signals, number),
        read_first=_read_first(visit, first),
        undelivered=whom_it_did_not_reach(visit, signals),
        ending=_ending(visit, signals, case),
        member=colour_of(first.member.position),
        name=about.name,
        findings=findings,
        fairness=fairness,
        goals=_goals(signals, record),
        answers_title=say.ANSWERS_OF.format(name=about.name),
        answers=answer_rows(answers[first.course.pk], first.form, case.kind),
        about_session=first_capital(session(number)),
        changed=changed_card(visit, first.form, about.name),
        in_company=later_words.IN_COMPANY.format(name=about.name) if first.form.in_company_at else "",
        audience_title=say.audience_title(said, several=several).format(name=about.name),
        audience_text=KEPT
        if said != audience
        else say.audience_text(said, several=several).format(name=about.name),
        first=before_anything_else(visit, single) if single is not None and mine else None,
        audience_when=_when_wished(first, about.name),
        help=options_after_the_end(audience)
        if case.ended_on
        else option_groups(
            with_therapist=any(s.kind not in BETWEEN_MEMBERS for s in signals),
            between=any(s.kind == SignalKind.STRAIN_BETWEEN for s in signals),
            goals=any(s.kind == SignalKind.GOALS_APART for s in signals),
            facet=_facet(signals, answers),
            audience=audience,
            of_goals=_of_goals(first, case, audience),
            several=several,
            about=about,
            fairness=fairness,
        ),
        options_for=_options_for(audience, about, several=several),
        may_answer=mine,
        plan_is_over=plan_is_over and case.ended_on is None,
        choices=acknowledge_choices(
            case, signals, audience, took_place + 1, about.name, plan_is_over=plan_is_over
        ),
        said=acknowledgements_in_words(visit, findings, given),
        url=reverse("dashboard:signal", args=[first.id]),
        next_url=next_alert_url(visit, signals),
        help_url=reverse("dashboard:ask_to_look", args=[first.id]),
        help_asked=who_asked_to_look(visit, signals),
    )


def _read_first(visit: StaffVisit, signal: AlertSignal) -> str:
    """Of whoever the form named, what becomes of having read it first; the page counts as opened by being shown."""
    if not is_read_first(signal, by=visit.viewer.staff_id):
        return ""
    [other] = [one for one in held_by(signal.meeting) if one.pk != visit.viewer.staff_id]
    text = say.READ_FIRST if reads_later(signal, at=visit.at) else say.READ_BY_BOTH
    return text.format(name=other.full_name)


def _about(visit: StaffVisit, signal: AlertSignal, case: Case, number: int | None) -> AlertSubject:
    others = [display_name(m) for m in members_of(case) if m.id != signal.member_id]
    therapist = therapist_rated(signal.meeting, signal.course.therapist_id)
    return AlertSubject(
        name=display_name(signal.member),
        others=others[0] if len(others) == 1 else THE_OTHERS,
        therapist=therapist.full_name,
        case_kind=case.kind,
        session=number,
        own=visit.viewer.staff_id == therapist.id,
    )


def _findings(
    visit: StaffVisit, signals: Signals, answers: dict[uuid.UUID, SignalAnswers], about: AlertSubject
) -> tuple[FindingCard, ...]:
    """Each with its evidence; the facets of a series stand once, with the first finding about it.

    One answer may tell of both who held the session: each finding names its own.
    """
    firsts = {s.course.pk: s.id for s in reversed(signals)}
    return tuple(
        finding_of(
            s,
            answers[s.course.pk],
            _told_of(visit, s, about),
            with_facets=firsts[s.course.pk] == s.id,
        )
        for s in signals
    )


def _own_first(visit: StaffVisit, signals: Signals) -> Signals:
    """Of two therapists each reads first what is about their own work; the rest stays in its order."""
    held = {one.pk for one in held_by(signals[0].meeting)}
    others = held - {visit.viewer.staff_id} if visit.viewer.staff_id in held else set()
    return tuple(sorted(signals, key=lambda signal: signal.course.therapist_id in others))


def _told_of(visit: StaffVisit, signal: AlertSignal, about: AlertSubject) -> AlertSubject:
    if signal.course.therapist_id is None:
        return about
    therapist = therapist_rated(signal.meeting, signal.course.therapist_id)
    return replace(about, therapist=therapist.full_name, own=visit.viewer.staff_id == therapist.pk)


def _facet(signals: Signals, answers: dict[uuid.UUID, SignalAnswers]) -> str | None:
    """The facet that stands out in the work with the therapist."""
    found = (answers[s.course.pk].stands_out for s in signals if s.kind not in BETWEEN_MEMBERS)
    return next((facet for facet in found if facet is not None), None)


def _fairness(
    visit: StaffVisit, signal: AlertSignal, record: CaseRecord | None, audience: str | None
) -> Fairness | None:
    """Whether the same answers say that the therapist was less than fair to all of them."""
    if record is None:
        return None
    reader = visit.viewer.staff_id
    return fairness_of(record, signal.member_id, signal.meeting, reader=reader, audience=audience)


def _beside(visit: StaffVisit, case: Case, meetings: Sequence[Encounter]) -> CaseRecord | None:
    """What each member of a couple or family rated of all of them together, to stand beside an alert."""
    if case.kind == CaseKind.INDIVIDUAL:
        return None
    [record] = records(
        [case],
        encounters=meetings,
        ratings=ratings_read(visit.viewer, [case], [GROUP_THERAPIST, WITHIN_GOAL]),
        verdicts=[],
        signals=[],
        episodes=[],
    )
    return record


def _goals(signals: Signals, record: CaseRecord | None) -> GoalsOfEach | None:
    """Where each of them stands, where what they come for was found to pull apart."""
    if record is None or all(s.kind != SignalKind.GOALS_APART for s in signals):
        return None
    return goals_of_each(record, signals[0].meeting)


def _of_goals(signal: AlertSignal, case: Case, audience: str | None) -> str | None:
    """Goals are everybody's: for the joint room only what each of them released."""
    if audience != Audience.ALL or released_by_each(signal.meeting.pk, [m.pk for m in current_members(case)]):
        return audience
    return Audience.THERAPIST


def _headline(findings: Sequence[FindingCard], about: AlertSubject) -> str:
    if len(findings) == 1:
        return findings[0].sentence
    text = say.HEADLINE.format(count="{count}", name=about.name, session=session(about.session))
    return first_capital(counted(len(findings), text, text))


def _caption(visit: StaffVisit, signals: Signals, number: int | None) -> str:
    """When it was answered, how soon it was raised, and who has been told."""
    parts = []
    rated_at = signals[0].form.rated_at
    if rated_at is not None:
        when = moment(rated_at, now=visit.at, zone=visit.zone)
        raised_at = min(s.raised_at for s in signals)
        parts = [
            say.ANSWERED_WHEN.format(when=when, session=session(number)),
            say.RAISED_LATER.format(length=how_long(raised_at - rated_at)),
        ]
    parts.append(who_was_told(visit, signals))
    return " · ".join(parts)


def _ending(visit: StaffVisit, signals: Signals, case: Case) -> str:
    """What stands beside a fall when a case was about to end, or has ended."""
    if all(s.kind == SignalKind.ASKED for s in signals):
        return ""
    today, since = visit.viewer.today, case.last_phase_since
    if case.ended_on is not None:
        return say.AFTER_THE_END.format(day=long_day(case.ended_on, today=today))
    if since is not None and signals[0].meeting.local_date >= since:
        return say.IN_THE_LAST_PHASE.format(day=long_day(since, today=today))
    return ""


# ---------- what the client wants ----------


def _audience(signal: AlertSignal) -> str | None:
    """Who may take it up, as the client said; None where they said nothing of it."""
    release = audience_of(signal.form)
    return release.audience if release is not None else None


def allowed_now(said: str | None, *, held: bool) -> str | None:
    """What the client's choice allows on the staff side: while releases are held, nothing is for the joint room."""
    return Audience.THERAPIST if held and said == Audience.ALL else said


def _when_wished(signal: AlertSignal, name: str) -> str:
    """That it should not wait for the next meeting, where the client said so."""
    release = audience_of(signal.form)
    if release is None or release.when != When.AT_WORK:
        return ""
    return later_words.AS_SOON_AS_AT_WORK.format(name=name)


def _options_for(audience: str | None, about: AlertSubject, *, several: bool) -> str:
    text = say.OPTIONS
    if several:
        text = say.OPTIONS_RELEASED if audience == Audience.ALL else say.OPTIONS_ALONE
    text = text.format(name=about.name)
    return text if about.own else f"{say.WRITTEN_FOR.format(therapist=about.therapist)} {text}"
