"""What happens in a made-up case: who comes, how each of them rates, and how the therapist takes it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from goldseam_web.cases.models import CaseKind, Idea, MemberRole
from goldseam_web.measures.models import Audience


@dataclass(frozen=True)
class Words:
    """What a member answers to the direct question, and what follows from "a little" or "clearly"."""

    tension: str
    worked_out: str = ""
    audience: Audience = Audience.THERAPIST


@dataclass(frozen=True)
class Course:
    """How one member's view of the work with the therapist goes, session by session.

    Levels and spreads are points from 0 to 10 and are drawn from the simulated population where they are not given.
    ``drawn`` leaves also the episodes and the gaps to the simulation.
    """

    level: float | None = None
    spread: float | None = None
    drift: float = 0.0
    dip: int | None = None
    depth_sd: float = 5.0
    lasting: int | None = 1
    climb: int = 0
    within_dip: int | None = None
    unanswered: frozenset[int] = frozenset()
    away: frozenset[int] = frozenset()
    says: Mapping[int, Words] = field(default_factory=dict)
    drawn: bool = False


DRAWN = Course(drawn=True)


@dataclass(frozen=True)
class Part:
    """A member of a case and their course."""

    display_name: str
    family_name: str
    role: MemberRole
    course: Course = DRAWN
    idea: Idea = Idea.SHARED


@dataclass(frozen=True)
class Story:
    """One case: whose it is, its weekly sessions, when the last one was, and what the therapist did about signals.

    A story told in full has the therapist's own view of every session and the client's of every week before it;
    the others have the last few weeks of the one and nothing of the other, because making them takes time.
    """

    therapist: str
    parts: tuple[Part, ...]
    sessions: int
    days_ago: int = 1
    hour: int = 10
    just_ended: bool = False
    looks: bool = True
    confirms: bool = False
    in_full: bool = False

    @property
    def key(self) -> str:
        """A name that fixes the story's random numbers, whatever else is in the clinic."""
        return "-".join(f"{part.display_name}.{part.family_name}" for part in self.parts)

    @property
    def kind(self) -> CaseKind:
        if len(self.parts) == 1:
            return CaseKind.INDIVIDUAL
        is_couple = all(part.role == MemberRole.PARTNER for part in self.parts)
        return CaseKind.COUPLE if is_couple else CaseKind.FAMILY


def alone(
    therapist: str,
    display_name: str,
    family_name: str,
    sessions: int,
    course: Course = DRAWN,
    *,
    idea: Idea = Idea.OWN,
    days_ago: int = 1,
    hour: int = 10,
    looks: bool = True,
    confirms: bool = False,
) -> Story:
    """A person who comes alone."""
    part = Part(display_name, family_name, MemberRole.CLIENT, course, idea)
    return Story(therapist, (part,), sessions, days_ago=days_ago, hour=hour, looks=looks, confirms=confirms)


def couple(
    therapist: str,
    names: tuple[str, str],
    family_name: str,
    sessions: int,
    courses: tuple[Course, Course] = (DRAWN, DRAWN),
    *,
    days_ago: int = 1,
    hour: int = 10,
    just_ended: bool = False,
) -> Story:
    """Two partners of one name."""
    parts = tuple(
        Part(name, family_name, MemberRole.PARTNER, course)
        for name, course in zip(names, courses, strict=True)
    )
    return Story(therapist, parts, sessions, days_ago=days_ago, hour=hour, just_ended=just_ended)


def family(
    therapist: str,
    parents: Mapping[str, Course],
    children: Mapping[str, Course],
    family_name: str,
    sessions: int,
    *,
    days_ago: int = 1,
    hour: int = 10,
) -> Story:
    """Parents and their children, old enough to answer for themselves."""
    parts = (
        *(Part(name, family_name, MemberRole.PARENT, course) for name, course in parents.items()),
        *(
            Part(name, family_name, MemberRole.CHILD, course, Idea.SOMEONE_ELSE)
            for name, course in children.items()
        ),
    )
    return Story(therapist, parts, sessions, days_ago=days_ago, hour=hour)
