"""What happens in a made-up case: who comes, how each of them rates, and how the therapist takes it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from goldseam_web.cases.models import CaseKind, Idea, MemberRole
from goldseam_web.measures.models import Audience


@dataclass(frozen=True)
class StrainAnswer:
    """What a member answers to the direct question, and what follows from "a little" or "clearly"."""

    tension: str
    worked_out: str = ""
    audience: Audience = Audience.THERAPIST


@dataclass(frozen=True)
class RatingCourse:
    """How one member's view of the work with the therapist goes, session by session.

    Levels and spreads are points from 0 to 10 and are drawn from the simulated population where they are not given.
    ``goals_apart``: the session from which on they see what all come for in another way than before. ``drawn`` leaves
    also the episodes and the gaps to the simulation.
    """

    level: float | None = None
    spread: float | None = None
    drift: float = 0.0
    dip: int | None = None
    depth_sd: float = 5.0
    lasting: int | None = 1
    climb: int = 0
    within_dip: int | None = None
    goals_apart: int | None = None
    unanswered: frozenset[int] = frozenset()
    away: frozenset[int] = frozenset()
    says: Mapping[int, StrainAnswer] = field(default_factory=dict)
    drawn: bool = False


DRAWN = RatingCourse(drawn=True)


@dataclass(frozen=True)
class MemberPlan:
    """A member of a case and their course."""

    display_name: str
    family_name: str
    role: MemberRole
    course: RatingCourse = DRAWN
    idea: Idea = Idea.SHARED


@dataclass(frozen=True)
class CasePlan:
    """One case: whose it is, its weekly sessions, when the last one was, and what the therapist did about signals.

    A plan carried out in full has the therapist's own view of every session and the client's of every week before it;
    the others have the last few weeks of the one and nothing of the other, because making them takes time. ``tells``:
    messages about its findings are queued, which elsewhere nobody would have to send any more. ``beside``: who holds
    every session together with the therapist.
    """

    therapist: str
    members: tuple[MemberPlan, ...]
    sessions: int
    days_ago: int = 1
    hour: int = 10
    just_ended: bool = False
    looks: bool = True
    confirms: bool = False
    in_full: bool = False
    tells: bool = False
    beside: str = ""

    @property
    def key(self) -> str:
        """A name that fixes the case's random numbers, whatever else is in the clinic."""
        return "-".join(f"{member.display_name}.{member.family_name}" for member in self.members)

    @property
    def kind(self) -> CaseKind:
        if len(self.members) == 1:
            return CaseKind.INDIVIDUAL
        is_couple = all(member.role == MemberRole.PARTNER for member in self.members)
        return CaseKind.COUPLE if is_couple else CaseKind.FAMILY


def individual(
    therapist: str,
    display_name: str,
    family_name: str,
    sessions: int,
    course: RatingCourse = DRAWN,
    *,
    idea: Idea = Idea.OWN,
    days_ago: int = 1,
    hour: int = 10,
    looks: bool = True,
    confirms: bool = False,
) -> CasePlan:
    """A person who comes alone."""
    member = MemberPlan(display_name, family_name, MemberRole.CLIENT, course, idea)
    return CasePlan(
        therapist, (member,), sessions, days_ago=days_ago, hour=hour, looks=looks, confirms=confirms
    )


def couple(
    therapist: str,
    names: tuple[str, str],
    family_name: str,
    sessions: int,
    courses: tuple[RatingCourse, RatingCourse] = (DRAWN, DRAWN),
    *,
    days_ago: int = 1,
    hour: int = 10,
    just_ended: bool = False,
) -> CasePlan:
    """Two partners of one name."""
    members = tuple(
        MemberPlan(name, family_name, MemberRole.PARTNER, course)
        for name, course in zip(names, courses, strict=True)
    )
    return CasePlan(therapist, members, sessions, days_ago=days_ago, hour=hour, just_ended=just_ended)


def family(
    therapist: str,
    parents: Mapping[str, RatingCourse],
    children: Mapping[str, RatingCourse],
    family_name: str,
    sessions: int,
    *,
    days_ago: int = 1,
    hour: int = 10,
) -> CasePlan:
    """Parents and their children, old enough to answer for themselves."""
    members = (
        *(MemberPlan(name, family_name, MemberRole.PARENT, course) for name, course in parents.items()),
        *(
            MemberPlan(name, family_name, MemberRole.CHILD, course, Idea.SOMEONE_ELSE)
            for name, course in children.items()
        ),
    )
    return CasePlan(therapist, members, sessions, days_ago=days_ago, hour=hour)
