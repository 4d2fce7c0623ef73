"""From what was released to the pages of the joint view."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format

from goldseam_web.alerts.services.joint_showing import SHOWN_AT_MOST, Together, released_together
from goldseam_web.cases.joint_tables import JointState, JointView
from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import case_title, display_name
from goldseam_web.dashboard.drawing.joint_chart import JointCourse, draw_together
from goldseam_web.dashboard.drawing.member_marks import mark
from goldseam_web.dashboard.joint.page import JointCard, JointLine, JointPage, JointRow, ShownPage
from goldseam_web.dashboard.language import joint_words as say
from goldseam_web.dashboard.language.phrases import names_in_words
from goldseam_web.dashboard.language.times import moment
from goldseam_web.dashboard.staff_visit import StaffVisit
from goldseam_web.measures.released_ratings import RatedTogether

Courses = Sequence[JointCourse]


def joint_page(visit: StaffVisit, case: Case, view: JointView, *, refused: str) -> JointPage:
    """What whoever treats the case reads alone; until all have released something it is the same whoever has."""
    together = released_together(visit.viewer, case)
    look = joint_cards(together) if view.state == JointState.ON else ()
    return JointPage(
        case_id=case.pk,
        title=case_title(case),
        refused=refused,
        says=_says(visit, view, together),
        is_off=view.state == JointState.OFF,
        is_shown=view.state == JointState.SHOWN,
        held_url=reverse("dashboard:single_time", args=[case.pk]) if together.held else "",
        look=look,
        mark=together.mark if look else "",
    )


def _says(visit: StaffVisit, view: JointView, together: Together) -> str:
    if view.state == JointState.SHOWN and view.shown_at and view.shown_by:
        when = moment(view.shown_at, now=visit.at, zone=visit.zone)
        return say.IS_SHOWN.format(moment=when, name=view.shown_by.called)
    if together.held:
        return say.HELD
    if view.state == JointState.OFF:
        return say.OFF
    return say.LOOK if together.mark else say.WAITS


def shown_together(visit: StaffVisit, case: Case, view: JointView) -> ShownPage | None:
    """What is being shown; None where that is over, or somebody is to be seen alone by now."""
    if view.state != JointState.SHOWN or view.shown_at is None or view.shown_by_id != visit.viewer.staff_id:
        return None
    if not timedelta() <= visit.at - view.shown_at <= SHOWN_AT_MOST:
        return None
    together = released_together(visit.viewer, case, shown=True)
    if not together.mark:
        return None
    names = names_in_words([display_name(member) for member in together.members])
    return ShownPage(case.pk, names, joint_cards(together))


def joint_cards(together: Together) -> tuple[JointCard, ...]:
    return tuple(_card(rated, together.members) for rated in together.ratings)


def _card(rated: RatedTogether, members: Sequence[Member]) -> JointCard:
    courses = [JointCourse(m.position, display_name(m), rated.values[m.pk]) for m in members]
    lines = tuple(_line(course) for course in courses)
    names = _month_names(rated.days, say.MONTH)
    bounds = {"least": rated.minimum, "most": rated.maximum}
    return JointCard(
        title=say.TITLES[rated.scale].format(therapist=rated.therapist),
        scale=_scale(rated),
        lines=lines,
        label=" ".join(line.sentence for line in lines),
        wide=draw_together(courses, names, css="wide", **bounds),
        narrow=draw_together(courses, _month_names(rated.days, say.SHORT_MONTH), css="narrow", **bounds),
        rows=_rows(_month_names(rated.days, say.MONTH_AND_YEAR), rated.values, [m.pk for m in members]),
    )


def _line(course: JointCourse) -> JointLine:
    sentence = say.FIRST_AND_LAST if len(course.values) > 1 else say.ONCE
    said = sentence.format(name=course.name, first=course.values[0], last=course.values[-1])
    return JointLine(mark(course.position, 6, 6, 4.3), course.name, said)


def _scale(rated: RatedTogether) -> str:
    first, last = (date_format(day, say.MONTH_AND_YEAR) for day in (rated.days[0], rated.days[-1]))
    text = say.IN_ONE_MONTH if first == last else say.FROM_TO
    return text.format(least=rated.minimum, most=rated.maximum, first_month=first, month=last)


def _month_names(days: Sequence[date], style: str) -> list[str]:
    """The first and the last, without days: one that is missing would say that somebody did not rate then."""
    names = [""] * len(days)
    for place in (-1, 0):
        names[place] = date_format(days[place], style)
    if len(days) > 1 and (days[0].year, days[0].month) == (days[-1].year, days[-1].month):
        names[-1] = ""
    return names


def _rows(
    months: Sequence[str], values: Mapping[UUID, Sequence[float]], members: Sequence[UUID]
) -> tuple[JointRow, ...]:
    return tuple(
        JointRow(month, tuple(f"{values[member][k]:.1f}" for member in members))
        for k, month in enumerate(months)
    )
