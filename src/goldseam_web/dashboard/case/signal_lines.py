"""The signals of a case, one line each; the list of signals shows the same lines."""

from django.urls import reverse

from goldseam_web.alerts.models import AcknowledgeChoice, EpisodeStatus
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import (
    SignalLine,
)
from goldseam_web.dashboard.case.record import CaseRecord, facet_falls, main_facet
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import signal_sentences as say
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.phrases import session
from goldseam_web.dashboard.language.times import (
    past,
)
from goldseam_web.dashboard.staff_visit import StaffVisit


def signal_lines(visit: StaffVisit, rows: CaseRows) -> tuple[SignalLine, ...]:
    return tuple(signal_line(visit, rows.record, signal_status) for signal_status in rows.record.signals)


def signal_line(
    visit: StaffVisit, record: CaseRecord, signal_status: SignalStatus, case: str = ""
) -> SignalLine:
    signal = signal_status.signal
    number = record.session(signal.encounter_id)
    confirmed = signal.episode.confirmed if signal.episode else False
    label = status_labels.label_of(signal.kind, confirmed=confirmed, session=number)
    return SignalLine(
        key=f"signal-{signal.id.hex}",
        url=reverse("dashboard:signal", args=[signal.id]),
        badge=Badge.of(label, is_new=signal_status.unopened),
        text=_text(record, signal_status, number),
        when=past(signal.raised_at, now=visit.at, zone=visit.zone),
        state=_state(signal_status),
        case=case,
    )


def _text(record: CaseRecord, signal_status: SignalStatus, number: int | None) -> str:
    sentence = signal_sentence(record, signal_status)
    return f"{sentence} {say.ABOUT_SESSION.format(session=session(number))}" if number else sentence


def signal_sentence(record: CaseRecord, signal_status: SignalStatus, *, planned: bool = False) -> str:
    """What a signal says; ``planned`` adds that the therapist plans to take it up."""
    signal = signal_status.signal
    texts = say.BY_KIND.get(signal.kind) or say.STRAIN_BY_FACET[main_facet(facet_falls(record, signal))]
    return (texts.planned if planned else texts.plain).format(
        name=record.name(signal.member_id),
        others=record.others(signal.member_id),
        value=signal.evidence.get("value"),
        maximum=signal.evidence.get("maximum"),
    )


def _state(signal_status: SignalStatus) -> str:
    episode = signal_status.signal.episode
    if episode is not None and episode.status == EpisodeStatus.WITHDRAWN:
        return say.WITHDRAWN
    if signal_status.choice is not None:
        return say.ANSWERED_WITH[AcknowledgeChoice(signal_status.choice)]
    return say.NOT_OPENED if signal_status.unopened else say.OPENED
