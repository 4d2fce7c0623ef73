"""The list of signals: what nobody opened first, then by age."""

from goldseam_web.alerts.queries import signal_list
from goldseam_web.cases.queries import appointments_of, case_title, cases_with_names
from goldseam_web.dashboard.case.record import CaseRecord, records
from goldseam_web.dashboard.case.signal_lines import signal_line
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import counted, first_capital
from goldseam_web.dashboard.signal.page import AlertsPage
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.own_measures import FACETS
from goldseam_web.measures.queries import ratings_on

SHOWN = 200


def alerts_page(visit: StaffVisit) -> AlertsPage:
    """The signals of the viewer's own open cases."""
    found = signal_list(visit.viewer)[:SHOWN]
    cases = cases_with_names(visit.viewer, {s.signal.case_id for s in found})
    by_case: dict[object, CaseRecord] = {
        record.case.id: record
        for record in records(
            cases,
            encounters=appointments_of(visit.viewer, cases),
            ratings=ratings_on(visit.viewer, cases, FACETS),
            verdicts=[],
            signals=found,
            episodes=[],
        )
    }
    lines = [
        (
            s.unopened,
            signal_line(visit, by_case[s.signal.case_id], s, case_title(by_case[s.signal.case_id].case)),
        )
        for s in found
    ]
    unopened = tuple(line for is_unopened, line in lines if is_unopened)
    return AlertsPage(
        headline=_headline(len(unopened), len(lines)),
        oldest_url=unopened[-1].url if unopened else "",
        unopened=unopened,
        opened=tuple(line for is_unopened, line in lines if not is_unopened),
    )


def _headline(unopened: int, signals: int) -> str:
    if unopened:
        return first_capital(counted(unopened, *say.UNOPENED))
    return say.ALL_OPENED if signals else say.NOTHING_NOTICED
