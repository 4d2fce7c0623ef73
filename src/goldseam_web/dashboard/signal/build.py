"""The signal page: what was expected, what was seen, how sure, what the client wants, what might help."""

import uuid

from django.urls import reverse

from goldseam_web.alerts.models import AcknowledgeChoice, Acknowledgement, AlertSignal, OnsetKind, SignalKind
from goldseam_web.alerts.queries import acknowledgements_of, people_not_reached, people_told, signal_of
from goldseam_web.cases.models import Case, EncounterState
from goldseam_web.cases.queries import (
    SessionNumbers,
    appointments_of,
    case_and_right,
    case_title,
    display_name,
    members_of,
)
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.drawing.member_marks import colour_of
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.phrases import THE_OTHERS, first_capital, session
from goldseam_web.dashboard.language.times import how_long, moment
from goldseam_web.dashboard.signal.evidence import (
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
    name = display_name(signal.member)
    held = sum(e.state == EncounterState.HELD for e in meetings)
    found = findings_of(signal, [e for e, n in numbers.by_encounter.items() if number and n < number])
    audience = _audience(signal)
    confirmed = signal.episode.confirmed if signal.episode else False
    several = len(members_of(case)) > 1
    between, asked = signal.kind == SignalKind.STRAIN_BETWEEN, signal.kind == SignalKind.ASKED
    return SignalPage(
        crumb_case=case_title(case),
        case_url=reverse("dashboard:case", args=[case.id]),
        crumb=say.CRUMB.format(session=first_capital(session(number)), name=name),
        badge=Badge.of(status_labels.label_of(signal.kind, confirmed=confirmed, session=number)),
        caption=_caption(visit, signal, number),
        sentence=_sentence(signal, case, found, number),
        note=_note(signal, name),
        undelivered=_undelivered(visit, signal),
        evidence=evidence_of(signal, name),
        of_what=_of_what(signal, case, name),
        member=colour_of(signal.member.position),
        low=f"{signal.evidence['minimum']:g}",
        high=f"{signal.evidence['maximum']:g}",
        figures=figures(signal.kind, signal.evidence, name),
        rule=rule_text(signal.evidence),
        facets_title=say.MOSTLY[found.fell_most]
        if signal.kind not in (SignalKind.ASKED, SignalKind.LOW)
        else say.MADE_OF,
        facets=facet_rows(found, signal) if signal.kind != SignalKind.ASKED else (),
        quotes=own_words(found, signal.encounter.therapist.display_name, case.kind) if asked else (),
        answers_title=say.ANSWERS_OF.format(name=name),
        answers=answer_rows(found, signal.encounter.therapist.display_name, case.kind),
        about_session=first_capital(session(number)),
        name=name,
        audience_title=say.audience_title(audience, several=several).format(name=name),
        audience_text=say.audience_text(audience, several=several).format(name=name),
        options=options_for(found.fell_most, audience, several=several, between=between, name=name),
        options_for=_options_for(audience, several=several).format(name=name),
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
            say.ANSWERED_WHEN.format(when=when, session=session(number)),
            say.RAISED_LATER.format(length=how_long(signal.raised_at - rated_at)),
        ]
    others = [name for name in people_told(signal) if name != visit.viewer.full_name]
    parts.append(say.ALSO_TOLD.format(names=", ".join(others)) if others else say.NOBODY_ELSE_TOLD)
    return " · ".join(parts)


def _undelivered(visit: StaffVisit, signal: AlertSignal) -> str:
    """Whom a message about it did not reach, the reader first."""
    names = people_not_reached(signal)
    if visit.viewer.full_name in names:
        return say.NOT_DELIVERED_TO_YOU
    return say.NOT_DELIVERED.format(names=", ".join(names)) if names else ""


def _sentence(signal: AlertSignal, case: Case, found: SignalAnswers, number: int | None) -> str:
    """What is seen, in one sentence that names the relation that was rated."""
    return _sentence_for(signal, found.fell_most).format(
        session=session(number),
        name=display_name(signal.member),
        others=_others(signal, case),
        value=signal.evidence.get("value"),
        maximum=signal.evidence.get("maximum"),
    )


def _sentence_for(signal: AlertSignal, facet: str | None) -> str:
    between = signal.kind == SignalKind.STRAIN_BETWEEN
    if signal.kind == SignalKind.ASKED:
        return say.ASKED
    if signal.kind == SignalKind.LOW:
        return say.LOW
    if signal.evidence["onset_kind"] == OnsetKind.EROSION:
        return _slid(slow=signal.is_slow, between=between)
    sentences = say.FELL_BETWEEN if between else say.FELL_WITH_YOU
    return sentences.get(facet, sentences[None])


def _slid(*, slow: bool, between: bool) -> str:
    if between:
        return say.SLID_BELOW_LEVEL_BETWEEN if slow else say.SLID_BELOW_EXPECTED_BETWEEN
    return say.SLID_BELOW_LEVEL if slow else say.SLID_BELOW_EXPECTED


def _others(signal: AlertSignal, case: Case) -> str:
    names = [display_name(m) for m in members_of(case) if m.id != signal.member_id]
    return names[0] if len(names) == 1 else THE_OTHERS


def _note(signal: AlertSignal, name: str) -> str:
    if signal.kind == SignalKind.STRAIN_BETWEEN:
        return say.NOTE_BETWEEN
    return say.NOTE_ASKED.format(name=name) if signal.kind == SignalKind.ASKED else ""


def _of_what(signal: AlertSignal, case: Case, name: str) -> str:
    text = say.RATED_BETWEEN if signal.kind == SignalKind.STRAIN_BETWEEN else say.RATED_WITH_YOU
    low, high = signal.evidence["minimum"], signal.evidence["maximum"]
    return text.format(name=name, others=_others(signal, case), low=low, high=high)


# ---------- what the client wants ----------


def _audience(signal: AlertSignal) -> str | None:
    """Who may take it up, as the client said; None where a rating alone was not followed by that question."""
    release = audience_of(signal.response)
    return release.audience if release is not None else None


def _options_for(audience: str | None, *, several: bool) -> str:
    if not several:
        return say.OPTIONS
    return say.OPTIONS_RELEASED if audience == Audience.ALL else say.OPTIONS_ALONE


def _choices(
    audience: str | None, next_session: int, name: str, *, several: bool
) -> tuple[AcknowledgementOption, ...]:
    take_up = say.TAKE_UP
    if audience == Audience.KNOW_ONLY:
        take_up = say.KEEP_IN_MIND
    elif several and audience != Audience.ALL:
        take_up = say.TAKE_UP_ALONE
    take_up = take_up.format(session=session(next_session), name=name)
    return (
        AcknowledgementOption(AcknowledgeChoice.TAKE_UP, take_up),
        AcknowledgementOption(AcknowledgeChoice.TALKED, say.ALREADY_TALKED),
        AcknowledgementOption(AcknowledgeChoice.DIFFERENT, say.SEE_DIFFERENTLY),
    )


def _said(visit: StaffVisit, signal: AlertSignal) -> tuple[AcknowledgementLine, ...]:
    """What was acknowledged, by whom and when."""
    return tuple(_told(visit, given) for given in acknowledgements_of(signal))


def _told(visit: StaffVisit, given: Acknowledgement) -> AcknowledgementLine:
    mine = given.staff_id == visit.viewer.staff_id
    sentences = say.ACKNOWLEDGED_BY_YOU if mine else say.ACKNOWLEDGED_BY_OTHER
    when = moment(given.at, now=visit.at, zone=visit.zone)
    sentence = sentences[AcknowledgeChoice(given.choice)]
    return AcknowledgementLine(sentence.format(name=given.staff.display_name, when=when))
