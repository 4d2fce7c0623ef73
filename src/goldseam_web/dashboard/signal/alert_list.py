"""The list of alerts, each with its findings: what nobody opened first, then by age."""

import uuid
from collections import defaultdict
from collections.abc import Mapping

from django.urls import reverse

from goldseam_web.alerts.case_standing.case_record import CaseRecord, records
from goldseam_web.alerts.queries import SignalStatus, pressing, ratings_read, signal_list
from goldseam_web.alerts.read_first import unread_requests
from goldseam_web.cases.queries import appointments_of, case_title, cases_with_names
from goldseam_web.cases.same_names import second_lines
from goldseam_web.dashboard.case.signal_lines import (
    signal_badge,
    signal_sentence,
    signal_state,
    who_reads_later,
)
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import counted, first_capital, session
from goldseam_web.dashboard.language.signal_sentences import ABOUT_SESSION
from goldseam_web.dashboard.language.times import past
from goldseam_web.dashboard.signal.page import AlertFinding, AlertRow, AlertsPage
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import FACETS

SHOWN = 200


def alerts_page(visit: StaffVisit) -> AlertsPage:
    """The alerts of the viewer's own open cases."""
    found = signal_list(visit.viewer)[:SHOWN]
    cases = cases_with_names(visit.viewer, {s.signal.case_id for s in found})
    by_case = {
        record.case.id: record
        for record in records(
            cases,
            encounters=appointments_of(visit.viewer, cases),
            ratings=ratings_read(visit.viewer, cases, FACETS),
            verdicts=[],
            signals=found,
            episodes=[],
            requests=unread_requests(visit.viewer, cases) if _any_of_two(found) else (),
        )
    }
    lines = second_lines(cases)
    rows = [_row(visit, by_case[alert[0].signal.case_id], alert, lines) for alert in _alerts(found)]
    unopened = tuple(row for row in rows if row.is_new)
    return AlertsPage(
        headline=_headline(len(unopened), len(rows)),
        oldest_url=unopened[-1].url if unopened else "",
        unopened=unopened,
        opened=tuple(row for row in rows if not row.is_new),
    )


def _any_of_two(found: list[SignalStatus]) -> bool:
    """Whether two therapists held a session of these, so that one may read later what came of a strain."""
    return any(s.signal.encounter is not None and s.signal.encounter.beside_id for s in found)


def _alerts(found: list[SignalStatus]) -> list[list[SignalStatus]]:
    """The findings of each form, the most pressing first; alerts in the order of their first finding."""
    by_alert: dict[uuid.UUID, list[SignalStatus]] = defaultdict(list)
    for status in found:
        by_alert[status.signal.alert_id].append(status)
    return [sorted(alert, key=lambda status: pressing(status.signal)) for alert in by_alert.values()]


def _row(
    visit: StaffVisit, record: CaseRecord, alert: list[SignalStatus], lines: Mapping[uuid.UUID, str]
) -> AlertRow:
    first, reader = alert[0].signal, visit.viewer.staff_id
    number = record.session(first.encounter_id)
    states = [signal_state(status, reader=reader) for status in alert]
    return AlertRow(
        key=f"alert-{first.alert_id.hex}",
        url=reverse("dashboard:signal", args=[first.id]),
        case=case_title(record.case),
        second_line=lines.get(record.case.pk, ""),
        is_new=any(status.unopened for status in alert),
        when=past(max(status.signal.raised_at for status in alert), now=visit.at, zone=visit.zone),
        findings=tuple(
            AlertFinding(signal_badge(record, status), signal_sentence(record, status, reader=reader))
            for status in alert
        ),
        about=ABOUT_SESSION.format(session=session(number)) if number else "",
        read_later=who_reads_later(visit, first),
        state=" · ".join(dict.fromkeys(first_capital(state) for state in states)),
    )


def _headline(unopened: int, alerts: int) -> str:
    if unopened:
        return first_capital(counted(unopened, *say.UNOPENED))
    return say.ALL_OPENED if alerts else say.NOTHING_NOTICED
