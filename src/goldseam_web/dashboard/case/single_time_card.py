"""What whoever treats a couple or family reads of single time: what is due for all of them, never of whom."""

from dataclasses import dataclass

from django.urls import reverse

from goldseam_web.accounts.queries import violence_procedure_of
from goldseam_web.alerts.speaking_openly import single_time_of
from goldseam_web.cases.models import Case
from goldseam_web.cases.single_time import SingleTime, sees_several
from goldseam_web.dashboard.language import single_time_words as say
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit

FIRST_SESSIONS = 3


@dataclass(frozen=True)
class BeforeAnythingElse:
    """Somebody could not speak openly: what the clinic's staff do then, in its own words."""

    title: str
    text: str
    procedure_title: str
    procedure: str


@dataclass(frozen=True)
class SingleTimeCard:
    """``due``: now. ``first`` stands above everything else on the page."""

    title: str
    due: bool
    sentence: str
    routine: str
    held: str
    url: str
    joint_url: str
    first: BeforeAnythingElse | None


def single_time_card_of(visit: StaffVisit, case: Case, *, sessions: int) -> SingleTimeCard | None:
    """None where one person is seen by themselves."""
    if not sees_several(case):
        return None
    return single_time_card(visit, case, single_time_of(visit.viewer, case), sessions=sessions)


def single_time_card(
    visit: StaffVisit, case: Case, asked: SingleTime, *, sessions: int = FIRST_SESSIONS
) -> SingleTimeCard:
    """``sessions``: how many were held; before the third it is planned, later it is due."""
    today = visit.viewer.today
    due = asked.is_due(today)
    sentence = say.PLAN_IT if sessions < FIRST_SESSIONS and not asked.low_since else say.DUE
    if not due and asked.due_on is not None:
        sentence = say.DUE_ON.format(day=long_day(asked.due_on, today=today))
    return SingleTimeCard(
        title=say.TITLE,
        due=due,
        sentence=sentence,
        routine=say.ROUTINE if due else "",
        held=say.HELD if asked.holds_joint_room else say.FREE,
        url=reverse("dashboard:single_time", args=[case.pk]),
        joint_url=reverse("dashboard:joint_view", args=[case.pk]),
        first=before_anything_else(visit, asked),
    )


def before_anything_else(visit: StaffVisit, asked: SingleTime) -> BeforeAnythingElse | None:
    """None unless somebody answered low and has not been seen alone since."""
    if not asked.low_since:
        return None
    procedure = violence_procedure_of(visit.viewer)
    return BeforeAnythingElse(say.LOW_TITLE, say.LOW, say.PROCEDURE, procedure or say.NO_PROCEDURE)
