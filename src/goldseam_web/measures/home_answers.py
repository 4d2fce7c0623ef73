"""The question on home in a form: what gives way to it, what it is about, and what was answered to it."""

from collections.abc import Iterable

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from goldseam import Measure
from goldseam_web.measures.models import Answer, Occasion, ResponseState
from goldseam_web.measures.own_measures import GIVES_WAY_TO_HOME, HOME_ITEM, HOME_MEASURE

SKIPPED_HOME = "skipped"


def gives_way(measures: Iterable[Measure], *, others_present: bool) -> frozenset[str]:
    """The items that rest in a form of these measures. Who was seen alone has places free, and all are asked."""
    asks_home = any(measure.key == HOME_MEASURE for measure in measures)
    return frozenset({GIVES_WAY_TO_HOME} if asks_home and others_present else ())


def is_about_the_meeting(measure: Measure) -> bool:
    """Whether a measure is about the session itself; the question on home is about the weeks before it."""
    return measure.phase == "post" and measure.key != HOME_MEASURE


def with_home(occasions: "QuerySet[Occasion]") -> "QuerySet[Occasion]":
    """The same requests, each with what was said of settling things at home as ``home``; empty where nothing was.

    Not before the form was handed in or closed, and nothing that was said while somebody was there.
    """
    said = (
        Answer.objects.filter(response__occasion=OuterRef("pk"), item=HOME_ITEM, response__in_company_at=None)
        .exclude(response__state=ResponseState.IN_PROGRESS)
        .order_by("-response__revision")
        .annotate(said=Case(When(skipped=True, then=Value(SKIPPED_HOME)), default=F("choice")))
    )
    return occasions.annotate(home=Coalesce(Subquery(said.values("said")[:1]), Value("")))
