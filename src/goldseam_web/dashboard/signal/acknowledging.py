"""What is said back to an alert, whatever it rests on: the choices, what was chosen before, who was told."""

from collections.abc import Sequence
from itertools import groupby

from django.urls import reverse

from goldseam_web.alerts.models import PLANNED, AcknowledgeChoice, Acknowledgement, AlertSignal, SignalKind
from goldseam_web.alerts.queries import help_asked_about, next_alert, people_not_reached, people_told
from goldseam_web.cases.models import Case, Encounter, EncounterState
from goldseam_web.cases.queries import members_of
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import session
from goldseam_web.dashboard.language.times import long_day, moment
from goldseam_web.dashboard.signal.page import AcknowledgementOption, FindingCard
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Audience

Signals = tuple[AlertSignal, ...]


def who_asked_to_look(visit: StaffVisit, signals: Signals) -> str:
    """Who asked whoever supervises to look, and when; empty where nobody did."""
    asked = help_asked_about(signals)
    if asked is None:
        return ""
    day = long_day(asked.asked_at.astimezone(visit.zone).date(), today=visit.viewer.today)
    return say.HELP_ASKED.format(name=asked.staff.full_name, day=day)


def whom_it_did_not_reach(visit: StaffVisit, signals: Signals) -> str:
    """Whom a message about it did not reach, the reader first."""
    names = people_not_reached(signals)
    if visit.viewer.full_name in names:
        return say.NOT_DELIVERED_TO_YOU
    return say.NOT_DELIVERED.format(names=", ".join(names)) if names else ""


def who_was_told(visit: StaffVisit, signals: Signals) -> str:
    """Who has a message about it, the reader among them or not."""
    told = people_told(signals)
    others = [name for name in told if name != visit.viewer.full_name]
    reader_too = visit.viewer.full_name in told
    return say.TOLD[reader_too, bool(others)].format(names=", ".join(others))


def plan_is_overdue(given: Sequence[Acknowledgement], meetings: Sequence[Encounter]) -> bool:
    """Whether a session has passed since the last word was a plan: then it is asked what became of that."""
    if not given or given[-1].choice not in PLANNED:
        return False
    return any(e.state == EncounterState.HELD and e.ends_at > given[-1].at for e in meetings)


def _is_said(signal: AlertSignal) -> bool:
    """Whether client or therapist has said that there was strain: then nothing has to wait for a rating."""
    own_word = signal.is_by_card or signal.kind == SignalKind.ASKED
    return own_word or (signal.episode is not None and signal.episode.confirmed)


def _plan_outcomes(next_session: int) -> tuple[AcknowledgementOption, ...]:
    """One tap on what became of a plan."""
    return (
        AcknowledgementOption(AcknowledgeChoice.TALKED, say.WAS_TALKED),
        AcknowledgementOption(AcknowledgeChoice.NOT_YET, say.NOT_YET.format(session=session(next_session))),
        AcknowledgementOption(AcknowledgeChoice.NO_LONGER, say.NO_LONGER),
    )


def acknowledge_choices(
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


def acknowledgements_in_words(
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


def next_alert_url(visit: StaffVisit, shown: Signals) -> str:
    """The next alert the viewer has not opened; what this page shows is opened by showing it."""
    coming = next_alert(visit.viewer, after=shown)
    return reverse("dashboard:signal", args=[coming.id]) if coming else ""
