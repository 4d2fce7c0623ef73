"""The signals of a case, one line each; the list of alerts shows the same sentences."""

import uuid

from django.urls import reverse

from goldseam_web.alerts.case_standing.case_record import CaseRecord
from goldseam_web.alerts.case_standing.standing import FindingTold, what_signal_says
from goldseam_web.alerts.models import AcknowledgeChoice, AlertSignal, EpisodeStatus, SignalKind
from goldseam_web.alerts.queries import SignalStatus
from goldseam_web.alerts.read_first import READ_FIRST, is_read_first, reads_later
from goldseam_web.cases.queries import CasePeople, therapist_rated
from goldseam_web.dashboard.badge import Badge
from goldseam_web.dashboard.case.page import SignalLine
from goldseam_web.dashboard.case.rows import CaseRows
from goldseam_web.dashboard.language import signal_sentences as say
from goldseam_web.dashboard.language import status_labels
from goldseam_web.dashboard.language.phrases import ByReader, session
from goldseam_web.dashboard.language.times import moment_by_itself, past
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.models import StrainWith


def signal_lines(visit: StaffVisit, rows: CaseRows) -> tuple[SignalLine, ...]:
    return tuple(_line(visit, rows.record, signal_status) for signal_status in rows.record.signals)


def _line(visit: StaffVisit, record: CaseRecord, signal_status: SignalStatus) -> SignalLine:
    signal = signal_status.signal
    number = record.session(signal.encounter_id)
    sentence = signal_sentence(record, signal_status, reader=visit.viewer.staff_id)
    return SignalLine(
        key=f"signal-{signal.id.hex}",
        url=reverse("dashboard:signal", args=[signal.id]),
        badge=signal_badge(record, signal_status),
        text=f"{sentence} {say.ABOUT_SESSION.format(session=session(number))}" if number else sentence,
        when=past(signal.raised_at, now=visit.at, zone=visit.zone),
        state=" · ".join(
            filter(
                None,
                (
                    signal_state(signal_status, reader=visit.viewer.staff_id),
                    who_reads_later(visit, signal_status.signal),
                ),
            )
        ),
    )


def who_reads_later(visit: StaffVisit, signal: AlertSignal) -> str:
    """From when the other of two therapists reads what the viewer reads first; empty where nobody has to wait."""
    if signal.response_id is None or not is_read_first(signal, by=visit.viewer.staff_id):
        return ""
    rated_at, other = signal.form.rated_at, reads_later(signal, at=visit.at)
    if rated_at is None or other is None:
        return ""
    return say.READ_LATER.format(
        name=therapist_rated(signal.meeting, other).full_name,
        when=moment_by_itself(rated_at + READ_FIRST, now=visit.at, zone=visit.zone),
    )


def signal_badge(record: CaseRecord, signal_status: SignalStatus) -> Badge:
    """What a signal is called, and whether the viewer has yet to open it."""
    signal = signal_status.signal
    confirmed = signal.episode.confirmed if signal.episode else False
    number = record.session(signal.encounter_id)
    label = status_labels.label_of(signal.kind, confirmed=confirmed, session=number)
    return Badge.of(label, is_new=signal_status.unopened)


def signal_sentence(
    record: CaseRecord, signal_status: SignalStatus, *, reader: uuid.UUID | None = None
) -> str:
    """What a signal of a case whose rows were read says."""
    return finding_sentence(what_signal_says(record, signal_status), record.people, reader=reader)


def finding_sentence(
    finding: FindingTold, people: CasePeople, *, planned: bool = False, reader: uuid.UUID | None = None
) -> str:
    """What a signal says; ``planned`` adds who plans to take it up.

    ``reader`` is the member of staff who reads: to anybody but the therapist whose session it was, that therapist is
    named. None: it is that therapist who reads, and who planned.
    """
    sentence = (
        _texts(finding)
        .told(own=reader in (None, finding.therapist))
        .format(
            name=people.name(finding.member),
            others=people.others(finding.member),
            therapist=finding.therapist_name,
            value=finding.value,
            maximum=finding.maximum,
        )
    )
    if not planned:
        return sentence
    plan = say.PLANNED.told(own=reader in (None, finding.planner))
    return f"{sentence} {plan.format(planner=finding.planner_name)}"


def _texts(finding: FindingTold) -> ByReader:
    if finding.again:
        return say.again(finding.again, finding.kind)
    if finding.kind == SignalKind.ASKED and finding.facet == StrainWith.EITHER:
        return say.ASKED_OF_EITHER
    if finding.kind in say.BY_KIND:
        return say.BY_KIND[finding.kind]
    return say.STRAIN_BY_FACET[finding.facet]


def signal_state(signal_status: SignalStatus, *, reader: uuid.UUID) -> str:
    """What became of a signal."""
    episode = signal_status.signal.episode
    if episode is not None and episode.status == EpisodeStatus.WITHDRAWN:
        return say.WITHDRAWN
    if signal_status.choice is not None:
        said = say.ANSWERED_WITH[AcknowledgeChoice(signal_status.choice)]
        return said.told(own=reader == signal_status.chosen_by).format(planner=signal_status.chosen_by_name)
    return say.NOT_OPENED if signal_status.unopened else say.OPENED
