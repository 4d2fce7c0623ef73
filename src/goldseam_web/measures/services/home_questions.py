"""Forms that nobody can have opened yet follow the calendar of the question on home when sessions change."""

import uuid
from datetime import datetime

from django.db.models import Count, Exists, OuterRef

from goldseam_web.accounts.models import Clinic
from goldseam_web.lib.transactions import one_transaction
from goldseam_web.measures.home_calendar import asking_about_home
from goldseam_web.measures.models import MeasureVersion, Occasion, OccasionMeasure
from goldseam_web.measures.own_measures import ALLIANCE_MEASURE, HOME_MEASURE


def follow_home_calendar(case_id: uuid.UUID, *, at: datetime, after: datetime | None = None) -> None:
    """Give and take the question as the days of the sessions are now; ``after``: of sessions that begin later alone.

    A form that could be opened stays as it is, and so does one that was begun before its session was moved: its own
    answers decide that, and nobody else's.
    """
    linked = OccasionMeasure.objects.filter(occasion=OuterRef("pk"))
    forms = Occasion.objects.filter(
        case_id=case_id, respondent__isnull=False, encounter__isnull=False, opens_at__gt=at, responses=None
    ).filter(Exists(linked.filter(measure_version__key=ALLIANCE_MEASURE)))
    if after is not None:
        forms = forms.filter(encounter__starts_at__gt=after)
    rows = forms.annotate(
        asks=Exists(linked.filter(measure_version__key=HOME_MEASURE)), measures_asked=Count("measure_links")
    )
    found = list(rows.values_list("pk", "clinic_id", "encounter_id", "asks", "measures_asked"))
    if not found:
        return
    turns = asking_about_home(case_id)
    wrong = [form for form in found if form[3] != (form[2] in turns)]
    no_more = [form[0] for form in wrong if form[3]]
    OccasionMeasure.objects.filter(occasion__in=no_more, measure_version__key=HOME_MEASURE).delete()
    _ask([form for form in wrong if not form[3]])


@one_transaction
def follow_home_calendars(clinic: Clinic, *, at: datetime) -> None:
    """Give the question to what is planned already in a clinic that has it only now."""
    ahead = Occasion.objects.filter(clinic=clinic, respondent__isnull=False, opens_at__gt=at)
    for case_id in ahead.order_by("case_id").values_list("case_id", flat=True).distinct():
        follow_home_calendar(case_id, at=at)


def _ask(forms: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID | None, bool, int]]) -> None:
    """After what they ask already. Whoever plans at the same moment may have asked it, too."""
    if not forms:
        return
    newest = MeasureVersion.objects.filter(clinic_id=forms[0][1], key=HOME_MEASURE, enabled=True)
    version = newest.order_by("-installed_at").first()
    if version is None:
        return
    OccasionMeasure.objects.bulk_create(
        (
            OccasionMeasure(clinic_id=clinic, occasion_id=form, measure_version=version, position=place)
            for form, clinic, _, _, place in forms
        ),
        ignore_conflicts=True,
    )
