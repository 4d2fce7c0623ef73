"""The list of signals: what nobody opened first, then by age."""

from django.db.models import Q

from goldseam_web.alerts.queries import signal_list
from goldseam_web.cases.models import Case
from goldseam_web.cases.queries import MEMBERS, appointments_of, case_title
from goldseam_web.dashboard.case.record import FACETS, CaseRecord, records
from goldseam_web.dashboard.case.signal_lines import signal_line
from goldseam_web.dashboard.language import signal_page as say
from goldseam_web.dashboard.language.phrases import counted, first_capital
from goldseam_web.dashboard.signal.page import AlertsPage
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.queries import ratings_of

SHOWN = 200


def alerts_page(visit: StaffVisit) -> AlertsPage:
    """The signals of the viewer's own open cases."""
    signal_status = signal_list(visit.viewer)[:SHOWN]
    cases = list(
        Case.objects.filter(pk__in={h.signal.case_id for h in signal_status}).prefetch_related(MEMBERS)
    )
    by_case: dict[object, CaseRecord] = {
        record.case.id: record
        for record in records(
            cases,
            encounters=appointments_of(visit.viewer, cases),
            ratings=ratings_of(visit.viewer, cases, Q(scale__in=tuple(FACETS))),
            judgements=[],
            signals=signal_status,
            episodes=[],
        )
    }
    lines = [
        (
            h.unopened,
            signal_line(visit, by_case[h.signal.case_id], h, case_title(by_case[h.signal.case_id].case)),
        )
        for h in signal_status
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
