"""The signals of a case, one line each; the list of signals shows the same lines."""

from django.urls import reverse

from goldseam_web.alerts.models import AcknowledgeChoice, EpisodeStatus, SignalKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import (
    SignalLine,
)
from goldseam_web.dashboard.case.record import CaseRecord
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.sentences import session, signal_clause
from goldseam_web.dashboard.language.times import (
    past,
)
from goldseam_web.dashboard.staff_visit import StaffVisit

SAID = {
    AcknowledgeChoice.TAKE_UP: "to be taken up",
    AcknowledgeChoice.TALKED: "talked about",
    AcknowledgeChoice.DIFFERENT: "you see it differently",
}


def signal_lines(visit: StaffVisit, rows: CaseRows) -> tuple[SignalLine, ...]:
    return tuple(signal_line(visit, rows.record, signal_status) for signal_status in rows.record.signals)


def signal_line(
    visit: StaffVisit, record: CaseRecord, signal_status: SignalStatus, case: str = ""
) -> SignalLine:
    signal = signal_status.signal
    number = record.session(signal.encounter_id)
    confirmed = signal.episode.confirmed if signal.episode else False
    label = status_labels.label_of(signal.kind, confirmed=confirmed, session=number)
    about = f" About {session(number)}." if number else ""
    return SignalLine(
        key=f"signal-{signal.id.hex}",
        url=reverse("dashboard:signal", args=[signal.id]),
        badge=Badge.of(label, is_new=signal_status.unopened),
        text=f"{signal_clause(record, signal_status)}.{about}",
        when=past(signal.raised_at, now=visit.at, zone=visit.zone),
        state=_state(signal_status),
        case=case,
    )


def _state(signal_status: SignalStatus) -> str:
    if (
        signal_status.signal.episode is not None
        and signal_status.signal.episode.status == EpisodeStatus.WITHDRAWN
    ):
        return "later answers changed this"
    if signal_status.choice is not None:
        return SAID[AcknowledgeChoice(signal_status.choice)]
    return "not opened yet" if signal_status.unopened else "opened"


def is_about_therapist(signal_status: SignalStatus) -> bool:
    return signal_status.signal.kind != SignalKind.STRAIN_BETWEEN
