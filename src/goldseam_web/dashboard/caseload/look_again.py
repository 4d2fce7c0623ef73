"""Whose rest is over: the day to look again has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from goldseam_web.cases.models import Case, Member
from goldseam_web.cases.queries import display_name, members_of
from goldseam_web.dashboard.language.members_and_ending import LOOK_AGAIN_NOW
from goldseam_web.dashboard.language.times import long_day
from goldseam_web.dashboard.staff_visit import StaffVisit


@dataclass(frozen=True)
class LookAgain:
    """One person who has been asked nothing for a while, and where that is changed."""

    text: str
    url: str


def look_again_lines(visit: StaffVisit, cases: Iterable[Case]) -> tuple[LookAgain, ...]:
    """Members of these cases who rest while the day to look again has come; an ended case waits for nobody."""
    today = visit.viewer.today
    return tuple(
        LookAgain(
            LOOK_AGAIN_NOW.format(name=display_name(member), day=long_day(member.paused_on, today=today)),
            reverse("dashboard:members", args=[member.case_id]),
        )
        for case in cases
        for member in members_of(case)
        if case.ended_on is None and _is_due(member, today) and member.paused_on is not None
    )


def _is_due(member: Member, today: date) -> bool:
    return member.left_on is None and member.look_again_on is not None and member.look_again_on <= today
