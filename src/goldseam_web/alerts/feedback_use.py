"""Whether feedback is used: asked, answered, looked at, talked about. Facts about use, counted by the database."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncWeek

from goldseam_web.accounts.models import Staff
from goldseam_web.accounts.queries import Viewer
from goldseam_web.alerts.models import AcknowledgeChoice, Acknowledgement, AlertSignal, Seen
from goldseam_web.cases.models import Case
from goldseam_web.measures.models import Occasion, OccasionState

# Of fewer cases no share is shown: it would be about somebody.
FEWEST_CASES = 5
WEEKS = 4


@dataclass(frozen=True)
class FeedbackUse:
    """How many requests were open to answer, of how many cases, and what became of them.

    ``findings`` counts answered requests that raised a signal; the two that follow are among those. ``others`` and
    ``cases_of_others``: therapists whose own figures the reader does not know anyway, and the cases asked about them.
    """

    cases: int = 0
    asked: int = 0
    answered: int = 0
    findings: int = 0
    looked_at: int = 0
    talked: int = 0
    others: int = 0
    cases_of_others: int = 0

    @property
    def may_be_shown(self) -> bool:
        """Not of a few cases, nor where taking away what the reader knows leaves one therapist's or a few cases'."""
        few_left = self.others == 1 or (self.others > 1 and self.cases_of_others < FEWEST_CASES)
        return self.cases >= FEWEST_CASES and not few_left


def use_in_cases(viewer: Viewer, cases: Sequence[Case], *, therapist: Staff, at: datetime) -> FeedbackUse:
    """The last four weeks of cases that were read for this viewer, of what is asked about this therapist's sessions."""
    asked = _asked(since=at - timedelta(weeks=WEEKS), until=at).filter(
        clinic_id=viewer.clinic_id, therapist=therapist, case__in=[case.pk for case in cases]
    )
    return FeedbackUse(**_marked(asked).aggregate(**COUNTS))


def use_by_week(viewer: Viewer, *, since: datetime, at: datetime) -> dict[date, FeedbackUse]:
    """The whole clinic, by the Monday of the week in which each request opened; no therapist and no case is told."""
    asked = _asked(since=since, until=at).filter(clinic_id=viewer.clinic_id)
    weeks = _marked(asked).annotate(week=TruncWeek("opens_at", tzinfo=viewer.time_zone)).order_by()
    unknown = ~Q(therapist__in=_known_to(viewer))
    counts = {
        **COUNTS,
        "others": Count("therapist", distinct=True, filter=unknown),
        "cases_of_others": Count("case", distinct=True, filter=unknown),
    }
    rows = weeks.values("week").annotate(**counts).order_by("week").values_list("week", *counts)
    return {week.date(): FeedbackUse(*counts) for week, *counts in rows}


def cases_asked_about(viewer: Viewer, *, since: datetime, at: datetime) -> FeedbackUse:
    """Of how many cases the whole clinic was asked, and of how many therapists the reader does not know anyway."""
    unknown = ~Q(therapist__in=_known_to(viewer))
    counts = {
        "cases": Count("case", distinct=True),
        "others": Count("therapist", distinct=True, filter=unknown),
        "cases_of_others": Count("case", distinct=True, filter=unknown),
    }
    asked = _asked(since=since, until=at).filter(clinic_id=viewer.clinic_id)
    return FeedbackUse(**asked.order_by().aggregate(**counts))


def other_therapists_asked_about(viewer: Viewer, *, since: datetime, at: datetime) -> set[uuid.UUID]:
    """Whose sessions were asked about, without those whose own figures the viewer knows."""
    asked = _asked(since=since, until=at).filter(clinic_id=viewer.clinic_id)
    return set(asked.exclude(therapist__in=_known_to(viewer)).values_list("therapist", flat=True).distinct())


def _known_to(viewer: Viewer) -> list[uuid.UUID]:
    """Whose own figures the viewer reads on the pages of one therapist."""
    return [viewer.staff_id, *viewer.supervised]


def times_to_first_look(viewer: Viewer, *, since: datetime, at: datetime) -> list[timedelta] | None:
    """From the end of each session to when somebody who treats first opened what was found in an answer about it.

    None where all of them, or all that the viewer does not know anyway, are of one therapist.
    """
    first = Seen.objects.filter(signal__response__occasion=OuterRef("pk")).order_by("at").values("at")[:1]
    asked = _asked(since=since, until=at).filter(clinic_id=viewer.clinic_id, encounter__isnull=False)
    rows = asked.annotate(looked=Subquery(first)).exclude(looked=None)
    found = list(rows.values_list("therapist", "encounter__ends_at", "looked"))
    if len({therapist for therapist, _, _ in found}.difference(_known_to(viewer))) == 1:
        return None
    return [looked - ended for _, ended, looked in found]


def _asked(*, since: datetime, until: datetime) -> "QuerySet[Occasion]":
    """Requests to clients that opened in that time and were not called off."""
    opened = Occasion.objects.filter(respondent__isnull=False, opens_at__gte=since, opens_at__lte=until)
    return opened.exclude(state=OccasionState.CANCELLED)


def _marked(asked: "QuerySet[Occasion]") -> "QuerySet[Occasion]":
    of_request = Q(signal__response__occasion=OuterRef("pk"))
    talked = Acknowledgement.objects.filter(of_request, choice=AcknowledgeChoice.TALKED)
    return asked.annotate(
        found=Exists(AlertSignal.objects.filter(response__occasion=OuterRef("pk"))),
        seen=Exists(Seen.objects.filter(of_request)),
        said=Exists(talked),
    )


COUNTS = {
    "cases": Count("case", distinct=True),
    "asked": Count("pk"),
    "answered": Count("pk", filter=Q(state=OccasionState.ANSWERED)),
    "findings": Count("pk", filter=Q(found=True)),
    "looked_at": Count("pk", filter=Q(seen=True)),
    "talked": Count("pk", filter=Q(said=True)),
}
