"""The signal page: what was expected, what was seen, how sure, what the client wants, what might help."""

import uuid

from django.urls import reverse

from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, OnsetKind, SignalKind
from goldseam_web.alerts.queries import acknowledgements_of, people_told, signal_of
from goldseam_web.cases.models import Case, EncounterState
from goldseam_web.cases.queries import SessionNumbers, appointments_of, called, case_and_right, case_title
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.sentences import session
from goldseam_web.dashboard.language.times import how_long, moment
from goldseam_web.dashboard.signal.evidence import (
    MOSTLY,
    SignalAnswers,
    answer_rows,
    evidence_of,
    facet_rows,
    findings_of,
    own_words,
)
from goldseam_web.dashboard.signal.figures import figures, rule_text
from goldseam_web.dashboard.signal.help import options_for
from goldseam_web.dashboard.signal.page import AcknowledgementLine, AcknowledgementOption, SignalPage
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import Audience
from goldseam_web.measures.queries import audience_of

NOT_ASKED = "not_asked"
FELL = {
    "goal": "{name} agrees less with you on what to work toward",
    "task": "the way you work suits {name} less",
    "bond": "{name} feels less understood by you",
    "safety": "{name} feels less free to disagree with you",
    None: "{name} rates the work with you lower",
}
BETWEEN = {
    "goal": "{name} sees less agreement with {others} on what to come for",
    "safety": "{name} finds it harder to speak openly with {others} here",
    None: "{name} rates being here with {others} lower",
}
SAID = {
    AcknowledgeChoice.TAKE_UP: "will take it up",
    AcknowledgeChoice.TALKED: "already talked about it",
    AcknowledgeChoice.DIFFERENT: "sees it differently",
}


def signal_page(visit: StaffVisit, signal_id: uuid.UUID) -> tuple[SignalPage, AlertSignal, bool] | None:
    """The page, the signal, and whether the viewer treats the case; None for a stranger."""
    signal = signal_of(visit.viewer, signal_id)
    found = case_and_right(visit.viewer, signal.case_id) if signal else None
    if signal is None or found is None:
        return None
    case, mine = found
    return _page(visit, signal, case, mine=mine), signal, mine


def _page(visit: StaffVisit, signal: AlertSignal, case: Case, *, mine: bool) -> SignalPage:
    meetings = list(appointments_of(visit.viewer, [case]))
    numbers = SessionNumbers.of(meetings)
    number = numbers.get(signal.encounter_id)
    name = called(signal.member)
    held = sum(e.state == EncounterState.HELD for e in meetings)
    found = findings_of(signal, [e for e, n in numbers.by_encounter.items() if number and n < number])
    audience = _audience(signal)
    confirmed = signal.episode.confirmed if signal.episode else False
    several = len(case.members.all()) > 1
    between, asked = signal.kind == SignalKind.STRAIN_BETWEEN, signal.kind == SignalKind.ASKED
    return SignalPage(
        crumb_case=case_title(case),
        case_url=reverse("dashboard:case", args=[case.id]),
        crumb=f"{session(number).capitalize()}, {name}",
        badge=Badge.of(status_labels.label_of(signal.kind, confirmed=confirmed, session=number)),
        caption=_caption(visit, signal, number),
        sentence=_sentence(signal, case, found, number),
        note=_note(signal, name),
        evidence=evidence_of(signal, name),
        of_what=_of_what(signal, case, name),
        member=colour_of(signal.member.position),
        low=f"{signal.evidence['minimum']:g}",
        high=f"{signal.evidence['maximum']:g}",
        figures=figures(signal.kind, signal.evidence, name),
        rule=rule_text(signal.evidence),
        facets_title=MOSTLY[found.fell_most]
        if signal.kind not in (SignalKind.ASKED, SignalKind.LOW)
        else "What it is made of",
        facets=facet_rows(found, signal) if signal.kind != SignalKind.ASKED else (),
        quotes=own_words(found, signal.encounter.therapist.called, case.kind) if asked else (),
        answers_title=f"What {name} answered",
        answers=answer_rows(found, signal.encounter.therapist.called, case.kind),
        about_session=session(number).capitalize(),
        name=name,
        audience_title=_audience_title(audience, name, several=several),
        audience_text=_audience_text(audience, name, several=several),
        options=options_for(found.fell_most, audience, several=several, between=between, name=name),
        options_for=_options_for(audience, name, several=several),
        may_answer=mine,
        choices=_choices(audience, held + 1, name, several=several),
        said=_said(visit, signal),
        url=reverse("dashboard:signal", args=[signal.id]),
    )


def _caption(visit: StaffVisit, signal: AlertSignal, number: int | None) -> str:
    """When it was answered, how soon it was raised, and who else knows."""
    parts = []
    rated_at = signal.response.rated_at
    if rated_at is not None:
        when = moment(rated_at, now=visit.at, zone=visit.zone)
        parts = [
            f"Answered {when} about {session(number)}",
            f"raised {how_long(signal.raised_at - rated_at)} later",
        ]
    others = [name for name in people_told(signal) if name != visit.viewer.full_name]
    parts.append(f"also told: {', '.join(others)}" if others else "nobody else has been told")
    return " · ".join(parts)


def _sentence(signal: AlertSignal, case: Case, found: SignalAnswers, number: int | None) -> str:
    """What is seen, in one sentence that names the relation that was rated."""
    name = called(signal.member)
    if signal.kind == SignalKind.ASKED:
        return (
            f"After {session(number)} {name} said there clearly was tension or a misunderstanding with you."
        )
    if signal.kind == SignalKind.LOW:
        value, most = signal.evidence["value"], signal.evidence["maximum"]
        return (
            f"At {session(number)} {name} rated the work with you {value:.1f} of {most:g}, below the middle."
        )
    if signal.evidence["onset_kind"] == OnsetKind.EROSION:
        return _slid(signal, case, name, number)
    if signal.kind == SignalKind.STRAIN_BETWEEN:
        clause = BETWEEN.get(found.fell_most, BETWEEN[None]).format(name=name, others=_others(signal, case))
    else:
        clause = FELL.get(found.fell_most, FELL[None]).format(name=name)
    return f"Since {session(number)} {clause} than earlier ratings led us to expect."


def _slid(signal: AlertSignal, case: Case, name: str, number: int | None) -> str:
    between = signal.kind == SignalKind.STRAIN_BETWEEN
    what = f"being here with {_others(signal, case)}" if between else "the work with you"
    below = "its earlier level" if signal.is_slow else "what the earlier ones led us to expect"
    return f"By {session(number)} {name}’s rating of {what} had slid below {below}, with no single drop."


def _others(signal: AlertSignal, case: Case) -> str:
    names = [called(m) for m in case.members.all() if m.id != signal.member_id]
    return names[0] if len(names) == 1 else "the others"


def _note(signal: AlertSignal, name: str) -> str:
    if signal.kind == SignalKind.STRAIN_BETWEEN:
        return "This was rated about each other. It says nothing about you."
    if signal.kind == SignalKind.ASKED:
        return f"It is good that {name} said so. Whether the ratings fell plays no part in this."
    return ""


def _of_what(signal: AlertSignal, case: Case, name: str) -> str:
    low, high = signal.evidence["minimum"], signal.evidence["maximum"]
    if signal.kind == SignalKind.STRAIN_BETWEEN:
        return f"{name} with {_others(signal, case)}, {low:g} hardest to {high:g} easiest"
    return f"{name}’s alliance with you, {low:g} weakest to {high:g} strongest"


# ---------- what the client wants ----------


def _audience(signal: AlertSignal) -> str:
    """Who may take it up, as the client said; a rating alone is not followed by that question."""
    release = audience_of(signal.response)
    return release.audience if release is not None else NOT_ASKED


def _audience_title(audience: str, name: str, *, several: bool) -> str:
    if audience == NOT_ASKED:
        return f"{name} was not asked who may hear of it"
    if audience == Audience.KNOW_ONLY:
        return f"{name}: “Just know it”"
    if not several:
        return f"{name}: “Raise it when we meet”"
    return (
        f"{name}: “Raise it with us all”" if audience == Audience.ALL else f"{name}: “Raise it only with me”"
    )


def _audience_text(audience: str, name: str, *, several: bool) -> str:
    if audience == Audience.ALL:
        return "You may take it up when all of you meet." if several else "You may take it up when you meet."
    if audience == Audience.THERAPIST:
        return (
            f"For a word with {name} alone. Nobody else may hear of it."
            if several
            else "You may take it up when you meet."
        )
    if audience == Audience.KNOW_ONLY:
        return f"{name} would rather not have it raised now."
    if several:
        return f"That is asked when somebody mentions tension. Keep it between you and {name}."
    return "That is asked when somebody mentions tension. You may ask how things are between you."


def _options_for(audience: str, name: str, *, several: bool) -> str:
    if not several:
        return "Options, not orders."
    if audience == Audience.ALL:
        return "Options, not orders. Released for the joint room."
    return f"Options, not orders. For {name} alone: nothing is released for the joint room."


def _choices(
    audience: str, next_session: int, name: str, *, several: bool
) -> tuple[AcknowledgementOption, ...]:
    take_up = f"Take it up in {session(next_session)}"
    if audience == Audience.KNOW_ONLY:
        take_up = f"Keep it in mind in {session(next_session)}, without raising it"
    elif several and audience != Audience.ALL:
        take_up = f"Take it up with {name} alone"
    return (
        AcknowledgementOption(AcknowledgeChoice.TAKE_UP, take_up),
        AcknowledgementOption(AcknowledgeChoice.TALKED, "We already talked about it"),
        AcknowledgementOption(AcknowledgeChoice.DIFFERENT, "I see it differently"),
    )


def _said(visit: StaffVisit, signal: AlertSignal) -> tuple[AcknowledgementLine, ...]:
    """What was acknowledged, by whom and when."""
    told = []
    for given in acknowledgements_of(signal):
        who = "You" if given.staff_id == visit.viewer.staff_id else given.staff.called
        what = SAID[AcknowledgeChoice(given.choice)]
        if who == "You":
            what = what.replace("sees", "see")
        told.append(
            AcknowledgementLine(f"{who} {what}, said {moment(given.at, now=visit.at, zone=visit.zone)}.")
        )
    return tuple(told)
