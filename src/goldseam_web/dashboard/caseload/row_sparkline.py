"""The sparkline of a case: the member a sentence is about in ink, the others pale."""

from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from goldseam_web.alerts.case_standing.courses import Course, Values
from goldseam_web.alerts.case_standing.standing import Standing
from goldseam_web.cases.queries import CasePeople
from goldseam_web.dashboard.drawing import SparkLine, draw_spark
from goldseam_web.dashboard.language import caseload_page as say

# As many pictures are kept as a clinic has cases: one changes once a session, and a page is asked for far more often.
DRAWN = 2000


@dataclass(frozen=True)
class SparkPicture:
    """The picture in words, which names somebody, and its lines, which tell nobody from another."""

    label: str
    lines: SafeString


def spark_of(standing: Standing, people: CasePeople) -> SparkPicture | None:
    """The last ten sessions on the scale the status speaks of; None where nobody has rated it."""
    course = standing.course
    if course is None:
        return None
    return SparkPicture(_label(people.name(course.member), course.values), _drawn(course))


@lru_cache(maxsize=DRAWN)
def _drawn(course: Course) -> SafeString:
    line = SparkLine(
        values=course.values,
        low=course.low,
        high=course.high,
        missed=course.missed,
        onset=course.onset,
        nadir=course.nadir,
        repair=course.repair,
        mended=course.mended,
        under_way=course.under_way,
    )
    spark = draw_spark(line, course.others, course.minimum, course.maximum)
    return render_to_string("dashboard/parts/sparkline.html", {"spark": spark})


def _label(name: str, values: Values) -> str:
    """The picture in words."""
    last = [v for v in values[-10:] if v is not None]
    if len(last) == 1:
        return say.SPARKLINE_ONE.format(name=name, last=last[0])
    return say.SPARKLINE.format(name=name, count=len(last), first=last[0], last=last[-1], lowest=min(last))
