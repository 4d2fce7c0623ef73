"""The page of what a client said by their standing card: an alert with no form and no rating behind it."""

from django.urls import reverse

from goldseam_web.alerts.card_links import times_said
from goldseam_web.alerts.models import SignalKind
from goldseam_web.alerts.queries import acknowledgements_of
from goldseam_web.cases.models import Case, EncounterState
from goldseam_web.cases.queries import appointments_of, case_title, display_name, members_of
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language import card_words, status_labels
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.times import moment
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
from goldseam_web.dashboard.signal.help import options_after_the_end, options_for
from goldseam_web.dashboard.signal.page import AlertPage, FindingCard, OptionGroup
from goldseam_web.dashboard.staff_visit import StaffVisit


def alert_by_card(visit: StaffVisit, signals: Signals, case: Case, *, mine: bool) -> AlertPage:
    """What was said and when. There is no evidence to weigh: it is what they said."""
    [signal] = signals
    name, several = display_name(signal.member), len(members_of(case)) > 1
    meetings = list(appointments_of(visit.viewer, [case]))
    held = sum(e.state == EncounterState.HELD for e in meetings)
    given = acknowledgements_of(signals)
    is_over = plan_is_overdue(given, meetings)
    finding = _finding(signals, name)
    return AlertPage(
        crumb_case=case_title(case),
        case_url=reverse("dashboard:case", args=[case.id]),
        crumb=card_words.CRUMB.format(name=name),
        headline=finding.sentence,
        caption=_caption(visit, signals),
        read_first="",
        undelivered=whom_it_did_not_reach(visit, signals),
        ending="",
        member=colour_of(signal.member.position),
        name=name,
        findings=(finding,),
        fairness=None,
        goals=None,
        answers_title="",
        answers=(),
        about_session="",
        changed=None,
        in_company="",
        audience_title=card_words.AUDIENCE_TITLE.format(name=name),
        audience_text=(card_words.FOR_THEM_ALONE if several else card_words.FOR_THEM).format(name=name),
        audience_when="",
        first=None,
        help=options_after_the_end(None)
        if case.ended_on
        else (OptionGroup("", options_for(None, None, several=several, between=False, name=name)),),
        options_for=(say.OPTIONS_ALONE if several else say.OPTIONS).format(name=name),
        may_answer=mine,
        plan_is_over=is_over and case.ended_on is None,
        choices=acknowledge_choices(case, signals, None, held + 1, name, plan_is_over=is_over),
        said=acknowledgements_in_words(visit, (finding,), given),
        url=reverse("dashboard:signal", args=[signal.id]),
        next_url=next_alert_url(visit, signals),
        help_url=reverse("dashboard:ask_to_look", args=[signal.id]),
        help_asked=who_asked_to_look(visit, signals),
    )


def _finding(signals: Signals, name: str) -> FindingCard:
    [signal] = signals
    return FindingCard(
        id=signal.id,
        key=f"finding-{signal.id.hex}",
        badge=Badge.of(status_labels.label_of(signal.kind, confirmed=False, session=None)),
        sentence=card_words.SAID[SignalKind(signal.kind)].format(name=name),
        note=card_words.NOTE.format(name=name),
        evidence=None,
        of_what="",
        sure=None,
        figures=(),
        rule="",
        facets_title="",
        facets=(),
        quotes=(),
    )


def _caption(visit: StaffVisit, signals: Signals) -> str:
    """When it was said, when last if it was said again, and who has been told."""
    times = [moment(at, now=visit.at, zone=visit.zone) for at in times_said(signals)]
    parts = [card_words.SAID_WHEN.format(when=times[0])] if times else []
    if len(times) > 1:
        parts.append(card_words.SAID_AGAIN.format(when=times[-1]))
    return " · ".join([*parts, who_was_told(visit, signals)])
